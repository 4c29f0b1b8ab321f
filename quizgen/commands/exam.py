"""`quizgen exam`: the group. Each of its commands is a file of its own, `exam_<name>.py`, found by its name."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import click

from quizgen.commands import common
from quizgen.errors import UnknownName

ORDER = ("new", "check", "build", "export", "form", "grade", "report")


class UnknownStep(UnknownName):
    """No command of that name in the group."""

    noun = "command of `quizgen exam`"


class Steps(click.Group):
    """The group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in ORDER if find_spec(_module(name))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(_module(cmd_name)).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        names = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in names:
            raise UnknownStep.among(args[0], names)
        return super().resolve_command(ctx, args)


def _module(name: str) -> str:
    return f"quizgen.commands.exam_{name}"


@click.group(
    cls=Steps,
    short_help="Make exams, and mark them.",
    epilog="""\b
Examples:
  quizgen exam new midterm.toml       a blueprint to edit
  quizgen exam check midterm.toml     what it asks, or what is wrong with it
  quizgen exam COMMAND --help         more about one command""",
)
@common.shared
def command() -> None:
    """From a blueprint to papers that are equally hard, with keys, and to the marks of what comes back."""

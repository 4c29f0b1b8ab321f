"""The command line: finds a command by its name, and turns whatever goes wrong into one line and an exit code.

Commands are imported by name, and themselves import what they need when they run, so that `--help` costs nothing.
Exit codes: 0 done (or: right), 1 failed (or: wrong), 2 asked for something that can't be meant, 130 interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from types import FrameType
from typing import Any, NoReturn

import click

from quizgen import __version__
from quizgen.commands import common
from quizgen.errors import QuizgenError, UnknownName, did_you_mean, one_line, shown

COMMANDS = (
    "sheet", "show", "check", "solve", "practice", "progress", "serve", "exam",
    "list", "explain", "verify", "new-family",
)  # fmt: skip
BROKEN_PIPE = 141  # what a shell reports for a program that a closed pipe ended
INTERRUPTED = 130
_interrupted: list[int] = []  # the signals that came


class UnknownCommand(UnknownName):
    """No command of that name."""

    noun = "command"


class Commands(click.Group):
    """The group whose commands are the files of `quizgen/commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"quizgen.commands.{cmd_name.replace('-', '_')}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            raise UnknownCommand.among(args[0], COMMANDS, "`quizgen --help` describes them")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _forget_output()
            ctx.exit(BROKEN_PIPE)

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> NoReturn:
        """Runs and exits; every error has become a line on stderr by then."""
        sys.exit(_guarded(lambda: super(Commands, self).main(args, *rest, **options | {"standalone_mode": False})))


def _guarded(run: Callable[[], Any]) -> int:
    """The exit code of ``run``; what it raised is printed as one line."""
    debug = os.environ.get("QUIZGEN_DEBUG") == "1"
    try:
        code = run()
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except QuizgenError as problem:
        if debug:
            _trace()
        return _say(problem.message, problem.exit_code)
    except click.exceptions.NoArgsIsHelpError as problem:
        click.echo(problem.format_message(), err=True)
        return 2
    except click.ClickException as problem:
        return _say(_click_line(problem), problem.exit_code)
    except (KeyboardInterrupt, click.exceptions.Abort):
        return _say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        _forget_output()
        return BROKEN_PIPE
    except MemoryError:
        return _say("out of memory; ask for fewer questions at a time", 1)
    except Exception as problem:  # noqa: BLE001 (the last resort: a person never sees a traceback unasked)
        if debug:
            _trace()
        if _interrupted:  # in the middle of an import, which made another error of it
            return _say("interrupted", INTERRUPTED)
        return _say(_unexpected(problem), 1)


def _trace() -> None:
    import traceback

    traceback.print_exc()


def _forget_output() -> None:
    """Whoever read our output has left: what is still buffered goes nowhere, so that the exit is quiet too."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """Ctrl-C: raises KeyboardInterrupt, and keeps in mind that it did."""
    _interrupted.append(number)
    raise KeyboardInterrupt


def _say(line: str, code: int) -> int:
    line = f"quizgen: {line}"
    if sys.stderr.isatty():
        line = common.wrapped(line, indent=2)
    color = False if os.environ.get("NO_COLOR") else None
    with suppress(BrokenPipeError):
        click.echo(click.style("quizgen:", fg="red", bold=True) + line.removeprefix("quizgen:"), err=True, color=color)
    return code


def _click_line(problem: click.ClickException) -> str:
    """What click has to say, as one line of ours: without a capital and a full stop, and with the way out."""
    possible = getattr(problem, "possibilities", None)
    if isinstance(problem, click.NoSuchOption):
        said = f"there is no option {shown(problem.option_name)}{did_you_mean(problem.option_name, possible or ())}"
    else:
        said = one_line(" ".join(problem.format_message().split()))
        said = said[:1].lower() + said[1:].removesuffix(".")
    context = getattr(problem, "ctx", None)
    way_out = f"; `{context.command_path} --help` shows how it is used" if context is not None else ""
    return f"{said}{way_out}"


def _unexpected(problem: Exception) -> str:
    """The line for an error that nobody foresaw: a family's own where it came out of one, else a defect of ours."""
    what = f"{type(problem).__name__}: {shown(str(problem), 200)}" if str(problem) else type(problem).__name__
    if guilty := common.family_of(problem):
        return f"the family {guilty} failed with {what}; QUIZGEN_DEBUG=1 shows where"
    if isinstance(problem, OSError):
        return f"{problem.strerror or what}" + (f": {shown(str(problem.filename))}" if problem.filename else "")
    return f"an error that should not happen: {what}; please report it with what QUIZGEN_DEBUG=1 shows"


@click.group(
    name="quizgen",
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  quizgen sheet -o sheet.html             ten mixed questions as a web page
  quizgen sheet optim conv --level 2      questions in the terminal
  quizgen check optim.adam/2/k7q3m9 0.9   is it right, and if not, why
  quizgen COMMAND --help                  more about one command

\b
To complete names with the Tab key, put this into ~/.bashrc (for zsh, zsh_source
into ~/.zshrc):  eval "$(_QUIZGEN_COMPLETE=bash_source quizgen)"
Colours follow the terminal and the variable NO_COLOR.""",
)
@common.shared
@click.version_option(__version__, prog_name="quizgen", message="%(prog)s %(version)s")
def cli() -> None:
    """Deep-learning exam problems with worked solutions: computed exactly, reproduced by PyTorch."""


def main() -> NoReturn:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks β shows ?, and nothing fails
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    cli.main(prog_name="quizgen")


if __name__ == "__main__":
    main()

"""`quizgen practice`: questions until they are known."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from quizgen.commands import common
from quizgen.errors import UsageError, shown

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from quizgen.practice.records import Plan
    from quizgen.practice.session import Practice

AUTO = "auto"


def complete_levels(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(level) for level in (AUTO, "1", "2", "3") if level.startswith(begun)]


@click.command(
    short_help="Practise in the terminal.",
    epilog="""\b
Examples:
  quizgen practice                            what is due today
  quizgen practice optim conv.output-size     a topic and a family
  quizgen practice attention -n 5 --level 2   five questions, no harder
  quizgen practice --minutes 20 --choices     as many as there is time for
  quizgen practice optim net --exam 30        timed, no help, then marked
  quizgen practice optim.adam/2/k7q3m9        the question of a code
  quizgen practice --plain < answers.txt      lines in, lines out

\b
Every answer is kept at once. A session that was left goes on where it stood;
other names or options begin another one, and so does --new. Where there is no
terminal to draw on, a question and its answers are plain lines.""",
)
@click.argument("names", nargs=-1, metavar="[TOPIC|FAMILY|CODE]...", shell_complete=common.complete_families)
@click.option("-n", "count", type=int, metavar="N", help="How many questions. Default: what is due, else 10.")
@click.option("--minutes", type=int, metavar="MINUTES", help="Questions for so long.")
@click.option(
    "--level",
    metavar="auto|LEVEL",
    default=AUTO,
    show_default=True,
    shell_complete=complete_levels,
    help="One level, or the one at which you stand in each family.",
)
@click.option("--choices", is_flag=True, help="Multiple choice, made of the mistakes that the questions know.")
@click.option("--exam", type=int, metavar="MINUTES", help="An exam: timed, no help until the end, then a review.")
@click.option("--new", is_flag=True, help="Begin a new session, whatever is open.")
@click.option("--plain", is_flag=True, help="Plain lines, in a terminal too.")
@click.option(
    "--data",
    metavar="PATH|URL",
    help="The database: a file, or a URL. Default: $QUIZGEN_DATA, else a file in your data folder.",
)
@common.shared
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    count: int | None,
    minutes: int | None,
    level: str,
    choices: bool,
    exam: int | None,
    new: bool,
    plain: bool,
    data: str | None,
) -> None:
    """Practise: a question, your answer, what went wrong and why, and tomorrow what you are about to forget.

    Without names it asks what is due today, or a fair mix where nothing is.
    """
    from pathlib import Path

    from quizgen.practice.records import ME
    from quizgen.practice.session import open_practice

    plan = _plan(names, count, minutes, level, choices, exam)
    practice = open_practice(data, files=[Path(file) for file in common.family_files(ctx)])
    try:
        found = None if new else _open(practice, plan)
        wanted = found or (plan if count is not None else practice.usual(ME, plan))
        if _can_draw(plain):
            from quizgen.practice import terminal

            code = terminal.run(practice, ME, wanted, resume=found is not None, color=ctx.color)
        else:
            code = _in_lines(ctx, practice, wanted, resume=found is not None)
    finally:
        practice.close()
    ctx.exit(code)


def _plan(
    names: tuple[str, ...], count: int | None, minutes: int | None, level: str, choices: bool, exam: int | None
) -> Plan:
    """What was asked for; raises `UsageError` for options that contradict each other."""
    from quizgen.practice.records import Plan

    if level != AUTO and not (level.isascii() and level.isdigit()):
        raise UsageError(f"{shown(level)} is no level; give a number such as 2, or auto")
    fixed = None if level == AUTO else int(level[:9])
    if exam is not None and minutes is not None:
        raise UsageError(f"--exam {exam} says how long it takes, so leave out --minutes {minutes}")
    codes = [name for name in names if "/" in name]
    if codes and (len(names) > 1 or count or minutes or exam or fixed):
        raise UsageError(f"{shown(codes[0])} is one question: name it alone, without -n, --minutes, --exam or --level")
    if codes:
        return Plan(code=codes[0], choices=choices)
    return Plan(names, fixed, count, minutes if exam is None else exam, exam is not None, choices)


def _open(practice: Practice, plan: Plan) -> Plan | None:
    """The plan of the session to go on with: of the open one if it was asked for again, of any where nothing was."""
    from quizgen.practice.records import ME, Plan

    if plan == Plan():
        found = practice.resume(ME, exam=True) or practice.resume(ME)
        return None if found is None else found.plan
    found = practice.resume(ME, exam=plan.exam)
    if found is None:
        return None
    return found.plan if plan in (found.plan, _without_count(found.plan)) else None


def _without_count(plan: Plan) -> Plan:
    """A plan as it was before it was said how many questions there are."""
    from dataclasses import replace

    return replace(plan, count=None)


def _can_draw(plain: bool) -> bool:
    """Whether there is a terminal that can show more than lines."""
    if plain or sys.stdin is None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return os.environ.get("TERM", "" if os.name == "posix" else "windows") not in ("", "dumb")


def _in_lines(ctx: click.Context, practice: Practice, plan: Plan, *, resume: bool) -> int:
    from io import StringIO

    from quizgen.practice import line
    from quizgen.practice.records import ME

    stdin = sys.stdin or StringIO()  # closed by a shell's <&-: the end of input
    if hasattr(stdin, "reconfigure"):
        stdin.reconfigure(errors="replace")  # what is no text is no answer, and no crash
    return line.run(practice, ME, plan, resume=resume, stdin=stdin, stdout=sys.stdout, color=ctx.color)

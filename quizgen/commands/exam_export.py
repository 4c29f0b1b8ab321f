"""`quizgen exam export`: the exam for a learning platform."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quizgen.commands import common
from quizgen.errors import DrawError, UsageError, shown
from quizgen.wording import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem

    from quizgen.exam.blueprint import Blueprint
    from quizgen.exam.fairness import Fairness
    from quizgen.exam.model import Version
    from quizgen.export import Exported
    from quizgen.question import Question

MOST_VARIANTS = 200


def complete_formats(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from quizgen.export import FORMATS

    return [CompletionItem(name, help=says) for name, says in FORMATS.items() if name.startswith(begun)]


@click.command(
    short_help="Write it for a learning platform.",
    epilog="""\b
Formats:
  moodle        Moodle XML         canvas     QTI 1.2, classic and new quizzes
  qti21         OpenOlat, ILIAS    qti30      QTI 3.0 items
  gift          short text         anki       a deck of cards
  prairielearn  question folders   jupyter    a notebook that checks
  jsonl         everything as data

\b
Examples:
  quizgen exam export midterm.toml --to moodle
  quizgen exam export midterm.toml --to canvas -n 20 -o bank.zip
  quizgen exam export midterm.toml --to qti21 --choices
  quizgen exam export --to canvas --kinds      what becomes of which answer

\b
What a platform can't carry is said before anything is written.""",
)
@click.argument("file", type=click.Path(), required=False)
@click.option("--to", "form", metavar="FORMAT", required=True, shell_complete=complete_formats, help="The platform.")
@click.option(
    "-n",
    "variants",
    type=click.IntRange(1, MOST_VARIANTS),
    metavar="N",
    default=1,
    show_default=True,
    help="Variants of each question, equally hard; the platform deals them out.",
)
@click.option("--choices", is_flag=True, help="Multiple choice wherever a question has named mistakes.")
@click.option("--leave-out", is_flag=True, help="Leave out what the platform can't carry, and say so.")
@click.option("--kinds", is_flag=True, help="Say what each kind of answer becomes there, and stop.")
@click.option("-o", "--output", type=click.Path(), metavar="PATH", help="Default: FILE-FORMAT, in this folder.")
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
@common.checking
@common.shared
@click.pass_context
def command(
    ctx: click.Context,
    file: str | None,
    form: str,
    variants: int,
    choices: bool,
    leave_out: bool,
    kinds: bool,
    output: str | None,
    force: bool,
    device: str,
    check: bool,
) -> None:
    """Write an exam in the format of a learning platform, with its points, tolerances, mistakes and solutions."""
    from quizgen.exam import blueprint
    from quizgen.export import capability, check_target, export, find, notes, problems

    module = find(form)
    if kinds:
        for kind, way in capability.described(form).items():
            common.echo_wrapped(f"{kind.ljust(12)}", way, indent=12)
        return
    if file is None:
        raise click.MissingParameter(ctx=ctx, param_type="argument", param_hint="'FILE'")
    target = Path(output or f"{Path(file).stem}-{form}{module.SUFFIX}")
    exam = blueprint.read(Path(file))
    check_target(form, target, force)
    if target.exists() and target.samefile(file):
        raise UsageError(f"{shown(file)} is the blueprint itself; choose another name with -o")
    with common.progress({"drawing": "checking"} if check else {}) as tell:
        questions, fairness = drawn(exam, variants, progress=tell, verify=check, device=device)
    carried = []
    for one in questions:
        wrong = problems([one], form, choices)
        carried += [] if wrong else [one]
        for line in wrong:
            click.echo(f"{file}: {line}", err=True)
    if len(carried) < len(questions):
        left = common.count(len(questions) - len(carried), "question")
        if not leave_out or not carried:
            click.echo(f"nothing was written; --leave-out writes it without {left}", err=True)
            ctx.exit(2)
        click.echo(f"left out: {left}", err=True)
        questions = carried
    said = [*about_variants(questions, fairness), *notes(questions, form, choices)]
    written = export(questions, form, target, title=exam.title, choices=choices, force=force)
    count = common.count(len(questions), "question")
    click.echo(f"wrote {common.shown_path(written)}: {count} for {module.NAME}{how_many(questions)}")
    for line in said:
        common.echo_line(f"note: {line}")


def drawn(exam: Blueprint, variants: int, **how: Any) -> tuple[list[Exported], Fairness]:
    """The questions of an exam with their variants, which are dealt as to a class: each student gets one of them."""
    from quizgen.exam.model import Student
    from quizgen.exam.versions import versions

    try:
        papers, fairness = versions(exam, [Student(str(n), f"variant {n}") for n in range(1, variants + 1)], **how)
    except DrawError as problem:
        said = str(problem).replace("papers next to each other must not share one", "its variants must differ")
        raise DrawError(said.replace("the paper before", "the variant before")) from problem
    return exported(papers), fairness


def about_variants(questions: Sequence[Exported], fairness: Fairness) -> list[str]:
    """Where there are fewer variants than were asked for, and where some of them share an answer."""
    there = {one.key: len(one.every) for one in questions if one.variants}
    few = {key: count for key, count in there.items() if count < fairness.papers}
    returning = [place.key for place in fairness.places if place.apart is not None and place.key in {*there} - {*few}]
    said = [f"{key} has {count} variants: others would be repetitions" for key, count in few.items()]
    if returning:
        said.append(f"some variants share an answer to a part: those of {listed(returning)}")
    return said


def how_many(questions: Sequence[Exported]) -> str:
    """How many variants there are; a question that is fixed or written by hand has none."""
    counts = [len(one.every) for one in questions if one.variants]
    if not counts:
        return ""
    many = str(max(counts)) if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"
    which = "each" if len(counts) == len(questions) else f"{len(counts)} of them"
    return f", {which} in {many} variants"


def exported(papers: Sequence[Version]) -> list[Exported]:
    """The places of an exam, each with its questions of all papers, which become variants.

    A question stands once at one place, for a platform that draws at each place by itself must not ask it twice. One
    that is the same on all papers has no variants.
    """
    from quizgen.export import Exported
    from quizgen.sheet import identity

    found = []
    taken: set[Any] = set()
    for placed in zip(*(paper.questions for paper in papers), strict=True):
        every: dict[Any, Question] = {}
        for one in placed:
            every.setdefault(identity(one.question), one.question)
        first, *others = [every[key] for key in every if key not in taken] or [placed[0].question]
        taken |= every.keys()
        found.append(Exported(first, placed[0].points, placed[0].slot.key, tuple(others)))
    return found

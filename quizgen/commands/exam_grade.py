"""`quizgen exam grade`: marks, feedback, and what a person has to look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from quizgen.commands import common

if TYPE_CHECKING:
    from quizgen.exam.changes import Change
    from quizgen.exam.marks import Graded

T = TypeVar("T")

MOST_LINES = 8  # of changes and failures that are printed


@click.command(
    short_help="Mark what comes back.",
    epilog="""\b
Examples:
  quizgen exam grade build/manifest.json responses.csv -o marks
  quizgen exam grade build/manifest.json moodle.csv -o marks --no-feedback
  quizgen exam grade build/manifest.json responses.csv -o marks --force \\
      --points marks/review.csv                    with what a person gave
  quizgen exam grade build/manifest.json responses.csv -o kinder \\
      --policy kinder.toml --compare marks         who gains and loses

\b
Forms of answers, told apart by the line that names the columns:
  long     student,paper,question,part,answer        a line an answer
  wide     student,paper,q1a,q1b,q2,…                a line a student
  moodle   the report Responses, best in English; with right answers where
           each student was dealt a variant
  canvas   the report Student analysis
A paper is a version's name or the code that is printed on it. A part that is
left out is empty or -, one that only a person can read is ?.

\b
Points that a person gives have a line each: student,question,part,points, and
paper where there are versions. They stand, whatever the answer is. The list
review.csv is such a file once its column points is filled in.

\b
The exit code is 1 where review.csv lists answers that could not be marked, or
a page of feedback could not be made; 2 where nothing was written.""",
)
@click.argument("manifest", type=click.Path())
@click.argument("responses", type=click.Path())
@click.option("-o", "folder", type=click.Path(), required=True, metavar="FOLDER", help="Where the marks go.")
@click.option("--policy", type=click.Path(), metavar="TOML", help="A table [marking] instead of the blueprint's.")
@click.option("--points", "by_hand", type=click.Path(), metavar="CSV", help="Points that a person gave.")
@click.option("--format", "form", metavar="FORM", help="long, wide, moodle or canvas.  [default: told by the columns]")
@click.option("--compare", type=click.Path(), metavar="OLD", help="Earlier marks: say who gains and loses.")
@click.option(
    "--jobs", type=click.IntRange(1, 256), metavar="N", help="Processes.  [default: one a core, for few answers one]"
)
@click.option("--no-feedback", is_flag=True, help="Make no pages for students.")
@click.option("--force", is_flag=True, help="Replace other marks in the folder.")
@common.shared
@click.pass_context
def command(
    ctx: click.Context,
    manifest: str,
    responses: str,
    folder: str,
    policy: str | None,
    by_hand: str | None,
    form: str | None,
    compare: str | None,
    jobs: int | None,
    no_feedback: bool,
    force: bool,
) -> None:
    """Mark the answers to an exam, read as in practice: credit, diagnosis, and what follows from earlier answers."""
    from itertools import chain

    from quizgen.collector import at_rest
    from quizgen.exam import given as giving
    from quizgen.exam import manifest as manifests
    from quizgen.exam import marks
    from quizgen.exam import policy as policies
    from quizgen.exam import responses as reading
    from quizgen.exam.grade import gather

    with at_rest():
        exam = manifests.read(manifest)
    rules = None if policy is None else policies.read(Path(policy))
    keys = {question.key for paper in exam.papers for question in paper.questions}
    given = giving.NOTHING if by_hand is None else giving.read(by_hand, exam, _note)
    answers = chain(reading.read(responses, form, keys, _note), given.present)
    with common.progress({"reading": "marking"}) as tell, gather(exam, _watched(answers, tell), responses) as gathered:
        graded = marks.write(
            gathered, folder, rules, given, feedback=not no_feedback, force=force, compare=compare, progress=tell,
            jobs=jobs or gathered.jobs(not no_feedback), files=common.family_files(ctx),
        )  # fmt: skip
    _tell(graded)
    if graded.failures or graded.problems:
        ctx.exit(1)


def _watched(answers: Iterable[T], tell: common.Tell | None) -> Iterator[T]:
    """The same answers, while somebody is told how many were read."""
    number = 0
    for number, each in enumerate(answers, 1):
        if tell is not None and number % 1000 == 0:
            tell("reading", number, None)
        yield each
    if tell is not None:
        tell("reading", number, number)


def _tell(graded: Graded) -> None:
    """What came of it, in some lines."""
    from quizgen.question import two_decimals

    for student, why in graded.failures[:MOST_LINES]:
        _problem(f"no page for {student}: {why}")
    if len(graded.failures) > MOST_LINES:
        _problem(f"and {common.count(len(graded.failures) - MOST_LINES, 'more page')} that could not be made")
    where = common.shown_path(graded.folder)
    mean = graded.points / graded.students if graded.students else graded.points
    of = graded.of / graded.students if graded.students else graded.of
    verb = "unchanged" if graded.unchanged else "marked"
    carried = f", {graded.carried:,} of them carried forward" if graded.carried else ""
    absent = f"; {graded.absent:,} handed in nothing" if graded.absent else ""
    common.echo_line(
        f"{verb} {common.count(graded.students, 'student')} in {where}: "
        f"{two_decimals(mean)} of {two_decimals(of)} points on average; "
        f"{common.count(graded.answers, 'answer')}, {graded.right:,} right{carried}{absent}"
    )
    if graded.given:
        common.echo_line(f"{common.count(graded.given, 'part')} with points that a person gave")
    if graded.problems:
        total = sum(graded.problems.values())
        sorts = ", ".join(f"{count:,} {SORTS[what]}" for what, count in graded.problems.items())
        common.echo_line(f"{common.count(total, 'line')} in review.csv for a person: {sorts}")
        if {"person", "unreadable", "twice"} & graded.problems.keys():
            review = common.shown_path(graded.folder / "review.csv")
            common.echo_line(common.faint(f"  fill in its column points, and mark again with --points {review}"))
    if graded.changes is not None:
        _tell_changes(graded.changes)


SORTS = {
    "line": "unreadable as lines",
    "student": "of unknown students",
    "paper": "of unknown papers",
    "question": "to unknown questions",
    "part": "to unknown parts",
    "twice": "answered twice",
    "unreadable": "unreadable",
    "person": "left to a person",
    "other paper": "on another's paper",
}
"""What the sorts of problems are called after a number."""


def _tell_changes(changes: list[Change]) -> None:
    from quizgen.question import two_decimals

    gain, lose = (sum(1 for one in changes if sign * one.by > 0) for sign in (1, -1))
    common.echo_line(f"against the earlier marks {gain:,} gain and {lose:,} lose (changes.csv)")
    for one in changes[:MOST_LINES]:
        parts = ", ".join(f"{name} {two_decimals(old)} to {two_decimals(new)}" for name, old, new in one.parts)
        sign = "+" if one.by > 0 else ""
        common.echo_line(common.faint(f"  {one.student}: {sign}{two_decimals(one.by)} ({parts})"))
    if len(changes) > MOST_LINES:
        common.echo_line(common.faint(f"  and {common.count(len(changes) - MOST_LINES, 'other')}"))


def _note(line: str) -> None:
    click.echo(f"quizgen: {line}", err=True)


def _problem(text: str) -> None:
    """A line on stderr."""
    from quizgen.errors import one_line

    click.echo(one_line(f"quizgen: {text}"), err=True)

"""`quizgen exam build`: papers and keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quizgen.commands import common
from quizgen.errors import UsageError

if TYPE_CHECKING:
    from quizgen.exam.build import Built, Failure
    from quizgen.exam.model import Student

MOST_ALIKE = 20
"""How many failures for the same reason are listed one by one."""


@click.command(
    short_help="Make papers, keys and the manifest.",
    epilog="""\b
Examples:
  quizgen exam build midterm.toml -o build
  quizgen exam build midterm.toml -o build --roster students.csv
  quizgen exam build midterm.toml -o build --versions A,B --no-pdf
  quizgen exam build build/manifest.json -o again   the same papers, a year later

\b
Only what has changed is written and typeset again. The folder is refused where
it holds another exam, or files that somebody has changed.""",
)
@click.argument("file", type=click.Path())
@click.option("-o", "folder", type=click.Path(), required=True, metavar="FOLDER", help="Where everything goes.")
@click.option("--roster", type=click.Path(), metavar="CSV", help="One paper for each student; columns id and name.")
@click.option("--versions", "names", metavar="A,B,…", help="Make these versions.  [default: those of the blueprint]")
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Programs at once.  [default: one a core]")
@click.option("--no-pdf", is_flag=True, help="Write .tex files only.")
@click.option("--force", is_flag=True, help="Replace whatever is in the folder under the names of the exam's files.")
@click.option(
    "--device", metavar="DEVICE", default="cpu", show_default=True, help="Where PyTorch runs: cpu, cuda, cuda:1, auto."
)
@common.shared
@click.pass_context
def command(
    ctx: click.Context,
    file: str,
    folder: str,
    roster: str | None,
    names: str | None,
    jobs: int | None,
    no_pdf: bool,
    force: bool,
    device: str,
) -> None:
    """Make the papers of an exam and their keys, and the manifest from which they can be made again and marked.

    Where one file can't be made the others are: the failures are listed, and the exit code is 1.
    """
    from quizgen.exam import blueprint, manifest
    from quizgen.exam.build import How, again, build
    from quizgen.exam.tex import cores

    if roster is not None and names is not None:
        raise UsageError("--roster and --versions exclude each other: a paper is a student's or a version's")
    how = How(jobs=jobs or cores(), pdf=not no_pdf, force=force, families=common.family_files(ctx))
    with common.progress({"drawing": "checking", "checking": "printing"}) as tell:
        if file.endswith(".json"):
            if roster is not None or names is not None:
                raise UsageError("a manifest says itself whose papers it has: leave out --roster and --versions")
            made = manifest.read(file)
            built = again(made, folder, how=how, progress=tell)
        else:
            exam = blueprint.read(Path(file))
            whose = _whose(roster, names) or exam.versions
            built = build(exam, whose, folder, file=file, how=how, device=device, progress=tell)
    for line in built.notes:
        click.echo(f"quizgen: {line}", err=True)
    for line in _failures(built):
        click.echo(f"quizgen: {line}", err=True)
    _tell(built, pdf=not no_pdf)
    if built.failures:
        ctx.exit(1)


def _whose(roster: str | None, names: str | None) -> tuple[str | Student, ...]:
    """The students of the roster, or the versions that were named; nothing where neither is given."""
    from quizgen.exam import fields
    from quizgen.exam import roster as rosters

    if roster is not None:
        return rosters.read(roster, lambda line: click.echo(f"quizgen: {line}", err=True))
    if names is None:
        return ()
    try:
        return fields.versions([name.strip() for name in names.split(",")])
    except ValueError as problem:
        raise UsageError(f"--versions {problem}; write it as in --versions A,B") from None


def _failures(built: Built) -> Iterator[str]:
    """The failures in lines; what many have in common, such as a TeX that lacks a file, is said once."""
    alike: dict[str, list[Failure]] = {}
    for failure in built.failures:
        alike.setdefault(str(failure.error), []).append(failure)
    for reason, some in alike.items():
        if len(some) > MOST_ALIKE:
            yield f"{some[0].file} and {len(some) - 1:,} other files: {reason}"
        else:
            yield from map(str, some)


def _tell(built: Built, pdf: bool) -> None:
    """What was made, in a line, and how fair it is."""
    count = common.count(built.papers, "paper")
    made = f"{common.count(built.typeset, 'PDF')} made, {built.kept} as they were" if pdf else "no PDFs"
    failed = f", {common.count(len(built.failures), 'failure')}" if built.failures else ""
    common.echo_line(f"built {count} with keys in {common.shown_path(built.folder)}: {made}{failed}")
    for line in built.fairness.lines:
        common.echo_line(common.faint(line))

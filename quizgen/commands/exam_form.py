"""`quizgen exam form`: a table to type answers into."""

from __future__ import annotations

import click

from quizgen.commands import common


@click.command(
    short_help="Make a table to type answers into.",
    epilog="""\b
Examples:
  quizgen exam form build/manifest.json -o responses.csv
  quizgen exam grade build/manifest.json responses.csv -o marks

\b
A part that was left out stays empty. Type ? where a person has to read the
paper: it is listed for her, and she gives the points.""",
)
@click.argument("manifest", type=click.Path())
@click.option("-o", "output", type=click.Path(), default="responses.csv", show_default=True, metavar="FILE")
@click.option("--force", is_flag=True, help="Overwrite a file that is there already.")
@common.shared
def command(manifest: str, output: str, force: bool) -> None:
    """Write an empty table for a spreadsheet: a line for each student, a column for each part of the exam."""
    from quizgen.exam import form
    from quizgen.exam import manifest as manifests
    from quizgen.files import write_whole

    exam = manifests.read(manifest)
    write_whole(output, form.text(exam), force)
    students = sum(paper.student is not None for paper in exam.papers)
    whose = f"{common.count(students, 'student')}" if students else "a line for each student, with her paper"
    click.echo(f"wrote {common.shown_path(output)}: {whose}")
    click.echo("\nType the answers in, save it as CSV, and mark it:")
    click.echo(f"  quizgen exam grade {common.shown_path(manifest)} {common.shown_path(output)} -o marks")

"""`quizgen new-family`: the beginning of a family of your own."""

from __future__ import annotations

from pathlib import Path

import click

from quizgen.commands import common


@click.command(
    short_help="Begin a family of your own.",
    name="new-family",
    epilog="""\b
Examples:
  quizgen new-family optim.lion            in a checkout: where families lie
  quizgen new-family optim.lion --plugin   two files here, for your own course
  quizgen --families optim_lion.py sheet optim.lion

\b
CONTRIBUTING.md walks through the file from top to bottom.""",
)
@click.argument("name", metavar="TOPIC.NAME")
@click.option("--plugin", is_flag=True, help="Write into the current folder, even inside a checkout.")
@click.option("--force", is_flag=True, help="Overwrite files that are there already.")
@common.shared
def command(name: str, plugin: bool, force: bool) -> None:
    """Write the skeleton of a problem family, which runs as it is, and its test.

    Inside a checkout of quizgen the files go where families and tests lie, and are found there. Elsewhere they go into
    the current folder, and --families FILE takes the family in.
    """
    from quizgen.skeleton import write_family

    written = write_family(name, Path.cwd(), plugin=plugin, force=force)
    option = "" if written.in_checkout else f"--families {common.shown_path(written.family)} "
    click.echo(f"wrote {common.shown_path(written.family)}")
    click.echo(f"wrote {common.shown_path(written.test)}")
    click.echo("\nIt runs as it is:")
    click.echo(f"  quizgen {option}sheet {name} -n 2 --solutions after")
    click.echo(f"  quizgen {option}verify {name} -n 1000")
    click.echo(f"  python -m pytest {common.shown_path(written.test)}")

"""`quizgen exam new`: a blueprint to begin with."""

from __future__ import annotations

import re

import click

from quizgen.commands import common

_SEED = re.compile(r'(?m)^seed = "[^"]*"')


@click.command(
    short_help="Begin a blueprint.",
    epilog="""\b
Examples:
  quizgen exam new midterm.toml
  quizgen exam check midterm.toml    it works as it is""",
)
@click.argument("file", type=click.Path())
@click.option("--seed", metavar="SEED", help="Its seed: 1 to 16 small letters and digits. Default: a new one.")
@click.option("--force", is_flag=True, help="Overwrite a file that is there already.")
@common.shared
def command(file: str, seed: str | None, force: bool) -> None:
    """Write a blueprint with comments that say what there is, and with a seed of its own."""
    from quizgen.code import check_seed, fresh_seed
    from quizgen.files import write_whole
    from quizgen.render.templates import templates

    text = (templates() / "exam" / "blueprint.toml").read_text(encoding="utf-8")
    write_whole(file, _SEED.sub(f'seed = "{fresh_seed() if seed is None else check_seed(seed)}"', text, count=1), force)
    click.echo(f"wrote {common.shown_path(file)}")
    click.echo("\nEdit it, and see what it asks:")
    click.echo(f"  quizgen exam check {common.shown_path(file)}")

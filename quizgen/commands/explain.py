"""`quizgen explain`: a family in its own words."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from quizgen.commands import common

if TYPE_CHECKING:
    from quizgen.describe import Description


@click.command(
    short_help="Explain a family.",
    epilog="""\b
Examples:
  quizgen explain optim.adam
  quizgen explain conv.output-size --json""",
)
@click.argument("family", shell_complete=common.complete_families)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common.shared
def command(family: str, as_json: bool) -> None:
    """Explain a family: what it asks, formula, source, parameters, mistakes it knows."""
    from quizgen.describe import describe
    from quizgen.family import find

    told = describe(find(family))
    if as_json:
        common.echo_json(told.to_json())
    else:
        _show(told)


def _show(told: Description) -> None:
    entry = told.entry
    click.echo(f"{click.style(entry.name, fg='cyan', bold=True)}{f'  version {entry.version}' * (entry.version > 1)}\n")
    common.echo_text(entry.doc)
    click.echo(f"\n{common.title('Levels')}")
    for level, asks in entry.levels.items():
        few = entry.spaces.get(level)
        click.echo(f"  {level}  {asks}" + (f" ({common.count(few, 'different question')})" if few else ""))
    click.echo(f"\n{common.title('Mistakes it knows')}")
    for name, why in told.mistakes:
        common.echo_wrapped(f"  {name}: ", common.words(why), indent=4)
    click.echo(f"\n{common.title('Parameters')}")
    width = max((len(each.name) for each in told.parameters), default=0)
    for each in told.parameters:
        about = f"{each.about}: " if each.about else ""
        common.echo_wrapped(f"  {each.name:<{width}}  ", f"{about}{each.describe()}", indent=4 + width)
    click.echo(f"\n{common.title('Try it')}")
    click.echo(f"  quizgen show {told.example} --solution")
    click.echo(f"  quizgen solve {entry.name} {shlex.join(told.given)}")

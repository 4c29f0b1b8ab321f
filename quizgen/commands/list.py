"""`quizgen list`: what there is to ask."""

from __future__ import annotations

import click

from quizgen.commands import common


@click.command(
    short_help="List topics, families and levels.",
    epilog="""\b
Examples:
  quizgen list                  everything
  quizgen list conv optim.adam  a topic and a family
  quizgen list --json           for programs""",
)
@click.argument("names", nargs=-1, metavar="[TOPIC|FAMILY]...", shell_complete=common.complete_families)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common.shared
def command(names: tuple[str, ...], as_json: bool) -> None:
    """List topics, families and levels.

    Where a level has few different questions, their number stands beside it.
    """
    from quizgen.describe import summary
    from quizgen.family import failed_plugins, select

    entries = select(names)
    for plugin, why in failed_plugins().items():
        click.echo(f"quizgen: the plug-in {plugin} could not be loaded: {why}", err=True)
    if as_json:
        common.echo_json([summary(entry) for entry in entries])
        return
    topic = ""
    for entry in entries:
        if entry.topic != topic:
            click.echo(("\n" if topic else "") + common.title(entry.topic))
            topic = entry.topic
        click.echo(f"  {click.style(f'{entry.name:<24}', fg='cyan')} {entry.title}")
        for level, asks in entry.levels.items():
            few = entry.spaces.get(level)
            size = f" ({common.count(few, 'different question')})" if few else ""
            click.echo(common.faint(f"    {level}  {asks}{size}"))

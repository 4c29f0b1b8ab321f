"""`quizgen verify`: solver against PyTorch, on many questions of every family."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from quizgen.commands import common
from quizgen.errors import UsageError

if TYPE_CHECKING:
    from quizgen.verify.report import Row

MOST = 1_000_000


@click.command(
    short_help="Compare the solvers with PyTorch.",
    epilog="""\b
Examples:
  quizgen verify --all                     1,000 questions of every level
  quizgen verify optim conv.output-size    a topic and a family
  quizgen verify --all -n 10000 --device cuda

\b
The exit code is 1 where PyTorch gets another answer, or where a run fails.""",
)
@click.argument("names", nargs=-1, metavar="[TOPIC|FAMILY]...", shell_complete=common.complete_families)
@click.option("--all", "everything", is_flag=True, help="All families.")
@click.option(
    "--level",
    "levels",
    type=click.IntRange(min=1),
    metavar="LEVEL",
    multiple=True,
    help="Only this level. May be repeated.",
)
@click.option(
    "-n",
    "count",
    type=click.IntRange(1, MOST),
    metavar="N",
    default=1000,
    show_default=True,
    help="Questions of each level.",
)
@click.option(
    "--seed",
    metavar="SEED",
    default="verify",
    show_default=True,
    help="A word or number that the questions follow from.",
)
@click.option(
    "--device",
    metavar="DEVICE",
    default="auto",
    show_default=True,
    help="Where PyTorch runs: auto, cpu, cuda, cuda:1.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common.shared
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    everything: bool,
    levels: tuple[int, ...],
    count: int,
    seed: str,
    device: str,
    as_json: bool,
) -> None:
    """Compare the exact solvers with PyTorch: how many agree, the worst difference, the speed."""
    from quizgen.family import select
    from quizgen.sheet import having
    from quizgen.verify.report import report

    if everything == bool(names):  # both or neither
        raise UsageError("name families or topics to verify, or say --all" + " and no names" * everything)
    entries = having(select(names), levels)
    rows: list[Row] = []

    def tell(family: str, level: int, done: int) -> None:
        if bar is not None:
            bar(f"{family}/{level}", done, count)

    found = report(entries, count, levels=levels, seed=seed, device=device, progress=tell)
    width = max(len(entry.name) for entry in entries)
    while True:
        with common.progress({}) as bar:  # a bar for each row: it is gone when the row is printed
            row = next(found, None)
        if row is None:
            break
        if not as_json:
            _show(row, first=not rows, width=width)
        rows.append(row)
    if as_json:
        common.echo_json([row.to_json() for row in rows])
    else:
        _sum_up(rows)
    ctx.exit(0 if all(row.ok for row in rows) else 1)


def _show(row: Row, first: bool, width: int) -> None:
    from quizgen.verify.provenance import scientific

    if first:
        heads = f"{'family':<{width}} {'level':>5} {'agree':>15} {'worst':>7} {'per second':>11} {'PyTorch':>8}"
        click.echo(common.title(heads))
    agree = f"{row.agree:,} of {row.drawn:,}"
    agree = click.style(f"{agree:>15}", fg="green" if row.ok else "red")
    numbers = f"{scientific(row.worst):>7} {row.per_second:>11,.0f} {row.pytorch_share:>8.0%}"
    click.echo(f"{row.family:<{width}} {row.level:>5} {agree} {numbers}")
    for failure in row.failures:
        common.echo_wrapped("  ", failure, indent=2)


def _sum_up(rows: list[Row]) -> None:
    agree, drawn = sum(row.agree for row in rows), sum(row.drawn for row in rows)
    seconds = sum(row.seconds for row in rows)
    if failed := sum(not row.ok for row in rows):
        click.echo(click.style(f"\n{failed} of {common.count(len(rows), 'level')} failed", fg="red"))
    click.echo(
        f"\n{agree:,} of {drawn:,} questions agree with PyTorch on {rows[0].device}, in {seconds:.1f} s; worst: the "
        "largest\nrelative difference; per second: drawn, solved and checked; PyTorch: its share"
    )

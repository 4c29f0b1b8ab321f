"""`quizgen progress`: what was practised and how it went; to take it elsewhere, and to have it forgotten."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quizgen.commands import common
from quizgen.errors import InputError, UnknownFormat, UsageError, did_you_mean, shown

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from quizgen.practice.store import Store

ENDINGS = (".html", ".htm")


class WithTransfers(click.Command):
    """A command whose first word may be another one's name: a topic is never called so."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        if args and args[0] in TRANSFERS:
            return TRANSFERS[args[0]].make_context(f"{info_name} {args[0]}", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


def _complete(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    words = [] if ctx.params.get("names") else [name for name in TRANSFERS if name.startswith(begun)]
    transfers = [CompletionItem(name, help=TRANSFERS[name].get_short_help_str()) for name in words]
    return transfers + common.complete_families(ctx, parameter, begun)


_data = click.option(
    "--data", metavar="PATH|URL", help="The database: a file, or a URL. Default: that of `quizgen practice`."
)


@click.command(
    cls=WithTransfers,
    short_help="Show how your practice goes.",
    epilog="""\b
Examples:
  quizgen progress                           everything
  quizgen progress optim conv.output-size    a topic and a family
  quizgen progress --html progress.html      a page with charts
  quizgen progress --json                    for programs

\b
Take it to another machine, or have it forgotten (each has its own --help):
  quizgen progress export backup.jsonl
  quizgen progress import backup.jsonl
  quizgen progress forget

\b
Right is what earned the full credit, without a hint or a wrong try. In a row:
right one after the other, up to now. Due: what you are about to forget.""",
)
@click.argument("names", nargs=-1, metavar="[TOPIC|FAMILY]...", shell_complete=_complete)
@click.option(
    "-o",
    "--html",
    "output",
    type=click.Path(),
    metavar="FILE",
    help="Write a page with charts instead, which needs nothing else.",
)
@click.option("--force", is_flag=True, help="Overwrite a file that is there already.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_data
@common.shared
def command(names: tuple[str, ...], output: str | None, force: bool, as_json: bool, data: str | None) -> None:
    """Show what you practised and how it went, by topic and family: credit, what is due, the commonest mistakes."""
    from quizgen.family import everything, select
    from quizgen.files import check_output, write_whole
    from quizgen.practice import report
    from quizgen.practice.progress import progress
    from quizgen.practice.records import ME

    if word := next((name for name in names if name in TRANSFERS), ""):
        raise UsageError(f"{word} comes first: write `quizgen progress {word} …`")
    if output is not None and as_json:
        raise UsageError("--html and --json are two ways to see the same; choose one")
    if output is not None:
        _check_ending(output)
        check_output(output, force)
    entries = list(everything().values())
    with _opened(data) as store:
        found = progress(store, ME, entries, time.time_ns() // 1_000_000, names=names)
    practised = {name for family in found.families for name in (family.name, family.topic)}
    select([name for name in names if name not in practised])  # raises for what is no name at all
    told = report.tell(found.mistakes, entries)
    if as_json:
        common.echo_json(report.to_json(found, told))
    elif output is not None:
        write_whole(output, report.page(found, told), force)
        click.echo(f"wrote {common.shown_path(output)}: {common.count(found.tally.answered, 'question')} answered")
    else:
        report.show(found, told, common.console())


def _check_ending(output: str) -> None:
    ending = Path(output).suffix.lower()
    if ending not in ENDINGS:
        raise UnknownFormat(
            f"{shown(output, 160)} does not end in .html{did_you_mean(ending, ENDINGS)}; the charts are a web page, "
            "which a browser can print"
        )


def _opened(data: str | None) -> Store:
    """The memory of practice. Raises `StoreError`, and `InputError` for a file that is named and not there: there is
    nothing to see in a new one."""
    from quizgen.practice.store import Store

    if data is not None and "://" not in data and not Path(data).exists():
        raise InputError(f"there is no practice database {shown(data, 160)}; `quizgen practice --data` begins one")
    return Store.open(data)


# --- elsewhere, and away --------------------------------------------------------------------------------------------


@click.command(
    short_help="Write everything to a file.",
    epilog="""\b
Examples:
  quizgen progress export backup.jsonl          a file to keep
  quizgen progress export | gzip > backup.gz    to standard output""",
)
@click.argument("file", type=click.Path(allow_dash=True), default="-", metavar="[FILE|-]")
@click.option("--force", is_flag=True, help="Overwrite a file that is there already.")
@_data
@common.shared
def export(file: str, force: bool, data: str | None) -> None:
    """Write all that you practised, with every answer, as lines of JSON; `quizgen progress import` reads them."""
    from quizgen.files import check_output, whole_file
    from quizgen.practice import transfer
    from quizgen.practice.records import ME

    if file != "-":
        check_output(file, force)
    with _opened(data) as store:
        if file == "-":
            transfer.export(store, ME, sys.stdout.write)
            return
        with whole_file(file, force) as (whole, _):
            count = transfer.export(store, ME, lambda line: whole.write(line.encode()))
    click.echo(f"wrote {common.shown_path(file)}: {common.count(count, 'question')}")


@click.command(
    "import",
    short_help="Take over what was exported.",
    epilog="""\b
Examples:
  quizgen progress import backup.jsonl
  zcat backup.gz | quizgen progress import -    from standard input""",
)
@click.argument("file", type=click.Path(allow_dash=True), metavar="FILE|-")
@_data
@common.shared
def import_(file: str, data: str | None) -> None:
    """Take over what `quizgen progress export` wrote: all of it, or nothing where the file is damaged.

    What is there already stays and is not counted twice. What is due is worked out anew from all answers together.
    """
    from quizgen.family import everything
    from quizgen.practice import schedule, transfer
    from quizgen.practice.records import ME
    from quizgen.practice.store import Store

    entries = list(everything().values())
    with ExitStack() as stack:
        try:
            stream = sys.stdin if file == "-" else stack.enter_context(Path(file).open(encoding="utf-8"))
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise InputError(f"cannot read {shown(file, 160)}: {reason}") from error
        with Store.open(data) as store:
            counts = transfer.import_(store, ME, transfer.bounded(stream))
            store.replace(ME, *schedule.replayed(store.every(ME), entries))
            place = _place(store)
    known = f"; {counts.known:,} were known" if counts.known else ""
    common.echo_line(f"took over {common.count(counts.new, 'question')} into {place}{known}")


@click.command(
    short_help="Remove everything.",
    epilog="""\b
Examples:
  quizgen progress forget          asks first
  quizgen progress forget --yes    does not ask""",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@_data
@common.shared
@click.pass_context
def forget(ctx: click.Context, yes: bool, data: str | None) -> None:
    """Remove all that you practised from this machine, every answer and what is due, for good.

    Copies that quizgen kept of older versions of the database are removed too; what you exported is not.
    """
    from quizgen.practice import transfer
    from quizgen.practice.records import ME

    with _opened(data) as store:
        there, place = transfer.counts(store, ME), _place(store)
        if not any(there.values()):
            transfer.forget(store, ME)  # traces may be left of an earlier time
            common.echo_line(f"there is nothing to forget in {place}")
            return
        what = f"{common.count(there['items'], 'question')} with all your answers, and what is due"
        if not yes:
            if not sys.stdin.isatty():
                raise UsageError(f"nobody is here to be asked: with --yes, {what}, are removed from {place}")
            common.echo_line(f"This removes {what}, from {place}, for good.")
            common.echo_line("`quizgen progress export FILE` keeps a copy.")
            if not click.confirm("Remove it?"):
                click.echo("Everything is kept.")
                ctx.exit(1)
        transfer.forget(store, ME)
        common.echo_line(f"removed {what}, from {place}")


def _place(store: Store) -> str:
    """Where the memory is, as one types it."""
    return store.name if "://" in store.name else common.shown_path(store.name)


TRANSFERS = {"export": export, "import": import_, "forget": forget}

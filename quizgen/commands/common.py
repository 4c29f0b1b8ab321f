"""What commands share: the options that all take, the console, names that the Tab key completes."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from quizgen.errors import UsageError, one_line, shown

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem
    from rich.console import Console

WIDEST = 100  # columns: longer lines are hard to read

SILENCE = 10  # seconds: what is over sooner says nothing in a log

FILES = "quizgen.files"

Tell = Callable[[str, int, "int | None"], None]
F = TypeVar("F", bound=Callable[..., Any])


def shared(command: F) -> F:
    """The options that quizgen takes before a command, and each command after its name."""
    files = click.option(
        "--families",
        "files",
        multiple=True,
        metavar="FILE",
        is_eager=True,
        expose_value=False,
        callback=_load,
        help="Take the families of a Python file too. May be repeated.",
    )
    color = click.option(
        "--color/--no-color",
        default=None,
        is_eager=True,
        expose_value=False,
        callback=_set_color,
        help="Colours or none, whatever the terminal is.",
    )
    return files(color(command))


def checking(command: F) -> F:
    """--device and --check/--no-check, of the commands that serve questions."""
    device = click.option(
        "--device",
        metavar="DEVICE",
        default="cpu",
        show_default=True,
        help="Where PyTorch runs: cpu, cuda, cuda:1, auto.",
    )
    check = click.option(
        "--check/--no-check", default=True, show_default=True, help="Reproduce answers by PyTorch first."
    )
    return device(check(command))


def _load(ctx: click.Context, parameter: click.Parameter, files: Sequence[str]) -> None:
    if ctx.resilient_parsing or not files:
        return
    from quizgen.family import load_file

    for file in files:
        load_file(Path(file))
    ctx.meta.setdefault(FILES, []).extend(files)


def family_files(ctx: click.Context) -> list[str]:
    """The files that --families named, wherever it stood."""
    return list(ctx.meta.get(FILES, []))


def _set_color(ctx: click.Context, parameter: click.Parameter, color: bool | None) -> None:
    if color is not None:
        ctx.color = color
    elif ctx.parent is None and os.environ.get("NO_COLOR"):
        ctx.color = False


def console(stderr: bool = False) -> Console:
    """A Rich console that follows --color, NO_COLOR and whether a person is watching."""
    from rich.console import Console

    context = click.get_current_context(silent=True)
    color = context.color if context is not None else None
    made = Console(
        stderr=stderr,
        highlight=False,
        markup=False,
        emoji=False,
        force_terminal=color,
        no_color=color is False or None,
    )
    made.width = min(made.width, WIDEST)
    return made


@contextmanager
def progress(following: Mapping[str, str]) -> Iterator[Tell]:
    """Bars on stderr, for the time of a `with`, that are told (what, done, of how many); in a log a line now and then.

    Of how many may be None, for nobody knows. ``following``: what begins when another is done, so that the wait for
    PyTorch to be imported has a name.
    """
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    # What is printed in the meantime goes to stdout as ever.
    with Progress(*columns, console=console(stderr=True), transient=True, redirect_stdout=False) as bar:
        tasks: dict[str, Any] = {}

        def tell(what: str, done: int, of: int | None) -> None:
            for each in (what, following.get(what)) if done == of else (what,):
                if each is not None and each not in tasks:
                    tasks[each] = bar.add_task(each, total=of)
            bar.update(tasks[what], completed=done, total=of)

        yield tell


def _lines() -> Tell:
    """Says how far a long work is after ten seconds, and then the more rarely the longer it takes."""
    began = time.monotonic()
    due = began + SILENCE

    def tell(what: str, done: int, of: int | None) -> None:
        nonlocal due
        now = time.monotonic()
        if now >= due:
            due = now + max(SILENCE, (now - began) / 5)
            click.echo(f"quizgen: {what} {done:,}{'' if of is None else f' of {of:,}'}", err=True)

    return tell


def echo_json(data: Any) -> None:
    """Plain data as indented JSON."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def title(text: str) -> str:
    """A heading in the terminal."""
    return click.style(text, bold=True)


def faint(text: str) -> str:
    """What matters less, in the terminal."""
    return click.style(text, dim=True)


def count(number: int, one: str, many: str = "") -> str:
    """ "1 question", "1,000 questions"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def shown_path(path: str | Path) -> str:
    """A path as one types it here, quoted where a shell needs it, on one line."""
    import shlex

    path = Path(path)
    with suppress(ValueError, OSError):
        path = path.resolve().relative_to(Path.cwd())
    return one_line(shlex.quote(str(path)))


def words(markup: str) -> str:
    """One line of the small markup as plain text, formulas in Unicode."""
    from quizgen.render import document as doc
    from quizgen.render.unicode_math import inline
    from quizgen.text import parse_inline

    def text(nodes: doc.Inlines) -> str:
        return "".join(map(one, nodes))

    def one(node: doc.Inline) -> str:
        match node:
            case doc.Text(words) | doc.InlineCode(words):
                return words
            case doc.Math(latex):
                return inline(latex)
            case doc.Bold(inner) | doc.Emphasis(inner):
                return text(inner)

    return text(parse_inline(markup))


def wrapped(text: str, indent: int) -> str:
    """Text wrapped to the terminal, its later lines indented."""
    import textwrap

    width = min(shutil.get_terminal_size().columns, WIDEST)
    lines = textwrap.wrap(text, width, subsequent_indent=" " * indent, break_on_hyphens=False, break_long_words=False)
    return "\n".join(lines)


def echo_wrapped(first: str, text: str, indent: int) -> None:
    """``first`` and ``text`` wrapped to the terminal, later lines indented."""
    click.echo(wrapped(first + text, indent))


def echo_line(text: str) -> None:
    """One line, wrapped only where a person reads it in a terminal."""
    if sys.stdout.isatty():
        echo_wrapped("", text, indent=2)
    else:
        click.echo(text)


def echo_text(text: str) -> None:
    """A docstring: its paragraphs wrapped to the terminal, indented lines and lists as they stand."""
    for number, paragraph in enumerate(text.strip("\n").split("\n\n")):
        if number:
            click.echo("")
        lines = paragraph.split("\n")
        if any(line[:1] in (" ", "-") for line in lines):
            click.echo(paragraph)
        else:
            echo_wrapped("", " ".join(lines), indent=0)


def unmeant_option(command: click.Command, words: Sequence[str], ctx: click.Context) -> None:
    """Refuses what looks like an option among words that may begin with a minus sign, such as -3/4."""
    for word in words:
        if word.startswith("--"):
            options = [name for each in command.params for name in each.opts if name.startswith("--")]
            raise click.NoSuchOption(word.partition("=")[0], possibilities=[*options, "--help"], ctx=ctx)


# --- the Tab key ---------------------------------------------------------------------------------------------------


def complete_families(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Families and topics that begin so."""
    from click.shell_completion import CompletionItem

    from quizgen.family import everything

    known = everything()
    topics = {entry.topic: f"the topic {entry.topic}" for entry in known.values()}
    names = {name: entry.title for name, entry in known.items()} | topics
    return [CompletionItem(name, help=names[name]) for name in sorted(names) if name.startswith(begun)]


def complete_parameters(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Names of the parameters of the family that stands before."""
    from click.shell_completion import CompletionItem

    from quizgen import parameters
    from quizgen.family import find

    known = parameters.of(find(ctx.params.get("family") or "").cls)
    return [CompletionItem(f"{name}=", help=each.about) for name, each in known.items() if name.startswith(begun)]


# --- whose fault ---------------------------------------------------------------------------------------------------


def family_of(problem: BaseException) -> str:
    """The family out of whose code an error came, with file and line, or nothing."""
    found, trace = "", problem.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        if names := [
            each.__dict__["__family__"]
            for each in frame.f_globals.values()
            if isinstance(each, type)
            and "__family__" in each.__dict__
            and each.__module__ == frame.f_globals["__name__"]
        ]:
            found = f"{' or '.join(names)} ({frame.f_code.co_filename}:{trace.tb_lineno})"
        trace = trace.tb_next
    return found


def parse_pairs(words: Sequence[str], usage: str) -> dict[str, str]:
    """``name=value`` words as a mapping; raises `UsageError` for any other word and for a name given twice."""
    pairs: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"{shown(word)} is not name=value; write it as in `{usage}`")
        if name in pairs:
            raise UsageError(f"{name} is given twice; give it once")
        pairs[name.strip()] = value.strip()
    return pairs

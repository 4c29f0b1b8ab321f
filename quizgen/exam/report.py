"""The report of an exam in words: in the terminal, and as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from quizgen.render.html_markup import in_words
from quizgen.render.unicode_math import plain
from quizgen.text import parse_inline
from quizgen.wording import counted, letter

from .analysis import Mistake, QuestionStatistics, Statistics, Tally
from .findings import findings, number, passed, percent, summary, trust, verdict, worked

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = [
    "about",
    "commonest",
    "figures",
    "minutes",
    "parts",
    "separates",
    "share_of",
    "show",
    "to_json",
    "two",
    "unit",
]

FEW = 5
"""How many mistakes stand in the terminal; the page and the JSON have more."""


def to_json(found: Statistics) -> dict[str, Any]:
    """All figures as plain data, with the sentences. What can't be said is null, and `unsaid` says why.

    Of each question ``worked`` says whether it did, ``findings`` what to look at and what to know.
    """
    data = asdict(found)
    for plain_data, question in zip(data["questions"], found.questions, strict=True):
        plain_data["worked"] = worked(question)
        plain_data["findings"] = [asdict(finding) for finding in findings(question)]
        for tally in (plain_data["all"], *plain_data["parts"]):
            for mistake in tally["mistakes"]:
                mistake["why"] = in_words(parse_inline(mistake["why"]))
    return {
        **data,
        "summary": summary(found),
        "passed": passed(found),
        "trust": trust(found),
        "verdict": verdict(found),
    }


def commonest(found: Statistics, most: int) -> list[tuple[QuestionStatistics, Mistake]]:
    """The commonest mistakes of all questions; where they are as common in the order of questions."""
    made = [(question, mistake) for question in found.questions for mistake in question.all.mistakes]
    return sorted(made, key=lambda each: -each[1].share)[:most]


def parts(question: QuestionStatistics) -> list[tuple[str, Tally]]:
    """The parts by their letters, where there are several."""
    each = [(letter(at), part) for at, part in enumerate(question.parts)]
    return each if len(each) > 1 else []


# --- in words -------------------------------------------------------------------------------------------------------


def share_of(tally: Tally) -> str:
    return "–" if tally.share is None else percent(tally.share)


def separates(tally: Tally) -> str:
    """ "0.42", with a minus sign where it is one; "–" where it can't be said."""
    return "–" if tally.separation is None else two(tally.separation.r)


def minutes(seconds: float | None) -> str:
    """ "3.5 min"."""
    return "–" if seconds is None else f"{number(seconds / 60)} min"


def unit(found: Statistics) -> str:
    return "%" if found.marks.in_percent else ""


def about(found: Statistics) -> list[str]:
    """What was left out, and what is not settled."""
    said = []
    if found.empty:
        said.append(f"{counted(found.empty, 'student')} wrote nothing and {_is(found.empty)} left out")
    if found.open:
        many = "answers wait" if found.open > 1 else "answer waits"
        said.append(f"{found.open} {many} for a person and {'count' if found.open > 1 else 'counts'} as marked so far")
    if found.marks.in_percent:
        said.append("papers are worth different numbers of points, so marks are in percent")
    return said


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def figures(found: Statistics) -> dict[str, str]:
    """The figures of the exam as a whole."""
    marks, r = found.marks, found.reliability
    if marks.mean is None or marks.median is None or marks.least is None or marks.most is None:
        return {"Students": "nobody answered anything"}
    sign = unit(found)
    of = "" if marks.in_percent else f" of {number(marks.of)}"
    share = f" ({percent(marks.mean / marks.of)})" if marks.of and not marks.in_percent else ""
    spread = f", standard deviation {number(marks.sd)}" if marks.sd is not None else ""
    said = {
        "Students": f"{found.students:,}",
        "Marks": f"mean {number(marks.mean)}{sign}{of}{share}, median {number(marks.median)}{sign}{spread}",
        "Reliability": f"can't be said: {found.unsaid['reliability']}"
        if r is None
        else f"{two(r.alpha)} (Cronbach's alpha, between {two(r.low)} and {two(r.high)}); "
        f"a mark ±{number(r.sem)}{sign}",
    }
    if marks.seconds is not None:
        said["Time"] = f"half needed less than {minutes(marks.seconds)}"
    return said


def two(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


# --- in the terminal ------------------------------------------------------------------------------------------------


def show(found: Statistics, console: Console) -> None:
    """Print the figures: 80 columns are enough."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from quizgen.render.trimmed import Trimmed

    whole = Table.grid(padding=(0, 3, 0, 0))
    for name, figure in figures(found).items():
        whole.add_row(Text(name, style="dim"), Text(figure))
    pieces: list[Any] = [Text(plain(found.title), style="bold"), whole]
    pieces += [Text(f"{line[0].upper()}{line[1:]}.", style="dim") for line in about(found)]
    if found.students:
        pieces += [Text(), *(Text(plain(line)) for line in (summary(found), passed(found)) if line)]
        pieces += [Text(), _table(found)]
        pieces += _numbered(
            "Look at",
            ((each.asked.number, one.said) for each in found.questions for one in findings(each) if one.look),
        )
        pieces += _numbered("Commonest mistakes", map(_slip, commonest(found, FEW)))
        for head, line in (("How far marks can be trusted", trust(found)), ("Versions", verdict(found))):
            pieces += [Text(), Text(head, style="bold"), Text(plain(line))]
    console.print(Trimmed(Group(*pieces)))


def _numbered(head: str, lines: Iterator[tuple[int, str]]) -> list[Any]:
    """Lines, each with the number of the question that it is about, under a heading."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(justify="right", no_wrap=True, style="yellow")
    for place, line in lines:
        grid.add_row(str(place), Text(plain(line)))
    return [Text(), Text(head, style="bold"), grid] if grid.row_count else []


def _slip(made: tuple[QuestionStatistics, Mistake]) -> tuple[int, str]:
    question, mistake = made
    why = in_words(parse_inline(mistake.why))
    return question.asked.number, f"{mistake.count} of {question.all.students}: {mistake.name}{why and f'. {why}'}"


def _table(found: Statistics) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 0, 0, 1), header_style="dim", border_style="dim"
    )
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("", ratio=1)
    timed = any(question.all.seconds is not None for question in found.questions)
    for head in ("points", "share", "separates", "right", "omitted", *(["time"] if timed else [])):
        table.add_column(head, justify="right", no_wrap=True)
    for question in found.questions:
        rows = [(str(question.asked.number), question.asked.title, question.all)]
        rows += [("", f"  {name}", part) for name, part in parts(question)]
        for place, name, tally in rows:
            cells = [number(tally.of), share_of(tally), separates(tally), str(tally.right), str(tally.omitted)]
            cells += [minutes(tally.seconds)] if timed else []
            table.add_row(place, Text(plain(name)), *cells, style="dim" if not place else "")
    return table

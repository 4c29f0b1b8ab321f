"""The report of an exam to look at: in the terminal, as a page that needs nothing else, and as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from quizgen.describe import describe
from quizgen.render import charts
from quizgen.render.html import font_face, printable
from quizgen.render.html_markup import in_words, inline, raw
from quizgen.render.templates import asset, html_environment
from quizgen.render.unicode_math import plain
from quizgen.text import parse_inline
from quizgen.wording import counted

from .findings import flags, number, p_value, percent, trust, verdict
from .statistics import Mistake, QuestionStatistics, Statistics, Tally

if TYPE_CHECKING:
    from markupsafe import Markup
    from rich.console import Console
    from rich.table import Table

    from quizgen.family import Entry

__all__ = ["Reasons", "page", "reasons", "show", "to_json"]

Reasons = Mapping[tuple[str, str], str]
"""What a family says about a mistake, in small markup, by the names of both."""

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def reasons(found: Statistics, entries: Sequence[Entry]) -> Reasons:
    """What families say about the mistakes of a report; those that are not installed say nothing."""
    meant = {question.asked.family for question in found.questions if question.all.mistakes}
    return {
        (entry.name, name): why for entry in entries if entry.name in meant for name, why in describe(entry).mistakes
    }


def to_json(found: Statistics, why: Reasons) -> dict[str, Any]:
    """All figures as plain data, with the sentences. What can't be said is null, and `unsaid` says why."""
    data = asdict(found)
    for plain_data, question in zip(data["questions"], found.questions, strict=True):
        plain_data["flags"] = list(flags(question))
        for tally in (plain_data["all"], *plain_data["parts"]):
            for mistake in tally["mistakes"]:
                mistake["why"] = in_words(parse_inline(why.get((question.asked.family, mistake["name"]), "")))
    return {**data, "trust": trust(found), "verdict": verdict(found)}


# --- in words -------------------------------------------------------------------------------------------------------


def share_of(tally: Tally) -> str:
    return "–" if tally.share is None else percent(tally.share)


def separates(tally: Tally) -> str:
    """ "0.42", with a minus sign where it is one; "–" where it can't be said."""
    return "–" if tally.separation is None else f"{tally.separation.r:.2f}".replace("-", "−")


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


def _summary(found: Statistics) -> dict[str, str]:
    marks, r = found.marks, found.reliability
    if marks.mean is None or marks.median is None or marks.least is None or marks.most is None:
        return {"Students": "nobody answered anything"}
    sign = unit(found)
    of = "" if marks.in_percent else f" of {number(marks.of)}"
    spread = f", standard deviation {number(marks.sd)}" if marks.sd is not None else ""
    said = {
        "Students": f"{found.students:,}",
        "Marks": f"mean {number(marks.mean)}{sign}{of} ({percent(marks.mean / marks.of)}), median "
        f"{number(marks.median)}{sign}{spread}",
        "Reliability": f"can't be said: {found.unsaid['reliability']}"
        if r is None
        else f"{alpha_of(found)} (between {_two(r.low)} and {_two(r.high)}); a mark ±{number(r.sem)}{sign}",
    }
    if marks.seconds is not None:
        said["Time"] = f"half needed less than {minutes(marks.seconds)}"
    return said


def alpha_of(found: Statistics) -> str:
    return "–" if found.reliability is None else _two(found.reliability.alpha)


def _two(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


# --- in the terminal ------------------------------------------------------------------------------------------------


def show(found: Statistics, why: Reasons, console: Console) -> None:
    """Print the figures: 80 columns are enough."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    summary = Table.grid(padding=(0, 3, 0, 0))
    for name, figure in _summary(found).items():
        summary.add_row(Text(name, style="dim"), Text(figure))
    pieces: list[Any] = [Text(plain(found.title), style="bold"), summary]
    pieces += [Text(f"{line[0].upper()}{line[1:]}.", style="dim") for line in about(found)]
    if found.students:
        pieces += [Text(), _table(found), Text()]
        pieces += [Text("What it says", style="bold"), Text(plain(trust(found))), Text(plain(verdict(found)))]
        looked = Table.grid(padding=(0, 2, 0, 0))
        looked.add_column(justify="right", no_wrap=True, style="yellow")
        for question in found.questions:
            for line in _lines(question, why):
                looked.add_row(str(question.asked.number), Text(plain(line)))
        if looked.row_count:
            pieces += [Text(), Text("Look at", style="bold"), looked]
    console.print(Group(*pieces))


def _lines(question: QuestionStatistics, why: Reasons) -> list[str]:
    lines = list(flags(question))
    for at, line in enumerate(lines):
        for mistake in question.all.mistakes[:1]:
            told = in_words(parse_inline(why.get((question.asked.family, mistake.name), "")))
            if told and line.endswith(f": {mistake.name}."):
                lines[at] = f"{line} {told}"
    return lines


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
        several = len(question.parts) > 1
        rows = [(str(question.asked.number), question.asked.title, question.all)]
        if several:
            rows += [("", f"  {letter}", part) for letter, part in zip(LETTERS, question.parts, strict=False)]
        for place, name, tally in rows:
            cells = [number(tally.of), share_of(tally), separates(tally), str(tally.right), str(tally.omitted)]
            cells += [minutes(tally.seconds)] if timed else []
            table.add_row(place, Text(plain(name)), *cells, style="dim" if not place else "")
    return table


# --- as HTML --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    """The figures as the template sees them: numbers in words, and the charts."""

    found: Statistics
    reasons: Reasons

    percent = staticmethod(percent)
    number = staticmethod(number)
    share = staticmethod(share_of)
    separates = staticmethod(separates)
    minutes = staticmethod(minutes)
    p_value = staticmethod(p_value)
    flags = staticmethod(flags)
    two = staticmethod(_two)

    @cached_property
    def summary(self) -> dict[str, str]:
        return _summary(self.found)

    @property
    def about(self) -> list[str]:
        return [f"{line[0].upper()}{line[1:]}." for line in about(self.found)]

    @property
    def unit(self) -> str:
        return unit(self.found)

    @property
    def alpha(self) -> str:
        return alpha_of(self.found)

    @property
    def trust(self) -> str:
        return trust(self.found)

    @property
    def verdict(self) -> str:
        return verdict(self.found)

    @cached_property
    def flagged(self) -> tuple[tuple[QuestionStatistics, tuple[str, ...]], ...]:
        """The questions that there is something to say about, each with the sentences."""
        return tuple((question, said) for question in self.found.questions if (said := flags(question)))

    @property
    def timed(self) -> bool:
        return any(question.all.seconds is not None for question in self.found.questions)

    def parts(self, question: QuestionStatistics) -> list[tuple[str, Tally]]:
        """The parts by their letters, where there are several."""
        return list(zip(LETTERS, question.parts, strict=False)) if len(question.parts) > 1 else []

    def why(self, question: QuestionStatistics, mistake: Mistake) -> Markup:
        return inline(self.reasons.get((question.asked.family, mistake.name), ""))

    def how_full(self, share: float | None) -> Markup:
        return charts.meter(min(max(share or 0.0, 0.0), 1.0))

    def span(self, low: float, high: float) -> str:
        """A bin of the distribution in marks: "12 to 14.4"."""
        of = self.found.marks.of
        return f"{number(low * of)} to {number(high * of)}{self.unit}"

    @property
    def distribution(self) -> Markup:
        found, bins = self.found, self.found.marks.bins
        stacks = [
            charts.Stack(f"{self.span(low, high)}: {counted(count, 'student')}", (("qg-fill-due", count),))
            for low, high, count in bins
        ]
        # Words stand under the middle of a bar; there is no room on a phone for those of all.
        middles = [number((low + high) / 2 * found.marks.of) for low, high, _ in bins]
        marks = {at: f"{middles[at]}{self.unit}" for at in range(0, len(bins), 2)}
        about = f"{counted(found.students, 'student')}: {self.summary['Marks']}."
        return charts.bars("marks", "How many students have which marks", about, stacks, marks)

    @property
    def by_question(self) -> Markup:
        """Of each question how many have all of the points, some, none, and how many left it out."""
        stacks = [
            charts.Stack(
                f"Question {question.asked.number}: {t.right} right, {t.partly} partly, {t.wrong} wrong, "
                f"{t.omitted} omitted",
                (
                    ("qg-fill-right", t.right),
                    ("qg-fill-partly", t.partly),
                    ("qg-fill-wrong", t.wrong),
                    ("qg-fill-omitted", t.omitted),
                ),
            )
            for question in self.found.questions
            for t in (question.all,)
        ]
        every = 1 if len(stacks) <= 20 else 5
        marks = {at: str(q.asked.number) for at, q in enumerate(self.found.questions) if q.asked.number % every == 0}
        about = "Of each question how many students have it right, partly right or wrong, and how many left it out."
        return charts.bars("questions", "Answers by question", about, stacks, marks)


def page(found: Statistics, why: Reasons) -> str:
    """The report as one self-contained HTML file without a script."""
    template = html_environment().get_template("exam_report.html.j2")
    with_formulas = any("<math" in inline(text) for text in why.values())  # without one there is no need of their font
    style = asset("sheet.css") + asset("progress.css") + (font_face() if with_formulas else "")
    return printable(template.render(view=View(found, why), found=found, style=raw(style)))

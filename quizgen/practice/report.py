"""Progress to look at: in the terminal, as a page that needs nothing else, and as pieces for the site.

The pieces are in `templates/html/progress_parts.html.j2` and their looks in `assets/progress.css`: neither holds a
script or a style attribute.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from quizgen.describe import describe
from quizgen.practice.progress import AHEAD, WEEKS, FamilyProgress, Progress, Slip, Tally, TopicProgress
from quizgen.render import charts
from quizgen.render.html import font_face, printable
from quizgen.render.html_markup import in_words, inline, raw
from quizgen.render.templates import asset, html_environment
from quizgen.render.unicode_math import plain
from quizgen.text import parse_inline
from quizgen.wording import counted, listed

if TYPE_CHECKING:
    from markupsafe import Markup
    from rich.console import Console
    from rich.table import Table

    from quizgen.family import Entry
    from quizgen_solvers.exact import fmpq

__all__ = ["Told", "View", "page", "show", "tell", "to_json"]

MOST_MISTAKES = 8
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Told:
    """A mistake with its kind sentence in small markup; none where its family is not installed or has forgotten it."""

    slip: Slip
    why: str


def tell(slips: Iterable[Slip], entries: Sequence[Entry]) -> tuple[Told, ...]:
    """The first of these mistakes, each with what its family says about it."""
    few = list(slips)[:MOST_MISTAKES]
    meant = {slip.family for slip in few}
    known = {entry.name: dict(describe(entry).mistakes) for entry in entries if entry.name in meant}
    return tuple(Told(slip, known.get(slip.family, {}).get(slip.name, "")) for slip in few)


def to_json(progress: Progress, told: Sequence[Told]) -> dict[str, Any]:
    """All figures as plain data, the commonest mistakes with their sentences."""
    mistakes = [
        {
            "family": each.slip.family,
            "name": each.slip.name,
            "count": each.slip.count,
            "last": str(each.slip.last),
            "why": in_words(parse_inline(each.why)),
        }
        for each in told
    ]
    return progress.to_json() | {"mistakes": mistakes}


# --- in words -------------------------------------------------------------------------------------------------------


def percent(share: fmpq | None) -> str:
    """ "78%"; what is not quite all is never called all, nor what is not quite nothing nothing. "–" for None."""
    if share is None:
        return "–"
    whole = (200 * int(share.p) + int(share.q)) // (2 * int(share.q))
    if 0 < share < 1:
        whole = min(max(whole, 1), 99)
    return f"{whole}%"


def on_day(day: date, today: date) -> str:
    """ "12 May", with the year where it is not this one."""
    return f"{day.day} {MONTHS[day.month - 1]}" + f" {day.year}" * (day.year != today.year)


def level_of(family: FamilyProgress) -> str:
    """ "2 of 3", or "2" where nobody knows of how many."""
    return f"{family.level} of {family.levels}" if family.installed else str(family.level)


def due_line(progress: Progress) -> str:
    """What comes due, in words."""
    today, week = progress.due_within(1), progress.due_within(7)
    if not week:
        return "nothing within 7 days"
    return f"{today:,} today, {progress.coming[1][1]:,} tomorrow, {week:,} within 7 days"


def answered_line(progress: Progress) -> str:
    return f"{progress.answered_within(7):,} in the last 7 days, {progress.answered_within(30):,} in the last 30"


def begin(progress: Progress) -> str:
    """The command that goes on practising, with those names that still stand for something."""
    here = {*progress.fresh, *(family.name for family in progress.families if family.installed)}
    known = here | {name.partition(".")[0] for name in here}
    return " ".join(["quizgen practice", *(name for name in progress.names if name in known)])


# --- in the terminal ------------------------------------------------------------------------------------------------


def show(progress: Progress, told: Sequence[Told], console: Console) -> None:
    """Print the figures: 80 columns are enough."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    about = f" in {listed(progress.names)}" if progress.names else ""
    if not progress.tally.answered:
        console.print(Text(plain(f"Nothing practised{about} yet. Begin with: {begin(progress)}")), soft_wrap=True)
        return
    summary = Table.grid(padding=(0, 3, 0, 0))
    for name, figure in _summary(progress).items():
        summary.add_row(Text(name, style="dim"), Text(figure))
    pieces: list[Any] = [Text(plain(f"Progress{about}"), style="bold"), summary, Text(), _table(progress)]
    if told:
        mistakes = Table.grid(padding=(0, 1, 0, 0))
        mistakes.add_column(justify="right", no_wrap=True, min_width=5)
        for each in told:
            why = f": {in_words(parse_inline(each.why))}" if each.why else ""
            said = Text.assemble((plain(each.slip.name), "bold"), (f" ({plain(each.slip.family)})", "dim"), why)
            mistakes.add_row(Text(f"{each.slip.count:,}×", style="yellow"), said)
        pieces += [Text(), Text("Commonest mistakes", style="bold"), mistakes]
    if progress.fresh:
        pieces += [Text(), Text(f"Not practised yet: {listed(progress.fresh)}", style="dim")]
    console.print(Group(*pieces, Text()))
    console.print(Text(f"Go on with: {begin(progress)}", style="dim"), soft_wrap=True)


def _summary(progress: Progress) -> dict[str, str]:
    return {
        "Days in a row": f"{progress.row:,}",
        "Answered": f"{progress.tally.answered:,}; {answered_line(progress)}",
        "Credit": percent(progress.tally.share),
        "Due": due_line(progress),
    }


def _table(progress: Progress) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 0, 0, 1), header_style="dim", border_style="dim"
    )
    table.add_column("")
    for head in ("answered", "right", "credit", "in a row", "level", "due"):
        table.add_column(head, justify="right", no_wrap=True)
    for topic in progress.topics:
        table.add_row(Text(plain(topic.name), "bold"), *_counts(topic.tally), "", "", _few(topic.due))
        for family in topic.families:
            name = Text(f"  {plain(family.name)}", "cyan" if family.installed else "")
            name.append("" if family.installed else " (not installed)")
            cells = (*_counts(family.tally), f"{family.row:,}", level_of(family), _few(family.due))
            table.add_row(name, *cells, style="" if family.installed else "dim")
    return table


def _counts(tally: Tally) -> tuple[str, str, str]:
    return f"{tally.answered:,}", f"{tally.right:,}", percent(tally.share)


def _few(count: int) -> str:
    return f"{count:,}" if count else ""


# --- as HTML --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    """The figures as the templates see them: numbers in words, and the charts."""

    progress: Progress
    told: tuple[Told, ...]

    @property
    def title(self) -> str:
        about = f" in {listed(self.progress.names)}" if self.progress.names else ""
        return f"Progress{about}"

    @property
    def begin(self) -> str:
        return begin(self.progress)

    @property
    def due(self) -> str:
        return due_line(self.progress)

    @property
    def answered(self) -> str:
        return answered_line(self.progress)

    def day(self, day: date) -> str:
        return on_day(day, self.progress.today)

    def why(self, told: Told) -> Markup:
        return inline(told.why)

    percent = staticmethod(percent)
    level = staticmethod(level_of)

    def often(self, told: Told) -> Markup:
        """How often a mistake was made, against the commonest."""
        return charts.meter(told.slip.count / self.told[0].slip.count)

    # --- answers a day ------------------------------------------------------------------------------------------------

    @property
    def some_days(self) -> tuple[tuple[date, Tally], ...]:
        """The days on which something was answered, the latest first."""
        return tuple((day, tally) for day, tally in reversed(self.progress.days) if tally.answered)

    @property
    def by_day(self) -> Markup:
        days = self.progress.days
        stacks = [
            charts.Stack(
                f"{self.day(day)}: {_in_words(tally)}",
                (("qg-fill-right", tally.right), ("qg-fill-partly", tally.partly), ("qg-fill-wrong", tally.wrong)),
            )
            for day, tally in days
        ]
        marks = {at: MONTHS[day.month - 1] for at, (day, _) in enumerate(days) if day.day == 1}
        if len(days) - max(marks) > 12:  # there is room for one more word
            marks[len(days) - 1] = "today"
        total = sum(tally.answered for _, tally in days)
        about = f"{counted(total, 'question')} answered in {WEEKS} weeks, on {counted(len(self.some_days), 'day')}."
        return charts.bars("progress-days", "Answers a day", about, stacks, marks)

    # --- credit by topic ----------------------------------------------------------------------------------------------

    @cached_property
    def weeks(self) -> tuple[date, ...]:
        """The first day of each week."""
        return tuple(day for day, _ in self.progress.days[::7])

    def by_week(self, topic: TopicProgress, number: int) -> Markup:
        shares = [week.share for week in topic.weeks]
        known = [share for share in shares if share is not None]
        about = f"Credit of {topic.name} by week: " + (
            f"{percent(known[0])} at first, {percent(known[-1])} at last." if known else f"nothing in {WEEKS} weeks."
        )
        marks = {0: self.day(self.weeks[0]), WEEKS - 1: "this week"}
        drawn = [None if share is None else int(share.p) / int(share.q) for share in shares]
        return charts.line(f"progress-topic-{number}", f"Credit of {topic.name}", about, drawn, marks)

    # --- what comes due -----------------------------------------------------------------------------------------------

    @property
    def some_coming(self) -> tuple[tuple[date, int], ...]:
        return tuple((day, count) for day, count in self.progress.coming if count)

    @property
    def by_day_due(self) -> Markup:
        coming = self.progress.coming
        stacks = [charts.Stack(f"{self.day(day)}: {count:,} due", (("qg-fill-due", count),)) for day, count in coming]
        marks = {0: "today"} | {at: self.day(coming[at][0]) for at in range(7, AHEAD, 7)}
        about = f"{self.progress.due_within(AHEAD):,} come due within {AHEAD} days: {due_line(self.progress)}."
        return charts.bars("progress-due", "What comes due", about, stacks, marks)


def _in_words(tally: Tally) -> str:
    parts = (("right", tally.right), ("partly right", tally.partly), ("wrong", tally.wrong))
    return ", ".join(f"{count:,} {name}" for name, count in parts if count) or "nothing"


def page(progress: Progress, told: Sequence[Told]) -> str:
    """The figures as one self-contained HTML file without a script."""
    view = View(progress, tuple(told))
    body = html_environment().get_template("progress.html.j2")
    with_formulas = any("<math" in inline(each.why) for each in told)  # without one there is no need of their font
    style = asset("sheet.css") + asset("progress.css") + (font_face() if with_formulas else "")
    return printable(body.render(view=view, style=raw(style)))

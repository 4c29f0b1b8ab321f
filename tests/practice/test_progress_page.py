"""Progress to look at: the terminal at 80 columns, and the page in a real browser."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, timedelta, timezone
from html.parser import HTMLParser
from typing import Any

import pytest
from rich.console import Console

from practised import item, moment
from quizgen.family import everything
from quizgen.practice import report
from quizgen.practice.progress import Progress, measure
from quizgen.practice.records import History, Item
from quizgen.practice.report import on_day, percent
from quizgen.practice.schedule import after, replayed, standing_skill
from quizgen_solvers.exact import fmpq

HERE = timezone(timedelta(hours=2))
NOW = moment("2026-05-12 14:00", HERE)
DAY = 86_400_000
ENTRIES = list(everything().values())
NASTY = "</style><script>alert(1)</script> & \x1b[2J\u202e'\""


def practised() -> list[Item]:
    """A hundred days of everything but one topic, each family at the level that follows, and one that is gone."""
    mistakes = {"attention.scores": ["no scaling"], "optim.adam": ["no bias correction"]}
    entries = {entry.name: entry for entry in ENTRIES if entry.topic != "net"}
    history, items = History(), []
    for number in range(300):
        name = [*entries, "rnn.unroll"][number % (len(entries) + 1)]
        credit = ("1", "1", "2/3", "0")[number % 7 % 4]
        wrong = mistakes.get(name, []) if credit != "1" else []
        level = standing_skill(history, entries[name]).level if name in entries else 1
        at = NOW - (300 - number) * DAY // 3
        items.append(item(at, name, credit, level=level, mistakes=wrong))
        outcome = items[-1].outcome
        assert outcome is not None
        memory, standing = after(history, (), items[-1], outcome, (1, 2, 3), at)
        history.memories[memory.skill], history.standings[name] = memory, standing
    return items


def progress_of(items: Sequence[Item], **options: Any) -> Progress:
    memories, standings = replayed(items, ENTRIES)
    history = History({each.skill: each for each in memories}, {each.family: each for each in standings})
    return measure(items, history, ENTRIES, NOW, HERE, **options)


@pytest.fixture(scope="module")
def found() -> Progress:
    return progress_of(practised())


def printed(progress: Progress, width: int = 80, **options: Any) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, markup=False, emoji=False, **options)
    report.show(progress, report.tell(progress.mistakes, ENTRIES), console)
    return out.getvalue()


def page_of(progress: Progress) -> str:
    return report.page(progress, report.tell(progress.mistakes, ENTRIES))


# --- words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (None, "–"),
        (fmpq(0), "0%"),
        (fmpq(1), "100%"),
        (fmpq(1, 2), "50%"),
        (fmpq(2, 3), "67%"),
        (fmpq(1, 200), "1%"),
        (fmpq(1, 1000), "1%"),
        (fmpq(999, 1000), "99%"),
        (fmpq(445, 1000), "45%"),
    ],
)
def test_percent(share: fmpq | None, said: str) -> None:
    assert percent(share) == said


def test_days_have_their_year_where_it_is_another() -> None:
    today = date(2026, 1, 5)
    assert (on_day(date(2026, 1, 3), today), on_day(date(2025, 12, 31), today)) == ("3 Jan", "31 Dec 2025")


def test_the_commonest_mistakes_come_with_their_sentences(found: Progress) -> None:
    told = report.tell(found.mistakes, ENTRIES)
    assert {each.slip.name: each.why for each in told} == {
        "no scaling": r"Divide the scores by $\sqrt{d_k}$ before softmax.",
        "no bias correction": "Divide both moments by 1 − βᵗ before the update.",
    }
    of_nobody = report.tell(progress_of([item(NOW, "rnn.unroll", "0", mistakes=["x"])]).mistakes, ENTRIES)
    assert [each.why for each in of_nobody] == [""]


def test_json_has_sentences_in_plain_words(found: Progress) -> None:
    told = report.to_json(found, report.tell(found.mistakes, ENTRIES))
    assert json.loads(json.dumps(told)) == told
    assert {each["why"] for each in told["mistakes"]} == {
        "Divide the scores by √dₖ before softmax.",
        "Divide both moments by 1 − βᵗ before the update.",
    }


# --- in the terminal ----------------------------------------------------------------------------------------------


def test_eighty_columns_are_enough(found: Progress) -> None:
    lines = printed(found).splitlines()
    assert max(map(len, lines)) <= 80
    text = "\n".join(line.rstrip() for line in lines)
    assert re.search(r"^Answered +300; 19 in the last 7 days, 88 in the last 30$", text, re.MULTILINE)
    assert re.search(r"^  conv\.cross-correlate +\d+ +\d+ +\d+% +\d+ +\d of 3", text, re.MULTILINE)
    assert re.search(r"^  rnn\.unroll \(not installed\) +\d+ +\d+ +\d+% +\d+ +1", text, re.MULTILINE)
    assert re.search(r"× no bias correction \(optim\.adam\): Divide both moments by 1 − βᵗ", text)
    assert "Not practised yet: net.parameter-count and net.shapes" in text
    assert text.endswith("Go on with: quizgen practice")


def test_colour_is_only_colour(found: Progress) -> None:
    coloured = printed(found, force_terminal=True, color_system="standard")
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == printed(found)


def test_a_friendly_line_where_nothing_was_practised() -> None:
    assert printed(progress_of([])) == "Nothing practised yet. Begin with: quizgen practice\n"
    narrowed = progress_of([item(NOW)], names=["conv", "optim.momentum"])
    line = "Nothing practised in conv and optim.momentum yet. Begin with: quizgen practice conv optim.momentum\n"
    assert printed(narrowed) == line  # whole, so that the command can be copied


def test_what_is_gone_is_not_to_be_practised_again() -> None:
    shown = printed(progress_of([item(NOW, "rnn.unroll"), item(NOW)], names=["rnn", "optim"]))
    assert shown.startswith("Progress in rnn and optim")
    assert "Go on with: quizgen practice optim\n" in shown


def test_names_out_of_a_file_move_no_cursor() -> None:
    found = progress_of([item(NOW, f"x{NASTY}", "0", mistakes=[NASTY]), item(NOW)])
    text = printed(found)
    assert "\x1b" not in text
    assert "\u202e" not in text


# --- the page -----------------------------------------------------------------------------------------------------


class Read(HTMLParser):
    """What stands in a page: its elements with their attributes, and the text of its tables."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[list[list[str]]] = []
        self._cell = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._cell = True

    def handle_endtag(self, tag: str) -> None:
        self._cell = self._cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.tables[-1][-1][-1] += data

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def test_the_page_needs_nothing_and_runs_nothing(found: Progress) -> None:
    page = page_of(found)
    read = Read(page)
    assert {tag for tag, _ in read.tags}.isdisjoint({"script", "link", "img", "iframe", "form", "input"})
    for tag, attributes in read.tags:
        assert not [name for name in attributes if name in ("style", "src", "href") or name.startswith("on")], tag
    assert not re.search(r"https?://", page.replace("http://www.w3.org/", ""))
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in read.tags:
        assert set((attributes.get("aria-labelledby") or "").split()) <= set(ids)
    assert len([each for each in read.all("svg") if each.get("role") == "img"]) == 2 + len(found.topics)


def test_every_chart_has_its_figures_in_a_table(found: Progress) -> None:
    days, topics, coming, families = Read(page_of(found)).tables
    assert sum(int(cell) for row in days[1:] for cell in row[1:4]) == sum(t.answered for _, t in found.days)
    assert days[1][0] == "12 May"
    assert topics[0] == ["week from", *(topic.name for topic in found.topics)]
    assert [row[1] for row in topics[1:]] == [percent(week.share) for week in found.topics[0].weeks]
    assert sum(int(row[1]) for row in coming[1:]) == found.due_within(30)
    assert len(families) == 1 + len(found.topics) + len(found.families)
    assert [row[0] for row in families if "rnn.unroll" in row[0]] == ["not installed rnn.unroll"]
    assert sum(int(row[1]) for row in families if "." in row[0]) == 300


def test_the_font_of_formulas_is_there_where_there_is_a_formula() -> None:
    with_one = progress_of([item(NOW, "attention.scores", "0", mistakes=["no scaling"])])
    without = progress_of([item(NOW, "conv.output-size", "0", mistakes=["no + 1"])])
    assert ("<math" in page_of(with_one), "@font-face" in page_of(with_one)) == (True, True)
    assert ("<math" in page_of(without), "@font-face" in page_of(without)) == (False, False)


def test_text_from_outside_is_escaped() -> None:
    page = page_of(progress_of([item(NOW, f"x{NASTY}", "0", mistakes=[NASTY]), item(NOW)]))
    assert "<script" not in page
    assert "\x1b" not in page
    assert page.count("</style>") == 1
    assert "&lt;script&gt;alert(1)" in page


def test_a_page_of_nothing_says_how_to_begin() -> None:
    page = page_of(progress_of([]))
    assert '<p>Nothing practised yet. Begin with <code class="qg-command">quizgen practice</code>.</p>' in page
    assert "<svg" not in page


@pytest.mark.parametrize("zone", [UTC, HERE], ids=str)
@pytest.mark.parametrize("today", ["2026-01-01", "2026-03-01", "2026-02-28", "2026-12-31", "2024-02-29"])
def test_any_day_can_be_today(today: str, zone: Any) -> None:
    now = moment(f"{today} 00:00", zone)
    found = measure([item(now), item(now - 40 * DAY)], History(), ENTRIES, now, zone)
    assert Read(page_of(found)).tables[0][1][0] == on_day(date.fromisoformat(today), found.today)


# --- in a browser -------------------------------------------------------------------------------------------------

Open = Callable[..., Any]


@pytest.fixture
def show(window: Open) -> Open:
    return lambda found, *how, **more: window(page_of(found), *how, **more)


def luminance(colour: str) -> float:
    """The relative luminance of "rgb(…)", as WCAG defines it."""
    parts = [int(x) / 255 for x in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_can_be_told_from_the_page_and_their_layers_from_each_other(
    show: Open, found: Progress, scheme: str
) -> None:
    browser = show(found, scheme=scheme)
    colours = browser.execute_script(
        "const fill = c => getComputedStyle(document.querySelector('.qg-chart ' + c)).fill;"
        "return [getComputedStyle(document.body).backgroundColor,"
        " ...['.qg-fill-right', '.qg-fill-partly', '.qg-fill-wrong', '.qg-scale'].map(fill)]"
    )
    page, right, partly, wrong, scale = colours
    assert min(contrast(page, each) for each in (right, partly, wrong)) >= 3
    assert contrast(page, scale) >= 4.5
    assert contrast(right, partly) >= 1.5


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 360, 1000])
def test_the_page_fits_and_its_charts_stay_inside(show: Open, found: Progress, width: int) -> None:
    browser = show(found, width=width)
    browser.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    outside = browser.execute_script(
        "const page = document.documentElement.clientWidth;"
        "return [...document.querySelectorAll('.qg-chart *, .qg-by-family *, .qg-figures *')].filter(each => {"
        "  const box = each.getBoundingClientRect();"
        "  return box.width && (box.left < 0 || box.right > page + 0.5)}).map(each => each.outerHTML)"
    )
    assert outside == []
    sizes = browser.execute_script(
        "return [...document.querySelectorAll('.qg-chart text')].map(each => each.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 11  # words keep their size however narrow the chart is


@pytest.mark.browser
def test_a_phone_has_a_table_still(show: Open, found: Progress) -> None:
    browser = show(found, width=360)
    tree = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    roles = [node["role"]["value"] for node in tree if not node["ignored"]]
    rows = 1 + len(found.topics) + len(found.families)
    assert (roles.count("table"), roles.count("row")) == (1, rows)
    assert (roles.count("columnheader"), roles.count("rowheader")) == (7, rows - 1)

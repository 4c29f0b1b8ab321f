"""The charts of a report: every figure at its place, and nothing in them that a page or a screen reader trips over."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from markupsafe import Markup

from quizgen.exam import plots
from quizgen.exam.plots import Bar, Box, Point

NASTY = '<script>alert(1)</script> $x_1$ \x1b[2J & "q" 漢字 عربي'
LEVELS = {0.4: "↑ very good", 0.2: "↓ poor"}


def histogram() -> Markup:
    bars = [(0.0, 5.0, 2, "few"), (5.0, 10.0, 0, "none"), (10.0, 15.0, 4, NASTY)]
    return plots.histogram("marks", NASTY, NASTY, bars, {"median 12": 12, f"pass mark {NASTY}": 6})


def stacks(count: int = 3) -> Markup:
    bars = [Bar(str(at + 1), NASTY, ((plots.RIGHT, 3), (plots.WRONG, 0), (plots.OMITTED, 1))) for at in range(count)]
    return plots.stacks("questions", NASTY, NASTY, bars)


def scatter(points: Sequence[tuple[float, float]] = ((0.2, 0.5), (0.9, -0.3), (0.9, -0.3))) -> Markup:
    drawn = [Point(str(at + 1), f"{at + 1}: {NASTY}", x, y, at % 2 == 0) for at, (x, y) in enumerate(points)]
    return plots.scatter("worth", NASTY, NASTY, "share", "separates", drawn, LEVELS)


def boxes() -> Markup:
    return plots.boxes("versions", NASTY, NASTY, 20, [Box("A", "A", (1, 5, 8, 12, 19)), Box(NASTY, NASTY, (4,) * 5)])


def named_bars() -> Markup:
    bars = [("half of them", 0.5, "10 of 20"), (NASTY * 5, 0.25, "5 of 20")]
    return plots.named_bars("slips", NASTY, NASTY, bars)


CHARTS = [histogram, stacks, scatter, boxes, named_bars]


def both(chart: Markup) -> list[ET.Element]:
    """The drawing for a window and the one for a phone."""
    return list(ET.fromstring(f"<page>{chart}</page>"))


def words(drawing: ET.Element) -> list[str]:
    return ["".join(text.itertext()) for text in drawing.iter("text")]


def area(path: ET.Element) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what a path encloses."""
    pairs = [tuple(map(float, pair)) for pair in re.findall(r"(-?[\d.]+) (-?[\d.]+)", path.get("d", ""))]
    return min(x for x, _ in pairs), min(y for _, y in pairs), max(x for x, _ in pairs), max(y for _, y in pairs)


def filled(drawing: ET.Element, variable: str) -> list[tuple[float, float, float, float]]:
    return [area(path) for path in drawing.iter("path") if path.get("fill") == f"var(--{variable})"]


@pytest.mark.parametrize("chart", CHARTS)
def test_nothing_in_a_chart_is_of_matplotlib_s_own_style(chart: object) -> None:
    """Colours are variables of the page, text is text, and ids are of this drawing alone."""
    drawn = chart()  # type: ignore[operator]
    wide, narrow = both(drawn)
    assert [wide.get("class"), narrow.get("class")] == ["qg-drawn qg-wide", "qg-drawn qg-narrow"]
    for each in drawn, str(drawn):
        assert "\x1b" not in each
        assert "<script" not in each
    ids = [each.get("id", "") for drawing in (wide, narrow) for each in drawing.iter() if each.get("id")]
    assert len(set(ids)) == len(ids)
    for drawing in wide, narrow:
        known = {each.get("id") for each in drawing.iter()}
        for each in drawing.iter():
            assert each.tag in {"svg", "title", "desc", "g", "defs", "path", "use", "text"}
            assert not [name for name in each.attrib if name in ("style", "clip-path") or name.startswith("on")]
            for name in ("fill", "stroke"):
                assert re.fullmatch(r"var\(--[a-z]+\)|none", each.get(name, "none"))
            if each.tag == "use":
                assert each.get("href", "").removeprefix("#") in known


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_has_a_title_and_words_for_who_does_not_see_it(chart: object) -> None:
    said = NASTY.replace("\x1b", "\ufffd")
    for drawing in both(chart()):  # type: ignore[operator]
        assert drawing.get("role") == "img"
        by_id = {each.get("id"): each.text for each in drawing.iter() if each.get("id")}
        assert [by_id[name] for name in drawing.get("aria-labelledby", "").split()] == [said, said]


def test_the_same_figures_give_the_same_bytes() -> None:
    """In another process too, and whatever this machine has set for matplotlib."""
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import matplotlib as mpl; "
        "mpl.rcParams['grid.linestyle'] = ':'; mpl.rcParams['ytick.labelsize'] = 30; import test_plots as t; "
        "sys.stdout.buffer.write(''.join(chart() for chart in t.CHARTS).encode())"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert run.stdout.decode() == "".join(chart() for chart in CHARTS)


def test_bars_of_a_histogram_are_as_high_as_they_count_many() -> None:
    for drawing in both(histogram()):
        few, many = filled(drawing, "partly")
        assert few[3] == many[3]  # they stand on one ground
        assert many[3] - many[1] == pytest.approx(2 * (few[3] - few[1]), abs=0.05)
        assert few[2] - few[0] == pytest.approx(many[2] - many[0], abs=0.05)
        said = {"".join(text.itertext()): float(text.get("y", "")) for text in drawing.iter("text")}
        assert max(said["median 12"], said[f"pass mark {NASTY}".replace("\x1b", "\ufffd")]) < many[1]  # above all bars
        titles = [title.text for title in drawing.iter("title")]
        assert titles[1:] == ["few", NASTY.replace("\x1b", "\ufffd")]


def test_the_layers_of_a_bar_stand_one_on_the_other() -> None:
    for drawing in both(stacks()):
        right, omitted = filled(drawing, "right"), filled(drawing, "rule")
        assert len(right) == len(omitted) == 3
        assert filled(drawing, "wrong") == []  # of which there are none
        for below, above in zip(right, omitted, strict=True):
            assert above[3] == pytest.approx(below[1], abs=0.02)
            assert below[3] - below[1] == pytest.approx(3 * (above[3] - above[1]), abs=0.05)


@pytest.mark.parametrize(("count", "shown"), [(8, 8), (20, 10), (60, 12)])
def test_no_more_numbers_stand_under_bars_than_there_is_room_for(count: int, shown: int) -> None:
    _, narrow = both(stacks(count))
    under = [text for text in narrow.iter("text") if text.get("text-anchor") == "middle"]
    assert len(under) == shown
    at = [float(text.get("x", "")) for text in under]
    assert min((b - a for a, b in pairwise(at)), default=99) > 18


def test_points_stand_where_they_belong_and_differ_in_shape() -> None:
    for drawing in both(scatter()):
        good, bad, same = [(float(use.get("x", "")), float(use.get("y", ""))) for use in drawing.iter("use")][-3:]
        assert good[0] < bad[0]
        assert good[1] < bad[1]
        assert bad == same
        shapes = {use.get("href"): use.get("fill") for use in drawing.iter("use")}
        assert sorted(str(colour) for colour in shapes.values()) == ["var(--right)", "var(--wrong)"]
        assert [word for word in words(drawing) if word.startswith(("↑", "↓"))] == list(LEVELS.values())


def test_names_of_points_that_are_near_do_not_cover_each_other() -> None:
    points = [(0.5 + 0.04 * (at % 4), 0.5 + 0.02 * (at // 4)) for at in range(12)]
    for drawing in both(scatter(points)):
        found = [each for each in drawing.iter("text") if each.get("fill") == "var(--ink)"]
        assert ["".join(each.itertext()) for each in found] == [str(number) for number in range(1, 13)]
        places = [(float(each.get("x", "")), float(each.get("y", ""))) for each in found]
        for (x, y), (a, b) in combinations(places, 2):
            assert abs(x - a) >= 7 or abs(y - b) >= 9


def test_a_box_goes_from_quartile_to_quartile() -> None:
    for drawing in both(boxes()):
        first, second = filled(drawing, "partly")
        assert second[2] - second[0] == pytest.approx(0, abs=0.02)
        wide = (first[2] - first[0]) / 7  # from 5 to 12
        assert second[0] - first[0] == pytest.approx(-wide, abs=0.05)  # at 4
        assert words(drawing)[-2] == "A"
        assert words(drawing)[-1].startswith("<script>alert")
        assert len(words(drawing)[-1]) <= 16


def test_named_bars_are_as_long_as_their_share() -> None:
    for drawing in both(named_bars()):
        (whole, _), (half, quarter) = filled(drawing, "wash"), filled(drawing, "wrong")
        assert half[2] - half[0] == pytest.approx((whole[2] - whole[0]) / 2, abs=0.05)
        assert quarter[2] - quarter[0] == pytest.approx((whole[2] - whole[0]) / 4, abs=0.05)
        assert words(drawing)[:2] == ["half of them", "10 of 20"]
        assert words(drawing)[2].endswith("…")

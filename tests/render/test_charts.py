"""Charts: every figure at its place, and nothing in them that a strict policy or a screen reader would trip over."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from quizgen.render.charts import Stack, bars, line, meter

SVG = re.compile(r"<svg.*</svg>", re.DOTALL)
NASTY = "<script>alert(1)</script> & \"quotes\" 'here'"


def tree(chart: Markup) -> ET.Element:
    assert SVG.fullmatch(chart)
    return ET.fromstring(chart)


def number(text: str | None) -> float:
    return float((text or "").removesuffix("%"))


def layers(chart: Markup) -> list[list[tuple[str, float, float]]]:
    """Of each bar that is drawn the layers: class, top and height."""
    return [
        [(rect.get("class", ""), number(rect.get("y")), number(rect.get("height"))) for rect in group.iter("rect")]
        for group in tree(chart).findall("g")
        if group.find("title") is not None
    ]


def words(chart: Markup, kind: str) -> list[str]:
    if kind == "under":
        return [text.text or "" for text in tree(chart).iterfind("g[@class='qg-words']/text")]
    return [text.text or "" for text in tree(chart).iterfind("text[@class='qg-scale']")]


THREE = [
    Stack("Monday", (("right", 2), ("wrong", 1))),
    Stack("Tuesday", (("right", 0), ("wrong", 0))),
    Stack("Wednesday", (("right", 0), ("wrong", 4))),
]


def test_bars_stand_on_the_ground_one_on_the_other() -> None:
    chart = bars("days", "Answers", "How many.", THREE, {})
    monday, wednesday = layers(chart)
    (_, right_top, right), (_, wrong_top, wrong) = monday
    ground = right_top + right
    assert right == pytest.approx(2 * wrong)
    assert wrong_top + wrong == pytest.approx(right_top)
    assert wednesday == [("wrong", pytest.approx(ground - 4 * wrong), pytest.approx(4 * wrong))]
    assert [group.findtext("title") for group in tree(chart).findall("g")[:2]] == ["Monday", "Wednesday"]


def test_bars_share_the_width() -> None:
    rects = list(tree(bars("days", "Answers", "How many.", THREE, {})).iter("rect"))
    left, right = number(rects[0].get("x")), number(rects[-1].get("x")) + number(rects[-1].get("width"))
    assert (left, right) == (pytest.approx(100 - right, abs=0.02), pytest.approx(100 - left, abs=0.02))
    assert all(rect.get("x", "").endswith("%") and rect.get("width", "").endswith("%") for rect in rects)


@pytest.mark.parametrize(
    ("most", "scale"),
    [
        (0, ["0", "1"]),
        (1, ["0", "1"]),
        (4, ["0", "1", "2", "3", "4"]),
        (5, ["0", "2", "4", "6"]),
        (23, ["0", "10", "20", "30"]),
        (180, ["0", "50", "100", "150", "200"]),
        (3001, ["0", "1,000", "2,000", "3,000", "4,000"]),
    ],
)
def test_the_scale_has_few_round_numbers(most: int, scale: list[str]) -> None:
    assert words(bars("x", "T", "A.", [Stack("", (("right", most),))], {}), "scale") == scale


@given(st.lists(st.integers(0, 10**7), max_size=90))
def test_no_bar_leaves_the_chart(counts: list[int]) -> None:
    chart = bars("x", "T", "A.", [Stack("", (("right", count),)) for count in counts], {})
    for ((_, top, height),) in layers(chart):
        assert top >= 6 - 0.01
        assert top + height == pytest.approx(166, abs=0.02)


def test_words_under_the_bars_stay_inside() -> None:
    stacks = [Stack("", (("right", 1),))] * 84
    chart = bars("x", "T", "A.", stacks, {83: "today", 0: "Sep", 40: "Oct"})
    texts = tree(chart).findall("g[@class='qg-words']/text")
    assert [text.text for text in texts] == ["Sep", "Oct", "today"]
    assert [(text.get("x"), text.get("text-anchor")) for text in texts] == [
        ("0%", "start"),
        ("48.21%", "middle"),
        ("100%", "end"),
    ]


def test_a_line_goes_through_its_points_and_over_gaps() -> None:
    chart = tree(line("x", "T", "A.", [0.0, None, 1.0, 0.5], {0: "first"}))
    dots = [(number(dot.get("cx")), number(dot.get("cy"))) for dot in chart.iter("circle")]
    assert [x for x, _ in dots] == [12.5, 62.5, 87.5]
    bottom, top, middle = (y for _, y in dots)
    assert top < middle < bottom
    assert middle == pytest.approx((top + bottom) / 2)
    strokes = [each for each in chart.iter("line") if each.get("class") == "qg-stroke"]
    ends = [tuple(number(each.get(name)) for name in ("x1", "y1", "x2", "y2")) for each in strokes]
    assert ends == [(*dots[0], *dots[1]), (*dots[1], *dots[2])]


def test_a_line_without_points_is_an_empty_chart() -> None:
    chart = tree(line("x", "T", "A.", [None] * 12, {}))
    assert list(chart.iter("circle")) == []
    assert words(line("x", "T", "A.", [None], {}), "scale") == ["0%", "50%", "100%"]


def test_a_meter_is_so_full_and_says_nothing() -> None:
    chart = tree(meter(0.25))
    assert chart.get("aria-hidden") == "true"
    assert [rect.get("width") for rect in chart.iter("rect")] == ["100%", "25%"]


@pytest.mark.parametrize(
    "chart",
    [
        bars("a-1", NASTY, NASTY, [Stack(NASTY, (("right", 1),))], {0: NASTY}),
        line("a-1", NASTY, NASTY, [0.5, 1.0], {0: NASTY}),
    ],
    ids=["bars", "line"],
)
def test_a_chart_has_a_title_and_words_and_no_style_or_script(chart: Markup) -> None:
    root = tree(chart)
    assert root.get("role") == "img"
    by_id = {each.get("id"): each.text for each in root.iter() if each.get("id")}
    assert [by_id[name] for name in (root.get("aria-labelledby") or "").split()] == [NASTY, NASTY]
    for each in root.iter():
        assert each.tag in {"svg", "title", "desc", "g", "line", "rect", "circle", "text"}
        assert not [name for name in each.attrib if name == "style" or name.startswith("on") or "href" in name]

"""The charts of an exam's report: drawn by matplotlib, as SVG that stands in the page and needs no script.

Text stays text, and a colour is a variable of the page's style sheet, so that light, dark and paper have their own.
Each chart is drawn twice, for a window and for a phone, of which `assets/exam_report.css` shows one. The same figures
give the same bytes. Whoever places a chart gives its figures in a table or in words too.
"""

from __future__ import annotations

import io
import re
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from quizgen.render.html import printable
from quizgen.render.html_markup import raw

__all__ = ["Bar", "Box", "Point", "boxes", "histogram", "named_bars", "scatter", "stacks"]

# Each stands for the variable of the style sheet that takes its place.
INK, SOFT, RULE, EDGE = "#000001", "#000002", "#000003", "#000004"
RIGHT, PARTLY, WRONG, OMITTED, PAPER, WASH = "#000005", "#000006", "#000007", "#000008", "#000009", "#00000a"
VARIABLES: Final = {
    INK: "ink", SOFT: "soft", RULE: "rule", EDGE: "edge", RIGHT: "right", PARTLY: "partly", WRONG: "wrong",
    OMITTED: "rule", PAPER: "paper", WASH: "wash",
}  # fmt: skip
WIDTHS: Final = {"wide": 660, "narrow": 330}
"""In pixels, in which all is measured: of a chart in a window, and on a phone."""
HIGH: Final = 230
SIZE: Final = 12  # of letters
LETTER: Final = 0.62 * SIZE  # how wide one is at most, on average
STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a name may hold a dollar
    "font.size": SIZE,
    "text.color": SOFT,
    "axes.edgecolor": EDGE,
    "axes.labelcolor": SOFT,
    "axes.axisbelow": True,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "grid.color": RULE,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.major.pad": 6,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
}


@dataclass(frozen=True, slots=True)
class Bar:
    """``label``: what stands under it; ``about``: what a pointer over it is told; ``layers``: colours, and how much."""

    label: str
    about: str
    layers: tuple[tuple[str, float], ...]

    @property
    def total(self) -> float:
        return sum(much for _, much in self.layers)


@dataclass(frozen=True, slots=True)
class Point:
    """``good``: drawn round; what is not is a square, so that they differ in more than their colour."""

    label: str
    about: str
    x: float
    y: float
    good: bool


@dataclass(frozen=True, slots=True)
class Box:
    """``five``: the least, the lower quartile, the median, the upper quartile and the most."""

    label: str
    about: str
    five: tuple[float, float, float, float, float]


@dataclass
class Drawing:
    """A chart that is being drawn: where, how wide in pixels, and what a pointer over its pieces is told."""

    axes: Axes
    width: int
    told: dict[str, str] = field(default_factory=dict)

    def tell(self, about: str) -> str:
        """The id of a piece about which there is something to say."""
        name = f"told-{len(self.told)}"
        self.told[name] = about
        return name


# --- the charts -----------------------------------------------------------------------------------------------------


def histogram(
    name: str, title: str, about: str, bars: Sequence[tuple[float, float, int, str]], marks: Mapping[str, float]
) -> Markup:
    """How many are where.

    ``bars``: from where to where, how many, and what a pointer over it is told; ``marks``: words, each for a line at
    some height of the scale. ``name`` is what the drawing's ids begin with; ``about`` says in words what it shows.
    """

    def draw(to: Drawing) -> None:
        axes, low, high = to.axes, bars[0][0], bars[-1][1]
        for left, right, count, told in bars:
            if count:
                bar = Rectangle((left, 0), right - left, count, facecolor=PARTLY, edgecolor=PAPER, gid=to.tell(told))
                _add(axes, bar)
        most = max(count for *_, count, _ in bars)
        axes.set_xlim(low, high)
        axes.set_ylim(0, most * 1.02 or 1)
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        _numbers(to)
        axes.grid(axis="y")
        for at, (word, x) in enumerate(sorted(marks.items(), key=lambda mark: mark[1])):
            # One line of words above the other, and each on the side where there is room.
            top = 1 + 18 * (len(marks) - at) / HIGH
            axes.axvline(x, 0, top, color=INK, linestyle=":" if at else "--", linewidth=1.5, clip_on=False)
            left = x > (low + high) / 2
            axes.annotate(
                word, (x, top), (-4 if left else 4, 0), xycoords=("data", "axes fraction"),
                textcoords="offset pixels", ha="right" if left else "left", va="top", color=INK,
            )  # fmt: skip

    return _chart(name, title, about, HIGH, draw, top=18 * len(marks) + 8)


def stacks(name: str, title: str, about: str, bars: Sequence[Bar]) -> Markup:
    """A bar for each, of layers from the ground up. The other arguments are those of `histogram`."""

    def draw(to: Drawing) -> None:
        axes = to.axes
        for at, bar in enumerate(bars):
            ground = 0.0
            for colour, much in bar.layers:
                if much:
                    place = Rectangle((at - 0.38, ground), 0.76, much, facecolor=colour, edgecolor="none")
                    place.set_gid(to.tell(bar.about))
                    _add(axes, place)
                ground += much
        axes.set_xlim(-0.5, len(bars) - 0.5)
        axes.set_ylim(0, max((bar.total for bar in bars), default=0) or 1)
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        every = next(step for step in (1, 2, 5, 10, 20, 50, 100) if len(bars) / step * 2.6 * LETTER <= to.width)
        shown = [at for at in range(len(bars)) if (at + 1) % every == 0]
        axes.set_xticks(shown, [bars[at].label for at in shown])
        axes.grid(axis="y")

    return _chart(name, title, about, 210, draw)


def scatter(
    name: str, title: str, about: str, across: str, up: str, points: Sequence[Point], levels: Mapping[float, str]
) -> Markup:
    """Points with their names: shares from 0 to 1 across, and correlations.

    ``across`` and ``up`` name the scales; ``levels``: lines at some heights, each with a word. The other arguments are
    those of `histogram`.
    """

    def draw(to: Drawing) -> None:
        axes = to.axes
        heights = [point.y for point in points]
        low = min(-0.1, *(y - 0.1 for y in heights))
        high = min(1.05, max(0.7, *(y + 0.12 for y in heights)))
        axes.set_xlim(-0.04, 1.04)
        axes.set_ylim(low, high)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
        axes.yaxis.set_major_locator(MaxNLocator(6))
        axes.set_xlabel(across)
        axes.annotate(up, (0, 1), (-36, 8), xycoords="axes fraction", textcoords="offset pixels")
        axes.axhline(0, color=EDGE, linewidth=1)
        for y, word in levels.items():
            axes.axhline(y, color=RULE, linewidth=1)
            axes.annotate(
                word, (1, y), (4, 0), xycoords=("axes fraction", "data"), textcoords="offset pixels", va="center",
                fontsize=SIZE - 1,
            )  # fmt: skip
        for point in points:
            axes.plot(
                [point.x], [point.y], marker="o" if point.good else "s", color=RIGHT if point.good else WRONG,
                markersize=9, markeredgecolor=PAPER, linestyle="none", clip_on=False, gid=to.tell(point.about),
            )  # fmt: skip
        for point, (x, y) in zip(points, _apart(axes, points), strict=True):
            axes.annotate(
                point.label, (point.x, point.y), (x, y), textcoords="offset pixels", ha="center", va="center", color=INK
            )

    return _chart(name, title, about, 300, draw, top=26, bottom=46, right=12 + max(map(len, levels.values())) * LETTER)


def boxes(name: str, title: str, about: str, of: float, groups: Sequence[Box]) -> Markup:
    """A box from quartile to quartile for each group, with its median, and lines to the least and the most.

    ``of``: where the scale ends, which begins at 0. The other arguments are those of `histogram`.
    """
    names = [_short(group.label, 16) for group in groups]

    def draw(to: Drawing) -> None:
        axes = to.axes
        for at, group in enumerate(groups):
            least, lower, median, upper, most = group.five
            axes.plot([least, most], [at, at], color=EDGE, linewidth=1.5, clip_on=False)
            for end in (least, most):
                axes.plot([end, end], [at - 0.15, at + 0.15], color=EDGE, linewidth=1.5, clip_on=False)
            about = to.tell(group.about)
            place = Rectangle((lower, at - 0.3), upper - lower, 0.6, facecolor=PARTLY, edgecolor=EDGE, gid=about)
            place.set_zorder(3)  # over the line from the least to the most
            _add(axes, place)
            axes.plot([median, median], [at - 0.3, at + 0.3], color=INK, linewidth=3, clip_on=False, zorder=4)
        axes.set_xlim(0, of)
        axes.set_ylim(len(groups) - 0.5, -0.5)
        axes.set_yticks(range(len(groups)), names)
        _numbers(to)
        axes.grid(axis="x")

    left = 16 + max(map(len, names)) * LETTER
    return _chart(name, title, about, 30 + 36 * len(groups), draw, left=left)


def named_bars(name: str, title: str, about: str, bars: Sequence[tuple[str, float, str]]) -> Markup:
    """Bars from the left, each a name, which stands above it, its share, from 0 to 1, and that in words, behind it.

    The other arguments are those of `histogram`.
    """

    def draw(to: Drawing) -> None:
        axes = to.axes
        for at, (label, share, words) in enumerate(bars):
            axes.text(0, at - 0.18, _short(label, int(to.width / LETTER)), color=INK, va="center")
            for colour, much in ((WASH, 1.0), (WRONG, share)):
                _add(axes, Rectangle((0, at + 0.08), much, 0.3, facecolor=colour, edgecolor="none"))
            axes.annotate(words, (1, at + 0.23), (8, 0), textcoords="offset pixels", va="center")
        axes.set_xlim(0, 1)
        axes.set_ylim(len(bars) - 0.4, -0.5)
        axes.axis("off")

    right = 12 + max(len(words) for *_, words in bars) * LETTER
    return _chart(name, title, about, 40 * len(bars), draw, left=2, right=right, bottom=2)


def _numbers(to: Drawing) -> None:
    """Round numbers under a scale, as many as there is room for."""
    axis = to.axes.xaxis
    axis.set_major_locator(MaxNLocator(12 if to.width > 400 else 6, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))


def _add(axes: Axes, piece: Rectangle) -> None:
    piece.set_clip_on(False)
    axes.add_artist(piece)


def _short(text: str, most: int) -> str:
    """A name on one line that is not too long for its place."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _apart(axes: Axes, points: Sequence[Point]) -> Iterator[tuple[float, float]]:
    """For each point where its name stands, in pixels from it: where it covers least of what is there already."""
    places = [tuple(map(float, axes.transData.transform((point.x, point.y)))) for point in points]
    taken = [(x - 5, y - 5, x + 5, y + 5) for x, y in places]
    for point, (x, y) in zip(points, places, strict=True):
        wide = len(point.label) * LETTER / 2 + 1
        sides = [(0, 1), (1, 0), (-1, 0), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)]
        tries = [(a * (wide + far - 6), b * far) for far in (12, 22, 32) for a, b in sides]
        boxes = [(x + a - wide, y + b - 6, x + a + wide, y + b + 6) for a, b in tries]
        covered = [sum(_shared(box, other) for other in taken) for box in boxes]
        best = covered.index(min(covered))
        taken.append(boxes[best])
        yield tries[best]


def _shared(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """The area that two rectangles share."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    return max(0.0, across) * max(0.0, min(one[3], other[3]) - max(one[1], other[1]))


# --- from a figure to a page ----------------------------------------------------------------------------------------


def _chart(
    name: str,
    title: str,
    about: str,
    height: float,
    draw: Callable[[Drawing], None],
    *,
    left: float = 40,
    right: float = 14,
    top: float = 8,
    bottom: float = 24,
) -> Markup:
    """The chart in each of its widths; ``height`` is that of what lies between the margins, all in pixels."""
    made = []
    whole = height + top + bottom
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # the browser has others
        mpl.rcdefaults()  # not what this user or this machine likes
        mpl.rcParams.update(STYLE)
        for kind, width in WIDTHS.items():
            figure = Figure(figsize=(width / 72, whole / 72), dpi=72)
            place = (left / width, bottom / whole, 1 - (left + right) / width, height / whole)
            to = Drawing(figure.add_axes(place), width)
            draw(to)
            out = io.BytesIO()
            figure.savefig(out, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
            made.append(_svg(out.getvalue().decode(), f"{name}-{kind}", kind, title, about, to.told))
    return Markup().join(made)


_LONG = re.compile(r"\d+\.\d{3,}")


def _svg(drawn: str, name: str, kind: str, title: str, about: str, told: Mapping[str, str]) -> Markup:
    """What matplotlib drew as an element of a page: without its own style, and with ids that are nobody else's."""
    root = ET.fromstring(printable(drawn))  # noqa: S314  # our own drawing
    for each in list(root):
        if _local(each.tag) in ("metadata", "defs"):  # a style for everything on the page
            root.remove(each)
    ids = {each.get("id", ""): f"{name}-{at}" for at, each in enumerate(root.iter()) if each.get("id")}
    for each in list(root.iter()):
        each.tag = _local(each.tag)
        each.tail = None  # blanks and new lines
        each.text = each.text if each.tag == "text" else None
        here = each.attrib.pop("id", "")
        styled = dict(pair.split(": ", 1) for pair in each.attrib.pop("style", "").split("; ") if pair)
        kept = {_local(key): value for key, value in each.attrib.items()} | styled
        each.attrib = {key: _value(key, value, ids) for key, value in kept.items() if key in ATTRIBUTES}
        if here in told:
            tooltip = ET.Element("title")
            tooltip.text = told[here]
            each.insert(0, tooltip)
        elif here and each.tag == "path":  # a marker, drawn where it is used
            each.set("id", ids[here])
    root.attrib = {
        "class": f"qg-drawn qg-{kind}", "viewBox": root.get("viewBox", ""), "role": "img",
        "aria-labelledby": f"{name}-title {name}-desc", "stroke-linejoin": "round",
    }  # fmt: skip
    for at, (tag, words) in enumerate((("title", title), ("desc", about))):
        said = ET.Element(tag, id=f"{name}-{tag}")
        said.text = words
        root.insert(at, said)
    return raw(printable(ET.tostring(root, encoding="unicode")))


ATTRIBUTES: Final = {
    "viewBox", "d", "x", "y", "transform", "href", "fill", "stroke", "stroke-width", "stroke-linecap",
    "stroke-linejoin", "stroke-dasharray", "stroke-dashoffset", "font-size", "text-anchor",
}  # fmt: skip
"""What is kept of an element. The font is that of the page, and nothing lies outside, where it would be cut off."""


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _value(key: str, value: str, ids: Mapping[str, str]) -> str:
    if key in ("fill", "stroke"):
        return f"var(--{VARIABLES[value]})" if value in VARIABLES else value
    if key == "href":
        return f"#{ids[value[1:]]}"
    short = _LONG.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), value)
    return " ".join(short.split())

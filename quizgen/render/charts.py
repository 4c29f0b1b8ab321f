"""Charts as inline SVG, for a page on its own and for a site whose policy forbids inline style.

Across, everything is placed in percent, so that a chart is as wide as its place and its words keep their size. Colours
are classes of `assets/progress.css`, which also keeps room at the left for the words of the scale. Each chart bears a
title and says what it shows; whoever places one gives the same figures as a table or in words too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count, pairwise

from markupsafe import Markup

__all__ = ["Stack", "bars", "line", "meter"]

_BARS, _LINE = 160, 84  # heights of what is drawn, in pixels; the words below come on top of that
_WORDS = 22
_ABOVE = 6  # so that the topmost word of the scale is not cut
_STEPS = 4  # of a scale, at most
_FILLED = 0.76  # the share of its place that a bar fills


@dataclass(frozen=True, slots=True)
class Stack:
    """A bar: what a pointer over it is told, and its layers from the ground up, each a class and how much."""

    label: str
    layers: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        return sum(much for _, much in self.layers)


def bars(name: str, title: str, about: str, stacks: Sequence[Stack], marks: Mapping[int, str]) -> Markup:
    """A bar for each stack.

    ``name``: what the drawing's ids begin with, unlike any other on the page; ``about``: what it shows, in words;
    ``marks``: words to stand under some of the bars, by the place of the bar.
    """
    step, top = _scale(max((stack.total for stack in stacks), default=0))
    levels = {at / top: f"{at:,}" for at in range(0, top + 1, step)}
    drawn = Markup().join(_bar(stack, at, len(stacks), top) for at, stack in enumerate(stacks) if stack.total)
    return _chart(name, title, about, _BARS, levels, drawn, _under(marks, len(stacks), _BARS))


def line(name: str, title: str, about: str, shares: Sequence[float | None], marks: Mapping[int, str]) -> Markup:
    """Shares, from 0 to 1, as points along a line; where there is None the line goes on to the next point.

    The other arguments are those of `bars`.
    """
    points = [
        (_middle(at, len(shares)), _ABOVE + _LINE * (1 - share)) for at, share in enumerate(shares) if share is not None
    ]
    drawn = Markup().join(
        Markup('<line class="qg-stroke" x1="{}%" y1="{}" x2="{}%" y2="{}"/>').format(*map(_n, (*one, *other)))
        for one, other in pairwise(points)
    ) + Markup().join(Markup('<circle class="qg-dot" cx="{}%" cy="{}" r="3"/>').format(_n(x), _n(y)) for x, y in points)
    levels = {0: "0%", 0.5: "50%", 1: "100%"}
    return _chart(name, title, about, _LINE, levels, drawn, _under(marks, len(shares), _LINE))


def meter(share: float) -> Markup:
    """A share, from 0 to 1, as a bar that is so full. It is hidden from screen readers: the number stands beside it."""
    return Markup(
        '<svg class="qg-meter" width="100%" height="6" aria-hidden="true" focusable="false">'
        '<rect class="qg-ground" width="100%" height="6" rx="3"/>'
        '<rect class="qg-fill-right" width="{}%" height="6" rx="3"/></svg>'
    ).format(_n(100 * share))


def _chart(
    name: str, title: str, about: str, height: int, levels: Mapping[float, str], drawn: Markup, under: Markup
) -> Markup:
    scale = Markup().join(_level(_ABOVE + height * (1 - share), word) for share, word in levels.items())
    return Markup(
        '<svg class="qg-chart" width="100%" height="{0}" overflow="visible" role="img" '
        'aria-labelledby="{1}-title {1}-desc"><title id="{1}-title">{2}</title><desc id="{1}-desc">{3}</desc>'
        '{4}{5}<g class="qg-words">{6}</g></svg>'
    ).format(_ABOVE + height + _WORDS, name, title, about, scale, drawn, under)


def _level(y: float, word: str) -> Markup:
    return Markup(
        '<line class="qg-level" x1="0" y1="{0}" x2="100%" y2="{0}"/>'
        '<text class="qg-scale" x="-6" y="{0}" dy="0.33em" text-anchor="end">{1}</text>'
    ).format(_n(y), word)


def _bar(stack: Stack, at: int, places: int, top: int) -> Markup:
    width = _FILLED * 100 / places
    left = _middle(at, places) - width / 2
    ground, layers = float(_ABOVE + _BARS), Markup()
    for kind, much in stack.layers:
        height = _BARS * much / top
        ground -= height
        if much:
            layers += Markup('<rect class="{}" x="{}%" y="{}" width="{}%" height="{}"/>').format(
                kind, _n(left), _n(ground), _n(width), _n(height)
            )
    return Markup("<g><title>{}</title>{}</g>").format(stack.label, layers)


def _under(marks: Mapping[int, str], places: int, height: int) -> Markup:
    """Words under the bars; one that would stand out at an end begins or ends there."""
    words = Markup()
    for at, word in sorted(marks.items()):
        x, anchor = _middle(at, places), "middle"
        if x < 5:
            x, anchor = 0, "start"
        elif x > 95:
            x, anchor = 100, "end"
        words += Markup('<text x="{}%" y="{}" text-anchor="{}">{}</text>').format(
            _n(x), _ABOVE + height + _WORDS - 5, anchor, word
        )
    return words


def _middle(at: int, places: int) -> float:
    """Where the place ``at`` of so many has its middle, in percent."""
    return 100 * (at + 0.5) / places


def _scale(most: int) -> tuple[int, int]:
    """The step of a scale and its top: 1, 2 or 5 times a power of ten, in few steps.

    >>> _scale(3), _scale(17), _scale(84), _scale(0)
    ((1, 3), (5, 20), (50, 100), (1, 1))
    """
    step = next(digit * 10**zeros for zeros in count() for digit in (1, 2, 5) if digit * 10**zeros * _STEPS >= most)
    return step, step * max(1, -(-most // step))


def _n(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")

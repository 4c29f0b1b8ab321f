"""What figures are drawn of: boxes, paths, arrowheads and words at fixed places, for two printers.

Each figure is laid out once as a scene, which `as_svg.py` and `as_tikz.py` write down; so both show the same picture.
The unit is the CSS pixel at full size: x to the right, y downwards. Words are placed by the middle of their line.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Literal

from quizgen.label import Label

Point = tuple[float, float]
Ink = Literal["ink", "accent"]

LABEL, SMALL = 18.0, 15.0  # sizes of letters; a drawing is not shown at less than 0.6 of its size
THIN, LINE, THICK = 1.0, 1.5, 3.2  # widths of lines
PAPER, WIDE, NARROW = 860.0, 740.0, 400.0  # how wide a drawing may be on paper, where it is scaled; a desk; a phone
ACCENT, TINT = "#c2500f", "#2f74b5"  # 3 to 1 or better against both white and near-black


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its upper left corner. `grey` and `tint` fill it, from 0 to 1; `width` 0 draws no border."""

    x: float
    y: float
    w: float
    h: float
    radius: float = 0.0
    width: float = LINE
    ink: Ink = "ink"
    dashed: bool = False
    grey: float = 0.0
    tint: float = 0.0


@dataclass(frozen=True, slots=True)
class Path:
    """A line through `points`; or, `curved`, a first point and then triples of cubic Bézier points."""

    points: tuple[Point, ...]
    curved: bool = False
    width: float = LINE
    ink: Ink = "ink"
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """A filled arrowhead whose tip is at (x, y) and that points right or down."""

    x: float
    y: float
    down: bool = False
    size: float = 9.0
    ink: Ink = "ink"

    @property
    def corners(self) -> tuple[Point, Point, Point]:
        back, half = self.size, self.size * 0.42
        if self.down:
            return (self.x, self.y), (self.x - half, self.y - back), (self.x + half, self.y - back)
        return (self.x, self.y), (self.x - back, self.y - half), (self.x - back, self.y + half)


@dataclass(frozen=True, slots=True)
class Words:
    """A label on one line, by the middle of the line's height."""

    x: float
    y: float
    label: Label
    size: float = LABEL
    anchor: Literal["start", "middle", "end"] = "middle"


Shape = Box | Path | Head | Words


@dataclass(frozen=True, slots=True)
class Scene:
    """A finished drawing; nothing of it lies outside its width and height."""

    width: float
    height: float
    shapes: tuple[Shape, ...]


def scene(shapes: Iterable[Shape], margin: float = 3.5) -> Scene:
    """The shapes, moved so that all fit tightly into a scene; thin lines at whole numbers fall on whole pixels."""
    every = tuple(shapes)
    spans = [_span(shape) for shape in every]
    left, top = (floor(min(span[side] for span in spans)) - margin for side in (0, 1))
    right, bottom = (ceil(max(span[side] for span in spans)) + margin for side in (2, 3))
    return Scene(right - left, bottom - top, tuple(move(shape, -left, -top) for shape in every))


def move(shape: Shape, dx: float, dy: float) -> Shape:
    if isinstance(shape, Path):
        return replace(shape, points=tuple((x + dx, y + dy) for x, y in shape.points))
    return replace(shape, x=shape.x + dx, y=shape.y + dy)


def _span(shape: Shape) -> tuple[float, float, float, float]:
    match shape:
        case Box():
            return shape.x, shape.y, shape.x + shape.w, shape.y + shape.h
        case Words():
            width = shape.label.width(shape.size)
            left = shape.x - {"start": 0.0, "middle": width / 2, "end": width}[shape.anchor]
            return left, shape.y - 0.62 * shape.size, left + width, shape.y + 0.62 * shape.size
        case Path():
            points: tuple[Point, ...] = shape.points
        case Head():
            points = shape.corners
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)

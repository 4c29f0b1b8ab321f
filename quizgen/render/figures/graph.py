"""The drawing of a computation graph.

Kinds differ in shape, not in colour: an input has square corners, an operation is round, an output has a double
border. Below a node's label stands its value; along an edge its label, and its gradient with an arrow against the
flow. A marked edge is thick as well as coloured.
"""

from functools import lru_cache

from quizgen.figures import ComputationGraph, Node
from quizgen.label import Label, math
from quizgen.render.figures.layout import Point, Size, place
from quizgen.render.figures.scene import (
    LABEL,
    LINE,
    SMALL,
    THICK,
    THIN,
    Box,
    Head,
    Ink,
    Path,
    Scene,
    Shape,
    Words,
    scene,
)

_HIGH, _VALUE = 36.0, 22.0  # of the part of a box that holds the label, the value


def draw(figure: ComputationGraph, width: float) -> Scene:
    """From left to right where that is not wider than `width`, else from top to bottom if that is narrower."""
    across = _drawn(figure, False, width)
    if across.width <= width:
        return across
    return min(across, _drawn(figure, True, 1e9), key=lambda scene: scene.width)


@lru_cache(maxsize=16)
def _drawn(figure: ComputationGraph, down: bool, longest: float) -> Scene:
    boxes = [_size(node) for node in figure.nodes]
    number = {node.name: at for at, node in enumerate(figure.nodes)}
    edges = [(number[edge.source], number[edge.target]) for edge in figure.edges]
    labels = [_edge_labels(edge.label, edge.gradient, down) for edge in figure.edges]
    sizes = [[(label.width(SMALL) + 2, SMALL * 1.15) for label in own] for own in labels]
    radii = [_radius(node, box) for node, box in zip(figure.nodes, boxes, strict=True)]
    placed = place(_turned(boxes, down), edges, [_turned(own, down) for own in sizes], radii, longest - 8)

    shapes: list[Shape] = []
    order = sorted(range(len(edges)), key=lambda at: figure.edges[at].marked)  # marked ones lie on top
    for at in order:
        shapes += _edge([_turn(point, down) for point in placed.edges[at]], figure.edges[at].marked, down)
    for node, box, centre in zip(figure.nodes, boxes, placed.nodes, strict=True):
        shapes += _node(node, box, _turn(centre, down))
    for own, centres in zip(labels, placed.labels, strict=True):
        for label, centre in zip(own, centres, strict=True):
            x, y = _turn(centre, down)
            shapes.append(Words(x, y, label, SMALL))
    return scene(shapes)


def _turn(point: Point, down: bool) -> Point:
    return (point[1], point[0]) if down else point


def _turned(sizes: list[Size], down: bool) -> list[Size]:
    return [(high, wide) for wide, high in sizes] if down else sizes


def _size(node: Node) -> Size:
    wide = math(node.label).width(LABEL) + (24 if node.kind == "input" else 30)
    high = _HIGH
    if node.value:
        wide = max(wide, math(node.value).width(SMALL) + 18)
        high += _VALUE
    return max(wide, 44.0), high


def _radius(node: Node, size: Size) -> float:
    return {"input": 0.0, "operation": min(size[1] / 2, 18.0), "output": 5.0}[node.kind]


def _edge_labels(label: str, gradient: str, down: bool) -> list[Label]:
    back = math(r"\uparrow" if down else r"\leftarrow")
    return [math(label)] * bool(label) + [back + math(gradient)] * bool(gradient)


def _node(node: Node, size: Size, centre: Point) -> list[Shape]:
    (wide, high), (x, y) = size, centre
    left, top = x - wide / 2, y - high / 2
    radius = _radius(node, size)
    shapes: list[Shape] = [Box(left, top, wide, high, radius, width=LINE, grey=0.05)]
    if node.kind == "output":
        shapes.append(Box(left + 3.5, top + 3.5, wide - 7, high - 7, max(0.0, radius - 3), width=THIN))
    shapes.append(Words(x, top + _HIGH / 2 + 0.5, math(node.label), LABEL))
    if node.value:
        inset = 3.5 if node.kind == "output" else 0.0
        shapes.append(Path(((left + inset, top + _HIGH), (left + wide - inset, top + _HIGH)), width=THIN))
        shapes.append(Words(x, top + _HIGH + _VALUE / 2 - inset / 2, math(node.value), SMALL))
    return shapes


def _edge(points: list[Point], marked: bool, down: bool) -> list[Shape]:
    ink: Ink = "accent" if marked else "ink"
    size = 13.0 if marked else 9.0
    tip = points[-1]
    shift = (0.0, 1 - size) if down else (1 - size, 0.0)
    bend, end = ((x + shift[0], y + shift[1]) for x, y in points[-2:])
    return [
        Path((*points[:-2], bend, end), curved=True, width=THICK if marked else LINE, ink=ink),
        Head(*tip, down=down, size=size, ink=ink),
    ]

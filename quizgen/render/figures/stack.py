"""The drawing of a layer stack.

Downwards, each layer is a box as wide as all others: the name and the detail at the left, the parameters at the
right, and the shape beside the arrow that leaves the box. To the right, boxes are columns and hold their shapes.
"""

from quizgen.figures import Layer, LayerStack
from quizgen.label import Label, words, wrap
from quizgen.render.figures.scene import LINE, SMALL, THICK, THIN, Box, Head, Ink, Path, Scene, Shape, Words, scene

_NAME = 17.0
_ROW = 1.3  # height of a line, of the size of its letters
_PAD = 10.0


def draw(figure: LayerStack, width: float) -> Scene:
    """In the figure's own direction where that is not wider than `width`, else downwards."""
    if figure.direction == "right":
        drawing = _right(figure)
        if drawing.width <= width:
            return drawing
    return _down(figure, min(width, 400.0))


def _border(layer: Layer) -> tuple[float, Ink]:
    return (THICK, "accent") if layer.marked else (LINE, "ink")


def _column(lines: list[tuple[Label, float]], x: float, top: float, anchor: str) -> tuple[list[Shape], float]:
    """Lines of text under each other from `top`; also where they end."""
    shapes: list[Shape] = []
    for label, size in lines:
        place = "start" if anchor == "start" else "end" if anchor == "end" else "middle"
        shapes.append(Words(x, top + size * _ROW / 2, label, size, place))  # type: ignore[arg-type]
        top += size * _ROW
    return shapes, top


def _wide(lines: list[tuple[Label, float]]) -> float:
    return max((label.width(size) for label, size in lines), default=0.0)


def _lines(text: str, size: float, room: float, bold: bool = False) -> list[tuple[Label, float]]:
    return [(label, size) for label in wrap(text, size, room, bold)] if text else []


def _down(figure: LayerStack, width: float) -> Scene:
    inner = width - 2 * _PAD - 8
    rights = [_lines(layer.parameters, SMALL, inner * 0.5) for layer in figure.layers]
    lefts = []
    for layer, right in zip(figure.layers, rights, strict=True):
        room = inner - _wide(right) - (14 if right else 0)
        lefts.append(_lines(layer.name, _NAME, room, True) + _lines(layer.detail, SMALL, room))
    content = max(_wide(left) + (_wide(right) + 14 if right else 0) for left, right in zip(lefts, rights, strict=True))
    wide = min(max(content + 2 * _PAD, 200.0), width - 8)
    shapes: list[Shape] = []
    y = 0.0
    if figure.input:
        shapes, y = _column(_lines(figure.input, SMALL, wide), wide / 2, y, "middle")
        y = _arrow(shapes, wide / 2, y + 2, [])
    for at, (layer, left, right) in enumerate(zip(figure.layers, lefts, rights, strict=True)):
        texts, end = _column(left, _PAD, y + 7, "start")
        captions, other_end = _column(right, wide - _PAD, y + 7 + (_NAME - SMALL) * _ROW / 2, "end")
        high = max(end, other_end) + 7 - y
        border, ink = _border(layer)
        shapes += [Box(0, y, wide, high, 6, width=border, ink=ink, grey=0.05), *texts, *captions]
        y += high
        last = at == len(figure.layers) - 1
        if not last:
            y = _arrow(shapes, wide / 2, y, _lines(layer.shape, SMALL, wide / 2 - 14))
        elif layer.shape:
            y = _arrow(shapes, wide / 2, y, [])
            more, y = _column(_lines(layer.shape, SMALL, wide), wide / 2, y + 2, "middle")
            shapes += more
    return scene(shapes)


def _arrow(shapes: list[Shape], x: float, y: float, beside: list[tuple[Label, float]]) -> float:
    """An arrow down from y with lines of text at its right; where it ends."""
    high = max(26.0, len(beside) * SMALL * _ROW + 10)
    shapes += [Path(((x, y + 2), (x, y + high - 10))), Head(x, y + high - 2, down=True)]
    texts, _ = _column(beside, x + 12, y + (high - len(beside) * SMALL * _ROW) / 2, "start")
    shapes += texts
    return y + high


def _right(figure: LayerStack) -> Scene:
    columns = []
    for layer in figure.layers:
        top = _lines(layer.name, _NAME, 130, True) + _lines(layer.detail, SMALL, 130)
        columns.append((layer, top + _lines(layer.parameters, SMALL, 130), _lines(layer.shape, SMALL, 130)))
    upper = max(sum(size * _ROW for _, size in top) for _, top, _ in columns) + 14
    lower = max(sum(size * _ROW for _, size in shape) for _, _, shape in columns)
    high = upper + (lower + 8 if lower else 0)
    shapes: list[Shape] = []
    x = 0.0
    if figure.input:
        label = words(figure.input)
        shapes.append(Words(x, high / 2, label, SMALL, "start"))
        x += label.width(SMALL) + 4
        shapes += [Path(((x, high / 2), (x + 14, high / 2))), Head(x + 22, high / 2)]
        x += 24
    for at, (layer, top, shape) in enumerate(columns):
        wide = max(_wide(top), _wide(shape), 44.0) + 2 * _PAD
        border, ink = _border(layer)
        shapes.append(Box(x, 0, wide, high, 6, width=border, ink=ink, grey=0.05))
        used = sum(size * _ROW for _, size in top)
        texts, _ = _column(top, x + wide / 2, (upper - used) / 2, "middle")
        shapes += texts
        if lower:
            shapes.append(Path(((x, upper), (x + wide, upper)), width=THIN))
            used = sum(size * _ROW for _, size in shape)
            texts, _ = _column(shape, x + wide / 2, upper + (lower + 8 - used) / 2, "middle")
            shapes += texts
        x += wide
        if at < len(columns) - 1:
            shapes += [Path(((x + 2, high / 2), (x + 16, high / 2))), Head(x + 24, high / 2)]
            x += 26
    return scene(shapes)

"""The drawing of a convolution: padded input, kernel and output as grids of numbers, one row of grids a channel.

Padding cells are dashed and grey and hold a 0. The window, the kernel and the output cell that belong together have
the same thick border and tint.
"""

from collections.abc import Sequence

from quizgen.figures import ConvolutionGrid
from quizgen.label import Label, math, words
from quizgen.render.figures.scene import LABEL, SMALL, THICK, THIN, Box, Scene, Shape, Words, move, scene

_HIGH = 30.0
_SIGN = 34.0  # room of an operator between two grids
_NAME = 24.0  # room of a name above a grid


class _Block:
    """Shapes with their own origin, and the room they take."""

    def __init__(self, shapes: list[Shape], wide: float, high: float, middle: float) -> None:
        self.shapes, self.wide, self.high = shapes, wide, high
        self.middle = middle  # the height at which an operator stands beside it

    def at(self, x: float, y: float) -> list[Shape]:
        return [move(shape, x, y) for shape in self.shapes]


def draw(figure: ConvolutionGrid, width: float) -> Scene:
    """Input, kernel and output beside each other where that is not wider than `width`, else under each other."""
    several = len(figure.input) > 1
    wide = max(_cell(rows) for rows in (*figure.input, *figure.kernel, figure.output or ()))
    window = figure.window
    marked = figure.at is not None
    inputs, kernels = [], []
    for channel in range(len(figure.input)):
        of = f", channel {channel + 1}" if several else ""
        inputs.append(_grid(figure.padded(channel), wide, words(figure.input_name + of), window))
        kernel: Sequence[Sequence[str]] = figure.kernel[channel]
        all_of_it = (0, 0, len(kernel), len(kernel[0])) if marked else None
        kernels.append(_grid(kernel, wide, words(figure.kernel_name + of), all_of_it))
    cell = (*figure.at, 1, 1) if figure.at is not None else None
    output = _grid(figure.output or (), wide, words(figure.output_name), cell)
    beside = _beside(figure, inputs, kernels, output)
    return beside if beside.width <= width else _under(figure, inputs, kernels, output)


def _cell(rows: Sequence[Sequence[str]]) -> float:
    return max([34.0, *(math(cell).width(SMALL) + 10 for row in rows for cell in row)])


def _grid(
    rows: Sequence[Sequence[str | None]], wide: float, name: Label, window: tuple[int, int, int, int] | None
) -> _Block:
    """A grid with its name above; None is a cell of the padding."""
    shapes: list[Shape] = []
    padding: list[Shape] = []
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            x, y = column * wide, _NAME + row * _HIGH
            if cell is None:
                padding.append(Box(x, y, wide, _HIGH, width=THIN, dashed=True, grey=0.08))
            else:
                shapes.append(Box(x, y, wide, _HIGH, width=THIN))
            shapes.append(Words(x + wide / 2, y + _HIGH / 2, math("0" if cell is None else cell), SMALL))
    across, high = wide * len(rows[0]), _NAME + _HIGH * len(rows)
    if window is not None:
        row, column, tall, broad = window
        box = Box(column * wide, _NAME + row * _HIGH, broad * wide, tall * _HIGH)
        padding.append(Box(box.x, box.y, box.w, box.h, width=0, tint=0.2))
        shapes.append(Box(box.x, box.y, box.w, box.h, width=THICK, ink="accent"))
    room = max(across, name.width(SMALL))
    shapes.insert(0, Words(across / 2, _NAME / 2 - 3, name, SMALL))
    shift = (room - across) / 2
    return _Block([move(shape, shift, 0) for shape in padding + shapes], room, high, _NAME + (high - _NAME) / 2)


def _sign(sign: str, x: float, y: float) -> Shape:
    return Words(x, y, math(sign), LABEL + 2)


def _beside(figure: ConvolutionGrid, inputs: list[_Block], kernels: list[_Block], output: _Block) -> Scene:
    shapes: list[Shape] = []
    y = 0.0
    left = max(block.wide for block in inputs)
    right = left + _SIGN + max(block.wide for block in kernels)
    for at, (image, kernel) in enumerate(zip(inputs, kernels, strict=True)):
        if at:
            shapes.append(_sign("+", left + _SIGN / 2, y + 12))
            y += 24
        high = max(image.high, kernel.high)
        shapes += image.at(0, y + (high - image.high) / 2)
        middle = y + (high - image.high) / 2 + image.middle
        shapes += kernel.at(left + _SIGN, middle - kernel.middle)
        shapes.append(_sign(figure.operator, left + _SIGN / 2, middle))
        y += high
    middle = (y + _NAME) / 2
    shapes.append(_sign("=", right + _SIGN / 2, middle))
    shapes += output.at(right + _SIGN, middle - output.middle)
    return scene(shapes)


def _under(figure: ConvolutionGrid, inputs: list[_Block], kernels: list[_Block], output: _Block) -> Scene:
    """Input above; under it, the operator and the kernel, and after the last kernel the output."""
    shapes: list[Shape] = []
    y = 0.0
    for at, (image, kernel) in enumerate(zip(inputs, kernels, strict=True)):
        shapes += image.at(_SIGN if at else 0, y)
        if at:
            shapes.append(_sign("+", _SIGN / 2, y + image.middle))
        y += image.high + 12
        shapes.append(_sign(figure.operator, _SIGN / 2, y + kernel.middle))
        shapes += kernel.at(_SIGN, y)
        if len(inputs) == 1:
            x = 2 * _SIGN + kernel.wide
            shapes.append(_sign("=", x - _SIGN / 2, y + kernel.middle))
            shapes += output.at(x, y + max(0.0, kernel.middle - output.middle))
            y += max(kernel.high, output.high)
        else:
            y += kernel.high + 12
    if len(inputs) > 1:
        shapes.append(_sign("=", _SIGN / 2, y + output.middle))
        shapes += output.at(_SIGN, y)
    return scene(shapes)

"""The drawing of a convolution: padded input, kernel and output as grids of numbers, one row of grids a channel.

Padding cells are dashed and grey and hold a 0. The window, the kernel and the output cell that belong together have
the same thick border and tint.
"""

from collections.abc import Sequence
from math import ceil

from quizgen.figures import ConvolutionGrid
from quizgen.label import Label, math, words
from quizgen.render.figures.scene import LABEL, SMALL, THICK, THIN, Box, Path, Scene, Shape, Words, move, scene

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
    return ceil(max([34.0, *(math(cell).width(SMALL) + 10 for row in rows for cell in row)]))


def _grid(
    rows: Sequence[Sequence[str | None]], wide: float, name: Label, window: tuple[int, int, int, int] | None
) -> _Block:
    """A grid with its name above; None is a cell of the padding."""
    count, length = len(rows), len(rows[0])
    across, high = wide * length, _HIGH * count
    shapes: list[Shape] = []
    padding = next((at for at, cell in enumerate(rows[count // 2]) if cell is not None), 0)
    if padding:
        shapes += _frame(length, count, padding, wide)
    shapes += _lines(padding * wide, padding * _HIGH, length - 2 * padding, count - 2 * padding, wide)
    if window is not None:
        row, column, tall, broad = window
        place = column * wide, row * _HIGH, broad * wide, tall * _HIGH
        shapes += [Box(*place, width=0, tint=0.2), Box(*place, width=THICK, ink="accent")]
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            label = math("0" if cell is None else cell)
            shapes.append(Words((column + 0.5) * wide, (row + 0.5) * _HIGH, label, SMALL))
    room = max(across, name.width(SMALL))
    shapes.append(Words(across / 2, -_NAME / 2 - 3, name, SMALL))
    shift = round((room - across) / 2)
    return _Block([move(shape, shift, _NAME) for shape in shapes], room, _NAME + high, _NAME + high / 2)


def _lines(x: float, y: float, columns: int, rows: int, wide: float) -> list[Shape]:
    """The border of a grid of cells and the lines within."""
    right, below = x + columns * wide, y + rows * _HIGH
    shapes: list[Shape] = [Box(x, y, right - x, below - y, width=THIN)]
    upright = [((x + at * wide, y), (x + at * wide, below)) for at in range(1, columns)]
    level = [((x, y + at * _HIGH), (right, y + at * _HIGH)) for at in range(1, rows)]
    return shapes + [Path(ends, width=THIN) for ends in upright + level]


def _frame(columns: int, rows: int, padding: int, wide: float) -> list[Shape]:
    """The cells of the padding: four grey strips around the data, and dashed lines that end there."""
    across, high, x, y = columns * wide, rows * _HIGH, padding * wide, padding * _HIGH
    strips = [(0, 0, across, y), (0, high - y, across, y), (0, y, x, high - 2 * y), (across - x, y, x, high - 2 * y)]
    shapes: list[Shape] = [Box(left, top, w, h, width=0, grey=0.08) for left, top, w, h in strips]
    shapes.append(Box(0, 0, across, high, width=THIN, dashed=True))
    for column in range(1, columns):
        inside = padding <= column <= columns - padding
        for top, below in ((0, y), (high - y, high)) if inside else ((0, high),):
            shapes.append(Path(((column * wide, top), (column * wide, below)), width=THIN, dashed=True))
    for row in range(1, rows):
        inside = padding <= row <= rows - padding
        for left, right in ((0, x), (across - x, across)) if inside else ((0, across),):
            shapes.append(Path(((left, row * _HIGH), (right, row * _HIGH)), width=THIN, dashed=True))
    return shapes


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

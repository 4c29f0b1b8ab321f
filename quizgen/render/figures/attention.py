"""The drawing of an attention map: weights in shaded cells, masked cells crossed out."""

import re
from fractions import Fraction

from quizgen.figures import AttentionMap
from quizgen.label import math, words, wrap
from quizgen.render.figures.scene import SMALL, THIN, Box, Path, Scene, Shape, Words, scene

_HIGH = 34.0
_DARKEST = 0.5  # tint of a weight of 1: letters on it keep a contrast of 4.5


def draw(figure: AttentionMap, width: float) -> Scene:
    """Row labels left, column labels above; long labels are broken so that the whole is about `width` wide."""
    count = len(figure.columns)
    side = max(words(label).width(SMALL) for label in (*figure.rows, figure.row_title + " ↓"))
    side = min(side, width * 0.3)
    cells = max((math(cell).width(SMALL) for row in figure.weights for cell in row), default=0.0)
    heads = max(words(label).width(SMALL) for label in figure.columns)
    wide = max(44.0, cells + 10, min(heads + 10, (width - side - 20) / count))
    masked = set(figure.masked)

    tops = [wrap(label, SMALL, wide - 6) for label in figure.columns]
    tall = max(len(lines) for lines in tops) * SMALL * 1.2
    shapes: list[Shape] = [
        Words(count * wide / 2, -tall - SMALL - 2, words(figure.column_title + " →"), SMALL),
        Words(-8, -SMALL * 0.8, words(figure.row_title + " ↓"), SMALL, "end"),
    ]
    for column, lines in enumerate(tops):
        for at, line in enumerate(reversed(lines)):
            shapes.append(Words((column + 0.5) * wide, -SMALL * (0.8 + 1.2 * at), line, SMALL))
    numbers: list[Shape] = []
    y = 0.0
    for row, (label, weights) in enumerate(zip(figure.rows, figure.weights, strict=True)):
        lines = wrap(label, SMALL, side)
        high = max(_HIGH, len(lines) * SMALL * 1.2 + 6)
        for at, line in enumerate(lines):
            shapes.append(Words(-8, y + high / 2 + SMALL * 1.2 * (at - (len(lines) - 1) / 2), line, SMALL, "end"))
        for column, weight in enumerate(weights):
            x = column * wide
            if (row, column) in masked:
                shapes.append(Box(x, y, wide, high, width=THIN, grey=0.08))
                shapes.append(Path(((x + 5, y + 5), (x + wide - 5, y + high - 5)), width=THIN))
                shapes.append(Path(((x + 5, y + high - 5), (x + wide - 5, y + 5)), width=THIN))
            else:
                shapes.append(Box(x, y, wide, high, width=THIN, tint=_DARKEST * _share(weight)))
                numbers.append(Words(x + wide / 2, y + high / 2, math(weight), SMALL))
        y += high
    return scene(shapes + numbers)


def _share(weight: str) -> float:
    """How dark a weight's cell is: the number that is written there, between 0 and 1; 0 for what is no number."""
    found = re.fullmatch(
        r"\s*(?:\\approx|≈)?\s*(?:([0-9]{0,9}\.?[0-9]{1,30})|([0-9]{1,9})/([0-9]{1,9})"
        r"|\\[td]?frac\{([0-9]{1,9})\}\{([0-9]{1,9})\})\s*",
        weight,
    )
    if found is None:
        return 0.0
    decimal, above, below, over, under = found.groups()
    if decimal is not None:
        share = Fraction(decimal)
    else:
        below = int(below or under)
        share = Fraction(int(above or over), below) if below else Fraction(0)
    return float(min(share, Fraction(1)))

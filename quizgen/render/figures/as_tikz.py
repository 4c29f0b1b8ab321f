r"""Scenes as TikZ; labels are set by TeX itself.

Needs the packages tikz and amsmath, no TikZ library, and the command `\unicodechar` of the printer's preamble where a
label holds a character that TeX's fonts lack.
"""

from quizgen.render.figures.label_latex import latex
from quizgen.render.figures.scene import ACCENT, TINT, Box, Head, Ink, Path, Scene, Shape, Words

_UNIT = 0.6  # points a pixel: letters of size 18 are 10.8 points
_ROOM = 415.0  # points: what a page has beside its margins and the indent of a part


def tikz(scene: Scene) -> str:
    """A `tikzpicture`, in real size unless it is wider than the page."""
    unit = min(_UNIT, _ROOM / scene.width)
    lines = [
        rf"\begin{{tikzpicture}}[x={unit:.4f}pt,y=-{unit:.4f}pt]",
        rf"\definecolor{{figureaccent}}{{HTML}}{{{ACCENT[1:].upper()}}}",
        rf"\definecolor{{figuretint}}{{HTML}}{{{TINT[1:].upper()}}}",
        rf"\useasboundingbox (0,0) rectangle ({_n(scene.width)},{_n(scene.height)});",
        *(line for shape in scene.shapes if (line := _shape(shape, unit))),
        r"\end{tikzpicture}",
    ]
    return "\n".join(lines)


def _n(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _colour(ink: Ink) -> str:
    return "black" if ink == "ink" else "figureaccent"


def _pen(width: float, ink: Ink, unit: float) -> str:
    return f"draw={_colour(ink)},line width={_n(width * unit)}pt"


def _dashes(unit: float) -> str:
    return f",dash pattern=on {_n(3 * unit)}pt off {_n(3 * unit)}pt"


def _shape(shape: Shape, unit: float) -> str:
    match shape:
        case Box():
            return _box(shape, unit)
        case Path(points, curved, width, ink, dashed):
            return rf"\path[{_pen(width, ink, unit)}{_dashes(unit) if dashed else ''}] {_line(points, curved)};"
        case Head(ink=ink):
            return rf"\fill[{_colour(ink)}] {_line(shape.corners)} -- cycle;"
        case Words():
            return _words(shape, unit)


def _line(points: tuple[tuple[float, float], ...], curved: bool = False) -> str:
    pairs = [f"({_n(x)},{_n(y)})" for x, y in points]
    if not curved:
        return " -- ".join(pairs)
    triples = (pairs[at : at + 3] for at in range(1, len(pairs), 3))
    return pairs[0] + "".join(f" .. controls {a} and {b} .. {c}" for a, b, c in triples)


def _box(box: Box, unit: float) -> str:
    options = [_pen(box.width, box.ink, unit) + (_dashes(unit) if box.dashed else "")] if box.width else []
    if box.radius:
        options.append(f"rounded corners={_n(box.radius * unit)}pt")
    if box.grey:
        options.append(f"fill=black,fill opacity={box.grey:.2f}")
    elif box.tint:
        options.append(f"fill=figuretint,fill opacity={box.tint:.2f}")
    return rf"\path[{','.join(options)}] ({_n(box.x)},{_n(box.y)}) rectangle ({_n(box.x + box.w)},{_n(box.y + box.h)});"


def _words(words: Words, unit: float) -> str:
    if not words.label:
        return ""
    anchor = {"start": "base west", "middle": "base", "end": "base east"}[words.anchor]
    size = words.size * unit
    label = latex(words.label)
    if r"\unicodechar" in label:  # these are wider than the characters that they stand for
        label = rf"\resizebox{{{_n(words.label.width(size))}pt}}{{!}}{{{label}}}"
    return (
        rf"\node[anchor={anchor},inner sep=0pt] at ({_n(words.x)},{_n(words.y + 0.34 * words.size)}) "
        rf"{{\fontsize{{{_n(size)}}}{{{_n(size * 1.2)}}}\selectfont {label}}};"
    )

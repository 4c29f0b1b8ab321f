"""Scenes as inline SVG.

The ink is the text colour of wherever the drawing stands, so it follows a dark or light page; the two other colours
keep a contrast of 3 to 1 against both, carry nothing that a shape does not also say, and can be set by the page with
`--figure-accent` and `--figure-tint`. Nothing is referred to: no font file, no link, no id but those of the text
alternative.
"""

import re
from itertools import groupby

from quizgen.label import Run
from quizgen.render.figures.scene import ACCENT, TINT, Box, Head, Ink, Path, Scene, Shape, Words

# Fonts with an italic that is drawn and not slanted; the page's own math fonts have none.
_MATH_FONTS = "'STIX Two Text','Latin Modern Roman',Cambria,'Times New Roman','Liberation Serif','DejaVu Serif',serif"
_COLOUR = {
    "ink": "currentColor",
    "accent": ACCENT,
}
_DASHES = ' stroke-dasharray="3 3"'
_STYLE = re.compile(r' style="(fill|stroke):var\(--figure-(accent|tint),#[0-9a-f]+\)"')
_CLASS = r' class="figure-\1-\2"'
_SCREEN_SHARE = 0.6  # below this share of its size a drawing's letters get too small


def svg(wide: Scene, narrow: Scene, title: str, alt: str, prefix: str) -> str:
    """One `<svg>` element. Where the scenes differ it holds both, and shows the one that the screen has room for."""
    head = _head(title, alt, prefix)
    size = f'width="{_n(wide.width)}" height="{_n(wide.height)}"'
    if wide == narrow:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="figure" viewBox="0 0 {_n(wide.width)} {_n(wide.height)}" '
            f'{size} style="max-width:100%;height:auto" {head}{_shapes(wide)}</svg>'
        )
    fold = _fold(wide)
    name = f"figure-fold-{fold}"
    style = (
        f".{name}{{aspect-ratio:var(--figure-wide)}}.{name} .figure-narrow{{display:none}}"
        f"@media screen and (max-width:{fold}px){{"
        f".{name}{{width:var(--figure-narrow-width);aspect-ratio:var(--figure-narrow)}}"
        f".{name} .figure-narrow{{display:inline}}.{name} .figure-wide{{display:none}}}}"
    )
    ratios = (
        f"--figure-wide:{_n(wide.width)}/{_n(wide.height)};--figure-narrow:{_n(narrow.width)}/{_n(narrow.height)};"
        f"--figure-narrow-width:{_n(narrow.width)}px"
    )
    inner = "".join(
        f'<svg class="figure-{which}" width="100%" height="100%" '
        f'viewBox="0 0 {_n(scene.width)} {_n(scene.height)}">{_shapes(scene)}</svg>'
        for which, scene in (("wide", wide), ("narrow", narrow))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="figure {name}" {size} '
        f'style="max-width:100%;height:auto;{ratios}" {head}<style>{style}</style>{inner}</svg>'
    )


def classed_svg(wide: Scene, narrow: Scene, title: str, alt: str, prefix: str) -> str:
    """The same without styles, for a page whose policy forbids them: its style sheet says what the classes mean.

    Where the scenes differ there are two `<svg>` elements, of which the style sheet shows one.
    """
    if wide == narrow:
        return _classed(wide, "figure", title, alt, prefix)
    fold = f"figure-fold-{_fold(wide)}"
    return _classed(wide, f"figure figure-wide {fold}", title, alt, f"{prefix}-wide") + _classed(
        narrow, f"figure figure-narrow {fold}", title, alt, f"{prefix}-narrow"
    )


def _classed(scene: Scene, name: str, title: str, alt: str, prefix: str) -> str:
    size = f'viewBox="0 0 {_n(scene.width)} {_n(scene.height)}" width="{_n(scene.width)}" height="{_n(scene.height)}"'
    return f'<svg class="{name}" {size} {_head(title, alt, prefix)}{_STYLE.sub(_CLASS, _shapes(scene))}</svg>'


def _head(title: str, alt: str, prefix: str) -> str:
    return (
        f'role="img" aria-labelledby="{prefix}-title {prefix}-desc"><title id="{prefix}-title">{_escape(title)}</title>'
        f'<desc id="{prefix}-desc">{_escape(alt)}</desc>'
    )


def _fold(wide: Scene) -> int:
    """The width of the screen, in pixels, below which the narrow drawing is shown."""
    return round(wide.width * _SCREEN_SHARE / 20 + 2) * 20  # with the screen's margins


def _n(number: float) -> str:
    return f"{number + 0.0:.1f}".removesuffix(".0") if abs(number) >= 0.05 else "0"


def _escape(text: str) -> str:
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        text = text.replace(char, entity)
    return text


def _shapes(scene: Scene) -> str:
    out = []
    for (family, size), group in groupby(scene.shapes, _lettering):
        inner = "".join(map(_shape, group))
        named = f' font-family="{_MATH_FONTS}"' if family else ""
        out.append(
            f'<g fill="currentColor" font-size="{_n(size)}"{named} text-anchor="middle">{inner}</g>' if size else inner
        )
    return "".join(out)


def _lettering(shape: Shape) -> tuple[bool, float]:
    """Whether words are math throughout, and their size, for all of a row of words to share; no words: size 0."""
    if not isinstance(shape, Words):
        return False, 0.0
    return all(run.face not in ("words", "strong") for run in shape.label.runs), shape.size


def _stroke(width: float, ink: Ink) -> str:
    own = "" if ink == "ink" else f' style="stroke:var(--figure-accent,{ACCENT})"'
    return f'stroke="{_COLOUR[ink]}" stroke-width="{_n(width)}"{own}'


def _shape(shape: Shape) -> str:
    match shape:
        case Box():
            return _box(shape)
        case Path(points, curved, width, ink, dashed):
            return f'<path d="{_line(points, curved)}" fill="none" {_stroke(width, ink)}{_DASHES if dashed else ""}/>'
        case Head(ink=ink):
            own = "" if ink == "ink" else f' style="fill:var(--figure-accent,{ACCENT})"'
            return f'<path d="{_line(shape.corners)}z" fill="{_COLOUR[ink]}"{own}/>'
        case Words():
            return _words(shape)


def _line(points: tuple[tuple[float, float], ...], curved: bool = False) -> str:
    pairs = [f"{_n(x)} {_n(y)}" for x, y in points]
    if not curved:
        return f"M{'L'.join(pairs)}"
    return f"M{pairs[0]}" + "".join(f"C{','.join(pairs[at : at + 3])}" for at in range(1, len(pairs), 3))


def _box(box: Box) -> str:
    place = f'x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.w)}" height="{_n(box.h)}"'
    corner = f' rx="{_n(box.radius)}"' if box.radius else ""
    fill = 'fill="none"'
    if box.grey:
        fill = f'fill="currentColor" fill-opacity="{box.grey:.2f}"'
    elif box.tint:
        fill = f'fill="{TINT}" fill-opacity="{box.tint:.2f}" style="fill:var(--figure-tint,{TINT})"'
    border = f" {_stroke(box.width, box.ink)}" if box.width else ""
    return f"<rect {place}{corner} {fill}{border}{_DASHES if box.dashed else ''}/>"


def _words(words: Words) -> str:
    if not words.label:
        return ""
    runs = words.label.runs
    mixed = len({run.face in ("words", "strong") for run in runs}) > 1
    anchor = "" if words.anchor == "middle" else f' text-anchor="{words.anchor}"'
    start = f'<text x="{_n(words.x)}" y="{_n(words.y + 0.34 * words.size)}"{anchor}'
    if len(runs) == 1:
        return f"{start}{_face(runs[0], False)}>{_escape(runs[0].text)}</text>"
    rise, spans = 0.0, []
    for run in runs:
        shift = f' dy="{_n((rise - run.rise) * words.size)}"' if run.rise != rise else ""
        size = f' font-size="{_n(run.size * words.size)}"' if run.size != 1.0 else ""
        rise = run.rise
        spans.append(f"<tspan{shift}{size}{_face(run, mixed)}>{_escape(run.text)}</tspan>")
    return f"{start}>{''.join(spans)}</text>"


def _face(run: Run, family: bool) -> str:
    named = f' font-family="{_MATH_FONTS}"' if family and run.face not in ("words", "strong") else ""
    styles = {"italic": ' font-style="italic"', "bold": ' font-weight="bold"', "strong": ' font-weight="bold"'}
    return named + styles.get(run.face, "")

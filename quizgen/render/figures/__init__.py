"""Figures, drawn: as inline SVG, as TikZ and in characters.

    svg(figure, prefix="figure-1")    one <svg> element with its text alternative
    classed_svg(figure, prefix)       the same for a page whose policy forbids styles, with classes in their place
    picture(figure)                   the same as a file of its own, dark on white
    tikz(figure)                      one tikzpicture; the document loads tikz and amsmath
    text(figure)                      Unicode, at most 78 columns

What a figure shows is described in `quizgen.figures`.
"""

import re
from collections.abc import Callable

from quizgen.errors import RenderError, shown
from quizgen.figures import AttentionMap, ComputationGraph, ConvolutionGrid, Figure, LayerStack
from quizgen.label import printable
from quizgen.render.figures.scene import NARROW, PAPER, WIDE, Scene

__all__ = ["classed_svg", "on_paper", "picture", "svg", "text", "tikz"]

_TITLES = {
    ComputationGraph: "Computation graph",
    LayerStack: "Layer stack",
    ConvolutionGrid: "Convolution",
    AttentionMap: "Attention map",
}


def svg(figure: Figure, prefix: str = "figure") -> str:
    """The figure as one `<svg>` element that scales down with the page it stands in.

    `prefix` begins the ids of its title and description: give every figure of a page another one. Where a phone has
    no room for the drawing, the element holds a second, narrower drawing and shows that.
    """
    from quizgen.render.figures.as_svg import svg as write

    return _drawn(figure, prefix, write)


def classed_svg(figure: Figure, prefix: str = "figure") -> str:
    """The figure as `svg` gives it, but without styles: `quizgen/web/static/site.css` has the rules of its classes."""
    from quizgen.render.figures.as_svg import classed_svg as write

    return _drawn(figure, prefix, write)


def picture(figure: Figure) -> str:
    """The figure as an SVG file of its own, for platforms that show pictures: one drawing, dark on white."""
    from quizgen.render.figures.as_svg import svg as write

    scene = _scene(figure, WIDE)
    return on_paper(write(scene, scene, _title(figure), figure.alt, "figure"))


def on_paper(svg: str) -> str:
    """A drawing dark on white: a picture doesn't know whether the page that shows it is dark."""
    svg = svg.replace("<svg ", '<svg color="#1a1a1a" ', 1)
    return svg.replace("</desc>", '</desc><rect width="100%" height="100%" fill="#ffffff"/>', 1)


def _drawn(figure: Figure, prefix: str, write: Callable[[Scene, Scene, str, str, str], str]) -> str:
    if not re.fullmatch(r"[A-Za-z][\w.:-]*", prefix, re.ASCII):
        raise RenderError(
            f"the prefix {shown(prefix)} makes no id; begin with a letter, go on with letters, digits, - or _"
        )
    return write(_scene(figure, WIDE), _scene(figure, NARROW), _title(figure), figure.alt, prefix)


def _title(figure: Figure) -> str:
    return printable(figure.title) or _TITLES[type(figure)]


def tikz(figure: Figure) -> str:
    """The figure as a `tikzpicture` environment. It needs the packages tikz and amsmath, and no TikZ library."""
    from quizgen.render.figures.as_tikz import tikz as write

    return write(_scene(figure, PAPER))


def text(figure: Figure) -> str:
    """The figure in Unicode characters, lines of at most 78 columns, no line break at the end."""
    from quizgen.render.figures import as_text as characters

    match figure:
        case ComputationGraph():
            return characters.graph(figure)
        case LayerStack():
            return characters.stack(figure)
        case ConvolutionGrid():
            return characters.grid(figure)
        case AttentionMap():
            return characters.attention(figure)


def _scene(figure: Figure, width: float) -> Scene:
    from quizgen.render.figures import attention, graph, grid, stack

    match figure:
        case ComputationGraph():
            return graph.draw(figure, width)
        case LayerStack():
            return stack.draw(figure, width)
        case ConvolutionGrid():
            return grid.draw(figure, width)
        case AttentionMap():
            return attention.draw(figure, width)

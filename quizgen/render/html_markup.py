"""The small markup as HTML. Everything that comes from outside is escaped."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from markupsafe import Markup, escape

from quizgen.errors import RenderError, shown
from quizgen.render import document as doc
from quizgen.render import unicode_math
from quizgen.render.mathml import mathml
from quizgen.text import parse, parse_inline

if TYPE_CHECKING:
    from quizgen.figures import Figure

__all__ = ["Draw", "Figures", "blocks", "each", "in_words", "inline", "inlines", "raw", "tag"]

_T = TypeVar("_T")

Draw = Callable[["Figure", str], str]
"""Gives the SVG of a figure, all of whose ids begin with a prefix."""

_BEFORE = re.compile(r"\S*[(\[“‘–—/-]$")
_AFTER = re.compile(r"[)\]”’.,;:!?%/–—-]+\S*")


class Figures:
    """A question's figures as SVG whose ids are nobody else's on the page."""

    def __init__(self, figures: "Mapping[str, Figure]", prefix: str, draw: Draw | None = None) -> None:
        self.figures = figures
        self.prefix = prefix
        self.draw = draw
        self.drawn = 0

    def svg(self, figure: doc.Figure) -> Markup:
        """The drawing of the figure that the markup names."""
        if figure.name not in self.figures:
            known = ", ".join(self.figures) or "none"
            raise RenderError(f"there is no figure {shown(figure.name)}; the question has: {known}")
        from quizgen.render.figures import svg

        self.drawn += 1
        return raw((self.draw or svg)(self.figures[figure.name], f"{self.prefix}-figure-{self.drawn}"))


def raw(text: str) -> Markup:
    """HTML of our own making: an asset, a drawing. Never text from outside."""
    return Markup(text)  # noqa: S704


def tag(name: str, inner: Markup) -> Markup:
    """An element without attributes."""
    return Markup("<{0}>{1}</{0}>").format(name, inner)


def each(items: Iterable[_T], show: Callable[[_T], Markup]) -> Markup:
    """Items one after the other."""
    return Markup().join(show(item) for item in items)


def inline(text: str) -> Markup:
    """One line of the small markup as HTML."""
    return inlines(parse_inline(text))


def blocks(markup: str, figures: Figures | None = None) -> Markup:
    """A piece of the small markup as HTML."""
    return Markup("\n").join(_block(block, figures) for block in parse(markup))


def _block(block: doc.Block, figures: Figures | None) -> Markup:
    match block:
        case doc.Paragraph(items):
            return tag("p", inlines(items))
        case doc.Display(latex):
            return Markup('<div class="qg-display">{}</div>').format(mathml(latex, display=True))
        case doc.Bullets(items):
            return Markup('<ul class="qg-list">{}</ul>').format(each(items, lambda item: tag("li", inlines(item))))
        case doc.Numbered(items, start):
            rows = each(items, lambda item: tag("li", inlines(item)))
            return Markup('<ol class="qg-list" start="{}">{}</ol>').format(start, rows)
        case doc.Code(text, language):
            named = Markup(' class="language-{}"').format(language) if language else Markup()
            return Markup('<pre tabindex="0"><code{}>{}</code></pre>').format(named, text)
        case doc.Table():
            return _table(block)
        case doc.Figure(_, alt):
            if figures is None:
                raise RenderError(f"a figure has no place here: {shown(block.name)}")
            return Markup('<figure class="qg-figure" aria-label="{}">{}</figure>').format(alt, figures.svg(block))


def _table(table: doc.Table) -> Markup:
    def row(cells: tuple[doc.Inlines, ...], name: str) -> Markup:
        row = Markup()
        for cell, align in zip(cells, table.align, strict=True):
            place = "" if align == "left" else Markup(' class="qg-{}"').format(align)
            scope = Markup(' scope="col"') if name == "th" else ""
            row += Markup("<{0}{1}{2}>{3}</{0}>").format(name, place, scope, inlines(cell))
        return tag("tr", row)

    return Markup(
        '<div class="qg-scroll" tabindex="0" role="region" aria-label="table">'
        '<table class="qg-table"><thead>{}</thead><tbody>{}</tbody></table></div>'
    ).format(row(table.header, "th"), each(table.rows, lambda cells: row(cells, "td")))


def inlines(items: doc.Inlines) -> Markup:
    """Inlines as HTML. A formula is not torn from the punctuation beside it."""
    result = Markup()
    texts = [item.text if isinstance(item, doc.Text) else None for item in items]
    for at, item in enumerate(items):
        if not isinstance(item, doc.Math):
            continue
        before, after = (texts[at - 1] if at else None), (texts[at + 1] if at + 1 < len(items) else None)
        head = _BEFORE.search(before) if before else None
        tail = _AFTER.match(after) if after else None
        if head and before is not None:
            texts[at - 1] = before[: head.start()]
        if tail and after is not None:
            texts[at + 1] = after[tail.end() :]
        texts[at] = (head[0] if head else "") + "\0" + (tail[0] if tail else "")
    for item, text in zip(items, texts, strict=True):
        match item:
            case doc.Text():
                result += escape(text or "")
            case doc.Math(latex):
                head_text, _, tail_text = (text or "\0").partition("\0")
                formula = mathml(latex)
                if head_text or tail_text:
                    formula = _kept(head_text, formula, tail_text)
                result += formula
            case doc.Bold(inner):
                result += tag("strong", inlines(inner))
            case doc.Emphasis(inner):
                result += tag("em", inlines(inner))
            case doc.InlineCode(code):
                result += tag("code", escape(code))
    return result


def in_words(items: doc.Inlines) -> str:
    """Inlines as plain text, formulas in Unicode."""
    words = []
    for item in items:
        match item:
            case doc.Text(text) | doc.InlineCode(text):
                words.append(text)
            case doc.Math(latex):
                words.append(unicode_math.inline(latex))
            case doc.Bold(inner) | doc.Emphasis(inner):
                words.append(in_words(inner))
    return "".join(words)


def _kept(head: str, formula: Markup, tail: str) -> Markup:
    """A formula and its neighbours, unbreakable at the seams but not within."""
    pieces = formula.split("<wbr>")
    pieces[0] = escape(head) + pieces[0]
    pieces[-1] += escape(tail)
    return Markup("<wbr>").join(Markup('<span class="qg-keep">{}</span>').format(piece) for piece in pieces)

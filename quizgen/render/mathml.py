"""Formulas as MathML, made by math-core, and cut where a narrow screen or a sheet of paper may break them.

Browsers don't break a `<math>` element over lines. A formula too wide for a phone is therefore printed as several
elements in a row, cut before a relation, a sum's sign or after a comma outside all brackets (inside
them, where that isn't enough), so that it wraps as a typesetter would wrap it; the operator at a cut keeps its spacing.
"""

import html
import re
from functools import lru_cache
from xml.etree import ElementTree as ET

from markupsafe import Markup

from quizgen.errors import RenderError
from quizgen_solvers.printing.mathml import FormulaError, short
from quizgen_solvers.printing.mathml import mathml as printed

__all__ = ["chain", "check", "is_short", "mathml"]

_PHONE = 12.0  # em: what fits beside a short left side in a solution on a screen 320 pixels wide
_SHORT = 2.4  # em: such a left side
_LONGEST = 20_000  # characters of LaTeX; a sheet's longest real formula has a few hundred
_RELATIONS = frozenset("=≈≠<>≤≥→↦∈≡∝:←≔")
_SUMS = frozenset("+−±")
_PRODUCTS = frozenset("·×⊙⋅∗")
_COMMAS = frozenset(",;")
_QUAD = frozenset(["quad"])  # stands for a wide space, after which another formula begins
_MATRIX = frozenset(["matrix"])  # stands for a factor that is a matrix, before which a product may be cut
_OPENING = frozenset("([{⌊⌈⟨")
_CLOSING = frozenset(")]}⌋⌉⟩")
_Cut = tuple[int, frozenset[str], frozenset[str]]  # depth of brackets, operators to cut before, operators to cut after
_LEVELS: tuple[_Cut, ...] = (
    (0, frozenset(), _COMMAS | _QUAD),
    (0, _RELATIONS, frozenset()),
    (0, _SUMS, frozenset()),
    (0, _PRODUCTS | _MATRIX, frozenset()),
    (1, _RELATIONS | _SUMS | _MATRIX, _COMMAS),
    (2, _SUMS | _PRODUCTS | _MATRIX, _COMMAS),
)
_APPLY = "\N{FUNCTION APPLICATION}"
# Styles that math-core writes into elements, and the classes that say the same where a page's policy forbids styles.
_CLASSES = {
    "text-align: left": "qg-to-left",
    "text-align: right": "qg-to-right",
    "padding-left: 0": "qg-close-left",
    "padding-right: 0": "qg-close-right",
    "padding-left:1em": "qg-wide-left",
    "padding-right:0.1667em": "qg-thin-right",
    "border-top: 0.05em solid currentcolor": "qg-ruled-top",
    "border-bottom: 0.05em solid currentcolor": "qg-ruled-bottom",
    "border-left: 0.05em solid currentcolor": "qg-ruled-left",
    "border-right: 0.05em solid currentcolor": "qg-ruled-right",
    "justify-items: start": "",  # goes with text-align
    "justify-items: end": "",
}
_ENTITY = re.compile(r"&([A-Za-z]+);")
_XML_ENTITIES = frozenset(["amp", "lt", "gt", "quot", "apos"])


def mathml(latex: str, display: bool = False) -> Markup:
    """A formula as one `<math>` element, or several in a row where it is too wide for one line of a phone.

    `display` sets it in display style: large operators, full-size fractions.

    Raises RenderError, naming the formula, for a command that math-core doesn't know and for broken LaTeX.
    """
    return Markup(_whole(latex, display))  # noqa: S704 (math-core escapes text)


def check(latex: str) -> None:
    """Raises RenderError as `mathml` does: for whoever prints the formula in another way."""
    _convert(latex, display=False)


def chain(latex: str) -> tuple[Markup, ...]:
    """The links of a chain such as `= a + b = c \\approx d`, in display style, each as `mathml` gives a formula.

    The left side of the chain's first sign stands elsewhere. Raises RenderError as `mathml` does.
    """
    return tuple(map(Markup, _links(latex)))


@lru_cache(maxsize=4096)
def is_short(latex: str) -> bool:
    """Whether a formula leaves room for another one beside it on a phone. Raises RenderError as `mathml` does."""
    return sum(map(_width, _elements(latex, True))) <= _SHORT


@lru_cache(maxsize=4096)
def _whole(latex: str, display: bool) -> str:
    return _printed(_elements(latex, display), display)


@lru_cache(maxsize=4096)
def _links(latex: str) -> tuple[str, ...]:
    elements = _elements(latex, True)
    if elements and elements[0].tag == "mo":
        elements[0].attrib.pop("lspace", None)
        elements[0].set("form", "infix")
    return tuple(_printed(link, True) for link in _split(elements, (0, _RELATIONS, frozenset())))


def _elements(latex: str, display: bool) -> list[ET.Element]:
    whole = _convert(latex, display)
    try:
        math = ET.fromstring(_ENTITY.sub(_named, whole))  # noqa: S314 (math-core's own output, without a DTD)
    except ET.ParseError as error:
        raise RenderError(f"the formula {short(latex)} gives MathML that is not well formed: {error}") from error
    for element in math.iter():
        if style := element.get("style"):
            _classed(element, style)
    return _opened(math)


def _classed(element: ET.Element, style: str) -> None:
    """Puts classes in the place of an element's style, where there are classes for all of it."""
    declared = [each.strip() for each in style.split(";") if each.strip()]
    if all(each in _CLASSES for each in declared):
        del element.attrib["style"]
        element.set("class", " ".join(filter(None, (_CLASSES[each] for each in declared))))


def _opened(row: ET.Element) -> list[ET.Element]:
    """The children of a row; a function with its arguments, which is a row of its own, opened where it can be cut."""
    children: list[ET.Element] = []
    for child in row:
        arguments = [_APPLY in (each.text or "") for each in child]
        children.extend(_opened(child) if child.tag == "mrow" and any(arguments) else [child])
    if len(children) > 1 and children[-2].text == _APPLY and children[-1].tag == "mrow":
        last = children.pop()
        stretches = [each for each in last if _sign(each) in _OPENING | _CLOSING and each.get("stretchy") != "false"]
        children.extend([last] if stretches else list(last))
    return children


def _printed(elements: list[ET.Element], display: bool) -> str:
    return "<wbr>".join(_piece(piece, display) for piece in _pieces(elements))


def _convert(latex: str, display: bool) -> str:
    if len(latex) > _LONGEST:
        raise RenderError(f"the formula {short(latex)} is {len(latex)} characters long; {_LONGEST} is the limit")
    if "\\def" in latex or "\\newcommand" in latex or "\\renewcommand" in latex:
        raise RenderError(f"the formula {short(latex)} defines a command; write it out")
    try:
        return printed(latex, display)
    except FormulaError as error:
        raise RenderError(str(error)) from error


def _named(match: re.Match[str]) -> str:
    return match[0] if match[1] in _XML_ENTITIES else html.unescape(match[0])


def _piece(children: list[ET.Element], display: bool) -> str:
    math = ET.Element("math", {"displaystyle": "true"} if display else {})
    math.extend(children)
    return _written(math)


def _written(element: ET.Element) -> str:
    """An element as text: what ElementTree writes itself, which takes four times as long."""
    tag, text, tail = element.tag, element.text, element.tail
    before = f"<{tag}{''.join(map(_attribute, element.items()))}>{html.escape(text, quote=False) if text else ''}"
    inner = "".join(map(_written, element)) if len(element) else ""
    return f"{before}{inner}</{tag}>{html.escape(tail, quote=False) if tail else ''}"


def _attribute(pair: tuple[str, str]) -> str:
    value = html.escape(pair[1], quote=False).replace('"', "&quot;")
    return f' {pair[0]}="{value}"'


def _pieces(children: list[ET.Element]) -> list[list[ET.Element]]:
    """The children cut at the coarsest operators that leave pieces narrow enough."""
    widths = {child: _width(child) for child in children}

    def cut(row: list[ET.Element], level: int) -> list[list[ET.Element]]:
        if level == len(_LEVELS) or sum(widths[child] for child in row) <= _PHONE:
            return [row]
        return [part for piece in _split(row, _LEVELS[level]) for part in cut(piece, level + 1)]

    return cut(children, 0)


def _split(children: list[ET.Element], cut: _Cut) -> list[list[ET.Element]]:
    """The children cut before and after certain operators."""
    deepest, before, after = cut
    pieces: list[list[ET.Element]] = [[]]
    depth = 0
    for child in children:
        if child.tag == "mspace" and not pieces[-1] and len(pieces) > 1:
            pieces[-2].append(child)  # space after a comma stays at the end of its line
            continue
        sign = _sign(child)
        if sign in _CLOSING:
            depth -= 1
        breakable = depth <= deepest and pieces[-1] and _ends_operand(pieces[-1][-1])
        if breakable and sign in before:
            if child.tag == "mo":
                child.set("form", "infix")
            pieces.append([])
        pieces[-1].append(child)
        if breakable and sign in after:
            pieces.append([])
        if sign in _OPENING:
            depth += 1
    return [piece for piece in pieces if piece]


def _sign(element: ET.Element) -> str:
    """The operator that an element is, or that its base is, as of a bracket with a power; or "matrix", or "quad"."""
    if len(element) and any(one is not element for one in element.iter("mtable")):
        return "matrix"
    if element.tag == "mspace":
        return "quad" if _width(element) >= 1 else ""
    while element.tag in {"msub", "msup", "msubsup"}:
        element = element[0]
    return (element.text or "").strip() if element.tag == "mo" else ""


def _ends_operand(element: ET.Element) -> bool:
    return element.tag != "mo" or _sign(element) in _CLOSING


def _width(element: ET.Element) -> float:
    """About how wide an element is set, in em of the text around it."""
    tag = element.tag
    if tag in {"mo", "mi", "mn", "mtext"}:
        text = (element.text or "").strip()
        if tag != "mo":
            return 0.52 * len(text) - 0.24 * sum(map(text.count, ".,: "))
        if text in _RELATIONS:
            return 1.3
        return 1.2 if text in _SUMS | _PRODUCTS and element.get("form") != "prefix" else 0.4 * len(text)
    if tag == "mspace":
        length = re.match(r"-?[0-9]*\.?[0-9]+", element.get("width", ""))
        return float(length[0]) if length else 0.0
    if tag == "mtable":
        rows = [[_width(cell) for cell in row] for row in element]
        return sum(0.9 + max(row[at] for row in rows if at < len(row)) for at in range(max(map(len, rows), default=0)))
    parts = [_width(child) for child in element]
    if tag in {"msub", "msup", "msubsup", "mover", "munder"} and parts:
        match tag:
            case "mover" | "munder":
                return max(parts)
            case "msubsup":
                return parts[0] + 0.7 * max(parts[1:], default=0)
        return parts[0] + 0.7 * sum(parts[1:])
    if tag == "mfrac":
        return 0.2 + max(parts, default=0) * (1 if element.get("displaystyle") == "true" else 0.8)
    return sum(parts, 0.9 if tag == "msqrt" else 0.0)

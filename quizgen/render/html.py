"""Sheets as web pages, and questions as pieces of a notebook's page.

`page` makes one file that needs nothing else: style, script and the mathematics font are inside it, a policy in its
head forbids it to fetch anything, and everything but checking an answer works without the script. A page that is
not to show solutions does not hold them: neither steps nor targets are written into it.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from markupsafe import Markup, escape

from quizgen.answers import Kind, Matrix, Table, centres, targets_to_json
from quizgen.answers.vector import to_places
from quizgen.errors import RenderError, shown
from quizgen.render import document as doc
from quizgen.render import unicode_math
from quizgen.render.mathml import chain, is_short, mathml
from quizgen.render.parts import label, leads_to, reasons
from quizgen.render.templates import asset, asset_bytes, html_environment
from quizgen.text import parse, parse_inline
from quizgen.wording import capital, letter

if TYPE_CHECKING:
    from quizgen.question import PartMistake, Question, QuestionPart, Step
    from quizgen.sheet import Sheet

_T = TypeVar("_T")

__all__ = ["fragment", "page"]

FONT = "latinmodern-math-subset.woff2"
_FIELDS = {"matrix": "matrix", "table": "table", "choice": "choice", "choices": "choices"}  # others: a line of text
_NOT_IN_PAGE = frozenset(["expression"])  # kinds that only Python checks
_MOST_CELLS = 4  # cells of a table that are listed of what a mistake changes
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BEFORE = re.compile(r"\S*[(\[“‘–—/-]$")
_AFTER = re.compile(r"[)\]”’.,;:!?%/–—-]+\S*")


def page(sheet: "Sheet") -> str:
    """The sheet as one self-contained HTML file.

    Raises RenderError where a formula, a figure or a piece of markup can't be printed.
    """
    script = asset("check.js")
    checks = sheet.solutions != "none"
    views = [_view(question, f"q{at}", at, sheet.choices, checks) for at, question in enumerate(sheet.questions, 1)]
    template = html_environment().get_template("page.html.j2")
    html = template.render(
        sheet=sheet,
        questions=views,
        points=sum(question.points for question in sheet.questions),
        checks=checks,
        style=_raw(asset("sheet.css") + _font_face()),
        script=_raw(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        data=_json([[part.check for part in view.parts] for view in views]) if checks else None,
    )
    return _CONTROL.sub("\ufffd", html)


def fragment(question: "Question") -> str:
    """The question as HTML for a notebook's output: no script, no font of its own, the solution folded away.

    Raises RenderError as `page` does.
    """
    name = hashlib.sha256(question.code.encode()).hexdigest()[:8]
    view = _view(question, f"quizgen-{name}", None, False, False)
    template = html_environment().get_template("fragment.html.j2")
    return _CONTROL.sub("\ufffd", template.render(view=view, solution=True, style=_raw(asset("sheet.css"))))


@dataclass(frozen=True)
class PartView:
    """A part as the templates see it."""

    part: "QuestionPart"
    id: str
    letter: str  # "(a)"; empty where the question has one part
    prompt: Markup
    field: str  # "line", "matrix", "table", "choice" or "choices"
    hint: str
    repeated: bool  # whether the part before has the same hint
    options: tuple[Markup, ...]
    headings: tuple[Markup, ...]  # of a table's columns
    labels: tuple[Markup, ...]  # of its rows
    cells: tuple[tuple[tuple[str, bool], ...], ...]  # of a matrix or table: what each field is called, if it is wide
    answer: Markup
    check: dict[str, Any] | None  # what the page's script needs to check the part; None: it can't, or must not


@dataclass(frozen=True)
class StepView:
    """A step of a solution as the templates see it."""

    heading: Markup
    why: Markup
    left: Markup
    short: bool  # whether a phone has room for a link of the chain beside the left side
    right: tuple[Markup, ...]
    unfolded: tuple["StepView", ...]


@dataclass
class MistakeView:
    """A named mistake as the templates see it: where it leads, for each part that it changes."""

    id: str
    name: str
    why: Markup
    values: list[tuple[str, Markup]]  # the part's letter, the value


@dataclass(frozen=True)
class QuestionView:
    """A question as the templates see it."""

    question: "Question"
    id: str
    number: int | None
    statement: Markup
    parts: tuple[PartView, ...]
    steps: tuple[StepView, ...]
    mistakes: tuple[MistakeView, ...]


def _view(question: "Question", name: str, number: int | None, choices: bool, checks: bool) -> QuestionView:
    try:
        figures = Figures(question.figures, name)
        mistakes = _mistakes(question, name)
        return QuestionView(
            question=question,
            id=name,
            number=number,
            statement=blocks(question.statement, figures),
            parts=tuple(
                _part(question, at, name, choices, mistakes if checks else None, figures)
                for at in range(len(question.parts))
            ),
            steps=tuple(
                _step(step, said) for step, said in zip(question.solution, reasons(question.solution), strict=True)
            ),
            mistakes=tuple(mistakes.values()),
        )
    except RenderError as error:
        raise RenderError(f"{question.code}: {error}") from error


def _mistakes(question: "Question", name: str) -> dict[str, MistakeView]:
    """The named mistakes by name, each with the values that it leads to in the parts."""
    found: dict[str, MistakeView] = {}
    for at, part in enumerate(question.parts):
        for mistake in part.mistakes:
            if mistake.name not in found:
                why = inlines(parse_inline(mistake.why))
                found[mistake.name] = MistakeView(f"{name}-m{len(found)}", capital(mistake.name), why, [])
            found[mistake.name].values.append((label(question, at), _leads_to(part, mistake)))
    return found


def _part(
    question: "Question",
    at: int,
    name: str,
    choices: bool,
    mistakes: dict[str, MistakeView] | None,
    figures: "Figures",
) -> PartView:
    part = question.parts[at]
    field = _FIELDS.get(part.kind.name, "line")
    if choices and field not in {"choice", "choices"} and len(part.options) > 1:
        field = "choice"
    chosen = field in {"choice", "choices"}
    checked = mistakes is not None and (chosen or part.kind.name not in _NOT_IN_PAGE)
    place = f"{name}-{letter(at)}"
    hint = "" if chosen else _hint(part.kind)
    headings, labels = _labels(part.kind)
    return PartView(
        part=part,
        id=place,
        letter=label(question, at),
        prompt=blocks(part.words if chosen else part.prompt, figures),
        field=field,
        hint=hint,
        repeated=at > 0 and hint == _hint(question.parts[at - 1].kind),
        options=tuple(map(_label, part.options)) if chosen else (),
        headings=headings,
        labels=labels,
        cells=_cells(part) if field in {"matrix", "table"} else (),
        answer=_answer(part),
        check=_check(part, place, field, mistakes or {}) if checked else None,
    )


def _answer(part: "QuestionPart") -> Markup:
    """The right answer as a formula; that of a table as a table, with its labels."""
    if not isinstance(part.kind, Table):
        return mathml(part.answer_latex)
    headings, labels = _labels(part.kind)
    values: Any = centres(part.target)
    rows = Markup()
    for name, row in zip(labels, values, strict=True):
        cells = _each(zip(part.kind.kinds, row, strict=True), lambda cell: _tag("td", mathml(cell[0].latex(cell[1]))))
        rows += Markup('<tr><th scope="row">{}</th>{}</tr>').format(name, cells)
    head = _each(headings, lambda heading: Markup('<th scope="col">{}</th>').format(heading))
    return Markup('<table class="qg-table"><thead><tr><td></td>{}</tr></thead><tbody>{}</tbody></table>').format(
        head, rows
    )


def _leads_to(part: "QuestionPart", mistake: "PartMistake") -> Markup:
    """Where a mistake leads as a formula; in a table the cells that it changes, each on a line."""
    return Markup("<br>").join(map(_label, leads_to(part, mistake, _MOST_CELLS)))


def _labels(kind: Kind) -> tuple[tuple[Markup, ...], tuple[Markup, ...]]:
    """The headings of a table's columns and the labels of its rows."""
    if not isinstance(kind, Table):
        return (), ()
    return tuple(map(_label, kind.columns)), tuple(map(_label, kind.rows))


def _cells(part: "QuestionPart") -> tuple[tuple[tuple[str, bool], ...], ...]:
    """The grid of fields that a matrix or table is typed into."""
    if isinstance(part.kind, Table):
        columns = [in_words(parse_inline(column)) for column in part.kind.columns]
        wide = [kind.name in {"shape", "vector"} for kind in part.kind.kinds]
        rows = [in_words(parse_inline(row)) for row in part.kind.rows]
        return tuple(tuple((f"{row}, {name}", w) for name, w in zip(columns, wide, strict=True)) for row in rows)
    target: Any = part.target
    return tuple(
        tuple((f"row {i}, column {j}", False) for j, _ in enumerate(row, 1)) for i, row in enumerate(target, 1)
    )


def _label(text: str) -> Markup:
    return inlines(parse_inline(text))


def _hint(kind: Kind) -> str:
    """How to type an answer into the page's fields."""
    match kind:
        case Matrix():
            return f"a number{to_places(kind.decimals)} in every box"
        case Table():
            return "; ".join(f"{column}: {each.hint()}" for column, each in zip(kind.columns, kind.kinds, strict=True))
    return kind.hint()


def _check(part: "QuestionPart", name: str, field: str, mistakes: Mapping[str, MistakeView]) -> dict[str, Any]:
    """What the script needs: the field, the kind, what is accepted, and which mistakes lead where."""
    if field in {"choice", "choices"}:
        kind: dict[str, Any] = {"kind": field}
        target: Any = {"options": sorted(part.correct)}
        also: list[Any] = []
        leads = [
            (mistake.name, {"options": [at]})
            for mistake in part.mistakes
            for at, option in enumerate(part.options)
            if option == f"${mistake.latex}$"
        ]
    else:
        kind = part.kind.to_json()
        for names in ("rows", "columns"):
            if names in kind:
                kind[names] = [in_words(parse_inline(name)) for name in kind[names]]
        target = targets_to_json(part.target)
        also = [targets_to_json(each) for each in part.also_targets]
        leads = [(mistake.name, targets_to_json(mistake.target)) for mistake in part.mistakes]
    return {
        "id": name,
        "field": field,
        "points": part.points,
        "kind": kind,
        "target": target,
        "also": also,
        "mistakes": [{"id": mistakes[each].id, "target": value} for each, value in leads],
    }


def _step(step: "Step", why: str) -> StepView:
    left, *right = step.latex or ("",)
    return StepView(
        heading=inlines(parse_inline(step.heading)),
        why=inlines(parse_inline(capital(why))),
        left=mathml(left, display=True),
        short=is_short(left),
        right=tuple(link for piece in right for link in chain(piece)),
        unfolded=tuple(_step(one, one.why) for one in step.unfolded),
    )


class Figures:
    """A question's figures as SVG whose ids are nobody else's on the page."""

    def __init__(self, figures: Mapping[str, Any], prefix: str) -> None:
        self.figures = figures
        self.prefix = prefix
        self.drawn = 0

    def svg(self, figure: doc.Figure) -> Markup:
        """The drawing of the figure that the markup names."""
        if figure.name not in self.figures:
            known = ", ".join(self.figures) or "none"
            raise RenderError(f"there is no figure {shown(figure.name)}; the question has: {known}")
        from quizgen.render.figures import svg

        self.drawn += 1
        return _raw(svg(self.figures[figure.name], f"{self.prefix}-figure-{self.drawn}"))


# Markup as HTML -------------------------------------------------------------------------------------------------


def blocks(markup: str, figures: Figures | None = None) -> Markup:
    """A piece of the small markup as HTML."""
    return Markup("\n").join(_block(block, figures) for block in parse(markup))


def _block(block: doc.Block, figures: Figures | None) -> Markup:
    match block:
        case doc.Paragraph(items):
            return _tag("p", inlines(items))
        case doc.Display(latex):
            return Markup('<div class="qg-display">{}</div>').format(mathml(latex, display=True))
        case doc.Bullets(items):
            return Markup('<ul class="qg-list">{}</ul>').format(_each(items, lambda item: _tag("li", inlines(item))))
        case doc.Numbered(items, start):
            rows = _each(items, lambda item: _tag("li", inlines(item)))
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
    def row(cells: tuple[doc.Inlines, ...], tag: str) -> Markup:
        row = Markup()
        for cell, align in zip(cells, table.align, strict=True):
            place = "" if align == "left" else Markup(' class="qg-{}"').format(align)
            scope = Markup(' scope="col"') if tag == "th" else ""
            row += Markup("<{0}{1}{2}>{3}</{0}>").format(tag, place, scope, inlines(cell))
        return _tag("tr", row)

    return Markup(
        '<div class="qg-scroll" tabindex="0" role="region" aria-label="table">'
        '<table class="qg-table"><thead>{}</thead><tbody>{}</tbody></table></div>'
    ).format(row(table.header, "th"), _each(table.rows, lambda cells: row(cells, "td")))


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
                result += _tag("strong", inlines(inner))
            case doc.Emphasis(inner):
                result += _tag("em", inlines(inner))
            case doc.InlineCode(code):
                result += _tag("code", escape(code))
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


def _tag(name: str, inner: Markup) -> Markup:
    return Markup("<{0}>{1}</{0}>").format(name, inner)


def _each(items: Iterable[_T], show: Callable[[_T], Markup]) -> Markup:
    return Markup().join(show(item) for item in items)


# What the page carries ------------------------------------------------------------------------------------------


def _raw(text: str) -> Markup:
    return Markup(text)  # noqa: S704 (our own asset or drawing, never text from outside)


@lru_cache
def _font_face() -> str:
    font = base64.b64encode(asset_bytes(FONT)).decode()
    return (
        '\n@font-face {\n  font-family: "quizgen math";\n  font-display: block;\n'
        f'  src: url("data:font/woff2;base64,{font}") format("woff2");\n}}\n'
    )


def _json(value: object) -> Markup:
    """JSON that can stand in a script element: no character in it begins a tag or ends a line of a script."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return _raw(text)

"""A question as templates see it. Nothing is worked out before a template asks for it: a question that is shown without
its solution costs no more than its words."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from markupsafe import Markup

from quizgen.answers import Kind, Matrix, Table, centres, targets_to_json
from quizgen.answers.vector import to_places
from quizgen.errors import RenderError
from quizgen.render.html_markup import Draw, Figures, blocks, each, in_words, inline, raw, tag
from quizgen.render.mathml import chain, is_short, mathml
from quizgen.render.parts import is_choice, label, leads_to, reasons
from quizgen.text import parse_inline
from quizgen.wording import capital, letter

if TYPE_CHECKING:
    from quizgen.question import PartMistake, Question, QuestionPart, Step

__all__ = ["MistakeView", "PartView", "QuestionView", "StepView", "step_view"]

_T = TypeVar("_T")

_GRIDS = frozenset(["matrix", "table"])
_NOT_IN_PAGE = frozenset(["expression"])  # kinds that only Python checks
_MOST_CELLS = 4  # cells of a table that are listed of what a mistake changes


@dataclass(frozen=True)
class StepView:
    """A line of a solution: its left side, and the links of the chain that goes on from it."""

    heading: Markup
    why: Markup
    left: Markup
    short: bool  # whether a phone has room for a link of the chain beside the left side
    right: tuple[Markup, ...]
    unfolded: tuple["StepView", ...] = ()


def step_view(latex: Iterable[str], why: str = "", heading: str = "", unfolded: Iterable["Step"] = ()) -> StepView:
    """The view of a line in aligned pieces. Raises RenderError where it can't be printed."""
    left, *right = latex or ("",)
    return StepView(
        heading=inline(heading),
        why=inline(capital(why)),
        left=mathml(left, display=True),
        short=is_short(left),
        right=tuple(link for piece in right for link in chain(piece)),
        unfolded=tuple(step_view(one.latex, one.why) for one in unfolded),
    )


@dataclass
class MistakeView:
    """A named mistake: where it leads, for each part that it changes."""

    id: str
    name: str
    why: Markup
    values: list[tuple[str, Markup]]  # the part's letter, the value


def _printed(make: Callable[[Any], _T]) -> "cached_property[_T]":
    """A property that is worked out once; what can't be printed names the question."""

    def named(self: Any) -> _T:
        try:
            return make(self)
        except RenderError as error:
            code = f"{self.question.code}: "
            if error.message.startswith(code):
                raise
            raise RenderError(code + error.message) from error

    named.__doc__ = make.__doc__
    return cached_property(named)


@dataclass(frozen=True, eq=False)
class QuestionView:
    """A question with an ``id`` that begins all ids in it, and the ``number`` that it has on a page.

    ``choices``: asked as multiple choice; ``checks``: with what a script needs to check its answers; ``draw``: what
    gives its figures as SVG. Its properties raise RenderError, which names the question.
    """

    question: "Question"
    id: str
    number: int | None = None
    choices: bool = False
    checks: bool = False
    draw: Draw | None = None

    @_printed
    def statement(self) -> Markup:
        return blocks(self.question.statement, self.figures)

    @cached_property
    def figures(self) -> Figures:
        return Figures(self.question.figures, self.id, self.draw)

    @cached_property
    def parts(self) -> tuple["PartView", ...]:
        return tuple(PartView(self, part, at) for at, part in enumerate(self.question.parts))

    @_printed
    def steps(self) -> tuple[StepView, ...]:
        """The lines of the worked solution."""
        lines = self.question.solution
        return tuple(
            step_view(step.latex, said, step.heading, step.unfolded)
            for step, said in zip(lines, reasons(lines), strict=True)
        )

    @_printed
    def mistakes(self) -> tuple[MistakeView, ...]:
        """The named mistakes, each with the values that it leads to in the parts."""
        return tuple(self._mistakes.values())

    @cached_property
    def _mistakes(self) -> dict[str, MistakeView]:
        found: dict[str, MistakeView] = {}
        for at, part in enumerate(self.question.parts):
            for mistake in part.mistakes:
                if mistake.name not in found:
                    place, name = f"{self.id}-m{len(found)}", capital(mistake.name)
                    found[mistake.name] = MistakeView(place, name, inline(mistake.why), [])
                found[mistake.name].values.append((label(self.question, at), _leads_to(part, mistake)))
        return found


@dataclass(frozen=True, eq=False)
class PartView:
    """A part of a question: what is asked, and the field that its answer is typed into."""

    view: QuestionView
    part: "QuestionPart"
    at: int  # its place in the question, from 0

    @property
    def question(self) -> "Question":
        return self.view.question

    @property
    def id(self) -> str:
        return f"{self.view.id}-{letter(self.at)}"

    @property
    def number(self) -> int:
        """Its number in the question, from 1."""
        return self.at + 1

    @property
    def letter(self) -> str:
        """ "(a)"; empty where the question has one part."""
        return label(self.question, self.at)

    @property
    def field(self) -> str:
        """ "line", "matrix", "table", "choice" or "choices"."""
        name = self.part.kind.name
        if name in _GRIDS and not self.is_choice:
            return name
        return ("choices" if name == "choices" else "choice") if self.is_choice else "line"

    @property
    def is_choice(self) -> bool:
        return is_choice(self.part, self.view.choices)

    @_printed
    def prompt(self) -> Markup:
        return blocks(self.part.words if self.is_choice else self.part.prompt, self.view.figures)

    @cached_property
    def hint(self) -> str:
        """How to type an answer."""
        return "" if self.is_choice else _hint(self.part.kind)

    @property
    def repeated(self) -> bool:
        """Whether the part before has the same hint."""
        return self.at > 0 and self.hint == _hint(self.question.parts[self.at - 1].kind)

    @_printed
    def options(self) -> tuple[Markup, ...]:
        return tuple(map(inline, self.part.options)) if self.is_choice else ()

    @_printed
    def headings(self) -> tuple[Markup, ...]:
        """The cells over a table's columns."""
        kind = self.part.kind
        return tuple(_heading(column, "col") for column in kind.columns) if isinstance(kind, Table) else ()

    @_printed
    def labels(self) -> tuple[Markup, ...]:
        """The cells before a table's rows."""
        return tuple(_heading(row, "row") for row in self.part.kind.rows) if isinstance(self.part.kind, Table) else ()

    @_printed
    def cells(self) -> tuple[tuple[tuple[str, bool], ...], ...]:
        """The grid of fields of a matrix or table: what each is called, and if it is wide."""
        return _cells(self.part) if self.field in _GRIDS else ()

    @_printed
    def answer(self) -> Markup:
        """The right answer as a formula; that of a table as a table, with its labels."""
        if isinstance(self.part.kind, Table):
            return self.table(centres(self.part.target), self.part.kind)
        return mathml(self.part.answer_latex)

    def table(self, values: Any, kind: Table) -> Markup:
        """Values of a table, shown by its kind, with the labels; a blank cell is left empty."""
        rows = Markup()
        for name, row in zip(self.labels, values, strict=False):
            cells = [Markup() if x is None else mathml(one.latex(x)) for one, x in zip(kind.kinds, row, strict=True)]
            rows += tag("tr", name + each(cells, lambda cell: tag("td", cell)))
        head = Markup().join(self.headings)
        return Markup('<table class="qg-table"><thead><tr><td></td>{}</tr></thead><tbody>{}</tbody></table>').format(
            head, rows
        )

    @property
    def checked(self) -> bool:
        """Whether the script of a sheet checks it."""
        return self.view.checks and (self.is_choice or self.part.kind.name not in _NOT_IN_PAGE)

    @_printed
    def check(self) -> dict[str, Any] | None:
        """What the script of a sheet needs to check the part; None: it can't, or must not."""
        return _check(self) if self.checked else None


def _heading(text: str, scope: str) -> Markup:
    """A cell that names a row or column; a formula in it is also said in words, which not everything reads out."""
    words, shown = in_words(parse_inline(text)), inline(text)
    if "<math" in shown:
        both = Markup('<span class="qg-spoken">{}</span><span aria-hidden="true">{}</span>')
        shown = both.format(words, shown)
    return Markup('<th scope="{}">{}</th>').format(scope, shown)


def _leads_to(part: "QuestionPart", mistake: "PartMistake") -> Markup:
    """Where a mistake leads as a formula; in a table the cells that it changes, each on a line."""
    return raw("<br>").join(map(inline, leads_to(part, mistake, _MOST_CELLS)))


def _cells(part: "QuestionPart") -> tuple[tuple[tuple[str, bool], ...], ...]:
    if isinstance(part.kind, Table):
        columns = [in_words(parse_inline(column)) for column in part.kind.columns]
        wide = [kind.name in {"shape", "vector"} for kind in part.kind.kinds]
        rows = [in_words(parse_inline(row)) for row in part.kind.rows]
        return tuple(tuple((f"{row}, {name}", w) for name, w in zip(columns, wide, strict=True)) for row in rows)
    target: Any = part.target
    return tuple(
        tuple((f"row {i}, column {j}", False) for j, _ in enumerate(row, 1)) for i, row in enumerate(target, 1)
    )


def _hint(kind: Kind) -> str:
    match kind:
        case Matrix():
            return f"a number{to_places(kind.decimals)} in every box"
        case Table():
            return "; ".join(f"{column}: {one.hint()}" for column, one in zip(kind.columns, kind.kinds, strict=True))
    return kind.hint()


def _check(view: PartView) -> dict[str, Any]:
    """The field, the kind, what is accepted, and which mistakes lead where."""
    part, mistakes = view.part, view.view._mistakes
    if view.is_choice:
        kind: dict[str, Any] = {"kind": view.field}
        target: Any = {"options": sorted(part.correct)}
        also: list[Any] = []
        leads = list(_leading_options(part))
    else:
        kind = part.kind.to_json()
        for names in ("rows", "columns"):
            if names in kind:
                kind[names] = [in_words(parse_inline(name)) for name in kind[names]]
        target = targets_to_json(part.target)
        also = [targets_to_json(one) for one in part.also_targets]
        leads = [(mistake.name, targets_to_json(mistake.target)) for mistake in part.mistakes]
    return {
        "id": view.id,
        "field": view.field,
        "points": part.points,
        "kind": kind,
        "target": target,
        "also": also,
        "mistakes": [{"id": mistakes[name].id, "target": value} for name, value in leads],
    }


def _leading_options(part: "QuestionPart") -> Iterator[tuple[str, Any]]:
    """The named mistakes that lead to options, each with its option."""
    for mistake in part.mistakes:
        for at, option in enumerate(part.options):
            if option == f"${mistake.latex}$":
                yield mistake.name, {"options": [at]}

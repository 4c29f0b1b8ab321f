"""Answers as numeric fields: one for a number, one for each entry of a shape, vector, matrix or table.

Platforms know single numbers, each with what is accepted around it. A part is cut into such fields here, and put
together again on the page (`laid_out`), the same for every format that has fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, cast

from flint import fmpq

from quizgen.answers import Kind, Table, Target
from quizgen.answers.base import plain
from quizgen.question import decimal_text
from quizgen_solvers.exact import places_needed

if TYPE_CHECKING:
    from quizgen.question import PartMistake, QuestionPart

__all__ = ["USUAL", "Field", "Look", "Slip", "fields", "laid_out", "typed", "unfit"]

NUMERIC = frozenset({"integer", "number", "shape", "vector", "matrix", "table"})


@dataclass(frozen=True, slots=True)
class Slip:
    """A wrong value of a field, and the named mistakes that lead to it."""

    target: Target
    mistakes: tuple[PartMistake, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One number to be typed.

    ``name`` is what it is called (small markup), "" for an only one; ``right`` what is accepted, the answer itself
    first; ``slips`` the wrong values that have a name, none of them accepted; ``share`` of the part's credit;
    ``decimals`` that are asked for, None where the answer is exact; ``whole``: whether a whole number is asked for.
    """

    name: str
    right: tuple[Target, ...]
    slips: tuple[Slip, ...]
    share: fmpq
    decimals: int | None
    whole: bool = False

    def typed(self, target: Target) -> str:
        """A value of this field as a student types it."""
        return plain(target.centre, self.decimals)

    @property
    def answer(self) -> str:
        """The right answer as a student types it."""
        return self.typed(self.right[0])

    @staticmethod
    def slack(target: Target) -> str:
        """The tolerance of a value, as a decimal."""
        return decimal_text(target.tolerance)


def unfit(part: QuestionPart, fractions: bool = False) -> str:
    """Why the part can't be cut into numeric fields, "" where it can; ``fractions``: whether these are read there."""
    kind, centre = part.kind, part.centre
    if kind.name not in NUMERIC:
        return f"{kind.name} is no number"
    for each in kind.kinds if isinstance(kind, Table) else ():
        if each.name not in NUMERIC - {"matrix", "table"}:
            return f"a column of it is {each.name}"
    leaves = list(_leaves(part.target))
    if not leaves or (isinstance(kind, Table) and any(cell == () for row in centre for cell in row)):
        return "a shape without dimensions has nothing to type into"
    if part.also and isinstance(centre, tuple) and _mixes(part):
        return "several answers are right, and entry by entry a mixture of them would be too"
    every = [*leaves, *(leaf for target in part.also_targets for leaf in _leaves(target))]
    for path, target in every:
        if "/" in (text := plain(target.centre, _decimals(kind, path))) and not fractions:
            return f"the answer {text} is no short decimal, and fractions are not read there"
        if places_needed(target.tolerance) is None:
            return f"its tolerance {decimal_text(target.tolerance)} is no decimal"
    return ""


def typed(part: QuestionPart) -> Iterator[str]:
    """What is right, field by field, as a student types it; of several right answers one after the other."""
    for target in (part.target, *part.also_targets):
        for path, leaf in _leaves(target):
            yield plain(leaf.centre, _decimals(part.kind, path))


def fields(part: QuestionPart) -> tuple[Field, ...]:
    """The fields of a part in reading order. Ask `unfit` first."""
    kind = part.kind
    leaves = list(_leaves(part.target))
    also = [dict(_leaves(target)) for target in part.also_targets]
    wrong = [
        (mistake, dict(_leaves(mistake.target))) for mistake in part.mistakes if _alike(part.target, mistake.target)
    ]
    found = []
    for path, target in leaves:
        right = tuple(dict.fromkeys([target, *(other[path] for other in also)]))
        slips: dict[fmpq, tuple[Target, list[PartMistake]]] = {}
        for mistake, values in wrong:
            value = values[path]
            if not any(each.accepts(value.centre) for each in right):
                slips.setdefault(value.centre, (value, []))[1].append(mistake)
        found.append(
            Field(
                name=_name(kind, path, len(leaves)),
                right=right,
                slips=tuple(Slip(value, tuple(mistakes)) for value, mistakes in slips.values()),
                share=_share(part.centre, path),
                decimals=_decimals(kind, path),
                whole=_of(kind, path).name in ("integer", "shape"),
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Look:
    """Attributes of the tables on a page, each with a space before it: of a table, its cells, and a matrix."""

    table: str = ' style="border-collapse:collapse"'
    cell: str = ' style="border:1px solid #888;padding:2px 8px"'
    matrix: str = ' style="border-left:2px solid;border-right:2px solid"'


USUAL = Look()


def laid_out(part: QuestionPart, shown: Sequence[str], line: Callable[[str], str], look: Look = USUAL) -> str:
    """The fields of a part as XHTML: a line, brackets, or a table.

    ``shown``: what stands on the page for each of the `fields`; ``line`` prints small markup.
    """
    rest = iter(shown)
    kind, centre = part.kind, part.centre
    if isinstance(kind, Table):
        head = "".join(f"<th{look.cell}>{line(column)}</th>" for column in kind.columns)
        rows = ""
        for label, row in zip(kind.rows, centre, strict=True):
            cells = zip(kind.kinds, row, strict=True)
            inner = "".join(f"<td{look.cell}>{_inline(each, cell, rest)}</td>" for each, cell in cells)
            rows += f"<tr><th{look.cell}>{line(label)}</th>{inner}</tr>"
        head = f"<thead><tr><td{look.cell}></td>{head}</tr></thead>"
        return f"<table{look.table}>{head}<tbody>{rows}</tbody></table>"
    if kind.name == "matrix":
        rows = "".join(f"<tr>{''.join(f'<td>{next(rest)}</td>' for _ in row)}</tr>" for row in centre)
        return f"<table{look.matrix}><tbody>{rows}</tbody></table>"
    return f"<p>{_inline(kind, centre, rest)}</p>"


def _inline(kind: Kind, value: Any, rest: Iterator[str]) -> str:
    if not isinstance(value, tuple):
        return next(rest)
    inner = ", ".join(next(rest) for _ in value)
    return f"({inner},)" if kind.name == "shape" and len(value) == 1 else f"({inner})"


def _leaves(target: Any, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Target]]:
    if isinstance(target, tuple):
        for i, each in enumerate(target):
            yield from _leaves(each, (*path, i))
    else:
        yield path, cast("Target", target)


def _alike(a: Any, b: Any) -> bool:
    """Whether two nested values have one shape, so that what is typed for one may be typed for the other."""
    if not isinstance(a, tuple) or not isinstance(b, tuple):
        return isinstance(a, tuple) == isinstance(b, tuple)
    return len(a) == len(b) and all(map(_alike, a, b))


def _mixes(part: QuestionPart) -> bool:
    """Whether entries of several right answers can be put together to one that isn't right."""
    if not all(_alike(part.centre, other) for other in part.also):
        return True
    answers = {tuple(target.centre for _, target in _leaves(each)) for each in (part.target, *part.also_targets)}
    return prod(len(set(column)) for column in zip(*answers, strict=True)) != len(answers)


def _share(centre: Any, path: tuple[int, ...]) -> fmpq:
    """Cells of a table and entries of a matrix count alike; what is within a cell shares what it counts."""
    share = fmpq(1)
    for i in path:
        share /= len(centre)
        centre = centre[i]
    return share


def _of(kind: Kind, path: tuple[int, ...]) -> Kind:
    """The kind of a leaf: of a table that of its column."""
    return kind.kinds[path[1]] if isinstance(kind, Table) else kind


def _decimals(kind: Kind, path: tuple[int, ...]) -> int | None:
    return getattr(_of(kind, path), "decimals", None)


def _name(kind: Kind, path: tuple[int, ...], count: int) -> str:
    if isinstance(kind, Table):
        row, column, *entry = path
        names = [kind.rows[row], *([kind.columns[column]] if len(kind.columns) > 1 else [])]
        return ", ".join([*names, *(f"entry {i + 1}" for i in entry)])
    if kind.name == "matrix":
        return f"row {path[0] + 1}, column {path[1] + 1}"
    return f"entry {path[0] + 1}" if path and count > 1 else ""

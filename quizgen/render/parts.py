"""What the printers say alike of a question's parts and steps."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from quizgen.answers import centres
from quizgen.render import document as doc
from quizgen.text import parse_inline
from quizgen.wording import letter

if TYPE_CHECKING:
    from quizgen.answers import Kind, Table, Value
    from quizgen.question import PartMistake, Question, QuestionPart, Step

__all__ = [
    "OPTIONS",
    "Trap",
    "answer",
    "as_typed",
    "blank_table",
    "cells",
    "displayed",
    "is_choice",
    "label",
    "leads_to",
    "prompt",
    "reasons",
    "traps",
]

OPTIONS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""The letters that options are called by."""

_MOST_CELLS = 6  # of a table, that are listed of what a mistake changes


def as_typed(kind: "Kind") -> "Kind":
    """A kind that shows a number as it was typed, whatever it is to be rounded to."""
    changes: dict[str, Any] = {}
    if hasattr(kind, "kinds"):  # of the columns of a table
        changes["kinds"] = tuple(map(as_typed, kind.kinds))
    elif getattr(kind, "decimals", None) is not None:
        changes["decimals"] = None
    return replace(kind, **changes) if changes else kind  # type: ignore[type-var]


def label(question: "Question", at: int) -> str:
    """ "(a)" for the first of several parts; nothing for an only one."""
    return f"({letter(at)})" if len(question.parts) > 1 else ""


def is_choice(part: "QuestionPart", choices: bool) -> bool:
    """Whether a part is asked as multiple choice: because it is one, or because the sheet wants `choices`."""
    return part.kind.name in ("choice", "choices") or (choices and len(part.options) > 1)


def prompt(part: "QuestionPart", choices: bool) -> str:
    """The words of a part (markup); how precise an answer is to be matters only where one is written."""
    return part.words if is_choice(part, choices) else part.prompt


def blank_table(part: "QuestionPart") -> doc.Table | None:
    """The table to be filled in where the answer is one: its columns, the labels of its rows, and empty cells."""
    if part.kind.name != "table":
        return None
    kind = cast("Table", part.kind)
    empty = ((),) * len(kind.columns)
    return doc.Table(
        header=((), *map(parse_inline, kind.columns)),
        rows=tuple((parse_inline(label), *empty) for label in kind.rows),
        align=("left",) * (1 + len(kind.columns)),
    )


def reasons(steps: "Iterable[Step]") -> Iterator[str]:
    """The reason (markup) of each step; nothing where its heading or the step before has just said the same."""
    before = ""
    for step in steps:
        yield "" if step.why in (before, step.heading) else step.why
        before = step.why


def displayed(step: "Step") -> str:
    """A line of a solution as one displayed formula (LaTeX): a long one with each of its steps on a row of its own."""
    left, *right = step.latex
    if sum(map(len, step.latex)) > 110 and len(right) > 1 and "begin{" not in "".join(step.latex):
        rows = r" \\ ".join(f"& {piece}" for piece in right)
        return rf"\begin{{aligned}} {left} {rows} \end{{aligned}}"
    return " ".join(step.latex)


@dataclass(frozen=True)
class Trap:
    """A named mistake: why it is one, and of each part that it changes the label and the wrong answer (markup)."""

    name: str
    why: str
    answers: tuple[tuple[str, str], ...]


def traps(question: "Question") -> tuple[Trap, ...]:
    """Every named mistake that changes an answer, once."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for at, part in enumerate(question.parts):
        for mistake in part.mistakes:
            found.setdefault((mistake.name, mistake.why), []).append(
                (label(question, at), ", ".join(leads_to(part, mistake)))
            )
    return tuple(Trap(name, why, tuple(answers)) for (name, why), answers in found.items())


def leads_to(part: "QuestionPart", mistake: "PartMistake", most: int = _MOST_CELLS) -> list[str]:
    """A wrong answer as markup; of a table each cell that is wrong, and "…" for those beyond ``most``."""
    if part.kind.name != "table":
        return [f"${mistake.latex}$"]
    wrong = [
        f"{name} ${cell}$"
        for (name, right), (_, cell) in zip(cells(part, part.target), cells(part, mistake.target), strict=True)
        if right != cell
    ]
    return [*wrong[:most], *(["…"] if len(wrong) > most else [])]


def answer(part: "QuestionPart", choices: bool) -> str:
    """The right answer as markup: of a choice the letters and the options, of a table its cells."""
    if is_choice(part, choices):
        right = (number for number in sorted(part.correct) if number < len(OPTIONS))
        return ", ".join(f"**{OPTIONS[number]}** {part.options[number]}" for number in right)
    if part.kind.name == "table":
        return ", ".join(f"{name} ${cell}$" for name, cell in cells(part, part.target))
    return f"${part.answer_latex}$"


def cells(part: "QuestionPart", target: Any) -> list[tuple[str, str]]:
    """The cells of a table, row by row: what each is called (markup) and what stands in it (LaTeX)."""
    kind, rows = cast("Table", part.kind), cast("tuple[tuple[Value, ...], ...]", centres(target))
    named = []
    for row, values in zip(kind.rows, rows, strict=True):
        for column, of, value in zip(kind.columns, kind.kinds, values, strict=True):
            named.append((f"{row}:" if len(kind.columns) == 1 else f"{row}, {column}:", of.latex(value)))
    return named

"""What the printers of paper, terminal and Markdown say alike of a question's parts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from quizgen.answers import centres

if TYPE_CHECKING:
    from quizgen.answers import Table, Value
    from quizgen.question import PartMistake, Question, QuestionPart

__all__ = ["OPTIONS", "Trap", "answer", "cells", "counted", "is_choice", "label", "traps"]

OPTIONS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""The letters that options are called by."""

_MOST_CELLS = 6


def counted(count: int, noun: str) -> str:
    """`counted(2, "point")` is "2 points"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def label(question: "Question", at: int) -> str:
    """ "(a)" for the first of several parts; nothing for an only one."""
    if len(question.parts) == 1:
        return ""
    return f"({chr(ord('a') + at)})" if at < 26 else f"({at + 1})"


def is_choice(part: "QuestionPart", choices: bool) -> bool:
    """Whether a part is asked as multiple choice: because it is one, or because the sheet wants `choices`."""
    return part.kind.name in ("choice", "choices") or (choices and len(part.options) > 1)


def prompt(part: "QuestionPart", choices: bool) -> str:
    """The words of a part (markup); how precise an answer is to be matters only where one is written."""
    return part.words if is_choice(part, choices) else part.prompt


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
            found.setdefault((mistake.name, mistake.why), []).append((label(question, at), _wrong(part, mistake)))
    return tuple(Trap(name, why, tuple(answers)) for (name, why), answers in found.items())


def _wrong(part: "QuestionPart", mistake: "PartMistake") -> str:
    """A wrong answer as markup; of a table the cells that are wrong."""
    if part.kind.name != "table":
        return f"${mistake.latex}$"
    wrong = [
        f"{name} ${cell}$"
        for (name, right), (_, cell) in zip(cells(part, part.target), cells(part, mistake.target), strict=True)
        if right != cell
    ]
    return ", ".join(wrong[:_MOST_CELLS]) + (", …" if len(wrong) > _MOST_CELLS else "")


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

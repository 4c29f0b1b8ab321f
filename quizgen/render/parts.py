"""What the printers of paper, terminal and Markdown say alike of a question's parts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quizgen.question import PartMistake, Question, QuestionPart

__all__ = ["OPTIONS", "Trap", "counted", "is_choice", "label", "traps"]

OPTIONS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""The letters that options are called by."""


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


@dataclass(frozen=True)
class Trap:
    """A named mistake: why it is one, and the wrong answers that it leads to, each with its part's label."""

    name: str
    why: str
    answers: tuple[tuple[str, "PartMistake"], ...]


def traps(question: "Question") -> tuple[Trap, ...]:
    """Every named mistake that changes an answer, once."""
    found: dict[tuple[str, str], list[tuple[str, PartMistake]]] = {}
    for at, part in enumerate(question.parts):
        for mistake in part.mistakes:
            found.setdefault((mistake.name, mistake.why), []).append((label(question, at), mistake))
    return tuple(Trap(name, why, tuple(answers)) for (name, why), answers in found.items())

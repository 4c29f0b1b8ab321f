"""What the printers of paper, terminal and Markdown say alike of a question's parts."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quizgen.question import PartMistake, Question, QuestionPart

__all__ = ["OPTIONS", "answer_letters", "counted", "is_choice", "label", "mistakes"]

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


def answer_letters(part: "QuestionPart") -> str:
    """The letters of the right options."""
    return ", ".join(OPTIONS[number] for number in sorted(part.correct) if number < len(OPTIONS))


def mistakes(question: "Question") -> Iterator[tuple[str, "PartMistake"]]:
    """Every known mistake of every part, with the part's label."""
    for at, part in enumerate(question.parts):
        for mistake in part.mistakes:
            yield label(question, at), mistake

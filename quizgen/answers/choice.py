"""One option out of several, by letter or number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flint import fmpq

from quizgen.answers.base import RIGHT, Grade, Targets, Value, best, options
from quizgen.errors import InputError, Unreadable, shown

LETTERS = "abcdefghijklmnopqrstuvwxyz"
TEXT_LENGTH = 400
_BLANKS = re.compile(r"[ \t\r\n\u00a0]+")
_LABEL = re.compile(r"(\()?([a-z]|[0-9]{1,2})([).])?")


def plain_option(text: str) -> str:
    """An option as it is compared with what was typed: without dollar signs, in lower case, blanks as one."""
    return _BLANKS.sub(" ", text.replace("$", "")).strip(" ").lower()


def check_options(of: Sequence[str]) -> None:
    """Refuse a list of options that letters can't name."""
    if not 2 <= len(of) <= len(LETTERS):
        raise InputError(f"a choice has 2 to {len(LETTERS)} options, not {len(of)}")


def read_option(text: str, of: Sequence[str], where: str = "") -> int:
    """The option that a label names (b, B, 2, (b), b) or b.) or whose own words these are. Raises `Unreadable`.

    A bare label that is also another option's text, as 2 is where the second option says 4 and the first says 2, is
    refused: the letter with a bracket says which is meant.
    """
    typed = plain_option(text) if len(text) <= TEXT_LENGTH else ""
    same = [n for n, option in enumerate(of) if plain_option(option) == typed]
    found = _LABEL.fullmatch(typed)
    if found and found[1] and found[3] != ")":
        found = None
    known = f"{LETTERS[0]} to {LETTERS[len(of) - 1]}"
    if found:
        index = LETTERS.index(found[2]) if found[2] in LETTERS else int(found[2]) - 1
        bare = not found[1] and not found[3]
        if 0 <= index < len(of):
            if bare and any(n != index for n in same):
                raise Unreadable(
                    f"cannot read {shown(text)} as an option{where}: it may be a label or what option "
                    f"{LETTERS[same[0]]} says; for example {LETTERS[same[0]]}) can be read"
                )
            return index
    if len(same) == 1:
        return same[0]
    said = shown(text) if text.strip() else "an empty answer"
    raise Unreadable(f"cannot read {said} as an option{where}: the options are {known}; for example b or 2 can be read")


@dataclass(frozen=True, slots=True)
class Choice:
    """One option out of several. A target of several options accepts any one of them."""

    options: tuple[str, ...]
    name: ClassVar[str] = "choice"

    def __post_init__(self) -> None:
        check_options(self.options)

    def read(self, text: str) -> frozenset[int]:
        """The option, counted from 0. Raises `Unreadable`."""
        return frozenset([read_option(text, self.options)])

    def grade(self, given: Value, target: Targets, also: Sequence[Targets] = ()) -> Grade:
        """1 where the option is among the right ones, else 0."""
        chosen = options(given)

        def against(each: Targets) -> Grade:
            if len(chosen) == 1 and chosen <= options(each):
                return Grade(fmpq(1), RIGHT)
            return Grade(fmpq(0), f"{self.show(chosen)} isn't right", ((),))

        return best(against, target, also)

    def show(self, value: Value) -> str:
        """The letter."""
        return ", ".join(LETTERS[n] for n in sorted(options(value)))

    def latex(self, value: Value) -> str:
        """The letter."""
        return rf"\text{{{self.show(value)}}}"

    def hint(self) -> str:
        """How to type it."""
        return f"one letter from {LETTERS[0]} to {LETTERS[len(self.options) - 1]}"

    def to_json(self) -> dict[str, Any]:
        """``{"kind": "choice", "options": [...]}``."""
        return {"kind": self.name, "options": list(self.options)}

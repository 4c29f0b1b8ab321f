"""A question that is being worked on: what has been done at it, what comes next, and what it is worth so far.

An attempt is a value: a question and the moves made at it. Everything else follows from these, so what the store
kept of a session is the session.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from quizgen.answering import behind_letter
from quizgen.errors import UsageError
from quizgen.practice.hints import Hint, count, hints
from quizgen.practice.records import ZERO, Action, Moment, Move
from quizgen_solvers.exact import fmpq

if TYPE_CHECKING:
    from quizgen.question import Question

Status = Literal["waiting", "open", "wrong", "right", "passed"]
"""Of a part: not its turn yet; to be answered; answered wrongly, and may be tried again; right; left as it is."""

A_TRY = fmpq(1, 3)
"""What a wrong try takes from what a part is worth (the penalty that Moodle's adaptive mode has by default:
https://docs.moodle.org/en/Question_behaviours)."""


@dataclass(frozen=True)
class Attempt:
    """``choices``: answers are letters of the multiple-choice form; ``exam``: the last answer to a part counts, parts
    are answered in any order, and nothing is said of them before the end; ``ended``: nothing more can be done here."""

    question: Question
    moves: tuple[Move, ...] = ()
    choices: bool = False
    exam: bool = False
    ended: bool = False

    # --- where it stands ----------------------------------------------------------------------------------------------

    @cached_property
    def part(self) -> int | None:
        """The part that is to be answered now, from 1; None when all are dealt with. In an exam the first without an
        answer, or the last."""
        if self.closed:
            return None
        count = len(self.question.parts)
        if self.exam:
            return next((n for n in range(1, count + 1) if self.last(n) is None), count)
        return next((n for n in range(1, count + 1) if not self._dealt_with(n)), None)

    @cached_property
    def closed(self) -> bool:
        """Whether nothing more can be done here: all parts are dealt with, the solution was shown, or it was left."""
        if self.ended or any(move.action in ("solution", "skip") for move in self.moves):
            return True
        return not self.exam and all(self._dealt_with(n) for n in range(1, len(self.question.parts) + 1))

    @property
    def counts(self) -> bool:
        """Whether it counts: in an exam always, else where more was done than to leave it."""
        return self.exam or any(move.action != "skip" for move in self.moves)

    def status(self, part: int) -> Status:
        last = self.last(part)
        if self.exam and not self.closed:
            return "open"
        if last is not None and last.credit == 1:
            return "right"
        if self.closed or self._dealt_with(part):
            return "passed"
        if part != self.part:
            return "waiting"
        return "open" if last is None else "wrong"

    def tries(self, part: int) -> tuple[Move, ...]:
        """The answers to a part, in order."""
        return tuple(move for move in self.moves if move.action == "answer" and move.part == part)

    def last(self, part: int) -> Move | None:
        """The latest answer to a part."""
        return next((move for move in reversed(self.moves) if move.action == "answer" and move.part == part), None)

    def _dealt_with(self, part: int) -> bool:
        return any(
            move.part == part and (move.action == "on" or (move.action == "answer" and move.credit == 1))
            for move in self.moves
        )

    # --- what it is worth ---------------------------------------------------------------------------------------------

    def worth(self, part: int) -> fmpq:
        """What a right answer to a part is worth now, from 0 to 1: a hint takes its share, a wrong try a third."""
        return self._worth(part, self.moves)

    def _worth(self, part: int, moves: tuple[Move, ...]) -> fmpq:
        shown = sum(move.action == "hint" and move.part == part for move in moves)
        wrong = sum(move.action == "answer" and move.part == part and move.credit != 1 for move in moves)
        return max(ZERO, 1 - shown * self.hint_cost(part) - wrong * A_TRY)

    def credit(self, part: int) -> fmpq:
        """What the answers to a part earn, from 0 to 1: the best of them for what it was worth when it was given."""
        if self.exam:
            last = self.last(part)
            return ZERO if last is None else last.credit
        earned = [ZERO]
        for at, move in enumerate(self.moves):
            if move.action == "answer" and move.part == part and move.credit != 0:
                earned.append(move.credit * self._worth(part, self.moves[:at]))
        return max(earned)

    @property
    def points(self) -> fmpq:
        return sum((self.credit(n) * part.points for n, part in enumerate(self.question.parts, 1)), ZERO)

    @property
    def of(self) -> int:
        return self.question.points

    # --- hints --------------------------------------------------------------------------------------------------------

    def _known(self, part: int) -> list[int]:
        """The parts before one that were answered rightly: what leads to them is no hint any more."""
        return [n for n in range(1, part) if self.status(n) == "right"]

    def _all_hints(self, part: int) -> int:
        """How many hints there are at a part, those that were shown too."""
        if part not in self._counts:
            self._counts[part] = count(self.question, part, self._known(part))
        return self._counts[part]

    @cached_property
    def _counts(self) -> dict[int, int]:
        return {}

    def _shown(self, part: int) -> int:
        return sum(move.action == "hint" and move.part == part for move in self.moves)

    def hints(self, part: int) -> tuple[Hint, ...]:
        """The pieces of the solution that were asked for at a part."""
        shown = self._shown(part)
        return hints(self.question, part, self._known(part), shown) if shown else ()

    def hints_left(self, part: int) -> int:
        return 0 if self.exam else self._all_hints(part) - self._shown(part)

    def hint_cost(self, part: int) -> fmpq:
        """What one hint takes from what a part is worth: its share of the pieces that lead to the answer."""
        return fmpq(1, max(1, self._all_hints(part)))

    # --- moves --------------------------------------------------------------------------------------------------------

    def answer(self, text: str, part: int, at: Moment) -> Move:
        """The move of answering a part, marked; in an exam without a verdict. Raises `Unreadable`: that is no move."""
        if self.exam:
            return self._move("answer", part, at, typed=text, read_as=self.read(text, part))
        return self._marked(self._move("answer", part, at, typed=text))

    def _marked(self, move: Move) -> Move:
        """An answer with its verdict, in the light of the latest answers to the parts before it."""
        verdict = self.question.check(self._behind(move.typed, move.part), move.part, self._earlier(move.part))
        return replace(
            move,
            read_as=move.typed.strip() if self.is_choice(move.part) else verdict.read_as,
            credit=verdict.credit,
            reason=verdict.reason,
            carried=verdict.carried,
            mistakes=tuple(mistake.name for mistake in verdict.diagnosed),
        )

    def act(self, action: Action, at: Moment) -> Move:
        """The move of asking for a hint, going on, having the solution shown or leaving."""
        if action == "hint" and (self.part is None or not self.hints_left(self.part)):
            raise UsageError("there is no hint left here: all that leads to the answer has been shown")
        return self._move(action, self.part or len(self.question.parts), at)

    def with_(self, move: Move) -> Attempt:
        """The attempt after one more move."""
        return replace(self, moves=(*self.moves, move))

    def marked(self) -> Attempt:
        """An exam's attempt at the end: the last answer to each part has its verdict."""
        moves = list(self.moves)
        for n in range(1, len(self.question.parts) + 1):
            if (last := self.last(n)) is not None:
                moves[last.number] = self._marked(last)
        return replace(self, moves=tuple(moves), ended=True)

    def _move(self, action: Action, part: int, at: Moment, *, typed: str = "", read_as: str = "") -> Move:
        return Move(len(self.moves), action, part, at, typed=typed, read_as=read_as)

    def _earlier(self, part: int) -> dict[int, str]:
        last = ((n, self.last(n)) for n in range(1, part))
        return {n: self._behind(move.typed, n) for n, move in last if move is not None}

    # --- reading ------------------------------------------------------------------------------------------------------

    def is_choice(self, part: int) -> bool:
        """Whether a part is answered by the letter of an option."""
        one = self.question.part(part)
        return one.kind.name in ("choice", "choices") or (self.choices and len(one.options) > 1)

    def _behind(self, text: str, part: int) -> str:
        return behind_letter(self.question.part(part), text) if self.choices else text

    def read(self, text: str, part: int) -> str:
        """How a text is read as an answer to a part. Raises `Unreadable`."""
        one = self.question.part(part)
        behind = self._behind(text, part)
        read = one.kind.read(behind)
        return text.strip() if self.is_choice(part) else one.kind.show(read)

    def why(self, move: Move) -> Iterator[tuple[str, str]]:
        """The named mistakes that lead to an answer, each with what to look at (small markup)."""
        for mistake in self.question.part(move.part).mistakes:
            if mistake.name in move.mistakes:
                yield mistake.name, mistake.why

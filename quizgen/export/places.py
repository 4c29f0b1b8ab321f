"""Places of right options that nobody can guess: over an exam, and over the variants of a question, each is right about
equally often.

A question's code says in which order its options stand; over a handful of questions that may put half of the right ones
at B. So an export gives each right option a place of its own. Where a question is multiple choice by itself, its
options stay as they were written: one may well speak of "the two above".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from quizgen.rng import Rng

from .capability import Way, as_choice, own_choice, way_of

if TYPE_CHECKING:
    from quizgen.question import QuestionPart

    from . import Exported

__all__ = ["balanced"]

UNEVEN = 1
"""By how much more often than others a place may be right when the next one is given: were it 0, who knows all answers
but the last would know the last."""


def balanced(questions: Sequence[Exported], form: str, choices: bool = False) -> list[Exported]:
    """The same questions; the right one among options that are made of mistakes stands at a place given to it here.

    Of the variants of a part each place is right equally often, give or take one; over the first variants of an exam,
    which are all where there are no others, give or take two, and over the second and further ones about. With as many
    options, that is: where variants differ in that, each number of options is counted apart.
    """
    dealt = _Places([ascii(each.code or each.statement) for exported in questions for each in exported.every])
    return [_placed(exported, form, choices, dealt) for exported in questions]


class _Places:
    """Gives out places. They follow from ``secrets``, what only those know who know the exam."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._rng = Rng(" ".join(["places", *secrets]))
        self._taken: dict[tuple[int, int], list[int]] = {}

    def give(self, options: int, variants: Sequence[int]) -> dict[int, int]:
        """Where the right one of so many options stands in each of these variants of a part."""
        found: dict[int, int] = {}
        counts = [0] * options
        for variant in [*variants[:1], *self._rng.shuffled(variants[1:])]:  # the last one has the least to choose from
            taken = self._taken.setdefault((options, variant), [0] * options)
            free = [place for place in range(options) if counts[place] == min(counts)]
            most = max(min(taken[place] for place in free), min(taken) + UNEVEN)
            found[variant] = place = self._rng.choice([place for place in free if taken[place] <= most])
            counts[place] += 1
            taken[place] += 1
        return found


def _placed(exported: Exported, form: str, choices: bool, dealt: _Places) -> Exported:
    every = [list(question.parts) for question in exported.every]
    for at in range(len(exported.points)):
        alike: dict[int, list[int]] = {}
        for number, parts in enumerate(every):
            if _made_of_mistakes(parts[at], form, choices):
                alike.setdefault(len(parts[at].options), []).append(number)
        for options, variants in alike.items():
            for number, place in dealt.give(options, variants).items():
                every[number][at] = replace(every[number][at], place=place)
    made = [replace(question, parts=tuple(parts)) for question, parts in zip(exported.every, every, strict=True)]
    return replace(exported, question=made[0], variants=tuple(made[1:]))


def _made_of_mistakes(part: QuestionPart, form: str, choices: bool) -> bool:
    """Whether a part is asked as multiple choice, with options that nobody wrote down."""
    asked = way_of(part, form, choices).way
    return not own_choice(part) and (asked is Way.ONE or (asked is Way.DATA and choices)) and as_choice(part)

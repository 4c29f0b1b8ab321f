"""Dealing the questions of one place of the exam to its papers, one after the other.

What a paper gets depends on the papers before it alone, so that one more at the end changes nothing for the others.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from quizgen.errors import DrawError, shown
from quizgen.wording import counted, listed
from quizgen_solvers.exact import fmpq

from .candidates import Candidate, Source, window
from .fairness import percent
from .shared import NEVER, Answers

if TYPE_CHECKING:
    from .blueprint import Blueprint
    from .model import Slot

LOOKED_AT = 32
"""Among how many questions the best one for a paper is looked for, where none is as good as can be."""

FRUITLESS = 2000
"""After how many draws for one paper there are taken to be no more questions."""

MOST_DIFFERENT = 1000
"""How many different questions a place has at most; of more papers some get the same one, far apart."""

NEXT_TO = 1
"""Papers that lie so near in the roster never share an answer."""


class Unfair(DrawError):
    """Places that can't be filled fairly: the message has the first of them, ``why`` all, in the order of the paper."""

    def __init__(self, why: Sequence[tuple[Slot, str]]) -> None:
        self.why = tuple(why)
        rest = f" (and {counted(len(why) - 1, 'question')} more: `quizgen exam check` lists them)" * (len(why) > 1)
        super().__init__(f"{self.why[0][1]}{rest}")

    def __reduce__(self) -> tuple[type[Unfair], tuple[tuple[tuple[Slot, str], ...]]]:
        return type(self), (self.why,)


Asked = Set[Any]
"""The identities of the questions that are on a paper already."""


class Places:
    """At which of its options each part was right so far, so that every place is right equally often.

    Parts that can't be asked as multiple choice have none.
    """

    def __init__(self) -> None:
        self._counts: dict[tuple[int, int], list[int]] = {}

    def add(self, places: Sequence[tuple[int, int]]) -> None:
        """One more question: of each part the place of the right option, and of how many."""
        for part, (place, options) in enumerate(places):
            self._counts.setdefault((part, options), [0] * options)[place] += 1

    def crowding(self, places: Sequence[tuple[int, int]]) -> int:
        """By how much a question would put right options at places that were right more often than others already."""
        found = 0
        for part, (place, options) in enumerate(places):
            counts = self._counts.get((part, options))
            found += counts[place] - min(counts) if counts else 0
        return found

    @property
    def unevenness(self) -> int:
        return max((max(counts) - min(counts) for counts in self._counts.values()), default=0)


class Dealer:
    """Deals the questions of one place.

    With ``strict`` no two papers share an answer to a part. Otherwise an answer comes back as late as can be, and never
    on the next paper; a question comes back only where there are no others. Raises `DrawError` where that can't be
    done, and where the family has no questions.
    """

    def __init__(self, blueprint: Blueprint, slot: Slot, papers: Sequence[Asked], *, strict: bool) -> None:
        self._blueprint, self._slot, self._papers, self._strict = blueprint, slot, papers, strict
        number = 1 + [each.key for each in blueprint.picked].index(slot.key)
        self._name = f"question {number} ({slot.family}, level {slot.level})"
        self._source = Source(blueprint, slot)
        try:
            self._survey = self._source.survey()
        except DrawError as problem:
            raise DrawError(f"{self._name}: {problem}") from None
        best = window(self._survey, slot.band)
        if best is None:
            raise DrawError(f"{self._name} has none whose parts the points fit; give other points, or none")
        self.window, _ = best
        self.apart: int | None = None
        """How near two papers with the same answer are; None where there are none."""
        self._known: set[Any] = set()
        self._unused: list[Candidate] = []
        self._used: deque[Candidate] = deque()
        self._answers = Answers()
        self._places = Places()
        self._is_dry = self._is_trial = False
        for candidate in self._survey:
            if self.window.takes(candidate):
                self._keep(candidate)

    @property
    def unevenness(self) -> int:
        """By how much more often the right option of a part stood at one place than at another, at most."""
        return self._places.unevenness

    def deal(self) -> Iterator[Candidate]:
        """The questions of all papers, in their order, one by one."""
        for number, paper in enumerate(self._papers):
            yield self._dealt(number, paper)

    def _dealt(self, number: int, paper: Asked) -> Candidate:
        found = self._best(self._fresh(), number, paper)
        if found is not None:
            self._unused.remove(found)
        elif not self._strict:
            self._is_dry = len(self._used) < MOST_DIFFERENT
            found = self._best(iter(self._used), number, paper)
            if found is not None:
                self._used.remove(found)
        if found is None:
            raise DrawError(self._why(paper))
        self._used.append(found)
        latest = self._answers.latest(found.answers)
        if latest != NEVER:
            self.apart = min(number - latest, self.apart or number)
        self._answers.add(found.answers, number)
        self._places.add(found.places)
        return found

    def _best(self, candidates: Iterator[Candidate], number: int, paper: Asked) -> Candidate | None:
        """Of the first so many questions that this paper may have the best one."""
        best: Candidate | None = None
        score: tuple[int, int] | None = None
        looked_at = 0
        for candidate in candidates:
            latest = self._answers.latest(candidate.answers)
            near = latest != NEVER and (self._strict or number - latest <= NEXT_TO)
            if near or candidate.identity in paper:
                continue
            own = (latest, self._places.crowding(candidate.places))
            if score is None or own < score:
                best, score = candidate, own
            looked_at += 1
            if score == (NEVER, 0) or looked_at == LOOKED_AT:
                break
        return best

    def _fresh(self) -> Iterator[Candidate]:
        """Questions in the window that no paper has yet, those that were drawn already first."""
        if len(self._used) >= MOST_DIFFERENT:
            return
        yield from list(self._unused)
        for _ in range(0 if self._is_dry else FRUITLESS // 10 if self._is_trial else FRUITLESS):
            candidate = self._source.next(self.window)
            if candidate is not None and self._keep(candidate):
                yield candidate

    def _keep(self, candidate: Candidate) -> bool:
        """Puts a question with those that are not used, unless it is known."""
        if candidate.identity in self._known:
            return False
        self._known.add(candidate.identity)
        self._unused.append(candidate)
        return True

    # --- why not ----------------------------------------------------------------------------------------------------

    def _why(self, paper: Asked) -> str:
        """Why there is no question for a paper, and what to do."""
        drawn = [*self._used, *self._unused]
        within = f"among the questions that agree within {percent(self._slot.band)}"
        needed = len(self._papers) if self._strict else NEXT_TO + 1
        few = [found for found in self._answers_drawn(drawn) if len(found[1]) < needed]
        if few:
            part, answers = min(few, key=lambda found: len(found[1]))
            listed_answers = listed([shown(answer) for answer in answers], most=6)
            wanted = f"{needed} versions are wanted" if self._strict else "papers next to each other must not share one"
            why = f"part {part} has only {counted(len(answers), 'answer')} {within} ({listed_answers}), and {wanted}"
        elif any(candidate.identity in paper for candidate in drawn):
            why = f"{within} there are only {len(drawn)}, too few for all the places that ask for one"
        else:
            why = f"{within} none is left that shares no answer with {'others' if self._strict else 'the paper before'}"
        return f"{self._name}: {why}; {self._way_out()}"

    def _answers_drawn(self, drawn: list[Candidate]) -> list[tuple[int, list[str]]]:
        """Each part by its number, and the answers to it that were drawn."""
        parts = range(len(drawn[0].question.parts)) if drawn else range(0)
        return [(i + 1, sorted({c.question.parts[i].answer for c in drawn}, key=lambda s: (len(s), s))) for i in parts]

    def _way_out(self) -> str:
        others = "another level or family" + (", or for fewer versions" if self._strict else "")
        band = None if self._is_trial else self._wide_enough()
        if band is None:
            return f"ask for {others}"
        return f'write band = "{percent(band)}" in that question, which is enough, or ask for {others}'

    def _wide_enough(self) -> fmpq | None:
        """The smallest band, in whole percent, in which there are questions for all papers; None where there is none.

        Whatever it is was tried, so it does.
        """
        wider = range(int((self._slot.band * 100).floor()) + 1, 101)
        if not wider or not self._does(fmpq(1)):
            return None
        return fmpq(wider[bisect_left(wider, True, hi=len(wider) - 1, key=lambda p: self._does(fmpq(p, 100)))], 100)

    def _does(self, band: fmpq) -> bool:
        """Whether questions for all papers are found in another band, without looking for long."""
        trial = Dealer(self._blueprint, replace(self._slot, band=band), self._papers, strict=self._strict)
        trial._is_trial = True
        try:
            deque(trial.deal(), maxlen=0)
        except DrawError:
            return False
        return True

"""Versions of an exam that are fair: the same questions with other numbers, equally hard by count.

At every place each paper has a question of the same family and level that asks for the same parts, kinds of answers and
points. Of hand operations and of digits none takes more than a band (10%, where the blueprint says nothing) above the
one that takes least: largest ≤ (1 + band) · smallest, for each of the two by itself. How that is reached:

- Which questions count as equally hard is found out once, from `SURVEY` draws that depend on the seed and the place
  alone: the `Window` in which most of them lie. How many papers there are changes nothing.
- Papers get their questions one after the other. Named versions share no right answer to any part: what is right on one
  is not accepted on another. In a roster every student has her own numbers as long as the family has them; an answer
  comes back as late as can be and never on the next paper. `Fairness` says how late, and where questions come back.
- The places of right options, were the parts asked as multiple choice, are balanced over the papers by the choice of
  questions: the order of the options follows from a question's code, so that it is the same wherever it is printed.
  Over a single paper they are left to chance: a key that is balanced helps those who guess, and each question would
  depend on all others.
- A section's pick, and the family that a topic stands for, are drawn once for everybody; so are questions that are
  written by hand or given by their code.

Everything follows from the blueprint's seed and the streams of its places (`blueprint` says what these are). A student
more at the end of the roster changes no other paper, and a question more, less or elsewhere no other question: only
where two questions of a paper would be the same, the later one is another, in an order that follows from the streams.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from itertools import repeat
from typing import TYPE_CHECKING, Any

from quizgen import code as codes
from quizgen import draw
from quizgen.collector import at_rest
from quizgen.errors import DrawError, UsageError, shown
from quizgen.question import decimal_text, value_to_json
from quizgen.rng import Rng
from quizgen.sheet import Progress

from .candidates import Candidate
from .dealing import Dealer, Unfair
from .fairness import Band, Fairness, PlaceFairness, Same
from .model import Placed, Student, Version
from .roster import safe_name

if TYPE_CHECKING:
    from quizgen.question import Question

    from .blueprint import Blueprint
    from .model import Slot

LONGEST_TITLE = 20
"""How many characters of the title go into the code of a paper."""


def versions(
    blueprint: Blueprint,
    names: Sequence[str | Student],
    *,
    progress: Progress | None = None,
    verify: bool = True,
    device: str = "cpu",
) -> tuple[tuple[Version, ...], Fairness]:
    """A paper for every name or student, and how fair they are to each other.

    ``progress`` is told "drawing" or "checking", how many questions are done, and of how many. Raises `UsageError`
    where there is no name or the same one twice, `Unfair` with every place that can't be filled fairly, and what
    `verified` raises.
    """
    _check(names)
    strict = not any(isinstance(name, Student) for name in names)
    papers: list[set[Any]] = [set() for _ in names]
    dealt: dict[str, list[Candidate]] = {}
    said: dict[str, PlaceFairness] = {}
    unfair: dict[str, str] = {}
    done, every, uneven = 0, len(names) * len(blueprint.picked), 0
    with at_rest():
        for slot in _order(blueprint):
            own: list[Candidate] = []
            try:
                dealer = None if _fixed(slot) else Dealer(blueprint, slot, papers, strict=strict)
                found = repeat(Candidate(_question(slot)), len(names)) if dealer is None else dealer.deal()
                for candidate in found:
                    own.append(candidate)
                    done += 1
                    if progress is not None:
                        progress("drawing", done, every)
            except DrawError as problem:
                unfair[slot.key] = str(problem)
                continue
            for paper, candidate in zip(papers, own, strict=True):
                paper.add(candidate.identity)
            dealt[slot.key], said[slot.key] = own, _fairness(slot, own, dealer)
            uneven = max(uneven, 0 if dealer is None else dealer.unevenness)
    if unfair:
        raise Unfair([(slot, unfair[slot.key]) for slot in blueprint.picked if slot.key in unfair])
    fairness = Fairness(
        len(names),
        blueprint.band,
        tuple(replace(said[slot.key], number=number) for number, slot in enumerate(blueprint.picked, 1)),
        Band.of([sum(own[i].labour.operations for own in dealt.values()) for i in range(len(names))]),
        Band.of([sum(own[i].labour.digits for own in dealt.values()) for i in range(len(names))]),
        uneven,
    )
    questions = {id(each.question): each.question for own in dealt.values() for each in own}
    if verify:
        questions = _verified(questions, device, progress)
    made = []
    for number, name in enumerate(names):
        placed = [_placed(slot, questions[id(dealt[slot.key][number].question)]) for slot in blueprint.picked]
        made.append(version(blueprint, name, placed))
    return tuple(made), fairness


def version(blueprint: Blueprint, name: str | Student, placed: Sequence[Placed]) -> Version:
    """The paper of these questions, with its code: of the title, the name, and what is on it."""
    student = name if isinstance(name, Student) else None
    own = name.id if isinstance(name, Student) else name
    asked = [
        [p.slot.key, p.question.code or p.question.statement, seal(p.question), *map(decimal_text, p.points)]
        for p in placed
    ]
    word = Rng(json.dumps([blueprint.seed, own, asked])).word(4)
    file_name = safe_name(student) if student is not None else own
    return Version(own, student, tuple(placed), f"{slug(blueprint.title)}-{file_name}-{word}")


def seal(question: Question) -> str:
    """A hash of what is right for each part. A sentence that reads better since does not change it."""
    parts = [
        (part.kind.to_json(), value_to_json(part.centre), str(part.tolerance), list(map(value_to_json, part.also)))
        for part in question.parts
    ]
    return blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=16).hexdigest()


def slug(title: str) -> str:
    """The first words of a title in small letters, digits and hyphens: "midterm"."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    while len(words) > 1 and len("-".join(words)) > LONGEST_TITLE:
        words.pop()
    return "-".join(words)[:LONGEST_TITLE] or "exam"


def _check(names: Sequence[str | Student]) -> None:
    """Raises `UsageError` where there is nobody to make a paper for, or somebody twice."""
    if not names:
        raise UsageError("there is no version to make: name one, or a roster with somebody in it")
    seen: set[str] = set()
    for name in names:
        own = name.id if isinstance(name, Student) else name
        if own.casefold() in seen:
            raise UsageError(f"there are two papers for {shown(own)}; every version and student has one")
        seen.add(own.casefold())


def _order(blueprint: Blueprint) -> list[Slot]:
    """The places in an order that doesn't change with that of the sections: what one holds may depend on another."""
    drawn = sorted(blueprint.picked, key=lambda slot: blueprint.rng(slot.stream, "order").word(16))
    return sorted(drawn, key=lambda slot: not _fixed(slot))  # what is the same for everybody comes first


def _fixed(slot: Slot) -> bool:
    return slot.written is not None or slot.code is not None


def _question(slot: Slot) -> Question:
    """The question of a place where it is the same for everybody."""
    return slot.written if slot.written is not None else draw.draw(codes.parse(slot.code or ""))


def _placed(slot: Slot, question: Question) -> Placed:
    return Placed(slot, question, slot.points_of(question))


def _verified(questions: dict[int, Question], device: str, progress: Progress | None) -> dict[int, Question]:
    """The same questions with the provenance of a run; those that were written by hand have none."""
    from quizgen.verify import verified

    drawn = {key: question for key, question in questions.items() if question.code}
    tell = None if progress is None else lambda done: progress("checking", done, len(drawn))
    checked = verified(list(drawn.values()), device, tell)
    return questions | dict(zip(drawn, checked, strict=True))


def _fairness(slot: Slot, found: Sequence[Candidate], dealer: Dealer | None) -> PlaceFairness:
    one = found[0].question
    same: Same = "" if dealer is not None else "code" if slot.code is not None else "written"
    return PlaceFairness(
        number=slot.number,
        key=slot.key,
        family=one.family,
        level=one.level,
        same=same,
        band=slot.band,
        kinds=found[0].labour.kinds,
        operations=Band.of([each.labour.operations for each in found]),
        digits=Band.of([each.labour.digits for each in found]),
        different=len({each.identity for each in found}),
        apart=None if dealer is None else dealer.apart,
        same_words=dealer is None or dealer.window.words is not None,
    )


__all__ = ["seal", "slug", "version", "versions"]

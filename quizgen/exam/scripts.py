"""What students handed in, script by script, in the order in which they are marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from quizgen.wording import listed

from .gathering import Answers, Gathered
from .given import NOTHING, Given, Places
from .manifest import PaperRecord
from .model import Student


@dataclass(frozen=True, slots=True)
class Script:
    """What a student handed in: all that her marks follow from, besides the blueprint and the policy.

    ``paper`` is None where a platform dealt out questions one by one; ``dealt`` says then by place from which paper.
    ``given``: points that a person gave; ``seconds``: for how long she sat, where that is known; ``void``: why nothing
    counts before a person has looked; ``absent``: she has a paper, and handed in nothing.
    """

    student: Student
    paper: PaperRecord | None
    answers: Answers = field(default_factory=dict)
    given: Places = field(default_factory=dict)
    dealt: Mapping[int, int] = field(default_factory=dict)
    seconds: int | None = None
    void: str = ""
    absent: bool = False


def scripts(gathered: Gathered, given: Given = NOTHING) -> Iterator[Script]:
    """All scripts, paper by paper and there by id, then that of who handed in nothing."""
    papers, students = gathered.manifest.papers, gathered.students
    if gathered.mixed:
        for number in gathered.writers():
            student = students[number]
            answers, dealt = gathered.answers(number)
            yield Script(student, None, answers, given.of(student.id), dealt, gathered.seconds.get(number))
        return
    several = gathered.several()
    for at, paper in enumerate(papers):
        writers = gathered.writers(at)
        for number in writers:
            student, others = students[number], several.get(number)
            points, seconds = given.of(student.id), gathered.seconds.get(number)
            if others is None:
                yield Script(student, paper, gathered.answers(number, at)[0], points, seconds=seconds)
            elif others[0] == at:  # once is enough
                on = listed(papers[other].name for other in others)
                why = f"answered on the papers {on}, so none of them counts; leave one in the file"
                yield Script(student, paper, {}, points, void=why)
        person = paper.person()
        if person is not None and not writers and not gathered.wrote(person):
            points = given.of(person.id)
            yield Script(person, paper, {}, points, absent=not points)

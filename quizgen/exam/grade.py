"""Marking: every answer read as in practice, and what it earns under the policy of the exam.

A paper is drawn once, for all who wrote it, and nothing of it is kept afterwards. Marks depend on the manifest, the
answers and the policy alone, never on the order of the rows. Where somebody answered a part twice, and not the same,
neither counts until a person has struck out one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from quizgen.errors import Unreadable
from quizgen.marking import Verdict, carried_target
from quizgen.question import PartMistake, Question, QuestionPart, decimal_text
from quizgen.wording import counted, letter, listed
from quizgen_solvers.exact import fmpq

from . import policy as policies
from .blueprint import Marking
from .gathering import Answers, Gathered
from .given import NOTHING, Given
from .manifest import Manifest, drawn
from .model import Placed, Student, Version
from .responses import Response, Unread

State = Literal["marked", "blank", "open"]
"""Of an answer: marked, left out, or open until a person has looked at it."""

TO_A_PERSON = frozenset({"?", "[person]"})
"""What whoever typed the answers writes where a person has to read the paper itself."""

BY_A_PERSON = "these points were given by a person"
MOST_KNOWN = 50_000
ZERO = fmpq(0)


@dataclass(frozen=True, slots=True)
class PartMark:
    """What a part earned: ``points`` of ``of``.

    ``credit`` is the share of its points that the answer is worth, below 0 for a wrong choice where that costs
    something; ``why`` says what the policy did, or what a person has to look at.
    """

    number: int
    of: fmpq
    state: State
    typed: str = ""
    read_as: str = ""
    credit: fmpq = ZERO
    reason: str = ""
    why: str = ""
    carried: bool = False
    diagnosed: tuple[PartMistake, ...] = ()
    given: bool = False
    """Whether a person gave the points."""

    @property
    def points(self) -> fmpq:
        return self.credit * self.of

    @property
    def right(self) -> bool:
        return bool(self.credit == 1)


@dataclass(frozen=True)
class QuestionMark:
    """A question at its ``number`` on the paper, from 1; ``paper`` is the version that it is on."""

    number: int
    paper: str
    placed: Placed
    parts: tuple[PartMark, ...]

    @property
    def question(self) -> Question:
        return self.placed.question

    @property
    def points(self) -> fmpq:
        return sum((part.points for part in self.parts), ZERO)

    @property
    def of(self) -> fmpq:
        return self.placed.total


@dataclass(frozen=True)
class Marked:
    """A student's marks; ``paper`` and ``code`` are empty where a platform dealt out questions one by one.

    ``absent``: she has a paper and no answer at all; ``seconds``: for how long she sat, where that is known.
    """

    student: Student
    paper: str
    code: str
    questions: tuple[QuestionMark, ...]
    absent: bool = False
    seconds: int | None = None

    @cached_property
    def points(self) -> fmpq:
        """At least 0, whatever wrong choices cost."""
        return max(ZERO, sum((question.points for question in self.questions), ZERO))

    @cached_property
    def of(self) -> fmpq:
        return sum((question.of for question in self.questions), ZERO)

    @property
    def open(self) -> int:
        """How many answers a person has to look at."""
        return sum(part.state == "open" for question in self.questions for part in question.parts)


def gather(manifest: Manifest, responses: Iterable[Response | Unread]) -> Gathered:
    """The answers, in order. Raises `InputError` where none of them belongs to the exam."""
    found = Gathered(manifest)
    try:
        for each in responses:
            found.add(each)
        found.index()
    except BaseException:
        found.__exit__()
        raise
    return found


def grade(gathered: Gathered, policy: Marking | None = None, given: Given = NOTHING) -> Iterator[Marked]:
    """The marks of one student after the other, paper by paper and there by id; what is open goes to the problems.

    Without a policy that of the blueprint is meant; ``given``: what a person gave, which stands. Raises what
    `manifest.drawn` does.
    """
    manifest = gathered.manifest
    marker = Marker(manifest.exam.marking if policy is None else policy)
    several = gathered.several()
    void: dict[int, str] = {}
    for student, papers in several.items():
        on_both = listed(manifest.papers[paper].name for paper in papers)
        void[student] = f"answered on the papers {on_both}, so none of them counts; leave one in the file"
        gathered.problem("twice", 0, gathered.students[student], "", "", "", "", void[student])
    if gathered.mixed:
        for student in gathered.writers():
            answers, on = gathered.answers(student)
            dealt = _dealt(gathered.drawn, on)
            names = {place: manifest.papers[paper].name for place, paper in on.items()}
            yield _marked(gathered, marker, student, dealt, answers, names, given)
        return
    for paper, version in enumerate(drawn(manifest)):
        marker.forget()
        writers = gathered.writers(paper)
        for student in writers:
            if student not in void:
                yield _marked(gathered, marker, student, version, gathered.answers(student, paper)[0], {}, given)
            elif several[student][0] == paper:  # once is enough
                who = gathered.students[student]
                nothing = _given(gathered, who, marker.paper(version, {}, {}, void[student]), {}, given)
                yield Marked(who, version.name, version.code, nothing)
        if version.student is not None and not writers and not gathered.wrote(version.student):
            who = version.student
            nothing = _given(gathered, who, marker.paper(version, {}, {}), {}, given)
            yield Marked(who, version.name, version.code, nothing, absent=not given.of(who.id))


def _dealt(papers: tuple[Version, ...], on: Mapping[int, int]) -> Version:
    """A paper of questions from several; those that were not answered are of the first."""
    questions = [papers[on.get(place, 0)].questions[place - 1] for place in range(1, len(papers[0].questions) + 1)]
    return Version("", None, tuple(questions), "")


def _marked(
    gathered: Gathered,
    marker: Marker,
    number: int,
    version: Version,
    answers: Answers,
    names: Mapping[int, str],
    given: Given,
) -> Marked:
    student = gathered.students[number]
    questions = _given(gathered, student, marker.paper(version, answers, names), answers, given)
    if version.student is not None and version.student.id != student.id:
        gathered.problem(
            "other paper",
            0,
            student,
            version.name,
            "",
            "",
            "",
            f"wrote on the paper of {version.student.id}; it counts",
        )
    for question in questions:
        for part in question.parts:
            if part.state == "open":
                typed = answers[question.number, part.number]
                lines = sorted(line for _, line in typed)
                where = f" (lines {listed(map(str, lines))})" if len(lines) > 1 else ""
                gathered.problem(
                    _sort(part, typed), lines[0], student, question.paper, str(question.number),
                    letter(part.number - 1), part.typed, part.why + where,
                )  # fmt: skip
    return Marked(student, version.name, version.code, questions, seconds=gathered.seconds.get(number))


def _given(
    gathered: Gathered, student: Student, questions: tuple[QuestionMark, ...], answers: Answers, given: Given
) -> tuple[QuestionMark, ...]:
    """Marks with the points that a person gave, which go to the list of what she looks at, so that it keeps them."""
    points = given.of(student.id)
    if not points:
        return questions
    for number, part in points:
        question = questions[number - 1]
        typed = question.parts[part - 1].typed
        line = min((line for _, line in answers.get((number, part), ())), default=0)
        gathered.problem(
            "given", line, student, question.paper, str(number), letter(part - 1), typed, BY_A_PERSON,
            decimal_text(points[number, part]),
        )  # fmt: skip
    return tuple(
        replace(
            question,
            parts=tuple(
                replace(part, state="marked", credit=given_to / part.of, why=BY_A_PERSON, carried=False, given=True)
                if (given_to := points.get((question.number, part.number))) is not None
                else part
                for part in question.parts
            ),
        )
        for question in questions
    )


def _sort(part: PartMark, given: tuple[tuple[str, int], ...]) -> str:
    return "twice" if len(given) > 1 else "person" if part.typed in TO_A_PERSON else "unreadable"


class Marker:
    """Marks papers under a policy. What it has seen of a paper it knows, until it is told to forget."""

    def __init__(self, policy: Marking) -> None:
        self.policy = policy
        self._known: dict[
            tuple[int, int, str, tuple[tuple[int, str], ...]], tuple[Verdict, fmpq, str] | Unreadable
        ] = {}

    def forget(self) -> None:
        self._known.clear()

    def paper(
        self, version: Version, answers: Answers, names: Mapping[int, str], void: str = ""
    ) -> tuple[QuestionMark, ...]:
        """The marks of a paper; ``names``: of the paper that each place is of, where that is not the version's;
        ``void``: why nothing on it counts before a person has looked."""
        return tuple(
            QuestionMark(place, names.get(place, version.name), placed, self._question(placed, place, answers, void))
            for place, placed in enumerate(version.questions, 1)
        )

    def _question(self, placed: Placed, place: int, answers: Answers, void: str) -> tuple[PartMark, ...]:
        if void:
            return tuple(PartMark(number, of, "open", why=void) for number, of in enumerate(placed.points, 1))
        earlier: dict[int, str] = {}
        slipped = False  # whether an earlier answer is wrong, so that something can follow from it
        found = []
        for number, of in enumerate(placed.points, 1):
            part = placed.question.parts[number - 1]
            given = _same(part, answers.get((place, number), ()))
            if len(given) != 1:
                found.append(_unmarked(number, of, given))
                continue
            ((text, _),) = given
            mark = self._part(placed.question, number, text, earlier if slipped else {})
            if text in TO_A_PERSON:
                why = "left to a person: read it on the paper, and type it here"
                found.append(PartMark(number, of, "open", text, why=why))
            elif isinstance(mark, Unreadable):
                found.append(PartMark(number, of, "open", text, why=mark.message))
            else:
                verdict, credit, why = mark
                earlier[number] = text
                slipped = slipped or not verdict.right or verdict.carried or bool(part.also)
                found.append(
                    PartMark(
                        number, of, "marked", text, verdict.read_as, credit, verdict.reason, why, verdict.carried,
                        verdict.diagnosed,
                    )
                )  # fmt: skip
        return tuple(found)

    def _part(
        self, question: Question, number: int, text: str, earlier: Mapping[int, str]
    ) -> tuple[Verdict, fmpq, str] | Unreadable:
        before = tuple(earlier.items()) if self.policy.carry_forward else ()
        key = (id(question), number, text, before)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            found = self._known[key] = self._new(question, question.part(number), text, dict(before))
        return found

    def _new(
        self, question: Question, part: QuestionPart, text: str, earlier: Mapping[int, str]
    ) -> tuple[Verdict, fmpq, str] | Unreadable:
        number = part.index + 1
        try:
            verdict = question.check(text, number, earlier)
        except Unreadable as problem:
            return problem
        lenient = self.policy.wrong_sign > 0 or self.policy.lost_digits > 0
        carried = carried_target(question, part, earlier) if lenient and earlier and not verdict.right else None
        return (verdict, *policies.credit(part, text, verdict, self.policy, carried))


def _same(part: QuestionPart, given: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
    """Answers that mean the same are one, in whichever way they were typed."""
    if len(given) > 1:
        try:
            values = [part.kind.read(text) for text, _ in given]
        except Unreadable:
            return given
        if all(value == values[0] for value in values):
            return given[:1]
    return given


def _unmarked(number: int, of: fmpq, given: tuple[tuple[str, int], ...]) -> PartMark:
    """A part without an answer, or with several of which none counts."""
    if not given:
        return PartMark(number, of, "blank")
    why = f"answered {counted(len(given), 'time')}, and not the same: none counts; leave one in the file"
    return PartMark(number, of, "open", " / ".join(text for text, _ in given), why=why)

"""Marking: every answer read as in practice, and what it earns under the policy of the exam.

A paper is drawn once, for all who wrote it, and nothing of it is kept afterwards. Marks depend on the manifest, the
answers and the policy alone, never on the order of the rows. Where somebody answered a part twice, and not the same,
neither counts until a person has struck out one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from quizgen.errors import QuizgenError, Unreadable
from quizgen.marking import Verdict, carried_target
from quizgen.question import PartMistake, Question, QuestionPart, decimal_text
from quizgen.wording import counted, letter, listed
from quizgen_solvers import ExactError
from quizgen_solvers.exact import fmpq

from . import policy as policies
from .blueprint import Marking
from .gathering import Answers, Gathered, Problem
from .given import NOTHING, Given, Places
from .manifest import Again, Manifest, PaperRecord
from .model import Placed, Student, Version
from .responses import Response, Unread
from .scripts import Script, scripts

State = Literal["marked", "blank", "open"]
"""Of an answer: marked, left out, or open until a person has looked at it."""

Judged = tuple[Verdict, fmpq, str]
"""The verdict on an answer, the share of its points that it earns, and what the policy did, in words or nothing."""

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


def gather(manifest: Manifest, responses: Iterable[Response | Unread], file: str = "") -> Gathered:
    """The answers, in order. Raises `InputError`, which names their ``file``, where none of them belongs here."""
    found = Gathered(manifest)
    try:
        for each in responses:
            found.add(each)
        found.index(file)
    except BaseException:
        found.__exit__()
        raise
    return found


def grade(gathered: Gathered, policy: Marking | None = None, given: Given = NOTHING) -> Iterator[Marked]:
    """The marks of one student after the other, paper by paper and there by id; what is open goes to the problems.

    Without a policy that of the blueprint is meant; ``given``: what a person gave, which stands. Raises what
    `manifest.Again.paper` does.
    """
    examiner = Examiner(gathered.manifest, policy)
    for script in scripts(gathered, given):
        marked, problems = examiner.mark(script)
        gathered.keep(problems)
        yield marked


class Examiner:
    """Marks scripts. Of the papers only the one that was marked last is kept."""

    def __init__(self, manifest: Manifest, policy: Marking | None = None) -> None:
        """``manifest`` needs its papers only where questions were dealt one by one: a script brings its own."""
        self._manifest = manifest
        self._marker = Marker(manifest.exam.marking if policy is None else policy)
        self._again = Again(manifest, options=False)
        self._version: Version | None = None

    def mark(self, script: Script) -> tuple[Marked, list[Problem]]:
        """The marks of a script, and what a person has to look at. Raises what `manifest.Again.paper` does."""
        version = self._dealt(script.dealt) if script.paper is None else self._paper(script.paper)
        names = {place: self._manifest.papers[paper].name for place, paper in script.dealt.items()}
        questions = self._marker.paper(version, script.answers, names, script.void)
        problems = _problems(script, questions)
        if script.given:
            problems += _given_problems(script, questions)
            questions = tuple(_with_given(question, script.given) for question in questions)
        marked = Marked(script.student, version.name, version.code, questions, script.absent, script.seconds)
        return marked, problems

    def _paper(self, paper: PaperRecord) -> Version:
        if self._version is None or self._version.code != paper.code:
            self._marker.forget()
            self._version = self._again.paper(paper)
        return self._version

    @cached_property
    def _every(self) -> tuple[Version, ...]:
        return tuple(map(self._again.paper, self._manifest.papers))

    def _dealt(self, dealt: Mapping[int, int]) -> Version:
        """A paper of questions from several; those that were not answered are of the first."""
        places = range(1, len(self._every[0].questions) + 1)
        return Version("", None, tuple(self._every[dealt.get(at, 0)].questions[at - 1] for at in places), "")


def _problems(script: Script, questions: Sequence[QuestionMark]) -> list[Problem]:
    """What a person has to look at in a script."""
    student, paper = script.student, script.paper
    if script.void:
        return [Problem("twice", 0, student.id, why=script.void)]
    found = []
    if paper is not None and paper.student is not None and paper.student.id != student.id:
        why = f"wrote on the paper of {paper.student.id}; it counts"
        found.append(Problem("other paper", 0, student.id, paper.name, why=why))
    for question in questions:
        for part in question.parts:
            if part.state == "open" and (question.number, part.number) not in script.given:
                typed = script.answers[question.number, part.number]
                lines = sorted(line for _, line in typed)
                where = f" (lines {listed(map(str, lines))})" if len(lines) > 1 else ""
                found.append(_problem(_sort(part, typed), lines[0], script, question, part, part.why + where))
    return found


def _given_problems(script: Script, questions: Sequence[QuestionMark]) -> list[Problem]:
    """The points that a person gave: the list of what she looks at keeps them."""
    found = []
    for (number, at), points in script.given.items():
        question = questions[number - 1]
        line = min((line for _, line in script.answers.get((number, at), ())), default=0)
        part = question.parts[at - 1]
        found.append(_problem("given", line, script, question, part, BY_A_PERSON, decimal_text(points)))
    return found


def _problem(
    what: str, line: int, script: Script, question: QuestionMark, part: PartMark, why: str, points: str = ""
) -> Problem:
    where = (question.paper, str(question.number), letter(part.number - 1))
    return Problem(what, line, script.student.id, *where, part.typed, why, points)


def _with_given(question: QuestionMark, points: Places) -> QuestionMark:
    """A question with the points that a person gave."""
    parts = []
    for part in question.parts:
        given = points.get((question.number, part.number))
        if given is not None:
            credit = given / part.of if part.of != 0 else ZERO
            part = replace(part, state="marked", credit=credit, why=BY_A_PERSON, carried=False, given=True)
        parts.append(part)
    return replace(question, parts=tuple(parts))


def _sort(part: PartMark, given: tuple[tuple[str, int], ...]) -> str:
    return "twice" if len(given) > 1 else "person" if part.typed in TO_A_PERSON else "unreadable"


class Marker:
    """Marks papers under a policy. What it has seen of a paper it knows, until it is told to forget."""

    def __init__(self, policy: Marking) -> None:
        self.policy = policy
        self._known: dict[tuple[int, int, str, tuple[tuple[int, str], ...]], Judged | str] = {}

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
                why = "left to a person: read it on the paper, and write its points here"
                found.append(PartMark(number, of, "open", text, why=why))
            elif isinstance(mark, str):
                found.append(PartMark(number, of, "open", text, why=mark))
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

    def _part(self, question: Question, number: int, text: str, earlier: Mapping[int, str]) -> Judged | str:
        before = tuple(earlier.items()) if self.policy.carry_forward else ()
        key = (id(question), number, text, before)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            found = self._known[key] = self._new(question, question.part(number), text, dict(before))
        return found

    def _new(self, question: Question, part: QuestionPart, text: str, earlier: Mapping[int, str]) -> Judged | str:
        """What an answer earns, or why a person has to look at it. One that can't be marked stops no other."""
        number = part.index + 1
        try:
            verdict = question.check(text, number, earlier)
            lenient = self.policy.wrong_sign > 0 or self.policy.lost_digits > 0
            carried = carried_target(question, part, earlier) if lenient and earlier and not verdict.right else None
            return (verdict, *policies.credit(part, text, verdict, self.policy, carried))
        except Unreadable as problem:
            return problem.message
        except (QuizgenError, ExactError) as problem:
            return f"this can be read and not be marked: {problem}"


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

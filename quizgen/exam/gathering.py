"""Answers put in order: whose they are and to which part, whatever the order of the rows.

They lie in a database on disk that is gone when it is closed, so that memory stays flat. What can't be placed is kept
with its line and the reason, for a person to look at.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from quizgen.errors import InputError, OutputError, did_you_mean, shown
from quizgen.wording import counted, letter

from . import platforms
from .manifest import Again, Manifest, versions_of
from .model import Student
from .responses import LEFT_OUT, Response, Unread
from .tex import cores

if TYPE_CHECKING:
    from .manifest import PaperRecord
    from .model import Version

LONGEST_ID = 200
MOST_PAPERS = 10**9
WORTH_A_PROCESS = 5000  # answers

_TABLES = """
CREATE TABLE answers (paper INTEGER, student INTEGER, place INTEGER, part INTEGER, answer TEXT, line INTEGER);
CREATE TABLE problems (
    what TEXT, line INTEGER, student TEXT, paper TEXT, question TEXT, part TEXT, answer TEXT, why TEXT, points TEXT
);
"""


@dataclass(frozen=True, slots=True)
class Problem:
    """What a person has to look at: of what sort it is, where it stands, and why.

    ``what``: "line", "student", "paper", "question", "part" (something that is not there), "twice", "unreadable",
    "person" (left to one), "given" (a person has marked it: ``points``), "other paper".
    """

    what: str
    line: int
    student: str = ""
    paper: str = ""
    question: str = ""
    part: str = ""
    answer: str = ""
    why: str = ""
    points: str = ""


Answers = Mapping[tuple[int, int], tuple[tuple[str, int], ...]]
"""By place and part, both from 1, what was answered and on which line; more than one: it was answered twice."""


class Gathered:
    """The answers to an exam. Close it when all is done: it is a context manager."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.rows = 0
        """How many answers were read, those that can't be placed too."""
        self.placed = 0
        self.students: list[Student] = []
        self.seconds: dict[int, int] = {}
        """For how long students sat, by their number, where the answers say so."""
        self.mixed = False
        """Whether a platform dealt out each question by itself, so that there are no papers."""
        self._numbers: dict[str, int] = {}
        self._by_email: dict[str, int] = {}
        self.roster = any(paper.student is not None for paper in manifest.papers)
        self._papers: dict[str, int] = {}
        for at, paper in enumerate(manifest.papers):
            self._papers |= {paper.name.casefold(): at, paper.code.casefold(): at}
            person = paper.person()
            if person is not None:
                self._add_student(person)
        self._names = [_names(paper) for paper in manifest.papers]
        self._db = sqlite3.connect("", isolation_level=None)  # a file of its own, gone with the connection
        self._db.executescript(f"PRAGMA synchronous=OFF; PRAGMA temp_store=FILE; {_TABLES} BEGIN;")

    def __enter__(self) -> Gathered:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    # --- put in -----------------------------------------------------------------------------------------------------

    def add(self, given: Response | Unread) -> None:
        """Takes an answer, or keeps it as a problem. Raises `OutputError` where the disk is full."""
        with _on_disk():
            if isinstance(given, Unread):
                self.rows += 1
                self.keep([Problem("line", given.line, why=given.why)])
            elif given.answer not in LEFT_OUT:
                self.rows += 1
                self._add(given)
            elif given.student or given.email:  # she was there
                self._seen(given)

    def _add(self, given: Response) -> None:
        if given.form in ("moodle", "canvas"):
            student = self._student(given)
            if student is not None:
                self._sat(student, given)
                self._add_whole(given, student)
        elif (found := self.place(given)) is not None:
            self._put(*found, given)

    def place(self, given: Response) -> tuple[int, int, int, int] | None:
        """Where an answer of a long or wide file belongs: the numbers of paper, student, place and part.

        None: nowhere; that is one of the `problems` then.
        """
        student = self._student(given)
        if student is None:
            return None
        self._sat(student, given)
        paper = self._paper(given, student)
        if paper is None:
            return None
        questions = self.manifest.papers[paper].questions
        place = self._names[paper].get(given.question.casefold())
        if place is None:
            hint = did_you_mean(given.question, [question.key for question in questions])
            has = counted(len(questions), "question")
            self._of(given, "question", f"there is no such question; the paper has {has}{hint}")
            return None
        parts = len(questions[place - 1].points)
        part = _part(given.part, parts)
        if part is None:
            said = f"the question has {counted(parts, 'part')}"
            self._of(given, "part", f"{said}, so say which one" if not given.part else f"there is no such part; {said}")
            return None
        return paper, student, place, part

    def _sat(self, student: int, given: Response) -> None:
        if given.seconds is not None:
            self.seconds[student] = max(given.seconds, self.seconds.get(student, 0))

    def _add_whole(self, given: Response, student: int) -> None:
        """The cell of a platform, which holds the answers to all parts of a question, or to one of them."""
        own = self._own(student)
        papers = (self._redrawn(own),) if own is not None else self._drawn
        self.mixed = own is None and len(papers) > 1
        try:
            place, at, texts = platforms.parts_of(given, papers)
        except ValueError as problem:
            self._of(given, "question", str(problem))
            return
        for part, text in texts.items():
            if text not in LEFT_OUT:
                self._put(own if own is not None else at, student, place, part, given, text)

    @cached_property
    def _drawn(self) -> tuple[Version, ...]:
        return versions_of(self.manifest)

    @cached_property
    def _redrawn(self) -> Callable[[int], Version]:
        """One paper by its number: in a roster only that of the row that is read."""
        again = Again(self.manifest)
        return lru_cache(1)(lambda at: again.paper(self.manifest.papers[at]))

    def _put(self, paper: int, student: int, place: int, part: int, given: Response, text: str | None = None) -> None:
        self.placed += 1
        row = (paper, student, place, part, _storable(given.answer if text is None else text), given.line)
        self._db.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?)", row)

    def _seen(self, given: Response) -> None:
        """Notes that somebody handed in a paper, though nothing was answered here."""
        if not self.roster and len(given.student or given.email) <= LONGEST_ID:
            paper = self._papers.get(given.paper.casefold(), 0 if len(self.manifest.papers) == 1 else None)
            if paper is not None:
                student = self._add_student(Student(given.student or given.email, given.name, given.email))
                self._db.execute("INSERT INTO answers VALUES (?, ?, 0, 0, '', ?)", (paper, student, given.line))

    def jobs(self, pages: bool) -> int:
        """In how many processes marking is worth the while: they take a second to begin. A page is some 500 answers."""
        work = self.placed + 500 * len(self.students) * pages
        return max(1, min(cores(), work // WORTH_A_PROCESS))

    # --- looked up --------------------------------------------------------------------------------------------------

    def _student(self, given: Response) -> int | None:
        """The number of a student, a new one where no roster says who there is."""
        own = given.student or given.email
        found = self._numbers.get(given.student.casefold()) if given.student else None
        if found is None and given.email and self.roster:
            found = self._by_email.get(given.email.casefold())
        if found is not None and self.roster:
            return found
        if not own or len(own) > LONGEST_ID:
            self._of(given, "student", "the line says no student" if not own else "no id is as long as this")
            return None
        if self.roster:
            known = did_you_mean(own, [student.id for student in self.students])
            self._of(given, "student", f"nobody of that id has a paper of this exam{known}")
            return None
        return self._add_student(Student(own, given.name, given.email))

    def _add_student(self, student: Student) -> int:
        """The number of a student. Of several spellings the first in order of letters counts, not the first to come."""
        number = self._numbers.setdefault(student.id.casefold(), len(self.students))
        if number == len(self.students):
            self.students.append(student)
            if student.email:
                self._by_email.setdefault(student.email.casefold(), number)
        elif not self.roster and student != self.students[number]:
            known = self.students[number]
            names, emails = (known.name, student.name), (known.email, student.email)
            self.students[number] = Student(
                min(known.id, student.id), min(filter(None, names), default=""), min(filter(None, emails), default="")
            )
        return number

    def _own(self, student: int) -> int | None:
        """The paper that was made for a student, or the only one there is."""
        if len(self.manifest.papers) == 1:
            return 0
        return self._papers.get(self.students[student].id.casefold()) if self.roster else None

    def _paper(self, given: Response, student: int) -> int | None:
        own = self._own(student)
        if not given.paper:
            if own is None:
                self._of(given, "paper", f"the line says no paper; there are {counted(len(self._names), 'version')}")
            return own
        found = self._papers.get(given.paper.casefold())
        if found is None:
            what = "this exam has no such paper; was the answer given in another exam?"
            self._of(given, "paper", what + did_you_mean(given.paper, self._papers))
        return found

    # --- problems ---------------------------------------------------------------------------------------------------

    def _of(self, given: Response, what: str, why: str) -> None:
        who = given.student or given.email
        self.keep([Problem(what, given.line, who, given.paper, given.question, given.part, given.answer, why)])

    def keep(self, problems: Iterable[Problem]) -> None:
        """Keeps something for a person to look at. Raises `OutputError` where the disk is full."""
        rows = [[_storable(x) if isinstance(x, str) else x for x in astuple(problem)] for problem in problems]
        with _on_disk():
            self._db.executemany("INSERT INTO problems VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def problems(self) -> Iterator[Problem]:
        """Everything that a person has to look at, by student and line."""
        query = "SELECT * FROM problems ORDER BY student, line, paper, question, part, what, answer, why"
        for row in self._db.execute(query):
            yield Problem(*row)

    def counts(self) -> dict[str, int]:
        """How many problems there are of each sort."""
        return dict(self._db.execute("SELECT what, COUNT(*) FROM problems GROUP BY what ORDER BY what"))

    # --- taken out --------------------------------------------------------------------------------------------------

    def index(self, file: str = "") -> None:
        """Puts everything in order. Raises `InputError` where no answer of the ``file`` at all could be placed."""
        if not self.placed:
            first = next(self.problems(), None)
            where = shown(file, 160) if file else "the file"
            if first is None:
                raise InputError(f"there is no answer in {where}; type them below the names of the columns")
            why = f"line {first.line}: {_said(first)}"
            raise InputError(f"of {self.rows:,} answers in {where} none belongs to this exam; {why}")
        with _on_disk():
            self._db.execute("CREATE INDEX by_paper ON answers (paper, student)")
            self._db.execute("CREATE INDEX by_student ON answers (student, paper, place, part)")

    def several(self) -> dict[int, tuple[int, ...]]:
        """Students who answered on more than one paper, with these papers."""
        found: dict[int, list[int]] = {}
        if not self.mixed:
            query = "SELECT DISTINCT student, paper FROM answers WHERE place > 0 ORDER BY student, paper"
            for student, paper in self._db.execute(query):
                found.setdefault(student, []).append(paper)
        return {student: tuple(papers) for student, papers in found.items() if len(papers) > 1}

    def writers(self, paper: int | None = None) -> list[int]:
        """Who has answers on a paper, or on any, by id."""
        query = "SELECT DISTINCT student FROM answers WHERE paper BETWEEN ? AND ?"
        numbers = [number for (number,) in self._db.execute(query, _span(paper))]
        return sorted(numbers, key=lambda number: (self.students[number].id.casefold(), self.students[number].id))

    def wrote(self, student: Student) -> bool:
        """Whether there is an answer of somebody's on any paper."""
        number = self._numbers.get(student.id.casefold())
        query = "SELECT 1 FROM answers WHERE student = ? LIMIT 1"
        return number is not None and self._db.execute(query, (number,)).fetchone() is not None

    def answers(self, student: int, paper: int | None = None) -> tuple[Answers, dict[int, int]]:
        """What a student answered, and on which paper each place was."""
        query = """SELECT place, part, answer, MIN(line), paper FROM answers
            WHERE student = ? AND paper BETWEEN ? AND ? AND place > 0 GROUP BY 1, 2, 3, 5 ORDER BY 1, 2, 3, 5"""
        found: dict[tuple[int, int], list[tuple[str, int]]] = {}
        papers: dict[int, int] = {}
        rows = self._db.execute(query, (student, *_span(paper)))
        for place, part, answer, line, on in rows:
            found.setdefault((place, part), []).append((answer, line))
            papers[place] = on
        return {key: tuple(each) for key, each in found.items()}, papers


def _names(paper: PaperRecord) -> dict[str, int]:
    """What a question may be called: its number on the paper, or its key in the blueprint where that is no number."""
    names = {question.key.casefold(): at for at, question in enumerate(paper.questions, 1)}
    for at in range(1, len(paper.questions) + 1):
        names |= {str(at): at, f"q{at}": at}
    return names


def _span(paper: int | None) -> tuple[int, int]:
    """The first and the last of the papers that are meant: one, or any."""
    return (0, MOST_PAPERS) if paper is None else (paper, paper)


def _part(text: str, parts: int) -> int | None:
    """The number of a part by its letter or number; of an only one it need not be said."""
    plain = text.strip(" ().").casefold()
    if not plain:
        return 1 if parts == 1 else None
    names = {letter(at): at + 1 for at in range(parts)} | {str(at): at for at in range(1, parts + 1)}
    return names.get(plain)


def _said(problem: Problem) -> str:
    """A problem in a line, without its line."""
    about = problem.paper if problem.what == "paper" else problem.student if problem.what == "student" else ""
    return f"{shown(about)}: {problem.why}" if about else problem.why


def _storable(text: str) -> str:
    """Text that a database takes: halves of characters, which no file should hold, are replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")


@contextmanager
def _on_disk() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as problem:
        raise OutputError(f"cannot keep the answers in a temporary file: {problem}; make room on the disk") from problem


__all__ = ["Answers", "Gathered", "Problem"]

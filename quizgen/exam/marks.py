"""The folder of marks, written whole or not at all.

    marks/marks.csv         a line a student, a column for each part: for a spreadsheet
    marks/marks.json        everything, exactly: what `quizgen exam report` reads
    marks/review.csv        what a person has to look at
    marks/changes.csv       who gains and loses against earlier marks, where those were given
    marks/feedback/ID.html  a page for each student

Nothing in it tells of a clock or a machine: marking again gives the same bytes. A cell that a spreadsheet would take
for a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quizgen import __version__
from quizgen.errors import InputError, OutputError, OutputExists, QuizgenError, shown
from quizgen.labour import labour
from quizgen.question import decimal_text
from quizgen.wording import letter, listed
from quizgen_solvers.exact import decimal, fmpq, places_needed, rational

from . import manifest as manifests
from . import policy as policies
from .blueprint import Marking
from .feedback import Feedback
from .gathering import Gathered, Problem
from .given import NOTHING, Given
from .grade import Marked, PartMark, QuestionMark, grade
from .manifest import Manifest
from .outline import title_of
from .responses import FORMULA
from .roster import safe_name

KIND = "quizgen exam marks"
FORMAT = 1
MARKS, TABLE, REVIEW, CHANGES, PAGES = "marks.json", "marks.csv", "review.csv", "changes.csv", "feedback"
ZERO = fmpq(0)
_PLACES = 4  # of points that are no decimal, in a table
_BOM = "\ufeff"  # spreadsheets take the file for UTF-8 by it


@dataclass(frozen=True, slots=True)
class Change:
    """How a student's points differ from those of earlier marks; None: she is not in them."""

    student: str
    name: str
    before: fmpq | None
    after: fmpq | None
    parts: tuple[tuple[str, fmpq, fmpq], ...] = ()

    @property
    def by(self) -> fmpq:
        return (self.after or ZERO) - (self.before or ZERO)


@dataclass
class Graded:
    """What came of it: ``failures`` are pages that could not be made, each with the reason."""

    folder: Path
    students: int = 0
    absent: int = 0
    answers: int = 0
    right: int = 0
    carried: int = 0
    open: int = 0
    given: int = 0
    points: fmpq = ZERO
    of: fmpq = ZERO
    problems: dict[str, int] = field(default_factory=dict)
    failures: list[tuple[str, str]] = field(default_factory=list)
    changes: list[Change] | None = None
    unchanged: bool = False
    """Whether the folder held just these marks already."""

    def count(self, marked: Marked) -> None:
        self.students += not marked.absent
        self.absent += marked.absent
        if marked.absent:
            return
        self.points += marked.points
        self.of += marked.of
        for question in marked.questions:
            for part in question.parts:
                self.answers += part.state != "blank"
                self.right += part.right
                self.carried += part.carried
                self.open += part.state == "open"


def write(
    gathered: Gathered,
    folder: str | Path,
    policy: Marking | None = None,
    given: Given = NOTHING,
    *,
    feedback: bool = True,
    force: bool = False,
    compare: str | Path | None = None,
    progress: Any = None,
) -> Graded:
    """Marks everything, and writes it into a folder.

    ``given``: points that a person gave; ``compare``: the folder of earlier marks. Raises `OutputExists` where other
    marks or files are in the folder, unless ``force``; `OutputError` where it can't be written to or the disk is full,
    `InputError` where there are no marks to compare with. Where one student's page can't be made the others are.
    """
    manifest = gathered.manifest
    own = identity(manifest)
    target = Path(folder)
    _check(target, own, force)
    earlier = None if compare is None else read(compare)
    exam = manifest.exam
    used = exam.marking if policy is None else policy
    graded = Graded(target)
    with _staged(target) as staged:
        pages = Feedback(exam) if feedback else None
        with _writing(target):
            if pages is not None:
                (staged / PAGES).mkdir()
            with _Marks(staged, manifest, own, used) as out:
                for number, marked in enumerate(grade(gathered, used, given), 1):
                    graded.count(marked)
                    name = f"{PAGES}/{safe_name(marked.student)}.html" if pages is not None else ""
                    if pages is not None and not _page(pages, marked, staged / name, graded):
                        name = ""
                    out.add(marked, name)
                    if progress is not None:
                        progress("marking", number, max(len(gathered.students), number))
            with (staged / REVIEW).open("w", encoding="utf-8", newline="") as review:
                review.writelines(_review(gathered.problems()))
            if earlier is not None:
                graded.changes = changes(earlier, read(staged))
                (staged / CHANGES).write_text(_changes(graded.changes), encoding="utf-8", newline="")
            graded.problems = gathered.counts()
            graded.given = graded.problems.pop("given", 0)
            graded.unchanged = _install(staged, target, force)
    return graded


def identity(manifest: Manifest) -> str:
    """A hash of an exam as it was built."""
    return hashlib.sha256(manifests.text(manifest).encode()).hexdigest()


def _page(pages: Feedback, marked: Marked, path: Path, graded: Graded) -> bool:
    """Writes the page of a student; False where it can't be made, which is then in the list."""
    try:
        text = pages.page(marked)
    except QuizgenError as problem:
        graded.failures.append((marked.student.id, problem.message))
        return False
    path.write_text(text, encoding="utf-8", newline="")
    return True


# --- the folder -----------------------------------------------------------------------------------------------------


def _name(path: Path) -> str:
    return shown(str(path), 160)


def _check(target: Path, own: str, force: bool) -> None:
    """Refuses a folder that holds something else, before the work begins."""
    with _writing(target):
        if target.exists() and not target.is_dir():
            raise OutputError(f"{_name(target)} is a file; name a folder for the marks")
        if not target.parent.is_dir():
            raise OutputError(f"there is no folder {_name(target.parent)} to put {target.name} in; create it first")
        there = sorted(path.name for path in target.iterdir()) if target.exists() else []
    if not there or force:
        return
    if MARKS not in there:
        has = listed(map(shown, there), 4)
        raise OutputExists(
            f"{_name(target)} holds {has} and no marks; choose another folder, or write there with --force"
        )
    found = read(target)
    if found["manifest"] != own:
        raise OutputExists(
            f"{_name(target)} holds the marks of {shown(found['title'])} as it was built another time; choose another "
            f"folder, or replace them with --force"
        )


@contextmanager
def _staged(target: Path) -> Iterator[Path]:
    """A folder beside the one that is meant, which is gone afterwards."""
    with _writing(target):
        staged = Path(tempfile.mkdtemp(prefix=f".{target.name[:40]}.", suffix=".part", dir=target.parent))
    try:
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as problem:
        if isinstance(problem, ValueError) and "null" not in str(problem):
            raise
        reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
        raise OutputError(
            f"cannot write the marks to {_name(target)}: {reason}; nothing there was changed"
        ) from problem


def _install(staged: Path, target: Path, force: bool) -> bool:
    """Puts the files where they belong; True where just these were there already."""
    new = {str(path.relative_to(staged)) for path in staged.rglob("*") if path.is_file()}
    old = _own_files(target)
    if old:
        if old == new and all((target / path).read_bytes() == (staged / path).read_bytes() for path in new):
            return True
        if not force:
            raise OutputExists(
                f"{_name(target)} holds other marks of this exam: answers or policy have changed since; replace them "
                f"with --force, or see who gains and loses with -o OTHER --compare {target.name}"
            )
    if not target.exists() or not any(target.iterdir()):
        staged.chmod(0o755)
        with suppress(FileNotFoundError):
            target.rmdir()
        staged.rename(target)
        staged.mkdir()  # what is taken away at the end
        return False
    (target / PAGES).mkdir(exist_ok=True)
    for path in sorted(new, key=lambda path: (path == MARKS, path)):  # last of all what the others belong to
        (staged / path).replace(target / path)
    for path in old - new:
        (target / path).unlink(missing_ok=True)
    with suppress(OSError):
        (target / PAGES).rmdir()  # where it is empty
    return False


def _own_files(target: Path) -> set[str]:
    """The files of marks that are in a folder."""
    if not (target / MARKS).exists():
        return set()
    found = {MARKS, TABLE, REVIEW, CHANGES} & {path.name for path in target.iterdir()}
    with suppress(InputError):
        pages = (student["page"] for student in read(target)["students"])
        found |= {page for page in pages if page.startswith(f"{PAGES}/") and (target / page).is_file()}
    return found


# --- the files ------------------------------------------------------------------------------------------------------


class _Marks:
    """marks.csv and marks.json, written student by student. A context manager."""

    def __init__(self, folder: Path, manifest: Manifest, own: str, policy: Marking) -> None:
        self._json = (folder / MARKS).open("w", encoding="utf-8", newline="")
        self._table = (folder / TABLE).open("w", encoding="utf-8", newline="")
        self._manifest = manifest
        self._papers: dict[str, list[dict[str, Any]]] = {}
        self._mistakes: dict[str, dict[str, str]] = {}
        self._header: list[str] | None = None
        self._first = True
        head = {
            "kind": KIND,
            "format": FORMAT,
            "title": manifest.title,
            "manifest": own,
            "quizgen": __version__,
            "policy": policies.to_json(policy),
        }
        self._json.write(_dumped(head)[:-1] + ',\n"students": [')

    def __enter__(self) -> _Marks:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            papers = [
                {"name": paper.name, "code": paper.code, "questions": self._papers[paper.name]}
                for paper in self._manifest.papers
                if paper.name in self._papers
            ]
            listed_papers = ",\n".join(map(_dumped, papers))
            self._json.write(f'\n],\n"papers": [\n{listed_papers}\n],\n"mistakes": {_dumped(self._mistakes)}}}\n')
        self._json.close()
        self._table.close()

    def add(self, marked: Marked, page: str) -> None:
        self._know(marked)
        self._json.write(("\n" if self._first else ",\n") + _dumped(to_json(marked, page)))
        self._first = False
        self._table.write(self._row(marked))

    def _know(self, marked: Marked) -> None:
        """Notes what the report wants: what the questions of a paper take by hand, and what mistakes are about."""
        for question in marked.questions:
            for mistake in (each for part in question.parts for each in part.diagnosed):
                self._mistakes.setdefault(question.placed.slot.key, {}).setdefault(mistake.name, mistake.why)
            known = self._papers.setdefault(question.paper, [])
            if not any(one["key"] == question.placed.slot.key for one in known):
                known.append(_question(question))
                known.sort(key=lambda one: int(one["number"]))

    def _row(self, marked: Marked) -> str:
        names = [
            _called(question.number, part.number, len(question.parts))
            for question in marked.questions
            for part in question.parts
        ]
        rows = []
        fixed = ["student", "name", "email", "group", "paper", "points", "of", "open"]
        if self._header is None:
            rows.append([*fixed, *names])
            self._header = names
        student = marked.student
        whose = map(cell, (student.id, student.name, student.email, student.group, marked.paper))
        marks = dict(zip(names, ([] if marked.absent else self._points(marked)), strict=False))
        total = "" if marked.absent else number(marked.points)
        said = [marks.get(name, "") for name in self._header]
        rows.append([*whose, total, number(marked.of), str(marked.open), *said])
        return _lines(rows, bom=len(rows) > 1)

    @staticmethod
    def _points(marked: Marked) -> list[str]:
        return [number(part.points) for question in marked.questions for part in question.parts]


def _question(mark: QuestionMark) -> dict[str, Any]:
    """What a paper asks at a place."""
    question, slot = mark.question, mark.placed.slot
    takes = labour(question)
    return {
        "number": mark.number,
        "key": slot.key,
        "code": question.code,
        "family": question.family,
        "level": question.level,
        "title": title_of(question),
        "points": list(map(decimal_text, mark.placed.points)),
        "operations": takes.operations,
        "digits": takes.digits,
        "kinds": list(takes.kinds),
    }


def to_json(marked: Marked, page: str = "") -> dict[str, Any]:
    """A student's marks as plain data; points are exact, as decimals or fractions."""
    student = marked.student
    return {
        "id": student.id,
        "name": student.name,
        "email": student.email,
        "group": student.group,
        "paper": marked.paper,
        "absent": marked.absent,
        "points": decimal_text(marked.points),
        "of": decimal_text(marked.of),
        "page": page,
        **({} if marked.seconds is None else {"seconds": marked.seconds}),
        "questions": [
            {
                "number": question.number,
                "key": question.placed.slot.key,
                "paper": question.paper,
                "parts": [_part(part) for part in question.parts],
            }
            for question in marked.questions
        ],
    }


def _part(part: PartMark) -> dict[str, Any]:
    """A part; what says nothing is left out."""
    found = {
        "part": part.number,
        "state": part.state,
        "points": decimal_text(part.points),
        "of": decimal_text(part.of),
        "credit": decimal_text(part.credit),
        "typed": part.typed,
        "read_as": part.read_as if part.read_as != part.typed else "",
        "reason": part.reason,
        "why": part.why,
        "carried": part.carried,
        "mistakes": [mistake.name for mistake in part.diagnosed],
    }
    return {key: value for key, value in found.items() if value or key in ("state", "points", "of")}


def _review(problems: Iterable[Problem]) -> Iterator[str]:
    """review.csv, line by line."""
    header = ["line", "what", "student", "paper", "question", "part", "answer", "points", "why"]
    yield _lines([header], bom=True)
    for one in problems:
        said = (one.student, one.paper, one.question, one.part, one.answer, one.points, one.why)
        yield _lines([[str(one.line or ""), one.what, *map(cell, said)]])


def _lines(rows: Iterable[Sequence[str]], bom: bool = False) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return (_BOM if bom else "") + out.getvalue()


def cell(text: str, most: int = 1000) -> str:
    """Text for a cell of a spreadsheet, in which it is text and no formula, on one line and not endless."""
    line = " ".join(text.split()) if any(c in text for c in "\t\r\n\v\f") else text
    line = "".join(c if c.isprintable() else "\ufffd" for c in line)
    line = line if len(line) <= most else f"{line[: most - 1]}…"
    return f"'{line}" if line.startswith(FORMULA) else line


def number(x: fmpq) -> str:
    """Points in a table: a decimal, to four places where it has no end."""
    return decimal_text(x) if places_needed(x) is not None else decimal(x, _PLACES)


def _dumped(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def read(folder: str | Path) -> dict[str, Any]:
    """The marks in a folder, or in its marks.json. Raises `InputError` where there are none."""
    path = Path(folder)
    path = path / MARKS if path.is_dir() else path
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"there are no marks in {_name(Path(folder))}; `quizgen exam grade` writes them") from None
    except OSError as problem:
        raise InputError(f"cannot read the marks in {_name(path)}: {problem.strerror}") from None
    except (ValueError, RecursionError):
        raise InputError(f"{_name(path)} is no marks.json; name the folder that `quizgen exam grade` wrote") from None
    if not isinstance(found, dict) or found.get("kind") != KIND or not isinstance(found.get("students"), list):
        raise InputError(f"{_name(path)} holds no marks; `quizgen exam grade` writes them")
    if found.get("format") != FORMAT:
        raise InputError(f"{_name(path)} is of format {shown(found.get('format'))}; this quizgen reads format {FORMAT}")
    return found


# --- who gains and loses --------------------------------------------------------------------------------------------


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Whose points differ between two marks, who gains most first. Raises `InputError` for marks that were damaged."""
    try:
        old, new = _by_student(before), _by_student(after)
        found = [_change(old.get(name), new.get(name)) for name in {**old, **new}]
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise InputError(f"the earlier marks are damaged or were changed by hand ({shown(str(problem), 60)})") from None
    differing = [one for one in found if one.parts or one.before != one.after]
    return sorted(differing, key=lambda one: (-one.by, one.student.casefold(), one.student))


def _by_student(marks: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {student["id"]: student for student in marks["students"]}


def _change(old: dict[str, Any] | None, new: dict[str, Any] | None) -> Change:
    one = new or old or {}
    parts_old, parts_new = _parts(old), _parts(new)
    parts = tuple(
        (name, parts_old.get(name, ZERO), parts_new.get(name, ZERO))
        for name in {**parts_old, **parts_new}
        if old is not None and new is not None and parts_old.get(name, ZERO) != parts_new.get(name, ZERO)
    )
    return Change(one["id"], one["name"], _total(old), _total(new), parts)


def _total(student: dict[str, Any] | None) -> fmpq | None:
    return None if student is None or student["absent"] else rational(student["points"])


def _parts(student: dict[str, Any] | None) -> dict[str, fmpq]:
    """Points by question and part."""
    if student is None:
        return {}
    return {
        _called(question["number"], part["part"], len(question["parts"])): rational(part["points"])
        for question in student["questions"]
        for part in question["parts"]
    }


def _called(question: int, part: int, parts: int) -> str:
    """What a part is called: "q1a", "q2" where the question has no other."""
    return f"q{question}{letter(part - 1) if parts > 1 else ''}"


def _changes(found: Iterable[Change]) -> str:
    rows = [["student", "name", "before", "after", "change", "parts"]]
    for one in found:
        before, after = ("" if x is None else number(x) for x in (one.before, one.after))
        parts = "; ".join(f"{name}: {number(old)} to {number(new)}" for name, old, new in one.parts)
        rows.append([cell(one.student), cell(one.name), before, after, number(one.by), parts])
    return _lines(rows, bom=True)


__all__ = ["Change", "Graded", "changes", "read", "to_json", "write"]

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

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from quizgen import __version__
from quizgen.errors import InputError, OutputError, OutputExists, shown
from quizgen.sheet import Progress
from quizgen.wording import listed
from quizgen_solvers.exact import fmpq

from . import changes, processes
from . import policy as policies
from .blueprint import Marking
from .cells import cell, lines
from .changes import Change
from .entries import FIXED, PAGES, Desk, Entry, dumped
from .gathering import Gathered, Problem
from .given import NOTHING, Given
from .manifest import Manifest
from .scripts import Script, scripts

KIND = "quizgen exam marks"
FORMAT = 1
MARKS, TABLE, REVIEW, CHANGES = "marks.json", "marks.csv", "review.csv", "changes.csv"
ASKED = "asked.part"  # what goes to the end of marks.json, while that is written
_PAGE = re.compile(rf"{PAGES}/[A-Za-z0-9_-]+\.html")
PILE = 16
"""How many scripts are marked at a time: few enough that Ctrl-C and memory need not wait for many pages."""
ZERO = fmpq(0)


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

    def count(self, entry: Entry) -> None:
        self.absent += entry.absent
        if entry.failure:
            self.failures.append((entry.student, entry.failure))
        if entry.absent:
            return
        self.students += 1
        self.points += entry.points
        self.of += entry.of
        self.answers += len(entry.states)
        self.right += sum(state in ("right", "carried") for state in entry.states)
        self.carried += entry.states.count("carried")
        self.open += entry.states.count("open")


def write(
    gathered: Gathered,
    folder: str | Path,
    policy: Marking | None = None,
    given: Given = NOTHING,
    *,
    feedback: bool = True,
    force: bool = False,
    compare: str | Path | None = None,
    progress: Progress | None = None,
    jobs: int = 1,
    files: Sequence[str] = (),
) -> Graded:
    """Marks everything, and writes it into a folder.

    ``given``: points that a person gave; ``compare``: the folder of earlier marks; ``jobs``: in how many processes,
    which load the families of ``files``; the marks are the same. ``progress`` is told "marking", how many students are
    done, and of how many.

    Raises `OutputExists` where other marks or files are in the folder, unless ``force``; `OutputError` where it can't
    be written to or the disk is full, `InputError` where there are no marks to compare with. Where one student's page
    can't be made the others are.
    """
    manifest = gathered.manifest
    own = identity(manifest)
    target = Path(folder)
    _check(target, own, force)
    earlier = None if compare is None else read(compare)
    used = manifest.exam.marking if policy is None else policy
    graded = Graded(target)
    with _staged(target) as staged, _writing(target):
        if feedback:
            (staged / PAGES).mkdir()
        bare = manifest if gathered.mixed else manifest.without_papers()
        desk = Desk(bare, policy, staged if feedback else None)
        marked = processes.in_order(desk, _piles(scripts(gathered, given)), jobs, files)
        with _Marks(staged, manifest, own, used) as out, closing(marked):
            done = 0
            for entries in marked:
                for entry in entries:
                    out.add(entry)
                    graded.count(entry)
                    gathered.keep(entry.problems)
                done += len(entries)
                if progress is not None:
                    progress("marking", done, max(len(gathered.students), done))
        with (staged / REVIEW).open("w", encoding="utf-8", newline="") as review:
            review.writelines(_review(gathered.problems()))
        if earlier is not None:
            graded.changes = changes.changes(earlier, read(staged))
            (staged / CHANGES).write_text(changes.text(graded.changes), encoding="utf-8", newline="")
        graded.problems = gathered.counts()
        graded.given = graded.problems.pop("given", 0)
        graded.unchanged = _install(staged, target, force)
    return graded


def _piles(every: Iterator[Script]) -> Iterator[list[Script]]:
    while pile := list(islice(every, PILE)):
        yield pile


def identity(manifest: Manifest) -> str:
    """A hash of an exam as it was built."""
    data = json.dumps(manifest.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(data.encode()).hexdigest()


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
    if found.get("manifest") != own:
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
    with suppress(InputError, KeyError, TypeError):  # somebody may have changed it, and so may have the paths in it
        pages = {str(student["page"]) for student in read(target)["students"]}
        found |= {page for page in pages if _PAGE.fullmatch(page) and (target / page).is_file()}
    return found


# --- the files ------------------------------------------------------------------------------------------------------


class _Marks:
    """marks.csv and marks.json, written student by student. A context manager."""

    def __init__(self, folder: Path, manifest: Manifest, own: str, policy: Marking) -> None:
        self._json = (folder / MARKS).open("w", encoding="utf-8", newline="")
        self._table = (folder / TABLE).open("w", encoding="utf-8", newline="")
        self._asked = (folder / ASKED).open("w+", encoding="utf-8", newline="")
        self._order = {paper.name: (at, paper.code) for at, paper in enumerate(manifest.papers)}
        self._paper = ""
        self._papers: dict[str, dict[int, str]] = {}
        self._mistakes: dict[str, dict[str, str]] = {}
        self._columns: tuple[str, ...] | None = None
        head = {
            "kind": KIND,
            "format": FORMAT,
            "title": manifest.title,
            "manifest": own,
            "quizgen": __version__,
            "policy": policies.to_json(policy),
        }
        self._json.write(dumped(head)[:-1] + ',\n"students": [')

    def __enter__(self) -> _Marks:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._put_papers()
            self._json.write('\n],\n"papers": [')
            self._asked.seek(0)
            shutil.copyfileobj(self._asked, self._json)
            self._json.write(f'\n],\n"mistakes": {dumped(self._mistakes)}}}\n')
        for file in (self._json, self._table, self._asked):
            file.close()
        Path(self._asked.name).unlink()

    def add(self, entry: Entry) -> None:
        if entry.paper != self._paper:  # papers come one after the other, so that of each it need be kept only once
            self._put_papers()
            self._paper = entry.paper
        for paper, number, text in entry.asked:
            self._papers.setdefault(paper, {})[number] = text
        for key, name, why in entry.mistakes:
            self._mistakes.setdefault(key, {}).setdefault(name, why)
        self._json.write(("\n" if self._columns is None else ",\n") + entry.data)
        rows = [] if self._columns is not None else [(*FIXED, *entry.columns)]
        self._columns = self._columns or entry.columns
        cells = dict(zip(entry.columns, entry.cells[len(FIXED) :], strict=True))
        rows.append((*entry.cells[: len(FIXED)], *(cells.get(name, "") for name in self._columns)))
        self._table.write(lines(rows, bom=len(rows) > 1))

    def _put_papers(self) -> None:
        """Writes what is asked on the papers that were marked, in their order in the manifest."""
        for name in sorted(self._papers, key=lambda name: self._order[name]):
            asked = ",".join(text for _, text in sorted(self._papers[name].items()))
            paper = {"name": name, "code": self._order[name][1]}
            self._asked.write(f'{"," if self._asked.tell() else ""}\n{dumped(paper)[:-1]},"questions":[{asked}]}}')
        self._papers.clear()


def _review(problems: Iterable[Problem]) -> Iterator[str]:
    """review.csv, line by line."""
    header = ["line", "what", "student", "paper", "question", "part", "answer", "points", "why"]
    yield lines([header], bom=True)
    for one in problems:
        said = (one.student, one.paper, one.question, one.part, one.answer, one.points, one.why)
        yield lines([[str(one.line or ""), one.what, *map(cell, said)]])


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


__all__ = ["Graded", "read", "write"]

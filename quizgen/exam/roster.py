"""The roster: who writes the exam, read from a CSV file as spreadsheets and learning platforms save it.

The first line names the columns: an id and a name (or first and last name), and where wanted email and group. Commas,
semicolons and tabs are told apart by that line. A name is text and nothing else: what looks like LaTeX, HTML, a formula
or a path stays what it is, and whoever prints it escapes it.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path

from quizgen.errors import InputError, one_line, shown
from quizgen.wording import counted, listed

from .incoming import encoding, guessed, named, opened, plainer, rows
from .model import Student

MOST_BYTES = 20_000_000
MOST_STUDENTS = 20_000
LONGEST_ID, LONGEST_CELL = 64, 200
LONGEST_FILE_NAME = 48

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
IDS = ("id", "student id", "student number", "id number", "matriculation number", "matrikelnummer", "sis user id",
       "sis id", "sis login id", "login id", "username", "login")  # fmt: skip
NAMES = ("name", "full name", "student name", "student")
FIRST_NAMES = ("first name", "given name", "vorname")
LAST_NAMES = ("last name", "surname", "family name", "nachname")
EMAILS = ("email", "e mail", "email address", "mail")
GROUPS = ("group", "section", "groups", "class")
NOBODY = "Points Possible"
"""What stands for a name on a line of Canvas's gradebook that is no student's."""

_CUT_SHORT = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]+")  # 1.23E+08
_TO_HANG_ON = {"\u200c", "\u200d"}  # joiners, without which some scripts are misspelled
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


class RosterError(InputError):
    """A roster with problems: the message has the first of them, ``lines`` has all."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = tuple(map(one_line, lines))
        others = [found[1] for line in self.lines[1:] if (found := re.search(r":([0-9]+): ", line))]
        rest = (
            f" (and {counted(len(others), 'problem')} more, on line{'s' * (len(others) > 1)} {listed(others, most=8)})"
            if others
            else ""
        )
        super().__init__(f"{self.lines[0]}{rest}")

    def __reduce__(self) -> tuple[type[RosterError], tuple[tuple[str, ...]]]:
        return type(self), (self.lines,)


def read(path: str | Path, note: Callable[[str], None] | None = None) -> tuple[Student, ...]:
    """The students of a roster in the order of the file.

    ``note`` is told what was guessed, such as the encoding. Raises `InputError` for a file that can't be read, and
    `RosterError` for what is in it: a line for every problem, with the number of the line in the file.
    """
    name = named(path)
    with opened(Path(path), "the roster", "a roster is a CSV file with the columns id and name") as file:
        data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise InputError(f"{name} has more than {MOST_BYTES // 10**6} MB, so it is no roster; name the CSV file")
        file.seek(0)
        code, guess = encoding(file, name)
    students = parse(data.decode(code), str(path))
    if guess and note is not None:
        note(guessed(name, guess))
    return students


def parse(text: str, name: str = "the roster") -> tuple[Student, ...]:
    """The students of the text of a roster; ``name`` is that of the file, for errors. Raises `RosterError`."""
    declared = re.match(r"sep=(.)\r?\n", text)  # Excel's own first line
    body = text[declared.end() :] if declared else text
    delimiters = [declared[1]] if declared else list(DELIMITERS)
    first = bool(declared) + 1
    columns, delimiter = _columns(body, delimiters, f"{name}:{first}")
    problems: list[str] = []
    students: list[Student] = []
    known: dict[str, tuple[int, str]] = {}
    try:
        for line, row in rows(io.StringIO(body, newline=""), delimiter, first, name):
            cells = [_clean(cell) for cell in row]
            if line == first or not any(cells) or cells[0] == NOBODY:
                continue
            if len(students) == MOST_STUDENTS:
                problems.append(f"{name}:{line}: a roster has at most {MOST_STUDENTS:,} students; split it")
                break
            try:
                student = _student(cells, columns)
                _check_new(student, line, known)
            except ValueError as wrong:
                problems.append(f"{name}:{line}: {wrong}")
            else:
                students.append(student)
    except InputError as problem:  # of a row that is none
        problems.append(str(problem))
    if not problems and not students:
        problems.append(f"{name}:{first}: there is nobody below the line that names the columns")
    if problems:
        raise RosterError(problems)
    return tuple(students)


def safe_name(student: Student) -> str:
    """A name for the files of a student: from her id, of plain letters, digits, - and _, and of nobody else.

    An id that is such a name already is kept; any other gets a few letters of its hash.
    """
    plain = unicodedata.normalize("NFKD", student.id).encode("ascii", "ignore").decode()
    name = _UNSAFE.sub("-", plain).strip("-")[:LONGEST_FILE_NAME]
    if name == student.id and name.casefold() not in _RESERVED:
        return name
    return "-".join(filter(None, (name, blake2b(student.id.encode(), digest_size=5).hexdigest())))


# --- columns ------------------------------------------------------------------------------------------------------


class _Columns:
    """Which column holds what; None where there is none."""

    def __init__(self, header: Sequence[str]) -> None:
        self.header = [_clean(cell) for cell in header]
        plain = [re.sub(r"[\W_]+", " ", cell.casefold()).strip() for cell in self.header]
        self.id, self.name, self.first, self.last, self.email, self.group = (
            next((plain.index(word) for word in words if word in plain), None)
            for words in (IDS, NAMES, FIRST_NAMES, LAST_NAMES, EMAILS, GROUPS)
        )
        self.twice = next((cell for at, cell in enumerate(plain) if cell and cell in plain[:at]), "")

    @property
    def lacking(self) -> str:
        """What has to be there and is not."""
        has_name = self.name is not None or (self.first is not None and self.last is not None)
        lacks = ["an id"] * (self.id is None) + ["a name"] * (not has_name)
        return listed(lacks)

    @property
    def wanted(self) -> tuple[int | None, ...]:
        return (self.id, self.name, self.first, self.last, self.email, self.group)


def _columns(text: str, delimiters: Sequence[str], where: str) -> tuple[_Columns, str]:
    """The columns that the first line names, and what stands between them. Raises `RosterError`."""
    first = re.split(r"[\r\n]", text, maxsplit=1)[0]
    if not first.strip():
        raise RosterError([f"{where}: the first line is empty; it names the columns, such as id,name,email"])
    found = []
    for delimiter in delimiters:
        try:
            header = next(csv.reader([first], delimiter=delimiter, skipinitialspace=True))
        except csv.Error as problem:
            raise RosterError([f"{where}: the first line can't be read as CSV: {plainer(problem)}"]) from None
        found.append((_Columns(header), delimiter))
    columns, delimiter = min(found, key=lambda each: (len(each[0].lacking), -len(each[0].header)))
    if columns.lacking:
        has = listed([shown(cell) for cell in columns.header if cell], most=8)
        lacking = f"there is none for {columns.lacking} among {has}"
        raise RosterError([f"{where}: the first line names the columns; {lacking}: write id,name,email"])
    if columns.twice:
        raise RosterError([f"{where}: there are two columns {shown(columns.twice)}; leave one of them out"])
    return columns, delimiter


# --- a line -------------------------------------------------------------------------------------------------------


def _clean(cell: str) -> str:
    """A cell with blanks for line breaks and runs of blanks, and without invisible marks that belong to no script."""
    text = unicodedata.normalize("NFC", cell)
    text = "".join(c for c in text if unicodedata.category(c) != "Cf" or c in _TO_HANG_ON)
    return " ".join(text.split())


def _student(cells: Sequence[str], columns: _Columns) -> Student:
    """The student of a line; raises ValueError with what is wrong with it."""
    width = len(columns.header)
    if any(cells[width:]):
        raise ValueError(
            f"there are {len(cells)} cells, and the first line names {counted(width, 'column')}; a name with a comma "
            f"in it belongs in quotation marks: {shown(', '.join(cells))}"
        )
    for cell in cells:
        for character in cell:
            if unicodedata.category(character) in ("Cc", "Cs") or character == "\ufffd":
                raise ValueError(
                    f"{shown(cell)} holds the character {shown(character)}, which no name has; write it again"
                )
    id_, name, first, last, email, group = (
        cells[at] if at is not None and at < len(cells) else "" for at in columns.wanted
    )
    student = Student(id_, name or f"{first} {last}".strip(), email, group)
    _check(student)
    return student


def _check(student: Student) -> None:
    if not student.id:
        who = shown(student.name) if student.name else "a student"
        raise ValueError(f"{who} has no id; every student needs one of her own")
    if not student.name:
        raise ValueError(f"the student with the id {shown(student.id)} has no name")
    if len(student.id) > LONGEST_ID:
        length = f"{len(student.id)} characters; an id has at most {LONGEST_ID}"
        raise ValueError(f"the id {shown(student.id)} has {length}")
    if _CUT_SHORT.fullmatch(student.id):
        raise ValueError(
            f"the spreadsheet has cut the id {shown(student.id)} short; make its column text, and save again"
        )
    for what, text in (("name", student.name), ("email", student.email), ("group", student.group)):
        if len(text) > LONGEST_CELL:
            raise ValueError(f"the {what} {shown(text)} has {len(text):,} characters; it has at most {LONGEST_CELL}")


def _check_new(student: Student, line: int, known: dict[str, tuple[int, str]]) -> None:
    """Raises ValueError for an id that stands on an earlier line, which ``known`` holds."""
    plain = unicodedata.normalize("NFKC", student.id.casefold()).casefold()
    before, as_ = known.setdefault(plain, (line, student.id))
    if before != line:
        why = "small and capital letters count as the same" if as_.lower() == student.id.lower() else "they read alike"
        same = "" if as_ == student.id else f" (as {shown(as_)}; {why})"
        raise ValueError(f"the id {shown(student.id)} stands on line {before} already{same}")

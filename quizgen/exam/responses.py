"""What students answered, read from CSV files as people type them and learning platforms save them.

Four forms, told apart by the line that names the columns:

- long: a line an answer, with the columns student, paper, question, part, answer;
- wide: a line a student, with the columns student, paper and one for each part: q1a, q1b, q2, …
- Moodle's report "Responses" (Response 1, Right answer 1, …; `mod/quiz/report/responses/report.php`), in English or
  another of the languages below;
- Canvas's report "Student analysis" (two columns a question, the first named by its id and its words;
  `app/models/quizzes/quiz_statistics/student_analysis.rb`).

Files are read as a stream. Whose answer it is and to what is said as the file says it; `gathering` looks it up.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from quizgen.errors import InputError, UnknownFormat, shown
from quizgen.wording import counted, listed

from .incoming import encoding, guessed, named, opened, plainer, rows
from .roster import DELIMITERS, EMAILS, FIRST_NAMES, GROUPS, IDS, LAST_NAMES, NAMES

FORMS = ("long", "wide", "moodle", "canvas")
LEFT_OUT = frozenset({"", "-"})
"""What stands where nothing was answered."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula; in files for one an apostrophe stands before it."""

STUDENTS = ("student", *IDS)
PAPERS = ("paper", "version", "paper code", "code")
QUESTIONS = ("question", "number")
PARTS = ("part",)
ANSWERS = ("answer", "response")
POINTS = ("points",)
SECONDS, MINUTES = ("seconds",), ("minutes",)
DURATIONS = ("time taken", "duration")
STATES = ("state", "status", "estado", "état", "stato")

RESPONSES = ("response", "antwort", "réponse", "respuesta", "risposta", "resposta", "antwoord")
RIGHT = ("right answer", "richtige antwort", "bonne réponse", "réponse correcte", "respuesta correcta",
         "risposta corretta", "resposta correta", "resposta correcta", "juiste antwoord")  # fmt: skip
"""What Moodle calls the columns of answers and of right answers, in some languages."""
MOODLE_IDS = ("id number", "id nummer", "numéro d identification", "número de id", "codice identificativo")
MOODLE_EMAILS = ("e mail adresse", "adresse de courriel", "adresse e mail", "dirección de correo", "dirección email",
                 "indirizzo email", "endereço de email", "e mailadres")  # fmt: skip

_LONGEST_HEADER = 1_000_000  # Canvas puts the words of every question into it
_PART = re.compile(r"q?\s*(?P<question>[0-9]{1,3})(?:\s*[.(]?\s*(?P<part>[a-z]{1,2})\s*\)?)?", re.IGNORECASE)
_BY_KEY = re.compile(r"(?P<question>[A-Za-z0-9][A-Za-z0-9_-]{0,31}?)\s*(?:\((?P<part>[a-z]{1,2})\))?")
_MOODLE = re.compile(r"([^\W\d_][^\d]{2,30}) ([0-9]{1,3})")
_CANVAS = re.compile(r"(?s)([0-9]+): ?(.*)")
_WHOLE = re.compile(r"[0-9]{1,6}")
_DURATION = re.compile(  # as Moodle writes it: "1 hour 14 mins"
    r"(?:([0-9]{1,4}) days? ?)?(?:([0-9]{1,2}) hours? ?)?"
    r"(?:([0-9]{1,2}) min(?:ute)?s? ?)?(?:([0-9]{1,2}) sec(?:ond)?s?)?"
)
_BLANKS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Response:
    """An answer as a file has it: on which line, whose, and to what.

    ``student`` is an id, ``email`` what a platform may know her by instead; ``paper`` and ``part`` are empty where the
    file doesn't say. ``form``: how the answer is written; Moodle and Canvas write that of a whole question into a cell.
    ``seconds``: how long she sat over the whole paper, where the file says so. ``beside``: what the platform writes
    beside it: Moodle what is right, Canvas the words of the question. ``comma``: whether it writes 1,5 for 1.5.
    """

    line: int
    student: str
    question: str
    answer: str
    paper: str = ""
    part: str = ""
    email: str = ""
    name: str = ""
    form: str = "long"
    beside: str = ""
    seconds: int | None = None
    comma: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that could not be read, and why."""

    line: int
    why: str


class Layout(Protocol):
    """What the columns of a file hold."""

    @property
    def width(self) -> int:
        """How many columns there are."""
        ...

    @property
    def ignored(self) -> Sequence[str]:
        """Columns that hold nothing of interest, though they may seem to."""
        ...

    def read(self, line: int, cells: Sequence[str]) -> Iterator[Response]:
        """The answers of a row."""
        ...


def read(
    path: str | Path,
    form: str | None = None,
    keys: Iterable[str] = (),
    note: Callable[[str], None] | None = None,
) -> Iterator[Response | Unread]:
    """The answers of a file, as a stream.

    ``form``: one of `FORMS`, None: told by the columns; ``keys``: names of questions that columns may have. ``note`` is
    told what was guessed, such as the encoding. Raises `InputError` for a file that can't be read or has not the
    columns, `UnknownFormat` for a form that there is not.
    """
    if form is not None and form not in FORMS:
        raise UnknownFormat.among(form, FORMS)
    return _read(path, form, keys, note)


def read_points(path: str | Path, note: Callable[[str], None] | None = None) -> Iterator[Response | Unread]:
    """Points that a person gave, as a stream: a line each, in the long form, with points for an answer.

    Raises `InputError` for a file that can't be read or has not the columns.
    """
    return _read(path, "points", (), note)


def _read(
    path: str | Path, form: str | None, keys: Iterable[str], note: Callable[[str], None] | None
) -> Iterator[Response | Unread]:
    name = named(path)
    missing = "answers are a CSV file with the columns student,question,answer"
    with opened(Path(path), "the file with the answers", missing) as file:
        code, guess = encoding(file, name)
        if guess and note is not None:
            note(guessed(name, guess))
        text = io.TextIOWrapper(file, encoding=code, newline="")
        layout, delimiter, first = _layout(text, form, {key.casefold() for key in keys}, str(path))
        if layout.ignored and note is not None:
            note(
                f"{name}: no question is called {listed(map(shown, layout.ignored), 6)}, so these columns are left out"
            )
        yield from _responses(text, layout, delimiter, first, str(path))


# --- the file -------------------------------------------------------------------------------------------------------


def _responses(
    text: Iterable[str], layout: Layout, delimiter: str, first: int, name: str
) -> Iterator[Response | Unread]:
    """The answers of the rows below the header, whose first is on the line ``first``."""
    for line, row in rows(text, delimiter, first, name):
        if not any(cell and not cell.isspace() for cell in row):
            continue
        if any(cell.strip() for cell in row[layout.width :]):
            why = f"there are {len(row)} cells, and the first line names {counted(layout.width, 'column')}"
            yield Unread(line, f"{why}; an answer with a comma in it belongs in quotation marks")
            continue
        yield from layout.read(line, row + [""] * (layout.width - len(row)))


# --- columns --------------------------------------------------------------------------------------------------------


def _layout(text: io.TextIOWrapper, form: str | None, keys: Container[str], name: str) -> tuple[Layout, str, int]:
    """What the columns hold, what stands between them, and the line after the header. Raises `InputError`."""
    line = 1
    first = text.readline(_LONGEST_HEADER)
    declared = re.fullmatch(r"sep=(.)\r?\n?", first)  # Excel's own first line
    if declared:
        first, line = text.readline(_LONGEST_HEADER), 2
    begin = line
    while first.count('"') % 2 and (more := text.readline(_LONGEST_HEADER)):  # a name of several lines
        first, line = first + more, line + 1
        if len(first) > _LONGEST_HEADER:
            raise InputError(
                f"{name}:{begin}: the first line names the columns, and a quotation mark in it is not closed"
            )
    if not first.strip():
        raise InputError(
            f"{name}:{begin}: the first line is empty; it names the columns, such as student,question,answer"
        )
    delimiters = [declared[1]] if declared else list(DELIMITERS)
    try:
        headers = [
            next(csv.reader(io.StringIO(first, newline=""), delimiter=each, skipinitialspace=True, strict=True))
            for each in delimiters
        ]
    except csv.Error as problem:
        raise InputError(f"{name}:{begin}: this can't be read as CSV: {plainer(problem)}") from None
    found = []
    for header, delimiter in zip(headers, delimiters, strict=True):
        layout = _of(header, form, keys)
        if layout is not None:
            found.append((layout, delimiter))
    if found:
        layout, delimiter = max(found, key=lambda each: each[0].width)
        return layout, delimiter, line + 1
    header = max(headers, key=len)
    has = listed([shown(cell) for cell in header if cell.strip()], most=8)
    wanted = _WANTED[form] if form else f"{_WANTED['long']}, or {_WANTED['wide']}"
    raise InputError(f"{name}:{begin}: the first line names the columns, and among {has} there are not {wanted}")


_WANTED = {
    "long": "student, question and answer (a line an answer)",
    "wide": "student and q1a, q1b, q2, … (a line a student)",
    "moodle": "an id or email and Response 1, Response 2, … (Moodle's report Responses; in English, if need be)",
    "canvas": "id or sis_id and the questions as 123: … (Canvas's report Student analysis)",
    "points": "student, question and points (a line for each part that a person marked)",
}


def _of(header: Sequence[str], form: str | None, keys: Container[str]) -> Layout | None:
    """The layout that a header is of, in the form that is wanted or the first that it fits."""
    names = [_clean(cell) for cell in header]
    for each in (form,) if form else ("canvas", "moodle", "long", "wide"):
        layout = _LAYOUTS[each](names, keys)
        if layout is not None:
            return layout
    return None


def _clean(cell: str) -> str:
    """A cell with blanks for line breaks and runs of blanks, and without invisible marks."""
    text = unicodedata.normalize("NFC", cell)
    return " ".join("".join(c for c in text if unicodedata.category(c) != "Cf").split())


def _places(names: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Where the wanted names stand, in the order in which they are wanted."""
    plain = [_BLANKS.sub(" ", name.casefold()).strip() for name in names]
    return [plain.index(word) for word in dict.fromkeys(wanted) if word in plain]


def _place(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next(iter(_places(names, wanted)), None)


def _at(cells: Sequence[str], place: int | None) -> str:
    return "" if place is None else _clean(cells[place])


def _plain(text: str) -> str:
    """A text without the apostrophe that kept a spreadsheet from taking it for a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA else text


class _Person:
    """The columns that say whose row it is."""

    def __init__(self, names: Sequence[str], ids: Sequence[str], emails: Sequence[str] = EMAILS) -> None:
        self.ids = _places(names, ids)
        self.email, self.name, self.first, self.last, self.seconds, self.minutes, self.duration = (
            _place(names, words) for words in (emails, NAMES, FIRST_NAMES, LAST_NAMES, SECONDS, MINUTES, DURATIONS)
        )
        if self.name in self.ids[:1]:  # "student" is an id where there is no other
            self.name = None

    @property
    def places(self) -> set[int | None]:
        """All these columns."""
        return {*self.ids, self.email, self.name, self.first, self.last, self.seconds, self.minutes, self.duration}

    @property
    def known(self) -> bool:
        return bool(self.ids) or self.email is not None

    def of(self, cells: Sequence[str]) -> tuple[str, str, str]:
        """Id, email and name. Where an id is left out, as the school's may be in Canvas, the next column's counts."""
        name = _at(cells, self.name) or f"{_at(cells, self.first)} {_at(cells, self.last)}".strip()
        id_ = next(filter(None, (_at(cells, place) for place in self.ids)), "")
        return _plain(id_), _at(cells, self.email), _plain(name)

    def time(self, cells: Sequence[str]) -> int | None:
        """For how many seconds she sat; None where nothing says so, or nothing that can be read."""
        for place, unit in ((self.seconds, 1), (self.minutes, 60)):
            if _WHOLE.fullmatch(text := _at(cells, place)):
                return int(text) * unit
        text = _at(cells, self.duration).casefold()
        found = _DURATION.fullmatch(text) if text else None
        if found is None:
            return None
        return sum(int(number or 0) * unit for number, unit in zip(found.groups(), (86_400, 3600, 60, 1), strict=True))


@dataclass(frozen=True)
class _Long:
    person: _Person
    paper: int | None
    question: int
    part: int | None
    answer: int
    width: int
    ignored: tuple[str, ...] = ()

    @classmethod
    def of(cls, names: Sequence[str], keys: Container[str], answers: Sequence[str] = ANSWERS) -> _Long | None:
        person = _Person(names, STUDENTS)
        question, answer = _place(names, QUESTIONS), _place(names, answers)
        if not person.known or question is None or answer is None:
            return None
        return cls(person, _place(names, PAPERS), question, _place(names, PARTS), answer, len(names))

    def read(self, line: int, cells: Sequence[str]) -> Iterator[Response]:
        id_, email, name = self.person.of(cells)
        question, part = _at(cells, self.question), _at(cells, self.part)
        if not part and (found := _PART.fullmatch(question)):  # "1a" says both
            question, part = found["question"], found["part"] or ""
        yield Response(
            line, id_, question, cells[self.answer].strip(), _at(cells, self.paper), part, email=email, name=name
        )


@dataclass(frozen=True)
class _Wide:
    person: _Person
    paper: int | None
    columns: tuple[tuple[int, str, str], ...]  # place, question, part
    width: int
    ignored: tuple[str, ...] = ()

    @classmethod
    def of(cls, names: Sequence[str], keys: Container[str]) -> _Wide | None:
        person, paper = _Person(names, STUDENTS), _place(names, PAPERS)
        taken = {*person.places, paper, _place(names, GROUPS)}
        found, ignored = [], []
        for place, name in enumerate(names):
            match = _PART.fullmatch(name) or _BY_KEY.fullmatch(name)
            if match and (match.re is _PART or match["question"].casefold() in keys):
                found.append((place, match["question"], match["part"] or ""))
            elif name and place not in taken:
                ignored.append(name)
        return cls(person, paper, tuple(found), len(names), tuple(ignored)) if person.known and found else None

    def read(self, line: int, cells: Sequence[str]) -> Iterator[Response]:
        id_, email, name = self.person.of(cells)
        seconds = self.person.time(cells)
        paper = _at(cells, self.paper)
        for place, question, part in self.columns:
            yield Response(
                line,
                id_,
                question,
                cells[place].strip(),
                paper,
                part,
                email=email,
                name=name,
                form="wide",
                seconds=seconds,
            )


@dataclass(frozen=True)
class _Moodle:
    person: _Person
    state: int | None
    comma: bool
    columns: tuple[tuple[int, int | None, str], ...]  # the response, what is right, and the question
    width: int
    ignored: tuple[str, ...] = ()

    @classmethod
    def of(cls, names: Sequence[str], keys: Container[str]) -> _Moodle | None:
        person = _Person(names, (*MOODLE_IDS, *IDS), (*EMAILS, *MOODLE_EMAILS))
        found: dict[str, dict[str, int]] = {}
        comma = False  # in all these languages but English
        for place, name in enumerate(names):
            match = _MOODLE.fullmatch(name.casefold())
            comma = comma or bool(match and match[1] in RESPONSES[1:])
            if match and (match[1] in RESPONSES or match[1] in RIGHT):
                found.setdefault(match[2], {})["right" if match[1] in RIGHT else "response"] = place
        columns = tuple(
            (each["response"], each.get("right"), question) for question, each in found.items() if "response" in each
        )
        return cls(person, _place(names, STATES), comma, columns, len(names)) if person.known and columns else None

    def read(self, line: int, cells: Sequence[str]) -> Iterator[Response]:
        id_, email, name = self.person.of(cells)
        seconds = self.person.time(cells)
        if not (id_ or email) or _at(cells, self.state) == "-":  # the line with averages, and who did not begin
            return
        for place, right, question in self.columns:
            is_right = "" if right is None else cells[right].strip()
            answer = cells[place].strip()
            yield Response(
                line, id_, question, answer, email=email, name=name, form="moodle", seconds=seconds, beside=is_right,
                comma=self.comma,
            )  # fmt: skip


@dataclass(frozen=True)
class _Canvas:
    person: _Person
    columns: tuple[tuple[int, str], ...]  # its place, and the words of the question
    width: int
    ignored: tuple[str, ...] = ()

    @classmethod
    def of(cls, names: Sequence[str], keys: Container[str]) -> _Canvas | None:
        person = _Person(names, ("sis id", "id"))
        columns = tuple((place, match[2]) for place, name in enumerate(names) if (match := _CANVAS.fullmatch(name)))
        return cls(person, columns, len(names)) if person.known and columns else None

    def read(self, line: int, cells: Sequence[str]) -> Iterator[Response]:
        id_, email, name = self.person.of(cells)
        seconds = self.person.time(cells)
        before: list[str] = []
        for place, words in self.columns:
            before.append(words)
            again = str(before.count(words))
            yield Response(
                line,
                id_,
                words,
                cells[place].strip(),
                "",
                again,
                email,
                name,
                form="canvas",
                seconds=seconds,
                beside=words,
            )


_LAYOUTS: dict[str, Callable[[Sequence[str], Container[str]], Layout | None]] = {
    "long": _Long.of,
    "wide": _Wide.of,
    "moodle": _Moodle.of,
    "canvas": _Canvas.of,
    "points": partial(_Long.of, answers=POINTS),
}

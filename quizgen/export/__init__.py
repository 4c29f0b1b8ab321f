"""Exams for learning platforms: one file a format.

A format is a module of this folder with

    NAME      what a person calls the platform
    SUFFIX    the ending of the one file that it is; "" where it is a folder
    write(questions, title, choices=False) -> bytes, or {path: bytes} for a folder

and, where it has something to say of its own,

    obstacle(part, way) -> str      why this part's values can't travel, "" where they can
    notes(questions, choices) -> list[str]  what counts or reads otherwise there
    pieces(questions, title, choices=False) -> iterator of str      the file bit by bit, so that memory stays flat

What kind of answer becomes what is said in `capability`. The same questions give the same bytes.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from quizgen.collector import at_rest
from quizgen.errors import OutputError, UnknownFormat, UsageError, shown
from quizgen.wording import letter

from .capability import Way, as_choice, way_of
from .places import balanced

if TYPE_CHECKING:
    from flint import fmpq

    from quizgen.question import Question, QuestionPart

__all__ = ["FORMATS", "Exported", "Format", "check_target", "export", "find", "notes", "problems"]

FORMATS = {
    "moodle": "Moodle XML, for the question bank",
    "canvas": "a QTI 1.2 package for Canvas, classic and new quizzes",
    "qti21": "a QTI 2.1 package, for OpenOlat, ILIAS and others",
    "qti30": "QTI 3.0 items",
    "gift": "GIFT, short text for Moodle and others",
    "anki": "a deck for Anki",
    "prairielearn": "a folder of PrairieLearn questions",
    "jupyter": "a notebook with cells that check",
    "jsonl": "JSON lines, everything as data",
}
"""What is written, by the name that one asks for."""


@dataclass(frozen=True)
class Exported:
    """A question as it is exported.

    ``points`` for each part; ``key``: its stable name in the exam, such as "q3"; ``variants``: further questions that
    stand for it, of which a platform gives each student one.
    """

    question: Question
    points: tuple[fmpq, ...]
    key: str
    variants: tuple[Question, ...] = ()

    @property
    def every(self) -> tuple[Question, ...]:
        """The question and its variants."""
        return (self.question, *self.variants)


class Format(Protocol):
    """What every module of a format has."""

    NAME: str
    SUFFIX: str

    def write(
        self, questions: Sequence[Exported], title: str, choices: bool = False, **options: Any
    ) -> bytes | Mapping[str, bytes]:
        """The file, or the files of the folder by their paths in it. Raises `RenderError`."""
        ...


def find(name: str) -> Format:
    """The format of that name. Raises `UnknownFormat`."""
    if name not in FORMATS:
        raise UnknownFormat.among(name, FORMATS)
    return cast("Format", import_module(f"{__name__}.{name}"))


def problems(questions: Sequence[Exported], form: str, choices: bool = False) -> list[str]:
    """What the format can't carry, one line each: to be said before anything is written.

    With ``choices`` every part that can be is asked as multiple choice.
    """
    module = find(form)
    said = [] if questions else ["there are no questions to export"]
    for key, count in Counter(exported.key for exported in questions).items():
        if count > 1:
            said.append(f"{shown(key)} is the name of {count} questions; each needs a name of its own")
    for exported, question, part in _parts(questions):
        way = way_of(part, form, choices)
        why = way.words if way.way is Way.NO else _obstacle(module, part, way.way)
        if why:
            could = not choices and way.way not in (Way.ONE, Way.SEVERAL) and as_choice(part)
            instead = "; it could be asked as multiple choice" if could else ""
            said.append(
                f"{_place(exported, question, part)}: {module.NAME} can't carry this {part.kind.name}: {why}{instead}"
            )
    return said


def notes(questions: Sequence[Exported], form: str, choices: bool = False) -> list[str]:
    """What counts or reads otherwise on the platform than in quizgen, a line for all questions: good to know."""
    found = getattr(find(form), "notes", None)
    return list(found(questions, choices)) if found else []


def check_target(form: str, target: Path, force: bool = False) -> None:
    """Raises `OutputExists` or `OutputError` where the file or folder of a format can't be written there."""
    from quizgen.files import check_output

    if not find(form).SUFFIX and os.path.lexists(target):
        raise OutputError(f"{shown(str(target), 160)} exists already; choose another name for the folder")
    check_output(target, force)


def export(
    questions: Sequence[Exported],
    form: str,
    target: Path,
    *,
    title: str,
    choices: bool = False,
    force: bool = False,
    **options: Any,
) -> Path:
    """Writes the questions, whole or not at all; ``options`` are the format's own.

    Raises `UsageError` with the first of the `problems`, `OutputExists`, `OutputError`, `RenderError`.
    """
    from quizgen.files import whole_file, write_whole

    module = find(form)
    check_target(form, target, force)
    if wrong := problems(questions, form, choices):
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise UsageError(f"{wrong[0]}{more}")
    pieces = getattr(module, "pieces", None)
    questions = balanced(questions, form, choices)
    with at_rest():
        if pieces is not None:
            with whole_file(target, force) as (file, path):
                for piece in pieces(questions, title, choices, **options):
                    file.write(piece.encode())
            return path
        made = module.write(questions, title, choices, **options)
    if isinstance(made, bytes):
        return write_whole(target, made, force)
    return _write_folder(target, made)


def joined(pieces: Iterable[str]) -> bytes:
    """What ``pieces`` yields as one file."""
    return "".join(pieces).encode()


def _parts(questions: Sequence[Exported]) -> Iterator[tuple[Exported, Question, QuestionPart]]:
    for exported in questions:
        for question in exported.every:
            if len(question.parts) != len(exported.points):
                parts, points = len(question.parts), len(exported.points)
                raise ValueError(f"{exported.key} has {parts} parts and points for {points}")
            for part in question.parts:
                yield exported, question, part


def _obstacle(module: Format, part: QuestionPart, way: Way) -> str:
    if way is Way.ONE and not as_choice(part):
        return "there is no named mistake to choose from beside the answer"
    own = getattr(module, "obstacle", None)
    return own(part, way) if own is not None else ""


def _place(exported: Exported, question: Question, part: QuestionPart) -> str:
    name = f" ({letter(part.index)})" if len(question.parts) > 1 else ""
    code = f", {question.code}" if question.code else ""
    return f"{exported.key}{name}{code}"


def _write_folder(target: Path, files: Mapping[str, bytes]) -> Path:
    """A new folder with these files, which nobody sees before it is whole."""
    import shutil
    import tempfile

    try:
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name[:40]}.", suffix=".part", dir=target.parent))
    except OSError as error:
        raise OutputError(f"cannot write {shown(str(target), 160)}: {error.strerror}; choose another place") from error
    try:
        for name, data in sorted(files.items()):
            path = draft / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        draft.chmod(0o755)
        draft.rename(target)
    except OSError as error:
        raise OutputError(f"cannot write {shown(str(target), 160)}: {error.strerror}; choose another place") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target

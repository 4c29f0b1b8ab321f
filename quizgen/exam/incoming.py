"""Files that somebody hands over: opened, their encoding found out, and the rows of tables with their lines."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from quizgen.errors import InputError, shown

_CHUNK = 1 << 16
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def named(path: Path | str) -> str:
    """A file as errors call it."""
    return shown(str(path), 160)


@contextmanager
def opened(path: Path, what: str, missing: str) -> Iterator[BinaryIO]:
    """A file to be read; ``what`` it should be, and what to say where there is none. Raises `InputError`."""
    name = named(path)
    try:
        if path.is_dir():
            raise InputError(f"{name} is a folder; name {what} in it")
        if not path.exists():
            raise InputError(f"there is no file {name}; {missing}")
        if not path.is_file():
            raise InputError(f"{name} is not a plain file; name one")
        file = path.open("rb")
    except (OSError, ValueError) as problem:  # ValueError: a null character in the name
        raise _cannot(name, problem) from problem
    with file:
        try:
            yield file
        except OSError as problem:
            raise _cannot(name, problem) from problem


def _cannot(name: str, problem: Exception) -> InputError:
    reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return InputError(f"cannot read {name}: {reason}")


def encoding(file: BinaryIO, name: str) -> tuple[str, str]:
    """The encoding of a CSV file, and what to call it where it was guessed. The file is at its beginning afterwards.

    Raises `InputError` for a spreadsheet, and for what begins as Unicode and is none.
    """
    begin = file.read(8)
    file.seek(0)
    if begin.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise InputError(f"{name} is a spreadsheet, not a CSV file; save it as CSV (UTF-8) and name that file")
    if b"\0" in begin and (begin.startswith(codecs.BOM_UTF32_LE) or not begin.startswith(_UTF_16)):
        raise InputError(f"{name} is no text in UTF-8; save it as CSV (UTF-8) and name that file")
    declared = {**dict.fromkeys(_UTF_16, "utf-16"), codecs.BOM_UTF8: "utf-8-sig"}
    said = next((encoding for mark, encoding in declared.items() if begin.startswith(mark)), "")
    for encoding, guess in ((said, ""),) if said else (("utf-8", ""), ("cp1252", "Windows-1252")):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        else:
            return encoding, guess
        finally:
            file.seek(0)
    if said:
        raise InputError(f"{name} begins as Unicode and does not go on so; save it again as UTF-8")
    return "latin-1", "Latin-1"


def guessed(name: str, guess: str) -> str:
    """What to tell a person of an encoding that was guessed."""
    return f"{name} is not UTF-8 and was read as {guess}: look at the names with accents"


def rows(text: Iterable[str], delimiter: str, first: int, name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV text whose first line has the number ``first``, each with the line that it begins on.

    Raises `InputError` where a row can't be read.
    """
    reader = csv.reader(text, delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        line = reader.line_num + first
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise InputError(f"{name}:{line}: this can't be read as CSV: {plainer(problem)}") from None
        yield line, row


def plainer(problem: csv.Error) -> str:
    """What is wrong with a row, for people."""
    said = str(problem)
    if "end of data" in said:
        return "a quotation mark is opened and not closed"
    if "field limit" in said:
        return f"a cell has more than {csv.field_size_limit():,} characters; is a quotation mark not closed?"
    if "expected after" in said:
        return "a quotation mark inside a cell is written twice, and the cell goes between quotation marks"
    return said

"""A whole sheet of answers as a text: codes, and what was answered to each.

    # a line a question: its code, and an answer for each part in order
    optim.adam/2/k7q3m9 -1.1 1.39 -0.8008
    conv.output-size/2/gz3any (64, 32)

    # or the answers under the code, a line each
    net.parameter-count/1/ry151c
    (a) 4576
    (c) 4689

Blanks separate answers on the line of a code, but not within brackets or quotes, nor where the question has one part.
Below it a line is one answer, for the part that it names, as ``(b) 55``, ``b: 55`` or ``2: 55``, else for the part
after the one before. ``-`` leaves a part out, and so does a name with nothing behind it. What follows a # is a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import TextIOWrapper
from typing import IO

from quizgen_solvers.exact import fmpq

from . import answering, code
from .answering import SKIP
from .draw import draw
from .errors import InputError, QuizgenError, UsageError, shown
from .marking import Verdict
from .question import Question
from .wording import counted, letter

LONGEST_LINE = 100_000
"""Characters in a line; more is no answer that anybody typed."""

_CODE = re.compile(r"[A-Za-z][\w-]*\.\w[\w.-]*(?:/\S*)?")
_LABEL = re.compile(r"(?:\(([a-z]{1,2})\)|([a-z]{1,2}|[1-9][0-9]?)[):])(?::|(?=\s|$)|(?<=:))\s*(.*)", re.IGNORECASE)
_COMMENT = re.compile(r"(?:^|\s)#.*")
_NO_UTF8 = re.compile("[\udc80-\udcff]")  # how Python keeps such a byte
_OPENS, _CLOSES, _QUOTES = "([{", ")]}", "\"'"


@dataclass(frozen=True)
class Marked:
    """A question whose answers were marked: the line that its code stands on, what was typed for each part, and the
    verdicts. A part without a verdict was left out, or is one of ``unreadable``; it is worth nothing."""

    line: int
    question: Question
    typed: Mapping[int, str]
    verdicts: Mapping[int, Verdict]
    unreadable: frozenset[int] = frozenset()

    @property
    def right(self) -> bool:
        """Whether every part was answered, and rightly."""
        return len(self.verdicts) == len(self.question.parts) and all(self.verdicts.values())

    @property
    def points(self) -> fmpq:
        return answering.points(self.question, self.verdicts)


@dataclass(frozen=True)
class Problem:
    """What cannot be read, and where: ``line`` is counted from 1."""

    line: int
    message: str


def read_lines(stream: IO[bytes], name: str) -> Iterator[str]:
    """The lines of a text in UTF-8, whatever its line ends, as they come; bytes that are no UTF-8 come as lone
    surrogates, which `mark` reports. Raises `InputError` for what is no text."""
    text = TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline=None)
    number = 0
    try:
        while line := text.readline(LONGEST_LINE):
            number += 1
            if number == 1 and line.startswith(("\udcff\udcfe", "\udcfe\udcff")):
                raise InputError(f"{name} is written in UTF-16; save it as UTF-8")
            if "\0" in line:
                raise InputError(f"{name} is no text: line {number} holds a null character")
            if len(line) == LONGEST_LINE:
                raise InputError(f"line {number} of {name} has {LONGEST_LINE:,} characters or more; it holds no answer")
            yield line
    except OSError as problem:
        raise InputError(f"{name} cannot be read: {problem.strerror or problem}") from problem
    finally:
        with suppress(ValueError):  # the stream has been closed
            text.detach()


@dataclass
class _Begun:
    """A question whose answers are being collected, since a line."""

    line: int
    question: Question
    typed: dict[int, str] = field(default_factory=dict)
    lines: dict[int, int] = field(default_factory=dict)
    last: int = 0
    over: bool = False

    @property
    def complete(self) -> bool:
        return len(self.lines) == len(self.question.parts)

    def put(self, part: int, text: str, line: int) -> None:
        """Takes an answer; raises `UsageError` for a part that is not there, or has one."""
        code, last = self.question.code, len(self.question.parts)
        if self.over and not self.complete:
            raise UsageError(f"an empty line has ended the answers to {code}")
        if not 1 <= part <= last:
            beside, below = "quote an answer that holds blanks", "an answer stands on one line, as 1 2; 3 4"
            way_out = beside if line == self.line else below
            raise UsageError(
                f"{code} has {counted(last, 'part')}: there is no part {part} for {shown(text)}; {way_out}"
            )
        if part in self.lines:
            before = self.lines[part]
            raise UsageError(
                f"part ({letter(part - 1)}) of {code} is answered on line {before} already; answer it once"
            )
        self.last, self.lines[part] = part, line
        if text != SKIP:
            self.typed[part] = text


def mark(lines: Iterable[str], *, choices: bool = False, blank_ends: bool = False) -> Iterator[Marked | Problem]:
    """Marks a sheet question by question, as soon as the answers to one are complete or the next one begins.

    ``choices``: answers are letters of the multiple-choice form; ``blank_ends``: an empty line ends the answers to a
    question too, as when a person waits for the verdict. Only the codes stay in memory. Raises `InputError` where there
    are no answers at all.
    """
    seen: dict[str, int] = {}
    begun: _Begun | None = None  # None before the first code, and below one that is no good
    lost = 0  # the line of such a code
    for number, line in enumerate(lines, 1):
        text = _COMMENT.sub("", line).strip()
        first = text.split(None, 1)[0].rstrip(":") if text else ""
        try:
            _check_bytes(line)
            if not text:
                if blank_ends and begun is not None and begun.typed:
                    yield from _marked(begun, choices)
            elif _CODE.fullmatch(first) or not (begun or lost):
                if begun is not None:
                    yield from _marked(begun, choices)
                begun, lost = None, number
                question = _question(first, number, seen)
                begun = _Begun(number, question)
                for at, answer in enumerate(_answers(text[len(first) :].lstrip(":"), question), 1):
                    begun.put(at, answer, number)
            elif begun is not None:
                begun.put(*_labelled(text, begun, choices), number)
        except QuizgenError as problem:
            yield Problem(number, problem.message)
        if begun is not None and begun.complete:
            yield from _marked(begun, choices)
    if begun is not None:
        yield from _marked(begun, choices)
    elif not lost:
        raise InputError("there are no answers; a line is a code and its answers, as in optim.adam/2/k7q3m9 0.9 -3/4")


def _check_bytes(line: str) -> None:
    """Refuses a line that was no UTF-8."""
    if not line.isascii() and (bad := _NO_UTF8.search(line)):
        byte = ord(bad[0]) - 0xDC00
        raise InputError(f"byte 0x{byte:02x} at character {bad.start() + 1} is no UTF-8; save the file as UTF-8")


def _question(text: str, line: int, seen: dict[str, int]) -> Question:
    """The question of a code that was not on the sheet before."""
    name = code.parse(text)
    if (before := seen.setdefault(str(name), line)) != line:
        raise UsageError(f"{name} stands on line {before} already; answer it once")
    return draw(name)


def _marked(begun: _Begun, choices: bool) -> Iterator[Marked | Problem]:
    """The marks of a question, once, after what could not be read of its answers."""
    if begun.over:
        return
    begun.over = True
    question = begun.question
    verdicts, unreadable = answering.mark_readable(question, begun.typed, choices=choices)
    for part, problem in unreadable.items():
        yield Problem(begun.lines[part], problem.message)
    yield Marked(begun.line, question, begun.typed, verdicts, frozenset(unreadable))


def _answers(text: str, question: Question) -> list[str]:
    """The answers on the line of a code."""
    words = _words(text)
    return [text.strip()] if len(words) > 1 and len(question.parts) == 1 else words


def _words(text: str) -> list[str]:
    """A line cut at its blanks, but for those in brackets and in quotes; raises `UsageError` for an open quote."""
    words, at = list[str](), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        start, depth = at, 0
        if text[at] in _QUOTES:
            at = text.find(text[start], start + 1)
            if at < 0:
                raise UsageError(f"the quote before {shown(text[start + 1 :])} is never closed")
            words.append(text[start + 1 : at])
            at += 1
            continue
        while at < len(text) and (depth > 0 or not text[at].isspace()):
            depth += (text[at] in _OPENS) - (text[at] in _CLOSES)
            at += 1
        words.append(text[start:at])
    return words


def _labelled(text: str, begun: _Begun, choices: bool) -> tuple[int, str]:
    """The part that a line answers, and the answer; a name alone leaves it out, unless it may be that of an option."""
    found = _LABEL.fullmatch(text)
    following = begun.question.parts[begun.last : begun.last + 1]
    if not found or (not found[3] and any(choices or part.kind.name in ("choice", "choices") for part in following)):
        return begun.last + 1, text
    name = (found[1] or found[2]).lower()
    return int(name) if name.isdigit() else _place(name), found[3] or SKIP


def _place(name: str) -> int:
    """The number of the part that letters name: a is 1, z is 26, aa is 27."""
    place = 0
    for each in name:
        place = place * 26 + ord(each) - ord("a") + 1
    return place

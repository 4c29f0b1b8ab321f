"""Many runs of TeX, as many at once as there are cores."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import unicodedata
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType

from quizgen.errors import NoEngine, QuizgenError, RenderError
from quizgen.render import fonts, pdf
from quizgen.render.latex import foreign

AHEAD = 4
"""How many documents wait for each core: enough that none stands idle, and few enough to be held in memory."""


@dataclass(frozen=True)
class Engines:
    """The TeX of this machine: ``plain`` is quick and sets Latin script, ``unicode`` sets every script."""

    plain: str | None
    unicode: str | None

    @classmethod
    def found(cls) -> Engines:
        """Those of this machine; raises `NoEngine` where there is none."""
        plain, unicode = pdf.find_tex(), pdf.find_unicode_tex()
        if plain is None and unicode is None:
            raise NoEngine(
                "there is no TeX on this machine: install TeX Live with texlive-latex-extra and lmodern, or build with "
                "--no-pdf and set the .tex files elsewhere"
            )
        return cls(plain, unicode)

    def run_of(self, source: str) -> Run:
        """How a source is to be set."""
        characters = foreign(source)
        if self.unicode is None or (not characters and self.plain is not None):
            return Run(source, self.plain or "", fonts.Foreign({}, characters))
        return Run(source, self.unicode, fonts.covering(characters, lua="lua" in Path(self.unicode).name))


@dataclass(frozen=True)
class Run:
    """A source, the engine that sets it, and the fonts for characters that TeX's own fonts don't have."""

    source: str
    engine: str
    foreign: fonts.Foreign

    @property
    def key(self) -> str:
        """A hash of all that the PDF follows from: the source, the engine and its version, the fonts."""
        beside = sorted((name, str(content)) for name, content in self.foreign.beside.items())
        return hashlib.sha256(repr((self.source, version_of(self.engine), beside)).encode()).hexdigest()

    def pdf(self, limits: pdf.Limits) -> bytes:
        """The PDF. Raises `RenderError`."""
        try:
            return pdf.compile_tex(self.source, self.engine, limits, self.foreign.beside)
        except OSError as error:
            reason = error.strerror or str(error)
            raise RenderError(f"TeX has no folder to work in: {reason}; make room, or set TMPDIR") from error


_OF_A_SCRIPT = re.compile(
    r"(.+?) (?:CAPITAL|SMALL|MODIFIER|LETTER|SIGN|SYLLABLE|SYLLABICS|VOWEL|CHARACTER|DIGIT|UNIFIED|MARK)\b"
)


def script_of(character: str) -> str:
    """The letters of a character's script as a person calls them, "Old Persian letters"; else the character itself."""
    found = _OF_A_SCRIPT.match(unicodedata.name(character, ""))
    if found is None or not unicodedata.category(character).startswith(("L", "M", "N")):
        return f"{character} (U+{ord(character):04X})"
    return f"{'Chinese' if found[1] == 'CJK' else found[1].title()} letters"


@lru_cache(maxsize=8)
def version_of(engine: str) -> str:
    """The first line that an engine says of itself."""
    run = subprocess.run([engine, "--version"], capture_output=True, check=False, timeout=60, stdin=subprocess.DEVNULL)
    return run.stdout.decode("utf-8", "replace").partition("\n")[0]


def cores() -> int:
    """How many runs this process may have at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Runs:
    """Work that waits for programs, done side by side while the block goes on; what has not begun by an error is not.

    Threads do: they only wait for TeX. ``ended`` is told of each in the order in which they end, in the thread of the
    block: its name and what went wrong. What it raises ends the block.
    """

    def __init__(self, jobs: int, ended: Callable[[str, QuizgenError | None], None]) -> None:
        self._pool = ThreadPoolExecutor(jobs, thread_name_prefix="tex")
        self._most = AHEAD * jobs
        self._ended = ended
        self._waiting: dict[Future[None], str] = {}

    def __enter__(self) -> Runs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            while error is None and self._waiting:
                self._settle()
        finally:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def begin(self, name: str, work: Callable[[], None]) -> None:
        """Begins something as soon as there is a core for it; waits while too much waits already."""
        while len(self._waiting) >= self._most:
            self._settle()
        self._waiting[self._pool.submit(work)] = name

    def _settle(self) -> None:
        """Waits until something ends."""
        for future in wait(self._waiting, return_when=FIRST_COMPLETED).done:
            name, error = self._waiting.pop(future), future.exception()
            if error is not None and not isinstance(error, QuizgenError):
                raise error
            self._ended(name, error)

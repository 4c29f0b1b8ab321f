"""Every error that quizgen raises on purpose.

    QuizgenError                    exit code 1: something failed
    ├── UsageError                  exit code 2: what was asked for cannot be meant
    │   ├── UnknownName
    │   │   ├── UnknownFamily       no family or topic of that name
    │   │   ├── UnknownLevel        the family has no such level
    │   │   └── UnknownFormat       no printer or export for that file ending
    │   ├── ParameterError          a parameter is missing, unknown, out of range or impossible
    │   ├── BadCode                 a question code that is malformed
    │   │   └── VersionGone         a code of a family version that is not here
    │   ├── OutputError             the output cannot be written
    │   │   └── OutputExists        ... because it is there already
    │   ├── InputError              a file that was handed over cannot be read, or does not hold what it should
    │   ├── PluginError             a family file or plug-in fails to import, or breaks the contract
    │   └── Unreadable              an answer that cannot be read
    ├── DrawError                   no draw of a family was worth asking
    ├── SolveError                  the solver cannot work this out
    ├── VerifyError                 a question cannot be checked
    │   ├── Unavailable             ... because PyTorch or the device is missing
    │   └── Disagreement            solver and PyTorch give different values: the question is never served
    ├── RenderError                 a question cannot be printed
    │   └── NoEngine                ... because no program on this machine can make that format
    ├── StoreError                  the memory of practice cannot be read or written; nothing of it was changed
    │   └── StoreBusy               ... because another program holds it: the same again may go through
    └── Stale                       what was asked for no longer fits: the question has gone on in the meantime

A message is one line that names the thing, says what is wrong with it and what to do. Whatever goes into it is made
harmless here: line breaks, control characters and invisible marks come out as escapes (``\\n``, ``\\u202e``), and
a long run or a long message loses its middle. Quote foreign values with `shown`, which also shortens them.

The classes carry no state that a message does not also say, survive pickling, and are importable without any of
quizgen's dependencies.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

__all__ = [
    "BadCode",
    "Disagreement",
    "DrawError",
    "InputError",
    "NoEngine",
    "OutputError",
    "OutputExists",
    "ParameterError",
    "PluginError",
    "QuizgenError",
    "RenderError",
    "SolveError",
    "Stale",
    "StoreBusy",
    "StoreError",
    "Unavailable",
    "UnknownFamily",
    "UnknownFormat",
    "UnknownLevel",
    "UnknownName",
    "Unreadable",
    "UsageError",
    "VerifyError",
    "VersionGone",
    "did_you_mean",
    "one_line",
    "shown",
]

MESSAGE_LIMIT = 700  # characters: some eight lines of a terminal
RUN_LIMIT = 240  # characters without a space: longer than a path, shorter than a nuisance
VALUE_LIMIT = 48  # characters of a foreign value inside a message


def _shorten(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    head = (limit - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (limit - 1 - head) :]}"


def _escape(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in text)


def one_line(message: str) -> str:
    """The message on one printable line: control and invisible characters escaped, long runs and the whole cut."""
    line = _escape(_shorten(message, 4 * MESSAGE_LIMIT))
    return _shorten(" ".join(_shorten(run, RUN_LIMIT) for run in line.split(" ")), MESSAGE_LIMIT)


def shown(value: object, limit: int = VALUE_LIMIT) -> str:
    """A foreign value as a message quotes it: text in quotes, anything else as it prints, never long, always one line.

    >>> print(shown("12..5"), shown(3), shown("9" * 1000, 9))
    '12..5' 3 '99999…999' (1,000 characters)
    """
    text = value if isinstance(value, str) else str(value)
    short = _escape(_shorten(text, limit))
    if isinstance(value, str):
        short = f"'{short}'"
    return short if len(text) <= limit else f"{short} ({len(text):,} characters)"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """What to append to "unknown …": `` (did you mean 'optim.adam'?)``, or nothing where no known name is near.

    Upper and lower case count as the same, and so do a name and its last dotted piece.
    """
    import difflib

    wanted = name[:80].casefold()
    names = sorted(set(known))
    folded = {each.casefold(): each for each in reversed(names)}
    near = [each for each in names if wanted and wanted in (each.casefold(), each.casefold().rpartition(".")[2])]
    near += [folded[each] for each in difflib.get_close_matches(wanted, folded, n=2, cutoff=0.7)]
    tails = {each.casefold().rpartition(".")[2]: each for each in reversed(names)}
    near += [tails[each] for each in difflib.get_close_matches(wanted.rpartition(".")[2], tails, n=1, cutoff=0.8)]
    best = list(dict.fromkeys(near))[:2]
    return f" (did you mean {' or '.join(shown(each) for each in best)}?)" if best else ""


class QuizgenError(Exception):
    """The root: one printable line, and the exit code with which a command ends on it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))

    @property
    def message(self) -> str:
        return str(self.args[0])

    def __str__(self) -> str:
        return self.message


class UsageError(QuizgenError):
    """What was asked for cannot be meant: the way out is to ask otherwise."""

    exit_code: ClassVar[int] = 2


class UnknownName(UsageError):
    """A name that stands for nothing here; `among` writes the line, with the nearest names that do exist.

    ``way_out`` says to whoever sits at a terminal where the known names are listed; ``bare`` is the line without it.
    """

    noun: ClassVar[str] = "name"

    def __init__(self, message: str, way_out: str = "") -> None:
        super().__init__(f"{message}; {way_out}" if way_out else message)
        self.bare = one_line(message)

    @classmethod
    def among(cls, name: object, known: Iterable[str], way_out: str = "") -> UnknownName:
        """The error for `name`, which is none of `known`. `way_out` says where the known names are listed; without it,
        and when they are few, they are listed in the line itself."""
        names = list(known)
        text = str(name)
        line = f"there is no {cls.noun} {shown(text)}{did_you_mean(text, names)}"
        if way_out:
            return cls(line, way_out)
        return cls(f"{line}; there are {', '.join(names)}" if 0 < len(names) <= 12 else line)


class UnknownFamily(UnknownName):
    """No family or topic of that name."""

    noun: ClassVar[str] = "family or topic"


class UnknownLevel(UnknownName):
    """The family has no such level."""

    noun: ClassVar[str] = "level"


class UnknownFormat(UnknownName):
    """No printer or export writes that kind of file."""

    noun: ClassVar[str] = "format"


class ParameterError(UsageError):
    """A parameter is missing, unknown, out of range, or impossible together with the others."""


class BadCode(UsageError):
    """A question code that is malformed."""


class VersionGone(BadCode):
    """A question code of a version of its family that is not installed."""


class OutputError(UsageError):
    """The output cannot be written where it was wanted."""


class OutputExists(OutputError):
    """The output exists already and was not to be overwritten."""


class InputError(UsageError):
    """A file that was handed over cannot be read, or does not hold what it should."""


class PluginError(UsageError):
    """A family file or plug-in fails to import or breaks the contract of a family."""


class Unreadable(UsageError):
    """An answer that cannot be read: what could not be read, where, and what could have been.

    `position` is the 1-based character at which reading stopped, None where it is no single place.
    """

    def __init__(self, message: str, *, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class DrawError(QuizgenError):
    """No draw of a family was worth asking."""


class SolveError(QuizgenError):
    """The solver cannot work this out."""


class VerifyError(QuizgenError):
    """A question cannot be checked."""


class Unavailable(VerifyError):
    """PyTorch, or the device that was wanted, is not there."""


class Disagreement(VerifyError):
    """Solver and PyTorch give different values for a part: the question is never served."""

    def __init__(self, message: str, *, code: str = "", part: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.part = part


class RenderError(QuizgenError):
    """A question cannot be printed."""


class NoEngine(RenderError):
    """No program on this machine can make that format."""


class StoreError(QuizgenError):
    """The memory of practice cannot be opened, read or written. Nothing of it was changed."""


class StoreBusy(StoreError):
    """Another program is writing to it: the same again may go through."""


class Stale(QuizgenError):
    """What was asked for no longer fits: the question has gone on, here or in another window. Nothing was lost."""

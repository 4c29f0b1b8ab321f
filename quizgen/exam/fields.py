"""What the keys of a blueprint take: each type reads a value of TOML, or says in words what it takes instead.

Words complete a line that begins with the key: "points: takes …, not 'two'".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, PlainValidator

from quizgen.errors import QuizgenError, did_you_mean, shown
from quizgen.wording import letter
from quizgen_solvers.exact import decimal, fmpq, places_needed

from .reading import Path_, Spelled

LONGEST_LINE = 200
LONGEST_TEXT = 20_000
MOST_VERSIONS = 200

_DECIMAL = re.compile(r"[+-]?[0-9]{1,9}(?:\.[0-9]{1,9})?", re.ASCII)
_SEED = re.compile(r"[0-9a-z]{1,16}", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", re.ASCII)
_CODE = re.compile(r"(?s)```.*?```|`[^`]*`|\\\$")  # dollars in it, or with a backslash before them, open no formula
_FORMULA = re.compile(r"(?s)\$\$.+?\$\$|\$[^$]+\$")
_LOST = re.compile(r"\t|\n(?:abla|eq|otin)(?![a-z])")
_BACKSLASH = """between "…" a backslash is written \\\\, between '''…''' it stands for itself"""
_CONTROL = frozenset({"Cc", "Cs", "Zl", "Zp"})


def given(value: object) -> str:
    """A value as a problem quotes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, (list, tuple)):
        short = f"[{', '.join(map(given, value[:4]))}{', …' if len(value) > 4 else ''}]"
        return short if len(short) <= 60 else f"a list of {len(value)}"
    return shown(value)


def takes(what: str, value: object) -> ValueError:
    """The error for a value that a key doesn't take."""
    return ValueError(f"takes {what}, not {given(value)}")


def plain(x: fmpq) -> str:
    """A number as one writes it in a blueprint."""
    places = places_needed(x)
    return f"{x.p}/{x.q}" if places is None else decimal(x, places)


# --- texts --------------------------------------------------------------------------------------------------------


def line(value: object) -> str:
    """One line of text."""
    if not isinstance(value, str) or not value.strip():
        raise takes("a line of text", value)
    if len(value) > LONGEST_LINE:
        raise ValueError(f"has {len(value):,} characters; a line has at most {LONGEST_LINE}")
    _check_characters(value, "")
    return value.strip()


def markup(value: object) -> str:
    """Text in the small markup, of any number of lines. A picture has no place in it: there is no figure to name."""
    text = _text(value)
    from quizgen.render import latex

    _printable(lambda: latex.blocks(text, {}))
    return text


def inline(value: object) -> str:
    """Text in the small markup that stands within a line; line breaks are blanks."""
    text = " ".join(_text(value).split())
    from quizgen.render import latex
    from quizgen.text import parse_inline

    _printable(lambda: latex.inlines(parse_inline(text)))
    return text


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise takes("text in the small markup", value)
    if len(value) > LONGEST_TEXT:
        raise ValueError(f"has {len(value):,} characters; a text has at most {LONGEST_TEXT:,}")
    _check_characters(value, "\n\t")
    for formula in _FORMULA.findall(_CODE.sub("", value)):
        if _LOST.search(formula) or ("\n" in formula and not formula.startswith("$$")):
            raise ValueError(f"has a tab or a line break in the formula {shown(formula)}; {_BACKSLASH}")
    return value.strip("\n").rstrip()


def _check_characters(text: str, allowed: str) -> None:
    """Refuses control characters: no printer can print them."""
    for character in text:
        if unicodedata.category(character) in _CONTROL and character not in allowed:
            what = "a line break" if character == "\n" else f"the control character {shown(character)}"
            hint = f"; {_BACKSLASH}" if character in "\b\f\r\t" else ""
            raise ValueError(f"holds {what}, which has no place here: {shown(text)}{hint}")


def _printable(show: Callable[[], object]) -> None:
    """Passes on as a problem what a printer has to say: only what can be printed is taken."""
    try:
        show()
    except QuizgenError as problem:
        raise ValueError(str(problem)) from None


# --- numbers ------------------------------------------------------------------------------------------------------


def yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise takes("true or false", value)
    return value


def whole(low: int, high: int, what: str = "") -> Callable[[object], int]:
    """A whole number from ``low`` to ``high``."""

    def read(value: object) -> int:
        if type(value) is not int or not low <= value <= high:
            raise takes(f"a whole number from {low:,} to {high:,}{what}", value)
        return value

    return read


def exact(value: object) -> fmpq | None:
    """The rational that a number, or a text that spells one, is; None where it is none, or has over nine digits."""
    text = str(value) if type(value) in (int, Spelled, str) else ""
    text = text.replace("_", "")
    if not _DECIMAL.fullmatch(text):
        return None
    digits, _, places = text.partition(".")
    return fmpq(int(digits + places), 10 ** len(places))


def between(low: int, high: int, what: str) -> Callable[[object], fmpq]:
    """A number from ``low`` to ``high``, exactly as it is spelled."""

    def read(value: object) -> fmpq:
        x = exact(value)
        if x is None or not low <= x <= high:
            raise takes(f"a number from {low} to {high} {what}", value)
        return x

    return read


def worth(value: object) -> fmpq:
    """Points: more than 0, in quarters."""
    x = exact(value)
    if x is None or not 0 < x <= 1000 or (4 * x).q != 1:
        raise takes("points, above 0 and in quarters, such as 2 or 2.5", value)
    return x


def percent(value: object) -> fmpq:
    """A share: "10%", or 0.1."""
    is_percent = isinstance(value, str) and value.strip().endswith("%")
    x = exact(str(value).strip()[:-1].strip() if is_percent else value)
    x = x / 100 if x is not None and is_percent else x
    if x is None or not 0 <= x <= 1:
        raise takes('a share from "0%" to "100%"', value)
    return x


# --- words with a meaning -----------------------------------------------------------------------------------------


def one_of(*words: str) -> Callable[[object], str]:
    """One of these words."""

    def read(value: object) -> str:
        if value not in words:
            hint = did_you_mean(value, words) if isinstance(value, str) else ""
            raise ValueError(f"takes {', '.join(words[:-1])} or {words[-1]}, not {given(value)}{hint}")
        return str(value)

    return read


def day(value: object) -> date:
    """A date of TOML, or the same in quotes."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise takes("a date such as 2026-03-14", value)


def seed(value: object) -> str:
    """What everything random follows from."""
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not _SEED.fullmatch(text):
        raise takes("1 to 16 small letters and digits, such as k7q3m9", value)
    return text


def name(value: object) -> str:
    """A name that can stand in the name of a file."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise takes("a name of up to 32 letters, digits, - and _", value)
    return value


def versions(value: object) -> tuple[str, ...]:
    """Names of versions; a number stands for that many letters."""
    if type(value) is int and 1 <= value <= MOST_VERSIONS:
        return tuple(letter(at).upper() for at in range(value))
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_VERSIONS:
        raise takes(f'a number from 1 to {MOST_VERSIONS}, or names such as ["A", "B"]', value)
    names = tuple(map(name, value))
    known: dict[str, str] = {}
    for each in names:
        before = known.get(each.casefold())
        if before is not None:
            same = "" if before == each else f" (as {shown(before)}; small and capital letters count as the same)"
            raise ValueError(f"has the version {shown(each)} twice{same}")
        known[each.casefold()] = each
    return names


Line = Annotated[str, PlainValidator(line)]
Markup = Annotated[str, PlainValidator(markup)]
Inline = Annotated[str, PlainValidator(inline)]
Yes = Annotated[bool, PlainValidator(yes_or_no)]
Day = Annotated[date, PlainValidator(day)]
Seed = Annotated[str, PlainValidator(seed)]
Name = Annotated[str, PlainValidator(name)]
Names = Annotated[tuple[str, ...], PlainValidator(versions)]
Percent = Annotated[fmpq, PlainValidator(percent)]
Raw = Annotated[Any, PlainValidator(lambda value: value)]


# --- tables -------------------------------------------------------------------------------------------------------


class Wrong(ValueError):
    """What is wrong with some key of a table, or of a table inside it: the path to the key from here, and the words."""

    def __init__(self, path: Path_, words: str, others: Sequence[Wrong] = ()) -> None:
        super().__init__(words)
        self.path = path
        self.others = others

    def all(self) -> tuple[Wrong, ...]:
        """This one, and what else was found."""
        return (self, *self.others)


class Table(BaseModel):
    """A table of a blueprint: no keys but its own, and nothing changes.

    To find all problems at once (`mending`): ``stand_in`` is a smallest table of the kind, None where none fits
    everywhere; ``bound`` are keys without which the rest of a table means something else, so that it can't be looked at
    when one of them is wrong; ``kept`` are keys that a table keeps when it is replaced.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    stand_in: ClassVar[dict[str, Any] | None] = None
    bound: ClassVar[frozenset[str]] = frozenset()
    kept: ClassVar[frozenset[str]] = frozenset()

"""Small turns of English that several parts of quizgen use: plurals, lists, the beginning of a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["capital", "counted", "letter", "listed", "sentence"]

_WORD = re.compile(r"a |[a-z]{2}")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")


def capital(text: str) -> str:
    """A phrase as the beginning of a sentence; what begins with a symbol (γ, g for g², a formula) stays as it is.

    >>> capital("a row for each query"), capital("γ and β"), capital("g for g²")
    ('A row for each query', 'γ and β', 'g for g²')
    """
    return text[:1].upper() + text[1:] if _WORD.match(text) else text


def sentence(text: str) -> str:
    """A reason as a sentence on a page.

    >>> sentence("entry 3 isn't right")
    'Entry 3 isn’t right.'
    """
    text = _APOSTROPHE.sub("’", capital(text))
    return text if text.endswith((".", "?", "!")) else f"{text}."


def counted(count: int, one: str, many: str = "") -> str:
    """ "1 entry", "3 entries"."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def listed(items: Iterable[str], most: int | None = None) -> str:
    """ "a", "a and b", "a, b and c"; of more than ``most`` the first ones and how many others."""
    each = list(items)
    if most is not None and len(each) > most:
        each = [*each[: most - 1], counted(len(each) - most + 1, "other")]
    return " and ".join(([", ".join(each[:-1])] if len(each) > 1 else []) + each[-1:])


def letter(at: int) -> str:
    """What the part in place ``at``, from 0, is called by: a … z, aa, ab …"""
    return (letter(at // 26 - 1) if at >= 26 else "") + chr(ord("a") + at % 26)

"""Packages for learning platforms: zip files whose bytes follow from their contents, and names that all take."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from hashlib import blake2b
from xml.parsers import expat

from quizgen.errors import RenderError

__all__ = ["identifier", "key_of", "zipped"]

_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can say
_PLAIN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST = 32


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    """A zip file of these files by their paths, sorted and without a date.

    Raises `RenderError` for XML that can't be read: importers say nothing of it, and show an empty quiz.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in sorted(files.items()):
            if name.endswith((".xml", ".svg")):
                _check(name, data)
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, wherever it is made
            entry.external_attr = 0o100644 << 16
            package.writestr(entry, data)
    return made.getvalue()


def _check(name: str, data: bytes | str) -> None:
    try:
        expat.ParserCreate().Parse(data, True)
    except (expat.ExpatError, UnicodeError) as problem:
        raise RenderError(f"{name} of the package is no XML ({problem}); please report it with the blueprint") from None


def identifier(kind: str, name: str) -> str:
    """``name``, whatever is in it, as an identifier: small letters, digits and hyphens after ``kind``, a word.

    Different names give different identifiers, on file systems too that know no capitals; none has an underscore.

    >>> identifier("item", "q3"), identifier("item", "../Q 3")
    ('item-q3', 'item-q-3-69b0a17d')
    """
    if _PLAIN.fullmatch(name) and len(name) <= _LONGEST:
        return f"{kind}-{name}"
    words = re.findall("[a-z0-9]+", name.lower())
    return "-".join([kind, *filter(None, ["-".join(words)[:_LONGEST].strip("-")]), key_of(name, 4)])


def key_of(text: str, size: int = 16) -> str:
    """``size`` bytes that stand for a text, as hexadecimal digits."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()

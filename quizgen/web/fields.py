"""What a form sent: texts of bounded number and length, read by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from quizgen.errors import UsageError, shown

MOST_FIELDS = 600  # a matrix of 20 x 20 with room to spare
LONGEST = 4_000  # characters of one field: longer than any answer that is read
LONGEST_NAME = 64
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a form, or of the query of an address, in the order in which they came."""

    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Fields:
        """The fields of an urlencoded text; raises `UsageError` where there are too many, or one is too long."""
        try:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
        except UnicodeDecodeError:
            raise UsageError("the form is not text in UTF-8; load the page again") from None
        except ValueError:
            raise UsageError(f"a form has at most {MOST_FIELDS} fields; load the page again") from None
        for name, value in pairs:
            if len(name) > LONGEST_NAME:
                raise UsageError(f"the form has a field {shown(name)}, which no page asks for; load the page again")
            if len(value) > LONGEST:
                raise UsageError(f"{name}: at most {LONGEST:,} characters are read, and this has {len(value):,}")
        return cls(tuple(pairs))

    def text(self, name: str, default: str = "") -> str:
        """The first text of that name, without blanks around it."""
        return next((value.strip() for key, value in self.pairs if key == name), default)

    def texts(self, name: str) -> tuple[str, ...]:
        """All texts of that name: the ticked ones of several boxes."""
        return tuple(value.strip() for key, value in self.pairs if key == name)

    def ticked(self, name: str) -> bool:
        """Whether a box of that name is ticked."""
        return any(key == name and value for key, value in self.pairs)

    def whole(self, name: str, least: int = 0, most: int = 999_999_999) -> int | None:
        """A whole number, None where the field is empty or missing; raises `UsageError` for anything else."""
        text = self.text(name)
        if not text:
            return None
        if not _WHOLE.fullmatch(text) or not least <= int(text) <= most:
            raise UsageError(f"{name}: {shown(text)} is no whole number from {least:,} to {most:,}")
        return int(text)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)


NONE = Fields()

"""The one door of randomness.

A stream comes from BLAKE2b over a key (the whole code of a question) and a counter, so it is the same on every machine
and under every version of Python, and streams of neighbouring seeds have nothing in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import TypeVar

from flint import fmpq

T = TypeVar("T")

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no letters that look like digits, none that spell words by accident."""


class Rng:
    """Draws that follow from ``key`` alone."""

    __slots__ = ("_key", "_counter", "_block", "_at")

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        self._counter = 0
        self._block = b""
        self._at = 0

    def _word(self) -> int:
        """The next 64 bits."""
        at = self._at
        if at >= len(self._block):
            self._block = blake2b(b"%d %b" % (self._counter, self._key)).digest()
            self._counter += 1
            at = 0
        self._at = at + 8
        return int.from_bytes(self._block[at : at + 8], "big")

    def integer(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        if high < low:
            raise ValueError(f"no whole number from {low} to {high}")
        return low + (self._word() * (high - low + 1) >> 64)

    def choice(self, options: Sequence[T]) -> T:
        return options[self._word() * len(options) >> 64]

    def chance(self, times: int, of: int) -> bool:
        """True ``times`` times ``of``: ``chance(1, 3)`` in a third of the draws."""
        return self.integer(1, of) <= times

    def decimal(self, low: str | int, high: str | int, places: int) -> fmpq:
        """A decimal from ``low`` to ``high``, both included, with at most ``places`` decimals."""
        return fmpq(self.integer(*_units(low, high, places)), 10**places)

    def nonzero(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high`` other than 0."""
        drawn = self.integer(low, high - 1 if low <= 0 <= high else high)
        return drawn + 1 if low <= 0 <= drawn else drawn

    def sample(self, options: Sequence[T], count: int) -> list[T]:
        """``count`` different options, in the order drawn."""
        pool = list(options)
        if count > len(pool):
            raise ValueError(f"{count} of {len(pool)} options can't be drawn")
        return [pool.pop(self._word() * len(pool) >> 64) for _ in range(count)]

    def shuffled(self, options: Sequence[T]) -> list[T]:
        return self.sample(options, len(options))

    def integers(self, count: int, low: int, high: int) -> tuple[int, ...]:
        return tuple(self.integer(low, high) for _ in range(count))

    def matrix(self, rows: int, columns: int, low: int, high: int) -> tuple[tuple[int, ...], ...]:
        """Whole numbers from ``low`` to ``high`` as rows."""
        return tuple(self.integers(columns, low, high) for _ in range(rows))

    def word(self, length: int = 6) -> str:
        """Letters and digits of ``ALPHABET``, as in a seed."""
        return "".join(self.choice(ALPHABET) for _ in range(length))


@lru_cache(maxsize=1024)
def _units(low: str | int, high: str | int, places: int) -> tuple[int, int]:
    """The ends in units of the last decimal, rounded inwards."""
    ends = [fmpq(*map(int, _ratio(str(end)))) * 10**places for end in (low, high)]
    return int(ends[0].ceil()), int(ends[1].floor())


def _ratio(text: str) -> tuple[str, str]:
    whole, _, part = text.partition(".")
    return whole + part, "1" + "0" * len(part)

"""What the families about convolution share: lists, sizes and images, in words and in programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from quizgen.errors import ParameterError
from quizgen.parameters import latex, matrix
from quizgen.wording import listed

T = TypeVar("T")

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")


def counted(count: int, noun: str) -> str:
    """One filter, two filters."""
    number = NUMBERS[count] if count < len(NUMBERS) else str(count)
    return f"{number} {noun}" if count == 1 else f"{number} {noun}s"


def times(sides: Iterable[Any]) -> str:
    """The sides of something, for LaTeX: 32 \\times 24."""
    return r" \times ".join(map(str, sides))


def sized(what: str, symbol: str, sides: Sequence[int]) -> str:
    """An input of size n = 32, or of 32 by 24 pixels."""
    return f"{what} of ${times(sides)}$ pixels" if len(sides) > 1 else f"{what} of size ${symbol} = {sides[0]}$"


def matrices(names: Sequence[str], values: Sequence[Any]) -> str:
    """Named matrices side by side, as a paragraph of their own."""
    return "$$" + r",\quad ".join(f"{n} = {matrix(v)}" for n, v in zip(names, values, strict=True)) + "$$\n\n"


def equations(names: Sequence[str], values: Sequence[Any]) -> str:
    """Named numbers in a row: b_1 = 2 and b_2 = 3."""
    return listed(f"${name} = {latex(value)}$" for name, value in zip(names, values, strict=True))


def lists(nested: Any) -> Any:
    """Nested tuples as the lists that a program shows."""
    return [lists(x) for x in nested] if isinstance(nested, (list, tuple)) else nested


def split(items: Sequence[T], count: int) -> list[Sequence[T]]:
    """As many pieces of equal length, one after the other: the channels of an image, the filters of a layer."""
    size = len(items) // count
    return [items[i * size : (i + 1) * size] for i in range(count)]


def size(rows: Sequence[Sequence[Any]], count: int) -> tuple[int, int]:
    """Height and width of ``count`` matrices below each other."""
    return len(rows) // count, len(rows[0])


def check_rows(name: str, rows: Sequence[Sequence[Any]], count: int) -> None:
    """Raises `ParameterError` where rows can't be cut into ``count`` matrices of one size."""
    if not rows or not rows[0] or len(rows) % count or len({*map(len, rows)}) > 1:
        raise ParameterError(f"the rows of {name} must be {count} matrices of one size below each other")


def check_fit(h: int, w: int, f: int, g: int, p: int) -> None:
    """Raises `ParameterError` where a kernel does not fit on the padded input."""
    if f > h + 2 * p or g > w + 2 * p:
        raise ParameterError(f"a kernel of {f} by {g} does not fit on {h} by {w} pixels with padding {p}: pad more")

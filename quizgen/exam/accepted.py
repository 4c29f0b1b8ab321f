"""What else is right: for the person who marks, the tolerance in words and other forms of an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from quizgen.question import decimal_text, most_decimals
from quizgen_solvers.exact import fmpq, places_needed

if TYPE_CHECKING:
    from quizgen.question import QuestionPart


def accepted(part: QuestionPart) -> str:
    """Which answers beside the printed one are right, in the small markup; nothing where there are none."""
    said = [_forms(part), _others(part)]
    return " ".join(filter(None, said))


def _forms(part: QuestionPart) -> str:
    centre, tolerance = part.centre, part.tolerance
    if part.kind.name in ("choice", "choices"):
        return ""
    if part.kind.name == "expression":
        return "Any formula that is equal to it."
    if part.kind.name == "shape":
        return "With or without brackets, with commas or with ×."
    if tolerance != 0:
        if isinstance(centre, fmpq):
            ends = f"${decimal_text(centre - tolerance)}$ to ${decimal_text(centre + tolerance)}$"
            return f"Anything from {ends} (±{decimal_text(tolerance)})."
        which = "Each number with decimals" if part.kind.name == "table" else "Each number"
        return f"{which} may be off by {decimal_text(tolerance)}."
    if part.kind.name == "integer" or (isinstance(centre, fmpq) and centre.q == 1):
        return "Exactly this number."
    if most_decimals(part.kind) is not None:
        return "Exactly, to the decimals that are asked for."
    if isinstance(centre, fmpq):
        other = f", such as {centre.p}/{centre.q}" if places_needed(centre) is not None else ""
        return f"Any number that is exactly equal{other}."
    return "Exactly these." if all(x.q == 1 for x in _numbers(centre)) else "Exactly these, as decimals or fractions."


def _numbers(value: Any) -> Iterator[fmpq]:
    if isinstance(value, tuple):
        for each in value:
            yield from _numbers(each)
    elif isinstance(value, fmpq):
        yield value


def _others(part: QuestionPart) -> str:
    others = dict.fromkeys(part.kind.latex(other) for other in part.also)
    others.pop(part.answer_latex, None)
    return f"Also right: {', '.join(f'${other}$' for other in others)}." if others else ""

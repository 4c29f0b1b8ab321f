r"""Moodle's embedded answers ("cloze"): fields within the text, such as ``{2:NUMERICAL:=0.9:0.0001~1.1:0.0001#why}``.

Moodle finds them in the text with regular expressions (`question/type/multianswer/questiontype.php`): alternatives end
at ``~``, feedback begins at ``#``, the whole at ``}``; answers and feedback have their entities decoded once. So what
is written into a field is XHTML whose dangerous characters are entities, escaped once more. Numbers may have a sign, a
point and an exponent, weights are whole numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from quizgen.answers import Target

from .fields import Field

__all__ = ["chosen", "number", "outside", "several"]

_SIGNS = str.maketrans({"{": "&#123;", "}": "&#125;", "~": "&#126;", "#": "&#35;"})
_ENTITY = re.compile(r"(&#?\w+;)")
_EDGES = re.compile(r"\A[=%]|\\\Z")
_FIELD = re.compile(r"\{(?=#|[0-9]*:)")


def inside(xhtml: str) -> str:
    """XHTML as an answer or feedback within a field: no sign in it ends or begins anything, nor at its edges."""
    pieces = _ENTITY.split(_EDGES.sub(lambda sign: f"&#{ord(sign[0])};", xhtml))
    pieces[::2] = [piece.translate(_SIGNS) for piece in pieces[::2]]
    return "".join(pieces).replace("&", "&amp;")


def outside(xhtml: str) -> str:
    """XHTML around the fields: nothing in it is taken for a field."""
    return _FIELD.sub("&#123;", xhtml)


def number(field: Field, weight: int, told: Iterable[str]) -> str:
    """A numeric field: what is right, then the named mistakes with what each is ``told`` (XHTML)."""

    def around(target: Target) -> str:
        return f"{field.typed(target)}:{field.slack(target)}"

    right = [f"={around(target)}" for target in field.right]
    wrong = [f"{around(slip.target)}#{inside(why)}" for slip, why in zip(field.slips, told, strict=True)]
    return _field(weight, "NUMERICAL", [*right, *wrong])


def chosen(options: Iterable[tuple[str, bool, str]], weight: int, shuffled: bool) -> str:
    """Radio buttons, which print formulas (a drop-down doesn't): options (XHTML), if right, and what to tell."""
    return _field(weight, "MULTICHOICE_VS" if shuffled else "MULTICHOICE_V", _alternatives(options))


def several(options: Iterable[tuple[str, bool, str]], weight: int) -> str:
    """Check boxes: a right one counts its share, a wrong one takes as much away."""
    return _field(weight, "MULTIRESPONSE", _alternatives(options))


def _alternatives(options: Iterable[tuple[str, bool, str]]) -> list[str]:
    return [
        f"{'=' if right else ''}{inside(option)}{f'#{inside(why)}' if why else ''}" for option, right, why in options
    ]


def _field(weight: int, kind: str, alternatives: list[str]) -> str:
    return f"{{{weight}:{kind}:{'~'.join(alternatives)}}}"

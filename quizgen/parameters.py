"""The parameters of a family: their types, and how they are read from text and from JSON.

A field of a family is annotated with one of

    int, fmpq (a rational), bool, str, Literal["a", "b"], tuple[T, ...], or tuple[tuple[T, ...], ...] of these,

and, in ``Annotated``, with what it is in words and with a `Range`:

    n: Annotated[int, Range(1, 4096), "input height and width, in pixels"]
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Rational, Real
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from quizgen_solvers.exact import decimal, fmpq, places_needed, rational

from .errors import ParameterError, Unreadable, did_you_mean, shown
from .family import Entry, entry_of

LONGEST = 6
"""Decimals that a parameter is written with at most, before it is written as a power of ten."""


@dataclass(frozen=True, slots=True)
class Range:
    """Both ends included; decimals as text."""

    low: int | str
    high: int | str

    def holds(self, x: Any) -> bool:
        return bool(rational(self.low) <= x <= rational(self.high))


@dataclass(frozen=True, slots=True)
class Parameter:
    """One field of a family: its name, type without annotations, range, words and default."""

    name: str
    type: Any
    range: Range | None
    about: str
    default: Any

    @property
    def required(self) -> bool:
        return self.default is dataclasses.MISSING

    def describe(self) -> str:
        """What may stand here, in words."""
        words = describe_type(self.type)
        limits = f" from {self.range.low} to {self.range.high}" if self.range else ""
        default = "" if self.required else f"; {text(self.default)} unless given"
        return f"{words}{limits}{default}"


_KNOWN: dict[type[Any], Mapping[str, Parameter]] = {}


def of(cls: type[Any]) -> Mapping[str, Parameter]:
    """The parameters of a family, in order."""
    if cls not in _KNOWN:
        hints = get_type_hints(cls, include_extras=True)
        _KNOWN[cls] = {field.name: _parameter(field, hints[field.name]) for field in dataclasses.fields(cls)}
    return _KNOWN[cls]


def _parameter(field: dataclasses.Field[Any], hint: Any) -> Parameter:
    extras: list[Any] = []
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
    limits = next((x for x in extras if isinstance(x, Range)), None)
    about = next((x for x in extras if isinstance(x, str)), "")
    return Parameter(field.name, hint, limits, about, field.default)


TYPES = "int, fmpq, bool, str, Literal of texts, or tuple[T, ...] of these, a matrix being tuple[tuple[T, ...], ...]"


def is_supported(kind: Any) -> bool:
    """Whether a field may be of that type."""
    if kind in (int, fmpq, bool, str) or get_origin(kind) is Literal:
        return True
    inner = get_args(kind)
    if get_origin(kind) is not tuple or len(inner) != 2 or inner[1] is not Ellipsis:
        return False
    if get_origin(inner[0]) is tuple:
        return get_args(inner[0]) in ((int, ...), (fmpq, ...))
    return is_supported(inner[0])


def describe_type(kind: Any) -> str:
    """What is typed for a parameter of that type, in words."""
    if kind is int:
        return "a whole number"
    if kind is bool:
        return "yes or no"
    if kind is str:
        return "text"
    if kind is fmpq:
        return "a number (decimal or fraction)"
    if get_origin(kind) is Literal:
        return " or ".join(map(str, get_args(kind)))
    inner = get_args(kind)[0]
    if get_origin(inner) is tuple:
        return "a matrix like [[1, 2], [3, 4]]"
    return "a number, or several like (3, 4)" if inner in (int, fmpq) else f"a list of: {describe_type(inner)}"


# --- from text and from JSON ------------------------------------------------------------------------------------


def from_text(entry: Entry, given: Mapping[str, str]) -> Any:
    """The parameter set that ``name=value`` pairs spell; raises `ParameterError` for one that is missing, unknown,
    unreadable, out of range or impossible."""
    known = of(entry.cls)
    for name in given:
        if name not in known:
            raise ParameterError(
                f"{entry.name} has no parameter {shown(name)}{did_you_mean(name, known)}; it takes {', '.join(known)}"
            )
    values: dict[str, Any] = {}
    for name, parameter in known.items():
        if name in given:
            values[name] = _read(entry, parameter, given[name])
        elif parameter.required:
            raise _missing(entry, parameter)
    return checked(entry, values)


def problems(entry: Entry, given: Mapping[str, str]) -> dict[str, str]:
    """Everything that is wrong with ``name=value`` pairs: a line for each parameter, under its name, and one under ""
    for values that do not go together. Empty where `from_text` reads them; names that are unknown say nothing."""
    found: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, parameter in of(entry.cls).items():
        try:
            if name in given:
                values[name] = _read(entry, parameter, given[name])
                _within(entry, parameter, values[name])
            elif parameter.required:
                raise _missing(entry, parameter)
        except ParameterError as problem:
            found[name] = problem.message
    if not found:
        try:
            checked(entry, values)
        except ParameterError as problem:
            found[""] = problem.message
    return found


def _missing(entry: Entry, parameter: Parameter) -> ParameterError:
    about = f" ({parameter.about})" if parameter.about else ""
    return ParameterError(f"{entry.name} needs {parameter.name}=…{about}: {parameter.describe()}")


def checked(entry: Entry, values: Mapping[str, Any]) -> Any:
    """The parameter set with these values, ranges and all; raises `ParameterError`."""
    known = of(entry.cls)
    for name, value in values.items():
        _within(entry, known[name], value)
    instance = entry.cls(**values)
    validate = getattr(instance, "validate", None)
    if validate is not None:
        validate()
    return instance


def _within(entry: Entry, parameter: Parameter, value: Any) -> None:
    limits = parameter.range
    if limits is None:
        return
    for x in _flat(value):
        if not limits.holds(x):
            raise ParameterError(
                f"{entry.name}: {parameter.name} = {text(x)} is out of range; it is {parameter.describe()}"
            )


def from_python(entry: Entry, given: Mapping[str, Any]) -> Any:
    """Like `from_text`, for values of Python: integers, rationals, text for decimals, nested sequences."""
    spelled = {}
    for name, value in given.items():
        try:
            spelled[name] = value if isinstance(value, str) else _spell(value)
        except ValueError as problem:
            raise ParameterError(f"{entry.name}: {name}: {problem}") from problem
    return from_text(entry, spelled)


def _spell(value: Any) -> str:
    if isinstance(value, Real) and not isinstance(value, Rational):  # a float, of Python or of NumPy
        raise ValueError(f"numbers are exact here: write {shown(str(value))[1:-1]} as text, {shown(str(value))}")
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_spell, value))}]"
    return text(value)


def _read(entry: Entry, parameter: Parameter, typed: str) -> Any:
    def refuse(why: str) -> ParameterError:
        return ParameterError(f"{entry.name}: {parameter.name}={shown(typed)} {why}; it is {parameter.describe()}")

    if parameter.default == () and typed.strip() in ("()", "[]", ""):
        return ()  # a list may be empty where it is unless given
    try:
        return _convert(parameter.type, typed)
    except Unreadable as problem:
        raise refuse(f"can't be read ({problem})") from problem
    except ValueError as problem:
        raise refuse(str(problem)) from problem


def _convert(kind: Any, typed: str) -> Any:
    from .answers import reader

    if get_origin(kind) is Literal:
        if typed not in map(str, get_args(kind)):
            raise ValueError(f"is not among the choices{did_you_mean(typed, map(str, get_args(kind)))}")
        return next(x for x in get_args(kind) if str(x) == typed)
    if kind is bool:
        if typed.lower() not in ("yes", "no", "true", "false", "1", "0", "on", "off"):
            raise ValueError("is neither yes nor no")
        return typed.lower() in ("yes", "true", "1", "on")
    if kind is str:
        return typed
    if kind is int or kind is fmpq:
        return _number(kind, reader.read_scalar(typed))
    inner = get_args(kind)[0]
    if get_origin(inner) is tuple and get_origin(get_args(inner)[0]) is None:
        return tuple(tuple(_number(get_args(inner)[0], x) for x in row) for row in reader.read_matrix(typed))
    if inner in (int, fmpq):
        return tuple(_number(inner, x) for x in reader.read_vector(typed))
    return tuple(_convert(inner, piece) for piece in _pieces(typed))


def _pieces(typed: str) -> list[str]:
    """What stands between the commas of a list, brackets around the whole being optional: "[q=x+y, f=relu(q)]"."""
    whole = typed.strip()
    depth = 0
    for at, c in enumerate(whole):
        depth += (c in "([") - (c in ")]")
        if depth == 0:
            if 0 < at == len(whole) - 1 and whole[0] in "([":
                whole = whole[1:-1]
            break
    return [piece.strip() for piece in whole.split(",")]


def _number(kind: Any, x: fmpq) -> Any:
    if kind is fmpq:
        return x
    if x.q != 1:
        raise ValueError(f"holds {text(x)}, which is not whole")
    return int(x)


def _flat(value: Any) -> list[Any]:
    if isinstance(value, tuple):
        return [x for item in value for x in _flat(item)]
    return [value]


def text(value: Any) -> str:
    """A parameter as one types it, here and in Python: "0.9", "1e-8", "(3, 4)"."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, fmpq):
        places = places_needed(value)
        if places is None:
            return f"{value.p}/{value.q}"
        return decimal(value, places) if places <= LONGEST else f"{int(value * 10**places)}e-{places}"
    if isinstance(value, tuple):
        if any(isinstance(x, tuple) for x in value):
            rows = (f"[{', '.join(map(text, row))}]" for row in value)
            return f"[{', '.join(rows)}]"
        return text(value[0]) if len(value) == 1 else f"({', '.join(map(text, value))})"
    return str(value)


def to_json(instance: Any) -> dict[str, Any]:
    """The parameters as plain data: integers, text for rationals, lists."""
    entry_of(instance)
    return {field.name: _plain(getattr(instance, field.name)) for field in dataclasses.fields(instance)}


def latex(value: Any) -> str:
    """A parameter as a statement prints it, inside dollars: "0.9", "10^{-8}", "\\frac{1}{3}", "(3, 4)"."""
    if isinstance(value, tuple):
        return f"({', '.join(map(latex, value))})"
    typed = text(value)
    digits, _, exponent = typed.partition("e")
    if exponent:
        return {"1": "", "-1": "-"}.get(digits, rf"{digits} \cdot ") + f"10^{{{exponent}}}"
    top, _, bottom = typed.partition("/")
    if not bottom:
        return typed
    return rf"-\frac{{{top[1:]}}}{{{bottom}}}" if top[0] == "-" else rf"\frac{{{top}}}{{{bottom}}}"


def matrix(rows: Any) -> str:
    """Rows of numbers as LaTeX for a displayed statement."""
    return r"\begin{bmatrix} " + r" \\ ".join(" & ".join(map(latex, row)) for row in rows) + r" \end{bmatrix}"


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(x) for x in value]
    return text(value) if isinstance(value, fmpq) else value

"""All problems of a file at once.

A validator stops at the first thing that it can't go on without: a question with a key that it doesn't know is none,
and whether a section can do without it is never asked. So what is wrong is noted and mended, and the rest is looked at
again, until nothing more is found. What was mended is thrown away with everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple, TypeVar, get_args

from pydantic import ValidationError

from quizgen.errors import did_you_mean

from .fields import Table, Wrong, given
from .reading import BlueprintError, Lines, Path_, Problem

M = TypeVar("M", bound=Table)

MOST_LOOKS = 12
"""How often a file is looked at: at each look one more level of tables is right."""


class _Finding(NamedTuple):
    path: Path_
    words: str
    is_unknown: bool = False


def read_into(model: type[M], data: dict[str, Any], lines: Callable[[], Lines], name: str, *, context: object) -> M:
    """The model of ``data``; ``context`` is for its validators.

    Raises `BlueprintError`, in which ``lines`` tell where the problems are.
    """
    tables = {(): model} | dict(_tables(model, ()))
    data = deepcopy(data)
    found: dict[Path_, str] = {}
    for look in range(MOST_LOOKS):
        try:
            whole = model.model_validate(data, context=context)
        except ValidationError as error:
            fresh = [finding for each in error.errors() for finding in _findings(each, tables)]
            for finding in fresh:
                found.setdefault(finding.path, finding.words)
            if look + 1 < MOST_LOOKS and _mend(data, fresh, tables):
                continue
        else:
            if not found:
                return whole
        break
    where = lines()
    raise BlueprintError(name, [Problem(where.of(path), _dotted(path), words) for path, words in found.items()])


def _tables(model: type[Table], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], type[Table]]]:
    """The tables inside a table, by the keys that lead to them."""
    for name, field in model.model_fields.items():
        for inner in _models(field.annotation):
            yield (*path, name), inner
            yield from _tables(inner, (*path, name))


def _models(annotation: Any) -> Iterator[type[Table]]:
    if isinstance(annotation, type) and issubclass(annotation, Table):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _names(path: Path_) -> tuple[str, ...]:
    return tuple(key for key in path if isinstance(key, str))


def _dotted(path: Path_) -> str:
    return ".".join(_names(path))


def _findings(error: Any, tables: dict[tuple[str, ...], type[Table]]) -> Iterator[_Finding]:
    """What pydantic has found, in our words."""
    path: Path_ = error["loc"]
    match error["type"]:
        case "value_error":
            problem = error["ctx"]["error"]
            for each in problem.all() if isinstance(problem, Wrong) else [Wrong((), str(problem))]:
                yield _Finding((*path, *each.path), str(each))
        case "extra_forbidden":
            known = tables[_names(path[:-1])].model_fields
            hint = did_you_mean(str(path[-1]), known)
            own = tables[_names(path[:-1])].__annotations__  # before those of tables that it extends
            listed = "" if hint else f"; keys are {', '.join(sorted(known, key=lambda key: key not in own))}"
            yield _Finding(path, f"there is no such key here{hint}{listed}", is_unknown=True)
        case "missing":
            yield _Finding(path, "is missing")
        case "tuple_type":
            yield _Finding(path, f"takes a list of tables, each under [[{_dotted(path)}]], not {given(error['input'])}")
        case "too_short" if error["input"]:
            return  # none of those that are there is valid, and each has said why
        case "too_short":
            yield _Finding(path, f"is empty; each goes under [[{_dotted(path)}]]")
        case "too_long":
            yield _Finding(path, f"has {len(error['input'])} entries; {error['ctx']['max_length']} are the most")
        case "model_type":
            yield _Finding(path, f"takes a table, not {given(error['input'])}")
        case _:
            yield _Finding(path, str(error["msg"]))


def _mend(data: dict[str, Any], findings: list[_Finding], tables: dict[tuple[str, ...], type[Table]]) -> bool:
    """Makes of ``data`` something that does not have these problems; whether anything was changed."""
    before = deepcopy(data)
    whole: dict[Path_, None] = {}  # tables to be replaced, when single keys of theirs have been
    for path, _, is_unknown in findings:
        around = path[:-1]
        table, model = _at(data, around), tables.get(_names(around))
        if not path or isinstance(path[-1], int) or not isinstance(table, dict) or model is None:
            whole[path] = None
        elif is_unknown:
            del table[path[-1]]
        elif model.stand_in is not None and path[-1] in model.stand_in and path[-1] not in model.bound:
            table[path[-1]] = deepcopy(model.stand_in[path[-1]])
        elif model.stand_in is not None and path[-1] in table and path[-1] not in model.bound:
            del table[path[-1]]
        else:
            whole[around] = None
    for path in sorted(whole, key=len, reverse=True):
        _replace(data, path, tables)
    return before != data


def _at(data: Any, path: Path_) -> Any:
    for key in path:
        try:
            data = data[key]
        except (LookupError, TypeError):
            return None
    return data


def _replace(data: dict[str, Any], path: Path_, tables: dict[tuple[str, ...], type[Table]]) -> None:
    """Puts in the place of a table, or of the nearest around it that has one, what stands in for it."""
    while path:
        model, around = tables.get(_names(path)), _at(data, path[:-1])
        if model is not None and model.stand_in is not None and isinstance(around, (dict, list)):
            old = _at(data, path)
            kept = {key: old[key] for key in model.kept if key in old} if isinstance(old, dict) else {}
            around[path[-1]] = deepcopy(model.stand_in) | kept  # type: ignore[index]
            return
        path = path[:-1]

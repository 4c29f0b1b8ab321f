"""What is known of a learner as lines of JSON: how they are written, and read strictly.

The first line says what follows: ``{"format": "quizgen-progress", "version": 1, "quizgen": …, "sittings": …, "items":
…, "moves": …}``, the last three being counts. Then come the sessions in the order in which they began, and the
questions in theirs, each followed by its moves. Each of these lines is an object with one key that says what it is.
The learner has no name in it, and the lines are plain ASCII. What is due is not in it: it follows from the questions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NoReturn, get_args

from quizgen_solvers.exact import fmpq

from .. import __version__
from ..code import malformed
from ..errors import InputError, shown
from ..family import NAME
from ..verify.provenance import Provenance
from .records import Action, Ending, Item, Move, Outcome, Plan, Sitting, Skill

FORMAT = "quizgen-progress"
VERSION = 1
LONGEST = 262_144  # characters of a line: many times what quizgen writes
MOST = 2_000_000  # lines: a thousand a day for five years
COUNT = 2**31 - 1
LATEST = 253_402_300_799_999  # the last millisecond of the year 9999


# --- written ----------------------------------------------------------------------------------------------------


def header(counts: Mapping[str, int]) -> str:
    """The first line; ``counts`` of the keys "sittings", "items" and "moves"."""
    return _line({"format": FORMAT, "version": VERSION, "quizgen": __version__, **counts})


def sitting_line(sitting: Sitting) -> str:
    told = {"id": sitting.id, "plan": asdict(sitting.plan), "started": sitting.started, "ended": sitting.ended}
    return _line({"sitting": told})


def item_line(item: Item) -> str:
    told = {
        "id": item.id,
        "sitting": item.sitting,
        "number": item.number,
        "code": item.code,
        "family": item.skill.family,
        "level": item.skill.level,
        "opened": item.opened,
        "provenance": item.provenance,
        "closed": item.closed,
        "outcome": item.outcome and _plain(item.outcome, _OUTCOME),
    }
    return _line({"item": told})


def move_line(item_id: str, move: Move) -> str:
    return _line({"move": {"item": item_id, **_plain(move, _MADE)}})


def _plain(record: Move | Outcome, names: Iterable[str]) -> dict[str, Any]:
    return {**{name: getattr(record, name) for name in names}, "credit": str(record.credit)}


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":")) + "\n"


# --- read -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Found:
    """What stands in a file: sessions and questions by their ids with the numbers of their lines, and the moves of
    each question. The sessions are nobody's yet."""

    sittings: dict[str, tuple[int, Sitting]] = field(default_factory=dict)
    items: dict[str, tuple[int, Item]] = field(default_factory=dict)
    moves: dict[str, list[Move]] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    """How many questions of each session there are."""

    def counts(self) -> dict[str, int]:
        moves = sum(map(len, self.moves.values()))
        return {"sittings": len(self.sittings), "items": len(self.items), "moves": moves}


def read(lines: Iterable[str]) -> Found:
    """What the lines say. Raises `InputError`, with the number of the line, for whatever is not written here."""
    numbered = _numbered(lines)
    line, first = next(numbered, (1, None))
    announced = _header(line, first)
    left = sum(announced.values())
    found = Found()
    for line, value in numbered:
        left -= 1
        if left < 0:
            refuse(line, f"there are more lines than the {sum(announced.values()):,} that the first line announces")
        kind, fields = next(iter(value.items())) if isinstance(value, dict) and len(value) == 1 else ("", None)
        if not isinstance(kind, str) or kind not in _ADD or not isinstance(fields, dict):
            refuse(line, f"{shown(json.dumps(value))} is no session, question or move")
        _ADD[kind](found, line, fields)
    if found.counts() != announced:
        missing = ", ".join(f"{n:,} of {announced[name]:,} {name}" for name, n in found.counts().items())
        refuse(line, f"the file ends here with {missing}: a part of it is missing")
    return found


def refuse(line: int, what: str) -> NoReturn:
    raise InputError(f"line {line:,}: {what}; nothing was taken over")


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, Any]]:
    """What each line holds, with its number."""
    number = 0
    try:
        for number, line in enumerate(lines, 1):
            if len(line) > LONGEST:
                refuse(number, f"it has more than {LONGEST:,} characters")
            if line.isspace():
                continue
            try:
                value = _STRICT.decode(line)
            except (ValueError, RecursionError):
                refuse(number, f"{shown(line.rstrip())} is no JSON, or half of it is missing")
            yield number, value
    except UnicodeDecodeError:
        refuse(number + 1, "it is no text in UTF-8")


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands there twice")
    return found


_STRICT = json.JSONDecoder(parse_constant=_no_number, object_pairs_hook=_once)


def _header(line: int, value: Any) -> dict[str, int]:
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        refuse(line, "this is no file that `quizgen progress export` wrote")
    version = value.get("version")
    if type(version) is int and version > VERSION:
        refuse(line, f"a newer quizgen wrote this file (version {shown(version)}, this one reads {VERSION}); update it")
    count = _whole(0, MOST)
    fields = {"format": _text(), "version": _whole(VERSION, VERSION), "quizgen": _text(60)}
    counts = {"sittings": count, "items": count, "moves": count}
    found = _fields(line, "file", value, {**fields, **counts})
    if sum(found[name] for name in counts) > MOST:
        refuse(line, f"the file announces more than {MOST:,} lines")
    return {name: found[name] for name in counts}


def _add_sitting(found: Found, line: int, fields: Mapping[str, Any]) -> None:
    told = _fields(line, "session", fields, _SITTING)
    if told["id"] in found.sittings:
        refuse(line, "this session stands in the file twice")
    found.sittings[told["id"]] = line, Sitting(learner="", **told)
    found.asked[told["id"]] = 0


def _add_item(found: Found, line: int, fields: Mapping[str, Any]) -> None:
    told = _fields(line, "question", fields, _ITEM)
    item = Item(skill=Skill(told.pop("family"), told.pop("level")), **told)
    if item.id in found.items:
        refuse(line, "this question stands in the file twice")
    if item.sitting not in found.sittings:
        refuse(line, "the session of this question does not stand before it")
    if (item.closed is None) != (item.outcome is None):
        refuse(line, "a question is closed and has an outcome, or neither")
    found.asked[item.sitting] += 1
    if item.number != found.asked[item.sitting]:
        refuse(line, f"this is question {found.asked[item.sitting]} of its session, and says that it is {item.number}")
    found.items[item.id] = line, item
    found.moves[item.id] = []


def _add_move(found: Found, line: int, fields: Mapping[str, Any]) -> None:
    told = _fields(line, "move", fields, {"item": _identity, **_MADE})
    made = found.moves.get(told.pop("item"))
    if made is None:
        refuse(line, "the question of this move does not stand before it")
    if told["number"] != len(made):
        refuse(line, f"this is move {len(made)} of its question, and says that it is {told['number']}")
    made.append(Move(**told))


_ADD: dict[str, Callable[[Found, int, Mapping[str, Any]], None]] = {
    "sitting": _add_sitting,
    "item": _add_item,
    "move": _add_move,
}


# --- what a field may be ----------------------------------------------------------------------------------------


class _Unfit(Exception):
    """Says what a value should have been."""


_Check = Callable[[Any], Any]
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_CREDIT = re.compile(r"[0-9]{1,40}(?:/[1-9][0-9]{0,39})?", re.ASCII)
_ID = re.compile(r"[0-9a-f]{32}")
_TOPIC = re.compile(r"[a-z][a-z0-9]*")


def _fields(line: int, noun: str, values: Mapping[str, Any], checks: Mapping[str, _Check]) -> dict[str, Any]:
    if strange := [name for name in values if name not in checks]:
        refuse(line, f"{shown(strange[0])} is nothing that a {noun} has")
    found = {}
    for name, check in checks.items():
        if name not in values:
            refuse(line, f"the {noun} has no {name}")
        try:
            found[name] = check(values[name])
        except _Unfit as unfit:
            refuse(line, f"the {noun}'s {name} is {shown(values[name])}, not {unfit}")
    return found


def _whole(least: int, most: int) -> _Check:
    def check(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise _Unfit(f"a whole number from {least} to {most}")
        return value

    return check


def _text(most: int = LONGEST) -> _Check:
    def check(value: Any) -> str:
        if type(value) is not str or len(value) > most or _UNPRINTABLE.search(value):
            raise _Unfit(f"text of at most {most:,} printable characters")
        return value

    return check


def _matching(pattern: re.Pattern[str], what: str) -> _Check:
    def check(value: Any) -> str:
        if type(value) is not str or not pattern.fullmatch(value):
            raise _Unfit(what)
        return value

    return check


def _one_of(kind: Any) -> _Check:
    def check(value: Any) -> str:
        if type(value) is not str or value not in get_args(kind):
            raise _Unfit(f"one of {', '.join(get_args(kind))}")
        return value

    return check


def _maybe(check: _Check) -> _Check:
    return lambda value: None if value is None else check(value)


def _list(check: _Check, what: str, most: int = 200) -> _Check:
    def checked(value: Any) -> tuple[Any, ...]:
        if type(value) is not list or len(value) > most:
            raise _Unfit(what)
        return tuple(map(check, value))

    return checked


def _truth(value: Any) -> bool:
    if type(value) is not bool:
        raise _Unfit("true or false")
    return value


def _credit(value: Any) -> fmpq:
    if type(value) is not str or not _CREDIT.fullmatch(value) or not 0 <= fmpq(value) <= 1:
        raise _Unfit("a fraction from 0 to 1")
    return fmpq(value)


def _code(value: Any) -> str:
    if type(value) is not str or malformed(value):
        raise _Unfit("a question code")
    return value


def _name(value: Any) -> str:
    if type(value) is not str or len(value) > 120 or not (NAME.fullmatch(value) or _TOPIC.fullmatch(value)):
        raise _Unfit("the name of a topic or family")
    return value


def _provenance(value: Any) -> str:
    text: str = _text()(value)
    if text:
        try:
            Provenance.from_json(_object(json.loads(text, parse_constant=_no_number)))
        except (ValueError, RecursionError, InputError):
            raise _Unfit("the record of a run") from None
    return text


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Unfit("an object")
    return value


def _nested(checks: Mapping[str, _Check], make: Callable[..., Any], what: str) -> _Check:
    def check(value: Any) -> Any:
        fields = _object(value)
        if fields.keys() != checks.keys():
            raise _Unfit(f"{what} with {', '.join(checks)}")
        found = {}
        for name, inner in checks.items():
            try:
                found[name] = inner(fields[name])
            except _Unfit as unfit:
                raise _Unfit(f"{what} whose {name} is {unfit}") from None
        return make(**found)

    return check


_identity = _matching(_ID, "32 hexadecimal digits")
_moment = _whole(0, LATEST)
_count = _whole(0, COUNT)
_level = _whole(0, 999)  # as many digits as a code has for it
_mistakes = _list(_text(200), "a list of mistakes")

_PLAN: dict[str, _Check] = {
    "names": _list(_name, "a list of topics and families"),
    "level": _maybe(_level),
    "count": _maybe(_count),
    "minutes": _maybe(_count),
    "exam": _truth,
    "choices": _truth,
    "code": lambda value: value if value == "" else _code(value),
}
_OUTCOME: dict[str, _Check] = {
    "ending": _one_of(Ending),
    "credit": _credit,
    "points": _count,
    "hints": _count,
    "wrong": _count,
    "seconds": _count,
    "rating": _whole(0, 4),
    "mistakes": _mistakes,
}
_SITTING: dict[str, _Check] = {
    "id": _identity,
    "plan": _nested(_PLAN, Plan, "a plan"),
    "started": _moment,
    "ended": _maybe(_moment),
}
_ITEM: dict[str, _Check] = {
    "id": _identity,
    "sitting": _identity,
    "number": _whole(1, COUNT),
    "code": _code,
    "family": _matching(NAME, "the name of a family"),
    "level": _level,
    "opened": _moment,
    "provenance": _provenance,
    "closed": _maybe(_moment),
    "outcome": _maybe(_nested(_OUTCOME, Outcome, "an outcome")),
}
_MADE: dict[str, _Check] = {
    "number": _count,
    "action": _one_of(Action),
    "part": _whole(1, 999),
    "at": _moment,
    "typed": _text(),
    "read_as": _text(),
    "credit": _credit,
    "reason": _text(),
    "carried": _truth,
    "mistakes": _mistakes,
}

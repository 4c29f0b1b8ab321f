"""The tables that practice keeps its memory in, and how the values in them are written.

Moments are whole milliseconds in 64 bits; credit is an exact rational as text; lists of names and plans are JSON. The
order in which things happened is ``seq``, which the database counts up: clocks are set back, counters are not.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from quizgen_solvers.exact import fmpq

from .records import Plan


class Exact(TypeDecorator[fmpq]):
    """A rational as text: "3/4", "1"."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: fmpq | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> fmpq | None:
        return None if value is None else fmpq(value)


class Names(TypeDecorator[tuple[str, ...]]):
    """Names as a JSON list."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else to_json(list(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else tuple(json.loads(value))


class Asked(TypeDecorator[Plan]):
    """What a session asks, as a JSON object."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Plan | None, dialect: Dialect) -> str | None:
        return None if value is None else to_json(asdict(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Plan | None:
        if value is None:
            return None
        found = json.loads(value)
        return Plan(**{**found, "names": tuple(found["names"])})


def to_json(value: Any) -> str:
    """JSON on one line; raises ValueError for numbers that JSON does not have."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


metadata = MetaData()

# Keys have a length because some databases want one; it is far above what quizgen writes.
_ID = String(64)
_LEARNER = String(200)
_FAMILY = String(120)
_SEQ = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up INTEGER alone

meta = Table(
    "meta",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

sittings = Table(
    "sittings",
    metadata,
    Column("seq", _SEQ, primary_key=True),
    Column("id", _ID, nullable=False, unique=True),
    Column("learner", _LEARNER, nullable=False),
    Column("plan", Asked, nullable=False),
    Column("exam", Boolean, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("ended", BigInteger),
    Index("sittings_open", "learner", "exam", "ended", "seq"),
)

items = Table(
    "items",
    metadata,
    Column("seq", _SEQ, primary_key=True),
    Column("id", _ID, nullable=False, unique=True),
    Column("sitting", _ID, ForeignKey("sittings.id", ondelete="CASCADE"), nullable=False),
    Column("learner", _LEARNER, nullable=False),  # that of the sitting, here too so that one index finds the latest
    Column("number", Integer, nullable=False),
    Column("code", String(200), nullable=False),
    Column("family", _FAMILY, nullable=False),
    Column("level", Integer, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("provenance", Text, nullable=False),
    Column("closed", BigInteger),
    Column("ending", String(20)),
    Column("credit", Exact),
    Column("points", Integer),
    Column("hints", Integer),
    Column("wrong", Integer),
    Column("seconds", Integer),
    Column("rating", Integer),
    Column("mistakes", Names),
    UniqueConstraint("sitting", "number", name="items_place"),
    Index("items_latest", "learner", "seq"),
    Index("items_family", "learner", "family", "seq"),
)

moves = Table(
    "moves",
    metadata,
    Column("item", _ID, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("action", String(20), nullable=False),
    Column("part", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("typed", Text, nullable=False),
    Column("read_as", Text, nullable=False),
    Column("credit", Exact, nullable=False),
    Column("reason", Text, nullable=False),
    Column("carried", Boolean, nullable=False),
    Column("mistakes", Names, nullable=False),
)

memories = Table(
    "memories",
    metadata,
    Column("learner", _LEARNER, primary_key=True),
    Column("family", _FAMILY, primary_key=True),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("due", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("stability", Double),
    Column("difficulty", Double),
    Column("state", Integer, nullable=False),
    Column("step", Integer),
    Column("reviews", Integer, nullable=False),
    Column("lapses", Integer, nullable=False),
)

standings = Table(
    "standings",
    metadata,
    Column("learner", _LEARNER, primary_key=True),
    Column("family", _FAMILY, primary_key=True),
    Column("level", Integer, nullable=False),
    Column("run", Integer, nullable=False),
)

stock = Table(
    "stock",
    metadata,
    Column("seq", _SEQ, primary_key=True),
    Column("code", String(200), nullable=False, unique=True),
    Column("family", _FAMILY, nullable=False),
    Column("level", Integer, nullable=False),
    Column("provenance", Text, nullable=False),
    Column("seal", String(200), nullable=False),
    Index("stock_skill", "family", "level", "seq"),
)

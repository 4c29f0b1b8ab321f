"""The memory of practice: sessions, questions, every move, and what is known of a learner, in a database.

What a method changed is on disk when it returns, or it raised an error and nothing was changed. A store serves all
threads of a program, and several programs may use one database.

Every method may raise `StoreError`, and `StoreBusy` where another program holds the database for too long.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, delete, func, insert, select, update

from ..errors import Stale
from . import migrations
from .database import PATIENCE, Database
from .records import History, Item, Memory, Moment, Move, Outcome, Ready, Sitting, Skill, Standing
from .tables import items, memories, meta, moves, sittings, standings, stock

PAGE = 500  # rows that are read or looked up at once

# What is asked again and again; made once, because making a statement takes longer than asking it.
_SITTING = select(sittings).where(sittings.c.id == bindparam("id"))
_BEGUN = _SITTING.with_for_update()
_LATEST = (
    select(sittings)
    .where(sittings.c.learner == bindparam("learner"), sittings.c.exam == bindparam("exam"), sittings.c.ended.is_(None))
    .order_by(sittings.c.seq.desc())
    .limit(1)
)
_ITEM = select(items).where(items.c.id == bindparam("id"))
_ITEMS = select(items).where(items.c.sitting == bindparam("sitting")).order_by(items.c.number)
_MOVES = select(moves).where(moves.c.item == bindparam("item")).order_by(moves.c.number)
_CLOSED = select(items.c.learner, items.c.closed).where(items.c.id == bindparam("id")).with_for_update()
_CLOSE = update(items).where(items.c.id == bindparam("which"))
_NEW_ITEM = insert(items)
_NEW_MOVE = insert(moves)
_MARK = update(moves).where(moves.c.item == bindparam("of"), moves.c.number == bindparam("place"))
_MEMORIES = select(memories).where(memories.c.learner == bindparam("learner"))
_STANDINGS = select(standings).where(standings.c.learner == bindparam("learner"))
_RECENT = (
    select(items).where(items.c.learner == bindparam("learner")).order_by(items.c.seq.desc()).limit(bindparam("count"))
)
_MISTAKES = (
    select(items.c.mistakes)
    .where(items.c.learner == bindparam("learner"), items.c.family == bindparam("family"), items.c.rating > 0)
    .order_by(items.c.seq.desc())
    .limit(bindparam("count"))
)
_RATED = (
    select(items.c.closed // bindparam("apart"))
    .where(items.c.learner == bindparam("learner"), items.c.rating > 0, items.c.closed.is_not(None))
    .distinct()
)
_READY = (
    select(stock)
    .where(stock.c.family == bindparam("family"), stock.c.level == bindparam("level"))
    .order_by(stock.c.seq)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_TAKEN = delete(stock).where(stock.c.seq == bindparam("seq"))
_KEPT = {
    table: update(table).where(*(column == bindparam(f"its_{column.name}") for column in table.primary_key))
    for table in (memories, standings)
}
_NEW = {table: insert(table) for table in _KEPT}


class Store:
    """The memory of practice in one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @classmethod
    def open(cls, where: str | Path | None = None, *, patience: float = PATIENCE) -> Store:
        """The memory at a path or URL of a database; None: in ``$QUIZGEN_DATA``, else in the platform's data folder.

        A new one is made, for its owner alone; one of an older version is brought up to this one, a copy being kept.
        ``patience``: seconds to wait for another program that writes. Raises `StoreError` where there can be none.
        """
        database = Database.open(where, patience=patience)
        try:
            migrations.prepare(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    @property
    def name(self) -> str:
        """Where it is: a path, or a URL without a password."""
        return self.database.name

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def at_once(self) -> AbstractContextManager[None]:
        """All that this thread reads inside is read as it was at one moment: what is changed inside is seen after it.
        That takes less time, too."""
        return self.database.at_once()

    # --- sessions -----------------------------------------------------------------------------------------------

    def start(self, sitting: Sitting, questions: Sequence[Item] = ()) -> None:
        """Keeps a session that begins, with the questions that it begins with; raises `Stale` where it is there."""

        def work(connection: Connection) -> None:
            connection.execute(insert(sittings), sitting_row(sitting))
            if questions:
                connection.execute(insert(items), [item_row(item, sitting.learner) for item in questions])

        self.database.changing(work)

    def end(self, sitting_id: str, at: Moment) -> None:
        """Ends a session; one that has ended stays as it is."""
        query = update(sittings).where(sittings.c.id == sitting_id, sittings.c.ended.is_(None)).values(ended=at)
        self.database.changing(lambda connection: connection.execute(query))

    def sitting(self, sitting_id: str) -> Sitting | None:
        """The session of that id, whosever it is."""
        with self.database.reading() as connection:
            row = connection.execute(_SITTING, {"id": sitting_id}).first()
        return sitting_of(row) if row else None

    def latest(self, learner: str, *, exam: bool = False) -> Sitting | None:
        """The session that a learner began last and has not ended: an exam, or one that is none."""
        with self.database.reading() as connection:
            row = connection.execute(_LATEST, {"learner": learner, "exam": exam}).first()
        return sitting_of(row) if row else None

    # --- questions and moves ------------------------------------------------------------------------------------

    def open_item(self, item: Item) -> None:
        """Keeps a question that is put to a learner.

        Raises `Stale` where the session has ended, is not there, or has a question of that number already.
        """

        def work(connection: Connection) -> None:
            row = connection.execute(_BEGUN, {"id": item.sitting}).first()
            if row is None or row.ended is not None:
                raise Stale("this session has ended" if row else "this session is not there any more")
            connection.execute(_NEW_ITEM, item_row(item, row.learner))

        self.database.changing(work)

    def items(self, sitting_id: str) -> tuple[Item, ...]:
        """The questions of a session in order."""
        with self.database.reading() as connection:
            return tuple(map(item_of, connection.execute(_ITEMS, {"sitting": sitting_id})))

    def item(self, item_id: str) -> Item | None:
        with self.database.reading() as connection:
            row = connection.execute(_ITEM, {"id": item_id}).first()
        return item_of(row) if row else None

    def moves(self, item_id: str) -> tuple[Move, ...]:
        """What was done at a question, in order."""
        with self.database.reading() as connection:
            return tuple(map(move_of, connection.execute(_MOVES, {"item": item_id})))

    def add_move(self, item_id: str, move: Move) -> None:
        """Keeps a move; raises `Stale` where the question is closed or has a move of that number."""

        def work(connection: Connection) -> None:
            _open_item(connection, item_id)
            connection.execute(_NEW_MOVE, move_row(move, item_id))

        self.database.changing(work)

    def close_item(
        self,
        item_id: str,
        at: Moment,
        outcome: Outcome,
        *,
        move: Move | None = None,
        marked: Sequence[Move] = (),
        memory: Memory | None = None,
        standing: Standing | None = None,
    ) -> None:
        """Closes a question, and all that goes with it: its last ``move``, the moves that have a verdict now
        (``marked``), and what is remembered of the learner from now on.

        Raises `Stale` where it is closed already or has a move of that number: then nothing of all this is kept.
        """

        def work(connection: Connection) -> None:
            learner = _open_item(connection, item_id)
            if move is not None:
                connection.execute(_NEW_MOVE, move_row(move, item_id))
            for each in marked:
                connection.execute(_MARK, {"of": item_id, "place": each.number, **_values(each)})
            connection.execute(_CLOSE, {"which": item_id, "closed": at, **outcome_values(outcome)})
            if memory is not None:
                _keep(connection, memories, _memory_row(learner, memory))
            if standing is not None:
                _keep(connection, standings, _standing_row(learner, standing))

        self.database.changing(work)

    # --- what is known of a learner -----------------------------------------------------------------------------

    def history(self, learner: str, recent: int = 24) -> History:
        """What is remembered of a learner, and the latest questions of all sessions in the order of their opening."""
        whose = {"learner": learner}
        with self.database.reading() as connection:
            remembered = [
                Memory(Skill(row.family, row.level), *row[3:]) for row in connection.execute(_MEMORIES, whose)
            ]
            stands = [Standing(*row[1:]) for row in connection.execute(_STANDINGS, whose)]
            latest = connection.execute(_RECENT, {**whose, "count": recent}) if recent else ()
            found = tuple(map(item_of, latest))
        return History({each.skill: each for each in remembered}, {each.family: each for each in stands}, found)

    def every(self, learner: str, closed_only: bool = True) -> Iterator[Item]:
        """All questions of a learner in the order of their opening, read as they are wanted."""
        last = -1
        wanted = [items.c.learner == learner, *([items.c.closed.is_not(None)] if closed_only else [])]
        while True:
            query = select(items).where(*wanted, items.c.seq > last).order_by(items.c.seq).limit(PAGE)
            with self.database.reading() as connection:
                rows = connection.execute(query).all()
            yield from map(item_of, rows)
            if len(rows) < PAGE:
                return
            last = rows[-1].seq

    def mistakes(self, learner: str, family: str, count: int = 6) -> tuple[tuple[str, ...], ...]:
        """The mistakes in each of the latest ``count`` rated questions of a family, newest first."""
        asked = {"learner": learner, "family": family, "count": count}
        with self.database.reading() as connection:
            return tuple(connection.execute(_MISTAKES, asked).scalars())

    def rated(self, learner: str, apart: int) -> tuple[Moment, ...]:
        """When questions were rated, each moment rounded down to a multiple of ``apart`` ms and told once."""
        with self.database.reading() as connection:
            found = connection.execute(_RATED, {"learner": learner, "apart": apart}).scalars()
            return tuple(apart * each for each in found)

    def replace(self, learner: str, remembered: Iterable[Memory], stands: Iterable[Standing]) -> None:
        """Puts these memories and standings in the place of all that a learner has."""
        new = {
            memories: [_memory_row(learner, each) for each in remembered],
            standings: [_standing_row(learner, each) for each in stands],
        }

        def work(connection: Connection) -> None:
            for table, rows in new.items():
                connection.execute(delete(table).where(table.c.learner == learner))
                if rows:
                    connection.execute(insert(table), rows)

        self.database.changing(work)

    # --- checked questions kept ready ---------------------------------------------------------------------------

    def put(self, ready: Iterable[Ready]) -> None:
        """Keeps checked questions; one whose code is there already is left out."""
        rows = {
            each.code: {
                "code": each.code,
                "family": each.skill.family,
                "level": each.skill.level,
                "provenance": each.provenance,
                "seal": each.seal,
            }
            for each in ready
        }

        def work(connection: Connection) -> None:
            there = among(connection, stock, "code", list(rows))
            if new := [row for code, row in rows.items() if code not in there]:
                connection.execute(insert(stock), new)

        self.database.changing(work)

    def take(self, skill: Skill) -> Ready | None:
        """Takes out the question of a skill that has been kept longest; nobody else gets it. None: there is none."""

        def work(connection: Connection) -> Ready | None:
            row = connection.execute(_READY, {"family": skill.family, "level": skill.level}).first()
            if row is None:
                return None
            connection.execute(_TAKEN, {"seq": row.seq})
            return Ready(row.code, skill, row.provenance, row.seal)

        return self.database.changing(work)

    def stocked(self) -> dict[Skill, int]:
        """How many questions of each skill are kept ready."""
        query = select(stock.c.family, stock.c.level, func.count()).group_by(stock.c.family, stock.c.level)
        with self.database.reading() as connection:
            return {Skill(family, level): count for family, level, count in connection.execute(query)}

    def discard_stock(self) -> None:
        """Throws away all questions that are kept ready."""
        self.database.changing(lambda connection: connection.execute(delete(stock)))

    def secret(self) -> bytes:
        """32 random bytes that belong to this database, made when they are first asked for."""
        query = select(meta.c.value).where(meta.c.name == "secret")

        def work(connection: Connection) -> str:
            found = connection.execute(query).scalar()
            if found is None:
                found = os.urandom(32).hex()
                connection.execute(insert(meta), {"name": "secret", "value": found})
            return found

        with self.database.reading() as connection:
            found = connection.execute(query).scalar()
        return bytes.fromhex(found or self.database.changing(work))


# --- inside a transaction ---------------------------------------------------------------------------------------


def _open_item(connection: Connection, item_id: str) -> str:
    """Whose question it is, while nobody else can change it. Raises `Stale` where it is closed or gone."""
    row = connection.execute(_CLOSED, {"id": item_id}).first()
    if row is None or row.closed is not None:
        raise Stale("this question is closed already" if row else "this question is not there any more")
    return str(row.learner)


def _keep(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Puts a row in the place of the one that has its key."""
    key = {f"its_{column.name}": row[column.name] for column in table.primary_key}
    if not connection.execute(_KEPT[table], row | key).rowcount:
        connection.execute(_NEW[table], row)


def among(connection: Connection, table: Table, column: str, values: Sequence[str]) -> dict[str, Row[Any]]:
    """The rows of a table that have one of these values in a column, by that value."""
    found = {}
    for start in range(0, len(values), PAGE):
        query = select(table).where(table.c[column].in_(values[start : start + PAGE]))
        found.update({getattr(row, column): row for row in connection.execute(query)})
    return found


# --- records as rows --------------------------------------------------------------------------------------------

_OUTCOME = ("ending", "credit", "points", "hints", "wrong", "seconds", "rating", "mistakes")
_MOVE = ("number", "action", "part", "at", "typed", "read_as", "credit", "reason", "carried", "mistakes")


def sitting_row(sitting: Sitting) -> dict[str, Any]:
    return {
        "id": sitting.id,
        "learner": sitting.learner,
        "plan": sitting.plan,
        "exam": sitting.plan.exam,
        "started": sitting.started,
        "ended": sitting.ended,
    }


def sitting_of(row: Row[Any]) -> Sitting:
    return Sitting(row.id, row.learner, row.plan, row.started, row.ended)


def item_row(item: Item, learner: str) -> dict[str, Any]:
    return {
        "id": item.id,
        "sitting": item.sitting,
        "learner": learner,
        "number": item.number,
        "code": item.code,
        "family": item.skill.family,
        "level": item.skill.level,
        "opened": item.opened,
        "provenance": item.provenance,
        "closed": item.closed,
        **outcome_values(item.outcome),
    }


def outcome_values(outcome: Outcome | None) -> dict[str, Any]:
    return {name: outcome and getattr(outcome, name) for name in _OUTCOME}


def item_of(row: Row[Any]) -> Item:
    return Item(
        row.id,
        row.sitting,
        row.number,
        row.code,
        Skill(row.family, row.level),
        row.opened,
        row.provenance,
        row.closed,
        None if row.ending is None else Outcome(*(getattr(row, name) for name in _OUTCOME)),
    )


def _values(move: Move) -> dict[str, Any]:
    return {name: getattr(move, name) for name in _MOVE}


def move_row(move: Move, item_id: str) -> dict[str, Any]:
    return {"item": item_id, **_values(move)}


def move_of(row: Row[Any]) -> Move:
    return Move(*(getattr(row, name) for name in _MOVE))


def _memory_row(learner: str, memory: Memory) -> dict[str, Any]:
    return {
        "learner": learner,
        "family": memory.skill.family,
        "level": memory.skill.level,
        "due": memory.due,
        "last": memory.last,
        "stability": memory.stability,
        "difficulty": memory.difficulty,
        "state": memory.state,
        "step": memory.step,
        "reviews": memory.reviews,
        "lapses": memory.lapses,
    }


def _standing_row(learner: str, standing: Standing) -> dict[str, Any]:
    return {"learner": learner, "family": standing.family, "level": standing.level, "run": standing.run}

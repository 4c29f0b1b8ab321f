"""All that is known of a learner: written out, taken over from another database, forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TextIO

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from ..errors import StoreBusy, StoreError
from . import exchange, migrations
from .database import Database
from .exchange import Found
from .records import Item, Move
from .store import PAGE, Store, among, item_of, item_row, move_of, move_row, outcome_values, sitting_of, sitting_row
from .tables import items, memories, moves, sittings, standings


@dataclass(frozen=True, slots=True)
class Counts:
    """How many questions were taken over, and how many were known before."""

    new: int
    known: int


# --- out --------------------------------------------------------------------------------------------------------


def export(store: Store, learner: str, write: Callable[[str], Any]) -> int:
    """Writes all that is known of a learner, a line with its line break at a time; returns how many questions.

    Everything is as it was at one moment, whatever is answered meanwhile.
    """
    with store.database.reading() as connection:
        found = _counts(connection, learner)
        write(exchange.header(found))
        for row in connection.execute(select(sittings).where(sittings.c.learner == learner).order_by(sittings.c.seq)):
            write(exchange.sitting_line(sitting_of(row)))
        for item, made in _questions(connection, learner):
            write(exchange.item_line(item))
            for move in made:
                write(exchange.move_line(item.id, move))
    return found["items"]


def counts(store: Store, learner: str) -> dict[str, int]:
    """How many "sittings", "items" and "moves" there are of a learner."""
    with store.database.reading() as connection:
        return _counts(connection, learner)


def _counts(connection: Connection, learner: str) -> dict[str, int]:
    hers = select(items.c.id).where(items.c.learner == learner)
    wanted = {
        "sittings": sittings.c.learner == learner,
        "items": items.c.learner == learner,
        "moves": moves.c.item.in_(hers),
    }
    tables = {"sittings": sittings, "items": items, "moves": moves}
    return {
        name: connection.execute(select(func.count()).select_from(tables[name]).where(condition)).scalar_one()
        for name, condition in wanted.items()
    }


def _questions(connection: Connection, learner: str) -> Iterator[tuple[Item, list[Move]]]:
    """Every question in the order of opening, with its moves."""
    last = -1
    while True:
        page = select(items).where(items.c.learner == learner, items.c.seq > last).order_by(items.c.seq).limit(PAGE)
        rows = connection.execute(page).all()
        made: dict[str, list[Move]] = {row.id: [] for row in rows}
        for row in connection.execute(select(moves).where(moves.c.item.in_(list(made))).order_by(moves.c.number)):
            made[row.item].append(move_of(row))
        for row in rows:
            yield item_of(row), made[row.id]
        if len(rows) < PAGE:
            return
        last = rows[-1].seq


# --- in ---------------------------------------------------------------------------------------------------------


def import_(store: Store, learner: str, lines: Iterable[str]) -> Counts:
    """Takes over what ``export`` wrote, for this learner: all of it, or nothing where it raises an error.

    What is known stays as it is; a question that is open here and closed there becomes what it is there. What is due
    has to be worked out anew afterwards (`Store.replace`). Raises `InputError`, with the number of the line, for
    whatever ``export`` does not write, and for what belongs to another learner here.
    """
    found = exchange.read(lines)
    return store.database.changing(lambda connection: _take_over(connection, found, learner))


def bounded(file: TextIO) -> Iterator[str]:
    """The lines of a file for ``import_``; one that is far too long comes in pieces, so that none fills the memory."""
    return iter(lambda: file.readline(exchange.LONGEST + 1), "")


def _take_over(connection: Connection, found: Found, learner: str) -> Counts:
    there = among(connection, sittings, "id", list(found.sittings))
    for key, (line, sitting) in found.sittings.items():
        if key in there and there[key].learner != learner:
            exchange.refuse(line, "this session belongs to another learner here")
        if key in there and there[key].ended is None and sitting.ended is not None:
            connection.execute(update(sittings).where(sittings.c.id == key).values(ended=sitting.ended))
    begun = [sitting for key, (_, sitting) in found.sittings.items() if key not in there]
    _insert(connection, sittings, [{**sitting_row(each), "learner": learner} for each in begun])

    known = among(connection, items, "id", list(found.items))
    asked = _asked(connection, list(there))
    new = []
    for key, (line, item) in found.items.items():
        if key not in known:
            asked[item.sitting] = asked.get(item.sitting, 0) + 1  # a session may have gone on both there and here
            new.append({**item_row(item, learner), "number": asked[item.sitting]})
        elif known[key].sitting != item.sitting:
            exchange.refuse(line, "this question belongs to another session here")
    _insert(connection, items, new)
    _insert(connection, moves, [move_row(each, row["id"]) for row in new for each in found.moves[row["id"]]])
    for key, row in known.items():
        if row.closed is None:
            _go_on(connection, found.items[key][1], found.moves[key])
    return Counts(len(new), len(known))


def _go_on(connection: Connection, item: Item, made: list[Move]) -> None:
    """Brings a question that is open here to where it stands there."""
    here = moves.c.item == item.id
    if item.closed is None:
        first = connection.execute(select(func.count()).select_from(moves).where(here)).scalar_one()
    else:
        first = 0
        connection.execute(delete(moves).where(here))
        values = {"closed": item.closed, **outcome_values(item.outcome)}
        connection.execute(update(items).where(items.c.id == item.id).values(values))
    _insert(connection, moves, [move_row(each, item.id) for each in made[first:]])


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _asked(connection: Connection, ids: list[str]) -> dict[str, int]:
    """How many questions each of these sessions has."""
    found: dict[str, int] = {}
    for start in range(0, len(ids), PAGE):
        query = select(items.c.sitting, func.max(items.c.number)).where(items.c.sitting.in_(ids[start : start + PAGE]))
        found.update((row[0], row[1]) for row in connection.execute(query.group_by(items.c.sitting)))
    return found


# --- forgotten --------------------------------------------------------------------------------------------------


def forget(store: Store, learner: str) -> int:
    """Removes everything of a learner; returns how many questions that were.

    Of SQLite the bytes are gone too: the file is written anew, its log emptied, and copies of older versions are
    deleted, which may hold other learners' past as well. Raises `StoreBusy` where another program keeps this from being
    done now; forgetting again does it.
    """
    database = store.database

    def work(connection: Connection) -> int:
        count = connection.execute(
            select(func.count()).select_from(items).where(items.c.learner == learner)
        ).scalar_one()
        for table in (sittings, memories, standings):  # questions and moves go with their sessions
            connection.execute(delete(table).where(table.c.learner == learner))
        return int(count)

    count = database.changing(work)
    if database.path is not None:
        _scrub(database)
    try:
        for copy in migrations.copies(database):
            copy.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"everything is removed but an old copy: {error}; delete it yourself") from error
    return count


def _scrub(database: Database) -> None:
    """Writes the file of SQLite anew, so that nothing that was deleted is left in it or in its log."""
    left = f"everything is removed, but traces of it are left in the file of {database}"
    try:
        with closing(database.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except Exception as error:
        raise StoreError(f"{left}: {database.trouble(error)}; then forget again") from error
    if busy:
        raise StoreBusy(f"{left}: another program is using it; close that and forget again")

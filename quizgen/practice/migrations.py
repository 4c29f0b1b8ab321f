"""Versions of the tables: a database of an older one is brought up to this one when it is opened.

The copy comes first; then everything is done in one transaction, under the lock of a writer, so that of two programs
that open it at once one waits for the other, and a program that dies in the middle leaves the old version.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import Connection, Index, MetaData, Table, insert, inspect, select, text, update

from ..errors import StoreError
from . import tables
from .database import Database, default_folder

VERSION = 2
"""Version 1 had no stock of checked questions, and looked through all of a learner's items for those of a family."""

LOCK = 0x7175697A67656E  # "quizgen": what programs that change the tables of a server agree to wait for


def prepare(database: Database) -> None:
    """Makes the tables in an empty database, and brings those of an older version up to this one.

    Raises `StoreError` for a database of a newer version or of another program.
    """
    with database.reading() as connection:
        found = version(connection, database)
    if database.path is not None:
        database.use_log()
    if found != VERSION:
        database.changing(lambda connection: _bring_up(connection, database))


def version(connection: Connection, database: Database) -> int | None:
    """The version of the tables that are there; None where there are none at all."""
    names = inspect(connection).get_table_names()
    if not names:
        return None
    if "meta" in names and {c["name"] for c in inspect(connection).get_columns("meta")} == {"name", "value"}:
        row = connection.execute(select(tables.meta.c.value).where(tables.meta.c.name == "schema")).first()
        if row is not None and row.value.isascii() and row.value.isdigit():
            found = int(row.value)
            if found > VERSION:
                raise StoreError(
                    f"{database} was written by a newer quizgen (version {found} of its tables, this one knows "
                    f"{VERSION}); update quizgen"
                )
            return found
    raise StoreError(f"{database} belongs to another program; give quizgen a database of its own")


def _bring_up(connection: Connection, database: Database) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    found = version(connection, database)  # another program may have been quicker
    if found is None:
        tables.metadata.create_all(connection)
        connection.execute(insert(tables.meta).values(name="schema", value=str(VERSION)))
    elif found < VERSION:
        _copy(connection, database, found)
        for step in STEPS[found - 1 :]:
            step(connection)
        connection.execute(update(tables.meta).where(tables.meta.c.name == "schema").values(value=str(VERSION)))


def _to_2(connection: Connection) -> None:
    tables.stock.create(connection)
    _index(tables.items, "items_family").create(connection)


STEPS: tuple[Callable[[Connection], None], ...] = (_to_2,)
"""What brings version 1 to 2, 2 to 3 and so on. A step names what it makes; it never makes whatever `tables` lacks."""


def _index(table: Table, name: str) -> Index:
    return next(index for index in table.indexes if index.name == name)


# --- copies -----------------------------------------------------------------------------------------------------


def copies(database: Database) -> list[Path]:
    """The copies that were kept of a database before its tables were changed, and what is left of unfinished ones."""
    folder, stem = _copy_place(database)
    wanted = re.compile(rf"\.?{re.escape(stem)}\.v\d+-\d{{8}}-\d{{6}}\..+")
    with suppress(OSError):
        return sorted(path for path in folder.iterdir() if wanted.fullmatch(path.name))
    return []


def _copy_place(database: Database) -> tuple[Path, str]:
    if database.path is not None:
        return database.path.parent, database.path.name
    url = database.engine.url
    mark = hashlib.sha256(database.name.encode()).hexdigest()[:8]  # two servers may have databases of one name
    return default_folder(), f"{url.get_backend_name()}-{url.database or 'database'}-{mark}".replace("/", "_")


def _copy(connection: Connection, database: Database, found: int) -> None:
    """Keeps a copy of the database: of SQLite the file, of others every row as a line of JSON."""
    folder, stem = _copy_place(database)
    ending = "bak" if database.path is not None else "jsonl"
    target = folder / f"{stem}.v{found}-{time.strftime('%Y%m%d-%H%M%S')}.{ending}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                if database.path is not None:
                    _copy_file(database.path, Path(part))
                else:
                    file.writelines(_rows(connection, found))
                file.flush()
                os.fsync(file.fileno())
            Path(part).replace(target)
        finally:
            Path(part).unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"{database} is of version {found} and no copy of it can be kept before it is brought up to version "
            f"{VERSION}: {error}; nothing was changed"
        ) from error


def _copy_file(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _rows(connection: Connection, found: int) -> Iterator[bytes]:
    known = MetaData()
    known.reflect(connection)
    yield _line({"format": "quizgen-tables", "version": found})
    for table in known.sorted_tables:
        for row in connection.execute(select(table).execution_options(yield_per=1000)).mappings():
            yield _line({"table": table.name, **row})


def _line(value: dict[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"

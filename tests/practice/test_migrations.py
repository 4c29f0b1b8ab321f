"""A memory of an older version is brought up to this one, with a copy kept, all of it or nothing."""

import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.dialects import mssql, mysql, oracle
from sqlalchemy.schema import CreateIndex, CreateTable

from quizgen.errors import StoreError
from quizgen.practice import migrations, tables
from quizgen.practice.store import Store
from version_1 import driven, holds_everything, make, old


def copies(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if ".v" in each.name)


def tables_of(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as plain:
        return {row[0] for row in plain.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def structure(where: str) -> dict[str, Any]:
    """Everything that the database says of its tables, in an order of its own."""

    def sorted_by_name(rows: list[Any]) -> list[Any]:
        return sorted(({**row, "type": str(row.get("type"))} for row in rows), key=lambda row: str(row["name"]))

    engine = create_engine(driven(where))
    found = inspect(engine)
    out = {
        table: {
            "columns": [{**row, "default": None} for row in sorted_by_name(found.get_columns(table))],
            "indexes": sorted_by_name(found.get_indexes(table)),
            "unique": sorted(sorted(row["column_names"]) for row in found.get_unique_constraints(table)),
            "key": found.get_pk_constraint(table)["constrained_columns"],
            "refers": sorted(
                (row["constrained_columns"], row["referred_table"], row["options"])
                for row in found.get_foreign_keys(table)
            ),
        }
        for table in found.get_table_names()
    }
    engine.dispose()
    return out


# --- brought up -------------------------------------------------------------------------------------------------


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the platform wants data to be kept: here copies of what has no file of its own go."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path / "data" / "quizgen"


def test_an_old_memory_is_brought_up_with_all_it_holds(
    where: str, data_folder: Path, opened: Callable[..., Store]
) -> None:
    make(where)
    holds_everything(opened(where))
    holds_everything(opened(where))


def test_an_old_memory_becomes_what_a_new_one_is(
    where: str, data_folder: Path, tmp_path: Path, request: pytest.FixtureRequest, opened: Callable[..., Store]
) -> None:
    make(where)
    opened(where)
    new = request.getfixturevalue("postgresql").database() if "://" in where else str(tmp_path / "new.db")
    opened(new)
    found = structure(where)
    assert found == structure(new)
    assert "stock" in found
    assert {index["name"] for index in found["items"]["indexes"]} >= {"items_family", "items_latest"}


def test_the_copy_is_the_old_file(tmp_path: Path, opened: Callable[..., Store]) -> None:
    path = old(tmp_path / "practice.db")
    with closing(sqlite3.connect(path)) as plain:
        before = list(plain.iterdump())
    opened(path)
    opened(path)
    (copy,) = copies(tmp_path)
    assert re.match(r"practice\.db\.v1-20\d\d", copy.name)
    assert copy.suffix == ".bak"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as plain:
        assert list(plain.iterdump()) == before
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_new_memory_needs_no_copy(tmp_path: Path, opened: Callable[..., Store]) -> None:
    opened(tmp_path / "practice.db")
    assert copies(tmp_path) == []


def test_many_programs_bring_it_up_once(tmp_path: Path) -> None:
    path = old(tmp_path / "practice.db")
    program = "import sys; from quizgen.practice.store import Store; Store.open(sys.argv[1]).close()"
    children = [subprocess.Popen([sys.executable, "-c", program, str(path)]) for _ in range(4)]
    assert [each.wait() for each in children] == [0, 0, 0, 0]
    with Store.open(path) as store:
        holds_everything(store)
    assert len(copies(tmp_path)) == 1


# --- not brought up ---------------------------------------------------------------------------------------------


def test_an_error_in_the_middle_leaves_the_old_version(
    where: str, data_folder: Path, monkeypatch: pytest.MonkeyPatch, opened: Callable[..., Store]
) -> None:
    def half_of_it(connection: Any) -> None:
        step(connection)
        connection.exec_driver_sql("DELETE FROM moves")
        connection.exec_driver_sql("CREATE TABLE meta (name TEXT)")

    make(where)
    before = structure(where)
    step = migrations.STEPS[0]
    with monkeypatch.context() as broken:
        broken.setattr(migrations, "STEPS", (half_of_it,))
        with pytest.raises(StoreError, match=r"failed: .*meta.* already exists"):
            Store.open(where)
    assert structure(where) == before
    holds_everything(opened(where))


def test_a_program_that_dies_in_the_middle_leaves_the_old_version(tmp_path: Path, opened: Callable[..., Store]) -> None:
    path = old(tmp_path / "practice.db")
    program = (
        "import os, signal, sys\n"
        "from quizgen.practice import migrations\n"
        "from quizgen.practice.store import Store\n"
        "step = migrations.STEPS[0]\n"
        "def dies(connection):\n"
        "    step(connection)\n"
        "    connection.exec_driver_sql('DELETE FROM moves')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "migrations.STEPS = (dies,)\n"
        "Store.open(sys.argv[1])\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert "stock" not in tables_of(path)
    holds_everything(opened(path))


def test_without_room_for_a_copy_nothing_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Callable[..., Store]
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    path = old(tmp_path / "practice.db")
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(
            StoreError, match=r"no copy of it can be kept before .*No space left.*; nothing was changed"
        ):
            Store.open(path)
    assert "stock" not in tables_of(path)
    assert copies(tmp_path) == []
    holds_everything(opened(path))


def test_a_memory_of_a_newer_version_is_left_alone(where: str, data_folder: Path) -> None:
    make(where)
    engine = create_engine(driven(where))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE meta SET value = '7' WHERE name = 'schema'")
    engine.dispose()
    before = structure(where)
    with pytest.raises(
        StoreError, match=r"written by a newer quizgen \(version 7 of its tables, this one knows 2\); up"
    ):
        Store.open(where)
    assert structure(where) == before


@pytest.mark.parametrize("dialect", [mysql, mssql, oracle], ids=lambda dialect: dialect.__name__.rpartition(".")[2])
def test_other_databases_have_words_for_all_of_it(dialect: Any) -> None:
    """They are not tried; this much is known."""
    for table in tables.metadata.sorted_tables:
        assert table.name in str(CreateTable(table).compile(dialect=dialect.dialect()))
        for index in table.indexes:
            assert str(index.name) in str(CreateIndex(index).compile(dialect=dialect.dialect()))

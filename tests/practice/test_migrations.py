"""A memory of an older version is brought up to this one, with a copy kept, all of it or nothing."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect

from quizgen.errors import StoreError
from quizgen.practice import migrations
from quizgen.practice.records import ME, Item, Memory, Move, Outcome, Plan, Sitting, Skill, Standing
from quizgen.practice.store import Store
from quizgen_solvers.exact import fmpq
from remembered import ready

VERSION_1 = """
CREATE TABLE meta (name VARCHAR(40) NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE sittings (
    seq {seq} NOT NULL PRIMARY KEY, id VARCHAR(64) NOT NULL, learner VARCHAR(200) NOT NULL, plan TEXT NOT NULL,
    exam BOOLEAN NOT NULL, started BIGINT NOT NULL, ended BIGINT,
    UNIQUE (id)
);
CREATE INDEX sittings_open ON sittings (learner, exam, ended, seq);
CREATE TABLE items (
    seq {seq} NOT NULL PRIMARY KEY, id VARCHAR(64) NOT NULL, sitting VARCHAR(64) NOT NULL,
    learner VARCHAR(200) NOT NULL,
    number INTEGER NOT NULL, code VARCHAR(200) NOT NULL, family VARCHAR(120) NOT NULL, level INTEGER NOT NULL,
    opened BIGINT NOT NULL, provenance TEXT NOT NULL, closed BIGINT, ending VARCHAR(20), credit TEXT, points INTEGER,
    hints INTEGER, wrong INTEGER, seconds INTEGER, rating INTEGER, mistakes TEXT,
    UNIQUE (id), CONSTRAINT items_place UNIQUE (sitting, number),
    FOREIGN KEY(sitting) REFERENCES sittings (id) ON DELETE CASCADE
);
CREATE INDEX items_latest ON items (learner, seq);
CREATE TABLE moves (
    item VARCHAR(64) NOT NULL, number INTEGER NOT NULL,
    action VARCHAR(20) NOT NULL, part INTEGER NOT NULL, at BIGINT NOT NULL, typed TEXT NOT NULL, read_as TEXT NOT NULL,
    credit TEXT NOT NULL, reason TEXT NOT NULL, carried BOOLEAN NOT NULL, mistakes TEXT NOT NULL,
    PRIMARY KEY (item, number), FOREIGN KEY(item) REFERENCES items (id) ON DELETE CASCADE
);
CREATE TABLE memories (
    learner VARCHAR(200) NOT NULL, family VARCHAR(120) NOT NULL, level INTEGER NOT NULL, due BIGINT NOT NULL,
    last BIGINT NOT NULL, stability {double}, difficulty {double}, state INTEGER NOT NULL, step INTEGER,
    reviews INTEGER NOT NULL, lapses INTEGER NOT NULL, PRIMARY KEY (learner, family, level)
);
CREATE TABLE standings (
    learner VARCHAR(200) NOT NULL, family VARCHAR(120) NOT NULL, level INTEGER NOT NULL, run INTEGER NOT NULL,
    PRIMARY KEY (learner, family)
);
INSERT INTO meta VALUES ('schema', '1'), ('secret', '{secret}');
INSERT INTO sittings (id, learner, plan, exam, started, ended) VALUES
    ('aaaa', 'me', '{{"names":["optim"],"level":2,"count":5,"minutes":null,"exam":false,"choices":true,"code":""}}',
     {false}, 1790000000000, NULL);
INSERT INTO items (id, sitting, learner, number, code, family, level, opened, provenance, closed, ending, credit,
    points, hints, wrong, seconds, rating, mistakes) VALUES
    ('bbbb', 'aaaa', 'me', 1, 'optim.adam/2/k7q3m9', 'optim.adam', 2, 1790000000001, '', 1790000090000, 'answered',
     '2/3', 3, 1, 0, 89, 3, '["größer"]'),
    ('cccc', 'aaaa', 'me', 2, 'optim.adam/2/k7q3m8', 'optim.adam', 2, 1790000100000, '', NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO moves VALUES
    ('bbbb', 0, 'answer', 1, 1790000050000, '1/2', '0.5', '1/3', 'why', {true}, '["größer"]');
INSERT INTO memories VALUES ('me', 'optim.adam', 2, 1790500000000, 1790000090000, 2.25, 5.5, 2, NULL, 4, 1);
INSERT INTO standings VALUES ('me', 'optim.adam', 2, -1);
"""
SECRET = "5ec2e7" * 10 + "5ec2"
SQLITE = VERSION_1.format(seq="INTEGER", double="DOUBLE", true="1", false="0", secret=SECRET)
POSTGRESQL = VERSION_1.format(seq="BIGSERIAL", double="DOUBLE PRECISION", true="TRUE", false="FALSE", secret=SECRET)

SITTING = Sitting("aaaa", ME, Plan(("optim",), 2, 5, choices=True), 1_790_000_000_000)
ADAM = Skill("optim.adam", 2)
OUTCOME = Outcome("answered", fmpq(2, 3), 3, 1, 0, 89, 3, ("größer",))
FIRST = Item("bbbb", "aaaa", 1, "optim.adam/2/k7q3m9", ADAM, 1_790_000_000_001, "", 1_790_000_090_000, OUTCOME)
SECOND = Item("cccc", "aaaa", 2, "optim.adam/2/k7q3m8", ADAM, 1_790_000_100_000)
MADE = Move(0, "answer", 1, 1_790_000_050_000, "1/2", "0.5", fmpq(1, 3), "why", True, ("größer",))
KNOWN = Memory(ADAM, 1_790_500_000_000, 1_790_000_090_000, 2.25, 5.5, 2, None, 4, 1)


def old(path: Path) -> Path:
    """A database of version 1 with something in it, which was in use like any other."""
    with closing(sqlite3.connect(path)) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.executescript(SQLITE)
    return path


def copies(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if ".v" in each.name)


def tables_of(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as plain:
        return {row[0] for row in plain.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def holds_everything(store: Store) -> None:
    assert store.latest(ME) == SITTING
    assert store.items("aaaa") == (FIRST, SECOND)
    assert store.moves("bbbb") == (MADE,)
    history = store.history(ME)
    assert history.memories == {ADAM: KNOWN}
    assert history.standings == {"optim.adam": Standing("optim.adam", 2, -1)}
    assert store.mistakes(ME, "optim.adam") == (("größer",),)
    assert store.secret().hex() == SECRET
    store.put([ready("a")])  # what is new in version 2
    assert store.take(ADAM) == ready("a")


def make(where: str) -> None:
    """Makes a database of version 1 at a path or URL."""
    if "://" not in where:
        old(Path(where))
        return
    engine = create_engine(where.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.exec_driver_sql(POSTGRESQL)
    engine.dispose()


def structure(where: str) -> dict[str, Any]:
    """Everything that the database says of its tables, in an order of its own."""

    def sorted_by_name(rows: list[Any]) -> list[Any]:
        return sorted(({**row, "type": str(row.get("type"))} for row in rows), key=lambda row: str(row["name"]))

    url = f"sqlite:///{where}" if "://" not in where else where.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url)
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
    assert copy.name.startswith(f"practice.db.v1-{time.strftime('%Y')}")
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
    url = f"sqlite:///{where}" if "://" not in where else where.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE meta SET value = '7' WHERE name = 'schema'")
    engine.dispose()
    before = structure(where)
    with pytest.raises(
        StoreError, match=r"written by a newer quizgen \(version 7 of its tables, this one knows 2\); up"
    ):
        Store.open(where)
    assert structure(where) == before

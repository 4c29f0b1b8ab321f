"""What only a server can do wrong, and how the memory of practice comes through it."""

import json
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from postgresql_server import Server
from quizgen.errors import StoreBusy, StoreError
from quizgen.practice.records import ME
from quizgen.practice.store import Store
from quizgen.practice.transfer import forget
from remembered import begun, move, put
from version_1 import holds_everything, make

Open = Callable[..., Store]
PASSWORD = "c0rrect h/rse"


def says(where: str) -> str:
    with pytest.raises(StoreError) as caught:
        Store.open(where, patience=0.2)
    assert "\n" not in caught.value.message
    return caught.value.message


@pytest.fixture
def locked(postgresql: Server) -> Iterator[str]:
    """A user who needs a password."""
    postgresql.ask(f"CREATE ROLE locked LOGIN PASSWORD '{PASSWORD}'")
    yield "locked"
    postgresql.ask("DROP OWNED BY locked")
    postgresql.ask("DROP ROLE locked")


# --- who is let in ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_all_names_of_the_scheme_are_known(postgresql: Server, opened: Open, scheme: str) -> None:
    store = opened(postgresql.database().replace("postgresql", scheme, 1))
    begun(store)
    assert store.name.startswith(f"{scheme}://quizgen@/postgres?")


def test_the_password_opens_and_is_never_shown(postgresql: Server, locked: str, opened: Open) -> None:
    postgresql.ask("CREATE SCHEMA locked AUTHORIZATION locked")
    secret = quote(PASSWORD, safe="")
    for url in (
        postgresql.url("postgres", locked, PASSWORD),
        f"{postgresql.url('postgres', locked)}&password={secret}",
    ):
        store = opened(url)
        begun(store)
        said = repr(store.name) + str(store.database) + repr(store.database.engine)
        assert PASSWORD not in said
        assert secret not in said
        with pytest.raises(StoreError) as caught:
            store.database.changing(
                lambda connection: connection.exec_driver_sql(f'SELECT 1 AS "{PASSWORD}" FROM nowhere')
            )
        assert PASSWORD not in caught.value.message


@pytest.mark.parametrize("password", ["wr0ng h/rse", ""])
def test_a_wrong_password_is_never_shown(postgresql: Server, locked: str, password: str) -> None:
    said = says(postgresql.url("postgres", locked, password))
    assert said.endswith("does not let this user in; check the name and the password in the URL")
    assert "wr0ng" not in said
    assert "locked" in said


def test_nobody_is_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        for url in (f"postgresql://me:hush@127.0.0.1:{port}/x", "postgresql://me:hush@/x?host=/nowhere"):
            said = says(url)
            assert "cannot be reached: connection " in said
            assert said.endswith("see that the server runs and that the URL is right")
            assert "hush" not in said


def test_there_is_no_such_database(postgresql: Server) -> None:
    assert 'database "nowhere" does not exist' in says(postgresql.url("nowhere"))
    assert 'role "nobody" does not exist' in says(postgresql.url("postgres", "nobody"))


def test_other_programs_databases_are_left_alone(postgresql: Server) -> None:
    url = postgresql.database()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE items (price INTEGER)")
    assert "belongs to another program; give quizgen a database of its own" in says(url)
    with psycopg.connect(url) as connection:
        query = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"
        assert connection.execute(query).fetchone() == (1,)


# --- what goes wrong later --------------------------------------------------------------------------------------


def test_a_server_that_only_reads(postgresql: Server, opened: Open) -> None:
    url = postgresql.database()
    of = put(opened(url), begun(opened(url)))
    store = opened(url.replace("-csearch", "-cdefault_transaction_read_only%3Don%20-csearch"))
    with pytest.raises(StoreError, match="may not be written to; choose another place"):
        store.add_move(of.id, move(0))
    assert store.moves(of.id) == ()


def test_a_user_who_may_only_read(postgresql: Server, locked: str, opened: Open) -> None:
    url = postgresql.database()
    of = put(opened(url), begun(opened(url)))
    schema = url.rpartition("%3D")[2]
    postgresql.ask(f"GRANT USAGE ON SCHEMA {schema} TO locked")
    postgresql.ask(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO locked")
    store = opened(url.replace("quizgen@", f"locked:{quote(PASSWORD, safe='')}@"))
    assert store.latest(ME) is not None
    with pytest.raises(StoreError, match="may not be written to; choose another place"):
        store.add_move(of.id, move(0))


def test_another_program_writes_for_too_long(postgresql: Server, opened: Open) -> None:
    url = postgresql.database()
    store = opened(url, patience=0.1)
    of = put(store, begun(store))
    with psycopg.connect(url) as other:
        other.execute("LOCK TABLE moves IN EXCLUSIVE MODE")
        with pytest.raises(StoreBusy, match="is in use by another program; nothing was changed, try again"):
            store.add_move(of.id, move(0))
        assert store.moves(of.id) == ()
        other.rollback()
    store.add_move(of.id, move(0))


def test_programs_that_wait_for_each_other(postgresql: Server, opened: Open) -> None:
    url = postgresql.database()
    store = opened(url)
    first, second = (put(store, begun(store)) for _ in range(2))
    gate = threading.Barrier(2)
    said = []

    def cross(one: str, other: str) -> None:
        def work(connection: object) -> None:
            connection.exec_driver_sql("UPDATE items SET level = 3 WHERE id = %s", (one,))  # type: ignore[attr-defined]
            if not gate.broken:
                gate.wait(60)
            connection.exec_driver_sql("UPDATE items SET level = 3 WHERE id = %s", (other,))  # type: ignore[attr-defined]

        try:
            store.database.changing(work)
        except StoreBusy as busy:
            said.append(busy.message)

    threads = [threading.Thread(target=cross, args=pair) for pair in ((first.id, second.id), (second.id, first.id))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 1
    assert said[0].endswith("is in use by another program; nothing was changed, try again")


def test_text_that_a_server_does_not_take(postgresql: Server, opened: Open) -> None:
    store = opened(postgresql.database())
    of = put(store, begun(store))
    with pytest.raises(StoreError, match=r"cannot keep this: .*NUL"):
        store.add_move(of.id, move(0, "a\0b"))
    with pytest.raises(StoreError, match="cannot keep this: value too long"):
        begun(store, "x" * 201)


def test_a_server_that_crashes_and_comes_back(postgresql: Server, opened: Open) -> None:
    """A store that was open stays of use, and what was acknowledged is there."""
    store = opened(postgresql.database())
    of = put(store, begun(store))
    store.add_move(of.id, move(0))
    postgresql.stop(crash=True)
    try:
        with pytest.raises(StoreError, match="cannot be reached: "):
            store.add_move(of.id, move(1))
    finally:
        postgresql.start()
    assert store.moves(of.id) == (move(0),)
    store.add_move(of.id, move(1))
    assert store.moves(of.id) == (move(0), move(1))
    postgresql.stop()
    postgresql.start()  # this time nobody asked while it was away
    store.add_move(of.id, move(2))


# --- versions ---------------------------------------------------------------------------------------------------


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path / "quizgen"


def test_the_copy_holds_every_row_and_goes_when_a_learner_is_forgotten(
    postgresql: Server, data_folder: Path, opened: Open
) -> None:
    url = postgresql.database()
    make(url)
    store = opened(url)
    holds_everything(store)
    (copy,) = data_folder.iterdir()
    assert copy.name.startswith("postgresql-postgres-")
    assert copy.suffix == ".jsonl"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in copy.read_text(encoding="utf-8").splitlines()]
    assert lines[0] == {"format": "quizgen-tables", "version": 1}
    assert {
        name: sum(line["table"] == name for line in lines[1:]) for name in ("meta", "sittings", "items", "moves")
    } == {
        "meta": 2,
        "sittings": 1,
        "items": 2,
        "moves": 1,
    }
    with psycopg.connect(url) as connection:
        for line in lines[1:]:
            table = line.pop("table")
            if table != "meta":
                found = connection.execute(
                    f"SELECT to_jsonb({table}) FROM {table} ORDER BY to_jsonb({table})"
                ).fetchall()
                assert line in [row[0] for row in found]
    other = opened(postgresql.database())
    forget(other, ME)
    assert copy.exists()
    forget(store, ME)
    assert not copy.exists()


def test_many_programs_bring_it_up_once(postgresql: Server, data_folder: Path, opened: Open) -> None:
    url = postgresql.database()
    make(url)
    program = "import sys; from quizgen.practice.store import Store; Store.open(sys.argv[1]).close()"
    children = [subprocess.Popen([sys.executable, "-c", program, url]) for _ in range(3)]
    assert [each.wait() for each in children] == [0, 0, 0]
    holds_everything(opened(url))
    assert len(list(data_folder.iterdir())) == 1


def test_many_programs_make_a_new_one_at_once(postgresql: Server, opened: Open) -> None:
    url = postgresql.database()
    gate = threading.Barrier(4)

    def open_one() -> None:
        gate.wait()
        opened(url)

    threads = [threading.Thread(target=open_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened(url).latest(ME) is None

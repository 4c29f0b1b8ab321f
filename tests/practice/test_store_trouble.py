"""The memory of practice when things go wrong: each time one clear line, and nothing lost."""

import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from quizgen.errors import StoreBusy, StoreError
from quizgen.practice.records import ME
from quizgen.practice.store import Store
from remembered import begun, memory, move, put

NOBODY = 65534
Open = Callable[..., Store]


def says(where: str | Path | None) -> str:
    """What is said of a place where there can be no memory."""
    with pytest.raises(StoreError) as caught:
        Store.open(where, patience=0.2)
    assert "\n" not in caught.value.message
    return caught.value.message


@contextmanager
def as_nobody() -> Iterator[None]:
    """As a user who may not write everywhere, which root may."""
    if os.geteuid() != 0:
        yield
        return
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody can get at, the folders above it included."""
    with tempfile.TemporaryDirectory(prefix="quizgen-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


# --- where it is ------------------------------------------------------------------------------------------------


def test_the_usual_place_is_made_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QUIZGEN_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(sys, "platform", "linux")
    with Store.open() as store:
        path = tmp_path / "data" / "quizgen" / "practice.db"
        assert store.name == str(path)
        begun(store)
        modes = {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()}
        assert modes == {"practice.db": 0o600, "practice.db-wal": 0o600, "practice.db-shm": 0o600}
        assert path.parent.stat().st_mode & 0o777 == 0o700


def test_the_environment_names_a_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Open) -> None:
    monkeypatch.setenv("QUIZGEN_DATA", str(tmp_path / "mine.db"))
    assert opened(None).name == str(tmp_path / "mine.db")
    assert opened(tmp_path / "other.db").name == str(tmp_path / "other.db")


def test_a_url_may_name_a_file(tmp_path: Path, opened: Open) -> None:
    begun(opened(f"sqlite:///{tmp_path}/practice.db"))
    assert opened(tmp_path / "practice.db").latest(ME) is not None


def test_what_is_no_place_for_it(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("once upon a time " * 100)
    os.mkfifo(tmp_path / "pipe")
    assert says(tmp_path) == f"'{tmp_path}' is a folder; name a file in it for the practice database"
    assert says(tmp_path / "no" / "p.db").startswith(f"there is no folder '{tmp_path / 'no'}' to keep the practice")
    assert says(tmp_path / "text.db" / "p.db").startswith(f"there is no folder '{tmp_path / 'text.db'}' to keep")
    assert "is a file of another kind, no database; choose another place" in says(tmp_path / "text.db")
    assert "is not a plain file" in says(tmp_path / "pipe")
    assert "null" in says("a\0b")
    assert "File name too long" in says(tmp_path / ("x" * 300))
    assert not (tmp_path / "no").exists()
    assert (tmp_path / "text.db").read_text() == "once upon a time " * 100


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "http://example.org/x",
            "no database is known by the scheme 'http'; a URL is like postgresql://user:password@",
        ),
        ("nosql://me:hush@host/x", "no database is known by the scheme 'nosql'"),
        ("oracle+cx_oracle://me:hush@host/x", "the driver for 'oracle+cx_oracle' databases is not installed: install"),
        ("postgresql+asyncpg://me:hush@host/x", "'postgresql+asyncpg'"),
        (
            "postgresql://me:hush@host:port/x",
            "the URL 'postgresql://…' cannot be read; it is like postgresql://user:pa",
        ),
        ("://me:hush@host", "cannot be read"),
        ("sqlite://", "a database in memory would forget everything; name a file"),
        ("sqlite:///:memory:", "a database in memory would forget everything"),
        ("sqlite:///x.db?mode=ro", "a database of SQLite is named by its path alone"),
        ("sqlite+aiosqlite:///x.db", "a database of SQLite is named by its path alone"),
    ],
)
def test_urls_that_name_no_database(url: str, message: str) -> None:
    said = says(url)
    assert message in said
    assert "hush" not in said


def test_a_driver_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for scheme in ("postgresql", "postgres", "postgresql+psycopg"):
        said = says(f"{scheme}://me:hush@host/x")
        assert said == f"the driver for '{scheme}' databases is not installed: pip install 'quizgen[postgresql]'"


# --- what may not be written, and what is in use ----------------------------------------------------------------


def test_a_file_that_may_not_be_written(open_folder: Path) -> None:
    path = open_folder / "practice.db"
    Store.open(path).close()
    open_folder.chmod(0o777)
    path.chmod(0o444)
    before = path.read_bytes()
    with as_nobody():
        assert says(path) == f"the file '{path}' may not be written to; allow it, or choose another place with --data"
    assert path.read_bytes() == before


def test_a_folder_that_may_not_be_written(open_folder: Path) -> None:
    path = open_folder / "practice.db"
    open_folder.chmod(0o555)
    with as_nobody():
        assert says(path).startswith(f"cannot make the practice database '{path}': Permission denied; choose another")
    assert not path.exists()
    open_folder.chmod(0o755)
    Store.open(path).close()
    path.chmod(0o666)
    open_folder.chmod(0o555)
    with as_nobody():
        assert says(path).startswith(f"the folder '{open_folder}' of the practice database may not be written to")
    open_folder.chmod(0o755)


def test_the_usual_folder_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").write_text("")
    monkeypatch.delenv("QUIZGEN_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(sys, "platform", "linux")
    assert says(None).startswith(f"cannot make the folder '{tmp_path / 'data' / 'quizgen'}': Not a directory; choose")


def test_a_file_that_turned_read_only(tmp_path: Path, opened: Open) -> None:
    """As a disk does that is mounted anew after an error."""
    store = opened(tmp_path / "practice.db")
    of = put(store, begun(store))
    with closing(store.database.engine.raw_connection()) as connection:
        connection.cursor().execute("PRAGMA query_only=ON")
    with pytest.raises(StoreError, match="may not be written to; allow it for the file and its folder, or choose"):
        store.add_move(of.id, move(0))
    assert store.moves(of.id) == ()


def test_another_program_writes_for_too_long(tmp_path: Path, opened: Open) -> None:
    path = tmp_path / "practice.db"
    store = opened(path, patience=0.1)
    of = put(store, begun(store))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(
            StoreBusy, match=r"practice\.db' is in use by another program; nothing was changed, try again"
        ):
            store.add_move(of.id, move(0))
        assert store.moves(of.id) == ()
        other.execute("ROLLBACK")
    store.add_move(of.id, move(0))
    assert store.moves(of.id) == (move(0),)


def test_another_program_has_the_file_to_itself(tmp_path: Path) -> None:
    path = tmp_path / "practice.db"
    Store.open(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreBusy, match="is in use by another program"):
            Store.open(path, patience=0.1)


def test_another_thread_writes_for_too_long(tmp_path: Path, opened: Open) -> None:
    store = opened(tmp_path / "practice.db", patience=0.1)
    of = put(store, begun(store))
    writing, done = threading.Event(), threading.Event()

    def write(connection: object) -> None:
        writing.set()
        done.wait(60)

    thread = threading.Thread(target=store.database.changing, args=(write,))
    thread.start()
    assert writing.wait(60)
    with pytest.raises(StoreBusy, match="is busy; nothing was changed, try again"):
        store.add_move(of.id, move(0))
    done.set()
    thread.join()
    store.add_move(of.id, move(0))


def test_more_threads_than_connections(tmp_path: Path, opened: Open) -> None:
    store = opened(tmp_path / "practice.db", patience=0.1)
    engine = store.database.engine
    held = [engine.raw_connection() for _ in range(40)]
    with pytest.raises(StoreBusy, match="is busy"):
        store.history(ME)
    for each in held:
        each.close()
    assert store.history(ME).recent == ()


# --- disks ------------------------------------------------------------------------------------------------------


def test_a_full_disk(tmp_path: Path, opened: Open) -> None:
    store = opened(tmp_path / "practice.db")
    of = put(store, begun(store))
    with closing(store.database.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count={pages + 2}")
    kept = 0

    def fill() -> None:
        nonlocal kept
        for kept in range(100):
            store.add_move(of.id, move(kept, "x" * 1000))

    with pytest.raises(StoreError, match=r"^the disk is full: .* can take nothing more; what it holds is safe, make r"):
        fill()
    assert 0 < kept < 99
    assert len(store.moves(of.id)) == kept
    with closing(store.database.engine.raw_connection()) as connection:
        connection.cursor().execute("PRAGMA max_page_count=1000000")
    store.add_move(of.id, move(kept))
    assert len(store.moves(of.id)) == kept + 1


def test_a_disk_that_fails(tmp_path: Path, opened: Open) -> None:
    store = opened(tmp_path / "practice.db")
    of = put(store, begun(store))
    store.add_move(of.id, move(0))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = (tmp_path / "practice.db-wal").stat().st_size
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, before[1]))
    try:
        with pytest.raises(
            StoreError, match=r"^the disk of .* fails, or is full: disk I/O error; what was acknowledged is safe"
        ):
            store.add_move(of.id, move(1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert store.moves(of.id) == (move(0),)
    store.add_move(of.id, move(1))
    assert store.moves(of.id) == (move(0), move(1))


def test_a_damaged_file(tmp_path: Path, opened: Open) -> None:
    path = tmp_path / "practice.db"
    with Store.open(path) as store:
        store.replace(ME, [memory()], [])
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert "is damaged; keep the file, put a copy in its place, or choose another place" in says(path)
    assert path.read_bytes()[4096:] == b"\xff" * (len(whole) - 4096)


def test_other_programs_databases_are_left_alone(tmp_path: Path) -> None:
    for number, statement in enumerate(
        [
            "CREATE TABLE bookmarks (url TEXT)",
            "CREATE TABLE meta (name TEXT, value TEXT)",
            "CREATE TABLE meta (key TEXT, data BLOB)",
            "CREATE TABLE meta (name TEXT, value TEXT); INSERT INTO meta VALUES ('schema', 'x²')",
        ]
    ):
        path = tmp_path / f"{number}.db"
        with closing(sqlite3.connect(path)) as other:
            other.executescript(statement)
        before = path.read_bytes()
        assert "belongs to another program; give quizgen a database of its own" in says(path)
        assert path.read_bytes() == before
        assert sorted(each.name for each in tmp_path.iterdir()) == [f"{n}.db" for n in range(number + 1)]


# --- killed -----------------------------------------------------------------------------------------------------

CHILD = """
import sys
from quizgen.practice.store import Store
from remembered import GOOD, begun, memory, move, put
store = Store.open(sys.argv[1])
of = begun(store, sys.argv[2])
for number in range(1, 10_000):
    item = put(store, of, number)
    for made in range(4):
        store.add_move(item.id, move(made))
        print(item.id, made, flush=True)
    store.close_item(item.id, 5, GOOD, move=move(4), memory=memory(due=number))
    print(item.id, "closed", number, flush=True)
"""


def child(program: str, *arguments: str) -> subprocess.Popen[str]:
    here = Path(__file__).parent.parent
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(here), *filter(None, sys.path)])},
    )


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    """Several programs write to one database, and each is killed at some moment; twice, so that it opens after it."""
    path = tmp_path / "practice.db"
    chance = random.Random()
    for again in range(2):
        learners = [f"{again}{n}" for n in range(5)]
        children = [child(CHILD, str(path), learner) for learner in learners]
        heard: dict[str, list[list[str]]] = {learner: [] for learner in learners}

        def listen(learner: str, process: subprocess.Popen[str], heard: dict[str, list[list[str]]] = heard) -> None:
            assert process.stdout is not None
            enough = chance.randint(1, 80)
            for line in process.stdout:
                if line.endswith("\n"):
                    heard[learner].append(line.split())
                if len(heard[learner]) == enough:
                    process.kill()

        threads = [threading.Thread(target=listen, args=pair) for pair in zip(learners, children, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for process in children:
            assert process.wait() == -signal.SIGKILL, process.stderr and process.stderr.read()
            for stream in (process.stdout, process.stderr):
                assert stream is not None
                stream.close()
        with Store.open(path) as store:
            for learner, lines in heard.items():
                assert lines
                for item_id, what, *_ in lines:
                    found = store.item(item_id)
                    assert found is not None
                    if what == "closed":
                        assert found.closed == 5
                        assert len(store.moves(item_id)) == 5
                    else:
                        assert store.moves(item_id)[int(what)] == move(int(what))
                closed = sum(item.closed is not None for item in store.items(store.latest(learner).id))  # type: ignore[union-attr]
                remembered = [each.due for each in store.history(learner).memories.values()]
                assert remembered == ([closed] if closed else [])  # both or neither
        with closing(sqlite3.connect(path)) as plain:
            assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert plain.execute("PRAGMA foreign_key_check").fetchall() == []

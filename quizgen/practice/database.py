"""The database that practice keeps its memory in: where it is, its transactions, and what to say when it fails.

SQLite in a file of its own is the usual one. Any other database that SQLAlchemy knows is named by its URL; PostgreSQL
is the one that is tried.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock, local
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    StatementError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ..errors import QuizgenError, Stale, StoreBusy, StoreError, shown

T = TypeVar("T")

PATIENCE = 5.0  # seconds that a program waits for another one to be done writing
POOL, OVERFLOW = 10, 30  # connections that stay, and those that a rush adds: the threads of a server
ELSEWHERE = "choose another place with --data"

_ERRORS = (StatementError, PoolTimeout, sqlite3.Error, OverflowError, UnicodeError)
_opening = Lock()


class Database:
    """One database, for all threads of a program."""

    def __init__(self, engine: Engine, name: str, path: Path | None, patience: float) -> None:
        self.engine = engine
        self.name = name
        """Where it is, without a password."""
        self.path = path
        """Its file; None for a server."""
        self._patience = patience
        postgres = engine.dialect.name == "postgresql"
        self._reader = engine.execution_options(isolation_level="REPEATABLE READ") if postgres else engine
        self._writer = engine.execution_options(writes=True)
        # Threads of one program queue here; the waiting that SQLite does itself sleeps, and wakes late.
        self._turn = Lock() if path else None
        self._mine = local()
        self._secrets = [str(x) for x in (engine.url.password, *_secrets(engine.url).values()) if x]

    @classmethod
    def open(cls, where: str | Path | None = None, *, patience: float = PATIENCE) -> Database:
        """The database at a path or URL; None: in ``$QUIZGEN_DATA``, else in the data folder of the platform.

        Raises `StoreError` where there can be none. Nothing is made or changed but the default folder and an empty
        file.
        """
        place = where if where is not None else os.environ.get("QUIZGEN_DATA") or None
        if isinstance(place, str) and "://" in place:
            url = _url(place)
            if url.get_backend_name() != "sqlite":
                return cls(_server(url, place, patience), _printable(url, place), None, patience)
            place = _sqlite_path(url)
        with _opening:  # closing a file lets go of what SQLite has locked in it, so no two threads at once
            path = _file(_default() if place is None else Path(place))
        return cls(_sqlite(path, patience), str(path), path, patience)

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads, and sees everything as it was when it began."""
        try:
            if (shared := self._shared) is not None:
                yield shared
            else:
                with self._reader.connect() as connection:
                    yield connection
        except _ERRORS as error:
            raise self.trouble(error) from error

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """All that this thread reads inside is read in one transaction, which does not see what is changed inside."""
        if self._shared is not None:
            yield
            return
        try:
            connection = self._reader.connect()
        except _ERRORS as error:
            raise self.trouble(error) from error
        with connection:
            self._mine.connection = connection
            try:
                yield
            finally:
                self._mine.connection = None

    @property
    def _shared(self) -> Connection | None:
        """The transaction that this thread is reading in."""
        return getattr(self._mine, "connection", None)

    def changing(self, work: Callable[[Connection], T]) -> T:
        """What ``work`` gives; all that it changed is on disk, or nothing where it raised an error.

        Raises `StoreBusy`, `StoreError`, and `Stale` where something of the same key is there. ``work`` is done a
        second time when another program has just written the same key, so that it can look again.
        """
        with self._queue():
            for again in (True, False):
                try:
                    with self._writer.begin() as connection:
                        return work(connection)
                except IntegrityError as error:
                    if not again:
                        raise Stale("this has been done already, here or in another window") from error
                except _ERRORS as error:
                    raise self.trouble(error) from error
        raise AssertionError

    @contextmanager
    def _queue(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=self._patience):
            raise StoreBusy(f"{self} is busy; nothing was changed, try again")
        try:
            yield
        finally:
            self._turn.release()

    def use_log(self) -> None:
        """Has SQLite write ahead into a log, which it then does for good: readers wait for nobody."""
        end = time.monotonic() + self._patience
        while True:
            try:
                with closing(self.engine.raw_connection()) as connection:  # it cannot be changed in a transaction
                    connection.cursor().execute("PRAGMA journal_mode=WAL")
                return
            except _ERRORS as error:
                found = self.trouble(error)
                if not isinstance(found, StoreBusy) or time.monotonic() > end:
                    raise found from error
                time.sleep(0.01)

    def __str__(self) -> str:
        return f"the practice database {shown(self.name, 160)}"

    def trouble(self, error: BaseException) -> QuizgenError:
        """What to say of an error of the driver."""
        found = getattr(error, "orig", None) or error
        if isinstance(error, PoolTimeout):
            return StoreBusy(f"{self} is busy; nothing was changed, try again")
        if isinstance(found, sqlite3.Error):
            return self._sqlite_trouble(found)
        if isinstance(error, DBAPIError):
            return self._server_trouble(error, found)
        return StoreError(f"{self} cannot keep this: {self._line(found)}")

    def _sqlite_trouble(self, error: sqlite3.Error) -> StoreError:
        match getattr(error, "sqlite_errorcode", 0) & 0xFF:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return StoreBusy(f"{self} is in use by another program; nothing was changed, try again")
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
                return StoreError(f"{self} may not be written to; allow it for the file and its folder, or {ELSEWHERE}")
            case sqlite3.SQLITE_FULL:
                return StoreError(f"the disk is full: {self} can take nothing more; what it holds is safe, make room")
            case sqlite3.SQLITE_NOTADB:
                return StoreError(f"{self} is a file of another kind, no database; {ELSEWHERE}")
            case sqlite3.SQLITE_CORRUPT:
                return StoreError(f"{self} is damaged; keep the file, put a copy in its place, or {ELSEWHERE}")
            case sqlite3.SQLITE_CANTOPEN:
                return StoreError(f"{self} cannot be opened; look at the rights of file and folder, or {ELSEWHERE}")
            case sqlite3.SQLITE_IOERR:
                return StoreError(
                    f"the disk of {self} fails, or is full: {self._line(error)}; what was acknowledged is safe"
                )
        return StoreError(f"{self} failed: {self._line(error)}")

    def _server_trouble(self, error: DBAPIError, found: BaseException) -> StoreError:
        state = getattr(found, "sqlstate", None) or ""  # https://www.postgresql.org/docs/current/errcodes-appendix.html
        line = self._line(found)
        if state in ("40001", "40P01", "55P03", "57014"):
            return StoreBusy(f"{self} is in use by another program; nothing was changed, try again")
        if state.startswith("28") or "password authentication failed" in line or "no password supplied" in line:
            return StoreError(f"{self} does not let this user in; check the name and the password in the URL")
        if isinstance(error, DataError):
            return StoreError(f"{self} cannot keep this: {line}")
        if state == "53100":
            return StoreError(f"the disk of {self} is full: it can take nothing more; what it holds is safe, make room")
        if state in ("25006", "42501"):
            return StoreError(f"{self} may not be written to; {ELSEWHERE}")
        if state.startswith(("08", "57P")) or (not state and isinstance(error, OperationalError | InterfaceError)):
            return StoreError(f"{self} cannot be reached: {line}; see that the server runs and that the URL is right")
        return StoreError(f"{self} failed: {line}")

    def _line(self, error: BaseException) -> str:
        """The first line of an error, without the password."""
        text = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


# --- SQLite -----------------------------------------------------------------------------------------------------


def default_folder() -> Path:
    """The data folder of this platform."""
    from platformdirs import user_data_path

    return user_data_path("quizgen", appauthor=False)


def _default() -> Path:
    folder = default_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make the folder {shown(str(folder), 160)}: {error.strerror}; {ELSEWHERE}") from error
    return folder / "practice.db"


def _file(path: Path) -> Path:
    """The file of a database, for its owner alone if it is new. Raises `StoreError` where there can be none."""
    name, folder = shown(str(path), 160), shown(str(path.parent), 160)
    try:
        if path.is_dir():
            raise StoreError(f"{name} is a folder; name a file in it for the practice database")
        if not path.parent.is_dir():
            raise StoreError(f"there is no folder {folder} to keep the practice database in; create it first")
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        if not path.is_file():
            raise StoreError(f"{name} is not a plain file; {ELSEWHERE}")
    except FileExistsError:  # another program was quicker
        return path
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise StoreError(f"cannot make the practice database {name}: {reason}; {ELSEWHERE}") from error
    for place, wanted in ((path, os.R_OK | os.W_OK), (path.parent, os.W_OK | os.X_OK)):
        if not os.access(place, wanted, effective_ids=os.access in os.supports_effective_ids):
            what = f"the file {name}" if place == path else f"the folder {folder} of the practice database"
            raise StoreError(f"{what} may not be written to; allow it, or {ELSEWHERE}")
    return path


def _sqlite(path: Path, patience: float) -> Engine:
    def connect() -> sqlite3.Connection:
        opened = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
        opened.execute("PRAGMA synchronous=FULL")  # an answer that was acknowledged survives a power cut
        opened.execute("PRAGMA foreign_keys=ON")
        return opened

    engine = create_engine(
        "sqlite://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=POOL,
        max_overflow=OVERFLOW,
        pool_timeout=patience,
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes the lock before it reads: one that takes it later may find that it read what is old by now.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _sqlite_path(url: URL) -> Path:
    if url.drivername not in ("sqlite", "sqlite+pysqlite") or url.query or url.host:
        raise StoreError(
            f"{shown(str(url), 160)}: a database of SQLite is named by its path alone, such as my/practice.db"
        )
    if not url.database or url.database == ":memory:":
        raise StoreError("a database in memory would forget everything; name a file, such as my/practice.db")
    return Path(url.database)


# --- servers ----------------------------------------------------------------------------------------------------


def _url(text: str) -> URL:
    scheme = text.partition("://")[0]
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise StoreError(f"the URL {shown(scheme + '://…')} cannot be read; it is like {_EXAMPLE}") from error
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    return url


_EXAMPLE = "postgresql://user:password@host:5432/database"


def _secrets(url: URL) -> dict[str, Any]:
    """What only its owner may know, of the options of a URL."""
    return {name: value for name, value in url.query.items() if "pass" in name.lower()}


def _printable(url: URL, text: str) -> str:
    """The URL as it was given, without what is secret."""
    open_ = url.difference_update_query(_secrets(url)).set(drivername=text.partition("://")[0])
    return open_.render_as_string(hide_password=True)


def _server(url: URL, text: str, patience: float) -> Engine:
    scheme = shown(text.partition("://")[0])
    postgres = url.drivername == "postgresql+psycopg"
    try:
        engine = create_engine(
            url,
            connect_args={"connect_timeout": 10} if postgres and "connect_timeout" not in url.query else {},
            pool_size=POOL,
            max_overflow=OVERFLOW,
            pool_timeout=patience,
            pool_pre_ping=True,  # a server that was started anew is no error
        )
    except NoSuchModuleError as error:
        raise StoreError(f"no database is known by the scheme {scheme}; a URL is like {_EXAMPLE}") from error
    except ImportError as error:
        extra = "pip install 'quizgen[postgresql]'" if postgres else f"install {shown(error.name or str(error))}"
        raise StoreError(f"the driver for {scheme} databases is not installed: {extra}") from error
    except (ArgumentError, TypeError) as error:
        raise StoreError(f"no database can be opened by a URL of the scheme {scheme}; it is like {_EXAMPLE}") from error
    if postgres:

        @event.listens_for(engine, "connect")
        def prepare(opened: Any, record: object) -> None:
            opened.execute(f"SET lock_timeout = {round(patience * 1000)}")
            opened.execute("SET synchronous_commit = on")  # an answer that was acknowledged survives a power cut
            opened.commit()

    return engine

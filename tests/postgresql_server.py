"""A PostgreSQL server for the tests alone: in a temporary folder, and reached through a socket in it."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

SUPERUSER = "quizgen"
_numbers = itertools.count(1)


def programs() -> Path | None:
    """The folder of the server's programs, of the newest version that there is."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).resolve().parent if elsewhere else None


class Server:
    """A server that runs."""

    def __init__(self, folder: Path, bin_folder: Path) -> None:
        self.folder = folder
        self.bin = bin_folder
        # The server refuses to run as root.
        self.user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, database: str, user: str = SUPERUSER, password: str = "") -> str:
        login = f"{user}:{quote(password, safe='')}" if password else user
        return f"postgresql://{login}@/{database}?host={quote(str(self.folder), safe='')}"

    def ask(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            found = connection.execute(statement)  # type: ignore[call-overload]
            return found.fetchall() if found.description else []

    def database(self) -> str:
        """The URL of an empty place: a schema of its own, which is made faster than a database."""
        name = f"t{next(_numbers)}"
        self.ask(f"CREATE SCHEMA {name}")
        return f"{self.url('postgres')}&options={quote(f'-csearch_path={name}')}"

    def make(self) -> None:
        command = ["initdb", "-D", "data", "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        self._run([str(self.bin / command[0]), *command[1:]])
        rules = "local all locked scram-sha-256\nlocal all all trust\n"
        (self.folder / "data" / "pg_hba.conf").write_text(rules)

    def start(self) -> None:
        options = {"listen_addresses": "", "unix_socket_directories": str(self.folder), "fsync": "off"}
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.bin / "postgres"), "-D", "data", *settings],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self.user,
            )
        for _ in range(300):
            try:
                self.ask("SELECT 1")
                return
            except psycopg.OperationalError:
                assert self.process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self, crash: bool = False) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT if crash else signal.SIGINT)  # who is connected is cut off
            self.process.wait(timeout=60)
            self.process = None

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, **self.user)
        assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def running(bin_folder: Path) -> Iterator[Server]:
    """A server for as long as the block runs."""
    folder = Path(tempfile.mkdtemp(prefix="qg-"))  # short: the path of a socket has a limit
    server = Server(folder, bin_folder)
    try:
        if server.user:
            shutil.chown(folder, "nobody", "nogroup")
        server.make()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)

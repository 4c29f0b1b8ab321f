"""The app in a real pseudo-terminal: bytes in, a screen out, and what becomes of both when the process is killed."""

import codecs
import os
import re
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from quizgen.practice.records import ME, Plan
from quizgen.practice.store import Store
from quizgen.render.unicode_math import width
from sittings import practising

if os.name != "posix":
    pytest.skip("no pseudo-terminals on this system", allow_module_level=True)

import fcntl
import struct
import termios

PATIENCE = 60.0
"""Seconds after which what was waited for will not come any more."""

PROGRAM = """
import sys
from pathlib import Path
from quizgen.practice import terminal
from quizgen.practice.records import ME, Plan
from quizgen.practice.session import now
from sittings import practising

with practising(Path(sys.argv[1]), now) as practice:
    sys.exit(terminal.run(practice, ME, Plan(code=sys.argv[2]), resume=sys.argv[3] == "resume"))
"""
ADAM = "optim.adam/2/k7q3m9"
SCORES = "attention.scores/1/abc"

F2, F3, CTRL_Q, ENTER, UP = b"\x1bOQ", b"\x1bOR", b"\x11", b"\r", b"\x1b[A"
CSI = re.compile(r"\x1b\[([?>=<]?)([0-9;]*)([@-~])|\x1b[\]P_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.|([^\x1b])", re.DOTALL)
BEGUN = re.compile(r"\x1b(?:\[[?>=<]?[0-9;]*|[\]P_][^\x07\x1b]*)?$")
COLOUR = re.compile(rb"\x1b\[(?:[0-9]+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]")


class Terminal:
    """A terminal: what a program writes to it moves a cursor and leaves characters where that stood."""

    def __init__(self, columns: int, rows: int) -> None:
        self.master, self.slave = os.openpty()
        self.written = b""
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.cells = [[" "] * columns for _ in range(rows)]
        self.at = (0, 0)
        self._rest = ""
        """The beginning of a sequence that is not complete."""

    @property
    def screen(self) -> str:
        return "\n".join("".join(row).rstrip() for row in self.cells)

    def read(self, seconds: float) -> bool:
        """Takes in what comes within a time; False where nothing does."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            found = os.read(self.master, 65536)
        except OSError:
            return False
        self.written += found
        text = self._rest + self._decoder.decode(found)
        begun = BEGUN.search(text)
        self._rest = begun[0] if begun else ""
        text = text.removesuffix(self._rest)
        for private, numbers, final, char in CSI.findall(text):
            if final == "H" and not private:
                row, _, column = numbers.partition(";")
                self.at = (int(row or 1) - 1, int(column or 1) - 1)
            elif char == "\n":
                self.at = (self.at[0] + 1, self.at[1])
            elif char == "\r":
                self.at = (self.at[0], 0)
            elif char >= " ":
                self._put(char)
        return True

    def _put(self, char: str) -> None:
        row, column = self.at
        if row < len(self.cells) and column < len(self.cells[row]):
            self.cells[row][column] = char
        self.at = (row, column + width(char))


class Running:
    """The app in a terminal."""

    def __init__(self, terminal: Terminal, *arguments: str, **environment: str) -> None:
        self.terminal = terminal
        tests = Path(__file__).resolve().parent.parent
        clean = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=terminal.slave,
            stdout=terminal.slave,
            stderr=terminal.slave,
            env={**clean, "PYTHONPATH": str(tests), "TERM": "xterm-256color", "LANG": "C.UTF-8", **environment},
            start_new_session=True,
        )

    def sees(self, *texts: str) -> str:
        """Waits until all texts stand on the screen."""
        deadline = time.monotonic() + PATIENCE
        while not all(text in self.terminal.screen for text in texts):
            assert time.monotonic() < deadline, f"waited for {texts} in vain:\n{self.terminal.screen}"
            if not self.terminal.read(0.2):
                assert self.process.poll() is None, f"it ended without {texts}:\n{self.terminal.screen}"
        return self.terminal.screen

    def types(self, keys: str | bytes) -> None:
        os.write(self.terminal.master, keys.encode() if isinstance(keys, str) else keys)

    def ends(self) -> int:
        """Its exit code; all that it wrote has been read then."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"it does not end:\n{self.terminal.screen}"
            self.terminal.read(0.05)
        while self.terminal.read(0.05):
            pass
        return self.process.returncode


def running(
    folder: Path, code: str = ADAM, *, resume: bool = False, size: tuple[int, int] = (80, 24), **environment: str
) -> AbstractContextManager[Running]:
    """The app over a stock that checks nothing."""
    return started("-c", PROGRAM, str(folder), code, "resume" if resume else "new", size=size, **environment)


@contextmanager
def started(*arguments: str, size: tuple[int, int] = (80, 24), **environment: str) -> Iterator[Running]:
    terminal = Terminal(*size)
    app = Running(terminal, *arguments, **environment)
    try:
        yield app
    finally:
        app.process.kill()
        app.process.wait()
        os.close(terminal.master)
        os.close(terminal.slave)


def moves(folder: Path) -> list[tuple[str, str]]:
    """What the database holds, after it was found sound."""
    file = folder / "practice.db"
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    with Store.open(file) as store:
        sitting = store.latest(ME)
        assert sitting is not None
        return [(move.action, move.typed) for item in store.items(sitting.id) for move in store.moves(item.id)]


def assert_given_back(terminal: Terminal) -> None:
    """The screen that was there before is shown again, with its cursor, and pastes and the mouse are plain again."""
    for what in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l", b"\x1b[?1000l"):
        assert what in terminal.written, what
        assert terminal.written.rindex(what) > terminal.written.rindex(
            what[:-1] + (b"l" if what[-1:] == b"h" else b"h")
        )


def test_a_sitting_at_a_real_terminal(tmp_path: Path) -> None:
    with running(tmp_path) as app:
        app.sees("optim · Adam steps on one parameter", "(a) What is m₅?", "F2 hint", "^Q leave")
        app.types("3")
        app.sees("read as 3.0000")
        app.types(ENTER)
        app.sees("✗ wrong", "now 0.67 of 1 point")
        assert COLOUR.search(app.terminal.written)
        app.types(F2)
        app.sees("hint 1 of 2, for 0.5 point", "m₅ = β₁·m₄ + (1 − β₁)·g₅")
        app.types("-1.1\r1.39\r")  # in one burst
        app.sees("✓ right", "(b) What is v₅?", "read as 1.3900")
        app.types(ENTER)
        app.sees("(c) What is θ₅?")
        app.types(UP)
        app.sees("› 1.39")
        app.types(CTRL_Q)
        assert app.ends() == 0
        assert_given_back(app.terminal)
        assert "1 question answered, 1.17 of 4 points" in app.terminal.screen
        assert "Everything is kept. The next start goes on here." in app.terminal.screen
    assert moves(tmp_path) == [("answer", "3"), ("hint", ""), ("answer", "-1.1"), ("answer", "1.39")]


def test_killed_in_the_middle(tmp_path: Path) -> None:
    with running(tmp_path) as app:
        app.sees("(a) What is m₅?")
        app.types("3\r")
        app.sees("✗ wrong")
        app.types("h\r")
        app.sees("hint 1 of 2")
        app.types("-1.1")
        app.sees("read as -1.1000")
        app.process.kill()
        assert app.ends() == -signal.SIGKILL
    assert moves(tmp_path) == [("answer", "3"), ("hint", "")], "all that was sent, and nothing that was not"
    with running(tmp_path, resume=True) as app:
        app.sees("a session that you left", "1 question answered, 0 of 4 points")
        app.types(ENTER)
        app.sees("✗ wrong   3.0000", "hint 1 of 2", "now 0.17 of 1 point")
        app.types("-1.1\r")
        app.sees("✓ right")
        app.process.kill()
    assert moves(tmp_path)[-1] == ("answer", "-1.1")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_told_to_end(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path) as app:
        app.sees("(a) What is m₅?")
        app.process.send_signal(number)
        assert app.ends() == 128 + number
        assert_given_back(app.terminal)


def test_a_matrix_is_pasted(tmp_path: Path) -> None:
    with running(tmp_path, SCORES) as app:
        app.sees("arrows and Tab move")
        app.types(b"\x1b[200~1 2 3\n4 5 6\n\x1b[201~")
        app.sees("read as [[1, 2, 3], [4, 5, 6]]")
        app.types(ENTER)
        app.sees("✗ wrong", "a 2×3 matrix given, and 2×2 is asked for")


def test_the_window_is_made_smaller(tmp_path: Path) -> None:
    with running(tmp_path, NO_COLOR="1") as app:
        app.sees("(a) What is m₅?")
        app.terminal.resize(60, 20)
        app.process.send_signal(signal.SIGWINCH)
        screen = app.sees("optim · Adam steps on one", "F7 go on", "^Q leave", "a number to 4 decimals")
        assert max(width(line) for line in screen.split("\n")) <= 60
        app.types("3\r-1.1\r")
        app.sees("✗ wrong")
        assert COLOUR.search(app.terminal.written) is None, "NO_COLOR"


@pytest.mark.parametrize(
    ("arguments", "environment", "coloured"),
    [
        ([], {}, True),
        ([], {"NO_COLOR": "1"}, False),
        (["--no-color"], {}, False),
        (["--color"], {"NO_COLOR": "1"}, True),
    ],
    ids=["colours", "NO_COLOR", "--no-color", "--color"],
)
def test_the_command_itself(tmp_path: Path, arguments: list[str], environment: dict[str, str], coloured: bool) -> None:
    """With a session to go on with, so that nobody waits for PyTorch; as over ssh."""
    with practising(tmp_path) as practice:
        practice.begin(ME, Plan(code=ADAM)).answer("3")
    environment |= {"QUIZGEN_DATA": str(tmp_path / "practice.db"), "SSH_CONNECTION": "192.0.2.1 9 192.0.2.2 22"}
    with started("-m", "quizgen", "practice", *arguments, **environment) as app:
        app.sees("a session that you left")
        app.types(ENTER)
        screen = app.sees("(a) What is m₅?", "✗ wrong   3.0000", "now 0.67 of 1 point", "^Q leave")
        assert max(width(line) for line in screen.split("\n")) <= 80
        app.types("-1.1\r")
        app.sees("✓ right", "(b) What is v₅?")
        app.types(CTRL_Q)
        assert app.ends() == 0
        assert_given_back(app.terminal)
        assert bool(COLOUR.search(app.terminal.written)) is coloured
        assert "Everything is kept. The next start goes on here." in app.terminal.screen
    assert moves(tmp_path) == [("answer", "3"), ("answer", "-1.1")]

"""The checking process as its parent sees it: started, asked, ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from quizgen.errors import QuizgenError
from quizgen.practice.checker import Answer, Request

PROGRAM = "quizgen.practice.checker"


class Died(QuizgenError):
    """The process ended, or was ended because it took too long; the message says how."""


class Child:
    """A running checker. One thread asks; any thread may `kill`."""

    def __init__(self, files: Sequence[Path], device: str) -> None:
        """Starts it; raises `OSError` where no process can be started."""
        words = [word for file in files for word in ("--families", str(file))]
        # It finds modules where this process does, and not in the folder that one happens to be in (-P).
        paths = os.pathsep.join(str(Path(path).absolute()) for path in sys.path)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", PROGRAM, *words, "--device", device],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths},
            start_new_session=True,  # what is typed in the terminal, such as Ctrl-C, does not reach it
        )
        assert self._process.stdin is not None  # noqa: S101 (for the type checker)
        assert self._process.stdout is not None  # noqa: S101
        self._to, self._from = self._process.stdin, self._process.stdout
        self._late = False
        self.ready = False
        """Whether PyTorch is imported."""

    @property
    def id(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def begin(self, seconds: float) -> Answer | None:
        """Waits until PyTorch is imported; gives the error for which nothing can be checked. Raises `Died`."""
        found: Answer = self._read(seconds)
        self.ready = "error" not in found
        return None if self.ready else found

    def ask(self, requests: Sequence[Request], seconds: float) -> list[Answer]:
        """What becomes of the questions, in order; raises `Died`."""
        with suppress(OSError):  # reading says what became of it
            self._to.write(json.dumps(list(requests)).encode() + b"\n")
            self._to.flush()
        found: list[Answer] = self._read(seconds)
        return found

    def kill(self) -> None:
        """Ends it at once: it has nothing to lose."""
        self._process.kill()

    def forget(self) -> None:
        """Ends it, and leaves nothing of it behind."""
        self.kill()
        self._process.wait()
        for pipe in (self._to, self._from):
            with suppress(OSError):  # what could not be sent any more
                pipe.close()

    def _read(self, seconds: float) -> Any:
        """The next line that it writes."""
        limit = threading.Timer(seconds, self._end_late)
        limit.daemon = True
        limit.start()
        try:
            line = self._from.readline()
        finally:
            limit.cancel()
        if line.endswith(b"\n"):
            return json.loads(line)
        self.kill()
        code = self._process.wait()
        if self._late:
            raise Died(f"took more than {seconds:g} seconds")
        raise Died(f"was ended by signal {-code}" if code < 0 else f"ended with exit status {code}")

    def _end_late(self) -> None:
        self._late = True
        self.kill()

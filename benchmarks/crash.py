"""Killed in the middle: `kill -9` at random moments of a session, in the terminal and on the site.

    python benchmarks/crash.py [--times 200]

Each time a real process is started on the same database, answers are sent to it as fast as it takes them, and it is
killed at a random moment. Then every answer that it had acknowledged (a verdict on the screen, a page that came back)
must be in the database, the database must be whole, and the session must be there to go on with.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

from _measure import ROOT
from site_load import Student, Times, first_page, free_port, serve

from quizgen.practice.store import Store

FAMILY = "conv.output-size"  # whose answers are whole numbers: each one sent is another, so that it can be found again
PROMPT = r">\s*$"


def numbers(start: int) -> list[str]:
    return [str(start + i) for i in range(100_000)]


def in_terminal(data: str, answers: list[str], life: float) -> list[str]:
    """The answers that the line mode had acknowledged when it was killed."""
    start = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'solvers')!r}]; "
    words = ["practice", FAMILY, "--plain", "--data", data, "-n", "1000"]
    program = f"{start}sys.argv = ['quizgen', *{words!r}]; from quizgen.__main__ import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdin
    assert process.stdout
    told: list[str] = []

    def until(wanted: str) -> str:
        """What is printed until that is there; raises `BrokenPipeError` where the process ended before."""
        screen = ""
        while not re.search(wanted, screen):
            piece = os.read(output, 65536)
            if not piece:
                raise BrokenPipeError
            screen += piece.decode("utf-8", "replace")
        return screen

    def send(line: str) -> None:
        os.write(process.stdin.fileno(), f"{line}\n".encode())

    output, killer = process.stdout.fileno(), threading.Timer(life, process.kill)
    try:
        until(PROMPT)
        killer.start()
        for answer in answers:
            send(answer)
            until(rf"(right|wrong) +{answer}\b")
            told.append(answer)
            if len(told) % 2 == 0:
                until(PROMPT)
                send(":s")
                until(PROMPT)
                send("")
            until(PROMPT)
    except BrokenPipeError:
        pass
    finally:
        killer.cancel()
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
    return told


def on_site(data: str, answers: list[str], life: float) -> list[str]:
    """The answers that the site had acknowledged when it was killed."""
    port, told = free_port(), list[str]()
    server = serve(data, port, shared=False)
    times = Times()
    try:
        first_page(port, time.perf_counter())
        student = Student(port, times, 0)
        threading.Timer(life, server.kill).start()
        student.begin(names=FAMILY)
        for answer in answers:
            if student.send_answer(answer):
                told.append(answer)
    except (OSError, AssertionError, KeyError):  # the server is gone
        pass
    except Exception as problem:
        if type(problem).__module__ != "http.client":
            raise
    finally:
        server.kill()
        server.wait()
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200)
    times = parser.parse_args().times
    rng, told_in_all, lost, broken, stuck = random.Random(1), 0, 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        data = str(Path(folder) / "practice.db")
        for time_ in range(times):
            how = (in_terminal, on_site)[time_ % 2]
            told = how(data, numbers(10_000_000 + 100_000 * time_), rng.uniform(0, 1.0))
            with closing(sqlite3.connect(data)) as connection:
                broken += connection.execute("PRAGMA integrity_check").fetchone()[0] != "ok"
                kept = {row[0] for row in connection.execute("SELECT typed FROM moves WHERE action = 'answer'")}
            with Store.open(data) as store:
                stuck += bool(told) and store.latest("me") is None
            lost += len(set(told) - kept)
            told_in_all += len(told)
            print(f"\r{time_ + 1} of {times}, {told_in_all:,} answers", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(f"killed {times} times, half in the terminal and half on the site; answers acknowledged: {told_in_all:,}")
    print(f"of these lost: {lost}; databases that were not whole: {broken}; sessions that were gone: {stuck}")
    return 1 if lost or broken or stuck else 0


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())

"""The practice site under load: many students at once, each answering every 2 to 5 s, against one server process.

    python benchmarks/site_load.py [--students 200] [--seconds 60] [--data URL]

A real `quizgen serve --shared` on the loopback address, with a database of its own. The students begin within three
seconds of each other; they are threads of a few processes, so that they hardly wait for each other. Afterwards every
answer that was acknowledged is looked for in the database. First, alone on the site, one student measures the first
page and the next question after an answer.
"""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import unescape
from multiprocessing.synchronize import Barrier
from pathlib import Path
from urllib.parse import urlencode

from _measure import ROOT, figure, table

from quizgen import code as codes
from quizgen.draw import draw
from quizgen.practice.store import Store

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
CODE = re.compile(r'href="/q/([^"?]+)"')
OPEN = re.compile(r'data-status="open"|data-status="wrong"')


PROCESSES = 4
"""Of students: one Python process runs one thread at a time, and two hundred would measure each other."""


@dataclass
class Times:
    """Seconds of what was asked for, by name, and whatever went wrong."""

    of: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    waits: int = 0
    """How often a page said that it waits for PyTorch."""
    kept: list[tuple[str, int, str]] = field(default_factory=list)
    """Answers that were acknowledged: item, number of the move, what was typed."""

    def took(self, name: str, seconds: float) -> None:
        self.of.setdefault(name, []).append(seconds)

    @classmethod
    def together(cls, parts: Iterable[Times]) -> Times:
        whole = cls()
        for part in parts:
            for name, taken in part.of.items():
                whole.of.setdefault(name, []).extend(taken)
            whole.errors += part.errors
            whole.waits += part.waits
            whole.kept += part.kept
        return whole

    def row(self, name: str, limits: str = "") -> list[str]:
        taken = sorted(self.of.get(name, [0.0]))
        middle, high = taken[len(taken) // 2], taken[min(len(taken) - 1, len(taken) * 95 // 100)]
        return [name, f"{len(taken):,}", *(f"{figure(1000 * x)} ms" for x in (middle, high, taken[-1])), limits]


class Student:
    """One browser: its cookies, and the page that it shows."""

    def __init__(self, port: int, times: Times, seed: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.times = times
        self.cookies: dict[str, str] = {}
        self.page = ""
        self.path = "/"
        self.rng = random.Random(seed)

    def get(self, path: str, name: str = "") -> int:
        return self.send("GET", path, None, name)

    def post(self, path: str, fields: dict[str, str], name: str = "") -> int:
        return self.send("POST", path, fields, name)

    def send(self, method: str, path: str, fields: dict[str, str] | None, name: str) -> int:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.origin}
            if path.count("/") == 3:  # at a question, the script asks for the piece that changes
                headers["HX-Request"] = "true"
        begun = time.perf_counter()
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        self.page = response.read().decode()
        if name:
            self.times.took(name, time.perf_counter() - begun)
        for cookie in response.headers.get_all("Set-Cookie") or ():
            key, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[key] = value
        if response.status in (302, 303):
            return self.get(response.headers["Location"])
        self.path = path
        if response.status >= 400:
            self.times.errors.append(f"{method} {path}: {response.status} {' '.join(self.page.split())[-200:]}")
        return response.status

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.connection.port}"

    @property
    def hidden(self) -> dict[str, str]:
        return {name: unescape(value) for name, value in HIDDEN.findall(self.page)}

    def begin(self, names: str = "") -> None:
        self.get("/", "first page")
        wanted = {"names": names} if names else {}
        self.post("/practice", {"csrf": self.hidden["csrf"], "count": "1000"} | wanted, "begin")
        self.settle()

    def settle(self) -> None:
        """Waits where the page waits for PyTorch."""
        while "item" not in self.hidden:
            self.times.waits += 1
            time.sleep(0.5)
            self.get(self.at if self.path.count("/") == 3 else self.path)

    @property
    def at(self) -> str:
        return f"/practice/{self.path.split('/')[2].partition('?')[0]}"

    def send_answer(self, text: str) -> bool:
        """Answers the part that is open, of the next question where there is none; whether that was acknowledged."""
        if not OPEN.search(self.page):
            self.post(f"{self.at}/next", self.hidden, "next question")
            self.settle()
        hidden = self.hidden
        taken = self.post(f"{self.at}/answer", hidden | {"answer": text}, "answer") == 200
        if taken:
            self.times.kept.append((hidden["item"], int(hidden["number"]), text))
        return taken

    def answer(self) -> None:
        """Answers the part that is open, rightly more often than not, and goes on."""
        found = CODE.search(self.page)
        assert found, self.page
        one = draw(codes.parse(unescape(found[1]))).part(int(self.hidden["part"]))
        right = self.rng.random() < 0.7 or not one.mistakes
        self.send_answer(one.answer if right else self.rng.choice(one.mistakes).value)
        if not right:
            self.post(f"{self.at}/on", self.hidden, "on")
        if not OPEN.search(self.page):
            self.post(f"{self.at}/next", self.hidden, "next question")
            self.settle()

    def practise(self, until: float) -> None:
        try:
            time.sleep(self.rng.uniform(0, 3))
            self.begin()
            while time.monotonic() < until:
                time.sleep(self.rng.uniform(2, 5))
                self.answer()
        except Exception as problem:  # noqa: BLE001 (whatever it is, it is an error of the measurement)
            self.times.errors.append(f"{type(problem).__name__}: {problem}")


_begin: Barrier
"""Where the processes of students wait for each other."""


def _meet_at(begin: Barrier) -> None:
    global _begin
    _begin = begin


def _group(port: int, seeds: Sequence[int], seconds: float) -> Times:
    """Some of the students, in a process of their own; what they measured."""
    students = [Student(port, Times(), seed) for seed in seeds]
    _begin.wait()
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=one.practise, args=(until,)) for one in students]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Times.together(one.times for one in students)


def crowd_of(students: int, seconds: float, port: int) -> Times:
    """What many students measure at once."""
    anew = multiprocessing.get_context("spawn")
    groups = [(port, range(first + 1, students + 1, PROCESSES), seconds) for first in range(PROCESSES)]
    with anew.Pool(PROCESSES, _meet_at, (anew.Barrier(PROCESSES),)) as pool:
        return Times.together(pool.starmap(_group, groups, chunksize=1))


def busy(process: subprocess.Popen[bytes]) -> float | None:
    """Seconds for which a process has been at work, as Linux counts; its children apart."""
    try:
        words = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def serve(data: str, port: int, *, shared: bool = True) -> subprocess.Popen[bytes]:
    start = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'solvers')!r}]; "
    words = ["serve", *(["--shared"] if shared else []), "--no-browser", "--port", str(port), "--data", data]
    program = f"{start}sys.argv = ['quizgen', *{words!r}]; from quizgen.__main__ import main; main()"
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def first_page(port: int, begun: float) -> float:
    """Seconds from the start of the server to its first page."""
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/")
            connection.getresponse().read()
            return time.perf_counter() - begun
        except OSError:
            time.sleep(0.01)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--alone", type=int, default=60, help="questions that one student answers first")
    parser.add_argument("--data", help="a database; default: a new one")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = asked.data or str(Path(folder) / "practice.db")
        port, begun = free_port(), time.perf_counter()
        server = serve(data, port)
        try:
            first = first_page(port, begun)
            alone = Times()
            student = Student(port, alone, 0)
            student.begin()
            ready = time.perf_counter() - begun
            while len(alone.of.get("next question", ())) < asked.alone and not alone.errors:
                time.sleep(0.2)
                student.answer()
            before = busy(server)
            crowd = crowd_of(asked.students, asked.seconds, port)
            after = busy(server)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(10)
        with Store.open(data) as store:
            kept = [*alone.kept, *crowd.kept]
            lost = [one for one in kept if not is_there(store, *one)]
    print(f"first page after {first:.2f} s (to reach: 1.5 s); first question after {ready:.2f} s, database new\n")
    header = ["", "times", "median", "95%", "longest", "to reach"]
    print("One student:\n")
    names = ("answer", "next question")
    print(table(header, [alone.row(name, "30 ms, 100 ms") for name in names]), "\n")
    print(f"{asked.students} students for {asked.seconds} s, one process:\n")
    print(table(header, [crowd.row(name, "95%: 250 ms") for name in ("first page", "begin", *names, "on")]))
    errors = [*alone.errors, *crowd.errors]
    if before is not None and after is not None:
        each = 1000 * (after - before) / len(crowd.of["answer"])
        print(
            f"\nthe server was at work for {after - before:.1f} s: {figure(each)} ms for each answer, all pages counted"
        )
    print(f"\nerrors: {len(errors)}", *errors[:5], sep="\n")
    print(f"pages that waited for PyTorch: {alone.waits} alone, {crowd.waits} in the crowd")
    print(f"answers acknowledged: {len(kept):,}; of these not in the database: {len(lost)}")
    return 1 if errors or lost else 0


def is_there(store: Store, item: str, number: int, text: str) -> bool:
    moves = store.moves(item)
    return number < len(moves) and moves[number].typed == text


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    sys.exit(main())

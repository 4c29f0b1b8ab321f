"""The app, the plain lines and the site over one database: in trouble, beside each other, and after a night."""

import asyncio
import io
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import event
from textual.pilot import Pilot

from quizgen.__main__ import cli
from quizgen.practice import line
from quizgen.practice.records import ME, Plan
from quizgen.practice.session import Practice
from quizgen.practice.store import Store
from quizgen.practice.terminal.app import PracticeApp
from quizgen.web import serving as the_server
from quizgen.web.settings import Settings
from sittings import Clock, practising
from visitors import WAIT, Form, serving

ADAM = Plan(code="optim.adam/2/k7q3m9")
ALONE = Settings()


def answers(folder: Path) -> list[str]:
    """What was typed and kept, in order, in a database that is sound."""
    with closing(sqlite3.connect(folder / "practice.db")) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = plain.execute("SELECT typed FROM moves WHERE action = 'answer' AND item < 'z' ORDER BY item, number")
        return [typed for (typed,) in rows]


class Screen:
    """The app, and what stands on its screen."""

    def __init__(self, app: PracticeApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def text(self) -> str:
        """All words, wherever a line was broken."""
        strips = self.app.screen._compositor.render_strips()
        return " ".join(" ".join(segment.text for strip in strips for segment in strip).split())

    async def sees(self, *texts: str) -> None:
        end = asyncio.get_running_loop().time() + WAIT
        while not all(text in self.text for text in texts):
            assert asyncio.get_running_loop().time() < end, f"waited for {texts} in vain: {self.text}"
            await self.pilot.pause(0.01)

    async def types(self, text: str, *keys: str) -> None:
        await self.pilot.press(*text, *keys)


@asynccontextmanager
async def at_the_app(practice: Practice) -> AsyncIterator[Screen]:
    app = PracticeApp(practice, ME, ADAM, resume=True)
    async with app.run_test(size=(100, 40)) as pilot:
        yield Screen(app, pilot)
        app.exit()


# --- a database that fails while somebody practises -------------------------------------------------------------------

KINDS = ("locked", "full", "read-only")
SAID = {
    "locked": "is in use by another program; nothing was changed, try again",
    "full": "the disk is full: ",
    "read-only": "may not be written to; allow it",
}
ON_A_PAGE = {
    "locked": "The database is busy. Nothing was lost",
    "full": "The database can&#39;t be used just now. What was answered before is kept.",
    "read-only": "The database can&#39;t be used just now. What was answered before is kept.",
}


class Trouble:
    """What befalls a database for real, and passes. Nobody waits long for a lock."""

    def __init__(self, practice: Practice, kind: str) -> None:
        self.kind, self.told = kind, "busy_timeout=50"
        self.other = sqlite3.connect(practice.store.name, isolation_level=None, check_same_thread=False)
        event.listen(practice.store.database.engine, "checkout", self._tell)

    def _tell(self, connection: Any, *_: object) -> None:
        connection.execute("PRAGMA busy_timeout=50")
        connection.execute(f"PRAGMA {self.told}")

    def begin(self) -> None:
        if self.kind == "locked":
            self.other.execute("BEGIN IMMEDIATE")
        elif self.kind == "full":
            self._fill()
            self.told = "max_page_count=1"
        else:
            self.told = "query_only=ON"

    def end(self) -> None:
        if self.kind == "locked":
            self.other.execute("ROLLBACK")
        self.told = "max_page_count=1000000" if self.kind == "full" else "query_only=OFF"

    def _fill(self) -> None:
        """Takes the room that is left in the pages that are there."""
        self.other.execute("PRAGMA max_page_count=1")
        row = "INSERT INTO moves VALUES (?, 0, 'skip', 1, 0, ?, '', '0', '', 0, '[]')"
        for size in (1000, 100, 0):
            with suppress(sqlite3.OperationalError):
                for number in range(1000):
                    self.other.execute(row, (f"z{1000 - size:04}{number:04}", "x" * size))


@contextmanager
def brought_into(practice: Practice, kind: str) -> Iterator[Trouble]:
    trouble = Trouble(practice, kind)
    try:
        yield trouble
    finally:
        trouble.other.close()


@pytest.mark.parametrize("kind", KINDS)
def test_the_app_keeps_what_was_typed(tmp_path: Path, kind: str) -> None:
    async def story(practice: Practice, trouble: Trouble) -> None:
        async with at_the_app(practice) as screen:
            await screen.sees("(a) What is m₅?", "a number to 4 decimals")
            await screen.types("-1.1")
            trouble.begin()
            await screen.types("", "enter")
            await screen.sees(SAID[kind].partition(";")[0], "› -1.1")
            assert "✓" not in screen.text
            assert answers(tmp_path) == []
            trouble.end()
            await screen.types("", "enter")
            await screen.sees("✓ right", "(b) What is v₅?")

    with practising(tmp_path) as practice, brought_into(practice, kind) as trouble:
        asyncio.run(story(practice, trouble))
    assert answers(tmp_path) == ["-1.1"]


class Typing(io.StringIO):
    """A person who types an answer in the middle of trouble, and again when that is over."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__("-1.1\n-1.1\n")
        self.before = [trouble.begin, trouble.end]

    def isatty(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> str:
        if self.before:
            self.before.pop(0)()
        return super().readline(-1 if size is None else size)


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_says_what_is_wrong_and_the_next_is_taken(tmp_path: Path, kind: str) -> None:
    said = io.StringIO()
    with practising(tmp_path) as practice, brought_into(practice, kind) as trouble:
        assert line.run(practice, ME, ADAM, resume=False, stdin=Typing(trouble), stdout=said) == 0
    assert sum(SAID[kind] in each for each in said.getvalue().splitlines()) == 1
    assert said.getvalue().count("✓ right") == 1
    assert answers(tmp_path) == ["-1.1"]


@pytest.mark.parametrize("script", [False, True], ids=["without a script", "htmx"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_says_what_is_wrong_and_holds_what_was_typed(tmp_path: Path, kind: str, script: bool) -> None:
    headers = {"HX-Request": "true"} if script else {}
    with serving(tmp_path, ALONE) as running, brought_into(running.practice, kind) as trouble:
        visitor = running.visitor()
        visitor.get(f"/practice/{running.practice.begin(ME, ADAM).id}")
        form = visitor.form("/answer")
        trouble.begin()
        page = visitor.submit("/answer", {"answer": "-1.1"}, **headers)
        assert page.status_code == 503, "htmx leaves the page as it is, and says the line above it"
        assert page.text.count(ON_A_PAGE[kind]) == 1
        assert str(tmp_path) not in page.text
        assert answers(tmp_path) == []
        assert script or 'value="-1.1"' in page.text
        trouble.end()
        sent = visitor.post(form.action, form.fields | {"answer": "-1.1"}) if script else visitor.submit("/answer")
        assert sent.status_code in (200, 303)
    assert answers(tmp_path) == ["-1.1"]


def test_an_exams_page_holds_all_that_was_typed(tmp_path: Path) -> None:
    plan = Plan(names=("optim.adam", "conv.parameter-count"), minutes=20, exam=True)
    with serving(tmp_path, ALONE) as running, brought_into(running.practice, "locked") as trouble:
        session, visitor = running.practice.begin(ME, plan), running.visitor()
        second = next(item.number for item in session.items if item.number > 1)
        visitor.get(f"/practice/{session.id}?question={second}")
        fields = {"answer": "11", "2.answer": "12"}
        trouble.begin()
        page = visitor.submit("/answer", fields)
        assert page.status_code == 503
        assert ON_A_PAGE["locked"] in page.text
        assert visitor.form("/answer").fields.items() >= fields.items()
        trouble.end()
        visitor.submit("/answer")
    assert answers(tmp_path) == ["11", "12"]


# --- a database that can't be opened ----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["practice", "serve", "progress"])
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE meta SET value = '99' WHERE name = 'schema'", "written by a newer quizgen"),
        ("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE", "is in use by another program"),
        (None, "is a file of another kind, no database"),
    ],
    ids=["newer", "locked", "no database"],
)
def test_a_database_that_can_not_be_opened_is_told_in_a_line(
    tmp_path: Path, command: str, statement: str | None, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with practising(tmp_path):
        pass
    path = tmp_path / "practice.db"
    open_store = Store.open
    monkeypatch.setattr(Store, "open", lambda where: open_store(where, patience=0.05))
    monkeypatch.setattr(the_server, "serve", lambda *_, **__: pytest.fail("it was opened"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        if statement is None:
            path.write_bytes(b"Dear diary, " * 1000)
        else:
            other.executescript(statement)
        before = path.read_bytes()
        more = ["--no-browser"] if command == "serve" else []
        done = CliRunner().invoke(cli, [command, "--data", str(path), *more])
        assert (done.exit_code, done.stdout) == (1, "")
        assert words in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert path.read_bytes() == before


# --- beside each other ------------------------------------------------------------------------------------------------


def test_the_app_and_the_site_hold_one_session(tmp_path: Path) -> None:
    """Each with its own connection to the file, as two programs have them."""

    async def story(practice: Practice) -> None:
        with serving(tmp_path, ALONE) as running:
            visitor = running.visitor()
            async with at_the_app(practice) as screen:
                await screen.sees("(a) What is m₅?", "a number to 4 decimals")
                await asyncio.to_thread(visitor.get, "/")
                found = re.search(r'href="(/practice/[0-9a-f]{32})"', visitor.page.text)  # type: ignore[union-attr]
                assert found, "the first page offers the session that the app began"
                await asyncio.to_thread(visitor.get, found[1])
                await asyncio.to_thread(visitor.submit, "/answer", {"answer": "2.5"})
                await screen.types("-1.1", "enter")
                await screen.sees("the question has gone on since", "✗ wrong 2.5000")
                await screen.types("", *["backspace"] * 10, *"-1.1", "enter")
                await screen.sees("✓ right", "(b) What is v₅?")
                page = await asyncio.to_thread(visitor.submit, "/answer", {"answer": "8"})
                assert "That page was behind: here is where the question stands now. Nothing was lost." in page.text
                await asyncio.to_thread(visitor.submit, "/answer", {"answer": "1.39"})
                await screen.types("", "f2")
                await screen.sees("the question has gone on since", "(c) What is θ₅?")
                await asyncio.to_thread(visitor.submit, "/answer", {"answer": "-0.8008"})
                await screen.types("-0.8008", "enter")
                await screen.sees("3.67 of 4 points")
            assert practice.resume(ME).over  # type: ignore[union-attr]

    with practising(tmp_path) as practice:
        asyncio.run(story(practice))
    assert answers(tmp_path) == ["2.5", "-1.1", "1.39", "-0.8008"]


# --- a page that is left open -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [ALONE, Settings(shared=True, password="a good one")], ids=["alone", "password"])
def test_a_page_is_open_over_night_and_the_server_is_started_anew(tmp_path: Path, settings: Settings) -> None:
    clock = Clock()
    with serving(tmp_path, settings) as running:
        visitor = running.visitor()
        if settings.password:
            visitor.get("/")
            visitor.submit("/login", {"password": settings.password})
        visitor.get(f"/q/{ADAM.code}")
        visitor.submit("/answer", {"answer": "7"})
        form: Form = visitor.form("/answer")
        cookies = dict(visitor.http.cookies)
    clock.wait(14 * 3600)
    with serving(tmp_path, settings) as running:
        running.clock.at = clock.at
        with httpx.Client(base_url=running.url, cookies=cookies, timeout=WAIT) as browser:
            again = browser.post(form.action, data=form.fields | {"answer": "-1.1"})
            assert (again.status_code, again.headers["location"]) == (303, form.action.removesuffix("/answer"))
            page = browser.get(again.headers["location"])
            assert page.status_code == 200
            assert 'name="answer"' in page.text
    assert answers(tmp_path) == ["7", "-1.1"]

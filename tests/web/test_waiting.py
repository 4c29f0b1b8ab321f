"""Many students at once: nobody is held up by those who wait, and nobody sees what is another's."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from quizgen.practice.session import NotReady
from quizgen.web.pages import practice as practice_pages
from quizgen.web.serving import THREADS
from quizgen.web.waiting import Jobs
from visitors import WAIT, Running, Visitor, serving

ADAM = "optim.adam/2/k7q3m9"


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A site on which no question is ready, and whose pages wait for one for as long as it takes."""
    monkeypatch.setattr(practice_pages, "PATIENCE", WAIT)
    with serving(tmp_path) as running:
        running.stock.gate.clear()
        try:
            yield running
        finally:
            running.stock.gate.set()


def begun(running: Running) -> Visitor:
    """A student who left her first question as it is, so that she may ask for the next."""
    visitor = running.visitor()
    running.stock.gate.set()
    visitor.get("/")
    visitor.submit("/practice", {"names": "optim.adam", "count": "5"})
    visitor.submit("/skip")
    running.stock.gate.clear()
    return visitor


# --- no thread waits --------------------------------------------------------------------------------------------------


def test_those_who_wait_hold_nobody_up(closed: Running) -> None:
    def begin(student: Visitor) -> str:
        return str(student.post("/practice", {"names": "conv", "count": "5"}).headers["location"])

    with ThreadPoolExecutor(3 * THREADS) as pool:
        waiting = [pool.submit(begin, closed.visitor()) for _ in range(3 * THREADS)]
        passer = closed.visitor()
        for _ in range(3):
            assert passer.get("/catalogue").status_code == 200, "while all of them wait"
        assert not any(each.done() for each in waiting)
        closed.stock.gate.set()
        addresses = [each.result(WAIT) for each in waiting]
    assert len(set(addresses)) == 3 * THREADS
    assert all(address.startswith("/practice/") and "start" not in address for address in addresses)


@pytest.mark.parametrize("action", ["next", "another", "easier"])
def test_another_question_is_waited_for_in_two_windows_and_is_one(closed: Running, action: str) -> None:
    student = begun(closed)
    form, page = student.form(f"/{action}"), student.page
    cookies = dict(student.http.cookies)
    assert page is not None

    def send(piece: bool) -> httpx.Response:
        headers = {"HX-Request": "true"} if piece else {}
        with httpx.Client(base_url=closed.url, cookies=cookies, timeout=WAIT) as window:
            return window.post(form.action, data=form.fields, headers=headers)

    with ThreadPoolExecutor(2) as pool:
        whole, piece = pool.submit(send, False), pool.submit(send, True)
        assert closed.visitor().get("/catalogue").status_code == 200
        assert not whole.done()
        closed.stock.gate.set()
        assert (whole.result().status_code, whole.result().headers["location"]) == (303, page.url.path)
        assert "Question 2" in piece.result().text
    session = student.session()
    assert [item.closed is None for item in session.items] == [False, True]
    assert closed.site.jobs.take(f"next {session.id}") is None, "nothing is left to be asked for"


def test_out_of_patience_a_page_waits_by_itself(closed: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(practice_pages, "PATIENCE", 0.0)
    student = begun(closed)
    for page in (student.submit("/next"), closed.visitor().get(f"/q/{ADAM}")):
        assert page.status_code == 200
        assert 'http-equiv="refresh"' in page.text
    first, other = student.page, closed.visitor()
    assert first is not None
    other.http.cookies = student.http.cookies
    assert 'http-equiv="refresh"' in other.get(first.url.path).text, "in her other window too"
    closed.stock.gate.set()
    monkeypatch.setattr(practice_pages, "PATIENCE", WAIT)
    for window in (other, student):
        assert "Question 2" in window.get(first.url.path).text
    assert len(student.session().items) == 2


def test_what_can_not_be_meant_is_said_after_waiting_too(running: Running) -> None:
    visitor = running.visitor()
    visitor.get("/")
    assert visitor.submit("/practice", {"exam": "1", "minutes": ""}).status_code == 422


# --- work that is done at once where it can be ------------------------------------------------------------------------


def test_what_is_ready_is_taken_at_once() -> None:
    here = threading.current_thread()
    job = Jobs().start("a", lambda: pytest.fail("it was not to be waited for"), threading.current_thread)
    assert job.done()
    assert job.result() is here


def test_what_is_not_ready_is_waited_for_beside_the_page() -> None:
    def not_yet() -> None:
        raise NotReady("nothing is there")

    found = Jobs().start("a", threading.current_thread, not_yet).result(WAIT)
    assert found is not threading.current_thread()


def test_any_other_trouble_is_not_tried_again() -> None:
    def fail() -> None:
        raise ValueError("no")

    job = Jobs().start("a", lambda: pytest.fail("it was tried again"), fail)
    with pytest.raises(ValueError, match="no"):
        job.result(0)


# --- each her own -----------------------------------------------------------------------------------------------------


def test_two_students_with_the_same_question_see_their_own(running: Running) -> None:
    students = {"1.25": running.visitor(), "7.5": running.visitor()}
    for typed, student in students.items():
        student.get(f"/q/{ADAM}")
        student.submit("/answer", {"answer": typed})
    for _ in range(2):
        for typed, student in students.items():
            assert student.page is not None
            page = student.get(student.page.url.path).text
            assert [each in page for each in students] == [each == typed for each in students]
            assert [move.typed for move in student.session().attempt.moves] == [typed]  # type: ignore[union-attr]
    first, second = students.values()
    first.submit("/solution")
    assert "Worked solution" in first.page.text  # type: ignore[union-attr]
    assert "Worked solution" not in second.get(second.page.url.path).text  # type: ignore[union-attr]


def test_two_windows_on_one_session_answer_differently(running: Running) -> None:
    """The first answer stands; the other window is told, and shows it."""
    student = running.visitor()
    student.get(f"/q/{ADAM}")
    student.submit("/answer", {"answer": "7"})
    form = student.form("/answer")
    fields = [form.fields | {"answer": each} for each in ("8", "9")]
    with ThreadPoolExecutor(2) as pool:
        sent = list(pool.map(lambda each: student.http.post(form.action, data=each), fields))
    assert [each.status_code for each in sent] == [303, 303]
    stale = ["say=stale" in each.headers["location"] for each in sent]
    assert sorted(stale) == [False, True]
    kept = [move.typed for move in student.session().attempt.moves]  # type: ignore[union-attr]
    assert kept == ["7", "8" if stale == [False, True] else "9"]

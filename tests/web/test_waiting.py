"""Many students at once: nobody is held up by those who wait, and nobody sees what is another's."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from quizgen.web.pages import practice as practice_pages
from quizgen.web.serving import THREADS
from visitors import Running, Visitor, serving

ADAM = "optim.adam/2/k7q3m9"


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A site on which no question is ready, and whose pages wait for one for as long as it takes."""
    monkeypatch.setattr(practice_pages, "PATIENCE", 20.0)
    with serving(tmp_path) as running:
        running.stock.gate.clear()
        try:
            yield running
        finally:
            running.stock.gate.set()


def test_those_who_wait_hold_nobody_up(closed: Running) -> None:
    def begin(student: Visitor) -> str:
        return str(student.post("/practice", {"names": "conv", "count": "5"}).headers["location"])

    with ThreadPoolExecutor(3 * THREADS) as pool:
        begun = [pool.submit(begin, closed.visitor()) for _ in range(3 * THREADS)]
        passer = closed.visitor()
        passer.http.timeout = 10
        for _ in range(3):
            assert passer.get("/catalogue").status_code == 200
        closed.stock.gate.set()
        addresses = [each.result(20) for each in begun]
    assert len(set(addresses)) == 3 * THREADS
    assert all(address.startswith("/practice/") and "start" not in address for address in addresses)


def test_what_can_not_be_meant_is_said_after_waiting_too(running: Running) -> None:
    visitor = running.visitor()
    visitor.get("/")
    assert visitor.submit("/practice", {"exam": "1", "minutes": ""}).status_code == 422


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

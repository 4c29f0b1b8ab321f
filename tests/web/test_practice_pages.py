"""The pages of practice, walked through without a script by someone who fills in forms."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from quizgen import code as codes
from quizgen import family
from quizgen.draw import draw
from quizgen.errors import StoreBusy, VerifyError
from quizgen.practice.records import ME, Item, Plan, Skill
from quizgen.web.app import SLOW
from quizgen.web.respond import SAYINGS
from quizgen.web.serving import THREADS
from quizgen.web.settings import Settings
from quizgen.web.views import asked
from visitors import WAIT, Running, Visitor, serving

ADAM = "optim.adam/2/k7q3m9"
RIGHT = ("-1.1", "1.39", "-0.8008")
STALE = SAYINGS["stale"]


def begin(visitor: Visitor, **fields: str) -> Visitor:
    """A session, its first question on the page."""
    visitor.get("/")
    page = visitor.submit("/practice", {"names": "optim.adam", "count": "2"} | fields)
    assert page.status_code == 200, page.text
    return visitor


def at_adam(visitor: Visitor) -> Visitor:
    """A session with Adam's question, its first part answered wrongly."""
    visitor.get(f"/q/{ADAM}")
    visitor.submit("/answer", {"answer": "7"})
    assert visitor.session().plan == Plan(code=ADAM)
    return visitor


def typed(visitor: Visitor) -> list[tuple[int, str]]:
    attempt = visitor.session().attempt
    assert attempt is not None
    return [(move.part, move.typed) for move in attempt.moves if move.action == "answer"]


def actions(visitor: Visitor) -> list[str]:
    attempt = visitor.session().attempt
    assert attempt is not None
    return [move.action for move in attempt.moves]


# --- from the first page to the review --------------------------------------------------------------------------------


def test_a_session_from_the_first_page_to_the_review(visitor: Visitor) -> None:
    begin(visitor, count="2")
    for number in (1, 2):
        session = visitor.session()
        assert session.number == number
        while not visitor.session().attempt.closed:  # type: ignore[union-attr]
            attempt = visitor.session().attempt
            assert attempt is not None
            assert attempt.part is not None
            visitor.submit("/answer", {"answer": attempt.question.part(attempt.part).answer})
        visitor.submit("/next")
    assert visitor.page is not None
    assert visitor.page.url.path.endswith("/review")
    session = visitor.session()
    assert session.ended
    assert session.summary().points == session.summary().of > 0
    for _, attempt in session.summary().rows:
        assert attempt.question.title in visitor.page.text


def test_the_first_page_does_not_read_the_whole_past(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    at_adam(visitor)
    visitor.submit("/solution")
    monkeypatch.setattr(visitor.running.practice.store, "every", lambda *_: pytest.fail("it was read"))
    assert "<dt>day in a row</dt><dd>1</dd>" in visitor.get("/").text


def test_a_wrong_answer_a_hint_going_on_and_the_solution(visitor: Visitor) -> None:
    at_adam(visitor)
    for action in ("hint", "on", "hint", "solution"):
        visitor.submit(f"/{action}")
    assert actions(visitor) == ["answer", "hint", "on", "hint", "solution"]
    session = visitor.session()
    assert session.attempt is not None
    assert session.attempt.closed
    visitor.submit("/finish")
    assert visitor.session().ended


def test_another_like_it_and_the_same_with_easier_numbers(visitor: Visitor) -> None:
    at_adam(visitor)
    visitor.submit("/another")
    assert visitor.session().item.skill == Skill("optim.adam", 2)  # type: ignore[union-attr]
    visitor.submit("/easier")
    session = visitor.session()
    assert session.number == 3
    assert session.item is not None
    assert session.item.skill.family == "optim.adam"
    assert [item.outcome is not None for item in session.items] == [True, True, False]


def test_a_question_that_is_left_does_not_count(visitor: Visitor) -> None:
    begin(visitor, count="1")
    visitor.submit("/skip")
    visitor.submit("/next")
    assert visitor.session().number == 2
    assert not visitor.session().over
    review = visitor.submit("/finish").text
    assert "of 0 points" in review
    assert '<td colspan="2">skipped</td>' in review


def test_a_matrix_is_answered_cell_by_cell(visitor: Visitor) -> None:
    code = "conv.cross-correlate/1/a2b4c6"
    visitor.get(f"/q/{code}")
    answer = draw(codes.parse(code)).part(1).centre
    cells = {f"cell-{i}-{j}": str(x) for i, row in enumerate(answer, 1) for j, x in enumerate(row, 1)}
    visitor.submit("/answer", cells)
    session = visitor.session()
    assert session.attempt is not None
    assert session.attempt.status(1) == "right"


def test_a_table_is_answered_cell_by_cell_and_may_have_blanks(visitor: Visitor) -> None:
    code = "conv.layer-table/1/a2b4c6"
    visitor.get(f"/q/{code}")
    part = draw(codes.parse(code)).part(1)
    rows = [row.split(" | ") for row in part.answer.split("; ")]
    cells = {f"cell-{i}-{j}": text for i, row in enumerate(rows, 1) for j, text in enumerate(row, 1)}
    visitor.submit("/answer", cells | {"cell-1-1": ""})
    attempt = visitor.session().attempt
    assert attempt is not None
    wrong = attempt.last(1)
    assert wrong is not None
    assert 0 < wrong.credit < 1
    visitor.submit("/answer", cells)
    assert visitor.session().attempt.status(1) == "right"  # type: ignore[union-attr]


def test_a_choice_is_answered_by_its_letter(visitor: Visitor) -> None:
    begin(visitor, names="optim.momentum", choices="1", count="1")
    attempt = visitor.session().attempt
    assert attempt is not None
    part = attempt.question.part(1)
    visitor.submit("/answer", {"answer": "abcd"[min(part.correct)]})
    assert visitor.session().attempt.status(1) == "right"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "fields",
    [
        {"names": "optics"},
        {"level": "7", "names": "optim"},
        {"count": "0"},
        {"count": "9" * 60},
        {"count": "ten"},
        {"minutes": "-1"},
        {"exam": "1", "minutes": ""},
    ],
    ids=str,
)
def test_a_session_that_can_not_be_meant(visitor: Visitor, fields: dict[str, str]) -> None:
    visitor.get("/")
    answer = visitor.post("/practice", fields)
    assert answer.status_code == 422
    assert 'action="/practice"' in answer.text, "the form is there to be put right"
    assert visitor.running.practice.resume(visitor.learner) is None


# --- sent twice, gone back, left open ---------------------------------------------------------------------------------


def test_the_same_answer_sent_twice_is_one(visitor: Visitor) -> None:
    at_adam(visitor)
    form = visitor.form("/answer")
    sent = form.fields | {"answer": RIGHT[0]}
    first, second = (visitor.post(form.action, sent) for _ in range(2))
    assert (first.status_code, first.headers["location"]) == (second.status_code, second.headers["location"])
    assert "say" not in second.headers["location"]
    assert typed(visitor) == [(1, "7"), (1, RIGHT[0])]


def test_the_same_form_sent_eight_times_at_once_is_one(visitor: Visitor) -> None:
    at_adam(visitor)
    form = visitor.form("/answer")
    got = at_once(visitor, form.action, form.fields | {"answer": RIGHT[0]})
    assert {(status, "say" in location) for status, location in got} == {(303, False)}
    assert typed(visitor) == [(1, "7"), (1, RIGHT[0])]
    visitor.submit("/another")
    visitor.submit("/skip")
    form = visitor.form("/another")
    got = at_once(visitor, form.action, form.fields)
    assert {status for status, _ in got} == {303}
    assert len(visitor.session().items) == 3
    visitor.get("/")
    got = at_once(visitor, "/practice", {"names": "conv", "count": "4"})
    assert len({location for _, location in got}) == 1


def at_once(visitor: Visitor, action: str, fields: dict[str, str]) -> list[tuple[int, str]]:
    """Eight windows send the same form at the same moment; what each gets, and where it is led to."""
    token, cookies = visitor.token, dict(visitor.http.cookies)

    def send(_: int) -> tuple[int, str]:
        with httpx.Client(base_url=visitor.running.url, cookies=cookies, timeout=WAIT) as client:
            answer = client.post(action, data=fields | {"csrf": token})
            return answer.status_code, answer.headers.get("location", "")

    with ThreadPoolExecutor(8) as hands:
        return list(hands.map(send, range(8)))


def test_another_answer_from_a_page_left_behind_changes_nothing(visitor: Visitor) -> None:
    at_adam(visitor)
    form = visitor.form("/answer")
    visitor.submit("/answer", {"answer": RIGHT[0]})
    answer = visitor.post(form.action, form.fields | {"answer": "8"})
    assert answer.status_code == 303
    assert STALE in visitor.get(answer.headers["location"]).text
    assert typed(visitor) == [(1, "7"), (1, RIGHT[0])]


@pytest.mark.parametrize("action", ["answer", "hint", "on", "solution", "skip", "next", "another", "easier"])
def test_a_page_of_an_earlier_question_leads_to_the_present_one(visitor: Visitor, action: str) -> None:
    begin(visitor, count="9")
    form = visitor.form("/answer")
    visitor.submit("/skip")
    visitor.submit("/next")
    visitor.submit("/hint")
    answer = visitor.post(form.action.replace("/answer", f"/{action}"), form.fields | {"answer": "1"})
    assert answer.status_code == 303
    assert STALE in visitor.get(answer.headers["location"]).text
    assert visitor.session().number == 2
    assert actions(visitor) == ["hint"]


@pytest.mark.parametrize("action", ["next", "another", "easier"])
def test_a_question_asked_for_twice_is_one(visitor: Visitor, action: str) -> None:
    begin(visitor, count="9")
    visitor.submit("/skip")
    form = visitor.form(f"/{action}")
    for _ in range(2):
        answer = visitor.post(form.action, form.fields)
        assert answer.status_code == 303
        assert "say" not in answer.headers["location"]
    assert len(visitor.session().items) == 2


def test_a_session_begun_twice_is_one(visitor: Visitor) -> None:
    visitor.get("/")
    one, other = (visitor.post("/practice", {"names": "optim", "count": "3"}) for _ in range(2))
    assert one.headers["location"] == other.headers["location"]
    visitor.get(one.headers["location"])
    visitor.submit("/hint")
    third = visitor.post("/practice", {"names": "optim", "count": "3"})
    assert third.headers["location"] != one.headers["location"], "that one has been worked on"


def test_an_answer_to_an_ended_session_leads_to_its_review(visitor: Visitor) -> None:
    at_adam(visitor)
    form = visitor.form("/answer")
    visitor.submit("/finish")
    answer = visitor.post(form.action, form.fields | {"answer": "1"})
    assert answer.headers["location"].endswith("/review")
    assert typed(visitor) == [(1, "7")]


def test_a_session_is_gone_on_with_from_the_first_page(visitor: Visitor) -> None:
    begin(visitor, count="9")
    visitor.submit("/hint")
    path = visitor.page.url.path  # type: ignore[union-attr]
    page = visitor.get("/")
    assert path in page.text
    visitor.get(path)
    assert actions(visitor) == ["hint"]


# --- what can't be read -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "one", "1 2 3 4 5 (", "0.5.5", "9" * 3000], ids=["nothing", "word", "a list", "points", "long"]
)
def test_an_unreadable_answer_is_no_try_and_stays_in_its_field(visitor: Visitor, text: str) -> None:
    at_adam(visitor)
    page = visitor.submit("/answer", {"answer": text})
    assert page.status_code == 422
    assert visitor.form("/answer").fields.get("answer", "") == text
    assert typed(visitor) == [(1, "7")]
    visitor.submit("/answer", {"answer": RIGHT[0]})
    assert visitor.session().attempt.status(1) == "right"  # type: ignore[union-attr]


def test_an_unreadable_cell_is_named(visitor: Visitor) -> None:
    code = "conv.cross-correlate/1/a2b4c6"
    visitor.get(f"/q/{code}")
    names = sorted(name for name in visitor.form("/answer").names if name.startswith("cell"))
    page = visitor.submit("/answer", dict.fromkeys(names, "3") | {"cell-1-2": "1, 2"})
    assert page.status_code == 422
    assert "row 1, column 2" in page.text
    assert visitor.form("/answer").fields["cell-1-1"] == "3"
    assert visitor.running.practice.resume(visitor.learner) is None


def test_a_hint_when_none_is_left(visitor: Visitor) -> None:
    at_adam(visitor)
    session = visitor.session()
    assert session.attempt is not None
    for _ in range(session.attempt.hints_left(1)):
        visitor.get(f"/practice/{session.id}")
        form = visitor.form("/on")
        visitor.post(form.action.replace("/on", "/hint"), form.fields)
    visitor.get(f"/practice/{session.id}")
    form = visitor.form("/on")
    answer = visitor.post(form.action.replace("/on", "/hint"), form.fields)
    assert answer.status_code == 422
    assert "no hint left" in answer.text


# --- one question by its code -----------------------------------------------------------------------------------------


def test_looking_at_a_shared_question_changes_nothing(visitor: Visitor) -> None:
    page = visitor.get(f"/q/{ADAM}")
    assert page.status_code == 200
    assert ADAM in page.text
    assert visitor.running.practice.resume(visitor.learner) is None


def test_a_shared_question_answered_twice_is_one_session(visitor: Visitor) -> None:
    visitor.get(f"/q/{ADAM}")
    one, other = (visitor.post(f"/q/{ADAM}/answer", {"answer": "7"}) for _ in range(2))
    assert one.headers["location"] == other.headers["location"]
    visitor.get(one.headers["location"])
    assert typed(visitor) == [(1, "7")]


def test_a_shared_question_can_be_answered_again_when_it_is_done(visitor: Visitor) -> None:
    at_adam(visitor)
    first = visitor.session().id
    visitor.submit("/solution")
    visitor.get(f"/q/{ADAM}")
    visitor.submit("/answer", {"answer": "-1.1"})
    assert visitor.session().id != first
    assert typed(visitor) == [(1, "-1.1")]


def test_a_code_that_is_typed_leads_to_its_question(visitor: Visitor) -> None:
    visitor.get("/")
    page = visitor.submit("/q", {"code": f" {ADAM} "})
    assert page.url.path == f"/q/{ADAM}" or page.status_code == 303
    assert visitor.get("/q?code=optim.adam/2").status_code == 404


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("optim.adams/2/k7q3m9", "did you mean"),
        ("optim.adam/9/k7q3m9", "no level 9"),
        ("optim.adam/2/K7Q", "no seed"),
        ("optim.adam/2/k7q3m9/v9", "version 9"),
        ("optim/2/k7q3m9", "is a topic"),
    ],
)
def test_a_code_that_names_no_question(visitor: Visitor, code: str, said: str) -> None:
    page = visitor.get(f"/q/{code}")
    assert page.status_code == 404
    assert said in page.text


# --- an exam ----------------------------------------------------------------------------------------------------------


def sit_exam(visitor: Visitor) -> Visitor:
    return begin(visitor, exam="1", minutes="30", count="2")


def test_an_exam_says_nothing_before_its_end(visitor: Visitor) -> None:
    sit_exam(visitor)
    session = visitor.session()
    assert session.attempt is not None
    answer = session.attempt.question.part(1).answer
    visitor.submit("/answer", {"answer": answer})
    for form in (visitor.form("/answer"),):
        refused = visitor.post(form.action.replace("/answer", "/hint"), form.fields)
        assert refused.status_code == 422
        assert "no help before the end" in refused.text
    review = visitor.get(f"/practice/{session.id}/review")
    assert not review.url.path.endswith("/review")
    visitor.submit("/finish")
    session = visitor.session()
    assert session.ended
    assert session.summary().points > 0


def test_in_an_exam_the_last_answer_counts_and_questions_come_in_any_order(visitor: Visitor) -> None:
    sit_exam(visitor)
    sitting = visitor.session().id
    visitor.get(f"/practice/{sitting}?question=2")
    form = visitor.form("/answer")
    for text in ("1", "2"):
        visitor.get(f"/practice/{sitting}?question=2")
        visitor.submit("/answer", {"answer": text})
    assert form.fields["item"] == visitor.session().items[1].id
    attempt = visitor.session()
    attempt.go(2)
    assert [move.typed for move in attempt.attempt.tries(1)] == ["1", "2"]  # type: ignore[union-attr]
    attempt.go(1)
    assert attempt.attempt.moves == ()  # type: ignore[union-attr]


def test_going_to_another_question_of_an_exam_keeps_what_was_typed(visitor: Visitor) -> None:
    sit_exam(visitor)
    form = visitor.form("/answer")
    answer = visitor.post(form.action.replace("/answer", "/go"), form.fields | {"answer": "3", "to": "2"})
    assert answer.headers["location"].endswith("?question=2")
    assert [move.typed for move in visitor.session().attempt.tries(1)] == ["3"]  # type: ignore[union-attr]
    unread = visitor.post(
        form.action.replace("/answer", "/go"), form.fields | {"answer": "(", "number": "1", "to": "2"}
    )
    assert unread.status_code == 422, "she stays where it can be put right"


def test_when_the_time_is_over_an_exam_is_handed_in(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        visitor = sit_exam(running.visitor())
        form = visitor.form("/answer")
        visitor.submit("/answer", {"answer": "1"})
        running.clock.wait(31 * 60)
        late = visitor.post(form.action, form.fields | {"answer": "2", "number": "1"})
        assert late.headers["location"].endswith("/review")
        assert visitor.get(late.headers["location"]).status_code == 200
        assert visitor.session().ended
        assert [move.typed for _, a in visitor.session().summary().rows for move in a.moves] == ["1"]


# --- waiting for PyTorch ----------------------------------------------------------------------------------------------


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Running]:
    """A site for one learner, whose stock a test may close."""
    with serving(tmp_path, Settings()) as running:
        yield running
        running.stock.gate.set()


def test_a_page_says_that_it_waits_and_asks_again(alone: Running) -> None:
    visitor = alone.visitor()
    alone.stock.gate.clear()
    alone.stock.state = "starting"
    visitor.get("/")
    page = visitor.submit("/practice", {"count": "1"})
    assert "PyTorch is starting" in page.text
    refresh = re.search(r'http-equiv="refresh" content="1;url=([^"]+)"', page.text)
    assert refresh is not None
    url = refresh[1].replace("&amp;", "&")
    assert "PyTorch is starting" in visitor.get(url).text
    alone.stock.gate.set()
    alone.stock.state = "ready"
    page = visitor.get(url)
    assert page.status_code == 200
    assert visitor.session().number == 1
    visitor.submit("/skip")
    alone.stock.gate.clear()
    page = visitor.submit("/next")
    assert 'http-equiv="refresh"' in page.text
    form = visitor.get(page.url.path)
    assert 'http-equiv="refresh"' in form.text
    alone.stock.gate.set()
    assert visitor.get(page.url.path).status_code == 200
    assert visitor.session().number == 2
    assert len(visitor.session().items) == 2


def test_what_went_wrong_while_waiting_is_said_and_nothing_is_lost(alone: Running) -> None:
    visitor = begin(alone.visitor())
    visitor.submit("/skip")
    path = visitor.page.url.path  # type: ignore[union-attr]
    alone.stock.failure = VerifyError("/home/me/secret.py disagrees")
    page = visitor.submit("/next")
    assert page.status_code == 500
    assert "could not be checked" in page.text
    assert "secret" not in page.text
    alone.stock.failure = None
    visitor.get(path)
    visitor.submit("/next")
    assert visitor.session().number == 2


def test_a_question_of_a_link_is_checked_before_it_is_shown(alone: Running) -> None:
    visitor = alone.visitor()
    alone.stock.failure = VerifyError("no")
    page = visitor.get(f"/q/{ADAM}")
    assert page.status_code == 500
    assert "Adam" not in page.text
    alone.stock.failure = None
    assert visitor.get(f"/q/{ADAM}").status_code == 200
    alone.stock.failure = VerifyError("no")
    assert visitor.get(f"/q/{ADAM}").status_code == 200, "it is checked once"


def test_a_database_that_is_busy_is_said_to_be(alone: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = begin(alone.visitor())

    def busy(*_: object) -> None:
        raise StoreBusy("/home/me/practice.db is locked")

    path = visitor.page.url.path  # type: ignore[union-attr]
    monkeypatch.setattr(alone.practice.store, "add_move", busy)
    page = visitor.submit("/hint")
    assert page.status_code == 503
    assert page.headers["retry-after"] == "2"
    assert "/home/me" not in page.text
    monkeypatch.undo()
    visitor.get(path)
    visitor.submit("/hint")
    assert actions(visitor) == ["hint"]


def test_a_question_whose_family_is_gone_does_not_count(alone: Running) -> None:
    visitor = begin(alone.visitor())
    visitor.submit("/skip")
    session = visitor.session()
    gone = Item("f" * 32, session.id, 2, "optim.gone/1/abc", Skill("optim.gone", 1), alone.clock())
    alone.practice.store.open_item(gone)
    page = visitor.get(f"/practice/{session.id}")
    assert page.status_code == 200
    assert "optim.gone/1/abc" in page.text
    assert "does not count" in page.text
    visitor.submit("/next")
    assert visitor.session().number == 3


def test_alone_every_browser_is_the_learner_of_this_machine(alone: Running) -> None:
    one, other = alone.visitor(), alone.visitor()
    begin(one)
    one.submit("/hint")
    assert other.get(one.page.url.path).status_code == 200  # type: ignore[union-attr]
    assert alone.practice.resume(ME) is not None


def test_other_pages_do_not_wait_for_slow_work(alone: Running) -> None:
    """More sheets are asked for than there are threads, and none comes."""
    visitor = begin(alone.visitor())
    alone.stock.gate.clear()
    sent = {"csrf": visitor.token, "names": "optim", "count": "1", "format": "html"}
    cookies = dict(visitor.http.cookies)

    def make_sheet(_: int) -> int:
        with httpx.Client(base_url=alone.url, cookies=cookies, timeout=WAIT) as client:
            return client.post("/sheet", data=sent).status_code

    with ThreadPoolExecutor(2 * THREADS) as hands:
        sheets = [hands.submit(make_sheet, n) for n in range(2 * THREADS)]
        end = time.monotonic() + WAIT
        while alone.site.slow.statistics().tasks_waiting < len(sheets) - SLOW:
            assert time.monotonic() < end, "sheets are not slow work"
            time.sleep(0.01)
        assert visitor.get("/").status_code == 200
        assert not any(sheet.done() for sheet in sheets)
        alone.stock.gate.set()
        assert [sheet.result() for sheet in sheets] == [200] * len(sheets)


# --- pieces -----------------------------------------------------------------------------------------------------------


def test_htmx_gets_the_piece_that_changed(visitor: Visitor) -> None:
    at_adam(visitor)
    form = visitor.form("/answer")
    piece = visitor.post(form.action, form.fields | {"answer": "("}, HX_Request="true")
    assert piece.status_code == 200, "htmx shows no other"
    assert "<html" not in piece.text
    piece = visitor.post(form.action, form.fields | {"answer": RIGHT[0]}, HX_Request="true")
    assert piece.status_code == 200
    assert "<html" not in piece.text
    assert "<form" in piece.text
    behind = visitor.post(form.action, form.fields | {"answer": "8"}, HX_Request="true")
    assert STALE in behind.text
    end = visitor.post(form.action.replace("/answer", "/finish"), form.fields, HX_Request="true")
    assert end.headers["hx-redirect"].endswith("/review")


@pytest.mark.parametrize(
    ("code", "fields", "said"),
    [
        (ADAM, {"answer": "2^-5"}, "0.03125"),
        (ADAM, {"answer": "("}, "cannot read"),
        ("conv.cross-correlate/1/a2b4c6", {"cell-1-1": "1", "cell-1-2": "-3/4"}, "0.75"),
        ("conv.cross-correlate/1/a2b4c6", {"cell-1-1": "1", "cell-1-2": "x"}, "row 1, column 2"),
    ],
)
def test_the_preview_shows_how_an_answer_is_read(
    visitor: Visitor, code: str, fields: dict[str, str], said: str
) -> None:
    answer = visitor.post("/preview", {"code": code, "part": "1"} | fields, HX_Request="true")
    assert answer.status_code == 200
    assert said in answer.text
    assert "<html" not in answer.text


def test_the_preview_of_nothing_is_nothing(visitor: Visitor) -> None:
    answer = visitor.post("/preview", {"code": ADAM, "part": "1", "answer": " "}, HX_Request="true")
    assert answer.text.strip() == ""


# --- what is not shown before its time --------------------------------------------------------------------------------


def _levels() -> Iterator[tuple[str, int]]:
    for entry in family.everything().values():
        for level in entry.levels:
            yield entry.name, level


def _text(html: str) -> str:
    return re.sub(r"<[^>]*>|\s", "", html).replace("−", "-").replace("\u2062", "").replace(",", "")


def _without_ids(html: str) -> str:
    """A page without the random numbers in it, which hold every number of a few digits some day."""
    return re.sub(r"\b[0-9a-f]{32,}\b", "", html)


def test_no_answer_and_no_solution_before_the_answer_is_in(visitor: Visitor) -> None:
    """Over all families and levels: what only the solution says is neither in the words nor in the source of a page,
    before the first answer and after a wrong one."""
    told = 0
    visitor.get("/")
    for name, level in _levels():
        code = f"{name}/{level}/a2b4c6"
        question = draw(codes.parse(code))
        pages = [visitor.get(f"/q/{code}").text]
        session = visitor.running.practice.begin(visitor.learner, Plan(code=code))
        pages.append(visitor.get(f"/practice/{session.id}").text)
        for mistake in question.part(1).mistakes[:1]:
            session.answer(mistake.value, 1)
            pages.append(visitor.get(f"/practice/{session.id}").text)
        given = _text(question.statement + "".join(part.prompt for part in question.parts))
        for part in question.parts:
            plain = _text(part.answer)
            if len(plain) < 5 or plain in given or plain in "".join(map(_text, part.options)):
                continue
            told += 1
            for page in pages:
                assert question.title in page
                assert plain not in _text(page), f"{code} part {part.index + 1} gives {plain} away"
                assert part.answer not in _without_ids(page)
        lines = [str(link) for step in asked(question, "q").steps for link in step.right]
        for line in lines:
            assert len(line) < 200 or not any(line in page for page in pages), f"{code} shows {line}"
        session.solution()
        shown = visitor.get(f"/practice/{session.id}").text
        assert all(line in shown for line in lines), "what was looked for is what a solution looks like"
    assert told > 20

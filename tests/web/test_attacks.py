"""What people try with sites: each attempt fails, changes nothing, and never ends in an error of ours."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import quizgen.web.security
import quizgen.web.serving
from quizgen import family
from quizgen.practice.records import Item, Plan, Skill
from quizgen.web.settings import Settings
from visitors import WAIT, Forms, Running, Visitor, serving

ADAM = "optim.adam/2/k7q3m9"
SCRIPT = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7919*6101}}"


@pytest.fixture
def student(visitor: Visitor) -> Visitor:
    """At Adam's question, whose first part she answered wrongly."""
    visitor.get(f"/q/{ADAM}")
    visitor.submit("/answer", {"answer": "7"})
    return visitor


def moves(student: Visitor) -> int:
    attempt = student.session().attempt
    assert attempt is not None
    return len(attempt.moves)


def raw(running: Running, request: bytes, *, pause: float = 0.0, rest: bytes = b"") -> bytes:
    """What comes back for bytes that no browser would send."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=WAIT) as connection:
        got = b""
        with suppress(ConnectionError):  # it may close before it has read everything
            connection.sendall(request)
            time.sleep(pause)
            connection.sendall(rest)
        with suppress(ConnectionError):
            while chunk := connection.recv(65536):
                got += chunk
        return got


def head(running: Running, line: str, *headers: str) -> bytes:
    host = f"Host: 127.0.0.1:{running.port}"
    return "\r\n".join([line, host, *headers, "Connection: close", "", ""]).encode("latin-1")


# --- scripts ----------------------------------------------------------------------------------------------------------


def assert_harmless(text: str) -> None:
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert not re.search(r"=\s*\"?[^\"<>]*\"'><script", text)
    assert "48313819" not in text  # what a template would make of it


def test_a_script_in_every_field_of_every_form(student: Visitor) -> None:
    pages = ["/", f"/q/{ADAM}", f"/practice/{student.session().id}", "/q/conv.cross-correlate/1/a2b4c6"]
    pages += ["/sheet", "/solve", "/solve/optim.adam", "/catalogue", "/catalogue/optim.adam", "/progress"]
    tried = 0
    for path in pages:
        page = student.get(path)
        assert page.status_code == 200, path
        for form in Forms(page.text).forms:
            for name in form.names - {"csrf"}:
                sent = form.fields | {name: SCRIPT}
                if form.method == "get":
                    answer = student.http.get(form.action, params=sent)
                else:
                    answer = student.http.post(form.action, data=sent)
                assert answer.status_code < 500, (form.action, name)
                if answer.is_redirect:
                    answer = student.get(answer.headers["location"])
                assert_harmless(answer.text)
                tried += 1
    assert tried > 30


def test_a_script_that_was_kept_is_shown_as_text(student: Visitor) -> None:
    """In an exam an answer is shown again; a choice's letter is kept as it was typed."""
    student.get(f"/practice/{student.session().id}")
    answer = student.submit("/answer", {"answer": f"-1.1 {SCRIPT}"})
    assert answer.status_code == 422
    assert_harmless(answer.text)
    assert "&lt;script&gt;" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        f"/q/{SCRIPT}/1/a",
        f"/q/optim.adam/1/{SCRIPT}",
        f"/practice/{SCRIPT}",
        f"/{SCRIPT}",
        f"/q?code={SCRIPT}",
        f"/?say={SCRIPT}",
        f"/static/{SCRIPT}",
        f"/practice/start?job={SCRIPT}",
        f"/login?next={SCRIPT}&token={SCRIPT}",
        f"/catalogue/{SCRIPT}",
        f"/solve/{SCRIPT}",
        f"/solve/optim.adam?lr={SCRIPT}&{SCRIPT}={SCRIPT}",
        f"/sheet?names={SCRIPT}&title={SCRIPT}",
        f"/progress?{SCRIPT}={SCRIPT}",
    ],
)
def test_a_script_in_an_address(visitor: Visitor, path: str) -> None:
    answer = visitor.http.get(path)
    assert answer.status_code < 500
    if not answer.is_redirect:
        assert_harmless(answer.text)


def test_a_script_in_a_header(visitor: Visitor) -> None:
    for name in ("User-Agent", "Referer", "Cookie", "Accept-Language", "HX-Current-URL", "X-Forwarded-For"):
        answer = visitor.http.get("/none", headers={name: SCRIPT})
        assert answer.status_code == 404
        assert_harmless(answer.text)


# --- forms of other sites ---------------------------------------------------------------------------------------------


def test_a_form_without_its_token_or_with_another_does_nothing(student: Visitor, running: Running) -> None:
    other = running.visitor()
    other.get("/")
    form = student.form("/answer")
    tokens = ["", "0" * 64, other.token, student.token[:-1], student.token.upper(), "é", student.token + "\0"]
    for token in tokens:
        answer = student.http.post(form.action, data=form.fields | {"answer": "-1.1", "csrf": token})
        assert answer.status_code == 403, token
    without = {name: value for name, value in form.fields.items() if name != "csrf"}
    assert student.http.post(form.action, data=without | {"answer": "-1.1"}).status_code == 403
    twice = f"csrf={tokens[1]}&csrf={student.token}"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert student.http.post(form.action, content=twice, headers=kind).status_code == 403
    assert moves(student) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://127.0.0.1.evil.example"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    ],
    ids=str,
)
def test_a_form_that_was_sent_from_another_site_does_nothing(student: Visitor, headers: dict[str, str]) -> None:
    form = student.form("/answer")
    answer = student.http.post(form.action, data=form.fields | {"answer": "-1.1"}, headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.text
    assert moves(student) == 1


def test_a_form_of_our_own_page_says_where_it_comes_from(student: Visitor) -> None:
    form = student.form("/answer")
    headers = {"Origin": student.running.url, "Sec-Fetch-Site": "same-origin"}
    assert student.http.post(form.action, data=form.fields | {"answer": "-1.1"}, headers=headers).status_code == 303
    assert moves(student) == 2


def test_a_form_from_behind_a_proxy(tmp_path: Path) -> None:
    names = frozenset({"quiz.example", "127.0.0.1"})
    with serving(tmp_path, Settings(shared=True, names=names, proxied=frozenset({"quiz.example"}))) as running:
        visitor = running.visitor()
        path, origin = f"/practice/{'a' * 32}/finish", {"Origin": "https://quiz.example"}
        tls = {"Host": "quiz.example", "X-Forwarded-Proto": "https"}
        cookie = visitor.http.get("/", headers=tls).headers["set-cookie"]
        assert "; Secure" in cookie
        visitor.http.get("/")
        sent = {"csrf": visitor.token}
        assert visitor.http.post(path, data=sent, headers=origin).status_code == 404, "it got as far as the page"
        evil = {"Origin": "https://evil.example"}
        assert visitor.http.post(path, data=sent, headers=evil).status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/form-data; boundary=x", ""])
def test_what_is_no_form_is_not_read(student: Visitor, kind: str) -> None:
    body = f"csrf={student.token}"
    answer = student.http.post(student.form("/answer").action, content=body, headers={"Content-Type": kind})
    assert answer.status_code == 415
    assert moves(student) == 1


@pytest.mark.parametrize("path", ["/answer", "/hint", "/solution", "/finish", "/next"])
def test_an_address_alone_changes_nothing(student: Visitor, path: str) -> None:
    """What a link, an image or a prefetching browser can do."""
    student.http.get(f"/practice/{student.session().id}{path}")
    assert moves(student) == 1
    assert not student.session().ended


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8471", "localhost.evil.example", "127.0.0.2", ""])
def test_a_foreign_name_is_not_served(visitor: Visitor, host: str) -> None:
    for path in ("/", "/healthz", "/static/site.css"):
        answer = visitor.http.get(path, headers={"Host": host})
        assert answer.status_code == 421
        assert "set-cookie" not in answer.headers
        assert "<" not in answer.text


def test_two_names_or_none_are_not_served(running: Running) -> None:
    two = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    assert re.match(rb"HTTP/1.1 4\d\d ", raw(running, two.encode()))
    assert re.match(rb"HTTP/1.1 4\d\d ", raw(running, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"))
    assert re.match(rb"HTTP/1.1 4\d\d ", raw(running, b"GET / HTTP/1.0\r\n\r\n"))


def test_a_whole_address_in_the_request_line_is_no_page(running: Running) -> None:
    assert raw(running, head(running, "GET http://evil.example/ HTTP/1.1")).startswith(b"HTTP/1.1 404 ")


# --- too much, too slow -----------------------------------------------------------------------------------------------


def test_a_body_that_is_too_long_is_refused(student: Visitor) -> None:
    form = student.form("/answer")
    answer = student.http.post(form.action, data=form.fields | {"answer": "1" * 70_000})
    assert answer.status_code == 413
    assert moves(student) == 1


def test_a_body_that_says_nothing_of_its_length_is_cut_off(running: Running) -> None:
    kind = "Content-Type: application/x-www-form-urlencoded"
    start = head(running, "POST /preview HTTP/1.1", kind, "Transfer-Encoding: chunked")
    chunk = b"4000\r\n" + b"a" * 0x4000 + b"\r\n"
    assert raw(running, start, rest=chunk * 6 + b"0\r\n\r\n").startswith((b"HTTP/1.1 413 ", b""))
    answer = raw(running, start + chunk * 5 + b"0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("length", ["-1", "1e9", "9" * 5000, "1, 2"])
def test_a_length_that_is_none(running: Running, length: str) -> None:
    kind = "Content-Type: application/x-www-form-urlencoded"
    answer = raw(running, head(running, "POST /preview HTTP/1.1", kind, f"Content-Length: {length}"))
    assert re.match(rb"HTTP/1.1 4\d\d ", answer)


def test_a_slow_body_is_not_waited_for(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quizgen.web.security, "BODY_SECONDS", 0.1)
    kind = "Content-Type: application/x-www-form-urlencoded"
    answer = raw(running, head(running, "POST /preview HTTP/1.1", kind, "Content-Length: 100") + b"csrf=")
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_slow_head_is_not_waited_for(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quizgen.web.serving, "HEADER_SECONDS", 0.1)
    assert raw(running, b"GET / HTTP/1.1\r\nHost: ") == b""
    assert raw(running, b"") == b""
    monkeypatch.setattr(quizgen.web.serving, "HEADER_SECONDS", 20.0)
    assert raw(running, b"GET /healthz HT", pause=0.05, rest=head(running, "TP/1.1")).startswith(b"HTTP/1.1 200 ")


def test_an_address_or_a_head_that_is_too_long(running: Running) -> None:
    assert raw(running, head(running, f"GET /?{'a' * 7000} HTTP/1.1")).startswith(b"HTTP/1.1 414 ")
    assert raw(running, head(running, "GET / HTTP/1.1", f"X: {'a' * 200_000}")).startswith((b"HTTP/1.1 400 ", b""))


def test_many_fields_and_huge_numbers(student: Visitor) -> None:
    form = student.form("/answer")
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    many = f"csrf={student.token}&" + "&".join(f"cell-1-{n}=1" for n in range(3000))
    assert student.http.post(form.action, content=many, headers=kind).status_code == 400
    digits = "9" * 60_000
    for fields in (
        {"answer": digits},
        {"answer": "1", "number": digits},
        {"answer": "1", "part": digits},
        {"answer": "1", "number": "-1"},
        {"answer": "1", "part": "99"},
    ):
        assert student.http.post(form.action, data=form.fields | fields).status_code == 400
    for text in ("9^9^9^9", "1e999999999", "2^-99999999", "(" * 3000, "-" * 3999, "1/" * 1900 + "1"):
        assert student.http.post(form.action, data=form.fields | {"answer": text}).status_code == 422
    assert moves(student) == 1


# --- paths ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/....//app.py",
        "/static//etc/passwd",
        "/static/%00",
        "/static/site.css%00.png",
        "/static/C:%5cwindows%5cwin.ini",
        "/static/htmx-LICENSE.txt",
        "/q/..%2f..%2fetc/1/passwd",
        "/q/../../etc/passwd",
        "/q/optim.adam/1/..%2f..",
        "/q/optim.__init__/1/abc",
        "/q/optim._steps/1/abc",
        "/q/os.path/1/abc",
        "/q/optim.adam/1/abc%0d%0aSet-Cookie:%20planted=1",
        "/q/%F0%9F%98%80/1/abc",
        "/q/optim.adam/%ff/abc",
        "/practice/..%2f..%2fetc%2fpasswd",
        "/practice/" + "a" * 33,
        "/practice/" + "A" * 32,
        "/catalogue/..%2f..%2fetc%2fpasswd",
        "/solve/..%2f..%2fetc%2fpasswd",
        "/solve/os.path",
        "//evil.example/",
        "/%2f%2fevil.example",
    ],
)
def test_tricks_with_paths(running: Running, path: str) -> None:
    answer = raw(running, head(running, f"GET {path} HTTP/1.1"))
    assert answer.startswith(b"HTTP/1.1 404 "), answer[:200]
    assert b"root:" not in answer
    assert b"make_app" not in answer
    assert b"planted=1" not in answer.partition(b"\r\n\r\n")[0]


def test_headers_can_not_be_injected(running: Running) -> None:
    visitor = running.visitor()
    for path in ("/login?next=/%0d%0aSet-Cookie:%20planted=1", "/q?code=optim.adam/1/a%0d%0aSet-Cookie:%20planted=1"):
        answer = visitor.http.get(path)
        assert "planted=1" not in str(answer.headers)
    assert raw(running, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\nb: c\r\n\x00\r\n\r\n").startswith(
        (b"HTTP/1.1 400", b"")
    )


# --- what belongs to others -------------------------------------------------------------------------------------------


def test_the_session_of_another_is_not_there(student: Visitor, running: Running) -> None:
    thief = running.visitor()
    thief.get("/")
    session = student.session()
    assert thief.get(f"/practice/{session.id}").status_code == 404
    assert thief.get(f"/practice/{session.id}/review").status_code == 404
    form = student.form("/answer")
    for action in ("answer", "hint", "on", "solution", "skip", "next", "another", "easier", "go", "finish"):
        sent = form.fields | {"answer": "-1.1", "csrf": thief.token}
        assert thief.http.post(f"/practice/{session.id}/{action}", data=sent).status_code == 404
    assert moves(student) == 1
    assert not student.session().ended


def test_the_question_of_another_can_not_be_answered_through_ones_own_session(
    student: Visitor, running: Running
) -> None:
    thief = running.visitor()
    thief.get("/")
    thief.submit("/practice", {"count": "3"})
    stolen = {"item": student.form("/answer").fields["item"]}
    answer = thief.post(thief.form("/answer").action, thief.form("/answer").fields | stolen | {"answer": "-1.1"})
    assert "say=stale" in answer.headers["location"]
    assert moves(student) == 1


def test_a_cookie_that_was_tampered_with_makes_a_new_student(student: Visitor, running: Running) -> None:
    name = running.site.keys.cookie
    cookie = student.http.cookies[name]
    own = student.session().id
    for forged in (
        cookie[:-1],
        cookie.replace(".", "x"),
        f"{'0' * 32}.{cookie.partition('.')[2]}",
        "me",
        "",
        "a" * 4000,
    ):
        thief = running.visitor()
        answer = thief.http.get(f"/practice/{own}", headers={"Cookie": f"{name}={forged}"})
        assert answer.status_code == 404
        assert name in answer.headers["set-cookie"]


def test_the_job_of_another_is_not_there(running: Running) -> None:
    student, thief = running.visitor(), running.visitor()
    running.stock.gate.clear()
    try:
        student.get("/")
        waiting = student.post("/practice", {"names": "conv", "count": "5"})
        url = waiting.headers["location"]
        assert url.startswith("/practice/start?job=")
        thief.get("/")
        assert thief.http.get(url).headers["location"] == "/"
    finally:
        running.stock.gate.set()
    student.get(url)
    assert student.session().plan == Plan(("conv",), count=5)


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A site in which something breaks that nobody thought of."""
    with serving(tmp_path) as running:

        def fail(*_: object) -> None:
            raise RuntimeError(f"{tmp_path}/secret.db: password hunter2")

        monkeypatch.setattr(running.practice, "due", fail)
        yield running


def test_an_error_shows_no_internals_and_is_one_line_in_the_log(
    broken: Running, caplog: pytest.LogCaptureFixture
) -> None:
    answer = broken.visitor().http.get("/")
    assert answer.status_code == 500
    for word in ("hunter2", "RuntimeError", "Traceback", "secret.db", str(Path.cwd())):
        assert word not in answer.text
    number = re.search(r"error ([0-9a-f]{8})", answer.text)
    assert number is not None
    lines = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(lines) == 1
    assert number[1] in lines[0]
    assert "GET /: RuntimeError" in lines[0]
    assert "\n" not in lines[0]
    assert answer.headers["content-security-policy"]


def test_a_family_that_is_not_there_tells_nothing_of_this_machine(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(family._FAILED, "broken", "No module named x in /home/me/plugin.py")
    page = visitor.get("/q/optim.adams/1/abc")
    assert page.status_code == 404
    assert "There is no family &#39;optim.adams&#39; (did you mean &#39;optim.adam&#39;?)." in page.text
    visitor.get("/")
    visitor.submit("/practice", {"names": "optim.adam", "count": "2"})
    session = visitor.session()
    session.skip()
    item = Item("b" * 32, session.id, 2, "optim.gone/1/abc", Skill("optim.gone", 1), visitor.running.clock())
    visitor.running.practice.store.open_item(item)
    gone = visitor.get(f"/practice/{session.id}")
    assert "can&#39;t be asked any more and does not count: there is no family &#39;optim.gone&#39;" in gone.text
    for each in (page, gone):
        assert "/home/me" not in each.text
        assert "quizgen list" not in each.text, "that is for a terminal"


def test_a_path_can_not_forge_lines_of_the_log(
    running: Running, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a\nb")

    monkeypatch.setattr(running.practice, "resume", fail)
    running.visitor().http.get("/practice/a%0a2026-01-01%20error%20forged/review")
    running.visitor().http.get(f"/practice/{'a' * 32}/review")
    assert all("\n" not in record.getMessage() for record in caplog.records)
    assert any("RuntimeError" in record.getMessage() for record in caplog.records)

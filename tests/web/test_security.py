"""What stands before every page, piece by piece: signatures, names, forms, limits, headers, the password."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from quizgen.errors import UsageError
from quizgen.web.fields import LONGEST, MOST_FIELDS, Fields
from quizgen.web.keys import Keys
from quizgen.web.limits import MOST_KEYS, Buckets, Limit, Limits, network
from quizgen.web.security import COOKIE_SECONDS
from quizgen.web.settings import LOOPBACK, Settings, host_name, is_everywhere, is_loopback, names_of
from visitors import Running, Visitor, serving

KEYS = Keys(b"\1" * 32, "correct horse")


# --- signatures -------------------------------------------------------------------------------------------------------


def test_a_browser_is_known_by_its_cookie_alone() -> None:
    browser = KEYS.new_browser()
    cookie = KEYS.sign(browser)
    assert KEYS.browser(cookie) == browser
    other = KEYS.new_browser()
    assert len({browser, other}) == 2
    forged = [
        "",
        browser,
        f"{browser}.",
        f"{other}.{cookie.partition('.')[2]}",
        cookie[:-1] + ("0" if cookie[-1] != "0" else "1"),
        cookie.upper(),
        f"{cookie}.{cookie}",
        f"{browser[:-1]}.{KEYS._mac('browser', browser[:-1])}",
        "é.é",
        Keys(b"\2" * 32).sign(browser),
    ]
    assert [KEYS.browser(each) for each in forged] == [None] * len(forged)


def test_what_is_signed_for_one_purpose_serves_no_other() -> None:
    browser = KEYS.new_browser()
    signed = {KEYS.csrf(browser), KEYS.pass_of(browser), KEYS.sign(browser).partition(".")[2]}
    assert len(signed) == 3
    assert KEYS.is_csrf(KEYS.csrf(browser), browser)
    assert not KEYS.is_csrf(KEYS.pass_of(browser), browser)
    assert not KEYS.is_csrf(KEYS.csrf(KEYS.new_browser()), browser)


def test_another_password_shuts_out_who_knew_the_old_one() -> None:
    browser = KEYS.new_browser()
    assert KEYS.admits(KEYS.pass_of(browser), browser)
    assert not KEYS.admits(Keys(KEYS.secret, "battery staple").pass_of(browser), browser)
    assert not KEYS.admits("", browser)
    assert Keys(KEYS.secret).admits("", browser), "no password is asked for"
    assert KEYS.is_password("correct horse")
    assert not KEYS.is_password("correct horse ")


def test_two_databases_keep_cookies_apart() -> None:
    assert KEYS.cookie != Keys(b"\2" * 32).cookie
    assert re.fullmatch("quizgen-[0-9a-f]{8}", KEYS.cookie)


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost", "localhost"),
        ("LocalHost:8471", "localhost"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("[::1]:8471", "::1"),
        ("example.org.", "example.org"),
        ("", ""),
    ],
)
def test_the_name_in_a_host_header(host: str, name: str) -> None:
    assert host_name(host) == name


def test_which_names_a_site_serves() -> None:
    here = Settings()
    assert [here.serves(host) for host in ("localhost:1", "127.0.0.1", "[::1]:8471")] == [True] * 3
    evil = [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "192.168.1.7",
        "",
        "127.0.0.1@evil.example",
    ]
    assert [here.serves(host) for host in evil] == [False] * len(evil)
    everywhere = Settings(names=names_of("0.0.0.0"), any_address=True)
    assert everywhere.serves("192.168.1.7:8471")
    assert everywhere.serves("[fe80::1]")
    assert not everywhere.serves("evil.example"), "a numeric address can't be rebound, a name can"


def test_which_addresses_others_can_reach() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "localhost", "::1", "127.9.9.9")] == [True] * 4
    assert [is_loopback(host) for host in ("0.0.0.0", "::", "192.168.1.7", "example.org")] == [False] * 4
    assert is_everywhere("0.0.0.0")
    assert is_everywhere("::")
    assert names_of("127.0.0.1") == LOOPBACK
    assert names_of("192.168.1.7") == {"192.168.1.7"}


# --- forms ------------------------------------------------------------------------------------------------------------


def test_the_fields_of_a_form() -> None:
    fields = Fields.parse("a=+1+&a=2&b=&c=%C3%A9&n=12&box=on")
    assert (fields.text("a"), fields.texts("a"), fields.text("c"), fields.text("none", "-")) == (
        "1",
        ("1", "2"),
        "é",
        "-",
    )
    assert (fields.whole("n", 1, 12), fields.whole("b"), fields.whole("none")) == (12, None, None)
    assert (fields.ticked("box"), fields.ticked("b")) == (True, False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a=%ff", "UTF-8"),
        ("&".join(f"a{n}=1" for n in range(MOST_FIELDS + 1)), "at most"),
        (f"a={'1' * (LONGEST + 1)}", "4,001"),
        (f"{'a' * 100}=1", "no page asks for"),
    ],
    ids=["not UTF-8", "many", "long", "long name"],
)
def test_a_form_that_no_page_sends(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Fields.parse(text)


@pytest.mark.parametrize("text", ["0", "13", "-1", "1.0", "１２", "9" * 100_000, "1e1", "0x1"])
def test_what_is_no_whole_number_in_its_range(text: str) -> None:
    with pytest.raises(UsageError, match="no whole number from 1 to 12"):
        Fields((("n", text),)).whole("n", 1, 12)


# --- limits -----------------------------------------------------------------------------------------------------------


class Hands:
    """A clock that is set by hand, in seconds."""

    at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_bucket_is_emptied_and_fills_again() -> None:
    clock = Hands()
    bucket = Buckets(rate=0.5, burst=3, clock=clock)
    assert [bucket.take("a") for _ in range(3)] == [0, 0, 0]
    assert bucket.take("a") == 2
    assert bucket.take("b") == 0, "another's is another"
    clock.at += 1
    assert bucket.wait("a") == 1
    clock.at += 1
    assert bucket.take("a") == 0
    clock.at += 1000
    assert [bucket.take("a") for _ in range(4)] == [0, 0, 0, 2], "it holds no more than it did"


def test_buckets_are_bounded() -> None:
    bucket = Buckets(1, 1, Hands())
    for number in range(MOST_KEYS + 50):
        bucket.take(str(number))
    assert len(bucket._held) == MOST_KEYS


def test_new_browsers_do_not_get_around_the_limit_of_an_address() -> None:
    limit = Limit(Buckets(1, 1, Hands()), Buckets(1, 5, Hands()))
    assert [limit.take(str(number), "192.0.2.7") > 0 for number in range(6)] == [False] * 5 + [True]
    assert limit.take(None, "192.0.2.8") == 0


def test_what_one_person_holds() -> None:
    assert network("192.0.2.7") == "192.0.2.7"
    assert network("2001:db8:1:2:3::1") == network("2001:db8:1:2:ffff::9") != network("2001:db8:1:3::1")
    assert network("::ffff:192.0.2.7") == "192.0.2.7" != network("::ffff:192.0.2.8")
    assert network("a path") == "a path"


def test_which_limit_is_for_what() -> None:
    limits = Limits()
    assert limits.of("POST", "/sheet") is limits.of("POST", "/solve/optim.adam") is limits.heavy
    assert limits.of("POST", "/practice") is limits.of("POST", "/q/optim.adam/1/a") is limits.starts
    assert limits.of("POST", f"/practice/{'a' * 32}/answer") is limits.answers
    assert limits.of("POST", "/preview") is limits.previews
    assert limits.of("GET", "/q/optim.adam/1/a") is limits.draws
    assert limits.of("GET", "/") is None


def test_too_much_at_once_is_told_when_to_come_again(tmp_path: Path) -> None:
    few = Limits(answers=Limit(Buckets(0.01, 2), Buckets(100, 100)))
    with serving(tmp_path, limits=few) as running:
        one, other = running.visitor(), running.visitor()
        path = f"/practice/{'a' * 32}/answer"
        assert [one.post(path).status_code for _ in range(3)] == [404, 404, 429]
        answer = one.post(path)
        assert 1 <= int(answer.headers["retry-after"]) <= 100
        assert "Try again in" in answer.text
        assert other.post(path).status_code == 404


# --- headers ----------------------------------------------------------------------------------------------------------

QUESTION = "/q/optim.adam/1/abc"
EVERYTHING = ["/", "/healthz", "/static/site.css", "/static/none", "/none", QUESTION, "/q/x/1/abc", "/practice/x"]
EVERYTHING += ["/sheet", "/solve", "/solve/optim.adam", "/catalogue", "/catalogue/optim.adam", "/progress"]


@pytest.mark.parametrize("path", EVERYTHING)
def test_every_answer_tells_browsers_what_the_page_may_do(visitor: Visitor, path: str) -> None:
    headers = visitor.http.get(path).headers
    policy = dict(each.strip().split(" ", 1) for each in headers["content-security-policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "font-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "server" not in headers
    assert "set-cookie" not in headers or headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", [path for path in EVERYTHING if path not in ("/healthz", "/static/site.css")])
def test_no_page_needs_what_the_policy_forbids(visitor: Visitor, path: str) -> None:
    page = visitor.get(path).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", page)


def test_files_are_kept_under_the_address_that_holds_their_hash(visitor: Visitor) -> None:
    url = visitor.running.site.static.url("site.css")
    file = visitor.http.get(url)
    assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert file.headers["content-type"] == "text/css; charset=utf-8"
    assert "set-cookie" not in file.headers
    assert visitor.http.get(url, headers={"If-None-Match": file.headers["etag"]}).status_code == 304
    old = visitor.http.get("/static/site.css?v=0123456789abcdef")
    assert old.headers["cache-control"] == "public, max-age=3600"
    assert visitor.get("/").headers["cache-control"] == "no-store"


def test_the_cookie_is_hidden_from_scripts_and_other_sites(visitor: Visitor) -> None:
    cookie = visitor.http.get("/").headers["set-cookie"]
    assert cookie.endswith(f"; Max-Age={COOKIE_SECONDS}; Path=/; HttpOnly; SameSite=Lax")
    assert "set-cookie" not in visitor.http.get("/q/optim.adam/1/abc").headers, "she has it already"


def test_health_says_whether_pytorch_is_ready(visitor: Visitor) -> None:
    assert visitor.http.get("/healthz").json() == {"status": "ok", "pytorch": "ready"}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_do_nothing(visitor: Visitor, method: str) -> None:
    assert visitor.http.request(method, "/").status_code == 405


# --- the password -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A site behind a password."""
    with serving(tmp_path_factory.mktemp("locked"), Settings(shared=True, password="correct horse")) as running:
        yield running


def test_without_the_password_there_is_only_the_form_for_it(locked: Running) -> None:
    visitor = locked.visitor()
    for path in ("/", "/q/optim.adam/1/abc", "/none", f"/practice/{'a' * 32}"):
        answer = visitor.http.get(path)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/login")
    answer = visitor.post("/practice", {"count": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert locked.practice.resume(visitor.learner) is None
    assert visitor.http.get("/static/site.css").status_code == 200
    assert visitor.http.get("/healthz").status_code == 200


def test_the_password_leads_to_where_one_wanted_to_go(locked: Running) -> None:
    visitor = locked.visitor()
    visitor.get("/q/optim.adam/1/abc")
    assert visitor.page is not None
    assert visitor.page.url.path == "/login"
    wrong = visitor.submit("/login", {"password": "wrong horse"})
    assert wrong.status_code == 403
    assert "not the password" in wrong.text
    page = visitor.submit("/login", {"password": "correct horse"})
    assert page.url.path == "/q/optim.adam/1/abc"
    visitor.get("/")
    visitor.submit("/logout")
    assert visitor.get("/").url.path == "/login"


def test_a_link_with_the_token_is_a_way_in(locked: Running) -> None:
    visitor = locked.visitor()
    assert visitor.get("/login?token=correct+horse").url.path == "/"
    assert locked.visitor().get("/login?token=correct+cow").status_code == 403


def test_another_browser_can_not_use_ones_way_in(locked: Running) -> None:
    one, other = locked.visitor(), locked.visitor()
    one.get("/login?token=correct+horse")
    other.get("/login")
    name = locked.site.keys.admission
    other.http.cookies.set(name, one.http.cookies[name], domain="127.0.0.1")
    assert other.get("/").url.path == "/login"


@pytest.mark.parametrize(
    "onward",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/%2fevil",
        "/a\r\nSet-Cookie: a=b",
    ],
)
def test_the_password_leads_to_no_other_site(locked: Running, onward: str) -> None:
    visitor = locked.visitor()
    answer = visitor.post("/login", {"password": "correct horse", "next": onward})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_guessing_passwords_is_slow(tmp_path: Path) -> None:
    few = Limits(passwords=Buckets(0.01, 3))
    with serving(tmp_path, Settings(password="correct horse"), few) as running:
        guesses = [running.visitor().post("/login", {"password": f"{n}"}).status_code for n in range(5)]
        assert guesses == [403, 403, 403, 429, 429]
        late = running.visitor().post("/login", {"password": "correct horse"})
        assert late.status_code == 429, "not even the right one, or the answer would tell"

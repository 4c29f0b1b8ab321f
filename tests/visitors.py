"""A site over a real database and a real socket, a stock that checks nothing, and visitors who have no script.

A visitor sends forms as a browser does: with the hidden fields that the page gave them, and what she fills in.
"""

import threading
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import httpx

from quizgen.practice.records import ME, Skill
from quizgen.practice.session import Practice, Session
from quizgen.question import Question
from quizgen.web.app import Site, make_app
from quizgen.web.limits import Buckets, Limit, Limits
from quizgen.web.serving import Server, config, listen
from quizgen.web.settings import Settings
from sittings import Clock, UncheckedStock, practising

SHARED = Settings(shared=True)
WAIT = 60.0
"""Seconds after which what was waited for will not come any more."""

MUCH = Limit(Buckets(1000, 1000), Buckets(1000, 1000))
GENEROUS = Limits(answers=MUCH, previews=MUCH, draws=MUCH, starts=MUCH, heavy=MUCH)
"""For visitors who all come from one address, and type faster than people do."""


class GatedStock(UncheckedStock):
    """As the one that checks nothing, and it can be made to keep everyone waiting, or to fail."""

    def __init__(self) -> None:
        super().__init__()
        self.state = "ready"
        self.problem = ""
        self.gate = threading.Event()
        self.gate.set()
        self.failure: Exception | None = None

    def take(self, skill: Skill, avoid: Container[str] = (), timeout: float = 0) -> Question:
        self._pass()
        return super().take(skill, avoid)

    def ready(self, skill: Skill, avoid: Container[str] = ()) -> Question | None:
        return self.take(skill, avoid) if self.gate.is_set() else None

    def verify(self, questions: Sequence[Question], timeout: float = 0) -> list[Question]:
        self._pass()
        return super().verify(questions)

    def _pass(self) -> None:
        assert self.gate.wait(WAIT), "the test never opened the gate"
        if self.failure is not None:
            raise self.failure


@dataclass
class Form:
    """A form of a page: where it is sent, and the fields that it has without anybody's doing."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # formaction, name, value
    names: set[str] = field(default_factory=set)


class Forms(HTMLParser):
    """The forms of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(at.get("action", ""), at.get("method", "get").lower()))
        elif self.forms and tag in ("input", "select", "textarea", "button"):
            form, name = self.forms[-1], at.get("name", "")
            if tag == "button" or at.get("type") == "submit":
                form.buttons.append((at.get("formaction", form.action), name, at.get("value", "")))
                return
            form.names.add(name)
            if at.get("type") == "hidden" or (at.get("type") in (None, "text") and at.get("value")):
                form.fields[name] = at.get("value", "")


class Visitor:
    """A browser without a script: it keeps cookies, and its page."""

    def __init__(self, running: "Running") -> None:
        self.running = running
        self.http = running.client()
        self.page: httpx.Response | None = None

    @property
    def learner(self) -> str:
        """Whose memory it is that this browser writes into."""
        if not self.running.site.settings.shared:
            return ME
        return self.http.cookies[self.running.site.keys.cookie].partition(".")[0]

    def get(self, path: str, **headers: str) -> httpx.Response:
        """The page there, after what it redirects to."""
        self.page = self.http.get(path, headers=_headers(headers))
        while self.page.is_redirect:
            assert self.page.status_code == 303
            self.page = self.http.get(self.page.headers["location"], headers=_headers(headers))
        return self.page

    def post(self, path: str, fields: Any = None, **headers: str) -> httpx.Response:
        """What a form sent there leads to, redirections not followed; the CSRF token of this browser goes with it."""
        if not self.http.cookies:
            self.http.get("/")
        sent = {"csrf": self.token} | dict(fields or {})
        return self.http.post(path, data=sent, headers=_headers(headers))

    @property
    def token(self) -> str:
        keys = self.running.site.keys
        return keys.csrf(self.http.cookies[keys.cookie].partition(".")[0])

    def form(self, action: str) -> Form:
        """The form of the page that is sent to an address with that end."""
        assert self.page is not None
        found = Forms(self.page.text).forms
        for form in found:
            for sent_to in (form.action, *(button[0] for button in form.buttons)):
                if sent_to.endswith(action):
                    return Form(sent_to, form.method, form.fields, form.buttons, form.names)
        raise AssertionError(f"no form is sent to …{action}; there are {[form.action for form in found]}")

    def submit(self, action: str, fields: Any = None, **headers: str) -> httpx.Response:
        """Sends a form of the page, with what was filled in, and follows to the page it leads to."""
        form = self.form(action)
        for name in fields or {}:
            assert name in form.names or any(button[1] == name for button in form.buttons), f"the form has no {name}"
        sent = form.fields | dict(fields or {})
        if form.method == "get":
            self.page = self.http.get(form.action, params=sent)
        else:
            self.page = self.http.post(form.action, data=sent, headers=_headers(headers))
        if self.page.is_redirect:
            assert self.page.status_code == 303
            return self.get(self.page.headers["location"])
        return self.page

    def session(self) -> Session:
        """The session of the page, as the database has it."""
        assert self.page is not None
        found = self.running.practice.resume(self.learner, self.page.url.path.split("/")[2])
        assert found is not None
        return found


def _headers(words: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in words.items()}


@dataclass
class Running:
    """A site that is being served."""

    url: str
    site: Site
    clock: Clock
    clients: list[httpx.Client] = field(default_factory=list)

    @property
    def practice(self) -> Practice:
        return self.site.practice

    @property
    def stock(self) -> GatedStock:
        return cast(GatedStock, self.practice.stock)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def visitor(self) -> Visitor:
        return Visitor(self)

    def client(self) -> httpx.Client:
        """A connection that is closed with the site."""
        self.clients.append(httpx.Client(base_url=self.url, follow_redirects=False, timeout=WAIT))
        return self.clients[-1]


@contextmanager
def serving(folder: Path, settings: Settings = SHARED, limits: Limits = GENEROUS) -> Iterator[Running]:
    """A site on a free port of this machine."""
    clock = Clock()
    with practising(folder, clock) as practice:
        practice.stock = GatedStock()  # type: ignore[assignment]
        app = make_app(practice, settings, limits)
        bound = listen("127.0.0.1", 0)
        up = threading.Event()
        server = Server(config(app, settings), up.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            assert up.wait(WAIT), "the server did not start"
            running = Running(f"http://127.0.0.1:{bound.getsockname()[1]}", app.state.site, clock)
            yield running
            for client in running.clients:
                client.close()
        finally:
            server.should_exit = True
            thread.join()

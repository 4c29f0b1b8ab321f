"""What stands before every page: who may ask, under which name, from where, how much, and how fast.

In this order: the host, the length of the address, the browser's cookie, the rate; for what changes something the
origin, the form (its length, its time, its token); and at last the password, if there is one. Every answer, whatever
it is, bears the headers that tell a browser what the page may do.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quizgen.practice.records import ME

from . import problems
from .fields import Fields
from .problems import Refused
from .respond import Visit
from .settings import host_name

if TYPE_CHECKING:
    from .app import Site

LONGEST_BODY = 64 * 1024
BODY_SECONDS = 10.0
LONGEST_ADDRESS = 6_000  # characters: a form of one's own numbers that was sent by GET
A_FORM = "application/x-www-form-urlencoded"
COOKIE_SECONDS = 400 * 24 * 3600  # the longest that browsers keep one
OPEN = ("login", "static", "healthz")  # what is shown before the password is given
BARE = ("static", "healthz")  # what is the same for everybody

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": with that, browsers send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """The middleware."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        self.site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        answer = _Answer(send)
        request = Request(scope)
        try:
            await self._answer(request, receive, answer)
        except ClientDisconnect:
            return
        except Exception as problem:  # whatever it is, a person gets a page and the log a line
            if answer.status:
                problems.logged(request, problem)
                raise
            response = await run_in_threadpool(_page, request, problem)
            if request.method == "POST":
                response.headers["Connection"] = "close"  # what is left of its body is not waited for
            await response(scope, receive, answer)
        finally:
            if self.site.settings.verbose:
                took = (time.perf_counter() - began) * 1000
                problems.log.info("%s %s %s %.0f ms", request.method, quote(scope["path"]), answer.status, took)

    async def _answer(self, request: Request, receive: Receive, answer: _Answer) -> None:
        site, scope = self.site, request.scope
        scope["state"] = dict(scope.get("state", {}))
        scope["state"]["visit"] = Visit("", "", "", admitted=False)
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or not site.settings.serves(hosts[0]):
            line = f"This site is not served under that name. Whoever runs it can allow it: --allow-host {_safe(hosts)}"
            await PlainTextResponse(line, 421)(scope, receive, answer)
            return
        if len(scope["path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
            raise Refused(414, "That address is too long.")
        first = scope["path"].split("/", 2)[1] if scope["path"].startswith("/") else ""
        if first in BARE:
            await self.app(scope, receive, answer)
            return
        browser, known, admitted = self._who(request)
        address = scope["client"][0] if scope.get("client") else ""
        visit = Visit(browser, browser if site.settings.shared else ME, site.keys.csrf(browser), admitted)
        scope["state"]["visit"] = visit
        if not known or scope["path"] == "/":
            answer.cookie(request, site.keys.cookie, site.keys.sign(browser))
        limit = site.limits.of(request.method, scope["path"])
        if limit is not None and (wait := limit.take(browser if known else None, address)):
            raise problems.too_many(wait)
        if request.method == "POST":
            fields = await self._form(request, receive, visit)
        else:
            fields = Fields.parse(scope["query_string"].decode("ascii", "replace"))
        scope["state"]["visit"] = replace(visit, fields=fields)
        if not admitted and first not in OPEN:
            await _to_login(request)(scope, receive, answer)
            return
        await self.app(scope, receive, answer)

    def _who(self, request: Request) -> tuple[str, bool, bool]:
        """The browser's id, whether it was ours already, and whether the password was given."""
        keys, cookies = self.site.keys, _cookies(request)
        browser = keys.browser(cookies.get(keys.cookie, ""))
        if browser is None:
            return keys.new_browser(), False, not keys.password
        return browser, True, keys.admits(cookies.get(keys.admission, ""), browser)

    async def _form(self, request: Request, receive: Receive, visit: Visit) -> Fields:
        """The form that was sent, if it came from a page of ours."""
        if not self._from_here(request):
            raise Refused(403, "That form was sent from another site, so nothing was done.")
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != A_FORM:
            raise Refused(415, "Only forms are read here.")
        body = await _body(request, receive)
        try:
            text = body.decode("ascii")
        except UnicodeDecodeError:
            raise Refused(400, "The form is not written as forms are; load the page again.") from None
        fields = Fields.parse(text)
        if not self.site.keys.is_csrf(fields.text("csrf"), visit.browser):
            raise Refused(
                403,
                "Nothing was done: this page is from another time or browser. Load it again; it needs cookies to work.",
            )
        return fields

    def _from_here(self, request: Request) -> bool:
        """Whether a browser says that one of our own pages sent this. What is no browser says nothing."""
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return False
        origin = request.headers.get("origin")
        if origin is None:
            return True
        host = request.headers["host"]
        if origin.lower() == f"{request.scope['scheme']}://{host}".lower():
            return True
        # Behind a proxy that ends TLS, or tells us another name than the browser's.
        name = host_name(urlsplit(origin).netloc) if origin.startswith("https://") else ""
        return name in self.site.settings.proxied


class _Answer:
    """Sends an answer with the headers that every answer bears."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._cookies: list[str] = []
        self.status = 0

    def cookie(self, request: Request, name: str, value: str) -> None:
        self._cookies.append(cookie(request, name, value))

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
            for each in self._cookies:
                headers.append("Set-Cookie", each)
        await self._send(message)


def cookie(request: Request, name: str, value: str, seconds: int = COOKIE_SECONDS) -> str:
    """A cookie that no script sees and no other site sends with a form."""
    secure = "; Secure" if request.scope["scheme"] == "https" else ""
    return f"{name}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"


def _page(request: Request, problem: Exception) -> Response:
    """The page for an error; the bare line where even that fails."""
    try:
        return problems.page(request, problem)
    except Exception as worse:  # noqa: BLE001 (a page that can't be printed must not take the line with it)
        problems.logged(request, problem)
        number = problems.logged(request, worse)
        return PlainTextResponse(f"Something went wrong here, and it was written down. (error {number})", 500)


async def _body(request: Request, receive: Receive) -> bytes:
    too_long = Refused(413, f"That is too much for a form: at most {LONGEST_BODY // 1024} KiB are read.")
    length = request.headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or len(length) > 9 or int(length) > LONGEST_BODY:
        raise too_long
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                body += message.get("body", b"")
                if len(body) > LONGEST_BODY:
                    raise too_long
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        raise Refused(408, "The form took too long to arrive; send it again.") from None


def _cookies(request: Request) -> dict[str, str]:
    """The cookies, whatever others are beside ours."""
    found: dict[str, str] = {}
    for header in request.headers.getlist("cookie"):
        for each in header.split(";"):
            name, _, value = each.strip().partition("=")
            found.setdefault(name, value)
    return found


def _to_login(request: Request) -> Response:
    """To the page that asks for the password, and from there to where one wanted to go."""
    back = request.url.path if request.method == "GET" else ""
    url = f"/login?next={quote(back, safe='/')}" if back not in ("", "/") else "/login"
    if request.headers.get("hx-request") == "true":
        return Response(status_code=200, headers={"HX-Redirect": "/login"})
    return RedirectResponse(url, 303)


def _safe(hosts: list[str]) -> str:
    name = host_name(hosts[0]) if len(hosts) == 1 else ""
    plain = "".join(c for c in name if c.isascii() and (c.isalnum() or c in ".-:"))
    return plain[:80] or "NAME"

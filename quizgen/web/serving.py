"""Serving: a port, the machinery behind it, a server, and an end that is clean."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import h11
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from quizgen.errors import QuizgenError, UsageError, shown

from .app import make_app
from .settings import Settings, is_everywhere

if TYPE_CHECKING:
    from quizgen.practice.session import Practice

PORT = 8471
PORTS_TRIED = 10
HEADER_SECONDS = 10.0  # within which the head of a request must have come
GRACE = 1  # second that requests under way have when the server ends
LAST_GRACE = 2.0  # seconds after which it ends whatever is still being done
THREADS = 4
"""In which pages are made. Python runs one at a time: more of them make a crowd wait longer, each for all others."""

MOST_CONNECTIONS = 900  # most systems allow a program 1,024 files


# --- the port ---------------------------------------------------------------------------------------------------------


def listen(host: str, port: int | None) -> socket.socket:
    """A socket that listens; ``port`` None: the usual one or, where that is taken, one of the next.

    Raises `QuizgenError`, which says what to do.
    """
    if port is not None:
        return _bound(host, port)
    for each in range(PORT, PORT + PORTS_TRIED):
        try:
            return _bound(host, each)
        except PortInUse:
            continue
    raise PortInUse(f"the ports {PORT} to {PORT + PORTS_TRIED - 1} are all in use on {host}; give another: --port 9000")


class PortInUse(QuizgenError):
    """Another program listens there."""


def _bound(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise UsageError(f"there is no address {shown(host)} to listen on; --host 127.0.0.1 is this machine") from None
    family, kind, protocol, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    made = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(1024)
    except OSError as problem:
        made.close()
        raise _unbound(host, port, problem) from None
    made.setblocking(False)
    return made


def _unbound(host: str, port: int, problem: OSError) -> QuizgenError:
    if problem.errno == errno.EADDRINUSE:
        return PortInUse(
            f"port {port} is in use on {host}, perhaps by another `quizgen serve`: open http://{_in_url(host)}:{port}/ "
            "or give another --port"
        )
    if problem.errno in (errno.EACCES, errno.EPERM):
        return UsageError(f"port {port} needs rights that you don't have; give one above 1023, such as --port {PORT}")
    if problem.errno == errno.EADDRNOTAVAIL:
        return UsageError(f"{shown(host)} is no address of this machine; --host 0.0.0.0 means all of them")
    return QuizgenError(f"can't listen on {host}, port {port}: {problem.strerror}")


def address(bound: socket.socket, host: str) -> str:
    """The address that others type, without a path."""
    name = _outward() if is_everywhere(host) else host
    return f"http://{_in_url(name)}:{bound.getsockname()[1]}"


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _outward() -> str:
    """This machine's address in its network: the one it would send from. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address that belongs to nobody (RFC 5737)
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()


# --- the machinery ----------------------------------------------------------------------------------------------------


def open_practice(data: str | None, files: Sequence[Path]) -> Practice:
    """The machinery over a database, its stock not yet begun: that waits until the server listens."""
    from quizgen import family
    from quizgen.practice.session import Practice
    from quizgen.practice.stock import Stock
    from quizgen.practice.store import Store

    entries = list(family.everything().values())
    store = Store.open(data)
    return Practice(store, Stock(store, entries, files=files), entries)


# --- the server -------------------------------------------------------------------------------------------------------


def serve(
    bound: socket.socket,
    practice: Practice,
    settings: Settings,
    *,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serves until it is told to end, by Ctrl-C or SIGTERM, and closes all; ``ready`` is called when it answers."""
    log_to_stderr(settings.verbose)

    def begin() -> None:
        practice.stock.start()
        ready()

    server = Server(config(make_app(practice, settings), settings), begin)
    try:
        server.run(sockets=[bound])
    finally:
        last = threading.Timer(LAST_GRACE, os._exit, args=(0,))  # what is on disk stays there
        last.daemon = True
        last.start()
        practice.close()
        last.cancel()


def config(app: Starlette, settings: Settings) -> uvicorn.Config:
    """How the server runs."""
    return uvicorn.Config(
        app,
        http=Patience,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.proxied),
        forwarded_allow_ips="127.0.0.1,::1",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=GRACE,
    )


class Server(uvicorn.Server):
    """A server that says when it answers, and takes the signals that end it for its normal end."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None] = lambda: None) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self._end) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _end(self, number: int, frame: FrameType | None) -> None:
        if not self.should_exit:
            last = threading.Timer(GRACE + LAST_GRACE, os._exit, args=(0,))  # a long piece of work ends with us
            last.daemon = True
            last.start()
        self.handle_exit(number, frame)


class Patience(H11Protocol):
    """A connection with an end to its patience: whoever sends the head of a request drop by drop is cut off."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in theirs
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._expect()
        else:
            self._relax()

    def connection_lost(self, exc: Exception | None) -> None:
        self._relax()
        super().connection_lost(exc)

    def _expect(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _relax(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


# --- around it --------------------------------------------------------------------------------------------------------


def log_to_stderr(verbose: bool) -> None:
    """A line for each error and, with ``verbose``, for each request."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
    log = logging.getLogger("quizgen.web")
    log.handlers = [handler]
    log.propagate = False
    log.setLevel(logging.INFO if verbose else logging.ERROR)
    logging.getLogger("uvicorn").setLevel(logging.WARNING if verbose else logging.ERROR)


def open_browser(url: str) -> None:
    """Opens the page where there is a screen; a browser inside this terminal would take it over."""
    screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform in ("win32", "darwin") or (screen and not os.environ.get("SSH_CONNECTION")):
        threading.Thread(target=_open, args=(url,), daemon=True).start()


def _open(url: str) -> Any:
    try:
        return webbrowser.open(url)
    except (OSError, webbrowser.Error):
        return None  # the address stands in the terminal

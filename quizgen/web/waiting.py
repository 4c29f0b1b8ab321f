"""What may take longer than a person waits for a page, such as PyTorch starting: it is done beside the page, which asks
again.

No thread that makes pages waits for it meanwhile: a handler that has begun such work gives a `Later`, and is `patient`.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from quizgen.practice.session import NotReady

THREADS = 32
MOST_DONE = 5_000
"""Results that nobody has asked for yet; the oldest are forgotten."""

PATIENCE = 0.4
"""Seconds that a page waits before it says that it waits."""


@dataclass(frozen=True, slots=True)
class Later:
    """The page that ``then`` makes: when the job is done, or has not been done for so many seconds of ``patience``."""

    job: Future[Any]
    then: Made
    patience: float


Made: TypeAlias = Callable[[], Response | Later]
"""What makes a page."""


def patient(handler: Callable[[Request], Response | Later]) -> Callable[[Request], Awaitable[Response]]:
    """A handler that may give a `Later`."""

    async def handle(request: Request) -> Response:
        found = await run_in_threadpool(handler, request)
        while isinstance(found, Later):
            await _is_done(found.job, found.patience)
            found = await run_in_threadpool(found.then)
        return found

    return handle


def careful(care: Callable[[Made], Response | Later], make: Made) -> Response | Later:
    """What ``make`` makes; ``care`` calls it, and whatever it leaves for later, to see to what they raise."""
    found = care(make)
    return replace(found, then=partial(care, found.then)) if isinstance(found, Later) else found


async def _is_done(job: Future[Any], seconds: float) -> None:
    """Waits until a job is done, but not for longer."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def tell(_: Future[Any]) -> None:
        with suppress(RuntimeError):  # the server has ended
            loop.call_soon_threadsafe(done.set)

    job.add_done_callback(tell)
    with suppress(TimeoutError):
        await asyncio.wait_for(done.wait(), seconds)


class Jobs:
    """Work by key: one piece at a time for each. Its threads do not hold up the end of the program."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Future[Any]] = OrderedDict()
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        self._lock = Lock()
        self._threads = 0
        self._idle = 0

    def start(self, key: str, work: Callable[[], Any], at_once: Callable[[], Any] | None = None) -> Future[Any]:
        """Begins a piece of work unless one of that key is under way. ``at_once`` does the same here and now where
        nothing has to be waited for, and raises `NotReady` where it has to."""
        with self._lock:
            job = self._jobs.get(key)
            if job is not None and not job.done():
                return job
            job = self._jobs[key] = Future()
            self._jobs.move_to_end(key)
            self._forget()
        if at_once is not None:
            try:
                job.set_result(at_once())
                return job
            except NotReady:
                pass
            except BaseException as problem:  # noqa: BLE001 (it belongs to whoever asks for the result)
                job.set_exception(problem)
                return job
        with self._lock:
            self._queue.put((job, work))
            self._more_hands()
        return job

    def under_way(self, key: str) -> Future[Any] | None:
        """The work of that key that is being done."""
        with self._lock:
            job = self._jobs.get(key)
        return job if job is not None and not job.done() else None

    def take(self, key: str) -> Future[Any] | None:
        """The work of that key if it is done, once."""
        with self._lock:
            job = self._jobs.get(key)
            return self._jobs.pop(key) if job is not None and job.done() else None

    def finished(self, key: str, job: Future[Any]) -> Future[Any]:
        """The same job, whose result has been asked for now."""
        with self._lock:
            if self._jobs.get(key) is job:
                del self._jobs[key]
        return job

    def _forget(self) -> None:
        if len(self._jobs) > MOST_DONE:
            oldest = next((key for key, job in self._jobs.items() if job.done()), None)
            if oldest is not None:
                del self._jobs[oldest]

    def _more_hands(self) -> None:
        if self._queue.qsize() > self._idle and self._threads < THREADS:
            self._threads += 1
            Thread(target=self._work, name=f"quizgen-web-{self._threads}", daemon=True).start()

    def _work(self) -> None:
        while True:
            self._idle += 1
            job, work = self._queue.get()
            self._idle -= 1
            try:
                job.set_result(work())
            except BaseException as problem:  # noqa: BLE001 (it belongs to whoever asks for the result)
                job.set_exception(problem)

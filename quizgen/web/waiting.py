"""What may take longer than a person waits for a page, such as PyTorch starting: it is done beside the page, which asks
again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

THREADS = 32
MOST_DONE = 5_000
"""Results that nobody has asked for yet; the oldest are forgotten."""

PATIENCE = 0.4
"""Seconds that a page waits before it says that it waits."""


class Jobs:
    """Work by key: one piece at a time for each. Its threads do not hold up the end of the program."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Future[Any]] = OrderedDict()
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        self._lock = Lock()
        self._threads = 0
        self._idle = 0

    def start(self, key: str, work: Callable[[], Any], patience: float = PATIENCE) -> Future[Any]:
        """Begins a piece of work unless one of that key is under way, and waits a moment for it to be done."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None or job.done():
                job = self._jobs[key] = Future()
                self._jobs.move_to_end(key)
                self._forget()
                self._queue.put((job, work))
                self._more_hands()
        wait_for([job], patience)
        return job

    def under_way(self, key: str, patience: float = 0.0) -> bool:
        """Whether work of that key is being done, still after some patience."""
        with self._lock:
            job = self._jobs.get(key)
        if job is not None and patience:
            wait_for([job], patience)
        return job is not None and not job.done()

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

"""Work done in several processes, with results that are the same whatever their number, and in order.

Each process is begun anew (a fork would take along threads and open files). They end with this one, however it ends: a
process that waits for work notices, and Ctrl-C in the terminal reaches them too.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from quizgen.errors import QuizgenError

AHEAD = 8
"""How many items a process has waiting for it: enough that none runs dry, few enough that memory stays flat."""

T = TypeVar("T")
R = TypeVar("R")


class Ended(QuizgenError):
    """A process ended before its work was done."""


def in_order(
    begin: Callable[[], Callable[[T], R]], items: Iterable[T], jobs: int, files: Sequence[str] = ()
) -> Generator[R, None, None]:
    """What becomes of each item, in their order.

    ``begin`` makes the worker of a process; where ``jobs`` is 1 that is this one. Else ``begin``, items and results
    must survive pickling; ``files`` are those whose families this process has loaded. What a worker raises is raised
    here, `Ended` where a process died. Close it where it is left before its end.
    """
    if jobs == 1:
        yield from map(begin(), items)
        return
    import multiprocessing

    anew = multiprocessing.get_context("spawn")
    rest = iter(items)
    waiting: deque[Future[R]] = deque()
    pool = ProcessPoolExecutor(jobs, mp_context=anew, initializer=_prepare, initargs=(begin, tuple(files)))

    def submit(count: int) -> None:
        with _no_interrupt():
            waiting.extend(pool.submit(_do, item) for item in islice(rest, count))

    try:
        submit(jobs * AHEAD)
        while waiting:
            yield waiting.popleft().result()
            submit(1)
    except BrokenProcessPool:
        raise Ended(
            "one of the processes was ended from outside, perhaps for want of memory; try fewer with --jobs"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Processes that are begun in it do not hear of Ctrl-C before they are ready for it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# --- in the other processes -------------------------------------------------------------------------------------------

_begin: Callable[[], Callable[[Any], Any]]
_files: tuple[str, ...] = ()
_work: Callable[[Any], Any] | None = None


def _prepare(begin: Callable[[], Callable[[Any], Any]], files: tuple[str, ...]) -> None:
    global _begin, _files
    _begin, _files = begin, files
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends it at once and without words: it has nothing to lose
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    import multiprocessing
    from multiprocessing import connection

    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _do(item: Any) -> Any:
    """The work itself. What it takes is made with the first item, so that what goes wrong then is said."""
    global _work
    if _work is None:
        from quizgen.family import load_file

        for file in _files:
            load_file(Path(file))
        _work = _begin()
    return _work(item)

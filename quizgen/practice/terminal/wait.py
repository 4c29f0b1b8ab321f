"""Calls that may wait, for PyTorch or for the database, while the screen goes on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


async def beside(call: Callable[[], T]) -> T:
    """The result of a call that is made in a thread of its own; what it raises is raised here.

    The thread is a daemon: whoever leaves while PyTorch is being imported does not wait for it.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(how: Callable[[Any], None], what: Any) -> None:
        if not done.done():
            how(what)

    def run() -> None:
        how: tuple[Callable[[Any], None], Any]
        try:
            how = (done.set_result, call())
        except BaseException as problem:  # noqa: BLE001 (raised again where it is awaited)
            how = (done.set_exception, problem)
        with suppress(RuntimeError):  # the program has ended in the meantime
            loop.call_soon_threadsafe(settle, *how)

    threading.Thread(target=run, name="practice", daemon=True).start()
    return await done

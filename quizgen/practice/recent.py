"""What was used lately, kept at hand."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """The things of some kind that were used last, by their names; at most so many. Safe for many threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[str, T] = OrderedDict()
        self._lock = Lock()

    def get(self, name: str) -> T | None:
        with self._lock:
            if name in self._held:
                self._held.move_to_end(name)
            return self._held.get(name)

    def put(self, name: str, value: T) -> None:
        with self._lock:
            self._held[name] = value
            self._held.move_to_end(name)
            if len(self._held) > self._most:
                self._held.popitem(last=False)

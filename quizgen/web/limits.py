"""How much one browser, and one address, may ask for: buckets of tokens that fill again with time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from threading import Lock

MOST_KEYS = 20_000  # whoever was not seen for longest is forgotten first


@dataclass
class Buckets:
    """A bucket for each key: it holds ``burst`` tokens and is filled with ``rate`` of them a second."""

    rate: float
    burst: int
    clock: Callable[[], float] = time.monotonic
    _held: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def take(self, key: str) -> float:
        """Takes a token. 0 where there was one, else in how many seconds there will be."""
        with self._lock:
            tokens = self._tokens(key)
            wait = max(0.0, (1 - tokens) / self.rate)
            self._held[key] = (tokens if wait else tokens - 1, self.clock())
            self._held.move_to_end(key)
            if len(self._held) > MOST_KEYS:
                self._held.popitem(last=False)
            return wait

    def wait(self, key: str) -> float:
        """In how many seconds there will be a token, 0 where there is one; takes none."""
        with self._lock:
            return max(0.0, (1 - self._tokens(key)) / self.rate)

    def _tokens(self, key: str) -> float:
        tokens, at = self._held.get(key, (float(self.burst), 0.0))
        return min(float(self.burst), tokens + (self.clock() - at) * self.rate)


@dataclass(frozen=True)
class Limit:
    """The limits of one kind of request: for each browser, and for each address, behind which a whole class may sit
    and new browsers cost nothing."""

    browser: Buckets
    address: Buckets

    def take(self, browser: str | None, address: str) -> float:
        """0, or in how many seconds to come again; ``browser``: None where it has no id yet."""
        wait = self.browser.take(browser) if browser else 0.0
        return wait or self.address.take(network(address))


@dataclass(frozen=True)
class Limits:
    """What may be asked for how often. Two hundred students who answer every other second come nowhere near."""

    answers: Limit = field(default_factory=lambda: Limit(Buckets(10, 120), Buckets(400, 1200)))
    previews: Limit = field(default_factory=lambda: Limit(Buckets(10, 60), Buckets(400, 1200)))
    draws: Limit = field(default_factory=lambda: Limit(Buckets(3, 40), Buckets(60, 400)))
    starts: Limit = field(default_factory=lambda: Limit(Buckets(0.5, 20), Buckets(40, 400)))
    heavy: Limit = field(default_factory=lambda: Limit(Buckets(0.1, 5), Buckets(0.5, 16)))
    passwords: Buckets = field(default_factory=lambda: Buckets(0.1, 20))
    """Wrong passwords from one address."""

    def of(self, method: str, path: str) -> Limit | None:
        """Which limit a request falls under."""
        first = path.split("/", 2)[1]
        if method == "POST":
            if first in ("sheet", "solve"):
                return self.heavy
            if path == "/practice" or first == "q":
                return self.starts
            return self.previews if first == "preview" else self.answers
        return self.draws if first in ("q", "solve", "catalogue", "progress") else None


def network(address: str) -> str:
    """What one person holds: an IPv4 address, or the whole of an IPv6 network."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if ip.version == 4:
        return str(ip)
    return str(ip.ipv4_mapped or ":".join(ip.exploded.split(":")[:4]))

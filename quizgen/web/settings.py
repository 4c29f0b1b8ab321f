"""How the site is served: to whom, under which names, behind which password."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import ip_address

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Settings:
    """``shared``: every browser is a student of her own, else all are the one learner of this machine; ``password``:
    what must be given first, "" for nothing; ``names``: the hosts that a browser may ask for, ``proxied`` those of them
    that it may know us under when a proxy tells us another, and ``any_address``: beside them every numeric address;
    ``verbose``: a line of log for every request."""

    shared: bool = False
    password: str = ""
    names: frozenset[str] = LOOPBACK
    proxied: frozenset[str] = frozenset()
    any_address: bool = False
    verbose: bool = False

    def serves(self, host: str) -> bool:
        """Whether a Host header names this site.

        A page elsewhere whose name was made to point here (DNS rebinding) asks for its own name, and is refused. A
        numeric address can't be made to point anywhere else.
        """
        name = host_name(host)
        return name in self.names or (self.any_address and _is_address(name))


def host_name(host: str) -> str:
    """The name in a Host header: without the port, brackets and the dot that may end it, in small letters."""
    name, bracket, _ = host.partition("]")
    if bracket and name.startswith("["):
        return name[1:].lower()
    return host.partition(":")[0].lower().removesuffix(".")


def is_loopback(host: str) -> bool:
    """Whether an address to listen on can be reached from this machine alone."""
    if host.lower() == "localhost":
        return True
    return _is_address(host) and ip_address(host).is_loopback


def is_everywhere(host: str) -> bool:
    """Whether an address to listen on means all of the machine's."""
    return _is_address(host) and ip_address(host).is_unspecified


def names_of(host: str) -> frozenset[str]:
    """The names under which a site that listens on ``host`` is asked for."""
    names = {host.lower()}
    if is_loopback(host):
        names |= LOOPBACK
    elif is_everywhere(host):
        own = socket.gethostname().lower()
        names |= LOOPBACK | {own, f"{own}.local", f"{own.partition('.')[0]}.local"}
    return frozenset(names)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True

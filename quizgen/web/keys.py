"""Signatures: what a browser keeps for us, and what it must send back, can be made with the database's secret alone."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from functools import cached_property

_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True)
class Keys:
    """Everything that is signed, each for one purpose, so that one can't be taken for another."""

    secret: bytes
    password: str = ""

    @cached_property
    def cookie(self) -> str:
        """The cookie that holds the browser's id. Cookies know no ports: two databases must not share one."""
        return f"quizgen-{self._mac('cookie')[:8]}"

    @cached_property
    def admission(self) -> str:
        """The cookie that says that the password was given."""
        return f"{self.cookie}-in"

    def new_browser(self) -> str:
        """A random id of 128 bits."""
        return secrets.token_hex(16)

    def sign(self, browser: str) -> str:
        """A browser's id as its cookie holds it."""
        return f"{browser}.{self._mac('browser', browser)}"

    def browser(self, cookie: str) -> str | None:
        """The id in a cookie, None where we did not sign it."""
        browser, _, mac = cookie.partition(".")
        if not _ID.fullmatch(browser) or not _same(mac, self._mac("browser", browser)):
            return None
        return browser

    def csrf(self, browser: str) -> str:
        """The token that the forms of a browser must bear."""
        return self._mac("csrf", browser)

    def is_csrf(self, token: str, browser: str) -> bool:
        return _same(token, self.csrf(browser))

    def pass_of(self, browser: str) -> str:
        """What a browser that gave the password holds. Another password, or another browser, makes it worthless."""
        return self._mac("in", browser, self.password)

    def admits(self, cookie: str, browser: str) -> bool:
        return not self.password or _same(cookie, self.pass_of(browser))

    def is_password(self, text: str) -> bool:
        """Whether a text is the password; takes as long for every text."""
        return _same(self._mac("password", text), self._mac("password", self.password))

    def _mac(self, *words: str) -> str:
        message = "\0".join(words).encode("utf-8", "surrogatepass")
        return hmac.digest(self.secret, message, "sha256").hex()


def _same(a: str, b: str) -> bool:
    return hmac.compare_digest(a.encode("utf-8", "surrogatepass"), b.encode("utf-8"))

"""Screens that lie over another one for a while."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

R = TypeVar("R")


class Over(ModalScreen[R]):
    """A screen that is closed once, however often a key is pressed: a second time would close the one below."""

    def dismiss(self, result: R | None = None) -> AwaitComplete:
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()

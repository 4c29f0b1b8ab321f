"""The page of a question: its words and figures, its parts with what was done at them, its solution. It scrolls."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text
from textual.containers import VerticalScroll
from textual.widgets import Static

from quizgen.practice.terminal import page
from quizgen.render.terminal import Fitted, solution, statement

if TYPE_CHECKING:
    from quizgen.practice.attempt import Attempt


class Sheet(VerticalScroll):
    """A question on a page. ``show`` draws it anew, and scrolls to where something has happened."""

    def __init__(self) -> None:
        super().__init__(can_focus=True)
        self._code = ""

    def watch_scrolling(self, tell: Callable[[], None]) -> None:
        """Has ``tell`` called whenever another piece of the page is seen."""
        self.watch(self, "scroll_y", lambda _: tell(), init=False)
        self.watch(self, "virtual_size", lambda _: self._later(tell), init=False)

    def _later(self, tell: Callable[[], None]) -> None:
        self.call_after_refresh(tell)

    @property
    def has_more_below(self) -> bool:
        return self.scroll_offset.y < self.max_scroll_y

    @property
    def has_more_above(self) -> bool:
        return self.scroll_offset.y > 0

    async def show(self, attempt: Attempt, *, part: int | None = None, worked: bool = False) -> None:
        """``part``: the one that is to be answered now; ``worked``: with the worked solution."""
        count = len(attempt.question.parts)
        first = attempt.question.code != self._code
        if first:
            self._code = attempt.question.code
            await self.remove_children()
            await self.mount(*(Static(classes="piece") for _ in range(count + 2)))
        words, *parts, end = self.query(".piece").results(Static)
        words.update(statement(attempt.question))
        shown = count if attempt.closed or attempt.exam or part is None else part
        for at, one in enumerate(parts, 1):
            one.display = at <= shown
            if one.display:
                one.update(page.part(attempt, at, current=at == part))
        end.update(_end(attempt, worked) if attempt.closed else "")
        end.display = attempt.closed
        if first and (worked or not attempt.moves):  # nobody has it in mind: it is read from the top
            self.scroll_home(animate=False)
        else:
            target = end if attempt.closed else parts[(part or count) - 1]
            self.call_after_refresh(self.scroll_to_widget, target, animate=False, top=worked)

    async def say(self, text: str) -> None:
        """A line in place of a question."""
        self._code = ""
        await self.remove_children()
        await self.mount(Static(Fitted(lambda room: [Padding(Text(text), (1, 1))])))


def _end(attempt: Attempt, worked: bool) -> RenderableType:
    lines: list[RenderableType] = [page.outcome(attempt)]
    lines.append(Text(attempt.question.code, style=page.QUIET))
    if attempt.question.provenance is not None and not worked:
        lines.append(Text(attempt.question.provenance.line(), style=page.QUIET))
    if worked:
        lines += [Text(), Text("Solution", style="bold"), solution(attempt.question, attempt.choices)]
    return Padding(Group(*lines), (0, 1))

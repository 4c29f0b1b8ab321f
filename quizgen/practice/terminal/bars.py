"""The lines around a question: where one is, what is asked for now, and which keys there are."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style as RichStyle
from rich.text import Text
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from quizgen.practice.terminal.commands import Command
from quizgen.render.terminal import Fitted
from quizgen.render.unicode_math import plain, width

GAP = 1
REVERSED = RichStyle(reverse=True)


def cut(text: str, room: int) -> str:
    """A text in exactly so many columns."""
    if width(text) > room:
        text = f"{text[: max(0, room - 1)]}…"
    return text + " " * (room - width(text))


def both_ends(left: str, right: str, room: int, fill: str = " ") -> str:
    """Two texts at the ends of a line; where they don't fit, the left one is cut."""
    most = room - width(right)
    left = cut(left, most).rstrip() if width(left) > most else left
    return f"{left}{fill * (most - width(left))}{right}"


class Header(Static):
    """A title at the left; at the right which question this is, the time left, the points so far."""

    def tell(self, left: str, *right: str) -> None:
        ends = f" {' · '.join(filter(None, right))} "
        self.update(Fitted(lambda room: [Text(both_ends(f" {plain(left)}", ends, room), no_wrap=True)]))


class Rule(Static):
    """A line between the page and what is typed, with words in it."""

    def tell(self, left: str, *right: str) -> None:
        """``right``: the last of these matters most; where there is little room the first ones are left out."""

        def line(room: int) -> Text:
            ends = [one for one in right if one]
            while len(ends) > 1 and width(" · ".join(ends)) > room // 2:
                ends.pop(0)
            end = f" {' · '.join(ends)} ──" if ends else ""
            return Text(both_ends(f"── {left} " if left else "", end, room, "─"), no_wrap=True)

        self.update(Fitted(lambda room: [line(room)]))


class Rows(OptionList):
    """Rows to choose from. The chosen one is reversed: Textual would tell it by a colour alone."""

    def render_line(self, y: int) -> Strip:
        line = super().render_line(y)
        rows = {segment.style.meta.get("option") for segment in line if segment.style}
        return line.apply_style(REVERSED) if self.highlighted in rows - {None} else line


def row(text: str, name: str | None = None) -> Option:
    """A row of a list, on one line."""
    return Option(Fitted(lambda room: [Text(cut(text, room), no_wrap=True)]), name)


class Keys(Widget):
    """Keys and what they do, on as many lines as they need. A click does the same."""

    commands: reactive[tuple[tuple[str, str, str], ...]] = reactive((), layout=True)
    """Of each the key as it is shown, what it does in a word, and the action of the screen."""

    def offer(self, commands: Sequence[Command]) -> None:
        self.commands = tuple(
            (one.key_shown, one.short, f"screen.command('{one.name}')") for one in commands if one.short
        )

    def _lines(self, room: int) -> list[list[tuple[str, str, str]]]:
        lines: list[list[tuple[str, str, str]]] = [[]]
        taken = 0
        for one in self.commands:
            wide = len(one[0]) + 1 + len(one[1])
            if lines[-1] and taken + GAP + wide > room:
                lines.append([])
                taken = 0
            taken += wide + (GAP if lines[-1] else 0)
            lines[-1].append(one)
        return lines

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render(self) -> Content:
        return Content("\n").join(Content(" " * GAP).join(map(_key, line)) for line in self._lines(self.size.width))


def _key(one: tuple[str, str, str]) -> Content:
    key, word, action = one
    does = Style.from_meta({"@click": action})
    return Content.assemble((key, Style(reverse=True) + does), (f" {word}", does))

"""Rich prints tables with blanks up to the edge: here is what takes them away."""

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment

__all__ = ["Trimmed"]


class Trimmed:
    """Something to print, without blanks at the ends of its lines."""

    def __init__(self, inner: RenderableType) -> None:
        self.inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in console.render_lines(self.inner, options, pad=False):
            while line and not line[-1].text.rstrip():
                line.pop()
            if line:
                text, style, control = line.pop()
                yield from line
                yield Segment(text.rstrip(), style, control)
            yield Segment.line()

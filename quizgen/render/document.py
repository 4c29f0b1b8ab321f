"""The document tree that every printer prints: what `quizgen.text.parse` makes of the small markup.

Nodes are values and know nothing of HTML, LaTeX or terminals. Text is the text itself, unescaped: whoever
prints a node escapes it for where it goes. `latex` is a formula's source without its dollars.
"""

from dataclasses import dataclass

__all__ = [
    "Block",
    "Bold",
    "Bullets",
    "Code",
    "Display",
    "Emphasis",
    "Figure",
    "Inline",
    "InlineCode",
    "Inlines",
    "Math",
    "Numbered",
    "Paragraph",
    "Table",
    "Text",
]


@dataclass(frozen=True, slots=True)
class Text:
    """Words, exactly as they are to be read."""

    text: str


@dataclass(frozen=True, slots=True)
class Bold:
    """`**strong**` words."""

    inlines: "Inlines"


@dataclass(frozen=True, slots=True)
class Emphasis:
    """`*stressed*` words."""

    inlines: "Inlines"


@dataclass(frozen=True, slots=True)
class InlineCode:
    """A short piece of code in a line."""

    text: str


@dataclass(frozen=True, slots=True)
class Math:
    """`$a formula$` in a line, in LaTeX."""

    latex: str


Inline = Text | Bold | Emphasis | InlineCode | Math
Inlines = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A run of inlines."""

    inlines: Inlines


@dataclass(frozen=True, slots=True)
class Display:
    """A formula on a line of its own, in LaTeX."""

    latex: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """An unordered list; each item is one run of inlines."""

    items: tuple[Inlines, ...]


@dataclass(frozen=True, slots=True)
class Numbered:
    """An ordered list that counts from `start`."""

    items: tuple[Inlines, ...]
    start: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table of inlines: every row is as long as the header; `align` holds "left", "center" or "right" a column."""

    header: tuple[Inlines, ...]
    rows: tuple[tuple[Inlines, ...], ...]
    align: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of code, kept as they are."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A place for the question's figure of that name; `alt` says in words what it shows."""

    name: str
    alt: str


Block = Paragraph | Display | Bullets | Numbered | Table | Code | Figure

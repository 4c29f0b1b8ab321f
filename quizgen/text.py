r"""The small markup of statements, prompts and reasons.

    A paragraph with **bold**, *emphasis*, `code` and $\beta_1 = 0.9$.

    $$ y = W x + b $$

    - a list            1. a counted list            | layer | shape |
    - of points         2. of points                 |:------|------:|
                                                     | conv  | $64$  |
    ```python
    code that is kept as it is
    ```

    ![what the picture shows](figure:graph)

Everything else is literal text. A literal `*`, `$`, backtick, `|` or `\` is written with a backslash before it, and
`escape` does that for text that comes from outside. A star opens emphasis only before a letter and at the edge
of a word, so that `2 * 3` and `2*3*4` are products; a star without a partner is a star. A dollar or a backtick
without a partner is a slip of the author's, and an error.
"""

import re

from quizgen.errors import RenderError, shown
from quizgen.render.document import (
    Block,
    Bold,
    Bullets,
    Code,
    Display,
    Emphasis,
    Figure,
    Inline,
    InlineCode,
    Inlines,
    Math,
    Numbered,
    Paragraph,
    Table,
    Text,
)

__all__ = ["MarkupError", "escape", "parse", "parse_inline"]


class MarkupError(RenderError):
    """A piece of markup that cannot be meant as it stands."""


_BULLET = re.compile(r"[ ]{0,3}-[ ]+(?=\S)")
_NUMBER = re.compile(r"[ ]{0,3}([0-9]{1,4})\.[ ]+(?=\S)")
_FIGURE = re.compile(r"\s*!\[((?:[^\]\\]|\\.)*)\]\(figure:([A-Za-z0-9_.-]+)\)\s*")
_RULE_CELL = re.compile(r"\s*(:?)-+(:?)\s*")
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_LITERAL = re.compile(r"[\\*$`|]")


def escape(text: str) -> str:
    """Markup that reads as `text` and nothing else: no list, table, formula or picture comes of it.

    Runs of white space that hold a line break become one space, and white space at either end goes.
    """
    text = re.sub(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*", " ", text).strip()
    text = _LITERAL.sub(lambda match: "\\" + match[0], text).replace("![", "\\![")
    return re.sub(r"^(?:([0-9]{1,4})\.|-)", lambda match: match[0][:-1] + "\\" + match[0][-1], text)


def parse(markup: str) -> tuple[Block, ...]:
    """The blocks of a piece of markup.

    Raises MarkupError for a dollar, backtick or fence that is never closed, a table row of another length than
    its header, and a picture or display inside a line that has no room for one.
    """
    return tuple(_Lines(markup).blocks())


def parse_inline(markup: str) -> Inlines:
    """The inlines of markup that is one line: a prompt's option, a table's cell, a short reason."""
    runs = _runs(markup.strip())
    inlines: list[Inline] = []
    for run in runs:
        if isinstance(run, Display):
            raise MarkupError(f"a displayed formula has no place within a line: {_quote(markup)}; write $…$ there")
        inlines.extend(run)
    return tuple(inlines)


def _quote(text: str) -> str:
    return shown(" ".join(text.split()), 60)


class _Lines:
    """Markup read line by line."""

    def __init__(self, markup: str) -> None:
        self.lines = markup.expandtabs(4).replace("\r\n", "\n").split("\n")
        self.at = 0

    def blocks(self) -> list[Block]:
        blocks: list[Block] = []
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if not line.strip():
                self.at += 1
            elif line.lstrip().startswith("```"):
                blocks.append(self.code())
            elif figure := _FIGURE.fullmatch(line):
                blocks.append(_figure(figure))
                self.at += 1
            elif self.at_table():
                blocks.append(self.table())
            elif _BULLET.match(line):
                blocks.append(Bullets(tuple(self.items(_BULLET))))
            elif number := _NUMBER.match(line):
                blocks.append(Numbered(tuple(self.items(_NUMBER)), int(number[1])))
            else:
                blocks.extend(self.paragraph())
        return blocks

    def code(self) -> Code:
        opening = self.lines[self.at]
        indent = len(opening) - len(opening.lstrip())
        language = opening.strip().strip("`").strip()
        body: list[str] = []
        for at in range(self.at + 1, len(self.lines)):
            line = self.lines[at]
            if line.strip() == "```":
                self.at = at + 1
                return Code("\n".join(body), language)
            body.append(line[min(indent, len(line) - len(line.lstrip())) :])
        raise MarkupError(f"a fence of code is never closed: {_quote(opening)}; end it with a line ``` of its own")

    def at_table(self) -> bool:
        if "|" not in self.lines[self.at] or self.at + 1 >= len(self.lines):
            return False
        rule = self.lines[self.at + 1]
        return "|" in rule and all(_RULE_CELL.fullmatch(cell) for cell in _cells(rule))

    def table(self) -> Table:
        header = _cells(self.lines[self.at])
        align = tuple(_align(cell) for cell in _cells(self.lines[self.at + 1]))
        if len(align) != len(header):
            raise MarkupError(f"the rule under {_quote(self.lines[self.at])} has {len(align)} cells, not {len(header)}")
        self.at += 2
        rows: list[tuple[Inlines, ...]] = []
        while self.at < len(self.lines) and "|" in self.lines[self.at]:
            row = _cells(self.lines[self.at])
            if len(row) != len(header):
                raise MarkupError(
                    f"the table row {_quote(self.lines[self.at])} has {len(row)} cells, its header {len(header)}"
                )
            rows.append(tuple(parse_inline(cell) for cell in row))
            self.at += 1
        return Table(tuple(parse_inline(cell) for cell in header), tuple(rows), align)

    def items(self, marker: re.Pattern[str]) -> list[Inlines]:
        items: list[str] = []
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if start := marker.match(line):
                items.append(line[start.end() :])
            elif line.startswith("  ") and line.strip():
                items[-1] += " " + line.strip()
            else:
                break
            self.at += 1
        return [parse_inline(item) for item in items]

    def paragraph(self) -> list[Block]:
        lines: list[str] = []
        in_display = False
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if not in_display and lines and (not line.strip() or self.starts_block(line)):
                break
            if in_display and not line.strip():
                break
            lines.append(line.strip())
            in_display ^= len(re.findall(r"(?<!\\)\$\$", line)) % 2 == 1
            self.at += 1
        return [run if isinstance(run, Display) else Paragraph(run) for run in _runs("\n".join(lines))]

    def starts_block(self, line: str) -> bool:
        return bool(
            line.lstrip().startswith("```")
            or _FIGURE.fullmatch(line)
            or _BULLET.match(line)
            or _NUMBER.match(line)
            or self.at_table()
        )


def _figure(match: re.Match[str]) -> Figure:
    return Figure(name=match[2], alt=re.sub(r"\\(.)", r"\1", match[1]))


def _align(cell: str) -> str:
    cell = cell.strip()
    if cell.endswith(":"):
        return "center" if cell.startswith(":") else "right"
    return "left"


def _cells(line: str) -> list[str]:
    """The cells of a table's line; a bar within code, within a formula or after a backslash does not part cells."""
    cells, cell, at = [], "", 0
    line = line.strip()
    while at < len(line):
        char = line[at]
        end = at + 1
        if char == "\\" and end < len(line):
            end += 1
        elif char in "`$":
            end = _closing(line, char, at + 1) + 1 or end
        elif char == "|":
            cells.append(cell)
            cell, at = "", end
            continue
        cell += line[at:end]
        at = end
    cells.append(cell)
    if not cells[0].strip():
        del cells[0]
    if cells and not cells[-1].strip():
        del cells[-1]
    return cells


def _closing(text: str, mark: str, at: int) -> int:
    """Where the next `mark` stands; within a formula a backslash takes the next character with it. -1: nowhere."""
    if mark == "`":
        return text.find("`", at)
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text.startswith(mark, at):
            return at
        else:
            at += 1
    return -1


class _Stars:
    """Stars that may open or close emphasis, waiting for partners."""

    def __init__(self) -> None:
        self.open: list[tuple[str, list[Inline]]] = [("", [])]

    def add(self, inline: Inline) -> None:
        target = self.open[-1][1]
        if isinstance(inline, Text) and target and isinstance(target[-1], Text):
            target[-1] = Text(target[-1].text + inline.text)
        else:
            target.append(inline)

    def star(self, mark: str, opens: bool, closes: bool) -> None:
        if closes and self.open[-1][0] == mark and self.open[-1][1]:
            _, inner = self.open.pop()
            self.add(Bold(tuple(inner)) if mark == "**" else Emphasis(tuple(inner)))
        elif opens and all(mark != other for other, _ in self.open):
            self.open.append((mark, []))
        else:
            self.add(Text(mark))

    def finish(self) -> Inlines:
        while len(self.open) > 1:
            mark, inner = self.open.pop()
            for inline in (Text(mark), *inner):
                self.add(inline)
        inlines = tuple(self.open[0][1])
        self.open = [("", [])]
        return inlines


def _runs(text: str) -> list[Inlines | Display]:
    """Text as runs of inlines parted by displayed formulas."""
    runs: list[Inlines | Display] = []
    stars = _Stars()
    at, plain = 0, ""

    def flush() -> None:
        nonlocal plain
        if plain:
            stars.add(Text(plain.replace("\n", " ")))
            plain = ""

    def end_run() -> None:
        nonlocal plain
        plain = plain.rstrip()
        flush()
        inlines = stars.finish()
        if inlines:
            runs.append(inlines)

    while at < len(text):
        char = text[at]
        if char == "\\" and text[at + 1 : at + 2] in _PUNCTUATION and at + 1 < len(text):
            plain += text[at + 1]
            at += 2
        elif char == "$":
            mark = "$$" if text.startswith("$$", at) else "$"
            end = _closing(text, mark, at + len(mark))
            latex = text[at + len(mark) : end].strip()
            if end < 0 or not latex:
                raise MarkupError(
                    f"a formula that {mark} opens is {'never closed' if end < 0 else 'empty'}: "
                    f"{_quote(text[at:])}; a literal dollar is written \\$"
                )
            if mark == "$":
                flush()
                stars.add(Math(latex))
            else:
                end_run()
                runs.append(Display(latex))
            at = end + len(mark)
            if mark == "$$":
                while at < len(text) and text[at] in " \n":
                    at += 1
        elif char == "`":
            end = text.find("`", at + 1)
            if end < 0:
                raise MarkupError(f"a backtick has no partner: {_quote(text[at:])}; a literal one is written \\`")
            flush()
            stars.add(InlineCode(text[at + 1 : end].replace("\n", " ")))
            at = end + 1
        elif char == "*":
            end = at
            while end < len(text) and text[end] == "*":
                end += 1
            before, after = text[at - 1 : at] if at else "", text[end : end + 1]
            opens = after.strip() != "" and not before.isalnum()
            closes = before.strip() != "" and not after.isalnum()
            flush()
            if end - at > 3:
                stars.add(Text(text[at:end]))
            elif end - at == 3:
                for star in ("*", "**") if closes else ("**", "*"):
                    stars.star(star, opens, closes)
            else:
                stars.star(text[at:end], opens, closes)
            at = end
        elif text.startswith("![", at) and _FIGURE.match(text, at):
            raise MarkupError(f"a figure stands on a line of its own: {_quote(text[at:])}")
        else:
            plain += char
            at += 1
    end_run()
    return runs

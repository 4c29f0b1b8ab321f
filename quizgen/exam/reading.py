"""TOML as a person wrote it: its values, and for every key the line that it stands on.

Values and errors of syntax come from `tomllib`. It keeps no positions, so those come from the syntax tree of
tree-sitter's TOML grammar, and only when there is a problem to point at.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quizgen.errors import InputError, one_line, shown
from quizgen.wording import counted

from .incoming import named, opened

if TYPE_CHECKING:
    from tree_sitter import Node

MOST_BYTES = 1_000_000
"""How large a blueprint may be: a thousand times what one takes."""

Path_ = tuple[str | int, ...]
"""Where a value stands: keys, and places in lists counted from 0."""

_AT = re.compile(r"(?s)(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)")
_INSTEAD = (
    (re.compile(r"\s*[0-9]+[-./][0-9]+[-./][0-9]+"), "a date is written 2026-03-14, and this is none"),
    (re.compile(r"\s*-?[0-9]+\s*/\s*[0-9]+"), 'a fraction goes between quotation marks, as in "1/3"'),
    (re.compile(r"\s*[0-9.]+\s*%"), 'a share goes between quotation marks, as in "10%"'),
    (re.compile(r"\s*[0-9]+,[0-9]"), "the decimal mark is a point"),
    (re.compile(r"\s*(?:true|yes|on|false|no|off)\b", re.IGNORECASE), "yes is written true, and no is written false"),
    (re.compile(r"\s*\[?\s*[A-Za-z]"), "text goes between quotation marks"),
)
"""What to say of a value that is none, by how it begins."""
_OPEN = 'a text that begins here does not end on its line; for several lines there is """ … """'
_PLAINER = {
    "Cannot overwrite a value": "this key is here for the second time",
    **dict.fromkeys(("Illegal character '\\n'", "Found invalid character '\\n'"), _OPEN),
    "Unescaped '\\' in a string": """between "…" a backslash is written \\\\, between '''…''' it stands for itself""",
}
_OF_A_VALUE = (
    "Invalid value",
    "Invalid date or datetime",
    "Expected newline or end of document after a statement",
)
_KEYS = ("bare_key", "quoted_key", "dotted_key")


@dataclass(frozen=True, slots=True)
class Spelled:
    """A number with a point or an exponent, as it is spelled: it is never a float."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong with one key of a file: its line from 1, the key ("" for the file as such), and the words."""

    line: int
    key: str
    words: str

    def __str__(self) -> str:
        return one_line(": ".join(filter(None, (str(self.line), self.key, self.words))))


class BlueprintError(InputError):
    """A blueprint with problems: the message has the first of them, ``problems`` all, in the order of the file."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.name = name
        self.problems = tuple(sorted(problems))
        more = len(self.problems) - 1
        rest = f" (and {counted(more, 'problem')} more: `quizgen exam check` lists them)" if more else ""
        super().__init__(f"{name}:{self.problems[0]}{rest}")

    @property
    def lines(self) -> tuple[str, ...]:
        """Every problem on a line of its own, as compilers write them: "midterm.toml:12: points: …"."""
        return tuple(one_line(f"{self.name}:{problem}") for problem in self.problems)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, self.problems)


def text_of(path: Path) -> str:
    """The text of a file, without what some editors add: a byte-order mark, and line ends of two characters.

    Raises `InputError` for a file that can't be read or is too large, `BlueprintError` where it is not UTF-8.
    """
    with opened(path, "the blueprint", "`quizgen exam new` writes one to begin with") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise InputError(f"{named(path)} has more than {MOST_BYTES // 1000:,} kB; a blueprint is a page of text")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        what = f"the byte 0x{data[problem.start]:02x} is not UTF-8"
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            what = "this is UTF-16"
        raise BlueprintError(str(path), [Problem(line, "", f"{what}; save the file as UTF-8")]) from None


def values_of(text: str, name: str) -> dict[str, Any]:
    """The values of a TOML text; numbers that are no integers stay as they are `Spelled`. Raises `BlueprintError`."""
    try:
        return tomllib.loads(text, parse_float=Spelled)
    except tomllib.TOMLDecodeError as problem:
        raise BlueprintError(name, [_syntax(str(problem), text)]) from None
    except RecursionError:
        raise BlueprintError(name, [Problem(1, "", "lists or tables are nested too deeply to be read")]) from None
    except ValueError:  # of an integer that Python refuses to read
        longest = max(enumerate(text.split("\n"), 1), key=lambda line: len(line[1]))[0]
        raise BlueprintError(name, [Problem(longest, "", "a number has thousands of digits")]) from None


def _syntax(said: str, text: str) -> Problem:
    """What `tomllib` says, with the line that it is about."""
    found = _AT.fullmatch(said)
    what = found["what"] if found else said
    line = int(found["line"]) if found and found["line"] else text.rstrip().count("\n") + 1
    column = f", column {found['column']}" if found and found["column"] else ""
    whole = text.split("\n")[line - 1]
    key, _, value = whole.partition("=")
    words = _PLAINER.get(what, what[:1].lower() + what[1:])
    if what in _OF_A_VALUE and re.fullmatch(r"[\w. ]+", key):
        words = next((instead for begins, instead in _INSTEAD if begins.match(value)), words)
    return Problem(line, "", f"this is no TOML{column}: {words}: {shown(whole.strip())}")


class Lines:
    """On which line, from 1, each key of a TOML text stands."""

    def __init__(self, text: str) -> None:
        import tree_sitter
        import tree_sitter_toml

        self._found: dict[Path_, int] = {(): 1}
        self._sizes: dict[Path_, int] = {}  # of lists of tables
        parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))
        for node in parser.parse(text.encode()).root_node.named_children:
            if node.type in ("table", "table_array_element"):
                self._table(node)
            elif node.type == "pair":
                self._pair(node, ())

    def of(self, path: Path_) -> int:
        """The line of a key, or that of the table around it where it isn't there."""
        while path not in self._found:
            path = path[:-1]
        return self._found[path]

    def _table(self, node: Node) -> None:
        """A table with its header: "[a.b]", or "[[a.b]]" for the next one of a list."""
        keys = next((tuple(_names(child)) for child in node.named_children if child.type in _KEYS), ())
        path: Path_ = ()
        for key in keys[:-1]:
            path += (key,)
            if path in self._sizes:
                path += (self._sizes[path] - 1,)
        path += keys[-1:]
        if node.type == "table_array_element":
            self._found.setdefault(path, _line(node))
            self._sizes[path] = self._sizes.get(path, 0) + 1
            path += (self._sizes[path] - 1,)
        self._found[path] = _line(node)
        for child in node.named_children:
            if child.type == "pair":
                self._pair(child, path)

    def _pair(self, node: Node, path: Path_) -> None:
        for key in _names(node.named_children[0]):
            path += (key,)
            self._found.setdefault(path, _line(node))
        self._value(node.named_children[-1], path)

    def _value(self, node: Node, path: Path_) -> None:
        inner = [child for child in node.named_children if child.type != "comment"]
        if node.type == "inline_table":
            for pair in inner:
                self._pair(pair, path)
        elif node.type == "array":
            for place, item in enumerate(inner):
                self._found[(*path, place)] = _line(item)
                self._value(item, (*path, place))


def _line(node: Node) -> int:
    return int(node.start_point[0]) + 1


def _names(node: Node) -> Iterator[str]:
    """The names of a key, dotted or not."""
    if node.type == "dotted_key":
        for child in node.named_children:
            yield from _names(child)
    elif node.text is not None:
        text = node.text.decode()
        yield next(iter(tomllib.loads(f"{text} = 0"))) if node.type == "quoted_key" else text

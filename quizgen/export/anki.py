"""A deck for Anki: a card a question, whose answer the learner compares with her own.

The question is on the front; the answer, the worked solution and the common mistakes are on the back. A note is known
by its GUID, which follows from the question's code (family, version, level, seed) and not from its words: so importing
a deck again adds none, and a younger deck updates what is there. Figures are media files named after their contents.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from itertools import count
from typing import TYPE_CHECKING, Any

import genanki  # type: ignore[import-untyped]

from quizgen.render.parts import blank_table, traps
from quizgen.wording import capital

from . import Exported
from .capability import Way, own_choice
from .fields import Look
from .html import Writer, clean, escape, in_attribute
from .packages import key_of, zipped
from .templating import asset

if TYPE_CHECKING:
    from quizgen.figures import Figure
    from quizgen.question import Question

NAME = "Anki"
SUFFIX = ".apkg"

_MODEL = 1_735_689_600_001
_MOMENT = 1_735_689_600  # seconds since 1970; to be raised where cards come to say other things of the same question
_FIELDS = ("Name", "Question", "Answer", "Solution", "Mistakes")
_SQLITE_VERSION = slice(96, 100)  # in a database's head


def write(questions: Sequence[Exported], title: str, choices: bool = False, moment: int = _MOMENT) -> bytes:
    """The deck as a package.

    ``moment`` dates the notes, in seconds since 1970: Anki updates a note that it has only where the package's is
    younger, so whoever rewords a question gives a later one. Raises `RenderError`.
    """
    deck = genanki.Deck(10**12 + int(key_of(title, 5), 16) % 10**12, _deck_name(title))
    model = _model()
    media: dict[str, str] = {}
    for exported in questions:
        for number, question in enumerate(exported.every, 1):
            write = _Writer(question)
            deck.add_note(
                genanki.Note(
                    model=model,
                    fields=_contents(write, exported.key),
                    guid=genanki.guid_for("quizgen", question.code or clean(f"{title} {exported.key} {number}")),
                    tags=_tags(question),
                )
            )
            media |= write.media
    with closing(sqlite3.connect(":memory:")) as database:
        genanki.Package(deck).write_to_db(database.cursor(), moment, count(moment * 1000))
        database.commit()
        data = bytearray(database.serialize())
    data[_SQLITE_VERSION] = bytes(4)  # which SQLite wrote it is all that would differ from machine to machine
    names = "{" + ", ".join(f'"{n}": "{name}"' for n, name in enumerate(media)) + "}"
    files = {str(n): svg for n, svg in enumerate(media.values())}
    return zipped({"collection.anki2": bytes(data), "media": names, **files})


class _Writer(Writer):
    """Writes a question for cards, whose style sheet says how tables look."""

    look = Look("", "", ' style="border-left:2px solid;border-right:2px solid"')

    def __init__(self, question: Question) -> None:
        super().__init__(question)
        self.media: dict[str, str] = {}

    def picture(self, name: str, figure: Figure, alt: str) -> str:
        from quizgen.render.figures import picture

        svg = picture(figure)
        file = f"quizgen-{key_of(svg)}.svg"
        self.media[file] = svg
        return f'<img src="{file}" alt="{in_attribute(alt)}">'

    def front(self) -> str:
        """Statement, parts and options."""
        text = [self.statement()]
        for part in self.question.parts:
            text.append(self.words(part, Way.ONE if own_choice(part) else Way.SHOWN))
            if (blank := blank_table(part)) is not None:
                text.append(self.table(blank))
            if own_choice(part):
                options = (f"<li>{self.line(option)}</li>" for option in part.options)
                text.append(f'<ol type="A">{"".join(options)}</ol>')
        return "\n".join(text)

    def answers(self) -> str:
        """The answer to each part."""
        return "\n".join(line for part in self.question.parts for line in self.answer_lines(part, Way.SHOWN))

    def mistakes(self) -> str:
        """Every named mistake with where it leads."""
        lines = []
        for trap in traps(self.question):
            leads = ", ".join(f"{part} {self.line(wrong)}".strip() for part, wrong in trap.answers)
            lines.append(f"<li><strong>{escape(capital(trap.name))}:</strong> {leads}. {self.line(trap.why)}</li>")
        return f"<ul>{''.join(lines)}</ul>" if lines else ""


def _contents(write: _Writer, key: str) -> list[str]:
    question = write.question
    name = escape(f"{question.title} · {question.code or key}" if question.title else question.code or key)
    return [name, write.front(), write.answers(), "\n".join(write.work()), write.mistakes()]


def _model() -> Any:
    return genanki.Model(
        _MODEL,
        "quizgen",
        fields=[{"name": name} for name in _FIELDS],
        templates=[{"name": "Question", "qfmt": asset("anki/front.html"), "afmt": asset("anki/back.html")}],
        css=asset("anki/style.css"),
    )


def _deck_name(title: str) -> str:
    """A title in which nothing makes a deck within a deck."""
    return " ".join(clean(title).replace("::", ": ").replace('"', "'").split())[:200] or "quizgen"


def _tags(question: Question) -> list[str]:
    """Topic, family and level; a tag has no blanks, and two colons begin one within another."""
    if not question.family:
        return ["quizgen"]
    return [f"quizgen::{question.family.replace('.', '::')}", f"quizgen::level-{question.level}"]

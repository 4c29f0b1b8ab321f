r"""Cells of a learning platform's report as the answers that they hold, each as one types it.

Moodle writes what was answered to a question into one cell: a number as it was typed, an option by its words, embedded
answers as "part 1: 3; part 2: 5" (`qtype_multianswer`, subqresponse), "part" being a word of the site's language.
Canvas has a column for each part, since each is a question there; blanks are joined by commas, and a comma within one
is written ``\,``.

Which of a question's variants somebody had is told by what the platform writes beside it: Moodle by the right answer
(nothing that is right for one variant is right for another), Canvas by the words.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from quizgen.answering import behind_letter
from quizgen.answers import LETTERS, Choice, Choices, Matrix, Table
from quizgen.errors import QuizgenError
from quizgen.render.parts import is_choice
from quizgen.wording import counted

from .responses import LEFT_OUT

if TYPE_CHECKING:
    from quizgen.question import Question, QuestionPart

    from .model import Version
    from .responses import Response

_EMBEDDED = re.compile(r"([^\W\d_]{1,20})\s?[0-9]{1,4}\s?:(?: |$)")
_DECIMAL_COMMA = re.compile(r"\s*[-+−]?[0-9]*,[0-9]+([eE][-+]?[0-9]+)?\s*")
_TAG = re.compile(r"<[^>]*>")
_NO_LETTER = re.compile(r"[\W_]+")
_NOT_TELLING = re.compile(r"[^\w+\-./=<>]|_")
_BLANK = re.compile(r"(?<!\\),")


def parts_of(given: Response, papers: Sequence[Version]) -> tuple[int, int, Mapping[int, str]]:
    """The place of the question, whose paper it is on, and by part what was answered, as one types it.

    Raises ValueError, in words, where that can't be told.
    """
    return (_moodle if given.form == "moodle" else _canvas)(given, papers)


def _moodle(given: Response, papers: Sequence[Version]) -> tuple[int, int, Mapping[int, str]]:
    place = int(given.question)
    if not 1 <= place <= len(papers[0].questions):
        raise ValueError(f"the exam has {len(papers[0].questions)} questions; is this another quiz?")
    asked = [paper.questions[place - 1].question for paper in papers]
    at = 0
    if len({question.code or question.statement for question in asked}) > 1:
        if given.beside in LEFT_OUT:
            raise ValueError(
                "which variant was asked can't be told: have Moodle show the right answers too, and download again"
            )
        fitting = [at for at, question in enumerate(asked) if _is_right(question, given.beside, given.comma)]
        if len(fitting) != 1:
            raise ValueError(f"what Moodle has as right is right for {len(fitting)} of the variants of this exam")
        at = fitting[0]
    elif given.beside not in LEFT_OUT and not _is_right(asked[0], given.beside, given.comma):
        raise ValueError("what Moodle has as right is wrong here; was it asked in another exam?")
    return place, at, _texts(asked[at], given.answer, given.comma)


@lru_cache(maxsize=4096)
def _is_right(question: Question, text: str, comma: bool) -> bool:
    """Whether what a platform has as right is right."""
    try:
        texts = _texts(question, text, comma)
        return len(texts) == len(question.parts) and all(question.check(text, n) for n, text in texts.items())
    except (QuizgenError, ValueError):
        return False


def _texts(question: Question, text: str, comma: bool) -> dict[int, str]:
    """What was answered to each part of a question that stands in one cell. Raises ValueError where they don't fit."""
    answers = {n: _with_point(answer) if comma else answer for n, answer in _embedded(text).items()}
    if not answers:
        if len(question.parts) > 1:
            raise ValueError(f"the question has {len(question.parts)} parts, and the cell does not tell them apart")
        return {1: _text(question.parts[0], [_with_point(text) if comma else text])}
    found, first = {}, 1
    for number, part in enumerate(question.parts, 1):
        size = (
            1 if is_choice(part, False) or any(map(_is_option, answers.values())) else len(list(_leaves(part.centre)))
        )
        own = [answers.get(n, "") for n in range(first, first + size)]
        first += size
        if any(answer not in LEFT_OUT for answer in own):
            found[number] = _text(part, own)
    if max(answers) >= first:
        raise ValueError(f"the cell has an answer {max(answers)}, and the question only {first - 1}")
    return found


def _with_point(text: str) -> str:
    """A number with the decimal mark that the reader reads; any other text as it is."""
    return text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text


def _embedded(text: str) -> dict[int, str]:
    """Embedded answers by their number, if these are some. What stands for "part" is the language of the site's."""
    begin = _EMBEDDED.match(text)
    if begin is None:
        return {}
    _, *pieces = re.split(rf"(?:^|; ){begin[1]}\s?([0-9]{{1,4}})\s?:(?: |$)", text)
    return {int(n): answer for n, answer in zip(pieces[::2], pieces[1::2], strict=True)}


def _is_option(text: str) -> bool:
    return text.startswith("\\(")


def _text(part: QuestionPart, answers: Sequence[str]) -> str:
    """Answers to the fields of a part as one text."""
    if len(answers) == 1:
        (text,) = answers
        if isinstance(part.kind, Choices):
            return ", ".join(_letter(part, each) or each for each in text.split("; "))
        if (isinstance(part.kind, Choice) or _is_option(text)) and (letter := _letter(part, text)):
            return behind_letter(part, letter)
        if not isinstance(part.centre, tuple):
            return text
    rest = iter(answers)
    return _nested(part, rest) if isinstance(part.centre, tuple) else answers[0]


def _nested(part: QuestionPart, rest: Iterator[str]) -> str:
    """Numbers in the brackets or cells of a part."""

    def inner(value: Any) -> str:
        if not isinstance(value, tuple):
            return next(rest, "")
        return f"({', '.join(inner(x) for x in value)}{',' if len(value) == 1 else ''})"

    if isinstance(part.kind, Table):
        return "; ".join(" | ".join(map(inner, row)) for row in part.centre)
    if isinstance(part.kind, Matrix):
        return f"[{', '.join('[' + ', '.join(map(inner, row)) + ']' for row in part.centre)}]"
    return inner(part.centre)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        for x in value:
            yield from _leaves(x)
    else:
        yield value


@lru_cache(maxsize=4096)
def _by_words(options: tuple[str, ...]) -> Mapping[str, str]:
    """Options by their words, without what a platform changes in them; those that read alike are left out."""
    words = [_plain(option) for option in options]
    return {word: LETTERS[at] for at, word in enumerate(words) if word and words.count(word) == 1}


def _letter(part: QuestionPart, text: str) -> str:
    """The letter of the option that has these words, or nothing."""
    return _by_words(part.options).get(_plain(text), "")


def _plain(text: str) -> str:
    """Words without what a platform changes: tags, entities, capitals for bold, signs around formulas."""
    text = html.unescape(_TAG.sub(" ", text)).replace("\\(", "").replace("\\)", "").replace("−", "-")
    return _NOT_TELLING.sub("", text.casefold())


# --- Canvas ---------------------------------------------------------------------------------------------------------


def _canvas(given: Response, papers: Sequence[Version]) -> tuple[int, int, Mapping[int, str]]:
    asked = [each for at, paper in enumerate(papers) for each in _stems(paper, at)]
    fitting = [each[:3] for each in asked if each[3] == _words(given.beside)]
    if len(papers) == 1 and len(fitting) > 1 and given.part.isdigit():  # the same words again, in the order of the quiz
        fitting = fitting[int(given.part) - 1 : int(given.part)]
    if len(fitting) != 1:
        raise ValueError(
            "no question of this exam has these words; was it asked in another one?"
            if not fitting
            else f"{len(fitting)} questions or variants have these words, and Canvas does not say which one it was"
        )
    at, place, number = fitting[0]
    part = papers[at].questions[place - 1].question.parts[number - 1]
    own = [given.answer]
    if isinstance(part.centre, tuple) and not _letter(part, given.answer):
        own = [each.replace("\\,", ",") for each in _BLANK.split(given.answer)]
        if len(own) != len(list(_leaves(part.centre))):  # Canvas leaves out what is blank, and does not say where
            blanks = len(list(_leaves(part.centre)))
            raise ValueError(f"Canvas has {counted(len(own), 'answer')} here to {blanks} blanks; look which are empty")
    elif isinstance(part.kind, Choices):
        own = ["; ".join(each.replace("\\,", ",") for each in _BLANK.split(given.answer))]
    return place, at, {number: _text(part, own)}


@lru_cache(maxsize=256)
def _stems(paper: Version, at: int) -> tuple[tuple[int, int, int, str], ...]:
    """Every part of a paper (``at``): paper, place, part, and its words as they stand in Canvas."""
    import io
    import zipfile
    from xml.etree import ElementTree as ET

    from quizgen.export import Exported, canvas

    exported = [Exported(placed.question, placed.points, placed.slot.key) for placed in paper.questions]
    with zipfile.ZipFile(io.BytesIO(canvas.write(exported, "exam"))) as package:
        name = next(name for name in package.namelist() if re.fullmatch(r"(\w+)/\1\.xml", name))
        root = ET.fromstring(package.read(name))  # noqa: S314 - our own file
    space = root.tag.partition("}")[0] + "}"
    stems = [item.findtext(f"{space}presentation/{space}material/{space}mattext") for item in root.iter(f"{space}item")]
    every = [(place, n) for place, one in enumerate(exported, 1) for n in range(1, len(one.question.parts) + 1)]
    return tuple((at, place, n, _words(stem or "")) for (place, n), stem in zip(every, stems, strict=True))


@lru_cache(maxsize=4096)
def _words(text: str) -> str:
    """The letters and digits of a text."""
    return _NO_LETTER.sub("", html.unescape(_TAG.sub(" ", html.unescape(text))).casefold())

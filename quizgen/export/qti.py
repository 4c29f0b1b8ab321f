"""What QTI 2.1 and 3.0 have in common: a question becomes one item with all its parts, questions become a test.

Both know numeric fields with a tolerance, any number of them within text and tables, and choices; so the statement
stands there once. How it is spelled is said by the templates `qti21.xml.j2` and `qti30.xml.j2`; formulas are MathML in
both. Each named mistake has a feedback of its own, and the worked solution is one, all of which a platform shows when
the test lets it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from flint import fmpq

from quizgen.question import decimal_text
from quizgen.render import document as doc
from quizgen.render.html_markup import in_words
from quizgen.render.parts import label
from quizgen.text import parse_inline
from quizgen_solvers.exact import rounded
from quizgen_solvers.printing.mathml import mathml

from . import Exported
from .capability import Way, own_choice, way_of
from .doubles import slack, too_long
from .fields import Field, Look, fields, laid_out, unfit
from .html import CHOSEN, Writer, checked, clean, how_to_type, in_attribute, leading, right_options
from .numbers import points_text
from .packages import identifier, key_of, zipped
from .templating import environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quizgen.answers import Target
    from quizgen.figures import Figure
    from quizgen.question import PartMistake, Question, QuestionPart

__all__ = ["package", "qti_obstacle"]

_PLACES = 7  # decimals of points
_NAMESPACE = "http://www.w3.org/1998/Math/MathML"
_ENTITY = re.compile(r"&([A-Za-z]+);")
_OF_XML = frozenset(["amp", "lt", "gt", "quot", "apos"])
_BRACES = re.compile(r"\{(?=\{)")  # two of them open a template of some players
_STYLE = re.compile(r' style="([^"]*)"')
_NOT_IN_2 = re.compile(r' scriptlevel="0"|(?<=<mfrac) displaystyle="[a-z]+"')
_ALIGNED = re.compile(r"text-align:\s*(left|right)")


def package(form: str, questions: Sequence[Exported], title: str, choices: bool) -> bytes:
    """The package: an item for each question and variant, a test of them all, and a list of what is in it."""
    template = environment().get_template(f"{form}.xml.j2").module
    files: dict[str, bytes | str] = {}
    sections: list[Section] = []
    for exported in questions:
        name = identifier("item", exported.key)
        items = [
            _item(exported, question, name if n == 1 else f"{name}_{n}", form, choices, template)  # type: ignore[arg-type]
            for n, question in enumerate(exported.every, 1)
        ]
        for item in items:
            files[f"{item.identifier}.xml"] = template.item(item)  # type: ignore[attr-defined]
            files |= item.files
        sections.append(Section(identifier("section", exported.key), items[0].title, tuple(items)))
    points = points_text(sum((worth for exported in questions for worth in exported.points), fmpq(0)))
    test = Test(identifier("test", key_of(title, 8)), _title(title), tuple(sections), points)
    files[f"{test.identifier}.xml"] = template.test(test)  # type: ignore[attr-defined]
    files["imsmanifest.xml"] = template.manifest(test)  # type: ignore[attr-defined]
    return zipped(files)


def qti_obstacle(part: QuestionPart, way: Way) -> str:
    """Why a part's values can't travel."""
    if way not in CHOSEN:
        return unfit(part) or too_long(part)
    if not all(clean(option).strip() for option in part.options):
        return "one of its options is empty"
    if not right_options(part):
        return "none of its options is right, so that no answer at all would be"
    if way is Way.SEVERAL and part.also:
        return "several sets of options are right"
    return ""


# --- what the templates print -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Value:
    """A number, what is accepted around it, and the ``least`` that is, as decimals; no ``tolerance`` is none."""

    text: str
    tolerance: str = ""
    least: str = ""


@dataclass(frozen=True)
class Entry:
    """A numeric field: what is right, what else has a feedback, the points of a right answer."""

    id: str
    name: str
    right: tuple[Value, ...]
    slips: tuple[tuple[Value, str], ...]
    points: str
    chosen = False


@dataclass(frozen=True)
class Feedback:
    """What is told about a mistake (XHTML)."""

    id: str
    title: str
    xhtml: str


@dataclass(frozen=True)
class Option:
    """What is to be chosen or not (XHTML), and what is told who chose it."""

    id: str
    xhtml: str
    right: bool
    feedback: str


@dataclass(frozen=True)
class Choosing:
    """Options; each of ``several`` right ones counts ``share`` of the points, each wrong one as much against."""

    id: str
    options: tuple[Option, ...]
    several: bool
    shuffled: bool
    points: str
    share: str
    chosen = True

    @property
    def right(self) -> tuple[Option, ...]:
        return tuple(option for option in self.options if option.right)

    @property
    def told(self) -> tuple[Option, ...]:
        """The wrong options that have a feedback."""
        return tuple(option for option in self.options if option.feedback and not option.right)


@dataclass(frozen=True)
class Item:
    """A question as an item; ``body`` and ``solution`` are XHTML."""

    identifier: str
    title: str
    body: str
    points: str
    responses: tuple[Entry | Choosing, ...]
    feedback: tuple[Feedback, ...]
    solution: str
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class Section:
    """A question's place in a test: the question, or one of its variants drawn by the platform."""

    identifier: str
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Test:
    identifier: str
    title: str
    sections: tuple[Section, ...]
    points: str

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for section in self.sections for item in section.items)


class Interactions(Protocol):
    """How a format spells what stands in the body of an item."""

    def entry(self, entry: Entry) -> str: ...

    def choice(self, choosing: Choosing) -> str: ...

    def told(self, feedback: Feedback) -> str: ...

    def solved(self, solution: str) -> str: ...


# --- items ----------------------------------------------------------------------------------------------------------


def _title(title: str) -> str:
    """Text for an attribute: on one line, and no template of a player."""
    return _BRACES.sub("{ ", " ".join(clean(title).split())[:200]) or "quizgen"


def _text(xhtml: str) -> str:
    """XHTML in which no two braces stand side by side."""
    return _BRACES.sub("{<span></span>", xhtml)


def _item(
    exported: Exported, question: Question, name: str, form: str, choices: bool, interactions: Interactions
) -> Item:
    write = QtiWriter(question, name)
    ways = [way_of(part, form, choices).way for part in question.parts]
    feedback: list[Feedback] = []
    responses: list[Entry | Choosing] = []
    body = [write.statement()]
    for part, way, points in zip(question.parts, ways, exported.points, strict=True):
        body.append(write.words(part, way))
        place = f"RESPONSE_{part.index + 1}"
        told = Feedbacks(write, part.index)
        if way in CHOSEN:
            choosing = _choosing(write, part, way, points, place, told)
            responses.append(choosing)
            body.append(interactions.choice(choosing))
        else:
            entries = list(_entries(part, points, place, told))
            responses += entries
            shown = [interactions.entry(each) for each in entries]
            body += [laid_out(part, shown, write.line, write.look), write.once(how_to_type(part, way))]
        body += [interactions.told(each) for each in told.made.values()]
        feedback += told.made.values()
    solution = write.solution(ways)
    body.append(interactions.solved(solution))
    return Item(
        identifier=name,
        title=_title(": ".join(filter(None, (exported.key, question.title)))),
        body=_text("\n".join(filter(None, body))),
        points=points_text(sum(exported.points, fmpq(0))),
        responses=tuple(responses),
        feedback=tuple(feedback),
        solution=_text(solution),
        files=write.files,
    )


def _entries(part: QuestionPart, points: fmpq, place: str, told: Feedbacks) -> Iterator[Entry]:
    every = fields(part)
    counts = portions(points, [one.share for one in every])
    for n, (one, worth) in enumerate(zip(every, counts, strict=True), 1):
        yield Entry(
            id=place if len(every) == 1 else f"{place}_{n}",
            name=_label(one.name) if one.name else "",
            right=tuple(_value(one, target) for target in one.right),
            slips=tuple((_value(one, slip.target), told.of(slip.mistakes)) for slip in one.slips),
            points=worth,
        )


@lru_cache(maxsize=4096)
def _label(name: str) -> str:
    """What a field is called, in words."""
    return _title(in_words(parse_inline(name)))


def _value(one: Field, target: Target) -> Value:
    if target.tolerance == 0:
        return Value(one.typed(target))
    tolerance = slack(target)
    return Value(one.typed(target), decimal_text(tolerance), decimal_text(target.centre - tolerance))


def _choosing(write: Writer, part: QuestionPart, way: Way, points: fmpq, place: str, told: Feedbacks) -> Choosing:
    right = right_options(part)
    options = tuple(
        Option(
            f"CHOICE_{part.index + 1}_{n + 1}",
            write.line(option),
            n in right,
            told.of(leading(part, n)),
        )
        for n, option in enumerate(part.options)
    )
    share = points_text(points / len(right))
    return Choosing(place, options, way is Way.SEVERAL, not own_choice(part), points_text(points), share)


def portions(points: fmpq, shares: Sequence[fmpq]) -> list[str]:
    """Points shared out as decimals that make up the points again.

    >>> portions(fmpq(1), [fmpq(1, 3)] * 3)
    ['0.3333333', '0.3333334', '0.3333333']
    """
    found, so_far, given = [], fmpq(0), fmpq(0)
    for share in shares:
        so_far += points * share
        worth = rounded(so_far, _PLACES) - given
        given += worth
        found.append(points_text(worth))
    return found


@dataclass
class Feedbacks:
    """What is told about the mistakes of a part, each set of them once."""

    write: Writer
    at: int
    made: dict[str, Feedback] = field(default_factory=dict)

    def of(self, mistakes: Sequence[PartMistake]) -> str:
        """The identifier of what is told about these mistakes, "" where there are none."""
        text = self.write.mistake(mistakes)
        if text and text not in self.made:
            name = f"MISTAKE_{self.at + 1}_{len(self.made) + 1}"
            title = f"{label(self.write.question, self.at)} Look again".strip()
            self.made[text] = Feedback(name, title, _text(f"<p>{text}</p>"))
        return self.made[text].id if text else ""


class QtiWriter(Writer):
    """Writes what QTI allows in the body of an item: XHTML without styles, MathML, pictures beside it."""

    look = Look("", "", "")

    def __init__(self, question: Question, name: str) -> None:
        super().__init__(question)
        self.name = name
        self.files: dict[str, bytes] = {}

    def formula(self, latex: str, display: bool = False) -> str:
        return formula(checked(latex), display)

    def picture(self, name: str, figure: Figure, alt: str) -> str:
        from quizgen.render.figures import picture

        file = f"{self.name}_{identifier('figure', name)}.svg"
        self.files[file] = picture(figure).encode()
        return f'<img src="{file}" alt="{in_attribute(_title(alt))}"/>'

    def numbered(self, items: Sequence[doc.Inlines], start: int) -> str:
        """A counted list; one that goes on from another as lines, for lists begin with 1 there."""
        if start == 1:
            return super().numbered(items, start)
        return "".join(f"<p>{n}. {self.inlines(item)}</p>" for n, item in enumerate(items, start))


@lru_cache(maxsize=8192)
def formula(latex: str, display: bool) -> str:
    """A formula as MathML 2, in its namespace, without styles."""
    math = _ENTITY.sub(lambda name: name[0] if name[1] in _OF_XML else html.unescape(name[0]), mathml(latex, display))
    math = _NOT_IN_2.sub("", _STYLE.sub(_alignment, math))
    return math.replace("<math", f'<math xmlns="{_NAMESPACE}"', 1)


def _alignment(style: re.Match[str]) -> str:
    found = _ALIGNED.search(style[1])
    return f' columnalign="{found[1]}"' if found else ""

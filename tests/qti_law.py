"""What holds of QTI packages whatever their version: the law of marking, names, texts, and what a package lists."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flint import fmpq

from exported import HOSTILE, PLAIN, exam, hostile, numbers, placed
from qti_items import Item, Package
from quizgen.answers import Target
from quizgen.export import Exported, find
from quizgen.export.html import clean, right_options
from quizgen.export.places import balanced
from quizgen.question import QuestionPart

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def packed(form: str, *questions: Exported, choices: bool = False, title: str = "An exam") -> Package:
    data = find(form).write(questions, title, choices)
    assert isinstance(data, bytes)
    return Package.of(data)


def alone(form: str, name: str) -> tuple[QuestionPart, Item]:
    """A question of one part as an item of two points."""
    (item,) = packed(form, *placed([PLAIN[name]])).items.values()
    return PLAIN[name].parts[0], item


def typed(item: Item, number: int, shown: str) -> dict[str, str]:
    """An answer as it is shown, typed into the fields of a part; nothing where it doesn't fit."""
    places, values = item.of_part(number), numbers(shown)
    return dict(zip(places, values, strict=True)) if len(places) == len(values) else {}


def chosen(item: Item, number: int, options: Any) -> dict[str, Any]:
    (place,) = item.of_part(number)
    names = [item.choices(place)[n] for n in sorted(options)]
    return {place: names if item.declared[place].get("cardinality") == "multiple" else names[0]}


def is_choice(item: Item, number: int) -> bool:
    return bool(item.choices(item.of_part(number)[0]))


def right_answers(item: Item, exported: Exported) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for number, part in enumerate(exported.question.parts, 1):
        if is_choice(item, number):
            several = part.kind.name == "choices"
            given |= chosen(item, number, part.correct if several else sorted(right_options(part))[:1])
        else:
            given |= typed(item, number, part.answer)
    return given


def keeps_the_law(form: str, choices: bool) -> int:
    """Every right answer as shown gets all points, every named mistake fewer; how many mistakes were tried."""
    wrong = 0
    questions = balanced(exam(), form, choices)
    package = packed(form, *questions, choices=choices)
    for exported, item in zip(questions, package.items.values(), strict=True):
        points = float(sum(exported.points, fmpq(0)).p)
        assert item.maximum == points
        assert item.answered({}).score == 0
        right = right_answers(item, exported)
        assert item.answered(right).score == pytest.approx(points), item.root.get("title")
        assert item.answered(right).told == ""
        for number, part in enumerate(exported.question.parts, 1):
            if is_choice(item, number):
                others = set(range(len(part.options))) - right_options(part)
                slips = [(chosen(item, number, {n}), n) for n in others]
                wrong += len(slips)
                for slip, _ in slips:
                    assert item.answered(right | slip).score < points
                continue
            for other in part.also:
                assert item.answered(right | typed(item, number, part.kind.show(other))).score == pytest.approx(points)
            for mistake in part.mistakes:
                slip = typed(item, number, mistake.value)
                if not slip:
                    continue
                found = item.answered(right | slip)
                assert found.score < points - 1e-9, f"{item.root.get('title')}: {mistake.value} is {mistake.name}"
                assert " ".join(clean(mistake.name).split()).lower() in found.told.lower()
                wrong += 1
    return wrong


def accepts_what_is_accepted(form: str) -> None:
    """The ends of the interval are within, whatever doubles make of them; what lies beyond is not."""
    for exported in exam():
        for part in exported.question.parts:
            if part.kind.name == "number" and part.tolerance != 0:
                break
        else:
            continue
        (item,) = packed(form, exported).items.values()
        (place,) = item.of_part(part.index + 1)
        target = part.target
        assert isinstance(target, Target)
        share = float(exported.points[part.index].p)
        for sign in (-1, 1):
            end = target.centre + sign * target.tolerance
            beyond = target.centre + sign * target.tolerance * fmpq(1001, 1000)
            assert item.answered({place: part.kind.show(end)}).score == share
            assert item.answered({place: str(float(beyond.p) / float(beyond.q))}).score == 0


def lists_all_that_is_in_it(package: Package) -> None:
    """Names are identifiers without spaces, periods or leading digits; every file is listed once and is there."""
    resources = list(package.manifest.iter("{*}resource"))
    names = [resource.get("identifier") for resource in resources]
    assert len(set(names)) == len(names)
    listed = [file.get("href") for resource in resources for file in resource.iter("{*}file")]
    assert sorted([*listed, "imsmanifest.xml"]) == sorted(package.files)
    assert all(re.fullmatch(r"[a-z0-9_-]+\.(xml|svg)", name) for name in package.files)
    needed = [each.get("identifierref") for resource in resources for each in resource.iter("{*}dependency")]
    assert set(needed) == set(names[1:])
    for root in package.documents.values():
        for each in root.xpath("//*[@identifier]/@identifier | //@responseIdentifier"):
            assert IDENTIFIER.fullmatch(each), each
    for item in package.items.values():
        own = [each.get("identifier") for each in item.root.iter("simpleChoice", "modalFeedback", "feedbackBlock")]
        assert len(set(own)) == len(own)
        for picture in item.root.iter("img"):
            assert package.files[picture.get("src")].startswith(b"<svg")


def shows_every_text(form: str) -> None:
    """Whatever is in a text, a person reads it as it is."""
    for text in HOSTILE:
        exported = Exported(hostile(text), (fmpq(1),) * 3, text)
        package = packed(form, exported, title=text)
        lists_all_that_is_in_it(package)
        (item,) = package.items.values()
        words = " ".join(clean(text).split())
        read = " ".join("".join(item.root.find("itemBody").itertext()).split())
        assert read.count(words) >= 10, (words, read)
        assert item.root.get("title").replace("{ {", "{{").startswith(words[:60])
        assert not item.root.xpath("//script")
        assert item.root.xpath("//img/@alt")[0].startswith(words[:5].replace("]", ""))
        assert words in item.feedback("MISTAKE_1_1")

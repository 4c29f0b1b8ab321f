"""Canvas packages: read by the rules of both importers, and compared with what text2qti writes."""

from __future__ import annotations

import io
import re
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from flint import fmpq
from lxml import etree

from canvas_import import Item, Package, bare, tags, words
from exported import FORMULA, HOSTILE, PLAIN, THIRD, drawn, exam, hostile, numbers, placed, q, written
from quizgen.answers import Choice, Choices, Integer, Matrix, Number, Shape
from quizgen.export import Exported, canvas, notes, problems
from quizgen.export.html import clean, right_options
from quizgen.export.places import balanced
from quizgen.question import QuestionPart


def imported(*questions: Exported, choices: bool = False, title: str = "An exam") -> Package:
    return Package.of(canvas.write(questions, title, choices))


def alone(question: Any) -> Item:
    (item,) = imported(*placed([question])).items
    return item


def carried(choices: bool) -> list[Exported]:
    fitting = [exported for exported in exam() if not problems([exported], "canvas", choices)]
    return balanced(fitting, "canvas", choices)


def typed(item: Item, shown: str) -> list[float]:
    """What an answer as it is shown is worth, in each kind of quiz."""
    if item.type == "fill_in_multiple_blanks_question":
        return [item.filled(numbers(shown))]
    (number,) = numbers(shown)
    return [item.classic(number), item.new(number)]


def check(item: Item, part: QuestionPart) -> int:
    """The law for a part; how many mistakes were tried."""
    if item.options and not item.type.startswith("fill"):
        several = part.kind.name == "choices"
        right = right_options(part)
        for options in [right] if several else [{n} for n in right]:
            assert item.chosen(options) == (item.points, "")
        others = set(range(len(part.options))) - right
        assert all(item.chosen({n})[0] == 0 for n in others)
        return len(others)
    for right in (part.centre, *part.also):
        assert typed(item, part.kind.show(right)) == pytest.approx([item.points] * len(typed(item, part.answer)))
    tried = 0
    for mistake in part.mistakes:
        if len(numbers(mistake.value)) == len(numbers(part.answer)):
            assert max(typed(item, mistake.value)) < item.points - 1e-9, f"{mistake.value} is {mistake.name}"
            tried += 1
        told = item.feedback("general_incorrect_fb") + item.feedback("general_fb")
        assert " ".join(clean(mistake.name).split()).lower() in told.lower()
    return tried


@pytest.mark.parametrize("choices", [False, True], ids=["typed", "choices"])
def test_every_right_answer_is_right_and_every_named_mistake_wrong(choices: bool) -> None:
    questions = carried(choices)
    assert len(questions) > 100
    items = iter(imported(*questions, choices=choices).items)
    assert sum(check(next(items), part) for exported in questions for part in exported.question.parts) > 250
    assert next(items, None) is None


def test_a_number_has_all_three_conditions() -> None:
    (condition,) = alone(PLAIN["rounded"]).root.xpath("//respcondition[setvar]/conditionvar")
    assert [(each.tag, each.text) for each in condition.iter() if each.text and each.text.strip()] == [
        ("varequal", "0.9000"),
        ("vargte", "0.8999"),
        ("varlte", "0.9001"),
    ]
    item = alone(PLAIN["rounded"])
    worth = {text: (item.classic(text), item.new(text)) for text in ("0.9", "0.9001", "0.8999", "0.9002", "0.8998")}
    assert worth == {text: (0, 0) if text in ("0.9002", "0.8998") else (2, 2) for text in worth}


def test_what_four_decimals_do_to_an_answer_is_seen() -> None:
    fifth = written(Number(5), fmpq(12345, 10**5), ("off", "No.", fmpq(2)), tolerance=fmpq(2, 10**5))
    (said,) = problems(placed([fifth]), "canvas")
    assert "classic quizzes keep 4 decimals of what is typed, and 0.12345 needs more" in said
    small = written(Number(), fmpq(1, 4 * 10**4), ("off", "No.", fmpq(2)))
    assert "keep 4 decimals" in problems(placed([small]), "canvas")[0]
    near = written(Number(5), fmpq(12340, 10**5), ("near", "No.", fmpq(12344, 10**5)), tolerance=fmpq(1, 10**5))
    assert "a mistake is nearer to 0.12340" in problems(placed([near]), "canvas")[0]
    loose = written(Number(5), fmpq(12345, 10**5), ("off", "No.", fmpq(2)), tolerance=fmpq(1, 10**4))
    assert problems(placed([loose]), "canvas") == []
    assert canvas.kept("0.00005") == canvas.kept("0.0001") == fmpq(1, 10**4)
    assert [canvas.kept(text) for text in ("0.03125", "-0.03125", "2")] == [
        fmpq(313, 10**4),
        fmpq(-313, 10**4),
        fmpq(2),
    ]


def test_the_derived_tolerance_is_accepted_to_its_ends_however_many_decimals_are_typed() -> None:
    tried = 0
    for exported in carried(choices=False):
        for part, item in zip(exported.question.parts, imported(exported).items, strict=True):
            if item.type != "numerical_question" or part.tolerance == 0:
                continue
            for sign in (-1, 1):
                end = part.centre + sign * part.tolerance
                text = format(Decimal(int(end.p)) / Decimal(int(end.q)), "f")
                assert (item.classic(text), item.new(text)) == (item.points, item.points), (part.answer, text)
                beyond = str(float(end.p) / float(end.q) + sign * 0.0001)
                assert (item.classic(beyond), item.new(beyond)) == (0, 0), (part.answer, beyond)
                tried += 1
    assert tried > 20


def test_room_for_four_decimals_never_takes_in_a_mistake() -> None:
    tight = fmpq(8, 10**5)
    near = written(Number(4), fmpq(9000, 10**4), ("near", "No.", fmpq(9001, 10**4)), tolerance=tight)
    far = written(Number(4), fmpq(9000, 10**4), ("far", "No.", fmpq(9002, 10**4)), tolerance=tight)
    assert [(each.classic("0.90007"), each.new("0.90007")) for each in map(alone, (near, far))] == [(0, 2), (2, 2)]
    assert [(alone(near).classic(text), alone(near).new(text)) for text in ("0.9", "0.9001")] == [(2, 2), (0, 0)]


def test_whole_numbers_are_blanks_in_lines() -> None:
    item = alone(PLAIN["shape"])
    assert item.type == "fill_in_multiple_blanks_question"
    assert item.blanks == {"n1": ["64"], "n2": ["32"], "n3": ["3"]}
    assert words(item.stem) == "A question. How many? ([n1], [n2], [n3])"
    assert item.filled(["64", " 32 ", "4"]) == pytest.approx(4 / 3)
    matrix = alone(PLAIN["matrix"])
    assert words(matrix.stem).endswith("[n1] [n2][n3] [n4]")
    assert matrix.blanks["n3"] == ["-1", "−1"]
    assert matrix.filled(["7", "0", "−1", "2"]) == 2
    assert "table" not in tags(matrix.stem), "new quizzes would tear it apart"


def test_a_blank_has_a_name_that_is_not_in_the_text() -> None:
    named = written(Shape(), q(3, 4), ("off", "No.", q(4, 3)), words="Is $x[n1]$ what `[n2]` is?")
    item = alone(named)
    assert list(item.blanks) == ["nn1", "nn2"]
    assert item.filled(["3", "4"]) == 2


def test_vectors_of_decimals_become_multiple_choice_and_that_is_said() -> None:
    questions = placed([PLAIN["vector"], PLAIN["matrix"]])
    assert [item.type for item in imported(*questions).items] == [
        "multiple_choice_question",
        "fill_in_multiple_blanks_question",
    ]
    (said,) = notes(questions, "canvas")
    assert said == (
        "asked as multiple choice, for not all of its numbers are whole, and blanks have no tolerance in Canvas: q1"
    )
    assert notes(questions, "canvas", choices=True) == []
    assert notes(placed([hostile("x")]), "canvas") == [
        "each part becomes a question in Canvas, with the statement before it: q1 (3)"
    ]


def test_several_parts_are_questions_with_the_statement_before_each() -> None:
    question = next(each for each in drawn() if each.family == "optim.adam")
    items = imported(Exported(question, (fmpq(1), fmpq(1, 2), fmpq(5, 2)), "q7")).items
    assert [item.points for item in items] == [1, 0.5, 2.5]
    assert [item.root.get("title") for item in items] == [f"q7 ({n}) {question.title}" for n in "abc"]
    statement = words(items[0].stem).split("(a)")[0]
    assert len(statement) > 100
    assert all(words(item.stem).startswith(statement) for item in items)
    assert f"({'b'})" in words(items[1].stem)
    assert items[1].feedback("general_fb").startswith("Answer: (b)")


def test_an_option_tells_what_it_comes_from() -> None:
    item = alone(PLAIN["choice"])
    assert item.chosen({0}) == (0, "First. No.")
    assert item.chosen({1}) == (2, "")
    (typed_in,) = imported(*placed([PLAIN["integer"]])).items
    assert typed_in.feedback("general_incorrect_fb") == (
        "Where other answers come from:54: No +1. Add 1.56: Twice. Add it once."
    )


def test_of_variants_a_group_gives_one() -> None:
    first, second = drawn()[6:8]
    exported = Exported(first, tuple(fmpq(3) for _ in first.parts), "q1", (second,))
    groups = imported(exported).assessment.xpath("//section[@ident!='root_section']")
    assert len(groups) == len(first.parts)
    for group in groups:
        assert group.findtext("selection_ordering/selection/selection_number") == "1"
        assert group.findtext("selection_ordering/selection/selection_extension/points_per_item") == "3"
        assert len(group.findall("item")) == 2
        assert group.getparent().get("ident") == "root_section"


def test_the_settings_hide_results_until_the_teacher_shows_them() -> None:
    package = imported(*placed([PLAIN["integer"], PLAIN["choice"]]), title="Midterm & more")
    settings = package.settings
    assert settings.findtext("title") == "Midterm & more"
    assert settings.findtext("points_possible") == "4"
    assert (settings.findtext("hide_results"), settings.findtext("available")) == ("always", "false")
    assert settings.get("identifier") == package.assessment.find("assessment").get("ident")


def test_the_manifest_lists_what_is_there() -> None:
    package = imported(*carried(choices=False))
    resources = list(package.manifest.iter("resource"))
    assert sorted(file.get("href") for each in resources for file in each.iter("file")) == sorted(
        set(package.files) - {"imsmanifest.xml"}
    )
    names = [each.get("identifier") for each in resources]
    assert len(set(names)) == len(names)
    (settings,) = package.listed("associatedcontent/imscc_xmlv1p1/learning-application-resource")
    assert settings.get("href").endswith("/assessment_meta.xml")
    pictures = {each.get("href") for each in package.listed("webcontent")}
    shown = {
        address.replace("%24IMS-CC-FILEBASE%24/", "")
        for item in package.items
        for address in re.findall(r'<img src="([^"]*)"', item.stem)
    }
    assert shown == pictures
    assert all(package.files[name].startswith(b"<svg") for name in pictures)
    idents = [each.get("ident") for each in package.assessment.iter("item")]
    assert len(set(idents)) == len(idents)
    assert all(re.fullmatch("[0-9a-f]{32}", ident) for ident in idents)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_texts_are_shown_as_they_are(text: str) -> None:
    exported = Exported(hostile(text), (fmpq(1),) * 3, text)
    package = imported(exported, title=text)
    said = " ".join(clean(text).split())
    for item in package.items:
        assert words(item.stem).count(said) >= 5
        assert item.root.get("title").startswith(said[:60])
        assert not tags(item.stem) & {"script", "iframe", "style"}
    assert said in package.items[0].feedback("general_incorrect_fb")
    assert set(package.files) == {
        "imsmanifest.xml",
        *(name for name in package.files if re.fullmatch(r"[0-9a-f]{32}/[0-9a-f_a-z]+\.xml", name)),
        *(name for name in package.files if re.fullmatch(r"figures/[a-z0-9_-]+\.svg", name)),
    }


def test_the_same_questions_give_the_same_bytes() -> None:
    questions = carried(choices=False)[:20]
    data = canvas.write(questions, "An exam")
    assert data == canvas.write(questions, "An exam")
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    ("question", "why"),
    [
        (FORMULA, "it has no field for formulas"),
        (THIRD, "fractions are not read there"),
        (PLAIN["table"], "not all of its numbers are whole, and blanks have no tolerance"),
        (PLAIN["either"], "several of its options are right, and only one can be"),
        (written(Choices(("a", "b")), frozenset(), ("a", "No.", frozenset({0}))), "none of its options is right"),
        (written(Choice(("a", " ")), frozenset({0}), ("b", "No.", frozenset({1}))), "one of its options is empty"),
        (written(Matrix(2), (q(1, 2),), tolerance=fmpq(1, 100)), "with a named mistake it would be asked as multiple"),
        (written(Integer(), fmpq(10**16 + 1), ("off", "No.", fmpq(1))), "has more than the 15 digits"),
    ],
)
def test_what_cannot_be_carried_is_said(question: Any, why: str) -> None:
    (said,) = problems(placed([question]), "canvas")
    assert said.startswith("q1: Canvas can't carry this ")
    assert why in said


# --- text2qti -------------------------------------------------------------------------------------------------------

TEXT = """Quiz title: An exam

Points: 2
1. How many?
... Because.
- Look again.
= 55

Points: 2
2. How much?
... Because.
- Look again.
= 0.9000 +- 0.0001

Points: 2
3. Which one?
... Because.
a) =5
... No.
*b) two

Points: 2
4. Which ones?
... Because.
[*] a
[ ] b
[*] c
[*] d

GROUP
pick: 1
points per question: 2

5. How many now?
... Because.
- Look again.
= 7

6. How many then?
... Because.
- Look again.
= 8

END_GROUP
"""


def text2qti() -> Any:
    from text2qti.config import Config
    from text2qti.qti import QTI
    from text2qti.quiz import Quiz

    return QTI(Quiz(TEXT, config=Config(), source_name="a test"))


FREE = {"ident", "title", "linkrefid", "identifier", "href", "identifierref"}


def skeleton(node: etree._Element) -> Any:
    """Elements and attributes, without names and texts that each writer chooses."""
    text = node.text if node.tag in ("fieldlabel", "setvar") or node.text in QUESTION_TYPES else None
    attributes = {name: "*" if name in FREE else value for name, value in node.attrib.items()}
    return node.tag, sorted(attributes.items()), text, [skeleton(each) for each in node]


QUESTION_TYPES = ("numerical_question", "multiple_choice_question", "multiple_answers_question")


def test_the_assessment_is_built_as_text2qti_builds_it() -> None:
    seven = written(Integer(), fmpq(7), ("off", "No.", fmpq(9)))
    eight = written(Integer(), fmpq(8), ("off", "No.", fmpq(9)))
    two = written(Choice(("$=5$", "two")), frozenset({1}), ("five", "No.", frozenset({0})))
    questions = placed([PLAIN["integer"], PLAIN["rounded"], two, PLAIN["choices"]])
    questions.append(Exported(seven, (fmpq(2),), "q5", (eight,)))
    ours, theirs = imported(*questions), text2qti()
    assert skeleton(ours.assessment) == skeleton(bare(theirs.assessment.encode()))
    bounds = [
        [each.text for each in root.iter("varequal", "vargte", "varlte")][:6]
        for root in (ours.assessment, bare(theirs.assessment.encode()))
    ]
    assert bounds == [["55", "55", "55", "0.9000", "0.8999", "0.9001"]] * 2


def test_settings_and_manifest_are_built_as_text2qti_builds_them() -> None:
    ours, theirs = imported(*placed([PLAIN["integer"]])), text2qti()
    known = {each.tag for each in bare(theirs.assessment_meta.encode()).iter()}
    assert {each.tag for each in ours.settings.iter()} <= known
    built = bare(theirs.imsmanifest_xml.encode())
    for name in ("lifeCycle", "rights"):
        for each in list(built.iter(name)):
            each.getparent().remove(each)
    assert skeleton(ours.manifest) == skeleton(built)

"""Moodle XML, read back by the importer's own rules."""

import re
from xml.etree import ElementTree as ET

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from exported import (
    FORMULA,
    GRAPH,
    HOSTILE,
    PLAIN,
    THIRD,
    TRICKY,
    drawn,
    exam,
    hostile,
    numbers,
    placed,
    q,
    right,
    several,
    written,
)
from moodle_import import Field, Imported, embedded, from_xml
from quizgen.answers import Choice, Choices, Expression, Integer, Number, Shape, Table, Vector
from quizgen.errors import RenderError
from quizgen.export import Exported, cloze, moodle, notes, problems
from quizgen.export.html import clean
from quizgen.export.html import escape as escape_html
from quizgen.question import QuestionPart
from quizgen.text import escape


def imported(*questions: Exported, choices: bool = False, title: str = "An exam") -> list[Imported]:
    return from_xml(moodle.write(questions, title, choices))


def alone(name: str) -> Imported:
    (found,) = imported(*placed([PLAIN[name]]))
    return found


def read(xhtml: str) -> str:
    """What a person reads in a piece of XHTML, which must be well formed."""
    return "".join(ET.fromstring(f"<p>{xhtml}</p>").itertext())


def by_part(question: Imported, parts: tuple[QuestionPart, ...]) -> list[list[Field]]:
    """The fields of each part, in order."""
    rest, found = list(question.fields), []
    for part in parts:
        count = 1 if rest[0].type == "multichoice" else len(numbers(part.answer))
        found.append([rest.pop(0) for _ in range(count)])
    assert not rest
    return found


def worth(fields: list[Field], shown: str) -> tuple[float, str]:
    """What typing an answer as it is shown is worth, and what is told. What no field has room for is worth nothing."""
    typed = numbers(shown)
    if len(typed) != len(fields):
        return 0.0, ""
    each = [field.typed(text) for field, text in zip(fields, typed, strict=True)]
    return sum(fraction for fraction, _ in each) / len(each), " ".join(read(told) for _, told in each)


def chosen(field: Field, options: frozenset[int]) -> float:
    return max(field.chosen(n)[0] for n in options) if field.single else field.chosen(*options)[0]


@pytest.mark.parametrize("choices", [False, True], ids=["typed", "choices"])
def test_every_right_answer_is_right_and_every_named_mistake_wrong(choices: bool) -> None:
    wrong = 0
    questions = exam()
    for exported, question in zip(questions, imported(*questions, choices=choices), strict=True):
        parts = exported.question.parts
        for part, fields in zip(parts, by_part(question, parts), strict=True):
            if fields[0].type == "multichoice":
                assert chosen(fields[0], right(part)) == pytest.approx(1)
                others = set(range(len(part.options))) - right(part)
                assert all(fields[0].chosen(n)[0] < 1 for n in others)
                wrong += len(others)
                continue
            assert all(worth(fields, part.kind.show(each))[0] == 1 for each in (part.centre, *part.also))
            for mistake in part.mistakes:
                credit, told = worth(fields, mistake.value)
                assert credit < 1, f"{question.name}: {mistake.value} is {mistake.name}"
                near = [other.name for other in part.mistakes if other.target == mistake.target]
                if len(fields) == len(numbers(mistake.value)) == 1:
                    assert any(clean(name).lower() in told.lower() for name in near), (told, near)
                wrong += 1
    assert wrong > 250


def test_the_tolerance_is_the_derived_one() -> None:
    part = PLAIN["rounded"].parts[0]
    question = alone("rounded")
    assert question.type == "numerical"
    assert [(a.text, a.fraction, a.tolerance) for a in question.fields[0].answers] == [
        ("0.9000", 1.0, 0.0001),
        ("0.6838", 0.0, 0.0001),
    ]
    typed = {text: question.fields[0].typed(text)[0] for text in ("0.8999", "0.9001", "0.90011", "0.89989", "0,9")}
    assert typed == {"0.8999": 1, "0.9001": 1, "0.90011": 0, "0.89989": 0, "0,9": 1}
    assert all(part.kind.grade(part.kind.read(t), part.target).credit == int(typed[t]) for t in list(typed)[:4])


def test_a_mistake_says_what_to_look_at() -> None:
    assert [read(alone("integer").fields[0].typed(n)[1]) for n in ("54", "56", "57")] == [
        "No +1. Add 1.",
        "Twice. Add it once.",
        "",
    ]
    both = written(Integer(), fmpq(5), ("one", "First.", fmpq(6)), ("two", "Second.", fmpq(6)))
    (question,) = imported(*placed([both]))
    assert read(question.fields[0].typed("6")[1]) == "One. First. Two. Second."


def test_several_right_answers() -> None:
    field = alone("also").fields[0]
    assert [field.typed(n)[0] for n in "5678"] == [1, 1, 1, 0]
    assert [alone("either").fields[0].chosen(n)[0] for n in range(3)] == [1, 0, 1]


def test_a_large_whole_number_is_not_rounded() -> None:
    field = alone("large").fields[0]
    assert [field.typed(n)[0] for n in ("123456789012", "123456789011", "123456789013")] == [1, 0, 0]


@pytest.mark.parametrize("right", range(1, 11))
def test_shares_of_several_right_options_add_up(right: int) -> None:
    kind = Choices(tuple(f"option {n}" for n in range(right + 2)))
    (question,) = imported(*placed([written(kind, frozenset(range(right)))]))
    field = question.fields[0]
    assert field.chosen(*range(right))[0] == pytest.approx(1, abs=1e-4)
    assert field.chosen(*range(1, right))[0] == pytest.approx((right - 1) / right, abs=1e-4)
    assert field.chosen(*range(right + 1))[0] == pytest.approx((right - 1) / right, abs=1e-4)
    assert field.chosen(right)[0] == 0


def test_fields_stand_where_the_table_has_them() -> None:
    question = alone("table")
    text = re.sub(r"<p>.*?</p>", "", question.text, flags=re.DOTALL)
    table = ET.fromstring(text)
    rows = [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]
    assert rows == [
        ["", "shape", "parameters", "share"],
        ["Conv2d", "({#1}, {#2}, {#3})", "{#4}", "{#5}"],
        ["pooling", "({#6}, {#7}, {#8})", "{#9}", "{#10}"],
    ]
    assert "({#1},)" in alone("side").text


def test_points_become_whole_weights_that_relate_as_the_points() -> None:
    question = several(PLAIN["integer"], PLAIN["matrix"], PLAIN["choice"])
    exported = Exported(question, (fmpq(1, 2), fmpq(3), fmpq(5, 4)), "q7")
    (found,) = imported(exported)
    assert [field.mark for field in found.fields] == [2, 3, 3, 3, 3, 5]
    assert notes([exported], "moodle") == [
        "in Moodle each of several fields counts a whole number: set these marks in the quiz: q7 (4.75)"
    ]
    (shape,) = placed([PLAIN["shape"]], points=6)
    assert [field.mark for field in imported(shape)[0].fields] == [2, 2, 2]
    assert notes([shape], "moodle") == ["of a shape every dimension counts by itself: q1"]
    (number,) = [Exported(PLAIN["integer"], (fmpq(5, 4),), "q1")]
    assert imported(number)[0].mark == 1.25
    assert notes([number], "moodle") == []


def test_what_stands_around_a_question() -> None:
    question = drawn()[-1]
    (found,) = imported(*placed([question]), title="Midterm 1/2")
    assert found.shown_name == f"q1. {question.title}"
    assert found.category == "$course$/top/Midterm 1//2"
    assert found.idnumber == question.code
    assert found.tags == ["quizgen", "optim", question.family, f"level {question.level}"]
    assert found.feedback.startswith("<p><strong>Answer:</strong> (a) \\(")
    assert read(found.feedback).count("\\[") == len(question.solution)
    assert 1 <= len(found.hints) <= 3
    assert all(read(hint).count("\\[") == 1 for hint in found.hints)


def test_the_solution_that_was_written_is_told() -> None:
    solution = "Add **one**:\n\n$$ 54 + 1 = 55 $$"
    (found,) = imported(*placed([written(Integer(), fmpq(55), solution=solution)]))
    assert found.feedback == (
        "<p><strong>Answer:</strong> \\(55\\)</p>\n<p>Add <strong>one</strong>:</p>\n<p>\\[54 + 1 = 55\\]</p>"
    )
    (bare,) = imported(*placed([PLAIN["matrix"]]))
    assert bare.feedback.count("\\begin") == 1
    assert bare.hints == []


def test_the_solution_shows_a_table_as_one() -> None:
    (found,) = imported(*placed([several(PLAIN["integer"], PLAIN["table"])]))
    assert found.feedback.startswith("<p><strong>Answer:</strong></p>\n<p>(a) \\(55\\)</p>\n<p>(b)</p>\n<table")
    table = ET.fromstring(re.search(r"<table.*</table>", found.feedback)[0])  # type: ignore[index]
    rows = [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]
    assert rows[1:] == [["Conv2d", "(16, 32, 32)", "448", "0.50"], ["pooling", "(16, 16, 16)", "0", "0.25"]]


def test_how_to_type_is_said_once() -> None:
    (found,) = imported(*placed([several(PLAIN["negative"], PLAIN["negative"], PLAIN["matrix"])]))
    assert found.text.count("fractions are not read") == 1


def test_figures_are_files() -> None:
    question = written(Integer(), fmpq(1), statement="![a graph](figure:graph)", figures={"graph": GRAPH})
    (found,) = imported(*placed([question]))
    drawing = ET.fromstring(found.files["graph.svg"])
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    assert 'alt="a graph"' in found.text


def test_variants_have_a_category_of_their_own() -> None:
    first, second = drawn()[-2:]
    points = tuple(fmpq(1) for _ in first.parts)
    found = imported(Exported(first, points, "q1", (second,)), Exported(PLAIN["integer"], (fmpq(1),), "q2"))
    assert [one.category for one in found] == [
        "$course$/top/An exam/q1. Gradient descent with momentum",
        "$course$/top/An exam/q1. Gradient descent with momentum",
        "$course$/top/An exam",
    ]
    assert [one.shown_name for one in found] == [
        "q1. Gradient descent with momentum (1)",
        "q1. Gradient descent with momentum (2)",
        "q2. By hand",
    ]
    assert [one.idnumber for one in found] == [first.code, second.code, "q2-1"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_read_as_it_is(text: str) -> None:
    (found,) = imported(*placed([hostile(text)]), title=text)
    shown = " ".join(clean(text).split())
    assert found.shown_name == f"q1. {shown}"[:199] + ("…" if len(shown) > 196 else "")
    assert shown in " ".join(read(found.text).split())
    field, one, several = found.fields
    assert " ".join(read(field.typed("13")[1]).split()).startswith(shown[:1].upper() + shown[1:] + ". ")
    for n, option in enumerate(("one", "two", "three")):
        assert " ".join(read(one.answers[n].text).split()) == f"{option} {shown}"
        assert " ".join(read(several.answers[n].text).split()) == f"{option} {shown}"
    assert read(field.typed("-14")[1]) == "The other. See \\(x \\lbrace 1 \\rbrace\\) and }."
    for opening in ("\\(x\\)", "\\[y\\]", "$$", "@@TOKEN", "[sound", "[tex]", "\\begin"):
        assert opening not in found.text + found.feedback + one.answers[0].text


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        (
            FORMULA,
            "q1: Moodle can't carry this expression: it has no field for formulas; it could be asked as",
        ),
        (THIRD, "the answer 1/3 is no short decimal, and fractions are not read there; it could be asked as multiple"),
        (written(Integer(), fmpq(10**16 + 1)), "10000000000000001 has more than the 14 digits that Moodle keeps"),
        (written(Shape(), ()), "a shape without dimensions has nothing to type into"),
        (written(Shape(), q(2, 3), also=(q(3, 2),)), "several answers are right, and entry by entry a mixture"),
        (written(Vector(), q(2, 3), also=(q(2, 3, 4),)), "several answers are right, and entry by entry a mixture"),
        (written(Number(2), fmpq(1), tolerance=fmpq(1, 3)), "its tolerance 1/3 is no decimal"),
        (written(Choices(("a", "b")), frozenset()), "none of its options is right"),
        (written(Choices(("a", "b")), frozenset({0}), also=(frozenset({1}),)), "several sets of options are right"),
        (written(Choices(tuple("abcdefghijkl")), frozenset(range(11))), "11 of its options are right"),
        (written(Choice(("a", " ")), frozenset({0})), "one of its options is empty"),
        (written(Table(("x",), (Expression(("w",)),), ("r",)), (("w",),)), "a column of it is expression"),
    ],
)
def test_what_moodle_cannot_carry_is_said(question: object, problem: str) -> None:
    (said,) = problems(placed([question]), "moodle")
    assert problem in said


def test_what_moodle_can_carry_after_all() -> None:
    assert problems(placed([FORMULA, THIRD]), "moodle", choices=True) == []
    alternatives = written(Vector(), q(2, 3), also=(q(2, 4),))
    assert problems(placed([alternatives]), "moodle") == []
    (found,) = imported(*placed([alternatives]))
    assert [[field.typed(n)[0] for n in "234"] for field in found.fields] == [[1, 0, 0], [0, 1, 1]]


def test_a_formula_that_is_none_is_an_error() -> None:
    for latex in (r"\href{javascript:alert(1)}{x}", r"x \) y", r"\def\x{1} \x", "50 % of x"):
        bad = written(Integer(), fmpq(1), statement=f"See ${latex}$.")
        with pytest.raises(RenderError, match="the formula"):
            moodle.write(placed([bad]), "An exam")


def test_the_same_exam_gives_the_same_bytes_in_one_piece_or_many() -> None:
    questions = placed(drawn()[:8])
    whole = moodle.write(questions, "An exam")
    assert whole == moodle.write(placed(drawn()[:8]), "An exam")
    assert whole == "".join(moodle.pieces(questions, "An exam")).encode()
    assert whole != moodle.write(questions, "Another exam")


def test_a_prompt_says_that_fractions_are_not_read_where_one_would_type_them() -> None:
    exact = imported(*placed([PLAIN["negative"], PLAIN["matrix"], PLAIN["rounded"], PLAIN["integer"], PLAIN["table"]]))
    assert ["fractions are not read" in found.text for found in exact] == [True, True, False, False, False]
    assert "±0.0001 is accepted" in exact[2].text


def test_escaped_markup_of_an_option_is_kept() -> None:
    kind = Choice((escape("*x*"), "$x$ `}`", "=5~{"))
    question = several(written(kind, frozenset({2})), PLAIN["integer"])
    (found,) = imported(*placed([question]))
    assert [read(answer.text) for answer in found.fields[0].answers] == ["*x*", "\\(x\\) }", "=5~{"]
    assert [answer.fraction for answer in found.fields[0].answers] == [0, 0, 1]


@given(st.text(alphabet=TRICKY, min_size=1))
@settings(max_examples=150, deadline=None)
def test_any_text_travels_through_a_field(text: str) -> None:
    option = text if clean(text).strip() else "|"
    options = [(escape_html(option), True, ""), ("x", False, escape_html(text))]
    found, (field,) = embedded(cloze.outside(escape_html(text)) + cloze.chosen(options, 1, shuffled=False))
    assert read(field.answers[0].text).split() == clean(option).split()
    assert read(field.answers[1].feedback).split() == clean(text).split()
    assert read(found).split() == f"{clean(text)}{{#1}}".split()
    assert [answer.fraction for answer in field.answers] == [1, 0]

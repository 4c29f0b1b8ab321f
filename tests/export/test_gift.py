"""GIFT, read back by the importer's own rules."""

from collections.abc import Iterator
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
    placed,
    q,
    right,
    several,
    written,
)
from moodle_import import Imported, from_gift
from quizgen.answers import Choice, Integer, Shape, Table, Vector
from quizgen.export import Exported, gift, notes, problems
from quizgen.export.html import clean
from quizgen.question import QuestionPart
from quizgen.text import escape


def imported(*questions: Exported, choices: bool = False, title: str = "An exam") -> list[Imported]:
    return from_gift(gift.write(questions, title, choices))


def read(xhtml: str) -> str:
    return "".join(ET.fromstring(f"<p>{xhtml}</p>").itertext())


def fitting() -> list[Exported]:
    return [exported for exported in exam() if not problems([exported], "gift")]


def table_is_marked(part: QuestionPart, found: Iterator[Imported]) -> Iterator[int]:
    """Every cell of a table is a question: right as it is shown, and how many mistakes are wrong there."""
    for i, row in enumerate(part.centre):
        for j, kind in enumerate(part.kind.kinds):  # type: ignore[attr-defined]
            question = next(found)
            field = question.fields[0]
            assert field.typed(kind.show(row[j]))[0] == 1, question.name
            for way in part.wrong:
                slip = kind.show(way.values[part.index][i][j])
                if slip != kind.show(row[j]):
                    credit, told = field.typed(slip)
                    assert credit == 0, f"{question.name}: {slip} is {way.name}"
                    assert clean(way.name).lower() in read(told).lower()
                    yield 1


@pytest.mark.parametrize("choices", [False, True], ids=["typed", "choices"])
def test_every_right_answer_is_right_and_every_named_mistake_wrong(choices: bool) -> None:
    wrong = 0
    questions = fitting()
    found = iter(imported(*questions, choices=choices))
    for exported in questions:
        for part in exported.question.parts:
            if part.kind.name == "table":
                wrong += sum(table_is_marked(part, found))
                continue
            question = next(found)
            field = question.fields[0]
            if field.type == "multichoice":
                worth = [field.chosen(n)[0] for n in right(part)]
                assert (sum(worth) if not field.single else min(worth)) == pytest.approx(1)
                others = set(range(len(part.options))) - right(part)
                assert all(field.chosen(n)[0] <= 0 for n in others)
                wrong += len(others)
                continue
            for right_one in (part.centre, *part.also):
                assert field.typed(part.kind.show(right_one))[0] == 1, question.name
            for mistake in part.mistakes:
                credit, told = field.typed(mistake.value)
                assert credit == 0, f"{question.name}: {mistake.value} is {mistake.name}"
                near = [other.name for other in part.mistakes if other.target == mistake.target]
                assert any(clean(name).lower() in read(told).lower() for name in near)
                wrong += 1
    assert next(found, None) is None
    assert wrong > 200


def test_each_part_is_a_question_and_tells_of_itself_alone() -> None:
    question = next(each for each in drawn() if each.family == "optim.adam")
    found = imported(*placed([question]))
    assert [one.shown_name for one in found] == [f"q1 ({at}). {question.title}" for at in "abc"]
    assert all(one.text.startswith(found[0].text[:200]) for one in found)
    assert "(b)" in found[1].text
    assert "(c)" not in found[1].text
    shown = [part.answer_latex for part in question.parts]
    assert [f"({at}) \\({answer}\\)" in one.feedback for at, answer, one in zip("abc", shown, found, strict=True)]
    counts = [one.feedback.count("\\[") for one in found]
    assert counts[0] < counts[2] <= len(question.solution)


def test_a_shape_is_typed_as_people_type_it() -> None:
    field = imported(*placed([PLAIN["shape"]]))[0].fields[0]
    typed = ["(64, 32, 3)", "(64,32,3)", "64, 32, 3", "[64, 32, 3]", "64x32x3", "64 × 32 × 3", " 64X32X3 "]
    assert [field.typed(text)[0] for text in typed] == [1] * len(typed)
    assert [field.typed(text)[0] for text in ("(3, 32, 64)", "64", "(64, 32)", "643")] == [0, 0, 0, 0]
    assert read(field.typed("3x32x64")[1]) == "Swapped. Channels first."
    assert imported(*placed([written(Shape(), ())]))[0].fields[0].typed("()")[0] == 1
    either = imported(*placed([written(Shape(), q(2, 3), ("same", "No.", q(3, 2)), also=(q(3, 2),))]))[0].fields[0]
    assert [either.typed(text)[0] for text in ("(2, 3)", "(3, 2)", "(2, 2)")] == [1, 1, 0]


def test_what_gift_cannot_carry_is_said() -> None:
    kind = Table(("mean",), (Vector(),), ("first",))
    table = placed([written(kind, ((q(1, 2),),))])
    for choices in (False, True):
        said = problems(table, "gift", choices)
        assert said == ["q1: GIFT can't carry this table: a column of it is vector"]
    alone = problems(placed([written(Vector(), q(1, 2))]), "gift")
    assert alone == ["q1: GIFT can't carry this vector: there is no named mistake to choose from beside the answer"]
    assert len(problems(placed([FORMULA, THIRD]), "gift")) == 2
    assert problems(placed([FORMULA, THIRD]), "gift", choices=True) == []


def test_a_table_is_asked_cell_by_cell_and_a_question_mark_stands_in_the_cell() -> None:
    (table,) = placed([PLAIN["table"]])
    found = imported(table)
    assert [one.shown_name for one in found] == [f"q1 cell {n}. By hand" for n in range(1, 7)]
    for n, one in enumerate(found):
        cells = ["".join(cell.itertext()) for cell in ET.fromstring(f"<p>{one.text}</p>").iter("td")]
        assert [at for at, shown in enumerate(cells) if shown == "?"] == [4 * (n // 3) + n % 3 + 1]
    shape, count, share = (one.fields[0] for one in found[3:])
    assert [shape.typed(text)[0] for text in ("(16, 16, 16)", "16x16x16", "(16, 16)")] == [1, 1, 0]
    assert [count.typed(text)[0] for text in ("0", "64", "0.01")] == [1, 0, 0], "an exact column has no tolerance"
    assert read(count.typed("64")[1]) == "Counted. Pooling learns nothing."
    assert [share.typed(text)[0] for text in ("0.25", "0.26", "0.27")] == [1, 1, 0]
    assert notes([table], "gift")[0] == (
        "each cell of a table becomes a question, for GIFT has one field a question: q1 (6)"
    )


def test_a_cell_of_a_table_tells_of_itself_alone() -> None:
    question = next(each for each in drawn() if each.family == "net.shapes" and each.level == 3)
    first, *_, last = imported(*placed([question]))
    assert first.feedback.count("\\[") < last.feedback.count("\\[")


def test_variants_of_a_table_lie_together_cell_by_cell() -> None:
    small, large = (
        written(Table(("n",), (Integer(),), tuple(map(str, range(rows)))), tuple((fmpq(n),) for n in range(rows)))
        for rows in (1, 2)
    )
    found = imported(Exported(small, (fmpq(1),), "q1", (large,)))
    assert [one.shown_name for one in found] == [
        "q1 cell 1. By hand (1)",
        "q1 cell 1. By hand (2)",
        "q1 cell 2. By hand (2)",
    ]


def test_points_have_no_place() -> None:
    questions = placed([PLAIN["integer"], several(PLAIN["integer"], PLAIN["choice"])])
    assert notes(questions, "gift") == [
        "GIFT holds no points: set them in the quiz: q1 (2) and q2 (2 + 2)",
    ]
    assert notes(placed([PLAIN["integer"]], points=1), "gift") == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_read_as_it_is(text: str) -> None:
    found = imported(*placed([hostile(text)]), title=text)
    shown = " ".join(clean(text).split())
    assert [one.shown_name[:12] for one in found] == [f"q1 ({at}). {shown}"[:12] for at in "abc"]
    assert all(shown in " ".join(read(one.text).split()) for one in found)
    number, one, several = (each.fields[0] for each in found)
    assert " ".join(read(number.typed("13")[1]).split()).startswith(shown[:1].upper() + shown[1:] + ". ")
    for n, option in enumerate(("one", "two", "three")):
        assert " ".join(read(one.answers[n].text).split()) == f"{option} {shown}"
        assert " ".join(read(several.answers[n].text).split()) == f"{option} {shown}"


def test_options_that_look_like_weights_or_formats() -> None:
    options = ("%50%x", "[html]y", "=z", "~w", "-> v", "// u", "[1, 2]")
    (found,) = imported(*placed([written(Choice(options), frozenset({2}))]))
    assert tuple(read(answer.text) for answer in found.fields[0].answers) == options
    assert [answer.fraction for answer in found.fields[0].answers] == [0, 0, 1, 0, 0, 0, 0]


def test_figures_stand_within_the_text() -> None:
    question = written(Integer(), fmpq(1), statement="![a graph](figure:graph)", figures={"graph": GRAPH})
    (found,) = imported(*placed([question]))
    assert 'src="data:image/svg+xml;base64,' in found.text


def test_all_questions_lie_in_the_category_of_the_exam() -> None:
    assert {one.category for one in imported(*placed(drawn()[:6]))} == {"$course$/top/An exam"}


def test_variants_have_a_category_for_each_part() -> None:
    first, second = drawn()[-2:]
    exported = Exported(first, (fmpq(1),) * len(first.parts), "q1", (second,))
    found = imported(exported)
    assert [one.category.rsplit("/", 1)[1] for one in found[:3]] == [
        "q1 (a) Gradient descent with momentum",
        "q1 (a) Gradient descent with momentum",
        "q1 (b) Gradient descent with momentum",
    ]
    assert [one.shown_name[-3:] for one in found[:2]] == ["(1)", "(2)"]


def test_the_same_exam_gives_the_same_bytes() -> None:
    assert gift.write(placed(drawn()[:6]), "An exam") == gift.write(placed(drawn()[:6]), "An exam")


@given(st.text(alphabet=TRICKY))
@settings(max_examples=150, deadline=None)
def test_any_text_travels(text: str) -> None:
    option = text if clean(text).strip() else "|"
    kind = Choice((escape(option) or "|", "other"))
    question = written(kind, frozenset({0}), ("slip", escape(text), frozenset({1})), statement=f"x {escape(text)}")
    (found,) = imported(*placed([question]))
    assert read(found.fields[0].answers[0].text).split() == clean(option).split()
    assert read(found.text).split()[1:-2] == clean(text).split()

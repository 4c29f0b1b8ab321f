"""Blueprints that are right: what becomes of them, what follows from the seed, and what they are expected to take."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from quizgen import from_code
from quizgen.exam import blueprint
from quizgen.exam.model import Placed, Slot, Version, shared
from quizgen.exam.outline import outline
from quizgen.exam.written import solution
from quizgen.family import find
from quizgen.labour import Labour, expected_seconds, labour
from quizgen.question import Question
from quizgen.render import latex
from quizgen.render.templates import templates
from quizgen.sheet import Sheet

HEAD = 'title = "T"\nseed = "k7q3m9"\n'
TEMPLATE = (templates() / "exam" / "blueprint.toml").read_text(encoding="utf-8")


def of(*questions: str, head: str = HEAD, section: str = "") -> blueprint.Blueprint:
    """An exam of one section with these questions, each in lines of TOML."""
    asked = "".join(f"[[sections.questions]]\n{question}\n" for question in questions)
    return blueprint.parse(f"{head}[[sections]]\n{section}\n{asked}")


def written(*lines: str) -> Question:
    """The question that these lines of TOML ask."""
    made = of("\n".join(('text = "What is $x$?"', *lines))).slots[0].written
    assert made is not None
    return made


# --- the template -------------------------------------------------------------------------------------------------


def test_the_template_works_as_it_is() -> None:
    exam = blueprint.parse(TEMPLATE)
    assert (exam.title, exam.course, exam.duration, exam.seed) == ("Midterm", "Deep Learning", 60, "k7q3m9")
    assert exam.date == dt.date(2026, 3, 14)
    assert exam.versions == ("A", "B")
    assert exam.band == fmpq(1, 10)
    assert [slot.key for slot in exam.slots[:4]] == ["same-padding", "layers", "convolution-1", "convolution-2"]
    assert [slot.key for slot in exam.slots[4:8]] == ["adam", "softmax", "backprop", "decay"]
    assert [slot.key for slot in exam.slots[8:]] == ["dropout", "linear-layer"]
    assert [slot.number for slot in exam.slots] == list(range(1, 11))
    assert [slot.section for slot in exam.slots] == [0] * 4 + [1] * 4 + [2] * 2
    assert len(exam.picked) == 9
    assert (exam.layout.grid, exam.layout.two_sided, exam.layout.answer_space) == (True, True, fmpq(3, 2))
    assert (exam.marking.carry_forward, exam.marking.wrong_sign) == (True, fmpq(1, 2))


def test_the_template_shows_every_key() -> None:
    """What a key is for is learnt from the template: none may be missing from it."""
    shown = set(blueprint.Asked.model_fields) - {"columns", "kinds", "rows", "tolerance", "title"}
    for table in (blueprint.Blueprint, blueprint.Section, blueprint.Layout, blueprint.Marking):
        shown |= set(table.model_fields)
    shown -= {"sections", "questions", "layout", "marking", "parts"}
    missing = [key for key in sorted(shown) if f"{key} = " not in TEMPLATE]
    assert missing == []
    assert all(f"[{table}]" in TEMPLATE for table in ("layout", "marking", "[sections]", "[sections.questions.parts]"))


def test_every_text_of_the_template_prints() -> None:
    exam = blueprint.parse(TEMPLATE)
    questions = tuple(slot.written for slot in exam.slots if slot.written is not None)
    assert len(questions) == 3
    printed = latex.document(Sheet("by hand", questions))
    assert r"\eta_0" in printed
    for text in (exam.instructions, exam.layout.formula_sheet, solution(questions[0])):
        assert latex.blocks(text, {})
    assert r"\left\lfloor" in exam.layout.formula_sheet


def test_the_source_is_kept_and_hashed() -> None:
    exam = blueprint.parse(TEMPLATE)
    assert exam.source == TEMPLATE
    assert exam.hash == hashlib.sha256(TEMPLATE.encode()).hexdigest()


@pytest.mark.parametrize(
    "change", [lambda b: b"\xef\xbb\xbf" + b, lambda b: b.replace(b"\n", b"\r\n")], ids=["BOM", "CRLF"]
)
def test_what_editors_add_changes_nothing(tmp_path: Path, change: object) -> None:
    file = tmp_path / "exam.toml"
    file.write_bytes(change(TEMPLATE.encode()))  # type: ignore[operator]
    assert blueprint.read(file) == blueprint.parse(TEMPLATE)


def test_the_least_that_an_exam_is() -> None:
    exam = of('family = "optim.adam"')
    assert (exam.versions, exam.band, exam.duration, exam.date) == (("A",), fmpq(1, 10), None, None)
    (slot,) = exam.slots
    assert slot == Slot(
        1, 0, "q1", family="optim.adam", level=1, band=fmpq(1, 10), stream="family optim.adam level 1 1"
    )
    assert exam.picked == exam.slots


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("versions = 3", ("A", "B", "C")),
        ("versions = 28", (*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "AA", "AB")),
        ('versions = ["red", "blue-2"]', ("red", "blue-2")),
    ],
)
def test_names_of_versions(line: str, names: tuple[str, ...]) -> None:
    assert of('family = "optim.adam"', head=f"{HEAD}{line}\n").versions == names


@pytest.mark.parametrize("spelled", ["2026-03-14", '"2026-03-14"'])
def test_dates(spelled: str) -> None:
    assert of('family = "optim.adam"', head=f"{HEAD}date = {spelled}\n").date == dt.date(2026, 3, 14)


@pytest.mark.parametrize(("spelled", "band"), [('"5%"', fmpq(1, 20)), ("0.05", fmpq(1, 20)), ("0", 0), ('"100 %"', 1)])
def test_bands(spelled: str, band: fmpq) -> None:
    assert of('family = "optim.adam"', head=f"{HEAD}band = {spelled}\n").band == band


def test_a_seed_of_digits_may_be_a_number() -> None:
    assert of('family = "optim.adam"', head='title = "T"\nseed = 42\n').seed == "42"


# --- what follows from the seed ----------------------------------------------------------------------------------


def test_families_of_a_topic_take_turns() -> None:
    exam = of('topic = "conv"\ncount = 5\nlevel = 2')
    names = [slot.family for slot in exam.slots]
    assert len(set(names)) == 5
    assert all(find(name or "").topic == "conv" for name in names)
    assert [slot.key for slot in exam.slots] == ["q1", "q2", "q3", "q4", "q5"]
    assert all((slot.topic, slot.level) == ("conv", 2) for slot in exam.slots)


def test_another_seed_draws_other_families_and_picks_others() -> None:
    seen, picked = set(), set()
    for seed in range(30):
        exam = of(
            'topic = "conv"\nid = "c"', 'code = "optim.adam/2/1"', 'code = "optim.adam/2/2"', 'code = "optim.adam/2/3"',
            head=f'title = "T"\nseed = {seed}\n', section="pick = 2",
        )  # fmt: skip
        seen.add(exam.slots[0].family)
        picked.add(tuple(slot.number for slot in exam.picked))
    assert len(seen) == 5
    assert picked == {(1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)}


@settings(max_examples=30)
@given(st.lists(st.sampled_from("abcdefgh"), min_size=3, max_size=8, unique=True), st.integers(0, 50), st.data())
def test_a_question_with_an_id_stays_as_it_is_when_others_come(ids: list[str], seed: int, data: st.DataObject) -> None:
    """Neither its family nor whether it is picked depends on the order, or on how many others there are before it."""

    def exam(names: list[str]) -> dict[str, Slot]:
        questions = [f'topic = "conv"\nid = "{name}"' for name in names]
        made = of(*questions, head=f'title = "T"\nseed = {seed}\n', section="pick = 2")
        return {slot.key: slot for slot in made.slots} | {f"picked {slot.key}": slot for slot in made.picked}

    whole, shuffled = exam(ids), exam(data.draw(st.permutations(ids)))
    assert {key: slot.family for key, slot in whole.items()} == {key: slot.family for key, slot in shuffled.items()}
    fewer = exam(ids[:-1])
    assert all(fewer[name].family == whole[name].family for name in ids[:-1])
    gone = [key for key in fewer if key not in whole]
    assert len(gone) <= 1  # the newcomer takes the place of one at most


def test_draws_of_a_place_depend_on_nothing_else() -> None:
    exam, other = of('family = "optim.adam"'), of('topic = "net"', "text = '?'\nanswer = 1")
    assert exam.rng("q1", "draw").word() == other.rng("q1", "draw").word()
    words = {exam.rng(key, purpose).word() for key in ("q1", "q2") for purpose in ("draw", "pick")}
    assert len(words) == 4


# --- points -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spelled", "points"),
    [
        ("2.5", (fmpq(5, 2),)),
        ('"2.5"', (fmpq(5, 2),)),
        ("3", (fmpq(3),)),
        ("0.25", (fmpq(1, 4),)),
        ("[1, 1.5, 0.5]", (fmpq(1), fmpq(3, 2), fmpq(1, 2))),
        ("1_0.50", (fmpq(21, 2),)),
    ],
)
def test_points_are_exact(spelled: str, points: tuple[fmpq, ...]) -> None:
    family = "conv.output-size" if spelled == "0.25" else "optim.adam"
    assert of(f'family = "{family}"\npoints = {spelled}').slots[0].points == points


@pytest.mark.parametrize(
    ("total", "weights", "points"),
    [
        ("5", (1, 1, 2), ("3/2", "1", "5/2")),
        ("3", (1, 1, 1), ("1", "1", "1")),
        ("4", (1, 1, 2), ("1", "1", "2")),
        ("1", (1, 1, 1), ("1/2", "1/4", "1/4")),
        ("2.25", (1, 1), ("5/4", "1")),
        ("7", (9,), ("7",)),
        ("2", (9, 1), ("3/2", "1/2")),
    ],
)
def test_a_number_of_points_is_shared(total: str, weights: tuple[int, ...], points: tuple[str, ...]) -> None:
    whole, _, part = total.partition(".")
    assert tuple(map(str, shared(fmpq(int(whole + part), 10 ** len(part)), weights))) == points


@given(st.integers(1, 80), st.lists(st.integers(1, 9), min_size=1, max_size=8))
def test_shares_add_up_and_follow_the_weights(quarters: int, weights: list[int]) -> None:
    total = fmpq(quarters, 4)
    if quarters < len(weights):
        with pytest.raises(ValueError, match="can't be shared"):
            shared(total, tuple(weights))
        return
    shares = shared(total, tuple(weights))
    assert sum(shares, fmpq(0)) == total
    assert min(shares) > 0
    unit = fmpq(1, 2) if quarters % 2 == 0 and total >= fmpq(len(weights), 2) else fmpq(1, 4)
    assert all((share / unit).q == 1 for share in shares)
    for weight, share in zip(weights, shares, strict=True):
        assert all(share >= other for w, other in zip(weights, shares, strict=True) if weight > w)


def test_points_of_a_question() -> None:
    question = from_code("optim.adam/2/k7q3m9", verify=False)
    own = tuple(fmpq(part.points) for part in question.parts)
    slot = Slot(1, 0, "q1", family="optim.adam", level=2)
    assert slot.points_of(question) == own == (1, 1, 2)
    assert Slot(1, 0, "q1", points=(fmpq(8),)).points_of(question) == (2, 2, 4)
    assert Slot(1, 0, "q1", points=(fmpq(1), fmpq(2), fmpq(3))).points_of(question) == (1, 2, 3)
    two = Slot(1, 0, "q1", points=(fmpq(1), fmpq(2)))
    assert not two.fits(question)
    with pytest.raises(ValueError, match="points for 2 parts, and the question has 3 parts"):
        two.points_of(question)


def test_a_paper_adds_its_points_up() -> None:
    question = from_code("optim.adam/2/k7q3m9", verify=False)
    placed = Placed(Slot(1, 0, "q1"), question, (fmpq(1, 2), fmpq(1), fmpq(2)))
    assert placed.total == fmpq(7, 2)
    assert Version("A", None, (placed, placed), "t-A-1").total == 7


def test_points_for_every_number_of_parts_that_a_family_has() -> None:
    """Graphs have four or five parts: a list for either is taken, and only questions that it fits."""
    for count in (4, 5):
        exam = of(f'family = "backprop.scalar-graph"\npoints = {[1] * count}')
        assert len(outline(exam).rows[0].points) == count


# --- questions written by hand -----------------------------------------------------------------------------------

TABLE = 'kind = "table"\ncolumns = ["shape", "parameters"]\nkinds = ["shape", "integer"]\nrows = ["conv", "fc"]'


@pytest.mark.parametrize(
    ("lines", "kind", "answer", "tolerance"),
    [
        (["answer = 0.75"], "number", "0.75", "0"),
        (['answer = "3/4"'], "number", "0.75", "0"),
        (['answer = "1/3"', "decimals = 2"], "number", "0.33", "1/200"),
        (["answer = 0.1", "decimals = 1", "tolerance = 0.2"], "number", "0.1", "1/5"),
        (["answer = 1_000"], "number", "1000", "0"),
        (["answer = 3", 'kind = "integer"'], "integer", "3", "0"),
        (["answer = [64, 32, 3]", 'kind = "shape"'], "shape", "(64, 32, 3)", "0"),
        (["answer = [64]", 'kind = "shape"'], "shape", "(64,)", "0"),
        (['answer = [0.5, -1, "3/4"]', 'kind = "vector"'], "vector", "(0.5, -1, 0.75)", "0"),
        (["answer = [0.25]", 'kind = "vector"', "decimals = 1"], "vector", "(0.3,)", "1/20"),
        (["answer = [[1, 2], [3, 4]]", 'kind = "matrix"'], "matrix", "[[1, 2], [3, 4]]", "0"),
        (['answer = "w*x + b"', 'kind = "expression"', 'variables = ["w", "x", "b"]'], "expression", "w*x + b", "0"),
        (['answer = "b"', 'options = ["one", "two"]'], "choice", "b", "0"),
        (["answer = 2", 'options = ["$x$", "two"]'], "choice", "b", "0"),
        (['answer = "two"', 'options = ["$x$", "two"]'], "choice", "b", "0"),
        (['answer = ["a", "b"]', 'options = ["$x$", "y", "z"]'], "choices", "a, b", "0"),
        (['answer = "none"', 'kind = "choices"', 'options = ["$x$", "y"]'], "choices", "none", "0"),
        ([TABLE, 'answer = [["(3, 4)", 12], [[5], 5]]'], "table", "(3, 4) | 12; (5,) | 5", "0"),
        ([TABLE, 'answer = """\n(3, 4) | 12\n(5,) | 5"""'], "table", "(3, 4) | 12; (5,) | 5", "0"),
    ],
)
def test_an_answer_is_read_as_it_is_typed(lines: list[str], kind: str, answer: str, tolerance: str) -> None:
    question = written(*lines)
    part = question.parts[0]
    assert (part.kind.name, part.answer, str(part.tolerance)) == (kind, answer, tolerance)
    assert question.check(answer).right
    assert (question.source, question.code, question.family, question.level) == (None, "", "", 0)
    assert Question.from_json(question.to_json()) == question


def test_a_written_answer_is_right_within_its_rounding() -> None:
    question = written('answer = "1/3"', "decimals = 2")
    assert "±0.005" in question.parts[0].prompt
    assert question.check("1/3").right
    assert question.check("0.334").right
    assert not question.check("0.34").right


def test_other_answers_and_mistakes_that_are_expected() -> None:
    question = written(
        "answer = 24", "also = [25, 26]", 'mistakes = [{ name = "no biases", answer = 21, why = "Mind $b$." }]'
    )
    assert all(question.check(text).right for text in ("24", "25", "26"))
    verdict = question.check("21")
    assert not verdict.right
    assert [(mistake.name, mistake.why) for mistake in verdict.diagnosed] == [("no biases", "Mind $b$.")]


def test_several_parts_with_mistakes_of_their_own() -> None:
    question = written(
        "solution = 'Count.'",
        '[[sections.questions.parts]]\ntext = "first"\nanswer = 1\nmistakes = [{ name = "m", answer = 2, why = "w" }]',
        '[[sections.questions.parts]]\ntext = "second"\nanswer = "b"\noptions = ["x", "y"]',
        '[[sections.questions.parts]]\ntext = "third"\nanswer = 3\nmistakes = [{ name = "n", answer = 2, why = "v" }]',
    )
    assert [part.words for part in question.parts] == ["first", "second", "third"]
    assert [[mistake.name for mistake in part.mistakes] for part in question.parts] == [["m"], [], ["n"]]
    assert [mistake.name for mistake in question.check("2", 3).diagnosed] == ["n"]
    assert question.check("b", 2, {1: "5"}).right
    assert solution(question) == "Count."
    assert Question.from_json(question.to_json()) == question


def test_a_question_of_a_family_has_no_written_solution() -> None:
    assert solution(from_code("optim.adam/2/k7q3m9", verify=False)) == ""


# --- what it takes ------------------------------------------------------------------------------------------------


def test_labour_counts_by_hand() -> None:
    """floor((n + 2p - k)/s) + 1: 2p, +, -, /, + are five; digits of what is given and of the answer."""
    question = from_code("conv.output-size/1/k7q3m9", verify=False)
    found = labour(question)
    digits = sum(c.isdigit() for line in (*question.work.givens, *question.work.lines) for c in str(line.value))
    assert found.digits == digits
    assert found.operations == question.work.hand_operations
    assert 4 <= found.operations <= 5
    assert found.kinds == ("integer",)
    assert found.total == found.operations + found.digits


def test_labour_names_the_decimals() -> None:
    kinds = labour(from_code("optim.adam/2/k7q3m9", verify=False)).kinds
    assert len(kinds) == 3
    assert all(kind.startswith("number to ") for kind in kinds)


def test_a_written_question_takes_no_hand_work_that_is_known() -> None:
    assert labour(written("answer = 24")) == Labour(0, 2, ("number",))


def test_the_outline_adds_up() -> None:
    exam = blueprint.parse(TEMPLATE)
    told = outline(exam)
    assert [row.slot for row in told.rows] == list(exam.picked)
    assert [row.number for row in told.rows] == list(range(1, 10))
    assert told.points == sum((row.total for row in told.rows), fmpq(0)) == sum(told.topics.values(), fmpq(0))
    assert told.points == sum(told.levels.values(), fmpq(0))
    assert told.seconds == sum(row.seconds for row in told.rows)
    for row in told.rows:
        assert row.operations.least <= row.operations.usual <= row.operations.most
        assert row.digits.least <= row.digits.usual <= row.digits.most
    assert outline(exam).to_json() == told.to_json()


def test_minutes_that_are_given_count() -> None:
    exam = of('family = "optim.adam"\nminutes = 7.5', 'family = "optim.adam"\nid = "x"', 'text = "?"\nanswer = 1')
    given_, estimated, by_hand = outline(exam).rows
    assert given_.seconds == 450
    assert 100 < estimated.seconds < 400
    question = exam.slots[2].written
    assert question is not None
    assert by_hand.seconds == expected_seconds(question)


def test_the_outline_of_a_code_is_that_of_its_question() -> None:
    code = "loss.softmax/2/k7q3m9"
    row = outline(of(f'code = "{code}"')).rows[0]
    found = labour(from_code(code, verify=False))
    assert set(row.operations) == {found.operations}
    assert set(row.digits) == {found.digits}
    assert (row.level, row.topic, row.kinds) == (2, "loss", found.kinds)

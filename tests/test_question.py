"""Questions as values: what they hold, equality, and records that are taken on trust in nothing."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import Any

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

import quizgen
from quizgen import code as codes
from quizgen import family as families
from quizgen.answers import Integer, Number, Table, Vector
from quizgen.draw import draw
from quizgen.errors import InputError, QuizgenError
from quizgen.question import Question, QuestionPart, decimal_text, last_unit

CASES = [(name, level) for name, entry in families.everything().items() for level in entry.levels]
ADAM = {"theta": 1, "gradients": 2, "lr": "0.1", "beta1": "1/2", "beta2": "3/4", "eps": "0.1"}


@cache
def record(name: str, level: int) -> str:
    """The record of a question as text."""
    return json.dumps(draw(codes.make(families.find(name), level, "record")).to_json())


def refused(data: Any) -> str:
    with pytest.raises(InputError) as found:
        Question.from_json(data)
    said = str(found.value)
    assert said.isprintable()
    assert len(said) < 800
    assert found.value.exit_code == 2
    return said


# --- values -----------------------------------------------------------------------------------------------------------


def test_questions_are_equal_when_their_records_are() -> None:
    one = quizgen.from_code("optim.adam/2/k7", verify=False)
    two = quizgen.from_code("optim.adam/2/k7", verify=False)
    assert one is not two
    assert one == two
    assert hash(one) == hash(two)
    assert one != quizgen.from_code("optim.adam/2/k8", verify=False)
    assert one != quizgen.from_code("optim.adam/2/k7"), "one has been checked, and says so"
    assert one != "optim.adam/2/k7"
    assert {one, two} == {one}


def test_a_question_reads_back_from_its_record_for_all_uses() -> None:
    one = quizgen.from_code("backprop.scalar-graph/3/k7")
    again = Question.from_json(json.loads(json.dumps(one.to_json())))
    assert again == one
    assert again.source is None
    assert (again.statement, again.program, again.points) == (one.statement, one.program, one.points)
    assert [step.text for step in again.solution] == [step.text for step in one.solution]
    assert [step.text for step in again.givens] == [step.text for step in one.givens]
    assert {name: figure.to_json() for name, figure in again.figures.items()} == {
        name: figure.to_json() for name, figure in one.figures.items()
    }
    assert again.provenance == one.provenance
    for mine, theirs in zip(again.parts, one.parts, strict=True):
        assert mine.prompt == theirs.prompt
        assert mine.options == theirs.options
        assert mine.correct == theirs.correct
        assert mine.mistakes == theirs.mistakes
    assert again.check(again.parts[1].answer, 2).right
    assert again._repr_html_() == one._repr_html_()


def test_what_a_person_sees_of_a_question() -> None:
    question = quizgen.from_code("optim.adam/2/k7", verify=False)
    assert repr(question) == "<Question optim.adam/2/k7>"
    assert str(question).startswith("optim.adam/2/k7: Adam **")
    assert question.points == 4
    assert question.title == "Adam steps on one parameter"


def test_prompts_end_with_how_precise_an_answer_is_to_be() -> None:
    question = quizgen.solve("optim.adam", verify=False, **ADAM)
    assert question.part(1).prompt == "What is $m_1$? *(4 decimals)*"
    assert question.part(3).prompt == r"What is $\theta_1$? *(4 decimals; ±0.000089 is accepted)*"
    assert quizgen.solve("net.parameter-count", sizes=(2, 3), verify=False).part(1).precision == ""


@pytest.mark.parametrize(
    ("kind", "unit"),
    [
        (Number(4), "1/10000"),
        (Number(0), "1"),
        (Number(), "0"),
        (Integer(), "0"),
        (Vector(2), "1/100"),
        (Table(("n", "p"), (Integer(), Number(3)), ("a",)), "1/1000"),
    ],
)
def test_the_last_unit_of_a_kind(kind: Any, unit: str) -> None:
    assert str(last_unit(kind)) == unit


@pytest.mark.parametrize(
    ("x", "text"), [(fmpq(1, 2), "0.5"), (fmpq(1, 3), "1/3"), (fmpq(-7), "-7"), (fmpq(1, 10**8), "0.00000001")]
)
def test_rationals_as_text(x: fmpq, text: str) -> None:
    assert decimal_text(x) == text


# --- choices ----------------------------------------------------------------------------------------------------------


def test_choices_are_the_answer_and_its_mistakes_in_an_order_of_their_own() -> None:
    question = quizgen.from_code("optim.momentum/3/k7", verify=False)
    for part in question.parts:
        assert 2 <= len(part.options) <= 4
        assert len(set(part.options)) == len(part.options)
        (right,) = part.correct
        assert part.options[right] == f"${part.answer_latex}$"
        wrong = {f"${mistake.latex}$" for mistake in part.mistakes}
        assert set(part.options) <= wrong | {part.options[right]}
    assert quizgen.from_code("optim.momentum/3/k7", verify=False).parts[0].options == question.parts[0].options


def test_the_right_option_stands_anywhere() -> None:
    places = [
        next(iter(quizgen.from_code(f"optim.momentum/2/{seed}", verify=False).parts[0].correct)) for seed in range(80)
    ]
    counts = [places.count(n) for n in range(4)]
    assert all(8 <= count <= 35 for count in counts), counts


def test_a_part_knows_its_place() -> None:
    question = quizgen.from_code("optim.adam/2/k7", verify=False)
    assert [part.index for part in question.parts] == [0, 1, 2]
    assert [question.part(n) for n in (1, 2, 3)] == list(question.parts)


# --- records that are none --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data", [None, [], {}, "", 3, "x", {"format": 1}, {"format": 2}, {"format": None}, [["format", 1]], {"format": {}}]
)
def test_what_is_no_record_at_all(data: Any) -> None:
    assert "this is not the record of a question" in refused(data) or "format" in refused(data)


def test_a_later_format_says_so() -> None:
    data = json.loads(record("optim.adam", 2)) | {"format": 2}
    assert refused(data) == "this question is of format 2, and this quizgen reads format 1"


@pytest.mark.parametrize(
    "key", sorted(json.loads(record("optim.adam", 2)).keys() - {"solution"})
)  # which is worked again
def test_nothing_may_be_missing(key: str) -> None:
    data = json.loads(record("optim.adam", 2))
    del data[key]
    assert f"KeyError: '{key}'" in refused(data)


def changed(path: tuple[Any, ...], value: Any) -> Any:
    data = json.loads(record("optim.adam", 2))
    at = data
    for key in path[:-1]:
        at = at[key]
    assert path[-1] in at if isinstance(at, dict) else path[-1] < len(at)
    at[path[-1]] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("code",), 3, "its code is 3, which is no text"),
        (("code",), "<script>", "'<script>' is no question code"),
        (("code",), "optim.adam/2/K7", "is no question code"),
        (("title",), None, "its title is None, which is no text"),
        (("statement",), "\ud800", "UnicodeEncodeError"),
        (("level",), "2", "'2' stands where a number from 0 belongs"),
        (("level",), -1, "-1 stands where a number from 0 belongs"),
        (("level",), True, "True stands where"),
        (("parameters",), [], "its parameters are []"),
        (("parameters", "theta"), float("nan"), "its parameters are {'theta': nan"),
        (("parameters", "theta"), {"a": "1"}, "its parameters are {"),
        (("parts",), {}, "its parts are {}, which is no list"),
        (("parts",), "ab", "its parts are 'ab', which is no list"),
        (("parts",), [{}] * 1000, "which is no list"),
        (("parts", 0, "points"), 1.5, "1.5 stands where a number from 0 belongs"),
        (("parts", 0, "tolerance"), "-1", "a tolerance of '-1'"),
        (("parts", 0, "tolerance"), 0.5, "TypeError"),
        (("parts", 0, "tolerance"), "1e9999", "would fill a page with digits"),
        (("parts", 0, "answer"), "x", "ValueError"),
        (("parts", 0, "answer"), "1e9999", "would fill a page with digits"),
        (("parts", 0, "answer"), ["1", "2"], "one rational is wanted"),
        (("parts", 0, "answer"), {"options": [0]}, "TypeError"),
        (("parts", 0, "also"), "12", "its also are '12', which is no list"),
        (("parts", 0, "also"), ["1/0"], "ValueError"),
        (("parts", 0, "kind"), {"kind": "integers"}, "there is no kind of answer 'integers' (did you mean 'integer'"),
        (("parts", 0, "kind"), {"kind": "choice", "options": ["a", "b"]}, "TypeError"),
        (("parts", 0, "quantities"), [], "an answer is not that of its work"),
        (("parts", 0, "quantities"), [-1], "-1 stands where a number from 0 belongs"),
        (("parts", 0, "quantities"), [10**5], "IndexError"),
        (("parts", 0, "quantities"), [0, 1], "an answer is not that of its work"),
        (("mistakes", 0, "name"), None, "its name is None, which is no text"),
        (("mistakes", 0, "answers"), [], "a mistake has an answer for each part"),
        (("mistakes", 0, "answers", 0), ["1"], "one rational is wanted"),
        (("work",), {}, "this is not the record of a work"),
        (("work", "decimals"), -1, "-1 is no number of decimals"),
        (("work", "decimals"), 10**9, "is no number of decimals"),
        (("work", "lines", 0, 0), "x", "there is no quantity 'x'"),
        (("work", "lines", 0, 1), 5, "5 is no text"),
        (("work", "lines", 0, 2), 1.5, "1.5 is no number of decimals"),
        (("figures",), [], "AttributeError"),
        (("figures",), {"graph": {"figure": "cat"}}, "is no figure"),
        (("provenance",), {}, "this is not the record of a run"),
        (("provenance",), 7, "AttributeError"),
    ],
)
def test_what_a_record_may_not_hold(path: tuple[Any, ...], value: Any, words: str) -> None:
    assert words in refused(changed(path, value))


def test_a_right_answer_that_is_not_right_is_no_record() -> None:
    data = json.loads(record("net.shapes", 1))
    data["parts"][0]["kind"]["rows"].append("$W_9$")
    refused(data)


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ([{"value": 10}, {"op": "pow", "args": [0, 0]}, {"op": "mul", "args": [-1, -1]}], "before its arguments"),
        ([{"value": 7}] + [{"op": "mul", "args": [n, n]} for n in range(60)], "a number of enormous length"),
        ([{"value": 10**6}, {"value": 9999}, {"op": "pow", "args": [0, 1]}], "a number of enormous length"),
        ([{"value": "1e9999"}], "a number of enormous length"),
        ([{"value": {"shape": [2], "items": [1]}}], "an array of shape (2,) with 1 entries"),
        ([{"value": {"shape": [-1, -1], "items": [1]}}], "an array of shape"),
        ([{"value": {"shape": ["2"], "items": [1, 2]}}], "an array of shape"),
        ([{"value": {"shape": [5000], "items": [0] * 5000}}], "an array of 5000 entries"),
        ([{"value": {"shape": [1, 1], "items": [1]}}, {"value": 10**9}, {"op": "pad", "args": [0, 1]}], "proportion"),
        ([{"value": 10**9}, {"op": "matrix", "args": [0, 0, 0]}], "an array of shape"),
        ([{"value": {"shape": [1], "items": [1]}}, {"op": "stack", "args": [0]}], "an entry that is no number"),
        ([{"op": "exec", "args": []}], "exec"),
        ([{"value": 1, "symbol": 5}], "5 is no text"),
        ([{"value": 0.5}], "numbers are exact here"),
        ([{"value": True}], "numbers are exact here"),
        ([{"value": 0}, {"op": "div", "args": [0, 0]}], "a division by zero"),
        ([{"value": 1}] * 20_001, "20001 quantities"),
    ],
)
def test_works_out_of_all_proportion_take_no_time(nodes: list[Any], words: str) -> None:
    data = json.loads(record("optim.adam", 2))
    data["work"] = {"decimals": 4, "nodes": nodes, "givens": [], "lines": []}
    assert words in refused(data)


# --- records changed at random ----------------------------------------------------------------------------------------


JUNK: list[Any] = [
    None, 0, -1, 1.5, True, "", "x", "1/0", "1e9999", "9" * 5000, [], {}, [[]], {"options": [0]}, {"options": ["a"]},
    {"options": [-1]}, {"options": [25]}, {"expression": "x"}, {"expression": 3}, 10**30, "nan", [1, 2],
    {"shape": [2], "items": [1]}, {"shape": [10**9], "items": []}, "\ud800", float("inf"), float("nan"), 99, 1000,
    {"kind": "integer"}, {"kind": "choice", "options": ["a", "b"]}, {"kind": "expression", "variables": ["x"]},
    {"kind": "vector", "decimals": 2}, "pow", "pad", "matrix", "stack", "exp", "mul", "item",
]  # fmt: skip


def places(data: Any, path: tuple[Any, ...] = ()) -> Any:
    if path:
        yield path
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from places(value, (*path, key))


@st.composite
def broken_records(draw: st.DrawFn) -> Any:
    """A record in which a few things are left out, put elsewhere or exchanged for something else."""
    data = json.loads(record(*draw(st.sampled_from(CASES))))
    for _ in range(draw(st.integers(1, 3))):
        tops = sorted(data)
        if not tops:
            break
        top = draw(st.sampled_from(tops))
        path = draw(st.sampled_from([(top, *rest) for rest in ((), *places(data[top]))]))
        at = data
        for key in path[:-1]:
            at = at[key]
        how = draw(st.integers(0, 5))
        if how == 0:
            del at[path[-1]]
        elif how == 1:
            other = data
            for key in draw(st.sampled_from(sorted(places(data), key=str))):
                other = other[key]
            at[path[-1]] = copy.deepcopy(other)
        else:
            at[path[-1]] = copy.deepcopy(draw(st.sampled_from(JUNK)))
    return data


def use(question: Question) -> None:
    """Everything that a record's question is used for; raises only what is ours."""
    json.dumps(question.to_json())
    assert question == Question.from_json(json.loads(json.dumps(question.to_json())))
    assert str(question)
    assert len({question, question}) == 1
    assert len(question.givens) <= len(question.work.givens)
    assert all(figure.alt for figure in question.figures.values())
    for number, part in enumerate(question.parts, 1):
        assert part.prompt is not None
        assert len(part.options) >= len(part.correct) > 0
        assert question.check(part.answer, number).right
        for mistake in part.mistakes:
            try:
                question.check(mistake.value, number)
                for later in range(number + 1, len(question.parts) + 1):
                    question.check(question.parts[later - 1].answer, later, {number: mistake.value})
                    question.check("7", later, {number: mistake.value})
            except QuizgenError:
                continue


@settings(max_examples=250)
@given(broken_records())
def test_a_broken_record_is_refused_or_is_a_question_all_the_same(data: Any) -> None:
    try:
        question = Question.from_json(data)
    except InputError as problem:
        said = str(problem)
        question = None
    else:
        said = ""
    assert said.isprintable()
    assert len(said) < 800
    if question is not None:
        use(question)


def test_parts_are_values() -> None:
    one, two = (quizgen.from_code("optim.adam/2/k7", verify=False).parts[0] for _ in range(2))
    assert isinstance(one, QuestionPart)
    assert (one.centre, one.tolerance, one.kind, one.words) == (two.centre, two.tolerance, two.kind, two.words)

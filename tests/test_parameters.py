"""Parameters: every type from text and from Python, and one line for whatever is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

import quizgen
from quizgen import family as families
from quizgen import parameters
from quizgen.errors import ParameterError, QuizgenError
from quizgen.family import Entry
from quizgen.parameters import Range, latex, matrix, text
from quizgen_solvers.exact import rational
from strategies import rationals


@dataclass(frozen=True)
class Everything:
    """A parameter of every type."""

    n: Annotated[int, Range(1, 100), "how many"]
    x: Annotated[fmpq, Range("-0.5", "1e2"), "how far"] = fmpq(1, 3)
    flag: Annotated[bool, "whether"] = False
    word: Annotated[str, "what"] = "nothing"
    form: Literal["heavy ball", "averaged", "Nesterov"] = "averaged"
    sizes: Annotated[tuple[int, ...], Range(1, 9), "sides"] = (1, 2)
    shares: Annotated[tuple[fmpq, ...], Range(0, 1), "shares"] = (fmpq(1, 2),)
    kernel: Annotated[tuple[tuple[fmpq, ...], ...], Range(-9, 9), "the kernel"] = ((fmpq(1),),)
    counts: tuple[tuple[int, ...], ...] = ((1, 2), (3, 4))
    lines: Annotated[tuple[str, ...], "nodes"] = ("q=x+y",)

    def validate(self) -> None:
        if self.n > 50 and self.flag:
            raise ParameterError("a flag needs n of at most 50")


ENTRY = Entry("test.everything", Everything, {1: "one"}, 1, {}, 2, "here")


def read(**given: str) -> Everything:
    return parameters.from_text(ENTRY, {"n": "3", **given})  # type: ignore[no-any-return]


def refusal(given: Mapping[str, Any], python: bool = False) -> str:
    """The one line that refuses some parameters."""
    with pytest.raises(ParameterError) as found:
        (parameters.from_python if python else parameters.from_text)(ENTRY, given)
    said = str(found.value)
    assert "\n" not in said
    assert said.isprintable()
    assert len(said) < 800
    assert found.value.exit_code == 2
    return said


# --- from text --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("n", "7", 7),
        ("n", " 7 ", 7),
        ("n", "2^5", 32),
        ("n", "14/2", 7),
        ("n", "7.0", 7),
        ("x", "0.1", fmpq(1, 10)),
        ("x", "-1/3", fmpq(-1, 3)),
        ("x", "1e-3", fmpq(1, 1000)),
        ("x", "−0.25", fmpq(-1, 4)),
        ("flag", "yes", True),
        ("flag", "TRUE", True),
        ("flag", "on", True),
        ("flag", "1", True),
        ("flag", "No", False),
        ("flag", "false", False),
        ("flag", "off", False),
        ("flag", "0", False),
        ("word", "any thing $x_1$", "any thing $x_1$"),
        ("word", "", ""),
        ("form", "heavy ball", "heavy ball"),
        ("sizes", "3,4", (3, 4)),
        ("sizes", "(3, 4)", (3, 4)),
        ("sizes", "[3, 4, 5]", (3, 4, 5)),
        ("sizes", "3 4 5", (3, 4, 5)),
        ("sizes", "7", (7,)),
        ("shares", "1/2, 0.25", (fmpq(1, 2), fmpq(1, 4))),
        ("kernel", "[[1, 2], [3, 4.5]]", ((fmpq(1), fmpq(2)), (fmpq(3), fmpq(9, 2)))),
        ("kernel", "1 2; 3 4", ((fmpq(1), fmpq(2)), (fmpq(3), fmpq(4)))),
        ("counts", "[[5, 6, 7]]", ((5, 6, 7),)),
        ("lines", "q=x+y, f=relu(q)", ("q=x+y", "f=relu(q)")),
        ("lines", "[q=x+y, f=relu(q)]", ("q=x+y", "f=relu(q)")),
        ("lines", "(f=relu(q))", ("f=relu(q)",)),
        ("lines", "f=relu(q)", ("f=relu(q)",)),
        ("lines", "(a)+(b)", ("(a)+(b)",)),
        ("lines", " ( a , b ) ", ("a", "b")),
    ],
)
def test_every_type_reads(name: str, typed: str, value: Any) -> None:
    found = getattr(read(**{name: typed}), name)
    assert found == value
    assert type(found) is type(value)
    assert type(next(flat(found))) is type(next(flat(value)))


def flat(value: Any) -> Any:
    if isinstance(value, tuple):
        for x in value:
            yield from flat(x)
    else:
        yield value


def test_defaults_stand_where_nothing_is_given() -> None:
    assert read() == Everything(3)


def test_ends_of_a_range_are_in_it() -> None:
    assert (read(n="1").n, read(n="100").n) == (1, 100)
    assert (read(x="-0.5").x, read(x="100").x) == (fmpq(-1, 2), fmpq(100))


# --- what is none -----------------------------------------------------------------------------------------------------


def test_a_parameter_that_is_missing() -> None:
    assert refusal({}) == "test.everything needs n=… (how many): a whole number from 1 to 100"


def test_a_parameter_that_is_unknown() -> None:
    said = refusal({"n": "3", "kernal": "1"})
    assert said.startswith(
        "test.everything has no parameter 'kernal' (did you mean 'kernel'?); it takes n, x, flag, word"
    )
    assert "did you mean" not in refusal({"n": "3", "zzz": "1"})


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("n", "0", "test.everything: n = 0 is out of range; it is a whole number from 1 to 100"),
        ("n", "101", "n = 101 is out of range"),
        (
            "x",
            "100.0001",
            "x = 100.0001 is out of range; it is a number (decimal or fraction) from -0.5 to 1e2; 1/3 unless",
        ),
        ("x", "-2/3", "x = -2/3 is out of range"),
        ("sizes", "3, 10", "sizes = 10 is out of range; it is a number, or several like (3, 4) from 1 to 9"),
        (
            "kernel",
            "[[1, 2], [3, 99]]",
            "kernel = 99 is out of range; it is a matrix like [[1, 2], [3, 4]] from -9 to 9",
        ),
        ("n", "2.5", "n='2.5' holds 2.5, which is not whole; it is a whole number from 1 to 100"),
        ("sizes", "3, 1/2", "sizes='3, 1/2' holds 0.5, which is not whole"),
        ("counts", "1 2; 3 4.5", "holds 4.5, which is not whole"),
        ("flag", "maybe", "flag='maybe' is neither yes nor no; it is yes or no; no unless given"),
        (
            "form",
            "nesterov",
            "form='nesterov' is not among the choices (did you mean 'Nesterov'?); it is heavy ball or aver",
        ),
        ("form", "", "form='' is not among the choices"),
        ("n", "", "n='' can't be read"),
        ("n", "1..2", "n='1..2' can't be read"),
        ("n", "three", "n='three' can't be read"),
        ("n", "٣", "can't be read"),
        ("n", "9" * 10**6, "(1,000,000 characters) can't be read"),
        ("n", "(" * 1000, "can't be read"),
        ("n", "1e999999999", "can't be read"),
        ("n", "1,000", "can't be read"),
        ("n", "5 6", "can't be read"),
        ("sizes", "()", "can't be read"),
        ("sizes", "", "can't be read"),
        ("sizes", "(3,", "can't be read"),
        ("sizes", "[[1, 2], [3, 4]]", "can't be read"),
        ("kernel", "[[1, 2], [3]]", "can't be read"),
        ("kernel", "[]", "can't be read"),
        ("n", "__import__('os').getcwd()", "can't be read"),
    ],
)
def test_what_is_refused(name: str, typed: str, words: str) -> None:
    assert words in refusal({"n": "3", name: typed})


def test_what_does_not_go_together_is_refused_by_the_family() -> None:
    assert refusal({"n": "51", "flag": "yes"}) == "a flag needs n of at most 50"
    assert read(n="50", flag="yes").n == 50


@given(st.dictionaries(st.sampled_from([*parameters.of(Everything), "m", ""]), st.text(max_size=30), max_size=4))
def test_no_text_does_worse_than_one_line(given: dict[str, str]) -> None:
    try:
        parameters.from_text(ENTRY, given)
    except QuizgenError as problem:
        said = str(problem)
    else:
        said = ""
    assert said.isprintable()
    assert len(said) < 800


# --- from Python ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("n", 7, 7),
        ("n", fmpq(7), 7),
        ("n", "7", 7),
        ("x", "0.1", fmpq(1, 10)),
        ("x", fmpq(1, 3), fmpq(1, 3)),
        ("x", Fraction(1, 3), fmpq(1, 3)),
        ("x", Decimal("0.1"), fmpq(1, 10)),
        ("flag", True, True),
        ("flag", False, False),
        ("form", "Nesterov", "Nesterov"),
        ("sizes", (3, 4), (3, 4)),
        ("sizes", [3], (3,)),
        ("shares", ["0.5", fmpq(1, 4), 1], (fmpq(1, 2), fmpq(1, 4), fmpq(1))),
        ("kernel", [[1, "0.5"], (2, 3)], ((fmpq(1), fmpq(1, 2)), (fmpq(2), fmpq(3)))),
        ("lines", ["q=x+y", "f=tanh(q)"], ("q=x+y", "f=tanh(q)")),
        ("lines", ("f=tanh(q)",), ("f=tanh(q)",)),
    ],
)
def test_values_of_python(name: str, given: Any, value: Any) -> None:
    assert getattr(parameters.from_python(ENTRY, {"n": 3, name: given}), name) == value


@pytest.mark.parametrize("given", [0.5, 3.0, [0.5], [[1, 2.0]], float("nan"), float("inf")])
def test_floats_are_refused_with_what_to_write(given: Any) -> None:
    said = refusal({"n": 3, "x": given}, python=True)
    assert said.startswith("test.everything: x: numbers are exact here: write ")
    assert "as text, '" in said


@pytest.mark.parametrize("given", [None, {}, {"a": 1}, object, b"3", 3j, lambda: 3, set()])
def test_other_things_are_refused(given: Any) -> None:
    refusal({"n": given}, python=True)
    refusal({"n": 3, "sizes": given}, python=True)


def test_numbers_of_numpy_and_torch_are_read_or_refused() -> None:
    import numpy as np

    assert parameters.from_python(ENTRY, {"n": np.int64(7)}).n == 7
    assert "numbers are exact here" in refusal({"n": 3, "x": np.float64(0.5)}, python=True)
    assert "numbers are exact here" in refusal({"n": 3, "x": np.float32(0.1)}, python=True)


# --- to text, LaTeX and JSON ------------------------------------------------------------------------------------------


@given(rationals)
def test_a_number_as_text_reads_back_here_and_in_python(x: fmpq) -> None:
    assert parameters._convert(fmpq, text(x)) == x
    assert float(eval(text(x))) == pytest.approx(float(x.p) / float(x.q))


@pytest.mark.parametrize(
    ("value", "typed", "printed"),
    [
        (fmpq(9, 10), "0.9", "0.9"),
        (fmpq(-1, 3), "-1/3", r"-\frac{1}{3}"),
        (fmpq(1, 3), "1/3", r"\frac{1}{3}"),
        (fmpq(1, 10**8), "1e-8", "10^{-8}"),
        (fmpq(3, 10**8), "3e-8", r"3 \cdot 10^{-8}"),
        (fmpq(-1, 10**8), "-1e-8", r"-10^{-8}"),
        (fmpq(12345678, 10**7), "12345678e-7", r"12345678 \cdot 10^{-7}"),
        (fmpq(1, 10**6), "0.000001", "0.000001"),
        (fmpq(5), "5", "5"),
        (0, "0", "0"),
        ((3, 4), "(3, 4)", "(3, 4)"),
        ((fmpq(1, 2), fmpq(-1, 3)), "(0.5, -1/3)", r"(0.5, -\frac{1}{3})"),
    ],
)
def test_how_numbers_are_written(value: Any, typed: str, printed: str) -> None:
    assert text(value) == typed
    assert latex(value) == printed


def test_a_matrix_is_written_in_rows() -> None:
    rows = ((fmpq(1), fmpq(1, 2)), (fmpq(-1, 3), fmpq(0)))
    assert matrix(rows) == r"\begin{bmatrix} 1 & 0.5 \\ -\frac{1}{3} & 0 \end{bmatrix}"
    assert text(rows) == "[[1, 0.5], [-1/3, 0]]"
    assert parameters._convert(tuple[tuple[fmpq, ...], ...], text(rows)) == rows


@pytest.mark.parametrize(
    "name", ["optim.adam", "optim.momentum", "loss.softmax", "net.shapes", "backprop.scalar-graph"]
)
@pytest.mark.parametrize("level", [1, 2, 3])
def test_json_reads_back_as_the_same_parameters(name: str, level: int) -> None:
    source = quizgen.generate(name, level, seed=5, verify=False).source
    data = json.loads(json.dumps(parameters.to_json(source)))
    assert parameters.from_python(families.find(name), data) == source


def test_parameters_say_what_they_are() -> None:
    known = parameters.of(Everything)
    assert known["n"].required
    assert not known["x"].required
    assert known["n"].about == "how many"
    assert known["lines"].describe() == "a list of: text; q=x+y unless given"
    assert known["counts"].describe() == "a matrix like [[1, 2], [3, 4]]; [[1, 2], [3, 4]] unless given"


def test_all_problems_of_a_form_at_once() -> None:
    entry = families.find("conv.output-size")
    assert parameters.problems(entry, {"n": "227", "f": "11", "unheard": "of"}) == {}
    found = parameters.problems(entry, {"f": "99999", "s": "two"})
    assert found.keys() == {"n", "f", "s"}
    assert "needs n=…" in found["n"]
    assert "f = 99999 is out of range" in found["f"]
    assert "s='two' can't be read" in found["s"]
    together = parameters.problems(entry, {"n": "5", "f": "11"})
    assert together.keys() == {""}
    with pytest.raises(ParameterError) as refused:
        parameters.from_text(entry, {"n": "5", "f": "11"})
    assert together[""] == refused.value.message


@pytest.mark.parametrize(
    ("kind", "supported"),
    [
        (int, True),
        (fmpq, True),
        (tuple[int, ...], True),
        (tuple[tuple[int, ...], ...], True),
        (tuple[str, ...], True),
        (Literal["a", "b"], True),
        (tuple[Literal["a", "b"], ...], True),
        (float, False),
        (list[int], False),
        (tuple[int, int], False),
        (tuple[tuple[str, ...], ...], False),
        (tuple[tuple[tuple[int, ...], ...], ...], False),
        (int | None, False),
        (dict[str, int], False),
    ],
)
def test_types_that_a_parameter_may_have(kind: Any, supported: bool) -> None:
    assert parameters.is_supported(kind) is supported


def test_a_range_is_exact() -> None:
    assert Range("0.1", "0.3").holds(rational("0.1"))
    assert Range("0.1", "0.3").holds(fmpq(3, 10))
    assert not Range("0.1", "0.3").holds(fmpq(30000000000000001, 10**17))

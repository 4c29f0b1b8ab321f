"""What people type: what it is read as, what is refused and in which words, and that nothing else can happen."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from fractions import Fraction

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from quizgen.answers import Choice, Choices, Expression, Integer, Kind, Matrix, Number, Shape, Table, Vector, reader
from quizgen.answers.reader import read_matrix, read_scalar, read_shape, read_vector
from quizgen.errors import MESSAGE_LIMIT, Unreadable

KINDS: tuple[Kind, ...] = (
    Integer(),
    Number(),
    Shape(),
    Vector(),
    Matrix(),
    Table(("shape", "count", "type"), (Shape(), Integer(), Choice(("max", "mean"))), ("first", "second")),
    Expression(("x", "beta_1")),
    Choice(("$1$", "$2$", "$4$", "many")),
    Choices(("p", "q", "r", "s")),
)


def rational(text: str) -> fmpq:
    fraction = Fraction(text)
    return fmpq(fraction.numerator, fraction.denominator)


# What is read ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("42", "42"),
        ("-0.5", "-1/2"),
        (".5", "1/2"),
        ("5.", "5"),
        ("3/4", "3/4"),
        ("2^10", "1024"),
        ("10^-3", "1/1000"),
        ("1e-05", "1/100000"),
        ("1.5×10⁻³", "3/2000"),
        ("1.5 x 10^-3", "3/2000"),
        ("-2^2", "-4"),
        ("2*-3", "-6"),
        ("1-2-3", "-4"),
        ("8/4/2", "1"),
        ("1 - 2*3^2", "-17"),
        ("(227 − 11)/4 + 1", "55"),
        ("√(9/4)", "3/2"),
        ("sqrt(2^10)*√4", "64"),
    ],
)
def test_scalars(text: str, value: str) -> None:
    assert read_scalar(text) == rational(value)


@pytest.mark.parametrize(
    "text",
    [
        "(64, 32, 3)", "[64, 32, 3]", "64,32,3", "64 32 3", "64x32x3", "64 × 32 × 3", "64*32*3", "(64x32x3)",
        "torch.Size([64, 32, 3])", "(2^6, 2*16, 6/2)", "64; 32; 3", "(64,\n 32,\n 3,)",
    ],
)  # fmt: skip
def test_shapes(text: str) -> None:
    assert read_shape(text) == (64, 32, 3)


def test_the_shape_of_a_scalar_and_of_a_vector() -> None:
    assert read_shape("()") == read_shape("torch.Size([])") == ()
    assert read_shape("10") == read_shape("(10,)") == (10,)


@pytest.mark.parametrize("text", ["(1/2, -1, 3)", "0.5 -1 3", "[0.5; -1; 3]", "0.5\n-1\n3", "1 - 1/2, 2 - 3, 3"])
def test_vectors(text: str) -> None:
    assert read_vector(text) == (fmpq(1, 2), -1, 3)


@pytest.mark.parametrize(
    "text",
    [
        "1 2; -3 4", "[[1, 2], [-3, 4]]", "[[ 1  2]\n [-3  4]]", "1,2\n-3,4", "(1, 2), (-3, 4)", "[1 2;\n-3 4;]",
        "[[1, 2],\n [-3, 4],\n]", "1 2^1; -6/2 4",
    ],
)  # fmt: skip
def test_matrices(text: str) -> None:
    assert read_matrix(text) == ((1, 2), (-3, 4))


def test_what_numpy_and_torch_print_is_read() -> None:
    import numpy as np

    array = np.array([[0.25, -1e-05, 3.0], [1e10, 0.0, -7.5]])
    exact = tuple(tuple(rational(repr(float(x))) for x in row) for row in array)
    assert read_matrix(str(array.tolist())) == exact
    assert read_matrix(str(array)) == exact
    assert read_vector(str(array[0])) == exact[0]


# What is refused, and in which words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", None, "an empty answer as a number: nothing is there; for example 0.75, 3/4"),
        (" \n ", None, "an empty answer"),
        ("1..2", 3, "a second point in one number"),
        ("(3,", 1, "'(' is never closed"),
        ("9" * 10**6, None, "at most 700 characters are read, and this has 1,000,000"),
        ("(" * 1000 + ")" * 1000, None, "at most 700 characters"),
        ("(" * 21 + "1" + ")" * 21, 21, "brackets are nested more than 20 deep"),
        ("1e999999999", 1, "a power of ten beyond ±400"),
        ("1e309", 1, "a number larger or finer"),
        ("9^9^9^9", 4, "a second power in a row (brackets say what is meant"),
        ("9^(9^9)", 2, "a power that leads beyond"),
        ("2^-1000000", 2, "a power that leads beyond"),
        ("4^(1/2)", 2, "a power that isn't a whole number (sqrt takes roots)"),
        ("1/0", 2, "a division by 0"),
        ("0^-1", 2, "0 to a power that isn't positive"),
        ("sqrt(2)", 1, "a root that has no exact value (write it as a decimal)"),
        ("sqrt(-4)", 1, "the root of a negative number"),
        ("\x00", 1, "the invisible character U+0000"),
        ("\u200f12", 1, "the invisible character U+200F"),
        ("١٢", 1, "'١' is none of the digits 0 to 9"),
        ("½", 1, "written 1/2"),
        ("∞", 1, "infinity is no number"),
        ("nan", 1, "'nan' is no number"),
        ("-inf", 2, "'inf' is no number"),
        ("0x10", 1, "0x looks like a hexadecimal number"),
        ("1_000", 2, "digits aren't grouped (write 1000)"),
        ("1 000", 3, "blanks don't group digits (write 1000)"),
        ("1,000", 2, "a comma may group thousands or mark decimals (write 1000 or 1.000)"),
        ("1,000,000", 2, "commas don't group digits (write 1000000)"),
        ("0,5", 2, "the decimal mark is a point (write 0.5)"),
        ("50%", 3, "50% may mean 0.5 or 50"),
        ("--1", 2, "two signs in a row"),
        ("2(3)", 2, "an operation is missing before '('"),
        ("007", 1, "begins with 0 (write 7)"),
        ("5 px", 3, "letters aren't read here, as in 'px'"),
        ("= 5", 1, "only the value is wanted, without '='"),
        (r"\frac{3}{4}", 1, "LaTeX isn't read (write 3/4"),
        ("(1]", 3, "'(' from character 1 is closed by ']'"),
        ("1)", 2, "')' closes nothing"),
        ("5 -", 4, "a number is missing"),
    ],
)
def test_refused_scalars(text: str, position: int | None, words: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_scalar(text)
    assert words in str(refused.value)
    assert refused.value.position == position
    assert position is None or f"at character {position}:" in str(refused.value)


@pytest.mark.parametrize(
    ("read", "text", "words"),
    [
        (read_shape, "1,000", "begins with 0"),
        (read_shape, "64x32+1", "between times signs stands one number"),
        (read_shape, "(64 -32, 3)", "one entry or two?"),
        (read_vector, "1 - 2", "a number is missing (blanks separate entries"),
        (read_vector, "[[1, 2]]", "one number is wanted, without '['"),
        (read_vector, "(1,,2)", "an entry is missing before ','"),
        (read_vector, "()", "no entries are there"),
        (read_matrix, "1 2; 3", "row 1 has 2 entries, but row 2 has 1, and rows have one length"),
        (read_matrix, "1;;2", "a row is missing before ';'"),
        (read_matrix, "[[1], []]", "row 2 has no entries"),
    ],
)
def test_refused_lists(read: Callable[[str], object], text: str, words: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(text)
    assert words in str(refused.value)


def test_the_bounds_are_reached_and_no_further() -> None:
    assert read_scalar("1e308") == fmpq(10) ** 308
    assert read_scalar("1/10^308") == 1 / fmpq(10) ** 308
    assert read_scalar("9" * 308) == fmpq(10) ** 308 - 1
    assert read_scalar("0" + "+0" * 349) == 0
    assert read_scalar("(" * 20 + "1" + ")" * 20) == 1
    for beyond in ("1e309", "9" * 309, "2^1024", "1/2^1024", "0" + "+0" * 349 + "  ", "(" * 21 + "1" + ")" * 21):
        with pytest.raises(Unreadable):
            read_scalar(beyond)


# Nothing else can happen ----------------------------------------------------------------------------------------------

PIECES = [
    *"0123456789+-*/^()[],;|._%= \n\t\r'\"\\$&{}", "×", "−", "⁻", "²", "½", "√", "x", "X", "e", "E", "sqrt(", "sqrt",
    "torch.Size", "exp(", "max(", "beta_1", "σ(", "1e", "1.5", "10^", "**", "nan", "∞", "١", "１", "\u200f", "\x00",
    "\ud800", "𝟙", "none", "and", "a", "b)", "12", "0x", "e-", "1e400", "e999999999", "9" * 30,
]  # fmt: skip


def only_reads_or_refuses(kind: Kind, text: str) -> None:
    refused = None
    try:
        kind.show(kind.read(text))
    except Unreadable as problem:
        refused = problem
    if refused is not None:
        assert str(refused).isprintable()
        assert len(str(refused)) <= MESSAGE_LIMIT
        assert refused.position is None or 1 <= refused.position <= len(text) + 1


def test_a_hundred_thousand_random_texts_read_or_are_refused() -> None:
    rng = random.Random(20_240_601)
    read = 0
    for n in range(100_000):
        text = "".join(rng.choices(PIECES, k=rng.randint(1, 12)))
        kind = KINDS[n % len(KINDS)]
        try:
            kind.read(text)
            read += 1
        except Unreadable:
            pass
    assert 1_000 < read < 90_000  # the texts are neither all noise nor all fine


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)), st.sampled_from(KINDS))
def test_any_text_reads_or_is_refused_in_one_line(text: str, kind: Kind) -> None:
    only_reads_or_refuses(kind, text)


HOSTILE = [
    "9" * 10**6, " " * 10**6, "\n" * 3_999, "(" * 10**6, "(" * 1000 + ")" * 1000, "[" * 2000 + "]" * 2000, "1," * 1999,
    "1 " * 1999, "1;" * 1999, "1\n" * 1999, "((1)," * 799, "(1)" * 1333, "[1],[" * 799, "1^" * 349, "2^1024*" * 100,
    "9^9^9^9", "9^(9^(9^9))", "((9^1000)^1000)^1000", "1e400*" * 100, "1e308*1e308", "√" * 700, "sqrt(" * 140,
    "-" * 700, "1-" * 349 + "1", "1/3+" * 174 + "1", "(" * 20 + "1/7" + ")^9" * 20, "x" * 500, "x^" * 249 + "x",
    "exp(" * 20 + "x" + ")" * 20, "x*" * 249 + "x", "-(" * 20 + "x" + ")" * 20, "1e-400 " * 570, "a|" * 1999,
    "|" * 3999, ";" * 3999, "²" * 700, "1²" * 300, "\u202e" * 3999, "1e" + "9" * 600, "0." + "0" * 690, "a " * 199,
    "sin(exp(exp(exp(1000x))))", "x^(x^(x^(x^(x^x))))", "1/" * 349 + "7",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: f"{text[:12]!r}x{len(text)}".replace("\\", ""))
def test_hostile_texts_take_no_more_than_a_moment(text: str) -> None:
    for kind in KINDS:
        start = time.process_time()  # not the clock on the wall, which other processes turn too
        only_reads_or_refuses(kind, text)
        assert time.process_time() - start < 5, kind  # what is not bounded takes minutes


def test_a_text_too_long_is_not_even_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "tokenize", lambda *_: pytest.fail("the text was cut into tokens"))
    for read in (read_scalar, read_shape, read_vector, read_matrix):
        with pytest.raises(Unreadable, match="at most"):
            read("1" * 4_001)


# A second opinion -----------------------------------------------------------------------------------------------------


def sums(depth: int) -> st.SearchStrategy[tuple[str, Fraction]]:
    """Texts with their values, worked out beside the reader by Python's fractions."""

    def decimal(digits: int, places: int) -> tuple[str, Fraction]:
        whole, part = divmod(digits, 10**places)
        return (f"{whole}.{part:0{places}d}" if places else f"{whole}", Fraction(digits, 10**places))

    literal = st.builds(decimal, st.integers(0, 9999), st.integers(0, 3))
    if not depth:
        return literal
    part = sums(depth - 1)

    def combine(left: tuple[str, Fraction], op: str, right: tuple[str, Fraction]) -> tuple[str, Fraction]:
        text, (a, b) = f"({left[0]}){op}({right[0]})", (left[1], right[1])
        if op.strip() == "/":
            return (text, a / b) if b else left
        return text, {"+": a + b, "-": a - b, "−": a - b}.get(op.strip(), a * b)

    def power(base: tuple[str, Fraction], n: int) -> tuple[str, Fraction]:
        return (f"({base[0]})^{n}", base[1] ** n) if base[1] else base

    return st.one_of(
        literal,
        st.builds(combine, part, st.sampled_from(["+", "-", " − ", "*", "×", " x ", "/", " / "]), part),
        st.builds(lambda each: (f"-({each[0]})", -each[1]), part),
        st.builds(power, part, st.integers(-3, 3)),
    )


@settings(max_examples=400, deadline=None)
@given(sums(3))
def test_scalars_have_the_values_that_fractions_give_them(case: tuple[str, Fraction]) -> None:
    text, value = case
    if len(text) <= reader.SCALAR_LENGTH:
        assert read_scalar(text) == fmpq(value.numerator, value.denominator)


@given(st.lists(st.integers(1, 999), min_size=2, max_size=8), st.sampled_from("+-*"))
def test_operations_of_one_rank_go_from_left_to_right(numbers: list[int], op: str) -> None:
    value = Fraction(numbers[0])
    for each in numbers[1:]:
        value = {"+": value + each, "-": value - each, "*": value * each}[op]
    assert read_scalar(op.join(map(str, numbers))) == fmpq(value.numerator, value.denominator)

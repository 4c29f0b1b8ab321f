"""What is printed evaluates to what was computed, and looks as a textbook would print it."""

from __future__ import annotations

import re
from typing import Any

import mpmath
import pytest
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

from printed import evaluated, from_latex, from_unicode, pieces
from quizgen_solvers import exact, optim, printing
from quizgen_solvers import quantity as qty
from quizgen_solvers.arrays import Array
from quizgen_solvers.exact import ExactError, rational
from quizgen_solvers.printing import symbol_text
from quizgen_solvers.quantity import Quantity
from quizgen_solvers.work import Line, Work
from strategies import LINES, NAMES, rationals, works

DIGITS = 60


def mp(x: Any) -> Any:
    x = exact.ball(x).mid() if isinstance(x, arb) else fmpq(x)
    return mpmath.mpf(x.str(DIGITS, radius=False)) if isinstance(x, arb) else mpmath.mpf(int(x.p)) / int(x.q)


def said(line: Line, text: str) -> tuple[list[tuple[str, str]], str]:
    """The formulas of a line, and the decimal that follows where the last of them is a simple fraction."""
    found = pieces(from_unicode(text.removeprefix(symbol_text(line.symbol))))
    if len(found) > 1 and found[-1][0] == "≈" and re.fullmatch(r"−?\d\d?/\d\d?", found[-2][1]):
        return found[:-1], found[-1][1]
    return found, ""


def as_printed(work: Work) -> dict[Quantity, Any]:
    """What a reader knows of each quantity: the number at the end of its line, the fraction where there is one."""
    known: dict[Quantity, Any] = {}
    for line, shown in zip([*work.givens, *work.lines], [*printing.givens(work), *printing.lines(work)], strict=True):
        known[line.quantity] = evaluated(said(line, shown.text)[0][-1][1], {})
    return known


def close(a: Any, b: Any, tolerance: str = "1e-20") -> bool:
    return bool(abs(a - b) <= mpmath.mpf(tolerance) * max(1, abs(a), abs(b)))


@given(works())
def test_what_is_printed_evaluates_to_what_was_computed(work: Work) -> None:
    with mpmath.workdps(DIGITS):
        known = as_printed(work)
        latex_names = {q.symbol: value for q, value in known.items()}
        text_names = {symbol_text(q.symbol or ""): value for q, value in known.items()}
        # The symbols come out of the LaTeX reader as it rewrites them.
        latex_names = {from_latex(name or ""): value for name, value in latex_names.items()}
        exactly = {q: rational(mpmath.nstr(v, 50)) if v else fmpq(0) for q, v in known.items()}
        for line, shown in zip(work.lines, printing.lines(work), strict=True):
            q = line.quantity
            inside = {a: x for a, x in exactly.items() if a is not q}
            try:
                expected = _worked(q, inside)
            except ExactError:
                continue  # a rounded number left the formula without a value
            if not exact.ball(expected).is_finite() or _jumps(q, inside):
                continue
            expected = mp(expected)
            text, more = said(line, shown.text)
            latex = pieces(from_latex(" ".join(shown.latex)))
            assert len(latex) == len(text) + bool(more)
            if more:
                assert close(evaluated(latex.pop()[1], {}), evaluated(more, {}))
                assert exact.decimal(line.value, line.decimals or 0).replace("-", "−") == more
            for (relation, formula), (latex_relation, latex_formula) in zip(text[:-1], latex[:-1], strict=True):
                assert relation == latex_relation
                assert close(evaluated(formula, text_names), expected), shown.text
                assert close(evaluated(latex_formula, latex_names), expected), shown.latex
            result, latex_result = evaluated(text[-1][1], {}), evaluated(latex[-1][1], {})
            assert close(result, latex_result)
            _right_result(line, text[-1][0], shown.text, result, [relation for relation, _ in text])


def _worked(q: Quantity, known: dict[Quantity, Any]) -> Any:
    """The formula of ``q`` with the numbers that a reader puts in, by plain recursion."""
    if q in known:
        return known[q]
    return q.value if q.op is None else q.op.compute(*(_worked(a, known) for a in q.args))


def _jumps(q: Quantity, known: dict[Quantity, Any]) -> bool:
    """Whether a floor or a step inside stands on the edge for a ball, so that two workings may differ by one."""
    if q in known or q.op is None:
        return False
    if q.op.name in ("floor", "ceil", "step") and isinstance(_worked(q, known), arb):
        return True
    return any(_jumps(a, known) for a in q.args)


def _right_result(line: Line, relation: str, text: str, result: Any, relations: list[str]) -> None:
    value = line.value
    if "≈" not in relations:
        assert not isinstance(value, arb)
        assert result == mp(value) or close(result, mp(value), "1e-50"), text
    decimals = line.decimals if line.decimals is not None else 6
    assert abs(result - mp(value)) <= mpmath.mpf(10) ** -decimals / 2 + mpmath.mpf("1e-30"), text
    if isinstance(value, arb):
        assert relation == "≈"


@given(works(lines=2))
def test_math_core_prints_every_line(work: Work) -> None:
    for shown in [*printing.givens(work), *printing.lines(work)]:
        made = printing.mathml(shown.aligned)
        assert re.fullmatch(r"<math.*</math>", made, re.DOTALL)


@given(works())
def test_a_line_never_says_the_same_twice(work: Work) -> None:
    for shown, line in zip(printing.lines(work), work.lines, strict=True):
        found, more = said(line, shown.text)
        formulas = [formula for _, formula in found]
        assert len(formulas) in (1, 2, 3)
        assert len({*formulas, more}) == len(formulas) + 1


@given(st.integers(-(10**12), 10**12))
def test_integers_are_grouped_from_five_digits_on(n: int) -> None:
    text = printing.value_text(n)
    assert int(text.replace("−", "-").replace("\u202f", "")) == n
    assert ("\u202f" in text) == (abs(n) >= 10_000)
    assert printing.value_latex(n).replace(r"\,", "\u202f").replace("-", "−") == text


@given(st.one_of(rationals, st.builds(fmpq, st.integers(), st.integers(1, 10**12))))
def test_a_number_without_decimals_is_kept_exact(x: fmpq) -> None:
    with mpmath.workdps(200):
        assert close(evaluated(from_unicode(printing.value_text(x)), {}), mp(x), "1e-150")
        assert close(evaluated(from_latex(printing.value_latex(x)), {}), mp(x), "1e-150")


@pytest.mark.parametrize(
    ("value", "decimals", "latex", "text"),
    [
        ("0.5", 4, "0.5", "0.5"),
        ("-0.000001", 4, "-0.000001", "−0.000001"),
        ("1e-8", 4, "10^{-8}", "10⁻⁸"),
        ("-2.5e-9", None, r"-2.5 \cdot 10^{-9}", "−2.5·10⁻⁹"),
        ("1/3", 4, r"\frac{1}{3}", "1/3"),
        ("-7/12", 4, r"-\frac{7}{12}", "−7/12"),
        ("-243/130", 4, "-1.8692", "−1.8692"),
        ("1/1001", 4, "0.0010", "0.0010"),
        ("1/1001", None, r"\frac{1}{1001}", "1/1001"),
        ("12345.25", 1, r"12\,345.25", "12\u202f345.25"),
        ("4096", 1, "4096", "4096"),
        ("196608", 1, r"196\,608", "196\u202f608"),
    ],
)
def test_a_number_as_a_page_writes_it(value: str, decimals: int | None, latex: str, text: str) -> None:
    assert printing.value_latex(rational(value), decimals) == latex
    assert printing.value_text(rational(value), decimals) == text


def test_arrays_as_a_page_writes_them() -> None:
    assert printing.value_text(Array((3,), (64, 32, 3))) == "(64, 32, 3)"
    assert printing.value_latex(Array((2, 1), (1, fmpq(-1, 2)))) == r"\begin{bmatrix} 1 \\ -0.5 \end{bmatrix}"
    assert printing.value_text(Array((2, 2), (1, exact.MINUS_INFINITY, 0, 1))) == "[[1, −∞], [0, 1]]"
    assert printing.value_text(Array((2, 1, 2), (1, 2, 3, 4))) == "([[1, 2]], [[3, 4]])"
    # Beside a rounded entry a fraction is a decimal too; what ends stays as it is.
    assert printing.value_text(Array((3,), (arb(2).sqrt(), fmpq(1, 3), fmpq(1, 2))), 3) == "(1.414, 0.333, 0.5)"


GIVEN = Work(4)
x, y, w = GIVEN.given("x", -2), GIVEN.given("y", 3), GIVEN.given("w_1", "0.5")
eta, d, W = GIVEN.given(r"\eta", "0.1"), GIVEN.given(r"d_{\text{model}}", 512), GIVEN.given("W^{[1]}", 4)
gain = GIVEN.given(r"\mathrm{gain}", 2)


@pytest.mark.parametrize(
    ("formula", "latex", "text"),
    [
        (x - (-y), "x - (-y)", "x − (−y)"),
        (x + (-y), "x - y", "x − y"),
        (x - (y - w), "x - (y - w_1)", "x − (y − w₁)"),
        (x + (y - w), "x + y - w_1", "x + y − w₁"),
        (-(x + y), "-(x + y)", "−(x + y)"),
        ((-x) ** 2, "(-x)^{2}", "(−x)²"),
        (-(x**2), "-x^{2}", "−x²"),
        ((x * y) ** 2, "(x y)^{2}", "(x·y)²"),
        ((x / y) ** 2, r"\left( \frac{x}{y} \right)^{2}", "(x/y)²"),
        (W**2, "(W^{[1]})^{2}", "(W^[1])²"),
        (x ** (-1), "x^{-1}", "x⁻¹"),
        (2**y, "2^{y}", "2^y"),
        (2 * x, "2 x", "2·x"),
        (x * 2, r"x \cdot 2", "x·2"),
        (4 * d, r"4 d_{\text{model}}", "4·d_model"),
        (gain * x, r"\mathrm{gain} \cdot x", "gain·x"),
        (eta * (x - y), r"\eta \, (x - y)", "η·(x − y)"),
        ((1 - eta) * x, r"(1 - \eta) x", "(1 − η)·x"),
        (x / y / w, r"\frac{\frac{x}{y}}{w_1}", "(x/y)/w₁"),
        (x / (y * w), r"\frac{x}{y w_1}", "x/(y·w₁)"),
        (2 * (y / w), r"2 \cdot \frac{y}{w_1}", "2·(y/w₁)"),
        (x * (y / w), r"x \frac{y}{w_1}", "x·(y/w₁)"),
        (qty.sqrt(x + y), r"\sqrt{x + y}", "√(x + y)"),
        (qty.sqrt(y) ** 2, r"(\sqrt{y})^{2}", "(√y)²"),
        (qty.exp(-x), "e^{-x}", "exp(−x)"),
        (qty.exp(x / y), r"\exp\left( \frac{x}{y} \right)", "exp(x/y)"),
        (qty.log(y) * qty.tanh(x), r"\ln(y) \cdot \tanh(x)", "ln(y)·tanh(x)"),
        (qty.sigmoid(x), r"\sigma(x)", "σ(x)"),
        (qty.relu(x), r"\operatorname{ReLU}(x)", "ReLU(x)"),
        (qty.step(x), r"\operatorname{ReLU}'(x)", "ReLU′(x)"),
        (qty.floor(x), r"\lfloor x \rfloor", "⌊x⌋"),
        (qty.ceil(x / 2), r"\left\lceil \frac{x}{2} \right\rceil", "⌈x/2⌉"),
        (qty.absolute(x), r"\lvert x \rvert", "|x|"),
        (qty.maximum(x, y, 0), r"\max(x, y, 0)", "max(x, y, 0)"),
        (qty.sum_of([x, y, w]), "x + y + w_1", "x + y + w₁"),
        (x - qty.sum_of([y, w]), "x - (y + w_1)", "x − (y + w₁)"),
        (qty.stack(x, y, 3), r"(x,\ y,\ 3)", "(x, y, 3)"),
        (qty.constant("1/3") * x, r"\frac{1}{3} x", "(1/3)·x"),
        (qty.constant("-0.5") * x, "-0.5 x", "−0.5·x"),
        (x * qty.constant("-0.5"), r"x \cdot (-0.5)", "x·(−0.5)"),
        (qty.constant("-1/3") ** 2, r"\left( -\frac{1}{3} \right)^{2}", "(−1/3)²"),
    ],
)
def test_a_formula_as_a_textbook_prints_it(formula: Quantity, latex: str, text: str) -> None:
    assert printing.latex(formula) == latex
    assert printing.text(formula) == text
    printing.mathml(latex)


def test_numbers_in_the_place_of_symbols() -> None:
    for formula, text in [
        (3 * x, "z = 3·x = 3·(−2) = −6"),
        (x * 3, "z = x·3 = −2·3 = −6"),
        (y + x * 3, "z = y + x·3 = 3 + (−2)·3 = −3"),
        (y - x, "z = y − x = 3 − (−2) = 5"),
        (-x, "z = −x = −(−2) = 2"),
        (x**2, "z = x² = (−2)² = 4"),
        (-(x**2), "z = −x² = −(−2)² = −4"),
        (qty.relu(x), "z = ReLU(x) = max(0, −2) = 0"),
        (w / 3, "z = w₁/3 = 0.5/3 = 1/6 ≈ 0.1667"),
        (qty.sqrt(y), "z = √y = √3 ≈ 1.7321"),
        (qty.constant(5), "z = 5"),
        (qty.constant(5) * 2, "z = 5·2 = 10"),
        (x, "z = x = −2"),
        (qty.stack(x, 3), "z = (x, 3) = (−2, 3)"),
        (qty.floor((y + 2 * w) / 3) + 1, "z = ⌊(y + 2·w₁)/3⌋ + 1 = ⌊(3 + 2·0.5)/3⌋ + 1 = 2"),
    ]:
        alone = Work(4)
        alone.givens = GIVEN.givens
        alone.let("z", formula)
        assert printing.lines(alone)[0].text == text


def test_a_rounded_number_is_carried_as_it_was_printed() -> None:
    work = Work(3)
    x = work.given("x", 2)
    r = work.let("r", qty.sqrt(x))
    work.let("s", r * r)
    work.let("t", r)
    work.let("u", x + 1)
    assert [shown.text for shown in printing.lines(work)] == [
        "r = √x = √2 ≈ 1.414",
        "s = r·r ≈ 1.414·1.414 ≈ 2.000",
        "t = r ≈ 1.414",
        "u = x + 1 = 2 + 1 = 3",
    ]


def test_a_printed_decimal_is_proven_with_more_bits_where_it_must_be() -> None:
    work = Work(4)
    work.let("r", qty.sqrt(work.given("x", fmpq(1, 400_000_000) + fmpq(1, 10**60))))  # a hair above 0.00005
    assert printing.lines(work)[0].text.endswith(" ≈ 0.0001")
    with pytest.raises(exact.NeedsPrecision):
        printing.value_text(work["r"].value, 4)


def test_an_adam_step() -> None:
    work = optim.adam("1", ["0.5"], lr="0.1", decimals=4)
    assert [shown.text for shown in printing.lines(work)] == [
        "m₁ = β₁·m₀ + (1 − β₁)·g₁ = 0.9·0 + (1 − 0.9)·0.5 = 0.05",
        "v₁ = β₂·v₀ + (1 − β₂)·g₁² = 0.999·0 + (1 − 0.999)·0.5² = 0.00025",
        "m̂₁ = m₁/(1 − β₁^t) = 0.05/(1 − 0.9¹) = 0.5",
        "v̂₁ = v₁/(1 − β₂^t) = 0.00025/(1 − 0.999¹) = 0.25",
        "θ₁ = θ₀ − α·m̂₁/(√v̂₁ + ϵ) = 1 − 0.1·0.5/(√0.25 + 10⁻⁸) ≈ 0.9000",
    ]
    last = printing.lines(work)[-1]
    assert last.lhs_latex == r"\theta_1"
    assert " ".join(last.latex) == (
        r"= \theta_0 - \frac{\alpha \hat m_1}{\sqrt{\hat v_1} + \epsilon}"
        r" = 1 - \frac{0.1 \cdot 0.5}{\sqrt{0.25} + 10^{-8}} \approx 0.9000"
    )
    assert last.why == "update"


def attention() -> Work:
    work = Work(3)
    q, k = work.given("Q", [[1, 0], [0, 2]]), work.given("K", [[1, -1], [2, "0.5"]])
    v, d = work.given("V", [[1, 2], [3, 4]]), work.given("d_k", 2)
    s = work.let("S", q @ k.T / qty.sqrt(d))
    m = work.let("M", qty.causal_mask(s))
    a = work.let("A", qty.softmax(m, axis=1))
    work.let("O", a @ v)
    return work


def test_attention() -> None:
    lines = printing.lines(attention())
    assert [shown.text for shown in lines] == [
        "S = Q·Kᵀ/√dₖ = [[1, 0], [0, 2]]·[[1, −1], [2, 0.5]]ᵀ/√2 ≈ [[0.707, 1.414], [−1.414, 0.707]]",
        "M = mask(S) ≈ [[0.707, −∞], [−1.414, 0.707]]",
        "A = softmax_rows(M) ≈ [[1, 0], [0.107, 0.893]]",
        "O = A·V ≈ [[1, 0], [0.107, 0.893]]·[[1, 2], [3, 4]] ≈ [[1, 2], [2.786, 3.786]]",
    ]
    assert [one.text for shown in lines for one in shown.unfolded] == [
        "S[0, 0] = (Q[0, 0]·K[0, 0] + Q[0, 1]·K[0, 1])/√dₖ = (1·1 + 0·(−1))/√2 ≈ 0.707",
        "A[1, 0] = exp(M[1, 0])/(exp(M[1, 0]) + exp(M[1, 1])) ≈ exp(−1.414)/(exp(−1.414) + exp(0.707)) ≈ 0.107",
        "O[0, 0] = A[0, 0]·V[0, 0] + A[0, 1]·V[1, 0] = 1·1 + 0·3 = 1",
    ]
    assert lines[0].latex[0] == r"= \frac{Q K^\top}{\sqrt{d_k}}"
    assert r"\operatorname{softmax}_{\text{rows}}(M)" in lines[2].latex[0]
    for shown in lines:
        printing.mathml(shown.aligned)
        for one in shown.unfolded:
            printing.mathml(one.aligned)


def convolution(p: int, s: int) -> Work:
    work = Work(3)
    x, k = work.given("X", [[1, 2, 0], [0, 1, 3], [2, -1, 1]]), work.given("K", [[1, 0], [-1, 2]])
    work.let("Y", qty.cross_correlate(x, k, p, s))
    return work


def test_a_cross_correlation_names_its_padding_and_stride() -> None:
    (shown,) = printing.lines(convolution(1, 2))
    assert shown.text == (
        "Y = X ⋆[p=1, s=2] K = [[1, 2, 0], [0, 1, 3], [2, −1, 1]] ⋆[p=1, s=2] [[1, 0], [−1, 2]] = [[2, −2], [4, 4]]"
    )
    assert shown.latex[0] == r"= X \star_{p=1,\,s=2} K"
    assert printing.lines(convolution(0, 1))[0].text.startswith("Y = X ⋆ K = ")


def test_how_an_entry_of_a_cross_correlation_comes_about() -> None:
    work = convolution(1, 2)
    assert printing.unfold(work, work["Y"], 0, 1).text == (
        "Y[0, 1] = 0·K[0, 0] + 0·K[0, 1] + X[0, 1]·K[1, 0] + X[0, 2]·K[1, 1] = 0·1 + 0·0 + 2·(−1) + 0·2 = −2"
    )
    with pytest.raises(ExactError, match=r"no entry \(2, 0\)"):
        printing.unfold(work, work["Y"], 2, 0)


@given(st.data())
def test_an_unfolded_entry_is_the_entry(data: st.DataObject) -> None:
    from quizgen_solvers.printing.unfold import entry

    rows = st.lists(st.lists(rationals, min_size=3, max_size=3), min_size=3, max_size=3)
    work = Work()
    a, b, c = (work.given(name, data.draw(rows)) for name in "ABC")
    small = work.given("k", data.draw(st.lists(st.lists(rationals, min_size=2, max_size=2), min_size=2, max_size=2)))
    made = data.draw(
        st.sampled_from(
            [
                a @ b.T + c,
                a @ b @ c,
                (a - 2) * b / 3,
                qty.softmax(qty.causal_mask(a @ b), axis=1),
                qty.softmax(a, axis=0),
                qty.relu(qty.cross_correlate(a, qty.flip(small), 1, 2) + 1),
                qty.pad(a, 1),
                qty.cross_correlate(qty.pad(a, 1), small),
                qty.matrix([[a[0, 0], 2], [b[1, 1], 3]]),
                qty.tanh(-a),
                a[1] * 2,
                a + qty.constant([[1, 2, 3]]),
                qty.softmax(a[0]),
                qty.stack(a[0, 0], b[1, 2]),
            ]
        )
    )
    q = work.let("Y", made)
    index = tuple(data.draw(st.integers(0, n - 1)) for n in q.shape)
    alone = entry(q, index).value
    assert exact.ball(alone).overlaps(exact.ball(q.value[index]))
    shown = printing.unfold(work, q, *index)
    printing.mathml(shown.aligned)
    assert shown.text.startswith(f"Y[{', '.join(map(str, index))}]")


def test_a_long_sum_is_broken_before_an_operator() -> None:
    work = Work()
    x = work.given("x", -3)
    work.let("y", qty.sum_of([x * i for i in range(30)]))
    (shown,) = printing.lines(work)
    assert len(shown.latex) > 4
    for row in shown.latex:
        assert re.match(r"= |\\approx |\\quad \{\} [+-] ", row)
        assert len(row) < 120
    assert from_latex(" ".join(shown.latex)).replace("  ", " ").count("=") == 3
    printing.mathml(shown.aligned)
    short = Work()
    short.let("y", short.given("x", 2) + 1)
    assert printing.lines(short)[0].latex == ("= x + 1 = 2 + 1 = 3",)


def test_matrices_too_wide_to_be_repeated_are_left_out() -> None:
    work = Work()
    a = work.given("A", [[1234567 + i * j for i in range(10)] for j in range(10)])
    work.let("B", a @ a)
    (shown,) = printing.lines(work)
    assert len(pieces(shown.text[1:])) == 2
    assert shown.text.startswith("B = A·A = [[")


def test_matrices_side_by_side_and_a_row_times_a_column() -> None:
    work = Work(3)
    a, b = work.given("A", [[1, 2]]), work.given("B", [[3], [4]])
    work.let("C", qty.concat(a, a))
    work.let("n", (a @ b)[0, 0])
    assert [shown.text for shown in printing.lines(work)] == [
        "C = concat(A, A) = concat([[1, 2]], [[1, 2]]) = [[1, 2, 1, 2]]",
        "n = A·B = [[1, 2]]·[[3], [4]] = 11",
    ]


def test_every_operation_is_known_to_the_printer_and_to_sympy() -> None:
    from quizgen_solvers import symbolic
    from quizgen_solvers.printing import formula

    assert set(qty.OPS) == set(formula.RULES) == set(symbolic.RULES)


def test_the_givens() -> None:
    assert [shown.text for shown in printing.givens(attention())] == [
        "Q = [[1, 0], [0, 2]]",
        "K = [[1, −1], [2, 0.5]]",
        "V = [[1, 2], [3, 4]]",
        "dₖ = 2",
    ]


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\hat m_1", "m̂₁"),
        (r"\theta_{t-1}", "θₜ₋₁"),
        (r"d_{\text{model}}", "d_model"),
        (r"n_{\mathrm{out}}", "n_out"),
        (r"W^{[1]}", "W^[1]"),
        (r"\delta^{(2)}_1", "δ₁⁽²⁾"),
        (r"\delta_1^{(2)}", "δ₁⁽²⁾"),
        (r"\frac{\partial L}{\partial w}", "∂L/∂w"),
        ("z'", "z′"),
        (r"p_c", "p_c"),
        (r"x_{i,j}", "x_(i,j)"),
        (r"\unheardof_2", "unheardof₂"),
    ],
)
def test_a_symbol_in_unicode(latex: str, text: str) -> None:
    assert symbol_text(latex) == text


@given(st.text(max_size=20))
def test_any_symbol_gives_some_text(symbol: str) -> None:
    assert isinstance(symbol_text(symbol), str)
    work = Work()
    work.let("y", 2 * work.given(symbol, 1) + 1)
    assert printing.lines(work)[0].text.endswith("= 2·1 + 1 = 3")


def test_latex_that_cannot_be_printed_is_named() -> None:
    with pytest.raises(printing.FormulaError, match=r"\$\\nosuch\{x\}\$ can't be printed"):
        printing.mathml(r"\nosuch{x}")


def test_the_names_of_the_strategies_stay_apart() -> None:
    """The reader of printed formulas tells them by their text."""
    texts = [symbol_text(name) for name in (*NAMES, *LINES)]
    assert len(set(texts)) == len(texts)


def test_a_tie_that_no_precision_proves_is_refused_by_name() -> None:
    work = Work(decimals=3)
    y = work.given("y", "0.0515")  # the logarithm undoes the exponential, and three decimals end on a half
    work.let("a", qty.log(qty.exp(y)))
    with pytest.raises(ExactError, match="a: 16384 bits do not decide how it is rounded"):
        printing.lines(work)
    work.let("b", qty.log(qty.exp(y)), decimals=4)
    assert work.precisely(work["b"], lambda value: exact.decimal(value, 4)) == "0.0515"

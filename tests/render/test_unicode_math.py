"""Formulas as text: what they look like, and that nothing raises."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen.render.unicode_math import block, inline, plain, width


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\hat{m}_1 = \frac{m_1}{1-\beta_1^1}", "m̂₁ = m₁/(1 − β₁¹)"),
        (r"\hat m_1 = \frac{0.05}{1 - 0.9}", "m̂₁ = 0.05/(1 − 0.9)"),
        (r"n_{\text{out}} = \left\lfloor \frac{n + 2p - f}{s} \right\rfloor + 1", "n_out = ⌊(n + 2p − f)/s⌋ + 1"),
        (r"\frac{\partial L}{\partial w_1}", "∂L/∂w₁"),
        (
            r"\theta_{t+1} = \theta_t - \alpha\,\frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}.",
            "θₜ₊₁ = θₜ − α m̂ₜ/(√v̂ₜ + ϵ).",
        ),
        (r"\delta^{(1)} = (W^{(2)})^\top \delta^{(2)} \odot \sigma'(z^{(1)})", "δ⁽¹⁾ = (W⁽²⁾)ᵀδ⁽²⁾ ⊙ σ′(z⁽¹⁾)"),
        (r"\operatorname{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right)V", "softmax(QKᵀ/√dₖ)V"),
        (r"x \in \mathbb{R}^{3\times 4}", "x ∈ ℝ^(3×4)"),
        (r"\mathrm{ReLU}(z) = \max(0, z)", "ReLU(z) = max(0, z)"),
        (r"\tilde X_1 \star_{s=2} K_1", "X̃₁ ⋆ₛ₌₂ K₁"),
        (r"10^{-8}", "10⁻⁸"),
        (r"S_{0,1}", "S₀,₁"),
        (r"d_{\text{model}} = 512", "d_model = 512"),
        (r"H_\text{out} \times W_\text{out}", "H_out × W_out"),
        (r"e^{x_1}", "e^(x₁)"),
        (r"0.9 \cdot (-0.5)", "0.9·(−0.5)"),
        (r"-x + (-y)", "−x + (−y)"),
        (r"\frac12", "1/2"),
        (r"\frac{1}{2} x", "(1/2) x"),
        (r"\frac{a b}{2 c}", "ab/(2c)"),
        (r"\left(\frac12\right)^2", "(1/2)²"),
        (r"\sqrt{2}\,\sqrt{a+b}", "√2 √(a + b)"),
        (r"\sqrt[3]{x}", "∛x"),
        (r"\|x\|_2^2", "‖x‖₂²"),
        (r"\{1, 2\}", "{1, 2}"),
        (r"\log_2 x + \ln 2", "log₂ x + ln 2"),
        (r"\sum_{j=1}^n e^{-z}", "∑ⱼ₌₁ⁿ e⁻ᶻ"),
        (r"1{,}000\,000", "1,000 000"),
        (r"95\%", "95%"),
        (r"(90,)", "(90,)"),
        (r"A = \begin{pmatrix}1 & 0\\ 2 & -2\end{pmatrix}", "A = [[1, 0], [2, −2]]"),
        (r"\begin{cases} 1 & x > 0 \\ 0 & \text{otherwise}\end{cases}", "{1  x > 0; 0  otherwise}"),
        (r"\begin{aligned} a &= b \\ &= 3\end{aligned}", "a = b = 3"),
        (r"y \mid x", "y | x"),
        (r"\mathcal{L}(\mathbf{w})", "ℒ(w)"),
        ("α ≤ β", "α ≤ β"),
        ("", ""),
    ],
)
def test_one_line(latex: str, text: str) -> None:
    assert inline(latex) == text


@pytest.mark.parametrize(
    ("latex", "lines"),
    [
        (
            r"X = \begin{bmatrix} 1 & 0 & 2 \\ 0 & -3 & 1 \\ 2 & 1 & 10 \end{bmatrix}^\top, \quad k = 2",
            ["    ⎡ 1   0   2 ⎤ᵀ", "X = ⎢ 0  −3   1 ⎥ ,  k = 2", "    ⎣ 2   1  10 ⎦"],
        ),
        (r"\begin{pmatrix} a \\ b \end{pmatrix} = 1", ["⎛ a ⎞ = 1", "⎝ b ⎠"]),
        (r"\begin{aligned} a &= b + c \\ &= 3\end{aligned}", ["a = b + c", "  = 3"]),
        (r"\begin{cases} 1 & x > 0 \\ 0 \end{cases}", ["⎧ 1  x > 0", "⎩ 0"]),
        ("x + 1", ["x + 1"]),
    ],
)
def test_several_lines(latex: str, lines: list[str]) -> None:
    drawn = block(latex)
    assert [line.rstrip() for line in drawn] == lines
    assert len({width(line) for line in drawn}) == 1


@pytest.mark.parametrize(
    "latex",
    [
        r"\foo{x}",
        "{",
        "}",
        "x^",
        r"\frac{1}",
        r"\left( x",
        r"\begin{foo}x\end{foo}",
        "x_1_2",
        "$x$",
        "a & b",
        r"\sqrt[5]{x}",
    ],
)
def test_what_is_not_understood_is_shown_as_it_is_written(latex: str) -> None:
    assert inline(latex) == latex
    assert block(latex) == (latex,)


PIECES = (
    r"\frac \sqrt \left \right \begin \end {bmatrix} {cases} {aligned} \hat \text \mathrm \sum \cdot \\ & { } "
    r"( ) [ ] ^ _ x 1 2.5 - + = \{ \} | \| ' , . \alpha \foo"
)


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES.split()), max_size=30).map(" ".join)))
def test_nothing_raises_and_nothing_controls_a_terminal(latex: str) -> None:
    for line in (inline(latex), *block(latex)):
        assert not any(unicodedata.category(char) == "Cc" for char in line)


def test_depth_and_length_are_bounded() -> None:
    deep = "{" * 5000 + "x" + "}" * 5000
    assert inline(deep) == deep
    long = r"\frac{1}{2}+" * 5000 + "1"
    assert inline(long) == long


def test_plain_text_has_no_control_characters() -> None:
    assert plain("a\x1b[31mb\x07\x9b1m\u202ec\ttab\r\nend\u2028x\x00") == "a[31mb1mc tab end x"
    assert plain("naïve 王 β₁ m̂") == "naïve 王 β₁ m̂"


def test_width_counts_columns() -> None:
    assert [width(text) for text in ("abc", "m̂₁", "王", "")] == [3, 2, 2, 0]

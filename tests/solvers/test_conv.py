"""Convolution solvers on their own, as one uses them in a notebook: what they print, and what they refuse."""

from __future__ import annotations

import pytest

from quizgen_solvers import ExactError, conv
from quizgen_solvers.printing import lines


def test_alexnets_first_layer() -> None:
    (line,) = lines(conv.output_size(227, 11, 0, 4))
    assert line.text == "n_out = ⌊(n + 2·p − f)/s⌋ + 1 = ⌊(227 + 2·0 − 11)/4⌋ + 1 = 55"


def test_a_dilated_kernel_spans_more() -> None:
    span, out = lines(conv.output_size(7, 3, d=2))
    assert span.text == "f_eff = d·(f − 1) + 1 = 2·(3 − 1) + 1 = 5"
    assert out.text.endswith("= 3")


def test_an_inverse_is_checked_in_its_last_line() -> None:
    found, check = lines(conv.inverse_size("n", 0, 11, 0, 4, 1, 55))
    assert (found.text.rpartition(" ")[2], check.text.rpartition(" ")[2]) == ("227", "55")


def test_kernels_may_hold_fractions() -> None:
    # The mean of a window of 2 by 2: (1 + 2 + 3 + 4) / 4.
    work = conv.correlation([[[1, 2], [3, 4]]], [[[["0.25", "1/4"], ["1/4", "0.25"]]]])
    assert str(work["Y"].value[0, 0]) == "5/2"


def test_no_stride_no_fraction() -> None:
    printed = [line.text for line in lines(conv.network(["conv3-8", "pool2"], 32, 3))]
    assert "h₁ = h₀ + 2·p₁ − 3 + 1 = 32 + 2·1 − 3 + 1 = 32" in printed
    assert "P₁ = 3·3·3·8 + 8 = 224" in printed
    assert "h₂ = ⌊(h₁ − 2)/2⌋ + 1 = ⌊(32 − 2)/2⌋ + 1 = 16" in printed


def test_every_size_that_gives_an_output_does() -> None:
    """The ranges of right values against the formula tried on everything near."""
    for n, f, p, s, d in ((23, 3, 2, 3, 2), (40, 5, 0, 4, 1), (17, 2, 3, 5, 1)):
        out = conv.output_size(n, f, p, s, d)[conv.out_symbol()].value
        for unknown, values in (("p", range(20)), ("s", range(1, 40)), ("f", range(1, 18))):
            right = conv.sizes_that_give(out, unknown, n, f, p, s, d)  # type: ignore[arg-type]  # a literal, looped over
            for x in values:
                at = {"n": n, "f": f, "p": p, "s": s, "d": d, unknown: x}
                if unknown == "f" and d > 1:
                    continue
                try:
                    gives = conv.output_size(**at)[conv.out_symbol()].value == out
                except ExactError:
                    gives = False
                assert gives == (x in right), (unknown, x, right)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ExactError, match="larger than the padded input"):
        conv.output_size(3, 5)
    with pytest.raises(ExactError, match="don't divide"):
        conv.parameter_count(3, 8, (3,), groups=2)
    with pytest.raises(ExactError, match="a kernel for each channel of the image, 1 in all"):
        conv.correlation([[[1]]], [[[[1]], [[1]]]])
    with pytest.raises(ExactError, match="2 filters have 2 biases, not 1"):
        conv.correlation([[[1]]], [[[[1]]], [[[1]]]], bias=[1])

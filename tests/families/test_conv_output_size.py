"""Output sizes that papers and textbooks state."""

from __future__ import annotations

from typing import Any

import pytest

import quizgen
from quizgen.errors import ParameterError
from quizgen_solvers import conv

FIELDS = ("n", "f", "p", "s", "d")


def wrong(question: quizgen.Question) -> dict[str, str]:
    return {mistake.name: mistake.value for mistake in question.parts[0].mistakes}


@pytest.mark.parametrize(
    ("sizes", "output"),
    [
        ((227, 11, 0, 4), "55"),  # AlexNet's first layer, in CS231n, Convolutional Networks
        ((224, 3, 1, 1), "224"),  # VGG's layers keep the size: Simonyan and Zisserman, 2015
        ((32, 5, 0, 1), "28"),  # LeNet-5's C1: LeCun et al., 1998
        ((14, 5, 0, 1), "10"),  # and its C3
        ((224, 7, 3, 2), "112"),  # ResNet's first layer: He et al., 2016
        ((4, 3, 0, 1), "2"),  # Dumoulin and Visin, 2016: no padding,
        ((5, 4, 2, 1), "6"),  # arbitrary,
        ((5, 3, 1, 1), "5"),  # half
        ((5, 3, 2, 1), "7"),  # and full padding; with strides,
        ((5, 3, 0, 2), "2"),
        ((5, 3, 1, 2), "3"),
        ((6, 3, 1, 2), "3"),  # where the last column is never seen;
        ((7, 3, 0, 1, 2), "3"),  # and dilated
        ((32, 3, 1, 1), "32"),  # an unsigned course review sheet, "Worked Examples": P3, the CNN
        ((4, 3, 1, 2), "2"),  # and "Conv calculations"
    ],
)
def test_published_sizes(sizes: tuple[int, ...], output: str) -> None:
    (part,) = quizgen.solve("conv.output-size", **dict(zip(FIELDS, sizes, strict=False))).parts
    assert part.answer == output


def test_a_rectangle_is_worked_side_by_side() -> None:
    # The paper's rule along each axis: 5 by 6 pixels under 3 by 3, padded by 1, in steps of 2.
    (part,) = quizgen.solve("conv.output-size", n=(5, 6), f=3, p=1, s=2).parts
    assert part.answer == "(3, 3)"
    (part,) = quizgen.solve("conv.output-size", n=(7, 11), f=(3, 5), d=2).parts
    assert part.answer == "(3, 3)"


def test_wrong_turns_on_resnets_first_layer() -> None:
    question = quizgen.solve("conv.output-size", n=224, f=7, p=3, s=2)
    assert wrong(question) == {"rounded up": "113", "padding on one side": "111", "no + 1": "111"}
    assert [found.name for found in question.check("111").diagnosed] == ["padding on one side", "no + 1"]


def test_a_dilated_kernel_taken_for_a_dense_one() -> None:
    assert wrong(quizgen.solve("conv.output-size", n=7, f=3, d=2))["dilation ignored"] == "5"


@pytest.mark.parametrize(
    ("find", "right"),
    [("n", [227]), ("s", [4]), ("f", [8, 9, 10, 11]), ("p", [0, 1])],
)
def test_alexnets_first_layer_turned_round(find: str, right: list[int]) -> None:
    question = quizgen.solve("conv.output-size", n=227, f=11, p=0, s=4, find=find)
    assert "size $n_{\\mathrm{out}} = 55$" in question.statement
    assert [x for x in range(300) if question.check(str(x))] == right


def test_the_input_that_the_paper_misprints_leaves_pixels_over() -> None:
    # CS231n: with 224 pixels AlexNet's first layer does not fit; 227 is the size that does.
    work = conv.inverse_size("n", 224, 11, 0, 4, 1, 55)
    assert work["n"].value == 227


def test_what_does_not_fit_is_refused() -> None:
    given: dict[str, Any] = {"n": 5, "f": 3, "d": 4}
    with pytest.raises(ParameterError, match="the kernel spans 9 pixels and the padded input only 5"):
        quizgen.solve("conv.output-size", **given)
    with pytest.raises(ParameterError, match="any large stride"):
        quizgen.solve("conv.output-size", n=5, f=5, find="s")

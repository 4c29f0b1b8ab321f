"""Parameters of convolution layers as their inventors and teachers count them."""

from __future__ import annotations

from typing import Any

import pytest

import quizgen
from quizgen.errors import ParameterError, SolveError


def counts(**given: Any) -> list[int]:
    return [int(part.centre) for part in quizgen.solve("conv.parameter-count", **given).parts]


@pytest.mark.parametrize(
    ("given", "weights", "parameters"),
    [
        ({"c_in": 3, "c_out": 8, "f": 3}, 216, 224),  # a course review sheet, "Worked Examples": P3
        ({"c_in": 8, "c_out": 16, "f": 3}, 1152, 1168),
        ({"c_in": 3, "c_out": 96, "f": 11}, 34_848, 34_944),  # AlexNet's first layer, in CS231n, Convolutional Networks
        ({"c_in": 96, "c_out": 256, "f": 5, "groups": 2}, 307_200, 307_456),  # 256 kernels of 5 x 5 x 48, 2012
        ({"c_in": 1, "c_out": 6, "f": 5}, 150, 156),  # LeNet-5, LeCun et al., 1998: C1 and C5
        ({"c_in": 16, "c_out": 120, "f": 5}, 48_000, 48_120),
        ({"c_in": 512, "c_out": 512, "f": 3}, 2_359_296, 2_359_808),  # VGG's CONV3-512, weights in CS231n
        ({"c_in": 3, "c_out": 64, "f": 7, "bias": "no"}, 9_408, 9_408),  # ResNet's first layer, He et al., 2016
        ({"c_in": 32, "c_out": 32, "f": 3, "groups": 32, "bias": "no"}, 288, 288),  # MobileNet's first depthwise, 2017
    ],
)
def test_published_layers(given: dict[str, Any], weights: int, parameters: int) -> None:
    assert counts(**given) == [weights, parameters]


def test_wrong_turns_on_alexnets_second_layer() -> None:
    weights, parameters = quizgen.solve("conv.parameter-count", c_in=96, c_out=256, f=5, groups=2).parts
    assert {m.name: m.value for m in weights.mistakes} == {
        "input channels forgotten": "6400",
        "side for area": "122880",
        "groups ignored": "614400",
    }
    assert {m.name: m.value for m in parameters.mistakes} == {
        "input channels forgotten": "6656",
        "side for area": "123136",
        "groups ignored": "614656",
        "bias forgotten": "307200",
        "one bias for all": "307201",
    }


def test_how_many_filters_a_budget_pays_for() -> None:
    # A filter of AlexNet's first layer costs 364: 35,000 pay for 96 of them, and 34,943 only for 95.
    assert counts(c_in=3, f=11, budget=35_000) == counts(c_in=3, f=11, budget=34_944) == [96]
    assert counts(c_in=3, f=11, budget=34_943) == [95]
    # In two groups a filter more in each costs 2 · (5 · 5 · 48 + 1) = 2,402.
    assert counts(c_in=96, f=5, groups=2, budget=307_456) == [256]
    assert counts(c_in=96, f=5, groups=2, budget=307_455) == [254]


def test_the_bias_belongs_to_the_cost_of_a_filter() -> None:
    (part,) = quizgen.solve("conv.parameter-count", c_in=1, f=5, budget=156).parts
    assert (part.answer, {m.name: m.value for m in part.mistakes}["side for area"]) == ("6", "26")
    (part,) = quizgen.solve("conv.parameter-count", c_in=1, f=5, budget=181).parts
    assert {m.name: m.value for m in part.mistakes}["bias forgotten"] == "7"
    assert part.answer == "6"


def test_what_does_not_go_together_is_refused() -> None:
    with pytest.raises(ParameterError, match="groups must divide"):
        counts(c_in=3, c_out=8, f=3, groups=2)
    with pytest.raises(ParameterError, match="give c_out"):
        counts(c_in=3, f=3)
    with pytest.raises(SolveError, match="does not pay for a single filter"):
        counts(c_in=3, f=11, budget=363)

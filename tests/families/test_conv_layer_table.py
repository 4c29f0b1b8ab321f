"""Whole networks whose tables are published."""

from __future__ import annotations

import re
from typing import Any

import pytest

import quizgen
from quizgen.errors import ParameterError, SolveError

# An unsigned course review sheet, "Worked Examples", P3.
NOTES = "conv3-8, leakyrelu, pool2, batchnorm, conv3-16, leakyrelu, pool2, flatten, fc10"


def solved(layers: str, size: int, channels: int = 3) -> quizgen.Question:
    return quizgen.solve("conv.layer-table", layers=layers, size=size, channels=channels)


def rows(question: quizgen.Question) -> list[tuple[tuple[int, ...], int]]:
    return [(tuple(map(int, shape)), int(count)) for shape, count in question.parts[0].centre]


def total(question: quizgen.Question) -> int:
    return int(question.parts[1].answer)


def test_the_table_of_the_course_notes() -> None:
    question = solved(NOTES, 32)
    assert rows(question) == [
        ((32, 32, 8), 224),
        ((32, 32, 8), 0),
        ((16, 16, 8), 0),
        ((16, 16, 8), 16),
        ((16, 16, 16), 1168),
        ((16, 16, 16), 0),
        ((8, 8, 16), 0),
        ((1024,), 0),
        ((10,), 10250),
    ]
    assert [part.answer for part in question.parts[1:]] == ["11658", "16"]  # summed by hand; 2 · 8 running statistics


@pytest.mark.parametrize(
    ("name", "cells", "learned"),
    [
        # No border: 30, 15, 13 and 6 pixels a side, and 6 · 6 · 16 = 576 numbers for the last layer.
        ("padding dropped", {0: (30, 30, 8), 2: (15, 15, 8), 4: (13, 13, 16), 6: (6, 6, 16), 7: (576,), 8: 5770}, 7178),
        ("channels not carried on", {4: 448}, 10938),  # 3 · 3 · 3 · 16 + 16
        ("pooling counted", {2: 32, 6: 64}, 11754),  # 2 · 2 · 8 and 2 · 2 · 16
        ("running statistics learned", {3: 32}, 11674),
        ("channels lost in flattening", {7: (64,), 8: 650}, 2058),
        ("biases forgotten", {0: 216, 4: 1152, 8: 10240}, 11624),
    ],
)
def test_wrong_turns_on_it_worked_by_hand(name: str, cells: dict[int, Any], learned: int) -> None:
    table, in_all, kept = solved(NOTES, 32).parts
    (shown,) = [mistake.value for mistake in table.mistakes if mistake.name == name]
    wrong = [(tuple(map(int, shape)), int(count)) for shape, count in table.kind.read(shown)]  # type: ignore[union-attr]
    for row, cell in cells.items():
        assert wrong[row][isinstance(cell, int)] == cell
    assert [m.value for m in in_all.mistakes if m.name == name] == [str(learned)]
    assert not kept.mistakes


def test_one_wrong_cell_costs_one_cell() -> None:
    question = solved(NOTES, 32)
    typed = question.parts[0].answer.replace("1168", "448")
    verdict = question.check(typed)
    assert (str(verdict.credit), verdict.right) == ("17/18", False)
    assert [found.name for found in verdict.diagnosed] == ["channels not carried on"]


def test_lenet() -> None:
    # Zhang, Lipton, Li and Smola, Dive into Deep Learning, section 7.6, prints these shapes; 61,706 parameters.
    layers = (
        "conv5-6 p2, sigmoid, avgpool2, conv5-16 p0, sigmoid, avgpool2, flatten, fc120, sigmoid, fc84, sigmoid, fc10"
    )
    question = solved(layers, 28, 1)
    shapes = [shape for shape, _ in rows(question)]
    assert shapes[0::3][:2] == [(28, 28, 6), (10, 10, 16)]
    assert shapes[2::3][:2] == [(14, 14, 6), (5, 5, 16)]
    assert shapes[6] == (400,)
    assert total(question) == 61_706


def test_alexnet_in_one_tower() -> None:
    # CS231n, Convolutional Networks: the sizes of Krizhevsky, Sutskever and Hinton's network, 2012.
    layers = (
        "conv11-96 s4 p0, relu, pool3 s2, conv5-256 p2, relu, pool3 s2, conv3-384, relu, conv3-384, relu, "
        "conv3-256, relu, pool3 s2, flatten, fc4096, relu, fc4096, relu, fc1000"
    )
    question = solved(layers, 227)
    found = rows(question)
    assert [found[i][0] for i in (0, 2, 3, 5, 6, 10, 12)] == [
        (55, 55, 96), (27, 27, 96), (27, 27, 256), (13, 13, 256), (13, 13, 384), (13, 13, 256), (6, 6, 256)
    ]  # fmt: skip
    assert total(question) == 62_378_344
    # As published, in two groups where a layer sees one GPU only: 60,965,224.
    halves = layers.replace("256 p2", "256 p2 g2").replace("384, relu, conv3-256", "384 g2, relu, conv3-256 g2")
    assert total(solved(halves, 227)) == 60_965_224


def test_vgg16() -> None:
    # Simonyan and Zisserman, 2015, configuration D: 138 million; as torchvision documents it, 138,357,544.
    blocks = [[64] * 2, [128] * 2, [256] * 3, [512] * 3, [512] * 3]
    features = ", ".join(", ".join(f"conv3-{n}, relu" for n in block) + ", pool2" for block in blocks)
    question = solved(f"{features}, flatten, fc4096, relu, fc4096, relu, fc1000", 224)
    found = rows(question)
    assert found[-6][0] == (25_088,)
    assert found[-5] == ((4096,), 102_764_544)
    assert total(question) == 138_357_544


@pytest.mark.parametrize(
    ("layers", "says"),
    [
        ("conv3-8, fcx", "'fcx' is no layer; layers are conv3-8"),
        ("conv3-8 s2 s2", "'conv3-8 s2 s2' is no layer"),
        ("pool2 g2", "'pool2 g2' is no layer"),
        ("relu nobias", "'relu nobias' is no layer"),
        ("conv3-8 s0", "'conv3-8 s0' is no layer"),
        ("conv" + "9" * 500, "is no layer"),
        ("", "'' is no layer"),
    ],
)
def test_what_is_no_layer_is_refused(layers: str, says: str) -> None:
    with pytest.raises(ParameterError, match=re.escape(says)) as caught:
        solved(layers, 8)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("layers", "says"),
    [
        ("pool2, fc10", "layer 2, FC-10, must stand behind a flatten"),
        ("flatten, pool2", "layer 2, Pool2, must stand before a flatten"),
        ("pool2, pool2, pool2, pool2", "layer 4, Pool2: 2 by 2 does not fit on 1 by 1"),
        ("conv3-8 g2", "layer 1, Conv3-8 (2 groups): its groups don't divide 3 and 8 channels"),
        ("pool2 p2", "padded by half of its window at most"),
    ],
)
def test_layers_that_do_not_go_together_are_refused(layers: str, says: str) -> None:
    with pytest.raises(SolveError, match=re.escape(says)):
        solved(layers, 8)

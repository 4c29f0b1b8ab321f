"""Same padding as papers and frameworks document it."""

from __future__ import annotations

from typing import Any

import pytest

import quizgen


def answers(**given: Any) -> list[str]:
    return [part.answer for part in quizgen.solve("conv.same-padding", **given).parts]


def wrong(part: Any) -> dict[str, str]:
    return {mistake.name: mistake.value for mistake in part.mistakes}


@pytest.mark.parametrize(
    ("given", "padding"),
    [
        ({"n": 5, "f": 3}, "1"),  # Dumoulin and Visin, 2016: half padding
        ({"n": 32, "f": 3}, "1"),  # an unsigned course review sheet, "Worked Examples": CONV3 keeps the size
        ({"n": 28, "f": 5}, "2"),  # Dive into Deep Learning, section 7.6: LeNet's first layer on 28 pixels
        ({"n": 8, "f": (5, 3)}, "(2, 1)"),  # the same, section 7.3: a kernel of 5 by 3
        ({"n": 64, "f": 3, "d": 4}, "4"),  # Yu and Koltun, 2016: dilated by 4, padded by 4
        ({"n": 7, "f": 1}, "0"),  # a kernel of one pixel
    ],
)
def test_published_paddings(given: dict[str, Any], padding: str) -> None:
    assert answers(**given) == [padding]


@pytest.mark.parametrize(
    ("given", "output", "total", "sides"),
    [
        # TensorFlow's documentation of tf.nn, Notes on padding: 13 pixels, a kernel of 6 in steps of 5.
        ({"n": 13, "f": 6, "s": 5}, "3", "3", "(1, 2)"),
        ({"n": 224, "f": 3, "s": 2}, "112", "1", "(0, 1)"),  # MobileNet's first layer as TensorFlow pads it
        ({"n": 224, "f": 7, "s": 2}, "112", "5", "(2, 3)"),  # ResNet's
        ({"n": 10, "f": 4}, "10", "3", "(1, 2)"),  # stride 1, but an even kernel
        ({"n": 9, "f": 2, "s": 3}, "3", "0", "(0, 0)"),  # pixels are left over: none are added
        ({"n": (13, 224), "f": (6, 3), "s": 5}, "(3, 45)", "(3, 0)", "(1, 2, 0, 0)"),
    ],
)
def test_published_paddings_with_a_stride(given: dict[str, Any], output: str, total: str, sides: str) -> None:
    assert answers(**given) == [output, total, sides]


def test_wrong_turns_on_a_dilated_kernel() -> None:
    (part,) = quizgen.solve("conv.same-padding", n=64, f=3, d=4).parts
    # The kernel spans 9 pixels: 4 stick out on each side.
    assert wrong(part) == {
        "dilation ignored": "1",
        "the kernel's size": "3",
        "(f + 1)/2": "5",
        "both sides in one": "8",
    }


def test_wrong_turns_with_a_stride() -> None:
    output, total, sides = quizgen.solve("conv.same-padding", n=13, f=6, s=5).parts
    assert wrong(output) == {"size rounded down": "2"}
    assert wrong(total) == {"size rounded down": "0", "padding of stride 1": "5"}
    assert wrong(sides) == {
        "size rounded down": "(0, 0)",
        "padding of stride 1": "(2, 3)",
        "odd pixel in front": "(2, 1)",
    }

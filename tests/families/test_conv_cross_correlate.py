"""Convolutions that others have worked by hand, and the usual wrong turns on them."""

from __future__ import annotations

from typing import Any

import pytest

import quizgen
from quizgen.errors import ParameterError
from quizgen_solvers import conv
from quizgen_solvers.printing import unfold

# An unsigned course review sheet, "Worked Examples", "Conv calculations": padding 1, stride 2.
IMAGE = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 1, 2, 3], [4, 5, 6, 7]]
KERNEL = [[1, 0, -1]] * 3

# Zhang, Lipton, Li and Smola, Dive into Deep Learning, sections 7.2 and 7.4.
CHANNELS = [[[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[1, 2, 3], [4, 5, 6], [7, 8, 9]]]
FILTER = [[[0, 1], [2, 3]], [[1, 2], [3, 4]]]


def outputs(question: quizgen.Question) -> list[list[list[int]]]:
    return [[[int(x) for x in row] for row in part.centre] for part in question.parts]


def wrong(question: quizgen.Question) -> dict[str, str]:
    return {mistake.name: mistake.value for mistake in question.parts[0].mistakes}


def stacked(channels: list[list[list[int]]]) -> list[list[int]]:
    return [row for channel in channels for row in channel]


def test_the_padded_convolution_of_the_course_notes() -> None:
    question = quizgen.solve("conv.cross-correlate", image=IMAGE, kernel=KERNEL, p=1, s=2)
    assert outputs(question) == [[[-8, -4], [-12, -6]]]
    assert question.work[r"\tilde X"].value.nested()[1] == (0, 1, 2, 3, 4, 0)


def test_its_wrong_turns_worked_by_hand() -> None:
    found = wrong(quizgen.solve("conv.cross-correlate", image=IMAGE, kernel=KERNEL, p=1, s=2))
    assert found == {
        "kernel flipped": "[[8, 4], [12, 6]]",
        "no padding": "[[3]]",
        "stride 1": "[[-8, -4, -4, 10], [-9, 3, -6, 12], [-12, 3, -6, 15], [-6, 5, -4, 8]]",
    }


def test_an_entry_is_unfolded_as_the_notes_do() -> None:
    work = conv.correlation([IMAGE], [[KERNEL]], 1, 2)
    assert (
        unfold(work, work["Y"], 1, 1).text
        == "Y[1, 1] = 6·1 + 7·0 + 8·(−1) + 1·1 + 2·0 + 3·(−1) + 5·1 + 6·0 + 7·(−1) = −6"
    )


def test_one_channel_of_the_textbook() -> None:
    question = quizgen.solve("conv.cross-correlate", image=CHANNELS[0], kernel=FILTER[0])
    assert outputs(question) == [[[19, 25], [37, 43]]]
    assert wrong(question) == {"kernel flipped": "[[5, 11], [23, 29]]"}


def test_two_channels_of_the_textbook() -> None:
    given: dict[str, Any] = {"image": stacked(CHANNELS), "kernel": stacked(FILTER), "channels": 2}
    question = quizgen.solve("conv.cross-correlate", **given)
    assert outputs(question) == [[[56, 72], [104, 120]]]
    assert wrong(question)["one channel only"] == "[[19, 25], [37, 43]]"
    with_bias = quizgen.solve("conv.cross-correlate", **given, bias=(4,))
    assert outputs(with_bias) == [[[60, 76], [108, 124]]]
    assert wrong(with_bias)["bias forgotten"] == "[[56, 72], [104, 120]]"
    assert wrong(with_bias)["one channel only"] == "[[23, 29], [41, 47]]"


def test_three_filters_of_the_textbook() -> None:
    kernel = [[x + more for x in row] for more in range(3) for row in stacked(FILTER)]
    question = quizgen.solve("conv.cross-correlate", image=stacked(CHANNELS), kernel=kernel, channels=2, filters=3)
    assert outputs(question) == [[[56, 72], [104, 120]], [[76, 100], [148, 172]], [[96, 128], [192, 224]]]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"image": [[1, 2]], "kernel": [[1], [1]]}, "a kernel of 2 by 1 does not fit on 1 by 2 pixels"),
        ({"image": [[1, 2]], "kernel": [[1]], "channels": 2}, "the rows of image must be 2 matrices"),
        ({"image": [[1, 2]], "kernel": [[1]], "bias": (1, 2)}, "one number for each filter, 1 in all"),
    ],
)
def test_what_does_not_go_together_is_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        quizgen.solve("conv.cross-correlate", **given)

"""example.some-name: cases worked by hand or published, each with its source."""

from pathlib import Path

import pytest

import quizgen
from quizgen.family import load_file


@pytest.fixture(scope="module", autouse=True)
def _the_family() -> None:
    load_file(Path(__file__).with_name("some_name_file.py"))


def test_a_neuron_by_hand() -> None:
    """2·3 + (-1)·4 + 5 = 7. Source: name it here."""
    question = quizgen.solve("example.some-name", x1=3, x2=4, w1=2, w2=-1, b=5)
    assert question.check("7").right
    assert [mistake.name for mistake in question.check("2").diagnosed] == ["bias forgotten"]


@pytest.mark.parametrize("level", [1, 2])
def test_pytorch_agrees(level: int) -> None:
    for seed in range(100):
        quizgen.generate("example.some-name", level=level, seed=seed)

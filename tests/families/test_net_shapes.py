"""Shapes in fully connected networks, as the courses and PyTorch's manual give them."""

from __future__ import annotations

from typing import Any

import pytest

import quizgen
from quizgen.errors import ParameterError


def shapes(question: quizgen.Question) -> dict[str, tuple[int, ...]]:
    (part,) = question.parts
    return {row.strip("$"): tuple(map(int, cell)) for row, (cell,) in zip(part.kind.rows, part.centre, strict=True)}


def wrong(question: quizgen.Question) -> dict[str, dict[str, tuple[int, ...]]]:
    """For each mistake the shapes that it changes."""
    right = shapes(question)
    found = {}
    for way in question.mistakes:
        changed = {name: tuple(map(int, cell)) for name, (cell,) in zip(right, way.values[0], strict=True)}
        found[way.name] = {name: shape for name, shape in changed.items() if shape != right[name]}
    return found


def test_the_network_of_ten_players() -> None:
    # Benjamin Li, Learning ML/DL, 2025: n = [2, 3, 4, 5, 1], ten samples of two features, W on the left.
    assert shapes(quizgen.solve("net.shapes", sizes=(2, 3, 4, 5, 1), batch=10, layout="columns")) == {
        "W_1": (3, 2), "b_1": (3, 1), "Z_1": (3, 10), "A_1": (3, 10),
        "W_2": (4, 3), "b_2": (4, 1), "Z_2": (4, 10), "A_2": (4, 10),
        "W_3": (5, 4), "b_3": (5, 1), "Z_3": (5, 10), "A_3": (5, 10),
        "W_4": (1, 5), "b_4": (1, 1), "Z_4": (1, 10), "A_4": (1, 10),
    }  # fmt: skip


def test_the_derivative_by_the_last_activation_has_one_row() -> None:
    # The document gives dC/dA₃ (its last activation) the shape (3, 10); a network that ends in one unit has (1, 10).
    assert shapes(quizgen.solve("net.shapes", sizes=(2, 3, 4, 5, 1), batch=10))["A_4"] == (1, 10)


def test_pytorchs_own_example_of_a_linear_layer() -> None:
    # torch.nn.Linear: Linear(20, 30) on an input of (128, 20) gives (128, 30); its weight is (30, 20).
    found = shapes(quizgen.solve("net.shapes", sizes=(20, 30), batch=128, layout="rows"))
    assert found == {"W_1": (30, 20), "b_1": (1, 30), "Z_1": (128, 30), "A_1": (128, 30)}


def test_a_bias_folded_into_the_weights() -> None:
    # "From linear models to neural nets": x has D + 1 entries, so W₁ is (D + 1) by M; Bishop, 2006, section 5.1.
    found = shapes(quizgen.solve("net.shapes", sizes=(2, 8, 1), batch=5, layout="folded"))
    assert found == {
        "W_1": (3, 8), "Z_1": (8, 5), "A_1": (8, 5),
        "W_2": (9, 1), "Z_2": (1, 5), "A_2": (1, 5),
    }  # fmt: skip


def test_wrong_turns_with_samples_in_columns() -> None:
    assert wrong(quizgen.solve("net.shapes", sizes=(2, 3), batch=10, layout="columns")) == {
        "transposed": {"W_1": (2, 3)},
        "a bias for each sample": {"b_1": (3, 10)},
        "batch forgotten": {"Z_1": (3, 1), "A_1": (3, 1)},
        "samples the other way": {"Z_1": (10, 3), "A_1": (10, 3)},
    }


def test_wrong_turns_with_samples_in_rows() -> None:
    assert wrong(quizgen.solve("net.shapes", sizes=(2, 3), batch=10, layout="rows")) == {
        "transposed": {"W_1": (2, 3)},
        "a bias for each sample": {"b_1": (10, 3)},
        "batch forgotten": {"Z_1": (1, 3), "A_1": (1, 3)},
        "samples the other way": {"Z_1": (3, 10), "A_1": (3, 10)},
    }


def test_wrong_turns_with_the_bias_folded_in() -> None:
    assert wrong(quizgen.solve("net.shapes", sizes=(2, 4), batch=10, layout="folded")) == {
        "transposed": {"W_1": (4, 3)},
        "the 1 forgotten": {"W_1": (2, 4)},
        "batch forgotten": {"Z_1": (4, 1), "A_1": (4, 1)},
        "samples the other way": {"Z_1": (10, 4), "A_1": (10, 4)},
    }


def test_a_square_layer_cannot_be_transposed_wrongly() -> None:
    question = quizgen.solve("net.shapes", sizes=(3, 3), batch=3, layout="rows")
    names = {mistake.name for mistake in question.parts[0].mistakes}
    assert names == {"a bias for each sample", "batch forgotten"}


@pytest.mark.parametrize("typed", ["(3, 2); (3, 1); (3, 10); (3, 10)", "3x2\n3x1\n3x10\n3x10"])
def test_the_table_is_typed_row_by_row(typed: str) -> None:
    assert quizgen.solve("net.shapes", sizes=(2, 3), batch=10).check(typed).right


def test_cells_earn_their_share() -> None:
    verdict = quizgen.solve("net.shapes", sizes=(2, 3), batch=10).check("(2, 3); (3, 1); (3, 10); (3, 10)")
    assert str(verdict.credit) == "3/4"
    assert not verdict.right
    assert [mistake.name for mistake in verdict.diagnosed] == ["transposed"]


@pytest.mark.parametrize("given", [{"sizes": (5,)}, {"sizes": (2,) * 8}])
def test_how_many_layers(given: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match="1 to 6 layers"):
        quizgen.solve("net.shapes", batch=2, **given)

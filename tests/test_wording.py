"""Turns of English."""

import pytest

from quizgen.wording import capital, counted, letter, listed


@pytest.mark.parametrize(
    ("phrase", "begun"),
    [
        ("places that the kernel takes", "Places that the kernel takes"),
        ("a row for each query", "A row for each query"),
        ("γ and β", "γ and β"),
        ("γand", "γand"),
        ("g for g²", "g for g²"),
        ("d_k for d_v", "d_k for d_v"),
        ("$x$ times $y$", "$x$ times $y$"),
        ("ReLU lets it through", "ReLU lets it through"),
        ("", ""),
    ],
)
def test_only_a_word_of_latin_letters_gets_a_capital(phrase: str, begun: str) -> None:
    assert capital(phrase) == begun


def test_plurals_and_lists() -> None:
    assert [counted(n, "point") for n in (0, 1, 2)] == ["0 points", "1 point", "2 points"]
    assert counted(3, "entry", "entries") == "3 entries"
    assert [listed("abcdef"[:n], most=4) for n in (0, 1, 2, 3, 5)] == [
        "",
        "a",
        "a and b",
        "a, b and c",
        "a, b, c and 2 others",
    ]
    assert listed("abcde") == "a, b, c, d and e"


def test_letters_go_on_after_z() -> None:
    assert [letter(at) for at in (0, 25, 26, 27, 51, 52)] == ["a", "z", "aa", "ab", "az", "ba"]

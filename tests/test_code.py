"""Codes: what they spell, what is no code, and versions that are gone."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen import code as codes
from quizgen import family as families
from quizgen.code import Code
from quizgen.errors import BadCode, QuizgenError, UnknownFamily, UnknownLevel, VersionGone
from quizgen.rng import ALPHABET


@pytest.fixture
def second_version(monkeypatch: pytest.MonkeyPatch) -> families.Entry:
    """optim.adam as it would be after its second version."""
    entry = dataclasses.replace(families.find("optim.adam"), version=2)
    monkeypatch.setitem(families._ENTRIES, "optim.adam", entry)
    return entry


@pytest.mark.parametrize("text", ["optim.adam/2/k7q3m9", "net.parameter-count/1/0", "loss.softmax/3/0123456789abcdef"])
def test_a_code_reads_back(text: str) -> None:
    assert str(codes.parse(text)) == text


@given(
    st.sampled_from(["optim.adam", "net.shapes"]),
    st.integers(1, 3),
    st.text(ALPHABET + "ilou", min_size=1, max_size=16),
)
def test_what_is_made_is_read(name: str, level: int, seed: str) -> None:
    code = codes.make(families.find(name), level, seed)
    assert codes.parse(str(code)) == code
    assert (code.family, code.level, code.seed, code.version) == (name, level, seed, 1)


def test_the_version_is_spelled_unless_it_is_1(second_version: families.Entry) -> None:
    code = codes.make(second_version, 2, "k7")
    assert str(code) == "optim.adam/2/k7/v2"
    assert codes.parse("optim.adam/2/k7/v2") == code
    assert str(Code("optim.adam", 2, "k7")) == "optim.adam/2/k7"


def test_blanks_around_and_zeros_before_are_forgiven() -> None:
    assert str(codes.parse("  optim.adam/02/k7/v01\n")) == "optim.adam/2/k7"


@pytest.mark.parametrize("text", ["optim.adam/2/k7", "optim.adam/2/k7/v1", "optim.adam/2/k7/v3"])
def test_a_version_that_is_gone(second_version: families.Entry, text: str) -> None:
    with pytest.raises(VersionGone) as found:
        codes.parse(text)
    made = text.rpartition("/v")[2] if "/v" in text else "1"
    assert str(found.value) == (
        f"'{text}' was made by version {made} of optim.adam, and this quizgen has version 2: use the quizgen that made "
        "it, or draw a new question with `quizgen sheet optim.adam --level 2`"
    )
    assert found.value.exit_code == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "optim.adam",
        "optim.adam/2",
        "optim.adam/2/",
        "optim.adam//k7",
        "/2/k7",
        "optim.adam/2/k7/",
        "optim.adam/2/k7/v",
        "optim.adam/2/k7/2",
        "optim.adam/2/k7/v1/x",
        "optim.adam/two/k7",
        "optim.adam/-2/k7",
        "optim.adam/2.0/k7",
        "optim.adam/٢/k7",
        "optim.adam/2/k7/v١",
        "optim.adam/2222/k7",
        "optim.adam\\2\\k7",
        "../../etc/passwd",
        "optim.adam/2/k7\noptim.adam/2/k8",
        "9" * 10**6,
    ],
)
def test_what_is_no_code(text: str) -> None:
    with pytest.raises(BadCode, match=r"is no question code; codes are like optim\.adam/2/k7q3m9$|no seed"):
        codes.parse(text)
    assert codes.malformed(text)


@pytest.mark.parametrize("seed", ["K7", "k-7", "k 7", "ü", "k" * 17, "k7?", "'", "\u0660"])
def test_what_is_no_seed(seed: str) -> None:
    with pytest.raises(BadCode, match=r"is no seed; seeds are 1 to 16 small letters and digits, like k7q3m9$"):
        codes.parse(f"optim.adam/2/{seed}")
    with pytest.raises(BadCode, match="is no seed"):
        codes.make(families.find("optim.adam"), 2, seed)
    assert codes.malformed(f"optim.adam/2/{seed}")


@pytest.mark.parametrize("seed", ["", -1, 1.0, True, None, b"k7", [1]])
def test_seeds_of_python_that_are_none(seed: Any) -> None:
    with pytest.raises(BadCode, match="is no seed"):
        codes.make(families.find("optim.adam"), 2, seed)


@pytest.mark.parametrize("level", [0, 4, 99, 999])
def test_a_level_that_is_not_there(level: int) -> None:
    with pytest.raises(UnknownLevel, match=f"^optim.adam has no level {level}; its levels are 1, 2, 3$"):
        codes.parse(f"optim.adam/{level}/k7")


@pytest.mark.parametrize("level", [2.0, True, "2", None, -1])
def test_levels_of_python_that_are_none(level: Any) -> None:
    # 2.0 and True equal a level, but would spell a code that nobody can read back.
    with pytest.raises(UnknownLevel, match=r"^optim\.adam has no level"):
        codes.make(families.find("optim.adam"), level, "k7")


def test_a_family_that_is_not_there() -> None:
    with pytest.raises(UnknownFamily, match=r"there is no family 'optim\.adan' \(did you mean 'optim\.adam'\?\)"):
        codes.parse("optim.adan/2/k7")


PIECES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["optim.adam", "net.shapes", "optim", "2", "3", "9", "k7", "v1", "v2", "", " "]),
)


@given(st.lists(PIECES, max_size=5).map("/".join))
def test_no_text_does_worse_than_an_error_of_ours(text: str) -> None:
    try:
        code = codes.parse(text)
    except QuizgenError as problem:
        said = str(problem)
    else:
        said = ""
        assert codes.parse(str(code)) == code
    assert said.isprintable()
    assert len(said) < 800


def test_fresh_seeds_are_seeds_and_fresh() -> None:
    drawn = [codes.fresh_seed() for _ in range(50)]
    assert len(set(drawn)) == 50
    assert all(re.fullmatch(f"[{ALPHABET}]{{6}}", seed) for seed in drawn)

"""The one door of randomness: the same for good, even, and unlike its neighbours."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from math import sqrt
from typing import Any

import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from quizgen.rng import ALPHABET, Rng
from quizgen_solvers.exact import rational

PINNED = [
    0xA5A4DD11D278723E,
    0x4A518FA314CA29F2,
    0x3E9D2F25879F28EA,
    0x68CA86F6118281D0,
    0x3108E91BFA31FF95,
    0x77F84BDC42CBF2B8,
    0xE48E622A1AC647BA,
    0x161FB32AE1791CA1,
    0x029DACE44881B0A3,
]


def words(key: str, count: int) -> list[int]:
    rng = Rng(key)
    return [rng._word() for _ in range(count)]


def surprise(counts: Sequence[int]) -> float:
    """How many deviations chi-square lies off what even draws give; a fair generator stays within some four."""
    expected = sum(counts) / len(counts)
    chi = sum((n - expected) ** 2 / expected for n in counts)
    freedom = len(counts) - 1
    return (chi - freedom) / sqrt(2 * freedom)


# --- the same for good ------------------------------------------------------------------------------------------------


def test_the_first_words_of_a_key_never_change() -> None:
    # A new value here means that every code of every question has come to mean another question.
    assert words("optim.adam/2/k7q3m9", 9) == PINNED


def test_a_stream_is_blake2b_of_counter_and_key() -> None:
    blocks = b"".join(blake2b(b"%d a/1/b" % i).digest() for i in range(3))
    assert words("a/1/b", 24) == [int.from_bytes(blocks[i : i + 8], "big") for i in range(0, 192, 8)]


def test_draws_never_change() -> None:
    rng = Rng("x")
    assert rng.integers(10, 1, 6) == (5, 5, 5, 2, 2, 2, 6, 6, 5, 5)
    assert rng.word() == "76w5qc"
    assert rng.decimal("-2.5", 2, 2) == fmpq(-167, 100)
    assert rng.nonzero(-3, 3) == 3
    assert rng.sample(range(10), 4) == [7, 2, 6, 9]


def test_another_process_and_hash_seed_draws_the_same() -> None:
    program = "from quizgen.rng import Rng; r = Rng('x'); print([r._word() for _ in range(9)])"
    environment = {**os.environ, "PYTHONHASHSEED": "99"}
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True)
    assert run.stdout.strip() == str(words("x", 9))


def test_nothing_else_moves_it() -> None:
    before = words("x", 3)
    random.seed(1)
    rng = Rng("x")
    found = [rng._word()]
    random.random()
    Rng("y").integers(5, 0, 9)
    found += [rng._word(), rng._word()]
    assert found == before


# --- ranges -----------------------------------------------------------------------------------------------------------


@given(st.text(max_size=8), st.integers(-50, 50), st.integers(0, 60))
def test_integers_lie_between_the_ends(key: str, low: int, width: int) -> None:
    rng = Rng(key)
    assert all(low <= rng.integer(low, low + width) <= low + width for _ in range(20))


@pytest.mark.parametrize(("low", "high"), [(0, 1), (1, 6), (-3, 3), (5, 5)])
def test_both_ends_are_drawn(low: int, high: int) -> None:
    rng = Rng("ends")
    assert {rng.integer(low, high) for _ in range(400)} == set(range(low, high + 1))


@pytest.mark.parametrize(("low", "high"), [(-3, 3), (0, 3), (-3, 0), (1, 3), (-3, -1), (0, 1), (-1, 0)])
def test_nonzero_draws_everything_but_0(low: int, high: int) -> None:
    rng = Rng("nonzero")
    assert {rng.nonzero(low, high) for _ in range(400)} == set(range(low, high + 1)) - {0}


def test_nonzero_favours_nobody() -> None:
    rng = Rng("nonzero, evenly")
    counts = Counter(rng.nonzero(-3, 3) for _ in range(12_000))
    assert surprise(list(counts.values())) < 5


@pytest.mark.parametrize(
    ("low", "high", "places", "every"),
    [
        ("0.1", "0.3", 1, ["0.1", "0.2", "0.3"]),
        ("-0.5", "0.5", 0, ["0"]),
        ("-0.05", "0.1", 1, ["0", "0.1"]),
        (-1, 1, 0, ["-1", "0", "1"]),
        ("-0.2", "-.1", 1, ["-0.2", "-0.1"]),
    ],
)
def test_decimals_lie_between_the_ends(low: Any, high: Any, places: int, every: list[str]) -> None:
    rng = Rng("decimals")
    drawn = {str(rng.decimal(low, high, places)) for _ in range(300)}
    assert drawn == {str(rational(x)) for x in every}


def test_a_decimal_has_no_more_places_than_were_asked() -> None:
    rng = Rng("places")
    assert all((rng.decimal(-2, 2, 2) * 100).q == 1 for _ in range(300))


@pytest.mark.parametrize("count", [0, 1, 5, 10])
def test_a_sample_has_no_option_twice(count: int) -> None:
    rng = Rng("sample")
    for _ in range(50):
        drawn = rng.sample("abcdefghij", count)
        assert len(set(drawn)) == len(drawn) == count
        assert set(drawn) <= set("abcdefghij")


def test_shuffling_keeps_everything() -> None:
    assert sorted(Rng("shuffle").shuffled(range(9))) == list(range(9))


def test_a_matrix_has_rows_and_columns() -> None:
    drawn = Rng("matrix").matrix(2, 3, -4, 4)
    assert [len(row) for row in drawn] == [3, 3]
    assert all(-4 <= x <= 4 for row in drawn for x in row)


def test_what_cannot_be_drawn() -> None:
    rng = Rng("no")
    with pytest.raises(ValueError, match="no whole number from 2 to 1"):
        rng.integer(2, 1)
    with pytest.raises(ValueError, match="no whole number"):
        rng.nonzero(0, 0)
    with pytest.raises(ValueError, match="3 of 2 options can't be drawn"):
        rng.sample("ab", 3)
    with pytest.raises(ValueError, match="no whole number"):
        rng.decimal("0.11", "0.19", 1)


# --- even -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sides", [2, 3, 6, 7, 10, 61, 256])
def test_integers_are_even(sides: int) -> None:
    rng = Rng(f"even {sides}")
    counts = Counter(rng.integer(1, sides) for _ in range(200 * sides))
    assert abs(surprise([counts[n] for n in range(1, sides + 1)])) < 5


def test_pairs_of_draws_are_even() -> None:
    rng = Rng("pairs")
    counts = Counter((rng.integer(0, 5), rng.integer(0, 5)) for _ in range(18_000))
    assert len(counts) == 36
    assert abs(surprise(list(counts.values()))) < 5


def test_the_order_of_a_shuffle_is_even() -> None:
    rng = Rng("orders")
    counts = Counter("".join(rng.shuffled("abcd")) for _ in range(12_000))
    assert len(counts) == 24
    assert abs(surprise(list(counts.values()))) < 5


def test_chances() -> None:
    rng = Rng("chance")
    hits = sum(rng.chance(1, 3) for _ in range(9000))
    assert abs(hits - 3000) < 5 * sqrt(9000 * 2 / 9)
    assert not any(rng.chance(0, 3) for _ in range(50))
    assert all(rng.chance(3, 3) for _ in range(50))


def test_every_bit_of_a_word_is_a_coin() -> None:
    drawn = words("bits", 4000)
    for bit in range(64):
        ones = sum(word >> bit & 1 for word in drawn)
        assert abs(ones - 2000) < 5 * sqrt(1000)


def test_the_bound_finds_a_broken_die() -> None:
    # Remainders of bytes favour small sides; a die that never shows a side, or that alternates, is off by far more.
    biased = Counter(word % 256 % 100 for word in words("biased", 20_000))
    assert surprise([biased[n] for n in range(100)]) > 50
    assert surprise([0, 240, 240, 240, 240, 240]) > 50
    assert surprise([200] * 6) < -1.5


# --- unlike its neighbours --------------------------------------------------------------------------------------------


def test_neighbouring_seeds_share_nothing() -> None:
    keys = [f"optim.adam/{level}/{seed}" for level in (1, 2, 3) for seed in range(400)]
    first = [words(key, 8) for key in keys]
    assert len({word for block in first for word in block}) == 8 * len(keys)


def test_neighbouring_seeds_draw_as_two_dice_do() -> None:
    # A stream that began where its neighbour goes on would put these on a diagonal.
    counts: Counter[tuple[int, int]] = Counter()
    for seed in range(7200):
        one, two = Rng(f"f/1/{seed}"), Rng(f"f/1/{seed + 1}")
        one.integer(1, 6)
        counts[one.integer(1, 6), two.integer(1, 6)] += 1
    assert len(counts) == 36
    assert abs(surprise(list(counts.values()))) < 5


def test_one_bit_of_the_key_turns_half_of_the_bits() -> None:
    turned = [
        (a ^ b).bit_count()
        for i in range(50)
        for a, b in zip(words(f"{2 * i}", 8), words(f"{2 * i + 1}", 8), strict=True)
    ]
    assert abs(sum(turned) - 32 * len(turned)) < 5 * sqrt(16 * len(turned))


def test_keys_that_share_their_digits_differ() -> None:
    # The counter stands before the key, so the second block of "1x" must not be the twelfth of "x" or the like.
    assert not set(words("1 x", 100)) & set(words("x", 100))
    assert not set(words("11 x", 100)) & set(words("1 x", 100))


def test_words_are_of_an_alphabet_without_look_alikes() -> None:
    rng = Rng("letters")
    drawn = Counter("".join(rng.word(8) for _ in range(1000)))
    assert set(drawn) == set(ALPHABET)
    assert not set("ilou") & set(ALPHABET)
    assert len(ALPHABET) == 32
    assert abs(surprise(list(drawn.values()))) < 5

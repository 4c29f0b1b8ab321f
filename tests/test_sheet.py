"""Sheets: fair, interleaved, without repetition, the same from the same seed."""

from __future__ import annotations

from collections import Counter

import pytest

from quizgen import family as families
from quizgen.errors import DrawError, UnknownLevel, UsageError
from quizgen.rng import Rng
from quizgen.sheet import MOST, having, identity, make_sheet, spread

ADAM = families.find("optim.adam")
SIZE = families.find("conv.output-size")


def codes(*args, **more):
    return [question.code for question in make_sheet(*args, verify=False, **more).questions]


def test_the_same_arguments_give_the_same_sheet():
    assert codes([ADAM, SIZE], [2], 9, 7) == codes([ADAM, SIZE], [2], 9, 7)


def test_neighbouring_seeds_share_no_question():
    sheets = [set(codes([ADAM], [2], 10, seed)) for seed in (1, 2, 11, "a")]
    assert len(set.union(*sheets)) == 40


def test_a_longer_sheet_begins_with_the_shorter_one():
    assert codes([ADAM, SIZE], [1, 2], 20, 3)[:7] == codes([ADAM, SIZE], [1, 2], 7, 3)


def test_families_and_levels_come_equally_often():
    chosen = list(families.everything().values())
    count = 3 * len(chosen)
    sheet = make_sheet(chosen, [1, 2], count, 5, verify=False)
    assert set(Counter(question.family for question in sheet.questions).values()) == {3}
    levels = Counter(question.level for question in sheet.questions)
    assert set(levels) == {1, 2}
    assert abs(levels[1] - levels[2]) <= len(chosen)


def test_every_topic_comes_before_any_comes_twice():
    chosen = list(families.everything().values())
    order = [entry.topic for entry in spread(chosen, Rng("any"))]
    topics = set(order)
    assert len(order) == len(chosen)
    assert set(order[: len(topics)]) == topics


def test_a_large_topic_is_spread_over_the_order():
    class Fake:
        def __init__(self, name):
            self.name, self.topic = name, name.partition(".")[0]

    order = [e.topic for e in spread([*(Fake(f"conv.{i}") for i in range(4)), Fake("a.x"), Fake("a.y")], Rng("z"))]
    assert order in (["conv", "a", "conv", "conv", "a", "conv"], ["a", "conv", "conv", "a", "conv", "conv"])


def test_no_two_questions_are_the_same():
    sheet = make_sheet([SIZE], [1], 100, 1, verify=False)
    assert len({identity(question) for question in sheet.questions}) == 100


def test_a_family_without_the_level_is_left_out():
    class Shallow:
        name, topic, levels = "a.shallow", "a", {1: ""}

    assert having([ADAM, Shallow()], [3]) == [ADAM]
    assert having([ADAM, Shallow()], []) != [ADAM]


def test_a_level_that_nobody_has_is_named():
    with pytest.raises(UnknownLevel, match=r"none of the families chosen has level 8 or 9: optim.adam has 1, 2, 3"):
        make_sheet([ADAM], [9, 8], 3, 1)


@pytest.mark.parametrize("count", [0, -1, MOST + 1])
def test_a_count_out_of_range(count):
    with pytest.raises(UsageError, match=r"a sheet can't have .* questions; it has 1 to 1,000"):
        make_sheet([ADAM], [1], count, 1)


def test_a_space_that_is_too_small_is_said(monkeypatch):
    few = make_sheet([ADAM], [1], 3, 1, verify=False).questions
    monkeypatch.setattr("quizgen.draw.stream", lambda entry, level, seed: iter(few * 1000))
    with pytest.raises(DrawError, match="only 3 different questions to be had here, and 4 were asked for"):
        make_sheet([ADAM], [1], 4, 1, verify=False)


def test_one_family_that_runs_dry_leaves_the_rest_to_the_others(monkeypatch):
    from quizgen.draw import stream

    few = make_sheet([SIZE], [1], 2, 1, verify=False).questions
    monkeypatch.setattr(
        "quizgen.draw.stream", lambda e, level, s: iter(few * 1000) if e is SIZE else stream(e, level, s)
    )
    counted = Counter(question.family for question in make_sheet([ADAM, SIZE], [1], 10, 1, verify=False).questions)
    assert counted == {"conv.output-size": 2, "optim.adam": 8}


def test_a_sheet_is_checked_and_tells_how_far_it_is():
    told = []
    sheet = make_sheet([ADAM, SIZE], [1], 6, 2, title="T", command="c", progress=lambda *step: told.append(step))
    assert all(
        question.provenance and question.provenance.agreed == len(question.parts) for question in sheet.questions
    )
    assert told[:6] == [("drawing", i, 6) for i in range(1, 7)]
    assert told[6][0] == "checking"
    assert told[-1] == ("checking", 6, 6)
    assert sheet.points == sum(question.points for question in sheet.questions)


def test_json_holds_the_questions_in_full():
    sheet = make_sheet([ADAM], [1], 2, 2, title="T", solutions="after", choices=True, command="c")
    data = sheet.to_json()
    assert {key: data[key] for key in ("title", "command", "solutions", "choices")} == {
        "title": "T", "command": "c", "solutions": "after", "choices": True,
    }  # fmt: skip
    assert [question["code"] for question in data["questions"]] == [question.code for question in sheet.questions]

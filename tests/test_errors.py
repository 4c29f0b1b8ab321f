"""Messages are one printable line, names get their nearest neighbours, and exit codes follow the tree."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen import errors
from quizgen.errors import (
    Disagreement,
    QuizgenError,
    UnknownFamily,
    UnknownLevel,
    Unreadable,
    UsageError,
    did_you_mean,
    shown,
)

CLASSES = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, QuizgenError)]


@given(st.text())
def test_a_message_is_always_one_short_printable_line(text: str) -> None:
    message = str(QuizgenError(f"cannot read {text} here"))
    assert message.isprintable()
    assert len(message) <= errors.MESSAGE_LIMIT


def test_line_breaks_and_invisible_marks_are_escaped() -> None:
    assert str(QuizgenError("a\nb\x00c\u202ed\ud800")) == r"a\nb\x00c\u202ed\ud800"


def test_a_long_run_and_a_long_message_lose_their_middle() -> None:
    run = str(QuizgenError(f"before {'y' * 5000} after"))
    assert run.startswith("before yyy")
    assert "…" in run
    assert len(run) < 300
    assert len(str(QuizgenError("word " * 10**6))) == errors.MESSAGE_LIMIT


def test_shown_quotes_and_shortens() -> None:
    assert shown("1..2") == "'1..2'"
    assert shown(3) == "3"
    assert shown("9" * 1_000_000, 9) == "'99999…999' (1,000,000 characters)"


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_exit_code_is_2_for_usage_and_1_for_failure(cls: type[QuizgenError]) -> None:
    assert cls.exit_code == (2 if issubclass(cls, UsageError) else 1)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_the_tree_at_the_top_of_the_file_is_the_tree(cls: type[QuizgenError]) -> None:
    depth = len(cls.__mro__) - len(QuizgenError.__mro__)
    line = next(line for line in (errors.__doc__ or "").splitlines() if f" {cls.__name__} " in f"{line} ")
    assert line.index(cls.__name__) == 4 + 4 * depth
    assert cls.__name__ in errors.__all__


def test_errors_survive_pickling_with_what_they_carry() -> None:
    first = pickle.loads(pickle.dumps(Disagreement("x\ny", code="optim.adam/2/k7q3m9", part=1)))
    assert (str(first), first.code, first.part) == (r"x\ny", "optim.adam/2/k7q3m9", 1)
    assert pickle.loads(pickle.dumps(Unreadable("no", position=3))).position == 3


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("optim.adma", " (did you mean 'optim.adam'?)"),
        ("adam", " (did you mean 'optim.adam'?)"),
        ("Optim.Adam", " (did you mean 'optim.adam'?)"),
        ("conv.outputsize", " (did you mean 'conv.output-size'?)"),
        ("zebra", ""),
        ("", ""),
        ("x" * 10**6, ""),
    ],
)
def test_did_you_mean(name: str, expected: str) -> None:
    assert did_you_mean(name, ["optim.adam", "conv.output-size", "loss.softmax"]) == expected


def test_unknown_names_say_what_there_is() -> None:
    assert (
        str(UnknownFamily.among("adamm", ["optim.adam", "loss.softmax"], "'quizgen list' shows them all"))
        == "there is no family or topic 'adamm' (did you mean 'optim.adam'?); 'quizgen list' shows them all"
    )
    assert str(UnknownLevel.among(7, ["1", "2", "3"])) == "there is no level '7'; there are 1, 2, 3"

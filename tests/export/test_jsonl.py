"""JSON lines: each is a whole question, and what it accepts decides as quizgen does."""

import json
from fractions import Fraction
from typing import Any

import pytest
from flint import fmpq

from exported import FORMULA, HOSTILE, PLAIN, THIRD, drawn, exam, hostile, numbers, placed
from quizgen.export import Exported, export, jsonl, problems
from quizgen.question import Question


def lines(*questions: Exported, choices: bool = False, title: str = "An exam") -> list[dict[str, Any]]:
    return [json.loads(line) for line in jsonl.write(questions, title, choices).decode("ascii").splitlines()]


def flat(accepted: Any) -> list[tuple[Fraction, Fraction]]:
    """Centres and tolerances in reading order."""
    if isinstance(accepted, dict):
        return [(Fraction(accepted["centre"]), Fraction(accepted["tolerance"]))]
    return [pair for each in accepted for pair in flat(each)]


def accepts(accepted: Any, shown: str) -> bool:
    """Whether an answer as it is shown is accepted: its numbers one by one, exactly."""
    typed, wanted = [Fraction(n) for n in numbers(shown)], flat(accepted)
    return len(typed) == len(wanted) and all(abs(x - c) <= t for x, (c, t) in zip(typed, wanted, strict=True))


def test_every_right_answer_is_right_and_every_named_mistake_wrong() -> None:
    wrong = 0
    for line in lines(*exam()):
        for part in line["parts"]:
            if "options" in part:
                assert part["accepted"]["options"] == part["right"] or part["kind"]["kind"] == "choice"
                continue
            assert accepts(part["accepted"], part["text"])
            for mistake in part["mistakes"]:
                assert not accepts(part["accepted"], mistake["text"])
                assert accepts(mistake["accepted"], mistake["text"])
                wrong += 1
    assert wrong > 250


def test_a_line_is_read_back_as_the_question() -> None:
    questions = exam()
    for exported, line in zip(questions, lines(*questions), strict=True):
        if "\ud800" in exported.question.title:  # half a character, which no record may hold
            continue
        assert Question.from_json(line) == exported.question
        assert line["key"] == exported.key


def test_what_stands_in_a_line() -> None:
    question = drawn()[-1]
    (line,) = lines(Exported(question, (fmpq(5, 4),) * len(question.parts), "q7"))
    assert (line["exam"], line["key"], line["variant"], line["code"]) == ("An exam", "q7", 1, question.code)
    assert [part["worth"] for part in line["parts"]] == ["1.25"] * len(question.parts)
    assert line["parameters"]
    assert line["statement"] == question.statement
    assert [one["text"] for one in line["lines"]] == [step.text for step in question.solution]
    assert [one["latex"] for one in line["lines"]] == [list(step.latex) for step in question.solution]
    assert any("unfolded" in one for one in lines(*placed(drawn()[:1]))[0]["lines"])


def test_fractions_stay_fractions_and_formulas_formulas() -> None:
    third, formula = lines(*placed([THIRD, FORMULA]))
    assert third["parts"][0]["accepted"] == {"centre": "1/3", "tolerance": "0"}
    assert formula["parts"][0]["accepted"] == {"formula": "2*w*x"}
    assert problems(placed([THIRD, FORMULA, *PLAIN.values()]), "jsonl") == []


def test_options_where_they_are_asked_for() -> None:
    typed, asked = lines(*placed([PLAIN["integer"]])), lines(*placed([PLAIN["integer"]]), choices=True)
    assert "options" not in typed[0]["parts"][0]
    part = asked[0]["parts"][0]
    assert sorted(part["options"]) == ["$54$", "$55$", "$56$"]
    assert [part["options"][n] for n in part["right"]] == ["$55$"]
    assert lines(*placed([PLAIN["either"]]))[0]["parts"][0]["right"] == [0, 2]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_what_it_is(text: str) -> None:
    (line,) = lines(*placed([hostile(text)]), title=text)
    assert line["title"] == line["exam"] == text


def test_lines_are_written_one_by_one(tmp_path: Any) -> None:
    questions = placed(drawn()[:5])
    stream = jsonl.pieces(questions, "An exam")
    assert json.loads(next(stream))["key"] == "q1"
    export(questions, "jsonl", tmp_path / "exam.jsonl", title="An exam")
    assert (tmp_path / "exam.jsonl").read_bytes() == jsonl.write(questions, "An exam")
    first, second = drawn()[-2:]
    variants = lines(Exported(first, (fmpq(1),) * len(first.parts), "q1", (second,)))
    assert [(line["key"], line["variant"], line["code"]) for line in variants] == [
        ("q1", 1, first.code),
        ("q1", 2, second.code),
    ]

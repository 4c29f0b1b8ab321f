"""PrairieLearn questions, run as its documentation says."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from flint import fmpq

from exported import FORMULA, HOSTILE, PLAIN, THIRD, drawn, exam, hostile, placed, written
from prairielearn_course import Question
from quizgen.answers import Choices, Expression, Integer, Number
from quizgen.errors import Unavailable
from quizgen.export import Exported, export, notes, prairielearn, problems
from quizgen.export.html import clean, right_options
from quizgen.question import QuestionPart

NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:/[0-9]+)?")


def course(folder: Path, *questions: Exported, **options: Any) -> list[Path]:
    """The folders of questions, in order."""
    files = prairielearn.write(questions, "An exam", **options)
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return [folder / name for name in dict.fromkeys(name.partition("/")[0] for name in files)]


def generated(path: Path, seed: int = 1) -> Question:
    question = Question(path)
    question.generate(seed)
    return question


def alone(folder: Path, name: str) -> Question:
    (path,) = course(folder, *placed([PLAIN[name]]))
    return generated(path)


def fields(question: Question, number: int) -> list[Any]:
    name = re.compile(rf"part{number}(?:_\d+)?")
    return [element for element in question.elements() if name.fullmatch(element.get("answers-name"))]


def typed(question: Question, number: int, shown: str) -> dict[str, Any]:
    """An answer as it is shown, typed into the fields of a part; nothing where it doesn't fit."""
    places = fields(question, number)
    if places[0].tag == "pl-symbolic-input":
        return {places[0].get("answers-name"): shown}
    values = NUMBER.findall(shown)
    names = [place.get("answers-name") for place in places]
    return dict(zip(names, values, strict=True)) if len(names) == len(values) else {}


def key(element: Any, text: str) -> str:
    """The key under which an option stands."""
    texts = ["".join(each.itertext()) for each in Question.answers(element)]
    return chr(97 + texts.index(text))


def chosen(question: Question, part: QuestionPart, number: int, options: Any) -> dict[str, Any]:
    (element,) = fields(question, number)
    shown = ["".join(each.itertext()) for each in element.findall("pl-answer")]
    keys = [key(element, shown[n]) for n in sorted(options)]
    return {element.get("answers-name"): keys if element.tag == "pl-checkbox" else keys[0]}


def is_choice(question: Question, number: int) -> bool:
    return fields(question, number)[0].tag in ("pl-multiple-choice", "pl-checkbox")


def right_answers(question: Question, parts: tuple[QuestionPart, ...]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for number, part in enumerate(parts, 1):
        if is_choice(question, number):
            several = part.kind.name == "choices"
            given |= chosen(question, part, number, part.correct if several else sorted(right_options(part))[:1])
        else:
            given |= typed(question, number, part.answer)
    return given


def keeps_the_law(question: Question, parts: tuple[QuestionPart, ...]) -> int:
    right = right_answers(question, parts)
    graded = question.grade(right)
    assert graded["score"] == pytest.approx(1)
    assert question.told(graded) == ""
    assert question.grade({})["score"] == 0
    tried = 0
    for number, part in enumerate(parts, 1):
        slips: list[tuple[Mapping[str, Any], str]] = []
        if is_choice(question, number):
            wrong = set(range(len(part.options))) - right_options(part)
            slips = [(chosen(question, part, number, {n}), "") for n in wrong]
        else:
            for other in part.also:
                assert question.grade(right | typed(question, number, part.kind.show(other)))["score"] == 1
            names = [" ".join(clean(mistake.name).split()) for mistake in part.mistakes]
            values = [typed(question, number, mistake.value) for mistake in part.mistakes]
            slips = [(value, name) for value, name in zip(values, names, strict=True) if value]
        for slip, name in slips:
            graded = question.grade(right | dict(slip))
            assert graded["score"] < 1 - 1e-9
            if fields(question, number)[0].tag != "pl-symbolic-input":
                assert name.lower() in question.told(graded).lower()
            tried += 1
    return tried


@pytest.mark.parametrize("choices", [False, True], ids=["typed", "choices"])
def test_every_right_answer_is_right_and_every_named_mistake_wrong(tmp_path: Path, choices: bool) -> None:
    questions = placed([*drawn()[::2], *PLAIN.values(), THIRD, FORMULA, *map(hostile, HOSTILE[:2])])
    assert problems(questions, "prairielearn", choices) == []
    tried = 0
    for exported, path in zip(questions, course(tmp_path, *questions, choices=choices), strict=True):
        tried += keeps_the_law(generated(path), exported.question.parts)
    assert tried > 130


def test_the_derived_tolerance_is_accepted_to_its_ends(tmp_path: Path) -> None:
    tried = 0
    for exported in exam():
        parts = [part for part in exported.question.parts if part.kind.name == "number" and part.tolerance != 0]
        if not parts or tried == 12:
            continue
        (path,) = course(tmp_path / str(tried), exported)
        question, part = generated(path), parts[0]
        (place,) = typed(question, part.index + 1, part.answer)
        for sign in (-1, 1):
            end = part.target.centre + sign * part.target.tolerance
            beyond = part.target.centre + sign * part.target.tolerance * fmpq(1001, 1000)
            assert question.grade({place: part.kind.show(end)})["partial_scores"][place]["score"] == 1
            text = str(int(beyond.p) / int(beyond.q))
            assert question.grade({place: text})["partial_scores"][place]["score"] == 0
        tried += 1
    assert tried == 12


def test_parts_and_entries_weigh_what_they_are_worth(tmp_path: Path) -> None:
    question = next(each for each in drawn() if each.family == "optim.adam")
    (path,) = course(tmp_path, Exported(question, (fmpq(1), fmpq(1, 2), fmpq(5, 2)), "q1"))
    asked = generated(path)
    assert [int(element.get("weight")) for element in asked.elements()] == [2, 1, 5]
    right = right_answers(asked, question.parts)
    assert asked.grade(right | {"part3": "77"})["score"] == pytest.approx(3 / 8)
    table = alone(tmp_path / "table", "table")
    full = typed(table, 1, PLAIN["table"].parts[0].answer)
    assert table.grade(full | {"part1_4": "449"})["score"] == pytest.approx(5 / 6)
    assert table.grade(full | {"part1_1": "17"})["score"] == pytest.approx(17 / 18)


def test_tolerances_are_always_set(tmp_path: Path) -> None:
    near = {}
    for name in ("negative", "rounded", "zero"):
        (element,) = alone(tmp_path / name, name).elements()
        near[name] = (element.tag, element.get("comparison"), element.get("rtol"), element.get("atol"))
    assert near == {
        "negative": ("pl-number-input", "relabs", "0", "0"),
        "rounded": ("pl-number-input", "relabs", "0", "0.0001"),
        "zero": ("pl-number-input", "relabs", "0", "0.001"),
    }
    (whole,) = alone(tmp_path / "whole", "integer").elements()
    assert whole.tag == "pl-integer-input"
    assert {element.tag for element in alone(tmp_path / "matrix", "matrix").elements()} == {"pl-number-input"}


def test_a_fraction_is_read(tmp_path: Path) -> None:
    (path,) = course(tmp_path, *placed([THIRD]))
    question = generated(path)
    worth = {text: question.grade({"part1": text})["score"] for text in ("1/3", "2/6", "0.333", "0.3333333333333333")}
    assert worth == {"1/3": 1, "2/6": 1, "0.333": 0, "0.3333333333333333": 1}


def test_a_blank_or_nonsense_loses_nothing_else(tmp_path: Path) -> None:
    question = alone(tmp_path, "vector")
    assert question.grade({"part1_1": "0.25", "part1_2": ""})["score"] == 0.5
    assert question.grade({"part1_1": "0.25", "part1_2": "many"})["format_errors"] == {"part1_2": "invalid"}


def test_what_is_told_is_told_once_and_only_for_what_is_wrong(tmp_path: Path) -> None:
    question = alone(tmp_path, "integer")
    assert [question.told(question.grade({"part1": text})) for text in ("54", "56", "57", "55", "")] == [
        "No +1. Add 1.",
        "Twice. Add it once.",
        "",
        "",
        "",
    ]
    matrix = alone(tmp_path / "matrix", "matrix")
    told = matrix.told(matrix.grade(typed(matrix, 1, "2 -1 0 7")))
    assert told == "Flipped. It isn't flipped."
    choice = alone(tmp_path / "choice", "choice")
    assert choice.told(choice.grade({"part1": "a"})) == "First. No."


def test_numbers_that_travelled_as_objects_are_read(tmp_path: Path) -> None:
    """`pl.to_json` may have made an object of a number of numpy."""
    server = alone(tmp_path, "integer").server
    assert server["number"]({"_type": "np_scalar", "_value": "54"}) == 54
    assert [server["number"](x) for x in (None, "", "x", [], "1e3")] == [None, None, None, None, 1000]


def test_the_info_has_what_is_required(tmp_path: Path) -> None:
    questions = exam()
    paths = course(tmp_path, *questions)
    infos = [json.loads((path / "info.json").read_text(encoding="utf-8")) for path in paths]
    assert len({info["uuid"] for info in infos}) == len(infos)
    for info in infos:
        assert str(uuid.UUID(info["uuid"])) == info["uuid"]
        assert info["type"] == "v3"
        assert info["title"].strip()
        assert info["topic"].strip()
        assert info["singleVariant"] is True
    assert infos[0]["topic"] == drawn()[0].family.partition(".")[0]
    assert all(re.fullmatch("[a-z0-9-]+", path.name) for path in paths)


def test_the_uuid_is_that_of_the_code() -> None:
    def names(*questions: Exported, title: str = "An exam") -> list[str]:
        files = prairielearn.write(questions, title)
        return [json.loads(data)["uuid"] for name, data in files.items() if name.endswith("info.json")]

    one = Exported(drawn()[0], (fmpq(1),) * len(drawn()[0].parts), "q1")
    again = Exported(drawn()[0], (fmpq(3),) * len(drawn()[0].parts), "first")
    assert names(one) == names(again, title="Another")
    assert len(set(names(one, again))) == 2
    hand = Exported(PLAIN["integer"], (fmpq(1),), "q1")
    assert names(hand) != names(hand, title="Another")


def variants(count: int = 4) -> Exported:
    from quizgen import family as families
    from quizgen.code import make
    from quizgen.draw import draw

    entry = families.find("conv.output-size")
    first, *others = (draw(make(entry, 1, f"pl{n}")) for n in range(count))
    return Exported(first, (fmpq(2),) * len(first.parts), "q1", tuple(others))


def test_without_quizgen_the_variants_in_the_folder_are_drawn(tmp_path: Path) -> None:
    exported = variants()
    (path,) = course(tmp_path, exported)
    assert json.loads((path / "info.json").read_text())["singleVariant"] is False
    codes = {}
    for seed in (0, 1, 2, 3, 4, 2**32 - 1):
        question = generated(path, seed)
        codes[seed] = question.data["params"]["code"]
        asked = next(each for each in exported.every if each.code == codes[seed])
        assert keeps_the_law(question, asked.parts) > 0
    assert set(codes.values()) == {each.code for each in exported.every}
    assert codes[0] == codes[4]


def test_with_quizgen_and_pytorch_a_fresh_variant_is_drawn_and_checked(tmp_path: Path) -> None:
    from quizgen.code import parse
    from quizgen.draw import draw

    exported = variants(2)
    (path,) = course(tmp_path, exported)
    seen = set()
    for seed in (7, 8):
        question = Question(path, {"quizgen": True})
        question.generate(seed)
        code = question.data["params"]["code"]
        assert keeps_the_law(question, draw(parse(code)).parts) > 0
        seen.add(code)
    assert len(seen) == 2
    assert not seen & {each.code for each in exported.every}


def test_where_pytorch_is_missing_nothing_unchecked_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_: object) -> object:
        raise Unavailable("PyTorch is not installed")

    monkeypatch.setattr("quizgen.verify.verified", unavailable)
    exported = variants(2)
    (path,) = course(tmp_path, exported)
    question = Question(path, {"quizgen": True})
    question.generate(7)
    assert question.data["params"]["code"] == exported.every[1].code


def test_variants_of_several_families_are_never_drawn_afresh() -> None:
    (first, *_), (other, *_) = (
        [q for q in drawn() if q.family == name] for name in ("conv.output-size", "loss.softmax")
    )
    exported = Exported(first, (fmpq(1),), "q1", (other,))
    files = prairielearn.write([exported], "An exam")
    assert json.loads(files["question-q1/variants.json"])["family"] is None


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_texts_are_shown_as_they_are(tmp_path: Path, text: str) -> None:
    exported = Exported(hostile(text), (fmpq(1),) * 3, text)
    (path,) = course(tmp_path, exported)
    question = generated(path)
    said = " ".join(clean(text).split())
    page = question.html()
    assert " ".join(page.text_content().split()).count(said) >= 8
    assert not page.xpath("//script | //*[@onerror] | //iframe")
    assert page.xpath("//img")[0].get("src").startswith("data:image/svg+xml;base64,")
    loose = [
        node
        for node in page.xpath("//text()[contains(., '$')]")
        if not node.getparent().xpath(
            "ancestor-or-self::*[contains(@class, 'mathjax_ignore') or self::pre or self::code]"
        )
    ]
    assert loose == [], "a dollar opens a formula"
    info = json.loads((path / "info.json").read_text(encoding="utf-8"))
    assert info["title"].startswith(said[:60])
    graded = question.grade({"part1": "13"})
    assert said.lower() in question.told(graded).lower()


def test_nothing_is_worked_out_by_a_template(tmp_path: Path) -> None:
    """What stands in the texts is put into the page as it is: no tag of Mustache in it is filled in."""
    question = generated(*course(tmp_path, *placed([hostile("{{params.solution}} {{{correct_answers}}}")])))
    assert "{{params.solution}} {{{correct_answers}}}" in question.html().text_content()
    assert "Answer:" not in question.html().text_content()
    assert "Answer:" in question.html("answer").text_content()


def test_every_question_has_the_same_program() -> None:
    files = prairielearn.write(exam()[:6], "An exam")
    for name in ("server.py", "question.html"):
        assert len({data for path, data in files.items() if path.endswith(name)}) == 1
    program = files["question-q1/server.py"].decode()
    assert not re.search(r"\b(torch|numpy|sympy|eval|exec)\b", program)


def test_the_folder_is_written_whole(tmp_path: Path) -> None:
    target = tmp_path / "questions"
    export(placed([PLAIN["integer"], PLAIN["choice"]]), "prairielearn", target, title="An exam")
    assert sorted(path.name for path in target.iterdir()) == ["question-q1", "question-q2"]
    assert sorted(path.name for path in (target / "question-q1").iterdir()) == [
        "info.json",
        "question.html",
        "server.py",
        "variants.json",
    ]


def test_points_are_said_to_belong_to_the_assessment() -> None:
    questions = [*placed([PLAIN["integer"]], points=3), Exported(PLAIN["shape"], (fmpq(1, 2),), "q2")]
    assert notes(questions, "prairielearn") == [
        "PrairieLearn keeps points in the assessment: set them there: q1 (3) and q2 (0.5)"
    ]


@pytest.mark.parametrize(
    ("question", "why"),
    [
        (written(Integer(), fmpq(2**60), ("off", "No.", fmpq(1))), "is too large for it"),
        (written(Number(), fmpq(1234567890123457, 1000), ("off", "No.", fmpq(1))), "more than the 15 digits"),
        (written(Expression(("x",)), "sigmoid(x)", ("off", "No.", "x")), "sigmoid is not known there"),
        (written(Expression(("pi", "x")), "pi*x", ("off", "No.", "x")), "its variable pi means something else there"),
        (written(Choices(("a", "b")), frozenset(), ("a", "No.", frozenset({0}))), "none of its options is right"),
    ],
)
def test_what_cannot_be_carried_is_said(question: Any, why: str) -> None:
    (said,) = problems(placed([question]), "prairielearn")
    assert said.startswith("q1: PrairieLearn can't carry this ")
    assert why in said

"""Notebooks: valid, run by Jupyter's own client, and right in what they say, with quizgen and without."""

import io
import json
import re
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any

import pytest
from flint import fmpq
from markdown_it import MarkdownIt

from exported import FORMULA, GRAPH, HOSTILE, PLAIN, THIRD, drawn, exam, hostile, placed, right, written
from quizgen.answers import Integer, Vector
from quizgen.export import Exported, jupyter, problems
from quizgen.export.html import clean
from quizgen.export.places import balanced
from quizgen.question import QuestionPart

Check = Callable[..., str]


def notebook(*questions: Exported, choices: bool = False, title: str = "An exam") -> dict[str, Any]:
    return json.loads(jupyter.write(questions, title, choices))  # type: ignore[no-any-return]


def sources(made: dict[str, Any]) -> dict[str, str]:
    return {cell["id"]: "".join(cell["source"]) for cell in made["cells"]}


def checker(questions: list[Exported], with_quizgen: bool, choices: bool = False) -> Check:
    """The notebook's `check`, which gives what it prints."""
    names: dict[str, Any] = {}
    exec(sources(notebook(*questions, choices=choices))["check"], names)
    assert names["quizgen"] is not None
    if not with_quizgen:
        names["quizgen"] = None

    def check(key: str, *answers: str) -> str:
        said = io.StringIO()
        with redirect_stdout(said):
            names["check"](key, *answers)
        return said.getvalue()

    return check


def alone(part: QuestionPart, parts: int, text: str) -> list[str]:
    return [text if at == part.index else "" for at in range(parts)]


def shown(part: QuestionPart) -> str:
    """The answer as it is shown; of several right options the first."""
    return part.answer[:1] if part.kind.name == "choice" else part.answer


def few() -> list[Exported]:
    """One question of every family and level, and those written by hand."""
    return placed([*drawn()[::2], *PLAIN.values(), *map(hostile, HOSTILE)])


@pytest.mark.parametrize("with_quizgen", [True, False], ids=["quizgen", "by hand"])
def test_every_right_answer_is_right_and_every_named_mistake_wrong(with_quizgen: bool) -> None:
    questions = few()
    check = checker(questions, with_quizgen)
    wrong = 0
    for exported in questions:
        parts = exported.question.parts
        said = check(exported.key, *map(shown, parts)).splitlines()
        assert said[-1] == f"{2 * len(parts)} of {2 * len(parts)} points", said
        assert [line.removeprefix(f"({name}) ") for line, name in zip(said, "abcdefgh", strict=False)][:-1] == [
            "right" for _ in parts
        ]
        for part in parts:
            for other in part.also:
                assert "\n2 of " in check(exported.key, *alone(part, len(parts), part.kind.show(other)))
            for mistake in part.mistakes:
                said_of = check(exported.key, *alone(part, len(parts), mistake.value))
                assert f"\n{2 * len(parts)} of" not in said_of
                assert not re.search(r"^(\([a-z]\) )?right$", said_of, re.MULTILINE), (mistake, said_of)
                assert mistake.name in said_of
                wrong += 1
    assert wrong > 150


@pytest.mark.parametrize("with_quizgen", [True, False], ids=["quizgen", "by hand"])
def test_choices(with_quizgen: bool) -> None:
    questions = balanced(placed([*drawn()[::6], *PLAIN.values()]), "jupyter", choices=True)
    check = checker(questions, with_quizgen, choices=True)
    for exported in questions:
        parts = exported.question.parts
        for part in parts:
            if part.kind.name in ("table", "choices") or len(part.options) < 2:
                continue
            for n in range(len(part.options)):
                said = check(exported.key, *alone(part, len(parts), "abcd"[n]))
                assert (f"\n2 of {2 * len(parts)} points" in said) == (n in right(part)), said


def test_both_ways_of_marking_give_the_same_points() -> None:
    questions = placed(PLAIN.values())
    by_quizgen, by_hand = checker(questions, True), checker(questions, False)
    typed = {
        "shape": ["64x32x3", "64, 32, 3", "[64 32 3]", "torch.Size([64, 32, 3])", "(64, 32)", "64 × 32 × 3"],
        "vector": ["0.25 -1.5", "[0.25, -1.51]", "(1/4; -3/2)", "0.25, 1.5", "0.25"],
        "matrix": ["7 0; -1 2", "[[7, 0], [-1, 2]]", "7, 0\n-1, 3", "(7 0) (−1 2)", "[7, 0]", "7 -1; 0 2"],
        "table": ["(16, 32, 32) | 448 | 1/2\n| 16x16x16 | 0 | |", "16 32 32 | 448 | 0.5; 16 16 16 | 1 | 0.25"],
        "choices": ["a c d", "A, C, D", "acd", "a", "b", "none", "a, b, c, d"],
        "rounded": ["0.9", "9/10", "9e-1", ".90001", "+0.9", "−0.9"],
        "choice": ["b", "B", "(b)", "c"],
        "side": ["7", "(7,)", "[7]", "8"],
    }
    keys = dict(zip(PLAIN, questions, strict=True))
    for name, texts in typed.items():
        for text in texts:
            ours = by_quizgen(keys[name].key, text).splitlines()[-1]
            theirs = by_hand(keys[name].key, text).splitlines()[-1]
            assert ours == theirs or (name, text) == ("choices", "acd"), (name, text, ours, theirs)


def test_what_cannot_be_read_is_no_attempt() -> None:
    questions = placed([PLAIN["integer"], PLAIN["matrix"], PLAIN["table"], FORMULA])
    for with_quizgen in (True, False):
        check = checker(questions, with_quizgen)
        for key in ("q1", "q2", "q3", "q4"):
            for text in ("x!", "1 |", "__import__('os').system('x')", "1/0", "9" * 400 + "e" + "9" * 9, "(((("):
                said = check(key, text)
                assert said.splitlines()[-1] == "0 of 2 points", (text, said)
    assert "to have a formula checked, install quizgen" in checker(questions, False)("q4", "w*x")
    assert "right" in checker(questions, True)("q4", "2 w * x".replace(" w", "*w"))


def test_marks_are_carried_forward_through_quizgen() -> None:
    question = next(each for each in drawn() if each.code == "net.parameter-count/1/k7q3m9")
    weights, biases, every = (int(part.answer) for part in question.parts)
    assert every == weights + biases
    answers = [str(weights + 1), str(biases), str(every + 1)]
    by_quizgen = checker(placed([question]), True)("q1", *answers)
    assert by_quizgen.splitlines()[1:] == [
        "(b) right",
        "(c) Right, carried forward from your earlier answer.",
        "4 of 6 points",
    ]
    assert checker(placed([question]), False)("q1", *answers).splitlines()[-1] == "2 of 6 points"


@pytest.mark.parametrize("with_quizgen", [True, False], ids=["quizgen", "by hand"])
def test_the_notebook_is_valid_and_runs_in_a_kernel(with_quizgen: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed (pip install nbformat)")
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed (pip install nbclient)")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed (pip install ipykernel)")
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    questions = placed([*drawn()[:60:12], PLAIN["table"], PLAIN["choices"], hostile(HOSTILE[4])])
    read = nbformat.reads(jupyter.write(questions, HOSTILE[0]).decode(), as_version=4)
    nbformat.validate(read)
    cells = {cell.id: cell for cell in read.cells}
    for number, exported in enumerate(questions, 1):
        cell = cells[f"q{number}-answer"]
        for part in exported.question.parts:
            cell.source = cell.source.replace('    "",', f"    {json.dumps(part.answer)},", 1)
    if not with_quizgen:
        read.cells.insert(0, nbformat.v4.new_code_cell('import sys\nsys.modules["quizgen"] = None'))
    nbclient.NotebookClient(read, timeout=120, kernel_name="python3").execute()
    for number, exported in enumerate(questions, 1):
        (output,) = cells[f"q{number}-answer"].outputs
        points = 2 * len(exported.question.parts)
        assert output.text.endswith(f"{points} of {points} points\n"), output.text
    assert cells["check"].outputs == []


def test_no_answer_lies_open() -> None:
    secret = written(Vector(), (fmpq(31337), fmpq(-271828)), ("slip", "Look again.", (fmpq(1), fmpq(161803))))
    text = jupyter.write(placed([secret]), "An exam").decode()
    assert not re.search("31337|271828|161803|Look again|slip", text)
    cells = {cell["id"]: cell for cell in notebook(*placed([secret]))["cells"]}
    assert cells["check"]["metadata"]["jupyter"] == {"source_hidden": True}
    assert cells["check"]["metadata"]["cellView"] == "form", "so it is folded away in Colab"
    assert "".join(cells["check"]["source"]).startswith("# @title ")


def test_what_a_question_looks_like() -> None:
    exported = Exported(PLAIN["table"], (fmpq(5, 4),), 'q"7')
    found = sources(notebook(exported))
    assert found["q1"].startswith("## 1. By hand\n\n<sub>1.25 points</sub>\n\nA question.\n\nHow many?")
    assert "|  | shape | parameters | share |" in found["q1"]
    assert found["q1-answer"].splitlines()[:2] == ["check(", '    "q\\"7",']
    assert found["q1-answer"].splitlines()[2].startswith('    "",  # one row a line, shape | parameters | share (')
    drawing = written(Integer(), fmpq(1), statement="![a graph](figure:graph)", figures={"graph": GRAPH})
    (cell,) = [cell for cell in notebook(*placed([drawing]))["cells"] if cell["id"] == "q1"]
    assert list(cell["attachments"]) == ["graph.svg"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(text: str) -> None:
    made = notebook(*placed([hostile(text)]), title=text)
    found = sources(made)
    compile(found["check"], "check", "exec")
    compile(found["q1-answer"], "answer", "exec")
    assert "<script" not in MarkdownIt("commonmark").enable("table").render(found["q1"])
    said = checker(placed([hostile(text)]), False)("q1", "13", "", "")
    assert clean(text)[:10] in said


def test_variants_and_problems() -> None:
    first, second = drawn()[-2:]
    made = notebook(Exported(first, (fmpq(1),) * len(first.parts), "q1", (second,)))
    calls = [source.splitlines()[1] for name, source in sources(made).items() if name.endswith("-answer")]
    assert calls == ['    "q1-1",', '    "q1-2",']
    assert problems(placed([*PLAIN.values(), FORMULA, THIRD]), "jupyter") == []


def test_the_same_exam_gives_the_same_bytes() -> None:
    assert jupyter.write(exam(), "An exam") == jupyter.write(exam(), "An exam")

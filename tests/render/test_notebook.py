"""Notebooks: the format, what is in the cells, and that the cells do what they say."""

import base64
import json
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from quizgen.figures import ComputationGraph, Edge, Node
from quizgen.render.notebook import document
from quizgen.text import escape
from standins import ADAM, NASTY, SHEET, SIZE, Part, Question, Sheet

GRAPH = ComputationGraph((Node("x", "x", kind="input"), Node("f", "x^2", kind="output")), (Edge("x", "f"),))


def cells(sheet: Any) -> dict[str, dict[str, Any]]:
    read = json.loads(document(sheet))["cells"]
    assert len({cell["id"] for cell in read}) == len(read)
    return {cell["id"]: cell | {"source": "".join(cell["source"])} for cell in read}


@pytest.mark.parametrize("mode", ["none", "after", "separate"])
@pytest.mark.parametrize("title", ["A sheet", NASTY])
def test_it_is_a_notebook(mode: str, title: str) -> None:
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed (pip install nbformat)")
    drawn = replace(SIZE, statement="![a graph](figure:graph)", figures={"graph": GRAPH})
    text = document(replace(SHEET, solutions=mode, title=title, questions=(*SHEET.questions, drawn)))
    nbformat.validate(nbformat.reads(text, as_version=4))
    assert json.loads(text)["nbformat"] == 4


def test_the_same_sheet_gives_the_same_text() -> None:
    assert document(SHEET) == document(replace(SHEET))


def test_statements_and_answers() -> None:
    found = cells(SHEET)
    assert found["import"]["source"] == "import quizgen"
    assert found["q1"]["source"].startswith("## 1. One step of Adam\n\n<sub>`optim.adam/2/k7q3m9` · 6 points</sub>")
    assert "\\frac{\\hat{m}_t}{\\sqrt{\\hat{v}_t} + \\epsilon}.\n$$" in found["q1"]["source"]
    assert found["q1-b"]["source"].startswith("**(b)** What is the parameter $\\theta_1$")
    assert found["q1-b-answer"]["source"] == (
        '# (b) an exact number, such as 0.75, 3/4 or 1.5e-3\nquizgen.check("optim.adam/2/k7q3m9", "", part=2)'
    )
    assert found["q2-a-answer"]["source"].endswith('quizgen.check("conv.output-size/1/a2b4c6", "")')
    assert not any("solution" in name or "program" in name for name in found)


def test_solutions_are_folded_away_or_at_the_end() -> None:
    after, separate = cells(replace(SHEET, solutions="after")), cells(replace(SHEET, solutions="separate"))
    assert after["q1-solution"]["source"].startswith("<details>\n<summary>Solution</summary>\n\n**Answer:** (a) $0.05$")
    assert after["q1-solution"]["metadata"]["tags"] == ["solution"]
    assert after["q1-program"]["metadata"] == {"tags": ["solution"], "jupyter": {"source_hidden": True}}
    assert list(after).index("q1-program") < list(after).index("q2")
    assert separate["q1-solution"]["source"].startswith("## 1. One step of Adam\n\n**Answer:**")
    assert "jupyter" not in separate["q1-program"]["metadata"]
    assert list(separate).index("q1-solution") > list(separate).index("q4-b-answer")
    compile(after["q1-program"]["source"], "cell", "exec")
    assert after["q1-program"]["source"] == "# The same in PyTorch\n" + ADAM.program


def test_pictures_are_attached() -> None:
    question = replace(SIZE, statement=r"![a \[graph\]](figure:graph)", figures={"graph": GRAPH})
    cell = cells(Sheet("x", (question,)))["q1"]
    assert "](attachment:graph.svg)" in cell["source"]
    picture = base64.b64decode(cell["attachments"]["graph.svg"]["image/svg+xml"])
    root = ET.fromstring(picture)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("color") == "#1a1a1a"  # on a dark page, too, the picture is dark on white
    assert root.find("{http://www.w3.org/2000/svg}rect[@fill='#ffffff']") is not None


def test_a_question_without_a_code_has_no_cell_to_check_it() -> None:
    found = cells(Sheet("x", (replace(SIZE, code=""),)))
    assert list(found) == ["title", "q1"]


def test_text_from_outside_is_text() -> None:
    question = Question(NASTY, NASTY, escape(NASTY), (Part(escape(NASTY)),))
    text = document(Sheet(NASTY, (question,), "after", command=NASTY))
    for cell in json.loads(text)["cells"]:
        source = "".join(cell["source"])
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", source)
        if cell["cell_type"] == "code" and cell["id"] != "import":
            namespace = {"quizgen": type("Stub", (), {"check": staticmethod(lambda *words, **_: words)})}
            assert eval(source, namespace) == (NASTY, "")  # the code's text is one string, whatever is in it


def test_the_cells_of_a_real_question_check_answers() -> None:
    import quizgen

    question = quizgen.generate("optim.adam", level=1, seed=7, verify=False)
    found = cells(Sheet("x", (question,), "after"))
    namespace: dict[str, Any] = {}
    exec(found["import"]["source"], namespace)
    for at, part in enumerate(question.parts):
        source = found[f"q1-{'abc'[at]}-answer"]["source"]
        assert eval(source.replace('""', json.dumps(part.answer)), namespace).right
        assert not eval(source.replace('""', '"123456"'), namespace).right

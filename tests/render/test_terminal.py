"""The terminal: what it looks like at 80 columns, and that nothing in a text is taken for a command."""

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from quizgen.errors import RenderError
from quizgen.figures import ComputationGraph, Edge, Node
from quizgen.render.terminal import make_console, show, show_question
from quizgen.render.unicode_math import plain, width
from quizgen.text import escape
from standins import ADAM, MATRIX, NASTY, SHEET, SIZE, TABLE, Part, Question, Sheet, Step

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def printed(sheet: Any, columns: int = 80, **options: Any) -> str:
    file = io.StringIO()
    show(sheet, Console(file=file, width=columns, highlight=False, **options))
    return file.getvalue()


def one(question: Any, **options: Any) -> str:
    file = io.StringIO()
    show_question(question, Console(file=file, width=80), **options)
    return file.getvalue()


@pytest.mark.parametrize("columns", [40, 60, 80, 100])
@pytest.mark.parametrize("mode", ["none", "after", "separate"])
def test_no_line_is_wider_than_the_window(columns: int, mode: str) -> None:
    for line in printed(replace(SHEET, solutions=mode, choices=mode == "after"), columns).split("\n"):
        assert width(line) <= columns, line


def test_a_question_at_eighty_columns() -> None:
    assert one(ADAM) == (
        "╭─ One step of Adam ───────────────────────────────────────────────────────────╮\n"
        "│ Adam with bias correction, β₁ = 0.9, β₂ = 0.999, ϵ = 10⁻⁸ and learning rate  │\n"
        "│ α = 0.1 has just started: m₀ = v₀ = 0. The parameter is θ₀ = 1 and its first │\n"
        "│ gradient g₁ = 0.5. It updates by                                             │\n"
        "│                                                                              │\n"
        "│     θₜ = θₜ₋₁ − α m̂ₜ/(√v̂ₜ + ϵ).                                              │\n"
        "│                                                                              │\n"
        "│ (a) What is the first moment m₁?                                    2 points │\n"
        "│     answer: an exact number, such as 0.75, 3/4 or 1.5e-3                     │\n"
        "│                                                                              │\n"
        "│ (b) What is the parameter θ₁ after the step? (4 decimals; ±0.0001   4 points │\n"
        "│     is accepted)                                                             │\n"
        "╰───────────────────────────────────────────── optim.adam/2/k7q3m9 · 6 points ─╯\n"
        "\n"
    )


def test_a_solution_at_eighty_columns() -> None:
    lines = [line.rstrip() for line in one(MATRIX, solution=True).split("\n")]
    assert lines[lines.index("  Solution") :] == [
        "  Solution",
        "  Answer: [[7, 0, 1], [−1, 2, 3]]",
        "  lay the kernel on the top left corner, multiply and add",
        "    Y₀,₀ = 1·1 + 0·(−1) + 0·0 + 3·2 = 7",
        "        ⎡ 1  0  2  1 ⎤",
        "    Y = ⎢ 0  3  1  0 ⎥ ⋆ ⎡ 1  −1 ⎤ = ⎡  7  0  1 ⎤",
        "        ⎣ 2  1  0  1 ⎦   ⎣ 0   2 ⎦   ⎣ −1  2  3 ⎦",
        "",
        "  Common mistakes",
        "  • flipped kernel: [[1, 2, 3], [4, 5, 6]]. Deep learning's convolution lays the",
        "    kernel on as it is.",
        "",
        "  checked: torch 2.13.0 cpu float64, 2 of 2 parts agree, worst relative",
        "  difference 3e-17",
        "",
        "",
    ]


def test_long_lines_of_work_break_before_their_relations() -> None:
    step = Step(("x",), "x = " + " + ".join(["0.125·3.5"] * 5) + " = " + " + ".join(["0.4375"] * 5) + " = 2.1875")
    lines = one(replace(SIZE, solution=(step,)), solution=True).split("\n")
    at = next(at for at, line in enumerate(lines) if line.startswith("    x ="))
    assert lines[at + 1].startswith("      = 0.4375")
    assert lines[at + 1].endswith("= 2.1875")


def test_formulas_in_text_stay_whole() -> None:
    words = "w " * 36
    assert "\n│ x₁ = 0.5 " in one(replace(SIZE, statement=f"{words}$x_1 = 0.5$ and more"))


def test_long_lines_of_code_go_on_further_in() -> None:
    program = "print(" + ", ".join(f"value_{number}" for number in range(12)) + ")"
    lines = [line.rstrip() for line in one(replace(SIZE, program=program), solution=True).split("\n")]
    assert any(line.startswith("  │         value_") for line in lines)
    assert "".join(line[4:] for line in lines if line.startswith("  │ ")).replace(" ", "") == program.replace(" ", "")


def test_options_and_their_letters() -> None:
    text = printed(Sheet("x", (SIZE,), "separate", choices=True))
    assert re.search(r"A 54 .*\n.*B 55 .*\n.*C 56 .*\n.*D 216", text)
    assert "Answer: B 55" in text


def test_a_table_to_fill_in_shows_its_labels() -> None:
    lines = [" ".join(line.strip(" │").split()) for line in one(TABLE).split("\n")]
    at = lines.index("output shape parameters")
    assert lines[at + 2 : at + 4] == ["Conv2d(3, 16)", "MaxPool2d"]


def test_figures_are_drawn() -> None:
    graph = ComputationGraph(
        (Node("x", "x", value="2", kind="input"), Node("f", "x^2", value="4", kind="output")), (Edge("x", "f"),)
    )
    text = one(replace(SIZE, statement="Look:\n\n![a graph](figure:graph)", figures={"graph": graph}))
    assert "x²" in text
    with pytest.raises(RenderError, match=r"^conv\.output-size/1/a2b4c6: .*figure 'other' that the question doesn't"):
        one(replace(SIZE, statement="![a graph](figure:other)", figures={"graph": graph}))


def test_nothing_is_printed_of_a_sheet_with_an_error() -> None:
    file = io.StringIO()
    with pytest.raises(RenderError):
        show(Sheet("x", (ADAM, replace(SIZE, statement="![a](figure:b)"))), Console(file=file))
    assert file.getvalue() == ""


def test_text_from_outside_is_text() -> None:
    question = Question(NASTY, NASTY, escape(NASTY), (Part(escape(NASTY)),), program=NASTY)
    text = printed(Sheet(NASTY, (question,), "after", command=NASTY), 300)
    assert text.count("[b]x[/b] [31mred") == 7
    assert plain(NASTY) in text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    coloured = printed(Sheet(NASTY, (question,), "after"), 300, force_terminal=True, color_system="standard")
    assert "\x1b[31m" not in coloured
    assert "\x07" not in coloured


def test_colour_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    assert "\x1b" not in printed(SHEET)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "36m" in printed(SHEET, force_terminal=True)
    monkeypatch.setenv("NO_COLOR", "1")
    codes = set(ESCAPE.findall(printed(SHEET, force_terminal=True)))
    assert codes <= {f"\x1b[{style}m" for style in ("0", "1", "2", "3", "1;2", "1;3", "2;3")}


def test_the_console_for_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    assert make_console(io.StringIO()).width == 100
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii")
    show(SHEET, make_console(file))
    file.flush()
    assert b"optim.adam/2/k7q3m9" in raw.getvalue()
    assert b"?" in raw.getvalue()

"""What the templates of the site see: words, fields and what these are filled with."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pages import LISTS, MATRIX, NUMBER, TABLE
from quizgen import code as codes
from quizgen import family
from quizgen.answers import Expression, Table
from quizgen.draw import draw
from quizgen.practice.attempt import Attempt
from quizgen.question import Question
from quizgen.render.figures import classed_svg
from quizgen.render.mathml import mathml
from quizgen.web.fields import Fields
from quizgen.web.static_files import files
from quizgen.web.typed import grid, is_complete, is_filled_in, of_part, typed
from quizgen.web.views import Work, asked, reading, topic
from quizgen.wording import sentence
from quizgen_solvers.exact import fmpq

LEVELS = [(entry.name, level) for entry in family.everything().values() for level in entry.levels]
ADAM = "optim.adam/2/k7q3m9"


def question(code: str) -> Question:
    return draw(codes.parse(code))


def by_hand(made: Question) -> Attempt:
    """An attempt at a question of `pages`, whose parts know their places, and nothing follows from them."""
    parts = tuple(replace(part, index=at) for at, part in enumerate(made.parts))
    return Attempt(replace(made, parts=parts, answered_by=((),) * len(parts)))


def work(attempt: Attempt, **sent: object) -> Work:
    return Work(attempt, asked(attempt.question, "q", None, attempt.choices), **sent)  # type: ignore[arg-type]


def answered(attempt: Attempt, *texts: str) -> Attempt:
    """After answers to the part that is to be answered, or in an exam to one part after the other."""
    for at, text in enumerate(texts, 1):
        assert attempt.part is not None
        attempt = attempt.with_(attempt.answer(text, at if attempt.exam else attempt.part, at))
    return attempt


# --- words ------------------------------------------------------------------------------------------------------------


def test_reasons_are_sentences() -> None:
    assert sentence("7 isn't right") == "7 isn’t right."
    assert sentence("cannot read '1..2' as a number") == "Cannot read '1..2' as a number."
    assert sentence("Right.") == "Right."
    assert (topic("conv"), topic("tuning")) == ("Convolution", "Tuning")


def test_an_answer_is_read_as_it_was_typed_whatever_it_is_to_be_rounded_to() -> None:
    part = NUMBER.parts[0]  # to 4 decimals
    assert "<mn>0.123456</mn>" in reading(part, "0.123456")
    assert "<mfrac><mn>1</mn><mn>3</mn></mfrac>" in reading(part, "1/3")


# --- what a question shows before it is answered ----------------------------------------------------------------------


@pytest.mark.parametrize(("name", "level"), LEVELS)
def test_nothing_in_a_question_needs_a_style_of_its_own(name: str, level: int) -> None:
    view = asked(question(f"{name}/{level}/k7q3m9"), "q")
    pieces = [view.statement, *(part.prompt for part in view.parts), *(part.answer for part in view.parts)]
    for step in view.steps:
        pieces += [step.heading, step.why, step.left, *step.right]
        pieces += [piece for one in step.unfolded for piece in (one.left, *one.right)]
    pieces += [value for mistake in view.mistakes for _, value in mistake.values]
    for piece in pieces:
        assert not re.search(r"<style|\sstyle=", piece), piece
        for tag in re.findall(r"<[^>]*>", piece):
            names = re.findall(r"\s([a-zA-Z-]+)=", re.sub(r'"[^"]*"', '""', tag))
            assert len(names) == len(set(names)), tag


def test_formulas_bear_classes_in_the_place_of_styles() -> None:
    for latex in (
        r"\begin{cases} a & b \\ c & d \end{cases}",
        r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
        r"\begin{array}{l|r} a & b \\ \hline c & d \end{array}",
    ):
        assert "style=" not in mathml(latex).replace("displaystyle=", "")
    sheet = files().files["sheet.css"].body.decode()
    for name in set(re.findall(r"qg-[a-z-]+", mathml(r"\begin{array}{l|r} a & b \\ \hline c & d \end{array}"))):
        assert f".{name} {{" in sheet


def test_the_style_sheet_knows_every_class_of_a_figure() -> None:
    """Also the widths of a screen below which the narrow drawings are shown."""
    css, found = files().files["site.css"].body.decode(), set[str]()
    for name, level in LEVELS:
        for figure in question(f"{name}/{level}/k7q3m9").figures.values():
            for classes in re.findall(r'class="([^"]*)"', classed_svg(figure)):
                found |= set(classes.split()) - {"figure"}
    assert {"figure-wide", "figure-narrow", "figure-stroke-accent"} <= found
    for name in found - {"figure-wide"}:
        assert f".{name}" in css, name


def test_a_solution_is_worked_out_only_when_it_is_asked_for() -> None:
    asked_now = question(ADAM)
    view = asked(asked_now, "q")
    assert view.statement
    assert [part.prompt for part in view.parts]
    assert "solution" not in vars(asked_now)
    assert view.steps
    assert "solution" in vars(asked_now)


# --- working on it ----------------------------------------------------------------------------------------------------


def test_a_question_goes_on_part_by_part() -> None:
    fresh = work(Attempt(question(ADAM)))
    assert [part.status for part in fresh.parts] == ["open", "waiting", "waiting"]
    assert fresh.said == ""
    assert fresh.focus is None, "it is read first"
    wrong = work(answered(Attempt(question(ADAM)), "-0.85"))
    part = wrong.parts[0]
    assert (part.state, part.verdict, part.worth, part.text) == (
        "wrong",
        "-0.85 isn’t right.",
        "0.67 of 1 point",
        "-0.85",
    )
    assert [name for name, _ in part.mistakes] == ["Betas swapped"]
    assert wrong.said == "(a) -0.85 isn’t right."
    assert (wrong.focus, part.focused) == (1, "line")
    right = work(answered(Attempt(question(ADAM)), "-1.1"))
    assert [part.status for part in right.parts] == ["right", "open", "waiting"]
    assert (right.parts[0].earned, right.focus) == ("1 of 1 point", 2)
    assert right.points == "1 of 4 points"


def test_hints_come_one_by_one_and_have_a_price() -> None:
    attempt = Attempt(question(ADAM))
    part = work(attempt).parts[0]
    assert (part.hints, part.hints_left, part.hint_cost) == ((), 2, "0.5 point")
    for at in (1, 2):
        attempt = attempt.with_(attempt.act("hint", at))
    shown = work(attempt)
    assert [hint.at for hint, _ in shown.parts[0].hints] == [1, 2]
    assert shown.said == "(a) Hint 2 of 2."
    assert shown.focus is None, "a hint is read first"
    first, second = (step for _, step in shown.parts[0].hints)
    assert len(first.right) < len(second.right), "in symbols, then in numbers"


def test_what_could_not_be_read_stays_in_its_field() -> None:
    sent = Fields((("answer", "1..2"),))
    part = work(Attempt(question(ADAM)), problems={1: "cannot read it"}, sent={1: sent}).parts[0]
    assert (part.problem, part.text, part.focused) == ("Cannot read it.", "1..2", "line")
    assert part.described == "q-a-prompt q-a-told q-a-hint"


def test_what_was_being_typed_stays_when_a_hint_comes() -> None:
    part = work(Attempt(question(ADAM)), sent={1: Fields((("answer", "-1."),))}).parts[0]
    assert (part.problem, part.text) == ("", "-1.")


def test_an_exam_says_nothing_of_what_is_right() -> None:
    attempt = answered(Attempt(question(ADAM), exam=True), "7", "8")
    exam = work(attempt)
    assert [part.judged for part in exam.parts] == [False, False, False]
    assert [part.text for part in exam.parts] == ["7", "8", ""]
    assert [part.prefix for part in exam.parts] == ["", "2.", "3."]
    assert exam.said == "(b) Your answer is kept."
    marked = work(attempt.marked())
    assert [part.judged for part in marked.parts] == [True, True, False]


# --- grids and choices ------------------------------------------------------------------------------------------------


def test_a_matrix_is_filled_in_again_and_its_wrong_cells_are_marked() -> None:
    part = work(answered(by_hand(MATRIX), "[[7, 0, 1], [-1, 1/2, 4e-1]]")).parts[0]
    assert [[part.cell(i, j) for j in (1, 2, 3)] for i in (1, 2)] == [["7", "0", "1"], ["-1", "0.5", "0.4"]]
    assert part.wrong_cells == {(2, 2), (2, 3)}
    assert part.focused == (2, 2)
    assert part.state == "partly"


def test_a_cell_that_can_not_be_read_is_marked() -> None:
    sent = Fields((("cell-1-1", "7"), ("cell-1-2", "1, 2"), ("cell-1-3", ""), ("cell-2-3", "3")))
    part = work(by_hand(MATRIX), problems={1: "…"}, sent={1: sent}).parts[0]
    assert (1, 2) in part.wrong_cells
    assert (1, 1) not in part.wrong_cells
    assert part.focused == (1, 2)
    assert part.cell(1, 2) == "1, 2"


def test_a_table_shows_its_answer_with_its_labels() -> None:
    attempt = answered(by_hand(TABLE), "(16, 32, 32) | ; 16x16 | 0")
    part = work(attempt).parts[0]
    assert [part.cell(i, j) for i in (1, 2) for j in (1, 2)] == ["(16, 32, 32)", "", "(16, 16)", "0"]
    assert part.wrong_cells == {(1, 2), (2, 1)}
    assert '<th scope="row">conv</th>' in part.typed
    assert part.typed.count("<td></td>") == 2, "the corner, and the cell that was left blank"


def test_a_formula_in_the_head_of_a_table_is_said_in_words_too() -> None:
    named = draw(codes.parse("net.shapes/1/k7q3m9"))
    (first, *_) = asked(named, "q").parts[0].labels
    assert re.match(r'<th scope="row"><span class="qg-spoken">W₁</span><span aria-hidden="true"><math>', first)


def test_chosen_options_are_ticked_again() -> None:
    attempt = answered(by_hand(LISTS), "(32, 8, 128, 64)", "(0.27, 0.73)", "c")
    part = work(attempt).parts[2]
    assert (part.letters, part.typed, part.focused) == ({2}, "C", 2)
    several = work(attempt, problems={4: "…"}, sent={4: Fields((("answer", "a"), ("answer", "c")))}).parts[3]
    assert several.letters == {0, 2}


def test_as_multiple_choice_an_answer_is_a_letter() -> None:
    attempt = Attempt(question("conv.output-size/1/k7q3m9"), choices=True)
    part = work(attempt).parts[0]
    assert part.view.field == "choice"
    assert len(part.view.options) > 1
    right = "abcd"[min(attempt.question.parts[0].correct)]
    assert work(answered(attempt, right)).parts[0].status == "right"


# --- forms ------------------------------------------------------------------------------------------------------------


def test_an_exams_form_is_taken_apart_by_its_parts() -> None:
    fields = Fields((("answer", "1"), ("2.answer", "2"), ("2.cell-1-1", "3"), ("13.answer", "4"), ("2.", "5")))
    assert of_part(fields, 1).pairs == (("answer", "1"), ("2.", "5"))
    assert of_part(fields, 2).pairs == (("answer", "2"), ("cell-1-1", "3"))
    assert of_part(fields, 3).pairs == ()
    assert (is_filled_in(of_part(fields, 2)), is_filled_in(of_part(fields, 3))) == (True, False)


def test_a_grid_is_read_once_there_is_something_to_read() -> None:
    matrix, table = MATRIX.parts[0], TABLE.parts[0]
    some, all_of_it = Fields((("cell-1-1", "1"), ("cell-1-2", ""))), Fields((("cell-1-1", "1"), ("cell-1-2", "2")))
    assert (is_complete(some, matrix), is_complete(all_of_it, matrix), is_complete(some, table)) == (False, True, True)
    assert is_complete(Fields((("answer", ""),)), matrix), "typed as one text"


@pytest.mark.parametrize(("name", "level"), LEVELS)
def test_what_fills_a_grid_is_read_as_the_same_answer(name: str, level: int) -> None:
    """From the text of the right answer to the boxes, and from the boxes back."""
    asked_now = question(f"{name}/{level}/k7q3m9")
    attempt = Attempt(asked_now, exam=True)
    for part in asked_now.parts:
        attempt = attempt.with_(attempt.answer(part.answer, part.index + 1, 0))
    for shown in work(attempt).parts:
        part = shown.view.part
        if not shown.view.cells:
            assert part.kind.read(shown.text) == part.kind.read(part.answer)
            continue
        boxes = [
            (f"cell-{i}-{j}", shown.cell(i, j))
            for i, row in enumerate(shown.view.cells, 1)
            for j, _ in enumerate(row, 1)
        ]
        sent = Fields(tuple(boxes))
        assert grid(sent)
        assert part.kind.read(typed(sent, part)) == part.kind.read(part.answer)


def test_kinds_without_decimals_are_read_as_they_are() -> None:
    formula = replace(NUMBER.parts[0], kind=Expression(("w", "x")), centre="w*x", tolerance=fmpq(0), wrong=())
    assert "<mi>w</mi>" in reading(formula, "w*x")
    assert isinstance(TABLE.parts[0].kind, Table)
    assert "<mtable" in reading(TABLE.parts[0], "(3, 4) | 1; (3, 4) | 2")

"""The laws that every family keeps at every level. A family's own test holds only hand-worked and published cases."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from functools import cache
from itertools import combinations
from typing import Any

import pytest
from flint import fmpq

import quizgen
from quizgen import code as codes
from quizgen import family as families
from quizgen import targets
from quizgen.draw import draw, leaves
from quizgen.marking import fits
from quizgen.question import Question, array_of
from quizgen.render.document import Paragraph
from quizgen.sheet import Sheet
from quizgen.text import parse
from quizgen.verify import verified
from quizgen_solvers import ExactError
from quizgen_solvers.arrays import entries
from quizgen_solvers.exact import Scalar

CASES = [(name, level) for name, entry in families.everything().items() for level in entry.levels]
SEEDS = ("law1", "law2", "law3", "law4")
FOLLOWING = {"attention.scores", "backprop.two-layer", "conv.parameter-count", "optim.adam", "optim.momentum"}
"""Families in which a later part uses an earlier one."""

every_level = pytest.mark.parametrize(("name", "level"), CASES, ids=[f"{name}-{level}" for name, level in CASES])


@cache
def questions(name: str, level: int) -> tuple[Question, ...]:
    entry = families.find(name)
    return tuple(draw(codes.make(entry, level, seed)) for seed in SEEDS)


@cache
def one_verified(name: str, level: int) -> Question:
    return verified([questions(name, level)[0]])[0]


@every_level
def test_the_same_code_gives_the_same_question(name: str, level: int) -> None:
    for question in questions(name, level):
        assert draw(codes.parse(question.code)).to_json() == question.to_json()


def test_a_fresh_process_with_another_hash_seed_draws_the_same() -> None:
    program = (
        "import json, sys; from quizgen import code; from quizgen.draw import draw\n"
        "print(json.dumps([draw(code.parse(c)).to_json() for c in json.load(sys.stdin)]))"
    )
    wanted = [questions(name, level)[0] for name, level in CASES]
    codes_json = json.dumps([question.code for question in wanted])
    environment = {**os.environ, "PYTHONHASHSEED": "4242"}
    run = subprocess.run(
        [sys.executable, "-c", program], input=codes_json, capture_output=True, text=True, env=environment, check=True
    )
    assert json.loads(run.stdout) == json.loads(json.dumps([question.to_json() for question in wanted]))


@every_level
def test_different_seeds_give_different_questions(name: str, level: int) -> None:
    if level in families.find(name).spaces:
        return
    assert len({question.statement for question in questions(name, level)}) == len(SEEDS)


@every_level
def test_every_value_is_exact(name: str, level: int) -> None:
    for question in questions(name, level):
        for quantity in question.work.quantities():
            assert all(isinstance(x, Scalar) and not isinstance(x, bool) for x in entries(quantity.value))
        for part in question.parts:
            if not isinstance(part.centre, (frozenset, str)):
                assert all(isinstance(x, fmpq) for x in leaves(part.centre))


@every_level
def test_the_work_is_worth_reading(name: str, level: int) -> None:
    for question in questions(name, level):
        assert question.work.lines
        assert question.work.hand_operations >= 0
        assert all(line.why for line in question.work.lines), "every line says what it is"
        answers = {id(q) for found in question.answered_by for q in found}
        assert answers <= {id(q) for q in question.work.quantities()}


@every_level
def test_the_right_answer_is_marked_right_and_reads_back(name: str, level: int) -> None:
    for question in questions(name, level):
        for number, part in enumerate(question.parts, 1):
            assert question.check(part.answer, number).right, part.answer
            assert part.kind.show(part.kind.read(part.answer)) == part.answer


@every_level
def test_diagnosis_finds_each_named_mistake(name: str, level: int) -> None:
    named = 0
    for question in questions(name, level):
        names = [way.name for way in question.mistakes]
        assert len(set(names)) == len(names), "two mistakes of one name"
        for number, part in enumerate(question.parts, 1):
            for mistake in part.mistakes:
                verdict = question.check(mistake.value, number)
                assert not verdict.right
                assert mistake.name in {found.name for found in verdict.diagnosed}
                named += 1
    assert named, "no mistake is named at this level"


@every_level
def test_mistakes_differ_from_the_answer_beyond_rounding(name: str, level: int) -> None:
    for question in questions(name, level):
        assert any(part.mistakes for part in question.parts)
        for part in question.parts:
            for mistake in part.mistakes:
                value = part.kind.read(mistake.value)
                assert targets.apart(value, part.centre, 2 * part.tolerance)


@every_level
def test_choices_hold_the_right_answer_once(name: str, level: int) -> None:
    for question in questions(name, level):
        for part in question.parts:
            assert len(set(part.options)) == len(part.options) >= 1
            assert len(part.correct) == 1


@every_level
def test_json_and_back(name: str, level: int) -> None:
    for question in [*questions(name, level)[:2], one_verified(name, level)]:
        data = json.loads(json.dumps(question.to_json()))
        again = Question.from_json(data)
        assert again == question
        assert again.to_json() == data
        for number, part in enumerate(question.parts, 1):
            assert again.check(part.answer, number).right


@every_level
def test_pytorch_agrees(name: str, level: int) -> None:
    entry = families.find(name)
    drawn = [draw(codes.make(entry, level, f"torch{i}")) for i in range(25)]
    for question in verified(drawn):
        assert question.provenance is not None
        assert question.provenance.agreed == question.provenance.parts == len(question.parts)


@every_level
def test_the_program_prints_the_answers(name: str, level: int) -> None:
    question = questions(name, level)[0]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(question.program, f"<{question.code}>", "exec"), {"__name__": "__main__"})
    found = [float(x) for x in re.findall(r"-?\d+(?:\.\d*)?(?:e[+-]?\d+)?", printed.getvalue())]
    for part in question.parts:
        if isinstance(part.centre, (frozenset, str)):
            continue
        slack = float(part.tolerance) + 10.0 ** -(getattr(part.kind, "decimals", None) or 9)
        for x in leaves(part.centre):
            accepted = [float(x), *(float(y) for other in part.also for y in leaves(other))]
            assert any(abs(a - y) <= slack for a in accepted for y in found), (float(x), printed.getvalue())


@every_level
def test_carried_forward_answers_are_marked_so(name: str, level: int) -> None:
    """Wherever a mistake in one part changes what follows in a later one, what follows is marked right."""
    carried = 0
    for question in questions(name, level):
        for (number, part), (later, other) in combinations(enumerate(question.parts, 1), 2):
            before, after = question.answered_by[part.index], question.answered_by[other.index]
            for mistake in part.mistakes:
                verdict = question.check(other.answer, later, {number: mistake.value})
                assert verdict.right, "what is right stays right"
                assert not verdict.carried
                wrong = part.kind.read(mistake.value)
                if len(before) != 1 or len(after) != 1 or not fits(before[0].value, wrong):
                    continue
                try:
                    (value,) = question.work.rework({before[0]: array_of(wrong)}, after)
                except ExactError:
                    continue
                follows = targets.centres(value, getattr(other.kind, "decimals", None))
                if targets.apart(follows, other.centre, other.tolerance):
                    verdict = question.check(other.kind.show(follows), later, {number: mistake.value})
                    assert verdict.carried, (question.code, number, later, mistake.name)
                    carried += 1
    assert carried or name not in FOLLOWING or len(questions(name, level)[0].parts) == 1


def test_a_shape_is_carried_forward_by_its_entries() -> None:
    question = quizgen.solve("conv.same-padding", n=(10, 10), f=(5, 4), s=2)
    assert [part.answer for part in question.parts] == ["(5, 5)", "(3, 2)", "(1, 2, 1, 1)"]
    in_all = {2: "(5, 2)"}  # a zero of 5 too many along the height: 2 above, 3 below
    assert question.check("(2, 3, 1, 1)", 3, in_all).carried
    assert not question.check("(3, 2, 1, 1)", 3, in_all).right
    assert question.check("(5, 4)", 2, {1: "(6, 6)"}).carried  # six places of stride 2: 5·2 + 5 - 10 and 5·2 + 4 - 10


def sheet_of(name: str, level: int, solutions: str = "after") -> Sheet:
    return Sheet("A sheet", (one_verified(name, level),), solutions, False, f"quizgen sheet {name} --level {level}")


@every_level
def test_every_printer_prints(name: str, level: int) -> None:
    from rich.console import Console

    from quizgen.render import html, latex, markdown, notebook, terminal

    question = one_verified(name, level)
    assert any(isinstance(block, Paragraph) for block in parse(question.statement))
    sheet = sheet_of(name, level)
    out = io.StringIO()
    terminal.show(sheet, Console(file=out, width=80, no_color=True))
    pages: list[Any] = [
        out.getvalue(),
        html.page(sheet),
        latex.document(sheet),
        markdown.document(sheet),
        notebook.document(sheet),
    ]
    for page in pages:
        assert question.code.split("/")[-1] in page

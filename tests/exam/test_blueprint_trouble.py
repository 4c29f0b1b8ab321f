"""Blueprints with problems: each is named with its line and key, all of them at once, and nothing else ever happens."""

from __future__ import annotations

import pickle
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizgen.errors import InputError
from quizgen.exam import blueprint
from quizgen.exam.reading import MOST_BYTES, BlueprintError, Lines, Problem, values_of
from quizgen.render.templates import templates

TEMPLATE = (templates() / "exam" / "blueprint.toml").read_text(encoding="utf-8")
GOOD = """\
title = "T"
seed = "1"
[[sections]]
[[sections.questions]]
family = "optim.adam"
"""
HAND = GOOD + "[[sections.questions]]\ntext = 'What?'\n"


def problems(text: str) -> list[str]:
    """Every problem as a line: "4: duration: …"."""
    try:
        blueprint.parse(text, "exam.toml")
    except BlueprintError as error:
        found = error
    else:
        return []
    assert len(found.lines) == len(found.problems) > 0
    for line in (*found.lines, str(found)):
        assert line.startswith("exam.toml:")
        assert line.isprintable()
    return [line.removeprefix("exam.toml:") for line in found.lines]


def test_the_frames_of_these_tests_are_right() -> None:
    assert problems(GOOD) == problems(f"{HAND}answer = 1") == problems(TEMPLATE) == []


# --- one problem --------------------------------------------------------------------------------------------------

TOP = {
    "tilte = 'x'": "3: tilte: there is no such key here (did you mean 'title'?)",
    "colour = 'x'": "3: colour: there is no such key here; keys are title, course, date, duration",
    "date = 'soon'": "3: date: takes a date such as 2026-03-14, not 'soon'",
    "date = '2026-02-30'": "3: date: takes a date such as 2026-03-14, not '2026-02-30'",
    "date = 2026-03-14T09:00:00": "3: date: takes a date such as 2026-03-14, not 2026-03-14 09:00:00",
    "date = 09:00:00": "3: date: takes a date",
    "duration = 0": "3: duration: takes a whole number from 1 to 1,440 (minutes), not 0",
    "duration = -90": "3: duration: takes a whole number",
    "duration = 90.0": "3: duration: takes a whole number",
    "duration = '90'": "3: duration: takes a whole number",
    "duration = true": "3: duration: takes a whole number from 1 to 1,440 (minutes), not true",
    "course = ''": "3: course: takes a line of text, not ''",
    "course = '''a\nb'''": "3: course: holds a line break, which has no place here: 'a\\nb'",
    'course = "a\\u0007"': "3: course: holds the control character '\\x07', which has no place here",
    "course = 7": "3: course: takes a line of text, not 7",
    "versions = 0": "3: versions: takes a number from 1 to 200, or names",
    "versions = []": "3: versions: takes a number from 1 to 200, or names such as [\"A\", \"B\"], not []",
    "versions = ['A', 'a']": "3: versions: has the version 'a' twice (as 'A'; small and capital letters count as the",
    "versions = ['A', 'B', 'A']": "3: versions: has the version 'A' twice",
    "versions = ['../x']": "3: versions: takes a name of up to 32 letters, digits, - and _, not '../x'",
    "versions = 10_000": "3: versions: takes a number",
    "band = 10": "3: band: takes a share from \"0%\" to \"100%\", not 10",
    "band = '-1%'": "3: band: takes a share",
    "band = nan": "3: band: takes a share",
    "instructions = 'costs $5'": "3: instructions: a formula that $ opens is never closed: '$5'",
    "instructions = '''```\nx'''": "3: instructions: a fence of code is never closed",
    "instructions = '$\\input{/etc/passwd}$'": "3: instructions: the formula $\\input{/etc/passwd}$ can't be printed",
    'instructions = "$\\nabla$"': "3: instructions: has a tab or a line break in the formula '$\\nabla$'; between",
    'instructions = "$\\theta$"': "3: instructions: has a tab or a line break in the formula '$\\theta$'; between",
    'instructions = "$\\beta$"': "3: instructions: holds the control character '\\x08'",
    "instructions = '![p](figure:x)'": "3: instructions: the markup shows a figure 'x'",
    f"instructions = '{'x' * 20_001}'": "3: instructions: has 20,001 characters; a text has at most 20,000",
    "layout = 3": "3: layout: takes a table, not 3",
    "layout.paper = 'A4'": "3: layout.paper: takes a4 or letter, not 'A4' (did you mean 'a4'?)",
    "layout.gird = true": "3: layout.gird: there is no such key here (did you mean 'grid'?)",
    "layout.grid = 1": "3: layout.grid: takes true or false, not 1",
    "layout.answer_space = 1e3": "3: layout.answer_space: takes a number from 0 to 20 (cm for each point), not 1e3",
    "layout.answer_space = inf": "3: layout.answer_space: takes a number",
    "marking.wrong_sign = '150%'": "3: marking.wrong_sign: takes a share",
    "marking = { carry_forward = 'yes' }": "3: marking.carry_forward: takes true or false, not 'yes'",
}  # fmt: skip


@pytest.mark.parametrize(("line", "said"), TOP.items())
def test_a_problem_of_the_exam(line: str, said: str) -> None:
    (found,) = problems(GOOD.replace("[[sections]]", f"{line}\n[[sections]]", 1))
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("seed = 'No Good'", "2: seed: takes 1 to 16 small letters and digits, such as k7q3m9, not 'No Good'"),
        ("seed = -1", "2: seed: takes"),
        ("seed = ''", "2: seed: takes"),
        ("seed = 12345678901234567", "2: seed: takes"),
        ("seed = 1.5", "2: seed: takes 1 to 16 small letters and digits, such as k7q3m9, not 1.5"),
        ("seed = true", "2: seed: takes"),
        ("", "1: seed: is missing"),
    ],
)
def test_a_seed_that_is_none(line: str, said: str) -> None:
    (found,) = problems(GOOD.replace('seed = "1"', line))
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('title = "T"\nseed = "1"', "1: sections: is missing"),
        ('title = "T"\nseed = "1"\nsections = []', "3: sections: is empty; each goes under [[sections]]"),
        ('title = "T"\nseed = "1"\nsections = 3', "3: sections: takes a list of tables, each under [[sections]], not"),
        ('title = "T"\nseed = "1"\n[sections]\npick = 1', "3: sections: takes a list of tables"),
        ('title = "T"\nseed = "1"\nsections = [1]', "3: sections: takes a table, not 1"),
        ('title = "T"\nseed = "1"\n[[sections]]', "3: sections.questions: is missing"),
        ('title = "T"\nseed = "1"\n[[sections]]\nquestions = []', "4: sections.questions: is empty"),
        ('title = "T"\nseed = "1"\n[[sections]]\nquestions = ["x"]', "4: sections.questions: takes a table, not 'x'"),
        (GOOD.replace("[[sections]]", "[[sections]]\npick = 0", 1), "4: sections.pick: takes a whole number from 1"),
        (GOOD.replace("[[sections]]", "[[sections]]\npick = 2", 1), "4: sections.pick: is 2, and the section has 1"),
        (GOOD.replace("[[sections]]", "[[sections]]\npick = []", 1), "4: sections.pick: takes a whole number from 1"),
    ],
)  # fmt: skip
def test_a_problem_of_a_section(text: str, said: str) -> None:
    (found,) = problems(text)
    assert found.startswith(said)


QUESTION = {
    "family = 'optim.adm'": "7: family: there is no family 'optim.adm' (did you mean 'optim.adam'?)",
    "family = 'optim'": "7: family: 'optim' is a topic, not a family; its families are optim.adam",
    "family = 3": "7: family: takes a line of text, not 3",
    "topic = 'optm'": "7: topic: there is no topic 'optm' (did you mean 'optim'?); topics are",
    "topic = 'optim.adam'": "7: topic: there is no topic 'optim.adam' (it is a family: write family =",
    "topic = 'optim'\nlevel = 9": "8: level: no family of optim has level 9; there are the levels 1, 2, 3",
    "family = 'optim.adam'\nlevel = 7": "8: level: optim.adam has no level 7; its levels are 1, 2, 3",
    "family = 'optim.adam'\nlevel = '2'": "8: level: takes a whole number",
    "code = 'optim.adam'": "7: code: 'optim.adam' is no question code",
    "code = 'optim.adam/2/k7q3m9/v9'": "7: code: 'optim.adam/2/k7q3m9/v9' was made by version 9",
    "code = 'optim.adm/2/k7q3m9'": "7: code: there is no family 'optim.adm'",
    "code = 'optim.adam/2/k7q3m9'\nlevel = 2": "8: level: goes with family or topic; this question has a code",
    "code = 'optim.adam/2/k7q3m9'\ncount = 2": "8: count: goes with family or topic; this question has a code",
    "level = 2": "6: doesn't say what is asked; a question has one of family, topic, code and text",
    "family = 'optim.adam'\ntopic = 'optim'": "8: topic: has family and topic; a question has one of",
    "family = 'optim.adam'\nanswer = 3": "8: answer: goes with text, in a question that is written by hand",
    "family = 'optim.adam'\npoints = 0": "8: points: takes points, above 0 and in quarters, such as 2 or 2.5, not 0",
    "family = 'optim.adam'\npoints = -2": "8: points: takes points",
    "family = 'optim.adam'\npoints = 0.3": "8: points: takes points",
    "family = 'optim.adam'\npoints = 1e99999999999": "8: points: takes points",
    "family = 'optim.adam'\npoints = 2000": "8: points: takes points",
    "family = 'optim.adam'\npoints = 'two'": "8: points: takes points, above 0 and in quarters, such as 2 or 2.5, not",
    "family = 'optim.adam'\npoints = []": "8: points: is an empty list; give a number, or one for each part",
    "family = 'optim.adam'\npoints = [1, 0, 1]": "8: points: takes points, above 0",
    "family = 'optim.adam'\npoints = [1, 2]": "8: points: has 2 numbers, and optim.adam has 3 parts; give one for each",
    "family = 'optim.adam'\npoints = 0.5": "8: points: 0.5 can't be shared in quarters: optim.adam has 3 parts",
    "family = 'backprop.scalar-graph'\npoints = [1, 1]": "8: points: has 2 numbers, and backprop.scalar-graph has 4",
    "code = 'conv.output-size/1/k7q3m9'\npoints = [1, 1]": "8: points: has 2 numbers, and conv.output-size/1/k7q3m9",
    "topic = 'optim'\npoints = [1, 1, 1]": "8: points: is a list; families of a topic differ in their parts",
    "text = 'a'\nanswer = 1\npoints = [1, 1]": "9: points: has 2 numbers, and the question has 1 part;",
    "family = 'optim.adam'\ncount = 0": "8: count: takes a whole number from 1 to 200, not 0",
    "family = 'optim.adam'\nid = 'a b'": "8: id: takes a name of up to 32 letters",
    "family = 'optim.adam'\nid = 'q1'": "8: id: 'q1' reads as the number of a question; take a name such as adam, or",
    "family = 'optim.adam'\nid = '12'": "8: id: '12' reads as the number of a question",
    "family = 'optim.adam'\nband = 15": "8: band: takes a share from \"0%\" to \"100%\", not 15",
    "code = 'optim.adam/2/k7q3m9'\nband = '5%'": "8: band: goes with family or topic; this question has a code",
    "text = 'a'\nanswer = 1\nband = '5%'": "9: band: goes with family or topic; this question has a text",
    "family = 'optim.adam'\nminutes = -1": "8: minutes: takes a number from 0 to 1000 (minutes), not -1",
    "family = 'optim.adam'\n[sections.questions.extra]\nx = 1": "8: extra: there is no such key here",
    "family = 'optim.adam'\nworth = 3": "8: worth: there is no such key here; keys are family, topic, code, level,",
}  # fmt: skip


def of_the_second_question(text: str) -> str:
    """The only problem, without the path that all questions share."""
    (found,) = problems(text)
    return found.replace(": sections.questions.", ": ", 1).replace(": sections.questions: ", ": ", 1)


@pytest.mark.parametrize(("lines", "said"), QUESTION.items())
def test_a_problem_of_a_question(lines: str, said: str) -> None:
    assert of_the_second_question(f"{GOOD}[[sections.questions]]\n{lines}\n").startswith(said)


ANSWER = {
    "": "6: answer: is missing: give an exact number, such as 0.75, 3/4 or 1.5e-3",
    "answer = 'soon'": "8: answer: cannot read 'soon' as a number",
    "answer = true": "8: answer: takes an answer of kind number, not true",
    "answer = [1, 2]": "8: answer: takes an answer of kind number, not [1, 2]",
    "answer = nan": "8: answer: cannot read 'nan' as a number",
    "answer = 1e999": "8: answer: cannot read '1e999' as a number",
    "answer = '1/0'": "8: answer: cannot read '1/0' as a number",
    "answer = 2026-01-01": "8: answer: takes an answer of kind number, not 2026-01-01",
    "answer = {}": "8: answer: takes an answer of kind number, not a table",
    "answer = '1.5'\nkind = 'integer'": "8: answer: takes a whole number where the kind is integer, not '1.5'",
    "answer = 1\nkind = 'nmber'": "9: kind: takes integer, number, shape, vector, matrix, table, expression, choice or",
    "answer = 1\nkind = 'shape'\ndecimals = 2": "10: decimals: goes with an answer of kind number, vector, matrix or",
    "answer = 1\ndecimals = -1": "9: decimals: takes a whole number from 0 to 12, not -1",
    "answer = 1\ntolerance = -0.5": "9: tolerance: takes a number from 0 to 1000000 (how far off is right too), not",
    "answer = 1\nalso = 2": "9: also: takes a list of answers, not 2",
    "answer = 1\nalso = ['x']": "9: also: cannot read 'x' as a number",
    "answer = 'c'\noptions = ['x1', 'y1']": "8: answer: cannot read 'c' as an option: the options are a to b",
    "answer = 'a'\noptions = ['x1']": "9: options: a choice has 2 to 26 options, not 1",
    "answer = 'a'\noptions = ['x1', 'x1']": "9: options: has the same text twice: ['x1', 'x1']",
    "answer = 'a'\noptions = ['x1', '$']": "9: options: a formula that $ opens is never closed",
    "answer = 'a'\noptions = 'xy'": "9: options: takes a list of texts, not 'xy'",
    "answer = 'a'\nkind = 'choice'": "6: options: is missing: an answer of kind choice has options",
    "answer = ['a', 'b']\nkind = 'choice'\noptions = ['x', 'y']": "8: answer: takes an answer of kind choice",
    "answer = 'x+z'\nkind = 'expression'\nvariables = ['x']": "8: answer: cannot read 'x+z' as a formula",
    "answer = 'x'\nkind = 'expression'\nvariables = ['x y']": "10: variables: 'x y' is no name of a variable",
    "answer = '1/(x-x)'\nkind = 'expression'\nvariables = ['x']": "8: answer: '1/(x-x)' can't be compared with what",
    "answer = 1\nkind = 'table'\ncolumns = ['c']": "6: kinds: is missing: an answer of kind table has columns, kinds",
    "answer = [[1]]\nkind = 'table'\ncolumns = ['c']\nkinds = ['integer']\nrows = ['r', 's']": "8: answer: takes a",
    "answer = [[1]]\nkind = 'table'\ncolumns = ['c']\nkinds = ['choice']\nrows = ['r']": "11: kinds: takes integer,",
    "answer = 1\nmistakes = [{ name = 'm', answer = 1, why = 'w' }]": "9: mistakes.answer: 1 is right, so it is no",
    "answer = 1\nmistakes = [{ name = 'm', answer = 2 }]": "9: mistakes.why: is missing",
    "answer = 1\nmistakes = [{ name = 'm', answer = 'x', why = 'w' }]": "9: mistakes.answer: cannot read 'x'",
    "answer = 1\nparts = [{ text = 'a', answer = 1 }]": "8: answer: belongs into the parts, since the question has",
    "parts = []": "8: parts: is empty",
    "parts = [{ text = 'a', answer = 1 },\n{ text = 'b', answer = 'x' }]": "9: parts.answer: cannot read 'x' as a",
    "parts = [{ answer = 1 }]": "8: parts.text: is missing",
    "answer = 1\nlevel = 2": "9: level: goes with family or topic; this question has a text",
}  # fmt: skip


@pytest.mark.parametrize(("lines", "said"), ANSWER.items())
def test_a_problem_of_a_question_that_is_written_by_hand(lines: str, said: str) -> None:
    assert of_the_second_question(f"{HAND}{lines}\n").startswith(said)


def test_two_questions_with_one_code() -> None:
    same = "[[sections.questions]]\ncode = 'optim.adam/2/k7q3m9'\n"
    assert problems(GOOD + 3 * same) == [
        "9: sections.questions.code: question 2 has the code 'optim.adam/2/k7q3m9' already",
        "11: sections.questions.code: question 2 has the code 'optim.adam/2/k7q3m9' already",
    ]


def test_ids_that_differ_by_capitals_only() -> None:
    """They would be one question in the file of responses, and one folder on some disks."""
    two = "".join(f"[[sections.questions]]\nfamily = 'optim.adam'\nid = '{name}'\n" for name in ("adam", "Adam"))
    (said,) = problems(GOOD + two)
    assert said.startswith("11: sections.questions.id: question 2 has the id 'Adam' already (small and capital letters")


def test_ids_that_collide_with_numbered_ones() -> None:
    several = "[[sections.questions]]\nfamily = 'optim.adam'\nid = 'a'\ncount = 2\n"
    other = "[[sections.questions]]\nfamily = 'optim.adam'\nid = 'a-2'\n"
    assert problems(GOOD + several + other) == ["12: sections.questions.id: question 3 has the id 'a-2' already"]


# --- all of them at once ------------------------------------------------------------------------------------------

MANY = """\
tilte = "x"
seed = "No Good"
date = "soon"
[layout]
paper = "A4"
gird = true
[[sections]]
pick = 9
colour = "red"
[[sections.questions]]
family = "optim.adm"
points = 0
answr = 3
[[sections.questions]]
code = "optim.adam/2/k7q3m9"
id = "x"
[[sections.questions]]
code = "optim.adam/2/k7q3m9"
id = "x"
minuts = 3
[[sections.questions]]
text = "What"
answer = "soon"
points = 0.3
extra = 1
[[sections.questions]]
text = "What"
parts = [{ text = "a", answer = 1 }, { text = "b", answr = 2, mistakes = [{ answer = 2 }] }]
[[sections]]
questions = 3
[[sections]]
[marking]
wrong_sign = 2
"""


def test_all_problems_are_said_at_once() -> None:
    """Those too that can only be seen when others are mended: a code that comes twice, a pick that is too large."""
    found = [line.split(":")[:2] for line in problems(MANY)]
    assert [(int(line), key.strip()) for line, key in found] == [
        (1, "tilte"),
        (1, "title"),
        (2, "seed"),
        (3, "date"),
        (5, "layout.paper"),
        (6, "layout.gird"),
        (8, "sections.pick"),
        (9, "sections.colour"),
        (11, "sections.questions.family"),
        (12, "sections.questions.points"),
        (13, "sections.questions.answr"),
        (18, "sections.questions.code"),
        (19, "sections.questions.id"),
        (20, "sections.questions.minuts"),
        (23, "sections.questions.answer"),
        (24, "sections.questions.points"),
        (25, "sections.questions.extra"),
        (28, "sections.questions.parts.answr"),
        (28, "sections.questions.parts.mistakes.name"),
        (28, "sections.questions.parts.mistakes.why"),
        (30, "sections.questions"),
        (31, "sections.questions"),
        (33, "marking.wrong_sign"),
    ]


def test_the_message_is_the_first_problem_and_how_many_there_are() -> None:
    with pytest.raises(BlueprintError) as caught:
        blueprint.parse(MANY, "exam.toml")
    assert str(caught.value) == (
        "exam.toml:1: tilte: there is no such key here (did you mean 'title'?) "
        "(and 22 problems more: `quizgen exam check` lists them)"
    )
    assert caught.value.exit_code == 2
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.lines, str(again)) == (caught.value.lines, str(caught.value))


def test_a_problem_is_one_printable_line() -> None:
    assert str(Problem(3, "title", "a\nb\u202ec")) == r"3: title: a\nb\u202ec"


def test_thousands_of_questions_are_refused_without_looking_at_them() -> None:
    crowd = "[[sections.questions]]\nfamily = 'nothing'\n"
    said = ["3: sections: there are 10,000 questions; an exam has at most 200"]
    assert problems(GOOD + 9_999 * crowd) == said
    assert problems(GOOD + "count = 10_000\n") == said
    assert len(problems(GOOD + 199 * "[[sections.questions]]\nfamily = 3\n")) == 199


# --- TOML ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title", "1: this is no TOML: expected '=' after a key in a key/value pair: 'title'"),
        ("title = 'T'\ntitle = 'U'", "2: this is no TOML: this key is here for the second time: 'title = 'U''"),
        ("title = 'T'\n\nseed = k7q", "3: this is no TOML, column 8: text goes between quotation marks: 'seed = k7q'"),
        ("title = 'T'\nversions = [A, B]", "2: this is no TOML, column 13: text goes between quotation marks"),
        ("layout.grid = True", "1: this is no TOML, column 15: yes is written true, and no is written false"),
        ("points = 1/3", """1: this is no TOML, column 11: a fraction goes between quotation marks, as in "1/3": 'p"""),
        ("band = 10%", """1: this is no TOML, column 10: a share goes between quotation marks, as in "10%": 'band"""),
        ("answer_space = 1,5", "1: this is no TOML, column 17: the decimal mark is a point: 'answer_space = 1,5'"),
        ("date = 14.3.2026", "1: this is no TOML, column 12: a date is written 2026-03-14, and this is none"),
        ("date = 2026-02-30", "1: this is no TOML, column 8: a date is written 2026-03-14, and this is none"),
        ("title = 'T\ncourse = 'x'", "1: this is no TOML, column 11: a text that begins here does not end on its line"),
        ("x = 01", "1: this is no TOML, column 6: expected newline or end of document"),
        ("title = 'T'\ndate = 2026-13-01", "2: this is no TOML, column 12: a date is written 2026-03-14, and this"),
        ('text = "$\\eta$"', '1: this is no TOML, column 12: between "…" a backslash is written'),
        ("title = 'T'\n[[sections]\n", "2: this is no TOML, column 11: expected ']]'"),
        ("title = 'T\x00'", "1: this is no TOML, column 11: found invalid character '\\x00'"),
        ("title = '''\nnever closed\n", "2: this is no TOML: expected"),
        ("x = " + "[" * 5000, "1: lists or tables are nested too deeply to be read"),
        ("a = 1\nx = " + "9" * 5000, "2: a number has thousands of digits"),
        ("", "1: seed: is missing"),
    ],
)
def test_syntax(text: str, said: str) -> None:
    assert [line for line in problems(text) if line.startswith(said)]


def test_the_line_of_every_key() -> None:
    text = """\
# a comment with a = sign
title = "x"
a.b."c d" = 3
[layout]  # a header
opts = [1, # one
 [2,
 3], {k = 1, 'j' = 2}]
[[sections]]
title = '''
[[sections]]
of a text'''
[[sections.questions]]
family = "x"
[[sections.questions]]
[sections.questions.extra]
z = 1
[[sections]]
[[sections.questions]]
"family" = "y"
"""
    lines = Lines(text)
    wanted: dict[tuple[str | int, ...], int] = {
        (): 1,
        ("title",): 2,
        ("a", "b", "c d"): 3,
        ("layout",): 4,
        ("layout", "opts"): 5,
        ("layout", "opts", 0): 5,
        ("layout", "opts", 1, 1): 7,
        ("layout", "opts", 2, "j"): 7,
        ("sections",): 8,
        ("sections", 0, "title"): 9,
        ("sections", 0, "questions", 0): 12,
        ("sections", 0, "questions", 0, "family"): 13,
        ("sections", 0, "questions", 0, "level"): 12,  # isn't there: its table is
        ("sections", 0, "questions", 1, "extra", "z"): 16,
        ("sections", 1): 17,
        ("sections", 1, "questions", 0, "family"): 19,
        ("nothing", 3, "there"): 1,
    }
    assert {path: lines.of(path) for path in wanted} == wanted


def test_every_value_of_the_template_has_a_line_of_its_own() -> None:
    lines, rows = Lines(TEMPLATE), TEMPLATE.split("\n")
    seen = 0

    def look(value: Any, path: tuple[str | int, ...]) -> None:
        nonlocal seen
        if path and isinstance(path[-1], str):
            assert re.search(rf"\b{re.escape(path[-1])}\b", rows[lines.of(path) - 1]), path
            seen += 1
        for key, inner in value.items() if isinstance(value, dict) else ():
            look(inner, (*path, key))
        for place, inner in enumerate(value) if isinstance(value, list) else ():
            look(inner, (*path, place))

    look(values_of(TEMPLATE, "exam.toml"), ())
    assert seen > 80


# --- files --------------------------------------------------------------------------------------------------------


def test_files_that_can_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "exam.toml").write_text(GOOD)
    with pytest.raises(InputError, match="is a folder; name the blueprint in it"):
        blueprint.read(tmp_path)
    with pytest.raises(InputError, match=r"there is no file .*; `quizgen exam new` writes one"):
        blueprint.read(tmp_path / "nothing.toml")
    with pytest.raises(InputError, match=r"there is no file .*/exam.toml/x"):
        blueprint.read(tmp_path / "exam.toml" / "x")
    with pytest.raises(InputError, match=r"'a\\x00b'"):
        blueprint.read("a\0b")
    with pytest.raises(InputError, match="too long"):
        blueprint.read("x" * 5000)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero")
def test_a_device_is_not_read() -> None:
    with pytest.raises(InputError, match="is not a plain file"):
        blueprint.read("/dev/zero")


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    file = tmp_path / "exam.toml"
    file.write_text(GOOD + "#" * (MOST_BYTES - len(GOOD)))
    assert blueprint.read(file).title == "T"
    file.write_text(GOOD + "#" * (MOST_BYTES - len(GOOD) + 1))
    with pytest.raises(InputError, match="has more than 1,000 kB"):
        blueprint.read(file)


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("latin-1", "3: the byte 0xfc is not UTF-8; save the file as UTF-8"),
        ("utf-16", "1: this is UTF-16; save the file as UTF-8"),
    ],
)
def test_a_file_in_another_encoding(tmp_path: Path, encoding: str, said: str) -> None:
    file = tmp_path / "exam.toml"
    file.write_bytes(GOOD.replace("[[sections]]", "course = 'Münster'\n[[sections]]", 1).encode(encoding))
    with pytest.raises(BlueprintError) as caught:
        blueprint.read(file)
    assert str(caught.value) == f"{file}:{said}"


# --- anything at all ----------------------------------------------------------------------------------------------

ODD = (
    "true", "-1", "0", "1" + "0" * 40, "1.5", "1e400", "nan", "inf", '""', '"x"', '"$"', r'"\u0000"', r'"\u202e"',
    "'''\n'''", "[]", "[[]]", "[1, 'a', {}]", "{}", "{ a = 1 }", "1979-05-27", "1979-05-27T07:32:00Z", "07:32:00",
    f"'{'x' * 300}'",
)  # fmt: skip


def places() -> list[int]:
    """The lines of the template on which a key has a value that ends there too."""
    rows = TEMPLATE.split("\n")
    return [i for i, row in enumerate(rows) if re.match(r"""[a-z_]+ = (?!\[$|'''|\"{3})""", row)]


@pytest.mark.parametrize("value", ODD)
def test_a_key_takes_an_odd_value_or_says_why_not(value: str) -> None:
    """Whatever stands there: the blueprint is read, or the problem is on that line or at the question around it."""
    rows = TEMPLATE.split("\n")
    assert len(places()) > 50
    for at in places()[ODD.index(value) % 5 :: 5]:
        key = rows[at].split(" = ")[0]
        for line in problems("\n".join([*rows[:at], f"{key} = {value}", *rows[at + 1 :]])):
            where, names, _ = line.split(": ", 2)
            assert int(where) <= at + 2 + value.count("\n") or names.startswith("sections.questions.")
            assert names.split(".")[0] in {"sections", "layout", "marking", key}


@settings(max_examples=80)
@given(st.data())
def test_a_damaged_blueprint_is_read_or_refused(data: st.DataObject) -> None:
    rows = TEMPLATE.split("\n")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(rows) - 1))
        match data.draw(st.sampled_from(["drop", "twice", "swap", "cut", "put"])):
            case "drop":
                del rows[at]
            case "twice":
                rows.insert(data.draw(st.integers(0, len(rows))), rows[at])
            case "swap":
                other = data.draw(st.integers(0, len(rows) - 1))
                rows[at], rows[other] = rows[other], rows[at]
            case "cut":
                rows[at] = rows[at][: data.draw(st.integers(0, len(rows[at])))]
            case "put":
                where = data.draw(st.integers(0, len(rows[at])))
                rows[at] = rows[at][:where] + data.draw(st.text(max_size=3)) + rows[at][where:]
    problems("\n".join(rows))


@settings(max_examples=100)
@given(st.binary(max_size=80), st.integers(0, len(TEMPLATE)))
def test_bytes_of_any_kind_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, put: bytes, at: int) -> None:
    file = tmp_path_factory.mktemp("any") / "exam.toml"
    whole = TEMPLATE.encode()
    file.write_bytes(whole[:at] + put + whole[at:])
    with suppress(BlueprintError):
        blueprint.read(file)

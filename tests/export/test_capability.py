"""The table of what becomes what: complete, printed as it is, and obeyed by every format."""

import re
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile, is_zipfile

import pytest
from flint import fmpq

from exported import FORMULA, HOSTILE, PLAIN, THIRD, drawn, hostile, placed, written
from quizgen.answers import NAMES, Integer
from quizgen.errors import OutputError, OutputExists, RenderError, UnknownFormat, UsageError
from quizgen.export import FORMATS, Exported, export, find, problems
from quizgen.export.capability import KINDS, TABLE, Way, cell, described, way_of

THERE = [name for name in FORMATS if find_spec(f"quizgen.export.{name}")]


def test_every_kind_has_an_entry_in_every_format() -> None:
    assert set(KINDS) == set(NAMES)
    assert set(TABLE) == set(FORMATS)
    assert all(set(row) == set(KINDS) for row in TABLE.values())
    assert all(one.words for row in TABLE.values() for one in row.values() if one.way is Way.NO)


def test_a_format_that_is_none() -> None:
    with pytest.raises(UnknownFormat, match=r"there is no format 'mooodle' \(did you mean 'moodle'\?\)"):
        find("mooodle")
    with pytest.raises(UnknownFormat, match="there is no format 'x'"):
        cell("integer", "x")


def test_a_format_is_described_kind_by_kind() -> None:
    for form in FORMATS:
        assert list(described(form)) == list(KINDS)
    assert described("gift")["integer"] == "one numeric field"
    assert described("gift")["expression"] == "no: it has no field for formulas"
    assert described("canvas")["shape"].startswith("short text, compared letter by letter; a blank for each entry")


def test_choices_are_asked_for_where_they_can_be() -> None:
    part = PLAIN["integer"].parts[0]
    assert way_of(part, "moodle").way is Way.NUMBER
    assert way_of(part, "moodle", choices=True).way is Way.ONE
    assert way_of(PLAIN["choices"].parts[0], "moodle", choices=True).way is Way.SEVERAL
    assert way_of(PLAIN["table"].parts[0], "moodle", choices=True).way is Way.FIELDS
    assert way_of(part, "jsonl", choices=True).way is Way.DATA


@pytest.mark.parametrize("form", THERE)
def test_a_format_says_what_it_is(form: str) -> None:
    module = find(form)
    assert module.NAME
    assert module.SUFFIX == "" or module.SUFFIX.startswith(".")
    assert callable(module.write)


@pytest.mark.parametrize("form", THERE)
def test_what_the_table_refuses_is_said(form: str) -> None:
    said = problems(placed([FORMULA]), form)
    if cell("expression", form).way is Way.NO:
        why = cell("expression", form).words
        line = f"q1: {find(form).NAME} can't carry this expression: {why}; it could be asked as multiple choice"
        assert said == [line]
    else:
        assert said == []


def test_keys_are_names_of_one_question() -> None:
    two = [Exported(PLAIN["integer"], (fmpq(1),), "q1")] * 2
    assert problems(two, "moodle") == ["'q1' is the name of 2 questions; each needs a name of its own"]
    assert problems([], "moodle") == ["there are no questions to export"]
    with pytest.raises(ValueError, match="q1 has 1 parts and points for 2"):
        problems([Exported(PLAIN["integer"], (fmpq(1), fmpq(1)), "q1")], "moodle")


def test_nothing_is_written_where_something_cannot_be_carried(tmp_path: Path) -> None:
    target = tmp_path / "exam.xml"
    with pytest.raises(UsageError, match=r"q2: Moodle can't carry this number: the answer 1/3 .* \(and 1 more\)"):
        export(placed([PLAIN["integer"], THIRD, FORMULA]), "moodle", target, title="An exam")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_written_whole_and_not_over_another(tmp_path: Path) -> None:
    target = tmp_path / "exam.xml"
    questions = placed([PLAIN["integer"]])
    assert export(questions, "moodle", target, title="An exam") == target
    assert target.read_bytes() == find("moodle").write(questions, "An exam")
    with pytest.raises(OutputExists):
        export(questions, "moodle", target, title="Another")
    export(questions, "moodle", target, title="Another", force=True)
    assert target.read_bytes() == find("moodle").write(questions, "Another")
    assert list(tmp_path.iterdir()) == [target]


def test_nothing_is_left_where_a_question_cannot_be_printed(tmp_path: Path) -> None:
    bad = written(Integer(), fmpq(1), statement=r"$\href{javascript:alert(1)}{x}$")
    for form in ("moodle", "gift", "anki", "canvas"):
        with pytest.raises(RenderError, match="href"):
            export(placed([PLAIN["integer"], bad]), form, tmp_path / "exam", title="An exam")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_written_whole_and_not_over_another(tmp_path: Path) -> None:
    target = tmp_path / "course"
    assert export(placed([PLAIN["integer"]]), "prairielearn", target, title="An exam") == target
    made = find("prairielearn").write(placed([PLAIN["integer"]]), "An exam")
    assert isinstance(made, dict)
    assert {str(path.relative_to(target)): path.read_bytes() for path in target.rglob("*") if path.is_file()} == made
    with pytest.raises(OutputError, match="exists already; choose another name"):
        export(placed([PLAIN["integer"]]), "prairielearn", target, title="An exam")
    with pytest.raises(OutputError, match="there is no folder"):
        export(placed([PLAIN["integer"]]), "prairielearn", tmp_path / "no" / "course", title="An exam")
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_a_hostile_exam_is_written_everywhere_twice_alike(form: str) -> None:
    questions = [each for each in placed([*map(hostile, HOSTILE), *PLAIN.values()]) if not problems([each], form)]
    assert len(questions) >= len(HOSTILE)
    first, second = (find(form).write(questions, HOSTILE[0]) for _ in range(2))
    assert first == second


def contents(form: str, *questions: Exported) -> str:
    """Everything that a format writes, as text."""
    made = find(form).write(questions, "An exam")
    if isinstance(made, bytes) and is_zipfile(BytesIO(made)):
        package = ZipFile(BytesIO(made))
        made = {name: package.read(name) for name in package.namelist()}
    files = {"": made} if isinstance(made, bytes) else made
    return "".join(data.decode(errors="replace") for data in files.values()).replace("\\u00b1", "±")


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_the_prompt_says_how_precise_an_answer_is_to_be(form: str) -> None:
    """A tolerance that nobody is told is what users of such systems suffer from most."""
    assert "4 decimals; ±0.0001 is accepted" in contents(form, *placed([PLAIN["rounded"]]))


def test_a_number_is_shown_as_one_types_it() -> None:
    """Whatever the solution shows as right is marked right when it is typed: no fraction where none is read."""
    for question in [*drawn(), *PLAIN.values()]:
        for part in question.parts:
            if part.kind.name in ("integer", "number"):
                assert part.answer_latex == part.answer


@pytest.mark.parametrize(
    ("form", "called"),
    [
        ("moodle", "<name><text>decay</text>"),
        ("canvas", 'title="decay"'),
        ("qti21", 'title="decay"'),
        ("qti30", 'title="decay"'),
        ("gift", "::decay::"),
        ("prairielearn", '"title": "decay"'),
        ("jupyter", "## 1. decay\\n"),
    ],
)
def test_a_question_without_a_title_is_called_by_its_key(form: str, called: str) -> None:
    made = contents(form, Exported(written(Integer(), fmpq(1), title=""), (fmpq(1),), "decay"))
    assert called in re.sub(r">\s+<", "><", made)

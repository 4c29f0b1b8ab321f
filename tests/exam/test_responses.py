"""Files of answers as people and platforms write them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from answered import CHOICE, HEADER, QUESTIONS, STUDENTS, answer, built, marked, papers, rows, text
from exams import family
from quizgen.draw import leaves
from quizgen.errors import InputError, UnknownFormat
from quizgen.exam import responses
from quizgen.exam.grade import Marked, gather
from quizgen.exam.model import Version
from quizgen.exam.responses import Response, Unread
from quizgen.export import Exported, canvas
from quizgen.question import QuestionPart

LONG = "student,paper,question,part,answer\n"


def read(folder: Path, data: str | bytes, form: str | None = None, notes: list[str] | None = None) -> list[object]:
    path = folder / "r.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(responses.read(path, form, {"dropout"}, (notes if notes is not None else []).append))


def only(found: list[object]) -> Response:
    (one,) = found
    assert isinstance(one, Response)
    return one


def full(found: Marked) -> bool:
    return found.points == found.of


# --- long and wide --------------------------------------------------------------------------------------------------


def test_a_line_an_answer(tmp_path: Path) -> None:
    found = only(read(tmp_path, LONG + 's1,A,3,b,"(3, 4)"\n'))
    assert (found.line, found.student, found.paper, found.question, found.part) == (2, "s1", "A", "3", "b")
    assert found.answer == "(3, 4)"


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + LONG.encode() + b"s1,A,3,b,5\n",
        ("\ufeff" + LONG + "s1,A,3,b,5\n").encode("utf-16-le"),
        LONG.replace(",", ";").encode() + b"s1;A;3;b;5\n",
        LONG.replace(",", "\t").encode() + b"s1\tA\t3\tb\t5\n",
        b"sep=;\r\n" + LONG.replace(",", ";").encode() + b"s1;A;3;b;5\r\n",
        b"Student ID, Version ,Question,Part,Response\r\n s1 , A , 3 , b , 5\r\n",
        b"answer,part,question,paper,id\n5,b,q3,A,s1\n",
        b"student,paper,question,answer\ns1,A,3b,5\n",
        b"student,paper,question,answer\ns1,A,Q3(b),5\n",
        LONG.encode() + b"\n,,,,\ns1,A,3,b,5\n\n",
    ],
)
def test_the_same_answer_in_many_spellings(tmp_path: Path, data: bytes) -> None:
    found = only(read(tmp_path, data))
    assert found.student == "s1"
    assert found.paper == "A"
    assert found.question.lstrip("q") == "3"
    assert found.part == "b"
    assert found.answer == "5"


def test_what_is_no_unicode_is_read_and_said(tmp_path: Path) -> None:
    notes: list[str] = []
    found = only(read(tmp_path, (LONG + "Zoë,A,1,a,5\n").encode("latin-1"), notes=notes))
    assert found.student == "Zoë"
    assert notes == [notes[0]]
    assert "is not UTF-8 and was read as Windows-1252" in notes[0]
    assert only(read(tmp_path, (LONG + "Zo\x81,A,1,a,5\n").encode("latin-1"), notes=notes)).student.startswith("Zo")
    assert "Latin-1" in notes[1]


def test_a_line_a_student(tmp_path: Path) -> None:
    notes: list[str] = []
    header = "student,name,group,paper,q1a,Q1b,2,dropout,remarks\n"
    found = read(tmp_path, header + "s1,Ada,blue,A,1,2,3,b,late\n", notes=notes)
    assert all(isinstance(one, Response) for one in found)
    cells = [(one.question, one.part, one.answer) for one in found if isinstance(one, Response)]
    assert cells == [("1", "a", "1"), ("1", "b", "2"), ("2", "", "3"), ("dropout", "", "b")]
    assert len(notes) == 1
    assert "no question is called 'remarks', so these columns are left out" in notes[0]


@pytest.mark.parametrize(
    ("column", "cell", "seconds"),
    [
        ("seconds", "754", 754),
        ("minutes", "12", 720),
        ("Time taken", "14 mins 7 secs", 847),
        ("Duration", "1 hour 1 min", 3660),
        ("Duration", "2 days 3 hours", 183_600),
        ("Duration", "a while", None),
        ("seconds", "-", None),
    ],
)
def test_how_long_somebody_sat(tmp_path: Path, column: str, cell: str, seconds: int | None) -> None:
    found = only(read(tmp_path, f"student,paper,{column},q1a\ns1,A,{cell},5\n"))
    assert (found.seconds, found.question, found.answer) == (seconds, "1", "5")
    (one,) = marked(tmp_path, f"student,paper,{column},q1a\ns1,A,{cell},5\n")
    assert one.seconds == seconds


def test_a_line_with_too_many_cells_is_named(tmp_path: Path) -> None:
    found = read(tmp_path, LONG + "s1,A,3,a,(3, 4)\ns1,A,3,b,5\n")
    assert isinstance(found[0], Unread)
    assert found[0].line == 2
    assert "there are 6 cells, and the first line names 5 columns" in found[0].why
    assert isinstance(found[1], Response)


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    found = read(tmp_path, LONG + 's1,A,3,a,"1\n2"\ns1,A,3,b,5\n')
    assert [one.line for one in found if isinstance(one, Response)] == [2, 4]


def test_wide_and_long_give_the_same_marks(tmp_path: Path) -> None:
    (first, *_) = papers()
    given = rows(first)
    wide = text([["ada", "A", *(row[4] for row in given)]], ["student", "paper", *(f"q{r[2]}{r[3]}" for r in given)])
    assert marked(tmp_path, wide) == marked(tmp_path, given)
    assert full(marked(tmp_path, wide)[0])


def test_a_paper_by_its_code_and_questions_by_their_key(tmp_path: Path) -> None:
    (_, second) = papers()
    by_key = [(s, p, second.questions[int(q) - 1].slot.key, part, a) for s, p, q, part, a in rows(second, by_code=True)]
    for given in (rows(second, by_code=True), by_key):
        (found,) = marked(tmp_path, given)
        assert found.paper == "B"
        assert full(found)


def test_a_roster_needs_no_papers(tmp_path: Path) -> None:
    manifest, made = built(STUDENTS), papers(STUDENTS)
    given = [(s, q, part, a) for version in made for s, _, q, part, a in rows(version, version.name)]
    found = marked(tmp_path, text(given, ["student", "question", "part", "answer"]), manifest)
    assert [one.student for one in found] == list(STUDENTS)
    assert all(map(full, found))


# --- what is no such file -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the first line is empty; it names the columns"),
        (b"\n\n", "the first line is empty"),
        (b"s1,A,3,b,5\n", "the first line names the columns, and among 's1', 'A', '3', 'b' and '5' there are not"),
        (b"student,answer\ns1,5\n", "there are not student, question and answer"),
        (LONG.encode() + b's1,A,3,b,"5\n', "1: this can't be read as CSV: a quotation mark is opened and not closed"),
        (b'student,"paper\n', "is opened and not closed"),
        (LONG.encode() + b's1,A,3,b,"5"6\n', "this can't be read as CSV"),
        (
            LONG.encode() + b"s1,A,3,b," + b"9" * 200_000 + b"\n",
            ":2: this can't be read as CSV: a cell has more",
        ),
        (b"PK\x03\x04rest", "is a spreadsheet, not a CSV file"),
        (b"\xff\xfea", "begins as Unicode and does not go on so"),
        (b"\xef\xbb\xbfstudent\xff", "begins as Unicode and does not go on so"),
    ],
)
def test_what_is_no_file_of_answers(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, data)
    if data.endswith(b'"5\n'):
        words = words.replace("1:", ":2:")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no file .*none\.csv"):
        list(responses.read(tmp_path / "none.csv"))
    with pytest.raises(InputError, match="is a folder"):
        list(responses.read(tmp_path))
    with pytest.raises(InputError, match=r"there is no file 'a\\x00b'"):
        list(responses.read("a\0b"))
    with pytest.raises(UnknownFormat, match="did you mean 'moodle'"):
        read(tmp_path, LONG, "moodel")
    with pytest.raises(InputError, match="there are not student and q1a, q1b"):
        read(tmp_path, LONG, "wide")


# --- Moodle -----------------------------------------------------------------------------------------------------------


def embedded(version: Version, typed: str = "") -> list[str]:
    """What Moodle writes of a paper, a cell a question: as its own code puts it together."""
    cells = []
    for placed in version.questions:
        fields: list[str] = []
        for part in placed.question.parts:
            if part.kind.name == "choice":
                fields.append("Nothing.")
            elif isinstance(part.centre, tuple):
                fields += [str(x) for x in part.centre]
            else:
                fields.append(typed or part.answer)
        one = len(fields) == 1
        cells.append(fields[0] if one else "; ".join(f"part {n}: {x}" for n, x in enumerate(fields, 1)))
    return cells


MOODLE = ["Last name", "First name", "ID number", "Email address", "State", "Started on", "Grade/10.00"]


def moodle(lines: list[tuple[str, str, list[str], list[str]]], right: bool = True) -> str:
    """The report: a line for each id, email, responses, right answers."""
    count = len(lines[0][2])
    header = [*MOODLE]
    for n in range(1, count + 1):
        header += [f"Response {n}", *([f"Right answer {n}"] if right else [])]
    given = []
    for id_, email, answers, keys in lines:
        pairs = [cell for pair in zip(answers, keys, strict=True) for cell in (pair if right else pair[:1])]
        given.append(["Müller", "Zoë", id_, email, "Finished", "1 March 2026  9:00 AM", "8.00", *pairs])
    return text(given, header)


def test_a_report_of_moodle(tmp_path: Path) -> None:
    a, b = papers()
    keys = [embedded(a), embedded(b)]
    dealt = [keys[n % 2][n] for n in range(len(keys[0]))]  # of every question another variant
    found = marked(tmp_path, moodle([("s1", "z@x.org", keys[0], keys[0]), ("s2", "", dealt, dealt)]))
    assert [one.student.id for one in found] == ["s1", "s2"]
    assert all(map(full, found))
    assert [question.paper for question in found[1].questions] == ["A", "B", "A", "A"]
    assert found[0].student.name == "Zoë Müller"


def test_a_report_of_moodle_where_parts_are_left_out(tmp_path: Path) -> None:
    (a, *_) = papers()
    answers = embedded(a)
    answers[1] = answers[1].replace("part 2: ", "part 2: 1")
    answers[0] = "-"
    (found,) = marked(tmp_path, moodle([("s1", "", answers, embedded(a))]))
    assert [part.state for part in found.questions[0].parts] == ["blank"] * 3
    assert [part.right for part in found.questions[1].parts] == [True, False, True]
    assert full_but(found, {1, 2})


def full_but(found: Marked, numbers: set[int]) -> bool:
    return all(q.points == q.of for q in found.questions if q.number not in numbers)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("17", "the question has 3 parts, and the cell does not tell them apart"),
        ("part 1: 5; part 4: 6", "the cell has an answer 4, and the question only 3"),
    ],
)
def test_no_answer_of_moodle_gets_lost(tmp_path: Path, cell: str, why: str) -> None:
    (a,) = papers(("A",))
    answers = embedded(a)
    path = tmp_path / "r.csv"
    path.write_text(moodle([("s1", "", [answers[0], cell, *answers[2:]], embedded(a))]), encoding="utf-8")
    with gather(built(("A",)), responses.read(path)) as gathered:
        (problem,) = gathered.problems()
    assert (problem.what, problem.student, problem.answer, problem.why) == ("question", "s1", cell, why)


def test_which_variant_moodle_dealt_must_be_known(tmp_path: Path) -> None:
    (a, *_) = papers()
    with pytest.raises(InputError, match="have Moodle show the right answers too"):
        marked(tmp_path, moodle([("s1", "", embedded(a)[:3], embedded(a)[:3])], right=False))
    with pytest.raises(InputError, match="what Moodle has as right is right for 0 of the variants"):
        marked(tmp_path, moodle([("s1", "", embedded(a)[:1], ["part 1: 1; part 2: 2; part 3: 3"])]))
    manifest = built(("A",))
    (found,) = marked(tmp_path, moodle([("s1", "", embedded(papers(("A",))[0]), ["-"] * 4)], right=False), manifest)
    assert full(found)


def test_students_are_known_to_moodle_by_their_email(tmp_path: Path) -> None:
    manifest, made = built(STUDENTS), papers(STUDENTS)
    found = marked(tmp_path, moodle([("", "ZOE@example.org", embedded(made[0]), embedded(made[0]))]), manifest)
    assert found[0].student == STUDENTS[0]
    assert full(found[0])
    assert [one.absent for one in found] == [False, True, True]


GERMAN = {
    "Last name": "Nachname", "First name": "Vorname", "ID number": "ID-Nummer", "Email address": "E-Mail-Adresse",
    "State": "Status", "Started on": "Begonnen", "Response": "Antwort", "Right answer": "Richtige Antwort",
    "part ": "Teil ",
}  # fmt: skip


def test_a_report_of_moodle_in_german(tmp_path: Path) -> None:
    a, b = papers()
    cells = [[re.sub(r"(\d)\.(\d)", r"\1,\2", cell) for cell in embedded(version)] for version in (a, b)]
    assert "," in "".join(cells[0])  # decimal ones
    data = moodle([("", "z@x.org", cells[1], cells[1]), ("s2", "", cells[0], cells[0])])
    for english, german in GERMAN.items():
        data = data.replace(english, german)
    found = marked(tmp_path, data)
    assert [one.student.id for one in found] == ["s2", "z@x.org"]
    assert all(map(full, found))


def test_who_did_not_begin_in_moodle_handed_in_nothing(tmp_path: Path) -> None:
    (a, *_) = papers()
    data = moodle([("s1", "", embedded(a), embedded(a)), ("s2", "", ["-"] * 4, ["-"] * 4)])
    first, second, third = data.splitlines()
    data = "\n".join([first, second, third.replace("Finished,1 March 2026  9:00 AM,8.00", "-,-,-")])
    assert [one.student.id for one in marked(tmp_path, data)] == ["s1"]


@pytest.mark.parametrize(
    ("cell", "states"),
    [
        ("part 1: ; part 2: {2}; part 3:", ["blank", "marked", "blank"]),
        ("part 2: {2}", ["blank", "marked", "blank"]),
        ("partie 1 : {1}; partie 2 : {2}; partie 3 : {3}", ["marked"] * 3),
        ("part 1: {1}; part 2: part 1: 5; part 3: {3}", ["marked", "open", "marked"]),
    ],
)
def test_embedded_answers_that_are_left_out(tmp_path: Path, cell: str, states: list[str]) -> None:
    (a,) = papers(("A",))
    given = dict(enumerate((part.answer for part in a.questions[1].question.parts), 1))
    answers = embedded(a)
    for number, typed in given.items():
        cell = cell.replace(f"{{{number}}}", typed)
    answers[1] = cell
    (found,) = marked(tmp_path, moodle([("s1", "", answers, embedded(a))]), built(("A",)))
    assert [part.state for part in found.questions[1].parts] == states
    assert all(part.right for part in found.questions[1].parts if part.state == "marked")


SHAPES = (family("net.shapes"), CHOICE)


# --- Canvas -----------------------------------------------------------------------------------------------------------


def stems(version: Version) -> list[str]:
    """The words of each question in Canvas, tags stripped as its report does it."""
    import re

    exported = [Exported(placed.question, placed.points, placed.slot.key) for placed in version.questions]
    quiz = canvas._quiz(exported, "Midterm", False)
    return [re.sub("<[^>]*>", "", item.stem) for group in quiz.groups for item in group.items]


def in_canvas(part: QuestionPart) -> str:
    if part.kind.name == "choice":
        return "Nothing."
    if isinstance(part.centre, tuple):
        return ",".join(map(str, leaves(part.centre)))
    return answer(part)


def canvas_report(version: Version, change: dict[int, str] | None = None, sis_id: str = "s1", **words: str) -> str:
    """The report of one student who has all right; ``change``: other cells, by the number of the part."""
    parts = [part for placed in version.questions for part in placed.question.parts]
    header = ["name", "id", "sis_id", "section", "section_id", "section_sis_id", "submitted", "attempt"]
    cells = ["Ada", "7", sis_id, "all, mine", "1, 2", "", "2026-03-01 09:00:00 UTC", "1"]
    for number, (stem, part) in enumerate(zip(stems(version), parts, strict=True)):
        header += [f"{100 + number}: {words.get(f'q{number}', stem)}", "1.0"]
        cells += [(change or {}).get(number, in_canvas(part)), "1.0"]
    return text([[*cells, "5", "0", "9"]], [*header, "n correct", "n incorrect", "score"])


def test_a_report_of_canvas(tmp_path: Path) -> None:
    manifest, (a,) = built(("A",)), papers(("A",))
    (found,) = marked(tmp_path, canvas_report(a), manifest)
    assert found.student.id == "s1"
    assert full(found)
    (found,) = marked(tmp_path, canvas_report(a, sis_id=""), manifest)
    assert found.student.id == "7"
    others = {f"q{number}": f"Something else altogether {number}" for number in range(20)}
    with pytest.raises(InputError, match="no question of this exam has these words"):
        marked(tmp_path, canvas_report(a, **others), manifest)


def test_blanks_that_canvas_leaves_out_are_for_a_person(tmp_path: Path) -> None:
    """Which of them are empty is not said: "3,5" of three blanks may be any two."""
    (a,) = papers(("A",), SHAPES)
    answers = in_canvas(a.questions[0].question.parts[0])
    path = tmp_path / "r.csv"
    for cell, problems in ((answers, {}), (answers.rpartition(",")[0], {"question": 1})):
        path.write_text(canvas_report(a, {0: cell}), encoding="utf-8")
        with gather(built(("A",), SHAPES), responses.read(path)) as gathered:
            assert gathered.counts() == problems
            assert all("look which are empty" in problem.why for problem in gathered.problems())


# --- placed -----------------------------------------------------------------------------------------------------------


def test_every_answer_is_placed_or_kept_for_a_person(tmp_path: Path) -> None:
    (a, *_) = papers()
    given = [*rows(a), ("ada", "A", "99", "a", "1"), ("", "A", "1", "a", "1"), ("bob", "Z", "1", "a", "1")]
    path = tmp_path / "r.csv"
    path.write_text(text(given), encoding="utf-8")
    with gather(built(), responses.read(path)) as gathered:
        assert gathered.rows == len(given)
        assert gathered.placed + sum(gathered.counts().values()) == gathered.rows
        assert gathered.counts() == {"paper": 1, "question": 1, "student": 1}
        lines = {problem.line for problem in gathered.problems()}
    assert lines == {len(given) - 1, len(given), len(given) + 1}


def test_the_header_is_that_of_the_help() -> None:
    from quizgen.commands.exam_grade import command

    assert ",".join(HEADER) in (command.epilog or "")
    assert len(QUESTIONS) == 4

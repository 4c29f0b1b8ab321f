"""Points that a person gave stand, are kept, and are refused where they can't be meant."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from answered import STUDENTS, Row, built, papers, rows, text
from quizgen.errors import InputError
from quizgen.exam import given, marks, responses
from quizgen.exam.feedback import Feedback
from quizgen.exam.given import Given
from quizgen.exam.grade import Marked, gather, grade
from quizgen.exam.manifest import Manifest
from quizgen_solvers.exact import fmpq

HEADER = ("student", "paper", "question", "part", "points")
HALF = fmpq(1, 2)


def points(folder: Path, lines: Iterable[Sequence[str]] | str, manifest: Manifest | None = None) -> Given:
    path = folder / "points.csv"
    path.write_text(lines if isinstance(lines, str) else text(lines, HEADER), encoding="utf-8")
    return given.read(path, manifest or built())


def marked(folder: Path, answers: list[Row], by_hand: Given, manifest: Manifest | None = None) -> list[Marked]:
    path = folder / "responses.csv"
    path.write_text(text(answers), encoding="utf-8", newline="")
    with gather(manifest or built(), [*responses.read(path), *by_hand.present]) as gathered:
        return list(grade(gathered, given=by_hand))


def answers() -> list[Row]:
    """What Ada wrote on paper A: all of it right but for the first part, which nobody can read."""
    (student, paper, question, part, _), *rest = rows(papers()[0])
    return [(student, paper, question, part, "see the back"), *rest]


def test_points_stand_whatever_the_answer_is(tmp_path: Path) -> None:
    given_here = points(tmp_path, [("ada", "A", "1", "a", "0.5"), ("ADA", "A", "4", "", "0")])
    (found,) = marked(tmp_path, answers(), given_here)
    unreadable, right = found.questions[0].parts[0], found.questions[3].parts[0]
    assert (unreadable.points, unreadable.state, unreadable.given) == (HALF, "marked", True)
    assert (right.points, right.right, right.given) == (fmpq(0), False, True)
    assert found.open == 0
    assert found.points == found.of - unreadable.of - right.of + HALF
    (plain,) = marked(tmp_path, answers(), given.NOTHING)
    assert plain.open == 1


def test_somebody_who_typed_nothing_gets_her_points(tmp_path: Path) -> None:
    given_here = points(tmp_path, [("bob", "B", "2", "a", "1")])
    _, bob = marked(tmp_path, answers(), given_here)
    assert (bob.student.id, bob.paper, bob.points, bob.absent) == ("bob", "B", fmpq(1), False)
    manifest = built(STUDENTS)
    given_here = points(tmp_path, [("s2", "", "2", "a", "1")], manifest)
    typed = rows(papers(STUDENTS)[0], "s1")
    found = {one.student.id: one for one in marked(tmp_path, typed, given_here, manifest)}
    assert (found["s2"].points, found["s2"].absent) == (fmpq(1), False)
    assert found["../../x"].absent


def test_the_list_for_a_person_is_filled_in_and_kept(tmp_path: Path) -> None:
    """What was given stands in the next list too, so that marking with it again gives the same."""
    manifest, folder = built(), tmp_path / "marks"
    path = tmp_path / "responses.csv"
    path.write_text(text(answers()), encoding="utf-8", newline="")

    def mark(by_hand: Given) -> marks.Graded:
        with gather(manifest, [*responses.read(path), *by_hand.present]) as gathered:
            return marks.write(gathered, folder, given=by_hand, feedback=False, force=True)

    assert mark(given.NOTHING).problems == {"unreadable": 1}
    review = folder / marks.REVIEW
    header, line = csv.reader(io.StringIO(review.read_text(encoding="utf-8-sig")))
    assert (line[header.index("answer")], line[header.index("points")]) == ("see the back", "")
    line[header.index("points")] = "0,5"  # as some spreadsheets write it
    review.write_text(text([line], header, ";"), encoding="utf-8")
    graded = mark(given.read(review, manifest))
    assert (graded.problems, graded.given) == ({}, 1)
    assert "0.5" in review.read_text(encoding="utf-8")
    before = {each.name: each.read_bytes() for each in folder.iterdir()}
    assert mark(given.read(review, manifest)).unchanged
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ada,A,1,a,much", "points.csv:2: 'much' is no number of points"),
        ("ada,A,1,a,1e9", "points.csv:2: '1e9' is no number of points"),
        ("ada,A,1,a,-1", "points.csv:2: '-1' is no number of points"),
        ("ada,A,1,a,99", "points.csv:2: '99' points are given, and the part has 0 to 1"),
        ("ada,A,1,a,1/0", "points.csv:2: '1/0' is no number of points"),
        ("ada,A,9,a,1", "points.csv:2: there is no such question; the paper has 4 questions"),
        ("ada,A,4,b,1", "points.csv:2: there is no such part; the question has 1 part"),
        ("ada,C,1,a,1", "points.csv:2: this exam has no such paper"),
        (",A,1,a,1", "points.csv:2: the line says no student"),
        ("ada,A,1,a,1\nada,A,1a,,0.5", "points.csv:3: this part has other points on line 2 already"),
        ("ada,A,1,a,1,2,3", "points.csv:2: there are 7 cells"),
        ("ada,A,1,a,", "points.csv' gives no points"),
    ],
)
def test_points_that_cannot_be_meant(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(InputError) as problem:
        points(tmp_path, f"{','.join(HEADER)}\n{line}\n")
    assert said in problem.value.message


def test_a_file_of_something_else(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="student, question and points"):
        points(tmp_path, "student,question,answer\nada,1,2\n")


def test_an_id_that_a_spreadsheet_was_kept_from_reading_as_a_formula(tmp_path: Path) -> None:
    found = points(tmp_path, [("'=1+1", "A", "2", "a", "1")])
    assert found.of("=1+1") == {(2, 1): fmpq(1)}


def test_her_page_says_who_gave_the_points(tmp_path: Path) -> None:
    (found,) = marked(tmp_path, answers(), points(tmp_path, [("ada", "A", "1", "a", "1")]))
    assert found.questions[0].parts[0].right
    assert "These points were given by a person." in Feedback(built().exam).page(found)

"""Several processes do what one does, in the same order, and leave nothing behind."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from answered import STUDENTS, built, papers, rows, text
from exams import TOYS
from quizgen.errors import PluginError
from quizgen.exam import gathering, marks, responses
from quizgen.exam.grade import gather
from quizgen.exam.processes import AHEAD, Ended, in_order

POWERS = partial(partial, pow, 2)
"""What a process begins with: a worker who raises 2 to a power."""


@pytest.fixture(autouse=True)
def _nobody_is_left() -> Iterator[None]:
    yield
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("jobs", [1, 3])
def test_results_come_in_order(jobs: int) -> None:
    assert list(in_order(POWERS, range(40), jobs)) == [2**n for n in range(40)]


def test_no_more_is_taken_than_is_needed_soon() -> None:
    taken = count()
    with closing(in_order(POWERS, taken, 2)) as results:
        assert next(results) == 1
    assert next(taken) <= 2 * AHEAD + 1


def test_what_goes_wrong_there_is_said_here() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        list(in_order(partial(partial, int), ["1", "x", "2"], 2))
    with pytest.raises(Ended, match="ended from outside, perhaps for want of memory; try fewer with --jobs"):
        list(in_order(partial(partial, os._exit), [1], 2))
    with pytest.raises(PluginError, match=r"there is no file 'gone\.py'"):
        list(in_order(POWERS, [1], 2, ["gone.py"]))


@pytest.mark.parametrize(
    ("answers", "students", "pages", "jobs"),
    [(1, 1, True, 1), (9_999, 100, False, 1), (20_000, 100, False, 4), (10**6, 100, False, 4), (600, 30, True, 3)],
)
def test_processes_are_for_much_work(
    monkeypatch: pytest.MonkeyPatch, answers: int, students: int, pages: bool, jobs: int
) -> None:
    monkeypatch.setattr(gathering, "cores", lambda: 4)
    with gathering.Gathered(built()) as gathered:
        gathered.placed = answers
        gathered.students = [STUDENTS[0]] * students
        assert gathered.jobs(pages) == jobs


def test_marks_are_the_same_whatever_the_number_of_processes(tmp_path: Path) -> None:
    manifest, made = built(STUDENTS), papers(STUDENTS)
    answers = [row for version in made[:2] for row in rows(version, version.name)]
    (tmp_path / "r.csv").write_text(text([*answers, (STUDENTS[0].id, "", "1", "a", "?")]), encoding="utf-8")
    trees = []
    for jobs in (1, 2):
        folder = tmp_path / str(jobs)
        with gather(manifest, responses.read(tmp_path / "r.csv")) as gathered:
            graded = marks.write(gathered, folder, jobs=jobs, files=[str(TOYS)])
        assert (graded.students, graded.absent, graded.failures) == (2, 1, [])
        trees.append({path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()})
    assert len(trees[0]) == 3 + len(STUDENTS)
    assert trees[0] == trees[1]

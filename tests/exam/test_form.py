"""The table to type answers into is one that marking reads."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner

from answered import STUDENTS, answer, built, marked, papers, text
from quizgen.__main__ import cli
from quizgen.exam import form, manifest
from quizgen.exam.manifest import Manifest


def table(exam: Manifest) -> list[list[str]]:
    return list(csv.reader(io.StringIO(form.text(exam).removeprefix("\ufeff"))))


def test_filled_in_with_what_is_right_it_earns_all_points(tmp_path: Path) -> None:
    header, *lines = table(built(STUDENTS))
    assert [line[0] for line in lines] == ["s1", "s2", "../../x"]
    assert lines[1][1].startswith("'=HYPERLINK")
    for line, paper in zip(lines, papers(STUDENTS), strict=True):
        line[2:] = [answer(part) for placed in paper.questions for part in placed.question.parts]
    found = marked(tmp_path, text(lines, header), built(STUDENTS))
    assert [one.points for one in found] == [one.of for one in found]
    assert {one.student.name for one in found} == {student.name for student in STUDENTS}


def test_without_a_roster_the_paper_is_typed_too(tmp_path: Path) -> None:
    (header,) = table(built())
    line = ["ada", "Ada", "B", *(answer(part) for placed in papers()[1].questions for part in placed.question.parts)]
    (found,) = marked(tmp_path, text([line], header))
    assert (found.student.name, found.paper, found.points) == ("Ada", "B", found.of)


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_the_command_overwrites_what_was_typed_only_when_told(tmp_path: Path, force: tuple[str, ...]) -> None:
    exam, typed = tmp_path / "manifest.json", tmp_path / "responses.csv"
    exam.write_text(manifest.text(built(STUDENTS)), encoding="utf-8")
    typed.write_text("precious", encoding="utf-8")
    done = CliRunner().invoke(cli, ["exam", "form", str(exam), "-o", str(typed), *force])
    assert done.exit_code == (0 if force else 2)
    assert (typed.read_text(encoding="utf-8") == "precious") is not bool(force)
    assert ("3 students" in done.stdout) is bool(force)

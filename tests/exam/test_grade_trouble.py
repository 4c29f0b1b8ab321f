"""Marking where something is wrong: with the answers, the manifest, the folder, the disk, or one student's page."""

from __future__ import annotations

import errno
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result

from answered import STUDENTS, Row, built, papers, rows, text
from exams import TOYS
from quizgen.__main__ import cli
from quizgen.errors import OutputError, QuizgenError, RenderError
from quizgen.exam import entries, feedback, gathering, manifest, marks, responses
from quizgen.exam.grade import Marked, gather
from quizgen.exam.manifest import Manifest
from quizgen.marking import Verdict
from quizgen.question import Question
from quizgen_solvers import ExactError


def run(*arguments: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(cli, ["exam", "grade", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a manifest and right answers."""
    manifest.write(built(), tmp_path / "manifest.json")
    (tmp_path / "r.csv").write_text(text(every()), encoding="utf-8")
    return tmp_path


def every() -> list[Row]:
    return [row for n, version in enumerate(papers()) for row in rows(version, f"s{n}")]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def grade(folder: Path, *more: str | Path, responses: str = "r.csv", to: str = "marks") -> Result:
    return run(folder / "manifest.json", folder / responses, "-o", folder / to, *more)


# --- from the command line --------------------------------------------------------------------------------------------
def test_all_is_well(folder: Path) -> None:
    result = grade(folder)
    assert result.exit_code == 0, result.output
    assert "marked 2 students in" in result.stdout
    assert f"{len(every())} answers, {len(every())} right" in result.stdout.replace("\n", " ").replace("  ", " ")
    assert set(tree(folder / "marks")) == {
        "marks.csv", "marks.json", "review.csv", "feedback/s0.html", "feedback/s1.html",
    }  # fmt: skip
    before = tree(folder / "marks")
    again = grade(folder)
    assert again.exit_code == 0
    assert again.stdout.startswith("unchanged")
    assert tree(folder / "marks") == before


def test_what_a_person_has_to_look_at_is_said(folder: Path) -> None:
    given = [*every(), ("s0", "Q", "1", "a", "1"), ("s9", "A", "1", "a", "=1+1"), ("s9", "A", "1", "b", "?")]
    (folder / "r.csv").write_text(text(given), encoding="utf-8")
    result = grade(folder, "--no-feedback")
    assert result.exit_code == 1
    assert (
        "3 lines in review.csv for a person: 1 of unknown papers, 1 left to a person, 1 unreadable\n" in result.stdout
    )
    assert "feedback" not in {path.split("/")[0] for path in tree(folder / "marks")}


def test_a_changed_policy_says_who_gains_and_loses(folder: Path) -> None:
    given = [row if row[3] != "a" else (*row[:4], f"-({row[4]})") for row in every() if row[2] == "1"]
    (folder / "r.csv").write_text(text(given), encoding="utf-8")
    assert grade(folder).exit_code == 0
    (folder / "kind.toml").write_text('[marking]\nwrong_sign = "50%"\n', encoding="utf-8")
    result = grade(folder, "--policy", folder / "kind.toml", "--compare", folder / "marks", to="kind")
    assert result.exit_code == 0, result.output
    assert "against the earlier marks 2 gain and 0 lose (changes.csv)" in result.stdout
    assert "s0: +" in result.stdout
    table = (folder / "kind" / "changes.csv").read_text(encoding="utf-8-sig").splitlines()
    assert table[0] == "student,name,before,after,change,parts"
    assert len(table) == 3
    fails(folder, "holds other marks of this exam", "--policy", folder / "kind.toml")


# --- answers ----------------------------------------------------------------------------------------------------------
def fails(folder: Path, words: str, *more: str | Path, **others: str) -> None:
    """The command ends with 2 and one line, and leaves nothing behind."""
    before = tree(folder)
    result = grade(folder, *more, **others)
    said = str(result.exception) if isinstance(result.exception, QuizgenError) else result.output
    assert result.exit_code != 0
    assert words in said
    assert "Traceback" not in result.output
    assert tree(folder) == before
    assert not list(folder.glob(".*.part"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the first line is empty"),
        (b"student,paper,question,part,answer\n", "/bad.csv'; type them below the names of the columns"),
        (b"student,paper,part,answer\ns,A,a,1\n", "there are not student, question and answer"),
        (b"student,paper,question,part,answer\ns,other-A-1234,1,a,1\n", "was the answer given in another exam?"),
        (b"student,paper,question,part,answer\ns,A,77,a,1\n", "there is no such question; the paper has 4 questions"),
        (b'student,paper,question,part,answer\ns,A,1,a,"1\n', "a quotation mark is opened and not closed"),
    ],
)
def test_files_without_an_answer_to_this_exam(folder: Path, data: bytes, words: str) -> None:
    (folder / "bad.csv").write_bytes(data)
    fails(folder, words, responses="bad.csv")


def test_a_huge_answer_is_unreadable_and_short_in_the_list(folder: Path) -> None:
    (folder / "r.csv").write_text(text([*every(), ("s5", "A", "1", "a", "9" * 100_000)]), encoding="utf-8")
    assert grade(folder, "--no-feedback").exit_code == 1
    lines = (folder / "marks" / "review.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 2
    assert len(lines[1]) < 3000


@pytest.mark.parametrize("answer", ["\0", "\ud800", "‮5", "=cmd|' /C calc'!A0", "a\nb\rc", '"', "\x1b[31m5"])
def test_whatever_stands_in_a_cell(tmp_path: Path, answer: str) -> None:
    given = [responses.Response(2, "s0", "1", answer, "A", "a"), responses.Response(3, "=1", "1", "1", "A", "a")]
    with gather(built(), given) as gathered:
        marks.write(gathered, tmp_path / "marks")
    for name in ("marks.csv", "review.csv"):
        data = (tmp_path / "marks" / name).read_bytes().decode("utf-8")
        assert not any(line.startswith("=") for line in data.splitlines())
        assert "\x1b" not in data
    json.loads((tmp_path / "marks" / "marks.json").read_text(encoding="utf-8"))


def test_students_of_no_roster_and_of_all_sorts(tmp_path: Path) -> None:
    made = papers(STUDENTS)
    (tmp_path / "r.csv").write_text(
        text([*rows(made[0], "S1"), ("nobody", made[0].name, "1", "a", "1"), ("s22", made[1].name, "1", "a", "1")]),
        encoding="utf-8",
    )
    with gather(built(STUDENTS), responses.read(tmp_path / "r.csv")) as gathered:
        graded = marks.write(gathered, tmp_path / "marks")
    assert (graded.students, graded.absent, graded.problems) == (1, 2, {"student": 2})
    names = sorted(path.name for path in (tmp_path / "marks" / "feedback").iterdir())
    assert names[0] == "s1.html"
    assert all(".." not in name and "=" not in name for name in names)
    assert "did you mean 's2'" in (tmp_path / "marks" / "review.csv").read_text(encoding="utf-8-sig")


def test_one_odd_answer_stops_nobody(folder: Path) -> None:
    """Ids that are paths, formulas, names of devices or several lines; null characters; the file pasted twice."""
    odd = ["../../etc/passwd", "=1+1", "a\nb", "CON", ".", "x" * 300, "nul\0"]
    given = [*every(), *every(), *((name, "A", "1", "a", "5\0" if "\0" in name else "5") for name in odd)]
    (folder / "r.csv").write_text(text(given), encoding="utf-8")
    result = grade(folder)
    assert result.exit_code == 1
    assert "1 of unknown students, 1 unreadable\n" in result.stdout
    assert f"{2 + len(odd) - 1} students" in result.stdout
    made = sorted(path.name for path in (folder / "marks" / "feedback").iterdir())
    assert len(made) == 2 + len(odd) - 1
    assert set("".join(made)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    assert not {"CON.html", "..html"} & set(made)
    assert {path.name for path in folder.iterdir()} == {"manifest.json", "r.csv", "marks"}


# --- the manifest -----------------------------------------------------------------------------------------------------
def test_a_manifest_that_was_edited_is_refused(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"Midterm"', '"Final"', 1), encoding="utf-8")
    fails(folder, "was changed by hand since it was built")
    path.write_text("{}", encoding="utf-8")
    fails(folder, "is no manifest of an exam")
    path.unlink()
    fails(folder, "there is no file")


# --- the folder -------------------------------------------------------------------------------------------------------
def other_exam() -> Manifest:
    return built(("A", "B", "C"))


def test_a_folder_with_something_else_is_refused(folder: Path) -> None:
    (folder / "marks").mkdir()
    (folder / "marks" / "thesis.txt").write_text("years of work", encoding="utf-8")
    fails(folder, "holds 'thesis.txt' and no marks")
    assert grade(folder, "--force").exit_code == 0
    assert (folder / "marks" / "thesis.txt").read_text(encoding="utf-8") == "years of work"
    (folder / "file").write_text("x", encoding="utf-8")
    fails(folder, "is a file; name a folder", to="file")
    fails(folder, "there is no folder", to="no/where")


def test_the_marks_of_another_exam_are_kept(folder: Path) -> None:
    with gather(other_exam(), responses.read(folder / "r.csv")) as gathered:
        marks.write(gathered, folder / "marks", feedback=False)
    fails(folder, "holds the marks of 'Midterm' as it was built another time")


def test_other_answers_need_a_word(folder: Path) -> None:
    assert grade(folder).exit_code == 0
    (folder / "r.csv").write_text(text(every()[:-3]), encoding="utf-8")
    fails(folder, "holds other marks of this exam: answers or policy have changed since")
    (folder / "r.csv").write_text(text([row for row in every() if row[0] == "s1"]), encoding="utf-8")
    (folder / "marks" / "feedback" / "mine.html").write_text("mine", encoding="utf-8")
    assert grade(folder, "--force", "--compare", folder / "marks").exit_code == 0
    assert set(tree(folder / "marks")) == {
        "changes.csv", "marks.csv", "marks.json", "review.csv", "feedback/s1.html", "feedback/mine.html",
    }  # fmt: skip
    (folder / "marks" / "marks.json").write_text("[]", encoding="utf-8")
    fails(folder, "holds no marks; `quizgen exam grade` writes them")
    assert grade(folder, "--force").exit_code == 0


def test_marks_that_were_changed_lead_out_of_no_folder(folder: Path) -> None:
    """The pages of earlier marks are taken away when they are replaced; what else they name is not."""
    assert grade(folder).exit_code == 0
    path = folder / "marks" / "marks.json"
    (folder / "thesis.html").write_text("years of work", encoding="utf-8")
    changed = path.read_text(encoding="utf-8").replace("feedback/s0.html", "feedback/../../thesis.html")
    path.write_text(changed.replace('"page":"feedback/s1.html",', ""), encoding="utf-8")
    assert grade(folder, "--force").exit_code == 0
    assert (folder / "thesis.html").read_text(encoding="utf-8") == "years of work"
    path.write_text(changed.replace('"feedback/s1.html"', "null"), encoding="utf-8")
    assert grade(folder, "--force").exit_code == 0
    assert (folder / "thesis.html").exists()


def test_marks_to_compare_with_must_be_there(folder: Path) -> None:
    fails(folder, "there are no marks in", "--compare", folder / "nowhere")
    (folder / "junk.json").write_text("{}", encoding="utf-8")
    fails(folder, "holds no marks", "--compare", folder / "junk.json")
    assert grade(folder).exit_code == 0
    path = folder / "marks" / "marks.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"format":1', '"format":9'), encoding="utf-8")
    fails(folder, "is of format 9; this quizgen reads format 1", "--compare", folder / "marks", to="other")


def test_a_folder_that_may_not_be_written_to(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> str:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(marks.tempfile, "mkdtemp", refused)
    fails(folder, "Permission denied; nothing there was changed")


# --- a disk that is full ----------------------------------------------------------------------------------------------
def full(*_: object, **__: object) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    ("module", "where"), [(entries, "_page"), (entries, "to_json"), (marks, "_review"), (marks, "_install")]
)
@pytest.mark.parametrize("replacing", [False, True])
def test_a_full_disk_leaves_everything_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch, module: ModuleType, where: str, replacing: bool
) -> None:
    if replacing:
        assert grade(folder).exit_code == 0
        (folder / "r.csv").write_text(text(every()[:-3]), encoding="utf-8")
    monkeypatch.setattr(module, where, full)
    fails(folder, "No space left on device; nothing there was changed", *(["--force"] if replacing else []))


def test_a_full_disk_while_answers_are_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect

    class Full:
        def __init__(self) -> None:
            self.real = connect("", isolation_level=None)
            self.executescript, self.close = self.real.executescript, self.real.close

        def execute(self, query: str, *more: Any) -> Any:
            if query.startswith("INSERT"):
                raise sqlite3.OperationalError("database or disk is full")
            return self.real.execute(query, *more)

    monkeypatch.setattr(gathering.sqlite3, "connect", lambda *_, **__: Full())
    with pytest.raises(OutputError, match="database or disk is full; make room on the disk"):
        gather(built(), [responses.Response(1, "s", "1", "1", "A", "a")])


# --- interrupted ------------------------------------------------------------------------------------------------------
WAITS = """
import multiprocessing, os, pathlib, time
if multiprocessing.parent_process() is not None:
    pathlib.Path(__file__).with_name(f"{os.getpid()}.pid").touch()
    time.sleep(600)
"""
"""What makes a process that marks wait, when it loads the families of a file."""


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups, which Windows has not")
@pytest.mark.parametrize("how", ["Ctrl-C", "killed"])
def test_processes_end_with_the_command(folder: Path, how: str) -> None:
    slow = folder / "slow.py"
    slow.write_text(TOYS.read_text(encoding="utf-8") + WAITS, encoding="utf-8")
    files = [folder / "manifest.json", folder / "r.csv", "-o", folder / "marks"]
    command = [sys.executable, "-m", "quizgen", "--families", slow, "exam", "grade", *files, "--jobs", "2"]
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [*map(str, command)], stderr=subprocess.PIPE, text=True, start_new_session=True, env={**os.environ, **paths}
    ) as process:
        until(lambda: list(folder.glob("*.pid")))
        if how == "Ctrl-C":
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
            assert process.communicate()[1].strip() == "quizgen: interrupted"
            assert process.returncode == 130
            assert not list(folder.glob(".marks*"))
        else:
            process.kill()
            process.wait()
    until(lambda: not any(alive(int(path.stem)) for path in folder.glob("*.pid")))
    assert not (folder / "marks").exists()


def until(is_so: Callable[[], object]) -> None:
    """Waits until something is so; a minute is more than it ever takes."""
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")  # one that has ended and nobody has asked for stands there as Z
    return not status.exists() or ") Z " not in status.read_text(encoding="utf-8")


# --- one answer, one page ---------------------------------------------------------------------------------------------
def test_an_answer_that_cannot_be_marked_is_for_a_person(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = Question.check

    def fails_once(self: Question, text: str, part: int = 1, earlier: Any = None) -> Verdict:
        if self.family == "optim.adam" and part == 2:
            raise ExactError("a division by zero")
        return check(self, text, part, earlier)

    monkeypatch.setattr(Question, "check", fails_once)
    assert grade(folder, "--no-feedback").exit_code == 1
    lines = (folder / "marks" / "review.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 3
    assert all("this can be read and not be marked: a division by zero" in line for line in lines[1:])
    assert [student["points"] for student in marks.read(folder / "marks")["students"]] == ["9", "9"]


def test_where_one_page_fails_the_others_are_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page: Callable[[feedback.Feedback, Marked], str] = feedback.Feedback.page

    def breaks(self: feedback.Feedback, marked: Marked) -> str:
        if marked.student.id == "s0":
            raise RenderError("a formula can't be printed")
        return page(self, marked)

    monkeypatch.setattr(feedback.Feedback, "page", breaks)
    result = grade(folder)
    assert result.exit_code == 1
    assert "no page for s0: a formula can't be printed" in result.stderr
    assert set(tree(folder / "marks")) == {"marks.csv", "marks.json", "review.csv", "feedback/s1.html"}
    data = marks.read(folder / "marks")
    assert [student["page"] for student in data["students"]] == ["", "feedback/s1.html"]
    assert [student["points"] == student["of"] for student in data["students"]] == [True, True]

"""The report of an exam: the terminal at 80 columns, the page in a real browser, the JSON, and the command."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from exams import exam, family
from marked import marked, simulated, strange
from quizgen.__main__ import cli
from quizgen.exam import manifest, report, results
from quizgen.exam.analysis import PassMark, Statistics
from quizgen.exam.report_page import page as page_of
from quizgen.exam.results import Asked, Results
from quizgen.exam.statistics import statistics
from quizgen.exam.versions import versions

NASTY = "</style><script>alert(1)</script> & \x1b[2J '\""
DENIS = [[10, 12, 15], [12, 18, 12], [8, 16, 14], [6, 8, 16]]


@pytest.fixture(scope="module")
def found() -> Statistics:
    """A class with a harder version, a mistake that is spoken of, and a pass mark."""
    reasons = {("q5", "forgot the square root"): "Adam divides by $\\sqrt{\\hat v}$, **not** by $\\hat v$."}
    return statistics(replace(simulated(harder=2), reasons=reasons), PassMark(50, in_percent=True))


def printed(found: Statistics, color: bool = False) -> str:
    out = io.StringIO()
    report.show(found, Console(file=out, width=80, highlight=False, markup=False, force_terminal=color))
    return out.getvalue()


def hostile() -> Results:
    """A class whose titles, versions and mistakes are text that somebody typed."""
    made = simulated(40)
    questions = tuple(Asked(each.number, each.key, NASTY, "") for each in made.questions)
    earned = tuple(
        replace(e, version=e.version + NASTY, mistakes=(NASTY,) if e.points == 0 else ()) for e in made.earned
    )
    return Results(NASTY, questions, earned, reasons={(each.key, NASTY): NASTY for each in questions})


# --- the terminal -------------------------------------------------------------------------------------------------


def test_the_terminal_fits_80_columns(found: Statistics) -> None:
    text = printed(found)
    assert max(map(len, text.splitlines())) <= 80
    lines = text.splitlines()
    assert lines[0] == "Midterm: deep learning"
    assert lines[1].split() == ["Students", "96"]
    row = next(line for line in lines if line.startswith("1  One step of Adam"))
    tally = found.questions[0].all
    assert row.split()[-7:-3] == ["2", report.share_of(tally), report.separates(tally), str(tally.right)]
    assert "Versions differ here: " in text
    words = " ".join(text.split())
    assert "4 of 8 questions worked: 2, 4, 5 and 6. Look at 1, 3, 7 and 8." in words
    assert "45 of 96 passed (47%), with 12 points or more. 27 are within ±2.7 points of that" in words
    assert "5 46 of 96: forgot the square root. Adam divides by √v̂, not by v̂." in words


@pytest.mark.parametrize("color", [False, True])
def test_no_line_ends_in_blanks(found: Statistics, color: bool) -> None:
    for line in printed(found, color).splitlines():
        bare = re.sub(r"\x1b\[[0-9;]*m", "", line)
        assert bare == bare.rstrip()


def test_nobody_in_the_terminal() -> None:
    text = printed(statistics(Results("Midterm", (), ())))
    assert "Students   nobody answered anything" in text


def test_what_is_not_settled_is_said() -> None:
    made = marked([*DENIS, [None] * 3], of=20)
    waiting = replace(made, earned=tuple(replace(e, open=e.student == "s00" and e.key == "q1") for e in made.earned))
    text = printed(statistics(waiting))
    assert "1 student wrote nothing and is left out." in text
    assert "1 answer waits for a person and counts as marked so far." in text


# --- JSON ---------------------------------------------------------------------------------------------------------


def test_json_has_every_figure_and_sentence(found: Statistics) -> None:
    data = json.loads(json.dumps(report.to_json(found), allow_nan=False))
    assert found.reliability is not None
    assert data["students"] == 96
    assert data["reliability"]["alpha"] == found.reliability.alpha
    assert [q["asked"]["key"] for q in data["questions"]] == [f"q{number}" for number in range(1, 9)]
    assert [q["worked"] for q in data["questions"]] == [False, True, False, True, True, True, False, False]
    (third,) = data["questions"][2]["findings"]
    assert third["said"].startswith("Versions differ here")
    assert third["look"] is True
    (slip,) = data["questions"][4]["all"]["mistakes"]
    assert (slip["count"], slip["why"]) == (46, "Adam divides by √v̂, not by v̂.")
    assert data["passing"] == {"mark": 12, "students": 45, "near": 27}
    assert data["summary"].startswith("4 of 8 questions worked")
    assert data["versions"]["groups"][0]["median"] == 9.5
    assert data["verdict"].endswith(".")


# --- the page -----------------------------------------------------------------------------------------------------


def test_the_page_needs_nothing_else(found: Statistics) -> None:
    page = page_of(found)
    assert "<script" not in page
    assert " style=" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    assert page.count("<svg") > 2


@pytest.mark.parametrize("made", list(strange()))
def test_odd_marks_have_a_page_and_lines(made: Results) -> None:
    found = statistics(made)
    page, text = page_of(found), printed(found)
    assert "nan" not in re.findall(r"\w+", page.lower() + text.lower())
    assert max(map(len, text.splitlines())) <= 80
    assert ("<svg" in page) == bool(found.students)


@pytest.mark.parametrize("rows", [0, 1, 4])
def test_a_page_of_few(rows: int) -> None:
    page = page_of(statistics(marked(DENIS[:rows], of=20)))
    assert "nan" not in page.lower().split()
    assert ("Nobody answered anything" in page) == (rows == 0)
    assert ("4 students are too few; it takes 10" in page) == (rows == 4)


def test_what_people_typed_stays_text() -> None:
    found = statistics(hostile())
    page = page_of(found)
    assert "<script" not in page
    assert "\x1b" not in page
    assert "\x1b" not in printed(found)


Open = Callable[..., Any]


@pytest.fixture
def show(window: Open) -> Open:
    return lambda found, *how, **more: window(page_of(found), *how, **more)


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1000), ("dark", 1000), ("light", 360)])
def test_everybody_can_read_it(show: Open, found: Statistics, scheme: str, width: int) -> None:
    """By the rules of axe, contrast in both schemes among them."""
    browser = show(found, width, scheme)
    ground = browser.execute_script("return getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g)")
    assert (sum(map(int, ground[:3])) > 384) == (scheme == "light")
    browser.execute_script((Path(__file__).parent.parent / "data" / "axe" / "axe.min.js").read_text(encoding="utf-8"))
    broken = browser.execute_async_script(
        "const done = arguments[0]; axe.run().then(r => done(r.violations.map(v => [v.id, v.nodes[0].html])))"
    )
    assert broken == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1000])
def test_nothing_is_wider_than_the_window(show: Open, found: Statistics, width: int) -> None:
    browser = show(found, width=width)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.browser
@pytest.mark.parametrize(("width", "shown"), [(360, "qg-narrow"), (700, "qg-narrow"), (1000, "qg-wide")])
def test_each_chart_is_seen_once_and_holds_its_words(show: Open, width: int, shown: str) -> None:
    """Of names that are long as well, in the fonts of the page, and in letters that can be read."""
    browser = show(statistics(hostile()), width=width)
    charts = browser.execute_script(
        "return [...document.querySelectorAll('.qg-drawn')].filter(svg => svg.getBoundingClientRect().width).map(svg =>"
        " { const box = svg.getBoundingClientRect(); return [svg.getAttribute('class').split(' ')[1],"
        " [...svg.querySelectorAll('text')].map(text => { const at = text.getBoundingClientRect();"
        " return [text.textContent, at.left - box.left, box.right - at.right, at.top - box.top, box.bottom - at.bottom,"
        " at.height]; })]; })"
    )
    assert [kind for kind, _ in charts] == [shown] * 5
    for _, words in charts:
        assert words
        for text, *room, height in words:
            assert min(room) >= -1, text
            assert height >= 11, text  # of a line; the letters are smaller


# --- the command --------------------------------------------------------------------------------------------------


BY_HAND = """text = "How many parameters does it have?"
answer = 27
points = 2
mistakes = [{ name = "no biases", answer = 24, why = "Each of the $3$ outputs has a bias as well." }]"""


def run(*arguments: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(cli, ["exam", "report", *map(str, arguments)])


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Marks of twelve students who wrote two versions, as `quizgen exam grade` writes them.

    Every third makes the first named mistake in part a of question 1 and in question 3, which is written by hand; the
    last leaves question 2 out.
    """
    folder = tmp_path_factory.mktemp("graded")
    asked = exam(family("optim.adam"), family("conv.output-size"), BY_HAND)
    papers, fairness = versions(asked, ["A", "B"], verify=False)
    manifest.write(manifest.of(asked, papers, fairness), folder / "manifest.json")
    with (folder / "responses.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["student", "paper", "question", "part", "answer"])
        for number in range(12):
            paper = papers[number % 2]
            for place, placed in enumerate(paper.questions, 1):
                for at, part in enumerate(placed.question.parts):
                    slip = number % 3 == 0 and (place, at) in ((1, 0), (3, 0))
                    typed = "" if number == 11 and place == 2 else part.mistakes[0].value if slip else part.answer
                    rows.writerow([f"s{number:02}", paper.name, place, "abcdefgh"[at], typed])
    files = [str(folder / name) for name in ("manifest.json", "responses.csv", "marks")]
    told = CliRunner().invoke(cli, ["exam", "grade", *files[:2], "--no-feedback", "-o", files[2]])
    assert told.exit_code == 0, told.output
    return folder / "marks"


@pytest.fixture
def marks(graded: Path, tmp_path: Path) -> Path:
    return shutil.copytree(graded, tmp_path / "marks")


def test_marks_that_were_graded_are_read(graded: Path) -> None:
    found = statistics(results.read(graded))
    assert (found.title, found.students, found.empty, found.open) == ("Midterm", 12, 0, 0)
    assert [(q.asked.number, q.asked.family, q.asked.level) for q in found.questions] == [
        (1, "optim.adam", 1),
        (2, "conv.output-size", 1),
        (3, "", None),
    ]
    first, second, third = found.questions
    assert first.parts[0].right == 8
    assert first.all.mistakes[0].count == 4
    assert (second.all.right, second.all.omitted) == (11, 1)
    assert [question.asked.same for question in found.questions] == [False, False, True]
    assert [(group.version, group.students) for group in first.versions.groups] == [("A", 6), ("B", 6)]
    assert all(group.operations for group in first.versions.groups)
    assert not any(group.operations for group in third.versions.groups)  # of one that is written by hand nobody knows


def test_a_mistake_comes_with_what_there_is_to_say_of_it(graded: Path) -> None:
    """Whether it is of a family or of a question that is written by hand."""
    found = statistics(results.read(graded))
    first, _, third = (q["all"]["mistakes"] for q in report.to_json(found)["questions"])
    assert first[0]["why"].endswith(".")
    assert [(slip["name"], slip["count"], slip["why"]) for slip in third] == [
        ("no biases", 4, "Each of the 3 outputs has a bias as well.")
    ]
    words = " ".join(printed(found).split())
    assert "3 4 of 12: no biases. Each of the 3 outputs has a bias as well." in words
    assert f"1 4 of 12: {first[0]['name']}. {first[0]['why'][:20]}" in words
    page = page_of(found)
    assert "<strong>no biases</strong>: Each of the <math><mn>3</mn></math> outputs" in page
    assert page.count("operations by hand") == 2  # in the tables of two questions


def test_marks_of_an_earlier_version_say_nothing_about_mistakes(marks: Path) -> None:
    data = json.loads((marks / "marks.json").read_text(encoding="utf-8"))
    del data["mistakes"]
    (marks / "marks.json").write_text(json.dumps(data), encoding="utf-8")
    (slip,) = statistics(results.read(marks)).questions[2].all.mistakes
    assert (slip.name, slip.why) == ("no biases", "")


def test_the_command_prints_writes_and_gives_json(marks: Path, tmp_path: Path) -> None:
    told = run(marks)
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("Midterm")
    assert json.loads(run(marks, "--json").stdout)["questions"][1]["all"]["right"] == 11
    assert run(marks, "--html").exit_code == 0
    assert (marks / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    again = run(marks, "--html")
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    told = run(marks, "--pass", "50%")
    assert "12 of 12 passed (100%)" in told.stdout
    assert all(line == line.rstrip() for line in told.stdout.splitlines())
    out = tmp_path / "report.json"
    assert run(marks, "--json", "-o", out).exit_code == 0
    assert json.loads(out.read_text(encoding="utf-8"))["students"] == 12


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--html", "report.pdf"], "does not end in .html"),
        (["--html", "x.html", "--json"], "two ways to see the same"),
        (["-o", "x.json"], "add --json"),
        (["--pass", "half"], "--pass takes points or percent of all, such as 12 or 50%, and not 'half'"),
        (["--pass", "101%"], "a pass mark of 7.07 is not between 0 and 7, which is all"),
    ],
)
def test_what_cannot_be_meant(marks: Path, arguments: list[str], line: str) -> None:
    told = run(marks, *arguments)
    assert told.exit_code == 2
    assert line in told.stderr
    assert told.stderr.count("\n") == 1


def test_no_marks(tmp_path: Path) -> None:
    told = run(tmp_path)
    assert told.exit_code == 2
    assert "`quizgen exam grade` writes them" in told.stderr
    assert "there are no marks in 'nowhere';" in run(Path("nowhere")).stderr
    (tmp_path / "marks.csv").write_text("student,points\n", encoding="utf-8")
    told = run(tmp_path / "marks.csv")
    assert told.exit_code == 2
    assert "marks.csv' is no marks.json; name the folder that `quizgen exam grade` wrote" in told.stderr


@pytest.mark.parametrize("lost", ["papers", "title", "students", "mistakes"])
def test_marks_that_were_damaged(marks: Path, lost: str) -> None:
    data = json.loads((marks / "marks.json").read_text(encoding="utf-8"))
    data[lost] = [1] if lost == "students" else None
    (marks / "marks.json").write_text(json.dumps(data), encoding="utf-8")
    told = run(marks)
    assert told.exit_code == 2
    assert "were changed by hand or are damaged" in told.stderr
    assert told.stderr.count("\n") == 1


def test_help_fits_the_terminal() -> None:
    told = run("--help")
    assert told.exit_code == 0
    assert "Examples:\n    quizgen exam report " in told.stdout
    assert max(map(len, told.stdout.splitlines())) <= 80

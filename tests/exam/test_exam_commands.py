"""`quizgen exam new` and `check`, as a person types them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from quizgen.__main__ import cli
from quizgen.commands.exam import ORDER
from quizgen.commands.exam_check import MOST_PROBLEMS
from quizgen.exam import blueprint, dealing
from quizgen.exam.fairness import percent
from quizgen.exam.outline import outline
from quizgen.exam.versions import versions

HEAD = 'title = "T"\nseed = "1"\n'
ADAM = "[[sections.questions]]\nfamily = 'optim.adam'\n"


def run(*arguments: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(cli, ["exam", *map(str, arguments)])


@pytest.fixture
def exam(tmp_path: Path) -> Path:
    """The blueprint that `new` writes."""
    path = tmp_path / "midterm.toml"
    assert run("new", path).exit_code == 0
    return path


def write(folder: Path, text: str) -> Path:
    path = folder / "exam.toml"
    path.write_text(text, encoding="utf-8")
    return path


# --- the group ----------------------------------------------------------------------------------------------------


def test_the_group_lists_its_commands_in_the_order_of_use() -> None:
    told = run("--help")
    assert told.exit_code == 0
    shown = [line.split()[0] for line in told.stdout.split("Commands:\n")[1].splitlines() if line[2:3].isalpha()]
    names = [name for name in shown if name in ORDER]
    assert names[:2] == ["new", "check"]
    assert names == [name for name in ORDER if name in names]


@pytest.mark.parametrize("name", ["new", "check"])
def test_help_has_examples_that_fit_the_terminal(name: str) -> None:
    told = run(name, "--help")
    assert told.exit_code == 0
    assert "Examples:\n    quizgen exam " in told.stdout
    assert max(map(len, told.stdout.splitlines())) <= 80


def test_a_command_that_is_mistyped() -> None:
    told = run("chek", "x.toml")
    assert told.exit_code == 2
    assert told.stderr.startswith("quizgen: there is no command of `quizgen exam` 'chek' (did you mean 'check'?)")
    assert run().exit_code == 2


def test_help_of_the_group_imports_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "sys.argv = ['quizgen', 'exam', '--help']\n"
        "from quizgen.__main__ import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "heavy = {'torch', 'sympy', 'numpy', 'jinja2', 'pydantic', 'tree_sitter', 'pandas', 'scipy', 'lxml'}\n"
        "print('HEAVY:', *sorted(heavy & sys.modules.keys()))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "HEAVY:"


# --- new ----------------------------------------------------------------------------------------------------------


def test_new_writes_what_works_with_a_seed_of_its_own(tmp_path: Path) -> None:
    seeds = set()
    for name in ("a.toml", "b.toml"):
        told = run("new", tmp_path / name)
        assert told.exit_code == 0
        assert f"wrote {tmp_path / name}" in told.stdout
        assert f"  quizgen exam check {tmp_path / name}\n" in told.stdout
        seeds.add(blueprint.read(tmp_path / name).seed)
    assert len(seeds) == 2
    first, second = sorted(seeds)
    written = {(tmp_path / name).read_text().replace(first, second) for name in ("a.toml", "b.toml")}
    assert len(written) == 1


def test_new_overwrites_nothing(exam: Path) -> None:
    before = exam.read_text()
    told = run("new", exam)
    assert told.exit_code == 2
    assert "exists already; overwrite it with --force" in told.stderr
    assert exam.read_text() == before
    assert run("new", exam, "--force").exit_code == 0
    assert exam.read_text() != before


def test_new_wants_a_folder_that_is_there(tmp_path: Path) -> None:
    told = run("new", tmp_path / "nowhere" / "exam.toml")
    assert told.exit_code == 2
    assert "there is no folder" in told.stderr
    assert "is a folder" in run("new", tmp_path).stderr


# --- check --------------------------------------------------------------------------------------------------------


def test_check_says_what_the_exam_asks(exam: Path) -> None:
    told = run("check", exam)
    assert (told.exit_code, told.stderr) == (0, "")
    made = blueprint.read(exam)
    papers, fairness = versions(made, made.versions, verify=False)
    for row in outline(made, papers).rows:
        (line,) = [line for line in told.stdout.splitlines() if line.startswith(f"{row.number}  ")]
        assert (row.slot.code or row.slot.family or row.title)[:15] in line
        assert f"{int(row.total.p) / int(row.total.q):g}" in line.split()
        assert line.endswith(f"{-(-row.seconds // 6) / 10}")
    assert "\nabout " in told.stdout
    assert " minutes for a person who knows how; 60 are given\n" in told.stdout
    assert "points by topic: conv 7, " in told.stdout
    assert told.stdout.endswith("\n".join(fairness.lines) + "\n")
    table = told.stdout.split("9 questions, ")[0]
    assert max(map(len, table.splitlines())) <= 80
    assert "Layers" in table
    assert "Training, 3 of 4" in table


def test_check_as_json(exam: Path) -> None:
    data = json.loads(run("check", exam, "--json").stdout)
    made = blueprint.read(exam)
    papers, fairness = versions(made, made.versions, verify=False)
    assert data == json.loads(json.dumps(outline(made, papers).to_json() | {"fairness": fairness.to_json()}))
    assert (data["title"], data["duration"], data["versions"], data["band"]) == ("Midterm", 60, ["A", "B"], "0.1")
    assert len(data["questions"]) == 9
    assert data["questions"][1]["parts"] == ["1", "1.5", "0.5"]
    assert sum(each["seconds"] for each in data["questions"]) == data["seconds"]


def test_check_twice_says_the_same(exam: Path) -> None:
    assert run("check", exam).stdout == run("check", exam).stdout


def test_check_names_every_problem_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, f"tilte = 'x'\n{HEAD}duration = 0\n[[sections]]\n{ADAM}levle = 2\n")
    for options in ([], ["--json"]):
        told = run("check", path, *options)
        assert (told.exit_code, told.stdout) == (2, "")
        assert told.stderr.splitlines() == [
            f"{path}:1: tilte: there is no such key here (did you mean 'title'?)",
            f"{path}:4: duration: takes a whole number from 1 to 1,440 (minutes), not 0",
            f"{path}:8: sections.questions.levle: there is no such key here (did you mean 'level'?)",
        ]


def test_check_of_something_else(tmp_path: Path) -> None:
    told = run("check", tmp_path / "nothing.toml")
    assert told.exit_code == 2
    assert len(told.stderr.splitlines()) == 1
    assert "there is no file" in told.stderr
    assert "is a folder" in run("check", tmp_path).stderr


def test_check_does_not_print_thousands_of_lines(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + "".join(f"key{n} = 1\n" for n in range(1000)) + f"[[sections]]\n{ADAM}")
    told = run("check", path)
    lines = told.stderr.splitlines()
    assert told.exit_code == 2
    assert len(lines) == MOST_PROBLEMS + 1
    assert lines[-1] == f"{path}: and {1000 - MOST_PROBLEMS} problems more"


def test_check_says_when_there_is_too_little_time(tmp_path: Path) -> None:
    long = f"{ADAM}minutes = 20\n"
    told = run("check", write(tmp_path, f"{HEAD}duration = 30\n[[sections]]\n{long}{long}"))
    assert "about 40 minutes for a person who knows how; 30 are given, which is too few\n" in told.stdout
    assert "there is one version, so nobody has an easier one" in told.stdout


def test_check_where_no_versions_are_as_fair_as_is_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the exam asks is said all the same, and of each question why not, with its line."""
    monkeypatch.setattr(dealing, "FRUITLESS", 200)
    few = "[[sections.questions]]\nfamily = 'conv.same-padding'\n"
    path = write(tmp_path, f"{HEAD}versions = 8\n[[sections]]\n{few}{ADAM}{few}")
    told = run("check", path)
    assert told.exit_code == 1
    assert "1  conv.same-padding" in told.stdout
    where = [line.partition(" (")[0] for line in told.stderr.splitlines()]
    assert where == [f"{path}:5: question 1", f"{path}:9: question 3"]
    assert json.loads(run("check", path, "--json").stdout)["fairness"] is None
    assert run("build", path, "-o", tmp_path / "out").stderr.startswith("quizgen: question 1 (conv.same-padding, level")


def test_check_states_the_band_of_every_question(tmp_path: Path) -> None:
    own = "[[sections.questions]]\nfamily = 'conv.same-padding'\nband = '30%'\n"
    by_hand = "[[sections.questions]]\ntext = 'What?'\nanswer = 1\n"
    path = write(tmp_path, f"{HEAD}versions = 4\n[[sections]]\n{own}{ADAM}{by_hand}")
    made = blueprint.read(path)
    _, fairness = versions(made, made.versions, verify=False)
    shown = run("check", path).stdout
    rows = {line.split()[0]: line.split() for line in shown.splitlines() if line[:1].isdigit()}
    for place in fairness.places[:2]:
        assert percent(place.worst) in rows[str(place.number)]
    assert not any("%" in cell for cell in rows["3"])
    assert "(10% is allowed, 30% in question 1)" in shown


def test_no_line_of_check_ends_in_blanks_or_is_too_long(tmp_path: Path) -> None:
    long = "[[sections.questions]]\ntext = '" + "Wie lang ist eine 長い question? " * 20 + "'\nanswer = 1\n"
    section = f"title = '{'x ' * 90}'\n"
    path = write(
        tmp_path, f"{HEAD}versions = 2\n[[sections]]\n{section}{long}points = 1000\n{ADAM}points = [1, 2.25, 3]\n"
    )
    lines = run("check", path).stdout.splitlines()
    assert [line for line in lines if line != line.rstrip()] == []
    table = lines[: next(at for at, line in enumerate(lines) if line.startswith("2 questions"))]
    assert max(map(len, table)) <= 80
    assert any("1+2.25+3" in line for line in table)


def test_titles_are_text_and_nothing_else(tmp_path: Path) -> None:
    """Neither Rich's markup nor colours of a terminal come of what stands in a blueprint."""
    by_hand = "[[sections.questions]]\ntext = '[red]What[/red]?'\nanswer = 1\n"
    path = write(tmp_path, f"title = '[b]T[/b]'\nseed = '1'\n[[sections]]\ntitle = '[i]S'\n{by_hand}")
    told = run("check", path)
    assert told.exit_code == 0
    assert all(text in told.stdout for text in ("[b]T[/b]", "[i]S", "[red]What[/red]?"))


def test_a_family_of_ones_own_may_stand_in_a_blueprint(tmp_path: Path) -> None:
    from quizgen.skeleton import write_family

    made = write_family("topic.mine", tmp_path, plugin=True)
    path = write(tmp_path, f"{HEAD}[[sections]]\n[[sections.questions]]\nfamily = 'topic.mine'\n")
    command = [sys.executable, "-m", "quizgen", "exam", "check", str(path)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2
    told = subprocess.run([*command, "--families", str(made.family)], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert "topic.mine" in told.stdout


def test_a_seed_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "midterm.toml"
    assert run("new", path, "--seed", "k7q3m9").exit_code == 0
    assert blueprint.read(path).seed == "k7q3m9"
    told = run("new", tmp_path / "other.toml", "--seed", "Not a seed")
    assert told.exit_code == 2
    assert "'Not a seed' is no seed" in told.stderr
    assert not (tmp_path / "other.toml").exists()


# --- what was written by hand ---------------------------------------------------------------------------------------


def test_a_written_solution_is_in_the_key_and_in_the_feedback_and_not_on_the_paper(tmp_path: Path) -> None:
    by_hand = "[[sections.questions]]\ntext = 'Halved twice?'\nanswer = 0.025\nsolution = 'Two steps **lie behind**.'\n"
    path, out, marks = write(tmp_path, f"{HEAD}[[sections]]\n{by_hand}"), tmp_path / "out", tmp_path / "marks"
    assert run("build", path, "-o", out, "--no-pdf").exit_code == 0
    assert r"Two steps \textbf{lie behind}." in (out / "keys" / "A-key.tex").read_text(encoding="utf-8")
    assert "Two steps" not in (out / "papers" / "A.tex").read_text(encoding="utf-8")
    answers = tmp_path / "answers.csv"
    answers.write_text("student,paper,question,answer\ns1,A,1,0.05\n")
    assert run("grade", out / "manifest.json", answers, "-o", marks).exit_code == 0
    assert "Two steps <strong>lie behind</strong>." in (marks / "feedback" / "s1.html").read_text(encoding="utf-8")

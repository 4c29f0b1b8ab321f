"""The command line: what a person types, and what she may mistype."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import quizgen
from quizgen import family as families
from quizgen.__main__ import COMMANDS, cli
from quizgen.skeleton import write_family

ROOT = Path(__file__).resolve().parent.parent
ADAM = "optim.adam/2/k7q3m9"
NASTY = "& % $ # _ { } ~ ^ \\ < > \" ' \\input{/etc/passwd}"
FORMATS = ("html", "tex", "md", "ipynb", "json")


def run(*arguments: str | Path, env: dict[str, str] | None = None) -> Result:
    return CliRunner(env=env).invoke(cli, list(map(str, arguments)))


def process(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    """A real process, in which no family of another test is registered."""
    command = [sys.executable, "-m", "quizgen", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


def refused(result: Result | subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """That it failed with this exit code and one line on stderr that says these words."""
    exit_code = result.exit_code if isinstance(result, Result) else result.returncode
    assert exit_code == code, f"{exit_code}: {result.stdout}{result.stderr}"
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("quizgen: ")
    assert result.stdout == ""
    for word in words:
        assert word in lines[0]


@pytest.fixture
def answers() -> list[str]:
    return [part.answer for part in quizgen.from_code(ADAM, verify=False).parts]


# --- what a person types ------------------------------------------------------------------------------------------


def test_help_shows_every_command_with_examples() -> None:
    top = run("--help")
    assert top.exit_code == 0
    assert all(f"  {name} " in top.stdout for name in COMMANDS)
    for name in COMMANDS:
        shown = run(name, "--help")
        assert shown.exit_code == 0
        assert "Examples:" in shown.stdout
        for line in re.findall(r"^  quizgen .*$", shown.stdout, re.MULTILINE):
            assert len(line) <= 80, line
        assert max(map(len, shown.stdout.splitlines())) <= 80


def test_without_arguments_it_helps() -> None:
    bare = run()
    assert bare.exit_code == 2
    assert "Usage: " in bare.stderr


def test_version() -> None:
    assert run("--version").stdout == f"quizgen {quizgen.__version__}\n"


def test_list_has_every_family_and_level() -> None:
    listed = run("list").stdout
    for name, entry in families.everything().items():
        assert f"  {name} " in listed
        for level, asks in entry.levels.items():
            assert f"    {level}  {asks}" in listed


def test_list_narrows_to_topics_and_families() -> None:
    listed = run("list", "optim.adam").stdout
    assert "optim.adam" in listed
    assert "conv" not in listed


def test_list_says_how_few_questions_there_are() -> None:
    few = {(n, level): size for n, e in families.everything().items() for level, size in e.spaces.items()}
    listed = run("list").stdout
    for size in few.values():
        assert f"({size:,} different question" in listed


def test_list_as_json() -> None:
    data = json.loads(run("list", "--json").stdout)
    assert {each["family"] for each in data} == set(families.everything())
    adam = next(each for each in data if each["family"] == "optim.adam")
    assert [each["level"] for each in adam["levels"]] == [1, 2, 3]


@pytest.mark.parametrize("name", list(families.everything()))
def test_explain(name: str) -> None:
    told = run("explain", name)
    assert told.exit_code == 0
    entry = families.find(name)
    assert entry.title in told.stdout
    for heading in ("Levels", "Mistakes it knows", "Parameters", "Try it"):
        assert f"\n{heading}\n" in told.stdout
    data = json.loads(run("explain", name, "--json").stdout)
    assert data["mistakes"], "a family knows mistakes"
    assert run("show", data["example"], "--no-check").exit_code == 0


def test_show_gives_the_same_question_again() -> None:
    once, again = run("show", ADAM), run("show", ADAM)
    assert once.exit_code == 0
    assert once.stdout == again.stdout
    assert ADAM in once.stdout
    assert "Solution" not in once.stdout


def test_show_with_the_solution_says_what_was_checked(answers: list[str]) -> None:
    shown = run("show", ADAM, "--solution").stdout
    assert "checked: torch " in shown
    assert "3 of 3 parts agree" in " ".join(shown.split())


def test_show_as_json_reads_back() -> None:
    data = json.loads(run("show", ADAM, "--json").stdout)
    assert quizgen.Question.from_json(data).code == ADAM


def test_show_prints_a_program_that_runs(tmp_path: Path) -> None:
    program = tmp_path / "adam.py"
    program.write_text(run("show", ADAM, "--program").stdout, encoding="utf-8")
    assert subprocess.run([sys.executable, program], capture_output=True, check=True).stdout


def test_check_right(answers: list[str]) -> None:
    marked = run("check", ADAM, *answers)
    assert marked.exit_code == 0
    assert marked.stdout.count("right") == 3
    assert "4 of 4 points" in marked.stdout


def test_check_names_the_mistake_and_what_to_look_at() -> None:
    question = quizgen.from_code(ADAM, verify=False)
    mistake = question.parts[2].mistakes[0]
    marked = run("check", ADAM, "--part", "3", mistake.value)
    assert marked.exit_code == 1
    assert f"{mistake.name}: {mistake.why}" in " ".join(marked.stdout.split())
    assert f"quizgen show {ADAM} --solution" in marked.stdout


def test_check_skips_parts(answers: list[str]) -> None:
    assert run("check", ADAM, "-", "-", answers[2]).exit_code == 0
    assert run("check", ADAM, "-", "-", answers[2]).stdout.startswith("(c) right")


@pytest.mark.parametrize("text", ["-3/4", "-1e-3", "-.5", "-2^-3"])
def test_an_answer_may_begin_with_a_minus_sign(text: str) -> None:
    marked = run("check", ADAM, text)
    assert marked.exit_code == 1
    assert text in marked.stdout
    assert marked.stderr == ""


def test_check_marks_what_follows_from_an_earlier_answer() -> None:
    """With m₅ mistaken for -1, the step is made with m̂₅ = -1/(1 - 1/2⁵): the graph is worked again from there."""
    code = ADAM
    assert quizgen.from_code(code, verify=False).source.t == 4, "the question of this test"
    # θ₅ = -0.84 + 0.05·(1/(1 - 0.5⁵))/(√(1.39/(1 - 0.75⁵)) + 0.1) = -0.804405…
    marked = run("check", code, "-1", "-", "-0.8044")
    assert marked.exit_code == 1
    assert "(a) wrong" in marked.stdout
    assert "(c) right" in marked.stdout
    assert "carried forward" in marked.stdout


def test_check_takes_letters_of_the_multiple_choice_form() -> None:
    part = quizgen.from_code(ADAM, verify=False).parts[0]
    right = "abcd"[next(iter(part.correct))]
    wrong = "abcd"[next(i for i in range(len(part.options)) if i not in part.correct)]
    assert run("check", ADAM, "--choices", right).exit_code == 0
    marked = run("check", ADAM, "--choices", wrong)
    assert marked.exit_code == 1
    assert any(mistake.name in marked.stdout for mistake in part.mistakes)
    refused(run("check", ADAM, "--choices", "z"), 2, "'z'")


def test_check_as_json(answers: list[str]) -> None:
    marked = run("check", ADAM, "7", "-", answers[2], "--json")
    assert marked.exit_code == 1
    data = json.loads(marked.stdout)
    assert [(part["part"], part["right"]) for part in data["parts"]] == [(1, False), (3, True)]
    assert (data["right"], data["of"]) == (False, 3)


def test_solve_prints_the_work_and_json() -> None:
    given = ("theta=1", "gradients=(0.5,)", "lr=1/10")
    assert "m₁ = β₁·m₀ + (1 − β₁)·g₁" in run("solve", "optim.adam", *given).stdout
    data = json.loads(run("solve", "optim.adam", *given, "--json").stdout)
    assert data["parts"][2]["answer"] == "0.9"


def test_completion_knows_families_and_parameters() -> None:
    def completed(line: str, word: int) -> str:
        env = {**os.environ, "_QUIZGEN_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(word)}
        program = "from quizgen.__main__ import main; main()"
        return subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True).stdout

    assert "new-family" in completed("quizgen ", 1)
    assert "plain,optim.adam" in completed("quizgen explain opt", 2)
    assert "gradients=" in completed("quizgen solve optim.adam gr", 3)


# --- and what she may mistype -------------------------------------------------------------------------------------

BAD = [
    (["shett"], 2, "there is no command 'shett' (did you mean 'sheet'?)"),
    (["list", "--jsn"], 2, "there is no option '--jsn' (did you mean '--json'?)"),
    (["check", ADAM, "--prat", "1"], 2, "there is no option '--prat' (did you mean '--part'?)"),
    (["solve", "optim.adam", "--jsno"], 2, "there is no option '--jsno' (did you mean '--json'?)"),
    (["check", ADAM], 2, "missing argument 'ANSWER...'"),
    (["show"], 2, "missing argument 'CODE'"),
    # names
    (["explain", "optim.adm"], 2, "there is no family 'optim.adm' (did you mean 'optim.adam'?)"),
    (["explain", "adam"], 2, "(did you mean 'optim.adam'?)"),
    (["explain", ""], 2, "there is no family ''"),
    (["explain", "../../etc/passwd"], 2, "there is no family '../../etc/passwd'"),
    (["explain", "optim.adam\x00"], 2, "there is no family 'optim.adam\\x00'"),
    (["explain", "errors.nothing"], 2, "there is no family 'errors.nothing'"),
    (["list", "optm"], 2, "there is no family or topic 'optm' (did you mean 'optim'?)"),
    (["list", "x" * 10_000], 2, "(10,000 characters)"),
    # codes
    (["show", "optim.adam"], 2, "'optim.adam' is no question code; codes are like optim.adam/2/k7q3m9"),
    (["show", ""], 2, "'' is no question code"),
    (["show", "optim.adam/2/K7Q"], 2, "'K7Q' is no seed"),
    (["show", "optim.adam/2/../../etc"], 2, "is no question code"),
    (["show", "optim.adam/9/k7q3m9"], 2, "optim.adam has no level 9; its levels are 1, 2, 3"),
    (["show", "optim.adam/²/k7q3m9"], 2, "is no question code"),
    (["show", "optim.adm/2/k7q3m9"], 2, "did you mean 'optim.adam'?"),
    (["show", "optim.adam/2/k7q3m9/v7"], 2, "was made by version 7 of optim.adam, and this quizgen has version 1"),
    (["show", ADAM, "--device", "cudda"], 2, "'cudda' is no device (did you mean 'cuda'?)"),
    # answers
    (["check", ADAM, "1..2"], 2, "cannot read '1..2' as a number, at character 3"),
    (["check", ADAM, ""], 2, "cannot read"),
    (["check", ADAM, "(3,"], 2, "cannot read '(3,'"),
    (["check", ADAM, "9" * 1_000_000], 2, "(1,000,000 characters)"),
    (["check", ADAM, "(" * 1000 + "1" + ")" * 1000], 2, "cannot read"),
    (["check", ADAM, "१२"], 2, "cannot read"),
    (["check", ADAM, "1e999999999"], 2, "cannot read '1e999999999'"),
    (["check", ADAM, "9^9^9^9"], 2, "cannot read"),
    (["check", ADAM, "__import__('os').system('id')"], 2, "cannot read"),
    (["check", ADAM, "1/0"], 2, "cannot read '1/0'"),
    (["check", ADAM, "nan"], 2, "cannot read 'nan'"),
    (["check", ADAM, "-", "-", "-"], 2, "every part is left out"),
    (["check", ADAM, "1", "2", "3", "4"], 2, "optim.adam/2/k7q3m9 has 3 parts, so there is no part 4"),
    (["check", ADAM, "--part", "9", "1"], 2, "has 3 parts, so there is no part 9"),
    (["check", ADAM, "--part", "0", "1"], 2, "'--part'"),
    (["check", ADAM, "--part", "2", "1", "2"], 2, "--part takes one answer, and 2 were given"),
    # parameters
    (["solve", "optim.adam", "theta=1"], 2, "optim.adam needs gradients=…"),
    (["solve", "optim.adam", "theta=1", "gradients=(1)", "thta=1"], 2, "(did you mean 'theta'?)"),
    (["solve", "optim.adam", "theta=1", "theta=2"], 2, "theta is given twice"),
    (["solve", "optim.adam", "theta"], 2, "'theta' is not name=value"),
    (["solve", "optim.adam", "=1"], 2, "'=1' is not name=value"),
    (["solve", "optim.adam", "theta=1000", "gradients=(1)"], 2, "theta = 1000 is out of range"),
    (["solve", "optim.adam", "theta=one", "gradients=(1)"], 2, "theta='one' can't be read"),
    (["solve", "optim.adam", "theta=1", "gradients=(1", ""], 2, "'' is not name=value"),
    (["solve", "optim.adam", "theta=1", "gradients=(1)", "t=1/2"], 2, "holds 1/2, which is not whole"),
    (["solve", "optim.adam", "theta=1", "gradients=(1)", "bias_correction=maybe"], 2, "is neither yes nor no"),
    (["solve", "optim.adam", "theta=1", "gradients=()"], 2, "gradients"),
    (["solve", "conv.output-size", "n=5", "f=11", "p=0", "s=1"], 2, "conv.output-size"),
    # files of families
    (["--families", "nothing-here.py", "list"], 2, "there is no file 'nothing-here.py' to take families from"),
    (["list", "--families", "."], 2, "there is no file '.' to take families from"),
    # new families
    (["new-family", "Optim.Adam"], 2, "'Optim.Adam' is no family name"),
    (["new-family", "../x.y"], 2, "is no family name"),
    (["new-family", "optim.adam", "--plugin"], 2, "there is a family optim.adam already"),
]


@pytest.mark.parametrize(("arguments", "code", "words"), BAD, ids=[" ".join(a)[:60] for a, _, _ in BAD])
def test_bad_input_is_one_line(arguments: list[str], code: int, words: str) -> None:
    refused(run(*arguments), code, words)

"""The command line: what a person types, and what she may mistype."""

from __future__ import annotations

import contextlib
import html
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import markupsafe
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
        assert shown.stdout.replace("\n", "").isprintable()


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
    for line in told.stdout.partition("\nTry it\n")[2].splitlines():
        tried = run(*shlex.split(line)[1:], "--no-check")
        assert tried.exit_code == 0, f"{line}: {tried.stderr}"


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


def test_what_was_solved_has_no_code_and_shows_no_empty_one() -> None:
    given = ("theta=1", "gradients=(0.5,)", "lr=1/10")
    assert "─ 4 points ─" in run("solve", "optim.adam", *given, "--no-check").stdout
    assert 'class="qg-code"' not in quizgen.solve("optim.adam", verify=False, theta=1, gradients=[1])._repr_html_()
    assert 'class="qg-code"' in quizgen.from_code(ADAM, verify=False)._repr_html_()


def test_completion_knows_families_and_parameters() -> None:
    def completed(line: str, word: int) -> str:
        env = {**os.environ, "_QUIZGEN_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(word)}
        program = "from quizgen.__main__ import main; main()"
        return subprocess.run(
            [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
        ).stdout

    assert "new-family" in completed("quizgen ", 1)
    assert "plain,optim.adam" in completed("quizgen explain opt", 2)
    assert "gradients=" in completed("quizgen solve optim.adam gr", 3)


def test_a_sheet_in_the_terminal_has_no_solutions_unless_asked() -> None:
    bare = run("sheet", "optim.adam", "-n", "2", "--seed", "7")
    assert bare.exit_code == 0
    assert "2 questions, 8 points" in bare.stdout
    assert "Solution" not in bare.stdout
    assert "checked: torch " in bare.stdout
    assert "quizgen sheet optim.adam -n 2 --seed 7" in bare.stdout
    assert "Solution" in run("sheet", "optim.adam", "-n", "2", "--seed", "7", "--solutions", "after").stdout


@pytest.mark.parametrize("ending", FORMATS)
def test_a_sheet_as_a_file(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"sheet.{ending}"
    made = run("sheet", "optim.adam", "-n", "2", "--level", "2", "--level", "3", "--seed", "7", "-o", file)
    assert made.exit_code == 0, made.stderr
    assert made.stderr == ""
    written, checked, again = made.stdout.splitlines()
    assert written == f"wrote {file}: 2 questions from 1 family, 8 points"
    assert checked.startswith("checked: torch ")
    assert "6 of 6 parts agree" in checked
    text = file.read_text(encoding="utf-8")
    command = again.removeprefix("again: ")
    assert command == "quizgen sheet optim.adam --level 2 --level 3 -n 2 --seed 7"
    assert run(*command.split()[1:], "-o", file, "--force").exit_code == 0
    assert file.read_text(encoding="utf-8") == text
    assert list(tmp_path.iterdir()) == [file]


def test_a_sheet_in_several_formats_at_once(tmp_path: Path) -> None:
    page, data = tmp_path / "a.html", tmp_path / "a.json"
    assert run("sheet", "optim.adam", "-n", "2", "-o", page, "-o", data).exit_code == 0
    codes = [question["code"] for question in json.loads(data.read_text(encoding="utf-8"))["questions"]]
    assert all(code in page.read_text(encoding="utf-8") for code in codes)


@pytest.mark.tex
def test_a_sheet_as_pdf(tmp_path: Path) -> None:
    file = tmp_path / "sheet.pdf"
    made = run("sheet", "optim.adam", "-n", "2", "-o", file)
    assert made.exit_code == 0, made.stderr
    assert re.search(r" \(by [a-z-]+\)$", made.stdout.splitlines()[0])
    assert file.read_bytes().startswith(b"%PDF-")


def test_without_a_seed_two_sheets_differ() -> None:
    def seed_of(sheet: Result) -> str:
        found = re.search(r"--seed (\w+)", sheet.stdout)
        assert found
        return found[1]

    seeds = {seed_of(run("sheet", "optim.adam", "-n", "1", "--no-check")) for _ in range(3)}
    assert len(seeds) == 3


def test_solutions_and_choices_reach_the_page(tmp_path: Path) -> None:
    file = tmp_path / "s.md"

    def text(*options: str) -> str:
        assert run("sheet", "optim.adam", "-n", "1", "--seed", "7", *options, "-o", file, "--force").exit_code == 0
        return file.read_text(encoding="utf-8")

    none, after, choices = text("--solutions", "none"), text("--solutions", "after"), text("--choices")
    assert "no bias correction" not in none
    assert "no bias correction" in after
    assert none != choices != after


def test_a_sheet_that_was_not_checked_says_so() -> None:
    assert "not checked" in run("sheet", "optim.adam", "-n", "1", "--no-check").stdout


def test_a_family_without_the_level_is_left_out_and_named(tmp_path: Path) -> None:
    write_family("example.neuron", tmp_path)
    arguments = ("sheet", "--families", tmp_path / "example_neuron.py", "optim.adam", "example.neuron", "--level", "3")
    made = process(*arguments, "-n", "1", "--no-check")
    assert made.returncode == 0
    assert made.stderr == "quizgen: left out, having no such level: example.neuron\n"


def test_verify_counts_agreement() -> None:
    verified = run("verify", "optim.adam", "-n", "20", "--device", "cpu")
    assert verified.exit_code == 0
    assert verified.stdout.count("20 of 20") == 3
    assert "60 of 60 questions agree with PyTorch on cpu" in verified.stdout
    rows = json.loads(run("verify", "optim.adam", "-n", "5", "--level", "1", "--device", "cpu", "--json").stdout)
    assert [(row["family"], row["level"], row["agree"]) for row in rows] == [("optim.adam", 1, 5)]


def test_python_dash_m_and_the_checkout_say_the_same(tmp_path: Path) -> None:
    front = [sys.executable, str(ROOT / "cli.py"), "list", "--json"]
    checkout = subprocess.run(front, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert json.loads(checkout) == json.loads(process("list", "--json").stdout)


# --- colours, pipes, interruptions --------------------------------------------------------------------------------


def test_no_colour_in_a_pipe_nor_with_no_color() -> None:
    assert "\x1b[" not in process("list").stdout
    assert "\x1b[" in process("--color", "list").stdout
    assert "\x1b[" in process("list", "--color").stdout
    assert "\x1b[" not in process("--no-color", "list").stdout
    assert "\x1b[" in process("show", "--color", ADAM, "--no-check").stdout
    assert "\x1b[" not in process("show", ADAM, "--no-check").stdout


@pytest.mark.skipif(os.name != "posix", reason="no pseudo-terminal on this system")
def test_a_terminal_has_colours_unless_no_color_is_set() -> None:
    import pty

    def on_a_terminal(**more: str) -> str:
        ours, theirs = pty.openpty()
        clean = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
        with subprocess.Popen(
            [sys.executable, "-m", "quizgen", "list", "optim"], stdout=theirs, env={**clean, "TERM": "xterm", **more}
        ) as running:
            os.close(theirs)
            said = b""
            with contextlib.suppress(OSError):
                while piece := os.read(ours, 4096):
                    said += piece
            os.close(ours)
        assert running.returncode == 0
        return said.decode()

    assert "\x1b[" in on_a_terminal()
    assert "\x1b[" not in on_a_terminal(NO_COLOR="1")


@pytest.mark.skipif(os.name != "posix", reason="no pipes of POSIX on this system")
def test_a_reader_that_leaves_early_is_no_error() -> None:
    program = "import sys; from quizgen.__main__ import main; sys.argv = ['quizgen', 'list', '--json']; main()"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 141


def test_a_terminal_without_unicode_still_prints() -> None:
    shown = process("show", ADAM, "--no-check", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert shown.returncode == 0, shown.stderr
    assert ADAM in shown.stdout


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "\nquizgen: interrupted\n"),
        (MemoryError(), 1, "quizgen: out of memory; ask for fewer questions at a time\n"),
        (RecursionError("too deep"), 1, "quizgen: an error that should not happen: RecursionError: 'too deep'; "),
        (PermissionError(13, "Permission denied", "x.py"), 1, "quizgen: Permission denied: 'x.py'\n"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_no_traceback_ever(raised: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise raised

    monkeypatch.setattr(families, "select", fail)
    monkeypatch.delenv("QUIZGEN_DEBUG", raising=False)
    stopped = run("list")
    assert stopped.exit_code == code
    assert stopped.stderr.startswith(said)
    assert "Traceback" not in stopped.stderr


@pytest.mark.skipif(os.name != "posix", reason="no signals of POSIX on this system")
def test_an_interrupted_import_is_no_other_error(tmp_path: Path) -> None:
    """Libraries catch everything while they are imported, and then fail otherwise."""
    write_family("broken.one", tmp_path)
    lines = "import os, signal\n        try:\n            os.kill(os.getpid(), signal.SIGINT)\n"
    lines += (
        "            import time; time.sleep(9)\n        except BaseException:\n            pass\n        os.nothing\n"
    )
    text = (tmp_path / "broken_one.py").read_text(encoding="utf-8")
    text = text.replace("unit = 1 if", f"{lines}        unit = 1 if")
    (tmp_path / "broken_one.py").write_text(text, encoding="utf-8")
    stopped = process(
        "--families",
        tmp_path / "broken_one.py",
        "sheet",
        "broken.one",
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore Ctrl-C
    )
    assert (stopped.returncode, stopped.stderr) == (130, "quizgen: interrupted\n")


def test_a_traceback_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUIZGEN_DEBUG", "1")
    told = run("explain", "optim.adm")
    assert told.exit_code == 2
    assert "Traceback" in told.stderr
    assert told.stderr.splitlines()[-1].startswith("quizgen: there is no family")


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
    (["check", ADAM, "--part", "0", "1"], 2, "has 3 parts, so there is no part 0"),
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
    (["solve", "optim.adam", "theta=1", "gradients=(1)", "t=1/2"], 2, "which is not whole"),
    (["solve", "optim.adam", "theta=1", "gradients=(1)", "bias_correction=maybe"], 2, "is neither yes nor no"),
    (["solve", "optim.adam", "theta=1", "gradients=()"], 2, "gradients"),
    (
        ["solve", "conv.output-size", "n=5", "f=11", "p=0", "s=1"],
        2,
        "the kernel spans 11 pixels and the padded input only 5",
    ),
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


SHEET_BAD = [
    (["sheet", "cnov"], "there is no family or topic 'cnov' (did you mean 'conv'?)"),
    (["sheet", "--level", "9"], "has level 9"),
    (["sheet", "--level", "two"], "'two' is not a valid integer"),
    (["sheet", "-n", "0"], "a sheet can't have 0 questions; it has 1 to 1,000"),
    (["sheet", "-n", "1000000000"], "a sheet can't have 1000000000 questions"),
    (["sheet", "-n", "ten"], "'ten' is not a valid integer"),
    (["sheet", "--seed", "x" * 100_000], "(100,000 characters) is too long"),
    (["sheet", "--solutions", "behind"], "'behind' is not one of 'none', 'after', 'separate'"),
    (["sheet", "-o", "sheet.htm"], "'sheet.htm' ends in '.htm', which is no format (did you mean '.html'"),
    (["sheet", "-o", "sheet"], "'sheet' has no ending; a sheet ends in .html, .pdf, .tex, .md, .ipynb, .json"),
    (["sheet", "-o", ""], "'' has no ending"),
    (["sheet", "-o", "nowhere/sheet.html"], "there is no folder 'nowhere'"),
    (["sheet", "-o", "x" * 300 + ".html"], "cannot write"),
    (["sheet", "optim.adam", "--device", "gpu"], "'gpu' is no device"),
    (["verify"], "name families or topics to verify, or say --all"),
    (["verify", "--all", "conv"], "name families or topics to verify, or say --all and no names"),
    (["verify", "optim.adam", "-n", "0"], "'-n'"),
    (["verify", "optim.adam", "--device", "cuda:x"], "'cuda:x' is no device"),
    (["verify", "optim.adam", "--level", "7"], "optim.adam has 1, 2, 3"),
]


@pytest.mark.parametrize(("arguments", "words"), SHEET_BAD, ids=[" ".join(a)[:60] for a, _ in SHEET_BAD])
def test_bad_input_to_sheet_and_verify(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused(run(*arguments), 2, words)
    assert list(tmp_path.iterdir()) == []


def test_there_are_not_that_many_different_questions(tmp_path: Path) -> None:
    file = broken(tmp_path, "rng.nonzero(-12 * unit, 12 * unit)", "rng.integer(1, 2)")
    made = process("--families", file, "sheet", "broken.one", "--level", "1", "-n", "100", "--no-check")
    refused(made, 1, "there are only ", "different questions to be had here, and 100 were asked for: ask for fewer")


@pytest.mark.parametrize("ending", [*FORMATS, "pdf"])
def test_an_output_that_exists_is_kept(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"mine.{ending}"
    file.write_text("mine", encoding="utf-8")
    refused(run("sheet", "optim.adam", "-n", "1", "-o", file), 2, "exists already; overwrite it with --force")
    assert file.read_text(encoding="utf-8") == "mine"
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_for_an_output(tmp_path: Path) -> None:
    (tmp_path / "x.html").mkdir()
    refused(run("sheet", "-o", tmp_path / "x.html", "--force"), 2, "is a folder; name a file in it")


def test_an_output_that_cannot_be_written(tmp_path: Path) -> None:
    refused(run("sheet", "optim.adam", "-n", "1", "-o", "/proc/sheet.html"), 2, "cannot write '/proc/sheet.html'")
    full = Path("/dev/full")
    if full.exists():
        refused(run("sheet", "-n", "1", "-o", full), 2, "has no ending")


def test_a_folder_that_may_not_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said by the system's own answer to the question, for root may write everywhere."""
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path or not mode & os.W_OK)
    refused(run("sheet", "-n", "1", "-o", tmp_path / "a.html"), 2, "may not be written to; choose another place")
    assert list(tmp_path.iterdir()) == []


def test_no_engine_makes_a_pdf(tmp_path: Path) -> None:
    file = tmp_path / "sheet.pdf"
    made = run("sheet", "optim.adam", "-n", "1", "-o", file, env={"PATH": str(tmp_path)})
    refused(made, 1, "nothing on this machine makes a PDF: install TeX Live", "the LaTeX source is kept in")
    assert [each.name for each in tmp_path.iterdir()] == ["sheet.tex"]
    assert "\\question" in (tmp_path / "sheet.tex").read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", FORMATS)
def test_a_title_of_special_characters_is_text(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"s.{ending}"
    made = run("sheet", "optim.adam", "-n", "1", "--seed", "7", "--title", NASTY, "-o", file)
    assert made.exit_code == 0, made.stderr
    text = file.read_text(encoding="utf-8")
    match ending:
        case "tex":
            assert "\\input{/etc" not in text
            assert "\\textbackslash{}input\\{/etc/passwd\\}" in text
        case "html":
            assert markupsafe.escape(NASTY) in text
        case "json":
            assert json.loads(text)["title"] == NASTY
        case "md":
            assert unescaped(text.splitlines()[0]) == f"# {NASTY}"
        case "ipynb":
            assert unescaped("".join(json.loads(text)["cells"][0]["source"]).splitlines()[0]) == f"# {NASTY}"


def unescaped(markdown: str) -> str:
    """A line of Markdown as it is read: without the marks that make its characters plain."""
    return re.sub(r"\\([^\w\s]|_)", r"\1", html.unescape(re.sub(r"</?span>", "", markdown)))


def test_a_title_of_special_characters_in_the_terminal() -> None:
    assert NASTY in run("sheet", "optim.adam", "-n", "1", "--no-check", "--title", NASTY).stdout
    escape = run("sheet", "optim.adam", "-n", "1", "--no-check", "--title", "a\x1b[31mb\x07c[bold]d").stdout
    assert "\x1b" not in escape
    assert "\x07" not in escape
    assert "[bold]d" in escape


@pytest.mark.tex
def test_a_title_of_special_characters_in_a_pdf(tmp_path: Path) -> None:
    file = tmp_path / "s.pdf"
    made = run("sheet", "optim.adam", "-n", "1", "--no-check", "--title", NASTY, "-o", file)
    assert made.exit_code == 0, made.stderr
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext was found (Debian: poppler-utils)")
    text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout
    assert "input{/etc/passwd}" in text
    assert "root:x:0" not in text


def test_a_plug_in_that_fails_is_named_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        name, value = "my-course", "my_course.families"

        def load(self) -> None:
            raise ModuleNotFoundError("No module named 'my_course'")

    class Leaves(Broken):
        name, value = "my-exit", "my_exit.families"

        def load(self) -> None:
            sys.exit(3)

    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [Broken(), Leaves()])
    monkeypatch.setattr(families, "_FAILED", {})
    listed = run("list")
    assert listed.exit_code == 0
    assert "optim.adam" in listed.stdout
    assert listed.stderr.splitlines() == [
        """quizgen: the plug-in my-course could not be loaded: ModuleNotFoundError: 'No module named 'my_course''""",
        "quizgen: the plug-in my-exit could not be loaded: SystemExit: '3'",
    ]
    refused(run("explain", "my.family"), 2, "the plug-in 'my-course' could not be loaded")


# --- families of one's own ----------------------------------------------------------------------------------------


def test_the_skeleton_runs_as_it_is(tmp_path: Path) -> None:
    made = process("new-family", "course.my-neuron", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["course_my_neuron.py", "test_course_my_neuron.py"]
    commands = re.findall(r"^  quizgen (.*)$", made.stdout, re.MULTILINE)
    assert len(commands) == 2
    for line in commands:
        done = process(*line.replace("1000", "200").split(), cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert "course.my-neuron" in process("--families", "course_my_neuron.py", "list", "course", cwd=tmp_path).stdout
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_course_my_neuron.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert tested.returncode == 0, tested.stdout


def test_the_skeleton_is_not_written_over(tmp_path: Path) -> None:
    assert process("new-family", "course.neuron", cwd=tmp_path).returncode == 0
    (tmp_path / "course_neuron.py").unlink()
    refused(process("new-family", "course.neuron", cwd=tmp_path), 2, "exists already; overwrite it with --force")
    assert not (tmp_path / "course_neuron.py").exists()
    assert process("new-family", "course.neuron", "--force", cwd=tmp_path).returncode == 0


def test_the_skeleton_goes_where_families_lie_in_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from quizgen import skeleton

    (tmp_path / "solvers" / "quizgen_solvers").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    monkeypatch.setattr(skeleton, "PACKAGE", tmp_path / "quizgen")
    written = write_family("course.neuron-two", tmp_path)
    assert written.in_checkout
    assert written.family == tmp_path / "quizgen" / "families" / "course" / "neuron_two.py"
    assert written.test == tmp_path / "tests" / "families" / "test_course_neuron_two.py"
    assert (written.family.parent / "__init__.py").exists()
    assert not write_family("course.neuron-two", tmp_path, plugin=True).in_checkout
    assert not write_family("course.neuron-two", tmp_path.parent, plugin=False, force=True).in_checkout


def test_what_the_skeleton_writes_is_clean(tmp_path: Path) -> None:
    for name in ("course.neuron", "course.part"):  # `Part` is a name that the file needs for itself
        write_family(name, tmp_path)
    for tool in (["ruff", "check"], ["ruff", "format", "--check"]):
        options = ["--config", str(ROOT / "pyproject.toml"), "--ignore", "S,I001"] if tool[1] == "check" else []
        done = subprocess.run(
            [sys.executable, "-m", *tool, *options, tmp_path], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert process("--families", tmp_path / "course_part.py", "solve", "course.part", *PAIRS).returncode == 0


PAIRS = ("x1=3", "x2=4", "w1=2", "w2=-1", "b=5")


def broken(tmp_path: Path, old: str, new: str) -> Path:
    """The skeleton with one thing in it changed."""
    file = tmp_path / "broken_one.py"
    if not file.exists():
        write_family("broken.one", tmp_path)
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in the skeleton"
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("class One:", "class One", "fails to import: SyntaxError: "),
        ("import dataclass", "import nothing_here", "fails to import: ImportError: "),
        ("@family(", "1 / 0\n\n\n@family(", "fails to import: ZeroDivisionError: 'division by zero'"),
        ("@family(", "import sys\nsys.exit(3)\n\n\n@family(", "fails to import: SystemExit"),
        ("    def statement(", "    def statment(", "family 'broken.one' lacks statement"),
        ("frozen=True", "", "is no frozen dataclass; put @dataclass(frozen=True) under @family"),
        ('"broken.one"', '"Broken One"', "family 'Broken One' has a bad name"),
        ('"broken.one"', '"optim.adam"', "family 'optim.adam' is there already, in "),
        ("levels={1:", "levels={3:", "must have levels 1, 2, … without a gap"),
        ("@family(", "def family_of(*_, **__):\n    return lambda cls: cls\n\n\n@family_of(", "registers no family"),
    ],
)
def test_a_file_that_is_no_family(tmp_path: Path, old: str, new: str, words: str) -> None:
    refused(process("--families", broken(tmp_path, old, new), "list"), 2, "broken_one.py", words)


def test_a_family_without_a_docstring(tmp_path: Path) -> None:
    file = broken(tmp_path, "class One:", "class One:\n    pass\n\n    def ignored(self) -> None: ...\n")
    refused(process("--families", file, "list"), 2, "family 'broken.one' has no docstring")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("rng.nonzero(-12 * unit, 12 * unit)", "0", "none of 1000 draws was worth asking"),
        ("for _ in range(5)", "for _ in range(4)", "failed with ValueError"),
        ('work["z"], Number()', 'work["y"], Number()', "the family broken.one ("),
        ("return (layer(x, weight, bias)[:, 0],)", "return (layer(x, weight, bias)[:, 0] + 1,)", "the solver has"),
        ("return (layer(x, weight, bias)[:, 0],)", "return ()", "it returned 0 entries for 1 parts"),
        ("return (layer(x, weight, bias)[:, 0],)", "return 7", "it returned a int"),
        ("layer = torch.vmap(torch.nn.functional.linear)", "raise OSError('lost')", "OSError: 'lost'"),
        ("        import torch\n", "        import torch_is_not_here as torch\n", "ModuleNotFoundError"),
        ("x_2 = {text(self.x2)}$", "x_2 = {text(self.x2)}", "a formula that $ opens is never closed"),
    ],
    ids=["degenerate", "unpacking", "no such line", "lies", "too few", "no tuple", "raises", "no module", "markup"],
)  # fmt: skip
def test_a_family_that_breaks_its_contract(tmp_path: Path, old: str, new: str, words: str) -> None:
    file, output = broken(tmp_path, old, new), tmp_path / "out.html"
    refused(process("--families", file, "sheet", "broken.one", "-n", "3", "-o", output), 1, words)
    assert not output.exists()


def test_a_run_that_lies_is_a_disagreement_that_names_everything(tmp_path: Path) -> None:
    file = broken(tmp_path, "return (layer(x, weight, bias)[:, 0],)", "return (layer(x, weight, bias)[:, 0] + 1,)")
    refused(
        process("--families", file, "show", "broken.one/1/k7q3m9"),
        1,
        "broken.one/1/k7q3m9, part 1: the solver has ",
        "and PyTorch ",
        "parameters",
        " x1=",
    )
    verified = process("--families", file, "verify", "broken.one", "-n", "10", "--device", "cpu")
    assert verified.returncode == 1
    assert verified.stdout.count("0 of 10") == 2
    assert "2 of 2 levels failed" in verified.stdout
    assert "the solver has" in verified.stdout
    assert verified.stderr == ""

"""`quizgen practice` as a person drives it: lines in and out of a process, a real database, checked questions."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import quizgen
from quizgen import code as codes
from quizgen import family
from quizgen.__main__ import cli
from quizgen.commands import practice as the_command
from quizgen.draw import draw
from quizgen.practice.checker import seal
from quizgen.practice.records import ME, Ready, Skill
from quizgen.practice.store import Store
from quizgen.verify import verified

PROMPT = re.compile(r".*>\n")
NOBODY = 65534
SIX = 6  # checked questions of each skill: so many that no process needs PyTorch

posix = pytest.mark.skipif(os.name != "posix", reason="no signals of POSIX on this system")


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with checked questions of every skill."""
    path = tmp_path_factory.mktemp("stocked") / "practice.db"
    skills = [Skill(entry.name, level) for entry in family.everything().values() for level in entry.levels]
    drawn = [
        draw(codes.make(family.find(skill.family), skill.level, f"t{number}"))
        for skill in skills
        for number in range(SIX)
    ]
    with Store.open(path) as store:
        store.put(
            Ready(question.code, Skill(question.family, question.level), json.dumps(run), seal(question))
            for question in verified(drawn)
            if (run := question.provenance and question.provenance.to_json())
        )
    return path


@pytest.fixture
def data(stocked: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(stocked, tmp_path / "practice.db"))


class Driven:
    """A running `quizgen practice` that is told a line and asked what it said to it."""

    def __init__(self, data: Path, *arguments: str, **options: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "quizgen", "practice", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "QUIZGEN_DATA": str(data), "PYTHONIOENCODING": "utf-8"},
            text=True,
            encoding="utf-8",
            **options,
        )
        self.said = ""

    def __enter__(self) -> Driven:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def heard(self) -> str:
        """What it says up to the next prompt, with that."""
        assert self.process.stdout is not None
        said = ""
        while not PROMPT.fullmatch(line := self.process.stdout.readline()):
            assert line, f"it ended: {said}{self.process.stderr.read() if self.process.stderr else ''}"
            said += line
        self.said += said + line
        return said + line

    def tell(self, line: str) -> str:
        """What it says to a line."""
        self.send(line)
        return self.heard()

    def send(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def end(self, code: int = 0) -> str:
        """What it says at last, input being at its end."""
        said, problem = self.process.communicate()
        assert (self.process.returncode, problem) == (code, "")
        return said


def driven(data: Path, *arguments: str, **options: Any) -> Driven:
    return Driven(data, *arguments, **options)


def run(*arguments: str | Path, lines: str = "") -> Result:
    """The same in this process, to which lines are piped."""
    return CliRunner().invoke(cli, ["practice", *map(str, arguments)], input=lines)


def asked(data: Path, *arguments: str, lines: str = "") -> str:
    """What a session says to lines after which input ends."""
    done = run(*arguments, "--data", data, lines=lines)
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


def code_in(said: str) -> str:
    found = re.search(r"^Question \d.* · (\S+)$", said, re.MULTILINE)
    assert found, said
    return found[1]


def answers(said: str) -> list[str]:
    return [part.answer for part in quizgen.from_code(code_in(said), verify=False).parts]


def moves(data: Path) -> list[tuple[str, str]]:
    with contextlib.closing(sqlite3.connect(data)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return connection.execute("SELECT action, typed FROM moves ORDER BY item, number").fetchall()


# --- a session --------------------------------------------------------------------------------------------------------


def test_a_session_as_a_person_drives_it(data: Path) -> None:
    with driven(data, "optim.adam", "-n", "2") as at:
        asked = at.heard()
        assert asked.startswith("Nothing is due today.\n2 questions of optim.adam.\n")
        assert re.search(r"checked: torch [\d.]+ cpu float64, 3 of 3 parts agree", asked)
        first, second, third = answers(asked)
        assert "cannot read '0,5'" in at.tell("0,5")
        assert "✗ wrong   77.0000" in at.tell("77")
        assert "hint 1 of " in at.tell("h")
        assert "✓ right" in at.tell(first)
        assert "✗ wrong" in at.tell(f"{second}1")
        assert "(c)>" in at.tell("o")
        assert "points, with 1 hint\nEnter the next question" in at.tell(third)
        assert "Answer: (a)" in at.tell("s")
        asked = at.tell("")
        assert "Question 2 of 2 · Adam" in asked
        assert "(b)>" in at.tell(answers(asked)[0])
        assert at.end().endswith("Nothing is lost: `quizgen practice` goes on here.\n")
    assert [action for action, _ in moves(data)].count("answer") == 5
    with driven(data) as at:
        again = at.heard()
        assert again.startswith("Going on with the session of ")
        assert ": question 2 of 2 of optim.adam.\n" in again
        assert code_in(again) == code_in(asked)
        assert "✓ right" in again
        at.tell("s")
        at.send("")
        assert re.match(r"2 of 2 questions answered, [\d.]+ of 8 points, \d+ (seconds?|minutes?)\.\n", at.end())
    with driven(data, "--exam", "5", "-n", "1") as at:
        assert "skills are due today" in at.heard() or "skill is due today" in at.said


def test_which_session_goes_on(data: Path) -> None:
    first = asked(data, "optim", "-n", "3")
    for arguments in ((), ("optim",), ("optim", "-n", "3"), ("--plain",)):
        again = asked(data, *arguments)
        assert again.startswith("Going on with the session of ")
        assert code_in(again) == code_in(first)
    for arguments in (("conv",), ("--new",), ("--choices",), ("--level", "2")):
        begun = asked(data, *arguments)
        assert "Going on" not in begun
        assert code_in(begun) != code_in(first)
    assert code_in(asked(data, "--level", "2")).split("/")[1] == "2"


def test_an_open_exam_goes_on_first(data: Path) -> None:
    assert "2 questions of optim in 30 minutes." in asked(data, "optim", "--exam", "30", "-n", "2", lines="1\n")
    for arguments in ((), ("optim", "--exam", "30"), ("optim", "--exam", "30", "-n", "2")):
        assert asked(data, *arguments).startswith("Going on with the exam of ")
    assert "not answered" in asked(data, lines=":finish\n:finish\n")
    assert "with the exam of" not in asked(data)


def test_the_question_of_a_code_is_checked_first(data: Path) -> None:
    with driven(data, "optim.adam/2/k7q3m9", "--choices") as at:
        asked = at.heard()
        assert "3 of 3 parts agree" in asked
        assert "      A −1.1000\n" in asked
        assert "✓ right   A" in at.tell("A")


# --- whatever ends it ------------------------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_leaves_and_nothing_is_lost(data: Path, number: int, code: int) -> None:
    def listening() -> None:  # a shell's background jobs ignore Ctrl-C
        signal.signal(number, signal.SIG_DFL)

    with driven(data, "optim.adam", preexec_fn=listening) as at:
        at.heard()
        at.tell("77")
        at.process.send_signal(number)
        assert at.end(code) == "Nothing is lost: `quizgen practice` goes on here.\n"
    assert moves(data) == [("answer", "77")]


@posix
def test_killed_again_and_again(data: Path) -> None:
    """Whatever was acknowledged is there, and the session goes on where it stood."""
    acknowledged: list[str] = []
    asked = set()
    for attempt in range(4):
        with driven(data, *(("optim.adam", "-n", "1") if not attempt else ())) as at:
            asked.add(code_in(at.heard()))
            for number in range(attempt + 1):
                typed = str(100 * attempt + number)
                at.send(typed)
                assert at.process.stdout is not None
                assert "✗ wrong" in at.process.stdout.readline()
                acknowledged.append(typed)
                if number < attempt:
                    at.heard()
            at.process.send_signal(signal.SIGKILL)
            at.process.wait()
    assert len(asked) == 1
    assert [typed for _, typed in moves(data)] == acknowledged


@posix
def test_a_reader_that_leaves_early_is_no_error(data: Path) -> None:
    with driven(data, "optim.adam") as at:
        at.heard()
        assert at.process.stdout is not None
        assert at.process.stderr is not None
        at.process.stdout.close()
        at.send("77")
        assert at.process.stderr.read() == ""
        assert at.process.wait() == 141
    assert moves(data) == [("answer", "77")]


@posix
def test_a_closed_standard_input_is_its_end(data: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "quizgen", "practice", "optim", "--data", data],
        preexec_fn=lambda: os.close(0), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.endswith("Nothing is lost: `quizgen practice` goes on here.\n")
    assert done.stderr == ""


def test_bytes_that_are_no_text_are_no_answer(data: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "quizgen", "practice", "optim.adam", "--data", data],
        input=b"\xff\xfe\x00\x80\n\xef\xbb\xbf77\n", capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout.decode().count("That was no try") >= 1
    assert done.stderr == b""


# --- two at once, and a database that can't be written ------------------------------------------------------------


def test_two_programs_hold_one_session(data: Path) -> None:
    with driven(data, "optim.adam", "-n", "1") as one, driven(data, "optim.adam", "-n", "1", "--new") as other:
        one.heard()
        other.heard()
        assert one.tell("77").count("✗ wrong") == 1
        assert other.tell("78").count("✗ wrong") == 1, "each has its own session"
    with driven(data) as one, driven(data) as other:
        asked = one.heard()
        assert code_in(other.heard()) == code_in(asked)
        first, second, _ = answers(asked)
        assert "(b)>" in one.tell(first)
        stale = other.tell("79")
        assert "the question has gone on since this page was shown; here is where it stands\n" in stale
        assert stale.endswith("\n(b)>\n")
        assert "(c)>" in other.tell(second)
        assert "here is where it stands\n" in one.tell("80")
        one.end()
        other.end()
    assert [typed for _, typed in moves(data)].count("79") == 0


def test_a_database_that_another_program_holds(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store = Store.open
    monkeypatch.setattr(Store, "open", lambda where: open_store(where, patience=0.1))
    with contextlib.closing(sqlite3.connect(data, isolation_level=None)) as holding:
        holding.execute("BEGIN IMMEDIATE")
        refused(run("optim", "--data", data), 1, "is in use by another program; nothing was changed, try again")


@posix
def test_a_database_that_may_not_be_written(data: Path) -> None:
    """As a user who may not write everywhere, which root may."""
    with tempfile.TemporaryDirectory(prefix="quizgen-") as name:
        Path(name).chmod(0o755)
        path = Path(shutil.copy(data, name))
        path.chmod(0o444)
        root = os.geteuid() == 0
        if root:
            os.seteuid(NOBODY)
        try:
            done = run("optim", "--data", path)
        finally:
            if root:
                os.seteuid(0)
    refused(done, 1, "may not be written to; allow it, or choose another place with --data")


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("nowhere/practice.db", "there is no folder "),
        (".", "is a folder; name a file in it for the practice database"),
        ("odd://x", "no database is known by the scheme 'odd'"),
        (__file__, "is a file of another kind, no database"),
    ],
    ids=["nowhere", "folder", "scheme", "no database"],
)
def test_no_database(place: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused(run("--data", place), 1, words)


# --- what is asked for ------------------------------------------------------------------------------------------------


def refused(result: Result, code: int, words: str) -> None:
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--exam", "30", "--minutes", "20"], "--exam 30 says how long it takes, so leave out --minutes 20"),
        (["optim", "optim.adam/2/k7q3m9"], "'optim.adam/2/k7q3m9' is one question: name it alone, without -n"),
        (["optim.adam/2/k7q3m9", "-n", "3"], "is one question: name it alone"),
        (["optim.adam/2/k7q3m9", "--level", "2"], "is one question: name it alone"),
        (["--level", "two"], "'two' is no level; give a number such as 2, or auto"),
        (["--level", "-1"], "'-1' is no level"),
        (["--level", "²"], "'²' is no level"),
        (["-n", "ten"], "'ten' is not a valid integer"),
        (["--lvel", "2"], "there is no option '--lvel' (did you mean '--level'?)"),
    ],
)
def test_what_cannot_be_meant(arguments: list[str], words: str, tmp_path: Path) -> None:
    refused(run(*arguments, "--data", str(tmp_path / "p.db")), 2, words)
    assert list(tmp_path.iterdir()) == [], "nothing was begun"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["optm"], "there is no family or topic 'optm' (did you mean 'optim'?)"),
        (["--level", "9"], "has level 9"),
        (["--level", "9" * 500], "level 999999999"),
        (["-n", "0"], "a session has 1 to 1,000 questions, not 0"),
        (["-n", "-1"], "a session has 1 to 1,000 questions, not -1"),
        (["--minutes", "0"], "a session takes 1 to 1,440 minutes, not 0"),
        (["--exam", "0"], "a session takes 1 to 1,440 minutes, not 0"),
        (["--exam", "99999999"], "a session takes 1 to 1,440 minutes, not 99999999"),
        (["optim.adam/2"], "'optim.adam/2' is no question code"),
        (["optim.adm/2/x"], "did you mean 'optim.adam'?"),
        (["optim.adam/9/x"], "optim.adam has no level 9"),
        (["../../etc/passwd"], "'../../etc/passwd' is no question code"),
    ],
)
def test_what_there_is_not(arguments: list[str], words: str, data: Path) -> None:
    done = run(*arguments, "--data", str(data))
    assert done.exit_code == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_help_imports_nothing_heavy() -> None:
    heavy = {"torch", "sqlalchemy", "textual", "starlette", "fsrs", "rich", "numpy", "flint"}
    program = (
        "import sys\nsys.argv = ['quizgen', 'practice', '--help']\n"
        "from quizgen.__main__ import main\n"
        f"try:\n    main()\nexcept SystemExit:\n    print('HEAVY:', *sorted({heavy!r} & sys.modules.keys()))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY:"
    assert "Examples:" in done.stdout


def test_names_and_levels_are_completed() -> None:
    def completed(*words: str) -> list[str]:
        env = {"_QUIZGEN_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
        return CliRunner(env=env).invoke(cli, [], prog_name="quizgen").stdout.split()

    assert completed("quizgen", "practice", "optim.a") == ["plain,optim.adam"]
    assert completed("quizgen", "practice", "--level", "a") == ["plain,auto"]
    assert "plain,practice" in completed("quizgen", "pra")


# --- lines, or the whole screen --------------------------------------------------------------------------------------


class Terminal:
    def isatty(self) -> bool:
        return True


def test_the_whole_screen_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert not the_command._can_draw(plain=False), "tests have no terminal"
    monkeypatch.setattr(sys, "stdin", Terminal())
    assert not the_command._can_draw(plain=False), "what is printed goes elsewhere"
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert the_command._can_draw(plain=False)
    assert not the_command._can_draw(plain=True)
    monkeypatch.setenv("TERM", "dumb")
    assert not the_command._can_draw(plain=False)
    monkeypatch.delenv("TERM")
    assert the_command._can_draw(plain=False) is (os.name != "posix")


@posix
@pytest.mark.parametrize("arguments", [["--plain"], []], ids=["--plain", "TERM=dumb"])
def test_lines_in_a_terminal(arguments: list[str], data: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    env = {**os.environ, "QUIZGEN_DATA": str(data), "TERM": "xterm" if arguments else "dumb", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "quizgen", "practice", "optim.adam", *arguments]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env) as running:
        os.close(theirs)
        said = b""
        for prompt, typed in ((b"\n(a)> ", b"77\n"), (b"solution.\r\n(a)> ", b"\x04")):
            while prompt not in said:
                said += os.read(ours, 4096)
            os.write(ours, typed)
        with contextlib.suppress(OSError):
            while piece := os.read(ours, 4096):
                said += piece
        os.close(ours)
    assert running.returncode == 0
    text = said.decode().replace("\r\n", "\n")
    assert "\x1b" not in text
    assert "\n(a)> 77\n   ✗ wrong   77.0000\n" in text
    assert text.endswith("\n(a)> \nNothing is lost: `quizgen practice` goes on here.\n")


def test_the_app_is_given_the_plan(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from quizgen.practice import terminal as app
    from quizgen.practice.records import Plan
    from quizgen.practice.session import Practice

    given: list[tuple[str, Plan, bool, bool | None]] = []

    def run_app(practice: Practice, learner: str, plan: Plan, *, resume: bool, color: bool | None) -> int:
        given.append((learner, plan, resume, color))
        practice.begin(learner, plan)
        return 3

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(app, "run", run_app)
    monkeypatch.setattr(the_command, "_can_draw", lambda plain: not plain)
    for arguments in (["optim"], ["optim"], ["optim", "--new", "--color"], ["conv", "--minutes", "5", "--choices"]):
        assert run(*arguments, "--data", str(data)).exit_code == 3
    optim = Plan(("optim",), count=10)
    assert given == [
        (ME, optim, False, None),
        (ME, optim, True, None),
        (ME, optim, False, True),
        (ME, Plan(("conv",), minutes=5, choices=True), False, None),
    ]


def test_families_of_a_file_are_asked_too(data: Path, tmp_path: Path) -> None:
    from quizgen.skeleton import write_family

    write_family("example.neuron", tmp_path)
    arguments = ["--families", str(tmp_path / "example_neuron.py"), "example"]
    with driven(data, *arguments) as at:
        asked = at.heard()
        assert re.search(r"^Question 1 of 10 · .* · example\.neuron/1/\w+$", asked, re.MULTILINE)
        assert "1 of 1 part agrees" in asked
        at.end()
    with driven(data) as at:  # the family is not there now: the question is left out, and the session goes on
        said, _ = at.process.communicate()
        assert "can't be asked any more and does not count" in said

"""`quizgen check` for a whole sheet: what a person may write in a file of answers, and what becomes of each line."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import quizgen
from quizgen.__main__ import cli
from quizgen.answersheet import LONGEST_LINE, Marked, Problem, mark

ADAM = "optim.adam/2/k7q3m9"  # three parts, 4 points
SIZE = "conv.output-size/2/gz3any"  # one part, a shape, 2 points
COUNT = "net.parameter-count/1/ry151c"  # three parts, 3 points
IMAGE = "conv.cross-correlate/1/ks655s"  # one part, a matrix, 2 points
WRONG_SIZE = "(64, 32)"


def right(code: str) -> list[str]:
    return [part.answer for part in quizgen.from_code(code, verify=False).parts]


def sheet(text: str, **options: bool) -> tuple[list[Marked], list[tuple[int, str]]]:
    """What was marked of a text, and what could not be read."""
    found = list(mark(text.splitlines(keepends=True), **options))
    problems = [(each.line, each.message) for each in found if isinstance(each, Problem)]
    return [each for each in found if isinstance(each, Marked)], problems


def run(*arguments: str | Path, stdin: str | bytes = b"") -> Result:
    return CliRunner().invoke(cli, ["check", *map(str, arguments)], input=stdin)


# --- how it may be written ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"{COUNT} 4576 - 4689",
        f"{COUNT}: 4576 - 4689   # in order",
        f'{COUNT} "4576" - 4689',
        f"{COUNT}\n(a) 4576\n(c) 4689",
        f"{COUNT}\n(c) 4689\n(a) 4576\n(b)",
        f"{COUNT}\n\n  1: 4576\n\n# the last one\n  3:4689\n",
        f"{COUNT}\na) 4576\nb) -\nc) 4689\n",
        f"{COUNT}\nA: 4576\n3) 4689\n",
        f"{COUNT}\n4576\n-\n4689",
        f"{COUNT} 4576\n(c) 4689",
        f"{COUNT} 4576\r\n(c) 4689\r\n",
    ],
)
def test_a_question_may_be_answered_on_one_line_or_below_its_code(text: str) -> None:
    (marked,), problems = sheet(text)
    assert problems == []
    assert dict(marked.typed) == {1: "4576", 3: "4689"}
    assert (marked.points, marked.question.points, marked.right) == (2, 3, False)
    assert [str(verdict.read_as) for verdict in marked.verdicts.values()] == ["4576", "4689"]


@pytest.mark.parametrize(
    "text",
    [
        f"{SIZE} {WRONG_SIZE}",
        f"{SIZE} '{WRONG_SIZE}'",
        f"{SIZE}\n{WRONG_SIZE}",
        f"{SIZE}\na: {WRONG_SIZE}",
        f"{SIZE}:\n{WRONG_SIZE}  # height first",
    ],
)
def test_brackets_and_an_only_part_need_no_quotes(text: str) -> None:
    (marked,), problems = sheet(text)
    assert problems == []
    assert dict(marked.typed) == {1: WRONG_SIZE}


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        ("1 2; 3 4", "1 2; 3 4"),
        ("[[1, 2], [3, 4]]", "[[1, 2], [3, 4]]"),
        ("(1, 2), (3, 4)", "(1, 2), (3, 4)"),
        ("(3), (4)", "(3), (4)"),  # and no label
        ('"1 2; 3 4"', "1 2; 3 4"),
    ],
)
def test_a_matrix_on_the_line_of_its_code(line: str, typed: str) -> None:
    for text in (f"{IMAGE} {line}", f"{IMAGE}\n{typed}"):
        (marked,), problems = sheet(text)
        assert problems == []
        assert marked.typed[1] == typed


def test_rows_of_a_matrix_stand_on_one_line() -> None:
    marked, problems = sheet(f"{IMAGE}\n1 2\n3 4\n")
    assert [each.typed for each in marked] == [{1: "1 2"}]
    assert problems == [
        (3, f"{IMAGE} has 1 part: there is no part 2 for '3 4'; an answer stands on one line, as 1 2; 3 4")
    ]


def test_what_follows_from_an_earlier_answer_counts() -> None:
    (marked,), _ = sheet(f"{ADAM} -1 - -0.8044")
    assert marked.verdicts[3].carried


def test_letters_of_the_multiple_choice_form() -> None:
    parts = quizgen.from_code(ADAM, verify=False).parts
    letters = ["ABCD"[next(iter(part.correct))] for part in parts]
    for text in (f"{ADAM} {' '.join(letters)}", "\n".join([ADAM, *(f"({each})" for each in letters)])):
        (marked,), problems = sheet(text, choices=True)
        assert problems == []
        assert marked.right


def test_a_table_is_typed_among_letters_too() -> None:
    table = "conv.layer-table/1/k7q3m9"
    assert quizgen.from_code(table, verify=False).parts[0].kind.name == "table"
    (marked,), problems = sheet("\n".join([table, *right(table)]), choices=True)
    assert (problems, marked.right) == ([], True)


def test_an_empty_line_ends_the_answers_where_a_person_waits() -> None:
    given = iter([f"{COUNT} 4576\n", "\n", "(c) 4689\n", f"{SIZE} {WRONG_SIZE}\n", "more\n"])
    marks = mark(given, blank_ends=True)
    first = next(marks)
    assert isinstance(first, Marked)
    assert dict(first.typed) == {1: "4576"}
    assert next(marks) == Problem(3, f"an empty line has ended the answers to {COUNT}")
    assert isinstance(next(marks), Marked)
    assert next(given) == "more\n", "the verdict comes before the next line is waited for"


# --- what cannot be read ------------------------------------------------------------------------------------------

BAD = [
    (f"{ADAM} 1 2 3\n{SIZE} {WRONG_SIZE}\n{ADAM} 4 5 6", (3, f"{ADAM} stands on line 1 already; answer it once")),
    (f"{COUNT}\n(a) 1\n(c) 3\n(a) 2", (4, f"part (a) of {COUNT} is answered on line 2 already; answer it once")),
    (f"{COUNT} 1 2 3 4", (1, f"{COUNT} has 3 parts: there is no part 4 for '4'; quote an answer that holds blanks")),
    (f"{COUNT}\n(z) 4", (2, f"{COUNT} has 3 parts: there is no part 26 for '4'; ")),
    (f"{COUNT}\n99: 4", (2, f"{COUNT} has 3 parts: there is no part 99 for '4'; ")),
    (f"{ADAM} 1 1..2 3", (1, "cannot read '1..2' as a number, at character 3")),
    (f"{ADAM}\n(a) 1\n(b) __import__('os')", (3, "cannot read '__import__('os')' as a number")),
    (f'{ADAM} 1 "2 3', (1, "the quote before '2 3' is never closed")),
    (f"{ADAM} (1 2 3", (1, "cannot read '(1 2 3' as a number")),
    ("optim.adm/2/k7q3m9 1", (1, "there is no family 'optim.adm' (did you mean 'optim.adam'?)")),
    ("optim.adam/9/k7q3m9 1", (1, "optim.adam has no level 9")),
    ("optim.adam/2/k7q3m9/v7 1", (1, "was made by version 7 of optim.adam")),
    ("optim.adam/2/K7Q 1", (1, "'K7Q' is no seed")),
    (f"{SIZE} 1\noptim.adam 1", (2, "'optim.adam' is no question code; codes are like optim.adam/2/k7q3m9")),
    ("12 3", (1, "'12' is no question code")),
    ("(a) 3", (1, "'(a)' is no question code")),
    ("../../etc/passwd", (1, "'../../etc/passwd' is no question code")),
    (f"{SIZE} \udce9", (1, f"byte 0xe9 at character {len(SIZE) + 2} is no UTF-8; save the file as UTF-8")),
]


@pytest.mark.parametrize(("text", "problem"), BAD, ids=[text[:50] for text, _ in BAD])
def test_a_line_that_cannot_be_read(text: str, problem: tuple[int, str]) -> None:
    """It is named, and the question after it is marked."""
    marked, problems = sheet(f"{text}\n{IMAGE} 1 2; 3 4\n")
    assert [line for line, _ in problems] == [problem[0]]
    assert problem[1] in problems[0][1]
    assert marked[-1].question.code == IMAGE
    assert marked[-1].verdicts


def test_the_parts_beside_an_unreadable_one_are_marked() -> None:
    (marked,), ((line, _),) = sheet(f"{ADAM}\n-1.1\n1..2\n-0.8008\n")
    assert line == 3
    assert list(marked.verdicts) == [1, 3]
    assert marked.unreadable == {2}


def test_what_stands_below_a_bad_code_is_said_once() -> None:
    marked, problems = sheet(f"optim.adm/2/x\n(a) 1\n(b) 2\n{SIZE} {WRONG_SIZE}")
    assert [line for line, _ in problems] == [1]
    assert len(marked) == 1


def test_words_of_an_answer_are_no_code() -> None:
    marked, problems = sheet(f"{SIZE}\ntorch.Size([64, 32])\n")
    assert (problems, marked[0].verdicts[1].read_as) == ([], WRONG_SIZE)


# --- the command --------------------------------------------------------------------------------------------------


def test_all_right(tmp_path: Path) -> None:
    file = tmp_path / "answers.txt"
    file.write_text("\n".join(" ".join([code, *right(code)]) for code in (ADAM, COUNT)), encoding="utf-8")
    for done in (run("--file", file), run(stdin=file.read_bytes()), run("-", stdin=file.read_bytes())):
        assert done.exit_code == 0, done.stderr
        assert done.stderr == ""
        assert done.stdout.splitlines()[-1] == "7 of 7 points; 2 of 2 questions right"


def test_some_wrong() -> None:
    done = run(stdin=f"{ADAM} -1.1 1.39 -0.797\n{COUNT} 4576 - 4689\n")
    assert done.exit_code == 1
    assert done.stderr == ""
    assert (
        done.stdout
        == f"""\
{ADAM}
(a) right  -1.1
(b) right  1.39
(c) wrong  -0.797
    no bias correction: Divide both moments by 1 − βᵗ before the update.
2 of 4 points

{COUNT}
(a) right  4576
(b) left out
(c) right  4689
2 of 3 points

4 of 7 points; 0 of 2 questions right
A worked solution: quizgen show CODE --solution
"""
    )


def test_something_unreadable() -> None:
    done = run(stdin=f"{COUNT} {' '.join(right(COUNT))}\n{ADAM} 1..2 1.39 -\noptim.adm/2/x 1\n")
    assert done.exit_code == 2
    number, family = done.stderr.splitlines()
    assert number == (
        "quizgen: line 2: cannot read '1..2' as a number, at character 3: a second point in one number; "
        "for example 0.75, 3/4, -2^10 or 1.5e-3 can be read"
    )
    assert family == (
        "quizgen: line 3: there is no family 'optim.adm' (did you mean 'optim.adam'?); `quizgen list` shows all"
    )
    assert "\n(a) not read\n(b) right  1.39\n(c) left out\n1 of 4 points\n" in done.stdout
    assert "\n4 of 7 points; 1 of 2 questions right; 2 lines could not be read\n" in done.stdout


@pytest.mark.parametrize("text", ["", f"{COUNT} 4576 - 4689\n", f"{COUNT} 1..2\nnonsense.at/all 1\n{SIZE} (1, 2)"])
def test_one_json_document(text: str) -> None:
    text = f"{text}\n{ADAM} -1.1 1.39 -0.797\n"
    done = run("--json", stdin=text)
    data = json.loads(done.stdout)
    assert done.stderr == ""
    last = data["questions"][-1]
    assert (last["code"], last["line"], last["points"], last["of"]) == (ADAM, text.count("\n"), "2", 4)
    assert [part["right"] for part in last["parts"]] == [True, True, False]
    assert last["parts"][2]["mistakes"][0]["name"] == "no bias correction"
    assert data["of"] == sum(each["of"] for each in data["questions"])
    assert data["right"] is False
    assert done.exit_code == (2 if data["problems"] else 1)
    assert [each["line"] for each in data["problems"]] == ([1, 2] if "nonsense" in text else [])


def test_a_json_document_without_a_question() -> None:
    done = run("--json", stdin="nonsense.at/all 1\n")
    data = json.loads(done.stdout)
    assert (data["questions"], data["points"], len(data["problems"]), done.exit_code) == ([], "0", 1, 2)


def test_the_example_of_the_help_can_be_read() -> None:
    example = re.search(r"^ +# a line a question.*?(?=^  A part)", run("--help").stdout, re.MULTILINE | re.DOTALL)
    assert example
    marked, problems = sheet(example[0])
    assert problems == []
    assert [each.question.code for each in marked] == [ADAM, "conv.output-size/2/a2b4c6", COUNT]
    assert dict(marked[2].typed) == {1: "4576", 3: "4689"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_byte_order_mark_and_any_line_ends(encoding: str, end: str) -> None:
    done = run(stdin=end.join(["# für mich", f"{COUNT} 4576 −1 4689", ""]).encode(encoding))
    assert done.stderr == ""
    assert "2 of 3 points" in done.stdout


def test_latin_1_is_refused_where_it_matters() -> None:
    done = run(stdin=f"# für mich\n{COUNT} 4576 - 4689\n".encode("latin-1"))
    assert done.exit_code == 2
    assert done.stderr == "quizgen: line 1: byte 0xfc at character 4 is no UTF-8; save the file as UTF-8\n"
    assert "2 of 3 points" in done.stdout


@pytest.mark.parametrize(
    ("stdin", "words"),
    [
        (f"{ADAM} 1 2 3".encode("utf-16"), "standard input is written in UTF-16; save it as UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "standard input is no text: line 3 holds a null character"),
        (b"1" * 3_000_000, f"line 1 of standard input has {LONGEST_LINE:,} characters or more; it holds no answer"),
        (b"", "there are no answers; a line is a code and its answers, as in optim.adam/2/k7q3m9 0.9 -3/4"),
        (b"# nothing\n\n", "there are no answers"),
    ],
    ids=["utf-16", "picture", "one line", "empty", "comments"],
)
def test_what_is_no_sheet_of_answers(stdin: bytes, words: str) -> None:
    done = run(stdin=stdin)
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1].startswith(f"quizgen: {words}")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--file", "nothing-here.txt"], "'nothing-here.txt' cannot be read: No such file or directory; name a file"),
        (["--file", "."], "'.' cannot be read: Is a directory"),
        (["--file", "a\0b"], "'a\\x00b' cannot be read: embedded null"),
        (["--file", "a.txt", ADAM, "1"], f"--file 'a.txt' brings its own codes and answers, so leave out '{ADAM}'"),
        (["--part", "2"], "--part is for one answer; in a sheet of answers write `(b) 55` under the code"),
        ([ADAM], "missing argument 'ANSWER...'"),
    ],
)
def test_what_is_asked_for_wrongly(arguments: list[str], words: str) -> None:
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def process(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "quizgen", "check", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_needs_no_pytorch() -> None:
    program = (
        "import sys; sys.modules['torch'] = None; sys.argv = ['quizgen', 'check']\n"
        "from quizgen.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=f"{COUNT} {' '.join(right(COUNT))}\n", text=True, check=True
    )
    assert done.returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="no standard input that is closed on this system")
def test_a_closed_standard_input() -> None:
    done = process(preexec_fn=lambda: os.close(0))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "quizgen: standard input is closed; name a file of codes and answers with --file\n"


def test_a_long_sheet_is_marked_as_it_comes() -> None:
    """The first marks are there while the sheet is still being written."""
    with subprocess.Popen(
        [sys.executable, "-m", "quizgen", "check"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for number in range(400):
            running.stdin.write(f"{COUNT.rpartition('/')[0]}/s{number} 1 2 3\n")
        running.stdin.flush()
        assert running.stdout.readline() == "net.parameter-count/1/s0\n"
        running.stdin.close()
        said = running.stdout.read()
    assert running.returncode == 1
    assert "of 1,200 points; 0 of 400 questions right" in said


def test_marks_do_not_keep_questions() -> None:
    import gc
    import weakref

    alive: list[weakref.ref[quizgen.Question]] = []
    most = 0
    for each in mark(f"{COUNT.rpartition('/')[0]}/s{number} 1 2 3" for number in range(50)):
        assert isinstance(each, Marked)
        alive.append(weakref.ref(each.question))
        del each
        gc.collect()
        most = max(most, sum(ref() is not None for ref in alive))
    assert most <= 2


def own_terminal() -> None:
    """Makes standard input the terminal whose Ctrl-C comes as a signal, which a shell's background jobs ignore."""
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(os.name != "posix", reason="no pseudo-terminal on this system")
class TestAtATerminal:
    def session(self, *keys: str, **options: Any) -> tuple[int, str]:
        """What a person sees who types these lines, each after what came of the one before."""
        import pty

        ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "quizgen", "check"]
        env = {**os.environ, "NO_COLOR": "1", "TERM": "xterm", "COLUMNS": "200"}
        with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, **options) as running:
            os.close(theirs)
            said = self.until(ours, "Ctrl-D ends.")
            for key, wanted in zip(keys[::2], keys[1::2], strict=True):
                os.write(ours, key.encode())
                said += self.until(ours, wanted)
            with contextlib.suppress(OSError):
                while piece := os.read(ours, 4096):
                    said += piece.decode()
            os.close(ours)
        return running.returncode, said.replace("\r\n", "\n")

    def until(self, ours: int, wanted: str) -> str:
        said = b""
        while wanted.encode() not in said:
            said += os.read(ours, 4096)
        return said.decode()

    def test_it_says_what_to_type_and_marks_each_question_at_once(self) -> None:
        code, said = self.session(
            f"{COUNT} 4576\n\n", "1 of 3 points", f"{SIZE}\n(1, 2)\n", "0 of 2 points", "\x04", "questions right"
        )
        assert code == 1
        assert said.startswith("Type a code and its answers, one question a line; Ctrl-D ends.\n")
        assert "1 of 5 points; 0 of 2 questions right" in said

    def test_ctrl_c_leaves(self) -> None:
        code, said = self.session(
            f"{COUNT} 4576\n\n",
            "1 of 3 points",
            "\x03",
            "quizgen: interrupted",
            preexec_fn=own_terminal,
        )
        assert code == 130
        assert "Traceback" not in said

    def test_a_bar_follows_where_the_marks_go_elsewhere(self) -> None:
        import pty

        ours, theirs = pty.openpty()
        text = "".join(f"{COUNT.rpartition('/')[0]}/s{number} 1 2 3\n" for number in range(100))
        with subprocess.Popen(
            [sys.executable, "-m", "quizgen", "check", "--json"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm"},
            text=True,
        ) as running:
            os.close(theirs)
            marked, _ = running.communicate(text)
            said = b""
            with contextlib.suppress(OSError):
                while piece := os.read(ours, 4096):
                    said += piece
            os.close(ours)
        assert len(json.loads(marked)["questions"]) == 100
        assert b"lines" in said
        assert b"100/?" in said


def test_a_reader_that_leaves_early(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("".join(f"{COUNT.rpartition('/')[0]}/s{number} 1 2 3\n" for number in range(500)), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "quizgen", "check", "--file", file], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 141

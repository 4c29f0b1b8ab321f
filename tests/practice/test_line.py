"""Practice in plain lines: what comes of each line that a person or a script types."""

from __future__ import annotations

import io
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest

import quizgen
from quizgen import family
from quizgen.errors import StoreBusy, StoreError, UnknownFamily, VerifyError
from quizgen.practice import line
from quizgen.practice.line.sitting import may_answer
from quizgen.practice.line.talk import LONGEST
from quizgen.practice.records import ME, Plan
from quizgen.practice.session import Practice
from quizgen.practice.store import Store
from sittings import Clock, UncheckedStock, practising

ADAM = Plan(code="optim.adam/2/k7q3m9")
RIGHT = ("-1.1", "1.39", "-0.8008")
TWO = Plan(names=("optim.adam", "conv.output-size"), count=2)
EXAM = Plan(names=("optim.adam", "conv.output-size"), count=2, minutes=20, exam=True)


class Keyboard(io.StringIO):
    """Lines that a person types."""

    def isatty(self) -> bool:
        return True


class Meanwhile(io.StringIO):
    """Lines before some of which something happens elsewhere."""

    def __init__(self, text: str, **events: Callable[[], object]) -> None:
        super().__init__(text)
        self.events = events

    def readline(self, size: int | None = -1, /) -> str:
        text = super().readline(-1 if size is None else size)
        if text.strip() in self.events:
            self.events.pop(text.strip())()
        return text


class Screen(io.StringIO):
    """What is printed; `waiting` is how much of it had been handed over when a line was wanted."""

    def __init__(self) -> None:
        super().__init__()
        self.flushed = ""

    def flush(self) -> None:
        super().flush()
        self.flushed = self.getvalue()


@contextmanager
def there(folder: Path, clock: Clock | None = None) -> Iterator[Practice]:
    with practising(folder, clock) as practice:
        yield practice


def held(
    practice: Practice, *lines: str, plan: Plan = ADAM, resume: bool = False, stdin: io.StringIO | None = None
) -> str:
    """What a session says to these lines, after which input ends."""
    stdin = stdin or io.StringIO("".join(f"{each}\n" for each in lines))
    stdout = io.StringIO()
    assert line.run(practice, ME, plan, resume=resume, stdin=stdin, stdout=stdout) == 0
    return stdout.getvalue()


def after(said: str, prompt: str) -> str:
    """What was said after the first time that a prompt came, up to the next prompt."""
    found = re.search(rf"^{re.escape(prompt)}>\n(.*?)(?=^[^\n]*>\n|\Z)", said, re.MULTILINE | re.DOTALL)
    assert found, f"{prompt}> is not in {said}"
    return found[1]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def practice(tmp_path: Path, clock: Clock) -> Iterator[Practice]:
    with there(tmp_path, clock) as practice:
        yield practice


# --- a question -------------------------------------------------------------------------------------------------------


def test_a_question_from_its_first_part_to_the_end(practice: Practice) -> None:
    said = held(practice, *RIGHT, "")
    assert said.startswith("? says what you can type"), "one question needs no greeting"
    assert "Question 1 of 1 · Adam steps on one parameter · 4 points · optim.adam/2/k7q3m9\n" in said
    assert said.count("✓ right") == 3
    assert "checked: torch 2.13.0" in said
    assert said.index("(a) What is m₅?") < said.index("\n(a)>\n") < said.index("\n(b)>\n") < said.index("\n(c)>\n")
    assert "\n4 of 4 points\nEnter ends the session, " in said
    assert said.endswith("\n1 of 1 question answered, 4 of 4 points, 0 seconds.\n")
    assert practice.resume(ME) is None, "the session has ended"


def test_a_mistake_is_named_and_the_part_may_be_tried_again(practice: Practice) -> None:
    said = held(practice, *RIGHT[:2], "-0.797", "-0.8008")
    wrong = after(said, "(c)")
    assert "✗ wrong   -0.7970\n  no bias correction: Divide both moments by 1 − βᵗ before the update.\n" in wrong
    assert "Try again (a right answer still earns 1.33 points), or h hint, o go on, s solution." in wrong
    assert "3.33 of 4 points" in said


def test_what_cannot_be_read_is_no_try(practice: Practice) -> None:
    said = held(practice, "1..2", "", "   ", "�\x00", "quit it", *RIGHT)
    assert "cannot read '1..2' as a number, at character 3: " in after(said, "(a)")
    assert said.count("That was no try; ? says what else you can type.") == 3
    assert "4 of 4 points" in said


def test_the_same_answer_again_does_not_count(practice: Practice) -> None:
    said = held(practice, "3", " 3.0", "-1.1")
    assert said.count("✗ wrong   3.0000") == 2
    assert said.count("You typed that before; it does not count again.") == 1
    assert said.count("still earns 0.67 point") == 2


def test_what_follows_from_a_wrong_part_is_carried_forward(practice: Practice) -> None:
    said = held(practice, "-1", "o", "1.39", "-0.8044", "")
    assert "✓ right   -0.8044\n  Right, carried forward from your earlier answer.\n" in said
    assert "\n(a) right is −1.1000\n3 of 4 points\n" in said


def test_hints_to_the_end(practice: Practice) -> None:
    said = held(practice, "-1.1", *["hint"] * 3, "1.39")
    assert "  hint 1 of 2, for 0.5 point\n    second moment\n    v₅ = β₂·v₄ + (1 − β₂)·g₅²\n" in said
    assert "  hint 2 of 2, for 0.5 point\n    v₅ = β₂·v₄ + (1 − β₂)·g₅² = 0.75·1 + " in said
    assert "there is no hint left here: all that leads to the answer has been shown\n" in said
    session = practice.resume(ME)
    assert session is not None
    assert session.attempt is not None
    assert (session.attempt.credit(2), session.attempt.part) == (0, 3)


@pytest.mark.parametrize("word", ["s", ":s", "solution", ":SOLUTION", " :solution ", ":so", "S"])
def test_the_solution_ends_the_question(practice: Practice, word: str) -> None:
    said = held(practice, word, "")
    assert "  Answer: (a) −1.1000;  (b) 1.3900;  (c) −0.8008\n" in said
    assert "m₅ = β₁·m₄ + (1 − β₁)·g₅ = " in said
    assert "import torch" in said
    assert said.endswith("0 of 1 question answered, 0 of 4 points, 0 seconds.\n")


def test_the_solution_may_be_seen_afterwards(practice: Practice) -> None:
    said = held(practice, *RIGHT, "s", "")
    assert said.index("4 of 4 points") < said.index("Answer: (a) −1.1000")


def test_skip_another_and_easier(practice: Practice) -> None:
    said = held(practice, "k", "a", ":easier", "another", plan=TWO)
    codes = re.findall(r"^Question \d.* · (\S+)$", said, re.MULTILINE)
    assert len(set(codes)) == 5
    assert len({code.partition("/")[0] for code in codes[1:]}) == 1, "another one like it is of the same family"


def test_after_a_question_an_answer_is_not_taken_and_enter_goes_on(practice: Practice) -> None:
    session = practice.begin(ME, TWO)
    first = session.next()
    assert first is not None
    answers = [part.answer for part in first.question.parts]
    said = held(practice, *answers, "17", "h", "?", "", "s", "", plan=TWO, resume=True)
    assert "This question is closed, so '17' was not taken for an answer." in said
    assert "This question is closed, so 'h' was not taken for an answer." in said
    assert said.index("Question 1 of 2") < said.index("Enter the next question") < said.index("Question 2 of 2")
    assert "\n1 of 2 questions answered, " in said


def test_help_names_every_command(practice: Practice) -> None:
    said = held(practice, "?", ":xyz", ":", "-1.1")
    for name in ("hint", "solution", "skip", "another", "easier", "on", "finish", "leave"):
        assert f"  {name} " in said
    assert "there is no command ':xyz'" in said
    assert "there is no command ':'; there are " in said
    assert "✓ right   -1.1000" in said


def test_finish_ends_the_session_early(practice: Practice) -> None:
    said = held(practice, "-1.1", "f")
    assert said.endswith("1 of 1 question answered, 1 of 4 points, 0 seconds.\n")
    assert practice.resume(ME) is None


# --- letters ----------------------------------------------------------------------------------------------------------

LETTERS = Plan(code="optim.adam/2/k7q3m9", choices=True)


def test_letters_of_options_are_answers_and_commands_have_a_colon(practice: Practice) -> None:
    question = quizgen.from_code(ADAM.code, verify=False)
    assert question.part(1).correct == {0}, "the right option of this test is A"
    said = held(practice, "a", "s", "e", "h", ":h", "B", ":o", plan=LETTERS)
    assert "✓ right   a" in after(said, "(a)")
    assert "cannot read 's' as an option: the options are a to c" in after(said, "(b)")
    assert said.count("as an option: ") == 3
    assert said.count("  hint 1 of 2") == 1
    assert "✗ wrong   B" in said
    assert "or :h hint, :o go on, :s solution." in said
    assert said.count("Question 1 of 1") == 1, "a and e never led to another question"


def test_a_letter_that_may_be_an_answer_is_one(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the answer is a formula in s."""
    session = practice.begin(ME, ADAM)
    attempt = session.attempt
    assert attempt is not None
    assert may_answer("s", attempt, 1) is False
    part = attempt.question.part(1)
    object.__setattr__(part, "kind", quizgen.answers.Expression(("s", "h")))
    assert may_answer("s", attempt, 1) is True
    assert may_answer("k", attempt, 1) is False


# --- leaving and coming back ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["", "q\nnever read", ":leave\n1", "leave", "Q"])
def test_leaving_keeps_everything(tmp_path: Path, word: str) -> None:
    with there(tmp_path) as practice:
        said = held(practice, "-1.1", "h", stdin=io.StringIO(f"-1.1\nh\n{word}"))
    assert said.endswith("(b)>\nNothing is lost: `quizgen practice` goes on here.\n")
    with there(tmp_path) as practice:
        again = held(practice, "1.39", "-0.8008", "", resume=True)
    assert again.startswith("Going on with the session of 2026-09-21 ")
    assert re.match(r"Going on with the session of [0-9-]{10} [0-9:]{5}: question 1 of 1\.\n", again)
    shown = again.partition("(b)>")[0]
    assert "✓ right   -1.1000" in shown
    assert "hint 1 of 2" in shown
    assert again.endswith("1 of 1 question answered, 3.5 of 4 points, 0 seconds.\n")


def test_the_end_of_input_after_the_last_question_ends_the_session(practice: Practice) -> None:
    assert held(practice, *RIGHT).endswith("1 of 1 question answered, 4 of 4 points, 0 seconds.\n")
    assert practice.resume(ME) is None


def test_a_line_without_an_end_is_a_line(practice: Practice) -> None:
    assert "✓ right   -1.1000" in held(practice, stdin=io.StringIO("-1.1"))


def test_a_byte_order_mark_is_no_answer(practice: Practice) -> None:
    assert "✓ right   -1.1000" in held(practice, stdin=io.StringIO("\ufeff-1.1\r\n"))


def test_a_new_session_though_one_is_open(practice: Practice) -> None:
    held(practice, "-1.1")
    said = held(practice, plan=TWO)
    assert "question 1 of 2 of optim.adam and conv.output-size." not in said
    assert "2 questions of optim.adam and conv.output-size." in said


def test_a_session_that_was_over_is_not_gone_on_with(practice: Practice) -> None:
    session = practice.begin(ME, ADAM)
    session.solution()
    said = held(practice, resume=True)
    assert "Going on" not in said
    assert "✓" not in said


def test_a_family_that_is_gone_is_named_and_left_out(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    held(practice, plan=TWO)
    drawn = practice._drawn

    def gone(code: str, provenance: str) -> quizgen.Question:
        if code == first:
            raise UnknownFamily("there is no family 'optim.gone'")
        return drawn(code, provenance)

    session = practice.resume(ME)
    assert session is not None
    assert session.item is not None
    first = session.item.code
    monkeypatch.setattr(practice, "_drawn", gone)
    said = held(practice, plan=TWO, resume=True)
    assert f"{first} can't be asked any more and does not count: there is no family 'optim.gone'\n" in said
    assert "Question 2 · " in said or "Question 2 of 2 · " in said


def test_the_time_is_over_after_the_question_at_hand(practice: Practice, clock: Clock) -> None:
    plan = Plan(names=("optim.adam",), minutes=5)
    lines = Meanwhile("k\n1\ns\n\n", s=lambda: clock.wait(301))
    said = held(practice, plan=plan, stdin=lines)
    assert "questions of optim.adam in 5 minutes." in said
    assert "Enter ends the session" in said
    assert practice.resume(ME) is None


# --- other windows, and a database that fails -------------------------------------------------------------------------


def test_another_window_was_quicker(practice: Practice) -> None:
    def elsewhere() -> None:
        session = practice.resume(ME)
        assert session is not None
        session.answer("-1.1")

    said = held(practice, stdin=Meanwhile("7\n1.39\n", **{"7": elsewhere}))
    assert "the question has gone on since this page was shown; here is where it stands" in said
    assert said.count("Question 1 of 1") == 2
    assert "✓ right   1.3900" in after(said, "(b)")


def test_another_window_ended_the_session(practice: Practice) -> None:
    def elsewhere() -> None:
        session = practice.resume(ME)
        assert session is not None
        session.finish()

    said = held(practice, stdin=Meanwhile("7\n8\n", **{"7": elsewhere}))
    assert said.endswith("0 of 1 question answered, 0 of 0 points, 0 seconds.\n")


def test_a_database_that_another_program_holds(tmp_path: Path) -> None:
    """A person is asked again; in a script the line would be taken for another answer, so it stops there."""
    store = Store.open(tmp_path / "practice.db", patience=0.05)
    practice = Practice(store, UncheckedStock(), list(family.everything().values()), Clock())  # type: ignore[arg-type]
    other = sqlite3.connect(tmp_path / "practice.db", isolation_level=None)
    try:
        stdin = Meanwhile(
            "-1.1\n-1.10\n1.39\n",
            **{"-1.1": lambda: other.execute("BEGIN IMMEDIATE"), "-1.10": lambda: other.execute("ROLLBACK")},
        )
        stdin.isatty = lambda: True  # type: ignore[method-assign]
        said = held(practice, stdin=stdin)
        assert re.search(
            r"^\(a\)> .* is in use by another program; nothing was changed, try again$", said, re.MULTILINE
        )
        assert said.count("✓ right") == 2
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy):
            held(practice, "-0.8008", resume=True)
        other.execute("ROLLBACK")
        assert "✓ right   -0.8008" in held(practice, "-0.8008", resume=True)
    finally:
        other.close()
        practice.close()


def test_a_disk_that_is_full_is_no_acknowledged_answer(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(practice.store, "add_move", full)
        said = held(practice, stdin=Keyboard("-1.1\n"))
        assert "the disk is full\n" in said
        assert "✓" not in said
        with pytest.raises(StoreError, match="the disk is full"):
            held(practice, "-1.1", resume=True)
    assert "✓ right   -1.1000" in held(practice, "-1.1", resume=True)


def test_no_question_can_be_checked(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise VerifyError("PyTorch is not installed")

    monkeypatch.setattr(practice.stock, "take", fail)
    with pytest.raises(VerifyError, match="PyTorch is not installed"):
        held(practice, plan=TWO)
    assert "PyTorch is not installed" in held(practice, plan=ADAM, stdin=Keyboard("a\n"))


# --- how it looks -----------------------------------------------------------------------------------------------------


def test_a_script_finds_the_prompt_on_a_line_before_every_read(practice: Practice) -> None:
    """And all that was said has been handed over by then."""
    screen = Screen()

    class Script(io.StringIO):
        prompts: ClassVar[list[str]] = []

        def readline(self, size: int | None = -1, /) -> str:
            assert screen.flushed == screen.getvalue()
            self.prompts.append(screen.getvalue().splitlines()[-1])
            return super().readline(-1 if size is None else size)

    script = Script("-1.1\nh\n1.39\n-0.8008\n")
    line.run(practice, ME, ADAM, resume=False, stdin=script, stdout=screen)
    assert [prompt.partition(",")[0] for prompt in script.prompts] == [
        "(a)>", "(b)>", "(b)>", "(c)>", "Enter ends the session",
    ]  # fmt: skip


def test_a_person_types_behind_the_prompt(practice: Practice) -> None:
    said = held(practice, stdin=Keyboard("-1.1\n"))
    assert "\n(a)>    ✓ right   -1.1000\n" in said
    assert said.endswith("\n(b)> \nNothing is lost: `quizgen practice` goes on here.\n")


def test_a_table_is_typed_on_one_line(practice: Practice) -> None:
    table = Plan(code="conv.layer-table/1/k7q3m9")
    right = quizgen.from_code(table.code, verify=False).part(1)
    typed = "; ".join(right.answer.splitlines())
    said = held(practice, typed, plan=table)
    assert "an answer is 5 rows with ; between them: 1. Conv3-20 (padding 2), 2. ReLU, 3.\n" in said
    assert "each row is output shape (whole numbers in brackets, such as (64, 32, 3), or" in said
    assert "✓ right" in after(said, "(a)")


def test_an_only_part_has_no_name(practice: Practice) -> None:
    said = held(practice, "1 x", plan=Plan(code="conv.output-size/2/gz3any"))
    assert "\n>\ncannot read '1 x' as a shape" in said


@pytest.mark.parametrize(("color", "escapes"), [(None, False), (False, False), (True, True)])
def test_colours_only_where_they_are_wanted(
    practice: Practice, color: bool | None, escapes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    stdout = io.StringIO()
    line.run(practice, ME, ADAM, resume=False, stdin=io.StringIO("h\n1\n"), stdout=stdout, color=color)
    assert ("\x1b[" in stdout.getvalue()) is escapes


def test_no_line_ends_in_blanks_and_none_is_wider_than_a_terminal(practice: Practice) -> None:
    said = held(practice, "h", "1", "s", "", plan=Plan(code="conv.cross-correlate/2/k7q3m9"))
    lines = said.splitlines()
    assert [each for each in lines if each != each.rstrip()] == []
    drawn = [each for each in lines if each.startswith(" ") and "Try again" not in each]
    assert len(drawn) > 20
    assert max(map(len, drawn)) <= 80


def test_a_line_without_end_does_not_fill_the_memory(practice: Practice) -> None:
    class Endless(io.StringIO):
        read = 0

        def readline(self, size: int | None = -1, /) -> str:
            assert size is not None
            assert 0 < size <= LONGEST, "a line is read in pieces"
            text = super().readline(size)
            self.read += len(text)
            return text

    lines = Endless("9" * 1_000_000 + "\n-1.1\n")
    said = held(practice, stdin=lines)
    assert "(10,000 characters)" in said
    assert "✓ right   -1.1000" in said
    assert lines.read > 1_000_000


# --- exams ------------------------------------------------------------------------------------------------------------


def answers(practice: Practice, number: int) -> list[str]:
    exam = practice.resume(ME, exam=True)
    assert exam is not None
    return [part.answer for part in exam.go(number).question.parts]


def test_an_exam_says_nothing_of_answers_until_it_is_handed_in(practice: Practice) -> None:
    start = held(practice, plan=EXAM)
    assert "2 questions of optim.adam and conv.output-size in 20 minutes." in start
    assert re.search(r"^   1  .*, \d points?: open$", start, re.MULTILINE)
    assert re.search(r"^1( \(a\))? \[20 min left\]>$", start, re.MULTILINE)
    first, second = answers(practice, 1), answers(practice, 2)
    said = held(practice, *first, *second, ":list", ":finish", plan=EXAM, resume=True)
    assert said.startswith("Going on with the exam of 2026-09-21 ")
    working, _, review = said.rpartition("min left]>")
    assert working.count("noted: ") == len(first) + len(second)
    assert not re.search("right|wrong", working)
    assert "Everything is answered. :finish hands in" in working
    assert working.count(": answered\n") == 2
    assert review.count("✓ right") == len(first) + len(second)
    assert "2 of 2 questions answered, " in review
    assert practice.resume(ME, exam=True) is None


def test_parts_of_an_exam_are_answered_in_any_order(practice: Practice) -> None:
    held(practice, plan=EXAM)
    number = next(n for n in (1, 2) if len(answers(practice, n)) == 3)
    first, second, third = answers(practice, number)
    said = held(
        practice, f":go {number}c", third, f":{number}a", "7", f":go{number} (A)", first, f":{number}b", "n", "b",
        second, ":9", f":{number}z", ":go", "h", "1..2", ":f", "what", ":f", ":f", plan=EXAM, resume=True,
    )  # fmt: skip
    assert "there is no question 9 to go to; the exam has 2" in said
    assert f"question {number} has no part (z); it has 3 parts" in said
    assert "there is no command ':go'" in said
    assert said.count("cannot read 'h' as ") == 1
    assert said.count("1 part has no answer; :finish once more hands in as it is.") == 2
    review = said.rpartition("min left]>")[2]
    assert review.count("✓ right") == 3
    assert "✗ wrong" not in review, "the last answer to a part is the one that counts"
    assert "not answered" in review


def test_an_exam_goes_to_what_has_no_answer_yet(practice: Practice) -> None:
    held(practice, plan=EXAM)
    number = next(n for n in (1, 2) if len(answers(practice, n)) == 3)
    said = held(practice, f":{number}a", "1", "2", "3", plan=EXAM, resume=True)
    prompts = re.findall(r"^(\d.*) \[\d+ min left\]>$", said, re.MULTILINE)
    assert prompts[1:] == [f"{number} (a)", f"{number} (b)", f"{number} (c)", f"{3 - number}"]


def test_letters_in_an_exam_of_choices(practice: Practice) -> None:
    plan = Plan(names=("optim.adam",), count=1, minutes=10, exam=True, choices=True)
    said = held(practice, "b", "a", ":b", "b", ":b", plan=plan)
    assert said.count("noted: b") == 2
    assert said.count("noted: a") == 1


def test_the_time_of_an_exam_is_over(practice: Practice, clock: Clock) -> None:
    said = held(practice, plan=EXAM, stdin=Meanwhile("1\n2\n3\n", **{"2": lambda: clock.wait(1201)}))
    assert "the time is over: the exam was handed in as it stood" in said.lower()
    assert said.count("noted: ") == 1
    assert "1 of 2 questions answered, " in said


def test_the_time_of_an_exam_runs_on_while_it_is_left(practice: Practice, clock: Clock) -> None:
    assert "min left]>\nNothing is lost: `quizgen practice` goes on here.\n" in held(practice, "1", plan=EXAM)
    clock.wait(600)
    assert "[10 min left]>" in held(practice, plan=EXAM, resume=True)
    clock.wait(601)
    said = held(practice, "5", plan=EXAM, resume=True)
    assert "The time is over: the exam was handed in as it stood." in said
    assert "min left" not in said
    assert "1 of 2 questions answered, " in said

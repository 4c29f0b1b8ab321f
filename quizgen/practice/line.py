"""Practice in plain lines, for pipes, scripts and terminals that can do no more: the same sessions, read and printed.

Every line is an answer or a command. A command is a letter where that can be no answer, else it begins with a colon.
Where lines come from a person's keyboard the prompt stays in front of them; in a pipe it is a line of its own, so that
a program knows what it is asked.
"""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from types import FrameType
from typing import TYPE_CHECKING, TextIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from quizgen.answers import Table
from quizgen.errors import QuizgenError, Stale, Unreadable, UsageError, shown
from quizgen.practice.terminal import page
from quizgen.practice.terminal.commands import AT_A_QUESTION, HELP, IN_AN_EXAM, Command, meant
from quizgen.render import terminal
from quizgen.render.parts import answer, label
from quizgen.render.unicode_math import plain
from quizgen.text import escape
from quizgen.wording import counted, letter, listed

if TYPE_CHECKING:
    from quizgen.practice.attempt import Attempt
    from quizgen.practice.records import Plan
    from quizgen.practice.session import Practice, Session, Summary

WIDEST = 100  # columns: longer lines are hard to read
LONGEST = 10_000
"""Characters of a line that are looked at; no answer is longer."""

BEFORE_IT_SAYS_SO = 0.5
"""Seconds after which a person is told what she is waiting for."""

AGAIN = "Nothing is lost: `quizgen practice` goes on here."
_GO = re.compile(r":\s*(?:go\s*)?(\d{1,3})\s*(?:\(?([a-z]{1,2})\)?)?", re.IGNORECASE)


def run(
    practice: Practice,
    learner: str,
    plan: Plan,
    *,
    resume: bool,
    stdin: TextIO,
    stdout: TextIO,
    color: bool | None = None,
) -> int:
    """Holds a session over lines, the open one if wanted; the exit code: 0, or 128 and the number of a signal.

    ``color``: None follows the terminal. Raises what keeps a session from going on: `VerifyError`, `StoreError`,
    `UsageError` for a plan that can't be meant.
    """
    with _signals():
        lines = _Lines(practice, learner, stdin, stdout, color)
        try:
            lines.hold(plan, resume)
        except _EndOfInput:
            lines.leave()
        except _Signal as stop:
            with suppress(OSError):  # the terminal may be what has gone
                lines.leave()
            return 128 + stop.number
    return 0


class _EndOfInput(Exception):
    """There are no more lines, or they are not wanted any more."""


class _Signal(BaseException):
    """The program is to stop; no except clause on the way takes it for an error."""

    def __init__(self, number: int) -> None:
        self.number = number


@contextmanager
def _signals() -> Iterator[None]:
    """Ctrl-C and its like leave the session as the end of input does. (Signals come to the main thread alone.)"""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise _Signal(number)

    wanted = [getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")]
    # What is ignored stays so: a background job of a shell is not to be stopped by Ctrl-C.
    before = {one: signal.getsignal(one) for one in wanted if one and signal.getsignal(one) is not signal.SIG_IGN}
    for one in before:
        signal.signal(one, stop)
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


class _Lines:
    """One session over lines."""

    session: Session

    def __init__(self, practice: Practice, learner: str, stdin: TextIO, stdout: TextIO, color: bool | None) -> None:
        self.practice, self.learner = practice, learner
        self.stdin, self.stdout = stdin, stdout
        self.typed = stdin.isatty()
        self.console = Console(
            file=stdout,
            highlight=False,
            markup=False,
            emoji=False,
            force_terminal=color,
            no_color=color is False or None,
        )
        self.console.width = min(self.console.width, WIDEST)
        self.at_prompt = False
        self.took_line = False
        self.onwards = True
        """Whether the next question is wanted."""
        self.part: int | None = None
        """In an exam the part that was gone to."""
        self.handing_in = False

    def hold(self, plan: Plan, resume: bool) -> None:
        """The session from here to its end."""
        self._begin(plan, resume)
        while True:
            if self.session.notice:
                self.say(self.session.notice, style="bold")
                self.session.notice = ""
            self.took_line = False
            try:
                if self.session.ended or not self._step():
                    break
            except Stale as problem:
                self.say(problem.message)
                self._take_up()
            except UsageError as problem:
                if not self.took_line:
                    raise
                no_try = ". That was no try; ? says what else you can type." if isinstance(problem, Unreadable) else ""
                self.say(f"{problem.message}{no_try}")
            except QuizgenError as problem:
                # In a script the next line would be taken for what this one was to answer.
                if not (self.took_line and self.typed):
                    raise
                self.say(problem.message)
        self._end(self.session.finish())

    def leave(self) -> None:
        """The last words of a session that goes on another day."""
        if self.at_prompt:
            self.stdout.write("\n" if self.typed else "")
        self.say(AGAIN)

    # --- beginning ----------------------------------------------------------------------------------------------------

    def _begin(self, plan: Plan, resume: bool) -> None:
        found = self.practice.resume(self.learner, exam=plan.exam) if resume else None
        if found is not None and not plan.exam and found.over and (found.attempt is None or found.attempt.closed):
            found.finish()
            found = None
        if found is None:
            due = self.practice.due(self.learner, plan)
            with self._waiting():
                found = self.practice.begin(self.learner, plan)
            self.say(
                f"{counted(due, 'skill')} {'is' if due == 1 else 'are'} due today." if due else "Nothing is due today."
            )
            self.say(_what_comes(found))
        else:
            begun = datetime.fromtimestamp(found.sitting.started / 1000).astimezone()
            what = "exam" if plan.exam else "session"
            self.say(f"Going on with the {what} of {begun:%Y-%m-%d %H:%M}: {_what_comes(found)}")
        self.session = found
        self.say("? says what you can type, and q leaves: nothing is lost.", style="dim")
        if plan.exam and not self._time_is_over():
            self._list()
        self._show_open()

    def _show_open(self) -> None:
        """The question that is open, if one is."""
        attempt = self.session.attempt
        self.onwards = attempt is None or attempt.closed
        if not self.onwards:
            self._show()

    def _take_up(self) -> None:
        """Shows where the session stands, after the time was over or something was done elsewhere."""
        found = self.practice.resume(self.learner, self.session.id)
        if found is not None:
            self.session, self.part = found, None
        self._show_open()

    # --- one line at a time -------------------------------------------------------------------------------------------

    def _step(self) -> bool:
        """Puts the next question, or takes a line; False where the session is at its end."""
        if self.session.plan.exam:
            return not self._time_is_over() and self._in_exam()
        attempt = self.session.attempt
        if self.onwards or attempt is None:
            with self._waiting():
                attempt = self.session.next()
            self._show_open()
            return attempt is not None
        if attempt.closed:
            return self._after(attempt)
        return self._at(attempt)

    def _at(self, attempt: Attempt) -> bool:
        """A line at a question."""
        part = attempt.part or 1
        text = self._read(_name(attempt, part))
        command = self._command(text, attempt, part, AT_A_QUESTION)
        if command is None:
            self._answered(attempt, text)
            return True
        match command.name:
            case "help":
                self._help(AT_A_QUESTION)
            case "hint":
                self.session.hint()
                self._hinted(part)
            case "on":
                self.session.on()
                self._went_on(part)
            case "solution":
                self.session.solution()
                self._solution()
                self.put(page.outcome(self._now()))
            case "skip":
                self.session.skip()
                self.onwards = True
            case "another" | "easier":
                self._like_this(command.name)
            case "finish":
                return False
        return True

    def _after(self, attempt: Attempt) -> bool:
        """A line after a question."""
        onwards = "ends the session" if self.session.over else "the next question"
        text = self._read(f"Enter {onwards}, s solution, a another like this, e easier numbers", ends=self.session.over)
        if not text:
            self.onwards = True
            return True
        command = self._command(text, None, 0, AT_A_QUESTION)
        match command.name if command is not None else "":
            case "help":
                self._help(AT_A_QUESTION)
            case "solution":
                self._solution()
            case "another" | "easier" as name:
                self._like_this(name)
            case "on" | "skip":
                self.onwards = True
            case "finish":
                return False
            case _:
                self.say(f"This question is closed, so {shown(text)} was not taken for an answer.")
        return True

    def _in_exam(self) -> bool:
        """A line in an exam."""
        attempt = self.session.attempt
        if attempt is None:  # its family is gone
            return self._forward(1, 0)
        part = self.part or attempt.part or 1
        left = f"{-(-(self.session.seconds_left or 0) // 60)} min left"
        text = self._read(f"{self.session.number} {_name(attempt, part)}".rstrip() + f" [{left}]")
        if not text:
            return True
        if found := _GO.fullmatch(text):
            self._go(int(found[1]), found[2])
            return True
        command = self._command(text, attempt, part, IN_AN_EXAM)
        handing_in, self.handing_in = self.handing_in, False
        if command is None:
            move = self.session.answer(text, part)
            self.say(f"noted: {plain(move.read_as)}")
            if not self._forward(1, part, unanswered=True):
                self.say(
                    "Everything is answered. :finish hands in, :list shows all, :go 2b changes part (b) of question 2."
                )
            return True
        match command.name:
            case "help":
                self._help(IN_AN_EXAM)
            case "list":
                self._list()
            case "back":
                self._forward(-1, part)
            case "forward":
                self._forward(1, part)
            case "finish":
                return not (handing_in or self._complete())
        return True

    # --- at a question ------------------------------------------------------------------------------------------------

    def _answered(self, before: Attempt, text: str) -> None:
        """Marks an answer, and says what came of it."""
        if not text:
            return
        move = self.session.answer(text)
        attempt = self._now()
        self.put(*page.verdict(attempt, move), indent=2)
        if move.number < len(before.moves):
            self.say("  You typed that before; it does not count again.")
        if move.credit == 1:
            self._went_on(move.part)
            return
        worth = attempt.worth(move.part) * attempt.question.part(move.part).points
        still = (
            f"a right answer still earns {page.counted_points(worth)}" if worth != 0 else "it earns nothing any more"
        )
        colon = ":" if attempt.is_choice(move.part) else ""  # a bare letter is that of an option
        self.say(f"  Try again ({still}), or {colon}h hint, {colon}o go on, {colon}s solution.", style="dim")

    def _hinted(self, part: int) -> None:
        attempt = self._now()
        hints = attempt.hints(part)
        hint, said = hints[-1], {text for before in hints[:-1] for text in (before.heading, before.why)}
        about = [text for text in dict.fromkeys((hint.heading, hint.why)) if text and text not in said]
        cost = attempt.hint_cost(part) * attempt.question.part(part).points
        self.say(f"  hint {hint.at} of {hint.of}, for {page.counted_points(cost)}", style="dim")
        self.put(*(terminal.words(text, "dim") for text in about), terminal.line_of_work(hint), indent=4)

    def _went_on(self, part: int) -> None:
        """What comes after a part that is dealt with."""
        attempt = self._now()
        if attempt.closed:
            self._closed()
        elif attempt.part is not None:
            self.say("")
            self._asked(attempt, attempt.part)

    def _closed(self) -> None:
        """What came of a question."""
        attempt = self._now()
        for at, part in enumerate(attempt.question.parts):
            if attempt.status(at + 1) != "right":
                name = label(attempt.question, at)
                self.put(terminal.words(f"{name + ' ' if name else ''}right is {answer(part, attempt.choices)}"))
        self.put(page.outcome(attempt))

    def _solution(self) -> None:
        attempt = self._now()
        self.put(terminal.solution(attempt.question, attempt.choices), indent=2)

    def _like_this(self, which: str) -> None:
        with self._waiting():
            self.session.another() if which == "another" else self.session.easier()
        self._show_open()

    def _now(self) -> Attempt:
        attempt = self.session.attempt
        if attempt is None:
            raise UsageError("no question has been asked yet")
        return attempt

    # --- in an exam ---------------------------------------------------------------------------------------------------

    def _time_is_over(self) -> bool:
        """Whether an exam's time is over; then it is handed in."""
        session = self.session
        if not session.plan.exam or session.ended or session.seconds_left != 0:
            return session.ended
        session.finish()
        self.say("The time is over: the exam was handed in as it stood.", style="bold")
        return True

    def _go(self, number: int, part: str | None) -> None:
        attempt = self.session.go(number)
        self.part = None
        if part is not None:
            place = next((n for n in range(1, len(attempt.question.parts) + 1) if letter(n - 1) == part.lower()), None)
            if place is None:
                raise UsageError(
                    f"question {number} has no part ({part}); it has {counted(len(attempt.question.parts), 'part')}"
                )
            self.part = place
        self._show()

    def _places(self) -> list[tuple[int, int, bool]]:
        """Every part of the exam: the number of its question, its own, and whether it has an answer."""
        return [
            (item.number, n, attempt.last(n) is not None)
            for item, attempt in self.session.summary().rows
            for n in range(1, len(attempt.question.parts) + 1)
        ]

    def _forward(self, by: int, part: int, *, unanswered: bool = False) -> bool:
        """From a part to the one after or before it, or the next without an answer; False where there is none."""
        number = self.session.number
        places = self._places()
        before = [one for one in places if one[:2] < (number, part)]
        after = [one for one in places if one[:2] > (number, part)]
        order = [*after, *before] if by > 0 else [*before[::-1], *after[::-1]]
        found = next((one for one in order if not (unanswered and one[2])), None)
        if found is None:
            return False
        if found[0] != number:
            self.session.go(found[0])
        self.part = found[1]
        if found[0] != number:
            self._show()
        else:
            self._asked(self._now(), found[1])
        return True

    def _list(self) -> None:
        """All questions, and which parts have an answer."""
        for item, attempt in self.session.summary().rows:
            parts = range(1, len(attempt.question.parts) + 1)
            blank = [label(attempt.question, n - 1) for n in parts if attempt.last(n) is None]
            state = "answered" if not blank else "open" if len(blank) == len(parts) else f"{listed(blank)} open"
            title = f"{plain(attempt.question.title)}, {counted(attempt.of, 'point')}"
            self.say(f"  {item.number:>2}  {title}: {state}")

    def _complete(self) -> bool:
        """Whether an exam may be handed in at once; asks where something is open."""
        blank = sum(not done for *_, done in self._places())
        if blank:
            has = "has" if blank == 1 else "have"
            self.say(f"{counted(blank, 'part')} {has} no answer; :finish once more hands in as it is.")
            self.handing_in = True
        return not blank

    # --- what is shown ------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        """The whole question, with what was done at it."""
        session, attempt = self.session, self._now()
        question = attempt.question
        of = f" of {session.count}" if session.count else ""
        about = [
            f"Question {session.number}{of}",
            plain(question.title),
            counted(question.points, "point"),
            question.code,
        ]
        self.say("")
        self.say(" · ".join(about), style="bold")
        self.say("")
        self.put(terminal.statement(question))
        for number in range(1, len(question.parts) + 1):
            self.say("")
            self.put(page.part(attempt, number))
        if question.provenance is not None:
            self.say("")
            self.say(plain(question.provenance.line()), style="dim")
        self.say("")
        self._hint_of_entry(attempt, (self.part if session.plan.exam else None) or attempt.part or 1)

    def _asked(self, attempt: Attempt, part: int) -> None:
        """A part that comes next."""
        self.put(terminal.asked(attempt.question, part - 1, attempt.choices))
        self._hint_of_entry(attempt, part)

    def _hint_of_entry(self, attempt: Attempt, part: int) -> None:
        """How an answer is typed; a table on one line."""
        kind = attempt.question.part(part).kind
        if attempt.closed or attempt.is_choice(part):
            return
        if not isinstance(kind, Table):
            self.say(f"an answer is {plain(kind.hint())}", style="dim")
            return
        self.put(
            terminal.words(f"an answer is {len(kind.rows)} rows with ; between them: {', '.join(kind.rows)}", "dim")
        )
        each = (f"{column} ({escape(one.hint())})" for column, one in zip(kind.columns, kind.kinds, strict=True))
        self.put(terminal.words(f"each row is {' | '.join(each)}", "dim"))

    def _help(self, commands: tuple[Command, ...]) -> None:
        for one in commands:
            self.say(f"  {one.letter}  {one.name:<9} {one.says}")
        if commands is IN_AN_EXAM:
            self.say("  :go 2b       goes to part (b) of question 2; an answer there takes the place of the one before")
        self.say("Where a letter may be an answer, write a colon before it, as in :h or :hint.")

    def _end(self, summary: Summary) -> None:
        """The last words of a session, and the marked review of an exam."""
        if self.session.plan.exam:
            for item, attempt in summary.rows:
                self.say("")
                self.say(f"{item.number}  {plain(attempt.question.title)} · {attempt.question.code}", style="bold")
                for number in range(1, len(attempt.question.parts) + 1):
                    self.put(page.part(attempt, number))
            self.say("")
            self.say("A worked solution: quizgen show CODE --solution", style="dim")
        minutes = max(1, round(summary.seconds / 60))
        answered = f"{summary.answered} of {counted(summary.asked, 'question')} answered"
        self.say(
            f"{answered}, {page.of_points(summary.points, summary.of)}, {counted(minutes, 'minute')}.", style="bold"
        )
        if due := self.practice.due(self.learner):
            self.say(f"{counted(due, 'more skill')} {'is' if due == 1 else 'are'} due today.")

    # --- lines --------------------------------------------------------------------------------------------------------

    def say(self, text: str, style: str = "") -> None:
        """A line of words; only where a person reads it is it broken to fit."""
        self.console.print(Text(text, style=style), soft_wrap=not self.console.is_terminal)

    def put(self, *pieces: RenderableType, indent: int = 0) -> None:
        """What is drawn, without the blanks that Rich fills lines up with."""
        with self.console.capture() as drawn:
            self.console.print(Padding(Group(*pieces), (0, 0, 0, indent)))
        self.stdout.write("".join(f"{line.rstrip(' ')}\n" for line in drawn.get().splitlines()))

    def _read(self, prompt: str, *, ends: bool = False) -> str:
        """The next line, and an empty one for the end of input where the session ``ends`` anyway; else that raises
        `_EndOfInput`."""
        self.stdout.write(f"{prompt}> " if self.typed else f"{prompt}>\n")
        self.stdout.flush()
        self.at_prompt = True
        line = rest = self.stdin.readline(LONGEST)
        while rest and not rest.endswith("\n"):
            rest = self.stdin.readline(LONGEST)
        self.took_line = True
        if not line and not ends:
            raise _EndOfInput
        if not line and self.typed:
            self.stdout.write("\n")
        self.at_prompt = False
        return line.strip()

    def _command(self, text: str, attempt: Attempt | None, part: int, commands: tuple[Command, ...]) -> Command | None:
        """The command that a line is, or None for an answer. Raises `UsageError` for a colon without a command."""
        if text == HELP.letter:
            return HELP
        command = meant(text, commands) or next((one for one in commands if one.name == text.lower()), None)
        if command is None or (attempt is not None and not text.startswith(":") and _may_answer(text, attempt, part)):
            return None
        if command.name == "leave":
            raise _EndOfInput
        return command

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        """Tells a person who waits for PyTorch that she does."""
        said = "PyTorch is checking the question; the first one takes a moment …"
        timer = threading.Timer(BEFORE_IT_SAYS_SO, lambda: self.say(said, style="dim"))
        if self.typed:
            timer.daemon = True
            timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _may_answer(text: str, attempt: Attempt, part: int) -> bool:
    """Whether a letter or word may be an answer to a part: among options every letter is."""
    if attempt.is_choice(part):
        return True
    with suppress(Unreadable):
        attempt.read(text, part)
        return True
    return False


def _name(attempt: Attempt, part: int) -> str:
    return label(attempt.question, part - 1)


def _what_comes(session: Session) -> str:
    """How much a session asks, and of what."""
    plan = session.plan
    what = counted(session.count, "question") if session.count else "questions"
    if session.number and not plan.exam:
        what = f"question {session.number}" + (f" of {session.count}" if session.count else "")
    if plan.names:
        what += f" of {listed(plan.names, 6)}"
    if plan.level is not None:
        what += f", level {plan.level}"
    if plan.minutes is not None:
        left = -(-(session.seconds_left or 0) // 60)
        what += f" in {counted(left, 'minute')}"
    return f"{what}."

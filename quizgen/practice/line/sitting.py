"""What practice and exams over lines have in common: beginning, showing a question, telling commands, the end."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from quizgen.answers import Table
from quizgen.errors import QuizgenError, Stale, Unreadable, UsageError
from quizgen.practice.line.talk import EndOfInput, Talk
from quizgen.practice.said import lasting, of_points
from quizgen.practice.terminal import page
from quizgen.practice.terminal.commands import HELP, Command, meant
from quizgen.render import terminal
from quizgen.render.parts import label
from quizgen.render.unicode_math import plain
from quizgen.text import escape
from quizgen.wording import counted, listed

if TYPE_CHECKING:
    from quizgen.practice.attempt import Attempt
    from quizgen.practice.records import Plan
    from quizgen.practice.session import Practice, Session, Summary


class Lines:
    """One session over lines."""

    ALL: ClassVar[tuple[Command, ...]] = ()
    """The commands that there are."""

    session: Session

    def __init__(self, practice: Practice, learner: str, talk: Talk) -> None:
        self.practice, self.learner, self.talk = practice, learner, talk
        self.part: int | None = None
        """The part that was gone to, where parts are gone to."""

    def hold(self, plan: Plan, resume: bool) -> None:
        """The session from here to its end."""
        self._begin(plan, resume)
        while True:
            if self.session.notice:
                self.talk.say(self.session.notice, style="bold")
                self.session.notice = ""
            self.talk.took_line = False
            try:
                if self.session.ended or not self.step():
                    break
            except Stale as problem:
                self.talk.say(problem.message)
                self._take_up()
            except UsageError as problem:
                if not self.talk.took_line:
                    raise
                no_try = ". That was no try; ? says what else you can type." if isinstance(problem, Unreadable) else ""
                self.talk.say(f"{problem.message}{no_try}")
            except QuizgenError as problem:
                # In a script the next line would be taken for what this one was to answer.
                if not (self.talk.took_line and self.talk.typed):
                    raise
                self.talk.say(problem.message)
        self._end(self.session.finish())

    # --- beginning ----------------------------------------------------------------------------------------------------

    def _begin(self, plan: Plan, resume: bool) -> None:
        found = self.practice.resume(self.learner, exam=plan.exam) if resume else None
        if found is not None and not plan.exam and found.over and (found.attempt is None or found.attempt.closed):
            found.finish()
            found = None
        if found is None:
            due = self.practice.due(self.learner, plan)
            with self.talk.waiting():
                found = self.practice.begin(self.learner, plan)
            if not plan.code:  # one question says itself what comes
                are = "is" if due == 1 else "are"
                self.talk.say(f"{counted(due, 'skill')} {are} due today." if due else "Nothing is due today.")
                self.talk.say(_what_comes(found))
        else:
            begun = datetime.fromtimestamp(found.sitting.started / 1000).astimezone()
            what = "exam" if plan.exam else "session"
            self.talk.say(f"Going on with the {what} of {begun:%Y-%m-%d %H:%M}: {_what_comes(found)}")
        self.session = found
        self.talk.say("? says what you can type, and q leaves: nothing is lost.", style="dim")
        self.start()

    def start(self) -> None:
        """What is shown first."""
        raise NotImplementedError

    def step(self) -> bool:
        """Takes a line, or puts the next question; False where the session is at its end."""
        raise NotImplementedError

    def _take_up(self) -> None:
        """Shows where the session stands, after the time was over or something was done elsewhere."""
        found = self.practice.resume(self.learner, self.session.id)
        if found is not None:
            self.session, self.part = found, None
        if self.attempt is not None and not self.attempt.closed:
            self.show()

    # --- what is shown ------------------------------------------------------------------------------------------------

    @property
    def attempt(self) -> Attempt | None:
        return self.session.attempt

    def now(self) -> Attempt:
        """The question at hand, which there is."""
        if self.attempt is None:
            raise UsageError("no question has been asked yet")
        return self.attempt

    def show(self) -> None:
        """The whole question, with what was done at it."""
        session, attempt = self.session, self.now()
        question = attempt.question
        of = f" of {session.count}" if session.count else ""
        about = [
            f"Question {session.number}{of}",
            plain(question.title),
            counted(question.points, "point"),
            question.code,
        ]
        self.talk.say("")
        self.talk.say(" · ".join(about), style="bold")
        self.talk.say("")
        self.talk.put(terminal.statement(question))
        for number in range(1, len(question.parts) + 1):
            self.talk.say("")
            self.talk.put(page.part(attempt, number))
        if question.provenance is not None:
            self.talk.say("")
            self.talk.say(plain(question.provenance.line()), style="dim")
        self.talk.say("")
        self._how_to_type(attempt, self.part or attempt.part or 1)

    def asked(self, attempt: Attempt, part: int) -> None:
        """A part that comes next."""
        self.talk.put(terminal.asked(attempt.question, part - 1, attempt.choices))
        self._how_to_type(attempt, part)

    def _how_to_type(self, attempt: Attempt, part: int) -> None:
        """How an answer is typed; a table on one line."""
        kind = attempt.question.part(part).kind
        if attempt.closed or attempt.is_choice(part):
            return
        if not isinstance(kind, Table):
            self.talk.say(f"an answer is {plain(kind.hint())}", style="dim")
            return
        self.talk.put(
            terminal.words(f"an answer is {len(kind.rows)} rows with ; between them: {', '.join(kind.rows)}", "dim")
        )
        each = (f"{column} ({escape(one.hint())})" for column, one in zip(kind.columns, kind.kinds, strict=True))
        self.talk.put(terminal.words(f"each row is {' | '.join(each)}", "dim"))

    def help(self) -> None:
        for one in self.ALL:
            self.talk.say(f"  {one.letter}  {one.name:<9} {one.says}")
        self.talk.say("Where a letter may be an answer, write a colon before it, as in :h or :hint.")

    def _end(self, summary: Summary) -> None:
        """The last words of a session."""
        self.review(summary)
        answered = f"{summary.answered} of {counted(summary.asked, 'question')} answered"
        self.talk.say(f"{answered}, {of_points(summary.points, summary.of)}, {lasting(summary.seconds)}.", style="bold")
        if due := self.practice.due(self.learner):
            self.talk.say(f"{counted(due, 'more skill')} {'is' if due == 1 else 'are'} due today.")

    def review(self, summary: Summary) -> None:
        """What is shown of the questions at the end."""

    # --- commands -----------------------------------------------------------------------------------------------------

    def command(self, text: str, attempt: Attempt | None = None, part: int = 0) -> Command | None:
        """The command that a line is, or None for an answer to a part (without an attempt: for anything else).

        Raises `UsageError` for a colon without a command, and `EndOfInput` where the line is to leave.
        """
        if text == HELP.letter:
            return HELP
        command = meant(text, self.ALL) or next((one for one in self.ALL if one.name == text.lower()), None)
        if command is None or (attempt is not None and not text.startswith(":") and may_answer(text, attempt, part)):
            return None
        if command.name == "leave":
            raise EndOfInput
        return command


def may_answer(text: str, attempt: Attempt, part: int) -> bool:
    """Whether a letter or word may be an answer to a part: among options every letter is."""
    if attempt.is_choice(part):
        return True
    with suppress(Unreadable):
        attempt.read(text, part)
        return True
    return False


def name_of(attempt: Attempt, part: int) -> str:
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

"""Practice in plain lines, for pipes, scripts and terminals that can do no more: the same sessions, read and printed.

Every line is an answer or a command. A command is a letter where that can be no answer, else it begins with a colon.
Where lines come from a person's keyboard the prompt stays in front of them; in a pipe it is a line of its own, so that
a program knows what it is asked.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from quizgen.practice.line.exam import Exam
from quizgen.practice.line.question import Questions
from quizgen.practice.line.talk import EndOfInput, Signal, Talk, signals

if TYPE_CHECKING:
    from quizgen.practice.records import Plan
    from quizgen.practice.session import Practice

AGAIN = "Nothing is lost: `quizgen practice` goes on here."


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
    talk = Talk(stdin, stdout, color)
    with signals():
        try:
            (Exam if plan.exam else Questions)(practice, learner, talk).hold(plan, resume)
        except EndOfInput:
            talk.leave()
            talk.say(AGAIN)
        except Signal as stop:
            with suppress(OSError):  # the terminal may be what has gone
                talk.leave()
                talk.say(AGAIN)
            return 128 + stop.number
    return 0

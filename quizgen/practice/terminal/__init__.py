"""Practice in the terminal: an app on the whole screen, by Textual."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quizgen.practice.records import Plan
    from quizgen.practice.session import Practice


def run(practice: Practice, learner: str, plan: Plan, *, resume: bool = False) -> int:
    """Practises until the learner leaves or the session is done; returns the exit code.

    With ``resume`` goes on with the session that was left, without asking. Raises `QuizgenError` where no session can
    be begun.
    """
    from quizgen.practice.terminal.app import PracticeApp
    from quizgen.practice.terminal.summary import result

    app = PracticeApp(practice, learner, plan, resume=resume)
    app.run()
    if problem := app.failure or app.defect:
        raise problem
    if app.session is not None:
        print(result(app.session.summary()))
        if not app.session.ended:
            print("Everything is kept; the next start goes on here.")
    return 0

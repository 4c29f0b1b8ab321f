"""Practice in the terminal: an app on the whole screen, by Textual."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quizgen.practice.records import Plan
    from quizgen.practice.session import Practice


def run(practice: Practice, learner: str, plan: Plan, *, resume: bool = False, color: bool | None = None) -> int:
    """Practises until the learner leaves or the session is done; the exit code: 0, or 128 and the number of a signal.

    With ``resume`` offers to go on with the session that was left. ``color``: None follows NO_COLOR. Raises
    `QuizgenError` where no session can be begun.
    """
    from quizgen.practice.terminal.app import PracticeApp
    from quizgen.practice.terminal.summary import result

    if color is not None:
        os.environ.pop("NO_COLOR", None)
        os.environ |= {} if color else {"NO_COLOR": "1"}  # where Textual looks
    app = PracticeApp(practice, learner, plan, resume=resume)
    app.run()
    if problem := app.failure or app.defect:
        raise problem
    if (session := app.session) is not None:
        print(result(session, session.summary()))
        if not session.ended:
            runs_on = "; its clock runs on" if session.plan.exam else ""
            print(f"Everything is kept{runs_on}. The next start goes on here.")
    return app.return_code or 0

"""Questions that were practised, as a store keeps them, for tests of what is made of them."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from itertools import count

from quizgen.practice.records import Ending, Item, Moment, Outcome, Skill
from quizgen_solvers.exact import fmpq

SITTING = "0" * 32
_numbers = count(1)


def moment(text: str, tz: tzinfo) -> Moment:
    """The milliseconds of a local time such as "2026-05-12 23:30"."""
    return round(datetime.fromisoformat(text).replace(tzinfo=tz).timestamp() * 1000)


def item(
    at: Moment,
    family: str = "optim.adam",
    credit: str = "1",
    *,
    level: int = 1,
    mistakes: Sequence[str] = (),
    rating: int | None = None,
    ending: Ending = "answered",
) -> Item:
    """A question that was closed at a moment, a minute after it was opened; each has another id."""
    earned = fmpq(*map(int, credit.split("/")))
    outcome = Outcome(
        ending,
        earned,
        points=2,
        wrong=int(earned != 1),
        seconds=60,
        rating=(3 if earned == 1 else 1) if rating is None else rating,
        mistakes=tuple(mistakes),
    )
    skill = Skill(family, level)
    return Item(f"{next(_numbers):032x}", SITTING, 1, f"{skill}/k7q3m9", skill, max(0, at - 60_000), "", at, outcome)

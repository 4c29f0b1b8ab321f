"""What the statistics of an exam mean, in words for whoever set it: what to look at, and what can't be seen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import sqrt
from typing import Final

from quizgen.wording import letter, listed

from .analysis import Group, QuestionStatistics, Statistics, Tally, Versions
from .psychometrics import RISK
from .statistics import FEWEST

__all__ = [
    "GOOD", "SEPARATES", "Finding", "extremes", "findings", "number", "p_value", "passed", "percent", "summary",
    "times_of_a_hundred", "trust", "verdict", "worked",
]  # fmt: skip


EASY: Final = 0.95
MOST: Final = 0.8
HARD: Final = 0.3
# Item analysis calls a question poor below 0.2 and very good from 0.4 on (Ebel and Frisbie 1991, whose index
# is a difference between the upper and the lower group; correlations are judged by the same limits).
SEPARATES: Final = 0.2
GOOD: Final = 0.4
OFTEN: Final = 0.25  # of the students made the same mistake
OMITTED: Final = 0.3
RELIABLE: Final = 0.8


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence about a question. ``look``: somebody should look at it; else it is only worth knowing."""

    said: str
    look: bool = True


def findings(question: QuestionStatistics) -> tuple[Finding, ...]:
    """What a teacher should look at or know, most pressing first."""
    tally = question.all
    if tally.share is None:
        return ()
    if not tally.answered:
        return (Finding("Nobody answered it: was it clear, and was there time for it?"),)
    return (*_worth(tally), *_of_parts(question), *_fair(question), *_omitted(tally), *_mistake(tally))


def _worth(tally: Tally) -> list[Finding]:
    """Whether it is too hard or too easy, and whether it tells who knows more."""
    found, share, few = tally.separation, tally.share or 0.0, tally.students < FEWEST
    if found is not None and found.r < -SEPARATES / 2:
        chance = "" if found.high < 0 else " That may be chance."
        return [Finding(f"Who did better in the rest did worse here: look at the key and at the wording.{chance}")]
    if found is not None and found.r < SEPARATES and share < EASY:
        sure = found.high < GOOD  # even at best it is not good
        chance = "" if sure else " With so few students that may be chance."
        if share <= HARD:
            said = "Few have it right, and those who know more do hardly better: look at the wording."
        elif share >= MOST:
            said = "It hardly tells who knows more from who knows less, since most have it right: ask a harder one."
        else:
            said = "It hardly tells who knows more from who knows less: look at the wording, and at what was answered."
        return [Finding(said + chance)]
    if few:
        return []
    if share >= EASY:
        return [Finding("Nearly everybody has it right: it tells little about anyone.", look=False)]
    if share <= HARD and found is not None:
        return [Finding("Few have it right, but those who know more do: it is hard, and it works.", look=False)]
    if share <= HARD:
        return [Finding("Few have it right, and whether those who know more do can't be said: look at the key.")]
    return []


def _of_parts(question: QuestionStatistics) -> list[Finding]:
    """What is wrong with one part, and gets lost in the question as a whole."""
    if len(question.parts) < 2:
        return []
    parts = [(letter(at), part) for at, part in enumerate(question.parts)]
    against = [name for name, part in parts if part.separation is not None and part.separation.high < 0]
    said = [f"Who did better in the rest did worse in part {name}: look at its key." for name in against]
    omitted = [f"{part.omitted} left out {name}" for name, part in parts if _often(part.omitted, OMITTED, part)]
    if omitted and not _often(question.all.omitted, OMITTED, question.all):
        said.append(f"Of {question.all.students} students {listed(omitted)}: was it clear, and was there time for it?")
    return [Finding(each) for each in said]


def _fair(question: QuestionStatistics) -> list[Finding]:
    """Whether it was as hard for everybody."""
    said, test, work = [], question.versions.test, question.hand_work
    if test is not None and test.p < RISK:
        low, high = extremes(question.versions)
        differ = f"{percent(low.mean)} of the points in {low.version}, {percent(high.mean)} in {high.version}"
        if question.asked.same:
            said.append(
                f"Versions differ here: {differ}. But all had the very same question, so it is the students who "
                "differ, or word went round."
            )
        else:
            more = f" ({low.operations} and {high.operations} operations by hand)"
            said.append(
                f"Versions differ here: {differ}{more if low.operations != high.operations else ''}. Compare the two "
                "papers: if one was harder, think of points for those who had it."
            )
    if work is not None and work.p < RISK and work.rho < 0:
        said.append(
            f"Who had more to do by hand ({work.least} to {work.most} operations) earned less: a narrower band makes "
            "papers more alike."
        )
    return [Finding(each) for each in said]


def _omitted(tally: Tally) -> list[Finding]:
    if not _often(tally.omitted, OMITTED, tally):
        return []
    return [Finding(f"{tally.omitted} of {tally.students} left it out: was it clear, and was there time for it?")]


def _mistake(tally: Tally) -> list[Finding]:
    """The mistake that is worth a word in class."""
    if not tally.mistakes or not _often(tally.mistakes[0].count, OFTEN, tally):
        return []
    slip = tally.mistakes[0]
    return [Finding(f"{slip.count} of {tally.students} made the same mistake: {slip.name}.", look=False)]


def _often(count: int, share: float, tally: Tally) -> bool:
    return count > 1 and count >= share * tally.students


def worked(question: QuestionStatistics) -> bool | None:
    """Whether a question tells who knows more, and nothing else is wrong with it; None where that can't be said."""
    if any(finding.look for finding in findings(question)):
        return False
    found = question.all.separation
    return None if found is None or found.r < SEPARATES else True


def summary(found: Statistics) -> str:
    """Which questions worked, which to look at, and of which too little is known, by their numbers."""
    by: dict[bool | None, list[QuestionStatistics]] = {True: [], False: [], None: []}
    for question in found.questions:
        by[worked(question)].append(question)
    total, said = len(found.questions), []
    if len(by[True]) == total:
        return f"All {total} questions worked." if total > 1 else "The question worked."
    if by[True]:
        said.append(f"{len(by[True])} of {total} questions worked: {_numbers(by[True])}.")
    if by[False]:
        said.append(f"Look at {_numbers(by[False])}.")
    if by[None]:
        why = Counter(question.all.unsaid.get("separation", "nearly everybody has them right") for question in by[None])
        which = _numbers(by[None]) if len(by[None]) < total or total == 1 else "questions"
        said.append(f"Whether {which} worked can't be said: {listed(why)}.")
    return " ".join(said)


def _numbers(questions: list[QuestionStatistics]) -> str:
    return listed(str(question.asked.number) for question in questions)


def passed(found: Statistics) -> str:
    """How many passed, and who is too near to the mark to be sure of; nothing where there is no pass mark."""
    if found.passing is None:
        return ""
    got, unit = found.passing, "%" if found.marks.in_percent else " points"
    said = f"{got.students} of {found.students} passed ({percent(got.students / found.students)}), with "
    said += f"{number(got.mark, 2)}{unit} or more."
    if got.near and found.reliability is not None:
        said += (
            f" {got.near} {'is' if got.near == 1 else 'are'} within ±{number(found.reliability.sem)}{unit} of that, as "
            "far as a mark is uncertain: look at their papers once more."
        )
    return said


def extremes(versions: Versions) -> tuple[Group, Group]:
    """Of the versions that are compared the one with the lowest mean and the one with the highest."""
    compared = [group for group in versions.groups if group.version not in versions.left_out]
    return min(compared, key=lambda group: group.mean), max(compared, key=lambda group: group.mean)


def verdict(found: Statistics) -> str:
    """What the comparison of versions says, and what it can and can't see."""
    versions, unit = found.versions, "%" if found.marks.in_percent else " points"
    if versions.test is None:
        return f"Versions can't be compared: {versions.unsaid['test']}.{_by_work(found)}"
    low, high = extremes(versions)
    gap = f"{number(high.mean - low.mean)}{unit}"
    if versions.test.p < RISK:
        said = (
            f"The versions differ by more than chance explains (p {p_value(versions.test.p)}): the mean of "
            f"{low.version} is {gap} below that of {high.version}. Either its questions were harder, or other students "
            "sat there: look at the questions that differ, and at how papers were handed out."
        )
    else:
        said = (
            f"No version was harder as far as can be seen (p {p_value(versions.test.p)}); the largest gap between means"
            f" is {gap}, between {low.version} and {high.version}: chance alone can make it."
        )
    if versions.reach is not None:
        seen = versions.reach
        said += (
            f" With so many students, a gap of {number(seen.gap)}{unit} ({percent(seen.gap / found.marks.of)} of all) "
            f"would be found four times out of five, and one of {number(seen.small)}{unit} (5%) "
            f"{times_of_a_hundred(seen.power)}: smaller ones may be there unseen."
        )
    if versions.left_out:
        said += f" Left out for too few students: {listed(versions.left_out, most=6)}."
    return said


def _by_work(found: Statistics) -> str:
    """Whether papers that took more by hand earned less, where each student had her own; else nothing."""
    work = found.hand_work
    if work is None:
        return ""
    of = f" (rank correlation {work.rho:.2f}, p {p_value(work.p)})".replace("-", "−")
    said = f" Papers took {work.least} to {work.most} operations by hand, and who had more to do "
    if work.p < RISK:
        return f"{said}earned {'less' if work.rho < 0 else 'more'}{of}."
    return (
        f"{said}earned as much as the others as far as can be seen{of}: a correlation of {work.visible:.2f} would be "
        "found four times out of five."
    )


def trust(found: Statistics) -> str:
    """What the reliability says, in words."""
    if found.reliability is None:
        return f"That can't be said: {found.unsaid['reliability']}."
    r, unit = found.reliability, "%" if found.marks.in_percent else " points"
    if r.alpha >= RELIABLE:
        said = "The questions agree well about who knows more."
    elif r.alpha < 0:
        said = "The questions run against each other: look at the keys of those that separate below 0."
    elif r.alpha >= 0.6:
        said = "The questions agree fairly: good enough for one mark among several, little for one that decides alone."
    else:
        said = "The questions agree little: a mark says little about how the same student would do in another exam."
    longer = RELIABLE * (1 - r.alpha) / (r.alpha * (1 - RELIABLE)) if r.alpha > 0 else 0.0  # Spearman and Brown (1910)
    if 1.2 < longer < 10:
        said += f" It would take {number(longer)} times as many such questions for a reliability of {RELIABLE}."
    wide = " The interval is wide, since there are few students." if r.high - r.low > 0.3 else ""
    if number(r.sem) == "0":
        return said + wide
    return (
        f"{said}{wide} A mark is uncertain by about ±{number(r.sem)}{unit}: two students who are nearer than "
        f"{number(2 * r.sem * sqrt(2))}{unit} may well be equally good."
    )


def times_of_a_hundred(chance: float) -> str:
    """ "37 times out of 100", "hardly ever"."""
    times = round(100 * chance)
    return "hardly ever" if times < 1 else "nearly always" if times > 99 else f"{times} times out of 100"


def percent(share: float) -> str:
    """ "78%"; what is not quite all is never called all, nor what is not quite nothing nothing."""
    whole = round(100 * share)
    if 0 < share < 1:
        whole = min(max(whole, 1), 99)
    return f"{whole}%".replace("-", "−")


def number(value: float, places: int = 1) -> str:
    """ "12.3", "12", "−0.4"."""
    text = f"{value:.{places}f}".replace("-", "−")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "−0" else text


def p_value(p: float) -> str:
    """ "= 0.42", "< 0.001"."""
    return "< 0.001" if p < 0.001 else f"= {p:.2g}" if p < 0.1 else f"= {p:.2f}"

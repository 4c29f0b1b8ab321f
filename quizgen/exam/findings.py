"""What the statistics of an exam mean, in words for whoever set it: what to look at, and what can't be seen."""

from __future__ import annotations

from math import sqrt
from typing import Final

from quizgen.wording import listed

from .statistics import FEWEST, RISK, Group, QuestionStatistics, Statistics, Versions

__all__ = ["extremes", "flags", "number", "p_value", "percent", "times_of_a_hundred", "trust", "verdict"]


EASY: Final = 0.95
HARD: Final = 0.3
SEPARATES: Final = 0.2  # below 0.2 a question is poor, above 0.4 very good (Ebel and Frisbie 1991)
OFTEN: Final = 0.25  # of the students made the same mistake
OMITTED: Final = 0.3


def flags(question: QuestionStatistics) -> tuple[str, ...]:
    """What a teacher should look at, in sentences; most pressing first."""
    tally, found = question.all, question.all.separation
    if tally.share is None:
        return ()
    if not tally.answered:
        return ("Nobody answered it.",)
    few, said = tally.students < FEWEST, []
    sure = found is not None and found.high < 2 * SEPARATES  # even at best it is not good
    chance = "" if sure else " With so few students that may be chance."
    if found is not None and found.r < -SEPARATES / 2:
        said.append(
            "Who did better in the rest did worse here: look at the key and at the wording."
            + ("" if found.high < 0 else " That may be chance.")
        )
    elif found is not None and found.r < SEPARATES and tally.share <= HARD:
        said.append("Few have it right, and those who know more do hardly better: look at the wording." + chance)
    elif found is not None and found.r < SEPARATES and tally.share < EASY:
        said.append("It hardly tells who knows more from who knows less." + chance)
    elif tally.share <= HARD and not few:
        said.append(
            "Few have it right, but those who know more do: it is hard, and it works."
            if found is not None
            else "Few have it right, and whether those who know more do can't be said: look at the key."
        )
    if tally.share >= EASY and not few:
        said.append("Nearly everybody has it right: it tells little about anyone.")
    test = question.versions.test
    if test is not None and test.p < RISK:
        low, high = extremes(question.versions)
        said.append(
            f"Versions differ here: {percent(low.mean)} of the points in {low.version}, {percent(high.mean)} in "
            f"{high.version}."
        )
    if question.hand_work is not None and question.hand_work.p < RISK and question.hand_work.rho < 0:
        work = question.hand_work
        said.append(f"Who had more to do by hand ({work.least} to {work.most} operations) earned less.")
    if tally.omitted >= OMITTED * tally.students and tally.omitted > 1:
        said.append(f"{tally.omitted} of {tally.students} left it out.")
    if tally.mistakes and tally.mistakes[0].share >= OFTEN and tally.mistakes[0].count > 1:
        slip = tally.mistakes[0]
        said.append(f"{slip.count} of {tally.students} made the same mistake: {slip.name}.")
    return tuple(said)


def extremes(versions: Versions) -> tuple[Group, Group]:
    """Of the versions that are compared the one with the lowest mean and the one with the highest."""
    compared = [group for group in versions.groups if group.version not in versions.left_out]
    return min(compared, key=lambda group: group.mean), max(compared, key=lambda group: group.mean)


def verdict(found: Statistics) -> str:
    """What the comparison of versions says, and what it can and can't see."""
    versions, unit = found.versions, "%" if found.marks.in_percent else " points"
    if versions.test is None:
        return f"Versions can't be compared: {versions.unsaid['test']}."
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


def trust(found: Statistics) -> str:
    """What the reliability says, in words."""
    if found.reliability is None:
        return f"How far the marks can be trusted can't be said: {found.unsaid['reliability']}."
    r, unit = found.reliability, "%" if found.marks.in_percent else " points"
    if r.alpha >= 0.8:
        said = "The questions agree well about who knows more."
    elif r.alpha >= 0.6:
        said = "The questions agree fairly: good enough for one mark among several, little for one that decides alone."
    else:
        said = "The questions agree little: a mark says little about how the same student would do in another exam."
    wide = " The interval is wide, since there are few students." if r.high - r.low > 0.3 else ""
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

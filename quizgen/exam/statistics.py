"""Which questions of an exam worked, how far its marks can be trusted, and whether one version was harder.

Everything is classical test theory on the points that were given. What can't be said of so few students, of one version
or of equal marks is None, and `unsaid` holds the reason in words: there is no NaN.

Quartiles are interpolated. The formulas are in `psychometrics`, with their sources; what is found is in `analysis`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import pandas as pd
import scipy.stats

from quizgen.errors import UsageError
from quizgen.wording import counted

from .analysis import (
    Group,
    HandWork,
    Marks,
    Mistake,
    Passing,
    PassMark,
    QuestionStatistics,
    Reliability,
    Statistics,
    Tally,
    Unsaid,
    Versions,
)
from .psychometrics import DIGITS, RANKS, alpha, alpha_interval, compare, holm, reach, separation, visible
from .results import Results

FEWEST: Final = 10
"""Students below whom nothing is said of how questions hang together: an interval would be as wide as the scale."""
FEWEST_OF_A_VERSION: Final = 5
"""Students below whom a version is not compared: the distribution of H is not that of chi squared."""
BINS: Final = 10
MOST_MISTAKES: Final = 5


def statistics(results: Results, pass_mark: PassMark | None = None) -> Statistics:
    """Everything that the marks of an exam say. Raises `UsageError` for a pass mark that nobody can have."""
    rows = pd.DataFrame(
        [(e.student, e.version, e.key, e.part, e.points, e.of, e.answered, e.seconds) for e in results.earned],
        columns=["student", "version", "key", "part", "points", "of", "answered", "seconds"],
    ).astype({"points": float, "of": float, "answered": bool, "seconds": float})
    wrote = rows.groupby("student")["answered"].any() if len(rows) else pd.Series(dtype=bool)
    here = set(wrote.index[wrote])
    rows = rows[rows["student"].isin(here)]
    items = rows.pivot_table(index="student", columns="key", values="points", aggfunc="sum", observed=True)
    totals = _totals(rows, whole=True)
    marks = _marks(totals, {who: s for who, s in results.times.items() if who in here})
    reliability, why = _reliability(items, marks)
    questions = _questions(results, rows, items, here)
    return Statistics(
        title=results.title,
        students=len(here),
        empty=len(wrote) - len(here),
        open=sum(e.open for e in results.earned),
        marks=marks,
        passing=None if pass_mark is None or rows.empty else _passing(totals, marks, reliability, pass_mark),
        reliability=reliability,
        versions=_versions(rows, marks.of, marks.in_percent),
        hand_work=_hand_work(rows, _work_of_papers(results, rows)),
        questions=questions,
        unsaid=_reasons(marks, why),
    )


def _reasons(marks: Marks, reliability: str) -> Unsaid:
    why = {"reliability": reliability} if reliability else {}
    if marks.mean is None:
        why["marks"] = "nobody answered anything"
    elif marks.sd is None:
        why["sd"] = "one student does not differ from others"
    return why


def _totals(rows: pd.DataFrame, whole: bool = False) -> pd.DataFrame:
    """For each student her version, her points, and of how many; those of a whole exam are not below 0."""
    totals = rows.groupby("student").agg(version=("version", "first"), points=("points", "sum"), of=("of", "sum"))
    if whole:
        totals["points"] = totals["points"].clip(lower=0)
    return totals.round({"points": DIGITS, "of": DIGITS})


def _marks(totals: pd.DataFrame, times: Mapping[str, float]) -> Marks:
    if totals.empty:
        return Marks(0, False, None, None, None, None, None, (), None)
    in_percent = totals["of"].nunique() > 1
    of = 100.0 if in_percent else float(totals["of"].iloc[0])
    marks = _in_unit(totals, in_percent)
    shares = totals["points"] / totals["of"].replace(0, 1)
    where = (BINS * shares).round(DIGITS).floordiv(1).clip(upper=BINS - 1).astype(int)
    often = Counter(where)
    return Marks(
        of=of,
        in_percent=in_percent,
        mean=float(marks.mean()),
        median=float(marks.median()),
        sd=float(marks.std()) if len(marks) > 1 else None,
        least=float(marks.min()),
        most=float(marks.max()),
        bins=tuple((at / BINS, (at + 1) / BINS, often[at]) for at in range(BINS)),
        seconds=float(pd.Series(list(times.values())).median()) if times else None,
    )


def _in_unit(totals: pd.DataFrame, in_percent: bool) -> pd.Series[float]:
    """Points, or percent of what the paper is worth."""
    shares = totals["points"] / totals["of"].replace(0, 1)
    return (100 * shares).round(DIGITS) if in_percent else totals["points"]


def _passing(totals: pd.DataFrame, marks: Marks, reliability: Reliability | None, wanted: PassMark) -> Passing:
    if marks.in_percent and not wanted.in_percent:
        raise UsageError("papers are worth different numbers of points: give the pass mark in percent, such as 50%")
    mark = round(wanted.value * marks.of / 100 if wanted.in_percent else wanted.value, DIGITS)
    if not 0 < mark <= marks.of:
        raise UsageError(f"a pass mark of {mark:g} is not between 0 and {marks.of:g}, which is all that can be earned")
    earned = _in_unit(totals, marks.in_percent)
    near = None if reliability is None else int(((earned - mark).abs() <= reliability.sem).sum())
    return Passing(mark, int((earned >= mark).sum()), near)


def _reliability(items: pd.DataFrame, marks: Marks) -> tuple[Reliability | None, str]:
    complete = items.dropna()
    students, k = complete.shape
    if students == 0:
        return None, "nobody answered anything" if items.empty else "no student had all the questions"
    if k < 2:
        return None, "there is one question, and reliability is how far questions agree"
    if students < FEWEST:
        return None, _too_few(students)
    if complete.sum(axis=1).round(DIGITS).nunique() == 1:
        return None, "all have the same marks"
    value = alpha(complete)
    low, high = alpha_interval(value, students, k)
    sd = marks.sd or 0.0
    return Reliability(value, low, high, sd * math.sqrt(1 - max(value, 0.0))), ""


def _too_few(students: int) -> str:
    return f"{counted(students, 'student')} are too few; it takes {FEWEST}" if students > 1 else "there is one student"


# --- questions --------------------------------------------------------------------------------------------------------


def _questions(
    results: Results, rows: pd.DataFrame, items: pd.DataFrame, here: set[str]
) -> tuple[QuestionStatistics, ...]:
    who: dict[tuple[str, int], dict[str, set[str]]] = {}  # made a mistake in a part; part 0 is the whole question
    for e in results.earned:
        for name in e.mistakes if e.student in here else ():
            for part in (0, e.part):
                who.setdefault((e.key, part), {}).setdefault(name, set()).add(e.student)
    slips = {place: Counter({name: len(students) for name, students in made.items()}) for place, made in who.items()}
    by_key = {str(key): group for key, group in rows.groupby("key", sort=False)}
    rest_of = items.sum(axis=1) if not items.isna().any(axis=None) else None
    found = []
    for asked in results.questions:
        key = asked.key
        own = by_key.get(key, rows.iloc[:0])
        rest = None if rest_of is None or key not in items else (rest_of - items[key]).round(DIGITS)
        reasons = {name: said for (place, name), said in results.reasons.items() if place == key}
        if items.shape[1] < 2:
            why = "there is one question, and nothing to compare it with"
        elif rest is None or rest_of is None:
            why = "not all students had the same questions"
        else:  # of equal marks who has more here has less there, whatever was asked
            why = "all have the same marks" if rest_of.round(DIGITS).nunique() == 1 else ""
        parts = tuple(
            _tally(part, rest, why, slips.get((key, int(number)), Counter()), reasons)
            for number, part in own.groupby("part", sort=True)
        )
        whole = _tally(own, rest, why, slips.get((key, 0), Counter()), reasons)
        work = _work(results, own)
        found.append(QuestionStatistics(asked, whole, parts, _versions(own, None, False, work), _hand_work(own, work)))
    return _withholm(found)


def _tally(
    rows: pd.DataFrame, rest: pd.Series[float] | None, why: str, slips: Counter[str], reasons: Mapping[str, str]
) -> Tally:
    """``rest``: of each student what she earned elsewhere; ``why``: the reason where there is none; ``reasons``: what
    there is to say about mistakes."""
    each = rows.groupby("student").agg(
        points=("points", "sum"),
        of=("of", "sum"),
        answered=("answered", "any"),
        seconds=("seconds", "sum"),
        parts=("seconds", "size"),
        timed=("seconds", "count"),
    )
    n = len(each)
    points, of = each["points"].round(DIGITS), each["of"].round(DIGITS)
    wrote = each["answered"]
    right, wrong = wrote & (points >= of), wrote & (points <= 0) & (of > 0)
    unsaid: Unsaid = {}
    if n == 0 or not float(of.sum()):
        unsaid["share"] = "nobody had it" if n == 0 else "it is worth nothing"
    found = None
    if n < FEWEST:
        unsaid["separation"] = _too_few(n) if n else "nobody had it"
    elif why or rest is None:
        unsaid["separation"] = why
    elif points.nunique() == 1:
        unsaid["separation"] = "all have the same points here"
    elif rest.loc[points.index].nunique() == 1:
        unsaid["separation"] = "all have the same points in the rest"
    else:
        found = separation(points, rest.loc[points.index])
    seconds = each["seconds"][each["timed"] == each["parts"]]  # of those whose time is known for every part
    return Tally(
        students=n,
        of=float(of.mean()) if n else 0.0,
        share=None if "share" in unsaid else float(points.sum() / of.sum()),
        right=int(right.sum()),
        partly=int((wrote & ~right & ~wrong).sum()),
        wrong=int((wrong & ~right).sum()),
        omitted=int((~wrote).sum()),
        separation=found,
        mistakes=tuple(Mistake(name, count, count / n, reasons.get(name, "")) for name, count in _commonest(slips)),
        seconds=float(seconds.median()) if len(seconds) else None,
        unsaid=unsaid,
    )


def _commonest(slips: Counter[str]) -> list[tuple[str, int]]:
    return sorted(slips.items(), key=lambda item: (-item[1], item[0]))[:MOST_MISTAKES]


# --- versions ---------------------------------------------------------------------------------------------------------


def _versions(
    rows: pd.DataFrame, of: float | None, in_percent: bool, work: Mapping[str, tuple[int, int]] | None = None
) -> Versions:
    """``of``: all points, to say what can be seen; None for a question, whose marks are shares."""
    totals = _totals(rows, whole=of is not None)
    shares = (totals["points"] / totals["of"].replace(0, 1)).round(DIGITS)
    marks = shares if of is None else _in_unit(totals, in_percent)
    values = {str(name): own for name, own in marks.groupby(totals["version"], sort=True)}
    own_papers = len(values) > 1 and all(len(own) == 1 for own in values.values())
    groups = () if own_papers else tuple(_group(name, own, (work or {}).get(name)) for name, own in values.items())
    compared = {name: own for name, own in values.items() if len(own) >= FEWEST_OF_A_VERSION}
    left_out = tuple(name for name in values if name not in compared)
    why = ""
    if len(rows) and rows.groupby("student")["version"].nunique().max() > 1:
        why = "questions were dealt out one by one, so that no student has one version"
        groups = ()
    elif len(values) < 2:
        why = "there is one version" if values else "nobody answered anything"
    elif own_papers:
        why = "each student had a paper of her own, so there are no groups to compare"
    elif len(compared) < 2:
        why = f"a version is compared when it has {FEWEST_OF_A_VERSION} students, and fewer than two have"
    elif marks.loc[[who for own in compared.values() for who in own.index]].nunique() == 1:
        why = "all have the same marks"
    if why:
        return Versions(groups, left_out if groups else (), None, None, {"test": why})
    seen = None if of is None else reach(list(compared.values()), of)
    unsaid = {} if of is None or seen is not None else {"reach": "within a version all have the same marks"}
    return Versions(groups, left_out, compare(list(compared.values())), seen, unsaid)


def _group(name: str, marks: pd.Series[float], work: tuple[int, int] | None) -> Group:
    least, lower, median, upper, most = map(float, marks.quantile([0, 0.25, 0.5, 0.75, 1]))
    sd = float(marks.std()) if len(marks) > 1 else None
    operations, digits = work or (None, None)
    return Group(name, len(marks), float(marks.mean()), sd, least, lower, median, upper, most, operations, digits)


def _withholm(questions: Sequence[QuestionStatistics]) -> tuple[QuestionStatistics, ...]:
    """The same, with values of p that count how many questions were tested."""
    tests = holm([q.versions.test.p for q in questions if q.versions.test is not None])
    works = holm([q.hand_work.p for q in questions if q.hand_work is not None])
    found = []
    for q in questions:
        if q.versions.test is not None:
            q = replace(q, versions=replace(q.versions, test=replace(q.versions.test, p=next(tests))))
        if q.hand_work is not None:
            q = replace(q, hand_work=replace(q.hand_work, p=next(works)))
        found.append(q)
    return tuple(found)


def _work(results: Results, rows: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Operations and digits of a question, by version, of those that are known."""
    if rows.empty or not results.work:
        return {}
    key = str(rows["key"].iloc[0])
    known = {str(name): results.work.get((str(name), key)) for name in rows["version"].unique()}
    return {name: (found.operations, found.digits) for name, found in known.items() if found is not None}


def _work_of_papers(results: Results, rows: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """The same of whole papers, of those whose questions are all known; nothing where questions were dealt singly."""
    if not results.work or rows.empty or rows.groupby("student")["version"].nunique().max() > 1:
        return {}
    found = {}
    for name, keys in rows.groupby("version")["key"].unique().items():
        each = [results.work.get((str(name), str(key))) for key in keys]
        known = [work for work in each if work is not None]
        if len(known) == len(each):
            found[str(name)] = sum(work.operations for work in known), sum(work.digits for work in known)
    return found


def _hand_work(rows: pd.DataFrame, work: Mapping[str, tuple[int, int]]) -> HandWork | None:
    """Of few versions one that is harder for another reason would look like work: it takes so many as students."""
    totals = _totals(rows) if work else rows
    if not work or not set(totals["version"]) <= work.keys():
        return None
    shares = (totals["points"] / totals["of"].replace(0, 1)).groupby(totals["version"]).mean().round(DIGITS)
    operations = shares.index.map(lambda name: work[name][0])
    if len(shares) < FEWEST or operations.nunique() == 1 or shares.nunique() == 1:
        return None
    found = scipy.stats.spearmanr(operations, shares)
    least, most = int(operations.min()), int(operations.max())
    seen = visible(RANKS * len(shares))
    return HandWork(least, most, float(found.statistic), float(found.pvalue), seen)

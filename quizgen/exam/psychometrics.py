"""The formulas of classical test theory that no library has, and the calls of those that one has.

Sources: Cronbach (1951) for alpha; Feldt, Woodruff and Salih (1987, page 95) for its interval; Kruskal and Wallis
(1952) for the comparison of versions, Tomczak and Tomczak (2014, page 24) for its effect, Andrews (1954) for its
efficiency; Cohen (1988, chapter 8) for power; Hotelling and Pabst (1936) for the efficiency of a rank correlation;
Holm (1979) for many tests at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd
import scipy.stats
from scipy.optimize import brentq

from .analysis import Reach, Separation, Test

RISK: Final = 0.05
WANTED_POWER: Final = 0.8
EFFICIENCY: Final = 3 / math.pi
"""Of the rank test against the analysis of variance, where marks are normal (Andrews 1954): so many students count."""
RANKS: Final = 9 / math.pi**2
"""Of a rank correlation against the usual one, where both are normal (Hotelling and Pabst 1936)."""
DIGITS: Final = 9  # sums of points that differ by less are equal


def alpha(items: pd.DataFrame) -> float:
    """Cronbach's alpha of items (columns) over students (rows)."""
    k, covariances = items.shape[1], items.cov().to_numpy()
    return float(k / (k - 1) * (1 - covariances.trace() / covariances.sum()))


def alpha_interval(value: float, students: int, items: int, level: float = 0.95) -> tuple[float, float]:
    """The interval of an alpha, by the F distribution (Feldt, Woodruff and Salih 1987, formulas 6 and 7)."""
    F = scipy.stats.f(students - 1, (students - 1) * (items - 1))
    tail = (1 - level) / 2
    return 1 - (1 - value) * float(F.ppf(1 - tail)), 1 - (1 - value) * float(F.ppf(tail))


def separation(own: pd.Series[float], rest: pd.Series[float]) -> Separation:
    """The correlation of a question with the rest of the exam, which it is no part of."""
    found = scipy.stats.pearsonr(own, rest)
    interval = found.confidence_interval(0.95)
    return Separation(*map(float, (found.statistic, interval.low, interval.high)))


def compare(groups: Sequence[pd.Series[float]]) -> Test:
    """The test of Kruskal and Wallis, and eta squared on H: (H - k + 1) / (n - k), not below 0."""
    found = scipy.stats.kruskal(*groups)
    k, n, H = len(groups), sum(map(len, groups)), float(found.statistic)
    return Test(H, k - 1, float(found.pvalue), max(0.0, (H - k + 1) / (n - k)))


def power(effect: float, students: float, groups: int, risk: float = RISK) -> float:
    """The chance that an analysis of variance finds an effect (Cohen's f) among so many students in all."""
    from statsmodels.stats.power import FTestAnovaPower

    return float(FTestAnovaPower().power(effect, students, risk, k_groups=groups))


def smallest_effect(students: float, groups: int, wanted: float = WANTED_POWER, risk: float = RISK) -> float:
    """Cohen's f that is found with the chance ``wanted``."""
    top = 0.01
    while power(top, students, groups, risk) < wanted:  # not from above: there the noncentral F is not a number
        top *= 2
    return float(brentq(lambda effect: power(effect, students, groups, risk) - wanted, top / 2, top))


def reach(groups: Sequence[pd.Series[float]], of: float) -> Reach | None:
    """What a comparison of these can see; None where nobody differs from the others of the same version.

    The gap is between two versions, with the others midway: of all patterns with that gap the hardest to see, since
    the means differ least. Their standard deviation is gap * sqrt(1 / 2k), and Cohen's f is that, divided by the one
    within versions. Groups of different sizes count as so many of their harmonic mean.
    """
    k, n = len(groups), sum(map(len, groups))
    within = math.sqrt(sum(float(((group - group.mean()) ** 2).sum()) for group in groups) / (n - k))
    if within < 10**-DIGITS:
        return None
    students = EFFICIENCY * k * k / sum(1 / len(group) for group in groups)
    gap_of_f, small = within * math.sqrt(2 * k), of / 20
    gap = gap_of_f * smallest_effect(students, k)
    return Reach(gap, small, power(small / gap_of_f, students, k))


def visible(pairs: float, wanted: float = WANTED_POWER, risk: float = RISK) -> float:
    """The correlation that is found with the chance ``wanted`` among so many pairs, by Fisher's z."""
    z = scipy.stats.norm.ppf([1 - risk / 2, wanted]).sum()
    return math.tanh(float(z) / math.sqrt(pairs - 3))


def holm(values: Sequence[float]) -> Iterator[float]:
    """Values of p as they are when all of them are looked at (Holm 1979)."""
    from statsmodels.stats.multitest import multipletests

    yield from map(float, multipletests(values, RISK, method="holm")[1] if values else ())

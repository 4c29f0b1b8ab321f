"""The statistics of a report against examples that were published with their data, and where nothing can be said."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from marked import asked, marked, simulated, strange
from quizgen.errors import UsageError
from quizgen.exam.analysis import PassMark, Statistics
from quizgen.exam.findings import findings, passed, summary, trust, verdict, worked
from quizgen.exam.psychometrics import alpha_interval, compare, holm, power, reach, smallest_effect, visible
from quizgen.exam.results import Earned, Results
from quizgen.exam.statistics import FEWEST, statistics
from quizgen.labour import Labour

# Denis, Applied Univariate, Bivariate, and Multivariate Statistics (Wiley), the section on reliability: ten students,
# five items, and what SPSS says of them.
DENIS = [
    [10, 12, 15, 11, 12],
    [12, 18, 12, 12, 1],
    [8, 16, 14, 14, 4],
    [6, 8, 16, 8, 6],
    [4, 7, 8, 7, 5],
    [6, 6, 3, 7, 3],
    [3, 4, 6, 5, 8],
    [7, 3, 7, 9, 9],
    [8, 9, 4, 10, 10],
    [9, 5, 6, 11, 12],
]
# The data set "cronbach_alpha" of pingouin, 15 subjects and 10 items; its documentation gives alpha and the interval of
# Feldt, tested against the R package psych.
PINGOUIN = [
    "3 2 4 1 4 5 1 4 3 2",
    "5 4 6 3 5 1 2 5 5 5",
    "7 3 5 5 6 4 3 3 6 5",
    "2 4 3 3 2 2 2 6 6 3",
    "6 5 6 5 4 4 4 6 7 5",
    "1 2 3 4 2 5 2 3 5 2",
    "4 3 5 3 5 2 1 2 4 3",
    "2 4 4 3 7 2 2 4 6 5",
    "6 5 5 5 1 6 5 2 3 2",
    "5 4 6 4 3 5 3 1 7 2",
    "4 3 5 2 5 3 2 3 4 1",
    "4 2 3 2 5 3 4 2 3 4",
    "5 5 6 2 3 3 2 4 4 5",
    "6 5 5 4 2 2 1 4 6 5",
    "4 3 5 5 3 1 3 2 3 4",
]
# R's data set PlantGrowth (Dobson 1983): weights of plants of a control and of two treatments. Datanovia's lesson
# "Kruskal-Wallis Test in R" prints its figures; those of more digits are from others who work the same example.
PLANTS = {
    "ctrl": [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14],
    "trt1": [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
    "trt2": [6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26],
}


def about(value: float, places: int) -> Any:
    """As it is printed with so many places."""
    return pytest.approx(value, abs=0.5000001 * 10**-places)


# --- published ----------------------------------------------------------------------------------------------------


def test_alpha_and_item_total_correlation_of_denis() -> None:
    found = statistics(marked(DENIS, of=20))
    assert found.reliability is not None
    assert found.reliability.alpha == about(0.633, 3)
    first = found.questions[0].all
    assert first.separation is not None
    assert first.separation.r == about(0.712, 3)
    assert first.share == pytest.approx(7.3 / 20)  # its mean there is 7.3000
    assert found.marks.mean == pytest.approx(7.3 + 34.3)  # the mean if it is deleted is 34.3000


def test_standard_deviations_of_denis() -> None:
    """Those of single items, of which an exam of that item consists."""
    published = [2.71006, 5.05085, 4.74810, 2.71621, 3.80058]
    found = [statistics(marked([[row[item]] for row in DENIS], of=20)).marks.sd for item in range(5)]
    assert found == [about(sd, 5) for sd in published]


def test_alpha_and_interval_of_pingouin() -> None:
    found = statistics(marked([list(map(float, row.split())) for row in PINGOUIN], of=7)).reliability
    assert found is not None
    assert found.alpha == pytest.approx(0.5917188485995826, abs=1e-12)
    assert (found.low, found.high) == (about(0.195, 3), about(0.84, 3))


def test_interval_of_statpsych() -> None:
    """ci.cronbach(.05, .85, 7, 89) of R's package statpsych, after Feldt (1965): the same to four digits."""
    assert alpha_interval(0.85, 89, 7) == pytest.approx((0.7971254, 0.8931436), abs=1e-4)


def test_kruskal_wallis_of_hollander_and_wolfe() -> None:
    """Hollander and Wolfe (1973), page 116: clearance of the lungs; R's documentation of kruskal.test."""
    groups = [[2.9, 3.0, 2.5, 2.6, 3.2], [3.8, 2.7, 4.0, 2.4], [2.8, 3.4, 3.7, 2.2, 2.0]]
    found = compare([pd.Series(group) for group in groups])
    assert (found.H, found.df, found.p) == (about(0.77143, 5), 2, about(0.68, 2))
    assert found.effect == 0  # H is below what chance gives on average


def test_kruskal_wallis_with_ties_of_plants() -> None:
    """kruskal.test(weight ~ group, PlantGrowth) prints 7.9882, df = 2, p-value = 0.01842, and kruskal_effsize of
    rstatix, in Datanovia's lesson, 0.222. 4.17 is there twice."""
    versions = [name for name, plants in PLANTS.items() for _ in plants]
    found = statistics(marked([[x] for plants in PLANTS.values() for x in plants], of=10, versions=versions)).versions
    assert found.test is not None
    assert (found.test.H, found.test.df, found.test.p) == (about(7.9882, 4), 2, about(0.01842, 5))
    assert found.test.effect == about(0.222, 3)
    assert [round(group.mean, 2) for group in found.groups] == [5.03, 4.66, 5.53]
    assert [round(group.sd or 0, 3) for group in found.groups] == [0.583, 0.794, 0.443]
    assert [(group.least, group.most) for group in found.groups] == [(4.17, 6.11), (3.59, 6.03), (4.92, 6.31)]
    assert [group.median for group in found.groups] == [about(x, 3) for x in (5.155, 4.550, 5.435)]
    between = [group.upper - group.lower for group in found.groups]
    assert between == [about(x, 4) for x in (0.7425, 0.6625, 0.4675)]


@pytest.mark.parametrize(
    ("effect", "each", "groups", "risk", "published", "places"),
    [
        pytest.param(0.28, 20, 4, 0.05, 0.5149793, 7, id="Cohen 1988, exercise 8.1, page 357, by R's pwr"),
        pytest.param(0.25, 39, 10, 0.05, 0.952363, 6, id="manual of G*Power, chapter 10, a priori"),
        pytest.param(0.25, 20, 10, 0.159194, 0.840806, 5, id="manual of G*Power, chapter 10, compromise"),
    ],
)
def test_power(effect: float, each: int, groups: int, risk: float, published: float, places: int) -> None:
    assert power(effect, each * groups, groups, risk) == about(published, places)


def test_the_smallest_effect_of_cohen() -> None:
    """Exercise 8.10, page 391; pwr.anova.test(f = 0.28, k = 4, power = 0.80, sig.level = 0.05) of R's pwr prints
    n = 35.75789, which pingouin's tests quote too."""
    assert smallest_effect(4 * 35.75789, 4) == pytest.approx(0.28, abs=1e-6)


@pytest.mark.parametrize(("pairs", "published"), [(85, 0.3), (47, 0.4)])
def test_the_smallest_correlation(pairs: int, published: float) -> None:
    """n = ((1.96 + 0.84) / arctanh r)² + 3, rounded up: 85 for r = 0.3 of calculators by Fisher's z, and 47 for r = 0.4
    in the example of the Chinese University of Hong Kong, after Lachin (1981)."""
    assert visible(pairs) <= published < visible(pairs - 1)


def test_values_of_p_count_how_many_there_are() -> None:
    """The example in the documentation of pingouin.holm; and by hand, where none may be below the one before it."""
    printed = [0.64, 0.012, 0.64, 0.162, 0.0015]
    assert list(holm([0.50, 0.003, 0.32, 0.054, 0.0003])) == pytest.approx(printed, abs=1e-12)
    assert list(holm([0.01, 0.02, 0.03, 0.04, 0.05])) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
    assert list(holm([])) == []


def test_hand_work_by_rank_as_in_the_textbook() -> None:
    """The ten people of Wikipedia's "Spearman's rank correlation coefficient": rho = 1 - 6 · 194 / 990 = -29/165.

    Of t = -0.5049782 with 8 degrees of freedom R's pt gives 0.3135942, as the answers to "Calculating p-value for
    Spearman's rank correlation coefficient example on Wikipedia" (Cross Validated) print: two-sided twice that.
    """
    iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
    hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]
    made = marked([[x] for x in hours], of=50, versions=[f"s{row}" for row in range(10)])
    work = {(f"s{row}", "q1"): Labour(x, 3, ("number",)) for row, x in enumerate(iq)}
    found = statistics(replace(made, work=work)).questions[0].hand_work
    assert found is not None
    assert (found.least, found.most) == (86, 113)
    assert found.rho == pytest.approx(-29 / 165)
    assert found.p == about(2 * 0.3135942, 6)


# --- by hand ------------------------------------------------------------------------------------------------------


def test_the_error_of_a_mark() -> None:
    found = statistics(marked(DENIS, of=20))
    assert found.reliability is not None
    assert found.marks.sd is not None
    assert found.reliability.sem == pytest.approx(found.marks.sd * math.sqrt(1 - found.reliability.alpha))


def test_the_gap_is_an_effect_of_the_means() -> None:
    """Cohen's f is the standard deviation of the means by the one within: here of 10 - gap/2, 10, 10 and 10 + gap/2."""
    sample = [pd.Series([9.0, 10, 11]) + shift for shift in (0, 0, 0, 0)]
    seen = reach(sample, 20)
    assert seen is not None
    means = np.array([-seen.gap / 2, 0, 0, seen.gap / 2])
    assert means.std() / 1 == pytest.approx(smallest_effect(12 * 3 / math.pi, 4))


def test_what_a_comparison_can_see_has_the_power_it_says() -> None:
    """Simulated: of pairs of classes that differ by the gap four in five are told apart by the rank test."""
    import random

    rng = random.Random(3)
    sample = [pd.Series([rng.gauss(10, 3) for _ in range(30)]) for _ in range(3)]
    seen = reach(sample, 20)
    assert seen is not None
    deviation = math.sqrt(sum(float(group.var()) for group in sample) / 3)
    means = (10, 10 + seen.gap / 2, 10 + seen.gap)
    runs = 300
    told = sum(
        compare([pd.Series([rng.gauss(mean, deviation) for _ in range(30)]) for mean in means]).p < 0.05
        for _ in range(runs)
    )
    assert told / runs == pytest.approx(0.8, abs=0.07)  # three standard deviations of a share of 300
    assert seen.small == 1
    assert seen.power < 0.5


def test_counts_of_a_question_with_parts() -> None:
    rows = [(2, 2, True, True), (2, 0, True, True), (0, 0, True, False), (0, 0, False, False), (1, 2, True, True)]
    earned = [
        Earned(
            f"s{who}",
            "A",
            "q1",
            part,
            row[part - 1],
            2,
            bool(row[part + 1]),
            ("slip",) if who == 2 and part == 1 else (),
        )
        for who, row in enumerate(rows)
        for part in (1, 2)
    ] + [Earned(f"s{who}", "A", "q2", 1, 1, 1) for who in range(5)]
    first = statistics(Results("T", asked(2), tuple(earned))).questions[0]
    assert (first.all.right, first.all.partly, first.all.wrong, first.all.omitted) == (1, 2, 1, 1)
    assert first.all.share == 9 / 20
    assert first.all.answered == 4
    a, b = first.parts
    assert (a.right, a.partly, a.wrong, a.omitted, a.share) == (2, 1, 1, 1, 5 / 10)
    assert (b.right, b.partly, b.wrong, b.omitted, b.share) == (2, 0, 1, 2, 4 / 10)
    assert [(slip.name, slip.count, slip.share) for slip in first.all.mistakes] == [("slip", 1, 0.2)]


def test_a_mistake_in_two_parts_is_one_student_once() -> None:
    earned = [Earned("s1", "A", "q1", part, 0, 1, True, ("slip", "slip")) for part in (1, 2)]
    (slip,) = statistics(Results("T", asked(1), tuple(earned))).questions[0].all.mistakes
    assert (slip.count, slip.share) == (1, 1.0)


def test_marks_are_counted_in_tenths_of_all_points() -> None:
    """What stands on an edge belongs above it, all points to the last bin; 0.1 + 0.2 is 0.3."""
    found = statistics(marked([[0.1, 0.2], [0, 0], [0.5, 0.5], [0.5, 0.3]], of=0.5)).marks
    assert [round(10 * low) for low, _, count in found.bins if count] == [0, 3, 8, 9]
    assert (found.mean, found.median, found.least, found.most) == pytest.approx((0.525, 0.55, 0, 1))


def test_no_mark_is_below_nothing() -> None:
    """A question may cost points, the exam as a whole may not."""
    found = statistics(marked([[-1, 0], [2, 2]], of=2))
    assert (found.marks.least, found.marks.mean) == (0, 2)
    assert found.marks.bins[0] == (0, 0.1, 1)
    assert found.questions[0].all.share == 1 / 4


def test_papers_of_different_points_are_compared_in_percent() -> None:
    earned = [Earned("s1", "A", "q1", 1, 1, 2), Earned("s2", "B", "q1", 1, 4, 4)]
    found = statistics(Results("T", asked(1), tuple(earned))).marks
    assert (found.in_percent, found.of, found.mean) == (True, 100, 75)


def test_the_time_of_a_question_is_of_those_whose_time_is_known() -> None:
    """Of s2 nothing is known, and of s3 one part only: neither took no time."""
    seconds = {("s1", 1): 60, ("s1", 2): 40, ("s3", 1): 30, ("s4", 1): 100, ("s4", 2): 100}
    earned = [
        Earned(who, "A", "q1", part, 1, 1, seconds=seconds.get((who, part)))
        for who in ("s1", "s2", "s3", "s4")
        for part in (1, 2)
    ]
    (first,) = statistics(Results("T", asked(1), tuple(earned))).questions
    assert first.all.seconds == (100 + 200) / 2
    assert [part.seconds for part in first.parts] == [60, 70]


@pytest.mark.parametrize(
    ("mark", "at", "students"),
    [(PassMark(50, in_percent=True), 50, 3), (PassMark(41), 41, 6), (PassMark(100, in_percent=True), 100, 0)],
)
def test_who_passes(mark: PassMark, at: float, students: int) -> None:
    """The ten students of Denis earned 60, 55, 56, 44, 31, 25, 26, 35, 41 and 43 of 100."""
    found = statistics(marked(DENIS, of=20), mark)
    assert found.passing is not None
    assert (found.passing.mark, found.passing.students) == (at, students)


def test_who_is_too_near_to_the_pass_mark() -> None:
    """Marks of Denis are uncertain by 7.6 points: of 50 are 44, 43, 55 and 56 within that."""
    found = statistics(marked(DENIS, of=20), PassMark(50))
    assert found.passing is not None
    assert found.reliability is not None
    assert found.reliability.sem == about(7.6, 1)
    assert found.passing.near == 4
    assert passed(found).startswith("3 of 10 passed (30%), with 50 points or more. 4 are within ±7.6 points of that")
    few = statistics(marked(DENIS[:3], of=20), PassMark(50))
    assert passed(few) == "3 of 3 passed (100%), with 50 points or more."
    assert passed(statistics(marked(DENIS, of=20))) == ""


def test_a_pass_mark_that_nobody_can_have() -> None:
    with pytest.raises(UsageError, match="a pass mark of 101 is not between 0 and 100"):
        statistics(marked(DENIS, of=20), PassMark(101))
    differing = (Earned("s1", "A", "q1", 1, 1, 2), Earned("s2", "B", "q1", 1, 4, 4))
    with pytest.raises(UsageError, match="give the pass mark in percent"):
        statistics(Results("T", asked(1), differing), PassMark(1))


# --- a class ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found() -> Statistics:
    return statistics(simulated())


def said(found: Statistics, number: int) -> str:
    return " ".join(finding.said for finding in findings(found.questions[number - 1]))


def test_what_was_put_into_a_class_is_found_again(found: Statistics) -> None:
    assert found.reliability is not None
    assert found.reliability.low > 0.5
    assert "look at the wording" in said(found, 7)  # it has nothing to do with what students know
    assert "it is hard, and it works" in said(found, 5)
    assert "made the same mistake: forgot the square root." in said(found, 5)
    assert said(found, 4) == ""
    assert [worked(question) for question in found.questions] == [False, True, True, True, True, True, False, False]
    assert summary(found) == "5 of 8 questions worked: 2, 3, 4, 5 and 6. Look at 1, 7 and 8."
    assert "Of 96 students 47 left out a and 32 left out b: was it clear" in said(found, 8)
    assert found.versions.test is not None
    assert found.versions.test.p > 0.05
    assert verdict(found).startswith("No version was harder as far as can be seen (p = ")
    assert "would be found four times out of five" in verdict(found)
    assert found.questions[0].all.seconds == pytest.approx(200, abs=20)
    assert found.marks.seconds == pytest.approx(4200, abs=200)


def test_a_question_that_is_harder_in_one_version_is_found() -> None:
    found = statistics(simulated(harder=2))
    assert "Versions differ here: " in said(found, 3)
    assert " in D, " in said(found, 3)
    assert not any("Versions differ here" in said(found, number) for number in (1, 2, 4, 5, 6, 7, 8))


def test_where_all_had_the_same_question_it_is_not_the_question() -> None:
    made = simulated(harder=2)
    same = replace(made, questions=tuple(replace(each, same=True) for each in made.questions))
    assert "in B. But all had the very same question" in said(statistics(same), 3)
    assert "in B. Compare the two papers" in said(statistics(made), 3)
    work = {(e.version, e.key): Labour(20 if e.version == "D" else 14, 40, ("number",)) for e in made.earned}
    assert "in B (20 and 14 operations by hand). Compare" in said(statistics(replace(made, work=work)), 3)


def test_a_part_that_runs_against_the_rest() -> None:
    earned = []
    for row in range(40):
        for key, part, points in (("q1", 1, row % 4), ("q2", 1, row % 4), ("q2", 2, 1 - row % 4 / 4)):
            earned.append(Earned(f"s{row:02}", "A", key, part, points, 3))
    sentence = said(statistics(Results("T", asked(2), tuple(earned))), 2)
    assert sentence == "Who did better in the rest did worse in part b: look at its key."


def test_students_who_left_a_question_out_are_counted() -> None:
    found = statistics(marked([[1, 1, None] if row % 2 else [0, 1, 1] for row in range(12)], of=1))
    assert "6 of 12 left it out: was it clear" in said(found, 3)


def test_a_question_that_runs_against_the_rest_is_a_question_of_the_key() -> None:
    table = [[row % 4, row % 4, 3 - row % 4] for row in range(40)]
    assert said(statistics(marked(table, of=3)), 3).startswith(
        "Who did better in the rest did worse here: look at the key and at the wording."
    )


def test_of_a_question_that_nobody_has_right_nothing_is_praised() -> None:
    table = [[row % 4, row % 4, 0] for row in range(40)]
    sentence = said(statistics(marked(table, of=3)), 3)
    assert sentence == "Few have it right, and whether those who know more do can't be said: look at the key."
    right = [[row % 4, row % 4, 3 * (row % 4 == 3)] for row in range(40)]
    assert "it is hard, and it works" in said(statistics(marked(right, of=3)), 3)


@pytest.mark.parametrize(("matters", "words"), [(0, "as much as the others as far as can be seen"), (1, "earned less")])
def test_papers_of_one_student_each_are_compared_by_what_they_took(matters: float, words: str) -> None:
    """Where it matters, a sixth of a point of each part is lost for every operation more."""
    made = simulated(versions=[f"s{number:03}" for number in range(96)])
    more = {f"s{number:03}": number % 12 for number in range(96)}
    earned = [
        replace(e, points=max(0, e.points - matters * more[e.student] / 6), version=e.student) for e in made.earned
    ]
    work = {(e.version, e.key): Labour(10 + more[e.student], 40, ("number",)) for e in earned}
    found = statistics(replace(made, earned=tuple(earned), work=work))
    assert found.hand_work is not None
    assert (found.hand_work.least, found.hand_work.most) == (80, 168)
    assert found.hand_work.visible == pytest.approx(visible(96 * 9 / math.pi**2))
    assert (found.hand_work.p < 0.05) == bool(matters)
    assert verdict(found).startswith("Versions can't be compared: each student had a paper of her own")
    assert words in verdict(found)


def test_of_equal_marks_no_question_is_blamed() -> None:
    """Who has more in one of two questions has less in the other, whatever was asked."""
    found = statistics(marked([[row % 2, 1 - row % 2] for row in range(12)], of=1))
    assert [question.all.unsaid["separation"] for question in found.questions] == ["all have the same marks"] * 2
    assert summary(found) == "Whether questions worked can't be said: all have the same marks."


def test_questions_that_run_against_each_other() -> None:
    found = statistics(marked([[row % 4, 3 - row % 4, row % 2] for row in range(40)], of=3))
    assert found.reliability is not None
    assert found.reliability.alpha < 0
    assert trust(found).startswith("The questions run against each other: look at the keys")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ([[row % 3] * 3 for row in range(12)], "All 3 questions worked."),
        ([[row % 3] * 2 + [0] for row in range(12)], "2 of 3 questions worked: 1 and 2. Look at 3."),
        ([[row % 3] * 3 + [3] for row in range(12)], "Whether 4 worked can't be said: all have the same points here."),
        ([[1]], "Whether 1 worked can't be said: there is one student."),
    ],
)
def test_the_summary(table: list[list[float]], words: str) -> None:
    assert summary(statistics(marked(table, of=3))).endswith(words)


# --- where nothing can be said --------------------------------------------------------------------------------------


@pytest.mark.parametrize("results", list(strange()))
def test_what_cannot_be_said_has_a_reason(results: Results) -> None:
    """No figure is missing without one, none is NaN or infinite, and there is a sentence about everything."""
    found = statistics(results)
    json.dumps(asdict(found), allow_nan=False)
    assert (found.reliability is None) == ("reliability" in found.unsaid)
    assert (found.versions.test is None) == ("test" in found.versions.unsaid)
    for question in found.questions:
        assert (question.versions.test is None) == ("test" in question.versions.unsaid)
        for tally in (question.all, *question.parts):
            assert (tally.share is None) == ("share" in tally.unsaid)
            assert (tally.separation is None) == ("separation" in tally.unsaid)
            assert tally.right + tally.partly + tally.wrong + tally.omitted == tally.students
    whole = [summary(found)] if found.questions else []
    for sentence in (*whole, trust(found), verdict(found), *(one.said for q in found.questions for one in findings(q))):
        assert sentence.endswith((".", "?"))
        assert "nan" not in sentence.lower().split()


@pytest.mark.parametrize(
    ("results", "what", "why"),
    [
        (marked(DENIS[:9], of=20), "reliability", f"9 students are too few; it takes {FEWEST}"),
        (marked(DENIS[:1], of=20), "reliability", "there is one student"),
        (marked([row[:1] for row in DENIS], of=20), "reliability", "there is one question, and "),
        (marked([[1, 2]] * 12, of=2), "reliability", "all have the same marks"),
        (marked([[None]] * 12, of=2), "reliability", "nobody answered anything"),
    ],
)
def test_reasons_for_no_reliability(results: Results, what: str, why: str) -> None:
    assert statistics(results).unsaid[what].startswith(why)


@pytest.mark.parametrize(
    ("versions", "why"),
    [
        ("AAAAAAAAAA", "there is one version"),
        ("0123456789", "each student had a paper of her own"),
        ("AAAAAAABBB", "a version is compared when it has 5 students"),
    ],
)
def test_reasons_for_no_comparison(versions: str, why: str) -> None:
    found = statistics(marked(DENIS, of=20, versions=versions))
    assert found.versions.unsaid["test"].startswith(why)
    assert verdict(found).startswith(f"Versions can't be compared: {why}")


def test_who_wrote_nothing_is_left_out_and_counted() -> None:
    found = statistics(marked([*DENIS, [None] * 5, [None] * 5], of=20))
    assert (found.students, found.empty) == (10, 2)
    assert found.marks.mean == pytest.approx(41.6)


def test_a_small_version_is_left_out_by_name() -> None:
    found = statistics(marked([*DENIS, *DENIS], of=20, versions="ABABABABABABABABABCC"))
    assert found.versions.left_out == ("C",)
    assert verdict(found).endswith("Left out for too few students: C.")


def test_questions_that_were_dealt_out_one_by_one_are_compared_one_by_one() -> None:
    made = marked([*DENIS, *DENIS], of=20)
    dealt = [replace(e, version="AB"[(int(e.student[1:]) + int(e.key[1:])) % 2]) for e in made.earned]
    found = statistics(replace(made, earned=tuple(dealt)))
    assert found.versions.unsaid["test"] == "questions were dealt out one by one, so that no student has one version"
    assert all(question.versions.test is not None for question in found.questions)

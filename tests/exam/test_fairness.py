"""What is said of the fairness of versions, and the parts that it is counted with."""

from dataclasses import replace

import pytest

from exams import exam, family
from quizgen import from_code
from quizgen.exam.candidates import Candidate, Source, blanked, shape, up_to, window
from quizgen.exam.fairness import Band, Fairness, PlaceFairness, percent
from quizgen.exam.shared import NEVER, Answer, Answers, answers
from quizgen.exam.versions import versions
from quizgen_solvers.exact import fmpq

PLACE = PlaceFairness(
    number=2,
    key="q2",
    family="optim.adam",
    level=1,
    same="",
    band=fmpq(1, 10),
    kinds=("integer",),
    operations=Band(10, 11),
    digits=Band(20, 21),
    different=4,
    apart=None,
    same_words=True,
)


# --- bands ----------------------------------------------------------------------------------------------------------


def test_a_band_is_how_far_the_most_is_above_the_least() -> None:
    band = Band.of([44, 40, 42])
    assert (band.least, band.most, band.centre, band.relative) == (40, 44, 42, fmpq(1, 10))
    assert Band(0, 0).relative == 0
    assert Band(5, 5).to_json() == {"least": 5, "most": 5, "centre": "5", "relative": "0%"}
    assert Band(4, 7).centre == fmpq(11, 2)


@pytest.mark.parametrize(
    ("least", "band", "most"),
    [(10, "1/10", 11), (9, "1/10", 9), (20, "1/10", 22), (0, "1/2", 0), (7, "0", 7), (3, "1", 6)],
)
def test_up_to_never_exceeds_the_band(least: int, band: str, most: int) -> None:
    top, _, bottom = band.partition("/")
    share = fmpq(int(top), int(bottom or 1))
    assert up_to(least, share) == most
    assert most <= least * (1 + share) < most + 1


@pytest.mark.parametrize(
    ("share", "text"), [((1, 10), "10%"), ((1, 12), "8.4%"), ((0, 1), "0%"), ((1, 8), "12.5%"), ((1, 3), "33.4%")]
)
def test_a_share_is_rounded_up(share: tuple[int, int], text: str) -> None:
    assert percent(fmpq(*share)) == text


# --- what is said ---------------------------------------------------------------------------------------------------


def stated(*places: PlaceFairness, papers: int = 4) -> Fairness:
    return Fairness(papers, fmpq(1, 10), places, Band(100, 104), Band(200, 208), 2)


def test_the_worst_place_counts() -> None:
    assert stated(PLACE).worst == fmpq(1, 10)
    assert PLACE.worst == fmpq(1, 10)


def test_fairness_in_lines() -> None:
    written = replace(PLACE, number=1, key="q1", family="", same="written", different=1)
    assert stated(written, PLACE).lines == (
        (
            "4 papers: hand work agrees within 10% at every question (10% is allowed); of whole papers, hand "
            "operations 100 to 104, digits 200 to 208"
        ),
        "the same on every paper: question 1",
        "no two papers share an answer to a part otherwise",
    )
    assert stated(PLACE, papers=1).lines == ("there is one version, so nobody has an easier one",)
    assert PLACE.line == (
        "question 2 (optim.adam, level 1): hand operations 10 to 11, digits 20 to 21 (within 10%), "
        "4 different questions"
    )
    few = [replace(PLACE, number=number, different=1000, apart=9) for number in (1, 2)]
    assert stated(*few, papers=10_000).lines[1:] == (
        "fewer different questions than papers: questions 1 and 2, 1,000 at the least",
        "answers come back in questions 1 and 2, 9 papers later at the earliest",
    )
    returning = replace(PLACE, apart=7, same_words=False)
    assert stated(returning).lines[-1] == "answers come back in question 2, 7 papers later at the earliest"
    assert returning.line.endswith(
        "; an answer comes back 7 papers later at the earliest; the words differ by more than numbers"
    )
    assert written.line == "question 1: the same on every paper, since it was written by hand"


def test_bands_of_their_own_are_said() -> None:
    wide, wider = (replace(PLACE, number=number, band=fmpq(number, 4)) for number in (1, 3))
    same = replace(PLACE, number=4, same="code", band=fmpq(0))
    assert (
        stated(wide, PLACE, wider, same)
        .lines[0]
        .startswith(
            "4 papers: hand work agrees within 10% at every question "
            "(10% is allowed, 25% in question 1, 75% in question 3); of whole papers"
        )
    )


def test_fairness_as_json_comes_back() -> None:
    _, fairness = versions(
        exam(family("optim.adam", more='band = "17.25%"'), 'text = "1?"\nanswer = 1', band="12.5%"),
        list("ABC"),
        verify=False,
    )
    assert Fairness.from_json(fairness.to_json()) == fairness
    assert fairness.to_json()["band"] == "12.5%"
    assert [place["band"] for place in fairness.to_json()["places"]] == ["17.25%", "0%"]


# --- shared answers -------------------------------------------------------------------------------------------------


def number(x: float, tolerance: float = 0.0) -> list[Answer]:
    return [Answer(((str(x), (x,)),), tolerance)]


def test_answers_within_each_others_tolerance_are_shared() -> None:
    seen = Answers()
    seen.add(number(0.5, 0.01), 0)
    seen.add(number(0.7, 0.01), 1)
    seen.add(number(0.9, 0.1), 2)
    assert seen.latest(number(0.505, 0.001)) == 0
    assert seen.latest(number(0.52, 0.001)) == NEVER
    assert seen.latest(number(0.52, 0.02)) == 0, "the wider tolerance counts, whosever it is"
    assert seen.latest(number(0.69, 0.01)) == 1, "the end of an interval belongs to it"
    assert seen.latest(number(0.805, 0.001)) == 2
    assert seen.latest(number(0.8, 0.11)) == 2, "the last of several"


def test_exact_answers_are_shared_where_they_are_equal() -> None:
    seen = Answers()
    for paper, x in enumerate((3, 4, 3, 5)):
        seen.add(number(x), paper)
    assert [seen.latest(number(x)) for x in (3, 4, 5, 6)] == [2, 1, 3, NEVER]


def test_a_vector_is_shared_where_every_entry_is() -> None:
    def vector(*xs: float) -> list[Answer]:
        return [Answer(((str(xs), xs),), 0.01)]

    seen = Answers()
    seen.add(vector(0.5, 0.1), 0)
    assert seen.latest(vector(0.501, 0.3)) == NEVER
    assert seen.latest(vector(0.501, 0.105)) == 0


def test_one_part_that_is_shared_is_enough() -> None:
    seen = Answers()
    seen.add(number(1) + number(2), 0)
    assert seen.latest(number(9) + number(2)) == 0
    assert seen.latest(number(2) + number(1)) == NEVER, "another part's answer is none"


def test_other_right_answers_count_too() -> None:
    blueprint = exam(family("conv.output-size", 3))
    drawn = Source(blueprint, blueprint.picked[0]).survey()
    several = next(c for c in drawn if c.question.parts[0].also)
    (answer,) = answers(several.question)
    part = several.question.parts[0]
    assert len(answer.values) == 1 + len(part.also)
    seen = Answers()
    seen.add([answer], 0)
    assert seen.latest([Answer(((str(part.also[0]), ()),), 0.0)]) == 0


# --- windows --------------------------------------------------------------------------------------------------------


def test_the_window_does_not_depend_on_how_many_papers_there_are() -> None:
    blueprint = exam(family("optim.adam"))
    one, other = (Source(blueprint, blueprint.picked[0]).survey() for _ in range(2))
    assert window(one, blueprint.band) == window(other, blueprint.band)


def test_a_window_holds_what_it_was_made_from() -> None:
    blueprint = exam(family("conv.cross-correlate", 3))
    drawn = Source(blueprint, blueprint.picked[0]).survey()
    for band in (fmpq(0), fmpq(1, 10), fmpq(1, 2)):
        found = window(drawn, band)
        assert found is not None
        inside = [c for c in drawn if found[0].takes(c)]
        assert len(inside) >= found[1] > 0
        for counts in ([c.labour.operations for c in inside], [c.labour.digits for c in inside]):
            assert max(counts) <= min(counts) * (1 + band)
    assert window([], fmpq(1, 10)) is None


def test_sieved_questions_are_those_of_their_codes() -> None:
    blueprint = exam(family("optim.adam", 3))
    source = Source(blueprint, blueprint.picked[0])
    found = window(source.survey(), blueprint.band)
    assert found is not None
    drawn = [c for c in (source.next(found[0]) for _ in range(120)) if c is not None]
    assert len(drawn) > 3
    for candidate in drawn:
        assert from_code(candidate.question.code, verify=False) == candidate.question


def test_words_without_numbers() -> None:
    assert blanked(r"from $x = -0.5$ to $\frac{3}{4}$ in 12 steps") == r"from $x = #$ to $#$ in # steps"
    assert shape(((fmpq(1), fmpq(2)), (fmpq(3), fmpq(4)))) == ((None, None), (None, None))


def test_places_of_options_of_a_candidate() -> None:
    blueprint = exam(family("optim.adam"))
    candidate = Candidate(Source(blueprint, blueprint.picked[0]).survey()[0].question)
    for place, count in candidate.places:
        assert 0 <= place < count <= 4

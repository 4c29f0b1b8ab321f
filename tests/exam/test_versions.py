"""Versions of an exam: equally hard by count, no shared answers, the same for the same seed, whoever else writes it."""

import itertools
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from exams import TOYS, at_each_place, codes, digits, exam, family, operations, shares_an_answer, spread, students
from quizgen import family as families
from quizgen.errors import Disagreement, DrawError, QuizgenError, UsageError
from quizgen.exam import dealing
from quizgen.exam.blueprint import Blueprint, parse
from quizgen.exam.dealing import Unfair
from quizgen.exam.model import Student, Version
from quizgen.exam.versions import slug, versions
from quizgen.labour import labour
from quizgen.sheet import identity
from quizgen_solvers.exact import fmpq

QUICK = (
    ("conv.output-size", 1),
    ("conv.output-size", 3),
    ("conv.parameter-count", 2),
    ("conv.same-padding", 3),
    ("loss.softmax", 1),
    ("net.parameter-count", 1),
    ("net.shapes", 2),
    ("optim.adam", 1),
    ("optim.momentum", 2),
    ("backprop.scalar-graph", 2),
)
ASKED = [family(name, level) for name, level in QUICK]
BY_HAND = 'text = "How many layers has it?"\nanswer = 3\nid = "layers"'
BY_CODE = 'code = "optim.adam/1/k7q3m9"\nid = "fixed"'


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(families, "_ENTRIES", dict(families.everything()))
    families.load_file(TOYS)
    return


def unchecked(blueprint: Blueprint, names: list[Student] | str) -> tuple:  # type: ignore[type-arg]
    return versions(blueprint, list(names), verify=False)


# --- fair -----------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.sampled_from(ASKED), min_size=1, max_size=2),
    st.integers(2, 6),
    st.sampled_from(["3%", "10%", "25%"]),
    st.text("abcdefghkmnpqrstvwxyz0123456789", min_size=1, max_size=6),
)
@settings(max_examples=15)
def test_named_versions_agree_within_the_band_and_share_no_answer(
    questions: list[str], count: int, band: str, seed: str
) -> None:
    blueprint = exam(*questions, seed=seed, band=band)
    try:
        made, fairness = unchecked(blueprint, "ABCDEF"[:count])
    except DrawError as problem:
        event(str(problem).partition(";")[0].partition(": ")[2])
        return
    assert len(made) == count
    for place, asked in enumerate(at_each_place(made)):
        assert len({question.family for question in asked}) == len({question.level for question in asked}) == 1
        assert len({labour(question).kinds for question in asked}) == 1
        assert len({tuple(part.points for part in question.parts) for question in asked}) == 1
        for count_of, stated in ((operations, "operations"), (digits, "digits")):
            assert spread(asked, count_of) <= blueprint.band
            assert getattr(fairness.places[place], stated).relative == spread(asked, count_of)
        for i, one in enumerate(asked):
            assert not any(shares_an_answer(one, other) for other in asked[:i])
    assert len({version.total for version in made}) == 1
    for version in made:
        assert len({identity(placed.question) for placed in version.questions}) == len(questions)
    assert codes(made) == codes(unchecked(blueprint, "ABCDEF"[:count])[0])


@given(st.sampled_from(ASKED), st.integers(1, 40), st.integers(1, 9), st.integers(0, 10**6))
@settings(max_examples=8)
def test_a_student_more_at_the_end_changes_nothing_for_the_others(asked: str, count: int, more: int, seed: int) -> None:
    blueprint = exam(asked, seed=str(seed))
    few, _ = unchecked(blueprint, students(count))
    many, fairness = unchecked(blueprint, students(count + more))
    assert codes(many)[:count] == codes(few)
    assert [version.code for version in many][:count] == [version.code for version in few]
    (asked_there,) = at_each_place(many)
    for one, other in itertools.pairwise(asked_there):
        assert not shares_an_answer(one, other)
    assert fairness.places[0].different == count + more
    assert spread(asked_there, digits) <= blueprint.band


def test_two_hundred_students_have_their_own_numbers() -> None:
    made, fairness = unchecked(exam(family("optim.adam", 2)), students(200))
    assert len({code for (code,) in codes(made)}) == 200
    assert fairness.places[0].different == 200
    assert fairness.worst <= fmpq(1, 10)


def test_another_process_draws_the_same() -> None:
    program = (
        "from quizgen.exam.blueprint import parse\n"
        "from quizgen.exam.versions import versions\n"
        f"made, _ = versions(parse({exam(*ASKED[:3], BY_HAND).source!r}), ['A', 'B', 'C'], verify=False)\n"
        "print([version.code for version in made], [p.question.code for v in made for p in v.questions])\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    made, _ = unchecked(exam(*ASKED[:3], BY_HAND), "ABC")
    codes_of = [placed.question.code for version in made for placed in version.questions]
    assert run.stdout.strip() == f"{[version.code for version in made]} {codes_of}"


def test_other_seeds_give_other_questions() -> None:
    one, other = (unchecked(exam(ASKED[0], ASKED[1], seed=seed), "AB")[0] for seed in ("1", "2"))
    assert not {c for paper in codes(one) for c in paper} & {c for paper in codes(other) for c in paper}


@pytest.mark.usefixtures("toys")
def test_every_paper_asks_for_the_same_parts() -> None:
    """Half of the family's questions have one part and half have two: all papers have the one or all the other."""
    for names in (students(12), "ABCDEF"):
        made, fairness = unchecked(exam(family("toy.parts")), names)
        assert len({len(version.questions[0].question.parts) for version in made}) == 1
        assert len({version.total for version in made}) == 1
        assert set(fairness.places[0].kinds) == {"integer"}


def test_the_same_words_but_for_the_numbers() -> None:
    made, fairness = unchecked(exam(family("optim.momentum", 3)), "ABCD")
    assert fairness.places[0].same_words
    beginnings = {version.questions[0].question.statement.partition("\n")[0] for version in made}
    assert len(beginnings) == 1


# --- where answers are few ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("toys")
def test_neighbours_differ_where_there_are_two_answers() -> None:
    made, fairness = unchecked(exam(family("toy.two")), students(9))
    answers = [version.questions[0].question.parts[0].answer for version in made]
    assert set(answers) == {"6", "7"}
    assert all(one != other for one, other in itertools.pairwise(answers))
    assert (fairness.places[0].apart, fairness.places[0].different) == (2, 9)
    assert "answers come back in question 1, 2 papers later at the earliest" in fairness.lines


@pytest.mark.usefixtures("toys")
def test_questions_come_back_as_late_as_can_be() -> None:
    made, fairness = unchecked(exam(family("toy.few")), students(10))
    asked = [version.questions[0].question.parts[0].answer for version in made]
    assert len(set(asked[:3])) == 3
    assert all(asked[i] == asked[i - 3] for i in range(3, 10))
    assert (fairness.places[0].apart, fairness.places[0].different) == (3, 3)


@pytest.mark.usefixtures("toys")
def test_after_so_many_different_questions_they_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dealing, "MOST_DIFFERENT", 5)
    made, fairness = unchecked(exam(family("toy.parts")), students(40))
    assert fairness.places[0].different == 5
    assert fairness.places[0].apart == 5
    (asked,) = at_each_place(made)
    assert not any(shares_an_answer(one, other) for one, other in itertools.pairwise(asked))


@pytest.mark.usefixtures("toys")
def test_questions_of_one_paper_differ() -> None:
    made, _ = unchecked(exam(family("toy.few", more="count = 2")), students(6))
    for version in made:
        one, other = version.questions
        assert one.question.parts[0].answer != other.question.parts[0].answer


@pytest.mark.parametrize(
    ("asked", "names", "words"),
    [
        (
            family("toy.two"),
            "ABC",
            (
                "question 2 (toy.two, level 1): part 1 has only 2 answers among the questions that agree within 10% "
                "('6' and '7'), and 3 versions are wanted; ask for another level or family, or for fewer versions"
            ),
        ),
        (
            family("toy.long"),
            "ABCDEFGHIJKL",
            'and 12 versions are wanted; write band = "',
        ),
        (
            family("toy.one"),
            students(2),
            (
                "part 1 has only 1 answer among the questions that agree within 10% ('12'), and papers next to each "
                "other must not share one; ask for another level or family"
            ),
        ),
        (
            family("toy.few", more="count = 4"),
            students(2),
            "there are only 3, too few for all the places that ask for one; ask for another level or family",
        ),
        (family("toy.never"), "AB", "question 2 (toy.never, level 1): toy.never/1/"),
        (family("conv.same-padding"), "ABCD", '; write band = "13%" in that question, which is enough, or ask for'),
    ],
    ids=["two answers", "a wider band", "one answer", "one paper", "never", "small integers"],
)
@pytest.mark.usefixtures("toys")
def test_what_cannot_be_fair_says_which_question_and_why(asked: str, names: str | list[Student], words: str) -> None:
    with pytest.raises(DrawError) as caught:
        unchecked(exam(BY_HAND, asked), names)  # type: ignore[arg-type]
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "count"), [("toy.long", 12), ("conv.same-padding", 4)])
@pytest.mark.usefixtures("toys")
def test_the_band_that_an_error_names_is_enough_in_that_question_and_no_smaller_is(name: str, count: int) -> None:
    names = "ABCDEFGHIJKL"[:count]
    with pytest.raises(DrawError) as caught:
        unchecked(exam(family(name), BY_HAND), names)
    named = re.search(r'write band = "(\d+)%" in that question, which is enough', str(caught.value))
    assert named is not None
    band = int(named[1])
    made, fairness = unchecked(exam(family(name, more=f'band = "{band}%"'), BY_HAND), names)
    assert len({version.questions[0].question.parts[0].answer for version in made}) == count
    assert fmpq(band - 1, 100) < fairness.worst <= fairness.places[0].band == fmpq(band, 100)
    assert fairness.band == fmpq(1, 10)
    with pytest.raises(DrawError):
        unchecked(exam(family(name, more=f'band = "{band - 1}%"'), BY_HAND), names)


@pytest.mark.usefixtures("toys")
def test_a_question_with_a_band_of_its_own_changes_no_other() -> None:
    wide, narrow = family("toy.long", more='band = "80%"'), family("toy.long", 1, 'id = "x"\nband = "20%"')
    made, fairness = unchecked(exam(wide, narrow, ASKED[0]), "ABCD")
    assert [place.band for place in fairness.places] == [fmpq(4, 5), fmpq(1, 5), fmpq(1, 10)]
    for place, asked in zip(fairness.places, at_each_place(made), strict=True):
        assert max(spread(asked, operations), spread(asked, digits)) == place.worst <= place.band
    alone, _ = unchecked(exam(ASKED[0]), "ABCD")
    assert [paper[2] for paper in codes(made)] == [paper[0] for paper in codes(alone)]


@pytest.mark.usefixtures("toys")
def test_every_question_that_cannot_be_fair_is_named() -> None:
    with pytest.raises(Unfair) as caught:
        unchecked(exam(family("toy.one"), ASKED[0], family("toy.two"), family("toy.never")), "ABC")
    assert [slot.number for slot, _ in caught.value.why] == [1, 3, 4]
    assert [why.partition(": ")[0] for _, why in caught.value.why] == [
        f"question {number} (toy.{name}, level 1)" for number, name in ((1, "one"), (3, "two"), (4, "never"))
    ]
    assert str(caught.value).endswith("fewer versions (and 2 questions more: `quizgen exam check` lists them)")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_points_for_parts_take_questions_with_so_many() -> None:
    asked = family("backprop.two-layer", 3, "points = [1, 1, 1, 2]")
    made, _ = unchecked(exam(asked), "ABCD")
    assert {len(version.questions[0].question.parts) for version in made} == {4}
    assert {version.questions[0].points for version in made} == {(fmpq(1), fmpq(1), fmpq(1), fmpq(2))}


# --- the same for everybody -----------------------------------------------------------------------------------------


def test_what_is_written_or_has_a_code_is_the_same_for_everybody() -> None:
    made, fairness = unchecked(exam(BY_HAND, BY_CODE, ASKED[0]), "ABC")
    written, coded, drawn = at_each_place(made)
    assert len({id(question) for question in written}) == 1
    assert {question.code for question in coded} == {"optim.adam/1/k7q3m9"}
    assert len({question.code for question in drawn}) == 3
    assert [place.same for place in fairness.places] == ["written", "code", ""]
    assert "the same on every paper: questions 1 and 2" in fairness.lines


def test_a_pick_is_the_same_for_everybody() -> None:
    made, _ = unchecked(exam(*ASKED[:5], section="pick = 2"), students(6))
    assert len({tuple(placed.slot.key for placed in version.questions) for version in made}) == 1
    assert len(made[0].questions) == 2


def test_a_topic_is_one_family_for_everybody() -> None:
    for seed in "123":
        made, _ = unchecked(exam('topic = "conv"\nlevel = 2', seed=seed), "ABC")
        assert len({version.questions[0].question.family for version in made}) == 1


SEVERAL = (*ASKED[:9], BY_HAND, BY_CODE, 'topic = "conv"\nlevel = 2', 'text = "Why?"\nanswer = 1')
"""Questions that ask for different things, most without an id."""


def in_sections(*sections: list[str], pick: int | None = None) -> Blueprint:
    head = "".join(
        f"[[sections]]\n{f'pick = {min(pick, len(asked))}' if pick else ''}\n"
        + "".join(f"[[sections.questions]]\n{each}\n" for each in asked)
        for asked in sections
        if asked
    )
    return parse(f'title = "T"\nseed = "1"\n{head}')


def by_stream(made: tuple[Version, ...]) -> list[dict[str, str]]:
    return [{p.slot.stream: p.question.code or p.question.statement for p in v.questions} for v in made]


@given(
    st.lists(st.sampled_from(SEVERAL), min_size=2, max_size=5, unique=True), st.integers(0, 4), st.booleans(), st.data()
)
@settings(max_examples=10)
def test_a_question_keeps_its_numbers_when_others_come_or_go_or_change_places(
    asked: list[str], cut: int, by_roster: bool, data: st.DataObject
) -> None:
    names = students(2) if by_roster else "AB"
    whole, _ = unchecked(in_sections(asked), names)
    fewer = data.draw(st.permutations(asked[1:]))
    again, _ = unchecked(in_sections(fewer[:cut], fewer[cut:]), names)
    for one, other in zip(by_stream(whole), by_stream(again), strict=True):
        assert set(other) <= set(one)
        assert other.items() <= one.items()


def test_of_several_that_ask_for_the_same_the_first_stays_the_first() -> None:
    """One more in front takes over its numbers; with an id it does not, and the others keep theirs."""
    two, other = [ASKED[0], ASKED[0]], ASKED[7]
    first, _ = unchecked(in_sections(two), "AB")
    more, _ = unchecked(in_sections([ASKED[0], other, *two]), "AB")
    named, _ = unchecked(in_sections([f'{ASKED[0]}id = "new"', other, *two]), "AB")
    for old, new, with_id in zip(codes(first), codes(more), codes(named), strict=True):
        assert [new[0], new[2]] == old == with_id[2:]
        assert len({*with_id}) == 4


def test_points_and_minutes_and_bands_that_change_nothing_else_leave_the_numbers() -> None:
    plain, _ = unchecked(exam(ASKED[0], ASKED[7]), "AB")
    other, _ = unchecked(exam(f"{ASKED[0]}points = 9\nminutes = 3", f"{ASKED[7]}count = 2"), "AB")
    assert [paper[:2] for paper in codes(other)] == codes(plain)


@pytest.mark.usefixtures("toys")
def test_only_a_question_that_would_come_twice_gives_way() -> None:
    """Three questions in all: a second place that asks for them takes some from the first, and from no other."""
    asked = [f'{family("toy.few")}id = "x"', ASKED[0], ASKED[2]]
    alone, _ = unchecked(in_sections(asked), students(9))
    both, _ = unchecked(in_sections([f'{family("toy.few")}id = "y"', *asked]), students(9))
    assert [paper[2:] for paper in codes(both)] == [paper[1:] for paper in codes(alone)]
    assert all(paper[0] != paper[1] for paper in codes(both))


def test_unnamed_questions_are_called_by_their_place_on_the_paper() -> None:
    blueprint = in_sections(list(SEVERAL), pick=4)
    assert [slot.key for slot in blueprint.picked] == [
        slot.key if slot.key in ("layers", "fixed") else f"q{place}" for place, slot in enumerate(blueprint.picked, 1)
    ]
    assert len({slot.key for slot in blueprint.slots}) == len(SEVERAL)


@given(st.lists(st.sampled_from(SEVERAL), min_size=3, max_size=9, unique=True), st.integers(1, 2), st.data())
@settings(max_examples=20)
def test_the_pick_of_unnamed_questions_follows_from_what_they_ask(
    asked: list[str], pick: int, data: st.DataObject
) -> None:
    def picked(of: list[str]) -> set[str]:
        return {slot.stream for slot in in_sections(of, pick=pick).picked}

    assert picked(asked) == picked(data.draw(st.permutations(asked)))
    assert len(picked(asked) - picked(asked[1:])) <= 1, "whoever comes takes the place of one at most"


# --- options --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("toys")
@pytest.mark.parametrize("count", [4, 7])
def test_places_of_right_options_are_balanced_over_the_papers(count: int) -> None:
    made, fairness = unchecked(exam(family("toy.choice", more="count = 6")), "ABCDEFG"[:count])
    for asked in at_each_place(made):
        right = [min(question.parts[0].correct) for question in asked]
        assert len(set(right)) == 4, "four papers, four letters: nobody gains by looking at a neighbour's"
        assert max(map(right.count, range(4))) == -(-count // 4)
    assert fairness.option_places == (1 if count % 4 else 0)


def test_places_are_balanced_where_options_are_made_of_mistakes() -> None:
    _, fairness = unchecked(exam(*ASKED), "ABCDEFGH")
    assert fairness.option_places <= 3


# --- papers ---------------------------------------------------------------------------------------------------------


def test_papers_have_names_students_and_codes_of_their_own() -> None:
    ada, odd = Student("s1", "Ada"), Student("../../x", r"\input{x}")
    (one, other), _ = unchecked(exam(ASKED[0]), [ada, odd])
    assert (one.name, one.student, other.name, other.student) == ("s1", ada, "../../x", odd)
    assert one.code.startswith("midterm-s1-")
    assert other.code.startswith("midterm-x-")
    assert set(other.code) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_the_code_of_a_paper_follows_from_what_is_on_it() -> None:
    (one,), _ = unchecked(exam(BY_HAND), "A")
    (other,), _ = unchecked(exam(BY_HAND.replace("= 3", "= 4")), "A")
    (again,), _ = unchecked(exam(BY_HAND), "A")
    assert one.code == again.code != other.code


def test_titles_in_codes_are_short_and_plain() -> None:
    assert slug("Midterm") == "midterm"
    assert slug("Deep Learning: Midterm 2026, second sitting") == "deep-learning"
    assert slug("Prüfung é") == "prufung-e"
    assert slug("期末試験") == "exam"
    assert slug("x" * 90) == "x" * 20


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], "there is no version to make"),
        (["A", "a"], "two papers for 'a'"),
        ([Student("s1", "Ada"), Student("s1", "Bob")], "two papers for 's1'"),
    ],
)
def test_names_that_cannot_be_meant(names: list[str | Student], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        versions(exam(ASKED[0]), names)


def test_every_question_is_checked_by_a_run_and_progress_is_told() -> None:
    told: list[tuple[str, int, int]] = []
    made, _ = versions(exam(ASKED[0], BY_HAND, BY_CODE), ["A", "B"], progress=lambda *said: told.append(said))
    for version in made:
        drawn, written, coded = version.questions
        assert drawn.question.provenance is not None
        assert coded.question.provenance is not None
        assert drawn.question.provenance.agreed == len(drawn.question.parts)
        assert written.question.provenance is None
    assert [said for said in told if said[0] == "drawing"] == [("drawing", n, 6) for n in range(1, 7)]
    assert told[-1] == ("checking", 3, 3)


@pytest.mark.usefixtures("toys")
def test_what_pytorch_disagrees_with_is_never_on_a_paper() -> None:
    with pytest.raises(Disagreement, match=r"toy\.wrong"):
        versions(exam(family("toy.wrong")), ["A", "B"])


@pytest.mark.usefixtures("toys")
def test_every_failure_is_an_error_of_ours() -> None:
    for name in ("never", "one", "two", "few"):
        with pytest.raises(QuizgenError):
            versions(exam(family(f"toy.{name}")), list("ABCDEFGH"), verify=False)

"""Versions of an exam: equally hard by count, no shared answers, the same for the same seed, whoever else writes it."""

import itertools
import os
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
from quizgen.exam.model import Student
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
    monkeypatch.setattr(families, "_ENTRIES", dict(families._ENTRIES))
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
            """and 12 versions are wanted; write band = "25%", which is enough, or ask for another level or family""",
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
        (family("conv.same-padding"), "ABCDEF", """; write band = "15%", which is enough, or ask for another level"""),
    ],
    ids=["two answers", "a wider band", "one answer", "one paper", "never", "small integers"],
)
@pytest.mark.usefixtures("toys")
def test_what_cannot_be_fair_says_which_question_and_why(asked: str, names: str | list[Student], words: str) -> None:
    with pytest.raises(DrawError) as caught:
        unchecked(exam(BY_HAND, asked), names)  # type: ignore[arg-type]
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("toys")
def test_the_band_that_an_error_names_is_enough() -> None:
    with pytest.raises(DrawError) as caught:
        unchecked(exam(family("toy.long")), "ABCDEFGHIJKL")
    named = re.search(r'write band = "(\d+%)", which is enough', str(caught.value))
    assert named is not None
    made, fairness = unchecked(exam(family("toy.long"), band=named[1]), "ABCDEFGHIJKL")
    assert len({version.questions[0].question.parts[0].answer for version in made}) == 12
    assert fmpq(1, 10) < fairness.worst <= fairness.band


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


def test_sections_in_another_order_hold_the_same_questions() -> None:
    head = 'title = "T"\nseed = "1"\n'
    sections = [
        f'[[sections]]\n[[sections.questions]]\n{asked}id = "{name}"\n'
        for name, asked in zip("xyz", ASKED[:2] + ASKED[:1], strict=True)
    ]
    first, _ = unchecked(parse(head + "".join(sections)), "ABC")
    again, _ = unchecked(parse(head + "".join(reversed(sections))), "ABC")
    for one, other in zip(first, again, strict=True):
        codes_of = [{p.slot.key: p.question.code for p in version.questions} for version in (one, other)]
        assert codes_of[0] == codes_of[1]
        assert [p.question.code for p in one.questions] == [p.question.code for p in reversed(other.questions)]


# --- options --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("toys")
def test_places_of_right_options_are_balanced_over_a_paper() -> None:
    made, fairness = unchecked(exam(family("toy.choice", more="count = 16")), "ABCD")
    for version in made:
        right = [min(placed.question.parts[0].correct) for placed in version.questions]
        counts = [right.count(place) for place in range(4)]
        assert max(counts) - min(counts) <= 2
    assert fairness.option_places <= 2
    orders = {tuple(min(p.question.parts[0].correct) for p in version.questions) for version in made}
    assert len(orders) == 4, "and the places differ from paper to paper"


def test_places_are_balanced_where_options_are_made_of_mistakes() -> None:
    _, fairness = unchecked(exam(*ASKED, *ASKED), "ABC")
    assert fairness.option_places <= 4


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

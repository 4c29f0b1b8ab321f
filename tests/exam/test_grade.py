"""What answers earn: points and policy, exactly; the same whatever the order; files that say so."""

from __future__ import annotations

import csv
import io
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answered import CHOICE, QUESTIONS, STUDENTS, Row, built, marked, papers, rows, text, written
from exams import exam
from quizgen.errors import InputError, QuizgenError
from quizgen.exam import entries, marks, policy
from quizgen.exam import manifest as manifests
from quizgen.exam.blueprint import Marking
from quizgen.exam.changes import changes
from quizgen.exam.feedback import SIGNS, Feedback
from quizgen.exam.grade import Marked, gather
from quizgen.exam.manifest import Manifest
from quizgen.exam.responses import Response
from quizgen.exam.versions import versions
from quizgen.question import QuestionPart
from quizgen.wording import capital
from quizgen_solvers.exact import fmpq, rational

PLAIN = Marking()
HALF = fmpq(1, 2)
KINDS = """\
id = "kinds"
text = "Of everything something."
points = [4, 3, 2, 4, 1, 1]
[[sections.questions.parts]]
text = "a vector"
kind = "vector"
decimals = 2
answer = [0.25, -1.5, 3, 0.33]
[[sections.questions.parts]]
text = "an exact number"
answer = "2/3"
[[sections.questions.parts]]
text = "several"
options = ["one", "two", "three", "four"]
answer = ["a", "c"]
[[sections.questions.parts]]
text = "a table"
kind = "table"
columns = ["shape", "count"]
kinds = ["shape", "integer"]
rows = ["first", "second"]
answer = [["(2, 3)", 5], ["(4,)", -7]]
[[sections.questions.parts]]
text = "a matrix"
kind = "matrix"
answer = "[[1, 2], [3, 4]]"
[[sections.questions.parts]]
text = "a choice"
options = ["one", "two"]
answer = "a"
"""


def kinds() -> Manifest:
    blueprint = exam(KINDS)
    made, fairness = versions(blueprint, ["A"], verify=False)
    return manifests.of(blueprint, made, fairness)


def earned(folder: Path, part: int, typed: str, rules: Marking) -> fmpq:
    """The share that an answer to a part of the question above earns."""
    (found,) = marked(folder, [("s", "A", "1", str(part), typed)], kinds(), rules)
    return found.questions[0].parts[part - 1].credit


def share(**values: str) -> Marking:
    return Marking.model_validate(values)


# --- the policy -------------------------------------------------------------------------------------------------------

SIGN, DIGITS = share(wrong_sign="50%"), share(lost_digits="25%")


@pytest.mark.parametrize(
    ("part", "typed", "rules", "worth"),
    [
        (1, "0.25, -1.5, 3, 0.33", PLAIN, "1"),
        (1, "-0.25, 1.5, 3, 0.33", PLAIN, "1/2"),
        (1, "-0.25, 1.5, 3, 0.33", SIGN, "3/4"),  # two right, two with the wrong sign
        (1, "0.25, -1.5, 3, 0.3", DIGITS, "13/16"),
        (1, "-0.25, -1.5, 3, 0.3", share(wrong_sign="50%", lost_digits="25%"), "11/16"),
        (1, "0.25, -1.5, 3", SIGN, "0"),  # another length
        (2, "2/3", SIGN, "1"),
        (2, "-2/3", SIGN, "1/2"),
        (2, "0.67", SIGN, "0"),
        (2, "0.67", DIGITS, "1/4"),
        (2, "0.66", DIGITS, "0"),  # cut off and not rounded
        (2, "1", DIGITS, "0"),  # a whole number is no rounding of it
        (2, "0", share(wrong_sign="100%"), "0"),
        (3, "a", share(wrong_choice="100%"), "1/2"),
        (3, "b", share(wrong_choice="25%"), "-1/4"),
        (3, "a, b", share(wrong_choice="25%"), "-1/4"),  # a right one and a wrong one: nothing is left of it
        (3, "none", share(wrong_choice="25%"), "0"),
        (4, "(2, 3) | -5; (4,) | 7", SIGN, "3/4"),
        (4, "(-2, 3) | 5; (4,) | -7", SIGN, "3/4"),  # a shape has no sign
        (4, "(2, 3) | ; (4,) | -7", SIGN, "3/4"),
        (5, "-1 2; 3 4", SIGN, "7/8"),
        (5, "1 2 3; 4 5 6", SIGN, "0"),
        (6, "b", share(wrong_choice="33.5%"), "-67/200"),
        (6, "a", share(wrong_choice="50%"), "1"),
        (6, "b", PLAIN, "0"),
    ],
)
def test_what_an_answer_earns(tmp_path: Path, part: int, typed: str, rules: Marking, worth: str) -> None:
    assert earned(tmp_path, part, typed, rules) == rational(worth)


def test_the_policy_says_what_it_did(tmp_path: Path) -> None:
    typed = [("a", "-0.25, 1.5, 3, 0.3"), ("b", "-2/3"), ("f", "b")]
    rules = share(wrong_sign="50%", lost_digits="25%", wrong_choice="50%")
    (found,) = marked(tmp_path, [("s", "A", "1", part, x) for part, x in typed], kinds(), rules)
    said = [part.why for part in found.questions[0].parts if part.why]
    assert said == [
        "the sign is wrong: 50% of such an entry and fewer digits than were asked for: 25% of such an entry",
        "the sign is wrong: 50% of the points",
        "a wrong choice costs 50% of the points",
    ]


def test_points_are_never_below_nothing(tmp_path: Path) -> None:
    (found,) = marked(tmp_path, [("s", "A", "1", "f", "b")], kinds(), share(wrong_choice="100%"))
    assert found.questions[0].points == -1
    assert found.points == 0
    (found,) = marked(
        tmp_path, [("s", "A", "1", "f", "b"), ("s", "A", "1", "b", "2/3")], kinds(), share(wrong_choice="50%")
    )
    assert found.points == 3 - HALF


def test_the_policy_of_the_blueprint_counts(tmp_path: Path) -> None:
    blueprint = exam(KINDS + '\n[marking]\nwrong_sign = "50%"\n')
    made, fairness = versions(blueprint, ["A"], verify=False)
    manifest = manifests.of(blueprint, made, fairness)
    given = [("s", "A", "1", "b", "-2/3")]
    assert marked(tmp_path, given, manifest)[0].points == 3 * HALF
    assert marked(tmp_path, given, manifest, PLAIN)[0].points == 0


def test_a_policy_is_read_from_its_own_file_or_a_blueprint(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('[marking]\nwrong_sign = "50%"\ncarry_forward = false\n', encoding="utf-8")
    assert policy.read(path) == share(wrong_sign="50%").model_copy(update={"carry_forward": False})
    path.write_text('title = "x"\n[marking]\nlost_digits = 0.25\n[[sections]]\nwhatever = 1\n', encoding="utf-8")
    assert policy.read(path) == DIGITS
    for words, wrong in {
        "no table [marking]": "x = 1\n",
        "2: marking.wrong_sing: there is no such key here (did you mean 'wrong_sign'?)": "[marking]\nwrong_sing = 1\n",
        "2: marking.wrong_sign: takes a share": "[marking]\nwrong_sign = 2\n",
        "1: title: there is no such key": "title = 3\n[marking]\n",
        "this is no TOML": "[marking\n",
    }.items():
        path.write_text(wrong, encoding="utf-8")
        with pytest.raises(InputError) as caught:
            policy.read(path)
        assert words in str(caught.value)


def test_what_follows_from_a_slip_is_carried_forward(tmp_path: Path) -> None:
    (a, *_) = papers()
    place = next(n for n, placed in enumerate(a.questions, 1) if placed.question.family == "net.parameter-count")
    question = a.questions[place - 1].question
    weights, biases, total = (int(part.answer) for part in question.parts)
    assert total == weights + biases
    wrong = [
        ("s", "A", str(place), part, str(x)) for part, x in zip("abc", (weights + 7, biases, total + 7), strict=True)
    ]
    for rules, states in ((PLAIN, (False, True, True)), (Marking(carry_forward=False), (False, True, False))):
        (found,) = marked(tmp_path, wrong, policy=rules)
        parts = found.questions[place - 1].parts
        assert tuple(part.right for part in parts) == states
        assert parts[2].carried == states[2]
    signed = [*wrong[:2], ("s", "A", str(place), "c", str(-total - 7))]
    (found,) = marked(tmp_path, signed, policy=SIGN)  # the sign is lost of what was carried forward
    assert found.questions[place - 1].parts[2].credit == HALF
    assert "the sign is wrong: 50% of the points" in found.questions[place - 1].parts[2].why


def test_an_answer_that_cannot_be_read_counts_as_left_out(tmp_path: Path) -> None:
    (a, *_) = papers()
    place = next(n for n, placed in enumerate(a.questions, 1) if placed.question.family == "net.parameter-count")
    total = a.questions[place - 1].question.parts[2].answer
    (found,) = marked(tmp_path, [("s", "A", str(place), "a", "no idea"), ("s", "A", str(place), "c", total)])
    first, second, third = found.questions[place - 1].parts
    assert (first.state, second.state, third.state) == ("open", "blank", "marked")
    assert first.points == 0
    assert third.right
    assert found.open == 1


# --- laws -------------------------------------------------------------------------------------------------------------


def any_answer(draw: random.Random, part: QuestionPart) -> str:
    ways = [part.answer, "0", "-1.5", "?", "", "-", "no idea", "=1+1", "(1, 2)", "b"]
    return draw.choice([*ways, *(mistake.value for mistake in part.mistakes), part.answer, part.answer])


@st.composite
def classes(draw: st.DrawFn) -> list[Row]:
    """Rows of some students, who may answer twice, on two papers, or what is not there."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    found: list[Row] = []
    for number in range(draw(st.integers(1, 4))):
        version = rng.choice(papers())
        found += rows(version, f"s{number}", lambda part: any_answer(rng, part))
        if rng.random() < 0.4:
            found += rng.sample(rows(rng.choice(papers()), f"S{number}", lambda part: any_answer(rng, part)), 2)
    if rng.random() < 0.5:
        found += [("s0", "C", "1", "a", "1"), ("s0", "A", "77", "a", "1"), ("", "A", "1", "a", "1")]
    return found


LAWFUL = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@LAWFUL
@given(given_rows=classes(), seed=st.integers(0, 10**6))
def test_marks_do_not_depend_on_the_order_of_rows(tmp_path: Path, given_rows: list[Row], seed: int) -> None:
    given_rows.append(("law", "A", "1", "a", "0"))
    first = written(tmp_path, given_rows)
    random.Random(seed).shuffle(given_rows)
    second = written(tmp_path, given_rows)
    for name in ("marks.csv", "marks.json"):
        assert first[name] == second[name]
    assert len(review(first)) == len(review(second))


def review(files: dict[str, bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files["review.csv"].decode("utf-8-sig"))))


@LAWFUL
@given(given_rows=classes())
def test_without_carrying_forward_there_are_only_fewer_points(tmp_path: Path, given_rows: list[Row]) -> None:
    given_rows.append(("law", "A", "1", "a", "0"))
    lenient = share(wrong_sign="50%", lost_digits="25%", wrong_choice="50%")
    for rules in (PLAIN, lenient):
        with_, without = (
            marked(tmp_path, given_rows, policy=rules.model_copy(update={"carry_forward": carry}))
            for carry in (True, False)
        )
        for one, other in zip(with_, without, strict=True):
            assert one.student == other.student
            for question, bare in zip(one.questions, other.questions, strict=True):
                assert all(x.credit >= y.credit for x, y in zip(question.parts, bare.parts, strict=True))


@LAWFUL
@given(given_rows=classes())
def test_a_more_generous_policy_takes_nothing_away(tmp_path: Path, given_rows: list[Row]) -> None:
    given_rows.append(("law", "A", "1", "a", "0"))
    strict, kind = (
        marked(tmp_path, given_rows, policy=rules) for rules in (PLAIN, share(wrong_sign="50%", lost_digits="25%"))
    )
    assert all(one.points <= other.points for one, other in zip(strict, kind, strict=True))


def test_right_answers_as_they_are_shown_get_full_marks(tmp_path: Path) -> None:
    everything = built(STUDENTS)
    found = marked(tmp_path, [row for version in papers(STUDENTS) for row in rows(version, version.name)], everything)
    for one in found:
        assert one.points == one.of == sum(question.of for question in one.questions)
        assert all(part.right and not part.carried for question in one.questions for part in question.parts)


def test_marking_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    draw = random.Random(7)
    given_rows = [row for n in range(6) for row in rows(papers()[n % 2], f"s{n}", lambda part: any_answer(draw, part))]
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    assert written(tmp_path / "one", given_rows) == written(tmp_path / "two", given_rows)


# --- files ------------------------------------------------------------------------------------------------------------


def test_the_table_of_marks(tmp_path: Path) -> None:
    manifest = built(STUDENTS)
    made = papers(STUDENTS)
    files = written(tmp_path, [*rows(made[0], "s1"), *rows(made[1], "s2", lambda part: "0")], manifest)
    table = list(csv.DictReader(io.StringIO(files["marks.csv"].decode("utf-8-sig"))))
    assert files["marks.csv"].startswith(b"\xef\xbb\xbf")
    assert [line["student"] for line in table] == ["s1", "s2", "../../x"]
    assert table[0]["name"] == "Zoë Müller-Łukasiewicz"
    assert table[1]["name"] == """'=HYPERLINK("http://x")"""
    assert table[0]["points"] == table[0]["of"]
    assert (table[2]["points"], table[2]["q1a"]) == ("", "")  # she handed in nothing
    columns = [name for name in table[0] if name.startswith("q")]
    assert rational(table[0]["points"]) == sum(rational(table[0][name]) for name in columns)
    for line in files["marks.csv"].decode("utf-8-sig").splitlines()[1:]:
        for cell in next(csv.reader([line])):
            assert not cell.startswith(("=", "+", "@")), cell


def test_the_marks_as_data_are_exact(tmp_path: Path) -> None:
    files = written(
        tmp_path,
        [("s", "A", "1", "a", "-0.25, 1, 2, 3"), ("s", "A", "1", "b", "2/3")],
        kinds(),
        share(wrong_sign="33%"),
    )
    data = json.loads(files["marks.json"])
    (student,) = data["students"]
    (question,) = student["questions"]
    assert question["parts"][0]["credit"] == "0.0825"
    assert rational(student["points"]) == 4 * rational("0.0825") + 3
    assert data["policy"]["wrong_sign"] == "0.33"
    assert data["papers"][0]["questions"][0]["key"] == "kinds"
    assert [part["state"] for part in question["parts"]] == ["marked"] * 2 + ["blank"] * 4
    assert "page" in student
    assert marks.read(tmp_path / "marks") == data


def test_what_a_person_has_to_look_at(tmp_path: Path) -> None:
    (a, b) = papers()
    given_rows = [
        *rows(a, "ada"),
        ("ada", "A", "1", "a", "=HYPERLINK(1)"),  # twice: line 11
        ("bob", "B", "1", "a", "no idea"),
        ("bob", "B", "1", "b", "?"),
        ("cy", "A", "1", "a", "1"),
        ("cy", "B", "1", "a", "1"),
        ("dee", "final-A-xyzw", "1", "a", "1"),
        ("dee", "A", "1", "z", "1"),
        ("dee", "A", "1", "", "1"),
        ("dee", "A", "9", "a", "1"),
        ("", "A", "1", "a", "1"),
        ("dee", "", "1", "a", "1"),
        ("dee", "A", "4", "", "b"),
    ]
    lines = review(written(tmp_path, given_rows))
    assert sorted(line["what"] for line in lines) == sorted(
        ["twice", "twice", "unreadable", "person", "paper", "paper", "part", "part", "question", "student"]
    )
    by_sort = {line["what"]: line for line in lines}
    assert by_sort["unreadable"]["why"].startswith("cannot read 'no idea' as a number")
    assert by_sort["student"]["why"] == "the line says no student"
    twice = next(line for line in lines if line["student"] == "ada")
    assert twice["line"] == "2"
    assert twice["why"] == (
        f"answered 2 times, and not the same: none counts; leave one in the file (lines 2 and {len(rows(a)) + 2})"
    )
    both = next(line for line in lines if line["student"] == "cy")
    assert both["why"] == "answered on the papers A and B, so none of them counts; leave one in the file"
    assert not any(cell.startswith("=") for line in lines for cell in line.values())
    assert b is papers()[1]


def test_the_same_answer_twice_counts_once(tmp_path: Path) -> None:
    (a, *_) = papers()
    (found,) = marked(tmp_path, [*rows(a), *rows(a), *((*row[:4], f" {row[4]} ") for row in rows(a))])
    assert found.points == found.of
    assert found.open == 0


def test_a_paper_of_somebody_else_counts_and_is_noted(tmp_path: Path) -> None:
    made = papers(STUDENTS)
    files = written(tmp_path, rows(made[1], "s1", by_code=True), built(STUDENTS))
    (note,) = review(files)
    assert (note["what"], note["student"], note["paper"]) == ("other paper", "s1", "s2")
    (first, *_) = json.loads(files["marks.json"])["students"]
    assert (first["id"], first["paper"], first["points"]) == ("s1", "s2", first["of"])


# --- who gains and loses ----------------------------------------------------------------------------------------------


def data_of(found: list[Marked]) -> dict[str, object]:
    return {"students": [entries.to_json(one) for one in found]}


def test_a_changed_policy_shows_who_gains_and_loses(tmp_path: Path) -> None:
    given_rows = [
        ("up", "A", "1", "b", "-2/3"),
        ("down", "A", "1", "f", "b"),
        ("down", "A", "1", "b", "2/3"),
        ("same", "A", "1", "b", "2/3"),
    ]
    before, after = (
        data_of(marked(tmp_path, given_rows, kinds(), rules))
        for rules in (PLAIN, share(wrong_sign="50%", wrong_choice="50%"))
    )
    up, down = changes(before, after)
    assert (up.student, up.before, up.after, up.parts) == ("up", 0, 3 * HALF, (("q1b", 0, 3 * HALF),))
    assert (down.student, down.by) == ("down", -HALF)
    assert changes(after, after) == []
    with pytest.raises(InputError, match="damaged or were changed by hand"):
        changes({"students": [{"id": "x"}]}, after)


def test_who_was_not_there_before_is_a_change(tmp_path: Path) -> None:
    one, two = (data_of(marked(tmp_path, [(name, "A", "1", "b", "2/3")], kinds())) for name in ("ada", "bob"))
    gone, new = sorted(changes(one, two), key=lambda change: change.student)
    assert (gone.student, gone.before, gone.after, gone.parts) == ("ada", 3, None, ())
    assert (new.student, new.before, new.after) == ("bob", None, 3)


# --- pages ------------------------------------------------------------------------------------------------------------


def test_a_page_has_her_answers_and_the_solution(tmp_path: Path) -> None:
    made = papers(STUDENTS)
    mistake = next((part, m) for placed in made[2].questions for part in placed.question.parts for m in part.mistakes)
    typed = {mistake[0].code + mistake[0].words: mistake[1].value}
    given_rows = rows(made[2], "../../x", lambda part: typed.get(part.code + part.words, part.answer))
    path = tmp_path / "r.csv"
    path.write_text(
        text([*given_rows, ("../../x", made[2].name, "4", "a", "<script>alert(1)</script>")]), encoding="utf-8"
    )
    from quizgen.exam import responses

    with gather(built(STUDENTS), responses.read(path)) as gathered:
        graded = marks.write(gathered, tmp_path / "marks")
    assert graded.failures == []
    (page,) = (each for each in (tmp_path / "marks" / "feedback").iterdir() if each.name.startswith("x-"))
    shown = page.read_text(encoding="utf-8")
    assert "&lt;b&gt;李&lt;/b&gt; &amp; {name}" in shown
    assert "<script" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "Worked solution" in shown
    assert f"<strong>{mistake[1].name[0].upper()}{mistake[1].name[1:]}.</strong>" in shown
    assert "1 answer still to be looked at by a person" in shown
    assert "default-src 'none'" in shown
    assert len(list((tmp_path / "marks" / "feedback").iterdir())) == len(STUDENTS)


def test_a_page_says_what_to_learn_from_it(tmp_path: Path) -> None:
    """Signs and named mistakes in the overview, what a carried answer would have been, what to practise."""
    (a, *_) = papers()
    layers = next(placed for placed in a.questions if placed.question.family == "net.parameter-count")
    (weights, biases, every), number = layers.question.parts, str(a.questions.index(layers) + 1)
    forgotten = next(each for each in biases.mistakes if sum(m.value == each.value for m in biases.mistakes) == 1)
    slips = {weights: "10", biases: forgotten.value, every: str(10 + int(forgotten.value))}
    answers = [(s, p, q, part, slips.get(layers.question.parts[ord(part) - 97], text) if q == number else text)
               for s, p, q, part, text in rows(a)]  # fmt: skip
    (found,) = marked(tmp_path, answers)
    page = Feedback(built().exam).page(found)
    overview = page[page.index("<body") : page.index("<main")]
    assert overview.count(SIGNS["right"]) == len(a.questions) - 1
    assert overview.count(SIGNS["partly"]) == 1
    assert f'<span class="qg-named">{capital(forgotten.name)}</span>' in overview
    carried = page[page.index("Right, carried forward") :]
    assert f"<mn>{every.answer}</mn>" in carried[carried.index("Without the earlier mistake") :][:200]
    assert "<code>quizgen practice net.parameter-count</code>" in page
    assert page.count("Worked solution") == len(a.questions) - 1  # the question by hand has none


def test_answers_can_come_from_python() -> None:
    (a, *_) = papers()
    part = a.questions[0].question.parts[0]
    with gather(built(), [Response(1, "ada", "1", part.answer, "A", "a")]) as gathered:
        from quizgen.exam.grade import grade

        (found,) = grade(gathered)
    assert found.questions[0].parts[0].right
    assert replace(found, absent=True).points == found.points


def test_an_exam_needs_an_answer() -> None:
    with pytest.raises(InputError, match="there is no answer in the file; type them"):
        gather(built(), [])
    with pytest.raises(
        QuizgenError, match="of 1 answers in the file none belongs to this exam; line 1: 'Z': this exam has no"
    ):
        gather(built(), [Response(1, "ada", "1", "5", "Z", "a")])
    assert CHOICE in QUESTIONS

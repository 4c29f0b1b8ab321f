"""The gate of drawing: what is asked is worth asking, and who cannot draw that is told why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import pytest
from flint import fmpq

from quizgen import code as codes
from quizgen import draw as drawing
from quizgen import family as families
from quizgen.answers import Choice, Integer, Kind, Matrix, Number, Shape, Vector
from quizgen.code import Code
from quizgen.draw import attempts, draw, leaves, stream, take, too_wide
from quizgen.errors import DrawError, ParameterError
from quizgen.family import Entry, Mistake, Part
from quizgen.rng import Rng
from quizgen_solvers import ExactError, Work, quantity
from quizgen_solvers.exact import rational
from quizgen_solvers.quantity import Quantity

CODE = Code("test.fake", 1, "k7")


@dataclass(frozen=True)
class Fake:
    """A family that a test puts together."""

    n: int

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Self:
        return cls(rng.integer(1, 100))

    def statement(self) -> str:
        return f"The number is {self.n}."

    def solve(self) -> Work:
        work = Work(decimals=4)
        work.given("n", self.n)
        return work

    def program(self) -> str:
        return ""


Answer = Callable[[Quantity], Any]


def fake(
    monkeypatch: pytest.MonkeyPatch,
    *answers: tuple[Answer, Kind],
    mistakes: tuple[Answer, ...] = (),
    distractors: int = 2,
    also: tuple[Any, ...] = (),
    **methods: Any,
) -> Entry:
    """A family with a number n, whose parts and mistakes are expressions of it; mistakes change the first answer."""

    class Made(Fake):
        __family__ = "test.fake"

        def solve(self) -> Work:
            work = super().solve()
            for i, (expression, _) in enumerate(answers):
                found = expression(work["n"])
                if isinstance(found, Quantity):
                    work.let(f"y_{i}", found, "an answer")
            return work

        def parts(self, work: Work) -> tuple[Part, ...]:
            return tuple(
                Part("?", work[f"y_{i}"] if work.has(f"y_{i}") else expression(work["n"]), kind, also=also)
                for i, (expression, kind) in enumerate(answers)
            )

        def mistakes(self, work: Work) -> tuple[Mistake, ...]:
            return tuple(
                Mistake(f"way {i}", "Look.", {work["y_0"]: wrong(work["n"])}) for i, wrong in enumerate(mistakes)
            )

    for name, method in methods.items():
        setattr(Made, name, method)
    entry = Entry("test.fake", Made, {1: "one"}, 1, {}, distractors, "here")
    monkeypatch.setitem(families._ENTRIES, "test.fake", entry)
    return entry


def reasons(entry: Entry) -> Counter[str]:
    """Why draws were refused, with "" for the one that was not."""
    return Counter(reason for _, reason in attempts(entry, CODE))


TWICE, SQUARE, LESS = (lambda n: 2 * n), (lambda n: n * n), (lambda n: n - 1)
TWO = (SQUARE, lambda n: n + 1000)


# --- what is worth asking ---------------------------------------------------------------------------------------------


def test_a_question_that_is_worth_asking_is_drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = fake(monkeypatch, (TWICE, Integer()), mistakes=TWO)
    assert reasons(entry) == {"": 1}
    question = draw(CODE)
    assert question.code == "test.fake/1/k7"
    assert question.source.n == Rng("test.fake/1/k7").integer(1, 100)
    assert [way.name for way in question.mistakes] == ["way 0", "way 1"]


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (lambda n: n - n, Integer(), "an answer is trivial"),
        (lambda n: quantity.stack(n, n, n), Vector(), "an answer is trivial"),
        (lambda n: quantity.matrix([[n, n], [n, n]]), Matrix(), "an answer is trivial"),
        (lambda n: quantity.stack(n - n, 0), Vector(), "an answer is trivial"),
        (lambda n: n / (20 * n), Number(1), "rounding on the way swallows an answer"),  # 0.05 may be 0.1 or 0
        (lambda n: n / 10**9, Number(4), "an answer is trivial"),
        (lambda n: n * 10**14, Integer(), "a number does not fit on a line"),
        (lambda n: n * 10**10, Number(4), "a number does not fit on a line"),
        (lambda n: n / 1234577 / 1234577, Number(), "a number does not fit on a line"),
        (lambda n: quantity.sqrt(n * n + 1), Number(), "ask for decimals"),
        (lambda n: 1 / (n - n), Integer(), "a division by zero"),
    ],
)
def test_what_is_never_worth_asking(monkeypatch: pytest.MonkeyPatch, answer: Answer, kind: Kind, reason: str) -> None:
    fake(monkeypatch, (answer, kind), mistakes=(lambda n: n + 3, lambda n: n + 4))
    with pytest.raises(DrawError) as found:
        draw(CODE)
    said = str(found.value)
    assert said.startswith("test.fake/1/k7: none of 1000 draws was worth asking (mostly: ")
    assert reason in said
    assert said.endswith("; the family's sample should draw other parameters at this level")
    assert found.value.exit_code == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lambda n: quantity.stack(n, n), Vector()),  # a square is no accident
        (lambda n: quantity.stack(n, n, n), Shape()),
        (lambda n: quantity.stack(n, 0, 0), Vector()),
        (lambda n: n * 10**9, Integer()),
        (lambda n: n * 10**6, Number(4)),
        (lambda n: -n / 3, Number()),
    ],
)
def test_what_is_worth_asking(monkeypatch: pytest.MonkeyPatch, answer: Answer, kind: Kind) -> None:
    entry = fake(monkeypatch, (answer, kind), distractors=0)
    assert reasons(entry) == {"": 1}


def test_a_nought_among_several_answers_must_be_what_a_mistake_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing: Answer = lambda n: n - n  # noqa: E731
    entry = fake(monkeypatch, (nothing, Integer()), (TWICE, Integer()), mistakes=TWO)
    assert reasons(entry) == {"": 1}, "a mistake leads elsewhere"
    entry = fake(monkeypatch, (TWICE, Integer()), (nothing, Integer()), mistakes=TWO)
    assert set(reasons(entry)) == {"an answer is trivial"}, "none does"


def test_the_family_may_call_a_draw_degenerate(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = fake(monkeypatch, (TWICE, Integer()), mistakes=TWO, worth_asking=lambda self, work: self.n > 90)
    found = reasons(entry)
    assert found.keys() == {"", "the family calls it degenerate"}
    assert draw(CODE).source.n > 90


def test_a_draw_that_the_family_refuses_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def validate(self: Fake) -> None:
        if self.n < 95:
            raise ParameterError(f"{self.n} is too small")

    entry = fake(monkeypatch, (TWICE, Integer()), mistakes=TWO, validate=validate)
    found = reasons(entry)
    assert found[""] == 1
    assert len(found) > 2
    assert all(reason.endswith("is too small") for reason in found if reason)


def test_a_choice_passes_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = Choice(("a lot", "a little"))
    fake(monkeypatch, (lambda n: frozenset({1}), kind), (TWICE, Integer()), distractors=0)
    assert draw(CODE).parts[0].centre == {1}


# --- mistakes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mistakes", "distractors", "passes"),
    [
        ((SQUARE, LESS), 2, True),
        ((SQUARE, SQUARE), 2, False),  # both lead to one answer
        ((TWICE, SQUARE), 2, False),  # one leads to the right one
        ((TWICE, SQUARE), 1, True),
        ((TWICE, SQUARE, LESS), 2, True),
        ((SQUARE,), 2, True),  # there is no other
        ((), 2, True),
        ((TWICE,), 1, False),
        ((TWICE,), 0, True),
    ],
)
def test_enough_mistakes_lead_elsewhere(
    monkeypatch: pytest.MonkeyPatch, mistakes: tuple[Answer, ...], distractors: int, passes: bool
) -> None:
    entry = fake(
        monkeypatch,
        (TWICE, Integer()),
        mistakes=mistakes,
        distractors=distractors,
        sample=classmethod(lambda cls, rng, level: cls(rng.integer(5, 100))),
    )
    expected = {"": 1} if passes else {"too few mistakes lead to different answers": 1000}
    assert reasons(entry) == expected


def test_what_leads_nowhere_at_all_is_no_mistake_of_the_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    def ways(self: Fake, work: Work) -> tuple[Mistake, ...]:
        n, y = work["n"], work["y_0"]
        return Mistake("nowhere", "Look.", {n: 0}), Mistake("there", "Look.", {y: n**2 + 1})

    entry = fake(monkeypatch, (lambda n: 5040 / n, Number(4)))
    monkeypatch.setattr(entry.cls, "mistakes", ways)
    question = draw(CODE)
    assert [way.name for way in question.mistakes] == ["there"]


def test_a_mistake_that_rounding_could_confuse_with_the_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # n/3 has a tolerance of 0.000084 at most; a tenth of a thousandth off is too near, a thousandth is not.
    third: Answer = lambda n: n / 3  # noqa: E731
    for off, reason in [("0.0001", "a mistake is too near to the right answer"), ("0.001", "")]:
        entry = fake(monkeypatch, (third, Number(4)), mistakes=(lambda n, off=off: n / 3 + rational(off), SQUARE))
        found = reasons(entry)
        assert reason in found
        if reason == "":
            assert found[reason] == 1


def test_no_mistake_lies_within_twice_the_tolerance(monkeypatch: pytest.MonkeyPatch) -> None:
    # The wrong answer wanders over the right one: whatever passes the gate is at least two tolerances away.
    entry = fake(
        monkeypatch,
        (lambda n: n / 7, Number(2)),
        mistakes=(lambda n: n * n / 350, lambda n: n + 50),
    )
    for seed in range(200):
        question = next(q for q, _ in attempts(entry, Code("test.fake", 1, f"{seed}")) if q is not None)
        (part,) = question.parts
        for mistake in part.mistakes:
            assert abs(part.kind.read(mistake.value) - part.centre) > 2 * part.tolerance


def test_a_mistake_near_another_right_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = fake(
        monkeypatch,
        (lambda n: quantity.constant("1/3") * 1, Number(4)),
        mistakes=(lambda n: quantity.constant("0.5001") * 1, SQUARE),
        also=(rational("0.5"),),
    )
    assert set(reasons(entry)) == {"a mistake is too near to the right answer"}


def test_an_exact_answer_has_no_neighbourhood(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = fake(monkeypatch, (TWICE, Integer()), mistakes=(lambda n: 2 * n + 1, lambda n: 2 * n - 1))
    assert reasons(entry) == {"": 1}


# --- streams ----------------------------------------------------------------------------------------------------------


def test_a_code_gives_the_first_good_draw_of_its_own_stream() -> None:
    entry = families.find("optim.adam")
    for seed in range(20):
        code = codes.make(entry, 3, seed)
        tries = list(attempts(entry, code))
        assert all(question is None and reason for question, reason in tries[:-1])
        question, reason = tries[-1]
        assert question is not None
        assert reason == ""
        assert question == draw(code)


def test_a_stream_repeats_and_begins_nowhere_else() -> None:
    entry = families.find("loss.softmax")
    first = take(stream(entry, 2, "seed"), 30)
    assert [q.code for q in take(stream(entry, 2, "seed"), 30)] == [q.code for q in first]
    other = {q.code for q in take(stream(entry, 2, "seee"), 30)}
    assert not other & {q.code for q in first}
    assert len({q.code for q in first}) == 30
    assert all(draw(codes.parse(q.code)) == q for q in first[:3])


@pytest.mark.parametrize(
    ("name", "level"), [(name, level) for name, entry in families.everything().items() for level in entry.levels]
)
def test_samples_keep_to_the_ranges_that_they_declare(name: str, level: int) -> None:
    # Else a question that was drawn could not be read back, or solved again with its own numbers.
    from quizgen import parameters

    entry = families.find(name)
    rng = Rng(f"ranges {name} {level}")
    good = 0
    for _ in range(200):
        try:
            instance = drawing.raw(entry, rng, level)
        except ParameterError:
            continue
        assert parameters.from_python(entry, parameters.to_json(instance)) == instance
        good += 1
    assert good > 20


@pytest.mark.parametrize(
    ("name", "level"), [(name, level) for name, entry in families.everything().items() for level in entry.levels]
)
def test_few_draws_are_in_vain(name: str, level: int) -> None:
    entry = families.find(name)
    tries = Counter(reason for seed in range(40) for _, reason in attempts(entry, codes.make(entry, level, f"v{seed}")))
    assert tries[""] == 40
    assert tries.total() <= 40 * 8, tries


# --- small pieces -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "decimals", "found"),
    [
        ("999999999999", None, False),  # twelve digits
        ("1000000000000", None, True),
        ("-999999999999", None, False),
        ("12345/123457", None, False),
        ("12345/1234567", None, True),
        ("99999999.5", 4, False),  # eight before the point and four after
        ("100000000.5", 4, True),
        ("0.333", 4, False),
    ],
)
def test_too_wide(x: str, decimals: int | None, found: bool) -> None:
    assert too_wide(rational(x), decimals) is found


def test_leaves() -> None:
    assert list(leaves(fmpq(1))) == [1]
    assert list(leaves(((fmpq(1), (fmpq(2), fmpq(3))), (fmpq(4),)))) == [1, 2, 3, 4]


def test_what_a_solver_cannot_work_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def solve(self: Fake) -> Work:
        if self.n % 2:
            raise ExactError("an odd number has no half")
        work = Work(decimals=None)
        work.let("y_0", work.given("n", self.n) / 2)
        return work

    entry = fake(monkeypatch, (TWICE, Integer()), mistakes=(SQUARE, lambda n: n + 7), solve=solve)
    found = reasons(entry)
    assert found.keys() <= {"", "an odd number has no half"}
    assert draw(CODE).source.n % 2 == 0

"""What agrees and what doesn't, kind by kind, and what is said about it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from quizgen.errors import Disagreement, VerifyError
from quizgen.question import Question
from quizgen.verify import verified
from quizgen_solvers.exact import fmpq

CODE = "tests.everything/1/k7q3m9"


def test_every_kind_agrees(asks):
    (question,) = verified([asks()])
    assert question.provenance.agreed == question.provenance.parts == len(question.parts)
    assert 0 < question.provenance.worst < 1e-15
    assert question.provenance.device == "cpu"
    assert question.provenance.torch == torch.__version__.partition("+")[0]


def test_questions_come_back_in_order_with_nothing_else_changed(asks):
    questions = [asks(n, "0.25", f"s{n}") for n in range(1, 8)]
    back = verified(questions)
    assert [question.code for question in back] == [question.code for question in questions]
    assert all(replace(b, provenance=None) == q for b, q in zip(back, questions, strict=True))


def test_a_question_read_from_json_is_checked_too(asks):
    (question,) = verified([asks()])
    (again,) = verified([Question.from_json(question.to_json())])
    assert again.provenance == question.provenance


def test_a_wrong_whole_number(asks, run_gives):
    run_gives(1, lambda entry: [y + 1 for y in entry])
    with pytest.raises(
        Disagreement,
        match=rf"{CODE}, part 1: the solver has 4 and PyTorch .* on cpu has 5 \(whole numbers must be equal\), "
        r"so it is not served; parameters n=3 x=0.3",
    ) as caught:
        verified([asks()])
    assert (caught.value.code, caught.value.part) == (CODE, 1)
    assert caught.value.exit_code == 1


def test_an_integer_is_exact_even_as_a_float(asks, run_gives):
    run_gives(1, lambda entry: torch.tensor(entry, dtype=torch.float64) * (1 + 2.0**-52))
    with pytest.raises(Disagreement, match=r"part 1: the solver has 4 and .* has 4.00000000000000"):
        verified([asks()])


def test_a_wrong_real_number_names_both_values(asks, run_gives):
    run_gives(2, lambda z: z * 2)
    with pytest.raises(Disagreement, match=r"part 2: the solver has 1.4498588075760\d+ and .* has 2.89971761515"):
        verified([asks()])


@pytest.mark.parametrize("relative", [2.0**-52, -(2.0**-52)])
def test_a_difference_of_one_unit_in_the_last_place_passes(asks, run_gives, relative):
    run_gives(2, lambda z: z * (1 + relative))
    assert verified([asks()])[0].provenance.worst < 1e-15


@pytest.mark.parametrize("relative", [1e-12, -1e-12])
@pytest.mark.parametrize("x", ["0.3", "0", "0.99"])
def test_an_error_of_one_in_a_million_million_fails(asks, run_gives, relative, x):
    run_gives(2, lambda z: z * (1 + relative))
    with pytest.raises(Disagreement, match=r"part 2: .*float64 ends within \d.\de-1[56] of the exact value"):
        verified([asks(x=x)])


def test_one_wrong_entry_of_a_matrix_is_placed(asks, run_gives):
    def spoil(a):
        a = a.clone()
        a[:, 1, 0] += 1e-9
        return a

    run_gives(4, spoil)
    with pytest.raises(Disagreement, match=r"part 4, entry \(1, 0\): the solver has 3 and .* has 3.000000001"):
        verified([asks()])


def test_a_transposed_matrix_is_seen(asks, run_gives):
    run_gives(4, lambda a: a.transpose(1, 2))
    with pytest.raises(Disagreement, match=r"part 4, entry \(0, 1\)"):
        verified([asks()])


def test_a_wrong_shape_is_placed(asks, run_gives):
    run_gives(3, lambda shapes: [(n, n) for n, _ in shapes])
    with pytest.raises(Disagreement, match=r"part 3, entry 1: the solver has 6 and .* has 3"):
        verified([asks()])


def test_a_shape_of_another_length(asks, run_gives):
    run_gives(3, lambda shapes: [(*s, 1) for s in shapes])
    with pytest.raises(Disagreement, match=r"part 3: the solver has 2 entries .* has 3 \(the shapes differ\)"):
        verified([asks()])


def test_a_wrong_cell_of_a_table_is_placed(asks, run_gives):
    run_gives(5, lambda tables: [(one, (s, y + 1)) for one, (s, y) in tables])
    with pytest.raises(Disagreement, match=r"part 5, row 2, column 2: the solver has 4 and .* has 5"):
        verified([asks()])


def test_a_table_without_a_row(asks, run_gives):
    run_gives(5, lambda tables: [table[:1] for table in tables])
    with pytest.raises(Disagreement, match=r"part 5: the solver has 2 rows of the table and .* has 1"):
        verified([asks()])


def test_a_wrong_option(asks, run_gives):
    run_gives(6, lambda chosen: [0 for _ in chosen])
    with pytest.raises(Disagreement, match=r"part 6: the solver has options \{1\} and .* has options \{0\}"):
        verified([asks()])


def test_one_right_option_of_several_is_not_enough(asks, run_gives):
    run_gives(7, lambda chosen: [{2} for _ in chosen])
    with pytest.raises(Disagreement, match=r"part 7: the solver has options \{0, 2\} and .* has options \{2\}"):
        verified([asks()])


def test_a_wrong_formula(asks, run_gives):
    run_gives(8, lambda points: [[(point, value + 1e-12)] for [(point, value)] in points])
    with pytest.raises(Disagreement, match=r"part 8, at \{'x': 1/3\}: the solver has 0.7777777777777777"):
        verified([asks()])


def test_a_formula_without_a_point_proves_nothing(asks, run_gives):
    run_gives(8, lambda points: [[] for _ in points])
    with pytest.raises(VerifyError, match="a formula is compared at points"):
        verified([asks()])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_finite_number_never_agrees(asks, run_gives, value):
    run_gives(2, lambda z: z * 0 + value)
    with pytest.raises(Disagreement, match=rf"part 2: .* has {value} \(it is no finite number\)"):
        verified([asks()])
    run_gives(1, lambda y: torch.full((len(y),), value, dtype=torch.float64))
    with pytest.raises(Disagreement, match=rf"part 1: .* has {value}"):
        verified([asks()])


def test_any_accepted_answer_agrees(asks, run_gives):
    question = asks()
    parts = list(question.parts)
    parts[0] = replace(parts[0], also=(fmpq(9),))
    parts[1] = replace(parts[1], also=(fmpq(1, 3),))
    question = replace(question, parts=tuple(parts))
    run_gives(1, lambda y: [9 for _ in y])
    assert verified([question])[0].provenance.agreed == 8
    run_gives(2, lambda z: z * 0 + 1 / 3)
    assert verified([question])[0].provenance.agreed == 8
    run_gives(2, lambda z: z * 0 + 0.3333)
    with pytest.raises(Disagreement, match="part 2"):
        verified([question])


def test_the_exact_value_is_compared_not_its_printed_digits(asks, run_gives):
    printed = float(str(asks().parts[1].answer))
    run_gives(2, lambda z: z * 0 + printed)
    with pytest.raises(Disagreement, match="part 2"):
        verified([asks()])


def test_a_disagreement_is_that_of_the_first_question(asks, run_gives):
    run_gives(1, lambda entry: [y + (y > 5) for y in entry])
    with pytest.raises(Disagreement, match=r"tests.everything/1/s6, part 1"):
        verified([asks(n, "0.5", f"s{n}") for n in (2, 6, 4, 8, 7)])

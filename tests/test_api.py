"""What one calls from Python."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import Any

import pytest

import quizgen
from quizgen import api
from quizgen.errors import BadCode, ParameterError, SolveError, UnknownFamily, UnknownLevel, UsageError


def test_the_public_names_are_complete() -> None:
    public = {"Mistake", "Part", "Question", "QuizgenError", "Rng", "check", "from_code", "generate", "solve"}
    assert set(quizgen.__all__) == public
    assert quizgen.__all__ == sorted(quizgen.__all__)
    for name in public:
        assert getattr(quizgen, name).__name__ == name
        assert inspect.getdoc(getattr(quizgen, name)), f"{name} says what it is"
    assert public <= set(dir(quizgen))


def test_every_function_of_the_api_is_public_or_for_commands() -> None:
    own = {name for name, f in vars(api).items() if inspect.isfunction(f) and f.__module__ == "quizgen.api"}
    assert {name for name in own if not name.startswith("_")} == {
        "generate", "from_code", "solve", "check",
        "solve_parameters",  # for the command, which reads text
    }  # fmt: skip


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'quizgen' has no attribute 'generat'"):
        quizgen.generat  # type: ignore[attr-defined]  # noqa: B018
    assert not hasattr(quizgen, "__path_that_is_none__")


def test_import_costs_nothing() -> None:
    program = (
        "import sys, quizgen; heavy = {'torch', 'sympy', 'numpy', 'flint', 'jinja2', 'rich', 'click', 'math_core'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_drawing_without_a_run_loads_no_torch() -> None:
    program = (
        "import sys, quizgen; q = quizgen.generate('optim.adam', level=3, seed=7, verify=False);"
        "q.check('1', 3); q.solution; q.to_json();"
        "print(sorted({'torch', 'sympy', 'numpy'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_question_is_generated_and_checked() -> None:
    question = quizgen.generate("optim.adam", level=2, seed=7)
    assert question.code == "optim.adam/2/7"
    assert question.provenance is not None
    assert question.provenance.line().startswith("checked: torch ")
    assert question.check(question.parts[0].answer)
    assert question == quizgen.generate("optim.adam", level=2, seed=7)
    assert question == quizgen.generate("optim.adam", level=2, seed="7")
    assert question == quizgen.from_code("optim.adam/2/7")


def test_the_first_level_and_a_fresh_seed_are_taken_unless_given() -> None:
    one, two = (quizgen.generate("loss.softmax", verify=False) for _ in range(2))
    assert (one.level, two.level) == (1, 1)
    assert one.code != two.code
    assert quizgen.from_code(one.code, verify=False) == one


def test_a_run_can_be_left_out() -> None:
    assert quizgen.generate("optim.adam", seed=1, verify=False).provenance is None
    assert quizgen.from_code("optim.adam/1/1", verify=False).provenance is None
    assert quizgen.solve("optim.adam", theta=1, gradients=1, verify=False).provenance is None


def test_ones_own_numbers_are_solved() -> None:
    question = quizgen.solve("conv.output-size", n=227, f=11, p=0, s=4)
    assert question.parts[0].answer == "55"
    assert (question.code, question.level) == ("", 0)
    assert question.provenance is not None
    assert [step.text for step in question.solution]
    # without the gate: an answer of 0 or of many digits is an answer too
    assert quizgen.solve("backprop.scalar-graph", nodes="f=x-y", values=(3, 3)).parts[0].answer == "0"


def test_an_answer_is_checked_by_the_code() -> None:
    question = quizgen.from_code("optim.momentum/1/k7", verify=False)
    assert quizgen.check("optim.momentum/1/k7", question.part(2).answer, part=2)
    mistake = question.part(2).mistakes[0]
    verdict = quizgen.check("optim.momentum/1/k7", mistake.value, 2)
    assert not verdict
    assert mistake.name in [found.name for found in verdict.diagnosed]
    assert mistake.why in str(verdict)


def test_answers_are_carried_forward_by_the_code() -> None:
    # θ₂ = θ₁ - v₂: half a unit more in θ₁ is half a unit more in θ₂.
    question = quizgen.from_code("optim.momentum/1/k7", verify=False)
    first, second = (question.part(n) for n in (1, 2))
    wrong, after = (f"{float(part.centre) + 0.5:.4f}" for part in (first, second))
    assert quizgen.check(question.code, after, 2, {1: wrong}).carried
    assert not quizgen.check(question.code, after, 2)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: quizgen.generate("optim.adan"), UnknownFamily, "did you mean 'optim.adam'"),
        (lambda: quizgen.generate("optim"), UnknownFamily, "is a topic, not a family"),
        (lambda: quizgen.generate("optim.adam", 4), UnknownLevel, "optim.adam has no level 4; its levels are 1, 2, 3"),
        (lambda: quizgen.generate("optim.adam", 1.0), UnknownLevel, "has no level 1.0"),  # type: ignore[arg-type]
        (lambda: quizgen.generate("optim.adam", seed="K7"), BadCode, "'K7' is no seed"),
        (lambda: quizgen.generate("optim.adam", seed=1.5), BadCode, "'1.5' is no seed"),  # type: ignore[arg-type]
        (lambda: quizgen.from_code("optim.adam"), BadCode, "is no question code"),
        (lambda: quizgen.check("optim.adam/2/7/v9", "1"), BadCode, "was made by version 9"),
        (lambda: quizgen.check("optim.adam/2/7", "1", 9), UsageError, "so there is no part 9"),
        (lambda: quizgen.solve("optim.adam"), ParameterError, "optim.adam needs theta=…"),
        (lambda: quizgen.solve("optim.adam", theta=0.5, gradients=1), ParameterError, "theta: numbers are exact here"),
        (lambda: quizgen.solve("optim.adam", theta=1, gradients=[0.1]), ParameterError, "gradients: numbers are exact"),
        (lambda: quizgen.solve("optim.adam", theta=1, gradients=1, betas=1), ParameterError, "no parameter 'betas'"),
        (lambda: quizgen.solve("optim.adam", theta=101, gradients=1), ParameterError, "theta = 101 is out of range"),
        (
            lambda: quizgen.solve("net.parameter-count", sizes=(5, 5, 5), find="width", budget=7),
            SolveError,
            "net.parameter-count: the budget does not pay for a single unit",
        ),
    ],
)
def test_what_goes_wrong_is_an_error_of_ours(call: Any, error: type[quizgen.QuizgenError], message: str) -> None:
    with pytest.raises(error) as found:
        call()
    assert message in str(found.value)
    assert isinstance(found.value, quizgen.QuizgenError)


def test_a_notebook_shows_a_question() -> None:
    page = quizgen.generate("optim.adam", level=2, seed=7)._repr_html_()
    assert "<math" in page
    assert "optim.adam/2/7" in page


def test_the_solvers_are_usable_alone() -> None:
    program = (
        "import sys\nfrom quizgen_solvers import optim\nwork = optim.adam(1, ['0.5'], lr='0.1')\n"
        "print(work.lines[0].symbol, work.lines[0].value, any(name.split('.')[0] == 'quizgen' for name in sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["m_1", "1/20", "False"]

"""What one calls from Python: the names that `quizgen` itself offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quizgen_solvers import ExactError
from quizgen_solvers.arrays import entries
from quizgen_solvers.exact import bits, is_ball

from . import code as codes
from . import family as families
from . import parameters
from .answers.reader import BITS
from .draw import draw
from .errors import SolveError
from .marking import Verdict
from .question import Question, build


def generate(
    family: str, level: int = 1, seed: int | str | None = None, *, verify: bool = True, device: str = "cpu"
) -> Question:
    """A question of a family at a level, checked by a PyTorch run.

    ``seed``: the same seed gives the same question; None draws a new one. Raises `UnknownFamily`, `UnknownLevel`,
    `BadCode` for a seed that is none, and `Disagreement` where PyTorch gets another answer.
    """
    entry = families.find(family)
    return _served(draw(codes.make(entry, level, codes.fresh_seed() if seed is None else seed)), verify, device)


def from_code(code: str, *, verify: bool = True, device: str = "cpu") -> Question:
    """The question that ``code`` names: the same on every machine."""
    return _served(draw(codes.parse(code)), verify, device)


def solve(family: str, *, verify: bool = True, device: str = "cpu", **given: Any) -> Question:
    """A worked solution for one's own numbers, as a question without a code.

    Numbers are integers, rationals or text ("0.9"), never floats. Raises `ParameterError` where one is missing,
    unknown, out of range or impossible, and `SolveError` where the work has no value.
    """
    return solve_parameters(parameters.from_python(families.find(family), given), verify=verify, device=device)


def solve_parameters(instance: Any, *, verify: bool = True, device: str = "cpu") -> Question:
    """The question that a parameter set of a family asks, without the gate of drawing."""
    try:
        question = build(instance)
    except ExactError as problem:
        raise SolveError(f"{families.entry_of(instance).name}: {problem}") from problem
    for line in question.work.lines:
        if any(not is_ball(x) and bits(x) > BITS for x in entries(line.value)):
            raise SolveError(f"{question.family}: {line.symbol} has over 300 digits; give rounder numbers")
    return _served(question, verify, device)


def check(code: str, answer: str, part: int = 1, earlier: Mapping[int, str] | None = None) -> Verdict:
    """Marks an answer to the question of a code; see `Question.check`."""
    return draw(codes.parse(code)).check(answer, part, earlier)


def _served(question: Question, verify: bool, device: str) -> Question:
    if not verify:
        return question
    from .verify import verified

    return verified([question], device=device)[0]

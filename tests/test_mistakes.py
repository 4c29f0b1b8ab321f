"""Mistakes: a line that is replaced gives what the wrong method gives when it is worked from the start."""

from __future__ import annotations

from typing import Any

import pytest

import quizgen
from quizgen import code as codes
from quizgen import family as families
from quizgen.draw import draw
from quizgen_solvers import ExactError, exact, loss, net, optim
from quizgen_solvers.arrays import entries
from quizgen_solvers.exact import fmpq, rounded

CASES = [(name, level) for name, entry in families.everything().items() for level in entry.levels]
SEEDS = [f"way{n}" for n in range(8)]


def drawn(name: str, level: int) -> list[quizgen.Question]:
    return [draw(codes.make(families.find(name), level, seed)) for seed in SEEDS]


def leads_to(question: quizgen.Question, mistake: str) -> tuple[Any, ...] | None:
    """The printed answers of a mistake, None where the question has no such one."""
    return next((way.values for way in question.mistakes if way.name == mistake), None)


def same(a: Any, b: Any) -> bool:
    return all(exact.ball(x).overlaps(exact.ball(y)) for x, y in zip(entries(a), entries(b), strict=True))


@pytest.mark.parametrize(("name", "level"), CASES, ids=[f"{name}-{level}" for name, level in CASES])
def test_where_a_mistake_leads_does_not_depend_on_what_is_asked(name: str, level: int) -> None:
    for question in drawn(name, level)[:3]:
        work = question.work
        lines = [line.quantity for line in work.lines]
        for mistake in question.source.mistakes(work):
            try:
                together = work.rework(mistake.replace, lines)
            except ExactError:
                continue
            backwards = work.rework(mistake.replace, lines[::-1])[::-1]
            for q, one, other in zip(lines, together, backwards, strict=True):
                (alone,) = work.rework(mistake.replace, [q])
                assert same(one, other), (question.code, mistake.name, q.symbol)
                assert same(one, alone), (question.code, mistake.name, q.symbol)


@pytest.mark.parametrize(("name", "level"), CASES, ids=[f"{name}-{level}" for name, level in CASES])
def test_mistakes_leave_the_work_as_it_was(name: str, level: int) -> None:
    for question in drawn(name, level)[:3]:
        fresh = question.source.solve()
        assert question.mistakes
        for worked, line in zip(question.work.lines, fresh.lines, strict=True):
            assert worked.symbol == line.symbol
            assert same(worked.value, line.value)


# --- worked from the start --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [1, 2, 3])
def test_adam_with_the_betas_swapped_is_adam_with_other_betas(level: int) -> None:
    for question in drawn("optim.adam", level):
        q = question.source
        again = optim.adam(
            q.theta, q.gradients, lr=q.lr, beta1=q.beta2, beta2=q.beta1, eps=q.eps, m=q.m, v=q.v, t=q.t,
            bias_correction=q.bias_correction,
        )  # fmt: skip
        last = q.t + len(q.gradients)
        expected = tuple(rounded(again[f"{name}_{last}"].value, 4) for name in ("m", "v", r"\theta"))
        assert leads_to(question, "betas swapped") == expected


@pytest.mark.parametrize("level", [1, 2, 3])
def test_adam_without_bias_correction_is_the_other_convention(level: int) -> None:
    seen = 0
    for question in drawn("optim.adam", level):
        q = question.source
        found = leads_to(question, "no bias correction")
        assert (found is not None) is q.bias_correction
        if found is None:
            continue
        again = optim.adam(
            q.theta, q.gradients, lr=q.lr, beta1=q.beta1, beta2=q.beta2, eps=q.eps, m=q.m, v=q.v, t=q.t,
            bias_correction=False,
        )  # fmt: skip
        assert found[2] == rounded(again[rf"\theta_{q.t + len(q.gradients)}"].value, 4)
        seen += 1
    assert seen


def test_adam_that_counts_from_0_is_adam_a_step_later() -> None:
    # With moments given, t off by one is the same step made one later.
    for question in drawn("optim.adam", 2):
        q = question.source
        if not q.bias_correction:
            continue
        again = optim.adam(
            q.theta, q.gradients, lr=q.lr, beta1=q.beta1, beta2=q.beta2, eps=q.eps, m=q.m, v=q.v, t=q.t + 1
        )
        found = leads_to(question, "t off by one")
        assert found is not None
        assert found[2] == rounded(again[rf"\theta_{q.t + 2}"].value, 4)


@pytest.mark.parametrize("level", [1, 2, 3])
def test_momentum_uphill_is_descent_along_the_other_gradients(level: int) -> None:
    # Only from rest: turn every gradient around, and the parameter goes the other way.
    for question in drawn("optim.momentum", level):
        q = question.source
        again = optim.momentum(
            q.theta, [-g for g in q.gradients], convention=q.convention, lr=q.lr, gamma=q.gamma, v=-q.v
        )
        found = leads_to(question, "uphill")
        assert found is not None
        assert found[:-1] == tuple(rounded(again[rf"\theta_{t}"].value, 4) for t in range(1, len(q.gradients) + 1))


@pytest.mark.parametrize("level", [2, 3])
def test_softmax_with_the_temperature_on_the_wrong_side(level: int) -> None:
    for question in drawn("loss.softmax", level):
        q = question.source
        for name, temperature in (("temperature multiplied", 1 / q.temperature), ("temperature left out", fmpq(1))):
            again = loss.softmax(q.logits, temperature, q.shift)
            found = leads_to(question, name)
            assert found is not None
            assert found[0] == tuple(rounded(x, 4) for x in again["p"].value.items)


@pytest.mark.parametrize("level", [1, 2])
def test_counts_without_biases(level: int) -> None:
    for question in drawn("net.parameter-count", level):
        found = leads_to(question, "bias forgotten")
        assert found is not None
        again = net.parameter_count(question.source.sizes, bias=False)
        assert found == tuple(again[name].value for name in ("W", "B", "P"))


def test_samples_the_other_way_are_the_other_layout() -> None:
    for question in drawn("net.shapes", 2):
        q = question.source
        other = net.shapes(q.sizes, q.batch, "rows" if q.layout == "columns" else "columns")
        found = leads_to(question, "samples the other way")
        assert found is not None
        for name, (shape,) in zip(q.names, found[0], strict=True):
            if name[0] in "ZA":
                assert shape == other[net.shape_symbol(name)].value.nested()


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_graph_without_gates_is_the_graph_without_relu(level: int) -> None:
    # Forward the values stay; backward, ReLU passes everything: where it was open, nothing changes.
    for question in drawn("backprop.scalar-graph", level):
        found = leads_to(question, "gate of ReLU ignored")
        relus = [node for node in question.source.graph.nodes if node.op == "relu"]
        assert (found is not None) is bool(relus)
        if relus and all(question.work[node.name].value > 0 for node in relus):
            assert found == tuple(part.centre for part in question.parts)

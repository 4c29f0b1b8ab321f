"""What tracing costs: the same solver code on traced quantities and on bare exact numbers, in one run.

    python benchmarks/tracing.py

The bare run does the same arithmetic on integers, rationals and balls and remembers nothing.
"""

from __future__ import annotations

import operator
import sys
import timeit
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "solvers"))

from quizgen_solvers import arrays, exact, quantity
from quizgen_solvers.exact import rational
from quizgen_solvers.work import Work

REACH = 2.0


class Bare:
    """A work that remembers nothing: what is given and what is let are plain numbers."""

    def given(self, symbol: str, value: Any, about: str = "") -> Any:
        return quantity.value_of(value)

    def let(self, symbol: str, expression: Any, why: str = "", decimals: int | None = -1) -> Any:
        return expression


TRACED = SimpleNamespace(
    sqrt=quantity.sqrt, matmul=operator.matmul, cross_correlate=quantity.cross_correlate, total=quantity.total
)
BARE = SimpleNamespace(
    sqrt=exact.square_root, matmul=arrays.matmul, cross_correlate=arrays.cross_correlate, total=arrays.total
)


def adam(work: Any, o: Any, d: dict[str, Any]) -> Any:
    theta, alpha = work.given(r"\theta_0", d["theta"]), work.given(r"\alpha", d["alpha"])
    eps = work.given(r"\epsilon", d["eps"])
    b1, b2 = work.given(r"\beta_1", d["b1"]), work.given(r"\beta_2", d["b2"])
    m, v, g = work.given("m_0", d["m"]), work.given("v_0", d["v"]), work.given("g_1", d["g"])
    m = work.let("m_1", b1 * m + (1 - b1) * g)
    v = work.let("v_1", b2 * v + (1 - b2) * g * g)
    m_hat = work.let(r"\hat m_1", m / (1 - b1))
    v_hat = work.let(r"\hat v_1", v / (1 - b2))
    return work.let(r"\theta_1", theta - alpha * m_hat / (o.sqrt(v_hat) + eps))


def momentum(work: Any, o: Any, d: dict[str, Any]) -> Any:
    w, lr, mu = work.given("w_0", d["theta"]), work.given(r"\eta", d["alpha"]), work.given(r"\mu", d["b1"])
    v = work.given("v_0", d["v"])
    for t in (1, 2, 3):
        g = work.given(f"g_{t}", d["g"])
        v = work.let(f"v_{t}", mu * v + g)
        w = work.let(f"w_{t}", w - lr * v)
    return w


def convolution(work: Any, o: Any, d: dict[str, Any]) -> Any:
    k, b, x = work.given("K", d["kernel"]), work.given("b", d["b1"]), work.given("X", d["image"])
    return work.let("Y", o.cross_correlate(x, k, 1, 1) + b)


def matrix_product(work: Any, o: Any, d: dict[str, Any]) -> Any:
    a, b, c = work.given("A", d["kernel"]), work.given("B", d["kernel"]), work.given("C", d["kernel"])
    return work.let("L", o.total(work.let("Y", o.matmul(a, b) + c)))


CASES: dict[str, Callable[[Any, Any, dict[str, Any]], Any]] = {
    "Adam step": adam,
    "three momentum steps": momentum,
    "convolution 5x5 * 3x3": convolution,
    "matrix product 3x3": matrix_product,
}


def data() -> dict[str, Any]:
    scalars = {"theta": "1", "alpha": "0.1", "eps": "1e-8", "b1": "0.9", "b2": "0.999"}
    scalars |= {"m": "0.1", "v": "0.2", "g": "0.5"}
    made: dict[str, Any] = {name: rational(text) for name, text in scalars.items()}
    made["image"] = arrays.Array.of([[(3 * i + 5 * j) % 7 - 2 for j in range(5)] for i in range(5)])
    made["kernel"] = arrays.Array.of([[1, 0, -1], [2, 1, 0], [0, -1, 1]])
    return made


def microseconds(run: Callable[..., Any], *arguments: Any) -> float:
    return min(timeit.repeat(partial(run, *arguments), number=2000, repeat=9)) / 2000 * 1e6


def traced_once(case: Callable[..., Any], d: dict[str, Any]) -> Any:
    return case(Work(), TRACED, d)


def bare_once(case: Callable[..., Any], d: dict[str, Any]) -> Any:
    return case(Bare(), BARE, d)


def changed(work: Work) -> dict[Any, Any]:
    """The first thing given is halved, so that nearly all is worked again."""
    first = work.givens[0].quantity
    return {first: first.value / 2 if not first.shape else first.value * rational("0.5")}


def main() -> int:
    d = data()
    ratios = []
    print(f"{'':26}{'bare µs':>9}{'traced µs':>11}{'ratio':>7}{'reworked µs':>13}{'reach µs':>10}")
    for name, case in CASES.items():
        bare, traced = microseconds(bare_once, case, d), microseconds(traced_once, case, d)
        work = Work()
        last = case(work, TRACED, d)
        again = microseconds(work.rework, changed(work), [last])
        reach = microseconds(work.reach, [last])
        ratios.append(traced / bare)
        print(f"{name:26}{bare:9.1f}{traced:11.1f}{traced / bare:7.2f}{again:13.1f}{reach:10.1f}")
    print(f"median {median(ratios):.2f}, worst {max(ratios):.2f}; to reach: {REACH:.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The output size of a convolution, and what gives a wanted one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

from ..exact import ExactError
from ..quantity import Quantity, ceil, floor, stack
from ..work import Work, Wrong
from .axes import AXES, NAMES, OUTPUT, given_axes, out_symbol, span_symbol, spans

Unknown = Literal["p", "s", "f", "n"]
"""What an inverse question asks for."""


def positions(size: Any, span: Any, padding: Any, stride: Any) -> Quantity:
    """⌊(n + 2p − f) / s⌋ + 1, for a kernel that spans f: how many places it takes."""
    return floor((size + 2 * padding - span) / stride) + 1


def output_size(n: Any, f: Any, p: Any = 0, s: Any = 1, d: Any = 1) -> Work:
    """The size of a convolution's output: ⌊(n + 2p − d(f − 1) − 1) / s⌋ + 1 along each axis.

    ``n`` input size, ``f`` kernel size (numbers, or pairs of height and width), ``p`` padding on each side, ``s``
    stride, ``d`` dilation, in pixels. The answer is the last line. With dilation what the kernel spans is a line of
    its own. Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, relationships
    6 and 15.
    """
    work = Work(decimals=None)
    given = given_axes(work, n, f)
    padding, stride = work.given("p", p), work.given("s", s)
    outs = []
    for axis, size, span in spans(work, given, d):
        if size.value + 2 * padding.value < span.value:
            raise ExactError("the kernel is larger than the padded input")
        outs.append(work.let(out_symbol(axis), positions(size, span, padding, stride), "places that the kernel takes"))
    if len(outs) > 1:
        work.let(OUTPUT, stack(*outs), "height and width")
    return work


def inverse_size(unknown: Unknown, n: int, f: int, p: int, s: int, d: int, n_out: int) -> Work:
    """What gives ``n_out``: the least padding, the largest stride or kernel, or the input that is covered exactly.

    The formula of `output_size` turned round; the argument named by ``unknown`` is not used. A kernel is asked for
    only without dilation. The last line is the check: the answer put back into the formula.
    """
    work = Work(decimals=None)
    values = {"n": n, "f": f, "p": p, "s": s, "d": d}
    known = {x: work.given(x, value) for x, value in values.items() if x != unknown and (x, d) != ("d", 1)}
    target = work.given(out_symbol(), n_out)
    if "f" in known:
        known["span"] = known["f"]
        if d != 1:
            known["span"] = work.let(span_symbol(), known["d"] * (known["f"] - 1) + 1, "what the dilated kernel spans")
    if unknown == "p":
        found = ceil((known["s"] * (target - 1) + known["span"] - known["n"]) / 2)
        known["p"] = work.let("p", found, "the least padding that makes room")
    elif unknown == "s":
        found = floor((known["n"] + 2 * known["p"] - known["span"]) / (target - 1))
        known["s"] = work.let("s", found, "the largest stride that still fits so many places")
    elif unknown == "f":
        found = known["n"] + 2 * known["p"] - known["s"] * (target - 1)
        known["f"] = known["span"] = work.let("f", found, "the largest kernel that still fits so many places")
    else:
        found = known["s"] * (target - 1) + known["span"] - 2 * known["p"]
        known["n"] = work.let("n", found, "the input that is covered with no pixel left over")
    check = positions(known["n"], known["span"], known["p"], known["s"])
    work.let(out_symbol(), check, "the check: put back into the formula")
    return work


def sizes_that_give(n_out: int, unknown: Unknown, n: int, f: int, p: int, s: int, d: int) -> range:
    """Every value of ``unknown`` that gives ``n_out``; of the input, the one that is covered with nothing left over.

    The rounding down of `output_size` leaves a remainder of 0 to s - 1, which is what makes the ranges.
    """
    steps, span, padded = s * (n_out - 1), d * (f - 1) + 1, n + 2 * p
    if unknown == "p":
        return range(max(0, (steps + span - n + 1) // 2), (steps + s - 1 + span - n) // 2 + 1)
    if unknown == "s":
        return range((padded - span) // n_out + 1, (padded - span) // max(1, n_out - 1) + 1)
    if unknown == "f":
        return range(max(1, padded - steps - s + 1), padded - steps + 1)
    return range(steps + span - 2 * p, steps + span - 2 * p + 1)


def size_mistakes(work: Work, unknown: Unknown | Literal["size"]) -> Iterator[Wrong]:
    """The wrong turns of `output_size` and `inverse_size`."""
    names = {line.symbol: line.quantity for line in (*work.lines, *work.givens)}  # n_out: the given one, if it is given
    no_dilation = {names[span_symbol(a)]: names[f] for a, (_, f) in NAMES.items() if span_symbol(a) in names}
    if no_dilation:
        yield "dilation ignored", "A dilated kernel spans $d(f - 1) + 1$ pixels.", no_dilation
    if unknown != "size":
        yield from _inverse_mistakes(names, unknown)
        return

    def everywhere(method: Callable[..., Quantity]) -> dict[Quantity, Any]:
        made = {}
        for axis in AXES if "h" in names else ("",):
            size, kernel = (names[x] for x in NAMES[axis])
            made[names[out_symbol(axis)]] = method(size, names.get(span_symbol(axis), kernel), names["p"], names["s"])
        return made

    up = everywhere(lambda n, f, p, s: ceil((n + 2 * p - f) / s) + 1)
    once = everywhere(lambda n, f, p, s: floor((n + p - f) / s) + 1)
    steps = everywhere(lambda n, f, p, s: floor((n + 2 * p - f) / s))
    yield "rounded up", "A kernel that does not fit any more is left out: round down.", up
    yield "padding on one side", "Padding is added on both sides, so it counts twice.", once
    yield "no + 1", "The first position of the kernel counts too: add 1.", steps


def _inverse_mistakes(names: dict[str, Quantity], unknown: Unknown) -> Iterator[Wrong]:
    answer, steps = names[unknown], names[out_symbol()] - 1
    forgotten, once = "The first place takes no step: there is one step fewer than places.", "Padding is on both sides."
    if unknown == "p":
        n, s, span = names["n"], names["s"], names.get(span_symbol(), names["f"])
        yield "steps for places", forgotten, {answer: ceil((s * (steps + 1) + span - n) / 2)}
        yield "padding on one side", once, {answer: s * steps + span - n}
        down = floor((s * steps + span - n) / 2)
        yield "rounded down", "Half a pixel less would not make room: round up.", {answer: down}
    elif unknown == "s":
        n, p, span = names["n"], names["p"], names.get(span_symbol(), names["f"])
        yield "steps for places", forgotten, {answer: floor((n + 2 * p - span) / (steps + 1))}
        yield "padding on one side", once, {answer: floor((n + p - span) / steps)}
        up = ceil((n + 2 * p - span) / steps)
        yield "rounded up", "A larger stride loses the last place: round down.", {answer: up}
    elif unknown == "f":
        n, p, s = names["n"], names["p"], names["s"]
        yield "steps for places", forgotten, {answer: n + 2 * p - s * (steps + 1)}
        yield "padding on one side", once, {answer: n + p - s * steps}
    else:
        p, s, span = names["p"], names["s"], names.get(span_symbol(), names["f"])
        yield "steps for places", forgotten, {answer: s * (steps + 1) + span - 2 * p}
        yield "padding on one side", once, {answer: s * steps + span - p}
        yield "padding added", "The padding is not part of the input: take it away.", {answer: s * steps + span + 2 * p}

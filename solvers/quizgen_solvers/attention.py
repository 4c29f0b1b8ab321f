"""Attention by hand: scores, weights and output of a few tokens, and the shapes on the way. Tokens are rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .exact import ExactError
from .net import shape_symbol
from .quantity import Quantity, causal_mask, concat, constant, softmax, sqrt, stack
from .work import Work, Wrong, indexed

DECIMALS = 6
"""To how many decimals the lines of these solutions are carried."""

Rows = Sequence[Sequence[Any]]


def names(symbol: str, heads: int) -> list[str]:
    """What a matrix of each head is called: Q for one head, Q_1 and Q_2 for two."""
    return [symbol] if heads == 1 else [indexed(symbol, i) for i in range(1, heads + 1)]


def split(rows: Rows, heads: int) -> list[list[list[Any]]]:
    """The columns of a matrix in equal shares, one for each head."""
    wide = len(rows[0]) // heads if rows else 0
    return [[list(row[i * wide : (i + 1) * wide]) for row in rows] for i in range(heads)]


def scores(Q: Rows, K: Rows, V: Rows, W_o: Rows = (), heads: int = 1, causal: bool = False) -> Work:
    """Scaled dot-product attention: S = Q Kᵀ / √d_k, A = softmax of each row of S, Z = A V.

    ``Q`` is (n, heads·d_k), ``K`` (m, heads·d_k) and ``V`` (m, heads·d_v), a row for each token. With several heads
    each takes its share of the columns, the outputs ``H_i`` of the heads stand side by side in ``C``, and Z = C W_o
    with ``W_o`` of (heads·d_v, d_model). With ``causal`` the scores of later keys become minus infinity before softmax,
    in ``M``. Source: Vaswani and others, "Attention Is All You Need", 2017, sections 3.2.1 to 3.2.3.
    """
    work = Work(DECIMALS)
    tokens = [
        [work.given(name, x) for name, x in zip(called, shares, strict=True)]
        for called, shares in zip(
            zip(*(names(x, heads) for x in "QKV"), strict=True),
            zip(*(split(x, heads) for x in (Q, K, V)), strict=True),
            strict=True,
        )
    ]
    width = work.given("d_k", tokens[0][0].shape[1], "columns of a query and of a key")
    called = zip(*(names(x, heads) for x in ("S", "M", "A", "Z" if heads == 1 else "H")), strict=True)
    outputs = []
    for i, ((q, k, v), (s, m, a, z)) in enumerate(zip(tokens, called, strict=True), 1):
        if heads > 1:
            work.heading(f"Head {i}")
        seen = work.let(s, q @ k.T / sqrt(width), "a row of scores for each query, scaled")
        if causal:
            seen = work.let(m, causal_mask(seen), "no query sees a later key")
        weights = work.let(a, softmax(seen, axis=1), "softmax along each row: the weights of a query add up to 1")
        outputs.append(work.let(z, weights @ v, "each row is a weighted mean of the values"))
    if heads > 1:
        mix = work.given("W_o", W_o, "a row for each column of the heads")
        work.heading("The heads together")
        work.let("Z", work.let("C", concat(*outputs), "the heads side by side") @ mix, "mixed by the output matrix")
    return work


def score_mistakes(work: Work, heads: int, causal: bool) -> Iterator[Wrong]:
    """The wrong turns of `scores`."""
    d_k = work["d_k"]
    every = [
        {x: work[name] for x, name in zip("QKSA", row, strict=True)}
        for row in zip(*(names(x, heads) for x in "QKSA"), strict=True)
    ]
    seen = [work[name] for name in names("M" if causal else "S", heads)]
    raw = {h["S"]: h["Q"] @ h["K"].T for h in every}
    yield "no scaling", r"Divide the scores by $\sqrt{d_k}$ before softmax.", raw
    if heads > 1:
        whole = "The width under the root is that of one head."
        yield "scaled by the whole width", whole, {s: products / sqrt(heads * d_k) for s, products in raw.items()}
    else:
        root = "The scores are divided by the root of $d_k$, not by $d_k$ itself."
        yield "divided by d_k", root, {s: products / d_k for s, products in raw.items()}
    columns = "Softmax goes along each row, so that the weights of a query add up to 1."
    yield "softmax over columns", columns, {h["A"]: softmax(x, axis=0) for h, x in zip(every, seen, strict=True)}
    if causal:
        open_eyed = {h["A"]: softmax(h["S"], axis=1) for h in every}
        yield "mask forgotten", r"A query sees no later key: those scores become $-\infty$.", open_eyed
        shape = every[0]["S"].shape
        lower = constant([[int(j <= i) for j in range(shape[1])] for i in range(shape[0])])
        late = "Mask before softmax, else the weights that are left don't add up to 1."
        yield "mask after softmax", late, {a: weights * lower for a, weights in open_eyed.items()}


def shapes(n: int, d: int, m: int = 0, d_k: int = 0, d_v: int = 0, heads: int = 1, batch: int = 0) -> Work:
    """The shapes of Q, K, V, the scores S and the output Z of attention, tokens being rows.

    ``n`` tokens of width ``d`` ask. In cross-attention they ask ``m`` other ones, in self-attention (``m`` 0) one
    another. With several heads Q, K, V and S have the heads first, C is their outputs side by side, and ``W_o`` of
    (heads·d_v, d) mixes them. Without ``d_k`` the heads share the width evenly; without ``d_v`` it is ``d_k``. A
    ``batch`` comes before all of it, but not before ``W_o``. Lines are named ``shape_symbol("Q")`` and so on.
    Source: Vaswani and others, "Attention Is All You Need", 2017, section 3.2.2.
    """
    work = Work(decimals=None)
    if not d_k and d % heads:
        raise ExactError(f"{heads} heads can't share a width of {d} evenly: give d_k")
    queries = work.given("n", n, "tokens that ask")
    keys = work.given("m", m, "tokens that are asked") if m else queries
    width = work.given("d", d, "width of a token")
    first = [work.given("B", batch, "sequences in the batch")] if batch else []
    many = [work.given("h", heads, "heads")] if heads > 1 else []
    if d_k:
        key = work.given("d_k", d_k, "width of a query and of a key in a head")
    else:
        key = work.let("d_k", width / many[0] if many else width, "the width, shared evenly by the heads")
    value = work.given("d_v", d_v, "width of a value in a head") if d_v else key
    every = [*first, *many]
    for name, tokens, wide in (("Q", queries, key), ("K", keys, key), ("V", keys, value)):
        work.let(shape_symbol(name), stack(*every, tokens, wide), "a row for every token")
    work.let(shape_symbol("S"), stack(*every, queries, keys), "the widths meet and go: a score for each query and key")
    if not many:
        work.let(shape_symbol("Z"), stack(*first, queries, value), "a weighted mean of the values for each query")
        return work
    joined = many[0] * value
    work.let(shape_symbol("C"), stack(*first, queries, joined), "the outputs of the heads side by side")
    work.let(shape_symbol("W_o"), stack(joined, width), "from the heads back to the width; no batch, no heads")
    work.let(shape_symbol("Z"), stack(*first, queries, width), "as wide as what came in, a row for each query")
    return work


def shape_mistakes(work: Work) -> Iterator[Wrong]:
    """The wrong turns of `shapes`."""
    n, width, key = work["n"], work["d"], work["d_k"]
    m = work["m"] if work.has("m") else n
    value = work["d_v"] if work.has("d_v") else key
    first = [work["B"]] if work.has("B") else []
    many = [work["h"]] if work.has("h") else []

    def of(**wrong: Quantity) -> dict[Quantity, Any]:
        return {work[shape_symbol(name)]: shape for name, shape in wrong.items()}

    if m is not n:
        yield "decoder length for keys", "Keys and values come from the tokens that are asked.", {m: n}
        turned = of(S=stack(*first, *many, m, n))
        yield "scores turned round", "A row of scores belongs to a query, a column to a key.", turned
    inner = of(S=stack(*first, *many, n, key))
    yield "inner size kept", r"In $Q K^\top$ the widths meet and go; queries and keys are left.", inner
    if key.op is not None:
        yield "width not shared", "Each head has only its share of the width.", {key: width}
    else:
        plain = {key: width} if value is key else {key: width, value: width}
        yield "not projected", "$W_q$, $W_k$ and $W_v$ bring the tokens to widths $d_k$ and $d_v$.", plain
    if value is not key:
        yield "d_k for d_v", "The values, and what is made of them, are $d_v$ wide.", {value: key}
    if not many:
        return
    one = of(Q=stack(*first, n, key), K=stack(*first, m, key), V=stack(*first, m, value), S=stack(*first, n, m))
    yield "heads forgotten", "Every head has queries, keys, values and scores of its own.", one
    alone = of(C=stack(*first, n, value), W_o=stack(value, width))
    yield "concat forgotten", "The outputs of all heads stand side by side before $W_o$.", alone
    long = stack(*first, many[0] * n, value)
    stacked = of(C=long, W_o=stack(value, width), Z=stack(*first, many[0] * n, width))
    yield "joined along the tokens", "Heads are set side by side: the tokens stay, the widths add up.", stacked
    yield (
        "output matrix turned",
        "In $C W_o$ the matrix has as many rows as $C$ is wide.",
        of(W_o=stack(width, many[0] * value)),
    )
    if first:
        each = of(W_o=stack(*first, many[0] * value, width))
        yield "batch in the weights", "All sequences of a batch share the weights.", each

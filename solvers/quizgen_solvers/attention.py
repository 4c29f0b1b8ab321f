"""Attention by hand: scores, weights and output of a few tokens, and the shapes on the way. Tokens are rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .quantity import causal_mask, concat, constant, softmax, sqrt
from .work import Work, Wrong

DECIMALS = 6
"""To how many decimals the lines of these solutions are carried."""

Rows = Sequence[Sequence[Any]]


def names(symbol: str, heads: int) -> list[str]:
    """What a matrix of each head is called: Q for one head, Q_1 and Q_2 for two."""
    return [symbol] if heads == 1 else [f"{symbol}_{i}" for i in range(1, heads + 1)]


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
    yield "no scaling", "Divide the scores by √d_k before softmax.", raw
    if heads > 1:
        whole = "The width under the root is that of one head."
        yield "scaled by the whole width", whole, {s: products / sqrt(heads * d_k) for s, products in raw.items()}
    else:
        root = "The scores are divided by the root of d_k, not by d_k."
        yield "divided by d_k", root, {s: products / d_k for s, products in raw.items()}
    columns = "Softmax goes along each row, so that the weights of a query add up to 1."
    yield "softmax over columns", columns, {h["A"]: softmax(x, axis=0) for h, x in zip(every, seen, strict=True)}
    if causal:
        open_eyed = {h["A"]: softmax(h["S"], axis=1) for h in every}
        yield "mask forgotten", "A query sees no later key: those scores become -∞.", open_eyed
        shape = every[0]["S"].shape
        lower = constant([[int(j <= i) for j in range(shape[1])] for i in range(shape[0])])
        late = "Mask before softmax, else the weights that are left don't add up to 1."
        yield "mask after softmax", late, {a: weights * lower for a, weights in open_eyed.items()}

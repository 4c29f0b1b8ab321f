"""How wide a LaTeX formula comes out, in characters, near enough to decide where a line is broken."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[^\\\s]")
_TALL = re.compile(r"\\(?:[dt]?frac|begin|sum|left)\b")
_WIDE = {"=", "+", "-", r"\approx", r"\cdot", r"\odot", r"\star"}  # with the space around them
_NOTHING = {
    *(r"\left", r"\right", r"\text", r"\mathrm", r"\operatorname", r"\mathbf", r"\hat", r"\bar", r"\tilde"),
    *(r"\,", r"\!", r"\ ", "{", "}"),
}
_NAMES = {r"\exp", r"\ln", r"\tanh", r"\max", r"\min"}


def is_tall(latex: str) -> bool:
    """Whether brackets around ``latex`` have to grow."""
    return _TALL.search(latex) is not None


def visible(latex: str) -> float:
    """About how many characters wide ``latex`` is when it is set."""
    return _Measure(_TOKEN.findall(latex)).run(None)


class _Measure:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def run(self, stop: str | None) -> float:
        total = 0.0
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token == stop:
                break
            total += self.one(token)
        return total

    def argument(self) -> float:
        if self.at >= len(self.tokens):
            return 0
        token = self.tokens[self.at]
        self.at += 1
        return self.one(token)

    def one(self, token: str) -> float:
        if token == "{":
            return self.run("}")
        if token in "_^":
            return 0.7 * self.argument()
        if token.endswith("frac"):
            return max(self.argument(), self.argument())
        if token == r"\begin":
            return self.table()
        if token in _NOTHING:
            return 0
        if token in _NAMES:
            return len(token) - 1
        return 2.5 if token in _WIDE else 1

    def table(self) -> float:
        self.argument()  # the name of the environment
        widest: list[float] = []
        column, cell = 0, 0.0
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token in ("&", r"\\", r"\end"):
                widest += [0.0] * (column + 1 - len(widest))
                widest[column] = max(widest[column], cell)
                column, cell = (column + 1 if token == "&" else 0), 0.0
                if token == r"\end":
                    self.argument()
                    break
            else:
                cell += self.one(token)
        return sum(widest) + 2 * len(widest)

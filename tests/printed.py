"""A small reader of printed formulas, so that tests can work out what a page says.

It reads the Unicode line and the LaTeX rows of scalar formulas into the same tokens and evaluates them with mpmath.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import mpmath

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
FUNCTIONS = {
    "exp": mpmath.exp,
    "ln": mpmath.log,
    "tanh": mpmath.tanh,
    "σ": lambda x: 1 / (1 + mpmath.exp(-x)),
    "ReLU": lambda x: max(x, mpmath.mpf(0)),
    "ReLU′": lambda x: mpmath.mpf(1 if x > 0 else 0),
    "max": max,
    "min": min,
}
NUMBER = r"\d[\d\u202f]*(?:\.\d+)?"
OPENING, CLOSING = {"(": ")", "⌊": "⌋", "⌈": "⌉", "⟨": "⟩"}, {")", "⌋", "⌉", "⟩"}


def from_latex(latex: str) -> str:
    """LaTeX as the Unicode notation; ``|…|`` becomes ``⟨…⟩``, so that it opens and closes."""
    latex = re.sub(r"\\quad \{\}|\\left|\\right", "", latex)
    for command, character in [
        (r"\\lfloor ?", "⌊"),
        (r" ?\\rfloor", "⌋"),
        (r"\\lceil ?", "⌈"),
        (r" ?\\rceil", "⌉"),
        (r"\\lvert ?", "⟨"),
        (r" ?\\rvert", "⟩"),
        (r"\\cdot", "·"),
        (r"\\approx", "≈"),
        (r"\\operatorname\{ReLU\}'", "ReLU′"),
        (r"\\operatorname\{ReLU\}", "ReLU"),
        (r"\\sigma\b", "σ"),
        (r"\\(exp|ln|tanh|max|min)", r"\1"),
        (r"(?<=\d)\\,(?=\d)", "\u202f"),
        (r"\\, ", ""),
    ]:
        latex = re.sub(command, character, latex)
    latex = latex.replace("-", "−")
    while found := re.search(r"\\(frac|sqrt)\{|(?<![_A-Za-z}])(e?)\^\{|\^\{", latex):
        start = found.end() - 1
        first, end = braces(latex, start)
        if found[0].startswith(r"\frac"):
            second, end = braces(latex, end)
            new = f"(({first})/({second}))"
        elif found[0].startswith(r"\sqrt"):
            new = f"√({first})"
        elif found[2]:
            new = f"exp({first})"
        else:
            new = f"^({first})"
        latex = latex[: found.start()] + new + latex[end:]
    return latex


def braces(text: str, start: int) -> tuple[str, int]:
    """What stands between the brace at ``start`` and its partner, and where it goes on."""
    assert text[start] == "{", text[start:]
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] == "{") - (text[i] == "}")
        if not depth:
            return text[start + 1 : i], i + 1
    raise AssertionError(f"a brace is open: {text}")


def from_unicode(text: str) -> str:
    """Absolute values opened and closed, scripts of digits as powers."""
    out = ""
    for i, c in enumerate(text):
        if c == "|":
            before = text[:i].rstrip()
            opens = not before or before[-1] in "=≈+−·/(,^√⌊⌈" or (before[-1] == "|" and out.rstrip()[-1] == "⟨")
            out += "⟨" if opens else "⟩"
        else:
            out += c
    return re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda m: f"^({m[0].translate(SUPERSCRIPTS).replace('-', '−')})", out)


class Reader:
    """Sums of products of powers; two things beside each other are multiplied."""

    def __init__(self, text: str, names: Mapping[str, Any]) -> None:
        self.names = names
        known = "|".join(re.escape(n) for n in sorted([*names, *FUNCTIONS], key=len, reverse=True))
        pattern = rf"\s*(?:({known})|({NUMBER})|(.))" if known else rf"\s*(?:(\b\B)|({NUMBER})|(.))"
        self.tokens = [m.group(1) or m.group(2) or m.group(3) for m in re.finditer(pattern, text.strip(), re.DOTALL)]
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.peek()
        assert token == (wanted or token) != "", f"{wanted or 'something'} expected at {self.tokens[self.at :]}"
        self.at += 1
        return token

    def all(self) -> Any:
        value = self.sum()
        assert not self.peek(), f"left over: {self.tokens[self.at :]}"
        return value

    def sum(self) -> Any:
        value = -self.product() if self.peek() == "−" and self.take() else self.product()
        while self.peek() in ("+", "−"):
            value = value + self.product() if self.take() == "+" else value - self.product()
        return value

    def product(self) -> Any:
        value = self.power()
        while True:
            token = self.peek()
            if token == "·":
                self.take()
                value *= self.power()
            elif token == "/":
                self.take()
                value /= self.power()
            elif token and token not in "+−,=≈^" and token not in CLOSING:
                assert not re.match(r"\d", token), f"a number after a factor without a dot: {self.tokens}"
                value *= self.power()
            else:
                return value

    def power(self) -> Any:
        value = self.atom()
        while self.peek() == "^":
            self.take()
            exponent = self.atom()
            value = value ** int(exponent) if exponent == int(exponent) else value**exponent
        return value

    def atom(self) -> Any:
        token = self.take()
        if token in self.names:
            return self.names[token]
        if token in FUNCTIONS:
            self.take("(")
            arguments = [self.sum()]
            while self.peek() == ",":
                self.take()
                arguments.append(self.sum())
            self.take(")")
            return FUNCTIONS[token](*arguments)
        if token == "√":
            return mpmath.sqrt(self.atom())
        if token in OPENING:
            value = self.sum()
            self.take(OPENING[token])
            return {"(": lambda x: x, "⌊": mpmath.floor, "⌈": mpmath.ceil, "⟨": abs}[token](value)
        assert re.fullmatch(NUMBER, token), f"{token!r} in {self.tokens}"
        return mpmath.mpf(token.replace("\u202f", ""))


def evaluated(text: str, names: Mapping[str, Any]) -> Any:
    return Reader(text, names).all()


def pieces(line: str) -> list[tuple[str, str]]:
    """The formulas of a line, each with the relation before it: ``= S = N ≈ R``."""
    found = re.split(r"\s([=≈])\s", f" {line.strip()}")
    return list(zip(found[1::2], found[2::2], strict=True))

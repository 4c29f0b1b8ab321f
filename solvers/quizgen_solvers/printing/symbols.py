"""Symbols: what a LaTeX name looks like as a factor or a base, and how it is written in Unicode."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache

from ..glyphs import ACCENTS, GREEK, SIGNS, SUBSCRIPTS, SUPERSCRIPTS

_TOKEN = re.compile(r"\\[A-Za-z]+\s*|\\.|[^\\]", re.DOTALL)

_NO_LETTER = r"(?:text|math[a-z]*|operatorname|[dt]?frac|partial|nabla|sum|left)"
_LETTER = rf"(?:[A-Za-z]|\\(?!{_NO_LETTER}(?![A-Za-z]))[A-Za-z]+(?![A-Za-z]))"
_DRESS = r"\\(?:hat|tilde|bar|vec|dot|widehat|widetilde|overline|mathbf|boldsymbol|mathcal|mathbb)"
_BASE = rf"(?:{_DRESS}\s*(?:\{{\s*{_LETTER}\s*\}}|\s{_LETTER}|\\[A-Za-z]+(?![A-Za-z]))|{_LETTER})"
_SCRIPT = r"\s*(?:[A-Za-z0-9*]|\\[A-Za-z]+(?![A-Za-z])|\{(?:[^{}]|\{[^{}]*\})*\})"
_SIMPLE = re.compile(rf"{_BASE}\s*(?P<primes>'*)(?:_{_SCRIPT})?(?P<top>\^{_SCRIPT})?(?P<sub>_{_SCRIPT})?")


class Kind(Enum):
    """How a symbol behaves inside a formula."""

    LETTER = "x or \\beta_1: stands beside another one as a product, takes an exponent"
    SCRIPTED = "W^{[1]} or z': stands beside another one, is put in parentheses under an exponent"
    WORD = "\\text{loss} or \\frac{\\partial L}{\\partial w}: its products need a dot"
    QUOTIENT = "\\partial L / \\partial w: is put in parentheses in a product"
    SUM = "a + b: is put in parentheses wherever it could be torn"


@lru_cache(maxsize=4096)
def kind(symbol: str) -> Kind:
    """How ``symbol`` behaves, told from its LaTeX."""
    found = _SIMPLE.fullmatch(symbol.strip())
    if found:
        return Kind.SCRIPTED if found["primes"] or found["top"] else Kind.LETTER
    depth, outside = 0, ""
    for token in _TOKEN.findall(symbol):
        depth += (token in "{[(") - (token in "}])")
        if not depth:
            outside += token
    if re.search(r"[-+=]", outside.lstrip("-+ ")):
        return Kind.SUM
    return Kind.QUOTIENT if "/" in outside else Kind.WORD


def has_subscript(symbol: str) -> bool:
    """Whether ``symbol`` carries a subscript of its own, outside all braces."""
    depth = 0
    for token in _TOKEN.findall(symbol):
        depth += (token == "{") - (token == "}")
        if token == "_" and not depth:
            return True
    return False


# --- Unicode ----------------------------------------------------------------------------------------------------------

_GLYPHS = GREEK | SIGNS
_FONTS = {"text", "mathrm", "mathbf", "mathit", "boldsymbol", "mathcal", "mathbb", "mathsf", "texttt", "operatorname"}
_SPACES = {"\\,": " ", "\\;": " ", "\\:": " ", "\\ ": " ", "\\!": "", "\\quad": " "}
_SILENT = {"\\left", "\\right", "\\displaystyle", "\\mathbin", "\\mathop", "\\limits"}


@lru_cache(maxsize=4096)
def unicode(symbol: str) -> str:
    r"""A LaTeX symbol in Unicode: ``\hat m_1`` is m̂₁, ``d_{\text{model}}`` is d_model.

    Unknown commands keep their name, so that nothing is lost.
    """
    return _Reader(symbol).all().strip()


def script(text: str, table: Mapping[str, str], mark: str, word: bool = False) -> str:
    """``text`` as a raised or lowered script where Unicode has it, else after ``mark``."""
    if not word and text and all(c in table for c in text):
        return "".join(table[c] for c in text)
    text = text.strip()
    plain = word or len(text) == 1 or text.isalnum() or re.fullmatch(r"\[[^][]*\]", text)
    return f"{mark}{text}" if plain else f"{mark}({text})"


def raised(number: str) -> str:
    """A whole number as an exponent: ``raised("-8") == "⁻⁸"``."""
    return "".join(SUPERSCRIPTS[c] for c in number)


class _Reader:
    """A walk over the tokens of a symbol; what it does not know, it passes on."""

    def __init__(self, latex: str) -> None:
        self.tokens: list[str] = [t.strip() if t[0] == "\\" and t[1:2].isalpha() else t for t in _TOKEN.findall(latex)]
        self.at = 0

    def all(self, stop: str = "") -> str:
        out = ""
        while self.at < len(self.tokens) and self.tokens[self.at] != stop:
            out += self.atom()
        self.at += 1
        return out

    def argument(self) -> str:
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        return self.atom() if self.at < len(self.tokens) else ""

    def atom(self) -> str:
        token = self.tokens[self.at]
        self.at += 1
        if token == "{":
            return self.all("}")
        if token in "_^":
            made = self.script(token)
            if token == "^" and self.tokens[self.at : self.at + 1] == ["_"]:  # Z^{(1)}_1 is Z₁⁽¹⁾, as Z_1^{(1)} is
                self.at += 1
                return self.script("_") + made
            return made
        if token == "'":
            return "′"
        if token == "-":
            return "−"
        if token[0] != "\\" or token == "\\":
            return token
        return self.command(token)

    def script(self, mark: str) -> str:
        start = self.at
        text = self.argument()
        word = any(t in ("\\text", "\\mathrm") for t in self.tokens[start : self.at])
        table = SUBSCRIPTS if mark == "_" else SUPERSCRIPTS
        return script(text.replace(" ", "") if not word else text, table, mark, word)

    def command(self, token: str) -> str:
        name = token[1:]
        if token in _SPACES:
            return _SPACES[token]
        if token in _SILENT:
            return ""
        if name in _GLYPHS:
            return _GLYPHS[name]
        if name in ACCENTS:
            text = self.argument()
            return text[:1] + ACCENTS[name] + text[1:]
        if name in _FONTS:
            return self.argument()
        if name in ("frac", "tfrac", "dfrac"):
            top, bottom = self.argument(), self.argument()
            return f"{_kept(top)}/{_kept(bottom)}"
        if name == "sqrt":
            return "√" + _kept(self.argument())
        return name if name.isalpha() else name[-1:]


def _kept(text: str) -> str:
    return f"({text})" if re.search(r"[-+−/ =]", text) else text

"""Formulas that people type: read by a grammar of our own, compared by value, handed to SymPy node by node.

Grammar (the characters, literals and bounds are those of `quizgen.answers.reader`; letters make names here)
    formula  = [ sign ] product { sign product } ;
    product  = factor { ( "*" | "/" ) [ sign ] factor | factor } ;      two factors with no sign between: see below
    factor   = atom [ "^" [ sign ] atom | superscript ] ;
    atom     = literal | variable | "e" | "pi" | "(" formula ")" | "√" ( literal | variable | "(" formula ")" )
             | function "(" formula { "," formula } ")" ;
    function = "exp" | "log" | "ln" | "sqrt" | "tanh" | "sigmoid" | "sigma" | "relu" | "sin" | "cos" | "abs"
             | "max" | "min" ;

Decided
    * A product needs no sign after a number or a closing bracket: 2x, 3(x + 1), (x + 1)(x - 1). It needs one between
      letters (x*y: xy would be a name), after a power (x^2*y) and after a division (1/2x could be 1/(2x)); those are
      refused, with what to write instead.
    * -x^2 is -(x^2); x^y^z is refused: brackets say which is meant. log and ln are the natural logarithm.
    * β₁, beta_1 and beta1 are one name, as are σ and sigma; sigma(…) is the sigmoid unless sigma is a variable.
      A declared variable takes precedence over a function or constant of its name.

Equality is decided by values, at rational points that depend on nothing but the formulas' names and numbers. Every
value is a ball with a proven radius. **Unequal is proven**: at one point the balls are apart. Equal is what's left:
at no point apart, and at eight points or more the same to 200 bits, where small and large values, both signs and the
neighbourhood of every number in the formulas are tried. Different formulas that agree so would have to differ only
where none of some seventy points lies, or by less than one part in 10^60. Only points where both formulas are defined
count, so log(x^2) and 2 log(x) are the same answer.
"""

from __future__ import annotations

import hashlib
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import flint
from flint import arb, fmpq

from quizgen.answers.reader import POWER, Source, Token, tokenize
from quizgen.errors import did_you_mean, shown
from quizgen_solvers import glyphs
from quizgen_solvers.exact import decimal, places_needed

if TYPE_CHECKING:
    import sympy

FORMULA_LENGTH = 500
PRECISION = 512  # bits of the balls
MOST_WEIGHT = 4_096  # (1 + x)^1024 is read; ((9^9)^9)^9 and (x^1000)^1000 aren't
SAME_BITS = 200  # two values are the same where their difference is proven smaller than this fraction of them
SAME_POINTS = 8
FUNCTIONS = {
    "exp": 1, "log": 1, "sqrt": 1, "tanh": 1, "sigmoid": 1, "relu": 1, "sin": 1, "cos": 1, "abs": 1, "max": 0, "min": 0,
}  # fmt: skip
SPELLINGS = {"ln": "log", "sigma": "sigmoid"}
GREEK = {char: name.removeprefix("var") for name, char in glyphs.GREEK.items()} | {"ο": "omicron"}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Constant:
    """A rational number."""

    value: fmpq


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared variable, by its declared name."""

    name: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An operation on formulas: add sub mul div neg pow, a function, or the constants e and pi (no arguments)."""

    op: str
    args: tuple[Formula, ...]


Formula: TypeAlias = Constant | Variable | Apply


def variables_of(formula: Formula) -> frozenset[str]:
    """The names of the variables in a formula."""
    return frozenset(each.name for each in walk(formula) if isinstance(each, Variable))


def walk(formula: Formula) -> Iterable[Formula]:
    """Every node of a formula."""
    waiting = [formula]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Apply):
            waiting.extend(node.args)


# ---------------------------------------------------------------------------------------------------------------------
# Reading


def _folded(name: str) -> str:
    """A name as it is looked up: Greek letters spelt out, subscripts as digits, without underscores."""
    name = "".join(GREEK.get(c, c) for c in name)
    return name.translate({ord(c): str(n) for n, c in enumerate("₀₁₂₃₄₅₆₇₈₉")}).replace("_", "")


def folded_names(variables: Sequence[str]) -> dict[str, str]:
    """Declared variables by the spelling they are looked up by. Raises `ValueError` where two can't be told apart."""
    names: dict[str, str] = {}
    for each in variables:
        if not _NAME.fullmatch(each):
            raise ValueError(f"{shown(each)} is no name of a variable: letters, digits and _ make one")
        if _folded(each) in names:
            raise ValueError(f"the variables {shown(each)} and {shown(names[_folded(each)])} can't be told apart")
        names[_folded(each)] = each
    return names


def read_formula(text: str, variables: Sequence[str], what: str = "a formula", example: str = "") -> Formula:
    """The formula that a text spells in the declared variables. Raises `Unreadable`."""
    first = next(iter(variables), "2")
    source = Source(text, what, example or f"3*{first}^2 + exp(-{first})", FORMULA_LENGTH)
    tokens = tokenize(source, names=True)
    if not tokens:
        source.fail("nothing is there")
    return _Formulas(source, tokens, folded_names(variables)).read()


class _Formulas:
    """Recursive descent; brackets nest at most 20 deep, so recursion does too."""

    def __init__(self, source: Source, tokens: Sequence[Token], names: Mapping[str, str]) -> None:
        self.source = source
        self.tokens = [token for token in tokens if token.kind != "newline"]
        self.names = names
        self.at = 0

    def read(self) -> Formula:
        formula = self.formula()
        if self.at < len(self.tokens):
            self.unexpected("an operation")
        return formula

    def kind(self) -> str:
        return self.tokens[self.at].kind if self.at < len(self.tokens) else ""

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def unexpected(self, wanted: str) -> NoReturn:
        if self.at >= len(self.tokens):
            self.source.fail(f"{wanted} is missing", len(self.source.text))
        token = self.tokens[self.at]
        before = self.tokens[self.at - 1].kind if self.at else ""
        if token.kind in {"+", "-"} and before in {"+", "-", "*", "/", "^"}:
            problem = "two signs in a row (brackets say what is meant)"
        elif token.kind in {"^", "power"} and wanted == "an operation":
            problem = "a second power in a row (brackets say what is meant, as in x^(y^z))"
        elif wanted == "an operation" and token.kind in {"name", "number", "(", "√"}:
            problem = f"a product needs its sign before {shown(token.text, 16)} (write *)"
        else:
            problem = f"{wanted} is missing before {shown(token.text, 16)}"
        self.source.fail(problem, token.start)

    def sign(self) -> bool:
        return self.kind() in {"+", "-"} and self.take().kind == "-"

    def formula(self) -> Formula:
        left: Formula = Apply("neg", (self.product(),)) if self.sign() else self.product()
        while self.kind() in {"+", "-"}:
            op = "sub" if self.take().kind == "-" else "add"
            left = Apply(op, (left, self.product()))
        return left

    def product(self) -> Formula:
        left, powered = self.factor()
        divided = False
        while True:
            if self.kind() in {"*", "/"}:
                token = self.take()
                divided = token.kind == "/"
                negative = self.sign()
                right, powered = self.factor()
                if negative:
                    right = Apply("neg", (right,))
                left = Apply("div" if divided else "mul", (left, right))
            elif self.kind() in {"name", "(", "√"} and self.tokens[self.at - 1].kind in {"number", ")"} and not powered:
                if divided:
                    token = self.tokens[self.at]
                    self.source.fail(
                        f"after a division write * before {shown(token.text, 16)}, or brackets, as in 1/(2*x)",
                        token.start,
                    )
                right, powered = self.factor()
                left = Apply("mul", (left, right))
            else:
                return left

    def factor(self) -> tuple[Formula, bool]:
        base = self.atom()
        if self.kind() not in {"^", "power"}:
            return base, False
        token = self.take()
        exponent: Formula
        if token.kind == "power":
            exponent = Constant(token.value)
        else:
            negative = self.sign()
            exponent = self.atom()
            if negative:
                exponent = _negative(exponent)
        if self.kind() in {"^", "power"}:
            self.unexpected("an operation")
        if _weight(base) * _most(exponent) > MOST_WEIGHT:
            self.source.fail("a power too large to work with", token.start)
        return Apply("pow", (base, exponent)), True

    def atom(self) -> Formula:
        kind = self.kind()
        if kind == "number":
            return Constant(self.take().value)
        if kind == "(":
            return self.arguments(1, 1)[0]
        if kind == "√":
            self.take()
            if self.kind() not in {"number", "name", "("}:
                self.unexpected("what √ is taken of")
            return Apply("sqrt", (self.atom(),))
        if kind != "name":
            self.unexpected("a number or a name")
        return self.name()

    def name(self) -> Formula:
        token = self.take()
        word = _folded(token.text)
        if word in self.names:
            if self.kind() == "(":
                self.source.fail(f"{shown(token.text)} is no function (write * for a product)", token.start)
            return Variable(self.names[word])
        function = SPELLINGS.get(word.lower(), word.lower())
        if function in FUNCTIONS:
            if self.kind() != "(":
                self.source.fail(f"{function} needs a bracket, as in {function}(…)", token.start)
            count = FUNCTIONS[function]
            return Apply(function, self.arguments(count or 2, count or 16))
        if word not in {"e", "pi"}:
            self.source.fail(self.unknown(token.text, word), token.start)
        return Apply(word, ())

    def unknown(self, text: str, word: str) -> str:
        """Say what to write for a name that isn't declared: a product of declared ones, or one that is near."""
        if len(text) > 1 and all(c in self.names for c in word):
            return f"{shown(text)} is no name here (as a product it is written {'*'.join(word)})"
        names = sorted(self.names.values())
        known = f"the variables are {', '.join(names)}" if names else "there are no variables"
        return f"{shown(text)} is no name here{did_you_mean(text, [*names, *FUNCTIONS])}; {known}"

    def arguments(self, least: int, most: int) -> tuple[Formula, ...]:
        """What stands in brackets, the brackets included."""
        opened = self.take()
        if opened.kind != "(":
            self.unexpected("a bracket")
        found = [self.formula()]
        while self.kind() == ",":
            comma = self.take()
            found.append(self.formula())
            if len(found) > most:
                self.source.fail(f"at most {most} argument{'s' if most > 1 else ''} can stand here", comma.start)
        if self.kind() != ")":
            self.unexpected("an operation")
        if len(found) < least:
            self.source.fail(f"{least} arguments or more are wanted in the bracket", opened.start)
        self.take()
        return tuple(found)


def _negative(formula: Formula) -> Formula:
    return Constant(-formula.value) if isinstance(formula, Constant) else Apply("neg", (formula,))


def _weight(formula: Formula) -> int:
    """At least the digits (in bits) that a formula could unfold to, a variable counting as one."""
    match formula:
        case Constant(value):
            return value.height_bits()
        case Apply("pow", (base, exponent)):
            return _weight(base) * _most(exponent)
        case Apply(_, args):
            return 1 + sum(_weight(each) for each in args)
    return 1


def _most(exponent: Formula) -> int:
    """The size of an exponent, at least 1; that of one with variables or without a value counts as its weight."""
    if not variables_of(exponent):
        try:
            value = abs(evaluate(exponent, {}))
        except UndefinedError:
            return 1
        whole = value.upper().ceil().unique_fmpz() if value < MOST_WEIGHT else None
        return 2 * MOST_WEIGHT if whole is None else max(1, int(whole))
    return _weight(exponent)


# ---------------------------------------------------------------------------------------------------------------------
# Showing

_SUM, _PRODUCT, _POWER, _ATOM = range(4)
_LEVEL = {"add": _SUM, "sub": _SUM, "neg": _SUM, "mul": _PRODUCT, "div": _PRODUCT, "pow": _POWER}


def _level(formula: Formula) -> int:
    if isinstance(formula, Constant):
        if formula.value < 0:
            return _SUM
        return _ATOM if places_needed(formula.value) is not None else _PRODUCT
    return _LEVEL.get(formula.op, _ATOM) if isinstance(formula, Apply) else _ATOM


def _in_full(value: fmpq) -> str:
    """A number as a literal where it has one: 3/2 as 1.5, and 1/3 as 1/3."""
    places = places_needed(value)
    return str(value) if not places else decimal(value, places)


def show(formula: Formula) -> str:
    """A text that reads as an equal formula: signs of products written, brackets only where they're needed."""

    def at(node: Formula, level: int) -> str:
        return show(node) if _level(node) >= level else f"({show(node)})"

    match formula:
        case Constant(value):
            return _in_full(value)
        case Variable(name):
            return name
        case Apply(("add" | "sub") as op, (left, right)):
            return f"{at(left, _SUM)} {'+' if op == 'add' else '-'} {at(right, _PRODUCT)}"
        case Apply("neg", (inner,)):
            return f"-{at(inner, _PRODUCT)}"
        case Apply(("mul" | "div") as op, (left, right)):
            return f"{at(left, _PRODUCT)}{'*' if op == 'mul' else '/'}{at(right, _POWER)}"
        case Apply("pow", (base, exponent)):
            if isinstance(exponent, Constant) and exponent.value < 0 and exponent.value.q == 1:
                return f"{at(base, _ATOM)}^{exponent.value}"
            return f"{at(base, _ATOM)}^{at(exponent, _ATOM)}"
        case Apply(op, ()):
            return op
        case Apply(op, args):
            return f"{op}({', '.join(show(each) for each in args)})"
    raise TypeError(f"{shown(formula)} is no formula")


def latex_name(name: str) -> str:
    """A variable in LaTeX: beta_1 and beta1 give \\beta_{1}, w_ij gives w_{ij}, loss gives \\mathrm{loss}."""
    found = re.fullmatch(r"([A-Za-z]+)(?:_?([0-9]+)|_([A-Za-z0-9]+))?((?:_[A-Za-z0-9]+)*)_*", name)
    if not found:
        return rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}"
    stem, below = found[1], ",".join(each for each in (found[2] or found[3], *found[4].split("_")) if each)
    if stem in set(GREEK.values()):
        stem = "\\" + stem if stem != "omicron" else "o"
    elif len(stem) > 1:
        stem = rf"\mathrm{{{stem}}}"
    return f"{stem}_{{{below}}}" if below else stem


_LATEX = {"exp": r"\exp", "log": r"\log", "tanh": r"\tanh", "sigmoid": r"\sigma", "sin": r"\sin", "cos": r"\cos",
          "max": r"\max", "min": r"\min", "relu": r"\operatorname{ReLU}"}  # fmt: skip


def latex(formula: Formula) -> str:
    """The formula in LaTeX for math mode."""

    def at(node: Formula, level: int) -> str:
        return latex(node) if _level(node) >= level else rf"\left({latex(node)}\right)"

    match formula:
        case Constant(value):
            if places_needed(value) is not None:
                return _in_full(value)
            return rf"{'-' if value < 0 else ''}\frac{{{abs(value.p)}}}{{{value.q}}}"
        case Variable(name):
            return latex_name(name)
        case Apply(("add" | "sub") as op, (left, right)):
            return f"{at(left, _SUM)} {'+' if op == 'add' else '-'} {at(right, _PRODUCT)}"
        case Apply("neg", (inner,)):
            return f"-{at(inner, _PRODUCT)}"
        case Apply("mul", (left, right)):
            sign = r" \cdot " if isinstance(right, Constant) else r" \, "
            return f"{at(left, _PRODUCT)}{sign}{at(right, _PRODUCT)}"
        case Apply("div", (left, right)):
            return rf"\frac{{{latex(left)}}}{{{latex(right)}}}"
        case Apply("pow", (base, exponent)):
            return f"{at(base, _ATOM)}^{{{latex(exponent)}}}"
        case Apply("sqrt", (inner,)):
            return rf"\sqrt{{{latex(inner)}}}"
        case Apply("abs", (inner,)):
            return rf"\left|{latex(inner)}\right|"
        case Apply("pi", ()):
            return r"\pi"
        case Apply("e", ()):
            return "e"
        case Apply(op, args):
            return rf"{_LATEX[op]}\left({', '.join(latex(each) for each in args)}\right)"
    raise TypeError(f"{shown(formula)} is no formula")


# ---------------------------------------------------------------------------------------------------------------------
# Values


class UndefinedError(ArithmeticError):
    """A formula without a (finite, real) value at a point, or without one that balls can tell."""


def evaluate(formula: Formula, point: Mapping[str, fmpq]) -> arb:
    """The value as a ball of FLINT's working precision. Raises `UndefinedError`."""
    match formula:
        case Constant(value):
            return arb(value)
        case Variable(name):
            return arb(point[name])
        case Apply(op, args):
            ball: arb = _apply(op, [evaluate(each, point) for each in args])
            if not ball.is_finite():
                raise UndefinedError(op)
            return ball
    raise TypeError(f"{shown(formula)} is no formula")


ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "neg": operator.neg,
    "abs": abs,
}
"""What balls and SymPy's expressions do alike."""


def _apply(op: str, x: list[arb]) -> Any:
    if op in ARITHMETIC:
        return ARITHMETIC[op](*x)
    match op:
        case "pow":
            return _power(x[0], x[1])
        case "exp" | "log" | "sqrt" | "tanh" | "sin" | "cos":
            return getattr(x[0], op)()
        case "sigmoid":
            return 1 / (1 + (-x[0]).exp())
        case "relu":
            return x[0].max(arb(0))
        case "max" | "min":
            return reduce(arb.max if op == "max" else arb.min, x)
        case "e":
            return arb(1).exp()
        case "pi":
            return arb.pi()
    raise TypeError(f"{op} is no operation")


def _power(base: arb, exponent: arb) -> arb:
    whole = exponent.unique_fmpz() if exponent.is_exact() else None
    if whole is not None and abs(whole) <= POWER:
        if base.contains(0) and whole <= 0:
            raise UndefinedError("pow")
        return base ** int(whole)
    if not base > 0:
        raise UndefinedError("pow")
    return (exponent * base.log()).exp()


def points(names: Sequence[str], numbers: Iterable[fmpq] = ()) -> Iterable[dict[str, fmpq]]:
    """Where formulas are compared: five points that can be read, then points of many sizes and both signs.

    `numbers` are those that stand in the formulas: some points lie on both sides of each, for the sake of ReLU and max.
    """
    ordered = sorted(names)
    for k in range(5):
        yield {name: fmpq((i * (k + 1)) % 7 + 2 + k, (1, 1, 3, 2, -2)[k]) for i, name in enumerate(ordered)}
    scales = [fmpq(1, 8), fmpq(1, 2), fmpq(1), fmpq(1), fmpq(2), fmpq(4), fmpq(16), fmpq(200)]
    scales += [2 * each for each in sorted({abs(number) for number in numbers} - {fmpq(0)})[:8]]
    for k, scale in enumerate(scale for scale in scales for _ in range(8)):
        point = {}
        for name in ordered:
            digest = hashlib.sha256(f"{k} {name}".encode()).digest()
            size = fmpq(int.from_bytes(digest[:4], "big") % 99_991 + 1, 100_000) * scale
            point[name] = -size if k % 8 > 3 and digest[4] % 2 else size
        yield point


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether two formulas are equal (None: they have too few points in common to say), and the first point that
    proves that they aren't."""

    equal: bool | None
    point: Mapping[str, fmpq] | None = None


def compare(left: Formula, right: Formula) -> Comparison:
    """Whether two formulas have the same values. What that rests on stands at the top of this file."""
    names = sorted(variables_of(left) | variables_of(right))
    constants = {node.value for formula in (left, right) for node in walk(formula) if isinstance(node, Constant)}
    same = 0
    with flint.ctx.workprec(PRECISION):
        tiny = arb(2) ** -SAME_BITS
        for point in points(names, constants):
            try:
                a, b = evaluate(left, point), evaluate(right, point)
            except UndefinedError:
                continue
            difference = a - b
            if not difference.contains(0):
                return Comparison(False, point)
            same += bool(abs(difference) <= tiny * abs(a)) or bool(abs(difference) <= tiny * tiny)
    return Comparison(True) if same >= SAME_POINTS else Comparison(None)


def to_sympy(formula: Formula) -> sympy.Expr:
    """The formula as a SymPy expression in real symbols, built node by node; SymPy never sees the text."""
    import sympy

    def build(node: Formula) -> Any:
        match node:
            case Constant(value):
                return sympy.Rational(int(value.p), int(value.q))
            case Variable(name):
                return sympy.Symbol(name, real=True)
            case Apply("e", ()):
                return sympy.E
            case Apply("pi", ()):
                return sympy.pi
            case Apply(op, args):
                x = [build(each) for each in args]
                if op in ARITHMETIC:
                    return ARITHMETIC[op](*x)
                match op:
                    case "pow":
                        return x[0] ** x[1]
                    case "sigmoid":
                        return 1 / (1 + sympy.exp(-x[0]))
                    case "relu":
                        return sympy.Max(x[0], 0)
                    case "max":
                        return sympy.Max(*x)
                    case "min":
                        return sympy.Min(*x)
                    case "exp" | "log" | "sqrt" | "tanh" | "sin" | "cos":
                        return getattr(sympy, op)(x[0])
        raise TypeError(f"{shown(node)} is no formula")

    return build(formula)

"""The rules of the house: which way imports run, what starts fast, and what must never be written."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent

# Top to bottom: a module may import from its own row and from those below. The longest name that fits a module counts,
# and what isn't named belongs to the core.
LAYERS = (
    ("quizgen.__main__", "quizgen.commands"),
    ("quizgen.web",),
    ("quizgen.practice",),
    ("quizgen.exam", "quizgen.bank"),
    ("quizgen", "quizgen.api"),  # the public face in Python
    ("quizgen.export", "quizgen.render"),
    ("quizgen.verify",),
    ("quizgen.families",),
    # The document tree and the provenance are plain values; tensors holds the few words that a torch_run is written in.
    (
        "the core",
        "quizgen.render.document",
        "quizgen.verify.provenance",
        "quizgen.verify.tensors",
        "quizgen.verify.layers",
    ),
    ("quizgen_solvers",),
)
CORE = next(row for row, names in enumerate(LAYERS) if "the core" in names)

# Arrows that run upwards, each with its reason, and only inside a function: importing the module doesn't follow them.
UPWARDS = {
    ("quizgen.question", "quizgen.render"): "a notebook asks the question itself for its HTML (_repr_html_)",
    ("quizgen.sheet", "quizgen.verify"): "a sheet is checked before it is handed out",
}
WIDTHS = {
    "quizgen_solvers.printing.width",
    "quizgen_solvers.printing.lines",
}  # how wide a line is on the page: no value
HEAVY = {"torch", "sympy", "numpy"}
SLOW = HEAVY | {
    "jinja2",
    "hypothesis",
    "sqlalchemy",
    "textual",
    "starlette",
    "uvicorn",
    "fsrs",
    "pydantic",
    "tree_sitter",
    "pandas",
    "matplotlib",
}


@dataclass(frozen=True)
class Import:
    """One import: the module that draws it, what it names, where, and in which functions."""

    source: str
    target: str
    line: int
    functions: tuple[str, ...]
    typing_only: bool

    def __str__(self) -> str:
        return f"{self.source}, line {self.line}: imports {self.target}"


def module_name(path: Path, root: Path = ROOT) -> str:
    relative = path.relative_to(root / "solvers" if (root / "solvers") in path.parents else root)
    parts = relative.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def product() -> Iterator[Path]:
    for base in (ROOT / "quizgen", ROOT / "solvers" / "quizgen_solvers"):
        yield from sorted(base.rglob("*.py"))


MODULES = {module_name(path): path for path in product()}


def imports(name: str, text: str, package: bool) -> Iterator[Import]:
    """Every import in a module, relative ones resolved, with the functions it stands in."""

    def walk(node: ast.AST, functions: tuple[str, ...], typing_only: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            inner, types = functions, typing_only
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                inner = (*functions, getattr(child, "name", "lambda"))
            elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                types = True
            elif isinstance(child, ast.Import):
                for alias in child.names:
                    yield Import(name, alias.name, child.lineno, functions, types)
            elif isinstance(child, ast.ImportFrom):
                base = child.module or ""
                if child.level:
                    parents = name.split(".")
                    parents = parents[: len(parents) - child.level + (1 if package else 0)]
                    base = ".".join([*parents, base] if base else parents)
                for alias in child.names:
                    inside = f"{base}.{alias.name}"
                    yield Import(name, inside if inside in MODULES else base, child.lineno, functions, types)
            yield from walk(child, inner, types)

    yield from walk(ast.parse(text), (), False)


def row_of(module: str) -> int:
    best, row = "", CORE
    for number, names in enumerate(LAYERS):
        for name in names:
            exactly = name == "quizgen"  # the face is the package itself, not everything in it
            fits = module == name or (not exactly and module.startswith(name + "."))
            if fits and len(name) > len(best):
                best, row = name, number
    return row


def excused(found: Import) -> bool:
    return bool(found.functions) and any(
        (found.source + ".").startswith(source + ".") and (found.target + ".").startswith(target + ".")
        for source, target in UPWARDS
    )


def breaches(name: str, text: str, package: bool = False) -> list[str]:
    """What a module imports against the rules, one line each."""
    said = []
    for found in imports(name, text, package):
        top = found.target.split(".")[0]
        solver = name.split(".")[0] == "quizgen_solvers"
        if solver and top in {"quizgen", "torch", "jinja2", "numpy"}:
            said.append(f"{found}: a solver knows nothing of it")
        elif top in {"quizgen", "quizgen_solvers"} and row_of(found.target) < row_of(name) and not excused(found):
            said.append(f"{found}, which lies above it")
        elif top == "torch" and not found.typing_only:
            helper = name.split(".")[-1].startswith("_") and bool(found.functions)  # what torch_runs of a topic share
            in_run = name.startswith("quizgen.families.") and (helper or "torch_run" in found.functions)
            if not in_run and not name.startswith("quizgen.verify"):
                said.append(f"{found}: PyTorch belongs to quizgen.verify and to torch_run")
        if top in HEAVY and name.startswith("quizgen.commands") and not found.functions and not found.typing_only:
            said.append(f"{found} at the top: commands start fast")
    return said


def test_modules_were_found() -> None:
    """The rules below would hold of an empty folder."""
    assert {"quizgen.family", "quizgen.errors", "quizgen_solvers.work"} <= MODULES.keys()


@pytest.mark.parametrize("name", sorted(MODULES))
def test_imports_run_downwards(name: str) -> None:
    path = MODULES[name]
    said = breaches(name, path.read_text(encoding="utf-8"), package=path.name == "__init__.py")
    assert not said, "\n".join(said)


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("quizgen_solvers.conv", "from quizgen.errors import QuizgenError", "a solver knows nothing"),
        ("quizgen_solvers.conv", "def f():\n    import torch", "a solver knows nothing"),
        ("quizgen.family", "from .render import html", "which lies above"),
        ("quizgen.family", "from . import api", "which lies above"),
        ("quizgen.family", "import quizgen", "which lies above"),
        ("quizgen.render.html", "from ..commands import sheet", "which lies above"),
        ("quizgen.verify.run", "from quizgen.render import document, html", "which lies above"),
        ("quizgen.question", "from .render import html", "which lies above"),
        ("quizgen.families.optim._steps", "import torch", "belongs to quizgen.verify"),
        ("quizgen.families.optim.adam", "from quizgen.verify import verified", "which lies above"),
        ("quizgen.families.optim.adam", "import torch", "belongs to quizgen.verify"),
        ("quizgen.families.optim.adam", "def solve():\n    from torch import nn", "belongs to quizgen.verify"),
        ("quizgen.commands.list", "if 1:\n    import sympy", "commands start fast"),
    ],
)
def test_the_rules_of_imports_can_fail(name: str, text: str, word: str) -> None:
    assert [word in said for said in breaches(name, text)] == [True]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("quizgen.question", "def _repr_html_():\n    from .render import html"),
        ("quizgen.families.optim.adam", "def torch_run():\n    import torch\n    from quizgen.verify import tensors"),
        ("quizgen.families.optim._steps", "def run():\n    import torch"),
        ("quizgen.verify.run", "import torch\nfrom quizgen.family import Part\nfrom quizgen_solvers import Work"),
        ("quizgen.commands.list", "def run():\n    import sympy"),
        ("quizgen.text", "from quizgen.render import document"),
    ],
)
def test_what_the_rules_of_imports_allow(name: str, text: str) -> None:
    assert breaches(name, text) == []


@pytest.mark.parametrize("arguments", [["--help"], ["list"]], ids=" ".join)
def test_starts_without_heavy_imports(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        f"sys.argv = ['quizgen', *{arguments!r}]\n"
        "from quizgen.__main__ import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        f"print('HEAVY:', *sorted({SLOW!r} & sys.modules.keys()))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "HEAVY:"
    assert len(run.stdout.splitlines()) > 5


def test_front_door_of_a_checkout(tmp_path: Path) -> None:
    """cli.py finds the solvers by itself: here nothing of the checkout is on the path but what it puts there."""
    outside = [p for p in sys.path if "site-packages" in p or (p and not Path(p).resolve().is_relative_to(ROOT))]
    program = (
        "import runpy, sys\n"
        f"sys.path[:] = [{str(ROOT)!r}, *{outside!r}]\n"
        "sys.argv = ['cli.py', '--help']\n"
        f"runpy.run_path({str(ROOT / 'cli.py')!r}, run_name='__main__')\n"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "sheet" in run.stdout


def forbidden_words(text: str) -> list[str]:
    """Names in `text` that evaluate what they are given."""
    said = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name) and node.id in {"eval", "exec", "sympify", "parse_expr"}:
            said.append(f"line {node.lineno}: {node.id}")
        elif isinstance(node, ast.Attribute):
            of_builtins = node.attr in {"eval", "exec"} and ast.unparse(node.value) in {"builtins", "__builtins__"}
            if of_builtins or node.attr in {"sympify", "parse_expr", "parse_latex"}:
                said.append(f"line {node.lineno}: {ast.unparse(node)}")
        elif isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names} & {"eval", "exec", "sympify", "parse_expr", "parse_latex"}
            said += [f"line {node.lineno}: {name}" for name in sorted(names)]
    return said


def floats(text: str, literals: bool = True) -> list[str]:
    """Floats in `text`: literals, conversions, and the functions of `math` that give floats."""
    exact = {"gcd", "lcm", "prod", "isqrt", "comb", "perm", "factorial"}
    said = []
    for node in ast.walk(ast.parse(text)):
        literal = literals and isinstance(node, ast.Constant) and isinstance(node.value, float | complex)
        called = isinstance(node, ast.Call) and ast.unparse(node.func) in {"float", "complex"}
        of_math = isinstance(node, ast.Attribute) and ast.unparse(node.value) == "math" and node.attr not in exact
        if literal or called or of_math:
            said.append(f"line {node.lineno}: {ast.unparse(node)}")
        elif isinstance(node, ast.ImportFrom) and node.module in {"math", "cmath"}:
            said += [f"line {node.lineno}: {a.name}" for a in node.names if a.name not in exact]
    return said


@pytest.mark.parametrize("name", sorted(MODULES))
def test_nothing_evaluates_text(name: str) -> None:
    assert forbidden_words(MODULES[name].read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", sorted(name for name in MODULES if name.startswith("quizgen_solvers")))
def test_no_float_in_a_solver(name: str) -> None:
    assert floats(MODULES[name].read_text(encoding="utf-8"), literals=name not in WIDTHS) == []


@pytest.mark.parametrize("name", sorted(name for name in MODULES if name.startswith("quizgen.families.")))
def test_a_family_is_short(name: str) -> None:
    lines = len(MODULES[name].read_text(encoding="utf-8").splitlines())
    assert lines <= 125, f"{lines} lines: it is two families, or a solver is missing"


def test_the_rules_of_words_can_fail() -> None:
    assert forbidden_words("eval('1')") == ["line 1: eval"]
    assert forbidden_words("from sympy import sympify") == ["line 1: sympify"]
    assert forbidden_words("x = sympy.parsing.parse_expr(t)") == ["line 1: sympy.parsing.parse_expr"]
    assert forbidden_words("model.eval()") == []
    assert floats("x = 0.5") == ["line 1: 0.5"]
    assert floats("x = float(y)") == ["line 1: float(y)"]
    assert floats("import math\nx = math.sqrt(2)") == ["line 2: math.sqrt"]
    assert floats("from math import gcd, sqrt") == ["line 1: sqrt"]
    assert floats("x = math.gcd(4, 6)\nif isinstance(x, float):\n    raise TypeError") == []


def constraints() -> dict[str, str]:
    pins = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        pin = re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9][0-9a-z.]*)", line)
        assert pin, f"constraints.txt: {line!r} isn't NAME==VERSION"
        pins[canonicalize_name(pin[1])] = pin[2]
    return pins


def test_every_dependency_is_pinned_within_its_range() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = constraints()
    for line in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        wanted = Requirement(line)
        assert canonicalize_name(wanted.name) in pins, f"constraints.txt lacks {wanted.name}"
        assert pins[canonicalize_name(wanted.name)] in wanted.specifier, line


def test_the_font_holds_what_formulas_need() -> None:
    """Also that it is the one that tools/make_font.py lists: every character of the script's table is in the file."""
    from fontTools.ttLib import TTFont

    script = ast.parse((ROOT / "tools" / "make_font.py").read_text(encoding="utf-8"))
    table = next(n for n in script.body if isinstance(n, ast.AnnAssign) and ast.unparse(n.target) == "CHARACTERS")
    strings = [n.value for n in ast.walk(table) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    wanted = {character for string in strings for character in string if not character.isascii()}
    wanted |= set("0123456789()[]{}|+<=>") | {chr(0x1D434 + i) for i in range(52) if i != 33} | {"ℎ", "√"}
    with TTFont(ROOT / "quizgen" / "render" / "assets" / "latinmodern-math-subset.woff2") as font:
        assert sorted(wanted - set(map(chr, font.getBestCmap()))) == []
        variants = font["MATH"].table.MathVariants
        stretchy = set(variants.VertGlyphCoverage.glyphs)
        assert {font.getBestCmap()[ord(c)] for c in "()[]{}⌊⌋⌈⌉√∑"} <= stretchy


@pytest.mark.skipif(os.name != "posix", reason="no POSIX shell")
def test_a_python_that_is_too_old_is_named(tmp_path: Path) -> None:
    old = tmp_path / "python3.10"
    old.write_text('#!/bin/sh\ncase "$2" in *sys.exit*) exit 1;; esac\necho Python 3.10.13\n', encoding="utf-8")
    old.chmod(0o755)
    run = subprocess.run(
        ["sh", str(ROOT / "tools" / "make_venv.sh"), str(tmp_path / "venv")],
        env={**os.environ, "PYTHON": str(old)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.startswith(f"quizgen needs Python 3.11, 3.12 or 3.13, and '{old}' is Python 3.10.13: ")
    assert run.stderr.count("\n") == 1
    assert not (tmp_path / "venv").exists()

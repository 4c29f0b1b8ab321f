"""The beginning of a new family: a file that runs as it is, and its test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .errors import OutputError, PluginError, shown
from .family import everything, parse_name
from .files import check_output, write_whole

PACKAGE = Path(__file__).resolve().parent
PLACEHOLDERS = ("example.some-name", "SomeName", "some_name_file.py")
TAKEN = {"Annotated", "Any", "Mistake", "Number", "Part", "Range", "Rng", "Self", "Sequence", "Work"}
"""Names that the skeleton imports, and that its class can't have."""


@dataclass(frozen=True)
class Written:
    """Where the two files lie, and whether the family is found by itself or by `--families`."""

    family: Path
    test: Path
    in_checkout: bool


def checkout_around(folder: Path) -> Path | None:
    """The root of the checkout that this quizgen runs from, where ``folder`` lies in it."""
    root = PACKAGE.parent
    is_checkout = (root / "pyproject.toml").is_file() and (root / "solvers" / "quizgen_solvers").is_dir()
    return root if is_checkout and (folder == root or root in folder.parents) else None


def write_family(name: str, folder: Path, *, plugin: bool = False, force: bool = False) -> Written:
    """Writes the skeleton of the family ``name`` and its test.

    Inside the checkout both go where families and their tests lie there; elsewhere, or with ``plugin``, into
    ``folder``, as a file for `--families`. Raises `PluginError` for a bad name, `OutputExists`, `OutputError`.
    """
    topic, _, last = parse_name(name).partition(".")
    stem = last.replace("-", "_")
    root = None if plugin else checkout_around(folder.resolve())
    if root is not None:
        package = root / "quizgen" / "families" / topic
        family, test = package / f"{stem}.py", root / "tests" / "families" / f"test_{topic}_{stem}.py"
        for new in (package, test.parent):
            _make_folder(new)
        texts = {family: _template("family.py.in"), test: _template("test.py.in")}
        if not (package / "__init__.py").exists():
            texts[package / "__init__.py"] = ""
    else:
        family, test = folder / f"{topic}_{stem}.py", folder / f"test_{topic}_{stem}.py"
        texts = {family: _template("family.py.in"), test: _template("test_plugin.py.in")}
    there = everything().get(name)
    if there is not None and Path(there.place.rpartition(":")[0]) != family:
        raise PluginError(f"there is a family {name} already, in {there.place}; give this one another name")
    for path in texts:
        check_output(path, force)
    for path, text in texts.items():
        for placeholder, value in zip(PLACEHOLDERS, (name, _class_name(last), family.name), strict=True):
            text = text.replace(placeholder, value)
        write_whole(path, text, force)
    return Written(family, test, root is not None)


def _class_name(last: str) -> str:
    name = "".join(word.capitalize() for word in last.split("-"))
    return name if name not in TAKEN else f"{name}Family"


def _template(name: str) -> str:
    folder = next(each for each in (PACKAGE / "templates", PACKAGE.parent / "templates") if each.is_dir())
    return (folder / "family" / name).read_text(encoding="utf-8")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise OutputError(f"cannot make the folder {shown(str(folder), 160)}: {problem.strerror}") from problem

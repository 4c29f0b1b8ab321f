"""Families: what breaks the contract fails at registration with file and line; plug-ins; families out of files."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import quizgen
from quizgen import family as families
from quizgen.errors import PluginError, UnknownFamily, UsageError

GOOD = '''
from dataclasses import dataclass
from typing import Annotated, Any

from quizgen.answers import Integer
from quizgen.family import Mistake, Part, family
from quizgen.parameters import Range
from quizgen_solvers import Work


@family("course.double", levels={1: "a number"})
@dataclass(frozen=True)
class Double:
    """Twice a number.

    Source: a primer.
    """

    n: Annotated[int, Range(1, 1000), "the number"]

    @classmethod
    def sample(cls, rng, level):
        return cls(rng.integer(3, 900))

    def statement(self):
        return f"The number is {self.n}."

    def solve(self):
        work = Work(decimals=None)
        n = work.given("n", self.n)
        work.let("d", 2 * n, "twice")
        return work

    def parts(self, work):
        return (Part("What is twice the number?", work["d"], Integer()),)

    def mistakes(self, work):
        return (
            Mistake("squared", "Twice is a sum, not a square.", {work["d"]: work["n"] ** 2}),
            Mistake("halved", "Twice is more, not less.", {work["d"]: work["n"] / 2}),
        )

    @staticmethod
    def torch_run(batch, device):
        return ([2 * q.n for q in batch],)

    def program(self):
        return f"print(2 * {self.n})"
'''
DOCSTRING = '"""Twice a number.\n\n    Source: a primer.\n    """'
FIELD = 'n: Annotated[int, Range(1, 1000), "the number"]'


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    """What a test registers is forgotten after it."""
    families.everything()
    entries, failed, modules = dict(families._ENTRIES), dict(families._FAILED), set(sys.modules)
    yield
    for kept, before in ((families._ENTRIES, entries), (families._FAILED, failed)):
        kept.clear()
        kept.update(before)
    for name in set(sys.modules) - modules:
        if name.startswith(("quizgen_file_", "fake_")):
            del sys.modules[name]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path / "mine.py", GOOD)


def written(path: Path, text: str) -> Path:
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def changed(*changes: tuple[str, str]) -> str:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


# --- the contract -----------------------------------------------------------------------------------------------------


def test_a_family_of_a_file_is_like_any_other(file: Path) -> None:
    (entry,) = families.load_file(file)
    assert (entry.name, entry.topic, entry.title, entry.version) == ("course.double", "course", "Twice a number", 1)
    assert entry.place == f"{file}:{line_of(GOOD, '@family(')}"
    assert families.find("course.double") is entry
    assert families.select(["course"]) == [entry]
    question = quizgen.generate("course.double", seed=3)
    assert question.provenance is not None
    assert quizgen.solve("course.double", n=21).check("42").right
    assert [found.name for found in quizgen.solve("course.double", n=21).check("441").diagnosed] == ["squared"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ([('"course.double"', '"Course.Double"')], "'Course.Double' has a bad name; names are like 'optim.adam'"),
        ([('"course.double"', '"double"')], "family 'double' has a bad name"),
        ([('"course.double"', '"course.double.again"')], "has a bad name"),
        ([('"course.double"', '"course.double_it"')], "has a bad name"),
        ([('"course.double"', '"course.-double"')], "has a bad name"),
        ([("(frozen=True)\n", "\n")], "is no frozen dataclass; put @dataclass(frozen=True) under"),
        ([("@dataclass(frozen=True)\n", "")], "is no frozen dataclass"),
        ([(DOCSTRING, "")], "has no docstring; `quizgen explain` prints it"),
        ([(DOCSTRING, '"""  """')], "has no docstring"),
        ([("def program", "def programme")], "lacks program"),
        ([("def program", "def p"), ("def sample", "def s")], "lacks sample, program"),
        ([("    @classmethod\n", "")], "draws with a sample that is no @classmethod"),
        ([("    @staticmethod\n", "")], "has a torch_run that is no @staticmethod"),
        ([('{1: "a number"}', "{}")], "must have levels 1, 2, … without a gap"),
        ([('{1: "a number"}', '{2: "a number"}')], "must have levels 1, 2, … without a gap"),
        ([('{1: "a number"}', '{1: "a", 3: "b"}')], "must have levels 1, 2, … without a gap"),
        ([('{1: "a number"}', '{1: "a", "2": "b"}')], "must have levels 1, 2, … without a gap"),
        ([('{1: "a number"}', '["easy"]')], "must have levels 1, 2, … without a gap"),
        ([('{1: "a number"}', '{1: "a"}, version=0')], "has the version 0; versions are whole numbers from 1"),
        ([('{1: "a number"}', '{1: "a"}, version="2"')], "has the version '2'"),
        ([("Annotated[int,", "Annotated[float,")], "has a field n of a type that no parameter has; use int, fmpq"),
        ([("Annotated[int,", "Annotated[dict[str, int],")], "has a field n of a type that no parameter has"),
        ([("Annotated[int,", "Annotated[tuple[int, int],")], "has a field n of a type that no parameter has"),
        ([(FIELD, "n: 'integer'")], "has a field whose type can't be found out"),
        ([('"course.double"', '"optim.adam"')], "family 'optim.adam' is there already, in "),
    ],
)  # fmt: skip
def test_what_breaks_the_contract(tmp_path: Path, changes: list[tuple[str, str]], problem: str) -> None:
    text = changed(*changes)
    path = written(tmp_path / "broken.py", text)
    before = dict(families._ENTRIES)
    with pytest.raises(PluginError) as found:
        families.load_file(path)
    said = str(found.value)
    assert said.startswith(f"{path}:{line_of(text, '@family(')}: family ")
    assert problem in said
    assert "\n" not in said
    assert found.value.exit_code == 2
    assert before == families._ENTRIES, "nothing of a broken file stays"


def test_two_families_of_one_name_in_one_file(tmp_path: Path) -> None:
    second = GOOD[GOOD.index("@family(") :]
    path = written(tmp_path / "twice.py", GOOD + "\n\n" + second)
    with pytest.raises(
        PluginError, match=r"twice\.py:\d+: family 'course\.double' is there already, in .*twice\.py:\d+;"
    ):
        families.load_file(path)


def test_two_families_of_one_name_in_two_files(file: Path, tmp_path: Path) -> None:
    families.load_file(file)
    (tmp_path / "other").mkdir()
    other = written(tmp_path / "other" / "mine.py", GOOD)  # of one name too
    with pytest.raises(PluginError, match=f"is there already, in {file}:"):
        families.load_file(other)
    assert families.find("course.double").place.startswith(str(file))


def test_files_of_one_name_do_not_mix(file: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = written(tmp_path / "other" / "mine.py", changed(("course.double", "course.twice"), ("2 * n", "3 * n")))
    ((first,), (second,)) = families.load_file(file), families.load_file(other)
    assert first.cls.__module__ != second.cls.__module__
    assert quizgen.solve("course.double", n=5, verify=False).parts[0].answer == "10"
    assert quizgen.solve("course.twice", n=5, verify=False).parts[0].answer == "15"


def test_quizgens_own_names_are_taken_even_before_they_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(families._ENTRIES, "optim.adam")
    path = written(tmp_path / "mine.py", changed(("course.double", "optim.adam")))
    with pytest.raises(
        PluginError, match=r"family 'optim\.adam' is there already, in quizgen\.families\.optim\.adam; give"
    ):
        families.load_file(path)


def test_what_is_typed_again_in_a_notebook_takes_its_place() -> None:
    for factor in (2, 3):
        text = changed(("2 * n", f"{factor} * n"))
        exec(compile("\n" * factor + text, f"<cell {factor}>", "exec", dont_inherit=True), {"__name__": "__main__"})
        assert quizgen.solve("course.double", n=5, verify=False).parts[0].answer == str(5 * factor)


# --- families out of files --------------------------------------------------------------------------------------------


def test_a_file_that_is_loaded_again_takes_its_own_place(file: Path) -> None:
    families.load_file(file)
    assert families.load_file(file) == [families.find("course.double")]
    written(file, "# a line more\n" + changed(("2 * n", "20 * n")))
    families.load_file(file)
    assert quizgen.solve("course.double", n=5, verify=False).parts[0].answer == "100"


def test_a_family_that_a_file_no_longer_has_is_gone(file: Path) -> None:
    families.load_file(file)
    written(file, changed(("course.double", "course.twice")))
    families.load_file(file)
    with pytest.raises(UnknownFamily):
        families.find("course.double")


def test_a_file_that_broke_leaves_what_was_there(file: Path) -> None:
    (entry,) = families.load_file(file)
    written(file, GOOD + "\n1 / 0\n")
    with pytest.raises(PluginError, match="ZeroDivisionError"):
        families.load_file(file)
    assert families.find("course.double") is entry
    assert quizgen.solve("course.double", n=5, verify=False).parts[0].answer == "10"


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("import quizgen\n\n1 / 0\n", 3, "ZeroDivisionError: 'division by zero'"),
        ("x = (\n", 1, "SyntaxError"),
        ("def f():\n    raise ValueError('no\\nway')\n\nf()\n", 2, r"ValueError: 'no\nway'"),
        ("import sys\nsys.exit(0)\n", 2, "SystemExit: '0'"),
        ("import no_such_module_anywhere\n", 1, "ModuleNotFoundError"),
    ],
)
def test_a_file_that_fails_to_import(tmp_path: Path, text: str, line: int, problem: str) -> None:
    path = tmp_path / "bad.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PluginError) as found:
        families.load_file(path)
    assert str(found.value).startswith(f"{path}:{line} fails to import: ")
    assert problem in str(found.value)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("empty.py", "", 'registers no family; put @family("topic.name", levels=…) on a frozen dataclass'),
        ("words.txt", "hello", "is not a Python file"),
        ("null.py", "x = '\0'", "fails to import"),
    ],
)
def test_a_file_that_holds_none(tmp_path: Path, name: str, text: str, problem: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PluginError) as found:
        families.load_file(path)
    assert problem in str(found.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="there is no file"):
        families.load_file(tmp_path / "nowhere.py")
    with pytest.raises(PluginError, match="there is no file"):
        families.load_file(tmp_path)


# --- plug-ins ---------------------------------------------------------------------------------------------------------


def plug_in(monkeypatch: pytest.MonkeyPatch, folder: Path, **texts: str) -> None:
    """Modules of that text, installed as plug-ins by a fake list of entry points."""
    for name, text in texts.items():
        written(folder / f"{name}.py", text)
    monkeypatch.syspath_prepend(str(folder))
    points = [importlib.metadata.EntryPoint(f"the {name}", name, families.GROUP) for name in texts]

    def entry_points(**query: Any) -> list[importlib.metadata.EntryPoint]:
        return [point for point in points if query == {"group": point.group}]

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)


def test_a_plug_in_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plug_in(monkeypatch, tmp_path, fake_good=GOOD)
    assert families.find("course.double").title == "Twice a number"
    assert "course.double" in families.everything()
    assert families.failed_plugins() == {}
    assert quizgen.generate("course.double", seed=1).provenance is not None


def test_a_plug_in_that_fails_is_reported_and_hurts_no_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plug_in(
        monkeypatch,
        tmp_path,
        fake_bad="import nowhere_to_be_found",
        fake_raising="raise RuntimeError('one\\ntwo')",
        fake_ending="import sys; sys.exit(3)",
        fake_broken=changed(("def program", "def p"), ("course.double", "course.broken")),
        fake_taken=changed(("course.double", "optim.adam")),
        fake_good=GOOD,
    )
    known = families.everything()
    assert "course.double" in known
    assert "course.broken" not in known
    assert known["optim.adam"].cls.__module__ == "quizgen.families.optim.adam"
    failed = families.failed_plugins()
    assert failed.keys() == {"the fake_bad", "the fake_raising", "the fake_ending", "the fake_broken", "the fake_taken"}
    assert failed["the fake_bad"] == "ModuleNotFoundError: 'No module named 'nowhere_to_be_found''"
    assert failed["the fake_raising"] == r"RuntimeError: 'one\ntwo'"
    assert failed["the fake_ending"] == "SystemExit: '3'"
    assert "fake_broken.py:" in failed["the fake_broken"]
    assert "lacks program" in failed["the fake_broken"]
    assert "is there already, in" in failed["the fake_taken"]
    assert all("\n" not in problem for problem in failed.values())
    assert families.everything() == known, "looking again changes nothing"


def test_who_looks_for_a_family_of_a_failed_plug_in_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plug_in(monkeypatch, tmp_path, fake_bad="1 / 0")
    with pytest.raises(UnknownFamily, match="the plug-in 'the fake_bad' could not be loaded: ZeroDivisionError"):
        families.find("course.double")


# --- finding ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("optim.adan", "there is no family 'optim.adan' (did you mean 'optim.adam'"),
        ("adam", "(did you mean 'optim.adam'"),
        ("Optim.Adam", "(did you mean 'optim.adam'"),
        ("optim", "'optim' is a topic, not a family; its families are optim.adam, optim.momentum"),
        ("optim._steps", "there is no family 'optim._steps'"),
        ("os.path", "there is no family 'os.path'"),
        ("..", "there is no family '..'"),
        ("", "there is no family ''"),
        ("x" * 10**5, "(100,000 characters)"),
        ("a\nb", r"'a\nb'"),
    ],
)
def test_a_family_that_is_not_there(name: str, hint: str) -> None:
    with pytest.raises(UnknownFamily) as found:
        families.find(name)
    assert hint in str(found.value)
    assert "\n" not in str(found.value)


def test_topics_and_families_are_selected() -> None:
    names = [entry.name for entry in families.select(["optim", "loss.softmax", "optim.adam"])]
    assert names == ["optim.adam", "optim.momentum", "loss.softmax"]
    assert [entry.name for entry in families.select([])] == sorted(families.everything())


def test_a_topic_that_is_not_there() -> None:
    with pytest.raises(
        UnknownFamily, match=r"there is no family or topic 'optm' \(did you mean 'optim'.*topics are .*optim"
    ):
        families.select(["optm"])
    with pytest.raises(UnknownFamily, match=r"there is no family 'optim\.adan'"):
        families.select(["optim.adan"])


@pytest.mark.parametrize("text", ["adam", "Optim.adam", "optim.adam ", "optim..adam", ""])
def test_what_can_be_no_name(text: str) -> None:
    with pytest.raises(UsageError, match="is no family name; names are like"):
        families.parse_name(text)
    assert families.parse_name("optim.adam") == "optim.adam"


def test_entries_are_values() -> None:
    entry = families.find("optim.adam")
    assert dataclasses.replace(entry, place="elsewhere") == entry
    with pytest.raises(dataclasses.FrozenInstanceError):
        entry.version = 2  # type: ignore[misc]

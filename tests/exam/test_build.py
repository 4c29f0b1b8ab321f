"""Building an exam: what is written, what is left as it is, and the same again from the manifest."""

from __future__ import annotations

import json
import shutil
import time
from itertools import count, repeat
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from built import SMALL, STUDENTS, exam, stand_in, tree, unchecked, words
from exams import TOYS, family
from exams import exam as of
from quizgen import family as families
from quizgen.__main__ import cli
from quizgen.commands import common
from quizgen.errors import OutputExists, UsageError
from quizgen.exam import manifest, printing
from quizgen.exam.build import How, again, build, file_name
from quizgen.exam.manifest import ManifestError
from quizgen.exam.model import Student
from quizgen.exam.tex import AHEAD, Runs

FILES = sorted(
    ["manifest.json"]
    + [f"{folder}/{name}.{ending}" for name in "AB" for folder in ("papers",) for ending in ("pdf", "tex")]
    + [f"keys/{name}-key.{ending}" for name in "AB" for ending in ("pdf", "tex")]
)

NO_PDF, OVER = How(pdf=False), How(pdf=False, force=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    unchecked(monkeypatch)


def test_papers_keys_and_a_manifest_that_knows_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in(monkeypatch, tmp_path)
    told: list[tuple[str, int, int | None]] = []
    built = build(exam(), ("A", "B"), tmp_path / "out", file="small.toml", progress=lambda *each: told.append(each))
    assert sorted(tree(tmp_path / "out")) == FILES
    assert (built.written, built.typeset, built.kept, built.failures, built.notes) == (4, 4, 0, [], [])
    assert {what for what, _, _ in told} == {"drawing", "printing", "writing", "typesetting"}
    assert told[-1] == ("typesetting", 4, 4)
    found = manifest.read(tmp_path / "out" / "manifest.json")
    assert sorted(found.files) == sorted(set(FILES) - {"manifest.json"})
    assert manifest.differing(found, tmp_path / "out") == []
    assert (found.title, found.blueprint.file, len(found.papers)) == ("Small exam", "small.toml", 2)


def test_only_what_has_changed_is_made_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    engine = stand_in(monkeypatch, tmp_path, f"echo run >> {runs}")
    out = tmp_path / "out"
    two, three = STUDENTS[:2], (*STUDENTS[:2], Student("s9", "Nine"))
    build(exam(), two, out)
    before, times = (
        tree(out),
        {path: path.stat().st_mtime_ns for path in out.rglob("*.*") if path.suffix in (".tex", ".pdf")},
    )
    count = len(runs.read_text().splitlines())
    assert count >= 4
    built = build(exam(), two, out)
    assert (built.written, built.typeset, built.kept) == (0, 0, 4)
    assert tree(out) == before
    assert len(runs.read_text().splitlines()) == count
    built = build(exam(), three, out)  # somebody comes late
    assert (built.written, built.typeset, built.kept) == (2, 2, 4)
    assert {path: path.stat().st_mtime_ns for path in times} == times
    (out / "papers" / "s1.pdf").unlink()
    assert build(exam(), three, out).typeset == 1
    engine.write_text(engine.read_text().replace("stand-in 1.0", "stand-in 2.0"))  # another version of TeX
    from quizgen.exam.tex import version_of

    version_of.cache_clear()
    assert build(exam(), three, out).typeset == 6


def test_a_manifest_makes_the_same_papers_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in(monkeypatch, tmp_path)
    build(exam(), STUDENTS, tmp_path / "first", file="small.toml")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1900000000")
    built = again(manifest.read(tmp_path / "first" / "manifest.json"), tmp_path / "second")
    assert tree(tmp_path / "first") == tree(tmp_path / "second")
    assert built.typeset == 6


def test_without_pdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # there is no TeX
    built = build(exam(), ("A",), tmp_path / "out", how=NO_PDF)
    assert sorted(tree(tmp_path / "out")) == ["keys/A-key.tex", "manifest.json", "papers/A.tex"]
    assert (built.written, built.typeset) == (2, 0)


def test_without_pdf_those_stay_whose_text_has(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in(monkeypatch, tmp_path)
    out = tmp_path / "out"
    build(exam(), ("A", "B"), out)
    assert build(exam(), ("A", "B"), out, how=NO_PDF).kept == 4
    assert sorted(tree(out)) == FILES
    assert build(exam(), ("A", "B"), out).kept == 4  # and are still known to be those of this text
    other = exam(SMALL.replace("At test time", "").replace("Count the steps.", "Count."))
    build(other, ("A", "B"), out, how=OVER)
    assert sorted(tree(out)) == [name for name in FILES if not name.endswith("key.pdf")]


def test_files_are_called_by_safe_names(tmp_path: Path) -> None:
    built = build(exam(), STUDENTS, tmp_path / "deep" / "out", how=NO_PDF)
    assert built.papers == 3
    papers = manifest.read(tmp_path / "deep" / "out" / "manifest.json").papers
    assert [file_name(paper) for paper in papers][:2] == ["s1", "s2"]
    assert len(list((tmp_path / "deep" / "out" / "papers").iterdir())) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep"]  # ../../x has not got out


def test_as_many_runs_at_once_as_are_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    both = f"""
    touch {tmp_path}/$$.here
    for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        [ $(ls {tmp_path}/*.here | wc -l) -ge 2 ] && break
        sleep 0.5
    done
    [ $(ls {tmp_path}/*.here | wc -l) -ge 2 ] || exit 1"""
    stand_in(monkeypatch, tmp_path, both)
    assert build(exam(), ("A",), tmp_path / "out", how=How(jobs=2)).failures == []


def test_few_papers_are_held_for_tex_and_each_is_told_of() -> None:
    handed, waiting, told = 0, list[int](), list[str]()

    def work() -> None:
        waiting.append(handed - len(waiting))
        time.sleep(0.002)

    with Runs(1, lambda name, error: told.append(name)) as runs:
        for number in range(60):
            handed += 1
            runs.begin(str(number), work)
    assert max(waiting) <= AHEAD + 1
    assert sorted(map(int, told)) == list(range(60))


def test_the_same_bytes_whatever_the_number_of_processes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(families, "_ENTRIES", dict(families.everything()))
    families.load_file(TOYS)
    asked = of(family("toy.wrong"), family("optim.momentum"), 'text = "One?"\nanswer = 1')
    build(asked, ("A", "B", "C"), tmp_path / "one", how=NO_PDF)
    built = manifest.read(tmp_path / "one" / "manifest.json")
    monkeypatch.setattr(printing, "AT_ONCE", 2)
    monkeypatch.setattr(printing, "WORTHWHILE", 1)
    again(built, tmp_path / "two", how=How(jobs=2, pdf=False, families=[str(TOYS)]))
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    with pytest.raises(ManifestError, match=r"can't read its blueprint: .*'toy\.wrong'"):
        again(built, tmp_path / "three", how=How(jobs=2, pdf=False))  # there it is not known
    assert not (tmp_path / "three").exists()


# --- a folder that holds something else ---------------------------------------------------------------------------


def test_another_exam_is_not_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(exam(), ("A", "B"), out, how=NO_PDF)
    before = tree(out)
    edited = exam(SMALL.replace('seed = "k7q3m9"', 'seed = "other"'))
    with pytest.raises(OutputExists, match="holds the exam 'Small exam' of another blueprint, or of this one before"):
        build(edited, ("A", "B"), out, how=NO_PDF)
    with pytest.raises(OutputExists, match="holds papers that this build does not make, of 'B'"):
        build(exam(), ("A",), out, how=NO_PDF)
    assert tree(out) == before
    assert build(edited, ("A",), out, how=OVER).written == 2
    assert sorted(tree(out)) == ["keys/A-key.tex", "manifest.json", "papers/A.tex"]  # B would be of another exam


def test_what_somebody_has_changed_is_not_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(exam(), ("A", "B"), out, how=NO_PDF)
    changed = out / "papers" / "B.tex"
    changed.write_text("mine")
    with pytest.raises(OutputExists, match=r"somebody has changed 'papers/B.tex' since it was built; build in another"):
        build(exam(), ("A", "B"), out, how=NO_PDF)
    assert changed.read_text() == "mine"
    build(exam(), ("A", "B"), out, how=OVER)
    assert changed.read_text() != "mine"


def test_files_of_others_are_not_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "keys").mkdir(parents=True)
    (out / "keys" / "A-key.tex").write_text("mine")
    with pytest.raises(OutputExists, match=r"A-key.tex' exists already; overwrite it with --force"):
        build(exam(), ("A",), out, how=NO_PDF)
    assert (out / "keys" / "A-key.tex").read_text() == "mine"
    assert not (out / "manifest.json").exists()


def test_a_manifest_that_was_changed_by_hand_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(exam(), ("A",), out, how=NO_PDF)
    place = out / "manifest.json"
    place.write_text(place.read_text().replace("Small exam", "Large exam", 1))
    with pytest.raises(OutputExists, match="was changed by hand"):
        build(exam(), ("A",), out, how=NO_PDF)
    assert "Large exam" in place.read_text()
    build(exam(), ("A",), out, how=OVER)
    assert "Large exam" not in place.read_text()


# --- the command --------------------------------------------------------------------------------------------------


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, ["exam", "build", *words])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def blueprint(tmp_path: Path) -> str:
    (tmp_path / "small.toml").write_text(SMALL)
    return str(tmp_path / "small.toml")


def test_the_command_says_what_was_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, blueprint: str) -> None:
    stand_in(monkeypatch, tmp_path)
    out = str(tmp_path / "out")
    code, said, _ = run(blueprint, "-o", out)
    assert code == 0
    assert said.startswith("built 2 papers with keys in ")
    assert ": 4 PDFs made, 0 as they were\n2 papers: hand work agrees within " in said
    assert ": 0 PDFs made, 4 as they were\n" in run(blueprint, "-o", out)[1]
    assert ": 4 PDFs made, 0 as they were\n" in run(f"{out}/manifest.json", "-o", str(tmp_path / "again"))[1]


def test_a_long_build_says_in_a_log_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, blueprint: str
) -> None:
    monkeypatch.setattr(common, "time", SimpleNamespace(monotonic=repeat(0).__next__))
    assert run(blueprint, "-o", str(tmp_path / "one"), "--no-pdf")[2] == ""
    monkeypatch.setattr(common, "SILENCE", 0)
    monkeypatch.setattr(common, "time", SimpleNamespace(monotonic=count().__next__))
    said = run(blueprint, "-o", str(tmp_path / "two"), "--no-pdf")[2].splitlines()
    assert said[0] == "quizgen: drawing 1 of 6"
    assert set(said) < {
        f"quizgen: {what} {n} of {6 if what == 'drawing' else 4 if what == 'printing' else 2}"
        for what in ("drawing", "printing", "writing")
        for n in range(1, 7)
    }
    assert len(said) < 9  # the longer it takes, the more rarely


def test_the_command_takes_versions_or_a_roster(tmp_path: Path, blueprint: str) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_bytes("id;name\ns1;Zoë\ns2;=1+1\n".encode("cp1252"))
    code, said, error = run(blueprint, "-o", str(tmp_path / "one"), "--roster", str(roster), "--no-pdf")
    assert (code, "is not UTF-8 and was read as Windows-1252" in error) == (0, True)
    assert "built 2 papers with keys" in said
    assert "no PDFs" in said
    assert r"\field{Name}{Zoë}" in (tmp_path / "one" / "papers" / "s1.tex").read_text(encoding="utf-8")
    assert run(blueprint, "-o", str(tmp_path / "two"), "--versions", "red, blue", "--no-pdf")[0] == 0
    assert sorted(path.name for path in (tmp_path / "two" / "papers").iterdir()) == ["blue.tex", "red.tex"]
    record = json.loads((tmp_path / "two" / "manifest.json").read_text())
    assert [paper["name"] for paper in record["papers"]] == ["red", "blue"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--versions", "A,../x"), "--versions takes a name of up to 32 letters, digits, - and _, not '../x'"),
        (("--versions", "A,a"), "--versions has the version 'a' twice"),
        (("--versions", "A", "--roster", "r.csv"), "--roster and --versions exclude each other"),
    ],
)
def test_what_the_command_refuses(words: tuple[str, ...], error: str, tmp_path: Path, blueprint: str) -> None:
    from quizgen.commands.exam_build import command

    with pytest.raises(UsageError) as found:
        command.main([blueprint, "-o", str(tmp_path / "out"), *words], standalone_mode=False)
    assert error in str(found.value)
    assert not (tmp_path / "out").exists()


# --- with TeX -----------------------------------------------------------------------------------------------------


@pytest.mark.tex
@pytest.mark.skipif(
    shutil.which("pdflatex") is None or shutil.which("pdftotext") is None,
    reason="no TeX or no pdftotext (Debian: texlive-latex-extra, lmodern, poppler-utils)",
)
def test_the_same_pdfs_by_tex_itself(tmp_path: Path) -> None:
    build(exam(), STUDENTS[:1], tmp_path / "first")
    again(manifest.read(tmp_path / "first" / "manifest.json"), tmp_path / "second")
    assert tree(tmp_path / "first") == tree(tmp_path / "second")
    text = words((tmp_path / "first" / "papers" / "s1.pdf").read_bytes(), tmp_path)
    assert "Name Zoë Müller-Łukasiewicz Id s1 Group blue" in text
    assert "page 3 of 3" in text

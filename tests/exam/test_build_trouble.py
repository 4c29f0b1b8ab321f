"""A build that goes wrong: one line for it, nothing half-written, and the others are made."""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from built import SMALL, STUDENTS, exam, stand_in, tree, unchecked
from built import papers as drawn_for
from quizgen.errors import NoEngine, OutputError, RenderError
from quizgen.exam import build as building
from quizgen.exam import folder, manifest, printing
from quizgen.exam import paper as papers
from quizgen.exam.blueprint import Blueprint
from quizgen.exam.build import Built, How, again, build
from quizgen.exam.folder import Folder
from quizgen.exam.item import Item, item
from quizgen.exam.manifest import ManifestError
from quizgen.exam.model import Placed, Student
from quizgen.exam.paper import Paper
from quizgen.exam.tex import script_of
from quizgen.render.pdf import Limits, find_tex

FAILS_FOR_S2 = "grep -q 'small-exam-s2-.*}' sheet.tex && { echo './sheet.tex:7: I stop' > sheet.log; exit 1; }"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    unchecked(monkeypatch)


def failures(built: Built) -> list[str]:
    return sorted(map(str, built.failures))


def test_where_tex_fails_for_one_the_others_are_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in(monkeypatch, tmp_path, FAILS_FOR_S2)
    built = build(exam(), STUDENTS, tmp_path / "out")
    assert failures(built) == ["keys/s2-key.pdf: I stop", "papers/s2.pdf: I stop"]
    made = tree(tmp_path / "out")
    assert {name for name in made if name.endswith(".pdf") and "s1" in name} == {"papers/s1.pdf", "keys/s1-key.pdf"}
    assert not {name for name in made if name.endswith(".pdf") and "s2" in name}
    assert "papers/s2.tex" in made  # to be looked at
    found = manifest.read(tmp_path / "out" / "manifest.json")
    assert len(found.papers) == 3
    assert sorted(found.files) == sorted(set(made) - {"manifest.json"})
    stand_in(monkeypatch, tmp_path)  # mended: only what is missing is made
    assert build(exam(), STUDENTS, tmp_path / "out").typeset == 2


def test_the_command_lists_failures_and_ends_with_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from quizgen.commands.exam_build import command

    stand_in(monkeypatch, tmp_path, FAILS_FOR_S2)
    (tmp_path / "small.toml").write_text(SMALL)
    (tmp_path / "roster.csv").write_text("id,name\ns1,One\ns2,Two\n")
    words = [str(tmp_path / "small.toml"), "-o", str(tmp_path / "out"), "--roster", str(tmp_path / "roster.csv")]
    assert command.main(words, standalone_mode=False) == 1
    said = capsys.readouterr()
    assert said.err.splitlines() == ["quizgen: keys/s2-key.pdf: I stop", "quizgen: papers/s2.pdf: I stop"]
    assert ": 2 PDFs made, 0 as they were, 2 failures\n" in said.out


def test_what_fails_for_all_is_said_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from quizgen.commands import exam_build

    stand_in(monkeypatch, tmp_path, 'echo "! LaTeX Error: File \\`exam.cls\' not found." > sheet.log; exit 1')
    monkeypatch.setattr(exam_build, "MOST_ALIKE", 3)
    (tmp_path / "small.toml").write_text(SMALL)
    words = [str(tmp_path / "small.toml"), "-o", str(tmp_path / "out")]
    assert exam_build.command.main(words, standalone_mode=False) == 1
    why = "the TeX installation has no exam.cls: install texlive-latex-extra and lmodern"
    assert capsys.readouterr().err.splitlines() == [f"quizgen: keys/A-key.pdf and 3 other files: {why}"]


def test_a_question_that_can_not_be_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    of_s2 = drawn_for(students=STUDENTS)[1].questions[0].question.code

    def unprintable(blueprint: Blueprint, placed: Placed) -> Item:
        if placed.question.code == of_s2:
            raise RenderError(f"{of_s2}: the formula '\\\\x' can't be printed")
        return item(blueprint, placed)

    monkeypatch.setattr(printing, "item", unprintable)
    built = build(exam(), STUDENTS, tmp_path / "out", how=How(pdf=False))
    why = f"question 1: {of_s2}: the formula '\\\\x' can't be printed"
    assert failures(built) == [f"keys/s2-key.tex: {why}", f"papers/s2.tex: {why}"]
    made = tree(tmp_path / "out")
    assert not [name for name in made if "s2" in name]
    assert {"papers/s1.tex", "keys/s1-key.tex", "manifest.json"} <= set(made)


def test_tex_that_hangs_is_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in(monkeypatch, tmp_path, "grep -q 'Key' sheet.tex && sleep 60")
    began = time.monotonic()
    built = build(exam(), ("A", "B"), tmp_path / "out", how=How(jobs=2, limits=Limits(seconds=1)))
    assert time.monotonic() - began < 30
    assert [failure.file for failure in sorted(built.failures, key=str)] == ["keys/A-key.pdf", "keys/B-key.pdf"]
    assert all("took longer than 1 s and was stopped" in line for line in failures(built))
    assert built.typeset == 2


@pytest.mark.tex
@pytest.mark.skipif(find_tex() is None, reason="no TeX: pdflatex was not found (Debian: texlive-latex-extra, lmodern)")
def test_tex_that_wants_the_shell_does_not_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    marker, secret = tmp_path / "marker", tmp_path / "secret"
    secret.write_text("secret")

    def wanting(blueprint: Blueprint, paper: Paper, items: Sequence[Item]) -> str:
        want = {
            "A": rf"\immediate\write18{{touch {marker}}}",
            "B": rf"\newwrite\out\immediate\openout\out={marker}",
        }[paper.name]
        return rf"\documentclass{{article}}\begin{{document}}{want} text\end{{document}}"

    def reading(blueprint: Blueprint, paper: Paper, items: Sequence[Item]) -> str:
        return rf"\documentclass{{article}}\begin{{document}}\input{{{secret}}}\end{{document}}"

    monkeypatch.setattr(building, "DOCUMENTS", (("papers/{}", wanting), ("keys/{}", reading)))
    built = build(exam(), ("A", "B"), tmp_path / "out")
    assert not marker.exists()
    assert {failure.file for failure in built.failures} == {"papers/B.pdf", "keys/A.pdf", "keys/B.pdf"}


def test_a_failed_run_leaves_no_pdf_of_another_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in(monkeypatch, tmp_path)
    out = tmp_path / "out"
    build(exam(), ("A", "B"), out)
    stand_in(monkeypatch, tmp_path, "exit 1")
    edited = exam(SMALL.replace("No *calculators*.", "Calculators."))
    built = build(edited, ("A", "B"), out, how=How(force=True))
    assert len(built.failures) == 2  # the keys say nothing of calculators
    assert sorted(name for name in tree(out) if name.endswith(".pdf")) == ["keys/A-key.pdf", "keys/B-key.pdf"]


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in(monkeypatch, tmp_path)
    out = tmp_path / "out"
    syncs, real = [0], os.fsync

    def full(handle: int) -> None:
        syncs[0] += 1
        if syncs[0] > 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OutputError, match=r"cannot write '.*': No space left on device"):
            build(exam(), ("A", "B"), out)
    left = tree(out)
    assert len(left) == 3  # whole ones
    assert not [name for name in left if name.endswith(".part") or name == "manifest.json"]
    build(exam(), ("A", "B"), out)  # there is room again: it goes on
    stand_in(monkeypatch, tmp_path)
    build(exam(), ("A", "B"), tmp_path / "other")
    assert tree(out) == tree(tmp_path / "other")


def test_no_room_for_tex_to_work_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in(monkeypatch, tmp_path, "echo 'pdfTeX error: pdflatex: fwrite() failed'; exit 1")
    (first, _) = build(exam(), ("A",), tmp_path / "one").failures
    assert re.fullmatch(
        r"keys/A-key.pdf: no room is left in '.+', where TeX works; make some, or set TMPDIR", str(first)
    )

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryDirectory", full)
    (first, _) = build(exam(), ("A",), tmp_path / "two").failures
    assert str(first) == (
        "keys/A-key.pdf: TeX has no folder to work in: No space left on device; make room, or set TMPDIR"
    )
    assert "manifest.json" in tree(tmp_path / "two")


def test_a_build_that_was_cut_off_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in(monkeypatch, tmp_path)
    out = tmp_path / "out"

    def cut_off(blueprint: Blueprint, paper: Paper, items: Sequence[Item]) -> str:
        if paper.name == "B":
            raise KeyboardInterrupt
        return papers.key(blueprint, paper, items)

    with monkeypatch.context() as patched:
        patched.setattr(building, "DOCUMENTS", (building.DOCUMENTS[0], ("keys/{}-key", cut_off)))
        with pytest.raises(KeyboardInterrupt):
            build(exam(), ("A", "B"), out)
    assert "manifest.json" not in tree(out)
    assert build(exam(), ("A", "B"), out).failures == []
    assert "manifest.json" in tree(out)


def test_what_was_written_is_known_even_to_whoever_was_ended_by_force(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(folder, "REMEMBERED", -1)
    Folder(tmp_path, exam(), ["A"]).put("papers/A.pdf", b"one", made_from="that")
    later = Folder(tmp_path, exam(), ["A"])  # nothing has said goodbye
    assert later.keep("papers/A.pdf", "that")
    assert later.put("papers/A.pdf", b"two")  # it is ours


def test_a_manifest_that_was_made_by_hand_writes_nowhere_else(tmp_path: Path) -> None:
    build(exam(), ("A",), tmp_path / "out", how=How(pdf=False))
    found = manifest.read(tmp_path / "out" / "manifest.json")
    (paper,) = found.papers
    forged = found.model_copy(update={"papers": (paper.model_copy(update={"name": "../../x"}),)})
    parsed = manifest.parse(manifest.text(forged).encode())  # its hashes are right: anybody can work them out
    with pytest.raises(ManifestError, match=r"a paper of the manifest is called '\.\./\.\./x', which is no name of a"):
        again(parsed, tmp_path / "in" / "other", how=How(pdf=False))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_no_tex_is_said_before_anything_is_done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoEngine, match=r"there is no TeX on this machine: install .* or build with --no-pdf"):
        build(exam(), ("A",), tmp_path / "in" / "out")
    assert not list(tmp_path.iterdir()), "no empty folders either"
    (tmp_path / "mine").mkdir()
    with pytest.raises(NoEngine):
        build(exam(), ("A",), tmp_path / "mine")
    assert (tmp_path / "mine").is_dir(), "it was there before"


def test_folders_that_can_not_be_built_in(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for place, message in {
        file: "is a file; name a folder to build in",
        file / "in": "cannot make the folder",
        Path("a\0b"): "cannot make the folder",
    }.items():
        with pytest.raises(OutputError, match=message):
            build(exam(), ("A",), place, how=How(pdf=False))
    assert tree(tmp_path) == {"file": b"mine"}


def test_names_that_no_font_has_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in(monkeypatch, tmp_path)
    monkeypatch.setattr("quizgen.render.pdf.find_unicode_tex", lambda: None)
    names = {"s6": "李小龍", "s7": "अनुष्का 李", "s8": "Ada 🎓"}
    built = build(exam(), [STUDENTS[0], *(Student(id_, name) for id_, name in names.items())], tmp_path / "out")
    assert built.failures == []
    do = "which pdfTeX's fonts lack; install texlive-xetex, which takes any font of this machine"
    assert built.notes == [
        f"2 papers ('s6' and 's7') show boxes for Chinese letters, {do}",
        f"1 paper ('s7') shows boxes for Devanagari letters, {do}",
        f"1 paper ('s8') shows boxes for 🎓 (U+1F393), {do}",
    ]


@pytest.mark.parametrize(
    ("character", "script"),
    [("अ", "Devanagari"), ("ั", "Thai"), ("김", "Hangul"), ("Ꮳ", "Cherokee"), ("𐎠", "Old Persian"), ("た", "Hiragana"),
     ("龍", "Chinese"), ("ش", "Arabic"), ("க்"[1], "Tamil"), ("ᐊ", "Canadian")],
)  # fmt: skip
def test_scripts_have_names(character: str, script: str) -> None:
    assert script_of(character) == f"{script} letters"

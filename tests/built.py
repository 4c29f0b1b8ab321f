"""A small exam for the tests of papers and builds, students with names of all sorts, and TeX that is none."""

from __future__ import annotations

import subprocess
import unicodedata
from functools import cache, partial
from pathlib import Path

import pytest

from quizgen.exam import build, tex, versions
from quizgen.exam.blueprint import Blueprint, parse
from quizgen.exam.model import Student, Version

SMALL = """\
title = "Small exam"
course = "Deep learning"
date = 2026-03-14
duration = 60
seed = "k7q3m9"
versions = 2
instructions = "No *calculators*."

[[sections]]
title = "Layers"
instructions = "Give shapes as (channels, height, width)."
[[sections.questions]]
id = "adam"
family = "optim.adam"
level = 1
points = 3.5

[[sections]]
[[sections.questions]]
id = "decay"
text = "What is $0.1 \\\\cdot 0.5^2$?"
answer = 0.025
decimals = 3
points = 1.5
solution = "Two steps: **0.025**."
mistakes = [{ name = "one step too many", answer = 0.013, why = "Count the steps." }]
[[sections.questions]]
id = "dropout"
text = "What does dropout do at test time?"
options = ["It drops units.", "Nothing."]
answer = "b"

[layout]
formula_sheet = "$$ a^2 + b^2 = c^2 $$"
"""

HOSTILE = '\\input{/etc/passwd} $x^2$ 100% & #1_~{ <b>bold</b> =HYPERLINK("http://x") ``'
STUDENTS = (
    Student("s1", "Zoë Müller-Łukasiewicz", group="blue"),
    Student("s2", HOSTILE),
    Student("../../x", "Path Person"),
)


@cache
def exam(text: str = SMALL) -> Blueprint:
    return parse(text)


@cache
def papers(text: str = SMALL, students: tuple[Student, ...] = ()) -> tuple[Version, ...]:
    """The papers of an exam, which no run has checked."""
    blueprint = exam(text)
    return versions.versions(blueprint, students or blueprint.versions, verify=False)[0]


def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds without PyTorch, which these tests are not about."""
    monkeypatch.setattr(build, "versions", partial(versions.versions, verify=False))


def stand_in(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str = "") -> Path:
    """A pdflatex that writes a PDF of one line, after the script has run in the folder of the source."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    engine = programs / "pdflatex"
    begin = '#!/bin/sh\ncase "$1" in --version) echo "stand-in 1.0"; exit;; esac\n'
    engine.write_text(f'{begin}{script}\necho "%PDF of $(cksum < sheet.tex)" > sheet.pdf\n', encoding="utf-8")
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    tex.version_of.cache_clear()  # it is another engine of that name
    return engine


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a folder but the record of builds."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".quizgen-build.json"
    }


def words(data: bytes, folder: Path) -> str:
    """The text of a PDF in the order of printing, every run of white space as one space."""
    (folder / "read.pdf").write_bytes(data)
    command = ["pdftotext", "-raw", "-enc", "UTF-8", str(folder / "read.pdf"), "-"]
    text = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()
    return unicodedata.normalize("NFC", " ".join(text.split()))

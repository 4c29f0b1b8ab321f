"""The paper and its key: what is on them, what is not, and that nothing from outside does more than be printed."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from built import HOSTILE, SMALL, STUDENTS, exam, papers, words
from quizgen import draw
from quizgen import family as families
from quizgen.exam import paper
from quizgen.exam.accepted import accepted
from quizgen.exam.blueprint import Blueprint
from quizgen.exam.item import fraction, item
from quizgen.exam.model import Placed, Slot, Student, Version
from quizgen.exam.qr import squares
from quizgen.exam.rubric import divided, rubric
from quizgen.render import pdf
from quizgen.render.fonts import covering, installed
from quizgen.render.latex import foreign
from quizgen_solvers.exact import fmpq

needs_tex = pytest.mark.skipif(
    shutil.which("pdflatex") is None or shutil.which("pdftotext") is None,
    reason="no TeX or no pdftotext (Debian: texlive-latex-extra, lmodern, poppler-utils)",
)
needs_unicode_tex = pytest.mark.skipif(
    pdf.find_unicode_tex() is None or shutil.which("fc-list") is None or shutil.which("pdftotext") is None,
    reason="no Unicode TeX, fontconfig or pdftotext (Debian: texlive-xetex, fontconfig, poppler-utils)",
)


def placed(family: str, level: int, points: tuple[fmpq, ...] | None = None) -> Placed:
    question = next(draw.stream(families.find(family), level, "paper"))
    slot = Slot(1, 0, "q1", family=family, level=level, points=points)
    return Placed(slot, question, slot.points_of(question))


def printed(document: Callable[..., str], blueprint: Blueprint, version: Version) -> str:
    return document(blueprint, version, [item(blueprint, each) for each in version.questions])


# --- the rubric ---------------------------------------------------------------------------------------------------


@given(st.integers(1, 80), st.lists(st.integers(0, 40), min_size=1, max_size=40))
def test_points_are_divided_exactly(quarters: int, labour: list[int]) -> None:
    points = fmpq(quarters, 4)
    shares = divided(points, labour)
    lines = [at for at, _ in shares]
    assert sum((worth for _, worth in shares), fmpq(0)) == points
    assert all(worth > 0 for _, worth in shares)
    assert lines == sorted(set(lines))
    assert lines[-1] == len(labour) - 1  # the answer earns something
    assert len({worth.q for _, worth in shares} | {1, 2}) <= 3  # halves, or thirds, or quarters: never a mixture
    if points >= fmpq(1, 2) * len(labour) and (2 * points).q == 1:
        assert len(lines) == len(labour)


def test_the_line_that_takes_more_earns_more() -> None:
    assert [worth for _, worth in divided(fmpq(3), [1, 4, 1])] == [fmpq(1, 2), fmpq(2), fmpq(1, 2)]
    assert [worth for _, worth in divided(fmpq(1), [1, 1, 1])] == [fmpq(1, 3)] * 3
    assert divided(fmpq(1), [1] * 7) == [(3, fmpq(1, 2)), (6, fmpq(1, 2))]


@pytest.mark.parametrize(
    ("family", "level"), [(name, level) for name, entry in families.everything().items() for level in entry.levels]
)
def test_every_part_is_paid_in_full_at_its_own_lines(family: str, level: int) -> None:
    asked = placed(family, level)
    earned = rubric(asked)
    for part, points in enumerate(asked.points):
        assert sum((each.points for each in earned if each.part == part), fmpq(0)) == points
    lines = [each.line for each in earned if each.line is not None]
    assert len(lines) == len(set(lines))  # no line is paid twice
    assert all(line < len(asked.question.solution) for line in lines)


def test_a_line_of_two_parts_is_paid_with_the_first() -> None:
    asked = placed("optim.adam", 1)
    found = [(each.part, asked.question.work.lines[each.line or 0].symbol) for each in rubric(asked)]
    parts = [part for part, _ in found]
    assert parts == sorted(parts)
    assert set(parts) == set(range(len(asked.points)))
    answers = [asked.question.answered_by[part][0].symbol for part in range(len(asked.points))]
    assert [symbol for part, symbol in found if symbol in answers] == answers


# --- what is on it ------------------------------------------------------------------------------------------------


def test_nothing_of_the_answers_is_in_the_source_of_a_paper() -> None:
    blueprint, (first, _) = exam(), papers()
    source, key = printed(paper.paper, blueprint, first), printed(paper.key, blueprint, first)
    for told in ("0.025", "one step too many", "Two steps"):
        assert told in key
        assert told not in source, told
    assert "\\choice" in source
    assert not re.search(r"\\CorrectChoice\b", source)
    for each in first.questions:
        assert not each.question.code or each.question.code not in source
        for part in each.question.parts:
            if part.kind.name == "number":
                assert part.answer_latex not in re.sub(r"\\put.*", "", source.split("\\begin{questions}")[1]), (
                    part.words
                )


def test_the_same_version_gives_the_same_bytes() -> None:
    blueprint, (first, second) = exam(), papers()
    papers.cache_clear()
    again = papers()[0]
    for document in (paper.paper, paper.key):
        source = printed(document, blueprint, first)
        assert source == printed(document, blueprint, again)
        assert source != printed(document, blueprint, second)


@pytest.mark.tex
@needs_tex
def test_a_paper_and_its_key_read_back(tmp_path: Path) -> None:
    blueprint, (first, _) = exam(), papers()
    text = words(pdf.compile_tex(printed(paper.paper, blueprint, first)), tmp_path)
    for piece in (
        "Deep learning Small exam 14 March 2026 · 60 minutes · 3 questions · 6 points",
        "No calculators.",
        "Question 1 2 3 Sum Points 3.5 1.5 1 6",
        "Give shapes as (channels, height, width).",
        "A. It drops units. B. Nothing.",
        f"Version A {first.code}",
        "page 1 of 3",
        "page 3 of 3",
        "a2 + b2 = c2",
    ):
        assert piece in text, piece
    key = words(pdf.compile_tex(printed(paper.key, blueprint, first)), tmp_path)
    code = first.questions[0].question.code
    for piece in (
        "Key · Deep learning Small exam",
        code,
        "Answer 0.025 Anything from 0.0245 to 0.0255 (±0.0005).",
        "Two steps: 0.025.",
        "one step too many: 0.013. Count the steps.",
        "Answer B: Nothing.",
        "What follows rightly from a wrong earlier line or answer earns its points.",
    ):
        assert piece in key, piece
    assert "answer =" not in key  # of what was written by hand there are no lines of work


@pytest.mark.tex
@needs_tex
def test_whatever_a_name_says_is_printed_and_not_done(tmp_path: Path) -> None:
    for hostile in papers(students=STUDENTS)[:2]:
        assert hostile.student is not None
        text = words(pdf.compile_tex(printed(paper.paper, exam(), hostile)), tmp_path)
        assert f"Name {hostile.student.name}" in text
        assert f"Id {hostile.student.id}" in text
    hostile_text = SMALL.replace('"Deep learning"', repr(HOSTILE.replace("'", "")))
    text = words(pdf.compile_tex(printed(paper.key, exam(hostile_text), papers(hostile_text)[0])), tmp_path)
    assert HOSTILE.replace("'", "") in text


@pytest.mark.tex
@needs_tex
@pytest.mark.parametrize(
    ("layout", "size", "pages"),
    [
        ('paper = "letter"\nlarge_print = true\nspacing = "wide"\ngrid = true', "612 x 792 pts (letter)", 4),
        ('two_sided = true\nspacing = "tight"\nanswer_space = 0.5', "595.276 x 841.89 pts (A4)", 4),
    ],
)
def test_layouts(layout: str, size: str, pages: int, tmp_path: Path) -> None:
    text = SMALL.replace("[layout]", f"[layout]\n{layout}")
    made = tmp_path / "paper.pdf"
    made.write_bytes(pdf.compile_tex(printed(paper.paper, exam(text), papers(text)[0])))
    info = subprocess.run(["pdfinfo", str(made)], capture_output=True, check=True, text=True).stdout
    assert size in re.sub(" +", " ", info)
    assert int(re.findall(r"Pages: +(\d+)", info)[0]) >= pages
    if "two_sided" in layout:
        assert int(re.findall(r"Pages: +(\d+)", info)[0]) % 2 == 0


# --- names --------------------------------------------------------------------------------------------------------


def test_names_are_written_in_their_own_letters() -> None:
    assert paper.person("Zoë Müller") == "Zoë Müller"
    assert paper.person("Σ x") == r"\unicodechar{3A3} x"  # a letter, not a sum
    assert paper.person("שר") == r"\righttoleft{\unicodechar{5E9}\unicodechar{5E8}}"
    assert paper.person("100% & more") == r"100\% \& more"
    assert r"\unicodechar{200D}" in paper.person("क\u094d\u200dष")  # without the joiner it is spelled otherwise


@pytest.mark.tex
@needs_unicode_tex
@pytest.mark.parametrize(
    "name", ["Фёдор Достоевский", "Δημήτρης Παπαδόπουλος", "שרה לוי", "محمد سلمان", "ขวัญใจ", "ᏣᎳᎩ"]
)
def test_a_name_in_any_script_reads_back(name: str, tmp_path: Path) -> None:
    version = papers(students=(Student("s1", name),))[0]
    source = printed(paper.paper, exam(), version)
    engine = pdf.find_unicode_tex()
    assert engine is not None
    found = covering(foreign(source), lua="lua" in Path(engine).name)
    if found.missing:
        pytest.skip(f"no font has {found.missing} (Debian: fonts-dejavu-core, fonts-noto-core)")
    text = words(pdf.compile_tex(source, engine, beside=found.beside), tmp_path)
    read = unicodedata.normalize("NFKC", re.sub("[\u202a-\u202e]", "", text))
    is_left = unicodedata.bidirectional(name[0]) == "L"
    assert (
        " ".join(name.split()[:: 1 if is_left else -1]) in read
    )  # words from left to right, as they stand on the page


def test_fonts_cover_what_they_can_and_say_what_is_left() -> None:
    found = covering("Жあ\U000e0fff", lua=True)
    assert "\U000e0fff" in found.missing
    if any(font.has("Ж") for font in installed()):
        assert "Ж" not in found.missing
        assert b"csname foreign416\\endcsname" in bytes(found.beside["foreign.tex"])  # type: ignore[arg-type]


# --- small things -------------------------------------------------------------------------------------------------


def test_the_squares_say_the_code() -> None:
    made = squares("midterm-A-7k3q")
    rows = [[0] * made.size for _ in range(made.size)]
    for x, y, width in made.runs:
        for column in range(x, x + width):
            assert rows[made.size - 1 - y][column] == 0
            rows[made.size - 1 - y][column] = 1
    matrix = segno.make("midterm-A-7k3q", micro=False, error="m", encoding="utf-8").matrix
    assert rows == [list(row) for row in matrix]


def test_fractions() -> None:
    assert [fraction(fmpq(n, 4)) for n in (4, 6, 2)] == ["1", r"1$\frac{1}{2}$", r"$\frac{1}{2}$"]


def test_what_else_is_right_is_said_in_words() -> None:
    number, choice = (each.question.parts[0] for each in papers()[0].questions[1:])
    assert accepted(number) == "Anything from $0.0245$ to $0.0255$ (±0.0005)."
    assert accepted(choice) == ""
    text = SMALL.replace("decimals = 3\n", "also = [0.5, '1/40']\n")
    assert accepted(papers(text)[0].questions[1].question.parts[0]) == (
        "Any number that is exactly equal, such as 1/40. Also right: $0.5$."
    )


def test_a_key_lists_several_right_options_as_one_sentence() -> None:
    text = (
        'title = "T"\nseed = "1"\n[[sections]]\n[[sections.questions]]\ntext = "Which of these does it learn?"\n'
        'options = ["Its weights.", "Its biases.", "The size of the batch."]\nanswer = ["a", "b"]\n'
    )
    assert "Its weights; Its biases." in printed(paper.key, exam(text), papers(text)[0])

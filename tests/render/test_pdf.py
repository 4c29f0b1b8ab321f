"""PDF: set by TeX and read back, printed by a browser, and what happens when something is missing or goes wrong."""

import shutil
import subprocess
import time
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from quizgen.errors import NoEngine, OutputExists, RenderError
from quizgen.render import html, latex, pdf
from quizgen.render.unicode_math import plain
from quizgen.text import escape
from standins import NASTY, SHEET, SIZE, Part, Question, Sheet

TEX = shutil.which("pdflatex")
needs_tex = pytest.mark.skipif(
    TEX is None, reason="no TeX: pdflatex was not found (Debian: texlive-latex-extra, lmodern)"
)
needs_reader = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext was not found (Debian: poppler-utils)"
)
BARE = "\\documentclass{article}\n\\begin{document}\n%s\n\\end{document}\n"


def words(data: bytes, tmp_path: Path) -> str:
    """The text of a PDF in the order of printing, every run of white space as one space."""
    (tmp_path / "read.pdf").write_bytes(data)
    command = ["pdftotext", "-raw", "-enc", "UTF-8", str(tmp_path / "read.pdf"), "-"]
    text = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()
    return unicodedata.normalize("NFC", " ".join(text.split()))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.tex
@needs_tex
@needs_reader
class TestTex:
    def test_a_sheet_reads_back(self, tmp_path: Path) -> None:
        assert pdf.write(SHEET, tmp_path / "sheet.pdf") == "pdflatex"
        text = words((tmp_path / "sheet.pdf").read_bytes(), tmp_path)
        for piece in (
            "Deep learning: a practice sheet",
            "4 questions, 19 points",
            "Points: 6 3 5 5 19",
            "optim.adam/2/k7q3m9 6 points",
            "Adam with bias correction, β1 = 0.9, β2 = 0.999",
            "What is the first moment m1? 2 points",
            "nn.Conv2d(3, 96, kernel_size=11, stride=4)",
            "neither of the two, because the network is not trained here",
            "quizgen sheet optim.adam conv --level 2 -n 4 --seed 7",
        ):
            assert piece in text, piece
        assert "0.45" not in text  # a mistake: no solution is printed
        assert names(tmp_path) == ["read.pdf", "sheet.pdf"]

    @pytest.mark.parametrize("mode", ["after", "separate"])
    def test_solutions_are_printed_once(self, mode: str, tmp_path: Path) -> None:
        data = pdf.compile_tex(latex.document(replace(SHEET, solutions=mode)))
        text = words(data, tmp_path)
        assert text.count("no bias correction: (b) 0.6838. Both moments are divided by") == 1
        assert text.count("opt.step()") == 1
        assert text.count("checked: torch 2.13.0 cpu float64") == 4
        assert text.count("Answer: (a) 0.05 (b) 0.9") == (mode == "separate")
        first, second = text.index("2 Size of a convolution"), text.index("Common mistakes")
        assert (second < first) == (mode == "after")

    def test_the_same_sheet_gives_the_same_bytes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        source = latex.document(SHEET)
        once = pdf.compile_tex(source)
        monkeypatch.setenv("TZ", "Asia/Tokyo")
        monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
        time.sleep(1.1)
        assert pdf.compile_tex(source) == once
        assert b"CreationDate" not in once
        assert b"/ID" not in once

    def test_text_from_outside_comes_out_as_text(self, tmp_path: Path) -> None:
        question = Question(NASTY, NASTY, escape(NASTY), (Part(escape(NASTY)),), program=NASTY)
        data = pdf.compile_tex(latex.document(Sheet(NASTY, (question,), "after", command=NASTY)))
        text = words(data, tmp_path)
        assert text.count(plain(NASTY).replace("'", "’")) >= 4, text
        assert "root:" not in text

    def test_names_in_other_scripts(self, tmp_path: Path) -> None:
        title = "Łódź, Nguyễn Ångström, naïve β₁ and m̂ ≤ ½"
        text = words(pdf.compile_tex(latex.document(Sheet(title, (SIZE,)))), tmp_path)
        assert "Łódź, Nguyễn Ångström, naïve β1 and m̂ ≤ ½" in text

    def test_a_character_without_a_font_is_marked(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pdf, "find_browser", lambda: None)
        assert pdf.write(Sheet("王", (SIZE,)), tmp_path / "sheet.pdf") == "pdflatex"
        assert "U+738B" in words((tmp_path / "sheet.pdf").read_bytes(), tmp_path)

    def test_the_title_is_in_the_file(self) -> None:
        data = pdf.compile_tex(latex.document(replace(SHEET, title="a) /Evil (β")))
        assert ("\ufeff" + "a) /Evil (β").encode("utf-16-be").hex().upper().encode() in data


@pytest.mark.tex
@needs_tex
class TestTexGoesWrong:
    @pytest.mark.parametrize(
        ("body", "message", "line"),
        [
            (r"\nosuchcommand", r"Undefined control sequence \(just after '\\nosuchcommand'\)", 3),
            (r"\input{/etc/passwd}", "not found", 3),
            (r"\input{../outside}", "not found", 3),
            (r"\newread\r \openin\r=/etc/passwd \ifeof\r \errmessage{closed}\fi", "closed", 3),
            (r"\newwrite\w \immediate\openout\w=/tmp/quizgen-escaped", "can't write on file", 3),
            (r"\usepackage{x}", "Can be used only in preamble", 3),
            (r"\def\x{a\x b}\x", "TeX capacity exceeded", 3),
        ],
    )
    def test_the_first_error_and_its_place(self, body: str, message: str, line: int) -> None:
        with pytest.raises(pdf.TexError, match=message) as caught:
            pdf.compile_tex(BARE % body)
        assert caught.value.line == line
        assert "\n" not in str(caught.value)
        assert not Path("/tmp/quizgen-escaped.tex").exists()

    def test_no_other_program_is_started(self, tmp_path: Path) -> None:
        marker = tmp_path / "started"
        data = pdf.compile_tex(BARE % rf"\immediate\write18{{touch {marker}}} x")
        assert data.startswith(b"%PDF")
        assert not marker.exists()

    def test_it_is_stopped_when_its_time_is_up(self) -> None:
        begin = time.monotonic()
        with pytest.raises(pdf.TexError, match=r"took longer than 1 s and was stopped"):
            pdf.compile_tex(BARE % r"\def\x{\x}\x", limits=pdf.Limits(seconds=1))
        assert time.monotonic() - begin < 10

    def test_it_is_stopped_when_it_writes_too_much(self) -> None:
        body = r"\newwrite\w \immediate\openout\w=big \def\x{\immediate\write\w{%s}\x}\x" % ("a" * 200)
        with pytest.raises(pdf.TexError, match=r"wrote more than 1 MiB and was stopped"):
            pdf.compile_tex(BARE % body, limits=pdf.Limits(file=1 << 20))

    def test_it_gets_no_more_memory_than_its_limit(self) -> None:
        with pytest.raises(pdf.TexError, match="memory"):
            pdf.compile_tex(BARE % "x", limits=pdf.Limits(memory=16 << 20))

    def test_a_missing_package_says_what_to_install(self) -> None:
        with pytest.raises(pdf.TexError, match=r"has no nosuch\.cls: install texlive-latex-extra"):
            pdf.compile_tex(BARE.replace("article", "nosuch") % "x")

    def test_the_source_of_a_failed_run_is_kept_and_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(latex, "document", lambda _: BARE % r"\nosuch")
        (tmp_path / "other.tex").write_text("mine")
        with pytest.raises(
            pdf.TexError, match=r"^TeX stopped at line 3 of '.*/sheet\.tex': Undefined control sequence"
        ):
            pdf.write(SHEET, tmp_path / "sheet.pdf")
        with pytest.raises(pdf.TexError, match=r"^TeX stopped at line 3 of '.*/other\.failed\.tex': Undefined"):
            pdf.write(SHEET, tmp_path / "other.pdf")
        assert names(tmp_path) == ["other.failed.tex", "other.tex", "sheet.tex"]
        assert (tmp_path / "other.tex").read_text() == "mine"


def test_without_any_engine_the_source_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(
        NoEngine, match=r"install TeX Live.*or Chromium; the LaTeX source is kept in '.*/sheet\.tex'"
    ) as caught:
        pdf.write(SHEET, tmp_path / "sheet.pdf")
    assert "\n" not in str(caught.value)
    assert names(tmp_path) == ["sheet.tex"]
    assert (tmp_path / "sheet.tex").read_text() == latex.document(SHEET)


def test_an_existing_file_is_not_even_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latex, "document", pytest.fail)
    (tmp_path / "sheet.pdf").write_text("mine")
    with pytest.raises(OutputExists, match="--force"):
        pdf.write(SHEET, tmp_path / "sheet.pdf")
    assert (tmp_path / "sheet.pdf").read_text() == "mine"


@pytest.fixture
def printed(chromium: str) -> Callable[[str], bytes]:
    return lambda page: pdf.print_page(page, chromium)


@pytest.mark.browser
class TestBrowser:
    @needs_reader
    def test_it_prints_what_tex_would_have_set(
        self, chromium: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pdf, "find_tex", lambda: None)
        monkeypatch.setattr(html, "page", lambda sheet: f"<!doctype html><title>x</title><h1>{sheet.title}</h1>")
        assert pdf.write(SHEET, tmp_path / "sheet.pdf") == Path(chromium).name
        data = (tmp_path / "sheet.pdf").read_bytes()
        assert words(data, tmp_path) == "Deep learning: a practice sheet"  # and no date, no address
        assert b"/MarkInfo" in data or b"/StructTreeRoot" in data  # tagged

    @needs_reader
    def test_it_prints_what_the_fonts_of_tex_lack(
        self, chromium: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(html, "page", lambda sheet: f"<!doctype html><title>x</title><p>{sheet.title}")
        assert pdf.write(Sheet("Жанна", (SIZE,)), tmp_path / "sheet.pdf") == Path(chromium).name
        assert words((tmp_path / "sheet.pdf").read_bytes(), tmp_path) == "Жанна"

    def test_the_same_page_gives_the_same_bytes(self, printed: Callable[[str], bytes]) -> None:
        page = "<!doctype html><title>x</title><p>same"
        once = printed(page)
        time.sleep(1.1)
        assert printed(page) == once

    def test_it_is_stopped_when_its_time_is_up(self, chromium: str) -> None:
        page = "<!doctype html><p>x<script>for(;;){}</script>"
        with pytest.raises(RenderError, match=r"took longer than 3 s and was stopped"):
            pdf.print_page(page, chromium, pdf.Limits(seconds=3))

    def test_a_browser_that_prints_nothing_is_an_error(self) -> None:
        with pytest.raises(RenderError, match=r"^true made no PDF: exit status 0; install TeX Live"):
            pdf.print_page("<p>x", shutil.which("true") or "/bin/true")


@pytest.mark.tex
@pytest.mark.slow
@needs_tex
@needs_reader
@pytest.mark.parametrize("choices", [False, True])
def test_every_family_at_every_level_is_set(choices: bool, tmp_path: Path) -> None:
    import quizgen
    from quizgen.family import select
    from quizgen.sheet import Sheet as RealSheet

    questions = [
        quizgen.generate(entry.name, level, seed=7, verify=False) for entry in select(()) for level in entry.levels
    ]
    text = words(pdf.compile_tex(latex.document(RealSheet("All", tuple(questions), "separate", choices))), tmp_path)
    for question in questions:
        assert text.count(question.code) == 2, question.code  # at the question, and in the key

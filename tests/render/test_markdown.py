"""Markdown: what a reader of Markdown makes of it, and that formulas survive GitHub's."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from quizgen.errors import RenderError
from quizgen.figures import ComputationGraph, Edge, Node
from quizgen.render.markdown import GITHUB, JUPYTER, code, document, escape, fenced
from quizgen.render.unicode_math import plain
from quizgen.text import escape as literal
from standins import ADAM, NASTY, SHEET, SIZE, TABLE, Part, Question, Sheet

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
GRAPH = ComputationGraph((Node("x", "x", kind="input"), Node("f", "x^2", kind="output")), (Edge("x", "f"),))


def tokens(markdown: str) -> list[Token]:
    """All tokens, inlines taken apart."""
    return [inner for token in READER.parse(markdown) for inner in (token.children or [token])]


def text_of(markdown: str) -> str:
    """The text that a reader sees; fails on anything but text and our own way to write a dollar."""
    text = ""
    for token in tokens(markdown):
        if token.type == "html_inline":
            assert token.content in ("<span>", "</span>")
        elif token.type not in ("paragraph_open", "paragraph_close"):
            assert token.type == "text", token
            text += token.content
    return text


@pytest.mark.parametrize(
    "text",
    [NASTY, "1. one", "12) x", "- a", "+ a", "= b", "# c", "> d", "| e |", "***", "---", "a  ", "[x](y)", "![x](y)",
     "<b>", "&lt;", "~~x~~", "_x_", "`x`", "a\nb", "www.example.org", "x^2", "{{ x }}", "$1 and $2", "\\"],
)  # fmt: skip
def test_text_reads_as_itself(text: str) -> None:
    assert text_of(escape(text)).strip() == plain(text).strip()


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_text_reads_as_itself(text: str) -> None:
    assert text_of(escape("x" + text)).strip() == plain("x" + text).strip()


def test_no_emoji_comes_of_a_name() -> None:
    assert escape("a :smile: b:c") == "a &#58;smile: b:c"


@pytest.mark.parametrize("text", ["x", "a`b", "``", "`", " ", "f(`x`)", "a|b"])
def test_spans_of_code(text: str) -> None:
    (_, span, _) = tokens(code(text))
    assert span.type == "code_inline"
    assert span.content.strip() == text.strip()


@pytest.mark.parametrize("text", ["print()", "```\n# x", "a\n\n  b", "~~~~"])
def test_blocks_of_code(text: str) -> None:
    (block,) = tokens(fenced(text, "python"))
    assert (block.type, block.content, block.info) == ("fence", text + "\n", "python")


FORMULAS = [
    r"\beta_1 = 0.9",
    r"\hat{m}_1 + \hat{v}_1",
    r"\theta_{t-1} - \alpha\,\frac{\hat{m}_t}{\sqrt{\hat{v}_t} + \epsilon}",
    r"\begin{bmatrix} 1 & 0 \\ 0 & 2 \end{bmatrix}",
    r"\{1, 2\}",
    r"a * b * c",
    r"\|x\|_2",
    r"x < y > z",
    r"(a)_1 + (b)_2",
    r"W^{(1)}_{ij} + W^{(2)}_{ij}",
    r"95\%",
    r"\text{out}_1 + \text{in}_2",
    r"a ~ b ~ c",
    r"[0](x)",
]


@pytest.mark.parametrize("latex", FORMULAS)
def test_formulas_come_through_markdown(latex: str) -> None:
    formula = GITHUB.inline(latex)
    # Another formula beside it: emphasis needs two ends.
    kinds = {token.type for token in tokens(f"a {formula} b {formula} c")} - {"paragraph_open", "paragraph_close"}
    if formula.startswith("$`"):
        assert kinds == {"text", "code_inline"}
        assert formula == f"$`{latex}`$"
    else:
        assert kinds == {"text"}
        assert text_of(f"a {formula} b") == f"a {formula} b"
        assert not re.search(r"\\[^A-Za-z]", formula)


@pytest.mark.parametrize("latex", FORMULAS)
def test_displayed_formulas_come_through_markdown(latex: str) -> None:
    display = GITHUB.display(latex)
    (*_, last) = [token for token in tokens(display) if token.content]
    assert (last.type, last.info) in (("fence", "math"), ("text", ""))
    assert last.content == (display if last.type == "text" else latex + "\n")


def test_formulas_of_a_notebook_are_left_alone() -> None:
    assert JUPYTER.inline(r"\hat{m}_1 \, \{x\}") == r"$\hat{m}_1 \, \{x\}$"
    assert JUPYTER.display(r"a \\ b") == "$$\na \\\\ b\n$$"


def test_a_question() -> None:
    assert document(Sheet("A sheet", (SIZE,), "after", command="")) == (
        "# A sheet\n\n1 question, 3 points\n\n## 1. Size of a convolution's output\n\n"
        "<sub>`conv.output-size/1/a2b4c6` · 3 points</sub>\n\n"
        "A convolution slides a $11 \\times 11$ kernel over a $227 \\times 227$ image with stride 4 and no padding; "
        "`nn.Conv2d(3, 96, kernel_size=11, stride=4)`. Sizes are rounded *down*.\n\nHow wide is the output?\n\n"
        "<details>\n<summary>Solution</summary>\n\n**Answer:** $55$\n\n"
        "$$ \\begin{aligned} n_{\\text{out}} & = \\left\\lfloor \\frac{n + 2p - f}{s} \\right\\rfloor + 1 \\cr "
        "& = \\left\\lfloor \\frac{227 + 2 \\cdot 0 - 11}{4} \\right\\rfloor + 1 \\cr & = 55 \\end{aligned} $$\n\n"
        "**Common mistakes**\n\n- *no +1:* $54$. The first position counts too: add 1 after dividing.\n"
        "- *rounded up:* $56$. A window that sticks out is not computed.\n\n"
        "<sub>checked: torch 2.13.0 cpu float64, 2 of 2 parts agree, worst relative difference 3e-17</sub>\n\n"
        "</details>\n"
    )


def test_where_the_solutions_are() -> None:
    none, after, separate = (document(replace(SHEET, solutions=mode)) for mode in ("none", "after", "separate"))
    assert "0.45" not in none
    assert after.count("<details>") == after.count("</details>") == 4
    assert separate.index("# Solutions") > separate.index("## 4. Shapes")
    assert separate.count("**Answer:**") == after.count("**Answer:**") == 4


def test_choices() -> None:
    text = document(Sheet("x", (ADAM,), "after", choices=True))
    assert "- **A** $0.05$\n- **B** $0.45$\n- **C** $0.5$" in text
    assert "**Answer:** (a) **A** $0.05$; (b) **A** $0.9$" in text


def test_tables_lists_and_figures() -> None:
    statement = "| a | `b|c` |\n|:--|--:|\n| $|x|$ | 2 |\n\n- one\n- two\n\n3. three\n\n![a graph](figure:graph)"
    text = document(Sheet("x", (replace(SIZE, statement=statement, figures={"graph": GRAPH}),)))
    assert "| a | `b\\|c` |\n| :--- | ---: |\n| $\\vert x\\vert$ | 2 |" in text
    assert "- one\n- two" in text
    assert "3. three" in text
    drawn = next(token for token in tokens(text) if token.type == "fence")
    assert drawn.info == "text"
    assert "x²" in drawn.content
    with pytest.raises(RenderError, match=r"conv\.output-size/1/a2b4c6: .*figure 'other'"):
        document(Sheet("x", (replace(SIZE, statement="![x](figure:other)"),)))


def test_a_table_to_fill_in_shows_its_labels() -> None:
    assert "| `Conv2d(3, 16)` |  |  |\n| `MaxPool2d` |  |  |" in document(Sheet("x", (TABLE,), "none"))


def test_text_from_outside_is_text() -> None:
    question = Question(NASTY, NASTY, literal(NASTY), (Part(literal(NASTY)),), program=NASTY)
    text = document(Sheet(NASTY, (question,), "after", command=NASTY))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    for token in tokens(text):
        assert token.type not in ("link_open", "image", "s_open")
        if token.type in ("html_inline", "html_block"):
            tags = re.findall(r"<[^>]*>", token.content)
            assert set(tags) <= {f"<{end}{tag}>" for end in ("", "/") for tag in ("span", "sub", "details", "summary")}
    seen = "".join(token.content for token in tokens(text) if token.type in ("text", "code_inline", "fence"))
    assert seen.count(plain(NASTY)) >= 6

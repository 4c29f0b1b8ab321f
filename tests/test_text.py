"""The small markup: what each piece means, what is literal, and what is a slip."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen.render.document import (
    Block,
    Bold,
    Bullets,
    Code,
    Display,
    Emphasis,
    Figure,
    InlineCode,
    Inlines,
    Math,
    Numbered,
    Paragraph,
    Table,
    Text,
)
from quizgen.text import MarkupError, escape, parse, parse_inline

BAR = "|"


@pytest.mark.parametrize(
    ("markup", "inlines"),
    [
        ("plain words", (Text("plain words"),)),
        ("**bold**", (Bold((Text("bold"),)),)),
        ("*stressed*.", (Emphasis((Text("stressed"),)), Text("."))),
        ("***both***", (Bold((Emphasis((Text("both"),)),)),)),
        ("**a $x$ in bold**", (Bold((Text("a "), Math("x"), Text(" in bold"))),)),
        ("`a*b|c$`", (InlineCode("a*b|c$"),)),
        (r"$\beta_1 = 0.9$", (Math(r"\beta_1 = 0.9"),)),
        (r"$5\$$", (Math(r"5\$"),)),
        ("2 * 3 * 4", (Text("2 * 3 * 4"),)),
        ("2*3*4", (Text("2*3*4"),)),
        ("a **lonely star", (Text("a **lonely star"),)),
        ("**", (Text("**"),)),
        ("****", (Text("****"),)),
        (r"\*not\* \$5 \| \` \\ \alpha", (Text(r"*not* $5 | ` \ \alpha"),)),
        ("two\nlines", (Text("two lines"),)),
        ("<b>&amp;</b>", (Text("<b>&amp;</b>"),)),
        ("", ()),
    ],
)
def test_inlines(markup: str, inlines: Inlines) -> None:
    assert parse_inline(markup) == inlines


@pytest.mark.parametrize(
    ("markup", "blocks"),
    [
        ("one\n\n\ntwo", (Paragraph((Text("one"),)), Paragraph((Text("two"),)))),
        ("$$ y = x $$", (Display("y = x"),)),
        ("so $$y$$ holds", (Paragraph((Text("so"),)), Display("y"), Paragraph((Text("holds"),)))),
        ("$$\na\\\\\nb\n$$\nend", (Display("a\\\\\nb"), Paragraph((Text("end"),)))),
        ("- a\n- b\n  more", (Bullets(((Text("a"),), (Text("b more"),))),)),
        ("3. a\n4. b", (Numbered(((Text("a"),), (Text("b"),)), start=3),)),
        ("lead\n- a", (Paragraph((Text("lead"),)), Bullets(((Text("a"),),)))),
        ("```python\nx = 1\n\n  y\n```", (Code("x = 1\n\n  y", "python"),)),
        (r"![a \] b](figure:net)", (Figure("net", "a ] b"),)),
        (
            "| a | b |\n|:--|--:|\n| $P(x|y)$ | `|` |\n| \\| | |\n",
            (
                Table(
                    header=((Text("a"),), (Text("b"),)),
                    rows=(((Math("P(x|y)"),), (InlineCode("|"),)), ((Text("|"),), ())),
                    align=("left", "right"),
                ),
            ),
        ),
        ("1.5 is no list\n-3 neither", (Paragraph((Text("1.5 is no list -3 neither"),)),)),
    ],
)
def test_blocks(markup: str, blocks: tuple[Block, ...]) -> None:
    assert parse(markup) == blocks


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("costs $5", r"never closed: '\$5'; a literal dollar is written"),
        ("$ $", "empty"),
        ("a ` b", "a backtick has no partner"),
        ("```\ncode", "fence of code is never closed"),
        ("| a | b |\n|---|---|\n| c |", r"has 1 cells, its header 2"),
        ("| a | b |\n|---|", r"has 1 cells, not 2"),
        ("- $$x$$", "displayed formula has no place"),
        ("see ![it](figure:x) here", "on a line of its own"),
    ],
)
def test_slips_are_errors_that_quote_the_place(markup: str, words: str) -> None:
    with pytest.raises(MarkupError, match=words):
        parse(markup)


HOSTILE = [
    r"&%$#_{}~^\<>\"'",
    r"\input{/etc/passwd}",
    "- not a list",
    "1. not a list",
    "-",
    "```python",
    "![x](figure:y)",
    "| a |\n|---|\n| b |",
    "**bold** *em* `code` $x$ $$y$$",
    "\\",
    "two\n\nparagraphs",
]


def _read(markup: str) -> str:
    blocks = parse(markup)
    if not blocks:
        return ""
    (paragraph,) = blocks
    assert isinstance(paragraph, Paragraph)
    (text,) = paragraph.inlines
    assert isinstance(text, Text)
    return text.text


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_is_read_as_itself(text: str) -> None:
    assert _read(escape(text)).split() == text.split()


@given(st.text(alphabet=st.sampled_from("ab1 .-*$`|\\![](figure:x)_#<&\n\t\r\u2028é")) | st.text())
def test_escape_makes_any_text_literal(text: str) -> None:
    assert "".join(_read(escape(text)).split()) == "".join(text.split())


@given(st.text(alphabet="ab *$`|\\-1.\n:!"))
def test_no_markup_breaks_the_parser(markup: str) -> None:
    with contextlib.suppress(MarkupError):
        parse(markup)

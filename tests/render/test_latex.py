"""LaTeX: what is escaped, what passes for a formula, and the three ways to hand out solutions. Compiled in test_pdf."""

import re
from dataclasses import replace

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen.errors import RenderError
from quizgen.render import latex
from quizgen.render.latex import Tex, blocks, code, document, escape, foreign, latex_environment, math
from standins import ADAM, MATRIX, NASTY, SHEET, SIZE, TABLE, Part, Question, Sheet


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("50 % of $5 & #1", r"50 \% of \$5 \& \#1"),
        ("a_b^c~{d}", r"a\_b\textasciicircum{}c\textasciitilde{}\{d\}"),
        (r"\input{x}", r"\textbackslash{}input\{x\}"),
        ('<"|`>', r"\textless{}\textquotedbl{}\textbar{}\textasciigrave{}\textgreater{}"),
        ("a -- b --- c", r"a -{}- b -{}-{}- c"),
        ("''quoted'' ,, !` ?`", r"'{}'quoted'{}' ,{}, !{}\textasciigrave{} ?{}\textasciigrave{}"),
        ("β₁ and m̂, θ̂, x²", r"\ensuremath{\beta}\textsubscript{1} and \^{m}, \ensuremath{\hat{\theta}}, x²"),
        ("Łódź, Ångström, “q” – …", r"Łódź, Ångström, “q” – \ldots{}"),
        ("Nguyễn ệ e\u0301", r"Nguy\~{\^{e}}n \d{\^{e}} é"),
        ("3 × 4 − 1 ≤ ∞", r"3 \ensuremath{\times} 4 \ensuremath{-} 1 \ensuremath{\le} \ensuremath{\infty}"),
        ("王 Ж", r"\unicodechar{738B} \unicodechar{416}"),
        ("a\x1b[31m\x00b\nc\u202ed", "a[31mb cd"),
        ("ﬁ 𝐱 ½", "fi x ½"),
    ],
)
def test_escape(text: str, tex: str) -> None:
    assert escape(text) == tex


def test_code_keeps_spaces_and_straight_quotes() -> None:
    assert code("f('a')  # x--y") == r"f(\textquotesingle{}a\textquotesingle{})\ \ \#\ x-{}-y"


# One control word of the escape's own, or a character that TeX sets as it is.
HARMLESS = re.compile(
    r"(?:\\(?:textbackslash|textasciicircum|textasciitilde|textless|textgreater|textbar|textquotedbl|textasciigrave|ldots)\{\}"
    r"|\\[{}$&%#_]|\\ensuremath\{(?:[^{}\\$%#&]|\\[A-Za-z]+|\\\||\{[^{}]*\})*\}|\\text(?:super|sub)script\{|\\unicodechar\{[0-9A-F]+\}"
    r"|\\(?:[`'^\"~=.]|[uvHrcdbk])\{|\\-|\\hspace\{0pt\}|\\mbox\{-\}|\{\}|~|\}|[^\\{}$&%#_^~\"`|<>\x00-\x1f\x7f-\x9f])*"
)


@given(st.text())
def test_whatever_the_text_only_harmless_commands_come_of_it(text: str) -> None:
    tex = escape(text)
    assert HARMLESS.fullmatch(tex), tex
    assert tex.count("{") - tex.count(r"\{") == tex.count("}") - tex.count(r"\}")


def test_templates_escape_by_default_and_miss_nothing() -> None:
    environment = latex_environment()
    assert environment.from_string("<<x>>, <<y>>, <<3>>").render(x="5 % & \\input", y=Tex(r"\alpha")) == (
        r"5 \% \& \textbackslash{}input, \alpha, 3"
    )
    with pytest.raises(jinja2.UndefinedError, match="'missing' is undefined"):
        environment.from_string("<<missing>>").render()


@pytest.mark.parametrize(
    "formula", [r"\frac{a_1}{2} \cdot \hat{x}", r"5\%", "α ≤ β", r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}"]
)
def test_formulas_pass(formula: str) -> None:
    assert math(formula) == formula.replace("α ≤ β", r"{\alpha} {\le} {\beta}")


@pytest.mark.parametrize(
    "formula",
    [
        r"\input{/etc/passwd}", r"\write18{ls}", r"\immediate\write18{ls}", r"\csname input\endcsname x",
        r"x^^5cinput y",
        r"\def\x{y}", r"\let\x\input", r"\catcode`\$=12", r"\openin1=x", r"\includegraphics{x}", r"\usepackage{x}",
        r"$\input{x}$", r"a % b", "#1", r"\\% x", r"\end{document}", r"\text{\input{x}}", r"\text{$\input{x}$}",
        r"\special{x}", r"\directlua{x}", r"\href{x}{y}", r"\begin{verbatim}x\end{verbatim}", r"\scantokens{x}",
        r"\newwrite\f", r"\expandafter\input x", "{", "}", r"\newcommand{\x}{y}", r"\unknown",
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused_by_name(formula: str) -> None:
    with pytest.raises(RenderError, match=re.escape(formula[:10])):
        math(formula)


def test_one_source_holds_questions_solutions_and_key() -> None:
    source, other = (document(replace(SHEET, solutions=mode)) for mode in ("after", "separate"))
    switch = r"\newcommand{\solutions}"
    assert source.replace(switch + "{after}", switch + "{separate}") == other
    assert len(re.findall(r"^\\question\b", source, re.MULTILINE)) == 4
    assert source.count(r"\begin{worked}") == 4
    assert r"\question[3]" in source
    assert r"\part[4]" in source
    assert r"\answerline[{$\displaystyle 0.05$}]" in source
    assert (
        r"\step{the first moment, an average of the gradients}{m_1}{\then{= \beta_1 m_0 + (1 - \beta_1) g_1}" in source
    )
    assert r"\codeline{import\ torch}" in source
    assert r"\provenance{checked: torch 2.13.0 cpu float64" in source
    assert r"\item \emph{beta swapped:} (a) $0.45$. $\beta_1$ weighs" in source


@pytest.mark.parametrize("choices", [False, True])
def test_a_sheet_without_solutions_holds_none_in_its_source(choices: bool) -> None:
    source = document(replace(SHEET, solutions="none", choices=choices))
    assert len(re.findall(r"^\\question\b", source, re.MULTILINE)) == 4
    body = source.partition(r"\begin{document}")[2]
    for told in (r"\begin{worked}", r"\CorrectChoice", r"\answerline[", "Answer:", "beta swapped", "checked: torch"):
        assert told not in body
    assert "$(16, 16, 16)$" not in body  # a cell of the table to fill in
    assert choices or "0.05" not in body  # among choices the answer stands, but not as such


def test_multiple_choice_uses_the_environments_of_the_class() -> None:
    plain, choices = (document(replace(SHEET, solutions="after", choices=each)) for each in (False, True))
    assert plain.count(r"\begin{oneparchoices}") == 0
    assert choices.count(r"\begin{oneparchoices}") == 3
    assert re.findall(r"\\CorrectChoice (\S+)", choices) == ["$0.05$", "$0.9$", "$55$", "the"]
    for source in (plain, choices):
        assert source.count(r"\begin{checkboxes}") == 1


def test_matrices_and_tables_are_filled_in() -> None:
    source = document(replace(SHEET, solutions="after"))
    assert r"\begin{bmatrix}\blank & \blank & \blank \\ \blank & \blank & \blank\end{bmatrix}" in source
    assert source.count(r"\begin{tabular}{|l|c|c|}") == 3  # empty, and filled in where answers are printed
    assert r"\code{MaxPool2d} & $(16, 16, 16)$ & $0$ \\ \hline" in source
    assert r"\emph{pooling counted:} (a) \code{MaxPool2d}, parameters: $64$. Pooling has" in source


def test_a_grid_stands_under_what_is_asked_and_a_line_under_the_room_to_work_in() -> None:
    body = {one.code: document(Sheet("x", (one,))).partition(r"\begin{questions}")[2] for one in (SIZE, MATRIX)}
    assert body[MATRIX.code].index(r"\answergrid{") < body[MATRIX.code].index(r"\workspace{")
    assert body[SIZE.code].index(r"\workspace{") < body[SIZE.code].index(r"\answerline")


def test_blocks() -> None:
    assert blocks("a **b** *c* `d_e` $f_1$", {}) == (r"a \textbf{b} \emph{c} \code{d\_e} $f_1$",)
    assert blocks("$$ x^2 $$", {}) == (r"\display{x^2}",)
    assert blocks("- a\n- b", {}) == ("\\begin{itemize}\n  \\item a\n  \\item b\n\\end{itemize}",)
    assert "\\setcounter{enumi}{2}" in blocks("3. a", {})[0]
    assert blocks("```\na\n  b%\n```", {})[0].count(r"\codeline") == 2
    assert r"\begin{tabular}{@{}lr@{}}" in blocks("| a | b |\n|---|--:|\n| 1 | 2 |", {})[0]
    with pytest.raises(RenderError, match="a figure 'graph' that the question doesn't have"):
        blocks("![x](figure:graph)", {})


def test_errors_name_the_question() -> None:
    bad = replace(ADAM, statement=r"$\nosuch$")
    with pytest.raises(RenderError, match=r"^optim\.adam/2/k7q3m9: the formula .*nosuch"):
        document(Sheet("x", (bad,)))


def test_text_from_outside_is_text_wherever_it_stands() -> None:
    from quizgen.text import escape as literal

    question = Question(NASTY, NASTY, literal(NASTY), (Part(literal(NASTY)),), program=NASTY)
    source = document(Sheet(NASTY, (question,), "after", command=NASTY))
    assert "\\input{/etc" not in source
    assert "\\write18" not in source
    assert source.count("\\textbackslash{}input\\{/etc/passwd\\}") >= 7


def test_foreign_characters_are_found() -> None:
    source = document(Sheet("王小明 and Жанна", (SIZE, MATRIX, TABLE)))
    assert foreign(source) == "Жан小明王"
    assert foreign(document(SHEET)) == ""
    assert latex.foreign("x") == ""

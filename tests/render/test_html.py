"""The page as text: what is in it, what is not, and that nothing from outside gets out of its place."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from html.parser import HTMLParser

import pytest

from pages import ALL, DRAWN, HOSTILE, LISTS, MATRIX, NUMBER, SIZE, TABLE, page, part, question
from quizgen.answers import Expression, Integer, Shape, Table
from quizgen.errors import RenderError
from quizgen.render.html import blocks, fragment
from quizgen.render.mathml import chain, mathml
from quizgen.render.templates import asset, html_environment
from quizgen_solvers import Work

VOID = {"meta", "input", "wbr", "br", "img", "link", "hr"}


class Reader(HTMLParser):
    """The elements of a page, its text, and whether every element is closed where it should be."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in {tag}"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.texts.setdefault(tag, []).append(data)

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]


@pytest.fixture(scope="module", params=["none", "after", "separate"])
def every_mode(request: pytest.FixtureRequest) -> str:
    return page(ALL, solutions=request.param)


def test_the_page_is_well_formed_and_its_ids_differ(every_mode: str) -> None:
    reader = Reader(every_mode)
    ids = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in reader.elements:
        for name in ("for", "aria-labelledby", "aria-describedby"):
            for target in (attributes.get(name) or "").split():
                assert target in ids, f"{name}={target}"
        if (attributes.get("href") or "").startswith("#"):
            assert attributes["href"][1:] in ids  # type: ignore[index]


def test_the_page_needs_nothing_from_elsewhere(every_mode: str) -> None:
    reader = Reader(every_mode)
    assert not reader.all("link")
    assert not reader.all("img")
    assert not [a for _, a in reader.elements if "src" in a]
    assert {a["href"] for _, a in reader.elements if "href" in a and not (a["href"] or "").startswith("#")} == set()
    without_names = every_mode.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?://|@import", without_names)
    assert set(re.findall(r"url\(\"?([a-z]+:)", every_mode)) == {"data:"}


def test_the_policy_allows_the_pages_own_script_alone(every_mode: str) -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", every_mode, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = [a["content"] for a in Reader(every_mode).all("meta") if a.get("http-equiv")]
    assert policy is not None
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "'unsafe-inline'" not in policy.replace("style-src 'unsafe-inline'", "")
    assert not [a for _, a in Reader(every_mode).elements if any(name.startswith("on") for name in a)]


def test_every_field_has_a_name_and_the_page_landmarks(every_mode: str) -> None:
    reader = Reader(every_mode)
    labelled = {a["for"] for a in reader.all("label") if "for" in a}
    fields = reader.all("input")
    assert len(fields) > 20
    for field in fields:
        assert field.get("aria-label") or field.get("id") in labelled or field.get("type") in {"radio", "checkbox"}
    assert [tag for tag, _ in reader.elements if tag in {"header", "nav", "main", "footer"}].count("main") == 1
    assert reader.all("html")[0]["lang"] == "en"
    assert len(reader.all("nav")) == 1
    assert reader.all("a")[0] == {"class": "qg-skip", "href": "#questions"}
    headings = [int(tag[1]) for tag, _ in reader.elements if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert all(below - above <= 1 for above, below in itertools.pairwise(headings))


def test_header_counts_and_repeats_the_command() -> None:
    text = page(ALL, title="Exam & practice", command="quizgen sheet conv -o 'a b.html'")
    assert "<title>Exam &amp; practice</title>" in text
    assert "6 questions · 25 points" in text
    assert "1 question · 3 points" in page([SIZE])
    code = re.search(r'<p class="qg-again">.*?<code>(.*?)</code>', text, re.DOTALL)
    assert code is not None
    assert re.sub("<.*?>", "", code[1]) == "quizgen sheet conv -o &#39;a b.html&#39;"


def test_without_solutions_neither_solution_nor_answer_is_in_the_file() -> None:
    number = question(
        "test.secret/1/aaaaaa",
        part("How many?", Integer(), "271828", wrong={"a named mistake": "314159"}),
        work=(work := Work()),
    )
    work.let("n", work.given("k", 135914) * 2, "twice as many")
    text = page([number], solutions="none")
    for secret in ("271828", "314159", "named mistake", "twice as many", "Worked solution", "torch", "qg-data"):
        assert secret not in re.sub("<style>.*?</style>|<script>.*?</script>", "", text, flags=re.DOTALL), secret
    assert "Check</button>" not in text
    assert "271828" in page([number], solutions="after")


def test_where_solutions_stand() -> None:
    after, separate = page([NUMBER, SIZE]), page([NUMBER, SIZE], solutions="separate")
    assert after.count("<details") == separate.count("<details") == 2
    assert after.index("Worked solution") < after.index('id="q2"') < after.rindex("Worked solution")
    assert separate.index('id="q2"') < separate.index('<h2 id="solutions">') < separate.index("Worked solution")


def test_a_solution_holds_steps_reasons_answers_mistakes_and_the_program() -> None:
    text = page([NUMBER])
    solution = text[text.index("<details") : text.index("</details>")]
    for piece in (
        "The first moment",
        "qg-boxed",
        "Common mistakes",
        "No decay.",
        "The same in PyTorch",
        "torch.tensor(0.1) &lt; 1",
    ):
        assert piece in solution


def test_a_part_that_only_python_checks_says_so() -> None:
    kind = Expression(("w", "x"))
    hard = question("test.formula/1/aaaaaa", part("The gradient?", kind, "w*x"), part("How many?", Integer(), "2"))
    text = page([hard])
    assert "quizgen check test.formula/1/aaaaaa --part 1 …" in text
    assert text.count('<button type="submit"') == 1


def test_choices_ask_with_the_named_mistakes() -> None:
    text = page([SIZE], choices=True)
    radios = [a for a in Reader(text).all("input") if a.get("type") == "radio"]
    assert len(radios) == 2
    assert len({a["name"] for a in radios}) == 1
    boxes = [a["type"] for a in Reader(page([LISTS])).all("input") if a.get("type") != "text"]
    assert boxes == ["radio"] * 3 + ["checkbox"] * 3


@pytest.mark.parametrize("solutions", ["none", "after", "separate"])
def test_hostile_text_comes_out_as_text(solutions: str) -> None:
    from quizgen.text import escape

    nasty = question(
        "test.nasty/1/aaaaaa", part(escape(HOSTILE), Integer(), "1"), title=HOSTILE, statement=escape(HOSTILE)
    )
    text = page([nasty], title=HOSTILE, command=HOSTILE, solutions=solutions)
    reader = Reader(text)
    assert len(reader.all("script")) == (1 if solutions == "none" else 2)
    assert not reader.all("img")
    assert HOSTILE in "".join(reader.texts["h1"])
    assert HOSTILE in "".join(reader.texts["h2"])
    assert HOSTILE in "".join(reader.texts["p"])
    assert "".join(reader.texts["title"]) == HOSTILE


def test_data_for_the_script_cannot_end_its_element() -> None:
    from quizgen.answers import Table

    kind = Table(("</script><b>", "<!--"), (Integer(), Integer()), ("<script>",))
    text = page([question("test.data/1/aaaaaa", part("Fill in.", kind, "1 | 2"))])
    (data,) = re.findall(r'<script type="application/json" id="qg-data">(.*?)</script>', text)
    assert "<" not in data
    assert "\\u003c/script\\u003e" in data


def test_control_characters_do_not_reach_the_page() -> None:
    text = page([question("test.bell/1/aaaaaa", part("Hear?", Integer(), "1"), title="a\x00b\x1b[31m\ud800c")])
    assert "a\ufffdb\ufffd[31m\ufffdc" in text
    text.encode()


def test_the_script_and_the_style_can_stand_in_a_page() -> None:
    assert not re.search(r"</?script|<!--", asset("check.js"))
    assert "</" not in asset("sheet.css")


@pytest.mark.parametrize(
    ("latex", "words"),
    [
        (r"\foo{x}", r'the formula \$\\foo\{x\}\$ can\'t be printed: Unknown command "\\foo"'),
        (r"\frac{a", "can't be printed: Expected closing token"),
        (r"\def\a{\a}\a", "defines a command; write it out"),
        ("x" * 30_000, "20000 is the limit"),
        ("x + \ud800", r"holds '\\ud800', which is no character"),
    ],
)
def test_formulas_that_cannot_be_printed_are_named(latex: str, words: str) -> None:
    with pytest.raises(RenderError, match=words):
        mathml(latex)


def test_errors_name_the_question() -> None:
    with pytest.raises(RenderError, match=r"^test\.bad/1/aaaaaa: the formula \$\\foo\$ can't be printed"):
        page([question("test.bad/1/aaaaaa", part("What?", Integer(), "1"), statement=r"$\foo$")])
    with pytest.raises(RenderError, match=r"there is no figure 'b'; the question has: none"):
        page([question("test.bad/1/aaaaaa", part("What?", Integer(), "1"), statement="![a](figure:b)")])
    with pytest.raises(RenderError, match=r"a formula that \$ opens is never closed"):
        page([question("test.bad/1/aaaaaa", part("What?", Integer(), "1"), statement="costs $5")])


def test_figures_are_drawn_with_ids_of_their_own() -> None:
    svgs = Reader(page([DRAWN, DRAWN])).all("svg")
    assert len(svgs) == 4
    assert len({a["aria-labelledby"] for a in svgs}) == 4


# Formulas -------------------------------------------------------------------------------------------------------


def letters(html: str) -> str:
    return re.sub(r"<.*?>|\s", "", html)


LONG = (
    r"z = w_1 x_1 + w_2 x_2 + w_3 x_3 + b "
    r"= 0.25 \cdot 1.5 + 0.5 \cdot (-2.25) + 0.75 \cdot 3.125 + (1 - 0.875) = 1.71875"
)


def test_a_short_formula_stays_whole_and_a_long_one_is_cut_before_signs() -> None:
    assert mathml("a = b + c").count("<math") == 1
    pieces = str(mathml(LONG)).split("<wbr>")
    assert len(pieces) > 3
    assert all(re.match(r'<math><mo[^>]*form="infix"[^>]*>[=+−]</mo>', piece) for piece in pieces[1:])
    assert letters("".join(pieces)) == "z=w1x1+w2x2+w3x3+b=0.25⋅1.5+0.5⋅(−2.25)+0.75⋅3.125+(1−0.875)=1.71875"


def test_no_cut_within_a_fraction_a_matrix_or_a_pair_of_brackets_that_fits() -> None:
    pieces = str(
        mathml(r"\theta = \frac{a + b + c + d + e + f}{g + h} + \left(\frac{1}{2} + x\right) + (p - q)^2 + r + s + t")
    ).split("<wbr>")
    assert len(pieces) > 1
    assert all(piece.count("<mfrac>") == piece.count("</mfrac>") for piece in pieces)
    assert all(letters(piece).count("(") == letters(piece).count(")") for piece in pieces)


def test_a_chain_is_cut_at_its_relations_and_keeps_the_space_before_the_first() -> None:
    links = chain(r"= a + b = 2 \approx 3")
    assert [letters(str(link)) for link in links] == ["=a+b", "=2", "≈3"]
    assert str(links[0]).startswith('<math displaystyle="true"><mo form="infix">=')
    assert 'lspace="0"' in str(mathml("= 2"))
    assert chain("") == ()


def test_punctuation_stays_with_its_formula() -> None:
    assert str(blocks("Let ($x$), then.")) == (
        '<p>Let <span class="qg-keep">(<math><mi>x</mi></math>),</span> then.</p>'
    )


def test_markup_as_html() -> None:
    source = "**a** *b* `c<d`\n\n- one\n- two\n\n3. three\n\n"
    source += "| n | s |\n|--:|:-:|\n| $1$ | x |\n\n```python\nif a < b:\n```\n\n$$x$$"
    html = str(blocks(source))
    Reader(html)
    for piece in (
        "<p><strong>a</strong> <em>b</em> <code>c&lt;d</code></p>",
        "<li>one</li><li>two</li>",
        '<ol class="qg-list" start="3">',
        '<th class="qg-right" scope="col">n</th><th class="qg-center" scope="col">s</th>',
        '<code class="language-python">if a &lt; b:</code>',
        '<div class="qg-display"><math displaystyle="true">',
    ):
        assert piece in html


# Notebooks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shown", ALL, ids=lambda each: each.family)
def test_a_fragment_fits_into_somebody_elses_page(shown: object) -> None:
    html = fragment(shown)  # type: ignore[arg-type]
    reader = Reader(html)
    assert not reader.all("script")
    assert not reader.all("form")
    assert "@font-face" not in html
    assert "<details" in html
    assert "_repr_html_" not in html


def test_the_style_touches_nothing_outside_a_sheet() -> None:
    css = re.sub(r"/\*.*?\*/", "", asset("sheet.css"), flags=re.DOTALL)
    for selectors in re.findall(r"([^{}]+)\{", css):
        if selectors.strip().startswith("@"):
            continue
        for selector in re.split(r",(?![^(]*\))", selectors):
            assert re.match(
                r"\.quizgen|\.qg-|:where\(\.quizgen\)|body\.quizgen|html:has\(> \.quizgen\)", selector.strip()
            ), selector


def test_environments_are_strict_fresh_and_escape() -> None:
    import jinja2

    first = html_environment()
    assert first is not html_environment()
    assert first.undefined is jinja2.StrictUndefined
    assert first.from_string("{{ x }}").render(x="<") == "&lt;"


def test_the_same_sheet_gives_the_same_bytes() -> None:
    assert page(ALL) == page(ALL)


# Contrast -------------------------------------------------------------------------------------------------------


def palette(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def palettes() -> dict[str, dict[str, str]]:
    css = asset("sheet.css")
    light = palette(css[: css.index("@media")])
    dark = palette(css[css.index("@media (prefers-color-scheme: dark)") : css.index("box-sizing")])
    paper = palette(css[css.index("@media print") :])
    assert set(light) == set(dark) == set(paper)
    return {"light": light, "dark": dark, "paper": paper}


TEXT_ON = [
    *((ink, ground) for ink in ("ink", "soft", "accent") for ground in ("paper", "wash", "field")),
    ("on-accent", "accent"),
    ("ink", "good-wash"),
    ("ink", "bad-wash"),
    ("good", "good-wash"),
    ("bad", "bad-wash"),
]
EDGES = [
    ("edge", "paper"),
    ("edge", "field"),
    ("bad", "field"),
    ("good", "field"),
    ("figure-accent", "paper"),
    ("accent", "paper"),
]


@pytest.mark.parametrize("scheme", ["light", "dark", "paper"])
def test_text_and_edges_have_the_contrast_that_wcag_aa_asks_for(scheme: str) -> None:
    colours = palettes()[scheme]
    for ink, ground in TEXT_ON:
        assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
    for edge, ground in EDGES:
        assert contrast(colours[edge], colours[ground]) >= 3, (edge, ground)


def test_grids_ask_for_as_many_entries_as_there_are() -> None:
    matrix = [a["aria-label"] for a in Reader(page([MATRIX])).all("input")]
    assert matrix == [f"row {i}, column {j}" for i in (1, 2) for j in (1, 2, 3)]
    table = [a["aria-label"] for a in Reader(page([TABLE])).all("input")]
    assert table == ["conv, shape", "conv, parameters", "pool, shape", "pool, parameters"]


def test_a_tables_answer_is_a_table_and_a_mistake_names_the_cells_that_it_changes() -> None:
    kind = Table(("shape", "parameters"), (Shape(), Integer()), ("conv", "$W_1$"))
    right, wrong = "(16, 32, 32) | 448; (3, 4) | 0", "(16, 32, 32) | 432; (4, 3) | 0"
    text = page([question("test.table/1/aaaaaa", part("Fill in.", kind, right, wrong={"bias forgotten": wrong}))])
    solution = text[text.index("<details") :]
    assert re.search(r'class="qg-boxed"><table.*?<th scope="row">conv</th><td><math>.*?448', solution, re.DOTALL)
    (changed,) = re.findall(r"<dt>(.*?)</dt>", solution, re.DOTALL)
    assert letters(changed) == "conv,parameters:432W1,shape:(4,3)"


def test_a_list_of_equations_is_cut_at_its_commas_first() -> None:
    matrix = r"\begin{bmatrix} 1 & 2 & 3 & 4 \end{bmatrix}"
    pieces = str(mathml(rf"X_1 = {matrix}, \quad X_2 = {matrix}", display=True)).split("<wbr>")
    assert [letters(piece) for piece in pieces] == ["X1=[1234],", "X2=[1234]"]
    assert "<mspace" in pieces[0]


def test_wide_products_and_arguments_are_cut_between_matrices() -> None:
    matrix = r"\begin{bmatrix} 0.892958 & 0.107042 & 1 \end{bmatrix}"
    (link,) = chain(rf"= {matrix}{matrix}")
    assert [letters(piece) for piece in str(link).split("<wbr>")] == ["=[0.8929580.1070421]", "[0.8929580.1070421]"]
    (link,) = chain(rf"= \operatorname{{concat}}({matrix}, {matrix})")
    assert [letters(piece)[-1] for piece in str(link).split("<wbr>")] == [",", ")"]


def test_formulas_side_by_side_are_cut_at_the_wide_space_between_them() -> None:
    pieces = str(mathml(r"S = \frac{1}{2} a b c d e f \qquad A = a b c d e f g h", display=True)).split("<wbr>")
    assert [letters(piece) for piece in pieces] == ["S=12abcdef", "A=abcdefgh"]


def test_every_length_of_space_is_understood() -> None:
    for space in (r"\,", r"\!", r"\quad", r"\hspace{3pt}", r"\hspace{-0.5em}", r"\hspace{1cm}", r"\ "):
        assert letters(str(mathml(f"a{space} b"))) == "ab"

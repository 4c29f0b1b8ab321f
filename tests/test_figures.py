"""Figures: values that survive JSON, three drawings of each, and layouts in which nothing lies on anything else."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizgen.errors import InputError, RenderError
from quizgen.figures import (
    AttentionMap,
    ComputationGraph,
    ConvolutionGrid,
    Edge,
    Figure,
    Layer,
    LayerStack,
    Node,
    figure_from_json,
)
from quizgen.label import columns, math, words, wrap
from quizgen.render.figures import attention, graph, grid, stack, svg, text, tikz
from quizgen.render.figures.label_latex import latex
from quizgen.render.figures.layout import Size, place
from quizgen.render.figures.scene import ACCENT, NARROW, TINT, WIDE, Box, Words

GOLDEN = Path(__file__).parent / "golden" / "figures"
HOSTILE = [
    "</svg><script>alert(1)</script>",
    "&%$#_{}~^\\",
    r"\input{/etc/passwd}",
    "<>\"'`|",
    "\x00\u202e\ud800",
    "{" * 99,
]

BRANCH = ComputationGraph(
    nodes=[
        Node("w_a", "w_a", "input", "2"),
        Node("x", "x", "input", "-3"),
        Node("a", "a_1", value="-6"),
        Node("z2", "z_2", value="1"),
        Node("z3", "z_3", value="4"),
        Node("sum", "+", value="5"),
        Node("loss", r"\ell", "output", "12.5"),
    ],
    edges=[
        Edge("w_a", "a", gradient="-0.25", marked=True),
        Edge("x", "a"),
        Edge("a", "z2", gradient=r"\frac{1}{2}"),
        Edge("a", "z3", "w_3", "-1"),
        Edge("z2", "sum"),
        Edge("z3", "sum"),
        Edge("sum", "loss", gradient="1"),
    ],
)
NETWORK = LayerStack(
    [
        Layer("Conv", "16 of 3 × 3, padding 1", "32 × 32 × 16", "448 parameters"),
        Layer("MaxPool", "2 × 2, stride 2", "?", marked=True),
        Layer("Linear", "$W^{(1)}x + b^{(1)}$", "10", "? parameters"),
    ],
    input="32 × 32 × 3",
)
GRID = ConvolutionGrid(
    [[1, 2, 0, 1], [0, 1, 2, 3], [1, 0, 1, 2], [2, 1, 0, "x_1"]],
    [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
    padding=1,
    stride=2,
    at=(0, 1),
)
CHANNELS = ConvolutionGrid(
    [[[1, 2, 0], [0, 1, 2]], [[-1, 2, "0.5"], [0, 1, 2]]], [[[1, 0]], [[2, 1]]], [["1", "6"], ["3", "8"]], at=(1, 0)
)
WEIGHTS = AttentionMap(
    [["1", "0", "0"], ["0.27", "0.73", "0"], ["1/3", "1/3", r"\frac{1}{3}"]],
    rows=["the", "cat", "sat"],
    columns=["the", "cat", "$k_3$"],
    causal=True,
)
WIDE_GRAPH = ComputationGraph(
    [Node(f"n{at}", f"h_{{{at}}}", value="0.1234") for at in range(5)],
    [Edge(f"n{at}", f"n{at + 1}", gradient="-0.12") for at in range(4)],
)
SIDEWAYS = LayerStack(
    [Layer("Linear", f"{at}00 → {at + 1}00", f"{at + 1}00", "12,345") for at in range(1, 6)], "100", "right"
)
SAMPLES: dict[str, Figure] = {
    "branch": BRANCH,
    "network": NETWORK,
    "grid": GRID,
    "channels": CHANNELS,
    "weights": WEIGHTS,
    "wide-graph": WIDE_GRAPH,
    "sideways": SIDEWAYS,
}
each_sample = pytest.mark.parametrize("figure", SAMPLES.values(), ids=SAMPLES.keys())


def hostile(kind: str, label: str) -> Figure:
    """A figure of the kind that shows the label wherever it shows one."""
    if kind == "graph":
        nodes = [Node("a", label, "input", label), Node("b", label, value=label), Node(label, "", "output")]
        return ComputationGraph(nodes, [Edge("a", "b", label, label), Edge("b", label, gradient=label)], label)
    if kind == "stack":
        return LayerStack([Layer(label, label, label, label), Layer(label, marked=True)], label, title=label)
    if kind == "grid":
        rows = [[label, "1"], ["2", label]]
        return ConvolutionGrid(rows, [[label]], at=(0, 0), input_name=label, output_name=label, operator=label)
    return AttentionMap([[label, "1"]], [label], [label, "b"], row_title=label, column_title=label, title=label)


KINDS = ["graph", "stack", "grid", "attention"]

# Any figures at all -----------------------------------------------------------------------------------------------

labels = st.one_of(
    st.sampled_from(["x_1", r"\beta", r"\hat{y}", r"W^{(1)}", "-0.25", "?", r"\partial\ell/\partial w", "", *HOSTILE]),
    st.text(max_size=12),
)


@st.composite
def graphs(draw: st.DrawFn, most: int = 12) -> ComputationGraph:
    count = draw(st.integers(1, most))
    kinds = st.sampled_from(["input", "operation", "output"])
    nodes = [Node(f"n{at}", draw(labels), draw(kinds), draw(labels)) for at in range(count)]
    ends = [(source, target) for source in range(count) for target in range(source + 1, count)]
    chosen = draw(st.lists(st.sampled_from(ends), max_size=min(18, 2 * count))) if ends else []
    edges = [Edge(f"n{a}", f"n{b}", draw(labels), draw(labels), draw(st.booleans())) for a, b in chosen]
    return ComputationGraph(draw(st.permutations(nodes)), edges, draw(labels))


stacks = st.builds(
    LayerStack,
    st.lists(st.builds(Layer, labels, labels, labels, labels, st.booleans()), min_size=1, max_size=6),
    labels,
    st.sampled_from(["down", "right"]),
)


@st.composite
def grids(draw: st.DrawFn) -> ConvolutionGrid:
    rows, wide = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    padding, channels = draw(st.integers(0, 2)), draw(st.integers(1, 3))
    tall, broad = draw(st.integers(1, rows + 2 * padding)), draw(st.integers(1, wide + 2 * padding))
    cells = st.one_of(st.integers(-99, 99), labels)
    image = [[[draw(cells) for _ in range(wide)] for _ in range(rows)] for _ in range(channels)]
    kernel = [[[draw(cells) for _ in range(broad)] for _ in range(tall)] for _ in range(channels)]
    at = draw(st.sampled_from([None, (0, 0)]))
    return ConvolutionGrid(image, kernel, None, padding, draw(st.integers(1, 3)), at, draw(labels))


@st.composite
def maps(draw: st.DrawFn) -> AttentionMap:
    rows, wide = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    cells = st.one_of(st.sampled_from(["0.5", "1/3", "1", "0.0001", "1/0"]), labels)
    weights = [[draw(cells) for _ in range(wide)] for _ in range(rows)]
    names = st.lists(labels, min_size=6, max_size=6)
    return AttentionMap(weights, draw(names)[:rows], draw(names)[:wide], causal=draw(st.booleans()))


figures = st.one_of(graphs(7), stacks, grids(), maps())


@settings(max_examples=150)
@given(figures)
def test_a_figure_survives_json(figure: Figure) -> None:
    assert figure_from_json(json.loads(json.dumps(figure.to_json()))) == figure


@settings(max_examples=60)
@given(figures)
def test_every_figure_is_drawn_three_times(figure: Figure) -> None:
    tree = ET.fromstring(svg(figure))
    assert float(tree.attrib["width"]) > 0
    assert tikz(figure).endswith("\\end{tikzpicture}")
    assert max(columns(line) for line in text(figure).split("\n")) <= 78


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "is no figure"),
        ("figure", "is no figure"),
        ({"figure": "computation_graph"}, "must be an object whose 'figure' is computation-graph"),
        ({"figure": "computation-graph", "nodes": 3, "edges": []}, "'nodes' of a computation-graph is 3"),
        ({"figure": "computation-graph", "nodes": ["x"], "edges": []}, "must be an object"),
        ({"figure": "computation-graph", "nodes": []}, "missing"),
        ({"figure": "computation-graph", "nodes": [{"name": "x", "lable": "x"}], "edges": []}, "'lable' is no field"),
        ({"figure": "computation-graph", "nodes": [{"name": "x", "label": 1}], "edges": []}, "must be a string"),
        ({"figure": "layer-stack", "layers": [{"name": "x", "marked": "yes"}]}, "must be true or false"),
        ({"figure": "attention-map", "weights": 3, "rows": [], "columns": []}, "cannot be read"),
        ({"figure": "convolution-grid", "input": [], "kernel": [[1]]}, "no cells"),
        ({"figure": "convolution-grid", "input": [[1]], "kernel": [[1]], "padding": "1"}, "must be at least"),
        ({"figure": "convolution-grid", "input": [[1]], "kernel": [[1]], "padding": 10**9}, "must be at least"),
    ],
)
def test_json_that_is_no_figure_is_refused_in_a_line(content: Any, message: str) -> None:
    with pytest.raises((InputError, RenderError), match=message):
        figure_from_json(content)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ComputationGraph([], []), "has no nodes"),
        (lambda: ComputationGraph([Node("a", "a")], [Edge("a", "b")]), "names 'b', which is no node"),
        (lambda: ComputationGraph([Node("a", "a"), Node("a", "b")], []), "names must differ"),
        (lambda: ComputationGraph([Node("a", "a", "inpt")], []), "of kind 'inpt'"),  # type: ignore[arg-type]
        (lambda: ComputationGraph([Node("a", "a")], [Edge("a", "a")]), "'a' depends on itself"),
        (lambda: LayerStack([]), "has no layers"),
        (lambda: ConvolutionGrid([[1, 2], [3]], [[1]]), "equally long"),
        (lambda: ConvolutionGrid([[1, 2]], [[1], [2]]), "2 by 1 kernel does not fit"),
        (lambda: ConvolutionGrid([[1, 2]], [[1]], at=(0, 2)), "outside the output of 1 by 2"),
        (lambda: ConvolutionGrid([[1, 2]], [[1]], [[1]]), "give 1 by 2"),
        (lambda: ConvolutionGrid([[1]], [[[1]], [[2]]]), "1 channels and the kernel 2"),
        (lambda: AttentionMap([["1"]], ["a", "b"], ["a"]), "2 row labels and 1 column labels"),
        (lambda: AttentionMap([["1"]], ["a"], ["a"], masked=[(0, 1)]), "lies outside"),
        (lambda: LayerStack([Layer("x" * 1000)]), "longer than 200"),
        (lambda: svg(BRANCH, prefix='a"b'), "makes no id"),
    ],
)
def test_a_figure_that_does_not_fit_together_says_so(make: Any, message: str) -> None:
    with pytest.raises(RenderError, match=message):
        make()


def test_numbers_of_any_exact_kind_are_kept_as_the_text_they_print() -> None:
    from fractions import Fraction

    figure = ConvolutionGrid([[Fraction(1, 2), 3, "x"]], [[1]])
    assert figure.input == ((("1/2", "3", "x"),),)
    assert figure.output == (("", "", ""),)


def test_the_window_lies_where_stride_and_padding_put_it() -> None:
    assert (GRID.size, GRID.window) == ((2, 2), (0, 2, 3, 3))
    assert GRID.padded(0)[0] == (None,) * 6
    assert GRID.padded(0)[1] == (None, "1", "2", "0", "1", None)


# The text alternative -------------------------------------------------------------------------------------------


def test_the_text_alternative_says_what_is_seen() -> None:
    assert BRANCH.alt == (
        "Computation graph: input wₐ = 2; input x = −3; operation a₁ = −6; operation z₂ = 1; operation z₃ = 4; "
        "operation + = 5; output ℓ = 12.5. Edges: wₐ to a₁ (marked, gradient −0.25); x to a₁; a₁ to z₂ (gradient 1/2); "
        "a₁ to z₃ (w₃, gradient −1); z₂ to +; z₃ to +; + to ℓ (gradient 1)."
    )
    assert "MaxPool, 2 × 2, stride 2, gives ?, marked" in NETWORK.alt
    assert "the window of rows 0 to 2 and columns 2 to 4 of the padded input, and output cell (0, 1)" in GRID.alt
    assert "cat: the 0.27, cat 0.73, k₃ masked" in WEIGHTS.alt
    assert ComputationGraph([Node("a", "a")], [], description="One node.").alt == "One node."


def test_nodes_with_one_label_are_told_apart_in_words() -> None:
    figure = ComputationGraph([Node("a", "+"), Node("b", "+"), Node("c", "c")], [Edge("a", "b")])
    assert figure.called() == {"a": "+ (no. 1)", "b": "+ (no. 2)", "c": "c"}


# SVG --------------------------------------------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {SVG + name for name in ("svg", "g", "title", "desc", "style", "rect", "path", "text", "tspan")}


@each_sample
def test_the_svg_stands_alone_and_says_what_it_is(figure: Figure) -> None:
    source = svg(figure, prefix="q1-graph")
    tree = ET.fromstring(source)
    assert {element.tag for element in tree.iter()} <= DRAWN
    ids = [element.attrib["id"] for element in tree.iter() if "id" in element.attrib]
    assert ids == ["q1-graph-title", "q1-graph-desc"]
    assert tree.attrib["role"] == "img"
    assert tree.attrib["aria-labelledby"].split() == ids
    assert tree.findtext(f"{SVG}desc") == figure.alt
    assert not re.search(r"url\(|href|@import|<script", source)
    colours = {
        element.attrib[paint] for element in tree.iter() for paint in ("fill", "stroke") if paint in element.attrib
    }
    assert colours <= {"none", "currentColor", ACCENT, TINT}


@pytest.mark.parametrize("label", HOSTILE)
@pytest.mark.parametrize("kind", KINDS)
def test_hostile_labels_come_out_as_text(kind: str, label: str) -> None:
    figure = hostile(kind, label)
    tree = ET.fromstring(svg(figure))
    assert {element.tag for element in tree.iter()} <= DRAWN
    if label.isprintable() and kind != "graph":
        assert label in "".join(tree.itertext())
    assert all(columns(line) <= 78 and "\x00" not in line and "\u202e" not in line for line in text(figure).split("\n"))
    assert figure_from_json(figure.to_json()) == figure


@each_sample
def test_letters_stay_legible_on_a_phone(figure: Figure) -> None:
    narrow = {
        ComputationGraph: graph.draw,
        LayerStack: stack.draw,
        ConvolutionGrid: grid.draw,
        AttentionMap: attention.draw,
    }[type(figure)](figure, NARROW)  # type: ignore[operator]
    smallest = min(shape.size for shape in narrow.shapes if isinstance(shape, Words))
    assert smallest * min(1, 288 / narrow.width) >= 10.5


@pytest.mark.parametrize("figure", [WIDE_GRAPH, SIDEWAYS], ids=["graph", "stack"])
def test_a_wide_drawing_carries_a_narrow_one(figure: Figure) -> None:
    tree = ET.fromstring(svg(figure))
    wide, narrow = [float(inner.attrib["viewBox"].split()[2]) for inner in tree.iter(f"{SVG}svg") if inner is not tree]
    assert wide > NARROW
    assert narrow <= NARROW
    assert ET.fromstring(svg(NETWORK)).find(f"{SVG}svg") is None


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: str, paper: str, share: float) -> str:
    pairs = [(int(colour[at : at + 2], 16), int(paper[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(share * c + (1 - share) * p):02x}" for c, p in pairs)


@pytest.mark.parametrize(("ink", "paper"), [("#000000", "#ffffff"), ("#1d1c1a", "#fdfcf9"), ("#e6e3dc", "#17181b")])
def test_contrast_meets_wcag_aa_on_light_and_dark_pages(ink: str, paper: str) -> None:
    assert contrast(ACCENT, paper) >= 3
    assert contrast(TINT, paper) >= 3
    boxes = [
        shape
        for figure in (BRANCH, NETWORK, GRID, WEIGHTS)
        for shape in {ComputationGraph: graph, LayerStack: stack, ConvolutionGrid: grid, AttentionMap: attention}[
            type(figure)
        ]
        .draw(figure, WIDE)
        .shapes  # type: ignore[attr-defined]
        if isinstance(shape, Box)
    ]
    assert max(box.tint for box in boxes) == 0.5
    for box in boxes:
        behind = mixed(TINT, mixed(ink, paper, max(box.grey, 0.08)), box.tint)
        assert contrast(ink, behind) >= 4.5


# Layout -----------------------------------------------------------------------------------------------------------


@st.composite
def boxes_and_edges(draw: st.DrawFn) -> tuple[list[Size], list[tuple[int, int]], list[list[Size]]]:
    count = draw(st.integers(1, 12))
    lengths = st.floats(20, 120)
    sizes = [(draw(lengths), draw(lengths)) for _ in range(count)]
    names = draw(st.permutations(range(count)))
    ends = [(names[a], names[b]) for a in range(count) for b in range(a + 1, count)]
    edges = draw(st.lists(st.sampled_from(ends), max_size=18)) if ends else []
    labels = [[(draw(st.floats(5, 90)), 17.0) for _ in range(draw(st.integers(0, 2)))] for _ in edges]
    return sizes, edges, labels


def overlap(one: tuple[float, float], size: Size, other: tuple[float, float], room: Size, slack: float = 0.01) -> bool:
    return all(abs(one[at] - other[at]) < (size[at] + room[at]) / 2 - slack for at in (0, 1))


@settings(max_examples=120)
@given(boxes_and_edges())
def test_no_box_lies_on_a_box_no_label_on_a_box_and_no_edge_runs_through_one(
    given_: tuple[list[Size], list[tuple[int, int]], list[list[Size]]],
) -> None:
    sizes, edges, labels = given_
    placed = place(sizes, edges, labels, [0.0] * len(sizes))
    boxes = list(zip(placed.nodes, sizes, strict=True))
    for at, (centre, size) in enumerate(boxes):
        assert not any(overlap(centre, size, *other) for other in boxes[:at])
        for centres, own in zip(placed.labels, labels, strict=True):
            for label, room in zip(centres, own, strict=True):
                assert not overlap(label, room, centre, size)
    for (source, target), points in zip(edges, placed.edges, strict=True):
        assert placed.nodes[source][0] < placed.nodes[target][0]
        for at in range(0, len(points) - 1, 3):
            for step in range(13):
                t = step / 12
                weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3
                piece = list(zip(weights, points[at : at + 4], strict=True))
                point = sum(w * p[0] for w, p in piece), sum(w * p[1] for w, p in piece)
                assert not any(overlap(point, (0, 0), *box) for box in boxes)


def test_labels_of_a_graph_like_those_asked_do_not_touch_each_other() -> None:
    for figure in (BRANCH, WIDE_GRAPH):
        for width in (WIDE, NARROW, 1.0):
            said = [shape for shape in graph.draw(figure, width).shapes if isinstance(shape, Words)]
            spots = [((word.x, word.y), (word.label.width(word.size), word.size)) for word in said]
            assert not any(overlap(*one, *other) for at, one in enumerate(spots) for other in spots[:at])


def test_a_drawing_is_the_same_in_a_fresh_process() -> None:
    program = (
        "import json, sys\nfrom quizgen.figures import figure_from_json\nfrom quizgen.render.figures import svg, tikz\n"
        "figure = figure_from_json(json.load(sys.stdin))\nsys.stdout.write(svg(figure) + tikz(figure))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(BRANCH.to_json()),
        capture_output=True,
        encoding="utf-8",
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONUTF8": "1"},
        cwd=Path(__file__).parent.parent,
    )
    assert done.stdout == svg(BRANCH) + tikz(BRANCH)


# Labels -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "plain", "tex"),
    [
        ("x_1", "x₁", "$x_{1}$"),
        (r"\hat{y}", "ŷ", r"$\hat{y}$"),
        (r"W^{(1)}_{ij}", "Wᵢⱼ⁽¹⁾", "$W_{ij}^{(1)}$"),
        (r"\partial \ell/\partial w_b", "∂ℓ/∂w_b", r"$\partial \ell /\partial w_{b}$"),
        (r"\beta_1 m - 0.5", "β₁m − 0.5", r"$\beta _{1}m-0.5$"),
        ("-0.5", "−0.5", "$-0.5$"),
        (r"\frac{1}{2}(\hat{y}-t)^2", "(1/2)(ŷ − t)²", r"$\tfrac{1}{2}(\hat{y}-t)^{2}$"),
        (r"\sqrt{v+1}", "√(v + 1)", r"$\sqrt{v+1}$"),
        (r"\max(0, z)", "max(0, z)", r"$\max (0,z)$"),
        (r"\mathbf{x}^\top", "xᵀ", r"$\mathbf{x}^{\top }$"),
        (r"\operatorname{ReLU}(z)", "ReLU(z)", r"$\mathrm{ReLU}(z)$"),
        (r"x_{\text{in}}", "xᵢₙ", r"$x_{\mathrm{in}}$"),
        ("f'(z_{w_1})", "f′(z_(w₁))", r"$f^{\prime }(z_{w_{1}})$"),
        (r"\write18{ls}", r"\write18ls", r"$\text{\textbackslash{}write}18ls$"),
        ("x_", "x_", r"$x\text{\_}$"),
        ("", "", ""),
    ],
)
def test_math_is_read_and_written_anew(source: str, plain: str, tex: str) -> None:
    label = math(source)
    assert (label.plain, latex(label)) == (plain, tex)


def test_words_hold_math_between_dollars_and_are_otherwise_literal() -> None:
    assert words("Conv $x_1$ of 3").plain == "Conv x₁ of 3"
    assert latex(words("50% $x_1$", bold=True)) == r"\textbf{50\% }$x_{1}$"
    assert [words(each).plain for each in (r"\$5 and \$6", "a$b", r"C:\x", r"\alpha")] == [
        "$5 and $6",
        "a$b",
        r"C:\x",
        r"\alpha",
    ]


@settings(max_examples=300)
@given(st.text(alphabet=st.sampled_from("ab1_^{}\\$ '-+(frac)hat"), max_size=40), st.floats(20, 200))
def test_no_label_is_refused_and_none_loses_its_words(source: str, room: float) -> None:
    for label in (math(source), words(source)):
        assert label.width(10) >= 0
        latex(label)
    joined = "".join(line.plain for line in wrap(source, 10, room))
    if "$" not in source and "\\" not in source:
        assert joined.replace(" ", "") == words(source).plain.replace(" ", "")


# TikZ -------------------------------------------------------------------------------------------------------------

PREAMBLE = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{lmodern,amsmath,tikz}
\newcommand{\unicodechar}[1]{[#1]}
\begin{document}
"""


@pytest.mark.tex
def test_tikz_compiles_and_reads_no_file(tmp_path: Path) -> None:
    engine = shutil.which("pdflatex")
    if engine is None:
        pytest.skip("no pdflatex was found")
    (tmp_path / "leak.tex").write_text("LEAKED")
    bad = [*HOSTILE, r"\input{leak}", r"\end{tikzpicture}\input leak ", "日本 é ½ “x” ﬁ", "$ \\input{leak} $"]
    drawn = [tikz(figure) for figure in SAMPLES.values()]
    drawn += [tikz(hostile(kind, label)) for kind in KINDS for label in bad]
    (tmp_path / "f.tex").write_text(PREAMBLE + "\n\n".join(drawn) + "\n\\end{document}\n", encoding="utf-8")
    done = subprocess.run(
        [engine, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "f.tex"],
        cwd=tmp_path,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-2000:]
    log = (tmp_path / "f.log").read_text("utf-8", "replace")
    assert "leak.tex" not in log
    assert "Missing character" not in log


@each_sample
def test_a_tikz_picture_is_no_wider_than_the_page(figure: Figure) -> None:
    source = tikz(figure)
    unit = re.search(r"x=([0-9.]+)pt", source)
    corner = re.search(r"rectangle \(([0-9.]+),", source)
    assert unit is not None
    assert corner is not None
    assert float(unit[1]) * float(corner[1]) <= 416


# In a browser -----------------------------------------------------------------------------------------------------

MEASURE = """
return [...document.querySelectorAll('svg.figure')].map(figure => {
  const box = figure.getBoundingClientRect();
  const seen = [...figure.querySelectorAll('text')].filter(text => text.getClientRects().length
    && text.getBoundingClientRect().width > 0);
  const scale = seen.map(text => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a);
  const out = seen.filter(text => { const r = text.getBoundingClientRect();
    return r.left < box.left - 1 || r.right > box.right + 1 || r.top < box.top - 2 || r.bottom > box.bottom + 2; });
  return [box.width, box.height, Math.min(...scale), out.map(text => text.textContent)];
})
"""


@pytest.mark.browser
@pytest.mark.parametrize(("screen", "smallest"), [(320, 8.5), (1000, 14.9)])
def test_drawings_fit_the_screen_and_letters_stay_inside(
    browser: Any, tmp_path: Path, screen: int, smallest: float
) -> None:
    frame = "".join(svg(figure, prefix=name) for name, figure in SAMPLES.items())
    page = f"<!doctype html><meta charset=utf-8><body style='margin:16px;font-family:serif'>{frame}"
    (tmp_path / "inner.html").write_text(page, encoding="utf-8")
    outer = f"<!doctype html><iframe src=inner.html style='width:{screen}px;height:900px;border:0'></iframe>"
    (tmp_path / "outer.html").write_text(outer, encoding="utf-8")
    browser.get((tmp_path / "outer.html").as_uri())
    browser.switch_to.frame(0)
    measured = browser.execute_script(MEASURE)
    assert len(measured) == len(SAMPLES)
    for name, (width, height, letters, outside) in zip(SAMPLES, measured, strict=True):
        assert width <= screen - 32 + 0.5, name
        assert height > 40, name
        assert letters >= smallest, name
        assert outside == [], name


# Golden files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "figure", "write"),
    [
        ("branch.svg", BRANCH, svg),
        ("grid.tex", GRID, tikz),
        ("branch.txt", BRANCH, text),
        ("network.txt", NETWORK, text),
        ("channels.txt", CHANNELS, text),
        ("weights.txt", WEIGHTS, text),
    ],
)
def test_drawings_are_as_they_were_seen(name: str, figure: Figure, write: Any) -> None:
    path, drawn = GOLDEN / name, re.sub(r">(?=<[rgpt])", ">\n", write(figure)) + "\n"
    if os.environ.get("QUIZGEN_WRITE_GOLDEN") == "1":
        path.write_text(drawn, encoding="utf-8")
    assert path.read_text("utf-8") == drawn, (
        f"{name} changed; look at it, then: QUIZGEN_WRITE_GOLDEN=1 python -m pytest tests/test_figures.py -k seen"
    )


def test_describing_a_figure_imports_nothing_heavy() -> None:
    program = "import sys, quizgen.figures\nprint(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    assert not {"torch", "sympy", "numpy", "jinja2", "rich", "math_core"} & set(done.stdout.split())

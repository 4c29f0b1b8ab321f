"""Questions that no family makes: every field filled by hand, to see what the printers do with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quizgen.answers import Choices, Integer, Matrix, Number, Shape, Table, exactly


@dataclass(frozen=True)
class Mistake:
    name: str
    why: str
    value: str
    latex: str
    target: Any = None


@dataclass(frozen=True)
class Part:
    prompt: str
    kind: Any = field(default_factory=Number)
    points: int = 2
    answer: str = "0.05"
    answer_latex: str = "0.05"
    mistakes: tuple[Mistake, ...] = ()
    options: tuple[str, ...] = ()
    correct: frozenset[int] = frozenset()

    @property
    def words(self) -> str:
        return self.prompt

    @property
    def target(self) -> Any:
        return exactly(self.kind.read(self.answer))


@dataclass(frozen=True)
class Step:
    latex: tuple[str, ...]
    text: str
    why: str = ""
    heading: str = ""
    unfolded: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Provenance:
    words: str = "checked: torch 2.13.0 cpu float64, 2 of 2 parts agree, worst relative difference 3e-17"

    def line(self) -> str:
        return self.words


@dataclass(frozen=True)
class Question:
    code: str
    title: str
    statement: str
    parts: tuple[Part, ...]
    solution: tuple[Step, ...] = ()
    program: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)
    provenance: Provenance | None = Provenance()
    givens: tuple[Step, ...] = ()
    level: int = 2

    @property
    def family(self) -> str:
        return self.code.partition("/")[0]

    @property
    def points(self) -> int:
        return sum(part.points for part in self.parts)


@dataclass(frozen=True)
class Sheet:
    title: str
    questions: tuple[Question, ...]
    solutions: str = "none"
    choices: bool = False
    command: str = "quizgen sheet optim.adam conv --level 2 -n 4 --seed 7"


ADAM = Question(
    code="optim.adam/2/k7q3m9",
    title="One step of Adam",
    statement=(
        "Adam with bias correction, $\\beta_1 = 0.9$, $\\beta_2 = 0.999$, $\\epsilon = 10^{-8}$ and learning rate "
        "$\\alpha = 0.1$ has just started: $m_0 = v_0 = 0$. The parameter is $\\theta_0 = 1$ and its first gradient "
        "$g_1 = 0.5$. It updates by\n\n"
        "$$ \\theta_t = \\theta_{t-1} - \\alpha\\,\\frac{\\hat{m}_t}{\\sqrt{\\hat{v}_t} + \\epsilon}. $$"
    ),
    parts=(
        Part(
            "What is the first moment $m_1$?",
            mistakes=(
                Mistake(
                    "beta swapped", "$\\beta_1$ weighs the *old* moment, $1 - \\beta_1$ the gradient.", "0.45", "0.45"
                ),
            ),
            options=("$0.05$", "$0.45$", "$0.5$"),
            correct=frozenset({0}),
        ),
        Part(
            "What is the parameter $\\theta_1$ after the step? *(4 decimals; ±0.0001 is accepted)*",
            points=4,
            answer="0.9",
            answer_latex="0.9",
            mistakes=(
                Mistake(
                    "no bias correction",
                    "Both moments are divided by $1 - \\beta^t$ before the step.",
                    "0.6838",
                    "0.6838",
                ),
            ),
            options=("$0.9$", "$0.6838$", "$1.1$"),
            correct=frozenset({0}),
        ),
    ),
    solution=(
        Step(
            ("m_1", "= \\beta_1 m_0 + (1 - \\beta_1) g_1", "= 0.9 \\cdot 0 + (1 - 0.9) \\cdot 0.5", "= 0.05"),
            "m₁ = β₁·m₀ + (1 − β₁)·g₁ = 0.9·0 + (1 − 0.9)·0.5 = 0.05",
            "the first moment, an average of the gradients",
        ),
        Step(
            (
                "v_1",
                "= \\beta_2 v_0 + (1 - \\beta_2) g_1^2",
                "= 0.999 \\cdot 0 + (1 - 0.999) \\cdot 0.5^2",
                "= 0.00025",
            ),
            "v₁ = β₂·v₀ + (1 − β₂)·g₁² = 0.999·0 + (1 − 0.999)·0.5² = 0.00025",
            "the second moment, an average of their squares",
        ),
        Step(
            ("\\hat{m}_1", "= \\frac{m_1}{1 - \\beta_1^1}", "= \\frac{0.05}{1 - 0.9}", "= 0.5"),
            "m̂₁ = m₁/(1 − β₁¹) = 0.05/(1 − 0.9) = 0.5",
            "bias correction",
        ),
        Step(
            ("\\hat{v}_1", "= \\frac{v_1}{1 - \\beta_2^1}", "= \\frac{0.00025}{1 - 0.999}", "= 0.25"),
            "v̂₁ = v₁/(1 − β₂¹) = 0.00025/(1 − 0.999) = 0.25",
        ),
        Step(
            (
                "\\theta_1",
                "= \\theta_0 - \\alpha \\cdot \\frac{\\hat{m}_1}{\\sqrt{\\hat{v}_1} + \\epsilon}",
                "= 1 - 0.1 \\cdot \\frac{0.5}{\\sqrt{0.25} + 10^{-8}}",
                "\\approx 0.9000",
            ),
            "θ₁ = θ₀ − α·m̂₁/(√v̂₁ + ϵ) = 1 − 0.1·0.5/(√0.25 + 10⁻⁸) ≈ 0.9000",
            "the step itself",
        ),
    ),
    program=(
        "import torch\n\nw = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)\n"
        "opt = torch.optim.Adam([w], lr=0.1)\n"
        "w.grad = torch.tensor([0.5], dtype=torch.float64)\nopt.step()\nprint(w.item())"
    ),
)

SIZE = Question(
    code="conv.output-size/1/a2b4c6",
    title="Size of a convolution's output",
    statement=(
        "A convolution slides a $11 \\times 11$ kernel over a $227 \\times 227$ image with stride 4 and no padding; "
        "`nn.Conv2d(3, 96, kernel_size=11, stride=4)`. Sizes are rounded *down*."
    ),
    parts=(
        Part(
            "How wide is the output?",
            Integer(),
            points=3,
            answer="55",
            answer_latex="55",
            mistakes=(
                Mistake("no +1", "The first position counts too: add 1 after dividing.", "54", "54"),
                Mistake("rounded up", "A window that sticks out is not computed.", "56", "56"),
            ),
            options=("$54$", "$55$", "$56$", "$216$"),
            correct=frozenset({1}),
        ),
    ),
    solution=(
        Step(
            (
                "n_{\\text{out}}",
                "= \\left\\lfloor \\frac{n + 2p - f}{s} \\right\\rfloor + 1",
                "= \\left\\lfloor \\frac{227 + 2 \\cdot 0 - 11}{4} \\right\\rfloor + 1",
                "= 55",
            ),
            "n_out = ⌊(n + 2p − f)/s⌋ + 1 = ⌊(227 + 2·0 − 11)/4⌋ + 1 = 55",
        ),
    ),
)

X = "\\begin{bmatrix} 1 & 0 & 2 & 1 \\\\ 0 & 3 & 1 & 0 \\\\ 2 & 1 & 0 & 1 \\end{bmatrix}"
K = "\\begin{bmatrix} 1 & -1 \\\\ 0 & 2 \\end{bmatrix}"

MATRIX = Question(
    code="conv.cross-correlate/2/zz91xp",
    title="A convolution by hand",
    statement=(
        "The kernel isn't flipped (cross-correlation). There is no padding and the stride is 1.\n\n"
        f"$$ X = {X}, \\qquad K = {K} $$"
    ),
    parts=(
        Part(
            "Work out the output $Y = X \\star K$.",
            Matrix(),
            points=5,
            answer="[[7, 0, 1], [-1, 2, 3]]",
            answer_latex="\\begin{bmatrix} 7 & 0 & 1 \\\\ -1 & 2 & 3 \\end{bmatrix}",
            mistakes=(
                Mistake(
                    "flipped kernel",
                    "Deep learning's convolution lays the kernel on as it is.",
                    "[[1, 2, 3], [4, 5, 6]]",
                    "\\begin{bmatrix} 1 & 2 & 3 \\\\ 4 & 5 & 6 \\end{bmatrix}",
                ),
            ),
        ),
    ),
    solution=(
        Step(
            (
                "Y_{0,0}",
                "= 1 \\cdot 1 + 0 \\cdot (-1) + 0 \\cdot 0 + 3 \\cdot 2",
                "= 7",
            ),
            "Y₀,₀ = 1·1 + 0·(−1) + 0·0 + 3·2 = 7",
            "lay the kernel on the top left corner, multiply and add",
        ),
        Step(
            (
                "Y",
                f"= {X} \\star {K}",
                "= \\begin{bmatrix} 7 & 0 & 1 \\\\ -1 & 2 & 3 \\end{bmatrix}",
            ),
            "Y = [[1, 0, 2, 1], [0, 3, 1, 0], [2, 1, 0, 1]] ⋆ [[1, −1], [0, 2]] = [[7, 0, 1], [−1, 2, 3]]",
        ),
    ),
)

LAYERS = Table(("output shape", "parameters"), (Shape(), Integer()), ("`Conv2d(3, 16)`", "`MaxPool2d`"))
LEARNING = ("the convolution", "the pooling", "neither of the two, because the network is not trained here")
SHAPES = "(16, 32, 32), 448; (16, 16, 16), 0"

TABLE = Question(
    code="conv.layer-table/2/t4b1e5",
    title="Shapes and parameters of a network",
    statement=(
        "An image of shape $(3, 32, 32)$ goes through these layers. Shapes are (channels, height, width).\n\n"
        "| layer | kernel | stride | padding |\n|:------|------:|------:|------:|\n"
        "| `Conv2d(3, 16)` | $3$ | $1$ | $1$ |\n| `MaxPool2d` | $2$ | $2$ | $0$ |\n\n"
        "Remember:\n\n- pooling has no parameters;\n- every filter has **one** bias."
    ),
    parts=(
        Part(
            "Fill in the table.",
            LAYERS,
            points=4,
            answer=SHAPES,
            answer_latex="\\begin{array}{ll} (16, 32, 32) & 448 \\\\ (16, 16, 16) & 0 \\end{array}",
            mistakes=(
                Mistake(
                    "pooling counted",
                    "Pooling has nothing to learn.",
                    "(16, 32, 32), 448; (16, 16, 16), 64",
                    "",
                    exactly(LAYERS.read("(16, 32, 32), 448; (16, 16, 16), 64")),
                ),
            ),
        ),
        Part(
            "Which layers learn? Mark **all** that do.",
            Choices(LEARNING),
            points=1,
            answer="A",
            options=LEARNING,
            correct=frozenset({0}),
        ),
    ),
    solution=(
        Step(
            ("P_1", "= (3 \\cdot 3 \\cdot 3 + 1) \\cdot 16", "= 448"),
            "P₁ = (3·3·3 + 1)·16 = 448",
            "parameters of the convolution",
            heading="Row 1",
        ),
    ),
)

NASTY = (
    "& % $ # _ { } ~ ^ \\ < > \" ' ` | -- --- '' ,, !` "
    "\\input{/etc/passwd} \\write18{touch /tmp/x} [b]x[/b] \x1b[31mred\x07"
)
"""Everything that means something somewhere, in one line of text."""

SHEET = Sheet("Deep learning: a practice sheet", (ADAM, SIZE, MATRIX, TABLE))

"""Questions made by hand, one for each thing that a page does with an answer, and the page that shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flint import fmpq

from quizgen.answers import Choice, Choices, Integer, Kind, Matrix, Number, Shape, Table, Vector
from quizgen.figures import ComputationGraph, Edge, Figure, Node
from quizgen.question import Question, QuestionPart, WrongWay
from quizgen.render import html
from quizgen.sheet import Sheet, Solutions
from quizgen_solvers import Work

HOSTILE = (
    "& % $ # _ { } ~ ^ \\ < > \" ' ` | \\input{x} </script><script>alert(1)</script> "
    "<img src=x onerror=alert(2)> {{ 7*7 }}"
)
"""One line of text that means something in HTML, in templates, in LaTeX and in the small markup."""


def part(
    words: str, kind: Kind, answer: Any, *, tolerance: str = "0", points: int = 2, wrong: dict[str, str] | None = None
) -> QuestionPart:
    """A part whose answer, and where each named mistake leads, are written as one types them."""
    numerator, _, denominator = tolerance.partition("/")
    return QuestionPart(
        words=words,
        kind=kind,
        points=points,
        centre=kind.read(answer),
        tolerance=fmpq(int(numerator), int(denominator or 1)),
        wrong=tuple(
            WrongWay(name, f"Look at $\\beta_1$: that is *{name}*.", (kind.read(value),))
            for name, value in (wrong or {}).items()
        ),
    )


def question(
    code: str,
    *parts: QuestionPart,
    title: str = "A question",
    statement: str = "Look at $x_1 = 0.5$.",
    figures: dict[str, Figure] | None = None,
    work: Work | None = None,
) -> Question:
    """A question with those parts; its mistakes belong to the first one."""
    if work is None:
        work = Work()
        beta, gradient = work.given(r"\beta_1", "0.9"), work.given("g_1", "0.5")
        work.let("m_1", (1 - beta) * gradient, "the first moment")
    return Question(
        code=code,
        family=code.partition("/")[0],
        level=1,
        title=title,
        parts=parts,
        work=work,
        recorded={
            "statement": statement,
            "program": "import torch\nprint(torch.tensor(0.1) < 1)",
            "parameters": {},
            "figures": figures or {},
        },
    )


def sheet(
    questions: Iterable[Question],
    solutions: Solutions = "after",
    choices: bool = False,
    title: str = "A sheet",
    command: str = "quizgen sheet conv --seed 7",
) -> Sheet:
    """What `html.page` prints."""
    return Sheet(title, tuple(questions), solutions, choices, command)


def page(questions: Iterable[Question], **options: Any) -> str:
    return html.page(sheet(questions, **options))


GRAPH = ComputationGraph(
    nodes=[Node("x", "x", "input", "2"), Node("f", "f", "output")], edges=[Edge("x", "f", marked=True)]
)

NUMBER = question(
    "test.number/1/aaaaaa",
    part("The moment?", Number(4), "0.05", tolerance="1/20000", wrong={"beta swapped": "0.45", "no decay": "0.45"}),
    part("And exactly?", Number(), "1/3"),
)
SIZE = question("test.size/1/bbbbbb", part("How wide?", Integer(), "55", points=3, wrong={"no +1": "54"}))
MATRIX = question(
    "test.matrix/1/cccccc",
    part("The output?", Matrix(), "[[7, 0, 1], [-1, 2, 3]]", points=6, wrong={"flipped kernel": "1 2 3; 4 5 6"}),
)
TABLE = question(
    "test.table/1/dddddd",
    part(
        "Fill in.",
        Table(("shape", "parameters"), (Shape(), Integer()), ("conv", "pool")),
        "(16, 32, 32) | 448; 16x16x16 | 0",
    ),
)
LISTS = question(
    "test.lists/1/eeeeee",
    part("The shape?", Shape(), "(32, 8, 128, 64)", wrong={"heads not split": "(32, 128, 512)"}),
    part("The weights?", Vector(2), "(0.27, 0.73)", tolerance="1/200"),
    part("Which one?", Choice(("$1$", "*two*", "three")), "b"),
    part("Which ones?", Choices(("$1$", "*two*", "three")), "a, c"),
)
DRAWN = question(
    "test.figure/1/ffffff",
    part("What is $f$?", Integer(), "2"),
    statement="Once:\n\n![a graph](figure:graph)\n\nAnd again:\n\n![the graph](figure:graph)",
    figures={"graph": GRAPH},
)
ALL: Sequence[Question] = (NUMBER, SIZE, MATRIX, TABLE, LISTS, DRAWN)

"""What the tests of exports export: every family at every level, and questions written by hand whose texts attack."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from flint import fmpq
from hypothesis import strategies as st

from quizgen import family as families
from quizgen.answers import Choice, Choices, Expression, Integer, Kind, Matrix, Number, Shape, Table, Vector
from quizgen.code import make
from quizgen.draw import draw
from quizgen.export import Exported
from quizgen.figures import ComputationGraph, Edge, Figure, Node
from quizgen.question import Question, QuestionPart, WrongWay, array_of
from quizgen.text import escape
from quizgen_solvers import Work
from standins import NASTY

HOSTILE = (
    NASTY,
    "]]> <![CDATA[ <!-- --> <script>alert(1)</script> &lt;b&gt; &amp;&#35; </text></questiontext><?php ?>",
    r"{1:NUMERICAL:=1:0} {#1} {:MC:=a~b} {=x ~y} {#5:1} :: // $CATEGORY: \n \\n \= #### [html] -> =5 %100%7",
    r"\(x\) \[y\] $$z$$ \begin{align}a\end{align} @@PLUGINFILE@@/x @@TOKEN@@ [tex]w[/tex] [latex]v[/latex] [$]u[/$]",
    "[sound:a.mp3] [anki:tts lang=en]x[/anki:tts] {{A}} {{c1::x}} {{#a}}b{{/a}} %%x%% __import__('os') ''' \"\"\"",
    '=HYPERLINK("http://x") +1 -1 @SUM(1) ../../x %s {0} ${x} \u202eabc \u0000 \ud800 \uffff \U0001f600 naïve 日本語\\',
)
"""Texts that mean something to XML, Moodle, GIFT, MathJax, Anki, Python or a spreadsheet, each on a line."""

TRICKY = st.characters(max_codepoint=0x2FFF, exclude_categories=["Cc", "Zl", "Zp"]) | st.sampled_from(
    "\\\\\\{}~#=%&;$@[]():-> 1234567890n"
)
"""Characters for property tests, those that mean something more often than others."""

GRAPH = ComputationGraph((Node("x", "x", kind="input"), Node("f", "x^2", kind="output")), (Edge("x", "f"),))


@lru_cache(maxsize=1)
def drawn() -> tuple[Question, ...]:
    """Two questions of every family at every level."""
    return tuple(
        draw(make(entry, level, seed))
        for _, entry in sorted(families.everything().items())
        for level in entry.levels
        for seed in ("k7q3m9", "b2c4d6")
    )


def written(
    kind: Kind,
    right: Any,
    *wrong: tuple[str, str, Any],
    statement: str = "A question.",
    words: str = "How many?",
    title: str = "By hand",
    tolerance: fmpq = fmpq(0),
    also: tuple[Any, ...] = (),
    figures: dict[str, Figure] | None = None,
    solution: str = "",
) -> Question:
    """A question of one part, written by hand."""
    ways = tuple(WrongWay(name, why, (value,)) for name, why, value in wrong)
    part = QuestionPart(words, kind, 2, right, tolerance, also, ways)
    recorded = {"statement": statement, "program": "", "figures": figures or {}, "parameters": {}, "solution": solution}
    work = Work()
    return Question("", "", 0, title, (part,), work, recorded=recorded, answered_by=(_answered(work, part),))


def _answered(work: Work, part: QuestionPart) -> tuple[Any, ...]:
    """The work of a question that was written by hand holds its answers and nothing else."""
    if isinstance(part.centre, (frozenset, str)):
        return ()
    cells = [x for row in part.centre for x in row] if isinstance(part.kind, Table) else [part.centre]
    return tuple(work.let(r"\text{answer}", array_of(x)) for x in cells if not isinstance(x, str))


def several(*questions: Question, title: str = "By hand, in parts") -> Question:
    """The parts of several questions as those of one."""
    from dataclasses import replace

    ways = tuple(
        WrongWay(way.name, way.why, tuple(way.values[0] if i == j else None for j in range(len(questions))))
        for i, question in enumerate(questions)
        for way in question.mistakes
    )
    parts = tuple(replace(question.parts[0], index=i, wrong=ways) for i, question in enumerate(questions))
    work = Work()
    answered = tuple(_answered(work, part) for part in parts)
    return Question("", "", 0, title, parts, work, recorded=questions[0].recorded, answered_by=answered)


def q(*numbers: int) -> tuple[fmpq, ...]:
    return tuple(map(fmpq, numbers))


def hostile(text: str) -> Question:
    """Every kind that all platforms know, with ``text`` wherever a text can stand."""
    safe = escape(text)
    options = tuple(f"{n} {safe}" for n in ("one", "two", "three"))
    slip = (text, safe)
    return several(
        written(
            Integer(),
            fmpq(12),
            (*slip, fmpq(13)),
            ("the other", "See $x \\lbrace 1 \\rbrace$ and `}`.", fmpq(-14)),
            statement=f"{safe}\n\n- {safe}\n\n| {safe} | b |\n|---|---|\n| `{text.replace('`', '')}` | $x_1 < 2$ |\n\n"
            f"```\n{text}\n```\n\n![{safe.replace(']', '')}](figure:graph)",
            words=safe,
            figures={"graph": GRAPH},
        ),
        written(Choice(options), frozenset({1}), (*slip, frozenset({0})), words=safe),
        written(Choices(options), frozenset({0, 2}), (*slip, frozenset({1})), words=safe),
        title=text,
    )


TABLE = Table(("shape", "parameters", "share"), (Shape(), Integer(), Number(2)), ("`Conv2d`", "pooling"))

PLAIN: dict[str, Question] = {
    "integer": written(Integer(), fmpq(55), ("no +1", "Add 1.", fmpq(54)), ("twice", "Add it once.", fmpq(56))),
    "large": written(Integer(), fmpq(123456789012), ("off", "No.", fmpq(123456789011))),
    "negative": written(Number(), fmpq(-3, 8), ("sign", "Mind the sign.", fmpq(3, 8))),
    "rounded": written(
        Number(4), fmpq(9000, 10000), ("no correction", "Correct it.", fmpq(6838, 10000)), tolerance=fmpq(1, 10000)
    ),
    "also": written(Integer(), fmpq(5), ("off", "No.", fmpq(8)), also=(fmpq(6), fmpq(7))),
    "zero": written(Number(3), fmpq(0), ("one", "It vanishes.", fmpq(1)), tolerance=fmpq(1, 1000)),
    "shape": written(Shape(), q(64, 32, 3), ("swapped", "Channels first.", q(3, 32, 64))),
    "side": written(Shape(), q(7), ("off", "No.", q(8)), ("longer", "One dimension.", q(7, 1))),
    "vector": written(
        Vector(2), (fmpq(1, 4), fmpq(-3, 2)), ("sign", "Mind it.", (fmpq(1, 4), fmpq(3, 2))), tolerance=fmpq(1, 100)
    ),
    "matrix": written(Matrix(), (q(7, 0), q(-1, 2)), ("flipped", "It isn't flipped.", (q(2, -1), q(0, 7)))),
    "table": written(
        TABLE,
        ((q(16, 32, 32), fmpq(448), fmpq(1, 2)), (q(16, 16, 16), fmpq(0), fmpq(1, 4))),
        (
            "counted",
            "Pooling learns nothing.",
            ((q(16, 32, 32), fmpq(448), fmpq(1, 2)), (q(16, 16, 16), fmpq(64), fmpq(1, 4))),
        ),
        tolerance=fmpq(1, 100),
    ),
    "choice": written(Choice(("$\\nabla f$", "=5", "a) \\", "%50%")), frozenset({1}), ("first", "No.", frozenset({0}))),
    "either": written(Choice(("a", "b", "c")), frozenset({0}), ("b", "No.", frozenset({1})), also=(frozenset({2}),)),
    "choices": written(Choices(("a", "b", "c", "d")), frozenset({0, 2, 3}), ("all", "No.", frozenset({0, 1, 2, 3}))),
}
"""By kind, what every format can carry in one way or another."""

FORMULA = written(Expression(("w", "x")), "2*w*x", ("no factor", "The square's derivative.", "w*x"))
THIRD = written(Number(), fmpq(1, 3), ("inverse", "Turn it round.", fmpq(3)))


NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def numbers(shown: str) -> list[str]:
    """The numbers of an answer as it is shown to people, in reading order: what one would type into its fields."""
    return NUMBER.findall(shown)


def right(part: QuestionPart) -> frozenset[int]:
    """The options that are right: of a choice also the others that are accepted."""
    return part.correct.union(*part.also) if part.kind.name == "choice" else part.correct


def placed(questions: Any, points: int = 2) -> list[Exported]:
    """Questions at q1, q2, …, every part for so many points."""
    return [
        Exported(question, tuple(fmpq(points) for _ in question.parts), f"q{n}")
        for n, question in enumerate(questions, 1)
    ]


def exam() -> list[Exported]:
    """Everything."""
    return placed([*drawn(), *PLAIN.values(), *map(hostile, HOSTILE)])

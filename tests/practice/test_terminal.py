"""The app on the whole screen, driven as a person would: keys go in, and what stands on the screen is read."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.events import Key, Paste
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import Screen

from quizgen.answers import Integer, Matrix, Shape, Table
from quizgen.errors import StoreBusy, Unavailable, UnknownFamily, Unreadable, UsageError
from quizgen.practice.records import ME, Plan
from quizgen.practice.session import Practice, Session
from quizgen.practice.store import Store
from quizgen.practice.terminal.app import PracticeApp
from quizgen.practice.terminal.cells import joined, split, trimmed
from quizgen.practice.terminal.commands import AT_A_QUESTION, meant
from quizgen.practice.terminal.desk import Desk
from quizgen.practice.terminal.entry import AnswerLine, History
from quizgen.practice.terminal.grid import Grid
from quizgen.render.terminal import in_a_line
from quizgen.render.unicode_math import width
from sittings import Clock, UncheckedStock, practising

ADAM = Plan(code="optim.adam/2/k7q3m9")
SCORES = Plan(code="attention.scores/1/abc")
SHAPES = Plan(code="net.shapes/1/abc")
RIGHT = ("-1.1", "1.39", "-0.8008")
PATIENCE = 60.0
"""Seconds after which a screen that was waited for will not come any more."""


class Person:
    """Someone at the keyboard, who looks at the screen."""

    def __init__(self, pilot: Pilot[None], app: PracticeApp) -> None:
        self.pilot, self.app = pilot, app

    @property
    def screen(self) -> str:
        """What stands on the screen, without its styles."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    @property
    def desk(self) -> Desk:
        assert isinstance(self.app.screen, Desk)
        return self.app.screen

    async def sees(self, *texts: str) -> str:
        """Waits until all the texts stand on the screen."""
        return await self.until(lambda: all(text in self.screen for text in texts), f"{texts} to be seen")

    async def until(self, condition: Callable[[], bool], what: str = "") -> str:
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not condition():
            assert asyncio.get_running_loop().time() < deadline, f"waited for {what} in vain:\n{self.screen}"
            await self.pilot.pause(0.01)
        return self.screen

    async def ready(self) -> None:
        """Until there is something to type in, or to press Enter at."""

        def is_there() -> bool:
            screen = self.app.screen
            if isinstance(screen, Desk):
                return not screen.busy and screen.attempt is not None and screen.focused is not None
            return type(screen) is not Screen

        await self.until(is_there, "something to type in")

    async def grid(self) -> Grid:
        """The grid of cells, once it is there."""
        await self.until(lambda: bool(self.desk.query(Grid)), "the grid")
        return self.desk.query_one(Grid)

    async def press(self, *keys: str) -> None:
        await self.ready()
        self.in_a_burst(*keys)
        for _ in range(4):  # from the app to the widget, and what that says of it
            await self.pilot.pause(0)

    def in_a_burst(self, *keys: str) -> None:
        """Keys that arrive together, as they do over a slow line."""
        for key in keys:
            self.app.post_message(Key(_character_to_key(key) if len(key) == 1 else key, key if len(key) == 1 else None))

    async def types(self, text: str, *keys: str) -> None:
        """Types a text, and then keys."""
        await self.press(*text, *keys)


@asynccontextmanager
async def at_the_screen(
    practice: Practice, plan: Plan = ADAM, *, size: tuple[int, int] = (80, 24), resume: bool = False
) -> AsyncIterator[Person]:
    app = PracticeApp(practice, ME, plan, resume=resume)
    async with app.run_test(size=size) as pilot:
        yield Person(pilot, app)
        app.exit()


Story = Callable[[Person, Practice], Awaitable[None]]


def played(
    folder: Path,
    story: Story,
    plan: Plan = ADAM,
    clock: Clock | None = None,
    stock: UncheckedStock | None = None,
    **how: Any,
) -> None:
    """Plays a story at a fresh screen, over the database in a folder."""

    async def play() -> None:
        with practising(folder, clock) as practice:
            if stock is not None:
                practice.stock = stock  # type: ignore[assignment]
            async with at_the_screen(practice, plan, **how) as person:
                await story(person, practice)

    asyncio.run(play())


# --- answers ---------------------------------------------------------------------------------------------------------


def test_a_question_from_its_first_part_to_the_summary(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.sees("optim · Adam steps on one parameter", "1 of 1", "(a) What is m₅?", "a number to 4 decimals")
        assert "(b)" not in person.screen, "one part at a time"
        await person.types("-1.1")
        await person.sees("read as -1.1000")
        await person.press("enter")
        await person.sees("✓ right", "(b) What is v₅?", "1/4 points")
        await person.types("1.39", "enter")
        await person.types("-0.8008", "enter")
        await person.sees("4 of 4 points", "checked: torch", "Enter goes on.")
        await person.press("enter")
        await person.sees("Done for now", "1 question answered, 4 of 4 points", "Adam steps on one parameter")
        await person.press("enter")
        await person.sees("Adam with bias correction", "(a) What is m₅?", "✓ right   -1.1000")
        await person.press("pagedown")
        await person.sees("Solution", "first moment", "m₅ = β₁·m₄ + (1 − β₁)·g₅ = 0.5·(−0.6)")
        await person.press("escape")
        await person.sees("Done for now")
        await person.press("q")
        await person.until(lambda: not person.app.is_running)

    played(tmp_path, story)


def test_a_wrong_answer_is_named_and_may_be_tried_again(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        for answer in (*RIGHT[:2], "-0.797"):
            await person.types(answer, "enter")
        seen = await person.sees("✗ wrong", "no bias correction: Divide both moments by 1 − βᵗ before the update.")
        assert "(c) What is θ₅?" in seen
        assert "now 1.33 of 2 points" in seen, "a wrong try takes a third"
        await person.types("-0.797", "enter")
        await person.sees("the same answer as before; it counts once")
        await person.types(RIGHT[2], "enter")
        await person.sees("3.33 of 4 points")

    played(tmp_path, story, size=(80, 40))


def test_what_follows_from_a_wrong_answer_is_carried_forward(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.types("0.7", "enter")
        await person.sees("✗ wrong")
        await person.types("o", "enter")
        await person.sees("gone on with this", "(b) What is v₅?")
        await person.press("f7")
        await person.sees("gone on without an answer", "(c) What is θ₅?")
        session = person.desk.session
        assert session.attempt is not None
        carried = carried_answer(session.attempt)
        await person.types(carried, "enter")
        await person.sees(
            "✓ right", "Right, carried forward from your earlier answer.", "right is −1.1000", "not answered"
        )

    played(tmp_path, story, size=(80, 50))


def carried_answer(attempt: Any) -> str:
    """What the last part is, when the first was answered with 0.7."""
    for tenths in range(-10200, -5000):
        text = f"{tenths / 10_000:.4f}"
        if attempt.question.check(text, 3, {1: "0.7"}).carried:
            return text
    raise AssertionError("nothing follows from 0.7")


@pytest.mark.parametrize(
    ("typed", "said"),
    [("1.5.", "not readable yet: cannot read '1.5.' as a number"), ("0,5", "not readable yet: cannot read '0,5'")],
)
def test_what_cannot_be_read_does_not_count(tmp_path: Path, typed: str, said: str) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.types(typed)
        await person.sees(said)
        await person.press("enter")
        await person.sees(f"not counted: cannot read '{typed}'")
        assert person.desk.query_one(AnswerLine).value == typed, "it can be put right"
        assert person.desk.session.attempt is not None
        assert person.desk.session.attempt.moves == ()
        await person.press("ctrl+u", "enter")
        await person.sees("type an answer; ? and Enter says what else can be done")

    played(tmp_path, story)


def test_letters_of_options_are_answers_and_not_commands(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.sees("  A ", "a letter from A to ")
        await person.types("a")
        await person.sees("read as a")
        await person.press("backspace", *":a")
        await person.sees("Enter: another question like this one")
        await person.press("backspace", "backspace", *":h", "enter")
        await person.sees("hint 1 of")
        for letter in "hsq":
            await person.types(letter)
            await person.sees(f"not readable yet: cannot read '{letter}' as an option")
            await person.press("enter")
            await person.sees(f"not counted: cannot read '{letter}' as an option", f"› {letter}")
            await person.press("backspace")
        assert "hint 2 of" not in person.screen
        await person.types("?", "enter")
        await person.sees("Esc goes back")
        person.in_a_burst("escape")
        await person.until(lambda: isinstance(person.app.screen, Desk))
        await person.types("a", "enter")
        await person.until(lambda: any(tag in person.screen for tag in ("✓ right", "✗ wrong")))

    played(tmp_path, story, Plan(names=("optim.adam",), level=2, count=1, choices=True), size=(80, 40))


def test_history_and_editing(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        for answer in ("1", "2.5"):
            await person.types(answer, "enter")
        line = person.desk.query_one(AnswerLine)
        await person.types("7", "up")
        assert line.value == "2.5"
        await person.press("up", "up")
        assert line.value == "1"
        await person.press("down", "down")
        assert line.value == "7", "what was being typed is still there"
        await person.press("tab")
        assert person.app.focused is line, "there is nowhere else to type"
        await person.pilot.click("Sheet")
        assert person.app.focused is line

    played(tmp_path, story)


def test_what_is_typed_ahead_waits_its_turn(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.ready()
        person.in_a_burst("-", "2", "backspace", "1", ".", "1", "enter", "9", "home", "delete", "1", ".", "3", "9")
        await person.sees("(b) What is v₅?", "read as 1.3900")
        await person.press("enter")
        await person.sees("(c) What is θ₅?")

    played(tmp_path, story)


# --- help ------------------------------------------------------------------------------------------------------------


def test_hints_to_the_end(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.sees("2 hints, each for 0.5 point", "F2 hint")
        await person.press("f2")
        await person.sees(
            "hint 1 of 2, for 0.5 point", "m₅ = β₁·m₄ + (1 − β₁)·g₅", "now 0.5 of 1 point", "1 hint for 0.5 point"
        )
        assert "−1.1" not in person.screen, "in symbols first"
        await person.types(":hint", "enter")
        await person.sees("hint 2 of 2", "= 0.5·(−0.6) + (1 − 0.5)·(−1.6) = −1.1", "now 0 of 1 point")
        assert "F2 hint" not in person.screen
        await person.types("h", "enter")
        await person.sees("not counted: cannot read 'h'")

    played(tmp_path, story)


def test_the_solution_is_asked_back(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.press("f3")
        await person.sees("The solution ends this question.", "F3 again, or s and Enter: yes")
        await person.types("1")
        await person.press("backspace", "f3")
        await person.sees("The solution ends this question.")
        assert person.desk.session.attempt is not None
        assert not person.desk.session.attempt.closed, "typing anything took it back"
        await person.types("s", "enter")
        await person.sees("Answer: (a) −1.1000", "Enter goes on.")
        assert person.desk.session.attempt.closed

    played(tmp_path, story)


def test_skip_another_easier(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        session = person.desk.session if isinstance(person.app.screen, Desk) else None
        await person.ready()
        session = person.desk.session
        codes = [session.item.code] if session.item else []
        for key in ("f5", "f6", "f4"):
            await person.press(key)
            await person.until(lambda: session.item is not None and session.item.code not in codes, "another question")
            assert session.item is not None
            codes.append(session.item.code)
            await person.sees("(a)")
        assert {code.rpartition("/")[0] for code in codes[:2]} == {"optim.adam/3"}
        assert codes[2].startswith("optim.adam/"), "easier ones are of the same family"
        await person.types("5", "enter")
        await person.sees("✗ wrong")
        await person.press("f5")
        await person.sees("This leaves the question as it is.")
        await person.press("f5")
        await person.until(lambda: session.item is not None and session.item.code not in codes, "another question")
        await person.sees("0/4 points")

    played(tmp_path, story, Plan(names=("optim.adam",), level=3, count=5))


@pytest.mark.parametrize("how", [("f1",), ("?", "enter"), (*":help", "enter")])
def test_help(tmp_path: Path, how: tuple[str, ...]) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.press(*how)
        await person.sees(
            "F2  h  :hint", "shows the next piece of the worked solution", "^Q  q  :leave", "Esc goes back"
        )
        await person.press("escape")
        await person.sees("(a) What is m₅?")
        await person.types("1")
        await person.sees("read as 1.0000")

    played(tmp_path, story)


def test_a_click_does_what_a_key_does(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.ready()
        keys = person.screen.split("\n")[-1]
        await person.pilot.click("Keys", offset=(keys.index("hint"), 0))
        await person.sees("hint 1 of 2")

    played(tmp_path, story)


def test_an_unknown_command_says_which_there_are(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.types(":hitn", "enter")
        await person.sees("there is no command ':hitn' (did you mean 'hint'?)")

    played(tmp_path, story)


def test_commands_by_letter_and_word() -> None:
    assert [
        getattr(meant(text, AT_A_QUESTION), "name", None) for text in ("h", " K ", ":s", ":sk", ":easier", "5", "")
    ] == [
        "hint",
        "skip",
        "solution",
        "skip",
        "easier",
        None,
        None,
    ]
    for text in (":", ":x", ":hints"):
        with pytest.raises(UsageError, match="there is no command"):
            meant(text, AT_A_QUESTION)


# --- grids -----------------------------------------------------------------------------------------------------------


def test_a_matrix_cell_by_cell(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.sees("⎡ ", "⎣ ", "arrows and Tab move")
        grid = await person.grid()
        await person.types("1", "right", "2", "tab", "3")
        await person.sees("not readable yet: row 2, column 2 is empty")
        await person.press("enter", "x")
        await person.sees("not readable yet: cannot read 'x' as row 2, column 2")
        await person.press("backspace", "enter")
        await person.sees("not counted: row 2, column 2 is empty")
        await person.press("4", "down", "5", "left", "6")
        assert grid.cells == [["1", "2"], ["3", "4"], ["6", "5"]]
        await person.press("up", "up", "right", "right", "9")
        assert grid.cells[0] == ["1", "2", "9"]
        await person.press("right", "right", "right")
        assert len(grid.cells[0]) == 4, "beyond an empty edge it does not grow"
        await person.press("left", "backspace", "right", "right", "right")
        assert grid.text == "[[1, 2], [3, 4], [6, 5]]"
        await person.sees("read as [[1.0000, 2.0000], [3.0000, 4.0000], [6.0000, 5.0000]]")

    played(tmp_path, story, Plan(code="attention.scores/2/abc"))


def test_a_matrix_is_sent_from_its_last_cell(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.ready()
        attempt = person.desk.session.attempt
        assert attempt is not None
        right = split(attempt.question.part(1).kind, attempt.question.part(1).answer)
        assert right is not None
        wrong = [["77", *right[0][1:]], *right[1:]]
        for n, row in enumerate(wrong):
            for m, cell in enumerate(row):
                (await person.grid()).go(n, m)
                await person.types(cell)
        await person.press("enter")
        await person.sees("◐ partly right", "3 of 4 entries are right; row 1 column 1 (77) isn't")
        grid = await person.grid()
        assert grid.cells == wrong, "it stays, to be put right"
        await person.press("up", "left", "ctrl+left", "delete", "backspace", *right[0][0], "enter")
        await person.sees("✓ right", "(b) What are the attention weights A?")
        await person.until(lambda: bool(person.desk.query(Grid)) and person.desk.query_one(Grid).is_empty, "a new grid")

    played(tmp_path, story, SCORES, size=(80, 40))


def test_a_whole_matrix_in_one_cell(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.ready()
        grid = await person.grid()
        grid.post_message(Paste("1\t2\t3\n4\t5\t6\n"))
        await person.sees("read as [[1, 2, 3], [4, 5, 6]]")
        grid.post_message(Paste("[[1/3, 2], [3, 4]]"))
        await person.until(lambda: len(grid.cells) == 2, "it to be replaced") if len(grid.cells) != 2 else None
        for row in range(2):
            for column in range(3):
                grid.go(row, column)
                await person.press("ctrl+k", "ctrl+u")
        await person.types("7 8; 9 10", "enter")
        await person.sees("read as [[7, 8], [9, 10]]")
        assert person.desk.session.attempt is not None
        assert person.desk.session.attempt.moves == (), "spread out, and not sent yet"
        await person.press("enter")
        await person.sees("✗ wrong")

    played(tmp_path, story, SCORES)


def test_a_burst_reaches_the_cells_in_order(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.ready()
        person.in_a_burst("1", "right", "2", "right", "3", "down", "4")
        grid = await person.grid()
        await person.until(lambda: "4" in grid.cells[-1], "the last key")
        assert grid.cells == [["1", "2", "3"], ["", "", "4"]]

    played(tmp_path, story, SCORES)


def test_a_table_cell_by_cell(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.sees("shape: whole numbers in brackets", "W₁", "b₁")
        attempt = person.desk.session.attempt
        assert attempt is not None
        kind = attempt.question.part(1).kind
        assert isinstance(kind, Table)
        right = [cell for row in attempt.question.part(1).answer.split(";") for cell in row.split("|")]
        await person.types("(9, 9)")
        await person.sees("read as (9, 9) · 1 of 4 cells filled")
        for cell in right[1:]:
            await person.press("enter")
            await person.types(cell.strip())
        await person.press("enter")
        await person.sees("◐ partly right", "3 of 4 entries are right")
        await person.press("f3", "f3")
        await person.sees("✗ should be")

    played(tmp_path, story, SHAPES, size=(80, 60))


def test_a_long_table_on_a_small_screen(tmp_path: Path) -> None:
    """It scrolls with the cell that is being filled, under its heads."""

    async def story(person: Person, practice: Practice) -> None:
        await person.sees("1. Conv3-16", "output shape", "parameters")
        assert "13. FC-14" not in person.screen
        await person.press(*["down"] * 12)
        await person.sees("13. FC-14", "output shape  parameters")
        assert "1. Conv3-16 (no bias) " not in person.screen.partition("arrows and Tab")[2]
        assert all(len(line) <= 60 for line in person.screen.split("\n"))

    played(tmp_path, story, Plan(code="conv.layer-table/3/abc"), size=(60, 24))


numbers = st.sampled_from(["1", "-2", "0.5", "3/4", "1 + 2", "1 -2", "2^-5", "sqrt(9/4)", "(1 + 1)/3", "1e-3", " 7 "])


@given(
    st.integers(1, 4).flatmap(
        lambda wide: st.lists(st.lists(numbers, min_size=wide, max_size=wide), min_size=1, max_size=4)
    )
)
def test_joined_cells_of_a_matrix_read_as_the_cells_do(cells: list[list[str]]) -> None:
    kind = Matrix()
    padded = [[*row, ""] for row in cells] + [[""] * (len(cells[0]) + 1)]
    assert kind.read(joined(kind, padded)) == kind.read_cells(cells)
    assert trimmed(padded) == [[cell.strip() for cell in row] for row in cells]


shapes = st.sampled_from(["", "(64, 32, 3)", "64x32", "5; 6", "(3)", "64, 32"])
counts = st.sampled_from(["", "0", "2*3", "42"])


@given(st.lists(st.tuples(shapes, counts), min_size=3, max_size=3))
def test_joined_cells_of_a_table_read_as_the_cells_do(cells: list[tuple[str, str]]) -> None:
    kind = Table(("shape", "$n$"), (Shape(), Integer()), ("a", "b", "c"))
    if any(cell for row in cells for cell in row):
        assert kind.read(joined(kind, cells)) == kind.read_cells(cells)
    else:
        with pytest.raises(Unreadable, match="nothing is there yet"):
            joined(kind, cells)


@pytest.mark.parametrize(
    ("kind", "cells", "said"),
    [
        (Matrix(), [["1", "0,5"]], "row 1, column 2"),
        (Matrix(), [["", ""], ["", ""]], "nothing is there yet"),
        (Table(("n", "$m$"), (Integer(), Integer()), ("$W_1$", "b")), [["1", "x"], ["", ""]], "W₁, m: cannot read 'x'"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(kind: Any, cells: list[list[str]], said: str) -> None:
    with pytest.raises(Unreadable, match=said.replace("(", r"\(")):
        joined(kind, cells)


def test_what_was_sent_comes_back() -> None:
    history = History()
    for text in ("a", "b", "b"):
        history.keep(text)
    assert [
        history.step(by, typed) for by, typed in ((-1, "c"), (-1, "b"), (-1, "a"), (1, "a"), (1, "b"), (1, "c"))
    ] == [
        "b",
        "a",
        "a",
        "b",
        "c",
        "c",
    ]


# --- the screen ------------------------------------------------------------------------------------------------------


def test_the_window_changes_its_size(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.types("3", "enter")
        for columns, rows in ((60, 24), (40, 15), (20, 6), (132, 50), (80, 24)):
            await person.pilot.resize_terminal(columns, rows)
            await person.until(lambda rows=rows: len(person.screen.split("\n")) == rows, f"{rows} lines")
            lines = person.screen.split("\n")
            assert all(width(line) <= columns for line in lines)
            if rows >= 15:
                await person.sees("(a) What is m₅?", "a number to 4", "^Q leave", "F7 go on")
        await person.sees("✗ wrong   3.0000")

    played(tmp_path, story)


@pytest.mark.parametrize(
    "code",
    ["attention.scores/3/abc", "backprop.scalar-graph/3/abc", "conv.layer-table/2/abc", "conv.cross-correlate/2/abc"],
)
def test_nothing_is_wider_than_the_window(tmp_path: Path, code: str) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.press("f3", "f3")
        await person.sees("Solution")
        assert all(width(line) <= 60 for line in person.screen.split("\n"))
        assert person.desk.session.attempt is not None
        first, *_ = person.desk.session.attempt.question.statement.split("\n\n")
        assert in_a_line(first)[:20] in person.screen

    played(tmp_path, story, Plan(code=code), size=(60, 200))


def test_without_colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What colours say, words say too."""
    monkeypatch.setenv("NO_COLOR", "1")

    async def story(person: Person, practice: Practice) -> None:
        for answer in ("3", "-1.1"):
            await person.types(answer, "enter")
        await person.sees("✗ wrong", "✓ right")
        styles = [segment.style for strip in person.app.screen._compositor.render_strips() for segment in strip]
        colors = {color for style in styles if style for color in (style.color, style.bgcolor) if color}
        assert all(color.is_default for color in colors)
        assert any(style and style.reverse for style in styles), "keys and the cursor are told from the rest"

    played(tmp_path, story)


def test_the_terminals_own_colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its ground is never painted over, so that it may be dark or light; where a colour is, both are given or it is
    one of the terminal's own."""
    monkeypatch.delenv("NO_COLOR", raising=False)

    async def story(person: Person, practice: Practice) -> None:
        await person.types("3", "enter")
        await person.sees("✗ wrong")
        styles = [segment.style for strip in person.app.screen._compositor.render_strips() for segment in strip]
        for style in filter(None, styles):
            for color in filter(None, (style.color, style.bgcolor)):
                assert color.is_default or (color.number is not None and color.number < 16), style
            if style.bgcolor is not None and not style.bgcolor.is_default:
                assert style.color is not None

    played(tmp_path, story)


# --- leaving and coming back -----------------------------------------------------------------------------------------


def test_leaving_and_going_on(tmp_path: Path) -> None:
    plan = Plan(names=("optim.adam",), level=2, count=3)

    async def leaves(person: Person, practice: Practice) -> None:
        await person.types("3", "enter")
        await person.sees("✗ wrong")
        await person.types("h", "enter")
        await person.sees("hint 1 of 2")
        await person.types("55", "ctrl+q")
        await person.until(lambda: not person.app.is_running)

    async def goes_on(person: Person, practice: Practice) -> None:
        await person.sees(
            "a session that you left", "optim.adam, question 1 of 3", "1 question answered, 0 of 4 points"
        )
        await person.press("enter")
        await person.sees("✗ wrong   3.0000", "hint 1 of 2", "1 of 3 · 0/4 points")
        await person.press("f3", "f3")
        await person.sees("Enter goes on.")
        await person.press("enter")
        await person.sees("2 of 3")
        await person.press("ctrl+q")
        await person.until(lambda: not person.app.is_running)

    async def goes_on_further(person: Person, practice: Practice) -> None:
        await person.press("enter")
        await person.sees("2 of 3 · 0/4 points")

    async def begins_another(person: Person, practice: Practice) -> None:
        await person.press("n")
        await person.sees("(a)", "1 of 3")
        assert "✗ wrong" not in person.screen
        latest = practice.resume(ME)
        assert latest is not None
        assert latest.id == person.desk.session.id
        assert len(latest.items) == 1

    played(tmp_path, leaves, plan)
    played(tmp_path, goes_on, plan, resume=True)
    played(tmp_path, goes_on_further, plan, resume=True)
    played(tmp_path, begins_another, plan, resume=True)


def test_a_session_that_is_done_is_not_offered_again(tmp_path: Path) -> None:
    async def solves(person: Person, practice: Practice) -> None:
        for answer in RIGHT:
            await person.types(answer, "enter")
        await person.sees("4 of 4 points")

    async def finds_another(person: Person, practice: Practice) -> None:
        await person.sees("(a) What is m₅?")
        assert "✓ right" not in person.screen

    played(tmp_path, solves)
    played(tmp_path, finds_another, resume=True)


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+c"])
def test_leaving_waits_for_what_is_being_written(tmp_path: Path, key: str) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.ready()
        person.in_a_burst(*"3", "enter", key)
        await person.until(lambda: not person.app.is_running)

    played(tmp_path, story)
    with Store.open(tmp_path / "practice.db") as store:
        sitting = store.latest(ME)
        assert sitting is not None
        assert [move.typed for item in store.items(sitting.id) for move in store.moves(item.id)] == ["3"]


def test_ending_a_session_early(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.types("3", "enter")
        await person.press("f9")
        await person.sees("This ends the session.")
        await person.press("f9")
        await person.sees("Done for now", "1 question answered, 0 of 4 points")
        assert practice.resume(ME) is None

    played(tmp_path, story, Plan(names=("optim.adam",), level=2, count=3))


def test_the_time_of_a_session(tmp_path: Path) -> None:
    clock = Clock()

    async def story(person: Person, practice: Practice) -> None:
        await person.sees("question 1 · 10 min left")
        clock.wait(8 * 60 + 30)
        await person.sees("90 s left")
        clock.wait(600)
        await person.sees("0 s left")
        await person.types("3", "enter")
        await person.sees("✗ wrong")
        await person.press("f3", "f3")
        await person.press("enter")
        await person.sees("Done for now")

    played(tmp_path, story, Plan(names=("optim.adam",), minutes=10), clock)


# --- exams -----------------------------------------------------------------------------------------------------------

EXAM = Plan(names=("optim.adam", "conv.output-size"), level=2, count=2, minutes=30, exam=True)


def exam_answer(person: Person) -> str:
    assert person.desk.session.attempt is not None
    assert person.desk.part is not None
    return person.desk.session.attempt.question.part(person.desk.part).answer


def test_an_exam_in_any_order(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.sees("1 of 2 · 30 min left · 0 of 4 answered", "F9 hand in")
        assert "hint" not in person.screen
        await person.types("77", "enter")
        await person.sees("1 of 4 answered")
        assert "wrong" not in person.screen
        await person.press("f2")
        await person.sees("1. ", "2. ", "Enter goes to a part, Esc goes back")
        strips = person.app.screen._compositor.render_strips()
        chosen = [strip.text for strip in strips if any(s.style and s.style.reverse and s.text.strip() for s in strip)]
        assert len(chosen) == 1, "it is told by more than a colour"
        person.in_a_burst("down", "enter", "enter", "enter")
        await person.until(lambda: isinstance(person.app.screen, Desk))
        await person.ready()
        assert len(person.app.screen_stack) == 2, "closed once"
        while True:
            before = person.desk.here  # type: ignore[attr-defined]
            await person.press("f3")
            await person.ready()
            if person.desk.here == before:  # type: ignore[attr-defined]
                break
        await person.sees("that was the first part")
        line = person.desk.query_one(AnswerLine)
        if person.desk.session.attempt.last(1) is not None:  # type: ignore[union-attr]
            assert line.value == "77", "what was answered stands there, to be changed"
        for _ in range(4):
            await person.ready()
            await person.press("ctrl+e", "ctrl+u", *exam_answer(person), "enter")
        await person.sees("4 of 4 answered", "every part has an answer now; F9, or f and Enter, hands in")
        await person.press("f9")
        await person.sees("This hands in the exam.")
        await person.press("f9")
        await person.sees("Exam, marked", "2 questions answered, 6 of 6 points")
        await person.press("down", "enter")
        await person.sees("2 of 2", "✓ right", "Solution")
        assert "77" not in person.screen
        await person.press("left")
        await person.sees("1 of 2")

    played(tmp_path, story, EXAM, size=(100, 60))


def test_a_row_of_a_list_is_one_line_and_the_chosen_one_is_reversed(tmp_path: Path) -> None:
    def reversed_lines(person: Person) -> list[str]:
        strips = person.app.screen._compositor.render_strips()
        texts = ["".join(one.text for one in strip if one.style is not None and one.style.reverse) for strip in strips]
        return [text for text in texts if "points" in text]

    async def story(person: Person, practice: Practice) -> None:
        await person.ready()
        await person.press("f2")
        await person.sees("Enter goes to a part", "1. Parameters of a fully connected network")
        assert [line for line in person.screen.split("\n") if "(b)" in line or "(c)" in line] == 2 * [
            " " * 45 + "(b) —",
            " " * 45 + "(c) —",
        ]
        await person.press("escape")
        await person.until(lambda: isinstance(person.app.screen, Desk))
        await person.press("f9", "f9")
        await person.sees("Exam, marked", "  1.  0 of 3 points       nothing right   Parameters of a…")
        assert "network" not in person.screen
        [chosen] = reversed_lines(person)
        assert chosen.strip().startswith("1. ")
        await person.press("down")
        await person.until(lambda: reversed_lines(person)[0].strip().startswith("2. "))

    plan = Plan(names=("net.parameter-count",), minutes=20, exam=True, count=2, level=1)
    played(tmp_path, story, plan, size=(60, 20))


def test_an_exam_is_handed_in_when_its_time_is_over(tmp_path: Path) -> None:
    clock = Clock()

    async def story(person: Person, practice: Practice) -> None:
        await person.ready()
        await person.types(exam_answer(person), "enter")
        await person.sees("1 of 4 answered")
        clock.wait(31 * 60)
        await person.sees("Exam, marked")

    played(tmp_path, story, EXAM, clock)


def test_an_exam_that_was_left_keeps_its_time(tmp_path: Path) -> None:
    clock = Clock()

    async def leaves(person: Person, practice: Practice) -> None:
        await person.sees("30 min left")
        await person.press("ctrl+q")
        await person.until(lambda: not person.app.is_running)

    async def comes_back(person: Person, practice: Practice) -> None:
        await person.sees("There is an exam that you left", "20 min 0 s left")
        await person.press("enter")
        await person.sees("20 min left", "0 of 4 answered")

    async def comes_back_late(person: Person, practice: Practice) -> None:
        await person.sees("its time is over")
        await person.press("enter")
        await person.sees("Exam, marked", "0 of 6 points", "time over")

    played(tmp_path, leaves, EXAM, clock)
    clock.wait(600)
    played(tmp_path, comes_back, EXAM, clock, resume=True)
    clock.wait(3600)
    played(tmp_path, comes_back_late, EXAM, clock, resume=True)


def test_an_exam_whose_families_are_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def leaves(person: Person, practice: Practice) -> None:
        await person.sees("0 of 4 answered")
        await person.press("ctrl+q")
        await person.until(lambda: not person.app.is_running)

    async def one_is_gone(person: Person, practice: Practice) -> None:
        await person.press("enter")
        await person.sees("Output size of a convolution", "0 of 1 answered")

    async def all_are_gone(person: Person, practice: Practice) -> None:
        await person.press("enter")
        await person.sees("none of its questions can be asked any more; F9 ends the exam")
        for key in ("f3", "f4", "f2", "escape", "f9", "f9"):
            person.in_a_burst(key)
            await person.pilot.pause(0.05)
        await person.sees("Exam, marked")

    gone: list[str] = []
    asked = Practice.asked

    def still_asked(self: Practice, item: Any) -> Any:
        if item.skill.family in gone:
            raise UnknownFamily(f"there is no family '{item.skill.family}'")
        return asked(self, item)

    monkeypatch.setattr(Practice, "asked", still_asked)
    played(tmp_path, leaves, EXAM)
    gone.append("optim.adam")
    played(tmp_path, one_is_gone, EXAM, resume=True)
    gone.append("conv.output-size")
    played(tmp_path, all_are_gone, EXAM, resume=True)


# --- trouble ---------------------------------------------------------------------------------------------------------


def test_a_question_whose_family_is_gone_is_named_and_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def leaves(person: Person, practice: Practice) -> None:
        await person.types("7", "enter")
        await person.sees("✗ wrong")
        await person.press("ctrl+q")
        await person.until(lambda: not person.app.is_running)

    async def comes_back(person: Person, practice: Practice) -> None:
        await person.press("enter")
        await person.sees("can't be asked any more and does not count: there is no family 'optim.adam'", "(a) ")
        assert person.desk.session.number == 2

    asked = Practice.asked

    def still_asked(self: Practice, item: Any) -> Any:
        if item.number == 1:
            raise UnknownFamily("there is no family 'optim.adam'")
        return asked(self, item)

    plan = Plan(names=("optim.adam",), count=2)
    played(tmp_path, leaves, plan)
    monkeypatch.setattr(Practice, "asked", still_asked)
    played(tmp_path, comes_back, plan, resume=True, size=(100, 40))


def test_a_locked_database_loses_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.types("-1.")
        session = person.desk.session
        answer = session.answer

        def locked(*_: Any) -> Any:
            raise StoreBusy("the memory is held by another program; try again in a moment")

        monkeypatch.setattr(session, "answer", locked)
        await person.types("1", "enter")
        await person.sees("held by another program; try again", "› -1.1")
        assert session.attempt is not None
        assert session.attempt.moves == ()
        monkeypatch.setattr(session, "answer", answer)
        await person.press("enter")
        await person.sees("✓ right", "(b) What is v₅?")

    played(tmp_path, story)


class SlowStock(UncheckedStock):
    """One that has nothing ready, and waits for PyTorch."""

    state = "starting"

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = threading.Event()
        self.problem: Exception | None = None

    def take(self, *arguments: Any, **options: Any) -> Any:
        assert self.may_go_on.wait(PATIENCE)
        if self.problem is not None:
            raise self.problem
        return super().take(*arguments, **options)


def test_the_screen_lives_while_pytorch_starts(tmp_path: Path) -> None:
    stock = SlowStock()

    async def story(person: Person, practice: Practice) -> None:
        await person.sees("PyTorch is starting; it checks every question first")
        person.in_a_burst("f1")
        await person.sees("Esc goes back")
        person.in_a_burst("escape")
        stock.problem = Unavailable("PyTorch is not installed here; `pip install torch` brings it")
        stock.may_go_on.set()
        await person.sees("PyTorch is not installed here", "Enter go on", "^Q leave")
        stock.problem = None
        person.in_a_burst("enter")
        await person.sees("(a) ")

    async def impatient(person: Person, practice: Practice) -> None:
        stock.may_go_on.clear()
        await person.sees("PyTorch is starting")
        person.in_a_burst("ctrl+q")
        await person.until(lambda: not person.app.is_running)
        stock.may_go_on.set()

    for each in (story, impatient):
        played(tmp_path, each, Plan(names=("optim.adam",), count=2), stock=stock)


def test_another_window_was_quicker(tmp_path: Path) -> None:
    async def story(person: Person, practice: Practice) -> None:
        await person.ready()
        other = practice.resume(ME)
        assert other is not None
        other.next()
        other.answer("2.5")
        await person.types("3", "enter")
        await person.sees("the question has gone on since", "✗ wrong   2.5000")

    played(tmp_path, story)


def test_what_cannot_be_meant_ends_in_a_line(tmp_path: Path) -> None:
    with practising(tmp_path) as practice:
        app = PracticeApp(practice, ME, Plan(level=7))

        async def run() -> None:
            async with app.run_test() as pilot:
                while app.is_running:
                    await pilot.pause(0.01)

        asyncio.run(run())
    assert app.failure is not None
    assert "level" in app.failure.message


def test_a_defect_is_no_traceback_on_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(self: Session) -> None:
        raise ZeroDivisionError("somewhere")

    monkeypatch.setattr(Session, "next", broken)
    with practising(tmp_path) as practice:
        app = PracticeApp(practice, ME, ADAM)
        app.run(headless=True)
    assert isinstance(app.defect, ZeroDivisionError)
    assert capsys.readouterr() == ("", "")


KEYS = (
    *"12:-aefhlnosk?",
    *("enter", "enter", "enter", "escape", "up", "down", "left", "right", "tab", "pageup"),
    *("f1", "f2", "f3", "f3", "f4", "f5", "f6", "f7", "f9", "f9"),
)


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_pressed_in_whatever_order(tmp_path: Path, seed: int) -> None:
    """Keys at random, in bursts, and leaving in the middle of it: nothing breaks, and the database is what was seen."""
    chance = Random(seed)
    exam = seed % 2 == 1
    plan = Plan(names=("optim", "net", "attention.scores"), count=2, exam=exam, minutes=30 if exam else None)

    async def story(person: Person, practice: Practice) -> None:
        await person.ready()
        session = person.desk.session
        for _ in range(12):
            person.in_a_burst(*chance.choices(KEYS, k=chance.randrange(1, 8)))
            await asyncio.sleep(chance.choice((0, 0.01, 0.05)))
        person.in_a_burst("ctrl+q")
        await person.until(lambda: not person.app.is_running)
        for item in session.items:
            if session.item is not None and item.id == session.item.id and session.attempt is not None:
                assert practice.store.moves(item.id) == session.attempt.moves

    played(tmp_path, story, plan, size=chance.choice(((80, 24), (60, 20), (30, 8))))

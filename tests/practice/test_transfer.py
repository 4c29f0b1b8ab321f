"""What is known of a learner: written out, taken over elsewhere, and forgotten."""

import io
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen import __version__
from quizgen.errors import InputError, StoreBusy, StoreError
from quizgen.practice import exchange, transfer
from quizgen.practice.records import ME, History, Item, Move, Outcome, Plan, Sitting
from quizgen.practice.store import Store
from quizgen.practice.transfer import Counts, bounded, export, forget, import_
from quizgen_solvers.exact import fmpq
from remembered import ADAM, CONV, GOOD, RUN, answered, begun, memory, move, put, sitting, standing

Open = Callable[..., Store]
BACKENDS = ("sqlite", "postgresql")


def exported(store: Store, learner: str = ME) -> list[str]:
    lines: list[str] = []
    export(store, learner, lines.append)
    return lines


def fill(store: Store, learner: str = ME) -> None:
    """Two sessions, one of them an exam; questions that are open and closed; moves of all kinds."""
    one = begun(store, learner, names=("optim", "conv.output-size"), level=2, count=5)
    exam = begun(store, learner, exam=True, minutes=30, code="optim.adam/2/k7q3m9")
    answered(store, one, 1)
    answered(store, exam, 1, Outcome("time"), skill=CONV)
    open_one = put(store, one, 2)
    store.add_move(open_one.id, Move(0, "hint", 1, 5_000))
    store.add_move(
        open_one.id, move(1, "[[1,\r\n\t2]] ≈ 🎲", credit=fmpq(1, 3), reason="ß", carried=True, mistakes=("a", "b"))
    )
    put(store, exam, 2)
    store.end(exam.id, 9_000)


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path, opened: Open) -> Store:
    """Another empty store, of the kind that the test asks for."""
    if request.param == "sqlite":
        return opened(tmp_path / "elsewhere.db")
    return opened(request.getfixturevalue("postgresql").database())


# --- out and in -------------------------------------------------------------------------------------------------


def test_what_is_written(tmp_path: Path, opened: Open) -> None:
    store = opened(tmp_path / "practice.db")
    of = Sitting("a" * 32, "Zoë", Plan(("optim",), count=3), 1_000)
    store.start(of)
    made = Item("b" * 32, of.id, 1, "optim.adam/2/k7q3m9", ADAM, 2_000, RUN)
    store.open_item(made)
    store.add_move(made.id, Move(0, "answer", 1, 3_000, "1/2", "½", fmpq(1, 2), "close", True, ("x",)))
    store.close_item(made.id, 4_000, GOOD)
    begun(store, "another")
    assert [json.loads(line) for line in exported(store, "Zoë")] == [
        {
            "format": "quizgen-progress",
            "version": 1,
            "quizgen": __version__,
            "sittings": 1,
            "items": 1,
            "moves": 1,
        },
        {
            "sitting": {
                "id": "a" * 32,
                "plan": {
                    "names": ["optim"],
                    "level": None,
                    "count": 3,
                    "minutes": None,
                    "exam": False,
                    "choices": False,
                    "code": "",
                },
                "started": 1_000,
                "ended": None,
            }
        },
        {
            "item": {
                "id": "b" * 32,
                "sitting": "a" * 32,
                "number": 1,
                "code": "optim.adam/2/k7q3m9",
                "family": "optim.adam",
                "level": 2,
                "opened": 2_000,
                "provenance": RUN,
                "closed": 4_000,
                "outcome": {
                    "ending": "answered",
                    "credit": "2/3",
                    "points": 4,
                    "hints": 1,
                    "wrong": 2,
                    "seconds": 95,
                    "rating": 3,
                    "mistakes": ["no bias correction"],
                },
            }
        },
        {
            "move": {
                "item": "b" * 32,
                "number": 0,
                "action": "answer",
                "part": 1,
                "at": 3_000,
                "typed": "1/2",
                "read_as": "½",
                "credit": "1/2",
                "reason": "close",
                "carried": True,
                "mistakes": ["x"],
            }
        },
    ]
    assert all(line.isascii() and line.endswith("}\n") and line.count("\n") == 1 for line in exported(store, "Zoë"))


@pytest.mark.parametrize("elsewhere", BACKENDS, indirect=True)
def test_it_is_the_same_elsewhere_whoever_it_is_there(
    store: Store, elsewhere: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "PAGE", 2)
    fill(store)
    fill(store, "another")
    lines = exported(store)
    assert export(store, ME, lambda line: None) == 4
    assert import_(elsewhere, "Zoë", lines) == Counts(new=4, known=0)
    assert exported(elsewhere, "Zoë") == lines
    assert exported(elsewhere) == [exchange.header({"sittings": 0, "items": 0, "moves": 0})]
    assert list(elsewhere.every("Zoë")) == list(store.every(ME))
    assert elsewhere.latest("Zoë") == replace(store.latest(ME), learner="Zoë")  # type: ignore[type-var]
    for each in store.every(ME, closed_only=False):
        assert elsewhere.moves(each.id) == store.moves(each.id)


def test_what_is_known_stays_as_it_is(store: Store) -> None:
    fill(store)
    store.replace(ME, [memory()], [standing()])
    lines = exported(store)
    assert import_(store, ME, lines) == Counts(new=0, known=4)
    assert exported(store) == lines
    assert store.history(ME).memories == {ADAM: memory()}


def test_nothing_is_something_too(store: Store) -> None:
    assert import_(store, ME, exported(store)) == Counts(0, 0)


def test_a_session_that_went_on_elsewhere_goes_on_here(store: Store, tmp_path: Path, opened: Open) -> None:
    """The question that was open is closed, with the moves that it has there; the session has ended."""
    of = begun(store)
    made = put(store, of)
    store.add_move(made.id, move(0))
    there = opened(tmp_path / "there.db")
    import_(there, ME, exported(store))
    there.add_move(made.id, move(1))
    import_(store, ME, exported(there))
    assert store.moves(made.id) == (move(0), move(1))
    marked = move(0, reason="marked")
    there.close_item(made.id, 8_000, GOOD, move=move(2), marked=[marked])
    answered(there, of, 2)
    there.end(of.id, 9_000)
    assert import_(store, ME, exported(there)) == Counts(new=1, known=1)
    assert exported(store) == exported(there)
    assert store.moves(made.id) == (marked, move(1), move(2))


def test_a_session_that_went_on_in_two_places_has_all_of_both(store: Store, tmp_path: Path, opened: Open) -> None:
    of = begun(store)
    first = answered(store, of, 1)
    there = opened(tmp_path / "there.db")
    import_(there, ME, exported(store))
    here_only = [answered(store, of, number) for number in (2, 3)]
    there_only = [answered(there, of, number) for number in (2, 3)]
    assert import_(store, ME, exported(there)) == Counts(new=2, known=1)
    after = [replace(each, number=each.number + 2) for each in there_only]
    assert store.items(of.id) == (first, *here_only, *after)
    assert import_(store, ME, exported(there)) == Counts(new=0, known=3)
    assert import_(there, ME, exported(store)) == Counts(new=2, known=3)
    assert len(there.items(of.id)) == 5


def test_a_question_that_is_closed_here_stays_closed(store: Store, tmp_path: Path, opened: Open) -> None:
    of = begun(store)
    made = put(store, of)
    before = exported(store)
    store.close_item(made.id, 8_000, GOOD, move=move(0))
    after = exported(store)
    assert import_(store, ME, before) == Counts(new=0, known=1)
    assert exported(store) == after


def test_another_learners_sessions_are_nobody_elses(store: Store) -> None:
    fill(store)
    lines = exported(store)
    with pytest.raises(
        InputError, match=r"^line 2: this session belongs to another learner here; nothing was taken over"
    ):
        import_(store, "another", lines)
    assert exported(store) == lines
    assert len(exported(store, "another")) == 1


def test_another_learners_questions_are_nobody_elses(store: Store) -> None:
    """A file in which a known question stands in a session of one's own."""
    theirs = answered(store, begun(store))
    mine = sitting()
    lines = [
        exchange.header({"sittings": 1, "items": 1, "moves": 0}),
        exchange.sitting_line(mine),
        exchange.item_line(replace(theirs, sitting=mine.id)),
    ]
    with pytest.raises(InputError, match=r"^line 3: this question belongs to another session here"):
        import_(store, "another", lines)
    assert store.item(theirs.id) == theirs
    assert store.sitting(mine.id) is None


def test_what_is_written_is_as_it_was_at_one_moment(where: str, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "PAGE", 1)
    store, other = opened(where), opened(where)
    of = begun(store)
    for number in range(1, 5):
        answered(store, of, number)
    before = exported(store)
    lines: list[str] = []
    more: Iterator[int] = iter(range(5, 50))

    def write(line: str) -> None:
        lines.append(line)
        answered(other, of, next(more))

    export(store, ME, write)
    assert lines == before
    assert len(exported(store)) == len(before) + 3 * len(lines)


def test_a_writer_that_fails_is_no_fault_of_the_store(store: Store) -> None:
    def write(line: str) -> None:
        raise BrokenPipeError

    fill(store)
    with pytest.raises(BrokenPipeError):
        export(store, ME, write)
    assert len(exported(store)) == 13


# --- files that are not what was written ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    with Store.open(tmp_path_factory.mktemp("lines") / "practice.db") as store:
        of = begun(store)
        answered(store, of, 1)
        put(store, of, 2)
        return exported(store)


def changed(line: str, **fields: Any) -> str:
    """A line with other fields; those that are None are left out where they would not stand there."""
    value = json.loads(line)
    (value if "format" in value else next(iter(value.values()))).update(fields)
    return json.dumps(value) + "\n"


HEADER, SESSION, QUESTION, MOVE = 0, 1, 2, 3


@pytest.mark.parametrize(
    ("place", "change", "message"),
    [
        (HEADER, "hello\n", "line 1: 'hello' is no JSON, or half of it is missing"),
        (HEADER, "[]\n", "line 1: this is no file that `quizgen progress export` wrote"),
        (HEADER, {"format": "other"}, "line 1: this is no file that `quizgen progress export` wrote"),
        (HEADER, {"version": 2}, "line 1: a newer quizgen wrote this file (version 2, this one reads 1); update it"),
        (HEADER, {"version": "1"}, "line 1: the file's version is '1', not a whole number from 1 to 1"),
        (HEADER, {"version": True}, "line 1: the file's version is True"),
        (HEADER, {"items": -1}, "line 1: the file's items is -1, not a whole number from 0"),
        (HEADER, {"items": 10**9}, "line 1: the file's items is 1000000000, not"),
        (HEADER, {"items": 2_000_000}, "line 1: the file announces more than 2,000,000 lines"),
        (HEADER, {"items": 1}, "line 6: there are more lines than the 4 that the first line announces"),
        (HEADER, {"moves": 3}, "line 6: the file ends here with 1 of 1 sittings, 2 of 2 items, 2 of 3 moves: a part"),
        (HEADER, {"learner": "x"}, "line 1: 'learner' is nothing that a file has"),
        (SESSION, {"id": "../../x"}, "line 2: the session's id is '../../x', not 32 hexadecimal digits"),
        (SESSION, {"id": "A" * 32}, "line 2: the session's id is 'AAAA"),
        (SESSION, {"id": None}, "line 2: the session's id is None"),
        (SESSION, {"learner": "root"}, "line 2: 'learner' is nothing that a session has"),
        (
            SESSION,
            {"started": 1.5},
            "line 2: the session's started is 1.5, not a whole number from 0 to 253402300799999",
        ),
        (SESSION, {"started": 10**18}, "line 2: the session's started is 1000000000000000000, not"),
        (SESSION, {"started": True}, "line 2: the session's started is True"),
        (SESSION, {"plan": {}}, "line 2: the session's plan is {}, not a plan with names, level, count, minutes, exam"),
        (SESSION, {"plan": []}, "line 2: the session's plan is [], not an object"),
        (SESSION, '{"sitting": {"id": NaN}}\n', 'line 2: \'{"sitting": {"id": NaN}}\' is no JSON'),
        (SESSION, '{"sitting": {}, "item": {}}\n', "is no session, question or move"),
        (SESSION, '{"sitting": {"id": 1, "id": 2}}\n', "is no JSON"),
        (SESSION, '{"sitting": []}\n', "line 2: '{\"sitting\": []}' is no session, question or move"),
        (SESSION, '{"sitting": {}}\n', "line 2: the session has no id"),
        (SESSION, '{"secret": {}}\n', "line 2: '{\"secret\": {}}' is no session, question or move"),
        (SESSION, "7\n", "line 2: '7' is no session, question or move"),
        (SESSION, "[" * 100_000 + "\n", "is no JSON"),
        (SESSION, "9" * 10_000 + "\n", "is no JSON"),
        (SESSION, " " * 262_145 + "\n", "line 2: it has more than 262,144 characters"),
        (QUESTION, {"sitting": "0" * 32}, "line 3: the session of this question does not stand before it"),
        (QUESTION, {"number": 2}, "line 3: this is question 1 of its session, and says that it is 2"),
        (QUESTION, {"code": "optim.adam"}, "line 3: the question's code is 'optim.adam', not a question code"),
        (QUESTION, {"code": "a.b/1/<script>"}, "line 3: the question's code is 'a.b/1/<script>'"),
        (QUESTION, {"family": "optim"}, "line 3: the question's family is 'optim', not the name of a family"),
        (QUESTION, {"level": "2"}, "line 3: the question's level is '2', not a whole number from 0 to 999"),
        (QUESTION, {"provenance": "[]"}, "line 3: the question's provenance is '[]', not an object"),
        (QUESTION, {"provenance": "{"}, "line 3: the question's provenance is '{', not the record of a run"),
        (QUESTION, {"provenance": RUN.replace("1e-16", "NaN")}, "not the record of a run"),
        (QUESTION, {"provenance": RUN.replace('"cpu"', "7")}, "not the record of a run"),
        (QUESTION, {"closed": None}, "line 3: a question is closed and has an outcome, or neither"),
        (
            QUESTION,
            {"outcome": {"ending": "won"}},
            "line 3: the question's outcome is {'ending': 'won'}, not an outcome",
        ),
        (MOVE, {"item": "0" * 32}, "line 4: the question of this move does not stand before it"),
        (MOVE, {"number": 1}, "line 4: this is move 0 of its question, and says that it is 1"),
        (
            MOVE,
            {"action": "cheat"},
            "line 4: the move's action is 'cheat', not one of answer, hint, on, solution, skip",
        ),
        (MOVE, {"part": 0}, "line 4: the move's part is 0, not a whole number from 1 to 999"),
        (MOVE, {"typed": "\x1b[2J"}, r"line 4: the move's typed is '\x1b[2J', not text of at most"),
        (MOVE, {"typed": "\x00"}, r"line 4: the move's typed is '\x00'"),
        (MOVE, {"typed": "\ud800"}, r"line 4: the move's typed is '\ud800'"),
        (MOVE, {"credit": "2"}, "line 4: the move's credit is '2', not a fraction from 0 to 1"),
        (MOVE, {"credit": "1/0"}, "line 4: the move's credit is '1/0'"),
        (MOVE, {"credit": "1e9"}, "line 4: the move's credit is '1e9'"),
        (MOVE, {"credit": "1/" + "9" * 50}, "line 4: the move's credit is '1/999"),
        (MOVE, {"credit": 1}, "line 4: the move's credit is 1,"),
        (MOVE, {"carried": 1}, "line 4: the move's carried is 1, not true or false"),
        (MOVE, {"mistakes": "abc"}, "line 4: the move's mistakes is 'abc', not a list of mistakes"),
        (MOVE, {"mistakes": [1]}, "line 4: the move's mistakes is [1], not text"),
        (MOVE, {"mistakes": ["x"] * 201}, "line 4: the move's mistakes is"),
    ],
)
def test_hostile_files_are_refused_whole(
    lines: list[str], place: int, change: str | dict[str, Any], message: str, tmp_path: Path, opened: Open
) -> None:
    store = opened(tmp_path / "practice.db")
    other = change if isinstance(change, str) else changed(lines[place], **change)
    with pytest.raises(InputError) as caught:
        import_(store, ME, [*lines[:place], other, *lines[place + 1 :]])
    assert message in caught.value.message
    assert caught.value.message.endswith("; nothing was taken over")
    assert "\n" not in caught.value.message
    assert len(exported(store)) == 1


def test_a_line_that_stands_there_twice(lines: list[str]) -> None:
    for place, noun in ((SESSION, "session"), (QUESTION, "question")):
        with pytest.raises(InputError, match=f"line {place + 2}: this {noun} stands in the file twice"):
            exchange.read([*lines[: place + 1], lines[place], *lines[place + 1 :]])


def test_half_a_file_is_none_wherever_it_is_cut(lines: list[str]) -> None:
    whole = "".join(lines)
    for end in range(len(whole) - 1):
        with pytest.raises(InputError, match=r"^line [1-6]: "):
            exchange.read(whole[:end].splitlines(keepends=True))
    for text in (whole[:-1], whole, whole + "\n \n", whole.replace("\n", "\r\n")):
        assert exchange.read(text.splitlines(keepends=True)).counts() == {"sittings": 1, "items": 2, "moves": 2}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[key], (*path, key))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | st.sampled_from(["a" * 32, "1/2"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)


@given(st.data())
def test_whatever_stands_somewhere_is_taken_or_refused(lines: list[str], data: st.DataObject) -> None:
    values = [json.loads(line) for line in lines]
    place = data.draw(st.sampled_from(list(places(values))))
    new = data.draw(VALUES)
    if place:
        inside = values
        for key in place[:-1]:
            inside = inside[key]
        inside[place[-1]] = new
    try:
        found = exchange.read([json.dumps(value) + "\n" for value in values])
    except InputError:
        return
    again = [
        exchange.header(found.counts()),
        *(exchange.sitting_line(each) for _, each in found.sittings.values()),
        *(
            line
            for _, each in found.items.values()
            for line in (
                exchange.item_line(each),
                *(exchange.move_line(each.id, made) for made in found.moves[each.id]),
            )
        ),
    ]
    assert exchange.read(again) == found


def test_a_file_is_read_in_bounded_pieces(lines: list[str]) -> None:
    class Endless(io.TextIOBase):
        taken = 0

        def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
            assert 0 < size < 10**6
            self.taken += size
            return "x" * size

    endless = Endless()
    with pytest.raises(InputError, match=r"^line 1: it has more than 262,144 characters"):
        exchange.read(bounded(endless))  # type: ignore[arg-type]
    assert endless.taken < 10**6
    assert exchange.read(bounded(io.StringIO("".join(lines)))) == exchange.read(lines)


def test_a_file_that_is_no_text(lines: list[str], tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    path.write_bytes("".join(lines[:2]).encode() + b"\xff\xfe" + lines[2].encode())
    with path.open(encoding="utf-8") as file, pytest.raises(InputError, match=r"^line \d: it is no text in UTF-8"):
        exchange.read(bounded(file))


# --- forgotten --------------------------------------------------------------------------------------------------


def traces(folder: Path, *words: str) -> set[str]:
    """Which of these words stand anywhere in the files of a folder."""
    held = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return {word for word in words if any(word.encode() in data for data in held)}


def write_much(store: Store, learner: str, word: str) -> None:
    of = begun(store, learner, names=(f"{word}p",))
    for number in range(1, 40):
        made = put(store, of, number)
        store.add_move(made.id, move(0, f"{word}typed" * 30))
        store.close_item(made.id, 5, replace(GOOD, mistakes=(f"{word}mistake",)), memory=memory(), standing=standing())


def test_everything_of_a_learner_is_forgotten(store: Store) -> None:
    for learner in ("anna", "berta"):
        fill(store, learner)
        store.replace(learner, [memory()], [standing()])
    before = exported(store, "berta")
    assert forget(store, "anna") == 4
    assert len(exported(store, "anna")) == 1
    assert store.history("anna") == History()
    assert exported(store, "berta") == before
    assert store.history("berta").memories == {ADAM: memory()}
    assert forget(store, "anna") == 0
    with store.database.reading() as connection:
        counts = [
            connection.exec_driver_sql(f"SELECT count(*) FROM {t}").scalar() for t in ("sittings", "items", "moves")
        ]
    assert counts == [2, 4, 6]


def test_of_what_is_forgotten_not_a_byte_is_left(tmp_path: Path, opened: Open) -> None:
    path = tmp_path / "practice.db"
    store = opened(path)
    with closing(store.database.engine.raw_connection()) as connection:  # some builds of SQLite overwrite by themselves
        connection.cursor().execute("PRAGMA secure_delete=OFF")
    write_much(store, "annalearner", "anna")
    write_much(store, "bertalearner", "berta")
    with closing(sqlite3.connect(path)) as plain:  # a copy from the days of version 1, and what a crash left of one
        plain.execute(f"VACUUM INTO '{path}.v1-20260101-120000.bak'")
    (tmp_path / ".practice.db.v1-20260102-120000.bak.x7.part").write_text("annatyped")
    (tmp_path / "practice.db.vacation").write_text("not ours")
    words = [who + what for who in ("anna", "berta") for what in ("learner", "typed", "mistake")]
    assert traces(tmp_path, *words) == set(words)
    forget(store, "annalearner")
    assert traces(tmp_path, *words) == {"bertalearner", "bertatyped", "bertamistake"}
    assert (tmp_path / "practice.db.vacation").exists()
    assert len(list(store.every("bertalearner"))) == 39


def test_a_program_that_reads_meanwhile_keeps_traces(tmp_path: Path, opened: Open) -> None:
    path = tmp_path / "practice.db"
    store = opened(path, patience=0.1)
    write_much(store, "annalearner", "anna")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM moves").fetchone()
        with pytest.raises(
            StoreBusy, match=r"traces of it are left in the file of .*: another program is using it; close"
        ):
            forget(store, "annalearner")
        assert list(store.every("annalearner")) == []
    assert forget(store, "annalearner") == 0
    assert traces(tmp_path, "annalearner", "annatyped") == set()


def test_a_copy_that_cannot_be_deleted(tmp_path: Path, opened: Open) -> None:
    path = tmp_path / "practice.db"
    store = opened(path)
    write_much(store, "annalearner", "anna")
    (tmp_path / "practice.db.v1-20260101-120000.bak").mkdir()
    with pytest.raises(StoreError, match=r"everything is removed but an old copy: .*\.bak.*; delete it yourself"):
        forget(store, "annalearner")
    assert list(store.every("annalearner")) == []

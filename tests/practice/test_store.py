"""What the memory of practice promises, in SQLite and in PostgreSQL."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text

from quizgen.errors import Stale, StoreError
from quizgen.practice import store as store_module
from quizgen.practice.records import ME, History, Memory, Move, Outcome, Plan, Sitting, Skill, Standing
from quizgen.practice.store import Store
from quizgen_solvers.exact import fmpq
from remembered import ADAM, CONV, GOOD, answered, begun, item, memory, move, put, ready, sitting, standing


def refused(do: Callable[[], object]) -> bool:
    try:
        do()
    except Stale:
        return True
    return False


def at_once(*jobs: Callable[[], object]) -> list[bool]:
    """Does all of this at the same moment; which of them were too late."""
    gate = threading.Barrier(len(jobs))

    def one(do: Callable[[], object]) -> bool:
        gate.wait()
        return refused(do)

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(one, jobs))


# --- sessions ---------------------------------------------------------------------------------------------------


def test_a_session_comes_back_as_it_was(store: Store) -> None:
    plan = Plan(("optim", "conv.output-size"), 2, 30, 45, exam=True, choices=True, code="optim.adam/2/k7q3m9")
    made = Sitting("a" * 32, "Zoë", plan, 1_790_000_000_123)
    store.start(made)
    assert store.sitting(made.id) == made
    store.end(made.id, 1_790_000_900_000)
    assert store.sitting(made.id) == replace(made, ended=1_790_000_900_000)
    assert store.sitting("b" * 32) is None


def test_a_session_ends_once(store: Store) -> None:
    made = begun(store)
    store.end(made.id, 5_000)
    store.end(made.id, 6_000)
    found = store.sitting(made.id)
    assert found is not None
    assert found.ended == 5_000


def test_a_session_begins_once(store: Store) -> None:
    made = begun(store)
    with pytest.raises(Stale, match="has been done already"):
        store.start(replace(made, learner="another"))
    assert store.sitting(made.id) == made


def test_the_latest_open_session_is_the_one_that_began_last_whatever_its_clock_said(store: Store) -> None:
    assert store.latest(ME) is None
    first, second = sitting(started=9_000), sitting(started=1_000)
    exam, others = sitting(exam=True), sitting("another")
    for each in (first, second, exam, others):
        store.start(each)
    assert store.latest(ME) == second
    assert store.latest(ME, exam=True) == exam
    store.end(second.id, 10_000)
    assert store.latest(ME) == first
    store.end(first.id, 10_000)
    assert store.latest(ME) is None


def test_an_exam_begins_with_all_its_questions_or_not_at_all(store: Store) -> None:
    exam = sitting(exam=True)
    questions = [item(exam, number) for number in (1, 2, 3)]
    store.start(exam, questions)
    assert store.items(exam.id) == tuple(questions)
    other = sitting(exam=True)
    with pytest.raises(Stale):
        store.start(other, [item(other, 1), item(other, 1)])
    assert store.sitting(other.id) is None
    assert store.items(other.id) == ()


# --- questions and moves ----------------------------------------------------------------------------------------


def test_questions_come_in_order(store: Store) -> None:
    of = begun(store)
    made = [put(store, of, number, opened=9_000 - number) for number in range(1, 12)]
    assert store.items(of.id) == tuple(made)
    assert store.item(made[3].id) == made[3]
    assert store.item("0" * 32) is None


def test_a_number_of_a_session_is_taken_once(store: Store) -> None:
    of = begun(store)
    made = put(store, of, 1)
    with pytest.raises(Stale):
        store.open_item(item(of, 1))
    with pytest.raises(Stale):
        store.open_item(replace(item(of, 2), id=made.id))
    assert store.items(of.id) == (made,)


def test_no_question_after_the_end(store: Store) -> None:
    of = begun(store)
    store.end(of.id, 5_000)
    with pytest.raises(Stale, match="this session has ended"):
        store.open_item(item(of))
    with pytest.raises(Stale, match="this session is not there any more"):
        store.open_item(item(sitting()))
    assert store.items(of.id) == ()


def test_moves_come_back_as_they_were(store: Store) -> None:
    of = put(store, begun(store))
    made = (
        Move(0, "answer", 2, 1_790_000_000_123, "[[1,\n2]]", "1, 2", fmpq(1, 3), "so'm\"e % :reason", True, ("a", "β")),
        Move(1, "hint", 2, -5),
        move(2, typed="x" * 20_000 + "🎲"),
        move(3, credit=fmpq(10**40 + 1, 3**90)),
    )
    for each in made:
        store.add_move(of.id, each)
    assert store.moves(of.id) == made
    assert store.moves("0" * 32) == ()


def test_a_move_is_made_once(store: Store) -> None:
    of = put(store, begun(store))
    store.add_move(of.id, move(0, "first"))
    with pytest.raises(Stale):
        store.add_move(of.id, move(0, "second"))
    assert [each.typed for each in store.moves(of.id)] == ["first"]


def test_no_move_after_the_end(store: Store) -> None:
    of = answered(store, begun(store))
    with pytest.raises(Stale, match="this question is closed already"):
        store.add_move(of.id, move(2))
    with pytest.raises(Stale, match="this question is not there any more"):
        store.add_move("0" * 32, move(0))
    assert len(store.moves(of.id)) == 2


def test_a_question_is_closed_with_all_that_goes_with_it(store: Store) -> None:
    of = put(store, begun(store))
    store.add_move(of.id, move(0))
    marked = move(0, credit=fmpq(1, 2), reason="half", mistakes=("x",), carried=True)
    store.close_item(of.id, 7_000, GOOD, move=move(1), marked=[marked], memory=memory(), standing=standing())
    assert store.item(of.id) == replace(of, closed=7_000, outcome=GOOD)
    assert store.moves(of.id) == (marked, move(1))
    history = store.history(ME)
    assert history.memories == {ADAM: memory()}
    assert history.standings == {"optim.adam": standing()}


def test_a_question_is_closed_once_and_then_nothing_else_is_kept_either(store: Store) -> None:
    of = answered(store, begun(store))
    late = {"memory": memory(), "standing": standing(), "marked": [move(0, "other")]}
    with pytest.raises(Stale):
        store.close_item(of.id, 8_000, Outcome("skipped"), move=move(2), **late)
    assert store.item(of.id) == of
    assert store.moves(of.id) == (move(0), move(1))
    assert store.history(ME) == History(recent=(of,))


def test_a_question_is_not_closed_by_a_move_that_comes_too_late(store: Store) -> None:
    of = put(store, begun(store))
    store.add_move(of.id, move(0))
    with pytest.raises(Stale):
        store.close_item(of.id, 8_000, GOOD, move=move(0, "other"), memory=memory())
    assert store.item(of.id) == of
    assert store.history(ME).memories == {}


def test_an_outcome_may_be_bare(store: Store) -> None:
    of = put(store, begun(store))
    store.close_item(of.id, 5, Outcome("gone"))
    found = store.item(of.id)
    assert found is not None
    assert found.outcome == Outcome("gone")


@pytest.mark.parametrize("typed", ["\ud800", "a\udfffb"])
def test_what_no_database_can_keep_is_refused_in_one_line(store: Store, typed: str) -> None:
    of = put(store, begun(store))
    with pytest.raises(StoreError, match=r"^the practice database .* cannot keep this: .*surrogates not allowed"):
        store.add_move(of.id, move(0, typed))
    with pytest.raises(StoreError, match="cannot keep this"):
        store.add_move(of.id, Move(2**70, "answer", 1, 1))
    store.add_move(of.id, move(0, "after"))
    assert store.moves(of.id) == (move(0, "after"),)


# --- what is known of a learner ---------------------------------------------------------------------------------


def test_memories_and_standings_are_replaced_one_by_one(store: Store) -> None:
    of = begun(store)
    late = Memory(ADAM, 10**13, 10**12, 1e-300, 10.0, 3, 1, 40, 3)
    for number, (remembered, stands) in enumerate(
        [(memory(), standing(run=1)), (memory(CONV), standing(CONV.family)), (late, standing(level=3, run=-2))], 1
    ):
        of_item = put(store, of, number)
        store.close_item(of_item.id, 5, GOOD, memory=remembered, standing=stands)
    history = store.history(ME)
    assert history.memories == {ADAM: late, CONV: memory(CONV)}
    assert history.standings == {"optim.adam": Standing("optim.adam", 3, -2), CONV.family: standing(CONV.family)}


def test_history_has_the_latest_questions_of_all_sessions_by_the_order_of_their_opening(store: Store) -> None:
    one, other = begun(store), begun(store)
    made = [put(store, of, number, opened=9_000 - number) for number in range(1, 5) for of in (one, other)]
    assert store.history(ME).recent == tuple(reversed(made))
    assert store.history(ME, recent=3).recent == tuple(reversed(made))[:3]
    assert store.history(ME, recent=0).recent == ()


def test_every_question_comes_oldest_first_page_by_page(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "PAGE", 3)
    of = begun(store)
    made = [answered(store, of, number) if number % 4 else put(store, of, number) for number in range(1, 15)]
    assert list(store.every(ME, closed_only=False)) == made
    assert list(store.every(ME)) == [each for each in made if each.closed is not None]
    assert list(store.every("nobody")) == []


def test_mistakes_are_those_of_rated_questions_of_the_family_newest_first(store: Store) -> None:
    of = begun(store)
    rows = [("a",), ("b", "c"), (), ("d",)]
    for number, names in enumerate(rows, 1):
        answered(store, of, 4 * number - 3, replace(GOOD, mistakes=names))
        answered(store, of, 4 * number - 2, replace(GOOD, mistakes=("not rated",), rating=0))
        answered(store, of, 4 * number - 1, replace(GOOD, mistakes=("elsewhere",)), skill=CONV)
        answered(store, of, 4 * number, replace(GOOD, mistakes=names[:1]), skill=Skill(ADAM.family, 3))
    assert store.mistakes(ME, ADAM.family) == (("d",), ("d",), (), (), ("b",), ("b", "c"))
    assert store.mistakes(ME, ADAM.family, 1) == (("d",),)
    assert store.mistakes("nobody", ADAM.family) == ()


def test_what_is_known_is_replaced_as_a_whole(store: Store) -> None:
    for learner in (ME, "another"):
        store.replace(learner, [memory(), memory(CONV)], [standing()])
    store.replace(ME, [memory(Skill("optim.adam", 3))], [])
    assert store.history(ME) == History({Skill("optim.adam", 3): memory(Skill("optim.adam", 3))})
    assert store.history("another").memories == {ADAM: memory(), CONV: memory(CONV)}


def test_what_is_read_at_once_is_read_as_it_was_at_one_moment(where: str, opened: Callable[..., Store]) -> None:
    store, other = opened(where), opened(where)
    made = begun(store)
    with store.at_once(), store.at_once():
        assert store.items(made.id) == ()
        put(other, made, 1)
        put(store, made, 2)
        assert store.items(made.id) == ()
        with ThreadPoolExecutor(1) as pool:
            assert len(pool.submit(store.items, made.id).result()) == 2
    assert len(store.items(made.id)) == 2


def test_what_fails_while_all_is_read_at_once_holds_nothing_up(store: Store) -> None:
    made = begun(store)
    with pytest.raises(OverflowError), store.at_once():
        (len(store.items(made.id)) + 256).to_bytes(1, "big")
    put(store, made, 1)
    assert len(store.items(made.id)) == 1


def test_learners_are_kept_apart(store: Store) -> None:
    hers, his = begun(store, "anna"), begun(store, "Anna")
    made = put(store, hers)
    store.close_item(made.id, 5, GOOD, memory=memory(), standing=standing())
    assert store.history("Anna") == History()
    assert list(store.every("Anna")) == []
    assert store.mistakes("Anna", ADAM.family) == ()
    assert store.latest("Anna") == his


# --- checked questions kept ready -------------------------------------------------------------------------------


def test_stock_is_taken_oldest_first_and_once(store: Store) -> None:
    assert store.take(ADAM) is None
    store.put([ready("a"), ready("b")])
    store.put([ready("b"), ready("c"), ready("a", CONV)])
    store.put([])
    assert store.stocked() == {ADAM: 3, CONV: 1}
    assert [store.take(ADAM) for _ in range(4)] == [ready("a"), ready("b"), ready("c"), None]
    assert store.stocked() == {CONV: 1}
    store.discard_stock()
    assert store.stocked() == {}


def test_stock_is_taken_by_one_of_many(store: Store) -> None:
    store.put(ready(f"n{number}") for number in range(12))
    taken = []
    assert at_once(*[lambda: taken.append(store.take(ADAM))] * 16) == [False] * 16
    codes = [each.code for each in taken if each is not None]
    assert len(codes) == len(set(codes)) == 12
    assert store.stocked() == {}


def test_the_secret_stays(where: str, opened: Callable[..., Store]) -> None:
    one, other = opened(where), opened(where)
    found = []
    assert at_once(*[lambda: found.append(one.secret()), lambda: found.append(other.secret())] * 4) == [False] * 8
    assert len(set(found)) == 1
    assert len(found[0]) == 32
    assert opened(where).secret() == found[0]


# --- many at once -----------------------------------------------------------------------------------------------


def test_of_many_that_make_the_same_move_one_does(where: str, opened: Callable[..., Store]) -> None:
    stores = [opened(where), opened(where)]
    of = put(stores[0], begun(stores[0]))
    late = at_once(*[lambda n=n: stores[n % 2].add_move(of.id, move(0, str(n))) for n in range(12)])
    assert sorted(late) == [False] + [True] * 11
    assert [each.typed for each in stores[0].moves(of.id)] == [str(late.index(False))]


def test_of_many_that_open_the_same_number_one_does(where: str, opened: Callable[..., Store]) -> None:
    stores = [opened(where), opened(where)]
    of = begun(stores[0])
    made = [item(of) for _ in range(12)]
    late = at_once(*[lambda n=n: stores[n % 2].open_item(made[n]) for n in range(12)])
    assert stores[0].items(of.id) == (made[late.index(False)],)
    assert sum(late) == 11


def test_of_many_that_close_a_question_one_does(where: str, opened: Callable[..., Store]) -> None:
    stores = [opened(where), opened(where)]
    of = put(stores[0], begun(stores[0]))
    late = at_once(*[lambda n=n: stores[n % 2].close_item(of.id, n, GOOD, memory=memory(due=n)) for n in range(12)])
    winner = late.index(False)
    assert sum(late) == 11
    assert stores[0].history(ME) == History({ADAM: memory(due=winner)}, {}, (replace(of, closed=winner, outcome=GOOD),))


def test_forty_threads_lose_nothing(store: Store) -> None:
    """Different questions of one learner and one skill: whoever is first makes the memory, and all others find it."""

    def practise(n: int) -> None:
        of = begun(store)
        made = put(store, of)
        for number in range(3):
            store.add_move(made.id, move(number))
        store.close_item(made.id, n, GOOD, memory=memory(), standing=standing())

    assert at_once(*[lambda n=n: practise(n) for n in range(40)]) == [False] * 40
    found = list(store.every(ME))
    assert sorted(each.closed for each in found if each.closed is not None) == list(range(40))
    assert all(len(store.moves(each.id)) == 3 for each in found)
    assert store.history(ME).memories == {ADAM: memory()}


# --- how it is done ---------------------------------------------------------------------------------------------

QUERIES = {
    "sitting": store_module._SITTING,
    "latest": store_module._LATEST,
    "items": store_module._ITEMS,
    "moves": store_module._MOVES,
    "memories": store_module._MEMORIES,
    "standings": store_module._STANDINGS,
    "recent": store_module._RECENT,
    "mistakes": store_module._MISTAKES,
    "stock": store_module._READY,
}


@pytest.mark.parametrize("where", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", QUERIES)
def test_an_index_finds_what_is_asked_for_and_in_its_order(store: Store, name: str) -> None:
    """However long the history: nothing is looked through, and nothing has to be sorted."""
    query = QUERIES[name].compile(store.database.engine)
    values = dict.fromkeys(query.params, 1)
    with store.database.reading() as connection:
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {str(query).replace('?', '1')}"), values).all()
    lines = [row[3] for row in plan]
    assert lines
    assert all(line.startswith("SEARCH") for line in lines), lines


def test_a_reader_waits_for_no_writer(where: str, opened: Callable[..., Store]) -> None:
    one, other = opened(where), opened(where, patience=0.2)
    of = begun(one)

    def while_writing(connection: object) -> Sitting | None:
        assert isinstance(other.history(ME), History)
        return other.sitting(of.id)

    assert one.database.changing(while_writing) == of


@pytest.mark.parametrize("where", ["sqlite"], indirect=True)
def test_every_connection_waits_for_the_disk(store: Store) -> None:
    """A test cannot cut the power; what SQLite promises of these settings is that it may be cut."""
    held = [store.database.engine.raw_connection() for _ in range(3)]
    for connection in held:
        settings = [
            connection.cursor().execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
        assert settings == ["wal", 2, 1]
        connection.close()


@pytest.mark.parametrize("where", ["postgresql"], indirect=True)
def test_every_answer_waits_for_the_servers_disk(store: Store) -> None:
    with store.database.reading() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


def test_a_store_closes_with_its_block(where: str) -> None:
    with Store.open(where) as store:
        of = begun(store)
    with Store.open(where) as store:
        assert store.latest(ME) == of

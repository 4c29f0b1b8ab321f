"""Sessions, questions and moves as tests of the store make them."""

import uuid
from dataclasses import replace
from typing import Any

from quizgen.practice.records import ME, Item, Memory, Move, Outcome, Plan, Ready, Sitting, Skill, Standing
from quizgen.practice.store import Store
from quizgen_solvers.exact import fmpq

ADAM = Skill("optim.adam", 2)
CONV = Skill("conv.output-size", 1)
RUN = '{"torch": "2.13.0", "device": "cpu", "dtype": "float64", "agreed": 3, "parts": 3, "worst": 1e-16}'
GOOD = Outcome("answered", fmpq(2, 3), 4, hints=1, wrong=2, seconds=95, rating=3, mistakes=("no bias correction",))


def sitting(learner: str = ME, started: int = 1_000, **plan: Any) -> Sitting:
    return Sitting(uuid.uuid4().hex, learner, Plan(**plan), started)


def item(of: Sitting, number: int = 1, skill: Skill = ADAM, opened: int = 2_000) -> Item:
    return Item(uuid.uuid4().hex, of.id, number, f"{skill}/k7q3m9", skill, opened, RUN)


def move(number: int = 0, typed: str = "-1.1", **fields: Any) -> Move:
    return Move(number, "answer", 1, 3_000 + number, typed, typed, **fields)


def memory(skill: Skill = ADAM, due: int = 9_000) -> Memory:
    return Memory(skill, due, 5_000, stability=2.3065, difficulty=2.118103970459016, state=2, step=None, reviews=1)


def ready(code: str, skill: Skill = ADAM) -> Ready:
    return Ready(f"{skill}/{code}", skill, RUN, "5ea1")


def begun(store: Store, learner: str = ME, **plan: Any) -> Sitting:
    """A session that is in the store."""
    made = sitting(learner, **plan)
    store.start(made)
    return made


def put(store: Store, of: Sitting, number: int = 1, **fields: Any) -> Item:
    """A question that is in the store."""
    made = item(of, number, **fields)
    store.open_item(made)
    return made


def answered(store: Store, of: Sitting, number: int = 1, outcome: Outcome = GOOD, **fields: Any) -> Item:
    """A question in the store with two moves that close it."""
    made = put(store, of, number, **fields)
    store.add_move(made.id, move(0))
    store.close_item(made.id, 4_000, outcome, move=move(1))
    return replace(made, closed=4_000, outcome=outcome)


def standing(family: str = ADAM.family, level: int = 2, run: int = 1) -> Standing:
    return Standing(family, level, run)

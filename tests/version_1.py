"""A memory of practice as version 1 of its tables had it, and what a store must find in it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine

from quizgen.practice.records import ME, Item, Memory, Move, Outcome, Plan, Sitting, Skill, Standing
from quizgen.practice.store import Store
from quizgen_solvers.exact import fmpq
from remembered import ready

VERSION_1 = """
CREATE TABLE meta (name VARCHAR(40) NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE sittings (
    seq {seq} NOT NULL PRIMARY KEY, id VARCHAR(64) NOT NULL, learner VARCHAR(200) NOT NULL, plan TEXT NOT NULL,
    exam BOOLEAN NOT NULL, started BIGINT NOT NULL, ended BIGINT,
    UNIQUE (id)
);
CREATE INDEX sittings_open ON sittings (learner, exam, ended, seq);
CREATE TABLE items (
    seq {seq} NOT NULL PRIMARY KEY, id VARCHAR(64) NOT NULL, sitting VARCHAR(64) NOT NULL,
    learner VARCHAR(200) NOT NULL,
    number INTEGER NOT NULL, code VARCHAR(200) NOT NULL, family VARCHAR(120) NOT NULL, level INTEGER NOT NULL,
    opened BIGINT NOT NULL, provenance TEXT NOT NULL, closed BIGINT, ending VARCHAR(20), credit TEXT, points INTEGER,
    hints INTEGER, wrong INTEGER, seconds INTEGER, rating INTEGER, mistakes TEXT,
    UNIQUE (id), CONSTRAINT items_place UNIQUE (sitting, number),
    FOREIGN KEY(sitting) REFERENCES sittings (id) ON DELETE CASCADE
);
CREATE INDEX items_latest ON items (learner, seq);
CREATE TABLE moves (
    item VARCHAR(64) NOT NULL, number INTEGER NOT NULL,
    action VARCHAR(20) NOT NULL, part INTEGER NOT NULL, at BIGINT NOT NULL, typed TEXT NOT NULL, read_as TEXT NOT NULL,
    credit TEXT NOT NULL, reason TEXT NOT NULL, carried BOOLEAN NOT NULL, mistakes TEXT NOT NULL,
    PRIMARY KEY (item, number), FOREIGN KEY(item) REFERENCES items (id) ON DELETE CASCADE
);
CREATE TABLE memories (
    learner VARCHAR(200) NOT NULL, family VARCHAR(120) NOT NULL, level INTEGER NOT NULL, due BIGINT NOT NULL,
    last BIGINT NOT NULL, stability {double}, difficulty {double}, state INTEGER NOT NULL, step INTEGER,
    reviews INTEGER NOT NULL, lapses INTEGER NOT NULL, PRIMARY KEY (learner, family, level)
);
CREATE TABLE standings (
    learner VARCHAR(200) NOT NULL, family VARCHAR(120) NOT NULL, level INTEGER NOT NULL, run INTEGER NOT NULL,
    PRIMARY KEY (learner, family)
);
INSERT INTO meta VALUES ('schema', '1'), ('secret', '{secret}');
INSERT INTO sittings (id, learner, plan, exam, started, ended) VALUES
    ('aaaa', 'me', '{{"names":["optim"],"level":2,"count":5,"minutes":null,"exam":false,"choices":true,"code":""}}',
     {false}, 1790000000000, NULL);
INSERT INTO items (id, sitting, learner, number, code, family, level, opened, provenance, closed, ending, credit,
    points, hints, wrong, seconds, rating, mistakes) VALUES
    ('bbbb', 'aaaa', 'me', 1, 'optim.adam/2/k7q3m9', 'optim.adam', 2, 1790000000001, '', 1790000090000, 'answered',
     '2/3', 3, 1, 0, 89, 3, '["größer"]'),
    ('cccc', 'aaaa', 'me', 2, 'optim.adam/2/k7q3m8', 'optim.adam', 2, 1790000100000, '', NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO moves VALUES
    ('bbbb', 0, 'answer', 1, 1790000050000, '1/2', '0.5', '1/3', 'why', {true}, '["größer"]');
INSERT INTO memories VALUES ('me', 'optim.adam', 2, 1790500000000, 1790000090000, 2.25, 5.5, 2, NULL, 4, 1);
INSERT INTO standings VALUES ('me', 'optim.adam', 2, -1);
"""
SECRET = "5ec2e7" * 10 + "5ec2"
SQLITE = VERSION_1.format(seq="INTEGER", double="DOUBLE", true="1", false="0", secret=SECRET)
POSTGRESQL = VERSION_1.format(seq="BIGSERIAL", double="DOUBLE PRECISION", true="TRUE", false="FALSE", secret=SECRET)

SITTING = Sitting("aaaa", ME, Plan(("optim",), 2, 5, choices=True), 1_790_000_000_000)
ADAM = Skill("optim.adam", 2)
OUTCOME = Outcome("answered", fmpq(2, 3), 3, 1, 0, 89, 3, ("größer",))
FIRST = Item("bbbb", "aaaa", 1, "optim.adam/2/k7q3m9", ADAM, 1_790_000_000_001, "", 1_790_000_090_000, OUTCOME)
SECOND = Item("cccc", "aaaa", 2, "optim.adam/2/k7q3m8", ADAM, 1_790_000_100_000)
MADE = Move(0, "answer", 1, 1_790_000_050_000, "1/2", "0.5", fmpq(1, 3), "why", True, ("größer",))
KNOWN = Memory(ADAM, 1_790_500_000_000, 1_790_000_090_000, 2.25, 5.5, 2, None, 4, 1)


def old(path: Path) -> Path:
    """A database of version 1 with something in it, which was in use like any other."""
    with closing(sqlite3.connect(path)) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.executescript(SQLITE)
    return path


def make(where: str) -> None:
    """Makes a database of version 1 at a path or URL."""
    if "://" not in where:
        old(Path(where))
        return
    engine = create_engine(driven(where))
    with engine.begin() as connection:
        connection.exec_driver_sql(POSTGRESQL)
    engine.dispose()


def driven(where: str) -> str:
    """The URL of a place as SQLAlchemy wants it."""
    return f"sqlite:///{where}" if "://" not in where else where.replace("postgresql://", "postgresql+psycopg://")


def holds_everything(store: Store) -> None:
    assert store.latest(ME) == SITTING
    assert store.items("aaaa") == (FIRST, SECOND)
    assert store.moves("bbbb") == (MADE,)
    history = store.history(ME)
    assert history.memories == {ADAM: KNOWN}
    assert history.standings == {"optim.adam": Standing("optim.adam", 2, -1)}
    assert store.mistakes(ME, "optim.adam") == (("größer",),)
    assert store.secret().hex() == SECRET
    store.put([ready("a")])  # what is new in version 2
    assert store.take(ADAM) == ready("a")

"""A store of practice for every test, once in SQLite and once in PostgreSQL."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import postgresql_server
from quizgen.practice.store import Store

BACKENDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgresql_server.Server]:
    """A PostgreSQL server that runs as long as the tests do."""
    found = postgresql_server.programs()
    if found is None:
        pytest.skip("no PostgreSQL server was found (Debian: postgresql)")
    with postgresql_server.running(found) as server:
        yield server


@pytest.fixture(params=BACKENDS)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty database is to be found."""
    if request.param == "sqlite":
        return str(tmp_path / "practice.db")
    server: postgresql_server.Server = request.getfixturevalue("postgresql")
    return server.database()


@pytest.fixture
def opened() -> Iterator[Callable[..., Store]]:
    """Opens stores, and closes them after the test."""
    stores = []

    def open_one(where: str | Path, **options: float) -> Store:
        stores.append(Store.open(where, **options))
        return stores[-1]

    yield open_one
    for each in stores:
        each.close()


@pytest.fixture
def store(where: str, opened: Callable[..., Store]) -> Store:
    return opened(where)

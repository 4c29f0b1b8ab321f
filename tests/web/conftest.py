"""The site that most tests of the web visit."""

from collections.abc import Iterator

import pytest

from visitors import Running, Visitor, serving


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A shared site: every visitor is a learner of her own, so tests do not meet."""
    with serving(tmp_path_factory.mktemp("site")) as found:
        yield found


@pytest.fixture
def visitor(running: Running) -> Visitor:
    return running.visitor()

"""What is kept at hand: the latest of each kind, and no more of them than there is room for."""

from concurrent.futures import ThreadPoolExecutor

from quizgen.practice.recent import Recent


def test_only_what_was_used_last_is_kept() -> None:
    recent: Recent[int] = Recent(2)
    recent.put("a", 1)
    recent.put("b", 2)
    assert recent.get("a") == 1
    recent.put("c", 3)
    assert [recent.get(name) for name in "abc"] == [1, None, 3]


def test_many_threads_may_use_it() -> None:
    recent: Recent[str] = Recent(8)

    def use(number: int) -> bool:
        name = str(number % 16)
        recent.put(name, name)
        return recent.get(name) in (name, None)

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(use, range(2_000)))
    assert sum(recent.get(str(number)) is not None for number in range(16)) == 8

"""Checked questions kept ready: by a real child process with a real PyTorch, through everything that can go wrong."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from quizgen import __version__, api
from quizgen import code as codes
from quizgen import family as registry
from quizgen.draw import draw
from quizgen.errors import Disagreement, StoreError, Unavailable, UnknownFamily, UnknownLevel, VerifyError
from quizgen.practice import stock as module
from quizgen.practice.checker import seal
from quizgen.practice.child import Child, Died
from quizgen.practice.records import Ready, Skill
from quizgen.practice.stock import BATCH, Stock
from quizgen.practice.store import Store
from quizgen.question import Question

ODD = Path(__file__).parent / "odd_families.py"
ADAM, SIZE = Skill("optim.adam", 1), Skill("conv.output-size", 2)
SHOP = ("optim.adam", "conv.output-size")
FULL = {Skill(name, level): 2 for name in SHOP for level in (1, 2, 3)}
SOON = 60.0
"""Seconds after which what a test waits for is taken never to come."""


def until(holds: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.005)


def gone(process: int) -> bool:
    """Whether a process has ended (one whose end nobody asked for counts too)."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return state.stdout.strip()[:1] in ("", "Z")


def reaped(process: int) -> bool:
    """Whether nothing at all is left of a child of this process."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return not state.stdout.strip()


def drawn(skill: Skill, seed: str) -> Question:
    return draw(codes.make(registry.find(skill.family), skill.level, seed))


def kept(skill: Skill, seed: str, mark: str | None = None) -> Ready:
    """A question as it lies in stock, with a run that was never made."""
    question = drawn(skill, seed)
    run = {"torch": "9.9", "device": "cpu", "dtype": "float64", "agreed": 1, "parts": 1, "worst": 0.0}
    return Ready(question.code, skill, json.dumps(run), seal(question) if mark is None else mark)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "practice.db") as opened:
        yield opened


@pytest.fixture
def stocked(store: Store) -> Iterator[Callable[..., Stock]]:
    """Makes stocks over the store of this test, and closes them."""
    made: list[Stock] = []

    def make(names: Sequence[str] = ("optim.adam",), start: bool = True, **options: Any) -> Stock:
        made.append(Stock(store, [registry.find(name) for name in names], **{"each": 1} | options))
        if start:
            made[-1].start()
        return made[-1]

    yield make
    for stock in made:
        stock.close()


@contextmanager
def filled(folder: Path, names: Sequence[str], each: int, files: Sequence[Path] = ()) -> Iterator[tuple[Stock, Store]]:
    with Store.open(folder / "practice.db") as store:
        stock = Stock(store, [registry.find(name) for name in names], files=files, each=each)
        stock.start()
        yield stock, store
        stock.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stock, Store]]:
    """A stock of two families that most tests share, as the start of its child takes longest."""
    with filled(tmp_path_factory.mktemp("shop"), SHOP, 2) as both:
        yield both


@pytest.fixture(scope="module")
def odd() -> Iterator[None]:
    """The odd families, which leave again."""
    names = [entry.name for entry in registry.load_file(ODD)]
    yield
    for name in names:
        registry._ENTRIES.pop(name)


@pytest.fixture(scope="module")
def odd_shop(odd: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stock, Store]]:
    names = ["odd.right", "odd.wrong", "odd.exits", "odd.dies", "odd.breaks", "odd.prints", "odd.elsewhere"]
    with filled(tmp_path_factory.mktemp("odd"), names, 1, [ODD]) as both:
        yield both


@pytest.fixture(scope="module")
def child(odd: None) -> Iterator[Child]:
    child = Child([ODD], "cpu")
    assert child.begin(SOON) is None
    yield child
    child.forget()


@pytest.fixture
def no_child(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """No child can be started here; how often it was tried."""
    tried: list[int] = []

    def refuse(*_: Any) -> None:
        tried.append(1)
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(module, "Child", refuse)
    monkeypatch.setattr(module, "PAUSE", 0.01)
    return tried


class Lent:
    """The child of other tests, for a stock that ends none: it counts what it is asked, and dies as often as said."""

    def __init__(self, child: Child, deaths: int = 0) -> None:
        self.child, self.deaths = child, deaths
        self.asked: list[int] = []
        self.ended, self.ready = False, True

    def begin(self, seconds: float) -> None:
        pass

    def ask(self, requests: Sequence[Any], seconds: float) -> Any:
        self.asked.append(len(requests))
        if len(self.asked) <= self.deaths:
            raise Died("fell over")
        return self.child.ask(requests, seconds)

    kill = forget = lambda self: None


def pytorch_is(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts another program in PyTorch's place, for children that are started from now on."""
    (folder / "torch").mkdir()
    (folder / "torch" / "__init__.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)


# --- with a full stock ------------------------------------------------------------------------------------------------


def test_a_full_stock_needs_no_pytorch(
    store: Store, stocked: Callable[..., Stock], no_child: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = threading.Semaphore(0)
    count = store.stocked

    def counted() -> dict[Skill, int]:
        looked.release()
        return count()

    monkeypatch.setattr(store, "stocked", counted)
    store.put([kept(Skill("optim.adam", level), f"s{n}") for level in (1, 2, 3) for n in range(2)])
    stock = stocked()
    assert looked.acquire(timeout=SOON)
    question = stock.take(ADAM)
    assert looked.acquire(timeout=SOON), "it looks again when a question was taken"
    assert question == drawn(ADAM, "s0") or question.code == "optim.adam/1/s0"
    assert question.provenance is not None
    assert question.provenance.torch == "9.9"
    assert stock.verify([]) == []
    assert (stock.state, stock.problem, stock.problems, no_child) == ("idle", "", {}, [])


def test_importing_the_stock_imports_no_pytorch() -> None:
    program = "import sys, quizgen.practice.stock; print({'torch', 'sympy', 'numpy'} & sys.modules.keys())"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


def test_what_no_longer_fits_is_thrown_away(store: Store, stocked: Callable[..., Stock]) -> None:
    other = f"{__version__} {'0' * 32}"
    gone_family = Ready("optim.gone/1/k", ADAM, "{}", other)
    no_run = Ready("optim.adam/1/k", ADAM, '{"torch": 2}', seal(drawn(ADAM, "k")))
    store.put([kept(ADAM, "a", other), gone_family, no_run, kept(ADAM, "b"), kept(ADAM, "c")])
    assert stocked(start=False).take(ADAM, avoid={"optim.adam/1/b"}).code == "optim.adam/1/c"
    assert store.stocked() == {}


def test_the_stock_of_another_version_goes_as_a_whole(store: Store, stocked: Callable[..., Stock]) -> None:
    store.put([kept(ADAM, "a", "0.0.1 0123"), kept(ADAM, "b"), kept(SIZE, "c", "0.0.1 4567")])
    with pytest.raises(VerifyError, match="not checked within 0 seconds"):
        stocked(start=False).take(ADAM, timeout=0)
    assert store.stocked() == {}


def test_unknown_skills(stocked: Callable[..., Stock]) -> None:
    stock = stocked(start=False)
    with pytest.raises(UnknownFamily):
        stock.take(Skill("optim.adm", 1))
    with pytest.raises(UnknownLevel):
        stock.take(Skill("optim.adam", 9))


def test_what_is_replaced_first(store: Store, stocked: Callable[..., Stock]) -> None:
    """What was asked for, then what there is least of, then the lower level."""
    stock = stocked(("conv.output-size", "optim.adam"), start=False, each=2)
    three = Skill("optim.adam", 3)
    store.put([kept(ADAM, "a"), kept(SIZE, "b"), kept(SIZE, "c"), kept(three, "d"), kept(three, "e")])
    for skill in (three, three):
        stock.take(skill)
    wanted = [job.skill for job in stock._missing()]
    one, two = "conv.output-size", "optim.adam"
    order = [(two, 3), (two, 3), (one, 1), (two, 2), (one, 3), (one, 1), (two, 1), (two, 2), (one, 3)]
    assert wanted == [Skill(*each) for each in order]


# --- with PyTorch -----------------------------------------------------------------------------------------------------


def test_it_fills_up_and_replaces_what_is_taken(shop: tuple[Stock, Store]) -> None:
    stock, store = shop
    until(lambda: store.stocked() == FULL, "full")
    seen = set()
    for _ in range(5):
        question = stock.take(SIZE)
        assert (question.family, question.level) == (SIZE.family, SIZE.level)
        assert question.provenance is not None
        assert question.provenance.line().startswith("checked: torch 2.")
        assert question.provenance.agreed == len(question.parts)
        seen.add(question.code)
    assert len(seen) == 5
    assert stock.state == "ready"
    until(lambda: store.stocked() == FULL, "full again")


def test_forty_threads_get_forty_questions(shop: tuple[Stock, Store]) -> None:
    stock, _ = shop
    with ThreadPoolExecutor(40) as pool:
        found = list(pool.map(lambda n: stock.take((ADAM, SIZE)[n % 2]), range(40)))
    assert len({question.code for question in found}) == 40
    assert all(question.provenance for question in found)
    assert [question.family for question in found] == [ADAM.family, SIZE.family] * 20


def test_verify_keeps_the_order(shop: tuple[Stock, Store]) -> None:
    stock, _ = shop
    questions = [drawn((ADAM, SIZE)[n % 2], f"s{n}") for n in range(2 * BATCH + 3)]
    checked = stock.verify(questions)
    assert [question.code for question in checked] == [question.code for question in questions]
    assert all(question.provenance and question.provenance.parts == len(question.parts) for question in checked)
    assert checked[5].parts == questions[5].parts


def test_verify_as_a_run_in_this_process_does(shop: tuple[Stock, Store]) -> None:
    from quizgen.verify import verified

    stock, _ = shop
    questions = [drawn(ADAM, "same"), api.solve("optim.adam", theta="0.5", gradients="(0.3, -1)", verify=False)]
    assert stock.verify(questions) == verified(questions)


@pytest.mark.parametrize("name", sorted(registry.everything()))
def test_parameters_reach_the_child_as_they_are(name: str) -> None:
    from quizgen import parameters

    entry = registry.find(name)
    for level in entry.levels:
        source = drawn(Skill(name, level), "wire").source
        sent = json.loads(json.dumps(parameters.to_json(source)))
        assert parameters.from_python(entry, sent) == source


def test_a_question_that_changed_on_the_way_is_not_served(shop: tuple[Stock, Store]) -> None:
    from dataclasses import replace

    stock, _ = shop
    one = drawn(ADAM, "changed")
    with pytest.raises(VerifyError, match=r"^optim.adam/1/changed is another question here than where it is checked"):
        stock.verify([replace(one, parts=one.parts[:2])])


@contextmanager
def stopped(stock: Stock, store: Store) -> Iterator[int]:
    """The child of a stock that has nothing to do, standing still."""
    until(lambda: stock.state == "ready" and store.stocked() == FULL and not stock._low, "nothing to do")
    assert stock._child is not None
    process = stock._child.id
    os.kill(process, signal.SIGSTOP)
    yield process
    if not gone(process):
        os.kill(process, signal.SIGCONT)


def test_a_few_questions_do_not_wait_for_many(shop: tuple[Stock, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    stock, store = shop
    many = [drawn(ADAM, f"many{n}") for n in range(12 * BATCH)]
    with stopped(stock, store) as child, ThreadPoolExecutor(2) as pool:
        long = pool.submit(stock.verify, many)
        until(lambda: len(stock._later) == 11 * BATCH, "the first batch is sent")
        short = pool.submit(stock.verify, [drawn(SIZE, "short")])
        until(lambda: stock._first, "the short one is there")
        assert stock._child is not None
        batches: list[Sequence[Any]] = []
        ask = stock._child.ask
        monkeypatch.setattr(stock._child, "ask", lambda asked, limit: (batches.append(asked), ask(asked, limit))[1])
        os.kill(child, signal.SIGCONT)
        assert short.result(SOON)[0].provenance
        assert len(long.result(SOON)) == len(many)
    assert f"{SIZE}/short" in batches[0], "it is next after what was sent before it came"


def test_waiting_has_an_end(shop: tuple[Stock, Store]) -> None:
    stock, store = shop
    two = [drawn(ADAM, "one"), drawn(ADAM, "two")]
    with stopped(stock, store):
        with pytest.raises(VerifyError, match=r"^optim.adam/1/one: not checked within 0.05 seconds, as PyTorch has mu"):
            stock.verify(two[:1], timeout=0.05)
        with pytest.raises(VerifyError, match=r"^2 questions: not checked within"):
            stock.verify(two, timeout=0.05)
    assert all(question.provenance for question in stock.verify(two))


def test_a_child_that_is_killed_is_replaced(shop: tuple[Stock, Store]) -> None:
    """In the middle of a batch: whoever waits for it notices nothing but the time."""
    stock, store = shop
    many = [drawn(SIZE, f"killed{n}") for n in range(BATCH + 2)]
    with stopped(stock, store) as child, ThreadPoolExecutor(1) as pool:
        waiting: Future[list[Question]] = pool.submit(stock.verify, many)
        until(lambda: len(stock._later) == 2, "the first batch is sent")
        os.kill(child, signal.SIGKILL)
        assert [question.code for question in waiting.result(SOON)] == [question.code for question in many]
    assert reaped(child)
    assert (stock.state, stock.problems) == ("ready", {})


def test_a_question_is_to_blame_for_the_second_death_alone(
    store: Store, stocked: Callable[..., Stock], child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = drawn(ADAM, "one"), drawn(ADAM, "two")
    line = r"^optim.adam/1/one can't be checked: twice the process that runs it fell over$"
    for deaths, questions, good in ((1, [one], True), (1, [one, two], True), (2, [one], False), (2, [one, two], False)):
        lent = Lent(child, deaths)
        monkeypatch.setattr(module, "Child", lambda *_, lent=lent: lent)
        stock = stocked(())
        with nullcontext() if good else pytest.raises(VerifyError, match=line):
            assert all(question.provenance for question in stock.verify(questions))
        assert lent.asked == [len(questions), *([1] * len(questions))]


# --- families that go wrong -------------------------------------------------------------------------------------------


def test_a_family_that_disagrees_is_never_served(odd_shop: tuple[Stock, Store]) -> None:
    stock, store = odd_shop
    wrong = Skill("odd.wrong", 2)
    for _ in range(2):
        with pytest.raises(Disagreement, match=r"^odd.wrong/2/\w+, part 1: the solver has \d+ and PyTorch") as caught:
            stock.take(wrong)
        assert caught.value.part == 1
        assert caught.value.code.startswith("odd.wrong/2/")
        assert stock.problems[wrong] == str(caught.value)
    assert wrong not in store.stocked()
    assert stock.take(Skill("odd.right", 2)).provenance
    assert stock.take(Skill("odd.wrong", 1)).provenance, "its other level is right"


def test_what_can_not_be_had_is_not_tried_again(
    odd: None, store: Store, stocked: Callable[..., Stock], child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    lent = Lent(child)
    monkeypatch.setattr(module, "Child", lambda *_: lent)
    stock = stocked(["odd.wrong"])
    until(lambda: stock.problems and store.stocked(), "the first batch is done")
    for _ in range(5):
        stock.verify([drawn(Skill("odd.right", 1), "k")])
    assert lent.asked == [2, 1, 1, 1, 1, 1]


def test_verify_raises_for_the_first_that_fails(odd_shop: tuple[Stock, Store]) -> None:
    stock, _ = odd_shop
    right, wrong, exits = (drawn(Skill(f"odd.{name}", 2), "k") for name in ("right", "wrong", "exits"))
    with pytest.raises(Disagreement, match=r"^odd.wrong/2/k, part 1"):
        stock.verify([right, wrong, exits])
    with pytest.raises(VerifyError, match=r"^odd.exits/2/k: its PyTorch run fails \(SystemExit: 'enough of this'\)$"):
        stock.verify([right, exits, wrong])


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("dies", r"^odd.dies/1/\w+ can't be checked: twice the process that runs it ended with exit status 3$"),
        ("exits", r"^odd.exits/1/\w+: its PyTorch run fails \(SystemExit: 'enough of this'\)$"),
        ("breaks", r"^odd.breaks/1/\w+ can't be made \(ZeroDivisionError: 'nothing\\ncomes of it'\)$"),
    ],
)
def test_a_family_that_crashes_takes_no_other_with_it(odd_shop: tuple[Stock, Store], name: str, line: str) -> None:
    stock, store = odd_shop
    with pytest.raises(VerifyError, match=line):
        stock.take(Skill(f"odd.{name}", 1))
    for level in (1, 2):
        assert stock.take(Skill("odd.right", level)).provenance
    bad = {"odd.dies", "odd.exits", "odd.breaks"}
    until(lambda: {skill.family for skill in stock.problems} >= bad, "all that is bad is found")
    assert bad.isdisjoint(skill.family for skill in store.stocked())


def test_what_a_family_prints_goes_nowhere(odd_shop: tuple[Stock, Store], capfd: pytest.CaptureFixture[str]) -> None:
    stock, _ = odd_shop
    assert stock.verify([drawn(Skill("odd.prints", 1), "k")])[0].provenance
    assert capfd.readouterr() == ("", "")


def test_a_family_that_is_another_in_each_process(odd_shop: tuple[Stock, Store]) -> None:
    stock, _ = odd_shop
    for _ in range(2):
        with pytest.raises(
            VerifyError, match=r"^odd.elsewhere/1/\w+ is another question here than where it is checked"
        ):
            stock.take(Skill("odd.elsewhere", 1))
    assert Skill("odd.elsewhere", 1) in stock.problems


# --- the child --------------------------------------------------------------------------------------------------------


def test_answers_of_the_child(child: Child) -> None:
    requests: list[Any] = [
        "odd.right/1/k",
        "odd.gone/1/k",
        {"family": "odd.right", "parameters": {"a": 3, "b": 4}},
        {"family": "odd.right", "parameters": {"a": 3}},
        "odd.wrong/2/k",
    ]
    answers = child.ask(requests, SOON)
    assert [answer.get("error") for answer in answers] == [None, "VerifyError", None, "VerifyError", "Disagreement"]
    assert [answer.get("code") for answer in answers] == ["odd.right/1/k", None, "", None, "odd.wrong/2/k"]
    assert answers[0]["seal"] == seal(drawn(Skill("odd.right", 1), "k"))
    assert answers[3]["message"] == "odd.right needs b=…: a whole number"


def test_interrupting_does_not_end_the_child(child: Child) -> None:
    os.kill(child.id, signal.SIGINT)
    assert "error" not in child.ask(["odd.right/1/k"], SOON)[0]
    assert os.getpgid(child.id) != os.getpgid(0), "Ctrl-C in the terminal does not even reach it"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc to look at a process")
def test_the_child_is_modest(child: Child) -> None:
    assert os.getpriority(os.PRIO_PROCESS, child.id) == os.getpriority(os.PRIO_PROCESS, 0) + 10
    status = Path(f"/proc/{child.id}/status").read_text(encoding="utf-8")
    threads = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("Threads:"))
    assert threads == 2, "one that works, and one that reads"


def test_a_run_that_hangs_is_ended(odd: None) -> None:
    child = Child([ODD], "cpu")
    assert child.begin(SOON) is None
    with pytest.raises(Died, match=r"^took more than 0.2 seconds$"):
        child.ask(["odd.hangs/1/k"], 0.2)
    assert child.ended
    with pytest.raises(Died):
        child.ask(["odd.right/1/k"], SOON)
    child.forget()
    assert reaped(child.id)


# --- ends -------------------------------------------------------------------------------------------------------------


def test_closing_while_pytorch_is_imported(
    store: Store, stocked: Callable[..., Stock], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytorch_is("import time\nwhile True:\n    time.sleep(0.01)\n", tmp_path, monkeypatch)
    stock = stocked()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(stock.take, ADAM)
        until(lambda: stock.state == "starting", "it starts")
        with pytest.raises(VerifyError, match="as PyTorch is still starting"):
            stock.take(ADAM, timeout=0)
        assert stock._child is not None
        process = stock._child.id
        stock.close()
        with pytest.raises(VerifyError, match=r"^practice is being closed"):
            waiting.result(SOON)
    assert reaped(process)
    assert not stock._thread.is_alive()
    assert (stock.state, stock.problem) == ("idle", "")
    with pytest.raises(VerifyError, match=r"^practice is being closed"):
        stock.verify([drawn(ADAM, "k")])
    stock.close()


PARENT = """
import sys, time
from quizgen.family import find
from quizgen.practice.stock import Stock
from quizgen.practice.store import Store
stock = Stock(Store.open(sys.argv[1]), [find("optim.adam")])
stock.start()
while stock.state != sys.argv[2]:
    time.sleep(0.005)
print(stock._child.id, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("state", ["starting", "ready"])
def test_no_child_outlives_a_parent_that_is_killed(tmp_path: Path, state: str) -> None:
    words = [sys.executable, "-c", PARENT, str(tmp_path / "practice.db"), state]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        process = int(parent.stdout.readline())
        assert not gone(process)
        parent.kill()
    until(lambda: gone(process), "the child ends too")


def test_without_pytorch(
    store: Store, stocked: Callable[..., Stock], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytorch_is("raise ModuleNotFoundError('no torch', name='torch')", tmp_path, monkeypatch)
    store.put([kept(SIZE, "k")])
    stock = stocked()
    line = "PyTorch is not installed, so no answer can be checked: `pip install torch`, or go on without the check"
    for _ in range(2):
        with pytest.raises(Unavailable) as caught:
            stock.take(ADAM)
        assert str(caught.value) == line
    with pytest.raises(Unavailable):
        stock.verify([drawn(ADAM, "k")])
    assert (stock.state, stock.problem, stock.problems) == ("failed", line, {})
    assert stock.take(SIZE).code == "conv.output-size/2/k", "what was checked before is served"


def test_modules_in_the_current_folder_stay_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytorch_is("raise ModuleNotFoundError('no torch', name='torch')", tmp_path, monkeypatch)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "argparse.py").write_text("raise SystemExit('not meant')", encoding="utf-8")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path])
    child = Child([], "cpu")
    refusal = child.begin(SOON)
    child.forget()
    assert refusal is not None
    assert refusal["error"] == "Unavailable"


def test_a_device_that_is_not_there(
    stocked: Callable[..., Stock], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytorch_is("__version__ = '9.9'", tmp_path, monkeypatch)
    stock = stocked(device="gpu")
    with pytest.raises(VerifyError, match=r"^'gpu' is no device"):
        stock.take(ADAM)


def test_a_file_of_families_that_is_gone(stocked: Callable[..., Stock], tmp_path: Path) -> None:
    stock = stocked(files=[tmp_path / "mine.py"])
    with pytest.raises(VerifyError, match=r"^there is no file '.*mine.py'.* to take families from"):
        stock.take(ADAM)


def test_starting_is_not_tried_for_ever(
    store: Store, stocked: Callable[..., Stock], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.01)
    pytorch_is(f"open({str(tmp_path / 'log')!r}, 'a').write('.')\nimport os\nos._exit(9)", tmp_path, monkeypatch)
    stock = stocked()
    with pytest.raises(VerifyError) as caught:
        stock.take(ADAM)
    line = "nothing can be checked: the process that runs PyTorch ended with exit status 9, 3 times"
    assert str(caught.value) == stock.problem == line
    assert stock.state == "failed"
    assert (tmp_path / "log").read_text() == "..."


def test_no_process_can_be_started(stocked: Callable[..., Stock], no_child: list[int]) -> None:
    stock = stocked()
    with pytest.raises(VerifyError, match=r"could not be started \(Resource temporarily unavailable\), 3 times$"):
        stock.take(ADAM)
    assert len(no_child) == 3


# --- a store that fails -----------------------------------------------------------------------------------------------


def test_a_full_disk_does_not_keep_the_checker_busy(
    store: Store, stocked: Callable[..., Stock], child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    lent = Lent(child)
    monkeypatch.setattr(module, "Child", lambda *_: lent)
    puts: list[int] = []

    def put(ready: Sequence[Ready]) -> None:
        puts.append(len(ready))
        raise StoreError("the disk is full")

    monkeypatch.setattr(store, "put", put)
    stock = stocked()
    until(lambda: puts, "a first batch")
    for n in range(5):
        assert stock.verify([drawn(ADAM, f"s{n}")])[0].provenance
    assert (puts, lent.asked) == ([3], [3, 1, 1, 1, 1, 1])
    assert stock.take(ADAM).provenance, "it is checked while one waits"
    until(lambda: len(puts) == 2, "it tries again when a question was taken")


def test_whoever_takes_is_told_of_the_store(
    store: Store, stocked: Callable[..., Stock], no_child: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise StoreError("it is no database any more")

    monkeypatch.setattr(store, "stocked", fail)
    monkeypatch.setattr(store, "take", fail)
    stock = stocked()
    with pytest.raises(StoreError, match="no database"):
        stock.take(ADAM)
    assert stock._thread.is_alive()
    assert no_child == []


def test_a_defect_is_said_and_nobody_waits_for_ever(
    store: Store, stocked: Callable[..., Stock], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(store, "stocked", fail)
    stock = stocked()
    until(lambda: stock.state == "failed", "it fails")
    line = "nothing is checked any more, for an error that should not happen: RuntimeError: 'unforeseen'"
    with pytest.raises(VerifyError, match=line):
        stock.take(ADAM)

"""Checked questions kept ready, so that the next one never waits for PyTorch.

Some questions of every skill lie in the store, each drawn from fresh randomness, checked by a run, and seen by nobody.
A thread replaces what was taken. PyTorch lives in a process of its own (`quizgen.practice.checker`), which draws and
checks; it is started when there is something to check and not before.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Container, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Literal

from quizgen import __version__, parameters
from quizgen import code as codes
from quizgen import family as families
from quizgen.draw import draw
from quizgen.errors import Disagreement, Stale, StoreError, Unavailable, VerifyError, shown
from quizgen.family import Entry
from quizgen.practice.checker import Answer, Request, error, seal
from quizgen.practice.child import Child, Died
from quizgen.practice.records import Ready, Skill
from quizgen.question import Question
from quizgen.verify.provenance import Provenance

if TYPE_CHECKING:
    from quizgen.practice.store import Store

State = Literal["idle", "starting", "ready", "failed"]
"""Of the checker: not running; importing PyTorch; checking what it is asked; given up."""

BATCH = 32
"""How many questions go to the checker at a time: some 20 ms, so that whoever waits is next soon."""

GATHER = 0.1
"""Seconds after a question is taken before it is replaced, with others taken meanwhile: one transaction for all."""

LIMIT = 30.0
"""Seconds that a batch may take before a run is taken to hang."""

START_LIMIT = 300.0
"""Seconds that PyTorch may take to be imported."""

MOST_STARTS = 3
"""How often in a row the checker may fail to start before it is given up."""

PAUSE = 0.5
"""Seconds before the second start; before the third it is twice as long."""

PATIENCE = 5.0
"""Seconds that closing waits for the thread, which may be writing to the store."""

CLOSED = error(VerifyError("practice is being closed, so nothing is checked any more"))


@dataclass(eq=False)
class Job:
    """A question to be checked: for the one who waits for it, or for a skill's stock."""

    request: Request
    skill: Skill | None = None
    answer: Future[Answer] = field(default_factory=Future)
    deaths: int = 0
    """How often the checker has died over it."""

    def __str__(self) -> str:
        return self.request if isinstance(self.request, str) else f"{self.request['family']} with these numbers"


class Stock:
    """Checked questions of all levels of the families, ``each`` of them ready. Safe for many threads.

    ``files``: the files of families, for the checker to load too; ``device``: where it runs them.
    """

    def __init__(
        self, store: Store, entries: Sequence[Entry], *, files: Sequence[Path] = (), each: int = 3, device: str = "cpu"
    ) -> None:
        self._store = store
        self._entries = {Skill(entry.name, level): entry for entry in entries for level in entry.levels}
        self._files = tuple(Path(file).absolute() for file in files)
        self._each = each
        self._device = device
        self._changed = threading.Condition()
        self._first: deque[Job] = deque()
        self._later: deque[Job] = deque()
        """Questions of long lists: whoever waits for a few is not kept waiting by a sheet."""
        self._low = True
        self._asked: set[Skill] = set()
        self._problems: dict[Skill, Answer] = {}
        self._over: Answer | None = None
        """Why nothing is checked any more."""
        self._child: Child | None = None
        self._thread = threading.Thread(target=self._work, name="stock", daemon=True)

    def start(self) -> None:
        """Begins to fill up what is missing. Returns at once."""
        self._thread.start()

    def close(self) -> None:
        """Ends the thread and the checker. Whoever waits for a question gets a `VerifyError`."""
        with self._changed:
            self._over = CLOSED
            if self._child is not None:
                self._child.kill()
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(PATIENCE)

    @property
    def state(self) -> State:
        """How the checker is."""
        child, over = self._child, self._over
        if over is not None and over is not CLOSED:
            return "failed"
        if child is None or child.ended:
            return "idle"
        return "ready" if child.ready else "starting"

    @property
    def problem(self) -> str:
        """One line that says why nothing can be checked, or nothing."""
        over = self._over
        return "" if over is None or over is CLOSED else str(over["message"])

    @property
    def problems(self) -> dict[Skill, str]:
        """The skills that nothing is served of, each with the line that says why."""
        return {skill: answer["message"] for skill, answer in self._problems.copy().items()}

    # --- for whoever wants a question ---------------------------------------------------------------------------------

    def take(self, skill: Skill, avoid: Container[str] = (), timeout: float = 120) -> Question:
        """A checked question that nobody has seen, with its provenance; waits only where none is ready.

        ``avoid``: codes that the learner knows; ``timeout`` in seconds. Raises `VerifyError` where none can be had:
        `Disagreement` where PyTorch gets another answer, from then on for the whole skill; `Unavailable` where it is
        missing. Also `UnknownFamily`, `UnknownLevel` and what the store raises.
        """
        question = self.ready(skill, avoid)
        return self._fresh(skill, timeout) if question is None else question

    def ready(self, skill: Skill, avoid: Container[str] = ()) -> Question | None:
        """What `take` gives where it need not wait, else None."""
        if skill in self._entries:
            with self._changed:
                self._asked.add(skill)
        try:
            if (problem := self._problems.get(skill)) is not None:
                raise _raised(problem)
            while (ready := self._store.take(skill)) is not None:
                if not ready.seal.startswith(f"{__version__} "):
                    self._store.discard_stock()  # the rest is as old
                elif ready.code not in avoid and (question := _redrawn(ready)) is not None:
                    return question
            return None
        finally:
            with self._changed:
                self._low = True
                self._changed.notify_all()

    def verify(self, questions: Sequence[Question], timeout: float = 300) -> list[Question]:
        """The same questions in the same order, each with its provenance, as `quizgen.verify.verified` gives them.

        Raises what that raises, for the first question that fails, and `VerifyError` after ``timeout`` seconds.
        """
        found = self._ask([_request(question) for question in questions], timeout)
        return [_proven(question, answer) for question, answer in zip(questions, found, strict=True)]

    def _fresh(self, skill: Skill, timeout: float) -> Question:
        """A question that is drawn and checked now."""
        code = _fresh_code(families.find(skill.family), skill)
        [answer] = self._ask([code], timeout)
        try:
            if "error" in answer:
                raise _raised(answer)
            return _proven(draw(codes.parse(code)), answer)
        except VerifyError as problem:
            if answer is not self._over:
                self._problems[skill] = error(problem)
            raise

    def _ask(self, requests: Sequence[Request], timeout: float) -> list[Answer]:
        """What the checker says of each, when it comes to it."""
        jobs = [Job(request) for request in requests]
        deadline = monotonic() + timeout
        with self._changed:
            if self._over is not None:
                raise _raised(self._over)
            (self._first if len(jobs) <= BATCH else self._later).extend(jobs)
            self._changed.notify_all()
        try:
            return [job.answer.result(deadline - monotonic()) for job in jobs]
        except TimeoutError:
            what = str(jobs[0]) if len(jobs) == 1 else f"{len(jobs):,} questions"
            why = "has much to do" if self.state == "ready" else "is still starting"
            raise VerifyError(f"{what}: not checked within {timeout:g} seconds, as PyTorch {why}; try again") from None
        finally:
            for job in jobs:
                job.answer.cancel()

    # --- the thread ---------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        """Gives the checker what there is to check, until it is all over."""
        try:
            while self._over is not CLOSED:
                if jobs := self._waiting() or self._missing():
                    self._settle(jobs)
                else:
                    with self._changed:
                        self._changed.wait_for(lambda: self._low or self._pressing())
                        self._changed.wait_for(self._pressing, GATHER)
        except Exception as problem:  # noqa: BLE001 (nobody waits for ever, and everybody is told)
            what = f"{type(problem).__name__}: {shown(str(problem), 200)}"
            said = f"nothing is checked any more, for an error that should not happen: {what}; please report it"
            self._end(error(VerifyError(said)))
        finally:
            if self._child is not None:
                self._child.forget()
            while jobs := self._waiting():
                self._settle(jobs)

    def _pressing(self) -> bool:
        """Whether someone waits, or it is being closed."""
        return bool(self._first or self._later or self._over is CLOSED)

    def _waiting(self) -> list[Job]:
        """What someone waits for, at most a batch."""
        jobs: list[Job] = []
        with self._changed:
            for queue in (self._first, self._later):
                while queue and len(jobs) < BATCH:
                    job = queue.popleft()
                    if job.answer.set_running_or_notify_cancel():
                        jobs.append(job)
        return jobs

    def _missing(self) -> list[Job]:
        """What the stock lacks, at most a batch: of skills that were asked for first, and where the least is left."""
        with self._changed:
            low, self._low = self._low and self._over is None, False
            asked = self._asked.copy()
        if not low:
            return []
        try:
            have = self._store.stocked()
        except StoreError:
            return []  # until the next question is taken: whoever takes it is told
        lacking = sorted(
            ((skill not in asked, number, skill.level), skill)
            for skill in self._entries
            if skill not in self._problems
            for number in range(have.get(skill, 0), self._each)
        )
        if lacking:
            self._low = True  # there may be more of it
        return [Job(_fresh_code(self._entries[skill], skill), skill) for _, skill in lacking[:BATCH]]

    def _settle(self, jobs: Sequence[Job]) -> None:
        """Has a batch checked, and hands out what becomes of it."""
        ready = []
        for job, answer in zip(jobs, self._answers(jobs), strict=True):
            if job.skill is None:
                job.answer.set_result(answer)
            elif "error" not in answer:
                ready.append(Ready(answer["code"], job.skill, json.dumps(answer["provenance"]), answer["seal"]))
            elif answer is not self._over:
                self._problems[job.skill] = answer
        try:
            if ready:
                self._store.put(ready)
        except (StoreError, Stale):
            self._low = False  # until the next question is taken: the checker would fill up a full disk for ever

    def _answers(self, jobs: Sequence[Job]) -> list[Answer]:
        """What the checker says of each. Where it dies over several, each is tried alone; where it dies over one that
        it was checking at a death before, that one is to blame."""
        child = self._running()
        if child is None:
            return [self._over or CLOSED] * len(jobs)
        try:
            return child.ask([job.request for job in jobs], LIMIT)
        except Died as death:
            if len(jobs) == 1 and jobs[0].deaths and self._over is None:
                return [error(VerifyError(f"{jobs[0]} can't be checked: twice the process that runs it {death}"))]
        for job in jobs:
            job.deaths += 1
        return [answer for job in jobs for answer in self._answers([job])]

    def _running(self) -> Child | None:
        """The checker, started where it is not running; None where it is all over."""
        how = ""
        for number in range(MOST_STARTS):
            with self._changed:
                if number:
                    self._changed.wait_for(lambda: self._over is not None, number * PAUSE)
                if self._over is not None:
                    return None
                if self._child is not None and not self._child.ended:
                    return self._child
                if self._child is not None:
                    self._child.forget()
                try:
                    self._child = Child(self._files, self._device)
                except OSError as problem:
                    how = f"could not be started ({problem.strerror or problem})"
                    continue
            try:
                refusal = self._child.begin(START_LIMIT)
            except Died as death:
                how = str(death)
                continue
            if refusal is None:
                return self._child
            self._end(refusal)
            return None
        self._end(
            error(VerifyError(f"nothing can be checked: the process that runs PyTorch {how}, {MOST_STARTS} times"))
        )
        return None

    def _end(self, why: Answer) -> None:
        """From now on nothing is checked."""
        with self._changed:
            if self._over is None:
                self._over = why


def _fresh_code(entry: Entry, skill: Skill) -> str:
    return str(codes.make(entry, skill.level, codes.fresh_seed()))


def _request(question: Question) -> Request:
    """How the checker makes the same question."""
    if question.source is None:
        return {"family": question.family, "parameters": question.recorded["parameters"]}
    return question.code or {"family": question.family, "parameters": parameters.to_json(question.source)}


def _proven(question: Question, answer: Answer) -> Question:
    """The question with its provenance; raises the error that the checker has for it, and `VerifyError` where what it
    checked was another question."""
    if "error" in answer:
        raise _raised(answer)
    proven = replace(question, provenance=Provenance.from_json(answer["provenance"]))
    if seal(proven) != answer["seal"]:
        name = question.code or question.family
        raise VerifyError(f"{name} is another question here than where it is checked; start quizgen again")
    return proven


def _redrawn(ready: Ready) -> Question | None:
    """The question that was in stock; None where its code gives another one by now, or none."""
    try:
        answer = {"provenance": json.loads(ready.provenance), "seal": ready.seal}
        return _proven(draw(codes.parse(ready.code)), answer)
    except Exception:  # noqa: BLE001 (whatever a family does that has changed since: there are other questions)
        return None


def _raised(answer: Answer) -> VerifyError:
    """The error that the answer is."""
    if answer["error"] == Disagreement.__name__:
        return Disagreement(answer["message"], code=answer["code"], part=answer["part"])
    return Unavailable(answer["message"]) if answer["error"] == Unavailable.__name__ else VerifyError(answer["message"])

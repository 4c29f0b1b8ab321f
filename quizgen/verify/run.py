"""Runs: questions that share a shape go through their family's PyTorch run in one batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any

from .. import family as families
from .. import parameters
from ..collector import at_rest
from ..errors import Disagreement, QuizgenError, VerifyError, shown
from . import compare, devices
from .provenance import Provenance

if TYPE_CHECKING:
    from ..question import Question

MOST = 1000
"""How many questions go into one batch at most."""


@dataclass(slots=True)
class Checked:
    """What became of questions, in their order: the provenance, or the error that says why there is none.

    ``run`` and ``compared`` are the seconds that went into PyTorch and into comparing, ``batches`` how many runs there
    were.
    """

    device: str
    results: list[Provenance | VerifyError] = field(default_factory=list)
    run: float = 0.0
    compared: float = 0.0
    batches: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Questions for one batch: the family's class, where they stand among those asked for, their parameter sets."""

    family: str
    cls: Any
    places: list[int]
    batch: list[Any]


def groups(questions: Sequence[Question]) -> list[Group]:
    """The questions by family and batch key, at most `MOST` to a group, in the order of their first ones."""
    found: dict[Any, Group] = {}
    full: list[Group] = []
    for i, question in enumerate(questions):
        source = question.source if question.source is not None else _read_again(question)
        cls = type(source)
        key = (cls, families.batch_key(source))
        group = found.get(key)
        if group is None or len(group.places) == MOST:
            group = found[key] = Group(question.family, cls, [], [])
            full.append(group)
        group.places.append(i)
        group.batch.append(source)
    return full


def _read_again(question: Question) -> Any:
    """The parameter set of a question that was read from JSON."""
    return parameters.from_python(families.find(question.family), question.recorded["parameters"])


def check(questions: Sequence[Question], device: str = "cpu", progress: Callable[[int], None] | None = None) -> Checked:
    """Runs the questions and compares; never raises for a question that fails.

    ``device`` is "cpu", "cuda", "cuda:1" or "auto"; ``progress`` is told how many are done. Raises `Unavailable` and
    `UsageError` for a device that is not here or is none.
    """
    torch = devices.pytorch()
    where = devices.resolve(device)
    name = torch.__version__.partition("+")[0]
    done = Checked(where, [VerifyError("not run")] * len(questions))
    finished = 0
    with devices.controlled(where) as again:
        for group in groups(questions):
            with at_rest():
                begun = perf_counter()
                rows = _rows(group, questions, where, again)
                compared_from = perf_counter()
                done.run += compared_from - begun
                done.batches += 1
                for i, row in zip(group.places, rows, strict=True):
                    done.results[i] = row if isinstance(row, VerifyError) else _compare(questions[i], row, name, where)
                done.compared += perf_counter() - compared_from
            finished += len(group.places)
            if progress is not None:
                progress(finished)
    return done


def _rows(
    group: Group, questions: Sequence[Question], device: str, again: Callable[[], None]
) -> list[tuple[Any, ...] | VerifyError]:
    """For each question of a group what PyTorch gives for its parts, or why there is nothing."""
    again()
    first = questions[group.places[0]]
    try:
        entries = group.cls.torch_run(group.batch, device)
        return list(zip(*_columns(entries, group, questions), strict=True))
    except Exception as problem:  # noqa: BLE001 (a family's run is foreign code: its name belongs in the line)
        if len(group.batch) == 1:
            return [_failure(first, problem)]
        # Which one is it? Each for itself, so that one that fails does not take the others with it.
        alone = [
            _rows(Group(group.family, group.cls, [i], [source]), questions, device, again)[0]
            for i, source in zip(group.places, group.batch, strict=True)
        ]
        if any(isinstance(row, VerifyError) for row in alone):
            return alone
        return [
            VerifyError(
                f"{group.family}: the PyTorch run fails for {_name(first)} and {len(group.batch) - 1} more in one "
                f"batch, but for none of them alone ({_reason(problem)}); its batch_key should keep them apart"
            )
        ] * len(group.batch)


def _columns(entries: Any, group: Group, questions: Sequence[Question]) -> list[Sequence[Any]]:
    """What a run returned, as one list for each part with an item for each question; raises `Malformed`."""
    first = questions[group.places[0]]
    if not isinstance(entries, (list, tuple)):
        raise compare.Malformed(f"it returned a {type(entries).__name__}, not one entry for each part")
    if len(entries) != len(first.parts):
        raise compare.Malformed(f"it returned {len(entries)} entries for {len(first.parts)} parts")
    return [_column(entry, i, group, questions) for i, entry in enumerate(entries)]


def _column(entry: Any, index: int, group: Group, questions: Sequence[Question]) -> Sequence[Any]:
    count = len(group.places)
    if hasattr(entry, "detach"):
        return _from_tensor(entry, index, group, questions)
    if not isinstance(entry, (list, tuple)):
        raise compare.Malformed(f"part {index + 1} is a {type(entry).__name__}, neither a tensor nor a list")
    if len(entry) != count:
        raise compare.Malformed(f"part {index + 1} has {len(entry)} items for a batch of {count}")
    return [plain(item) for item in entry]


def _from_tensor(tensor: Any, index: int, group: Group, questions: Sequence[Question]) -> Sequence[Any]:
    _check_dtype(tensor, f"part {index + 1}")
    shape = tuple(tensor.shape)
    if shape[:1] != (len(group.places),):
        raise compare.Malformed(
            f"part {index + 1} has shape {shape}; the first axis of a tensor is the batch, {len(group.places)} here"
        )
    one = questions[group.places[0]]
    wanted = compare.shape_of(one, index)
    if wanted is not None and shape[1:] != wanted:  # the others' shapes are seen when they are compared
        raise compare.Malformed(
            f"part {index + 1} has shape {shape}, and the answer of {_name(one)} has shape {wanted}"
        )
    return tensor.detach().tolist()  # type: ignore[no-any-return]


def _check_dtype(tensor: Any, what: str) -> None:
    torch = devices.pytorch()
    if tensor.is_complex() or (tensor.is_floating_point() and tensor.dtype is not torch.float64):
        raise compare.Malformed(f"{what} is of {tensor.dtype}; float64 is what answers are compared in")


def plain(x: Any) -> Any:
    """An item of a list as plain data: tensors among it as numbers and lists of numbers."""
    if x.__class__ is int or x.__class__ is float:
        return x
    if isinstance(x, (list, tuple)):
        for item in x:
            if item.__class__ is not int:
                return [plain(item) for item in x]
        return x
    if hasattr(x, "detach"):
        _check_dtype(x, "a tensor that it returned")
        return x.detach().tolist()
    return int(x) if isinstance(x, bool) else x


def _compare(question: Question, row: tuple[Any, ...], torch: str, device: str) -> Provenance | VerifyError:
    worst = 0.0
    balls: dict[Any, Any] = {}
    for i, got in enumerate(row):
        try:
            found = compare.difference(question, i, got, balls)
        except compare.Differs as found_apart:
            return _disagreement(question, i + 1, found_apart, torch, device)
        except compare.Malformed as problem:
            return VerifyError(f"{_name(question)}, part {i + 1}: what PyTorch gives can't be compared: {problem}")
        if found > worst:
            worst = found
    return Provenance(torch, device, "float64", len(row), len(question.parts), worst)


def _disagreement(question: Question, part: int, apart: compare.Differs, torch: str, device: str) -> Disagreement:
    where = f", {apart.where}" if apart.where else ""
    return Disagreement(
        f"{_name(question)}, part {part}{where}: the solver has {_cut(apart.exact)} and PyTorch {torch} on {device} "
        f"has {_cut(apart.run)} ({apart.why}), so it is not served; parameters {parameters_text(question)}",
        code=question.code,
        part=part,
    )


def parameters_text(question: Question) -> str:
    """The parameters as one types them: "n=227 f=11 p=0 s=4"."""
    if question.source is None:
        return " ".join(f"{name}={shown(value, 60)}" for name, value in question.recorded["parameters"].items())
    names = parameters.of(question.source.__class__)
    return " ".join(f"{name}={parameters.text(getattr(question.source, name))}" for name in names)


def _cut(value: str) -> str:
    return value if len(value) <= 80 else f"{value[:60]}…{value[-19:]}"


def _failure(question: Question, problem: Exception) -> VerifyError:
    return VerifyError(
        f"{question.family}: the PyTorch run of {_name(question)} fails ({_reason(problem)}); "
        f"parameters {parameters_text(question)}"
    )


def _reason(problem: Exception) -> str:
    if isinstance(problem, (compare.Malformed, QuizgenError)):
        return str(problem)
    return f"{type(problem).__name__}: {shown(str(problem).strip().partition(chr(10))[0], 200)}"


def _name(question: Question) -> str:
    return question.code or question.family

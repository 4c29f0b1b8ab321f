"""What a problem family is, and where families are found.

A family is one file: a frozen dataclass under ``@family``, read from top to bottom in the order in which a question
comes to be. There is no base class; `Family` below is the contract, and what breaks it fails at registration with the
family's file and line.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from .errors import PluginError, UnknownFamily, UnknownLevel, did_you_mean, shown

if TYPE_CHECKING:
    from quizgen_solvers import Quantity, Work

    from .answers import Kind
    from .rng import Rng

T = TypeVar("T")

NAME = re.compile(r"[a-z][a-z0-9]*(?:\.[a-z][a-z0-9]*(?:-[a-z0-9]+)*)")
REQUIRED = ("sample", "statement", "solve", "parts", "mistakes", "torch_run", "program")
GROUP = "quizgen.families"  # of entry points
OWN = f"{__package__}.families"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is asked.

    ``prompt``: the words (small markup); how many decimals are wanted and how far off is accepted is appended by the
    core, which derives it. ``answer``: the quantity of the work that answers, or rows of quantities for a table; the
    option numbers (a frozenset) for a choice; text for an expression. ``also``: other answers that are right too.
    """

    prompt: str
    answer: Quantity | tuple[tuple[Quantity, ...], ...] | frozenset[int] | str
    kind: Kind
    points: int = 1
    also: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong method: its name, one kind sentence that says what to look at, and what it does to the work.

    ``replace`` maps quantities of the work to what the wrong method has in their place: a number, or an expression of
    the work's own quantities that come before it (`Work.rework`).
    """

    name: str
    why: str
    replace: Mapping[Quantity, Any]


class Family(Protocol):
    """The contract. Fields of the dataclass are the parameters (`quizgen.parameters` says of which types).

    Optional beside these: ``validate(self)`` raises `ParameterError` where parameters do not go together (a draw that
    it refuses is drawn again); ``worth_asking(self, work)`` says no to a degenerate draw; ``batch_key(self)`` is what
    parameter sets must share to be run in one batch; ``figures(self)`` gives the figures that the statement names.
    """

    @classmethod
    def sample(cls, rng: Rng, level: int) -> Family:
        """Parameters that a hand can work with; the only door of randomness."""

    def statement(self) -> str:
        """The words (small markup). Its first line names every convention that changes the answer."""

    def solve(self) -> Work:
        """The worked solution, by a solver."""

    def parts(self, work: Work) -> tuple[Part, ...]:
        """What is asked."""

    def mistakes(self, work: Work) -> tuple[Mistake, ...]:
        """The named wrong turns that are possible with these parameters."""

    @staticmethod
    def torch_run(batch: Sequence[Any], device: str) -> Sequence[Any]:
        """The answers again, by PyTorch's own layer, loss or optimiser, for parameter sets that share a batch key.

        One entry a part: a float64 tensor whose first axis is the batch, or a list of integers or (nested) tuples.
        """

    def program(self) -> str:
        """The short PyTorch program that a student can paste; it prints the answers."""


@dataclass(frozen=True)
class Entry:
    """A family as it is registered."""

    name: str
    cls: type[Any]
    levels: Mapping[int, str]
    version: int
    spaces: Mapping[int, int]
    """How many different questions a level has, where they are few."""
    distractors: int
    """How many mistakes must lead to different wrong answers for a draw to be worth asking."""
    place: str = field(compare=False)

    @property
    def topic(self) -> str:
        return self.name.partition(".")[0]

    @cached_property
    def doc(self) -> str:
        return inspect.cleandoc(self.cls.__doc__ or "")

    @cached_property
    def title(self) -> str:
        """The first line of the docstring, without its full stop."""
        return self.doc.partition("\n")[0].rstrip(".")


_ENTRIES: dict[str, Entry] = {}
_FAILED: dict[str, str] = {}


def family(
    name: str,
    *,
    levels: Mapping[int, str],
    version: int = 1,
    spaces: Mapping[int, int] | None = None,
    distractors: int = 2,
) -> Callable[[type[T]], type[T]]:
    """Registers a frozen dataclass as the family ``name`` ("topic.some-name").

    ``levels`` says in a few words what each level asks; ``version`` goes up when the same code would no longer give the
    same question; ``spaces`` says how many different questions a level has where they are few. Raises `PluginError`
    with file and line where the contract is broken.
    """

    caller = sys._getframe(1)
    place = f"{caller.f_code.co_filename}:{caller.f_lineno}"

    def register(cls: type[T]) -> type[T]:
        def refuse(problem: str) -> PluginError:
            return PluginError(f"{place}: family {shown(name)} {problem}")

        if not NAME.fullmatch(name):
            raise refuse("has a bad name; names are like 'optim.adam' or 'conv.output-size'")
        if not dataclasses.is_dataclass(cls) or not cls.__dataclass_params__.frozen:  # type: ignore[attr-defined]
            raise refuse("is no frozen dataclass; put @dataclass(frozen=True) under @family")
        if not (cls.__doc__ or "").strip() or (cls.__doc__ or "").startswith(f"{cls.__name__}("):
            raise refuse("has no docstring; `quizgen explain` prints it, so say what it asks and the formula's source")
        if missing := [method for method in REQUIRED if not callable(getattr(cls, method, None))]:
            raise refuse(f"lacks {', '.join(missing)}")
        if not isinstance(inspect.getattr_static(cls, "sample"), classmethod):
            raise refuse("draws with a sample that is no @classmethod")
        if not isinstance(inspect.getattr_static(cls, "torch_run"), staticmethod):
            raise refuse("has a torch_run that is no @staticmethod")
        if not levels or list(levels) != list(range(1, len(levels) + 1)):
            raise refuse("must have levels 1, 2, … without a gap")
        if type(version) is not int or not 1 <= version <= 9999:
            raise refuse(f"has the version {shown(version)}; versions are whole numbers from 1")
        if name in _ENTRIES and _ENTRIES[name].place != place and not _typed_again(cls, _ENTRIES[name].cls):
            raise refuse(f"is there already, in {_ENTRIES[name].place}; give this one another name")
        if not cls.__module__.startswith(f"{OWN}.") and (own := _own_module(name)):
            raise refuse(f"is there already, in {own}; give this one another name")
        if problem := _unsupported(cls):
            raise refuse(problem)
        _ENTRIES[name] = Entry(name, cls, dict(levels), version, dict(spaces or {}), distractors, place)
        cls.__family__ = name  # type: ignore[attr-defined]
        return cls

    return register


def _typed_again(new: type[Any], old: type[Any]) -> bool:
    """Whether a class takes the place of one that was typed before, in a notebook or at the prompt."""
    return new.__module__ == old.__module__ == "__main__"


def _unsupported(cls: type[Any]) -> str:
    """What is wrong with the fields of a family, or nothing."""
    from . import parameters

    try:
        known = parameters.of(cls)
    except (NameError, TypeError) as problem:
        return f"has a field whose type can't be found out: {shown(str(problem), 120)}"
    for name, parameter in known.items():
        if not parameters.is_supported(parameter.type):
            return f"has a field {name} of a type that no parameter has; use {parameters.TYPES}"
    return ""


# --- finding ----------------------------------------------------------------------------------------------------


def find(name: str) -> Entry:
    """The family of that name; raises `UnknownFamily` with the nearest names."""
    if name in _ENTRIES:
        return _ENTRIES[name]
    if NAME.fullmatch(name) and (module := _own_module(name)):
        importlib.import_module(module)
    if name not in _ENTRIES:
        everything()
    if name not in _ENTRIES:
        if of_topic := [key for key, entry in _ENTRIES.items() if entry.topic == name]:
            raise UnknownFamily(
                f"{shown(name)} is a topic, not a family; its families are {', '.join(sorted(of_topic))}"
            )
        lost = "".join(f"; the plug-in {shown(plugin)} could not be loaded: {why}" for plugin, why in _FAILED.items())
        raise UnknownFamily(
            f"there is no family {shown(name)}{did_you_mean(name, _ENTRIES)}", f"`quizgen list` shows all{lost}"
        )
    return _ENTRIES[name]


def _own_module(name: str) -> str:
    """The module that a family of the package would be in, or nothing where there is none."""
    module = f"{OWN}.{name.replace('-', '_')}"
    return module if importlib.util.find_spec(module.rpartition(".")[0]) and importlib.util.find_spec(module) else ""


def entry_of(instance: Any) -> Entry:
    """The entry of the family that a parameter set belongs to."""
    return _ENTRIES[type(instance).__family__]


def everything() -> dict[str, Entry]:
    """All families by name: those of the package, of installed plug-ins, and of files that were loaded."""
    root = importlib.import_module(OWN)
    for topic in pkgutil.iter_modules(root.__path__, f"{root.__name__}."):
        package = importlib.import_module(topic.name)
        for module in pkgutil.iter_modules(getattr(package, "__path__", [])):
            if not module.name.startswith("_"):  # what families share
                importlib.import_module(f"{topic.name}.{module.name}")
    _load_plugins()
    return dict(sorted(_ENTRIES.items()))


def select(names: Sequence[str]) -> list[Entry]:
    """The families that ``names`` mean, each a family or a topic; all where there are none."""
    if not names:
        return list(everything().values())
    chosen: dict[str, Entry] = {}
    for name in names:
        if "." in name:
            chosen[name] = find(name)
            continue
        known = everything()
        of_topic = {key: entry for key, entry in known.items() if entry.topic == name}
        if not of_topic:
            topics = sorted({entry.topic for entry in known.values()})
            hint = did_you_mean(name, [*topics, *known])
            raise UnknownFamily(f"there is no family or topic {shown(name)}{hint}; topics are {', '.join(topics)}")
        chosen |= of_topic
    return list(chosen.values())


def check_level(entry: Entry, level: int) -> None:
    """Raises `UnknownLevel` where the family has no such level."""
    if type(level) is not int or level not in entry.levels:  # 2.0 and True are equal to levels, but spell no code
        levels = ", ".join(map(str, entry.levels))
        raise UnknownLevel(f"{entry.name} has no level {shown(level)}; its levels are {levels}")


def _load_plugins() -> None:
    from importlib.metadata import entry_points

    for plugin in entry_points(group=GROUP):
        if plugin.name in _FAILED or plugin.value.partition(":")[0] in sys.modules:
            continue
        try:
            plugin.load()
        except PluginError as problem:
            _FAILED[plugin.name] = str(problem)
        except (Exception, SystemExit) as problem:  # noqa: BLE001 (foreign code: whatever it raises is its failure, not ours)
            _FAILED[plugin.name] = f"{type(problem).__name__}: {shown(str(problem), 160)}"


def failed_plugins() -> dict[str, str]:
    """Installed plug-ins that could not be loaded, with the reason."""
    return dict(_FAILED)


def load_file(path: Path) -> list[Entry]:
    """Registers the families of a file; raises `PluginError` where it can't be imported or holds none.

    A file that is loaded again, after a change, takes the place of what it was.
    """
    if not path.is_file():
        raise PluginError(f"there is no file {shown(str(path))} to take families from")
    name = f"quizgen_file_{path.stem}_{blake2b(str(path.resolve()).encode(), digest_size=4).hexdigest()}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PluginError(f"{shown(str(path))} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    entries, old = dict(_ENTRIES), sys.modules.get(name)
    for key, entry in entries.items():
        if entry.cls.__module__ == name:
            del _ENTRIES[key]
    before = set(_ENTRIES)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
        found = [entry for key, entry in _ENTRIES.items() if key not in before]
        if not found:
            raise PluginError(f'{path} registers no family; put @family("topic.name", levels=…) on a frozen dataclass')
    except (Exception, SystemExit) as problem:
        _ENTRIES.clear()
        _ENTRIES.update(entries)
        sys.modules.pop(name) if old is None else sys.modules.update({name: old})
        if isinstance(problem, PluginError):
            raise
        line = _line_in(problem, path)
        said = f"{type(problem).__name__}: {shown(str(problem), 160)}"
        raise PluginError(f"{path}{line} fails to import: {said}") from problem
    return found


def _line_in(problem: BaseException, path: Path) -> str:
    if isinstance(problem, SyntaxError):
        return f":{problem.lineno}"
    at, trace = "", problem.__traceback__
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename) == path:
            at = f":{trace.tb_lineno}"
        trace = trace.tb_next
    return at


def batch_key(instance: Any) -> Hashable:
    """What parameter sets of a family must share to be run in one batch."""
    key = getattr(instance, "batch_key", None)
    return key() if key is not None else ()


def parse_name(text: str) -> str:
    """A family's name as it was typed; raises `PluginError` where it can be none."""
    if not NAME.fullmatch(text):
        raise PluginError(f"{shown(text)} is no family name; names are like 'optim.adam' or 'conv.output-size'")
    return text

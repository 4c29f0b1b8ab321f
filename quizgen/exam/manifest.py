"""The manifest: everything that makes the same papers again a year later, and marks them.

Questions are kept as their codes: drawing them again needs neither PyTorch nor what was built. Each has a seal, a hash
of what is right, so that a question that has changed since is noticed; each part of the manifest has a hash, so that a
change by hand is. `manifest.schema.json` beside this file is its JSON schema.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from quizgen import __version__, draw
from quizgen import code as codes
from quizgen.collector import at_rest
from quizgen.errors import InputError, QuizgenError, shown
from quizgen.files import write_whole
from quizgen.question import Question, decimal_text
from quizgen.verify.provenance import Provenance
from quizgen.wording import counted, listed
from quizgen_solvers.exact import rational

from . import blueprint as blueprints
from .blueprint import Blueprint
from .fairness import Fairness
from .model import Placed, Student, Version
from .versions import seal

KIND: Final = "quizgen exam manifest"
FORMAT: Final = 1
MOST_BYTES = 300_000_000
MOST_KEPT = 100
"""Questions that are kept while papers are drawn again, since several have them."""

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Seal = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
Count = Annotated[int, Field(ge=0)]
Points = Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?$")]
Percent = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,12})?%$")]
Text = Annotated[str, Field(max_length=1000)]
_STEP = "[A-Za-z0-9_][A-Za-z0-9._-]*"
InFolder = Annotated[str, Field(pattern=f"^{_STEP}(/{_STEP})*$", max_length=300)]
"""The path of a file in the folder of the exam, with slashes."""


class ManifestError(InputError):
    """A manifest that can't be used: it was changed by hand, comes from another quizgen, or is none."""


class Record(BaseModel):
    """An object of the JSON: no keys but its own, no value of another type, and nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StudentRecord(Record):
    id: Text
    name: Text
    email: Text
    group: Text


class Options(Record):
    """A part as multiple choice: the place of the right option, from 0, and how many there are."""

    right: Count
    of: Count


class Check(Record):
    """Which PyTorch run reproduced the answers of a question (`Provenance`)."""

    torch: Text
    device: Text
    dtype: Text
    agreed: Count
    parts: Count
    worst: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class QuestionRecord(Record):
    """A question of a paper.

    ``key`` names its place in the blueprint; ``code`` is empty for one that was written by hand, which stands in the
    blueprint; ``points`` and ``options`` are those of each part (None: it has none); ``check`` is None where no run was
    made.
    """

    key: Text
    code: Text
    points: tuple[Points, ...]
    options: tuple[Options | None, ...]
    seal: Seal
    check: Check | None


class PaperRecord(Record):
    """A paper: its questions in the order in which they are printed."""

    name: Text
    code: Text
    student: StudentRecord | None
    questions: tuple[QuestionRecord, ...]

    def person(self) -> Student | None:
        """Whose paper it is."""
        return None if self.student is None else Student(**self.student.model_dump())


class BlueprintRecord(Record):
    """The blueprint: the name of its file, its text, and the SHA-256 of that."""

    file: Text
    hash: Hash
    text: Annotated[str, Field(max_length=1_000_000)]


class BandRecord(Record):
    least: Count
    most: Count
    centre: Text
    relative: Percent


class PlaceRecord(Record):
    """`PlaceFairness`."""

    number: Count
    key: Text
    family: Text
    level: Count
    same: Literal["", "written", "code"]
    band: Percent
    kinds: tuple[Text, ...]
    operations: BandRecord
    digits: BandRecord
    different: Count
    apart: Count | None
    same_words: bool


class FairnessRecord(Record):
    """`Fairness`."""

    papers: Count
    band: Percent
    worst: Percent
    operations: BandRecord
    digits: BandRecord
    option_places: Count
    places: tuple[PlaceRecord, ...]


class Manifest(Record):
    """An exam as it was built.

    ``quizgen``, ``torch`` and ``families`` are versions; ``files`` maps the path of every file to its SHA-256.
    """

    kind: Literal["quizgen exam manifest"] = KIND
    format: Literal[1] = FORMAT
    title: Text
    seed: Text
    quizgen: Text
    torch: Text | None
    families: dict[Text, Count]
    blueprint: BlueprintRecord
    papers: Annotated[tuple[PaperRecord, ...], Field(min_length=1)]
    fairness: FairnessRecord
    files: dict[InFolder, Hash]

    @property
    def exam(self) -> Blueprint:
        """The blueprint, read again. Raises `ManifestError` where this quizgen can't."""
        try:
            return blueprints.parse(self.blueprint.text, self.blueprint.file)
        except QuizgenError as problem:
            raise ManifestError(
                f"quizgen {self.quizgen} built this exam, and quizgen {__version__} can't read its blueprint: {problem}"
            ) from problem

    @property
    def stated(self) -> Fairness:
        """How fair the papers are."""
        return Fairness.from_json(self.fairness.model_dump())

    def with_files(self, files: Mapping[str, bytes]) -> Manifest:
        """The same with the hashes of files, by their path in the folder of the exam."""
        hashes = {path: hashlib.sha256(data).hexdigest() for path, data in sorted(files.items())}
        return Manifest.model_validate({**dict(self), "files": hashes})

    def without_papers(self) -> Manifest:
        """What is the same for all papers: enough to draw one again, and soon sent to another process."""
        return self.model_copy(update={"papers": (), "files": {}})


# --- made and written -----------------------------------------------------------------------------------------------


def of(blueprint: Blueprint, papers: Sequence[Version], fairness: Fairness, file: str = "blueprint.toml") -> Manifest:
    """The manifest of these papers, which has no files yet; ``file`` is the name of the blueprint's."""
    questions = [placed.question for paper in papers for placed in paper.questions]
    checks = [question.provenance.torch for question in questions if question.provenance is not None]
    drawn = {codes.parse(code) for code in {question.code for question in questions} if code}
    records: dict[tuple[str, int], QuestionRecord] = {}  # what is on several papers is described once
    for placed in (placed for paper in papers for placed in paper.questions):
        if (name := (placed.slot.key, id(placed.question))) not in records:
            records[name] = _question(placed)
    return Manifest(
        title=blueprint.title,
        seed=blueprint.seed,
        quizgen=__version__,
        torch=checks[0] if checks else None,
        families=dict(sorted({code.family: code.version for code in drawn}.items())),
        blueprint=BlueprintRecord(file=file, hash=blueprint.hash, text=blueprint.source),
        papers=tuple(_paper(paper, records) for paper in papers),
        fairness=FairnessRecord.model_validate_json(json.dumps(fairness.to_json())),
        files={},
    )


def _paper(paper: Version, records: Mapping[tuple[str, int], QuestionRecord]) -> PaperRecord:
    student = None if paper.student is None else StudentRecord(**asdict(paper.student))
    questions = tuple(records[placed.slot.key, id(placed.question)] for placed in paper.questions)
    return PaperRecord(name=paper.name, code=paper.code, student=student, questions=questions)


def _question(placed: Placed) -> QuestionRecord:
    question = placed.question
    return QuestionRecord(
        key=placed.slot.key,
        code=question.code,
        points=tuple(map(decimal_text, placed.points)),
        options=_options(question),
        seal=seal(question),
        check=None if question.provenance is None else Check(**question.provenance.to_json()),
    )


def _options(question: Question) -> tuple[Options | None, ...]:
    return tuple(
        Options(right=min(part.correct), of=len(part.options)) if len(part.options) > 1 and part.correct else None
        for part in question.parts
    )


def text(manifest: Manifest) -> str:
    """The manifest as it is written: the same for the same exam, and with the hashes of its parts.

    Each paper and each file has a line of its own. (Python writes that ten times as fast as JSON that is indented.)
    """
    parts = [f"{_json(key)}: {_in_lines(_plain(manifest, key))}" for key in Manifest.model_fields]
    return "{\n" + ",\n".join([*parts, f'"hashes": {_in_lines(_hashes(manifest))}']) + "\n}\n"


def _plain(manifest: Manifest, key: str) -> Any:
    """A part of the manifest as JSON has it; of the papers one after the other, for together they take much memory."""
    if key == "papers":
        return (paper.model_dump(mode="json") for paper in manifest.papers)
    return manifest.model_dump(mode="json", include={key})[key]


def _in_lines(value: Any) -> str:
    if isinstance(value, dict) and value:
        return "{\n " + ",\n ".join(f"{_json(key)}: {_json(each)}" for key, each in value.items()) + "\n}"
    if isinstance(value, Iterator):
        return "[\n " + ",\n ".join(map(_json, value)) + "\n]"
    return _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def write(manifest: Manifest, path: str | Path, force: bool = False) -> Path:
    """Writes it, whole or not at all; raises `OutputError` and `OutputExists`."""
    return write_whole(path, text(manifest), force)


def _hashes(manifest: Manifest) -> dict[str, Any]:
    """The hash of each part, those of the papers in a list, and one of all: of JSON without spaces, its keys sorted."""
    parts: dict[str, Any] = {}
    whole = hashlib.sha256()
    for at, key in enumerate(sorted(Manifest.model_fields)):
        whole.update(f"{',' if at else '{'}{_json(key)}:".encode())
        value = _plain(manifest, key)
        if key != "papers":
            parts[key] = _hash(data := _canonical(value))
            whole.update(data)
            continue
        parts[key] = []
        for number, paper in enumerate(value):
            parts[key].append(_hash(data := _canonical(paper)))
            whole.update((b"," if number else b"[") + data)
        whole.update(b"]")
    whole.update(b"}")
    return {**parts, "all": whole.hexdigest()}


def _canonical(data: Any) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def schema() -> str:
    """The JSON schema of a manifest, as `manifest.schema.json` holds it."""
    found = Manifest.model_json_schema()
    one = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    parts = dict.fromkeys(Manifest.model_fields, one) | {"papers": {"type": "array", "items": one}, "all": one}
    found["properties"]["hashes"] = {"type": "object", "properties": parts, "required": sorted(parts)}
    found["required"] = sorted({*found["properties"]})
    found |= {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": KIND}
    return json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


# --- read -----------------------------------------------------------------------------------------------------------


def read(path: str | Path) -> Manifest:
    """The manifest in a file. Raises `ManifestError` where it was changed by hand, is of another format or is none."""
    name = shown(str(path), 160)
    try:
        if Path(path).is_dir():
            raise ManifestError(f"{name} is a folder; name the manifest.json in it")
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise ManifestError(f"there is no file {name}; `quizgen exam build` writes the manifest") from None
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
        raise ManifestError(f"cannot read {name}: {reason}") from problem
    if len(data) > MOST_BYTES:
        raise ManifestError(f"{name} has more than {MOST_BYTES // 10**6} MB, so it is no manifest")
    return parse(data, name)


def parse(data: bytes, name: str = "the manifest") -> Manifest:
    """The manifest that the bytes of a file are; ``name`` is what errors call it. Raises `ManifestError`."""
    try:
        found = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as problem:
        raise ManifestError(f"{name} is no manifest: it can't be read as JSON ({shown(str(problem), 120)})") from None
    if not isinstance(found, dict) or found.get("kind") != KIND:
        raise ManifestError(f"{name} is no manifest of an exam; `quizgen exam build` writes manifest.json")
    if type(found.get("format")) is not int or found["format"] != FORMAT:
        made = f"{shown(found.get('format'))}, written by quizgen {shown(found.get('quizgen'))}"
        raise ManifestError(f"{name} is of format {made}; this is quizgen {__version__}, which reads format {FORMAT}")
    hashes = found.pop("hashes", None)
    try:
        manifest = Manifest.model_validate_json(json.dumps(found))
    except ValidationError as problem:
        first = problem.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise ManifestError(f"{name} was changed by hand or is damaged: {where}: {shown(first['msg'], 120)}") from None
    if changed := _changed(manifest, hashes):
        raise ManifestError(
            f"{name} was changed by hand since it was built: {changed} {'is' if ' and ' not in changed else 'are'} not "
            f"what was written; take the one that was written, or build the exam again"
        )
    return manifest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of which every key is there once."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)} is there twice")
    return found


def _changed(manifest: Manifest, hashes: Any) -> str:
    """Which parts are not what their hashes say, or nothing."""
    now = _hashes(manifest)
    if hashes == now:
        return ""
    if not isinstance(hashes, dict):
        return "the list of its hashes"
    changed = [f"the {key}" for key in now if key not in ("papers", "all") and hashes.get(key) != now[key]]
    before = hashes.get("papers")
    if not isinstance(before, list) or len(before) != len(now["papers"]):
        changed.append("the number of papers")
    else:
        pairs = zip(manifest.papers, before, now["papers"], strict=True)
        names = [shown(paper.name) for paper, old, new in pairs if old != new]
        changed += [f"the {'papers' if len(names) > 1 else 'paper'} {listed(names, most=4)}"] if names else []
    return listed(changed) or "the list of its hashes"


# --- the papers again -----------------------------------------------------------------------------------------------


def versions_of(manifest: Manifest) -> tuple[Version, ...]:
    """The papers again, as they were built. Raises as `Again.paper` does."""
    return tuple(drawn(manifest))


def drawn(manifest: Manifest) -> Iterator[Version]:
    """The papers one after the other. Raises as `Again.paper` does."""
    again = Again(manifest)
    return map(again.paper, manifest.papers)


class Again:
    """Papers drawn again from codes alone, one at a time; the checks are those of the manifest.

    With ``options`` False the places of the options are not looked at: of no use to whoever only marks, and dear, since
    every wrong answer has to be printed for it. ``known``: questions by their codes, which need not be drawn.
    """

    def __init__(self, manifest: Manifest, options: bool = True, known: Mapping[str, Question] | None = None) -> None:
        self._manifest = manifest
        self._options = options
        self._known = known or {}
        self._slots = {slot.key: slot for slot in manifest.exam.slots}
        self._draw = lru_cache(MOST_KEPT)(lambda code: draw.draw(codes.parse(code)))

    def paper(self, paper: PaperRecord) -> Version:
        """A paper as it was built.

        Raises `ManifestError`, which names the question, where a family is gone or has another version, or where a
        question is not what it was.
        """
        with at_rest():
            placed = tuple(self.placed(where(paper, number), each) for number, each in enumerate(paper.questions, 1))
        return Version(paper.name, paper.person(), placed, paper.code)

    def placed(self, where: str, record: QuestionRecord) -> Placed:
        """A question at its place. Raises as `paper` does, with ``where`` it stands."""
        slot = self._slots.get(record.key)
        if slot is None or (not record.code and slot.written is None):
            raise ManifestError(f"{where}: the blueprint in the manifest has no such question as {shown(record.key)}")
        try:
            question = slot.written if not record.code and slot.written is not None else self._question(record.code)
        except QuizgenError as problem:
            raise ManifestError(f"{where}: {problem}") from problem
        if seal(question) != record.seal or (self._options and _options(question) != record.options):
            name = record.code or "which was written by hand"
            raise ManifestError(
                f"{where}, {name}, has another right answer than when the exam was built by quizgen "
                f"{self._manifest.quizgen}; this is quizgen {__version__}: use that one, or build the exam again"
            )
        parts = len(question.parts)
        if len(record.points) != parts:
            raise ManifestError(f"{where} has points for {counted(len(record.points), 'part')}, not {parts}")
        check = None if record.check is None else Provenance.from_json(record.check.model_dump())
        if slot.topic is not None:  # which may have more families now, and so another one here
            slot = replace(slot, family=question.family)
        return Placed(slot, replace(question, provenance=check), tuple(map(rational, record.points)))

    def _question(self, code: str) -> Question:
        return self._known.get(code) or self._draw(code)


def where(paper: PaperRecord, number: int) -> str:
    """What an error calls a question of a paper; ``number`` counts from 1."""
    return f"question {number} of paper {shown(paper.name)}"


def differing(manifest: Manifest, folder: Path) -> list[str]:
    """The files of a folder that are missing or not what the manifest says, by their path in it."""
    found = []
    for path, wanted in manifest.files.items():
        try:
            with (folder / path).open("rb") as file:
                same = hashlib.file_digest(file, "sha256").hexdigest() == wanted
        except OSError:
            same = False
        if not same:
            found.append(path)
    return found

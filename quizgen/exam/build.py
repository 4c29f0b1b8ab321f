"""An exam built: papers and keys as .tex and PDF in a folder, and last of all the manifest.

    build/manifest.json          everything that makes the same papers again, and marks them
    build/papers/A.tex A.pdf     a paper for each version or student
    build/keys/A-key.tex …       its key

What has not changed is neither written nor set again. Where one file can't be made the others are, and the failure is
in the list; without the manifest, nothing is finished.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from quizgen.errors import OutputError, QuizgenError, RenderError, shown
from quizgen.render.pdf import Limits
from quizgen.sheet import Progress
from quizgen.wording import counted, listed

from . import fields
from . import manifest as manifests
from . import paper as papers
from .folder import MANIFEST, Folder
from .item import Item
from .printing import Name, items, name_of
from .roster import safe_name
from .tex import Engines, Run, Runs, script_of
from .versions import versions

if TYPE_CHECKING:
    from .blueprint import Blueprint
    from .fairness import Fairness
    from .manifest import Manifest, PaperRecord
    from .model import Student

LIMITS = Limits()
"""What a run of TeX may use."""

DOCUMENTS = (("papers/{}", papers.paper), ("keys/{}-key", papers.key))
"""What is made of each paper: where it goes, and what it says."""


@dataclass(frozen=True)
class How:
    """How to build: with so many programs at once, with PDFs, over files of others (``force``).

    ``families``: files of families, which other processes have to load too. More than one job starts processes, for
    which the program's main module must be one that can be imported.
    """

    jobs: int = 1
    pdf: bool = True
    force: bool = False
    families: Sequence[str] = ()
    limits: Limits = LIMITS


@dataclass(frozen=True)
class Failure:
    """A file that could not be made, and why."""

    file: str
    error: QuizgenError

    def __str__(self) -> str:
        return f"{self.file}: {self.error}"


@dataclass
class Built:
    """What a build did: ``written`` .tex files and ``typeset`` PDFs are new, ``kept`` PDFs were there already."""

    folder: Path
    papers: int
    fairness: Fairness
    written: int = 0
    typeset: int = 0
    kept: int = 0
    failures: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def build(
    blueprint: Blueprint,
    names: Sequence[str | Student],
    folder: str | Path,
    *,
    file: str = "blueprint.toml",
    how: How = How(),
    device: str = "cpu",
    progress: Progress | None = None,
) -> Built:
    """Draws fair papers for these names or students, and builds them in a folder.

    ``file`` is the name of the blueprint's. Raises what `versions` does, `NoEngine` where there is no TeX,
    `OutputError` where the folder can't be written to or the disk is full, `OutputExists` where it holds another.
    """
    into = Folder(Path(folder), blueprint, _own(names), how.force)
    with _nothing_left(into):
        engines = Engines.found() if how.pdf else None
        drawn, fairness = versions(blueprint, names, progress=progress, device=device)
        manifest = manifests.of(blueprint, drawn, fairness, Path(file).name)
        known = {placed.question.code: placed.question for version in drawn for placed in version.questions}
        printed = items(manifest, known, how.jobs, how.families, progress)
        del drawn, known  # of thousands of questions what is printed is enough
    return _build(into, blueprint, manifest, fairness, printed, engines, how, progress)


def again(manifest: Manifest, folder: str | Path, *, how: How = How(), progress: Progress | None = None) -> Built:
    """Builds the papers of a manifest again, the same to the byte; raises as `build` and `Again.paper` do."""
    blueprint = manifest.exam
    for paper in manifest.papers:
        file_name(paper)  # which looks at the name too, before anything is written
    into = Folder(Path(folder), blueprint, [paper.name for paper in manifest.papers], how.force)
    with _nothing_left(into):
        engines = Engines.found() if how.pdf else None
        printed = items(manifest, {}, how.jobs, how.families, progress)
    return _build(into, blueprint, manifest, manifest.stated, printed, engines, how, progress)


@contextmanager
def _nothing_left(folder: Folder) -> Iterator[None]:
    """What fails before anything is written leaves no empty folder either."""
    try:
        yield
    except BaseException:
        folder.abandon()
        raise


def file_name(paper: PaperRecord) -> str:
    """What the files of a paper are called.

    Raises `ManifestError` for the name of a version that no blueprint gives, such as a path.
    """
    student = paper.person()
    try:
        return safe_name(student) if student is not None else fields.name(paper.name)
    except ValueError:
        raise manifests.ManifestError(
            f"a paper of the manifest is called {shown(paper.name)}, which is no name of a version: it was made by hand"
        ) from None


def _own(names: Sequence[str | Student]) -> list[str]:
    return [name if isinstance(name, str) else name.id for name in names]


def _build(
    into: Folder,
    blueprint: Blueprint,
    manifest: Manifest,
    fairness: Fairness,
    printed: Mapping[Name, Item | RenderError],
    engines: Engines | None,
    how: How,
    progress: Progress | None,
) -> Built:
    built = Built(into.path, len(manifest.papers), fairness)
    lacking: dict[str, list[str]] = {}
    total = len(manifest.papers) * len(DOCUMENTS)

    def ended(path: str, error: QuizgenError | None) -> None:
        """What stops one PDF is listed; what would stop all of them, such as a full disk, is raised."""
        if isinstance(error, OutputError):
            raise error
        if error is not None:
            built.failures.append(Failure(path, error))
        else:
            built.typeset += 1
        if progress is not None:
            progress("typesetting", built.typeset + built.kept + len(built.failures), total)

    try:
        with Runs(how.jobs, ended) as runs:
            for number, paper in enumerate(manifest.papers, 1):
                for place, document in DOCUMENTS:
                    path = place.format(file_name(paper))
                    try:
                        source = document(blueprint, paper, _items(paper, printed))
                    except RenderError as error:
                        built.failures.append(Failure(f"{path}.tex", error))
                        into.drop(f"{path}.pdf")
                        continue
                    is_new = into.put(f"{path}.tex", source.encode("utf-8", "backslashreplace"))
                    built.written += is_new
                    if engines is not None:
                        run = engines.run_of(source)
                        if run.foreign.missing:
                            lacking.setdefault(run.foreign.missing, []).append(paper.name)
                        _begin(runs, into, built, f"{path}.pdf", run, how.limits)
                    elif not is_new and into.keep(f"{path}.pdf"):
                        built.kept += 1
                if progress is not None:
                    progress("writing", number, len(manifest.papers))
    finally:
        into.remember()
    built.failures.sort(key=lambda failure: failure.file)  # not in the order in which runs happened to end
    built.notes += _unprintable(lacking, engines)
    into.finish(manifest)
    return built


def _items(paper: PaperRecord, printed: Mapping[Name, Item | RenderError]) -> list[Item]:
    """The questions of a paper; raises RenderError where one could not be printed."""
    found = []
    for number, record in enumerate(paper.questions, 1):
        item = printed[name_of(record)]
        if isinstance(item, RenderError):
            raise RenderError(f"question {number}: {str(item).removeprefix(': ')}")
        found.append(item)
    return found


def _begin(runs: Runs, into: Folder, built: Built, path: str, run: Run, limits: Limits) -> None:
    """Has a PDF made, unless it is there already."""
    if into.keep(path, run.key):
        built.kept += 1
        return

    def typeset() -> None:
        try:
            data = run.pdf(limits)
        except QuizgenError:
            into.drop(path)  # it would be that of another text
            raise
        into.put(path, data, run.key)

    runs.begin(path, typeset)


def _unprintable(lacking: Mapping[str, Sequence[str]], engines: Engines | None) -> list[str]:
    """What to say of letters that no font has: of each script, on whose papers."""
    lacks = "no font on this machine has; install one, such as those of Debian's fonts-noto-core and fonts-noto-cjk"
    if engines is not None and engines.unicode is None:
        lacks = "pdfTeX's fonts lack; install texlive-xetex, which takes any font of this machine"
    whose: dict[str, dict[str, None]] = {}
    for characters, names in lacking.items():
        for script in dict.fromkeys(map(script_of, characters)):
            whose.setdefault(script, {}).update(dict.fromkeys(names))
    return [
        f"{counted(len(names), 'paper')} ({listed(map(shown, names), 4)}) {'show' if len(names) > 1 else 'shows'} "
        f"boxes for {script}, which {lacks}"
        for script, names in whose.items()
    ]


__all__ = ["MANIFEST", "Built", "Failure", "again", "build", "file_name"]

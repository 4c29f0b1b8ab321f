"""An exam built: papers and keys as .tex and PDF in a folder, and last of all the manifest.

    build/manifest.json          everything that makes the same papers again, and marks them
    build/papers/A.tex A.pdf     a paper for each version or student
    build/keys/A-key.tex …       its key

What has not changed is neither written nor set again. Where one file can't be made the others are, and the failure is
in the list; without the manifest, nothing is finished.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from quizgen.errors import OutputError, QuizgenError, shown
from quizgen.render.pdf import Limits
from quizgen.sheet import Progress

from . import manifest as manifests
from . import paper as papers
from .folder import MANIFEST, Folder
from .roster import safe_name
from .tex import Engines, Run, Runs, cores
from .versions import versions

if TYPE_CHECKING:
    from .blueprint import Blueprint
    from .fairness import Fairness
    from .manifest import Manifest
    from .model import Student, Version

LIMITS = Limits()
"""What a run of TeX may use."""

DOCUMENTS = (("papers/{}", papers.paper), ("keys/{}-key", papers.key))
"""What is made of each version: where it goes, and what it says."""


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
    versions: tuple[Version, ...]
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
    jobs: int | None = None,
    pdf: bool = True,
    force: bool = False,
    device: str = "cpu",
    progress: Progress | None = None,
    limits: Limits = LIMITS,
) -> Built:
    """Draws fair papers for these names or students, and builds them in a folder.

    ``file`` is the name of the blueprint's. Raises what `versions` does, `NoEngine` where there is no TeX,
    `OutputError` where the folder can't be written to or the disk is full, `OutputExists` where it holds another.
    """
    into = Folder(Path(folder), blueprint, _own(names), force)
    with _nothing_left(into):
        engines = Engines.found() if pdf else None
        drawn, fairness = versions(blueprint, names, progress=progress, device=device)
        manifest = manifests.of(blueprint, drawn, fairness, Path(file).name)
    return _build(into, blueprint, drawn, fairness, manifest, engines, jobs or cores(), limits, progress)


def again(
    manifest: Manifest,
    folder: str | Path,
    *,
    jobs: int | None = None,
    pdf: bool = True,
    force: bool = False,
    progress: Progress | None = None,
    limits: Limits = LIMITS,
) -> Built:
    """Builds the papers of a manifest again, the same to the byte; raises as `build` and `manifest.drawn` do."""
    blueprint = manifest.exam
    into = Folder(Path(folder), blueprint, [paper.name for paper in manifest.papers], force)
    with _nothing_left(into):
        engines = Engines.found() if pdf else None
        drawn = manifests.versions_of(manifest)
    return _build(into, blueprint, drawn, manifest.stated, manifest, engines, jobs or cores(), limits, progress)


@contextmanager
def _nothing_left(folder: Folder) -> Iterator[None]:
    """What fails before anything is written leaves no empty folder either."""
    try:
        yield
    except BaseException:
        folder.abandon()
        raise


def file_name(version: Version) -> str:
    """What the files of a version are called."""
    return safe_name(version.student) if version.student is not None else version.name


def _own(names: Sequence[str | Student]) -> list[str]:
    return [name if isinstance(name, str) else name.id for name in names]


def _build(
    into: Folder,
    blueprint: Blueprint,
    drawn: tuple[Version, ...],
    fairness: Fairness,
    manifest: Manifest,
    engines: Engines | None,
    jobs: int,
    limits: Limits,
    progress: Progress | None,
) -> Built:
    built = Built(into.path, drawn, fairness)
    unprintable: dict[str, list[str]] = {}
    try:
        with Runs(jobs) as runs:
            for number, version in enumerate(drawn):
                for place, document in DOCUMENTS:
                    path = place.format(file_name(version))
                    try:
                        source = document(blueprint, version)
                    except OutputError:
                        raise
                    except QuizgenError as error:
                        built.failures.append(Failure(f"{path}.tex", error))
                        into.drop(f"{path}.pdf")
                        continue
                    is_new = into.put(f"{path}.tex", source.encode("utf-8", "backslashreplace"))
                    built.written += is_new
                    if engines is not None:
                        run = engines.run_of(source)
                        if run.foreign.missing:
                            unprintable.setdefault(run.foreign.missing, []).append(version.name)
                        _begin(runs, into, built, f"{path}.pdf", run, limits)
                    elif not is_new and into.keep(f"{path}.pdf"):
                        built.kept += 1
                if progress is not None:
                    progress("writing", number + 1, len(drawn))
            _await(runs, into, built, progress)
    finally:
        into.remember()
    built.failures.sort(key=lambda failure: failure.file)  # not in the order in which runs happened to end
    built.notes += (_unprintable(each, names, engines) for each, names in unprintable.items())
    into.finish(manifest)
    return built


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


def _await(runs: Runs, into: Folder, built: Built, progress: Progress | None) -> None:
    """Waits for the PDFs. What stops one is listed; what would stop all of them, such as a full disk, is raised."""
    for number, (path, error) in enumerate(runs.ended(), 1):
        if isinstance(error, OutputError):
            raise error
        if error is not None:
            built.failures.append(Failure(path, error))
        else:
            built.typeset += 1
        if progress is not None:
            progress("typesetting", number, len(runs))


def _unprintable(characters: str, names: Sequence[str], engines: Engines | None) -> str:
    """What to say of characters that no font has."""
    lacks = "no font on this machine has"
    do = "install a font that has them, such as those of fonts-noto"
    if engines is not None and engines.unicode is None:
        lacks, do = "pdfTeX's fonts lack", "install texlive-xetex, which sets every script"
    who = f"the papers of {', '.join(map(shown, dict.fromkeys(names)))}"
    return f"{who} show boxes for {shown(characters)}, which {lacks}: {do}"


__all__ = ["MANIFEST", "Built", "Failure", "again", "build", "file_name"]

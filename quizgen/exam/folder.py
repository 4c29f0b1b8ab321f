"""The folder that an exam is built in: whose files are in it, and which of them may be replaced."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from quizgen.errors import OutputError, OutputExists, shown
from quizgen.files import write_whole
from quizgen.wording import listed

from . import manifest as manifests
from .blueprint import Blueprint
from .manifest import Manifest, ManifestError

MANIFEST = "manifest.json"
RECORD = ".quizgen-build.json"
"""What was written and from what, so that a build that was cut off goes on where it was."""

REMEMBERED = 10
"""Seconds after which what was written is written down."""


class Folder:
    """The folder of an exam. Only files that an earlier build of the same exam wrote are replaced, unless ``force``.

    Raises `OutputError` for a folder that can't be written to, and `OutputExists` for one that holds another exam,
    papers that this build doesn't make, or files of ours that somebody has changed. Nothing has been written by then.
    """

    def __init__(self, path: Path, blueprint: Blueprint, names: Iterable[str], force: bool = False) -> None:
        self.path = path
        self.force = force
        self.files: dict[str, str] = {}  # what this build has made: by its path in the folder, its SHA-256
        self.made_from: dict[str, str] = {}  # of each PDF a hash of what it was made from
        self._lock = Lock()
        self._due = time.monotonic() + REMEMBERED
        self._blueprint = blueprint.hash
        self._make()
        record = self._record()
        self._before: dict[str, str] = dict(record.get("files", {}))
        self._made_from: dict[str, str] = dict(record.get("made_from", {}))
        earlier = self._manifest()
        if earlier is not None:
            self._before |= earlier.files
        if not force:
            self._check(earlier, record, set(names))

    # --- what is there ----------------------------------------------------------------------------------------------

    def _make(self) -> None:
        try:
            if self.path.exists() and not self.path.is_dir():
                raise OutputError(f"{self._name} is a file; name a folder to build in")
            self._new = [place for place in (self.path, *self.path.parents) if not place.exists()]
            self.path.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise OutputError(f"cannot make the folder {self._name}: {reason}; choose another place") from error

    def abandon(self) -> None:
        """Takes the folders away again that were made for this build and hold nothing."""
        with suppress(OSError):
            for place in self._new:
                place.rmdir()

    def _record(self) -> dict[str, Any]:
        with suppress(OSError, ValueError):
            found = json.loads((self.path / RECORD).read_text(encoding="utf-8"))
            if isinstance(found, dict) and all(isinstance(found.get(key), dict) for key in ("files", "made_from")):
                return found
        return {}

    def _manifest(self) -> Manifest | None:
        place = self.path / MANIFEST
        if not place.exists() and not place.is_symlink():
            return None
        try:
            return manifests.read(place)
        except ManifestError as error:
            if self.force:
                return None
            raise OutputExists(f"{self._name} can't be built in: {error}; or overwrite with --force") from error

    def _check(self, earlier: Manifest | None, record: Mapping[str, Any], names: set[str]) -> None:
        other = "build in another folder, or replace it with --force"
        built = earlier.blueprint.hash if earlier is not None else record.get("blueprint", self._blueprint)
        if built != self._blueprint:
            title = f" {shown(earlier.title)}" if earlier is not None else ""
            raise OutputExists(
                f"{self._name} holds the exam{title} of another blueprint, or of this one before it was edited; {other}"
            )
        gone = [paper.name for paper in earlier.papers if paper.name not in names] if earlier is not None else []
        if gone:
            raise OutputExists(
                f"{self._name} holds papers that this build does not make, of {listed(map(shown, gone), 4)}; {other}"
            )
        changed = [path for path, wanted in sorted(self._before.items()) if self._hash(path) not in (wanted, "")]
        if changed:
            raise OutputExists(
                f"in {self._name} somebody has changed {listed(map(shown, changed), 4)} since it was built; {other}"
            )

    def _hash(self, path: str) -> str:
        """The SHA-256 of a file, "" where there is none."""
        try:
            with (self.path / path).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return ""

    @property
    def _name(self) -> str:
        return shown(str(self.path), 160)

    # --- what is written --------------------------------------------------------------------------------------------

    def put(self, path: str, data: bytes, made_from: str = "") -> bool:
        """Writes a file, whole or not at all; False where it is there already. Raises `OutputError`, `OutputExists`."""
        new, now = hashlib.sha256(data).hexdigest(), self._hash(path)
        if new != now:
            place = self.path / path
            try:
                place.parent.mkdir(exist_ok=True)
            except OSError as error:
                raise OutputError(
                    f"cannot make the folder {shown(str(place.parent), 160)}: {error.strerror}"
                ) from error
            write_whole(place, data, force=self.force or bool(now and self._before.get(path) == now))
        self._made(path, new, made_from)
        if time.monotonic() > self._due:  # for whoever ends it by force
            self.remember()
        return new != now

    def keep(self, path: str, made_from: str | None = None) -> bool:
        """Whether a file is there, unchanged, that was made from just that; it then belongs to this build.

        None: its source has not changed, and how it was made of that is left open.
        """
        now, before = self._hash(path), self._made_from.get(path, "")
        if not now or self._before.get(path) != now or made_from not in (None, before):
            return False
        self._made(path, now, before)
        return True

    def _made(self, path: str, hash_: str, made_from: str) -> None:
        with self._lock:
            self.files[path] = hash_
            if made_from:
                self.made_from[path] = made_from

    def drop(self, path: str) -> None:
        """Removes a file of an earlier build that would no longer belong to the others."""
        now = self._hash(path)
        if now and self._before.get(path) == now:
            with suppress(OSError):
                (self.path / path).unlink()

    def finish(self, manifest: Manifest) -> None:
        """Writes the manifest, with the files of this build; those of an earlier one that are no longer made go."""
        for path in sorted(set(self._before) - set(self.files)):
            self.drop(path)
        whole = Manifest.model_validate({**dict(manifest), "files": dict(sorted(self.files.items()))})
        ours = self.force or (self.path / MANIFEST).exists()  # one that was another's has been refused
        manifests.write(whole, self.path / MANIFEST, force=ours)

    def remember(self) -> None:
        """Writes down what was made so far; a full disk is no reason to fail again."""
        self._due = time.monotonic() + REMEMBERED
        with self._lock:
            data = {
                "blueprint": self._blueprint,
                "files": {**self._before, **self.files},
                "made_from": {**self._made_from, **self.made_from},
            }
        with suppress(OutputError):
            write_whole(self.path / RECORD, json.dumps(data, sort_keys=True) + "\n", force=True)

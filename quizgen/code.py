"""The code of a question: family, level, seed, as in ``optim.adam/2/k7q3m9``; ``/v2`` for version 2 of a family."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import family
from .errors import BadCode, VersionGone, shown
from .rng import Rng

_SEED = re.compile(r"[0-9a-z]{1,16}", re.ASCII)
_CODE = re.compile(r"(?P<family>[^/]+)/(?P<level>[0-9]{1,3})/(?P<seed>[^/]+)(?:/v(?P<version>[0-9]{1,4}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Code:
    """Names one question for good: the same code gives the same question on every machine."""

    family: str
    level: int
    seed: str
    version: int = 1

    def __str__(self) -> str:
        version = f"/v{self.version}" if self.version != 1 else ""
        return f"{self.family}/{self.level}/{self.seed}{version}"


def malformed(text: str) -> bool:
    """Whether a text is no code, whatever families there are."""
    found = _CODE.fullmatch(text)
    return not found or not _SEED.fullmatch(found["seed"]) or not family.NAME.fullmatch(found["family"])


def parse(text: str) -> Code:
    """Reads a code, its family, level and version being there.

    Raises `BadCode` where it is malformed, `UnknownFamily`, `UnknownLevel`, and `VersionGone` for a version of the
    family that this quizgen does not have.
    """
    found = _CODE.fullmatch(text.strip())
    if not found:
        raise BadCode(f"{shown(text)} is no question code; codes are like optim.adam/2/k7q3m9")
    check_seed(found["seed"])
    entry = family.find(found["family"])
    level, version = int(found["level"]), int(found["version"] or 1)
    family.check_level(entry, level)
    if version != entry.version:
        raise VersionGone(
            f"{shown(text)} was made by version {version} of {entry.name}, and this quizgen has version "
            f"{entry.version}: use the quizgen that made it, or draw a new question with "
            f"`quizgen sheet {entry.name} --level {level}`"
        )
    return Code(entry.name, level, found["seed"], version)


def make(entry: family.Entry, level: int, seed: int | str) -> Code:
    """The code of a family at a level with a seed of your own; raises like `parse`."""
    family.check_level(entry, level)
    return Code(entry.name, level, check_seed(str(seed)), entry.version)


def check_seed(text: str) -> str:
    """The seed, if it is one; raises `BadCode`."""
    if not _SEED.fullmatch(text):
        raise BadCode(f"{shown(text)} is no seed; seeds are 1 to 16 small letters and digits, like k7q3m9")
    return text


def fresh_seed() -> str:
    """A new seed from the operating system's randomness."""
    import secrets

    return Rng(secrets.token_hex(16)).word()

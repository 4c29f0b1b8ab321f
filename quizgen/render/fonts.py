"""Fonts of this machine for characters that TeX's own fonts don't have, as fontconfig knows them."""

from __future__ import annotations

import shutil
import subprocess
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_SCRIPTS = (
    "Arabic Armenian Bengali Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Hangul Hebrew Kannada Khmer "
    "Lao Malayalam Mongolian Myanmar Sinhala Syriac Tamil Telugu Thaana Thai Tibetan"
)
SCRIPTS = frozenset(_SCRIPTS.split())
"""Scripts whose letters change with their neighbours, and others, as fontspec calls them."""

_LISTED = "%{file}\t%{weight}\t%{slant}\t%{spacing}\t%{charset}\n"
_REGULAR, _UPRIGHT = ("80", "[0 205]"), "0"


@dataclass(frozen=True, slots=True)
class Font:
    """A font file and the characters that it has, as ranges of code points."""

    file: Path
    ranges: tuple[range, ...]

    def has(self, character: str) -> bool:
        return any(ord(character) in each for each in self.ranges)


@dataclass(frozen=True)
class Foreign:
    """What TeX needs to set some characters: fonts by the names of their files beside the source, a file
    `foreign.tex` that says which font has which character, and the characters that no font has."""

    beside: Mapping[str, bytes | Path]
    missing: str


@lru_cache(maxsize=1)
def installed() -> tuple[Font, ...]:
    """The upright fonts of this machine that TeX can load, in an order that stays; none without fontconfig."""
    lister = shutil.which("fc-list")
    if lister is None:
        return ()
    run = subprocess.run([lister, "--format", _LISTED], capture_output=True, check=False, timeout=60)
    found: dict[Path, Font] = {}
    for line in run.stdout.decode("utf-8", "replace").splitlines():
        file, weight, slant, spacing, charset = (*line.split("\t"), "", "", "", "", "")[:5]
        if weight in _REGULAR and slant == _UPRIGHT and not spacing and file.endswith((".ttf", ".otf", ".ttc")):
            found.setdefault(Path(file), Font(Path(file), tuple(map(_range, charset.split()))))
    return tuple(sorted(found.values(), key=lambda font: ("Serif" not in font.file.name, str(font.file))))


def _range(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first, 16), int(last or first, 16) + 1)


def covering(characters: str, lua: bool) -> Foreign:
    """Fonts for some characters: as few as will do. ``lua``: for LuaTeX, else for XeTeX."""
    beside: dict[str, bytes | Path] = {}
    lines: list[str] = []
    left = sorted(set(characters))
    while left:
        font = max(installed(), key=lambda font: sum(map(font.has, left)), default=None)
        own = [] if font is None else [each for each in left if font.has(each)]
        if font is None or not own:
            break
        left = [each for each in left if each not in own]
        name = f"foreign{len(beside)}{font.file.suffix.lower()}"
        beside[name] = font.file
        for script in sorted({_script(each) for each in own}):
            family = f"\\foreignfont{'abcdefghijklmnopqrstuvwxyz'[len(beside) % 26]}{script}"
            options = ",".join(filter(None, ("Path=./", "Renderer=HarfBuzz" * lua, f"Script={script}" * bool(script))))
            lines.append(f"\\newfontfamily{family}[{options}]{{{name}}}")
            lines += (
                f"\\expandafter\\def\\csname foreign{ord(each):X}\\endcsname{{{family}}}"
                for each in own
                if _script(each) == script
            )
    if lines:
        beside["foreign.tex"] = ("\n".join(lines) + "\n").encode()
    return Foreign(beside, "".join(left))


def _script(character: str) -> str:
    """The script of a character where a font has to know it; "" where not."""
    word = unicodedata.name(character, "").partition(" ")[0].capitalize()
    return word if word in SCRIPTS else ""

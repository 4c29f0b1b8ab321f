"""Runs the commands that README.md shows, and writes what they print under them.

    python tools/readme.py      writes README.md again

A block of the language `console` holds one command after "$ " and then its output.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
_BLOCK = re.compile(r"^```console\n\$ (?P<command>.+)\n(?P<output>(?:(?!```).*\n)*)```$", re.MULTILINE)


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """Each command with the output that stands under it."""
    for block in _BLOCK.finditer(text):
        yield block["command"], block["output"]


def run(command: str) -> str:
    """What a command prints into a terminal of 80 columns, without blanks at the ends of lines."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=folder,
            env={**os.environ, "PATH": path, "COLUMNS": "80", "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.strip("\n").split("\n"))


def main() -> None:
    """Write the README again."""
    text = README.read_text(encoding="utf-8")
    fresh = _BLOCK.sub(lambda block: f"```console\n$ {block['command']}\n{run(block['command'])}```", text)
    README.write_text(fresh, encoding="utf-8")


if __name__ == "__main__":
    main()

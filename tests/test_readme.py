"""What the README shows is what one gets."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")

_spec = importlib.util.spec_from_file_location("tools_readme", ROOT / "tools" / "readme.py")
assert _spec is not None
assert _spec.loader is not None
readme = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = readme
_spec.loader.exec_module(readme)

BLOCKS = list(readme.blocks(TEXT))


def settled(output: str) -> str:
    """Output without what differs from machine to machine: the release of PyTorch, last bits of floats, and speed."""
    output = " ".join(output.split())
    for changing in (r"torch \d+\.\d+\.\d+", r"difference \S+", r"\S+ [\d,]+ \d+%", r"in [\d.]+ s"):
        output = re.sub(changing, "X", output)
    return output


def test_there_are_commands_to_run() -> None:
    assert len(BLOCKS) == TEXT.count("```console") >= 4


@pytest.mark.parametrize(("command", "output"), BLOCKS, ids=[command[:50] for command, _ in BLOCKS])
def test_a_command_prints_what_the_readme_shows(command: str, output: str) -> None:
    assert settled(readme.run(command)) == settled(output), "python tools/readme.py writes it again"


def test_the_python_of_the_readme_runs() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    names: dict[str, object] = {}
    for line in block.strip().split("\n"):
        code, _, wanted = line.partition("  # ")
        if "=" in code.split("(")[0] or code.startswith(("import ", "from ")):
            exec(code, names)  # our own README
        elif code.strip():
            assert str(eval(code, names)) == wanted.strip()  # and again


def test_what_the_readme_links_to_is_there() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", TEXT) + re.findall(r'src="([^"]+)"', TEXT)
    assert "docs/sheet.png" in targets
    for target in targets:
        assert (ROOT / target).exists(), target

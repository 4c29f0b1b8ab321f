"""The rule of conftest.py about skips, tried in a pytest of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import pytest

@pytest.mark.skip(reason="no TeX engine")
def test_of_tex(): ...

def test_of_cuda():
    pytest.skip("no CUDA device")

@pytest.mark.gpu
def test_of_gpu():
    pytest.skip("nothing to run on")

@pytest.mark.xfail(reason="known")
def test_known():
    raise AssertionError

def test_fine(): ...
"""


@pytest.mark.parametrize(
    ("no_skips", "module_skips", "expected"),
    [
        ("0", False, "1 passed, 3 skipped, 1 xfailed"),
        ("1", False, "1 passed, 2 skipped, 1 xfailed, 1 error"),
        ("0", True, "1 skipped"),
        ("1", True, "1 error"),
    ],
)
def test_only_a_gpu_excuses_a_skip(tmp_path: Path, no_skips: str, module_skips: bool, expected: str) -> None:
    (tmp_path / "conftest.py").write_bytes(Path(__file__).with_name("conftest.py").read_bytes())
    module = 'import pytest\npytest.skip("no browser", allow_module_level=True)\n' if module_skips else TESTS
    (tmp_path / "test_it.py").write_text(module, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = gpu\n", encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=tmp_path,
        env={**os.environ, "QUIZGEN_NO_SKIPS": no_skips},
        capture_output=True,
        text=True,
        check=False,
    )
    assert expected in run.stdout, run.stdout + run.stderr
    assert ("skips only what needs a GPU: " in run.stdout) is (no_skips == "1")

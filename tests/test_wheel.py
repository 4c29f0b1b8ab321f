"""The wheel, installed in an environment where nothing else of the project is, and used from another folder."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path, expected: int = 0) -> str:
    """What `command` writes, run without the paths of the checkout."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == expected, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that holds the wheel, made from the source archive, and sees the dependencies.

    These come by a .pth file naming the site-packages of this environment. The .pth files lying there aren't read,
    so that an editable install of the checkout isn't seen.
    """
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--no-isolation", "-o", folder, ROOT, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    made = folder / "venv"
    venv.create(made, with_pip=False, symlinks=os.name == "posix")
    scripts = made / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / Path(sys.executable).name
    run(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index", wheel, cwd=folder)
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    dependencies = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site / "dependencies.pth").write_text("\n".join(sorted(dependencies)) + "\n", encoding="utf-8")
    return scripts


def test_both_packages_come_from_the_wheel(environment: Path, tmp_path: Path) -> None:
    program = (
        "import quizgen, quizgen_solvers; from pathlib import Path\n"
        "for module in (quizgen, quizgen_solvers):\n"
        "    folder = Path(module.__file__).parent\n"
        "    print(folder); assert (folder / 'py.typed').is_file(), folder\n"
        "templates = Path(quizgen.__file__).parent / 'templates'\n"
        "assert any(templates.rglob('*.html*')), templates\n"
        "assert any(templates.rglob('*.tex*')), templates\n"
    )
    folders = run(environment / "python", "-c", program, cwd=tmp_path).split()
    assert len(folders) == 2
    assert all(Path(folder).is_relative_to(environment.parent) for folder in folders), folders


def test_nothing_else_is_installed(environment: Path, tmp_path: Path) -> None:
    """No `tests`, `tools`, `cli` or `templates` that would collide with other people's."""
    program = "import sysconfig, os; print(*sorted(os.listdir(sysconfig.get_path('purelib'))))"
    listed = run(environment / "python", "-c", program, cwd=tmp_path).split()
    ours = [name for name in listed if not name.endswith((".pth", ".dist-info")) and name != "__pycache__"]
    assert ours == ["quizgen", "quizgen_solvers"]


def test_the_command_lists_and_explains(environment: Path, tmp_path: Path) -> None:
    assert "optim.adam" in run(environment / "quizgen", "list", cwd=tmp_path)
    assert "Adam" in run(environment / "quizgen", "explain", "optim.adam", cwd=tmp_path)


@pytest.mark.parametrize(
    ("name", "sign"), [("x.html", "<math"), ("x.tex", r"\question"), ("x.md", "$"), ("x.ipynb", '"cells"')]
)
def test_the_command_writes_sheets(environment: Path, tmp_path: Path, name: str, sign: str) -> None:
    run(environment / "quizgen", "sheet", "-n", "2", "-o", name, cwd=tmp_path)
    assert sign in (tmp_path / name).read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_solvers_work_alone(environment: Path, tmp_path: Path) -> None:
    program = "import sys; from quizgen_solvers import optim; print('quizgen' in sys.modules, 'torch' in sys.modules)"
    assert run(environment / "python", "-c", program, cwd=tmp_path).split() == ["False", "False"]

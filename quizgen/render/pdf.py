"""Sheets as PDF: set by TeX, else printed by a browser.

Both are programs of other people that are given a file: they work in a folder of their own, may not start other
programs, read and write only there, and are stopped when they take too long, too much memory or too much of the disk.
A PDF made by TeX holds nothing of the machine or the hour: the same sheet gives the same bytes.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from quizgen.errors import NoEngine, OutputExists, RenderError, shown
from quizgen.files import check_output, write_whole
from quizgen.render import html, latex

if TYPE_CHECKING:
    from quizgen.sheet import Sheet

__all__ = ["Limits", "TexError", "compile_tex", "find_browser", "find_tex", "find_unicode_tex", "print_page", "write"]

_BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "brave-browser",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_MOST_RUNS = 4  # TeX is run until page numbers and points settle
_NAME = "sheet"  # the files of a run are called by this name, whatever the sheet's title
_INSTALL = "install TeX Live with texlive-latex-extra and lmodern, or Chromium"


@dataclass(frozen=True)
class Limits:
    """What a program that makes a PDF may use. The memory is address space, which a browser reserves by terabytes
    and never fills: there it isn't limited."""

    seconds: float = 60.0
    memory: int = 2 << 30
    file: int = 256 << 20


class TexError(RenderError):
    """A run of TeX that failed; `line` is the source line at which it stopped, None where it was none of them."""

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def find_tex() -> str | None:
    """The TeX engine that sets sheets, None where there is none."""
    return shutil.which("pdflatex")


def find_unicode_tex() -> str | None:
    """A TeX engine that sets every script with fonts of this machine; the faster one where there are two."""
    if found := shutil.which("xelatex"):
        return found
    found, kpsewhich = shutil.which("lualatex"), shutil.which("kpsewhich")
    if found is None or kpsewhich is None:
        return None
    loader = subprocess.run([kpsewhich, "luaotfload.sty"], capture_output=True, check=False, timeout=60)
    return found if loader.stdout.strip() else None


def find_browser() -> str | None:
    """A browser of the Chromium family on this machine, None where there is none."""
    return next((found for name in _BROWSERS if (found := shutil.which(name))), None)


def write(sheet: "Sheet", path: str | os.PathLike[str], force: bool = False, limits: Limits = Limits()) -> str:
    """Write the sheet as a PDF file, and say what made it: "pdflatex", or the browser's name.

    TeX sets it where there is TeX and its fonts have every character that occurs; else a browser prints the web page.
    The file is written whole or not at all. When no program is there, or TeX fails, the LaTeX source is kept beside the
    wanted output and the error names it. Raises NoEngine, RenderError, OutputError and OutputExists.
    """
    target = check_output(path, force)
    source = latex.document(sheet)
    tex, browser = find_tex(), find_browser()
    if tex and not (latex.foreign(source) and browser):
        try:
            data = compile_tex(source, tex, limits)
        except TexError as error:
            kept = _keep(source, target)
            place = f" at line {error.line} of {shown(str(kept), 160)}" if error.line else ""
            hint = "" if error.line else f"; the source is kept in {shown(str(kept), 160)}"
            raise TexError(f"TeX stopped{place}: {error.message}{hint}", line=error.line) from error
        engine = tex
    elif browser:
        data, engine = print_page(html.page(sheet), browser, limits), browser
    else:
        kept = _keep(source, target)
        raise NoEngine(
            f"nothing on this machine makes a PDF: {_INSTALL}; the LaTeX source is kept in {shown(str(kept), 160)}"
        )
    write_whole(target, data, force)
    return Path(engine).name


def _keep(source: str, target: Path) -> Path:
    """Keep the LaTeX source beside the wanted output; the name overwrites nothing but an earlier source kept so."""
    with suppress(OutputExists):
        return write_whole(target.with_suffix(".tex"), source)
    return write_whole(target.with_name(f"{target.stem}.failed.tex"), source, force=True)


# --- TeX ----------------------------------------------------------------------------------------------------------


def compile_tex(
    source: str, engine: str | None = None, limits: Limits = Limits(), beside: Mapping[str, bytes | Path] | None = None
) -> bytes:
    """A LaTeX source as PDF, by TeX without shell escape. `limits` hold for each of its two to four runs.

    ``beside``: files that the source may read, by their names: what is in them, or where they are.

    Raises TexError with the first error of the log, and NoEngine where there is no TeX.
    """
    engine = engine or find_tex()
    if engine is None:
        raise NoEngine(f"there is no TeX on this machine: {_INSTALL}")
    with tempfile.TemporaryDirectory(prefix="quizgen-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / f"{_NAME}.tex").write_text(source, encoding="utf-8", errors="backslashreplace")
        for other, content in (beside or {}).items():
            if isinstance(content, Path):
                (folder / other).symlink_to(content.resolve())
            else:
                (folder / other).write_bytes(content)
        command = [engine, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "-file-line-error"]
        quickly = "-no-pdf" if "xe" in Path(engine).name else "-draftmode"
        before = b""
        for number in range(_MOST_RUNS):
            draft = [quickly] if number == 0 else []
            code = _run([*command, *draft, f"{_NAME}.tex"], folder, _tex_environment(folder), limits, limits.memory)
            if code != 0:
                raise _tex_error(folder, code, limits)
            notes = _read(folder / f"{_NAME}.aux")
            if number and notes == before:
                break
            before = notes
        data = _read(folder / f"{_NAME}.pdf")
    if not data.startswith(b"%PDF"):
        raise TexError("the run left no PDF, though it reported no error; is the TeX installation complete?")
    return data


def _tex_environment(folder: Path) -> dict[str, str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("TEXINPUTS", "TEXFORMATS"))
    }
    environment.setdefault("SOURCE_DATE_EPOCH", "0")
    return environment | {
        "FORCE_SOURCE_DATE": "1",
        "TEXMFOUTPUT": str(folder),
        "openin_any": "p",  # TeX reads nothing outside its folder and its own installation
        "openout_any": "p",
        "shell_escape": "f",
        "max_print_line": "2000",  # messages on one line
        "error_line": "254",
        "half_error_line": "238",
    }


def _tex_error(folder: Path, code: int, limits: Limits) -> TexError:
    """What went wrong, from the log's first error."""
    log = _read(folder / f"{_NAME}.log").decode("utf-8", "replace")
    said = _read(folder / "said.txt").decode("utf-8", "replace")
    if code < 0 or code > 128:
        return TexError(_stopped("it", abs(code) % 128 if code > 128 else -code, limits))
    if re.search(r"fwrite\(\) failed|No space left on device", log + said):
        return TexError(
            f"no room is left in {shown(str(folder.parent), 160)}, where TeX works; make some, or set TMPDIR"
        )
    found = re.search(rf"^\.?/?{_NAME}\.tex:(\d+): (.+)$", log or said, re.MULTILINE)
    other = re.search(r"^(?:!|\S+:\d+:) ?(.+)$", log or said, re.MULTILINE)
    if missing := re.search(r"File [`']([^/']+?\.(?:cls|sty|def|cfg|tex|fd))' not found", log or said):
        return TexError(f"the TeX installation has no {missing[1]}: install texlive-latex-extra and lmodern")
    if not found:
        reason = other[1] if other else (said.strip().split("\n") or [""])[-1] or f"exit status {code}"
        return TexError(reason.strip())
    reason = found[2].strip().rstrip(".")
    if reason == "Emergency stop" and other and other.start() < found.start():
        reason = other[1].strip().rstrip(".")  # what led to it, written without its place
    context = re.search(rf"^l\.{found[1]} (.*)$", log[found.start() :], re.MULTILINE)
    near = f" (just after {shown(context[1].strip()[-60:], 70)})" if context else ""
    return TexError(f"{reason}{near}", line=int(found[1]))


# --- the browser --------------------------------------------------------------------------------------------------


def print_page(page: str, browser: str | None = None, limits: Limits = Limits()) -> bytes:
    """A web page that needs no network as a tagged PDF on its own paper size, without header and footer.

    Raises NoEngine where there is no browser, RenderError where it makes no PDF.
    """
    browser = browser or find_browser()
    if browser is None:
        raise NoEngine(f"there is no browser of the Chromium family on this machine: {_INSTALL}")
    with tempfile.TemporaryDirectory(
        prefix="quizgen-", dir=_browser_folder(browser), ignore_cleanup_errors=True
    ) as name:
        folder = Path(name)
        source, made = folder / f"{_NAME}.html", folder / f"{_NAME}.pdf"
        source.write_text(page, encoding="utf-8", errors="backslashreplace")
        command = [
            browser,
            "--headless=new",
            "--no-pdf-header-footer",
            "--export-tagged-pdf",
            "--generate-pdf-document-outline",
            f"--print-to-pdf={made}",
            f"--user-data-dir={folder / 'profile'}",
            "--host-resolver-rules=MAP * ~NOTFOUND",  # a page that wanted the network would not get it
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-extensions",
            "--disable-background-networking",
            "--no-first-run",
            "--no-default-browser-check",
            *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),  # it refuses root otherwise
            source.as_uri(),
        ]
        code = _run(command, folder, {**os.environ, "HOME": str(folder)}, limits, None)
        data = _read(made)
        said = _read(folder / "said.txt").decode("utf-8", "replace").strip().split("\n")[-1]
    program = Path(browser).name
    if code < 0:
        raise RenderError(_stopped(program, -code, limits))
    if not data.startswith(b"%PDF"):
        raise RenderError(f"{program} made no PDF: {shown(said, 200) if said else f'exit status {code}'}; {_INSTALL}")
    return _undated(data)


def _browser_folder(browser: str) -> str | None:
    """A snap sees neither /tmp nor hidden folders, only a folder of its own."""
    snap = Path.home() / "snap" / "chromium" / "common"
    is_snap = "chromium" in Path(browser).name and Path("/snap/bin/chromium").exists()
    return str(snap) if is_snap and snap.is_dir() else None


def _undated(data: bytes) -> bytes:
    """The same PDF with its dates at the epoch; every byte keeps its place."""
    return re.sub(rb"(/(?:Creation|Mod)Date \(D:)\d{14}", rb"\g<1>19700101000000", data)


# --- processes ----------------------------------------------------------------------------------------------------

# A limit that this system doesn't know is left out. The shell sets them in the child, so that nothing of this
# process, which may have threads, runs between fork and exec.
_LIMITED = 'for limit in "-t $1" "-f $2" "-c 0" ${3:+"-v $3"}; do ulimit $limit 2>/dev/null; done; shift 3; exec "$@"'


def _run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], limits: Limits, memory: int | None
) -> int:
    """Run a program in its folder until it ends or its time is up, with all that it started; its exit status."""
    shell = shutil.which("sh")
    if shell and os.name == "posix":
        seconds, blocks = str(int(limits.seconds) + 1), str(-(-limits.file // 512))
        command = [shell, "-c", _LIMITED, "sh", seconds, blocks, str(memory // 1024) if memory else "", *command]
    with (folder / "said.txt").open("wb") as said:
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise RenderError(f"cannot start {shown(command[0], 160)}: {error.strerror}") from error
        try:
            return process.wait(limits.seconds)
        except subprocess.TimeoutExpired:
            return -signal.SIGALRM if hasattr(signal, "SIGALRM") else -14
        finally:
            _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a program and everything in its group."""
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)


def _stopped(program: str, number: int, limits: Limits) -> str:
    if number in (getattr(signal, "SIGALRM", 14), getattr(signal, "SIGXCPU", 24)):
        return f"{program} took longer than {limits.seconds:g} s and was stopped; ask for fewer questions"
    if number == getattr(signal, "SIGXFSZ", 25):
        return f"{program} wrote more than {limits.file >> 20} MiB and was stopped; ask for fewer questions"
    return f"{program} was ended by signal {number}; it may have wanted more memory than there is"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""

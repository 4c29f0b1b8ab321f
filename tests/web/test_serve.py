"""`quizgen serve` as a person starts and ends it, and what it says where it can't."""

import errno
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from quizgen.__main__ import cli
from quizgen.commands.serve import command
from quizgen.errors import UsageError
from quizgen.web import serving
from quizgen.web.settings import LOOPBACK, Settings
from quizgen.web.waiting import THREADS, Jobs


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server as a process of its own, and the address that it says it has."""
    command = [
        sys.executable,
        "-m",
        "quizgen",
        "serve",
        "--no-browser",
        "--data",
        str(folder / "practice.db"),
        *arguments,
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QUIZGEN")}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            said = ""
            while not (found := re.search(r"http://\S+", said)):
                line = process.stdout.readline()
                assert line, process.stderr and process.stderr.read()
                said += line
            yield process, found[0]
        finally:
            process.kill()


def test_it_says_where_it_is_and_ends_cleanly(tmp_path: Path) -> None:
    with started(tmp_path, "--port", "0") as (process, url):
        assert httpx.get(url, timeout=30).status_code == 200
        process.send_signal(signal.SIGINT)
        said, problems = process.communicate(timeout=30)
        assert process.returncode == 0
        assert problems == ""
        assert said.splitlines()[-1] == "Ended. Every answer is kept."


def test_it_ends_while_someone_is_connected_and_another_waits(tmp_path: Path) -> None:
    with started(tmp_path, "--port", "0", "--shared") as (process, url):
        port = int(url.rstrip("/").rpartition(":")[2])
        with httpx.Client(base_url=url, timeout=30) as client, socket.create_connection(("127.0.0.1", port)) as idle:
            token = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get("/").text)
            assert token is not None
            client.post("/practice", data={"csrf": token[1], "count": "1"})  # waits for PyTorch, which is starting
            idle.sendall(b"POST / HTTP/1.1\r\nHost: ")
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)
        assert process.returncode == 0


def test_another_one_finds_its_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(serving.PortInUse, match=f"port {port} is in use on 127.0.0.1.* --port"):
            serving.listen("127.0.0.1", port)


def test_without_a_port_the_next_free_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setattr(serving, "PORT", other.getsockname()[1])
        with serving.listen("127.0.0.1", None) as bound:
            assert serving.PORT < bound.getsockname()[1] < serving.PORT + serving.PORTS_TRIED
        monkeypatch.setattr(serving, "PORTS_TRIED", 1)
        with pytest.raises(serving.PortInUse, match="give another"):
            serving.listen("127.0.0.1", None)


@pytest.mark.parametrize(
    ("host", "port", "said"),
    [
        ("no such host", 8471, "no address 'no such host'"),
        ("192.0.2.7", 8471, "no address of this machine"),
    ],
)
def test_an_address_that_can_not_be_listened_on(host: str, port: int, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        serving.listen(host, port)


@pytest.mark.parametrize(
    ("number", "said"), [(errno.EACCES, "above 1023"), (errno.EMFILE, "can't listen on h, port 80: too many")]
)
def test_a_port_that_can_not_be_had(number: int, said: str) -> None:
    assert re.search(said, str(serving._unbound("h", 80, OSError(number, "too many"))))


def test_the_address_that_is_told() -> None:
    with serving.listen("127.0.0.1", 0) as bound:
        port = bound.getsockname()[1]
        assert serving.address(bound, "127.0.0.1") == f"http://127.0.0.1:{port}"
        assert serving.address(bound, "::1") == f"http://[::1]:{port}"
        assert re.fullmatch(rf"http://[^/]+:{port}", serving.address(bound, "0.0.0.0"))
        assert "0.0.0.0" not in serving.address(bound, "0.0.0.0")


# --- what is told, and to whom it is open -----------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., tuple[Result, dict[str, Any]]]:
    """Runs `quizgen serve`, the server itself left out; gives what it said and how it would be served."""
    monkeypatch.setenv("QUIZGEN_DATA", str(tmp_path / "practice.db"))
    monkeypatch.delenv("QUIZGEN_PASSWORD", raising=False)

    def run(*arguments: str) -> tuple[Result, dict[str, Any]]:
        how: dict[str, Any] = {"opened": []}

        def serve(bound: socket.socket, practice: Any, settings: Settings, ready: Callable[[], None]) -> None:
            how["settings"] = settings
            ready()
            bound.close()
            practice.store.close()

        monkeypatch.setattr(serving, "serve", serve)
        monkeypatch.setattr(serving, "open_browser", how["opened"].append)
        monkeypatch.setattr(serving, "PORT", _free_port())
        return CliRunner().invoke(cli, ["serve", *arguments], standalone_mode=False), how

    return run


def test_on_this_machine_it_is_for_one_and_open(asked: Any) -> None:
    result, how = asked()
    assert how["settings"] == Settings()
    assert how["settings"].names == LOOPBACK
    [opened] = how["opened"]
    assert opened in result.output
    assert "practice.db" in result.output


def test_shared_on_this_machine(asked: Any) -> None:
    result, how = asked("--shared", "--no-browser")
    assert how["settings"].shared
    assert not how["settings"].password
    assert not how["opened"]
    assert "a student of her own" in result.output


@pytest.mark.parametrize("arguments", [("--host", "0.0.0.0"), ("--allow-host", "quiz.example")], ids=str)
def test_what_others_can_reach_has_a_token_and_says_what_it_exposes(asked: Any, arguments: tuple[str, ...]) -> None:
    result, how = asked(*arguments)
    settings = how["settings"]
    assert settings.shared
    assert len(settings.password) >= 22
    assert f"/login?token={settings.password}" in result.output
    said = " ".join(result.output.split())
    for word in ("this link can practise", "not encrypted", "nobody sees another's answers"):
        assert word in said
    assert not how["opened"], "a token in the arguments of a browser is seen by others"
    _, other = asked(*arguments)
    assert other["settings"].password != settings.password


def test_a_password_of_ones_own(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    result, how = asked("--host", "0.0.0.0", "--password", "correct horse")
    assert how["settings"].password == "correct horse"
    assert "correct horse" not in result.output
    assert "token" not in result.output
    monkeypatch.setenv("QUIZGEN_PASSWORD", "battery staple")
    assert asked()[1]["settings"].password == "battery staple"


def test_names_that_are_allowed(asked: Any) -> None:
    settings = asked("--allow-host", "Quiz.Example:443")[1]["settings"]
    assert settings.serves("quiz.example")
    assert settings.proxied == {"quiz.example"}
    assert not asked("--host", "127.0.0.1")[1]["settings"].serves("quiz.example")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--password", "short"), "at least 8"),
        (("--data", "/no/such/folder/practice.db"), "/no/such/folder"),
        (("--host", "no such host"), "no such host"),
    ],
    ids=str,
)
def test_what_can_not_be_served(asked: Any, arguments: tuple[str, ...], said: str) -> None:
    result, how = asked(*arguments)
    assert result.exit_code in (1, 2)
    assert result.stderr.startswith("quizgen: ")
    assert said in result.stderr
    assert "settings" not in how


def test_the_port_that_was_taken_instead_is_said(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = serving.listen
    monkeypatch.setattr(serving, "listen", lambda host, port: real(host, port or 0))
    result, _ = asked()
    assert re.search(r"Port \d+ is in use, so this is port \d+\.", result.output)


def test_a_browser_is_opened_only_where_there_is_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    done = threading.Event()

    def fake(url: str) -> None:
        opened.append(url)
        done.set()
        raise OSError("no browser")

    monkeypatch.setattr("webbrowser.open", fake)
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    serving.open_browser("http://a/")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("SSH_CONNECTION", "there")
    serving.open_browser("http://b/")
    monkeypatch.delenv("SSH_CONNECTION")
    serving.open_browser("http://c/")
    assert done.wait(60)
    assert opened == ["http://c/"]


def test_its_help_names_what_it_takes() -> None:
    words = CliRunner().invoke(command, ["--help"]).output
    for word in (
        "--port",
        "--host",
        "--no-browser",
        "--shared",
        "--password",
        "QUIZGEN_PASSWORD",
        "--allow-host",
        "--data",
    ):
        assert word in words


def test_importing_the_command_is_cheap() -> None:
    program = (
        "import sys, quizgen.commands.serve\n"
        "print(sorted({'starlette', 'uvicorn', 'sqlalchemy', 'jinja2', 'torch', 'sympy', 'numpy'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_server_itself_needs_no_pytorch() -> None:
    program = "import sys, quizgen.web.serving\nprint(sorted({'torch', 'sympy', 'numpy'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


# --- work beside the page ---------------------------------------------------------------------------------------------


def test_work_of_one_name_is_done_once_at_a_time() -> None:
    jobs, gate, done = Jobs(), threading.Event(), []

    def work() -> int:
        gate.wait(60)
        done.append(1)
        return len(done)

    first = jobs.start("a", work)
    assert jobs.start("a", work) is first
    assert jobs.under_way("a") is first
    assert jobs.take("a") is None
    gate.set()
    assert first.result(60) == 1
    assert jobs.take("a") is first
    assert jobs.take("a") is None
    assert jobs.start("a", work).result(60) == 2


def test_what_goes_wrong_belongs_to_whoever_asks() -> None:
    jobs = Jobs()

    def work() -> None:
        raise ValueError("no")

    job = jobs.start("a", work)
    with pytest.raises(ValueError, match="no"):
        jobs.finished("a", job).result(60)
    assert jobs.start("a", lambda: "yes").result(60) == "yes"


def test_more_work_than_hands_is_done_in_turn() -> None:
    jobs, gate = Jobs(), threading.Event()
    held = [jobs.start(str(n), lambda: gate.wait(60)) for n in range(2 * THREADS)]
    gate.set()
    assert all(job.result(60) for job in held)

"""`quizgen progress`, as a person types it."""

from __future__ import annotations

import json
import os
import pty
import select
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from click.testing import CliRunner, Result

from practised import SITTING, item
from quizgen.__main__ import cli
from quizgen.errors import StoreError
from quizgen.family import everything
from quizgen.practice import transfer
from quizgen.practice.records import ME, History, Item, Move, Plan, Sitting
from quizgen.practice.schedule import MISTAKES, after
from quizgen.practice.store import Store

DAY = 86_400_000
Where = TypeVar("Where", str, Path)


def run(*arguments: str | Path, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["progress", *map(str, arguments)], input=text)


def process(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "quizgen", "progress", *map(str, arguments)]
    return subprocess.run(command, text=True, check=False, **{"capture_output": True, **options})


def refused(result: Result | subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """That it failed with this exit code and one line on stderr that says these words."""
    assert (result.exit_code if isinstance(result, Result) else result.returncode) == code, result.stderr
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert result.stderr.startswith("quizgen: ")
    for word in words:
        assert word in result.stderr


def practise(path: Where, items: Sequence[Item]) -> Where:
    """A database in which these questions were practised one after the other, each with an answer."""
    with Store.open(path) as store:
        store.start(Sitting(SITTING, ME, Plan(), items[0].opened))
        levels = {entry.name: tuple(entry.levels) for entry in everything().values()}
        for number, each in enumerate(items, 1):
            store.open_item(Item(each.id, SITTING, number, each.code, each.skill, each.opened))
            assert each.closed is not None
            assert each.outcome is not None
            before = store.mistakes(ME, each.skill.family, MISTAKES)
            there = levels.get(each.skill.family, (each.skill.level,))
            memory, standing = after(store.history(ME), before, each, each.outcome, there, each.closed)
            if each.skill.family not in levels:
                standing = None  # type: ignore[assignment]
            move = Move(0, "answer", 1, each.closed, "1", "1", each.outcome.credit, mistakes=each.outcome.mistakes)
            store.close_item(each.id, each.closed, each.outcome, move=move, memory=memory, standing=standing)
    return path


def put(path: Path, count: int) -> Path:
    """A database with so many questions and nothing else."""
    now = time.time_ns() // 1_000_000
    items = [replace(item(now - 1000 * (count - n)), number=n) for n in range(1, count + 1)]
    with Store.open(path) as store:
        store.start(Sitting(SITTING, ME, Plan(), items[0].opened), items)
    return path


def some() -> list[Item]:
    now = time.time_ns() // 1_000_000
    return [
        item(now - 3 * DAY, "optim.adam", "0", mistakes=["no bias correction"]),
        item(now - 2 * DAY, "optim.adam", "1/2", mistakes=["no bias correction"]),
        item(now - 2 * DAY, "conv.output-size"),
        item(now - DAY, "rnn.unroll", "1"),
        item(now, "conv.output-size"),
    ]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return practise(tmp_path / "practice.db", some())


def history(path: Path) -> History:
    with Store.open(path) as store:
        return store.history(ME)


# --- to see it ----------------------------------------------------------------------------------------------------


def test_it_shows_what_was_practised(data: Path) -> None:
    shown = run("--data", data)
    assert shown.exit_code == 0
    for words in ("Days in a row", "5; 5 in the last 7 days", "optim.adam", "rnn.unroll (not installed)"):
        assert words in shown.stdout
    assert "2× no bias correction (optim.adam): Divide both moments by 1 − βᵗ" in shown.stdout


def test_names_narrow_it(data: Path) -> None:
    shown = run("--data", data, "conv", "rnn")
    assert shown.stdout.startswith("Progress in conv and rnn\n")
    assert "optim" not in shown.stdout
    told = json.loads(run("--data", data, "--json", "optim.adam").stdout)
    assert (told["total"]["answered"], told["names"]) == (2, ["optim.adam"])
    assert run("--data", data, "loss").stdout.startswith("Nothing practised in loss yet. Begin with: quizgen practice")


def test_json_is_for_programs(data: Path) -> None:
    told = json.loads(run("--data", data, "--json").stdout)
    assert told["total"] == {"answered": 5, "right": 3, "partly": 1, "wrong": 1, "credit": 0.7}
    assert told["days_in_a_row"] == 4
    assert told["mistakes"][0]["why"] == "Divide both moments by 1 − βᵗ before the update."


def test_a_page_is_written_whole_and_once(data: Path, tmp_path: Path) -> None:
    page = tmp_path / "my progress.html"
    assert run("--data", data, "--html", page).stdout.endswith("progress.html': 5 questions answered\n")
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    refused(run("--data", data, "-o", page), 2, "exists already; overwrite it with --force")
    assert run("--data", data, "-o", page, "--force").exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my progress.html", "practice.db"]


def test_a_friendly_line_where_nothing_was_practised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUIZGEN_DATA", str(tmp_path / "new.db"))
    shown = run()
    assert (shown.exit_code, shown.stdout) == (0, "Nothing practised yet. Begin with: quizgen practice\n")
    assert json.loads(run("--json").stdout)["total"]["answered"] == 0
    assert run("-o", tmp_path / "a.html").exit_code == 0
    assert "Nothing practised yet." in (tmp_path / "a.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["opti"], ["no family or topic 'opti'", "did you mean 'optim'"]),
        (["conv.outputsize"], ["no family 'conv.outputsize'", "conv.output-size"]),
        (["--html", "a.pdf"], ["'a.pdf' does not end in .html"]),
        (["--html", "nowhere/a.html"], ["there is no folder 'nowhere'"]),
        (["--html", "a.html", "--json"], ["choose one"]),
        (["optim", "export"], ["export comes first: write `quizgen progress export …`"]),
        (["--forget"], ["there is no option '--forget'"]),
        (["export", "--force", "a", "b"], ["got unexpected extra argument (b)", "`quizgen progress export --help`"]),
        (["import"], ["missing argument 'FILE|-'", "`quizgen progress import --help`"]),
        (["import", "nowhere.jsonl"], ["cannot read 'nowhere.jsonl': No such file"]),
        (["import", "."], ["cannot read '.': Is a directory"]),
    ],
)
def test_what_cannot_be_meant(
    arguments: list[str], words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUIZGEN_DATA", str(tmp_path / "practice.db"))
    refused(run(*arguments), 2, *words)


@pytest.mark.parametrize("command", [[], ["export"], ["forget"]], ids=" ".join)
def test_a_database_that_is_named_must_be_there(command: list[str], tmp_path: Path) -> None:
    missing = tmp_path / "typo.db"
    refused(run(*command, "--data", missing), 2, "there is no practice database", "typo.db")
    assert not missing.exists()


@pytest.mark.parametrize("command", [[], ["export"], ["forget", "--yes"], ["import", "-"]], ids=" ".join)
def test_a_file_that_is_no_database_stays_as_it_is(command: list[str], tmp_path: Path) -> None:
    other = tmp_path / "thesis.txt"
    other.write_text("All that I wrote. " * 100, encoding="utf-8")
    refused(run(*command, "--data", other, text=""), 1, "is a file of another kind, no database")
    assert other.read_text(encoding="utf-8") == "All that I wrote. " * 100


@pytest.mark.parametrize("command", [[], ["export"], ["import"], ["forget"]], ids=" ".join)
def test_help_has_examples_and_starts_fast(command: list[str]) -> None:
    program = (
        "import sys\n"
        f"sys.argv = ['quizgen', 'progress', *{command!r}, '--help']\n"
        "from quizgen.__main__ import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "heavy = {'sqlalchemy', 'torch', 'rich', 'jinja2', 'fsrs', 'flint', 'sympy', 'numpy', 'starlette', 'textual'}\n"
        "print('HEAVY:', *sorted(heavy & sys.modules.keys()))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert lines[-1] == "HEAVY:", done.stdout + done.stderr
    assert lines[0].startswith(" ".join(["Usage: quizgen progress", *command, "[OPTIONS]"]))
    assert max(map(len, lines)) <= 80
    assert "  Examples:" in lines


def test_the_tab_key_knows_the_words() -> None:
    def completed(words: str) -> list[str]:
        env = {**os.environ, "_QUIZGEN_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "2"}
        if len(words.split()) > 3:
            env["COMP_CWORD"] = "3"
        command = [sys.executable, "-c", "from quizgen.__main__ import main; main()"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
        return [line.partition(",")[2] for line in done.stdout.splitlines()]

    assert completed("quizgen progress ex") == ["export"]
    assert completed("quizgen progress o") == ["optim", "optim.adam", "optim.momentum"]
    assert "--yes" in completed("quizgen progress forget --")


def test_any_database_will_do(where: str, tmp_path: Path) -> None:
    practise(where, some())
    assert run("--data", where).stdout.startswith("Progress\n")
    file = tmp_path / "backup.jsonl"
    assert run("export", file, "--data", where).stdout.endswith(": 5 questions\n")
    assert run("forget", "--yes", "--data", where).stdout.startswith("removed 5 questions")
    assert run("import", file, "--data", where).stdout.startswith("took over 5 questions into ")
    assert json.loads(run("--data", where, "--json").stdout)["total"]["answered"] == 5


# --- elsewhere ----------------------------------------------------------------------------------------------------


def test_everything_goes_to_another_machine(data: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "backup.jsonl", tmp_path / "other.db"
    assert run("export", file, "--data", data).stdout.endswith("backup.jsonl: 5 questions\n")
    taken = run("import", file, "--data", other)
    assert taken.stdout.startswith("took over 5 questions into ")
    here, there = history(data), history(other)
    assert there.memories == here.memories
    assert there.standings == here.standings
    assert len(there.memories) == 3
    assert (
        json.loads(run("--data", other, "--json").stdout)["topics"]
        == json.loads(run("--data", data, "--json").stdout)["topics"]
    )
    again = run("import", file, "--data", other)
    assert again.stdout.startswith("took over 0 questions into ")
    assert again.stdout.endswith("; 5 were known\n")
    assert history(other).memories == here.memories


def test_two_machines_become_one(tmp_path: Path) -> None:
    """What is due follows from all questions in the order in which they were answered, wherever that was."""
    items = some()
    whole = practise(tmp_path / "whole.db", items)
    early, late = practise(tmp_path / "early.db", items[:2]), practise(tmp_path / "late.db", items[2:])
    file = tmp_path / "early.jsonl"
    assert run("export", file, "--data", early).exit_code == 0
    with Store.open(late) as store:
        assert len(store.history(ME).memories) == 2
    assert run("import", file, "--data", late).exit_code == 0
    assert history(late).memories == history(whole).memories
    assert history(late).standings == history(whole).standings


def test_through_a_pipe(data: Path, tmp_path: Path) -> None:
    lines = run("export", "--data", data).stdout
    assert lines == run("export", "-", "--data", data).stdout
    assert all(json.loads(line) for line in lines.splitlines())
    assert run("import", "-", "--data", tmp_path / "other.db", text=lines).stdout.startswith("took over 5 questions")


def test_an_export_never_overwrites_unasked_and_is_whole_or_not_there(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "backup.jsonl"
    file.write_text("mine", encoding="utf-8")
    refused(run("export", file, "--data", data), 2, "exists already; overwrite it with --force")

    def fails(store: Store, learner: str, write: Any) -> int:
        write("half of it\n")
        raise StoreError("the disk fails")

    monkeypatch.setattr(transfer, "export", fails)
    refused(run("export", file, "--data", data, "--force"), 1, "the disk fails")
    assert file.read_text(encoding="utf-8") == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.jsonl", "practice.db"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_not_the_databases_fault(tmp_path: Path) -> None:
    data = put(tmp_path / "practice.db", 60)
    with Path("/dev/full").open("w") as full:
        failed = process("export", "--data", data, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    refused(failed, 1, "No space left on device")
    assert "database" not in failed.stderr


def test_whoever_reads_may_leave(tmp_path: Path) -> None:
    data = put(tmp_path / "practice.db", 400)  # more than a pipe holds
    command = [sys.executable, "-m", "quizgen", "progress", "export", "--data", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.readline()
        program.stdout.close()
        assert program.stderr.read() == b""
    assert program.returncode == 141


@pytest.mark.parametrize("text", ["", "hello\n", '{"format": "quizgen-progress", "version": 99}\n', "\x00\xff"])
def test_what_was_not_exported_is_not_taken_over(text: str, data: Path, tmp_path: Path) -> None:
    before = history(data)
    file = tmp_path / "strange.jsonl"
    file.write_bytes(text.encode("latin-1"))
    refused(run("import", file, "--data", data), 2, "line 1: ", "nothing was taken over")
    assert history(data) == before


# --- forgotten ----------------------------------------------------------------------------------------------------


def test_nobody_is_asked_through_a_pipe(data: Path) -> None:
    refused(run("forget", "--data", data, text="y\n"), 2, "with --yes, 5 questions with all your answers", str(data))
    assert len(history(data).recent) == 5


def test_with_yes_everything_is_gone_from_the_file_too(data: Path) -> None:
    said = run("forget", "--yes", "--data", data)
    assert said.exit_code == 0
    assert said.stdout.startswith("removed 5 questions with all your answers, and what is due, from ")
    assert history(data) == History()
    with closing(sqlite3.connect(data)) as connection:
        assert connection.execute("SELECT count(*) FROM moves").fetchone() == (0,)
    assert b"bias correction" not in data.read_bytes()
    assert run("forget", "--yes", "--data", data).stdout.startswith("there is nothing to forget in ")
    assert run("--data", data).stdout.startswith("Nothing practised yet.")


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal."""
    ends = pty.openpty()
    yield ends
    for end in ends:
        os.close(end)


@pytest.mark.parametrize(
    ("answer", "code", "said", "left"),
    [
        ("y\r", 0, "removed 5 questions", 0),
        ("n\r", 1, "Everything is kept.", 5),
        ("\r", 1, "Everything is kept.", 5),
        ("\x04", 130, "interrupted", 5),
    ],
    ids=["yes", "no", "neither", "end"],
)
def test_a_person_is_asked(answer: str, code: int, said: str, left: int, data: Path, terminal: tuple[int, int]) -> None:
    mine, theirs = terminal
    command = [sys.executable, "-m", "quizgen", "progress", "forget", "--data", str(data)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as program:
        asked = read_until(mine, "Remove it? [y/N]:")
        os.write(mine, answer.encode())
        told = read_until(mine, said)
        assert program.wait(60) == code
    assert "5 questions with all your answers, and what is due" in " ".join(asked.split())
    assert "`quizgen progress export FILE` keeps a copy." in asked
    assert said in told
    assert len(history(data).recent) == left


def read_until(terminal: int, words: str) -> str:
    """What a program writes to a terminal, up to these words."""
    text, end = "", time.monotonic() + 60
    while words not in text and time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            text += os.read(terminal, 4096).decode()
    return text

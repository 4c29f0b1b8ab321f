"""Files are written whole or not at all, and never over another one unasked."""

import os
from pathlib import Path

import pytest

from quizgen.errors import OutputError, OutputExists
from quizgen.files import check_output, write_whole


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_text_and_bytes(tmp_path: Path) -> None:
    assert write_whole(tmp_path / "a.txt", "β = 1\r\n").read_bytes() == "β = 1\r\n".encode()
    assert write_whole(str(tmp_path / "b.bin"), b"\x00\xff").read_bytes() == b"\x00\xff"
    assert names(tmp_path) == ["a.txt", "b.bin"]


def test_lone_surrogates_are_written_as_escapes(tmp_path: Path) -> None:
    assert write_whole(tmp_path / "a", "x\ud800y").read_text() == r"x\ud800y"


def test_an_existing_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "sheet.html"
    path.write_text("old")
    with pytest.raises(OutputExists, match=r"sheet\.html' exists already; overwrite it with --force"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    write_whole(path, "new", force=True)
    assert path.read_text() == "new"
    assert names(tmp_path) == ["sheet.html"]


def test_permissions_and_links_are_kept(tmp_path: Path) -> None:
    path, link = tmp_path / "real", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    write_whole(link, "new", force=True)
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        assert write_whole(tmp_path / "a", "").stat().st_mode & 0o777 == 0o644
    finally:
        os.umask(before)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "is a folder; name a file in it"),
        ("missing/sheet.pdf", "there is no folder '.*missing' to write sheet.pdf in; create it first"),
        ("file/sheet.pdf", "there is no folder|Not a directory"),
        ("x" * 300, "cannot write '.*' .*: File name too long"),
        ("a\0b", "cannot write '.*': .*null"),
    ],
)
@pytest.mark.parametrize("force", [False, True])
def test_what_cannot_be_written(tmp_path: Path, name: str, words: str, force: bool) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=words) as caught:
        write_whole(f"{tmp_path}/{name}", "x", force)
    assert "\n" not in str(caught.value)
    assert names(tmp_path) == ["file"]


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="no /dev/null on this system")
def test_a_device_is_not_replaced() -> None:
    with pytest.raises(OutputError, match="'/dev/null' is not a plain file"):
        write_whole("/dev/null", "x", force=True)


def test_a_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # a superuser is never refused
    with pytest.raises(OutputError, match="may not be written to"):
        check_output(tmp_path / "sheet.html")


def test_nothing_is_left_of_a_write_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"cannot write '.*a': No space left on device; choose another place"):
        write_whole(tmp_path / "a", "new", force=True)
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() == "old"


def test_a_file_that_appears_in_the_meantime_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def appears(_: int) -> None:
        (tmp_path / "a").write_text("theirs")

    monkeypatch.setattr(os, "fsync", appears)
    with pytest.raises(OutputExists, match="has just been written by another program"):
        write_whole(tmp_path / "a", "mine")
    assert (tmp_path / "a").read_text() == "theirs"
    assert names(tmp_path) == ["a"]

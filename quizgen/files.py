"""Files are written whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from quizgen.errors import OutputError, OutputExists, shown

__all__ = ["check_output", "whole_file", "write_whole"]


def check_output(path: str | os.PathLike[str], force: bool = False) -> Path:
    """The path, when a file may be written there: what a command asks before it begins an hour's work.

    Raises OutputExists for a file that is there already, unless `force`; OutputError for a folder of that name, a
    folder that is missing and one that may not be written to.
    """
    target = Path(path)
    try:
        if target.is_dir():
            raise OutputError(f"{_name(path)} is a folder; name a file in it")
        if target.exists() and not target.is_file():
            raise OutputError(f"{_name(path)} is not a plain file; name one")
        if not force and os.path.lexists(target):
            raise OutputExists(f"{_name(path)} exists already; overwrite it with --force, or choose another name")
        folder = target.parent
        if not folder.is_dir():
            raise OutputError(f"there is no folder {_name(folder)} to write {target.name} in; create it first")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise OutputError(f"the folder {_name(folder)} may not be written to; choose another place")
    except (OSError, ValueError) as error:  # a name that is too long, or holds a null character
        raise _cannot(path, error) from error
    return target


def write_whole(path: str | os.PathLike[str], data: str | bytes, force: bool = False) -> Path:
    """Write a file as `whole_file` does; text is written as UTF-8 with the line ends that it has."""
    with whole_file(path, force) as (file, target):
        file.write(data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data)
    return target


@contextmanager
def whole_file(path: str | os.PathLike[str], force: bool = False) -> Iterator[tuple[BinaryIO, Path]]:
    """A file to write to so that nobody ever sees half of it, and where it will be.

    The data goes to a new file in the same folder, and when the block ends to the disk; then it takes the name at once.
    Where the block raises an error there is no file. One that exists is kept, with its permissions and the target of a
    link, unless `force`. Raises OutputError and OutputExists.
    """
    target = check_output(path, force)
    try:
        target = target.resolve() if target.is_symlink() else target
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", suffix=".part", dir=target.parent)
    except (OSError, ValueError) as error:
        raise _cannot(path, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file, target
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(_mode(target))
        if force:
            Path(name).replace(target)
        else:
            _claim(Path(name), target)
    except FileExistsError:
        raise OutputExists(f"{_name(path)} has just been written by another program; run again") from None
    except OSError as error:
        raise _cannot(path, error) from error
    finally:
        with suppress(OSError):
            Path(name).unlink(missing_ok=True)


def _claim(part: Path, target: Path) -> None:
    """Give the file its name only if nobody has taken it in the meantime."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(target):
            raise FileExistsError from None
        part.replace(target)


def _mode(target: Path) -> int:
    """The permissions of the file that is replaced, or what a new file gets here."""
    with suppress(OSError):
        return target.stat().st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _name(path: str | os.PathLike[str]) -> str:
    return shown(str(path), 160)


def _cannot(path: str | os.PathLike[str], error: OSError | ValueError) -> OutputError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return OutputError(f"cannot write {_name(path)}: {reason}; choose another place")

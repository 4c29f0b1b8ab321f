"""The files that pages need: read once into memory, so that no address ever becomes a path."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from .problems import Refused
from .respond import site

_PACKAGE = Path(__file__).resolve().parent.parent
FOLDERS = (_PACKAGE / "render" / "assets", _PACKAGE / "web" / "static")
"""Where they lie; of two files of one name the later is taken."""

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
"""What is served; other files in the folders, such as licences, are not."""

A_YEAR = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600"


@dataclass(frozen=True, slots=True)
class File:
    """A file: its bytes, what they are, and the beginning of their hash."""

    body: bytes
    type: str
    hash: str


@dataclass(frozen=True, slots=True)
class Static:
    """All files by their name, which is their path below the folder."""

    files: dict[str, File]

    def url(self, name: str) -> str:
        """The address of a file, which changes when the file does. KeyError where there is none: the template errs."""
        return f"/static/{name}?v={self.files[name].hash}"


@lru_cache(maxsize=1)
def files() -> Static:
    """The files of this installation."""
    found = {}
    for folder in FOLDERS:
        for path in sorted(folder.rglob("*")):
            if path.suffix in TYPES and path.is_file():
                body = path.read_bytes()
                name = path.relative_to(folder).as_posix()
                found[name] = File(body, TYPES[path.suffix], hashlib.sha256(body).hexdigest()[:16])
    return Static(found)


async def serve(request: Request) -> Response:
    """A file by its name: kept by browsers for a year under the address that holds its hash."""
    file = site(request).static.files.get(request.path_params["name"])
    if file is None:
        raise Refused(404, "There is no such file.")
    tag = f'"{file.hash}"'
    headers = {"ETag": tag, "Cache-Control": A_YEAR if request.query_params.get("v") == file.hash else AN_HOUR}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(file.body, media_type=file.type, headers=headers)

"""Where the templates are, and the Jinja2 environment that one render uses."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["asset", "asset_bytes", "html_environment", "templates"]

_PACKAGE = Path(__file__).resolve().parent.parent


def templates() -> Path:
    """The folder of templates: inside the installed package, else beside it in a checkout."""
    shipped = _PACKAGE / "templates"
    return shipped if shipped.is_dir() else _PACKAGE.parent / "templates"


def html_environment() -> "Environment":
    """A fresh environment for `templates/html`: undefined names are errors, everything printed is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(templates() / "html"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


@lru_cache
def asset_bytes(name: str) -> bytes:
    """A file that is put into the page whole: a style sheet, the script, the font."""
    return (_PACKAGE / "render" / "assets" / name).read_bytes()


def asset(name: str) -> str:
    """The same as text."""
    return asset_bytes(name).decode("utf-8")

"""The Jinja2 environment of the exports: everything printed is escaped as XML, undefined names are errors."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from quizgen.render.templates import templates

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["asset", "cdata", "environment"]


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The environment for `templates/export`."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(templates() / "export"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["cdata"] = cdata
    return made


def cdata(text: str) -> Markup:
    """XHTML within XML as it is, so that a person can read it."""
    return Markup("<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>")  # noqa: S704 (nothing ends it early)


def asset(name: str) -> str:
    """A file of `templates/export` as text."""
    return (templates() / "export" / name).read_text(encoding="utf-8")

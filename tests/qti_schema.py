"""The published schemas of QTI 2.1 and of content packages. Their terms want them to be had from 1EdTech, so they are
not kept here: they lie in a folder `schemas` of `shared` beside the checkout, or where $QUIZGEN_SCHEMAS says."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import pytest
from lxml import etree

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "schemas"


@lru_cache(maxsize=2)
def schema(name: str) -> etree.XMLSchema:
    """A published schema with all that it imports; nothing is fetched."""
    folder = Path(os.environ.get("QUIZGEN_SCHEMAS") or BESIDE)
    if not (folder / name).is_file():
        pytest.skip(
            f"the schemas of QTI were not found: get {name} from 1EdTech, and name its folder in QUIZGEN_SCHEMAS"
        )
    return etree.XMLSchema(etree.parse(folder / name, etree.XMLParser(no_network=True)))


def valid(data: bytes, name: str = "qtiv2p1/imsqti_v2p1.xsd") -> list[str]:
    """What the schema has against a document."""
    found = schema(name)
    found.validate(etree.fromstring(data))
    return [f"{error.line}: {error.message}" for error in found.error_log]

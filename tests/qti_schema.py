"""The published schema of QTI 2.1, read from the archive in which it is kept; nothing is fetched."""

from __future__ import annotations

import io
import zipfile
from functools import lru_cache
from pathlib import Path

from lxml import etree

SCHEMAS = Path(__file__).parent / "data" / "schemas" / "qti21.zip"


@lru_cache(maxsize=1)
def schema() -> etree.XMLSchema:
    """The published schema of items and tests; it is read from the archive, and so is what it imports."""
    archive = zipfile.ZipFile(SCHEMAS)

    class Archived(etree.Resolver):
        def resolve(self, url: str, _: object, context: object) -> object:
            return self.resolve_string(archive.read(url.removeprefix("archive:/")), context, base_url=url)

    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Archived())
    start = "qtiv2p1/imsqti_v2p1.xsd"
    return etree.XMLSchema(etree.parse(io.BytesIO(archive.read(start)), parser, base_url=f"archive:/{start}"))


def valid(data: bytes) -> list[str]:
    """What the schema has against a document."""
    schema().validate(etree.fromstring(data))
    return [f"{error.line}: {error.message}" for error in schema().error_log]

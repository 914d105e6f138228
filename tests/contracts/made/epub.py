"""A book for the contract suite, and what other tests need to make one."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
)


def make(path: Path) -> None:
    write(
        path,
        {"one.xhtml": "<h1>Harbour</h1><p>seven lanterns</p>", "two.xhtml": "<p>Заметка</p>"},
        title="Harbour",
    )


def write(
    path: Path,
    chapters: Mapping[str, str],
    *,
    title: str,
    metadata: str = "",
    others: Mapping[str, str | bytes] | None = None,
    items: str = "",
) -> None:
    """A book of ``chapters``; ``others`` are more files, ``items`` their manifest entries."""
    manifest = "".join(
        f'<item id="c{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(len(chapters)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" version="3.0">'
        f"<metadata><dc:title>{title}</dc:title>{metadata}</metadata>"
        f"<manifest>{manifest}{items}</manifest><spine>{spine}</spine></package>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("OEBPS/book.opf", package)
        for name, body in chapters.items():
            archive.writestr(
                f"OEBPS/{name}",
                '<?xml version="1.0" encoding="utf-8"?>'
                f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html>',
            )
        for name, data in (others or {}).items():
            archive.writestr(name, data)

"""OpenDocument texts for the contract suite; ``write`` makes others from XML."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

SUFFIX = ".odt"

_NAMES = "urn:oasis:names:tc:opendocument:xmlns"
_NAMESPACES = {
    "office": f"{_NAMES}:office:1.0",
    "style": f"{_NAMES}:style:1.0",
    "text": f"{_NAMES}:text:1.0",
    "table": f"{_NAMES}:table:1.0",
    "draw": f"{_NAMES}:drawing:1.0",
    "chart": f"{_NAMES}:chart:1.0",
    "presentation": f"{_NAMES}:presentation:1.0",
    "meta": f"{_NAMES}:meta:1.0",
    "svg": f"{_NAMES}:svg-compatible:1.0",
    "fo": f"{_NAMES}:xsl-fo-compatible:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xlink": "http://www.w3.org/1999/xlink",
    "math": "http://www.w3.org/1998/Math/MathML",
}
_DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())


def part(root: str, content: str) -> str:
    """An XML part whose root element ``root`` declares all namespaces."""
    return f'<?xml version="1.0" encoding="UTF-8"?><{root} {_DECLARED}>{content}</{root}>'


def write(
    path: Path,
    body: str,
    *,
    kind: str = "text",
    automatic: str = "",
    styles: str = "",
    meta: str = "",
    parts: Mapping[str, str | bytes] | None = None,
) -> None:
    """A document whose ``office:text`` (or other ``kind`` of body) holds ``body``.

    ``automatic`` are its own styles, ``styles`` the content of styles.xml, ``meta`` that of
    ``office:meta``, ``parts`` further files by name.
    """
    content = (
        f"<office:automatic-styles>{automatic}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
    )
    files: dict[str, str | bytes] = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": part("office:document-content", content),
        "styles.xml": part("office:document-styles", styles),
        "meta.xml": part("office:document-meta", f"<office:meta>{meta}</office:meta>"),
    }
    files |= parts or {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in files.items():
            package.writestr(name, data)


def make(path: Path) -> None:
    write(
        path,
        '<text:h text:outline-level="1">Harbour</text:h>'
        "<text:p>Заметка о гавани: seven lanterns</text:p>"
        f"<text:p>{'more text here ' * 30}</text:p>",
    )

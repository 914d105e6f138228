"""Word documents for the contract suite; ``write`` makes others from a body of XML."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

SUFFIX = ".docx"

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": f"{_OFFICE}/relationships",
    "m": f"{_OFFICE}/math",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
}
_DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())


def part(root: str, content: str) -> str:
    """An XML part whose root element ``root`` declares all namespaces."""
    return f'<?xml version="1.0" encoding="UTF-8"?><{root} {_DECLARED}>{content}</{root}>'


def paragraph(text: str, properties: str = "") -> str:
    """A paragraph with one run; ``properties`` is the content of ``w:pPr``."""
    return (
        f'<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'
    )


def styled(text: str, style: str) -> str:
    return paragraph(text, f'<w:pStyle w:val="{style}"/>')


def write(
    path: Path,
    body: str,
    *,
    parts: Mapping[str, str | bytes] | None = None,
    relations: Mapping[str, tuple[str, str]] | None = None,
) -> None:
    """A document with ``body``; ``relations`` are (kind, target) by id, external if an address.

    ``parts`` are further files below ``word/``, or below the root if they start with "/".
    """
    links = ""
    for name, (kind, target) in (relations or {}).items():
        mode = ' TargetMode="External"' if "://" in target else ""
        address = f"{_OFFICE}/relationships/{kind}"
        links += f'<Relationship Id="{name}" Type="{address}" Target="{target}"{mode}/>'
    root = f"{_OFFICE}/relationships/officeDocument"
    files: dict[str, str | bytes] = {
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{root}" Target="word/document.xml"/></Relationships>',
        "word/document.xml": part("w:document", f"<w:body>{body}</w:body>"),
        "word/_rels/document.xml.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'
        ),
    }
    for name, content in (parts or {}).items():
        files[name[1:] if name.startswith("/") else f"word/{name}"] = content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name, content)


def make(path: Path) -> None:
    write(
        path,
        styled("Harbour", "Heading1")
        + paragraph("Заметка о гавани: seven lanterns")
        + paragraph("more text here " * 30),
        parts={
            "styles.xml": part(
                "w:styles",
                '<w:style w:type="paragraph" w:styleId="Heading1">'
                '<w:name w:val="heading 1"/></w:style>',
            )
        },
        relations={"r1": ("styles", "styles.xml")},
    )

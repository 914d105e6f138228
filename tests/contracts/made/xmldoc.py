"""An article in XML for the contract suite."""

from pathlib import Path

SUFFIX = ".xml"


def make(path: Path) -> None:
    path.write_text(
        '<?xml version="1.0" encoding="utf-8"?><article><front><article-meta><title-group>'
        "<article-title>Harbour</article-title></title-group></article-meta></front><body><sec>"
        f"<title>Заметка</title><p>seven <italic>lanterns</italic></p><p>{'more text ' * 30}</p>"
        "</sec></body></article>",
        encoding="utf-8",
    )

"""RTF for the contract suite; ``escaped`` writes text of any script as RTF does."""

from pathlib import Path

HEAD = (
    r"{\rtf1\ansi\ansicpg1252\deff0\uc1"
    r"{\fonttbl{\f0\froman\fcharset0 Times;}{\f1\fswiss\fcharset204 Arial CYR;}"
    r"{\f2\fmodern\fcharset0 Courier New;}{\f3\ftech\fcharset2 Symbol;}}"
    r"{\stylesheet{\s0 Normal;}{\s1\outlinelevel0 heading 1;}{\s2 heading 2;}{\s3 Title;}"
    r"{\s4 caption;}{\*\cs9 Strong;}}"
)


def escaped(text: str) -> str:
    units = text.encode("utf-16-le")
    codes = (int.from_bytes(units[at : at + 2], "little") for at in range(0, len(units), 2))
    return "".join(
        chr(code) if code < 128 else rf"\u{code - 65536 if code > 32767 else code}?"
        for code in codes
    )


def write(path: Path, body: str) -> None:
    path.write_bytes((HEAD + body + "}").encode("latin-1"))


def make(path: Path) -> None:
    write(
        path,
        r"\pard\s1 Harbour\par\pard "
        + escaped("Заметка о гавани: seven lanterns")
        + r"\par "
        + "more text here " * 30
        + r"\par",
    )

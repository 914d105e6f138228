"""Where footnotes and comments stand, and what else a word processor's blocks need at the end."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from indexer.domain import BlockKind
from indexer.parsers._flow import FlowBlock

_QUOTED_CHARS = 160
_MAX_OPEN = 64


class Notes:
    """Notes wait until their section ends, so that they do not interrupt its text.

    A reader calls ``add`` while it makes the blocks that ``placed`` is passed.
    """

    def __init__(self) -> None:
        self._waiting: list[FlowBlock] = []

    def add(self, blocks: Iterable[FlowBlock]) -> None:
        self._waiting += blocks

    def flush(self) -> Iterator[FlowBlock]:
        """The notes that wait."""
        waiting, self._waiting = self._waiting, []
        yield from waiting

    def placed(self, blocks: Iterable[FlowBlock]) -> Iterator[FlowBlock]:
        """``blocks`` with the notes before the next heading or new page, or at the end."""
        for block in blocks:
            if block.kind == "heading" or block.new_page:
                yield from self.flush()
            yield block
        yield from self.flush()


class Quotes:
    """What comments are about: the first words of the ranges that they are anchored to."""

    def __init__(self) -> None:
        self._words: dict[str, str] = {}
        self._open: set[str] = set()

    def start(self, name: str) -> None:
        """Begin the range ``name``; of too many open ones the later are left without words."""
        if len(self._open) < _MAX_OPEN:
            self._open.add(name)
            self._words[name] = ""

    def say(self, text: str) -> None:
        """Add text to the ranges that are open."""
        for name in self._open:
            if len(self._words[name]) < 2 * _QUOTED_CHARS:
                self._words[name] += text

    def end(self, name: str) -> None:
        self._open.discard(name)

    def taken(self, name: str) -> str:
        """The words of a range, which ends if it has not."""
        self.end(name)
        return self._words.pop(name, "")


def note_blocks(label: str, blocks: Iterable[FlowBlock]) -> list[FlowBlock]:
    """A note as one paragraph that starts with ``label``; its pictures follow."""
    pictures: list[FlowBlock] = []
    lines: list[str] = []
    for block in blocks:
        if block.picture is not None:
            pictures.append(block)
        elif block.text.strip():
            lines.append(block.text.strip())
    if not lines:
        return pictures
    text = f"{label} {chr(10).join(lines)}" if label else "\n".join(lines)
    return [FlowBlock(kind="paragraph", text=text), *pictures]


def comment_label(author: str, quoted: str) -> str:
    """How a comment begins; ``quoted`` is the text that it is about."""
    words = " ".join(quoted.split())
    if len(words) > _QUOTED_CHARS:
        words = words[:_QUOTED_CHARS].rpartition(" ")[0] + "…"
    by = f" by {author}" if author else ""
    return f"Comment{by} on “{words}”:" if words else f"Comment{by}:"


def flat_text(blocks: Iterable[FlowBlock]) -> tuple[str, list[FlowBlock]]:
    """The words of a table cell in one line, and its pictures. Inner tables lose their bars."""
    pictures: list[FlowBlock] = []
    parts: list[str] = []
    for block in blocks:
        if block.picture is not None:
            pictures.append(block)
        else:
            parts.append(block.text.replace(" | ", " ") if block.kind == "table" else block.text)
    return " ".join(" ".join(parts).split()), pictures


def once(blocks: Iterable[FlowBlock], seen: set[object]) -> Iterator[FlowBlock]:
    """Blocks of headers and footers that are not yet ``seen``; page numbers alone are none."""
    for block in blocks:
        key = (block.text, block.picture)
        if key in seen or not (block.picture or any(map(str.isalpha, block.text))):
            continue
        seen.add(key)
        kind: BlockKind = "paragraph" if block.kind == "heading" else block.kind
        yield replace(block, kind=kind, level=0)


def finished(blocks: Iterable[FlowBlock]) -> Iterator[FlowBlock]:
    """Lines of code joined to listings, and captions joined to the pictures above them."""
    held: FlowBlock | None = None
    caption: FlowBlock | None = None  # the one after ``held``, until what follows it is known
    for block in blocks:
        if caption is not None and held is not None:
            yield from (held, caption) if block.kind == "table" else (_captioned(held, caption),)
            held, caption = block, None
        elif held is None:
            held = block
        elif _is_caption_of(block, held):
            caption = block
        elif block.kind == held.kind == "code" and not block.new_page:
            held = replace(held, text=f"{held.text}\n{block.text}")
        else:
            yield held
            held = block
    if held is not None:
        yield _captioned(held, caption) if caption else held


def _is_caption_of(block: FlowBlock, picture: FlowBlock) -> bool:
    return (
        picture.picture is not None
        and block.kind == "caption"
        and block.picture is None
        and not block.new_page
    )


def _captioned(picture: FlowBlock, caption: FlowBlock) -> FlowBlock:
    """The printed caption first; the alternative text adds what it does not say."""
    if picture.text in caption.text:
        return replace(picture, text=caption.text)
    return replace(picture, text=f"{caption.text}\n{picture.text}")

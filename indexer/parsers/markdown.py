"""Markdown as its reader sees it: the words without the marks."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from indexer.domain import ParsedDocument
from indexer.parsers._decode import read_text
from indexer.parsers._flow import FlowBlock, flow_document
from indexer.parsers.html import Pictures, blocks_of, page_of, pictures_in_place
from indexer.settings import ParserSettings

SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mkd"})

_FRONT_MATTER = re.compile(r"\A---[^\S\n]*\n(.*?)\n(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)", re.S)
_FRONT_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.M | re.I)
_BREAK = re.compile(r"<br\s*/?>", re.I)


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Headings, paragraphs, lists, tables, code, embedded pictures of CommonMark with tables.

    Raises UnreadableDocument for binary data and for a file without text.
    """
    text, pictures = pictures_in_place(read_text(path), settings)
    title = ""
    front = _FRONT_MATTER.match(text)
    if front:
        found = _FRONT_TITLE.search(front[1])
        title = found[1] if found else ""
        text = text[front.end() :]
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    blocks = _blocks(tokens, pictures)
    return flow_document(path, blocks, settings, media_type="text/markdown", title=title)


def _blocks(tokens: Sequence[Token], pictures: Pictures) -> Iterator[FlowBlock]:
    lists: list[int] = []  # of each open list: the next number, 0 for bullets
    marker = ""
    rows: list[str] = []
    cells: list[str] = []
    level = 0
    in_table = False
    for token in tokens:
        kind = token.type
        if kind in {"bullet_list_open", "ordered_list_open"}:
            lists.append(int(token.attrs.get("start", 1)) if kind.startswith("ordered") else 0)
        elif kind in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        elif kind == "list_item_open":
            indent = "  " * (len(lists) - 1)
            marker = indent + (f"{lists[-1]}. " if lists[-1] else "• ")
            lists[-1] += 1 if lists[-1] else 0
        elif kind == "heading_open":
            level = int(token.tag[1])
        elif kind == "table_open":
            in_table, rows = True, []
        elif kind == "tr_open":
            cells = []
        elif kind == "tr_close":
            rows.append(" | ".join(cells))
        elif kind == "table_close":
            in_table = False
            yield FlowBlock(kind="table", text="\n".join(rows))
        elif kind == "inline":
            figures = list(_figures(token.children or [], pictures))
            text = _visible(token.children or [], hidden=[each for each, _ in figures])
            if in_table:
                cells.append(" ".join(text.split()))
            elif level:
                yield FlowBlock(kind="heading", text=" ".join(text.split()), level=level)
                level = 0
            elif lists:
                yield FlowBlock(kind="list", text=marker + text)
                marker = "  " * len(lists)
            else:
                yield FlowBlock(kind="paragraph", text=text)
            yield from [shown for _, shown in figures]
        elif kind in {"fence", "code_block"}:
            yield FlowBlock(kind="code", text=token.content.rstrip("\n"))
        elif kind == "html_block":
            yield from blocks_of(page_of(token.content), pictures)


def _figures(children: Sequence[Token], pictures: Pictures) -> Iterator[tuple[Token, FlowBlock]]:
    for child in children:
        raster = pictures(str(child.attrs.get("src", ""))) if child.type == "image" else None
        if raster is not None:
            alt = _visible(child.children or [])[:300]
            yield child, FlowBlock(kind="caption", text=alt, picture=raster)


def _visible(children: Sequence[Token], hidden: Sequence[Token] = ()) -> str:
    parts: list[str] = []
    for child in children:
        if child.type in {"text", "code_inline"}:
            parts.append(child.content)
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak" or (
            child.type == "html_inline" and _BREAK.fullmatch(child.content)
        ):
            parts.append("\n")
        elif child.type == "image" and not any(child is other for other in hidden):
            parts.append(_visible(child.children or []) or child.content)
    return "".join(parts).strip()

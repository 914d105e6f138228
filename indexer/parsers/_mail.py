"""Messages of any mail format: their text as blocks, their attachments as members."""

import mimetypes
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from io import BytesIO
from pathlib import Path

from indexer.domain import Member, ParsedDocument
from indexer.errors import SightlineError
from indexer.parsers import Opener
from indexer.parsers._filenames import file_name
from indexer.parsers._flow import FlowBlock, flow_document
from indexer.parsers._members import unique
from indexer.parsers._pictures import embedded_picture
from indexer.parsers.html import blocks_of, page_of, pictures_in_place
from indexer.settings import ParserSettings

FIELDS = ("From", "To", "Cc", "Date", "Subject")

_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")
_TAG = re.compile(r"<(style|script)\b.*?</\1\s*>|<[^>]*>", re.S | re.I)
# A plain text that is a smaller share of the web text only says that there is one.
_MIN_PLAIN_SHARE = 0.2
_UNNAMED = {"message/rfc822": ".eml", "text/plain": ".txt", "image/jpeg": ".jpg"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """Text of a message as it was sent."""

    text: str
    is_html: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file in a message. ``name`` may be empty; ``inline`` if the text shows it in its place."""

    name: str
    media_type: str
    read: Callable[[], bytes]
    inline: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One message. ``fields`` has those of FIELDS that it states, readable and on one line."""

    fields: Mapping[str, str]
    bodies: Sequence[Body] = ()
    attachments: Sequence[Attachment] = ()
    warnings: tuple[str, ...] = ()


def better(plain: Sequence[Sequence[Body]], rich: Sequence[Sequence[Body]]) -> Sequence[Body]:
    """Of renderings of one text, the least rich first, the plain one unless it hardly says much."""
    if plain and rich:
        length = sum(len(_TAG.sub("", body.text)) for body in rich[-1])
        if sum(len(body.text) for body in plain[0]) < _MIN_PLAIN_SHARE * length:
            return rich[-1]
    return next(iter((*plain, *rich)), ())


def letter_document(
    path: Path, letter: Letter, settings: ParserSettings, *, media_type: str
) -> ParsedDocument:
    """The header lines as a paragraph, then the text with its quotations.

    Raises UnreadableDocument for a message without header lines and text.
    """
    metadata = {name.lower(): letter.fields[name] for name in FIELDS if letter.fields.get(name)}
    metadata.pop("cc", None)
    if "date" in metadata:
        metadata["date"] = _iso_date(metadata["date"])
    return flow_document(
        path,
        _blocks(letter, settings),
        settings,
        media_type=media_type,
        title=letter.fields.get("Subject", ""),
        metadata={name: value[:1000] for name, value in metadata.items()},
        warnings=letter.warnings,
    )


def letter_members(letter: Letter, settings: ParserSettings) -> Iterator[tuple[Member, Opener]]:
    """The attachments; pictures in the text that are too small to show anything are left out."""
    taken: set[str] = set()
    for attachment in letter.attachments:
        name = unique(_file_name(attachment), taken)
        try:
            data = attachment.read()
        except SightlineError as exc:
            member = Member(name=name, size=0, cause=exc.cause, remedy=exc.remedy)
            yield member, partial(BytesIO, b"")
            continue
        is_picture = attachment.inline and attachment.media_type.startswith("image/")
        if not (is_picture and embedded_picture(data, settings) is None):
            yield Member(name=name, size=len(data)), partial(BytesIO, data)


def _blocks(letter: Letter, settings: ParserSettings) -> Iterator[FlowBlock]:
    lines = [f"{name}: {letter.fields[name]}" for name in FIELDS if letter.fields.get(name)]
    files = [_file_name(each) for each in letter.attachments if not each.inline]
    if files:
        lines.append(f"Attachments: {', '.join(files)}")
    yield FlowBlock(kind="paragraph", text="\n".join(lines))
    for body in letter.bodies:
        if body.is_html:
            markup, pictures = pictures_in_place(body.text, settings)
            yield from blocks_of(page_of(markup), pictures)
        else:
            for paragraph in _BLANK_LINES.split(body.text.strip("\n")):
                yield FlowBlock(kind="paragraph", text=paragraph.rstrip())


def _file_name(attachment: Attachment) -> str:
    kind = attachment.media_type
    suffix = _UNNAMED.get(kind) or mimetypes.guess_extension(kind) or ".bin"
    return file_name(attachment.name, suffix) or f"attachment{suffix}"


def _iso_date(value: str) -> str:
    try:
        return parsedate_to_datetime(value).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return value

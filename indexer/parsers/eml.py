"""E-mail messages and saved web archives (MIME): header lines, text, attachments."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from functools import partial
from pathlib import Path

from indexer.domain import Member, ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers import Opener
from indexer.parsers._decode import decode
from indexer.parsers._mail import (
    FIELDS,
    Attachment,
    Body,
    Letter,
    better,
    letter_document,
    letter_members,
)
from indexer.parsers.html import markup_of
from indexer.settings import ParserSettings

SUFFIXES = frozenset({".eml", ".mht", ".mhtml"})

_EVIDENCE = (
    *FIELDS,
    "Received",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Return-Path",
    "Delivered-To",
)
# Other renderings of the text, and proofs of its origin: nothing to read in them.
_IGNORED = frozenset(
    {
        "text/x-amp-html",
        "text/watch-html",
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
    }
)
_SEALED = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})
# Seven-bit encodings with states look like ASCII to any other decoder.
_STATEFUL = re.compile(r"iso-?2022|csiso2022|hz|utf-?7", re.I)
_MAX_DEPTH = 50


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Header lines and text of a message; the plain text where it has one, else the web text.

    Raises UnreadableDocument for a file without header lines of a message.
    """
    return letter_document(path, read_letter(path), settings, media_type="message/rfc822")


def members(path: Path, settings: ParserSettings) -> Iterator[tuple[Member, Opener]]:
    """Attachments and attached messages; see :class:`indexer.parsers.Container`."""
    return letter_members(read_letter(path), settings)


def read_letter(path: Path) -> Letter:
    """The message in the file at ``path``. Raises UnreadableDocument as ``parse``."""
    try:
        # The lenient default policy: the newer ones raise on malformed header lines.
        message = BytesParser().parsebytes(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
        if not any(name in message for name in _EVIDENCE):
            raise UnreadableDocument(
                path, cause="no header lines of an e-mail in it", remedy="export it again"
            )
        found = _Found(path)
        found.sort(message, 0)
    except OSError as exc:
        raise UnreadableDocument(
            path, cause=f"cannot be opened ({exc.strerror})", remedy="check that it may be read"
        ) from exc
    except RecursionError as exc:
        raise UnreadableDocument(
            path, cause="damaged message, its parts nest without end", remedy="export it again"
        ) from exc
    return Letter(
        fields={name: value for name in FIELDS if (value := _field(message, name, path))},
        bodies=found.bodies,
        attachments=found.attachments,
        warnings=tuple(dict.fromkeys(found.warnings)),
    )


def _field(message: Message, name: str, path: Path) -> str:
    """The header's value on one line; several of addresses are one list."""
    values = [value for key, value in message.raw_items() if key.lower() == name.lower()]
    wanted = values if name in {"To", "Cc"} else values[:1]
    return ", ".join(filter(None, (readable(value, path) for value in wanted)))


def readable(value: str, path: Path) -> str:
    """A header's value on one line, whatever the encoding of its words or its bytes."""
    value = _mended(value, path)
    if "=?" in value:
        with suppress(MessageError, LookupError, ValueError):
            value = str(make_header(decode_header(value)))
    kept = "".join(char if char.isprintable() else " " for char in value)
    return " ".join(kept.encode("utf-8", "replace").decode().split())


def _mended(value: str, path: Path) -> str:
    """Headers with bytes that the standard does not allow come as lone surrogates."""
    if not any("\udc80" <= char <= "\udcff" for char in value):
        return value
    try:
        return decode(value.encode("utf-8", "surrogateescape"), path)
    except UnreadableDocument:
        return value.encode("utf-8", "replace").decode()


@dataclass(slots=True)
class _Found:
    """What a message consists of, in its order."""

    path: Path
    bodies: list[Body] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def sort(self, part: Message, depth: int, *, related: bool = False) -> None:
        kind = part.get_content_type()
        if kind in _SEALED:
            self.warnings.append("the message is encrypted; its text cannot be read")
        if depth > _MAX_DEPTH:
            self.warnings.append("parts that nest too deep were not read")
        elif kind == "multipart/alternative" and part.is_multipart():
            self._choose(part, depth)
        elif part.get_content_maintype() == "multipart" and part.is_multipart():
            for index, each in enumerate(_parts(part)):
                self.sort(each, depth + 1, related=kind == "multipart/related" and index > 0)
        elif kind == "message/delivery-status" and part.is_multipart():
            for each in _parts(part):
                lines = (
                    f"{name}: {readable(str(value), self.path)}" for name, value in each.items()
                )
                self.bodies.append(Body(text="\n".join(lines)))
        elif part.is_multipart():
            for each in _parts(part):
                subject = _field(each, "Subject", self.path).replace("/", "_")
                self.attachments.append(
                    Attachment(
                        name=f"{subject}.eml" if subject else "",
                        media_type="message/rfc822",
                        read=partial(_flattened, each, self.path),
                    )
                )
        elif kind not in _IGNORED:
            self._leaf(part, kind, related=related)

    def _choose(self, part: Message, depth: int) -> None:
        """Of several renderings of one text the plain one, unless it hardly says anything."""
        choices = []
        for each in _parts(part):
            inner = _Found(self.path)
            inner.sort(each, depth + 1)
            self.attachments += inner.attachments
            self.warnings += inner.warnings
            if any(body.text.strip() for body in inner.bodies):
                choices.append(inner.bodies)
        self.bodies += better(
            [each for each in choices if not any(body.is_html for body in each)],
            [each for each in choices if any(body.is_html for body in each)],
        )

    def _leaf(self, part: Message, kind: str, *, related: bool) -> None:
        for header in ("Content-Type", "Content-Disposition"):
            raw = next((v for k, v in part.raw_items() if k.lower() == header.lower()), "")
            if (mended := _mended(raw, self.path)) != raw:
                part.replace_header(header, mended)
        name = readable(part.get_filename() or "", self.path)
        disposition = part.get_content_disposition()
        is_text = kind in {"text/plain", "text/html"} or part.get_content_maintype() == "multipart"
        if is_text and not related and disposition != "attachment" and not name:
            try:
                self.bodies.append(self._body(part, is_html=kind == "text/html"))
            except UnreadableDocument as exc:
                self.warnings.append(f"a part of the text was not read: {exc.cause}")
        elif not related or part.get_content_maintype() == "image" or disposition == "attachment":
            shown = disposition != "attachment"
            named = "Content-ID" in part
            inline = (related and (shown or named)) or (shown and named)
            self.attachments.append(
                Attachment(name=name, media_type=kind, read=partial(_payload, part), inline=inline)
            )

    def _body(self, part: Message, *, is_html: bool) -> Body:
        data, charset = _payload(part), part.get_content_charset() or ""
        if _STATEFUL.match(charset):
            try:
                return Body(text=data.decode(charset, errors="replace"), is_html=is_html)
            except (LookupError, ValueError):
                pass  # a name that Python does not know
        if is_html:
            return Body(text=markup_of(data, self.path, declared=charset), is_html=True)
        return Body(text=decode(data, self.path, declared=charset))


def _parts(part: Message) -> list[Message]:
    payload = part.get_payload()
    return (
        [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []
    )


def _flattened(message: Message, path: Path) -> bytes:
    try:
        return message.as_bytes()
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as exc:
        raise UnreadableDocument(
            path, cause="damaged message inside", remedy="export it again"
        ) from exc


def _payload(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""

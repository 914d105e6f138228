"""Outlook messages, through python-oxmsg: header lines, text, attachments.

Source of the names of streams and properties: [MS-OXMSG] and [MS-OXPROPS].
"""

import re
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.encoders import encode_base64
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import HeaderParser
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

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
from indexer.parsers.eml import readable
from indexer.parsers.html import markup_of
from indexer.settings import ParserSettings

if TYPE_CHECKING:
    from oxmsg.storage import Storage

SUFFIXES = frozenset({".msg"})

_UNICODE, _BYTES, _BINARY = 0x001F, 0x001E, 0x0102  # types of property values
_SUBJECT, _HEADERS, _BODY, _HTML, _RTF = 0x0037, 0x007D, 0x1000, 0x1013, 0x1009
_SENDER_NAME, _SENDER_SMTP, _SENDER_ADDRESS = 0x0C1A, 0x5D01, 0x0C1F
_SENT_FOR_NAME, _DISPLAY_TO, _DISPLAY_CC = 0x0042, 0x0E04, 0x0E03
_NAME, _SMTP, _ADDRESS, _RECIPIENT_TYPE = 0x3001, 0x39FE, 0x3003, 0x0C15
_SUBMITTED, _DELIVERED = 0x0039, 0x0E06
_BODY_CODEPAGE, _CODEPAGE = 0x3FDE, 0x3FFD
_FILE, _LONG_NAME, _SHORT_NAME, _MIME = 0x3701, 0x3707, 0x3704, 0x370E
_CONTENT_ID, _EXTENSION = 0x3712, 0x3703
_EMBEDDED = "__substg1.0_3701000D"
_RECIPIENTS = {1: "To", 2: "Cc"}
# Where the records of fixed length start in the stream of properties.
_TOP, _INNER, _PART = 32, 24, 8
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_MAX_DEPTH = 20

_DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    AssertionError,
    struct.error,
    RecursionError,
    OverflowError,
)


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Header lines and text of a message; the plain text where it has one, else the web text.

    Raises UnreadableDocument for a damaged file and for one that is no Outlook message.
    """
    return letter_document(path, _read(path), settings, media_type="application/vnd.ms-outlook")


def members(path: Path, settings: ParserSettings) -> Iterator[tuple[Member, Opener]]:
    """Attachments; attached messages as .eml. See :class:`indexer.parsers.Container`."""
    return letter_members(_read(path), settings)


def _read(path: Path) -> Letter:
    from olefile import OleFileIO
    from oxmsg.storage import Storage

    try:
        with OleFileIO(path) as file:
            root = Storage.from_ole(file)
        return _Item(root, _TOP, path).letter(0)
    except _DAMAGE as exc:
        raise UnreadableDocument(
            path, cause="damaged, or no Outlook message", remedy="save it as .eml or .msg again"
        ) from exc


class _Item:
    """A message, a recipient or an attachment: a storage with its properties.

    ``start`` is the offset in bytes of the fixed-length records in its properties stream.
    """

    def __init__(self, storage: "Storage", start: int, path: Path) -> None:
        self._storage = storage
        self._path = path
        records = storage.properties_stream_bytes[start:]
        self._fixed = {
            struct.unpack_from("<H", records, at + 2)[0]: records[at + 8 : at + 16]
            for at in range(0, len(records) - 15, 16)
        }

    def letter(self, depth: int) -> Letter:
        """This message. Raises KeyError and struct.error for a damaged one."""
        html = self._html()
        plain = self._text(_BODY)
        bodies = better(
            [[Body(text=plain)]] if plain.strip() else [],
            [[Body(text=html, is_html=True)]] if html.strip() else [],
        )
        warnings: tuple[str, ...] = ()
        if not bodies and self._bytes(_RTF, _BINARY):
            warnings = ("its text is there only as compressed RTF, which is not read",)
        attachments = [
            _Item(each, _PART, self._path)._attachment(html, depth)
            for each in self._storage.iter_attachment_storages()
        ]
        fields = self._fields()
        return Letter(
            fields={name: fields[name] for name in FIELDS if fields.get(name)},
            bodies=bodies,
            attachments=[each for each in attachments if each is not None],
            warnings=warnings,
        )

    def _fields(self) -> dict[str, str]:
        headers = HeaderParser().parsestr(self._text(_HEADERS))
        sent = {name: readable(str(headers.get(name, "")), self._path) for name in FIELDS}
        address = self._text(_SENDER_SMTP) or self._text(_SENDER_ADDRESS)
        sender = self._text(_SENDER_NAME) or self._text(_SENT_FOR_NAME)
        people: dict[str, list[str]] = {}
        for storage in self._storage.iter_recipient_storages():
            each = _Item(storage, _PART, self._path)
            field = _RECIPIENTS.get(each._number(_RECIPIENT_TYPE))
            if field:
                to = each._text(_SMTP) or each._text(_ADDRESS)
                people.setdefault(field, []).append(_person(each._text(_NAME), to))
        return {
            "From": sent["From"] or _person(sender, address),
            "To": ", ".join(people.get("To", ())) or sent["To"] or self._text(_DISPLAY_TO),
            "Cc": ", ".join(people.get("Cc", ())) or sent["Cc"] or self._text(_DISPLAY_CC),
            "Date": sent["Date"] or self._date(),
            "Subject": " ".join(self._text(_SUBJECT).split()) or sent["Subject"],
        }

    def _date(self) -> str:
        value = self._fixed.get(_SUBMITTED) or self._fixed.get(_DELIVERED)
        if not value:
            return ""
        ticks: int = struct.unpack("<Q", value)[0]  # tenths of a microsecond
        try:
            return format_datetime(_EPOCH + timedelta(microseconds=ticks // 10))
        except OverflowError:
            return ""

    def _html(self) -> str:
        data = self._bytes(_HTML, _BINARY)
        return markup_of(data, self._path, declared=self._codec()) if data else self._text(_HTML)

    def _attachment(self, html: str, depth: int) -> Attachment | None:
        """None for one that is only a reference to a file elsewhere."""
        name = self._text(_LONG_NAME) or self._text(_SHORT_NAME) or self._text(_NAME)
        content_id = self._text(_CONTENT_ID)
        inline = bool(content_id) and f"cid:{content_id}" in html
        inner = next((each for each in self._storage.storages if each.name == _EMBEDDED), None)
        if inner is not None and depth < _MAX_DEPTH:
            name = name.removesuffix(".msg")
            return Attachment(
                name=f"{name}.eml" if name else "",
                media_type="message/rfc822",
                read=partial(_as_eml, inner, self._path, depth + 1),
            )
        data = self._bytes(_FILE, _BINARY)
        kind = self._text(_MIME).lower()
        if not re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind):
            kind = "application/octet-stream"
        if "." not in name:
            name += self._text(_EXTENSION)
        if not data:
            return None
        return Attachment(name=name, media_type=kind, read=partial(bytes, data), inline=inline)

    def _bytes(self, name: int, kind: int) -> bytes | None:
        try:
            data: bytes = self._storage.property_stream_bytes(name, kind)
        except KeyError:
            return None
        return data

    def _text(self, name: int) -> str:
        """A property's text, "" if it has none."""
        data = self._bytes(name, _UNICODE)
        if data is not None:
            return data.decode("utf-16-le", "replace").rstrip("\0").replace("\r\n", "\n")
        data = self._bytes(name, _BYTES)
        return decode(data.rstrip(b"\0"), self._path, declared=self._codec()) if data else ""

    def _number(self, name: int) -> int:
        value: int = struct.unpack("<I", self._fixed.get(name, bytes(8))[:4])[0]
        return value

    def _codec(self) -> str:
        from oxmsg.domain.encodings import encoding_from_codepage

        number = self._number(_BODY_CODEPAGE) or self._number(_CODEPAGE)
        try:
            codec: str = encoding_from_codepage(number)
        except Exception:  # the library's own errors, which have no base of their own
            return ""
        return codec


def _person(name: str, address: str) -> str:
    name = " ".join(name.split()).strip("'\"")
    if "@" not in address or address == name:  # Exchange has addresses of its own, for itself
        return name
    return f"{name} <{address}>" if name else address


def _as_eml(storage: "Storage", path: Path, depth: int) -> bytes:
    try:
        letter = _Item(storage, _INNER, path).letter(depth)
        return _mime(letter).as_bytes()
    except _DAMAGE as exc:
        raise UnreadableDocument(
            path, cause="damaged message inside", remedy="save it from Outlook again"
        ) from exc


def _mime(letter: Letter) -> MIMEMultipart:
    message = MIMEMultipart()
    for name, value in letter.fields.items():
        message[name] = Header(value).encode()
    for body in letter.bodies:
        message.attach(MIMEText(body.text, "html" if body.is_html else "plain", "utf-8"))
    for each in letter.attachments:
        # A message must not be encoded; its name tells what it is.
        is_message = each.media_type == "message/rfc822"
        kind = "application/octet-stream" if is_message else each.media_type
        part = MIMEBase(*kind.split("/", 1))
        part.set_payload(each.read())
        encode_base64(part)
        part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", each.name))
        message.attach(part)
    return message

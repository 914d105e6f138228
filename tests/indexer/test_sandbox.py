"""What the parent survives: crashes, loops, bombs, lies and callers that stop listening."""

import io
import os
import signal
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pymupdf
import pytest
from PIL import Image

from indexer.domain import BoundingBox
from indexer.errors import LimitExceeded, UnreadableDocument, UnsupportedFormat
from indexer.parsers import sandbox
from indexer.parsers._frames import DoneFrame, PageFrame, decode_frame, encode
from indexer.parsers.sandbox import ParserProcess
from indexer.settings import MEBIBYTE, ParserSettings


@pytest.fixture(scope="module")
def process() -> Iterator[ParserProcess]:
    with ParserProcess(ParserSettings()) as running:
        yield running


def text_file(folder: Path, words: str = "A quiet harbour.") -> Path:
    path = folder / "note.txt"
    path.write_text(words)
    return path


def long_pdf(folder: Path, pages: int = 40) -> Path:
    path = folder / "long.pdf"
    with pymupdf.open() as document:
        for number in range(pages):
            document.new_page().insert_text((72, 72), f"Sheet {number + 1} of the log")
        document.save(path)
    return path


def hungry_png(folder: Path, side: int) -> Path:
    """A valid PNG of ``side`` x ``side`` pixels whose bytes are few."""
    path = folder / "hungry.png"
    rows = zlib.compress(bytes(side * 3 + 1) * side, 9)

    def piece(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + piece(b"IHDR", head) + piece(b"IDAT", rows) + piece(b"IEND", b"")
    )
    return path


def reads(process: ParserProcess, folder: Path) -> bool:
    pages = list(process.parse(text_file(folder)).pages)
    return pages[0].blocks[0].text == "A quiet harbour."


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 11))
LAUGHS = f'<!DOCTYPE l [<!ENTITY l0 "lol">{ENTITIES}]>'
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def word(doctype: str, body: str) -> bytes:
    """A Word document whose XML starts with ``doctype``."""
    kinds = "http://schemas.openxmlformats.org/package/2006/content-types"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return zipped(
        {
            "[Content_Types].xml": (
                f'<Types xmlns="{kinds}"><Default Extension="rels" '
                'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
            ).encode(),
            "_rels/.rels": (
                f'<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{office}" '
                'Target="word/document.xml"/></Relationships>'
            ).encode(),
            "word/document.xml": (
                f'<?xml version="1.0"?>{doctype}<w:document xmlns:w="{WORD}"><w:body>{body}'
                "</w:body></w:document>"
            ).encode(),
        }
    )


def external(secret: Path) -> str:
    return f'<!DOCTYPE l [<!ENTITY l10 SYSTEM "file://{secret}">]>'


def pdf(*objects: bytes) -> bytes:
    """Objects numbered from 1, the first being the catalogue; the reader finds them itself."""
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % item for item in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer<</Root 1 0 R/Size 9>>\n%%EOF"


def cut_jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((300, 200), 80).convert("RGB").save(buffer, "JPEG")
    return buffer.getvalue()[:2000]


CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
BLANK = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]>>"
HOSTILE: dict[str, Callable[[Path], bytes]] = {
    "external.docx": lambda secret: word(
        external(secret), "<w:p><w:r><w:t>w &l10;</w:t></w:r></w:p>"
    ),
    "laughs.docx": lambda _: word(LAUGHS, "<w:p><w:r><w:t>w &l10;</w:t></w:r></w:p>"),
    "external.html": lambda secret: f"{external(secret)}<html><body>w &l10;</body></html>".encode(),
    "laughs.html": lambda _: f"{LAUGHS}<html><body>w &l10;</body></html>".encode(),
    "deep.html": lambda _: b"<html><body>" + b"<div>" * 50_000 + b"deep",
    "deep.docx": lambda _: word(
        "", "<w:tbl><w:tr><w:tc>" * 900 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 900
    ),
    "ratio.zip": lambda _: zipped({"zeros.txt": bytes(30 * MEBIBYTE)}),
    "parts.docx": lambda _: zipped({"word/document.xml": bytes(30 * MEBIBYTE)}),
    "pages.pdf": lambda _: pdf(CATALOGUE, b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 9>>", BLANK),
    "count.pdf": lambda _: pdf(CATALOGUE, b"<</Type/Pages/Kids[3 0 R]/Count 2147483647>>", BLANK),
    "brackets.pdf": lambda _: pdf(CATALOGUE, b"<</Type/Pages/X" + b"[" * 50_000 + b"/Count 1>>"),
    "cut.jpg": lambda _: cut_jpeg(),
    "frames.gif": lambda _: (
        b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff"
        + b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0" * 5000
        + b";"
    ),
    "screen.gif": lambda _: b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff;",
    "profile.png": lambda _: b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffiCCP" + bytes(40),
    "word.txt": lambda _: b"a" * MEBIBYTE,
    "brackets.md": lambda _: b"[" * 20_000 + b"](" * 500,
    "brackets.json": lambda _: b"[" * 100_000,
    "program.pdf": lambda _: b"\x7fELF" + bytes(500),
    "half.txt": lambda _: b"\xff\xfe\x00\xd8words\x00\xdc",
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_file_is_read_or_refused_in_one_line_and_the_next_is_read(
    process: ParserProcess, tmp_path: Path, name: str
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("opensesame")
    path = tmp_path / name
    path.write_bytes(HOSTILE[name](secret))
    words, refusal = "", ""
    try:
        words = " ".join(block.text for page in process.parse(path).pages for block in page.blocks)
    except (UnreadableDocument, LimitExceeded, UnsupportedFormat) as exc:
        refusal = str(exc)
    assert "\n" not in refusal
    assert "opensesame" not in words
    assert len(words) < 3 * MEBIBYTE
    assert reads(process, tmp_path)


def test_one_child_reads_many_files(process: ParserProcess, tmp_path: Path) -> None:
    assert reads(process, tmp_path)
    pid = process.pid
    assert reads(process, tmp_path)
    assert process.pid == pid


def test_a_killed_child_is_replaced_for_the_next_file(
    process: ParserProcess, tmp_path: Path
) -> None:
    assert reads(process, tmp_path)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    time.sleep(0.3)  # a signal takes effect when the scheduler gets to it
    assert reads(process, tmp_path)


def test_a_child_that_is_told_to_end_reads_its_file_to_the_end(
    process: ParserProcess, tmp_path: Path
) -> None:
    assert reads(process, tmp_path)
    child = process.pid
    assert child is not None
    os.kill(child, signal.SIGTERM)
    time.sleep(0.3)
    assert reads(process, tmp_path)
    assert process.pid == child


def test_a_crash_between_pages_is_one_line_and_the_next_file_goes_on(
    process: ParserProcess, tmp_path: Path
) -> None:
    # Pages of pictures fill the pipe, so that the child cannot be done before it is hit.
    path = tmp_path / "frames.tif"
    noise = [Image.effect_noise((900, 900), 90).convert("RGB") for _ in range(4)]
    noise[0].save(path, save_all=True, append_images=noise[1:])
    pages = process.parse(path).pages
    next(pages)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGSEGV)
    with pytest.raises(UnreadableDocument, match=r"crashed \(signal 11\)") as caught:
        list(pages)
    assert "\n" not in str(caught.value)
    assert reads(process, tmp_path)


def test_a_page_that_takes_too_long_ends_the_child(tmp_path: Path) -> None:
    with ParserProcess(ParserSettings(page_seconds=2)) as hasty:
        assert reads(hasty, tmp_path)
        child = hasty.pid
        assert child is not None
        os.kill(child, signal.SIGSTOP)
        started = time.monotonic()
        with pytest.raises(LimitExceeded, match=r"took longer than 2 s for one page"):
            hasty.parse(text_file(tmp_path))
        assert time.monotonic() - started < 10
        assert not is_running(child)


def test_a_document_that_takes_too_long_is_named_so(tmp_path: Path) -> None:
    hasty = ParserProcess(ParserSettings(document_seconds=0.01))
    with hasty, pytest.raises(LimitExceeded, match="DOCUMENT_SECONDS"):
        hasty.parse(hungry_png(tmp_path, 4000))


def test_a_picture_that_needs_too_much_memory_is_refused(tmp_path: Path) -> None:
    with ParserProcess(ParserSettings(memory_bytes=320 * MEBIBYTE)) as small:
        with pytest.raises(LimitExceeded, match="more than 320 MiB of memory"):
            list(small.parse(hungry_png(tmp_path, 12_000)).pages)
        assert reads(small, tmp_path)


def test_a_picture_above_the_pixel_limit_is_refused_before_decoding(tmp_path: Path) -> None:
    strict = ParserProcess(ParserSettings(max_pixels=10_000))
    with strict, pytest.raises(LimitExceeded, match="400 x 400 pixels"):
        strict.parse(hungry_png(tmp_path, 400))


def test_too_much_output_is_cut_off(tmp_path: Path) -> None:
    with ParserProcess(ParserSettings(output_bytes=2000)) as process:
        with pytest.raises(LimitExceeded, match="OUTPUT_BYTES"):
            list(process.parse(text_file(tmp_path, "many words " * 1000)).pages)
        assert reads(process, tmp_path)


def test_a_file_above_the_size_limit_never_reaches_a_child(tmp_path: Path) -> None:
    with ParserProcess(ParserSettings(max_bytes=4)) as process:
        with pytest.raises(LimitExceeded, match="MAX_BYTES"):
            process.parse(text_file(tmp_path))
        assert process.pid is None


def test_a_missing_file_and_a_folder_are_unreadable(process: ParserProcess, tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="cannot be opened"):
        process.parse(tmp_path / "nothing.txt")
    with pytest.raises(UnreadableDocument, match="not a file"):
        process.parse(tmp_path)


def test_an_unknown_format_is_unsupported(process: ParserProcess, tmp_path: Path) -> None:
    path = tmp_path / "archive.xyz"
    path.write_bytes(b"\x00\x01\x02\xff" * 50)
    with pytest.raises(UnsupportedFormat, match=r"\.xyz"):
        process.parse(path)
    assert reads(process, tmp_path)


def test_pages_left_unread_do_not_spoil_the_next_file(
    process: ParserProcess, tmp_path: Path
) -> None:
    pages = process.parse(long_pdf(tmp_path)).pages
    next(pages)
    assert reads(process, tmp_path)
    with pytest.raises(RuntimeError, match="another file"):
        next(pages)
    assert reads(process, tmp_path)


def test_pages_closed_early_do_not_spoil_the_next_file(
    process: ParserProcess, tmp_path: Path
) -> None:
    for page in process.parse(long_pdf(tmp_path)).pages:
        assert page.number == 1
        break
    assert reads(process, tmp_path)


def test_the_child_is_renewed_after_its_share_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "FILES_PER_CHILD", 2)
    with ParserProcess(ParserSettings()) as process:
        pids = [process.pid for _ in range(4) if reads(process, tmp_path)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_close_leaves_no_process_and_may_be_repeated(tmp_path: Path) -> None:
    process = ParserProcess(ParserSettings())
    next(process.parse(long_pdf(tmp_path)).pages)
    child = process.pid
    assert child is not None
    process.close()
    process.close()
    assert not is_running(child)


def test_the_child_ends_with_its_parent(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path\n"
        "from indexer.parsers.sandbox import ParserProcess\n"
        "from indexer.settings import ParserSettings\n"
        "process = ParserProcess(ParserSettings())\n"
        "process.parse(Path(sys.argv[1]))\n"
        "print(process.pid, flush=True)\n"
        "os._exit(0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(text_file(tmp_path))],
        capture_output=True,
        text=True,
        check=True,
    )
    child = int(done.stdout)
    deadline = time.monotonic() + 10
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(child)


def test_the_child_sees_no_variable_of_its_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTLINE_SECRET_FOR_TEST", "hush")
    with ParserProcess(ParserSettings()) as process:
        assert reads(process, tmp_path)
        environment = Path(f"/proc/{process.pid}/environ")
        if not environment.exists():
            pytest.skip("this system does not show a process's environment")
        assert b"hush" not in environment.read_bytes()


def test_a_box_of_a_page_is_rendered_in_the_child(process: ParserProcess, tmp_path: Path) -> None:
    path = tmp_path / "half.png"
    image = Image.new("RGB", (200, 100), "white")
    image.paste("red", (100, 0, 200, 100))
    image.save(path)
    right = BoundingBox(x0=0.5, y0=0.0, x1=1.0, y1=1.0)
    raster = process.render(path, 1, 50, right)
    assert (raster.width, raster.height) == (50, 50)
    with pytest.raises(UnsupportedFormat, match="no picture"):
        process.render(text_file(tmp_path), 1, 50)
    assert reads(process, tmp_path)


def test_a_relative_path_means_the_parents_folder(
    process: ParserProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text_file(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert process.parse(Path("note.txt")).header.title == "note"


def test_frames_decode_to_nothing_but_domain_values() -> None:
    assert isinstance(decode_frame(encode(DoneFrame())), DoneFrame)
    for payload in (
        msgspec.msgpack.encode({"type": "os.system", "args": ["true"]}),
        msgspec.msgpack.encode({"type": "page", "page": {"number": "one"}}),
        b"\xc1",
    ):
        with pytest.raises(msgspec.DecodeError):
            decode_frame(payload)
    box = {"x0": 0.5, "y0": 0.0, "x1": float("nan"), "y1": 1.0}
    span = {"start": 0, "end": 1, "box": box}
    page = {"number": 1, "width": 1.0, "height": 1.0}
    page["blocks"] = [{"kind": "paragraph", "text": "a", "spans": [span]}]  # type: ignore[assignment]
    with pytest.raises(msgspec.DecodeError):
        decode_frame(msgspec.msgpack.encode({"type": "page", "page": page}))
    assert PageFrame.__struct_config__.tag == "page"

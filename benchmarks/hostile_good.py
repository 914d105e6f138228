"""Good files for the hostile benchmark, small and of every format that is read."""

import io
import random
import zipfile
from collections.abc import Callable, Iterator
from email.message import EmailMessage

from PIL import Image

_NOUNS = "harbour lantern cellar orchard ledger saddle chimney furnace violin granary".split()
_СЛОВА = "гавань фонарь погреб сад книга седло труба печь скрипка амбар".split()


def good_files(seed: int) -> Iterator[tuple[str, bytes, str]]:
    """Fifty (name, bytes, a sentence that must be found; "" for pictures)."""
    rng = random.Random(seed)
    makers: list[tuple[str, int, Callable[[str], bytes]]] = [
        ("txt", 7, str.encode),
        ("md", 4, lambda text: f"# Notes\n\n{text}\n".encode()),
        ("html", 4, lambda text: f"<!doctype html><title>N</title><p>{text}</p>".encode()),
        ("pdf", 7, pdf_of),
        ("docx", 4, _docx),
        ("xlsx", 3, _xlsx),
        ("pptx", 3, _pptx),
        ("csv", 2, lambda text: f"name,note\nfirst,{text}\n".encode()),
        ("rtf", 2, _rtf),
        ("eml", 2, _eml),
        ("zip", 2, lambda text: zipped({"inside.txt": text.encode()})),
    ]
    for suffix, count, make in makers:
        for number in range(count):
            russian = number % 2 == 1
            words = rng.sample(_СЛОВА if russian else _NOUNS, 4)
            joined = " и ".join(words) if russian else " and ".join(words)
            text = f"{joined} {rng.randrange(10**6)}"
            yield f"good-{number}.{suffix}", make(text), text
    for suffix, kind, count in (("png", "PNG", 4), ("jpg", "JPEG", 4), ("webp", "WEBP", 2)):
        for number in range(count):
            yield f"good-{number}.{suffix}", _photo(rng, kind), ""


def ordinary_files(seed: int) -> Iterator[tuple[str, bytes, str]]:
    """As ``good_files``, of everyday size: texts of some pages, photos of some megapixels."""
    rng = random.Random(seed)
    for number in range(3):
        words = [rng.choice(_СЛОВА if number == 1 else _NOUNS) for _ in range(6000)]
        lines = [" ".join(words[at : at + 60]) + "." for at in range(0, len(words), 60)]
        yield f"pages-{number}.txt", "\n\n".join(lines).encode(), lines[0]
        grain = Image.frombytes("RGB", (80, 60), rng.randbytes(80 * 60 * 3))
        photo = grain.resize((2000, 1500), Image.Resampling.BICUBIC)
        yield f"photo-{number}.jpg", image_bytes(photo, "JPEG"), ""


def _photo(rng: random.Random, kind: str) -> bytes:
    small = Image.frombytes("RGB", (8, 6), rng.randbytes(8 * 6 * 3))
    return image_bytes(small.resize((640, 480), Image.Resampling.BICUBIC), kind)


def image_bytes(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def pdf_of(text: str) -> bytes:
    import pymupdf

    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_htmlbox((72, 72, 500, 300), f"<p>{text}</p>")
        return bytes(document.tobytes())


def _docx(text: str) -> bytes:
    import docx

    document = docx.Document()
    document.add_paragraph(text)
    return _saved(document.save)


def _xlsx(text: str) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["note", text])
    return _saved(book.save)


def _pptx(text: str) -> bytes:
    import pptx

    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = text
    return _saved(deck.save)


def _saved(save: Callable[[io.BytesIO], object]) -> bytes:
    buffer = io.BytesIO()
    save(buffer)
    return buffer.getvalue()


def _rtf(text: str) -> bytes:
    escaped = "".join(c if c.isascii() else f"\\u{ord(c)}?" for c in text)
    return b"{\\rtf1\\ansi\\uc1 " + escaped.encode() + b"\\par}"


def _eml(text: str) -> bytes:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "a@example.org", "b@example.org", "Note"
    letter.set_content(text)
    return letter.as_bytes()


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()

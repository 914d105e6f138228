"""Peak memory and speed of indexing one PDF of thousands of pages.

Run ``python -m benchmarks.long_document``. The PDF is generated: headings, paragraphs, ruled
tables and pictures on A4. ``sightline index`` runs in a process of its own; four times a second
the memory of the whole process tree is read from /proc: resident sets added up (shared pages
counted in every process) and proportional sets (counted once). Exits with 1 above the bound.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pymupdf
from PIL import Image, ImageDraw

MIB = 1024 * 1024
_WORDS = (
    "harbour lantern timber ledger boiler winter copper valley bridge garden mason river slate "
    "chimney orchard keeper signal gravel copper tenant barrel engine market quarry weather"
).split()


def write_pdf(path: Path, pages: int) -> None:
    """``pages`` pages of prose, every third with a table, every fourth with a picture."""
    source = random.Random(3)
    with pymupdf.open() as document:
        for number in range(1, pages + 1):
            page = document.new_page(width=595, height=842)
            page.insert_text((60, 70), f"Section {number}: {_words(source, 3)}", fontsize=16)
            page.insert_textbox((60, 90, 535, 330), _prose(source, number), fontsize=10)
            if number % 3 == 0:
                _table(page, source)
            if number % 4 == 0:
                page.insert_image((60, 560, 300, 740), stream=_picture(source))
            page.insert_textbox((310, 560, 535, 780), _prose(source, number), fontsize=9)
        document.save(path, garbage=0, deflate=True)


def _words(source: random.Random, count: int) -> str:
    return " ".join(source.choice(_WORDS) for _ in range(count))


def _prose(source: random.Random, number: int) -> str:
    sentences = [f"{_words(source, 11).capitalize()} {number}." for _ in range(9)]
    return " ".join(sentences)


def _table(page: pymupdf.Page, source: random.Random) -> None:
    for row in range(6):
        for column in range(4):
            x, y = 60 + column * 118, 345 + row * 22
            page.draw_rect((x, y, x + 118, y + 22), width=0.6)
            page.insert_text((x + 5, y + 15), _words(source, 1), fontsize=9)


def _picture(source: random.Random) -> bytes:
    image = Image.new("RGB", (480, 360), tuple(source.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    for _ in range(8):
        x, y = source.randrange(400), source.randrange(300)
        draw.ellipse((x, y, x + 90, y + 70), fill=tuple(source.randrange(256) for _ in range(3)))
    buffer = BytesIO()
    image.save(buffer, "JPEG")
    return buffer.getvalue()


def tree(root: int) -> Iterator[int]:
    """``root`` and every process below it."""
    yield root
    for task in Path(f"/proc/{root}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from tree(int(child))


def memory(root: int) -> tuple[int, int]:
    """Resident and proportional bytes of the tree below ``root``."""
    resident = proportional = 0
    for pid in tree(root):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
        resident += sizes["Rss"] * 1024
        proportional += sizes["Pss"] * 1024
    return resident, proportional


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pages", type=int, default=3000)
    options.add_argument("--bound", type=int, default=1536, help="MiB of the whole tree")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.pdf"
        write_pdf(path, chosen.pages)
        print(f"{chosen.pages} pages, {path.stat().st_size / MIB:.1f} MiB", flush=True)
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "web", "--home", f"{folder}/home", "index", "--json", str(path)],
            stdout=subprocess.PIPE,
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
        )
        resident = proportional = 0
        while process.poll() is None:
            now = memory(process.pid)
            resident, proportional = max(resident, now[0]), max(proportional, now[1])
            time.sleep(0.25)
        seconds = time.monotonic() - started
        assert process.stdout is not None
        report = json.loads(process.stdout.read())
    if len(report["indexed"]) != 1:
        sys.exit(f"not indexed: {report['failed']}")
    print(
        f"peak of the tree: {resident / MIB:.0f} MiB resident, "
        f"{proportional / MIB:.0f} MiB proportional"
    )
    print(f"{seconds:.0f} s, {chosen.pages / seconds:.1f} pages/s")
    sys.exit(resident > chosen.bound * MIB)


if __name__ == "__main__":
    main()

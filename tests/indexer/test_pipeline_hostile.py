"""What trips the one who indexes: odd names, things that are no files, loops, lying parsers."""

import os
import socket
import sys
from pathlib import Path

import pytest

from indexer.library import Library
from indexer.pipeline import index_paths
from tests.taken_over import take_over


def test_odd_names_are_indexed_or_named_and_a_second_run_finds_nothing_to_do(
    library: Library, tmp_path: Path
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    names = [
        "line\nbreak.txt",
        "\x1b[31mred.txt",
        "-rf.txt",
        "bang!.txt",
        "$(id);`id`.txt",
        "я.txt",
    ]
    names.append("x" * 251 + ".txt")
    for number, name in enumerate(names):
        (folder / name).write_text(f"The harbour has {number} lanterns.")
    (folder / "deep!").mkdir()
    (folder / "deep!" / "in.txt").write_text("A name that looks like an archive's.")
    report = index_paths(library, [folder], "main")
    assert len(report.indexed) == len(names) + 1
    assert report.failed == ()
    again = index_paths(library, [folder], "main")
    assert (again.indexed, again.removed, again.unchanged) == ((), (), len(names) + 1)


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS refuses such names")
def test_a_name_that_is_not_utf8_is_one_line_and_the_rest_goes_on(
    library: Library, archive: Path
) -> None:
    odd = os.fsencode(archive) + b"/\xcf\xf0\xe8\xe2\xe5\xf2.txt"  # "Привет" in Windows-1251
    with open(odd, "wb") as file:  # noqa: PTH123
        file.write(b"words")
    report = index_paths(library, [archive], "main")
    assert len(report.indexed) == 5
    (failure,) = report.failed
    assert failure.path == f"{archive}/\\xcf\\xf0\\xe8\\xe2\\xe5\\xf2.txt"
    assert (failure.cause, failure.remedy) == ("its name is not in UTF-8", "rename it")
    again = index_paths(library, [archive], "main")
    assert (again.indexed, again.failed, again.removed) == ((), (), ())


def test_pipes_devices_sockets_and_loops_in_a_folder_are_passed_over(
    library: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(archive / "pipe.txt")
    (archive / "zero.txt").symlink_to("/dev/zero")
    (archive / "loop.txt").symlink_to("loop.txt")
    (archive / "again").symlink_to(archive, target_is_directory=True)
    monkeypatch.chdir(archive)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("door.txt")
        report = index_paths(library, [archive], "main")
    assert len(report.indexed) == 5
    assert report.failed == ()


def test_a_pipe_or_device_given_by_name_is_refused_without_waiting(
    library: Library, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    report = index_paths(library, [pipe, Path("/dev/zero")], "main")
    assert [state.cause for state in report.failed] == ["it is not a file"] * 2


LIE = """
from io import BytesIO
from PIL import Image
from indexer.domain import Block, BoundingBox, Figure, Header, Page, ParsedDocument, Raster, Span

def jpeg(width, height, kind="JPEG"):
    buffer = BytesIO()
    Image.effect_noise((width, height), 50).convert("RGB").save(buffer, kind)
    return buffer.getvalue()

def told(*pages, **header):
    values = {{"title": "t", "media_type": "text/plain", "page_count": 1, **header}}
    return ParsedDocument(header=Header(**values), pages=iter(pages))

def page(number=1, **values):
    return Page(**{{"number": number, "width": 1.0, "height": 1.0, **values}})

def photo(width, height, data):
    return page(raster=Raster(width=width, height=height, jpeg=data))

words = Block(kind="paragraph", text="words")
document = {document}
"""


@pytest.mark.parametrize(
    "document",
    [
        "photo(300, 200, b'not a picture')",
        "photo(300, 200, jpeg(300, 200, 'GIF'))",
        "photo(300, 200, jpeg(300, 200)[:2000])",
        "photo(300, 200, jpeg(200, 300))",
        "photo(30_000, 30_000, jpeg(200, 300))",
        "photo(9000, 100, jpeg(9000, 100))",
        "page(figures=(Figure(kind='figure', box=BoundingBox.whole(), "
        "raster=Raster(width=50, height=50, jpeg=b'')),))",
        "page(number=2**63, blocks=(words,))",
        "page(number=0, blocks=(words,))",
        "page(width=float('nan'), blocks=(words,))",
        "page(height=float('inf'), blocks=(words,))",
        "page(blocks=(Block(kind='paragraph', text='words', "
        "spans=(Span(start=0, end=99, box=BoundingBox.whole()),)),))",
    ],
)
def test_a_parser_that_lies_about_its_pages_is_given_up_and_the_run_ends_well(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, document: str
) -> None:
    path = tmp_path / "lie.txt"
    path.write_text(LIE.format(document=f"told({document})"))
    take_over(tmp_path, monkeypatch)
    (failure,) = index_paths(library, [path], "main").failed
    assert failure.cause == "the parser answered with nonsense"


@pytest.mark.parametrize("count", [-1, 2**31, 2**63])
def test_a_parser_that_lies_about_the_number_of_pages_is_given_up(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    path = tmp_path / "lie.txt"
    path.write_text(LIE.format(document=f"told(page(blocks=(words,)), page_count={count})"))
    take_over(tmp_path, monkeypatch)
    (failure,) = index_paths(library, [path], "main").failed
    assert failure.cause == "the parser answered with nonsense"


def test_odd_but_possible_pages_are_indexed(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = (
        "told(page(blocks=(Block(kind='paragraph', text='long words ' * 50_000),)))",
        "told(page(blocks=(Block(kind='table', text='w' * 200_000),)))",
        "told(page(blocks=(words, Block(kind='heading', level=1, text='h ' * 9000), words)))",
        "told(page(blocks=(words,)), metadata={'latitude': 'x', 'width': 'nan'})",
        "told(page(blocks=(words,)), title='\\x00\\x1b[31m\\n', warnings=('',))",
        "told(page(figures=tuple(Figure(kind='figure', box=BoundingBox.whole(), "
        "raster=Raster(width=200, height=200, jpeg=jpeg(200, 200))) for _ in range(70))))",
    )
    for number, document in enumerate(documents):
        (tmp_path / f"{number}.txt").write_text(LIE.format(document=document))
    take_over(tmp_path, monkeypatch)
    report = index_paths(library, sorted(tmp_path.glob("?.txt")), "main")
    assert report.failed == ()
    assert len(report.indexed) == len(documents)
    assert library.catalog.counts().crops == 70

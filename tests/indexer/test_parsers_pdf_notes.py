"""What people add to a PDF: form values, comments and embedded files."""

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from indexer.domain import Page
from indexer.errors import UnreadableDocument
from indexer.parsers import pdf
from indexer.settings import ParserSettings

SETTINGS = ParserSettings()
TEXT, BOX, CHOICE, RADIO = (
    pymupdf.PDF_WIDGET_TYPE_TEXT,
    pymupdf.PDF_WIDGET_TYPE_CHECKBOX,
    pymupdf.PDF_WIDGET_TYPE_COMBOBOX,
    pymupdf.PDF_WIDGET_TYPE_RADIOBUTTON,
)


def page_of(folder: Path, build: Callable[[pymupdf.Page], None]) -> Page:
    return next(pdf.parse(saved(folder, build), SETTINGS).pages)


def saved(folder: Path, build: Callable[[pymupdf.Page], None]) -> Path:
    path = folder / "file.pdf"
    with pymupdf.open() as document:
        build(document.new_page())
        document.save(path)
    return path


def add_field(
    page: pymupdf.Page,
    kind: int,
    place: tuple[float, float, float, float],
    value: object,
    *,
    name: str = "f1_02[0]",
    label: str = "",
    choices: tuple[tuple[str, str], ...] = (),
) -> None:
    field = pymupdf.Widget()
    field.field_type, field.field_name, field.rect = kind, name, pymupdf.Rect(place)
    field.field_label = label or None
    if choices:
        field.choice_values = choices
    field.field_value = value
    page.add_widget(field)


def texts(page: Page) -> list[str]:
    return [block.text for block in page.blocks]


def test_a_value_follows_the_label_beside_it(tmp_path: Path) -> None:
    def build(page: pymupdf.Page) -> None:
        page.insert_text((72, 74), "Surname")
        add_field(page, TEXT, (150, 60, 300, 80), "Ivanova")
        add_field(page, TEXT, (150, 90, 300, 110), "", name="f1_03[0]")

    page = page_of(tmp_path, build)
    assert texts(page) == ["Surname: Ivanova"]
    (span,) = page.blocks[0].spans
    assert span.box.x0 == pytest.approx(72 / page.width, abs=0.01)
    assert span.box.x1 > 150 / page.width


def test_a_value_without_a_label_on_the_page_has_its_own(tmp_path: Path) -> None:
    def build(page: pymupdf.Page) -> None:
        add_field(page, TEXT, (150, 60, 300, 80), "12 nets", name="a", label="Catch of the day")
        add_field(page, TEXT, (150, 200, 300, 220), "Heron", name="boatName")
        add_field(page, TEXT, (150, 340, 300, 360), "1987", name="Text7")
        add_field(
            page,
            CHOICE,
            (150, 500, 300, 520),
            "n",
            label="Port",
            choices=(("n", "North"), ("s", "S")),
        )

    assert texts(page_of(tmp_path, build)) == [
        "Catch of the day: 12 nets",
        "boat Name: Heron",
        "1987",
        "Port: North",
    ]


def test_checked_boxes_are_ticks_before_their_words(tmp_path: Path) -> None:
    def build(page: pymupdf.Page) -> None:
        for row, (words, on) in enumerate((("by sea", True), ("by land", False))):
            add_field(page, BOX, (72, 60 + 60 * row, 84, 72 + 60 * row), on, name=f"b{row}")
            page.insert_text((90, 70 + 60 * row), words)

    assert texts(page_of(tmp_path, build)) == ["☑ by sea", "by land"]


def test_boxes_in_a_ruled_table_are_ticks(tmp_path: Path) -> None:
    def build(page: pymupdf.Page) -> None:
        for row, words in enumerate(("sea", "land", "air")):
            for column in range(2):
                page.draw_rect(
                    (72 + 120 * column, 90 + 24 * row, 192 + 120 * column, 114 + 24 * row)
                )
            page.insert_text((76, 106 + 24 * row), words)
            place = (200, 94 + 24 * row, 212, 106 + 24 * row)
            add_field(page, BOX, place, row != 1, name=f"b{row}")

    assert texts(page_of(tmp_path, build)) == ["sea | ☑\nland | \nair | ☑"]


def test_large_values_are_no_headings(tmp_path: Path) -> None:
    def build(page: pymupdf.Page) -> None:
        page.insert_textbox((72, 60, 500, 200), "The boats leave before the sun is up. " * 6)
        add_field(page, TEXT, (72, 300, 500, 340), "Ivanova")

    page = page_of(tmp_path, build)
    assert [block.kind for block in page.blocks] == ["paragraph", "paragraph"]


def test_comments_stand_behind_the_text_with_what_they_mark(tmp_path: Path) -> None:
    def build(page: pymupdf.Page) -> None:
        page.insert_text((72, 100), "The boats leave before the sun is up")
        page.add_text_annot((400, 300), "Check the date")
        note = page.add_highlight_annot(page.search_for("before the sun"))
        note.set_info(content="почему?", title="Анна")
        note.update()
        page.add_highlight_annot(page.search_for("boats"))
        page.add_freetext_annot((72, 200, 300, 230), "Written across")

    page = page_of(tmp_path, build)
    assert texts(page) == [
        "The boats leave before the sun is up",
        "Written across",
        "Comment: Check the date",
        "Comment by Анна on “before the sun”: почему?",
    ]
    box = page.blocks[2].spans[0].box
    assert (box.x0, box.y0) == pytest.approx((400 / page.width, 300 / page.height), abs=0.01)


def test_addresses_of_links_are_not_text(tmp_path: Path) -> None:
    def build(page: pymupdf.Page) -> None:
        page.insert_text((72, 100), "See the page")
        place = pymupdf.Rect(72, 90, 140, 104)
        page.insert_link({"kind": pymupdf.LINK_URI, "from": place, "uri": "https://example.org"})

    assert texts(page_of(tmp_path, build)) == ["See the page"]


def test_embedded_and_pinned_files_are_members(tmp_path: Path) -> None:
    def build(page: pymupdf.Page) -> None:
        page.insert_text((72, 100), "See the files")
        for name in ("отчёт.txt", "b"):
            page.parent.embfile_add(name, name.encode(), filename=name)
        page.add_file_annot((300, 300), b"pinned", "отчёт.txt")

    found = list(pdf.members(saved(tmp_path, build), SETTINGS))
    assert [(member.name, member.size) for member, _ in found] == [
        ("отчёт.txt", 14),
        ("b.bin", 1),
        ("отчёт (2).txt", 6),
    ]
    for (_, opener), data in zip(found, ("отчёт.txt".encode(), b"b", b"pinned"), strict=True):
        with opener() as file:
            assert file.read() == data


def test_members_of_an_encrypted_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "closed.pdf"
    with pymupdf.open() as document:
        document.new_page()
        document.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="o", user_pw="u")
    with pytest.raises(UnreadableDocument, match="encrypted"):
        list(pdf.members(path, SETTINGS))

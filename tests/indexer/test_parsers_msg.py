"""Outlook messages: people, dates, either text, attachments and attached messages."""

from pathlib import Path

import pytest

from indexer.domain import Member, ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers import eml, msg
from indexer.settings import ParserSettings
from tests.contracts.made.msg import INNER, PART, TOP, Tree, compound, item, message

SETTINGS = ParserSettings()
NEW_YEAR = 134116992000000000  # 2026-01-01 in tenths of a microsecond since 1601


def written(folder: Path, tree: Tree) -> Path:
    path = folder / "letter.msg"
    path.write_bytes(compound(tree))
    return path


def parsed(folder: Path, tree: Tree) -> ParsedDocument:
    return msg.parse(written(folder, tree), SETTINGS)


def texts(folder: Path, tree: Tree) -> list[str]:
    return [b.text for page in parsed(folder, tree).pages for b in page.blocks]


def files(folder: Path, tree: Tree) -> list[tuple[Member, bytes]]:
    found = []
    for member, opener in msg.members(written(folder, tree), SETTINGS):
        with opener() as file:
            found.append((member, file.read()))
    return found


def test_people_date_and_text_are_read(tmp_path: Path) -> None:
    tree = message(
        TOP,
        subject="Отчёт",
        body="Первый абзац.\r\n\r\n> before",
        sender=("Анна", "anna@example.org"),
        to=(("Boris", "b@example.org"), ("Гавань", "/O=EXCHANGE/CN=PORT")),
        sent=NEW_YEAR,
    )
    assert texts(tmp_path, tree) == [
        "From: Анна <anna@example.org>\nTo: Boris <b@example.org>, Гавань\n"
        "Date: Thu, 01 Jan 2026 00:00:00 +0000\nSubject: Отчёт",
        "Первый абзац.",
        "> before",
    ]
    header = parsed(tmp_path, tree).header
    assert (header.title, header.metadata["date"]) == ("Отчёт", "2026-01-01T00:00:00+00:00")


def test_web_text_is_read_where_there_is_no_other(tmp_path: Path) -> None:
    tree = message(TOP, subject="x", html="<h1>Гавань</h1><p>Words.</p>".encode())
    assert texts(tmp_path, tree)[1:] == ["Гавань", "Words."]


def test_attachments_are_members(tmp_path: Path) -> None:
    large = bytes(range(256)) * 40
    tree = message(
        TOP,
        subject="x",
        body="See the files.",
        attachments=(
            item(PART, {0x3707: "отчёт.pdf", 0x3701: b"%PDF-"}, {0x3705: 1}),
            item(PART, {0x3707: "отчёт.pdf", 0x3701: large}, {0x3705: 1}),
            item(PART, {0x370E: "text/plain", 0x3701: b"nameless"}, {0x3705: 1}),
            item(PART, {0x3707: "elsewhere.doc"}, {0x3705: 2}),
        ),
    )
    assert [(member.name, data) for member, data in files(tmp_path, tree)] == [
        ("отчёт.pdf", b"%PDF-"),
        ("отчёт (2).pdf", large),
        ("attachment.txt", b"nameless"),
    ]


def test_an_attached_message_is_a_member_with_its_own_attachments(tmp_path: Path) -> None:
    inner = message(
        INNER,
        subject="Внутри",
        body="Inner words.",
        sender=("Анна", "anna@example.org"),
        attachments=(item(PART, {0x3707: "a.txt", 0x3701: b"deep"}, {0x3705: 1}),),
    )
    holder = item(PART, {0x3001: "Внутри"}, {0x3705: 5})
    holder["__substg1.0_3701000D"] = inner
    tree = message(TOP, subject="x", body="Outer.", attachments=(holder,))
    ((member, data),) = files(tmp_path, tree)
    assert member.name == "Внутри.eml"
    path = tmp_path / "inner.eml"
    path.write_bytes(data)
    assert eml.parse(path, SETTINGS).header.metadata["from"] == "Анна <anna@example.org>"
    ((deep, opener),) = eml.members(path, SETTINGS)
    with opener() as file:
        assert (deep.name, file.read()) == ("a.txt", b"deep")


def test_other_compound_files_are_no_messages(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="no Outlook message"):
        parsed(tmp_path, {"WordDocument": b"x" * 5000})

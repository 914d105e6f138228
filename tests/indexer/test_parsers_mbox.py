"""Mailboxes: each message is a member, told apart by the line of its delivery."""

from pathlib import Path

import pytest

from indexer.errors import UnreadableDocument
from indexer.parsers import eml, mbox
from indexer.settings import ParserSettings

SETTINGS = ParserSettings()
BOX = (
    b"From anna@example.org Thu Jan  1 10:00:00 2026\n"
    b"Subject: =?utf-8?b?0JPQsNCy0LDQvdGM?=\nFrom: Anna <anna@example.org>\n"
    b"Date: Thu, 1 Jan 2026 10:00:00 +0000\n\n"
    b"First.\n\n>From here it is dark.\nFrom there it is not.\n\n"
    b"From boris@example.org Fri Jan  2 11:30:00 2026 +0300\r\n"
    b"From: boris@example.org\r\nSubject: a/b:\r\n  folded\r\n\r\nSecond.\r\n"
)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "box.mbox"
    path.write_bytes(content)
    return path


def test_messages_are_listed(tmp_path: Path) -> None:
    parsed = mbox.parse(written(tmp_path, BOX), SETTINGS)
    assert (parsed.header.title, parsed.header.metadata) == ("box", {"messages": "2"})
    blocks = [block for page in parsed.pages for block in page.blocks]
    assert blocks[1].text.split("\n") == [
        "Date | From | Subject",
        "Thu, 1 Jan 2026 10:00:00 +0000 | Anna <anna@example.org> | Гавань",
        " | boris@example.org | a/b: folded",
    ]


def test_messages_are_members_as_they_were_sent(tmp_path: Path) -> None:
    found = list(mbox.members(written(tmp_path, BOX), SETTINGS))
    assert [member.name for member, _ in found] == ["0001 Гавань.eml", "0002 a_b_ folded.eml"]
    with found[0][1]() as file:
        first = file.read()
    assert b"\nFrom here it is dark.\nFrom there" in first
    letter = tmp_path / "first.eml"
    letter.write_bytes(first)
    assert eml.parse(letter, SETTINGS).header.title == "Гавань"
    with found[1][1]() as file:
        assert file.read().startswith(b"From: boris@example.org\r\n")


def test_other_text_is_no_mailbox(tmp_path: Path) -> None:
    for content in (b"From me to you, with love.\n", b"Subject: x\n\nFrom a 10:00\n"):
        with pytest.raises(UnreadableDocument, match="no messages"):
            mbox.parse(written(tmp_path, content), SETTINGS)

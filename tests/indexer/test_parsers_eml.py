"""E-mail: any encoding is read, the better text is taken, attachments are members."""

import base64
import quopri
from contextlib import suppress
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from indexer.domain import Member, ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers import eml
from indexer.settings import ParserSettings

SETTINGS = ParserSettings()


def written(folder: Path, content: bytes | EmailMessage) -> Path:
    path = folder / "letter.eml"
    path.write_bytes(content if isinstance(content, bytes) else content.as_bytes())
    return path


def parsed(folder: Path, content: bytes | EmailMessage) -> ParsedDocument:
    return eml.parse(written(folder, content), SETTINGS)


def texts(folder: Path, content: bytes | EmailMessage) -> list[str]:
    return [b.text for page in parsed(folder, content).pages for b in page.blocks]


def files(folder: Path, content: bytes | EmailMessage) -> list[tuple[Member, bytes]]:
    found = []
    for member, opener in eml.members(written(folder, content), SETTINGS):
        with opener() as file:
            found.append((member, file.read()))
    return found


def letter(text: str = "Words.") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Анна <anna@example.org>"
    message["To"] = "b@example.org, c@example.org"
    message["Subject"] = "Отчёт о гавани"
    message["Date"] = "Fri, 02 Jan 2026 10:00:00 +0300"
    message.set_content(text)
    return message


def png(side: int) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (side, side), "red").save(buffer, "PNG")
    return buffer.getvalue()


def test_header_lines_are_text_and_metadata(tmp_path: Path) -> None:
    header = parsed(tmp_path, letter()).header
    assert header.title == "Отчёт о гавани"
    assert header.metadata == {
        "from": "Анна <anna@example.org>",
        "to": "b@example.org, c@example.org",
        "date": "2026-01-02T10:00:00+03:00",
        "subject": "Отчёт о гавани",
    }
    assert texts(tmp_path, letter("First.\n\n> quoted\n> words\n")) == [
        "From: Анна <anna@example.org>\nTo: b@example.org, c@example.org\n"
        "Date: Fri, 02 Jan 2026 10:00:00 +0300\nSubject: Отчёт о гавани",
        "First.",
        "> quoted\n> words",
    ]


@pytest.mark.parametrize("charset", ["koi8-r", "windows-1251", "utf-8", "iso-8859-5", "utf-7"])
@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
def test_text_is_read_in_any_charset(tmp_path: Path, charset: str, encoding: str) -> None:
    encoders = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}
    raw = "Лодки выходят в море до восхода солнца.".encode(charset)
    raw = encoders[encoding](raw) if encoding in encoders else raw
    content = (
        f"Subject: x\nContent-Type: text/plain; charset={charset}\n"
        f"Content-Transfer-Encoding: {encoding}\n\n"
    ).encode() + raw
    assert texts(tmp_path, content)[1] == "Лодки выходят в море до восхода солнца."


def test_japanese_in_seven_bits_is_decoded(tmp_path: Path) -> None:
    content = b"Subject: x\nContent-Type: text/plain; charset=iso-2022-jp\n\n" + "港の灯".encode(
        "iso-2022-jp"
    )
    assert texts(tmp_path, content)[1] == "港の灯"


def test_header_lines_with_raw_bytes_are_read(tmp_path: Path) -> None:
    content = "Subject: Отчёт о состоянии гавани\nFrom: a@b\n\nWords.".encode("windows-1251")
    assert parsed(tmp_path, content).header.title == "Отчёт о состоянии гавани"


def test_malformed_header_lines_are_shown_as_they_stand(tmp_path: Path) -> None:
    content = (
        b"Subject: =?utf-8?b?broken\nTo: <<<a@b>,,\nDate: yesterday\nFrom: =?x?q?y?=\n\nWords."
    )
    header = parsed(tmp_path, content).header
    assert header.metadata["date"] == "yesterday"
    assert header.metadata["to"] == "<<<a@b>,,"


def test_web_text_is_taken_where_the_plain_one_says_nothing(tmp_path: Path) -> None:
    message = letter("See the web version.")
    html = "<h1>Catch</h1><p>" + "Many words of news. " * 20 + "</p><blockquote>before</blockquote>"
    message.add_alternative(html, subtype="html")
    found = texts(tmp_path, message)
    assert found[1] == "Catch"
    assert found[-1] == "before"
    full = letter("Many words of news. " * 20)
    full.add_alternative(html, subtype="html")
    assert "Catch" not in texts(tmp_path, full)


def test_all_parts_of_the_text_are_read(tmp_path: Path) -> None:
    message = letter("First part.")
    message.make_mixed()
    message.attach(_part("Second part."))
    assert texts(tmp_path, message)[1:] == ["First part.", "Second part."]


def _part(text: str) -> EmailMessage:
    part = EmailMessage()
    part.set_content(text)
    return part


def test_attachments_are_members_with_clean_unique_names(tmp_path: Path) -> None:
    message = letter()
    for name in ("отчёт.pdf", "a.txt", "a.txt", "../../etc/passwd", "C:\\docs\\b.txt", "plan"):
        message.add_attachment(name.encode(), "application", "pdf", filename=name)
    message.add_attachment(b"nameless", "application", "pdf")
    found = files(tmp_path, message)
    assert [(member.name, member.size) for member, _ in found] == [
        ("отчёт.pdf", 14),
        ("a.txt", 5),
        ("a (2).txt", 5),
        ("passwd.pdf", 16),
        ("b.txt", 13),
        ("plan.pdf", 4),
        ("attachment.pdf", 8),
    ]
    assert found[0][1].decode() == "отчёт.pdf"
    assert "Attachments: отчёт.pdf, a.txt" in texts(tmp_path, message)[0]


def test_an_attached_message_is_a_member(tmp_path: Path) -> None:
    inner, message = letter("Inner words."), letter()
    message.add_attachment(inner)
    ((member, data),) = files(tmp_path, message)
    assert member.name == "Отчёт о гавани.eml"
    assert texts(tmp_path, data)[1] == "Inner words."


def test_pictures_in_the_text_are_members_unless_tiny(tmp_path: Path) -> None:
    message = letter()
    message.add_alternative("<p>Words.</p><img src='cid:a'><img src='cid:b'>", subtype="html")
    html = message.get_payload()[1]  # type: ignore[index]
    assert isinstance(html, EmailMessage)
    html.add_related(png(200), "image", "png", cid="<a>", filename="quay.png")
    html.add_related(png(8), "image", "png", cid="<b>", filename="dot.png")
    assert [member.name for member, _ in files(tmp_path, message)] == ["quay.png"]


def test_a_signature_is_no_attachment_and_a_sealed_text_is_reported(tmp_path: Path) -> None:
    message = letter()
    message.add_attachment(b"sig", "application", "pgp-signature", filename="signature.asc")
    assert files(tmp_path, message) == []
    sealed = b"Subject: x\nContent-Type: application/pkcs7-mime; name=smime.p7m\n\nxxxx"
    assert "encrypted" in parsed(tmp_path, sealed).header.warnings[0]


def test_a_saved_web_page_is_read(tmp_path: Path) -> None:
    content = (
        b"From: <Saved by Blink>\nSubject: Harbour\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/related; type="text/html"; boundary="x"\n\n'
        b"--x\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n"
        b"<h1>Boats =E2=80=94 nets</h1>\n--x\nContent-Type: text/css\n\np {}\n--x--\n"
    )
    assert texts(tmp_path, content)[1:] == ["Boats — nets"]
    assert files(tmp_path, content) == []


def test_parts_without_end_do_not_crash(tmp_path: Path) -> None:
    content = b"Subject: x\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000)
    )
    with suppress(UnreadableDocument):
        assert texts(tmp_path, content)[0] == "Subject: x"


def test_text_without_header_lines_is_no_mail(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="no header lines"):
        parsed(tmp_path, b"Only some words of text.\n")

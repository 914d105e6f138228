"""Subtitles: words, times and speakers; markup and rolling repeats are left out."""

from pathlib import Path

import pytest

from indexer.domain import ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers import subtitles
from indexer.settings import ParserSettings

SETTINGS = ParserSettings()


def parsed(folder: Path, content: str | bytes, name: str = "talk.vtt") -> ParsedDocument:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return subtitles.parse(path, SETTINGS)


def texts(folder: Path, content: str | bytes, name: str = "talk.vtt") -> list[str]:
    return [b.text for page in parsed(folder, content, name).pages for b in page.blocks]


def cue(start: int, text: str) -> str:
    return f"\n\n00:{start:02}.000 --> 00:{start + 2:02}.500 align:left\n{text}"


def test_cues_are_joined_below_their_times_and_speakers(tmp_path: Path) -> None:
    content = (
        "WEBVTT - Гавань\nKind: captions\nLanguage: ru\n\nNOTE left out\n\nSTYLE\n::cue {}"
        + cue(1, "<v Anna>Лодки <i>выходят</i>")
        + cue(3, "<v Anna>в море &amp; ждут.</v>")
        + cue(5, "<v.loud Boris>Когда?</v>\n<v Anna>Утром.")
    )
    document = parsed(tmp_path, content)
    assert document.header.title == "Гавань"
    assert document.header.metadata == {"language": "ru"}
    assert texts(tmp_path, content) == [
        "00:00:01 – 00:00:07 Anna, Boris\n– Лодки выходят в море & ждут.\n– Когда?\n– Утром."
    ]


def test_a_long_turn_is_a_passage_of_its_speaker(tmp_path: Path) -> None:
    long = "The boats leave before the sun is up and come back with the tide. " * 4
    content = "WEBVTT" + cue(1, f"<v Anna>{long}") + cue(4, "<v Boris>Yes.") + cue(7, "<v Anna>So.")
    assert [text.split("\n")[0] for text in texts(tmp_path, content)] == [
        "00:00:01 – 00:00:03 Anna",
        "00:00:04 – 00:00:09 Boris, Anna",
    ]


def test_a_long_talk_is_cut_at_sentence_ends(tmp_path: Path) -> None:
    content = "WEBVTT" + "".join(
        cue(2 * n, "Of boats and nets and the" + (" sea." if n % 2 else "")) for n in range(28)
    )
    found = texts(tmp_path, content)
    assert len(found) == 2
    assert all(text.endswith("sea.") for text in found)


def test_subrip_is_read_in_any_encoding(tmp_path: Path) -> None:
    content = (
        "1\r\n00:00:01,600 --> 00:00:04,200\r\n"
        "<font color=red>{\\an8}Лодки выходят\r\nв море.</font>"
        "\r\n\r\n2\r\n01:00:05,900 --> 01:00:07,999\r\n- Когда?\r\n"
    ).encode("cp1251")
    assert texts(tmp_path, content, "film.srt") == [
        "00:00:01 – 00:00:04\nЛодки выходят в море.",
        "01:00:05 – 01:00:07\n- Когда?",
    ]


def test_rolling_captions_are_read_once(tmp_path: Path) -> None:
    content = (
        "WEBVTT"
        + cue(1, "the boats<00:00:01.500><c> leave</c>")
        + cue(3, "the boats leave\nbefore<00:00:03.500><c> dawn</c>")
        + cue(5, "before dawn\nand return")
    )
    assert texts(tmp_path, content) == [
        "00:00:01 – 00:00:07\nthe boats leave before dawn and return"
    ]


def test_a_file_without_cues_is_refused(tmp_path: Path) -> None:
    for content in ("WEBVTT\n", "Only words.\n\nMore words."):
        with pytest.raises(UnreadableDocument, match="no subtitles"):
            parsed(tmp_path, content)

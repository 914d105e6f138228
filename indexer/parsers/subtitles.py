"""Subtitles and transcripts (WebVTT, SubRip): what is said, when and by whom."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.domain import ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers._decode import read_text
from indexer.parsers._flow import FlowBlock, flow_document
from indexer.settings import ParserSettings

SUFFIXES = frozenset({".vtt", ".srt"})

_STAMP = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,]\d{1,3})?"
_TIMES = re.compile(rf"\s*{_STAMP}\s*-->\s*{_STAMP}")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]*)>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|</?>|<[\d:.]+>|\{\\[^}]*\}")
_LANGUAGE = re.compile(r"^Language:\s*([\w-]+)", re.M)
_SENTENCE_END = re.compile(r"[.!?…][\"'»”’)\]]*$")
# A passage is about this long, a minute of speech at most; a shorter turn does not end it.
_PASSAGE_CHARS = 500
_MAX_PASSAGE_CHARS = 900
_PASSAGE_SECONDS = 120
_LONG_TURN_CHARS = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class _Turn:
    """Words of one speaker ("" if not named) in one cue; times in seconds."""

    start: int
    end: int
    speaker: str
    text: str


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Passages of about a minute, each below a line with its times and speakers.

    Raises UnreadableDocument for binary data and for a file without cues.
    """
    text = read_text(path)
    turns = list(_turns(text))
    if not turns:
        raise UnreadableDocument(path, cause="no subtitles in it", remedy="export them again")
    first = text.lstrip("\ufeff").split("\n", 1)[0]
    is_web = first.startswith("WEBVTT")
    language = _LANGUAGE.search(text.split("-->", 1)[0])
    return flow_document(
        path,
        _passages(turns),
        settings,
        media_type="text/vtt" if is_web else "application/x-subrip",
        title=first.removeprefix("WEBVTT").strip(" \t-") if is_web else "",
        metadata={"language": language[1]} if language else {},
    )


def _turns(text: str) -> Iterator[_Turn]:
    """The cues' text without markup; lines that roll from cue to cue are taken once."""
    last_line, last_end = "", -1
    for block in re.split(r"\n[^\S\n]*\n", text):
        lines = block.strip("\n").split("\n")
        at = next((index for index, line in enumerate(lines[:3]) if _TIMES.match(line)), None)
        if at is None or lines[0].startswith("NOTE"):
            continue
        times = _TIMES.match(lines[at])
        assert times is not None
        start, end = _seconds(times.groups()[:3]), _seconds(times.groups()[3:])
        speaker = ""
        for line in lines[at + 1 :]:
            parts = _VOICE.split(line)
            for index in range(0, len(parts), 2):
                speaker = _plain(parts[index - 1]) if index else speaker
                words = _plain(parts[index])
                if words and not (words == last_line and start <= last_end):
                    yield _Turn(start=start, end=end, speaker=speaker, text=words)
                last_line = words or last_line
        last_end = end


def _seconds(stamp: Sequence[str | None]) -> int:
    hours, minutes, seconds = (int(part or 0) for part in stamp)
    return hours * 3600 + minutes * 60 + seconds


def _plain(line: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", line)).split())


def _passages(turns: Sequence[_Turn]) -> Iterator[FlowBlock]:
    passage: list[_Turn] = []
    for turn in turns:
        if passage and _ends(passage, turn):
            yield _block(passage)
            passage = []
        passage.append(turn)
    yield _block(passage)


def _ends(passage: Sequence[_Turn], following: _Turn) -> bool:
    """Whether a passage is complete before ``following``.

    It ends with a sentence where it can. Short turns stay together, for an answer alone says
    little; a long one stands by itself, so that it is plain who speaks.
    """
    length = sum(len(turn.text) + 1 for turn in passage)
    if length >= _MAX_PASSAGE_CHARS or following.end - passage[0].start > _PASSAGE_SECONDS:
        return True
    last = passage[-1]
    if following.speaker != last.speaker:
        return length >= _LONG_TURN_CHARS and len({turn.speaker for turn in passage}) == 1
    return length >= _PASSAGE_CHARS and _SENTENCE_END.search(last.text) is not None


def _block(passage: Sequence[_Turn]) -> FlowBlock:
    speakers = list(dict.fromkeys(turn.speaker for turn in passage if turn.speaker))
    times = f"{_clock(passage[0].start)} – {_clock(max(turn.end for turn in passage))}"
    lines = [f"{times} {', '.join(speakers)}".strip()]
    dash = "– " if len(speakers) > 1 else ""
    for index, turn in enumerate(passage):
        if index and turn.speaker == passage[index - 1].speaker:
            lines[-1] += f" {turn.text}"
        else:
            lines.append(dash + turn.text)
    return FlowBlock(kind="paragraph", text="\n".join(lines))


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"

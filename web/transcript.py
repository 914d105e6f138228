"""A conversation as a text to keep: Markdown with numbered sources, or the API's JSON."""

import json
import re

from retriever.domain import Answer, Citation, Transcript
from web import serialize

FORMATS = {"md": "text/markdown", "json": "application/json"}

# Words of documents stay words: they make no link, picture, list or other markup.
_MARKUP = re.compile(r"[\\`*_\[\]<>|~&@#{}$]")
_ADDRESS = re.compile(r"(?<=[a-z])(?=://)|(?<=www)(?=\.)", re.IGNORECASE)
_LIST = re.compile(r"^(?=[-+=])|^(\d+)(?=[.)])")


def text(transcript: Transcript, kind: str) -> str:
    """The conversation in one of ``FORMATS``."""
    if kind == "json":
        return json.dumps(serialize.transcript_json(transcript), ensure_ascii=False, indent=2)
    return markdown(transcript)


def markdown(transcript: Transcript) -> str:
    """Each question with its answer, and under it what the numbers in the answer point to."""
    parts = [f"# {_plain(transcript.conversation.question) or 'Conversation'}"]
    for turn in transcript.turns:
        parts.append(f"## {turn.id}. {_plain(turn.question) or 'A photo'}")
        asked = serialize.time_json(turn.asked_at)
        where = f", in {', '.join(map(_plain, turn.collections))}" if turn.collections else ""
        parts.append(f"*Asked {asked}{where}*")
        if turn.answer.searched:
            parts.append(f"*Looked for: {_plain(turn.answer.searched)}*")
        parts.append(_said(turn.answer))
        if turn.answer.citations:
            parts.append("\n".join(map(_source, turn.answer.citations)))
    return "\n\n".join(parts) + "\n"


def _said(answer: Answer) -> str:
    if answer.refused or not answer.sentences:
        return f"> {_plain(answer.text)}"
    said = []
    for sentence in answer.sentences:
        marks = "".join(rf"\[{number}\]" for number in sentence.citations)
        doubt = "" if sentence.supported else " *(not supported)*"
        said.append(f"{_plain(sentence.text)} {marks}{doubt}".rstrip())
    return "\n".join(said)


def _source(citation: Citation) -> str:
    """A line of the list of sources: number, title, page, path and quote."""
    line = f"{citation.n}. **{_plain(citation.document.title)}**, page {citation.page}"
    line += f", {_plain(citation.document.path)}"
    if citation.quote or citation.caption:
        line += f": “{_plain(citation.quote or citation.caption)}”"
    return f"{line} *(changed or gone since)*" if citation.stale else line


def _plain(words: str) -> str:
    """Words on one line that Markdown leaves as they are."""
    line = "".join(char if char.isprintable() else "\ufffd" for char in " ".join(words.split()))
    line = _MARKUP.sub(lambda match: f"\\{match[0]}", line)
    line = _ADDRESS.sub(r"\\", line)
    return _LIST.sub(lambda match: f"{match[1] or ''}\\", line)

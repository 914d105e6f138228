"""Results as text in the terminal, for people; ``--json`` prints the JSON of ``web.serialize``."""

import json
import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime

import click
from rich.control import Control
from rich.segment import ControlType
from rich.text import Text

from indexer.domain import BoundingBox
from indexer.errors import SightlineError
from indexer.pipeline import IndexReport
from retriever.discovery import Server
from retriever.domain import (
    Answer,
    AnswerEvent,
    Citation,
    ConversationList,
    Draft,
    DuplicateGroup,
    FindResult,
    Hit,
    JobStatus,
    SearchResult,
    Sentence,
    Statement,
    Transcript,
)
from web import serialize
from web.terminal import Terminal, one_line
from web.thumbnails import Thumbnails

NOTHING_FOUND = 3

out = Terminal(highlight=False, soft_wrap=True)


def print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def show_report(report: IndexReport, *, as_json: bool) -> None:
    if as_json:
        print_json(serialize.report_json(report))
        return
    before = len(report.failed_before)
    if report.missing and not report.unchanged and not report.indexed:
        out.print(
            f"no files are there now: {len(report.missing)} documents are kept; "
            "if they were deleted on purpose, use sightline remove",
            style="yellow",
        )
        return
    if not (
        report.indexed or report.removed or report.failed or report.missing or report.interrupted
    ):
        out.print(f"nothing to do: {report.unchanged} files unchanged{_as_before(before)}")
        return
    parts = [f"{len(report.indexed)} indexed", f"{report.unchanged} unchanged"]
    if report.removed:
        parts.append(f"{len(report.removed)} removed")
    if report.missing:
        parts.append(f"{len(report.missing)} missing but kept")
    parts.append(f"{len(report.failed)} not readable")
    out.print(", ".join(parts) + _as_before(before))
    for state in report.failed:
        out.print(Text(one_line(f"  {state.path}: {state.cause}; {state.remedy}"), style="yellow"))
    if report.interrupted:
        out.print("interrupted: run the same command again to go on")


def show_sync(report: IndexReport | SightlineError, *, as_json: bool) -> None:
    """One sync of a watched folder: a line of JSON, or what changed with the time."""
    if as_json:
        value = (
            {"error": str(report)}
            if isinstance(report, SightlineError)
            else serialize.report_json(report)
        )
        click.echo(json.dumps(value, ensure_ascii=False))
        return
    now = datetime.now().astimezone().strftime("%H:%M:%S")
    out.print(Text(f"{now}  ", style="dim"), end="")
    if isinstance(report, SightlineError):
        out.print(Text(str(report), style="yellow"))
    else:
        show_report(report, as_json=False)


def show_job(job: JobStatus) -> None:
    how = "stopped without finishing" if job.stalled else "indexing"
    line = f"{job.collection}: {how}, {job.done} of {job.done + job.waiting} files"
    if job.waiting:
        line += f", {job.waiting} not yet searchable"
    if job.stalled:
        line += "; run sightline index again to go on"
    elif job.current:
        line += f", now {job.current}"
    out.print(Text(line, style="yellow" if job.stalled else "cyan"))


def show_duplicates(groups: Sequence[DuplicateGroup]) -> None:
    if not groups:
        out.print("no duplicates")
    for group in groups:
        out.print(Text("identical" if group.identical else "nearly the same", style="bold"))
        for path in group.paths:
            out.print(Text(one_line(f"  {path}")))


def _as_before(count: int) -> str:
    if not count:
        return ""
    return f", {count} not readable as before (sightline status lists them, --retry tries again)"


def show_result(
    result: SearchResult,
    *,
    as_json: bool,
    filtered: bool = False,
    thumbnails: Thumbnails | None = None,
) -> int:
    if as_json:
        print_json(serialize.search_json(result))
    elif not result.hits:
        out.print("nothing found with these filters" if filtered else "nothing found")
    else:
        if result.weak:
            out.print("Nothing matches well; the nearest:", style="yellow")
        for hit in result.hits:
            _hit(hit)
            if thumbnails is not None:
                thumbnails.show(hit)
    return 0 if result.hits else NOTHING_FOUND


def show_found(result: FindResult, thumbnails: Thumbnails) -> None:
    if not result.hits:
        line = f"no {result.query} found"
        if result.nearest:
            line += f"; nearest: {', '.join(hit.document.path for hit in result.nearest)}"
        out.print(Text(one_line(line), style="yellow"))
    for hit in result.hits:
        place = _place(hit.page, hit.box, hit.document.path)
        out.print(
            Text.assemble(
                (f"{hit.rank:3}. ", "bold"),
                (f"{hit.score:.2f}  ", "cyan"),
                (one_line(hit.document.title), "bold"),
                (one_line(f"  {place}"), "dim"),
            )
        )
        thumbnails.show_place(hit)
    if result.note:
        out.print(Text(one_line(result.note), style="yellow"))


def _hit(hit: Hit) -> None:
    out.print(
        Text.assemble(
            (f"{hit.rank:3}. {one_line(hit.document.title)}", "bold"),
            (f"  {_place(hit.page, hit.box, hit.document.path)}", "dim"),
        )
    )
    text = hit.text if hit.key.kind == "chunk" else hit.caption
    if text:
        out.print(Text("     " + _shortened(text, 240)))
    notes = [f"found by {', '.join(f'{each.name} {each.rank}' for each in hit.rankings)}"]
    if hit.matched:
        notes.append(f"words {', '.join(hit.matched)}")
    if hit.more:
        notes.append(f"{hit.more} more in this document")
    if hit.recognition is not None:
        notes.append(f"read by OCR, confidence {hit.recognition.confidence:.0%}")
    if hit.duplicates:
        notes.append(f"also {', '.join(hit.duplicates)}")
    out.print(Text(f"     {'; '.join(notes)}", style="dim"))


def show_servers(servers: Sequence[Server]) -> None:
    """Servers of language models, and what to set to use them."""
    for server in servers:
        out.print(Text(f"{server.base_url} ({server.program})", style="bold"))
        for model in server.models:
            settings = serialize.server_settings(server, model)
            line = " ".join(f"{key}={shlex.quote(value)}" for key, value in settings.items())
            out.print(Text(f"  {one_line(line)}"))
        if not server.models:
            out.print("  no model is loaded there")
    if not servers:
        out.print("no server of language models answers on the usual ports of this machine")


def show_stream(events: Iterator[AnswerEvent]) -> Answer:
    """Print an answer while it comes to be; the answer."""
    draft = _DraftLine()
    for event in events:
        if isinstance(event, Draft):
            draft.add(event.text)
            continue
        draft.clear()
        if isinstance(event, Statement):
            out.print(_sentence(event.sentence))
            continue
        if event.refused or not event.sentences:
            out.print(Text(event.text, style="yellow"))
        _show_sources(event)
        return event
    raise AssertionError("a stream of answer events ends in an answer")


def show_answer(answer: Answer) -> None:
    """Print an answer that is there as a whole."""
    if answer.refused or not answer.sentences:
        out.print(Text(answer.text, style="yellow"))
    for sentence in answer.sentences:
        out.print(_sentence(sentence))
    _show_sources(answer)


def show_conversations(listing: ConversationList) -> None:
    for each in listing.conversations:
        out.print(
            Text.assemble(
                (f"{each.id}  ", "cyan"),
                (f"{_day(each.updated_at)}  {each.turns:3}  ", "dim"),
                _shortened(each.question or "(a photo)", 100),
            )
        )
    if not listing.conversations:
        out.print("no conversations")
    elif listing.total > len(listing.conversations):
        out.print(f"{len(listing.conversations)} of {listing.total}", style="dim")


def show_transcript(transcript: Transcript) -> None:
    for turn in transcript.turns:
        where = f", in {', '.join(turn.collections)}" if turn.collections else ""
        out.print(
            Text.assemble(
                (one_line(f"> {turn.question or '(a photo)'}"), "bold"),
                (one_line(f"  {_day(turn.asked_at)}{where}"), "dim"),
            )
        )
        show_answer(turn.answer)
        out.print()


def _day(seconds: float) -> str:
    """Local time of a POSIX time."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


class _DraftLine:
    """A line of words that are not yet checked, on terminals that can take it back."""

    def __init__(self) -> None:
        self._words = ""

    def add(self, text: str) -> None:
        if out.is_terminal:
            self._words += text
            line = one_line(self._words)[-(out.width - 1) :]
            out.control(Control((ControlType.CARRIAGE_RETURN,)))
            out.print(Text(line, style="dim"), end="", overflow="crop", no_wrap=True)

    def clear(self) -> None:
        if self._words:
            out.control(Control((ControlType.CARRIAGE_RETURN,), (ControlType.ERASE_IN_LINE, 2)))
            self._words = ""


def _sentence(sentence: Sentence) -> Text:
    marks = "".join(f"[{number}]" for number in sentence.citations)
    doubt = "" if sentence.supported else " (not supported by what it cites)"
    return Text.assemble(" ".join(sentence.text.split()), (f" {marks}", "cyan"), (doubt, "yellow"))


def _show_sources(answer: Answer) -> None:
    if answer.note:
        out.print(Text(answer.note, style="yellow"))
    if answer.searched:
        out.print(Text(one_line(f"looked for: {answer.searched}"), style="dim"))
    if not answer.citations:
        return
    out.print()
    for citation in answer.citations:
        out.print(
            Text.assemble(
                (f"[{citation.n}] ", "cyan"),
                (one_line(citation.document.title), "bold"),
                (f"  {_place(citation.page, citation.box, citation.document.path)}", "dim"),
                ("  changed or gone since" if citation.stale else "", "yellow"),
            )
        )
        about = _about(citation)
        if about:
            out.print(Text(f"    {about}", style="dim"))


def _about(citation: Citation) -> str:
    if citation.quote:
        quote = f"“{_shortened(citation.quote, 160)}”"
        if citation.recognition is not None:
            quote += f" (read by OCR, confidence {citation.recognition.confidence:.0%})"
        return quote
    return citation.caption or "picture"


def _place(page: int, box: BoundingBox, path: str) -> str:
    edges = ",".join(f"{edge:.2f}" for edge in box.as_tuple())
    return f"page {page}, box {edges}, {one_line(path)}"


def _shortened(text: str, length: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"

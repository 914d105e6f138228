"""Results as text in the terminal, for people; ``--json`` prints the JSON of ``web.serialize``."""

import json

import click
from rich.console import Console
from rich.text import Text

from indexer.domain import BoundingBox
from indexer.pipeline import IndexReport
from retriever.domain import Answer, Citation, Hit, SearchResult
from web import serialize

NOTHING_FOUND = 3

out = Console(highlight=False, soft_wrap=True)


def print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def show_report(report: IndexReport, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "indexed": list(report.indexed),
                "unchanged": report.unchanged,
                "removed": list(report.removed),
                "failed": [
                    {"path": state.path, "cause": state.cause, "remedy": state.remedy}
                    for state in (*report.failed, *report.failed_before)
                ],
                "interrupted": report.interrupted,
            }
        )
        return
    before = len(report.failed_before)
    if not (report.indexed or report.removed or report.failed or report.interrupted):
        out.print(f"nothing to do: {report.unchanged} files unchanged{_as_before(before)}")
        return
    parts = [f"{len(report.indexed)} indexed", f"{report.unchanged} unchanged"]
    if report.removed:
        parts.append(f"{len(report.removed)} removed")
    parts.append(f"{len(report.failed)} not readable")
    out.print(", ".join(parts) + _as_before(before))
    for state in report.failed:
        out.print(Text(f"  {state.path}: {state.cause}; {state.remedy}", style="yellow"))
    if report.interrupted:
        out.print("interrupted: run the same command again to go on")


def _as_before(count: int) -> str:
    if not count:
        return ""
    return f", {count} not readable as before (sightline status lists them, --retry tries again)"


def show_result(result: SearchResult, *, as_json: bool) -> int:
    if as_json:
        print_json(serialize.search_json(result))
    elif not result.hits:
        out.print("nothing found")
    else:
        if result.weak:
            out.print("Nothing matches well; the nearest:", style="yellow")
        for hit in result.hits:
            _hit(hit)
    return 0 if result.hits else NOTHING_FOUND


def _hit(hit: Hit) -> None:
    out.print(
        Text(f"{hit.rank:3}. ", style="bold")
        + Text(hit.document.title, style="bold")
        + Text(f"  {_place(hit.page, hit.box, hit.document.path)}", style="dim")
    )
    text = hit.text if hit.key.kind == "chunk" else hit.caption
    if text:
        out.print(Text("     " + _shortened(text, 240)))
    found_by = ", ".join(f"{entry.name} {entry.rank}" for entry in hit.rankings)
    out.print(Text(f"     found by {found_by}", style="dim"))


def show_answer(answer: Answer) -> None:
    if answer.refused:
        out.print(Text(answer.text, style="yellow"))
        return
    for sentence in answer.sentences:
        marks = "".join(f"[{number}]" for number in sentence.citations)
        out.print(Text(" ".join(sentence.text.split())) + Text(f" {marks}", style="cyan"))
    out.print()
    for citation in answer.citations:
        out.print(
            Text(f"[{citation.n}] ", style="cyan")
            + Text(citation.document.title, style="bold")
            + Text(f"  {_place(citation.page, citation.box, citation.document.path)}", style="dim")
        )
        about = _about(citation)
        if about:
            out.print(Text(f"    {about}", style="dim"))


def _about(citation: Citation) -> str:
    if citation.quote:
        return f"“{_shortened(citation.quote, 160)}”"
    return citation.caption or "picture"


def _place(page: int, box: BoundingBox, path: str) -> str:
    edges = ",".join(f"{edge:.2f}" for edge in box.as_tuple())
    return f"page {page}, box {edges}, {path}"


def _shortened(text: str, length: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"

"""What people added to a PDF page: the values of its form fields, and comments."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from statistics import median
from typing import Any

import pymupdf

from indexer.domain import Block, Span
from indexer.parsers._pdf_files import annotations
from indexer.parsers._pdf_lines import TEXT_FLAGS, Line, Rect, Sheet, around, same_row
from indexer.parsers._pdf_tables import Word

_MAX_FIELDS = 2000  # of one page
_MAX_NOTES = 500
_MAX_CHARS = 20_000  # of one value or comment
_REACH = 150.0  # points between a field and its label beside it
_REACH_ABOVE = 16.0
_FIELD_SIZE = 10.0  # points, where a field sets its text as large as fits
_MAX_LABEL = 60
_UNTOLD = re.compile(
    r"(?:text ?field|text|check ?box|radio ?button|drop ?down|combo ?box|list ?box|button|field"
    r"|group|undefined|f|c)?[\W\d_]*",
    re.I,
)
_BOXES = (pymupdf.PDF_WIDGET_TYPE_CHECKBOX, pymupdf.PDF_WIDGET_TYPE_RADIOBUTTON)
_WRITTEN = (
    pymupdf.PDF_WIDGET_TYPE_TEXT,
    pymupdf.PDF_WIDGET_TYPE_COMBOBOX,
    pymupdf.PDF_WIDGET_TYPE_LISTBOX,
)
_MARKED = (
    pymupdf.PDF_ANNOT_HIGHLIGHT,
    pymupdf.PDF_ANNOT_UNDERLINE,
    pymupdf.PDF_ANNOT_SQUIGGLY,
    pymupdf.PDF_ANNOT_STRIKE_OUT,
)
_DRAWN = (pymupdf.PDF_ANNOT_FREE_TEXT, pymupdf.PDF_ANNOT_STAMP)  # their words are on the page
_SILENT = (pymupdf.PDF_ANNOT_POPUP, pymupdf.PDF_ANNOT_FILE_ATTACHMENT)
_CHECKED = "☑"


def with_fields(page: Any, sheet: Sheet, lines: Sequence[Line]) -> list[Line]:
    """``lines`` with the value of each filled field of the page's form in its place.

    Where no text of the page stands beside a field, the field's own label leads the value.
    """
    printed = list(lines)
    filled: list[tuple[Any, Rect, list[Line]]] = []
    for widget in islice(page.widgets(), _MAX_FIELDS):
        place = Rect(*sheet.place(tuple(widget.rect)))
        if place.x1 <= 0 or place.y1 <= 0 or place.x0 >= sheet.width or place.y0 >= sheet.height:
            continue
        shown = _shown(widget, place, printed)
        printed = [line for line in printed if not any(line is other for other in shown)]
        if widget.field_type in _BOXES:
            if _is_on(widget):
                filled.append((widget, place, [_line(place, _CHECKED)]))
        elif widget.field_type in _WRITTEN and (text := _value(widget)):
            near = [line for line in printed if place.overlap(line) > 0]
            if not any(_letters(text) in _letters(line.text) for line in near):
                # A choice may be drawn by its name for programs.
                drawn = shown if widget.field_type == pymupdf.PDF_WIDGET_TYPE_TEXT else []
                filled.append((widget, place, drawn or [_line(place, text)]))
    size = median(line.size for line in printed) if printed else _FIELD_SIZE
    # All labels are found before the first of them grows by a value.
    labels = [_printed_label(widget, place, printed) for widget, place, _ in filled]
    values: list[Line] = []
    for (widget, place, own), label in zip(filled, labels, strict=True):
        for value in own:
            value.size, value.bold = min(value.size, size), False
        if not _joined(widget, place, own, label):
            values += own
    return printed + values


def checked_words(page: Any, sheet: Sheet, words: Sequence[Word]) -> list[Word]:
    """``words`` with a tick in each box that is checked, in place of the letters that draw it."""
    boxes = [
        (Rect(*sheet.place(tuple(widget.rect))), _is_on(widget))
        for widget in islice(page.widgets(), _MAX_FIELDS)
        if widget.field_type in _BOXES
    ]
    drawn = [
        word
        for word in words
        if len(word.text) < 3 and any(place.holds(word) for place, _ in boxes)
    ]
    kept = [word for word in words if not any(word is other for other in drawn)]
    return kept + [
        Word(place.x0, place.y0, place.x1, place.y1, _CHECKED) for place, on in boxes if on
    ]


def _shown(widget: Any, place: Rect, lines: Sequence[Line]) -> list[Line]:
    """The lines that are the field's own drawing of its value."""
    if widget.field_type in _BOXES:
        return [line for line in lines if len(line.text) < 3 and place.holds(line)]
    return [
        line
        for line in lines
        if place.holds(line) and line.x0 > place.x0 - 3 and line.x1 < place.x1 + 3
    ]


def _line(place: Rect, text: str) -> Line:
    """A line in the first row of a field."""
    bottom = min(place.y1, place.y0 + 2 * _FIELD_SIZE)
    return Line(place.x0, place.y0, place.x1, bottom, text, _FIELD_SIZE)


def _printed_label(widget: Any, place: Rect, lines: Sequence[Line]) -> Line | None:
    """The text of the page beside a field or above it."""
    rows = [line for line in lines if same_row(place, line)]
    if widget.field_type in _BOXES:
        after = [line for line in rows if -2 <= line.x0 - place.x1 <= _REACH]
        if after:
            return min(after, key=lambda line: line.x0)
    found = [line for line in rows if -2 <= place.x0 - line.x1 <= _REACH] or [
        line
        for line in lines
        if -2 <= place.y0 - line.y1 <= _REACH_ABOVE
        and min(place.x1, line.x1) > max(place.x0, line.x0)
    ]
    return max(found, key=lambda line: (line.y1, line.x1), default=None)


def _joined(widget: Any, place: Rect, values: Sequence[Line], printed: Line | None) -> bool:
    """Whether the value went to the end of its label's line, where that stands before it.

    A label above gets a colon. Without one on the page the value gets the field's own.
    """
    if printed is None:
        if label := _label(widget):
            first = values[0]
            is_box = widget.field_type in _BOXES
            first.text = f"{first.text} {label}" if is_box else f"{label.rstrip(':')}: {first.text}"
        return False
    if printed.x0 > place.x0 and same_row(place, printed):
        return False
    if printed.text[-1].isalnum() and len(printed.text) <= _MAX_LABEL:
        printed.text += ":"
    if not same_row(place, printed) or len(values) > 1:
        return False
    printed.text += f" {values[0].text}"
    printed.x0, printed.y0, printed.x1, printed.y1 = around((printed, values[0]))
    return True


def _value(widget: Any) -> str:
    value = widget.field_value
    texts = value if isinstance(value, list | tuple) else [value]
    # Choices may have a name for programs and one for people.
    names = {
        str(choice[0]): str(choice[1])
        for choice in widget.choice_values or ()
        if isinstance(choice, list | tuple) and len(choice) > 1
    }
    shown = [names.get(str(text), str(text)) for text in texts if text not in (None, "")]
    return _plain(", ".join(shown))


def _is_on(widget: Any) -> bool:
    return str(widget.field_value) not in {"", "None", "Off", "False"} and (
        widget.field_type == pymupdf.PDF_WIDGET_TYPE_CHECKBOX
        or str(widget.field_value) == str(widget.on_state())
    )


def _label(widget: Any) -> str:
    """The field's description, else its name where that is made of words."""
    if widget.field_label:
        return _plain(widget.field_label)[:300]
    name = re.sub(r"\[\d+\]", "", str(widget.field_name or "")).split(".")[-1]
    words = re.sub(r"(?<=[a-zа-я])(?=[A-ZА-Я])|[_\s]+", " ", name).strip()
    return "" if _UNTOLD.fullmatch(words) else words[:100]


def notes(page: Any, sheet: Sheet, texts: Sequence[str]) -> Iterator[Block]:
    """Comments on the page with the words they mark, unless ``texts``, the page's, have them."""
    known = ""
    for annotation in islice(annotations(page), _MAX_NOTES):
        kind = annotation.type[0]
        content = _plain(annotation.info.get("content", ""))
        if not content or kind in _SILENT:
            continue
        marked = _marked(page, annotation) if kind in _MARKED else ""
        if kind in _DRAWN:
            known = known or _letters("".join(texts))
            if _letters(content) in known:
                continue
        if content != marked:
            author = _plain(annotation.info.get("title", ""))[:100]
            yield _note(annotation, sheet, content, marked, author)


def _note(annotation: Any, sheet: Sheet, content: str, marked: str, author: str) -> Block:
    by = f" by {author}" if author else ""
    on = f" on “{marked}”" if marked else ""
    text = f"Comment{by}{on}: {content}"
    box = sheet.box(Rect(*sheet.place(tuple(annotation.rect))))
    return Block(kind="paragraph", text=text, spans=(Span(start=0, end=len(text), box=box),))


def _marked(page: Any, annotation: Any) -> str:
    """The words under a highlight, an underline or a line through them."""
    corners = annotation.vertices or []
    quads = [pymupdf.Quad(corners[at : at + 4]).rect for at in range(0, len(corners) - 3, 4)]
    words = [
        entry[4]
        for entry in page.get_textpage(flags=TEXT_FLAGS).extractWORDS()
        if any(
            quad.x0 <= (entry[0] + entry[2]) / 2 <= quad.x1
            and quad.y0 <= (entry[1] + entry[3]) / 2 <= quad.y1
            for quad in quads
        )
    ]
    return _plain(" ".join(words))[:1000]


def _plain(value: object) -> str:
    """One line of text that any encoding of Unicode can hold."""
    kept = "".join(char if char.isprintable() else " " for char in str(value or "")[:_MAX_CHARS])
    return " ".join(kept.encode("utf-8", "replace").decode().split())


def _letters(text: str) -> str:
    return "".join(text.split()).lower()

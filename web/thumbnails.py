"""Pictures beside results in the terminal: its graphics where it has any, or else half blocks."""

import base64
import logging
import os
import re
import sys
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any, Literal, get_args

import click
from PIL import Image
from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.segment import Segment

from retriever.domain import Hit
from web.engine import Engine
from web.terminal import Terminal

Mode = Literal["auto", "always", "never"]
_Encode = Callable[[str, Image.Image, int, int], str]
_WIDTH = 28  # columns
_HEIGHT = 8  # rows
_SIDE = 480  # pixels of the page that a place is cut out of
_INDENT = 5
_LEAST = 8  # columns; smaller pictures show nothing
_MANY_COLOURS = ("256", "truecolor")  # nobody knows a picture again in the sixteen of others

_SIXELS = "\x1bP"  # begin like this
_COLOUR = re.compile(r"#(\d+);2;\d+;\d+;\d+")
_KITTY_LENGTH = 4096  # letters of Base64 in one escape sequence

option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--thumbnails",
    type=click.Choice(get_args(Mode)),
    default="auto",
    show_default=True,
    help="Pictures beside results; auto: where the terminal can show them.",
)


class Thumbnails:
    """Prints small pictures of hits, or nothing where that cannot be."""

    def __init__(self, engine: Engine, out: Terminal, mode: Mode) -> None:
        self._engine = engine
        self._out = out
        self._draw = _renderable(out, mode)

    def show(self, hit: Hit) -> None:
        """The picture that was found; passages have none."""
        if self._draw is not None and hit.key.kind == "crop":
            self._print(_opened(self._engine.thumbnail(hit.key.id)))

    def show_place(self, hit: Hit) -> None:
        """The part of the picture that is inside the hit's box."""
        if self._draw is not None:
            page = _opened(self._engine.page_image(hit.document.id, hit.page, _SIDE))
            self._print(page.crop(hit.box.pixels(*page.size)))

    def _print(self, picture: Image.Image) -> None:
        assert self._draw is not None
        width = min(_WIDTH, self._out.width - _INDENT)
        if width < _LEAST:
            return
        wide = picture.width > picture.height
        size = {"width": width, "height": "auto"} if wide else {"width": "auto", "height": _HEIGHT}
        self._out.print(Padding(self._draw(picture, **size), (0, 0, 0, _INDENT)))


class Graphics:
    """A picture that the terminal draws over blanks, which keep its place."""

    def __init__(self, encode: _Encode, picture: Image.Image, **size: int | str) -> None:
        """``encode`` makes escape sequences of Sixels, the picture, its columns and its rows."""
        from textual_image.renderable.sixel import Image as Drawn

        self._encode = encode
        self._picture = picture
        self._drawn = Drawn(picture, **size)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns = rows = 0
        for segment in console.render(self._drawn, options):
            if segment.control and segment.text.startswith(_SIXELS):
                text = self._encode(segment.text, self._picture, columns, rows)
                yield Segment(text, control=segment.control)
                continue
            if not segment.control:
                columns = len(segment.text.rstrip("\n"))
                rows += segment.text.count("\n")
            yield segment


def sixels(text: str, _picture: Image.Image, _columns: int, _rows: int) -> str:
    """Sixels in colours that every terminal takes for what they are.

    A colour is used as soon as it is defined. To xterm, defining it does not choose it.
    """
    return _COLOUR.sub(r"\g<0>#\1", text)


def kitty(_text: str, picture: Image.Image, columns: int, rows: int) -> str:
    """The graphics of kitty, put where the cursor is; the terminal says nothing back (q=2).

    Placeholder letters, the other way, are not known to kitty before 0.28: it shows the letters.
    Source: https://sw.kovidgoyal.net/kitty/graphics-protocol/
    """
    file = BytesIO()
    picture.save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode("ascii")
    pieces = [data[start : start + _KITTY_LENGTH] for start in range(0, len(data), _KITTY_LENGTH)]
    keys = f"a=T,f=100,c={columns},r={rows},C=1,q=2,"
    parts = []
    for left, piece in zip(reversed(range(len(pieces))), pieces, strict=True):
        parts.append(f"\x1b_G{keys}m={int(left > 0)};{piece}\x1b\\")
        keys = "q=2,"
    return "".join(parts)


def _opened(jpeg: bytes) -> Image.Image:
    return Image.open(BytesIO(jpeg), formats=("JPEG",))


def _renderable(out: Terminal, mode: Mode) -> Callable[..., Any] | None:
    """What draws a picture; None where none is wanted, or would be readable."""
    if mode == "never":
        return None
    asked = out.is_terminal and sys.stdin is not None and sys.stdin.isatty()
    if mode == "auto" and not (asked and out.color_system and not out.no_color):
        return None
    if out.is_terminal and not (asked and _has_a_size()):
        return None  # the terminal could not answer what it can show
    # A terminal that does not tell the size of its letters is no news.
    logging.getLogger("textual_image").setLevel(logging.ERROR)
    # On a terminal, importing this asks it what it can show.
    from textual_image import renderable

    if renderable.Image is renderable.SixelImage:
        return partial(Graphics, sixels)
    if renderable.Image is renderable.TGPImage:
        return partial(Graphics, kitty)
    if mode == "auto" and out.color_system not in _MANY_COLOURS:
        return None
    blocks: Callable[..., Any] = renderable.Image
    return blocks


def _has_a_size() -> bool:
    """Whether standard output is a terminal that knows how large it is; not all do."""
    try:
        return 0 not in os.get_terminal_size(sys.stdout.fileno())
    except (OSError, ValueError):
        return False

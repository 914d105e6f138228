"""Pictures beside results in the terminal: its graphics where it has any, or else half blocks."""

import logging
import os
import sys
from collections.abc import Callable
from io import BytesIO
from typing import Any, Literal, get_args

import click
from PIL import Image
from rich.padding import Padding

from retriever.domain import Hit
from web.engine import Engine
from web.terminal import Terminal

Mode = Literal["auto", "always", "never"]
_WIDTH = 28  # columns
_HEIGHT = 8  # rows
_SIDE = 480  # pixels of the page that a place is cut out of
_INDENT = 5

option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--thumbnails",
    type=click.Choice(get_args(Mode)),
    default="auto",
    show_default=True,
    help="Pictures beside results, where the terminal can show them.",
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
        wide = picture.width > picture.height
        size = {"width": _WIDTH, "height": "auto"} if wide else {"width": "auto", "height": _HEIGHT}
        self._out.print(Padding(self._draw(picture, **size), (0, 0, 0, _INDENT)))


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
    from textual_image.renderable import Image as Drawn

    draw: Callable[..., Any] = Drawn
    return draw


def _has_a_size() -> bool:
    """Whether standard output is a terminal that knows how large it is; not all do."""
    try:
        return 0 not in os.get_terminal_size(sys.stdout.fileno())
    except (OSError, ValueError):
        return False

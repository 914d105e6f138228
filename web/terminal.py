"""The terminal as a place for words that others have written."""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

# A terminal obeys these characters: they may recolour it, retitle it, or write over what was said.
_OBEYED = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)], "\N{REPLACEMENT CHARACTER}")


class Terminal(Console):
    """A console on which file names and documents are only ever shown, never obeyed."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(segment.text.translate(_OBEYED), segment.style)


def one_line(text: str) -> str:
    """``text`` without line breaks: names of files may have them."""
    return " ".join(text.splitlines())

"""A PowerPoint presentation of two slides for the contract suite."""

from pathlib import Path

from pptx import Presentation

SUFFIX = ".pptx"


def make(path: Path) -> None:
    show = Presentation()
    for title, text in (("Harbour", "Заметка"), ("Second", "seven lanterns " * 20)):
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = text
    show.save(path)

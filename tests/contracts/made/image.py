"""A PNG for the contract suite."""

from pathlib import Path

from PIL import Image, ImageDraw

SUFFIX = ".png"
HAS_TEXT = False


def make(path: Path) -> None:
    image = Image.new("RGB", (320, 200), "white")
    ImageDraw.Draw(image).rectangle((20, 20, 100, 100), fill="red")
    image.save(path, format="PNG")

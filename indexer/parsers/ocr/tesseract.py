"""Tesseract, the program: one process per picture, which goes in and comes out through pipes."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

from PIL import Image

from indexer.domain import BoundingBox
from indexer.errors import OcrUnavailable
from indexer.parsers.ocr import OcrEngine, Sighting, Word
from indexer.parsers.ocr._scripts import in_one_script
from indexer.settings import ParserSettings

# The parser's process has no PATH of the user's.
_FOLDERS = (
    "/usr/bin:/usr/local/bin:/opt/homebrew/bin:/opt/local/bin:/snap/bin"
    if Path("/").anchor == "/"
    else r"C:\Program Files\Tesseract-OCR;C:\Program Files (x86)\Tesseract-OCR"
)
# Its threads slow it down, more so beside other processes.
_ENVIRONMENT = {"OMP_THREAD_LIMIT": "1", "LC_ALL": "C"}
_REMEDY = (
    "apt install tesseract-ocr tesseract-ocr-rus, or brew install tesseract tesseract-lang, "
    "or set SIGHTLINE_PARSER_OCR_ENGINE=rapidocr"
)
_ASKING_SECONDS = 10.0
_WORD_LEVEL = "5"
_COLUMNS = 12


def build(settings: ParserSettings) -> OcrEngine:
    """Tesseract for ``settings.ocr_languages``; asked by its name, it does without some of them.

    Raises OcrUnavailable where the program is missing, or all of the languages, or for ``auto``
    any of them.
    """
    found = program()
    if found is None:
        raise OcrUnavailable("tesseract", cause="not installed", remedy=_REMEDY)
    installed = installed_languages(found)
    wanted = settings.ocr_languages.split("+")
    usable = [language for language in wanted if language in installed]
    if not usable or (settings.ocr_engine == "auto" and len(usable) < len(wanted)):
        missing = ", ".join(language for language in wanted if language not in installed)
        raise OcrUnavailable("tesseract", cause=f"it lacks {missing}", remedy=_REMEDY)
    return Tesseract(found, tuple(usable))


def program() -> str | None:
    """Where Tesseract is, None if it is not installed."""
    return shutil.which("tesseract", path=_FOLDERS)


class Tesseract:
    """Reads with ``languages`` at once; letters of two scripts in one word are put right after."""

    def __init__(self, program: str, languages: tuple[str, ...]) -> None:
        self._program = program
        self._languages = "+".join(languages)
        self.name = f"tesseract {self._languages}"
        self.reads_cyrillic = "rus" in languages

    def read(self, picture: Image.Image, seconds: float) -> Sighting:
        """See OcrEngine. Nothing of a picture that is not finished in time."""
        grey = picture.convert("L")
        width, height = grey.size
        try:
            result = subprocess.run(
                [
                    self._program,
                    *("stdin", "stdout", "-l", self._languages, "--dpi", "300", "--psm", "3"),
                    *("-c", "tessedit_create_tsv=1"),
                ],
                input=b"P5\n%d %d\n255\n" % (width, height) + grey.tobytes(),
                capture_output=True,
                timeout=seconds,
                check=True,
                env=_ENVIRONMENT,
            )
        except subprocess.TimeoutExpired:
            return Sighting(late=True)
        except (OSError, subprocess.CalledProcessError) as exc:
            raise OcrUnavailable(
                "tesseract", cause=f"it failed ({_reason(exc)})", remedy=_REMEDY
            ) from exc
        return _sighting(result.stdout.decode("utf-8", "replace"), width, height)


def _sighting(table: str, width: int, height: int) -> Sighting:
    """Words of Tesseract's table: level, four numbers of place, box, confidence, text."""
    found: list[tuple[str, BoundingBox, float]] = []
    lines = set()
    for row in table.splitlines():
        cells = row.split("\t", _COLUMNS - 1)
        text = cells[-1].strip()
        if len(cells) < _COLUMNS or cells[0] != _WORD_LEVEL or not text:
            continue
        x, y, w, h = map(int, cells[6:10])
        box = BoundingBox.clamped(x / width, y / height, (x + w) / width, (y + h) / height)
        found.append((text, box, min(1.0, max(0.0, float(cells[10]) / 100))))
        lines.add(tuple(cells[1:5]))
    texts = in_one_script([text for text, _, _ in found])
    words = tuple(
        Word(text=text, box=box, confidence=confidence)
        for text, (_, box, confidence) in zip(texts, found, strict=True)
    )
    return Sighting(words=words, lines=len(lines))


@cache
def installed_languages(program: str) -> frozenset[str]:
    """The languages that ``program`` has data for. OcrUnavailable where it does not start."""
    try:
        answer = subprocess.run(
            [program, "--list-langs"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_ASKING_SECONDS,
            check=True,
            env=_ENVIRONMENT,
        )
    except (OSError, subprocess.SubprocessError) as exc:
        raise OcrUnavailable(
            "tesseract", cause=f"it does not start ({_reason(exc)})", remedy=_REMEDY
        ) from exc
    return frozenset(
        line.strip() for line in answer.stdout.decode("utf-8", "replace").splitlines()[1:]
    )


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        said: bytes = error.stderr or b""
        return " ".join(said.decode("utf-8", "replace").split())[-160:] or str(error.returncode)
    return type(error).__name__

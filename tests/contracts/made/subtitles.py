"""Subtitles for the contract suite."""

from pathlib import Path

SUFFIX = ".vtt"


def make(path: Path) -> None:
    cues = [f"<v Anna>Заметка {n}: seven lanterns shine over the Harbour." for n in range(30)]
    path.write_text(
        "WEBVTT\n\n"
        + "\n\n".join(
            f"00:{n:02}:10.000 --> 00:{n:02}:15.000\n{cue}" for n, cue in enumerate(cues)
        ),
        encoding="utf-8",
    )

"""Names of attached and embedded files."""

import re

from indexer.parsers._members import clean_name

_MAX_STEM = 120


def file_name(wanted: str, suffix: str) -> str:
    """``wanted`` as a file's name without folders, or "" if nothing is left of it.

    A name without a suffix gets ``suffix``.
    """
    base = re.split(r"[\\/]", wanted)[-1].replace(":", "_").strip(" .")
    if not base:
        return ""
    stem, dot, ending = base.rpartition(".")
    if not dot or not ending.isalnum() or len(ending) > 10:
        stem, ending = base, suffix.lstrip(".")
    return clean_name(f"{stem[:_MAX_STEM].strip()}.{ending}".strip("."))

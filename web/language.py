"""The language of a request, which its cookie chooses or else its header."""

from flask import g, request

from web.said import in_russian
from web.texts import LANGUAGES, Texts

COOKIE = "sightline-language"


def texts() -> Texts:
    """The texts of the current request."""
    if "texts" not in g:
        chosen = request.cookies.get(COOKIE)
        g.texts = (
            Texts(chosen) if chosen in LANGUAGES else Texts.for_header(request.accept_languages)
        )
    found: Texts = g.texts
    return found


def said(text: str) -> str:
    """A message of indexing, models or requests, in the language of the current request."""
    return in_russian(text) if texts().language == "ru" else text

"""Addresses of the n-th hit of a search: each leads on to the page that the hit is on."""

from http import HTTPStatus

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from indexer.errors import InvalidInput
from web import results
from web.engine import Engine
from web.results import MAX_HITS, Found
from web.settings import WebSettings


def build_walking(engine: Engine, settings: WebSettings) -> Blueprint:
    walking = Blueprint("walking", __name__)

    @walking.get("/search/hits/<int:number>")
    def search_hit(number: int) -> BaseResponse:
        return _lead(results.search(engine, settings, at_least=_checked(number)), number)

    @walking.get("/similar/hits/<int:number>")
    def similar_hit(number: int) -> BaseResponse:
        return _lead(results.similar(engine, settings, at_least=_checked(number)), number)

    return walking


def _checked(number: int) -> int:
    if not 1 <= number <= MAX_HITS:
        raise InvalidInput("hit", cause=f"{number} is out of range", remedy=f"use 1 to {MAX_HITS}")
    return number


def _lead(found: Found, number: int) -> BaseResponse:
    """To the hit, or back to the list that has no such one."""
    hits = found.result["hits"] if found.result else []
    page = request.path.partition("/hits/")[0]
    listed = f"{page}?{request.query_string.decode()}"
    return redirect(
        hits[number - 1]["url"] if number <= len(hits) else listed, HTTPStatus.SEE_OTHER
    )

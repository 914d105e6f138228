"""Pictures of pages and crops, and the originals as attachments."""

import hashlib

from flask import Blueprint, Response, request, send_file
from werkzeug.wrappers import Response as BaseResponse

from web import forms, links
from web.engine import Engine

# A few sizes only, so that a renderer's cache holds and no request asks for a huge raster.
PAGE_SIDES = (240, links.CARD_IMAGE_SIDE, 960, links.PAGE_IMAGE_SIDE, 2000, 2800, 4000)


def build_media(engine: Engine) -> Blueprint:
    media = Blueprint("media", __name__)

    @media.get("/thumbnails/<int:crop_id>.jpg")
    def thumbnail(crop_id: int) -> BaseResponse:
        return _jpeg(engine.thumbnail(crop_id))

    @media.get("/documents/<document_id>/pages/<int:number>.jpg")
    def page_image(document_id: str, number: int) -> BaseResponse:
        wanted = forms.integer("size", links.PAGE_IMAGE_SIDE, low=1, high=100_000)
        side = next((side for side in PAGE_SIDES if side >= wanted), PAGE_SIDES[-1])
        return _jpeg(engine.page_image(document_id, number, side))

    @media.get("/documents/<document_id>/original")
    def original(document_id: str) -> BaseResponse:
        document = engine.document(document_id).ref
        # Never shown inline: an HTML or SVG original would run with our origin.
        response = send_file(
            engine.original(document_id),
            mimetype="application/octet-stream",
            as_attachment=True,
            download_name=document.path.replace("\\", "/").rsplit("/", 1)[-1] or "document",
            etag=False,
            conditional=True,
        )
        response.set_etag(document_id)
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response.make_conditional(request)

    return media


def _jpeg(data: bytes) -> BaseResponse:
    """A private image that browsers ask about again, since crop ids can be reused."""
    response = Response(data, mimetype="image/jpeg")
    response.set_etag(hashlib.sha256(data).hexdigest()[:32])
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)

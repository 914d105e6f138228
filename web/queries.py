"""From a request's fields to a Query, taking the photo from an upload or from an indexed crop."""

from dataclasses import dataclass

from indexer.domain import BoundingBox, ItemKind
from indexer.errors import InvalidInput
from retriever.domain import Example, Query, check_weight
from web import forms, links
from web.engine import Engine
from web.serialize import Json, box_json
from web.settings import WebSettings

# As large as the photos that encoders are given.
_QUERY_IMAGE_SIDE = 1024
_FINE_IMAGE_SIDE = 2000  # one of the sizes that pages are shown in
_SMALL_PART = 0.4  # of a page's side


@dataclass(frozen=True, kw_only=True)
class PictureSource:
    """The picture a search starts from: an indexed crop, or ``box`` of a page that is shown."""

    crop_id: int | None
    document_id: str
    page: int
    box: BoundingBox

    @property
    def fields(self) -> Json:
        """The fields of an address that starts from it."""
        if self.crop_id is not None:
            named: Json = {"crop": self.crop_id}
        else:
            named = {"document": self.document_id, "page": self.page}
        return named | {"box": links.box_text(self.box)}

    def json(self) -> Json:
        return {
            "fields": self.fields,
            "box": box_json(self.box),
            "image": links.page_image(self.document_id, self.page, links.CARD_IMAGE_SIDE * 2),
            "url": links.page_view(self.document_id, self.page, self.box, kind="crop"),
        }


def similar_query(
    engine: Engine,
    settings: WebSettings,
    *,
    kind: ItemKind | None = None,
    limit: int = 10,
    words_suffice: bool = False,
) -> tuple[Query, PictureSource | None]:
    """The query of ``image``, ``crop`` or ``document`` and ``page``, and of the other fields.

    These are ``box``, ``like``, ``unlike``, ``text``, ``without``, the weights, ``collection``, the
    filters and ``k``. A box sent with a crop is in fractions of the whole page and replaces the
    crop's own. InvalidInput when there is neither a photo nor an indexed picture, nor words where
    these suffice.
    """
    source: PictureSource | None = None
    images = forms.photos("image", settings)
    image = images[0] if images else None
    box = forms.box()
    if image is None:
        source = _source(engine, box)
    if source is not None:
        image = engine.page_image(source.document_id, source.page, _raster_side(source.box))
        box = source.box
    examples = (
        *(Example(image=data) for data in images[1:]),
        *(Example(crop=number) for number in forms.crop_ids("like")),
        *_unlike(settings),
    )
    text = forms.words("text", "q")
    suffices = words_suffice and text
    if image is None and not suffices and not any(example.weight > 0 for example in examples):
        raise InvalidInput("photo", cause="none was sent", remedy="choose a photo to search by")
    query = Query(
        text=text,
        image=image,
        box=box if image is not None else None,
        examples=examples,
        without=forms.words("without"),
        text_weight=forms.weight("text_weight"),
        without_weight=forms.weight("without_weight"),
        kind=kind,
        collections=forms.collections(),
        filters=forms.filters(),
        limit=forms.limit(limit),
    )
    return query, source


def _source(engine: Engine, box: BoundingBox | None) -> PictureSource | None:
    if forms.words("crop"):
        crop_id = forms.integer("crop", 0, low=1, high=2**63 - 1)
        document_id, page, place = engine.crop_source(crop_id)
        return PictureSource(crop_id=crop_id, document_id=document_id, page=page, box=box or place)
    if document_id := forms.words("document"):
        return PictureSource(
            crop_id=None,
            document_id=document_id,
            page=forms.integer("page", 1, low=1),
            box=box or BoundingBox.whole(),
        )
    return None


def _raster_side(box: BoundingBox) -> int:
    """Pixels of the page's longer side, so that also a small part of it shows something."""
    small = max(box.x1 - box.x0, box.y1 - box.y0) < _SMALL_PART
    return _FINE_IMAGE_SIDE if small else _QUERY_IMAGE_SIDE


def _unlike(settings: WebSettings) -> list[Example]:
    """What results should not be like: uploaded ``unlike`` files and ids of indexed pictures."""
    weight = -check_weight("unlike_weight", forms.weight("unlike_weight"))
    return [
        *(Example(image=data, weight=weight) for data in forms.photos("unlike", settings)),
        *(Example(crop=number, weight=weight) for number in forms.crop_ids("unlike")),
    ]

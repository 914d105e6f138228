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


@dataclass(frozen=True, kw_only=True)
class CropSource:
    """The indexed region a search starts from."""

    crop_id: int
    document_id: str
    page: int
    box: BoundingBox

    def json(self) -> Json:
        return {
            "crop": self.crop_id,
            "document_id": self.document_id,
            "page": self.page,
            "box": box_json(self.box),
            "image": links.page_image(self.document_id, self.page, links.CARD_IMAGE_SIDE * 2),
            "url": links.page_view(self.document_id, self.page, self.box, kind="crop"),
        }


def similar_query(
    engine: Engine, settings: WebSettings, *, kind: ItemKind | None = None, limit: int = 10
) -> tuple[Query, CropSource | None]:
    """The query of ``image`` or ``crop``, ``box``, ``text``, ``collection``, filters and ``k``.

    A box sent with a crop is in fractions of the whole page and replaces the crop's own.
    InvalidInput when there is neither a photo nor a crop.
    """
    source: CropSource | None = None
    images = forms.photos("image", settings)
    image = images[0] if images else None
    box = forms.box()
    if image is None and forms.words("crop"):
        crop_id = forms.integer("crop", 0, low=1, high=2**63 - 1)
        document_id, page, place = engine.crop_source(crop_id)
        source = CropSource(crop_id=crop_id, document_id=document_id, page=page, box=box or place)
        image = engine.page_image(document_id, page, _QUERY_IMAGE_SIDE)
        box = source.box
    examples = (
        *(Example(image=data) for data in images[1:]),
        *(Example(crop=number) for number in forms.crop_ids("like")),
        *_unlike(settings),
    )
    if image is None and not any(example.weight > 0 for example in examples):
        raise InvalidInput("photo", cause="none was sent", remedy="choose a photo to search by")
    query = Query(
        text=forms.words("text", "q"),
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


def _unlike(settings: WebSettings) -> list[Example]:
    """What results should not be like: uploaded ``unlike`` files and ids of indexed pictures."""
    weight = -check_weight("unlike_weight", forms.weight("unlike_weight"))
    return [
        *(Example(image=data, weight=weight) for data in forms.photos("unlike", settings)),
        *(Example(crop=number, weight=weight) for number in forms.crop_ids("unlike")),
    ]

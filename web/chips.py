"""What narrows a search, one removable piece at a time. Pure."""

from collections.abc import Mapping, Sequence

from web.links import with_fields
from web.serialize import Json
from web.texts import Texts


def filter_chips(
    texts: Texts,
    address: str,
    fields: Mapping[str, object],
    collections: Sequence[str],
    filters: Mapping[str, Sequence[str]],
) -> list[Json]:
    """Each collection and filter value with its ``label``, and the ``url`` that is without it.

    ``fields`` are what else the address holds.
    """
    given = {**({"collection": tuple(collections)} if collections else {}), **filters}
    chips = []
    for name, values in given.items():
        for place, value in enumerate(values):
            rest = {**given, name: (*values[:place], *values[place + 1 :])}
            chips.append(
                {
                    "name": name,
                    "value": value,
                    "label": _label(texts, name, value),
                    "url": with_fields(address, **{**fields, **rest}),
                }
            )
    return chips


def _label(texts: Texts, name: str, value: str) -> str:
    called = texts("collection" if name == "collection" else f"filter_{name}")
    return f"{called}: {texts.get(f'filter_{name}_{value.lower()}') or value}"

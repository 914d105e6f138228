"""Photos that are nearly the same: perceptual hashes that agree, confirmed by embeddings."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from indexer.store.catalog import Catalog
from indexer.store.records import Collection

# Of 64 bits. Re-saved, scaled and lightly edited copies differ in a few; other photos in about 32.
MAX_DISTANCE = 10
MIN_COSINE = 0.9
_COMPARISONS = 4_000_000  # at once: bounds memory


def picture_hash(image: Image) -> int:
    """The perceptual hash of a picture as a signed 64-bit number, which SQLite can hold.

    Source: the DCT hash of Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash
    Functions", as in the package ImageHash.
    """
    import imagehash

    bits = np.packbits(imagehash.phash(image).hash.reshape(-1))
    return int(np.frombuffer(bits.tobytes(), ">i8")[0])


def near_pairs(hashes: Sequence[int], max_distance: int = MAX_DISTANCE) -> NDArray[np.int64]:
    """Index pairs (i < j) whose hashes differ in at most ``max_distance`` bits: shape (n, 2)."""
    values = np.array(hashes, np.int64).view(np.uint64)
    found = [np.empty((0, 2), np.int64)]
    step = max(1, _COMPARISONS // max(1, len(values)))
    for start in range(0, len(values), step):
        part = values[start : start + step]
        differing = np.bitwise_count(part[:, None] ^ values[None, start:])
        rows, columns = np.nonzero(differing <= max_distance)
        later = columns > rows
        found.append(np.stack([rows[later], columns[later]], axis=1) + start)
    return np.concatenate(found)


def group_photos(catalog: Catalog, collection: Collection) -> None:
    """Group the collection's near-duplicate photos anew; cheap when there are none."""
    photos = catalog.photos(collection)
    pairs = near_pairs([photo.picture_hash for photo in photos])
    leader = {photo.document_id: photo.document_id for photo in photos}

    def root(document: int) -> int:
        while leader[document] != document:
            document = leader[document]
        return document

    if len(pairs):
        involved = sorted({int(index) for index in pairs.ravel()})
        crop_ids = [photos[index].crop_id for index in involved]
        ids, vectors = catalog.vectors(collection.image_space, "crop", crop_ids)
        vector_of = dict(zip(ids.tolist(), vectors, strict=True))
        for first, second in pairs.tolist():
            one, other = photos[first], photos[second]
            if float(vector_of[one.crop_id] @ vector_of[other.crop_id]) >= MIN_COSINE:
                low, high = sorted((root(one.document_id), root(other.document_id)))
                leader[high] = low
    roots = {document: root(document) for document in leader}
    sizes: dict[int, int] = {}
    for group in roots.values():
        sizes[group] = sizes.get(group, 0) + 1
    catalog.set_groups(
        collection, {document: group for document, group in roots.items() if sizes[group] > 1}
    )

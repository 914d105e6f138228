"""The encoders whose weights come with Sightline's dependencies: nothing to download."""

from indexer.encoders._conse import PackagedClipEncoder
from indexer.encoders._passages import PackagedTextEncoder
from indexer.settings import EncoderSettings


def build_text(name: str, settings: EncoderSettings) -> PackagedTextEncoder:  # noqa: ARG001
    """bge-small-en, int8. There is only one, so ``name`` is ignored."""
    return PackagedTextEncoder(settings)


def build_clip(name: str, settings: EncoderSettings) -> PackagedClipEncoder:  # noqa: ARG001
    """EfficientNet-Lite2 aligned with a text encoder. There is only one: ``name`` is ignored."""
    return PackagedClipEncoder(settings)

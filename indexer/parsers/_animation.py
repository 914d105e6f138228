"""The few frames of an animation that show what is in it."""

from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from indexer.parsers._raster import DAMAGE, check_pixels, to_rgb
from indexer.settings import ParserSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_FRAMES = 6
_SIDE = 24  # pixels of the squares that frames are compared in
# Mean difference of all channels, as a share of their range, that makes a frame a new picture.
_CLEARLY_DIFFERENT = 0.07
_MAX_FRAMES = 1000
_PIXEL_BUDGET = 4  # times settings.max_pixels, of all frames together


def distinct_frames(
    path: Path, image: Image.Image, settings: ParserSettings
) -> tuple[list[int], tuple[str, ...]]:
    """The frame that ``image`` stands at, then up to five others in order, and warnings.

    Each next one is the frame most unlike all those before it (farthest-point sampling,
    Gonzalez 1985), as long as it is clearly different. Decodes every frame within a budget of
    pixels; frames after a damaged one are left out.
    """
    import numpy as np

    first = image.tell()
    budget = _PIXEL_BUDGET * settings.max_pixels // max(1, image.width * image.height)
    limit = max(1, min(_MAX_FRAMES, budget))
    frames = [first, *(index for index in range(limit) if index != first)]
    small: list[NDArray[np.float64]] = []
    warnings: tuple[str, ...] = ()
    for index in frames:
        try:
            image.seek(index)
            check_pixels(path, *image.size, settings)
            small.append(_small(image))
        except EOFError:
            break
        except DAMAGE:
            if not small:
                raise
            warnings = (f"frames of the animation after the first {len(small)} are damaged",)
            break
    else:
        warnings = (f"only the first {limit} frames of the animation are looked at",)
    pictures = np.stack(small)
    chosen = [0]
    unlike = _difference(pictures, pictures[0])
    while len(chosen) < MOST_FRAMES and unlike.max() > _CLEARLY_DIFFERENT:
        chosen.append(int(unlike.argmax()))
        unlike = np.minimum(unlike, _difference(pictures, pictures[chosen[-1]]))
    return [first, *sorted(frames[index] for index in chosen[1:])], warnings


def _small(image: Image.Image) -> "NDArray[np.float64]":
    import numpy as np

    square = to_rgb(image).resize((_SIDE, _SIDE), Image.Resampling.BOX)
    return np.asarray(square, dtype=np.float64) / 255


def _difference(
    pictures: "NDArray[np.float64]", picture: "NDArray[np.float64]"
) -> "NDArray[np.float64]":
    import numpy as np

    return np.asarray(np.abs(pictures - picture).mean(axis=(1, 2, 3)))

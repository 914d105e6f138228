"""The colours of a picture in words, English and Russian."""

from functools import cache
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SIDE = 48  # pixels of the square that the colours are counted in
_MOST = 3
_LEAST_SHARE = 0.06  # of the picture, for the second and third colour
# A vivid thing is seen before a larger grey one: each pixel counts 1 + chroma / _VIVID.
_VIVID = 20.0

_NAMES: dict[str, tuple[str, str]] = {  # English: Russian, examples in sRGB
    "black": ("чёрный", "0f0f0f 1e1e1e"),
    "dark grey": ("тёмно-серый", "404040 555555"),
    "grey": ("серый", "808080 939393"),
    "light grey": ("светло-серый", "b4b4b4 cccccc"),
    "white": ("белый", "ffffff efefef"),
    "red": ("красный", "d7141e e63232 c8281e ff0000 c81432 b41428 a5191e"),
    "dark red": ("тёмно-красный", "8b0000 6e141e"),
    "pink": ("розовый", "f5a0be f0c8d2 e6508c ff00ff"),
    "orange": ("оранжевый", "f58220 e66e14 ffa040 c85a32 d2693c"),
    "brown": ("коричневый", "8b5a2b 965a32 785032"),
    "dark brown": ("тёмно-коричневый", "4b2d14 3c2819"),
    "beige": ("бежевый", "e1cdaa c8b48c d2b48c f0e6d2"),
    "yellow": ("жёлтый", "fadc1e f0e650 e6be1e ffff00 dcaa28 c89614"),
    "olive": ("оливковый", "808000 6b6b2f 8c8c50"),
    "green": ("зелёный", "1e8c32 3ca03c 5a9632 00c800"),
    "dark green": ("тёмно-зелёный", "0a4614 1e3c1e 2d4b1e"),
    "light green": ("светло-зелёный", "90dc78 b4e6aa a0d24b 00ff00 96b432 b4c846"),
    "turquoise": ("бирюзовый", "28b4aa 40d0c8 148c8c 00ffff"),
    "light blue": ("голубой", "87beeb aad2f0 64a5e1"),
    "blue": ("синий", "1e46be 3264c8 2850a0 0000ff"),
    "dark blue": ("тёмно-синий", "0f1e50 141946 1e2d5a 000080"),
    "purple": ("фиолетовый", "6e288c 5a2878 783cb4"),
    "lilac": ("сиреневый", "c8a2c8 b496d2 a078be"),
}


def colours(picture: Image.Image) -> tuple[list[str], list[str]]:
    """One to three dominant colours of an RGB picture, the first the most: English, Russian.

    Every pixel takes the name of the nearest example in CIELAB (CIE 1976). Shades of one colour
    are counted together and told by the commonest of them.
    """
    import numpy as np

    # No averaging: a thin red thing on white is not pink.
    small = picture.resize((_SIDE, _SIDE), Image.Resampling.NEAREST)
    pixels = _lab(np.asarray(small, dtype=np.float64).reshape(-1, 3))
    examples, owners = _examples()
    nearest = owners[((pixels[:, None] - examples) ** 2).sum(axis=2).argmin(axis=1)]
    weights = 1 + np.hypot(pixels[:, 1], pixels[:, 2]) / _VIVID
    counts = np.bincount(nearest, weights, len(_NAMES)) / weights.sum()
    shades: dict[str, dict[str, float]] = {}
    for name, share in zip(_NAMES, counts.tolist(), strict=True):
        shades.setdefault(name.split(" ")[-1], {})[name] = share
    families = sorted(shades.values(), key=lambda shade: -sum(shade.values()))[:_MOST]
    chosen = [
        max(shade, key=shade.__getitem__)
        for shade in families
        if shade is families[0] or sum(shade.values()) > _LEAST_SHARE
    ]
    return chosen, [_NAMES[name][0] for name in chosen]


@cache
def _examples() -> "tuple[NDArray[np.float64], NDArray[np.int64]]":
    import numpy as np

    groups = [
        [tuple(bytes.fromhex(example)) for example in examples.split()]
        for _, examples in _NAMES.values()
    ]
    owners = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    rgb = np.array([example for group in groups for example in group], dtype=np.float64)
    return _lab(rgb), owners


def _lab(rgb: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Rows of sRGB, 0 to 255, in CIELAB under D65."""
    import numpy as np

    share = rgb / 255
    linear = np.where(share > 0.04045, ((share + 0.055) / 1.055) ** 2.4, share / 12.92)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = linear @ to_xyz.T / np.array([0.9505, 1.0, 1.089])
    bent = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = bent[:, 0], bent[:, 1], bent[:, 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)

"""Photos come out upright, opaque, scaled and without the place where they were taken."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from indexer.domain import BoundingBox, Page, Raster
from indexer.errors import LimitExceeded, UnreadableDocument
from indexer.parsers import image as parser
from indexer.settings import ParserSettings

SETTINGS = ParserSettings(raster_side=256)
ORIENTATION, DESCRIPTION, MAKE, MODEL, GPS = 0x0112, 0x010E, 0x010F, 0x0110, 0x8825
# What turns the upright picture into the stored one, by the orientation that undoes it.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def only_page(path: Path) -> Page:
    (page,) = parser.parse(path, SETTINGS).pages
    return page


def opened(raster: Raster | None) -> Image.Image:
    assert raster is not None
    picture = Image.open(BytesIO(raster.jpeg))
    assert picture.size == (raster.width, raster.height)
    assert picture.mode == "RGB"
    return picture


def near(colour: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(a - b) < 12 for a, b in zip(colour, wanted, strict=True))


def quarters() -> Image.Image:
    """Red, green over blue, black; wider than high."""
    picture = Image.new("RGB", (120, 80), "red")
    picture.paste((0, 128, 0), (60, 0, 120, 40))
    picture.paste("blue", (0, 40, 60, 80))
    picture.paste("black", (60, 40, 120, 80))
    return picture


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
@pytest.mark.parametrize("orientation", sorted(STORED))
def test_every_orientation_shows_the_same_upright_picture(
    tmp_path: Path, orientation: int, suffix: str
) -> None:
    method = STORED[orientation]
    picture = quarters() if method is None else quarters().transpose(method)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    path = tmp_path / f"photo{suffix}"
    picture.save(path, exif=exif)
    page = only_page(path)
    assert (page.width, page.height) == (120, 80)
    shown = opened(page.raster)
    assert near(shown.getpixel((10, 10)), (255, 0, 0))
    assert near(shown.getpixel((110, 10)), (0, 128, 0))
    assert near(shown.getpixel((10, 70)), (0, 0, 255))
    assert near(shown.getpixel((110, 70)), (0, 0, 0))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_turns_white(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "clear.png"
    if mode == "P":
        picture = Image.new("P", (40, 40), 0)
        picture.putpalette([0, 0, 0, 200, 0, 0])
        picture.save(path, transparency=0)
    else:
        Image.new(mode, (40, 40)).save(path)
    assert near(opened(only_page(path).raster).getpixel((20, 20)), (255, 255, 255))


def test_half_transparency_mixes_with_white(tmp_path: Path) -> None:
    path = tmp_path / "half.png"
    Image.new("RGBA", (40, 40), (255, 0, 0, 128)).save(path)
    assert near(opened(only_page(path).raster).getpixel((20, 20)), (255, 127, 127))


def test_sixteen_bits_are_scaled_not_clipped(tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    Image.frombytes("I;16", (40, 40), (0x8000).to_bytes(2, "little") * 1600).save(path)
    assert near(opened(only_page(path).raster).getpixel((20, 20)), (128, 128, 128))


def test_ink_colours_become_screen_colours(tmp_path: Path) -> None:
    path = tmp_path / "print.jpg"
    Image.new("CMYK", (40, 40), (0, 0, 0, 0)).save(path)
    assert near(opened(only_page(path).raster).getpixel((20, 20)), (255, 255, 255))


def test_a_large_photo_keeps_its_size_on_record_and_a_small_raster(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    quarters().resize((3000, 2000)).save(path)
    page = only_page(path)
    assert (page.width, page.height) == (3000, 2000)
    assert opened(page.raster).size == (256, 171)


def test_every_frame_of_a_tiff_is_a_page_and_of_a_gif_only_the_first(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (50, 40 + index), "white") for index in range(3)]
    frames[0].save(tmp_path / "fax.tif", save_all=True, append_images=frames[1:])
    parsed = parser.parse(tmp_path / "fax.tif", SETTINGS)
    assert parsed.header.page_count == 3
    assert [(p.number, p.height) for p in parsed.pages] == [(1, 40), (2, 41), (3, 42)]
    moves = [Image.new("RGB", (50, 40), colour) for colour in ("red", "blue")]
    moves[0].save(tmp_path / "moves.gif", save_all=True, append_images=moves[1:])
    page = only_page(tmp_path / "moves.gif")
    assert near(opened(page.raster).getpixel((5, 5)), (255, 0, 0))


def test_what_the_camera_wrote_is_kept_but_the_place(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[MAKE], exif[MODEL], exif[DESCRIPTION] = "Acme", "Acme X100", "A red boat\0"
    exif.get_ifd(GPS)[2] = (52.0, 31.0, 7.0)
    exif.get_ifd(0x8769)[0x9003] = "2021:06:05 10:11:12"
    path = tmp_path / "boat.jpg"
    quarters().save(path, exif=exif)
    parsed = parser.parse(path, SETTINGS)
    assert parsed.header.metadata == {
        "width": "120",
        "height": "80",
        "format": "JPEG",
        "date_taken": "2021:06:05 10:11:12",
        "camera": "Acme X100",
        "description": "A red boat",
    }
    assert not opened(next(parsed.pages).raster).getexif()


def test_the_description_of_a_png_is_kept(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Description", "Старая карта")
    path = tmp_path / "map.png"
    quarters().save(path, pnginfo=info)
    assert parser.parse(path, SETTINGS).header.metadata["description"] == "Старая карта"


def test_a_truncated_photo_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "cut.jpg"
    quarters().resize((600, 400)).save(path)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(UnreadableDocument, match="truncated") as caught:
        parser.parse(path, SETTINGS)
    assert "\n" not in str(caught.value)


def test_a_png_cut_behind_its_pixels_is_read_and_one_cut_before_is_not(tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    Image.effect_noise((200, 200), 80).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-6])
    assert only_page(path).width == 200
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableDocument):
        parser.parse(path, SETTINGS)


def test_too_many_pixels_are_refused_by_the_header_alone(tmp_path: Path) -> None:
    path = tmp_path / "big.png"
    Image.new("1", (2000, 2000)).save(path)
    with pytest.raises(LimitExceeded, match="2000 x 2000 pixels"):
        parser.parse(path, ParserSettings(max_pixels=1_000_000))


def test_a_box_is_rendered_from_the_full_picture(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    quarters().resize((1200, 800), Image.Resampling.NEAREST).save(path)
    lower_left = BoundingBox(x0=0.0, y0=0.5, x1=0.5, y1=1.0)
    raster = parser.render(path, 1, 900, lower_left, SETTINGS)
    assert (raster.width, raster.height) == (600, 400)
    assert near(opened(raster).getpixel((300, 200)), (0, 0, 255))

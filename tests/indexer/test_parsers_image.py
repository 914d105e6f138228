"""Photos come out upright, opaque and scaled; animations as a few different frames."""

from io import BytesIO
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image, ImageDraw, PngImagePlugin, TiffImagePlugin

from indexer.domain import BoundingBox, Page, Raster
from indexer.errors import LimitExceeded, UnreadableDocument
from indexer.parsers import image as parser
from indexer.parsers import parser_for
from indexer.settings import ParserSettings

pillow_heif.register_heif_opener()

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


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif", ".avif", ".heic"])
@pytest.mark.parametrize("orientation", sorted(STORED))
def test_every_orientation_shows_the_same_upright_picture(
    tmp_path: Path, orientation: int, suffix: str
) -> None:
    method = STORED[orientation]
    picture = quarters() if method is None else quarters().transpose(method)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    path = tmp_path / f"photo{suffix}"
    # From here pillow-heif also takes the turn that HEIF has a place of its own for.
    picture.info["exif"] = exif.tobytes()
    picture.save(path, **({} if suffix == ".heic" else {"exif": exif}))
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


def test_every_page_of_a_tiff_is_a_page(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (50, 40 + index), "white") for index in range(3)]
    frames[0].save(tmp_path / "fax.tif", save_all=True, append_images=frames[1:])
    parsed = parser.parse(tmp_path / "fax.tif", SETTINGS)
    assert parsed.header.page_count == 3
    assert [(p.number, p.height) for p in parsed.pages] == [(1, 40), (2, 41), (3, 42)]


def test_small_copies_in_a_tiff_are_no_pages(tmp_path: Path) -> None:
    path = tmp_path / "scan.tif"
    with TiffImagePlugin.AppendingTiffWriter(str(path), new=True) as writer:
        for size, kind in (((100, 80), 0), ((50, 40), 1), ((90, 70), 2), ((100, 80), 4)):
            Image.new("RGB", size, "white").save(writer, "TIFF", tiffinfo={254: kind})
            writer.newFrame()
    parsed = parser.parse(path, SETTINGS)
    assert [(page.number, page.width) for page in parsed.pages] == [(1, 100), (2, 90)]
    assert parser.render(path, 2, 45, None, SETTINGS).width == 45


def test_a_damaged_page_of_a_tiff_has_a_warning_and_the_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "fax.tif"
    pages = [Image.effect_noise((200, 200), 80 + index) for index in range(3)]
    pages[0].save(path, save_all=True, append_images=pages[1:], compression="tiff_adobe_deflate")
    with Image.open(path) as stored:
        stored.seek(1)
        strip, length = stored.tag_v2[273][0], stored.tag_v2[279][0]  # type: ignore[attr-defined]
    data = bytearray(path.read_bytes())
    data[strip : strip + length] = b"\x5a" * length
    path.write_bytes(data)
    first, second, third = parser.parse(path, SETTINGS).pages
    assert first.raster is not None
    assert third.raster is not None
    assert second.raster is None
    assert "damaged" in " ".join(second.warnings)


def moving(path: Path, pictures: list[Image.Image]) -> None:
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100)


ANIMATED = (".gif", ".webp", ".png", ".avif")


@pytest.mark.parametrize("suffix", ANIMATED)
def test_clearly_different_frames_of_an_animation_are_pages(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"slides{suffix}"
    colours = ["red", "red", "blue", "blue", "white", "red"]
    moving(path, [Image.new("RGB", (64, 48), colour) for colour in colours])
    parsed = parser.parse(path, SETTINGS)
    assert parsed.header.page_count == 3
    shown = [opened(page.raster).getpixel((5, 5)) for page in parsed.pages]
    assert all(map(near, shown, [(255, 0, 0), (0, 0, 255), (255, 255, 255)]))
    second = parser.render(path, 2, 32, None, SETTINGS)
    assert near(opened(second).getpixel((5, 5)), (0, 0, 255))
    with pytest.raises(UnreadableDocument, match="no page 4"):
        parser.render(path, 4, 32, None, SETTINGS)


@pytest.mark.parametrize("suffix", ANIMATED)
def test_an_animation_that_hardly_moves_is_one_page(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"cursor{suffix}"
    frames = []
    for place in range(5):
        frame = quarters()
        ImageDraw.Draw(frame).rectangle((10, 10 + place, 14, 18 + place), fill="white")
        frames.append(frame)
    moving(path, frames)
    assert only_page(path).width == 120


def test_a_long_animation_gives_six_pages_in_order_the_first_among_them(tmp_path: Path) -> None:
    path = tmp_path / "ramp.gif"
    levels = range(0, 250, 10)
    moving(path, [Image.new("L", (40, 40), level) for level in levels])
    pages = list(parser.parse(path, SETTINGS).pages)
    greys = [opened(page.raster).convert("L").getpixel((5, 5)) for page in pages]
    assert len(pages) == 6
    assert greys == sorted(greys)  # type: ignore[type-var]
    assert greys[0] == 0


def test_frames_before_the_damage_of_an_animation_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "cut.gif"
    moving(path, [Image.effect_noise((80, 80), 90 - 30 * index) for index in range(3)])
    path.write_bytes(path.read_bytes()[:-1500])
    parsed = parser.parse(path, SETTINGS)
    assert all(page.raster is not None for page in parsed.pages)
    assert "damaged" in " ".join(parsed.header.warnings)


def test_only_a_part_of_an_endless_animation_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "long.gif"
    moving(path, [Image.new("RGB", (100, 100), (0, 0, level)) for level in range(20)])
    parsed = parser.parse(path, ParserSettings(max_pixels=20_000))
    assert parsed.header.warnings == ("only the first 8 frames of the animation are looked at",)


def test_a_photo_with_another_behind_it_is_one_page(tmp_path: Path) -> None:
    path = tmp_path / "both_eyes.jpg"
    quarters().save(path, "MPO", save_all=True, append_images=[quarters()])
    parsed = parser.parse(path, SETTINGS)
    assert (parsed.header.page_count, parsed.header.media_type) == (1, "image/jpeg")
    assert parsed.header.metadata["format"] == "JPEG"


@pytest.mark.parametrize(
    ("suffix", "media_type"), [(".heic", "image/heic"), (".avif", "image/avif")]
)
def test_heif_and_avif_are_known_by_their_bytes(
    tmp_path: Path, suffix: str, media_type: str
) -> None:
    path = tmp_path / f"photo{suffix}"
    quarters().save(path)
    misnamed = path.rename(tmp_path / "photo.pdf")
    assert parser_for(misnamed) is parser
    parsed = parser.parse(misnamed, SETTINGS)
    assert parsed.header.media_type == media_type
    assert next(parsed.pages).width == 120


def test_of_several_pictures_in_a_heif_the_main_one_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "burst.heic"
    burst = pillow_heif.from_pillow(Image.new("RGB", (64, 48), "red"))
    burst.add_from_pillow(Image.new("RGB", (64, 48), "blue"))
    burst.save(path, primary_index=1)
    first, second = parser.parse(path, SETTINGS).pages
    assert near(opened(first.raster).getpixel((5, 5)), (0, 0, 255))
    assert near(opened(second.raster).getpixel((5, 5)), (255, 0, 0))


@pytest.mark.parametrize("suffix", [".heic", ".avif"])
def test_a_cut_heif_or_avif_is_refused_in_one_line(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"cut{suffix}"
    Image.effect_noise((400, 300), 80).convert("RGB").save(path)
    whole = path.read_bytes()
    for share in (0.02, 0.3, 0.8):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(UnreadableDocument) as caught:
            parser.parse(path, SETTINGS)
        assert "\n" not in str(caught.value)


def test_pillow_formats_that_are_not_listed_are_not_decoded(tmp_path: Path) -> None:
    for name in ("PPM", "TGA", "ICO", "JPEG2000", "SGI"):
        path = tmp_path / f"{name}.png"
        Image.new("RGB", (32, 32), "red").save(path, name)
        with pytest.raises(UnreadableDocument):
            parser.parse(path, SETTINGS)


def test_what_the_camera_wrote_is_kept_and_not_in_the_raster(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[MAKE], exif[MODEL], exif[DESCRIPTION] = "Acme", "Acme X100", "A red boat\0"
    gps = exif.get_ifd(GPS)
    gps[1], gps[2], gps[3], gps[4] = "N", (43.0, 46.0, 23.0), "E", (11.0, 15.0, 21.0)
    exif.get_ifd(0x8769)[0x9003] = "2021:06:05 10:11:12"
    path = tmp_path / "boat.jpg"
    quarters().save(path, exif=exif)
    parsed = parser.parse(path, SETTINGS)
    assert parsed.header.metadata == {
        "width": "120",
        "height": "80",
        "format": "JPEG",
        "orientation": "landscape",
        "colours": "blue, red, green",
        "colours_ru": "синий, красный, зелёный",
        "date_taken": "2021-06-05T10:11:12",
        "camera": "Acme X100",
        "description": "A red boat",
        "place": "Florence, Tuscany, Italy",
        "place_ru": "Флоренция, Италия",
        "latitude": "43.773056",
        "longitude": "11.255833",
    }
    page = next(parsed.pages)
    assert not opened(page.raster).getexif()
    assert [block.text for block in page.blocks] == [
        "A red boat",
        "Photo taken 5 June 2021 in Florence, Tuscany, Italy (Флоренция, Италия) with Acme X100. "
        "Colours: blue, red, green. Фото: 5 июня 2021, Флоренция, Италия, камера Acme X100. "
        "Цвета: синий, красный, зелёный.",
    ]


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

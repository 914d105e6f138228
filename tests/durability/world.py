"""A folder that changes as real ones do: texts, photos, archives, copies, moves, broken files."""

import hashlib
import io
import random
import shutil
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

ENGLISH = tuple(
    "boiler pressure barn orchard ledger harbour lantern copper saddle mill bridge orchid "
    "kettle violin meadow quarry chimney pigeon rudder walnut".split()
)
RUSSIAN = tuple(
    "колодец самовар крыльцо мельница сарай лодка печь забор тропинка яблоня сундук "
    "калитка овраг пристань чердак скамейка".split()
)
COLOURS = {"red": (210, 30, 30), "green": (30, 190, 40), "blue": (30, 40, 210)}

# More passages than one statement of the store writes.
_LONG = 290


class World:
    """Changes to ``folder``, drawn from ``rng``; all that is remembered lies on the disk."""

    def __init__(self, folder: Path, rng: random.Random, *, small: bool = False) -> None:
        self.folder = folder
        self._rng = rng
        self._small = small
        folder.mkdir(parents=True, exist_ok=True)

    def fill(self) -> None:
        """Make enough files of every kind to begin with."""
        for make in (self._text, self._photo, self._archive) * (1 if self._small else 3):
            make()
        if not self._small:
            self._long_text()
        self._copy()
        self._lookalike()

    def change(self, times: int = 1) -> None:
        """One change after the other; any of them may be cut off halfway."""
        for _ in range(times):
            files = self._files()
            few, many = (5, 9) if self._small else (14, 26)
            if len(files) < few:
                self._add()
            elif len(files) > many:
                self._delete()
            else:
                self._rng.choices(
                    [self._add, self._edit, self._delete, self._move, self._copy, self._swap,
                     self._rotate, self._lookalike, self._sidecar, self._break, self._repack],
                    [6, 4, 3, 4, 2, 1, 2, 2, 2, 1, 4],
                )[0]()  # fmt: skip

    def repack(self) -> None:
        """Change what is inside an archive."""
        self._repack()

    def delete(self) -> None:
        self._delete()

    def words(self, count: int) -> str:
        """Random words, and one that no other text has."""
        source = self._rng.choice((ENGLISH, RUSSIAN))
        plain = [self._rng.choice(source) for _ in range(count)]
        plain.insert(self._rng.randrange(count), self._unique())
        return " ".join(plain)

    def _unique(self) -> str:
        return "w" + "".join(self._rng.choices("bcdfghjklmnpqrstvwxz", k=12))

    def _files(self, *suffixes: str) -> list[Path]:
        return [
            path
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and (not suffixes or path.suffix in suffixes)
        ]

    def _some(self, *suffixes: str) -> Path | None:
        files = self._files(*suffixes)
        return self._rng.choice(files) if files else None

    def _place(self, suffix: str) -> Path:
        folder = self.folder / self._rng.choice(("", "old", "дача/лето"))
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{self._rng.choice(ENGLISH)} {self._unique()}{suffix}"

    def _add(self) -> None:
        makers = [self._text, self._photo, self._archive, self._long_text]
        self._rng.choices(makers, [5, 4, 3, 0 if self._small else 1])[0]()

    def _text_bytes(self) -> bytes:
        parts = [self.words(self._rng.randint(5, 60)) for _ in range(self._rng.randint(1, 5))]
        if self._rng.random() < 0.3:
            parts.insert(0, f"# {self.words(2)}")
        return "\n\n".join(parts).encode()

    def _photo_bytes(self) -> bytes:
        base = np.array(self._rng.choice(list(COLOURS.values())), np.float32)
        noise = np.random.default_rng(self._rng.getrandbits(32)).normal(0, 40, (6, 8, 1))
        pixels = np.clip(base + noise, 0, 255).astype(np.uint8)
        side = self._rng.randint(96, 180)
        picture = Image.fromarray(pixels).resize((side, side * 3 // 4), Image.Resampling.BICUBIC)
        buffer = io.BytesIO()
        picture.save(buffer, self._rng.choice(("JPEG", "PNG")))
        return buffer.getvalue()

    def _text(self) -> None:
        self._place(self._rng.choice((".txt", ".md"))).write_bytes(self._text_bytes())

    def _long_text(self) -> None:
        for other in self._files(".txt"):
            if other.stat().st_size > 30 * _LONG * 4:
                other.unlink()
        passages = [self.words(50) for _ in range(self._rng.randint(_LONG, _LONG + 80))]
        self._place(".txt").write_text("\n\n".join(passages))

    def _photo(self) -> None:
        data = self._photo_bytes()
        self._place(_picture_suffix(data)).write_bytes(data)

    def _member(self) -> tuple[str, bytes]:
        kind = self._rng.random()
        name = f"{self._rng.choice(('', 'papers/'))}{self._unique()}"
        if kind < 0.5:
            return f"{name}.txt", self._text_bytes()
        if kind < 0.8:
            data = self._photo_bytes()
            return f"{name}{_picture_suffix(data)}", data
        outside = self._some(".txt", ".md", ".jpg", ".png")
        if kind < 0.9 and outside and not _caption(outside).exists():
            return f"{name}{outside.suffix}", outside.read_bytes()
        inner = {f"{self._unique()}.txt": self._text_bytes() for _ in range(2)}
        return f"{name}.zip", _packed(inner)

    def _archive(self) -> None:
        members = dict(self._member() for _ in range(self._rng.randint(2, 5)))
        self._place(".zip").write_bytes(_packed(members))

    def _repack(self) -> None:
        """One member leaves an archive, another comes, the others stay."""
        path = self._some(".zip")
        if path is None or not zipfile.is_zipfile(path):
            return self._archive()
        with zipfile.ZipFile(path) as archive:
            members = {info.filename: archive.read(info) for info in archive.infolist()}
        if len(members) > 1:
            members.pop(self._rng.choice(list(members)))
        members.update([self._member()])
        path.write_bytes(_packed(members))
        return None

    def _edit(self) -> None:
        path = self._some(".txt", ".md", ".jpg", ".png")
        if path is not None:
            text = path.suffix in {".txt", ".md"}
            path.write_bytes(self._text_bytes() if text else self._photo_bytes())

    def _delete(self) -> None:
        if path := self._some():
            path.unlink()

    def _move(self) -> None:
        if path := self._some():
            place = self._place(path.suffix)
            path.rename(place)
            if _caption(path).exists():
                _caption(path).rename(_caption(place))

    def _copy(self) -> None:
        path = self._some()
        if path is not None and not _caption(path).exists():
            shutil.copy(path, self._place(path.suffix))

    def _rotate(self) -> None:
        """What a file held goes on under another name, and something new takes its own."""
        if path := self._some(".txt", ".md"):
            path.rename(path.with_name(f"{self._rng.choice('az')} {self._unique()}{path.suffix}"))
            path.write_bytes(self._text_bytes())

    def _swap(self) -> None:
        one, other = self._some(".txt"), self._some(".txt")
        # Twins in size and time cannot be told apart without opening them.
        if one and other and one.stat().st_size != other.stat().st_size:
            aside = one.with_suffix(".part")
            one.rename(aside)
            other.rename(one)
            aside.rename(other)

    def _lookalike(self) -> None:
        """The same photo saved again, smaller."""
        path = self._some(".jpg", ".png")
        if path is None:
            return
        try:
            with Image.open(path) as picture:
                small = picture.convert("RGB").resize((picture.width - 9, picture.height - 7))
        except OSError:
            return
        small.save(self._place(".jpg"), quality=70)

    def _sidecar(self) -> None:
        """A photo's caption comes, changes or goes."""
        path = self._some(".jpg", ".png")
        # Of twins with different captions, either may be the one that is read.
        if path is None or self._has_twin(path):
            return
        caption = _caption(path)
        if caption.exists() and self._rng.random() < 0.4:
            caption.unlink()
        else:
            caption.write_text(self.words(4))

    def _has_twin(self, path: Path) -> bool:
        data = path.read_bytes()
        outside = self._files(path.suffix)
        return any(
            info.file_size == len(data)
            for archive in self._files(".zip")
            if zipfile.is_zipfile(archive)
            for info in zipfile.ZipFile(archive).infolist()
        ) or any(each != path and each.read_bytes() == data for each in outside)

    def _break(self) -> None:
        """A file is cut off in the middle, or emptied."""
        if path := self._some(".zip", ".png", ".jpg"):
            data = path.read_bytes()
            path.write_bytes(data[: self._rng.choice((0, len(data) // 2))])


def _caption(path: Path) -> Path:
    return path.with_name(f"{path.name}.txt")


def _picture_suffix(data: bytes) -> str:
    return ".jpg" if data.startswith(b"\xff\xd8") else ".png"


def _packed(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def contents_of(folder: Path) -> dict[str, tuple[str, str, bool]]:
    """SHA-256, text and readability of every file below ``folder`` and of all that is inside."""
    found: dict[str, tuple[str, str, bool]] = {}
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".part":
            _look_inside(str(path), path.read_bytes(), found)
    return found


def _look_inside(path: str, data: bytes, found: dict[str, tuple[str, str, bool]]) -> None:
    readable, text = bool(data), ""
    if path.endswith(".zip"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for info in archive.infolist():
                    _look_inside(f"{path}!/{info.filename}", archive.read(info), found)
        except zipfile.BadZipFile:
            readable = False
    elif path.endswith((".jpg", ".png")):
        try:
            with Image.open(io.BytesIO(data)) as picture:
                picture.load()
        except (OSError, SyntaxError):
            readable = False
    else:
        text = data.decode("utf-8", "replace")
    found[path] = (hashlib.sha256(data).hexdigest(), text, readable)

"""One suite for every parser whose files hold other files, and for how they are unpacked."""

import gzip
import hashlib
import io
import tarfile
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from indexer.domain import Member
from indexer.errors import LimitExceeded, SightlineError, UnreadableDocument
from indexer.parsers import Container, parsers
from indexer.parsers._members import Unpacker, UnsafeName, clean_name, list_members
from indexer.parsers.sandbox import ParserProcess
from indexer.settings import ParserSettings
from tests.contracts import test_parsers

SETTINGS = ParserSettings()
CONTAINERS = sorted(name for name, parser in parsers().items() if isinstance(parser, Container))


@pytest.fixture(params=CONTAINERS)
def sample(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    name = str(request.param)
    suffix = getattr(test_parsers.MADE[name], "SUFFIX", sorted(parsers()[name].SUFFIXES)[0])
    path = tmp_path / f"sample{suffix}"
    test_parsers.MADE[name].make(path)
    return path


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def tarred(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def listed(path: Path, settings: ParserSettings = SETTINGS) -> dict[str, Member]:
    return {member.name: member for member in list_members(path, settings)}


def test_members_have_unique_names_and_the_hash_of_what_is_unpacked(
    sample: Path, tmp_path: Path
) -> None:
    members = list(list_members(sample, SETTINGS))
    assert len({member.name for member in members}) == len(members)
    unpacker = Unpacker(tmp_path)
    for member in members:
        data = unpacker.locate(sample, (member.name,), SETTINGS).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (member.size, member.sha256)


def test_the_child_lists_the_same_members(sample: Path) -> None:
    with ParserProcess(SETTINGS) as child:
        assert list(child.members(sample)) == list(list_members(sample, SETTINGS))


def test_a_cut_container_ends_in_our_errors(sample: Path) -> None:
    whole = sample.read_bytes()
    for share in (0.3, 0.7, 0.95):
        sample.write_bytes(whole[: int(len(whole) * share)])
        with suppress(SightlineError):
            assert all(member.name for member in list_members(sample, SETTINGS))


def test_members_are_found_in_any_order(tmp_path: Path) -> None:
    files = {f"{number}.txt": f"text {number}".encode() for number in range(5)}
    for path in (zipped(tmp_path / "a.zip", files), tarred(tmp_path / "a.tar.gz", files)):
        unpacker = Unpacker(tmp_path)
        for name in ("3.txt", "1.txt", "4.txt", "4.txt"):
            assert unpacker.locate(path, (name,), SETTINGS).read_bytes() == files[name]


def test_an_archive_in_an_archive_is_reached_through_both_names(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"deep.txt": b"deep water"}).read_bytes()
    outer = tarred(tmp_path / "outer.tgz", {"first.txt": b"first", "box/inner.zip": inner})
    with ParserProcess(SETTINGS) as child:
        assert [each.name for each in child.members(outer)] == ["first.txt", "box/inner.zip"]
        assert [m.name for m in child.members(outer, ("box/inner.zip",))] == ["deep.txt"]
        document = child.parse(outer, ("box/inner.zip", "deep.txt"))
        assert document.header.title == "deep"
        assert [block.text for page in document.pages for block in page.blocks] == ["deep water"]


def test_a_member_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"here.txt": b"x"})
    with ParserProcess(SETTINGS) as child, pytest.raises(UnreadableDocument, match="not in there"):
        child.parse(path, ("gone.txt",))


def test_a_lone_compressed_file_is_one_member(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt.gz"
    path.write_bytes(gzip.compress(b"dear reader"))
    assert [(each.name, each.size) for each in list_members(path, SETTINGS)] == [("letter.txt", 11)]


def test_names_that_point_outside_are_refused_and_the_rest_stays(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"../../evil.txt": b"x", "/etc/evil": b"x", "good.txt": b"x"})
    members = listed(path)
    assert [name for name, member in members.items() if not member.cause] == ["good.txt"]
    refused = [member for member in members.values() if member.cause]
    assert len(refused) == 2
    assert all("outside" in member.cause and member.remedy for member in refused)


@pytest.mark.parametrize("name", ["C:\\evil", "a/../../b", "\\\\host\\share"])
def test_windows_and_climbing_names_are_unsafe(name: str) -> None:
    with pytest.raises(UnsafeName):
        clean_name(name)


def test_a_member_above_the_limit_is_refused_alone(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"bomb.txt": bytes(1 << 20), "good.txt": b"x"})
    members = listed(path, ParserSettings(max_bytes=1 << 19))
    assert "MAX_BYTES" in members["bomb.txt"].remedy
    assert not members["good.txt"].cause


def test_unpacking_ends_at_the_limit_for_the_whole_archive(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {f"{n}.txt": bytes(1 << 20) for n in range(8)})
    settings = ParserSettings(max_bytes=2 << 20, max_unpacked_bytes=5 << 20)
    seen: list[Member] = []
    with pytest.raises(LimitExceeded, match="MAX_UNPACKED_BYTES"):
        seen.extend(list_members(path, settings))
    with pytest.raises(LimitExceeded, match="MAX_MEMBERS"):
        list(list_members(path, ParserSettings(max_members=4)))


def test_links_folders_and_devices_are_no_members(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for name, kind in (
            ("link", tarfile.SYMTYPE),
            ("dev", tarfile.CHRTYPE),
            ("d", tarfile.DIRTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("real.txt")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    assert list(listed(path)) == ["real.txt"]


def test_an_encrypted_member_is_named_as_such(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"secret.txt": b"x"})
    data = bytearray(path.read_bytes())
    data[6] |= 1  # local header's flag
    data[data.index(b"PK\x01\x02") + 8] |= 1  # central directory's flag
    path.write_bytes(bytes(data))
    assert "password" in listed(path)["secret.txt"].cause

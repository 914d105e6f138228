"""The systemd unit and the Dockerfile of the README, held against what they install and start."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def block(start: str) -> str:
    """The part of the README between fences that begins with this line."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (found,) = re.findall(
        rf"^```\n({re.escape(start)}\n.*?)^```$", readme, re.DOTALL | re.MULTILINE
    )
    return str(found)


@pytest.fixture
def unit() -> dict[str, str]:
    lines = block("[Unit]").splitlines()
    return dict(line.split("=", 1) for line in lines if line and line[0] not in "[#")


def test_image_gets_every_package_and_what_the_build_reads() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    copied = [
        source
        for line in block("FROM python:3.12-slim").splitlines()
        if line.startswith("COPY ")
        for source in line.split()[1:-1]
    ]
    packages = {name.partition(".")[0] for name in project["tool"]["setuptools"]["packages"]}
    files = {project["project"]["readme"], *project["project"]["license-files"]}
    assert set(copied) == packages | files | {"pyproject.toml", "constraints.txt"}
    assert all((ROOT / name).exists() for name in copied)


def test_image_has_the_versions_that_are_tested() -> None:
    assert "--constraint constraints.txt" in block("FROM python:3.12-slim")


def test_stopping_the_service_leaves_its_parsers_to_it(unit: dict[str, str]) -> None:
    assert unit["KillMode"] == "mixed"


def test_service_lets_parsers_lock_themselves_in(unit: dict[str, str]) -> None:
    # A refused call reads as a kernel without Landlock: parsers would run on without it.
    assert unit["SystemCallFilter"].split() == [
        "@system-service",
        "landlock_create_ruleset",
        "landlock_add_rule",
        "landlock_restrict_self",
    ]


def test_service_writes_where_its_home_is_and_keeps_it_to_itself(unit: dict[str, str]) -> None:
    assert unit["Environment"] == f"SIGHTLINE_HOME=/var/lib/{unit['StateDirectory']}"
    assert (unit["StateDirectoryMode"], unit["UMask"]) == ("0700", "0077")

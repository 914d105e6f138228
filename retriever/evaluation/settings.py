"""Configurations that are compared: the settings in force, with some of them changed."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from indexer.errors import InvalidInput, InvalidSettings
from indexer.settings import GROUPS as INDEXER_GROUPS
from indexer.settings import PREFIX, IndexerSettings
from retriever.settings import GROUPS, RetrieverSettings

_NAME = re.compile(r"[\w .+-]{1,40}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Configuration:
    """A name, and the variables in which it differs from the environment."""

    name: str = "current"
    changes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> "Configuration":
        """Read ``NAME:VARIABLE=VALUE[,VARIABLE=VALUE…]``. InvalidInput if it is not so written."""
        name, colon, rest = text.partition(":")
        if not colon or not _NAME.fullmatch(name.strip()):
            raise InvalidInput(
                f"configuration {text!r}",
                cause="it does not begin with a name and a colon",
                remedy=f"write it like lexical:{PREFIX}SEARCH_DENSE_WEIGHT=0",
            )
        changes: dict[str, str] = {}
        for part in filter(None, (part.strip() for part in rest.split(","))):
            variable, equals, value = part.partition("=")
            group = variable.removeprefix(PREFIX).partition("_")[0]
            if (
                not equals
                or not variable.startswith(PREFIX)
                or group not in {*GROUPS, *INDEXER_GROUPS}
            ):
                raise InvalidInput(
                    f"configuration {name!r}",
                    cause=f"{part!r} sets nothing of searching or indexing",
                    remedy=f"write it like {PREFIX}SEARCH_DENSE_WEIGHT=0",
                )
            changes[variable] = value
        return cls(name=name.strip(), changes=changes)

    @property
    def of_indexing(self) -> Mapping[str, str]:
        """The changes that only a corpus indexed with them shows."""
        return {
            variable: value
            for variable, value in self.changes.items()
            if variable.removeprefix(PREFIX).partition("_")[0] in INDEXER_GROUPS
        }

    def retriever(self, environ: Mapping[str, str] = os.environ) -> RetrieverSettings:
        """InvalidSettings for a bad value."""
        return RetrieverSettings.from_env({**environ, **self.changes})

    def indexer(
        self, home: Path | None, environ: Mapping[str, str] = os.environ
    ) -> IndexerSettings:
        """InvalidSettings for a bad value."""
        return IndexerSettings.from_env({**environ, **self.changes}, home=home)


def distinct(configurations: list[Configuration]) -> list[Configuration]:
    """The same configurations. InvalidSettings if two have one name."""
    names = [each.name for each in configurations]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidSettings(
            f"configuration {twice!r}", cause="two have this name", remedy="rename one"
        )
    return configurations

"""Settings of the web server, and the check that no ``SIGHTLINE_`` variable is misspelt."""

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from ipaddress import ip_address

from indexer.errors import InvalidSettings
from indexer.settings import (
    GROUPS as INDEXER_GROUPS,
)
from indexer.settings import (
    HOME_VARIABLE,
    MEBIBYTE,
    PREFIX,
    IndexerSettings,
    read_group,
    require_positive,
)
from retriever.settings import GROUPS as RETRIEVER_GROUPS
from retriever.settings import RetrieverSettings

GROUP = "WEB"
LOGS = ("off", "text", "json")
_LOGS = "off, text or json"


@dataclass(frozen=True, kw_only=True)
class WebSettings:
    """Where the server listens and how much it accepts."""

    host: str = "127.0.0.1"
    port: int = 8077  # 0: any free port
    hosts: str = ""  # further names a browser may use for a loopback server, comma-separated
    proxy: str = ""  # address of the one proxy in front, whose X-Forwarded headers are believed
    password: str = field(default="", repr=False)  # HTTP Basic, any user name
    max_upload_bytes: int = 256 * MEBIBYTE  # one upload request
    max_image_bytes: int = 32 * MEBIBYTE  # one photo to search by
    threads: int = 8  # searches and answers at once
    queue: int = 16  # of them that wait their turn; what comes on top is told to come back
    streams: int = 16  # readers of what is under way at once
    log: str = "off"  # a line for each request on standard error: text or json

    def __post_init__(self) -> None:
        require_positive(self, "max_upload_bytes", "max_image_bytes", "threads", "queue", "streams")
        if self.log not in LOGS:
            raise InvalidSettings("log", cause=f"{self.log!r} is unknown", remedy=f"set {_LOGS}")
        if self.proxy and not _is_address(self.proxy):
            raise InvalidSettings(
                "proxy", cause=f"{self.proxy!r} is no IP address", remedy="set one like 127.0.0.1"
            )
        if not 0 <= self.port <= 65535:
            raise InvalidSettings(
                "port", cause=f"{self.port} is not a port", remedy="set 0 to 65535"
            )

    def check_door(self, *, guarded: bool) -> None:
        """InvalidSettings for an address that other machines can reach without a password.

        ``guarded``: there are people who sign in.
        """
        if not (self.loopback or self.password or guarded):
            raise InvalidSettings(
                f"host {self.host}",
                cause="other machines could read everything without a password",
                remedy=(
                    "add yourself first: sightline people add NAME; "
                    f"or set {PREFIX}{GROUP}_PASSWORD, or keep 127.0.0.1"
                ),
            )

    @property
    def loopback(self) -> bool:
        """Only this machine can connect."""
        return is_loopback(self.host)

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Names that the Host header of a request to a loopback server may carry."""
        extra = (name.strip().casefold() for name in self.hosts.split(","))
        return frozenset({"localhost", self.host.casefold(), *filter(None, extra)})

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "WebSettings":
        return read_group(cls, GROUP, environ)


def is_loopback(host: str) -> bool:
    if host.casefold() == "localhost":
        return True
    return _is_address(host) and ip_address(host).is_loopback


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _known_variables() -> tuple[set[str], set[str]]:
    """Every variable that a settings class reads, and the prefixes of groups without one."""
    known = {HOME_VARIABLE}
    unlisted = {*INDEXER_GROUPS, *RETRIEVER_GROUPS, GROUP}
    classes: dict[str, type] = {GROUP: WebSettings}
    for owner in (IndexerSettings, RetrieverSettings):
        for item in fields(owner):
            if is_dataclass(item.default):
                classes[item.name.upper()] = type(item.default)
    for group in unlisted & set(classes):
        known.update(
            f"{PREFIX}{group}_{item.name.upper()}"
            for item in fields(classes[group])  # dataclasses all
        )
    return known, {f"{PREFIX}{group}_" for group in unlisted - set(classes)}


def check_environment(environ: Mapping[str, str] = os.environ) -> None:
    """InvalidSettings for a ``SIGHTLINE_`` variable that nothing reads, with the nearest name."""
    known, prefixes = _known_variables()
    for key in sorted(environ):
        if not key.startswith(PREFIX) or key in known or key.startswith(tuple(prefixes)):
            continue
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
        remedy = f"did you mean {near[0]}?" if near else "unset it"
        raise InvalidSettings(key, cause="no such setting", remedy=remedy)

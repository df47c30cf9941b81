"""One form of each URL."""

from __future__ import annotations

import pytest

from lazaretto.links import address


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("http://Example.com", "http://example.com/"),
        ("https://example.com:443/a#b", "https://example.com/a"),
        ("http://example.com:0080", "http://example.com/"),
        ("http:example.com/x", "http://example.com/x"),
        ("https:\\\\example.com\\a", "https://example.com/a"),
        ("ht\ttps://exa\nmple.com/", "https://example.com/"),
        ("  https://example.com/ ", "https://example.com/"),
        ("https://bank.example@evil.example/a", "https://evil.example/a"),
        ("https://a@b@evil.example", "https://evil.example/"),
        ("https://evil.example\\@bank.example/", "https://evil.example/@bank.example/"),
        ("https://evil.example?@bank.example/", "https://evil.example/?@bank.example/"),
        ("http://a.example/%7ejoe/./b/../c%2f", "http://a.example/~joe/c%2F"),
        ("http://a.example/ä", "http://a.example/%C3%A4"),
        ("http://0x7f.1:8080/x?y=z", "http://127.0.0.1:8080/x?y=z"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("file:////host/a\\b", "file://host/a/b"),
        ("file://host/share", "file://host/share"),
        ("file:///C:/a", "file:///C:/a"),
        ("mailto:bob@example.com", "mailto:bob@example.com"),
    ],
)
def test_canonical(raw: str, text: str) -> None:
    url = address.read(raw)
    assert url is not None
    assert url.text == text


@pytest.mark.parametrize("raw", ["", "/a/b", "http://", "https:///", "http://a b/", "#x", "http://[::g]/"])
def test_what_leads_nowhere(raw: str) -> None:
    assert address.read(raw) is None


def test_both_ways_of_reading_agree() -> None:
    for raw in ("http://a.example/x?y=1#z", "https://a.example", "http://A.example/b//c", "https://a.example./x"):
        assert address.read(raw) == address._read(raw)


def test_oddities() -> None:
    url = address.read("https:\\\\u:p@ex%61mple.com\\")
    assert url is not None
    assert url.user == "u:p"
    assert url.odd == ("backslashes for slashes", "percent-encoded host")
    long = address.read("https://a.example/" + "x" * 10_000)
    assert long is not None
    assert long.odd == ("longer than is read",)


def test_feeds_go_by_the_key() -> None:
    url = address.read("https://u@A.example:8443/x?y#z")
    assert url is not None
    assert url.key == "a.example:8443/x?y"

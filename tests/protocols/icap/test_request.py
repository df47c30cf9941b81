from __future__ import annotations

import itertools

import pytest

from lazaretto.protocols.icap import head
from lazaretto.protocols.icap.request import Method, Url, modification, options


@pytest.mark.parametrize(
    ("text", "authority", "tls"),
    [
        ("icap://av.example/avscan", "av.example:1344", False),
        ("icap://[::1]:99/x?a=b", "[::1]:99", False),
        ("icaps://av.example/x", "av.example:11344", True),
    ],
)
def test_urls(text: str, authority: str, tls: bool) -> None:
    url = Url.parse(text)
    assert (url.text, url.authority, url.tls) == (text, authority, tls)


@pytest.mark.parametrize(
    "text", ["", "http://a/b", "icap:///b", "icap://u@a/b", "icap://a/b c", "icap://a:x/b", "icap://ä/b"]
)
def test_no_urls(text: str) -> None:
    with pytest.raises(ValueError, match=r"form|belong|Port"):
        Url.parse(text)


def test_options() -> None:
    assert options(Url.parse("icap://a/b")) == (
        b"OPTIONS icap://a/b ICAP/1.0\r\nHost: a:1344\r\nUser-Agent: Lazaretto\r\n\r\n"
    )


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("name", ["a.txt", "a\r\nX: y", "\udcff\0", "x" * 1000, "", "ä/../%"])
def test_places_are_where_they_are_said_to_be(method: Method, name: str) -> None:
    wire = modification(Url.parse("icap://a/b"), method, name, "a/b\r\nX: y", 7, preview=4)
    first, _, rest = wire.partition(head.END)
    asked = head.parse(first)
    places = dict(each.strip().split("=") for each in asked.get("encapsulated").split(","))
    ends = [int(each) for each in places.values()]
    assert asked.get("preview") == "4"
    assert ends[-1] == len(rest)
    for start, end in itertools.pairwise(ends):
        inner = head.parse(rest[start:end].removesuffix(head.END))
        assert len(inner.start) < 500
        assert "X" not in dict(inner.fields)

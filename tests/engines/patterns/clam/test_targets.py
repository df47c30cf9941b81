from __future__ import annotations

import tracemalloc

import pytest

from lazaretto.engines.patterns.clam import targets


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("application/vnd.microsoft.portable-executable", {0, 1}),
        ("text/html", {0, 3}),
        ("text/plain", {0, 7}),
        ("image/gif", {0, 5}),
        ("application/octet-stream", {0}),
    ],
)
def test_the_targets_of_a_type(media_type: str, expected: set[int]) -> None:
    assert targets.of(media_type) == expected


def test_text_is_compared_as_it_is_and_normalised() -> None:
    (raw, wanted), (normal, more) = targets.views(b" Two\t\tTabs\x01 A\xe9B end\r\n", "text/plain")
    assert (raw, wanted) == (b" Two\t\tTabs\x01 A\xe9B end\r\n", frozenset({0}))
    assert normal == b" two tabs ab end "
    assert 7 in more


def test_html_is_compared_with_its_tags_and_without() -> None:
    page = b'<html><body class="Foo">\nHello  <!-- no --><b>B&amp;C</b></html>'
    (tagged, _), (bare, _) = targets.views(page, "text/html")
    assert tagged == b'<html><body class="foo">hello <b>b&c</b></html>'
    assert bare == b" hello b&c "


def test_other_content_is_as_it_is() -> None:
    assert list(targets.views(b"A  B", "application/pdf")) == [(b"A  B", frozenset({0, 10}))]


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", [b"<", b"<!--", b"&#", b"&a", b" ", b"<a "])
def test_hostile_pages_take_no_longer(piece: bytes) -> None:
    assert list(targets.views(piece * (4_000_000 // len(piece)), "text/html"))


@pytest.mark.parametrize("media_type", ["text/plain", "text/html"])
@pytest.mark.parametrize("piece", [b"xy ", b"<>xy", b"&lt;", b" "])
def test_pages_of_many_small_things_take_no_more_memory(piece: bytes, media_type: str) -> None:
    page = piece * (3_000_000 // len(piece))
    tracemalloc.start()
    try:
        for _ in targets.views(page, media_type):
            pass
        assert tracemalloc.get_traced_memory()[1] < 24_000_000
    finally:
        tracemalloc.stop()

"""Links in running text."""

from __future__ import annotations

import time

import pytest

from lazaretto.links.prose import links


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://a.example/x.", ["https://a.example/x"]),
        ("HTTP://A.example and (www.b.example/y).", ["HTTP://A.example", "http://www.b.example/y"]),
        ("https://en.wiki.example/A_(b), next", ["https://en.wiki.example/A_(b)"]),
        ("<https://a.example/very/lo\n ng/path>", ["https://a.example/very/lo", "https://a.example/very/long/path"]),
        ("[click](https://a.example/b)", ["https://a.example/b", "https://a.example/b"]),
        ("[1]: //a.example/b", ["https://a.example/b"]),
        ("hｔtp：//a.example http：//b.example", ["http://b.example"]),
        ("open javascript:alert(document.cookie)", ["javascript:alert(document.cookie)"]),
        ("data:text/html;base64,AAAA here", ["data:text/html;base64,AAAA"]),
        ("see https:\\\\a.example\\b", ["https:\\\\a.example"]),
        ("awww.cute a://b data::Dumper std::string no", []),
    ],
)
def test_links_are_found_and_end_where_the_sentence_ends(text: str, expected: list[str]) -> None:
    assert [link.raw for link in links(text)] == expected


def test_the_text_of_a_link_is_kept() -> None:
    (_, link) = links("[www.bank.example](https://evil.example/)")
    assert link.shown == "www.bank.example"


def test_many_marks_cost_little() -> None:
    began = time.monotonic()
    assert list(links("http:/" * 50_000 + "[" * 50_000 + "(" * 50_000))
    assert list(links("http://a.example/(" + ")" * 1_000_000))
    assert time.monotonic() - began < 5

from __future__ import annotations

import pytest

from lazaretto.plugin import Member
from lazaretto.testing import artifact, artifacts
from lazaretto.unpack.deobfuscated import Deobfuscated


def members(text: str, name: str) -> list[str]:
    found = Deobfuscated(Deobfuscated.Settings()).unpack(artifact(text.encode(), name=name))
    return [b"".join(each.chunks).decode() for each in found if isinstance(each, Member)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("eval(unescape('%68ello there, world()'))", "a.js"),
        ('Execute StrReverse(")(dlrow ,ereht olleh")', "a.vbs"),
        ("iex ('hello there' + ', world()')", "a.ps1"),
        ("<html><script>eval(atob('aGVsbG8gdGhlcmUsIHdvcmxkKCk='))</script>", "a.html"),
    ],
)
def test_the_text_in_the_clear(text: str, name: str) -> None:
    (found,) = members(text, name)
    assert "hello there, world()" in found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("var a = 'b' + 'c'; alert(a)", "a.js"),
        ("<html><p>hello</p>", "a.html"),
        ("<script>alert('a')</script>", "a.html"),
    ],
)
def test_nothing_where_nothing_is_hidden(text: str, name: str) -> None:
    assert not members(text, name)


def test_engines_see_it() -> None:
    data = b"var a='" + b"".join(b"\\x%02x" % each for each in b"hidden-text-of-a-test") + b"';eval(a+'//1234567');"
    assert any(b"hidden-text-of-a-test" in each.data for each in artifacts(data, name="a.js"))

from __future__ import annotations

import pytest

from lazaretto.mime.legacy.found import LINE, name_of


@pytest.mark.parametrize(
    ("octets", "names"),
    [
        (b' "a b.exe" ', ("a b.exe",)),
        ("grün.zip".encode(), ("grün.zip",)),
        ("grün.zip".encode("latin-1"), ("grün.zip",)),
        (b"\xed\xa0\x80", ("í\xa0\x80",)),  # no lone surrogate: a name can always be written
        (b" \0\t", ()),
        (b"", ()),
    ],
)
def test_names(octets: bytes, names: tuple[str, ...]) -> None:
    assert name_of(octets) == names


def test_every_line_end_ends_a_line() -> None:
    assert LINE.findall(b"a\nb\r\nc\rd\r\r\n\ne") == [b"a", b"b", b"c", b"d", b"e"]

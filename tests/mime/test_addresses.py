from __future__ import annotations

from email.utils import formataddr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime.addresses import addresses
from lazaretto.model import Address


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"a@b.c", [("a@b.c", "")]),
        (b"Ann Lee <a@b.c>, <d@e.f>", [("a@b.c", "Ann Lee"), ("d@e.f", "")]),
        (b'"Lee, Ann \\"x\\"" <a@b.c>', [("a@b.c", 'Lee, Ann "x"')]),
        (b"=?utf-8?q?J=C3=B6rg=2C_x?= <a@b.c>, z@y", [("a@b.c", "Jörg, x"), ("z@y", "")]),
        (b"a@b.c (Ann (the first) Lee)", [("a@b.c", "Ann (the first) Lee")]),
        (b"Team: a@b.c, Bob <b@b.c>;, c@d", [("a@b.c", ""), ("b@b.c", "Bob"), ("c@d", "")]),
        (b"undisclosed-recipients:;", []),
        (b"<@route,@x:a@b.c>", [("a@b.c", "")]),
        (b"a @ b . c", [("a@b.c", "")]),
        (b"Ann Lee a@b.c", [("a@b.c", "")]),
        (b"a@b.c; d@e.f", [("a@b.c", ""), ("d@e.f", "")]),
        (b"Ann <a@b.c", [("a@b.c", "Ann")]),
        (b"<>", [("", "")]),
        (b"just words", [("", "just words")]),
        (b"", []),
        (b'"a@evil" <real@b.c>', [("real@b.c", "a@evil")]),
        ("Jörg <a@b.c>", [("a@b.c", "Jörg")]),
    ],
)
def test_addresses(value: bytes | str, expected: list[tuple[str, str]]) -> None:
    assert addresses(value) == tuple(Address(address, name) for address, name in expected)


@settings(max_examples=80, deadline=None)
@given(name=st.text(st.characters(blacklist_categories=["Cs", "Cc", "Z"]), max_size=40))
def test_reads_what_the_standard_library_writes(name: str) -> None:
    assert addresses(formataddr((name, "a@b.c"))) == (Address("a@b.c", name),)


@settings(max_examples=100, deadline=None)
@given(value=st.one_of(st.from_type(bytes), st.text('"\\<>(),;:@ a.', max_size=40).map(str.encode)))
def test_any_bytes(value: bytes) -> None:
    for address in addresses(value):
        str(address).encode()

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.office.vba import container

# The examples of [MS-OVBA] 3.2: nothing to pack, some, all.
EXAMPLES = (
    (
        "01 19 B0 00 61 62 63 64 65 66 67 68 00 69 6A 6B 6C 6D 6E 6F 70 00 71 72 73 74 75 76 2E",
        b"abcdefghijklmnopqrstuv.",
    ),
    (
        "01 2F B0 00 23 61 61 61 62 63 64 65 82 66 00 70 61 67 68 69 6A 01 38 08 61 6B 6C 00 30 6D 6E 6F 70 06 71 02 70"
        " 04 10 72 73 74 75 76 10 77 78 79 7A 00 3C",
        b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa",
    ),
    ("01 03 B0 02 61 45 00", b"a" * 73),
)


@pytest.mark.parametrize(("packed", "plain"), EXAMPLES)
def test_the_examples_of_the_specification(packed: str, plain: bytes) -> None:
    assert container.unpacked(bytes.fromhex(packed)) == (plain, True)


@given(st.binary(max_size=20_000))
def test_what_is_packed_is_unpacked(data: bytes) -> None:
    assert container.unpacked(b"junk" + container.pack(data), 4).data == data


def test_a_chunk_that_is_not_packed() -> None:
    assert container.unpacked(b"\1\xff\x3f" + b"x" * 4096) == (b"x" * 4096, True)


@given(st.binary(max_size=3000))
def test_anything_is_borne(data: bytes) -> None:
    container.unpacked(b"\1" + data)
    list(container.places(data))


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_as_much_as_there_is(cut: int) -> None:
    packed = container.pack(b"some text of a module, long enough to be cut")
    found = container.unpacked(packed[: len(packed) - cut])
    assert not found.whole
    assert b"some text of a module, long enough to be cut".startswith(found.data)


def test_no_more_than_asked_for() -> None:
    found = container.unpacked(container.pack(b"x" * 50_000), most=10_000)
    assert (len(found.data), found.whole) == (10_000, False)


def test_a_bomb_is_bounded() -> None:
    """Each chunk of six bytes unpacks to 4096."""
    bomb = b"\1" + b"\x03\xb0\x02a\xff\x0f" * 400_000
    started = time.process_time()
    assert len(container.unpacked(bomb, most=1 << 24).data) == 1 << 24
    assert time.process_time() - started < 2


def test_places() -> None:
    packed = container.pack(b'Attribute VB_Name = "a"\r\n')
    assert list(container.places(b"1234" + packed + b"\0\0" + packed)) == [4, 6 + len(packed)]
    assert list(container.places(b"\0Attribut")) == []

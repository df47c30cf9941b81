from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unpack import mailcontainers as make

from lazaretto.errors import HostileInput, LimitExceeded, Malformed
from lazaretto.mime import cms

CONTENT = b"Content-Type: text/plain\r\n\r\nhello\r\n" * 100


def content(data: bytes) -> bytes:
    pieces = cms.read(data).pieces
    assert pieces is not None
    return b"".join(pieces)


@pytest.mark.parametrize("piece", [0, 1, 1000])
def test_signed_content_in_every_way_of_writing_it(piece: int) -> None:
    data = make.signed(CONTENT, piece=piece)
    assert cms.begins(data)
    assert cms.read(data).kind == "signed"
    assert content(data) == CONTENT


def test_strings_in_strings_are_joined() -> None:
    inner = make.der(0x24, make.octets(b"a", 1), make.der(4, b"b"), make.octets(b"cd", 1))
    assert content(make.content_info(make.DATA, inner)) == b"abcd"


def test_lengths_longer_than_they_need_be() -> None:
    data = make.signed(b"hello")
    size = len(data) - 4
    assert data[1:2] == b"\x82"
    long = b"\x30\x88" + size.to_bytes(8, "big") + data[4:]
    assert cms.begins(long)
    assert content(long) == b"hello"


def test_content_that_is_no_string_is_given_as_it_stands() -> None:
    listing = make.der(0x30, make.der(2, b"\1"))
    inner = make.der(
        0x30, make.der(2, b"\1"), make.der(0x31), make.der(0x30, make.der(6, b"\x2a"), make.der(0xA0, listing))
    )
    assert content(make.content_info(make.SIGNED, inner)) == listing


def test_parameters_of_an_algorithm_are_not_taken_for_content() -> None:
    parameters = make.der(0x30, make.der(0xA0, make.der(4, b"wrong")))
    digest = make.der(0x30, make.der(6, b"\x2a\x03"), parameters)
    inner = make.der(
        0x30, make.der(2, b"\0"), digest, make.der(0x30, make.der(6, make.DATA), make.der(0xA0, make.octets(b"right")))
    )
    assert content(make.content_info(make.DIGESTED, inner)) == b"right"


def test_detached_is_nothing() -> None:
    assert cms.read(make.signed(None)).pieces is None
    assert cms.read(make.signed(None, piece=5)).pieces is None
    assert cms.read(make.der(0x30, make.der(6, make.SIGNED))).pieces is None
    assert cms.read(make.signed(None)[:-150]).pieces is None  # cut in its certificates, as some programs do


@pytest.mark.parametrize("kind", [make.ENVELOPED, make.ENCRYPTED, make.AUTH_ENVELOPED, make.PKCS7 + b"\x04"])
def test_hidden_kinds(kind: bytes) -> None:
    found = cms.read(make.enveloped(kind))
    assert found.kind in cms.HIDDEN
    assert found.pieces is None


def test_what_stands_behind() -> None:
    assert cms.read(make.signed(b"x") + b"\0\0\r\n").trailing == b""
    assert cms.read(make.signed(b"x") + b"behind\n").trailing == b"behind"
    assert cms.read(make.signed(b"x", piece=1) + b"behind").trailing == b"behind"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30\x03\x02\x01\x03",  # PKCS #12 begins so
        make.der(0x30, make.der(6, bytes.fromhex("2a864886f70d010101")), make.der(5)),
        make.signed(b"x")[1:],
    ],
)
def test_what_is_none(data: bytes) -> None:
    assert not cms.begins(data)
    with pytest.raises(Malformed):
        cms.read(data)


def everything(data: bytes) -> bytes:
    """What comes out before it ends; HostileInput is the only way to end early."""
    got = b""
    try:
        for piece in cms.read(data).pieces or ():
            got += piece
    except HostileInput:
        pass
    else:
        return got
    return got + b"(cut)"


@pytest.mark.parametrize("piece", [0, 100])
def test_cut_off_anywhere(piece: int) -> None:
    whole = make.signed(CONTENT[:300], piece=piece)
    for cut in range(len(whole)):
        got = everything(whole[:cut])
        assert got.endswith(b"(cut)") or got == CONTENT[:300], cut


def test_claims_of_any_size() -> None:
    for size in (2**31, 2**63, 2**64 - 1):
        data = make.signed(b"hello" * 50)
        assert everything(data.replace(make.octets(b"hello" * 50), b"\x04\x88" + size.to_bytes(8, "big") + b"hello"))


@pytest.mark.parametrize("opening", [b"\x24\x80", b"\x30\x80", b"\x24\x84\x7f\xff\xff\xff"])
def test_nesting_without_end(opening: bytes) -> None:
    start = time.monotonic()
    deep = make.DATA, opening * 100_000
    head = b"\x30\x80" + make.der(6, deep[0]) + b"\xa0\x80"
    for data in (head + deep[1], b"\x30\x80" + make.der(6, make.SIGNED) + b"\xa0\x80\x30\x80" + deep[1]):
        everything(data)
    assert time.monotonic() - start < 3
    if opening[0] == 0x24:
        with pytest.raises(LimitExceeded):
            list(cms.read(head + deep[1]).pieces or ())


def test_elements_are_counted() -> None:
    start = time.monotonic()
    with pytest.raises(LimitExceeded):
        content(make.content_info(make.DATA, b"\x24\x80" + b"\x04\x00" * 2_000_000, indefinite=True))
    assert time.monotonic() - start < 10


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    everything(data)
    everything(b"\x30\x80" + make.der(6, make.SIGNED) + data)
    everything(make.content_info(make.DATA, data))

from __future__ import annotations

import hashlib

import pytest

from lazaretto.errors import ProtocolError
from lazaretto.protocols.icap.chunked import LAST, chunk
from lazaretto.protocols.icap.head import MAX_HEAD
from lazaretto.protocols.icap.reply import Reply, ReplyReader

HTTP = b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n\r\n"


def read(wire: bytes, step: int = 1000, most: int = 1000) -> Reply:
    reader = ReplyReader(most)
    for start in range(0, len(wire), step):
        if reply := reader.feed(wire[start : start + step]):
            assert start + step >= len(wire)
            assert not reader.rest
            return reply
    raise EOFError


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_a_page_in_a_files_place(step: int) -> None:
    head = b"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=%d\r\n\r\n" % len(HTTP)
    reply = read(head + HTTP + chunk(b"<html>") + chunk(b"no") + LAST, step)
    assert (reply.status, reply.http_status, reply.size) == (200, 403, 8)
    assert reply.sha256 == hashlib.sha256(b"<html>no").hexdigest()
    assert reply.reusable


@pytest.mark.parametrize("places", ["", "Encapsulated: null-body=0\r\n"])
def test_nothing_in_it(places: str) -> None:
    reply = read(f"ICAP/1.0 204 Unmodified\r\nConnection: close\r\n{places}\r\n".encode(), 1)
    assert (reply.status, reply.http, reply.reusable) == (204, None, False)


def test_both_heads() -> None:
    asked = b"GET / HTTP/1.1\r\n\r\n"
    head = (
        f"ICAP/1.0 200 OK\r\nEncapsulated: req-hdr=0, res-hdr={len(asked)}, null-body={len(asked) + len(HTTP)}\r\n\r\n"
    )
    assert read(head.encode() + asked + HTTP).http_status == 403


@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"ICAP/1.0 2000 OK\r\n\r\n",
        b"ICAP/1.0 204 No\r\nEncapsulated: res-body=0\r\n\r\n",
        b"ICAP/1.0 100 Continue\r\nEncapsulated: res-hdr=0, res-body=9\r\n\r\n",
        b"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=0\r\n\r\n",
        b"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=9, res-body=0\r\n\r\n",
        b"ICAP/1.0 200 OK\r\nEncapsulated: res-body=0, res-hdr=10\r\n\r\n",
        b"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-hdr=9, res-body=20\r\n\r\n",
        b"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=999999999\r\n\r\n",
        b"ICAP/1.0 200 OK\r\nEncapsulated: what=0\r\n\r\n",
        b"ICAP/1.0 200 OK\r\nEncapsulated: null-body=0\r\nEncapsulated: null-body=0\r\n\r\n",
        b"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=10\r\n\r\nHTTP/1.1 2",
        b"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=%d\r\n\r\n" % len(HTTP) + HTTP + chunk(bytes(1001)),
        b"x" * (MAX_HEAD + 1),
    ],
)
def test_what_is_no_reply(wire: bytes) -> None:
    for step in (1, len(wire)):
        with pytest.raises(ProtocolError):
            read(wire, step)


def test_what_comes_behind_a_reply_is_seen() -> None:
    reader = ReplyReader(0)
    assert not reader.begun
    assert reader.feed(b"ICAP/1.0 204 No\r\n\r\nICAP/1.0 200 OK\r\n")
    assert reader.begun
    assert reader.rest

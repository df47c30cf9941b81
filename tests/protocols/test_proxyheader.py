from __future__ import annotations

import socket
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.errors import ProtocolError
from lazaretto.protocols.proxyheader import SIGNATURE, ProxyHeader, read


def version_2(ip: str, *, command: int = 1, tail: bytes = b"") -> bytes:
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    packed = socket.inet_pton(family, ip)
    body = packed + packed + struct.pack("!HH", 4711, 25) + tail
    return SIGNATURE + struct.pack("!BBH", 0x20 | command, 0x21 if ":" in ip else 0x11, len(body)) + body


GOOD = [
    (b"PROXY TCP4 192.0.2.1 192.0.2.2 4711 25\r\n", "192.0.2.1"),
    (b"PROXY TCP6 2001:db8::1 2001:db8::2 4711 25\r\n", "2001:db8::1"),
    (b"PROXY UNKNOWN\r\n", ""),
    (b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", ""),
    (version_2("192.0.2.1"), "192.0.2.1"),
    (version_2("2001:db8::1", tail=b"\x04\0\x01x"), "2001:db8::1"),
    (version_2("192.0.2.1", command=0), ""),
    (SIGNATURE + b"\x21\0\0\0", ""),
]


@pytest.mark.parametrize(("header", "ip"), GOOD)
def test_reads_the_client_and_leaves_the_rest(header: bytes, ip: str) -> None:
    assert read(header + b"EHLO x\r\n") == ProxyHeader(ip, len(header))


@pytest.mark.parametrize(("header", "ip"), GOOD)
def test_waits_for_the_whole_header(header: bytes, ip: str) -> None:
    assert all(read(header[:cut]) is None for cut in range(len(header)))


@pytest.mark.parametrize(
    "header",
    [
        b"EHLO x\r\n",
        b"PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
        b"PROXY TCP4 999.0.2.1 192.0.2.2 1 2\r\n",
        b"PROXY TCP4 192.0.2.1\r\n",
        b"PROXY " + b"x" * 107,
        SIGNATURE + b"\x31\x11\0\x0c" + bytes(12),
        SIGNATURE + b"\x22\x11\0\x0c" + bytes(12),
        SIGNATURE + b"\x21\x11\0\x04" + bytes(4),
        SIGNATURE + b"\x21\x11\xff\xff",
    ],
)
def test_refuses_what_is_malformed(header: bytes) -> None:
    with pytest.raises(ProtocolError):
        read(header)


@settings(max_examples=200)
@given(st.one_of(st.binary(max_size=200), st.binary(max_size=200).map(lambda tail: SIGNATURE + tail)))
def test_nothing_but_protocol_errors(data: bytes) -> None:
    try:
        header = read(data)
    except ProtocolError:
        return
    assert header is None or header.length <= len(data)

"""The PROXY protocol, versions 1 and 2: how a load balancer tells whose connection it passes on.

Source: haproxy.org, doc/proxy-protocol.txt, sections 2.1 and 2.2.  The header stands before everything else,
TLS included; read it only from peers that are trusted, and then always (section 5: a receiver must not guess).
"""

from __future__ import annotations

import ipaddress
import re
import struct
from dataclasses import dataclass

from lazaretto.errors import ProtocolError

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
MAX_V1 = 107  # octets with CRLF (section 2.1)
MAX_V2 = 16 + 2048  # section 2.2 allows 64 KiB of type-length-values that say nothing to us

_V1 = re.compile(rb"PROXY (?:(UNKNOWN)(?: .*)?|(TCP4|TCP6) (\S+) (\S+) (\d{1,5}) (\d{1,5}))", re.DOTALL)
_FAMILIES = {0x11: (4, ipaddress.IPv4Address), 0x21: (16, ipaddress.IPv6Address)}  # over TCP


@dataclass(frozen=True, slots=True)
class ProxyHeader:
    """``ip`` of the client, "" when the balancer speaks for itself; ``length`` is that of the header."""

    ip: str
    length: int


def read(data: bytes) -> ProxyHeader | None:
    """The header at the start of ``data``; None until more bytes come.  Raises ProtocolError."""
    if data.startswith(SIGNATURE):
        return _version_2(data)
    if data.startswith(b"PROXY "):
        return _version_1(data)
    if SIGNATURE.startswith(data) or b"PROXY ".startswith(data):
        return None
    raise ProtocolError("no PROXY header")


def _version_1(data: bytes) -> ProxyHeader | None:
    end = data.find(b"\r\n", 0, MAX_V1)
    if end < 0:
        if len(data) >= MAX_V1:
            raise ProtocolError("PROXY header too long")
        return None
    found = _V1.fullmatch(data[:end])
    if found is None:
        raise ProtocolError(f"malformed PROXY header {data[:end]!r}")
    if found[1]:
        return ProxyHeader("", end + 2)
    try:
        address = ipaddress.ip_address(found[3].decode("ascii"))
    except ValueError as error:
        raise ProtocolError(f"malformed PROXY header: {error}") from None
    if address.version != (4 if found[2] == b"TCP4" else 6):
        raise ProtocolError("PROXY header with an address of another family")
    return ProxyHeader(str(address), end + 2)


def _version_2(data: bytes) -> ProxyHeader | None:
    if len(data) < 16:
        return None
    version_command, family, length = struct.unpack_from("!BBH", data, 12)
    end = 16 + length
    if version_command >> 4 != 2 or version_command & 15 > 1 or end > MAX_V2:
        raise ProtocolError("PROXY header of an unknown version or command, or too long")
    if len(data) < end:
        return None
    if version_command & 15 == 0:  # LOCAL: a health check of the balancer itself
        return ProxyHeader("", end)
    if family not in _FAMILIES:  # "the receiver should ... use the real connection endpoints"
        return ProxyHeader("", end)
    size, address = _FAMILIES[family]
    if length < 2 * size + 4:
        raise ProtocolError("PROXY header too short for its addresses")
    return ProxyHeader(str(address(data[16 : 16 + size])), end)

"""OpenPGP packets (RFC 9580, before it RFC 4880, and the old forms that GnuPG still reads) without any key."""

from __future__ import annotations

import re
import zlib
from bz2 import BZ2Decompressor
from collections.abc import Iterator
from typing import Final, NamedTuple

from lazaretto.errors import LimitExceeded, Malformed
from lazaretto.mime import decode

MAX_PIECES = 500_000  # packets, and pieces of a packet: writers cut at 512 bytes and more (RFC 9580, 4.2.1.4)

# RFC 9580, 5: the packets that say something about what is inside
SESSION_KEY, SIGNATURE, PASSWORD, ONE_PASS, SECRET, PUBLIC = 1, 2, 3, 4, 5, 6
COMPRESSED: Final = 8
ENCRYPTED_V0, MARKER = 9, 10
LITERAL: Final = 11
ENCRYPTED, OCB = 18, 20  # 20 is GnuPG's own, never standardised
HIDDEN = frozenset({SESSION_KEY, PASSWORD, ENCRYPTED_V0, ENCRYPTED, OCB})

UNCOMPRESSED, ZIP, ZLIB, BZIP2 = 0, 1, 2, 3  # RFC 9580, 9.4

_TAGS = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 17, 18, 19, 20, 21})
_KEY_ALGORITHMS = frozenset({1, 2, 3, 16, 17, 18, 19, 20, 22, 25, 26, 27, 28})
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_BINARY = re.compile(rb"[\x00-\x06\x0e-\x1a\x7f]")  # what text has no use for
_HEAD = 1024  # bytes looked at to tell what a packet is
_PIECES = 64  # of one packet, looked at for the same
_WRAPPED = 3  # compressed packets in each other that are looked through for that
_PRESUMED = b"\xca\x03PGP"  # a marker packet


class Packet(NamedTuple):
    tag: int
    spans: tuple[tuple[int, int], ...]  # its body, in pieces
    whole: bool  # as long as it says
    measured: bool = True  # it says how long it is

    @property
    def end(self) -> int:
        return self.spans[-1][1]

    def body(self, data: bytes) -> bytes:
        return b"".join([data[start:end] for start, end in self.spans])


class Literal(NamedTuple):
    name: str
    content: bytes


def packets(data: bytes) -> Iterator[Packet]:
    """Packet after packet; what is cut off is given out as far as it goes.  Raises Malformed where no packet
    begins, LimitExceeded behind MAX_PIECES."""
    at, left = 0, MAX_PIECES
    while at < len(data):
        packet = _packet(data, at, left)
        left -= len(packet.spans)
        yield packet
        at = packet.end
        if left <= 0:
            raise LimitExceeded("elements", f"more than {MAX_PIECES} packets or pieces of OpenPGP")


def _packet(data: bytes, at: int, left: int) -> Packet:
    first = data[at]
    if not first & 0x80:  # RFC 9580, 4.2
        raise Malformed(f"no OpenPGP packet at offset {at}")
    if first & 0x40:
        return _partial(data, first & 0x3F, at + 1, left)
    tag, size = first >> 2 & 0xF, (1, 2, 4, 0)[first & 3]
    start = at + 1 + size
    if not size:  # RFC 9580, 4.2.2: to the end of the file
        return Packet(tag, ((start, len(data)),), whole=True, measured=False)
    end = start + int.from_bytes(data[at + 1 : start])
    start = min(start, len(data))
    return Packet(tag, ((start, max(start, min(end, len(data)))),), whole=end <= len(data))


def _partial(data: bytes, tag: int, at: int, left: int) -> Packet:
    """The new form (RFC 9580, 4.2.1); a partial length says that another length follows its piece."""
    spans: list[tuple[int, int]] = []
    while True:
        first = data[at] if at < len(data) else 0
        size, more = 1, 224 <= first < 255
        length = 1 << (first & 0x1F) if more else first
        if first == 255:
            size, length = 5, int.from_bytes(data[at + 1 : at + 5])
        elif 192 <= first < 224:
            size, length = 2, (first - 192 << 8) + int.from_bytes(data[at + 1 : at + 2]) + 192
        start = min(at + size, len(data))
        whole = at + size + length <= len(data)
        at = min(start + length, len(data))
        spans.append((start, at))
        if not more or not whole or len(spans) >= left:
            return Packet(tag, tuple(spans), whole and not more)


def literal(body: bytes) -> Literal:
    """RFC 9580, 5.9.  Raises Malformed."""
    if len(body) < 2:
        raise Malformed("literal data cut off")
    size = body[1]
    name = decode.text(body[2 : 2 + size], "utf-8")
    # "_CONSOLE": for eyes only; programs that read from a pipe write an empty name.
    return Literal("" if name == "_CONSOLE" else name, body[6 + size :])


def begins(data: bytes, *, exact: bool = True) -> bool:
    """Whether packets stand here: the first is of a form that is written, and another or the end follows it.  Not
    ``exact``, nothing is asked about what follows: ``data`` may be cut off."""
    for _ in range(_WRAPPED):
        if not data or not data[0] & 0x80:
            return False
        packet = _packet(data, 0, _PIECES)
        if packet.tag == COMPRESSED:  # old writers do not say how long it is, but what is inside speaks for it
            start, end = packet.spans[0]
            data, exact = _inflated(data[start : min(end, start + _HEAD)]), False
            continue
        if exact and not _ends_well(data, packet):
            return False
        return is_sound(data, packet, exact=exact)
    return False


def is_sound(data: bytes, packet: Packet, *, exact: bool = True) -> bool:
    """Whether the packet begins as one of its kind does."""
    head = b"".join(data[start : min(end, start + _HEAD)] for start, end in packet.spans[:_PIECES])
    return _sound(packet.tag, head, exact)


def _ends_well(data: bytes, packet: Packet) -> bool:
    if not packet.whole:
        return len(packet.spans) >= _PIECES  # the count was cut off, not the packet
    if packet.tag == ENCRYPTED_V0:  # has no version to tell it by; only after a session key may more follow
        return packet.measured and packet.end == len(data)
    if packet.end == len(data):
        return packet.measured or packet.tag == LITERAL
    following = data[packet.end]
    return (following & 0xC0 == 0xC0 and following & 0x3F in _TAGS) or (
        following & 0xC0 == 0x80 and following >> 2 & 0xF in _TAGS
    )


def _sound(tag: int, body: bytes, exact: bool) -> bool:
    """Versions and algorithms that exist (RFC 9580, 5 and 9)."""
    if len(body) < 3:
        return False
    version, second = body[0], body[1]
    if tag == SESSION_KEY:
        return len(body) > 9 and ((version in (2, 3) and body[9] in _KEY_ALGORITHMS) or version == 6)
    if tag in (SECRET, PUBLIC):
        return len(body) > 9 and version in (2, 3, 4, 5, 6) and body[5 if version > 3 else 7] in _KEY_ALGORITHMS
    if tag == SIGNATURE:
        return (version in (2, 3) and second == 5) or (version in (4, 5, 6) and body[2] in _KEY_ALGORITHMS)
    if tag == PASSWORD:
        return (version == 4 and second <= 13 and body[2] <= 4) or version in (5, 6)
    if tag == ONE_PASS:
        return (version == 3 and len(body) >= 13 and body[3] in _KEY_ALGORITHMS) or version == 6
    if tag == MARKER:
        return body[:3] == b"PGP"
    if tag == LITERAL:
        name = body[2 : 2 + second]
        return version in b"btuml1" and not (exact and (len(name) < second or _CONTROL.search(name)))
    if tag in (ENCRYPTED, OCB):
        return version in (1, 2)
    # Nothing but its length speaks for it, and that may fit a line of text in an old charset by chance.
    return tag == ENCRYPTED_V0 and exact and len(body) > 17 and _BINARY.search(body) is not None


def _inflated(body: bytes) -> bytes:
    """The beginning of what a compressed packet holds, b"" if it holds nothing that unpacks."""
    kind, packed = body[:1], body[1:]
    try:
        if kind in (bytes([ZIP]), bytes([ZLIB])):
            return zlib.decompressobj(-15 if kind[0] == ZIP else 15).decompress(packed, _HEAD)
        if kind == bytes([BZIP2]) and packed.startswith(b"BZh"):
            # A block is unpacked whole or not at all: of a large one the beginning tells nothing but its magic.
            return BZ2Decompressor().decompress(packed, _HEAD) or _PRESUMED
    except (zlib.error, OSError, ValueError):
        return b""
    return packed if kind == bytes([UNCOMPRESSED]) else b""

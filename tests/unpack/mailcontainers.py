"""Writers of CMS, OpenPGP and TNEF, for what the real tools do not write: odd, damaged, hostile, or not at hand."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterable, Sequence

# ---------------------------------------------------------------------------- CMS

PKCS7 = bytes.fromhex("2a864886f70d0107")
SMIME = bytes.fromhex("2a864886f70d01091001")
DATA, SIGNED, ENVELOPED, DIGESTED, ENCRYPTED = (PKCS7 + bytes([number]) for number in (1, 2, 3, 5, 6))
COMPRESSED, AUTH_ENVELOPED = SMIME + b"\x09", SMIME + b"\x17"


def der(tag: int, *contents: bytes, indefinite: bool = False) -> bytes:
    content = b"".join(contents)
    if indefinite:
        return bytes([tag, 0x80]) + content + b"\0\0"
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def octets(content: bytes, piece: int = 0) -> bytes:
    """An OCTET STRING, in pieces as Outlook writes it if ``piece`` is given."""
    if not piece:
        return der(4, content)
    pieces = (der(4, content[at : at + piece]) for at in range(0, len(content), piece))
    return der(0x24, *pieces, indefinite=True)


def content_info(kind: bytes, inner: bytes, *, indefinite: bool = False) -> bytes:
    return der(0x30, der(6, kind), der(0xA0, inner, indefinite=indefinite), indefinite=indefinite)


def signed(content: bytes | None, *, piece: int = 0) -> bytes:
    """SignedData; None: detached.  The signature is fill: nobody here checks it."""
    indefinite = bool(piece)
    wrapped = [] if content is None else [der(0xA0, octets(content, piece), indefinite=indefinite)]
    algorithm = der(0x30, der(6, bytes.fromhex("608648016503040201")), der(5))
    inner = (
        der(2, b"\x01"),
        der(0x31, algorithm),
        der(0x30, der(6, DATA), *wrapped, indefinite=indefinite),
        der(0xA0, der(0x30, bytes(300))),
        der(0x31, der(0x30, bytes(100))),
    )
    return content_info(SIGNED, der(0x30, *inner, indefinite=indefinite), indefinite=indefinite)


def compressed(content: bytes, *, piece: int = 0, packed: bytes | None = None) -> bytes:
    """RFC 3274."""
    packed = zlib.compress(content, 9) if packed is None else packed
    inner = (
        der(2, b"\x00"),
        der(0x30, der(6, SMIME[:-2] + b"\x03\x08")),
        der(0x30, der(6, DATA), der(0xA0, octets(packed, piece))),
    )
    return content_info(COMPRESSED, der(0x30, *inner))


def enveloped(kind: bytes = ENVELOPED) -> bytes:
    return content_info(kind, der(0x30, der(2, b"\0"), der(0x31, bytes(200)), der(0x30, bytes(50))))


# ---------------------------------------------------------------------------- OpenPGP


def packet(tag: int, body: bytes) -> bytes:
    """The new form, with a length of five octets (RFC 9580, 4.2.1.3)."""
    return bytes([0xC0 | tag, 255]) + struct.pack(">I", len(body)) + body


def old_packet(tag: int, body: bytes, kind: int = 1) -> bytes:
    """The old form; ``kind`` 3: no length (4.2.2)."""
    return bytes([0x80 | tag << 2 | kind]) + (len(body).to_bytes((1, 2, 4)[kind], "big") if kind < 3 else b"") + body


def partial_packet(tag: int, body: bytes, power: int = 9) -> bytes:
    """In pieces of two to the ``power`` (4.2.1.4)."""
    size, out, at = 1 << power, bytearray([0xC0 | tag]), 0
    while at + size <= len(body):
        out += bytes([224 | power]) + body[at : at + size]
        at += size
    return bytes(out) + b"\xff" + struct.pack(">I", len(body) - at) + body[at:]


def literal(content: bytes, name: bytes = b"", form: bytes = b"b") -> bytes:
    return form + bytes([len(name)]) + name + bytes(4) + content


def packed(content: bytes, method: int = 1) -> bytes:
    if method == 1:
        return b"\x01" + zlib.compress(content, 9)[2:-4]
    return {0: b"\x00" + content, 2: b"\x02" + zlib.compress(content, 9)}[method]


def armoured(data: bytes, label: bytes = b"PGP MESSAGE", *, fields: bytes = b"Version: 1\n", end: bool = True) -> bytes:
    lines = b"-----BEGIN " + label + b"-----\n" + fields + b"\n" + base64.encodebytes(data) + b"=njUN\n"
    return lines + b"-----END " + label + b"-----\n" * end


# ---------------------------------------------------------------------------- TNEF


def attribute(level: int, identifier: int, data: bytes, checksum: int | None = None) -> bytes:
    checksum = sum(data) & 0xFFFF if checksum is None else checksum
    return struct.pack("<BII", level, identifier, len(data)) + data + struct.pack("<H", checksum)


def tnef(*attributes: bytes) -> bytes:
    version = attribute(1, 0x00089006, b"\0\0\1\0")
    return b"\x78\x9f\x3e\x22\x01\x00" + version + b"".join(attributes)


def code_page(number: int) -> bytes:
    return attribute(1, 0x00069007, struct.pack("<II", number, 0))


def prop(identifier: int, kind: int, *values: bytes, named: bytes = b"") -> bytes:
    """Of variable length; ``named``: what follows the id of a named property."""
    out = struct.pack("<HH", kind, identifier) + named + struct.pack("<I", len(values))
    return out + b"".join(struct.pack("<I", len(value)) + value + bytes(-len(value) % 4) for value in values)


def number_prop(identifier: int, kind: int, value: bytes) -> bytes:
    return struct.pack("<HH", kind, identifier) + value


def props(*each: bytes) -> bytes:
    return struct.pack("<I", len(each)) + b"".join(each)


def attachment(data: bytes | None, title: bytes = b"", properties: Sequence[bytes] = ()) -> bytes:
    out = attribute(2, 0x00069002, bytes(14))
    out += attribute(2, 0x00018010, title + b"\0") if title else b""
    out += attribute(2, 0x0006800F, data) if data is not None else b""
    return out + (attribute(2, 0x00069005, props(*properties)) if properties else b"")


def lzfu(tokens: Iterable[bytes | tuple[int, int]], size: int, *, end: bool = True) -> bytes:
    """[MS-OXRTFCP]: bytes are literals, a pair is a distance and a length."""
    items: list[bytes] = []
    flags: list[int] = []
    position = 207
    for token in tokens:
        if isinstance(token, bytes):
            items += [token[at : at + 1] for at in range(len(token))]
            flags += [0] * len(token)
            position += len(token)
        else:
            distance, length = token
            items.append(((position - distance & 4095) << 4 | length - 2).to_bytes(2, "big"))
            flags.append(1)
            position += length
    if end:
        items.append(((position & 4095) << 4).to_bytes(2, "big"))
        flags.append(1)
    out = bytearray()
    for at in range(0, len(items), 8):
        out.append(sum(flag << bit for bit, flag in enumerate(flags[at : at + 8])))
        out += b"".join(items[at : at + 8])
    return struct.pack("<II4sI", len(out) + 12, size, b"LZFu", 0) + bytes(out)

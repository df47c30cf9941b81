"""Writers of the containers that the standard library does not know: CMS, OpenPGP, TNEF, AppleSingle, OLE-free RTF.

Each writes the least that its readers accept, and nothing is signed: a reader shows what is inside before it judges.
"""

from __future__ import annotations

import base64
import struct
import zlib

from tests.ambiguity.build import CRLF, b64, lines


def der(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + body


SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
DATA = bytes.fromhex("06092a864886f70d010701")


def opaque_smime(content: bytes) -> bytes:
    """CMS SignedData without signers (RFC 5652 5.1, as for certificates): the content lies open within."""
    inside = der(0x30, DATA, der(0xA0, der(0x04, content)))
    signed = der(0x30, der(0x02, b"\x01"), der(0x31), inside, der(0x31))
    return der(0x30, SIGNED_DATA, der(0xA0, signed))


def packet(tag: int, body: bytes) -> bytes:
    """An OpenPGP packet in the new format with a length of five octets (RFC 9580 4.2.1)."""
    return bytes((0xC0 | tag, 0xFF)) + len(body).to_bytes(4, "big") + body


def pgp_literal(data: bytes, name: str, compress: bool = False, zlib_head: bool = False) -> bytes:
    """A literal data packet (RFC 9580 5.9), if wanted in a compressed one (5.6; 1 is ZIP, 2 is ZLIB)."""
    literal = packet(11, b"b" + bytes((len(name),)) + name.encode() + bytes(4) + data)
    if not compress:
        return literal
    if zlib_head:
        return packet(8, b"\x02" + zlib.compress(literal))
    deflate = zlib.compressobj(wbits=-15)
    return packet(8, b"\x01" + deflate.compress(literal) + deflate.flush())


def pgp_armour(data: bytes) -> bytes:
    crc = 0xB704CE
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc = crc << 1 ^ (0x1864CFB if crc & 0x800000 else 0)
    check = b"=" + base64.b64encode((crc & 0xFFFFFF).to_bytes(3, "big"))
    return lines("-----BEGIN PGP MESSAGE-----", "") + b64(data, 64) + check + CRLF + lines("-----END PGP MESSAGE-----")


def tnef(data: bytes, name: str) -> bytes:
    """winmail.dat with one attachment ([MS-OXTNEF] 2.1): signature, key, attributes with their sums."""

    def attribute(level: int, id: int, body: bytes) -> bytes:
        return bytes((level,)) + struct.pack("<II", id, len(body)) + body + struct.pack("<H", sum(body) & 0xFFFF)

    rendering = struct.pack("<HIHHI", 1, 0xFFFFFFFF, 0, 0, 0)
    return (
        struct.pack("<IH", 0x223E9F78, 1)
        + attribute(1, 0x00089006, struct.pack("<I", 0x00010000))
        + attribute(1, 0x00069007, struct.pack("<II", 1252, 0))
        + attribute(2, 0x00069002, rendering)
        + attribute(2, 0x00018010, name.encode() + b"\0")
        + attribute(2, 0x0006800F, data)
    )


def apple(data: bytes, name: str, double: bool = False) -> bytes:
    """AppleSingle, or the AppleDouble header file (RFC 1740): entries for the name, the data or resource fork."""
    magic = 0x00051607 if double else 0x00051600
    entries = ((3, name.encode()), (2 if double else 1, data))
    at, table, body = 26 + 12 * len(entries), b"", b""
    for id, content in entries:
        table += struct.pack(">III", id, at + len(body), len(content))
        body += content
    return struct.pack(">II16xH", magic, 0x00020000, len(entries)) + table + body


def macbinary(data: bytes, name: str) -> bytes:
    head = bytearray(128)
    head[1] = len(name)
    head[2 : 2 + len(name)] = name.encode()
    head[65:73] = b"BINAGENT"
    head[83:87] = len(data).to_bytes(4, "big")
    head[122:124] = b"\x81\x81"
    return bytes(head) + data + bytes(-len(data) % 128)


def rtf_package(data: bytes, name: str) -> bytes:
    """RTF with an embedded OLE 1 "Package" object ([MS-OLEDS] 2.2.5): the icon that the user double-clicks."""

    def text(value: bytes) -> bytes:
        return struct.pack("<I", len(value) + 1) + value + b"\0"

    label = name.encode() + b"\0"
    native = b"\x02\x00" + label + label + b"\0\0\x03\0" + struct.pack("<I", len(label)) + label
    native += struct.pack("<I", len(data)) + data + bytes(2)
    stream = struct.pack("<II", 0x501, 2) + text(b"Package") + bytes(8) + struct.pack("<I", len(native)) + native
    return (
        b"{\\rtf1\\ansi Papers {\\object\\objemb{\\*\\objclass Package}{\\*\\objdata " + stream.hex().encode() + b"}}}"
    )

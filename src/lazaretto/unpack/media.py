"""Pictures, sound, films, keys and other things that no mark of their own begins: told by fields that only they have.

Nothing of these is opened here; to know them keeps them from being taken for something else.
"""

from __future__ import annotations

import struct

_TGA_FOOTER = b"TRUEVISION-XFILE.\0"
_MP3_RATES = 0xF0, 0x0C  # masks of two fields, in which all ones say nothing
_OID = b"\x06"
_FIRST = b"RF\x1a\x09\xff\x0aP\0t\x30"  # of all that is told by its first bytes
_LONGEST_DER = 1 << 24


def identify(data: bytes) -> str | None:
    """By the beginning; for what no other structure has claimed."""
    head = data[:64]
    if head[0] not in _FIRST:
        return _further_in(data)
    if head[:4] == b"RIFX":
        return {b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(head[8:12])
    if head[:4] == b"FORM":
        return {b"AIFF": "audio/aiff", b"AIFC": "audio/aiff"}.get(head[8:12])
    if head[:4] == b"\x1a\x45\xdf\xa3" and (b"matroska" in data[:128] or b"webm" in data[:128]):
        return "video/x-matroska"
    if head[:1] == b"\x09" and _is_biff(head):
        return "application/x-ms-biff"
    if head[:1] == b"\xff" and len(head) > 6:
        return _sound(data)
    if head[:1] == b"\x0a" and _is_pcx(head):
        return "image/vnd.zbrush.pcx"
    if head[:1] == b"P" and head[1:2] in b"123456" and _is_anymap(head):
        return "image/x-portable-anymap"
    if head[:4] in (b"\0\1\0\0", b"true") and _is_truetype(head):
        return "font/ttf"
    return _keys(data) if head[:1] == b"\x30" else _further_in(data)


def _further_in(data: bytes) -> str | None:
    if data[2:4] == b"\r\n" and data[1] in b"\x0a\x0b\x0c\x0d\x0e\x0f" and _is_python(data):
        return "application/x-python-bytecode"
    if data[60:64] == b"MOBI" and data[64:68] in (b"", b"\0\0\0\0") and len(data) > 78:
        return "application/x-mobipocket-ebook"
    if data[36:40] == b"acsp":  # ICC.1:2022 section 7.2
        return "application/vnd.iccprofile"
    return "application/dicom" if data[128:132] == b"DICM" else None


def late(data: bytes) -> str | None:
    """What only its end says, or nothing but two bytes of its beginning."""
    if data[-18:] == _TGA_FOOTER:  # Truevision TGA File Format Specification 2.0
        return "image/x-tga"
    return None


def _is_biff(head: bytes) -> bool:
    """Before Excel 5 a sheet was no compound file: a BOF record alone ([MS-XLS] 2.4.21 and "BIFF 2 to 4")."""
    return (
        head[1:2] in (b"\0", b"\2", b"\4")
        and head[2:4] in (b"\x04\0", b"\x06\0")
        and head[6:8]
        in (
            b"\x10\0",
            b"\x20\0",
            b"\x40\0",
        )
    )


def _sound(data: bytes) -> str | None:
    """A frame of MPEG audio (ISO 11172-3 section 2.4.1.3): a version, a layer, rates that are; AAC in ADTS."""
    second, third = data[1], data[2]
    if second & 0xF6 == 0xF0:  # ISO 13818-7 section 6.2: the layer is 0
        length = (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5
        again = data[length : length + 2]
        return "audio/aac" if length > 7 and again[:1] == b"\xff" and again[1:2] == data[1:2] else None
    if second & 0xE0 != 0xE0 or second & 0x18 == 0x08 or second & 0x06 != 0x02:
        return None
    if third & _MP3_RATES[0] in (0, 0xF0) or third & _MP3_RATES[1] == 0x0C:
        return None
    return "audio/mpeg" if len(data) > 16 else None


def _is_pcx(head: bytes) -> bool:
    if len(head) < 12 or head[1] not in (0, 2, 3, 4, 5) or head[2] > 1 or head[3] not in (1, 2, 4, 8):
        return False
    left, top, right, bottom = struct.unpack_from("<4H", head, 4)
    return bool(left < right and top < bottom)


def _is_anymap(head: bytes) -> bool:
    """Width and height follow, or a comment does (netpbm, pgm(5))."""
    rest = head[2:].split(b"\n", 2)
    fields = b" ".join(line for line in rest if not line.startswith(b"#")).split()
    return head[2:3] in b"\n\r\t " and len(fields) >= 2 and fields[0].isdigit() and fields[1].isdigit()


def _is_truetype(head: bytes) -> bool:
    """A number of tables, and what follows from it (OpenType 1.9, "Table directory")."""
    if len(head) < 16:
        return False
    tables, search, selector = struct.unpack_from(">3H", head, 4)
    power = tables.bit_length() - 1
    return bool(0 < tables < 64 and search == 16 << power and selector == power)


def _is_python(data: bytes) -> bool:
    """CPython's Lib/importlib/_bootstrap_external.py: a magic number that ends in CR LF, flags, code."""
    return len(data) > 17 and (data[4:8] in (b"\0\0\0\0", b"\1\0\0\0", b"\3\0\0\0")) and data[16] & 0x7F == ord("c")


def _keys(data: bytes) -> str | None:
    """A certificate begins with a sequence in a sequence, PKCS#12 with version 3 (RFC 5280 section 4.1, RFC 7292)."""
    outer = _length(data, 1)
    if outer is None or outer[0] + outer[1] > len(data) or outer[1] > _LONGEST_DER:
        return None
    at = outer[0]
    if data[at : at + 4] == b"\x02\x01\x03\x30":
        return "application/x-pkcs12"
    inner = _length(data, at + 1) if data[at : at + 1] == b"\x30" else None
    if inner is None:
        return None
    at = inner[0]
    version = data[at : at + 5] in (b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x01")
    if version:
        at += 5
    serial = data[at : at + 1] == b"\x02" and 0 < data[at + 1 : at + 2][0:1].ljust(1, b"\0")[0] <= 21
    behind = at + 2 + (data[at + 1] if serial else 0)
    signed = data[behind : behind + 1] == b"\x30" and data[behind + 2 : behind + 3] == _OID
    return "application/pkix-cert" if serial and signed else None


def _length(data: bytes, at: int) -> tuple[int, int] | None:
    """Where the value begins and how long it is (X.690 section 8.1.3)."""
    first = data[at : at + 1]
    if not first:
        return None
    if first[0] < 0x80:
        return at + 1, first[0]
    count = first[0] & 0x7F
    if not 0 < count <= 4 or len(data) < at + 1 + count:
        return None
    return at + 1 + count, int.from_bytes(data[at + 1 : at + 1 + count], "big")

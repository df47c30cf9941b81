"""Encodings of text in scripts: escapes, base64, hexadecimal, numbers.  Linear, and nothing here raises."""

from __future__ import annotations

import codecs
import re
import zlib

from lazaretto.mime import transfer

_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_PERCENT = re.compile(r"%(?:u([0-9A-Fa-f]{4})|([0-9A-Fa-f]{2}))")
_ESCAPE = re.compile(
    r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{0*([0-9A-Fa-f]{1,6})\}|([0-3]?[0-7]{1,2})|\r\n|([\s\S]))"
)
_SINGLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "\n": "", "\r": ""}
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,3}")
_PACKED = 2**20


def unescaped(text: str) -> str:
    """ECMA-262, 12.9.4: escapes in a string literal."""
    return _ESCAPE.sub(_escape, text) if "\\" in text else text


def _escape(found: re.Match[str]) -> str:
    narrow, wide, point, octal, single = found.groups()
    if narrow or wide or point:
        number = int(narrow or wide or point, 16)
        return chr(number) if number < 0xD800 or 0xDFFF < number < 0x110000 else "\ufffd"
    if octal:
        return chr(int(octal, 8))
    return _SINGLE.get(single, single) if single else ""


def unpercent(text: str) -> str:
    """The function ``unescape`` of ECMAScript (B.2.1.2)."""
    return _PERCENT.sub(lambda found: _character(int(found[1] or found[2], 16)), text) if "%" in text else text


def _character(number: int) -> str:
    return chr(number) if number < 0xD800 or number > 0xDFFF else "\ufffd"


def base64(text: str) -> bytes:
    """Either alphabet of RFC 4648, whatever stands between the characters, padded or not."""
    return transfer.transfer(text.encode("ascii", "replace").translate(_URL_SAFE), "base64").data


def is_base64(text: str) -> bool:
    """Whether somebody may have meant it so: letters of both cases and digits, no word."""
    return bool(_BASE64.fullmatch(text)) and not (text.isalpha() and (text.islower() or text.isupper()))


def words(data: bytes) -> str | None:
    """Decoded bytes as a text, when they are one; UTF-16, as PowerShell has its commands, as well."""
    if data.startswith((b"\x1f\x8b", b"\x78\x9c", b"\x78\xda", b"\x78\x01")) or data[:2] in (b"\xed\xbd",):
        data = unpacked(data)
    if data.startswith(codecs.BOM_UTF16_LE) or (len(data) > 7 and not any(data[1:16:2]) and all(data[:8:2])):
        text = data[: len(data) & ~1].decode("utf-16-le", "replace").removeprefix("\ufeff")
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            return None
    head = text[:2000].translate({9: None, 10: None, 13: None})
    return text if len(text) > 3 and head.isprintable() else None


def unpacked(data: bytes) -> bytes:
    """gzip, zlib or raw deflate, as far as it goes and not beyond a megabyte."""
    for bits in (47, -15):
        try:
            return zlib.decompressobj(bits).decompress(data, _PACKED)
        except zlib.error:
            continue
    return b""


def hexadecimal(text: str) -> bytes:
    digits = re.sub(r"0x|[^0-9A-Fa-f]", "", text)
    return bytes.fromhex(digits[: len(digits) & ~1])


def characters(codes: list[object]) -> str | None:
    """Numbers of characters as text."""
    found = []
    for code in codes:
        number = int(code) if isinstance(code, int | float) else -1
        if not 0 <= number < 0x110000:
            return None
        found.append(_character(number & 0xFFFF) if number < 0x10000 else chr(number))
    return "".join(found)

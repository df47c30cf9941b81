"""What a string in a page, a script or a calendar may stand for: base64, hexadecimal, percent-encoding, a data: URL.

Pure functions, linear in their input; nothing here raises for any input.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lazaretto.mime import transfer

SHORTEST = 24  # characters that are worth a guess
_BLANKS = str.maketrans("", "", " \t\r\n\f\\")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{20,}+={0,3}")
_HEX = re.compile(r"(?:0x)?[0-9A-Fa-f]{32,}+")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_PERCENT_RUN = re.compile(rb"(?:%[0-9A-Fa-f]{2}){1,500}")
_UNICODE_RUN = re.compile(r"(?:%u[0-9A-Fa-f]{4}){1,500}")
# RFC 2397 section 3: a short header without quotes or brackets, then a comma.
_HEADER = re.compile(r"data:([^,\"'<>()]{0,128}),", re.IGNORECASE)
_ENDS = {'"': '"', "'": "'", "`": "`", "(": ")"}
_UNTIL_BLANK = re.compile(r"[^\s\"'<>]*+")
CUT = str.maketrans("", "", "\t\r\n")


class DataUrl(NamedTuple):
    """``payload`` as written; ``start`` and ``stop`` are where the URL stands in its text."""

    header: str
    payload: str
    start: int = 0
    stop: int = 0

    @property
    def media_type(self) -> str:
        return self.header.partition(";")[0].strip().lower()[:100]

    def data(self) -> bytes:
        raw = unpercent(self.payload.encode("utf-8", "replace"))
        if "base64" not in unpercent(self.header.encode("utf-8", "replace")).lower().decode("latin-1"):
            return raw
        return base64(raw.partition(b"#")[0])  # a fragment is no part of the resource (RFC 3986 section 3.5)


def whole_url(value: str) -> DataUrl | None:
    """An attribute's value that is one data: URL.  A URL loses its line ends and tabs before it is read, also those in
    "da\\nta:" (WHATWG URL, basic URL parser, step 3)."""
    value = value.translate(CUT).strip()
    found = _HEADER.match(value)
    return DataUrl(found[1], value[found.end() :]) if found else None


def urls(text: str, start: int = 0, stop: int | None = None) -> Iterator[DataUrl]:
    """data: URLs anywhere in a text (CSS, script, a value of several): each ends with the quote or bracket that it
    began with, else at the first blank."""
    stop = len(text) if stop is None else stop
    none_left: set[str] = set()  # closing marks that do not come any more: looked for once, or time is quadratic
    while found := _HEADER.search(text, start, stop):
        mark = _ENDS.get(text[found.start() - 1 : found.start()], "")
        end = -1 if not mark or mark in none_left else text.find(mark, found.end(), stop)
        if end < 0:
            none_left.add(mark)
            blank = _UNTIL_BLANK.match(text, found.end(), stop)
            end = blank.end() if blank else found.end()
        yield DataUrl(found[1], text[found.end() : end], found.start(), end)
        start = end


def base64(raw: bytes) -> bytes:
    """Either alphabet of RFC 4648, whatever stands between the characters, padded or not."""
    return transfer.transfer(raw.translate(_URL_SAFE), "base64").data


def unpercent(raw: bytes) -> bytes:
    """RFC 3986 section 2.1.  Not by urllib or re.sub: both make a list of millions of pieces."""
    if b"%" not in raw:
        return raw
    out, at = bytearray(), 0
    for found in _PERCENT_RUN.finditer(raw):
        out += raw[at : found.start()]
        out += bytes.fromhex(found[0].replace(b"%", b"").decode("ascii"))
        at = found.end()
    return bytes(out + raw[at:])


def unescape(text: str) -> str:
    """The function of ECMAScript (B.2.1.2): %u0041 and %41, one character each."""
    text = _UNICODE_RUN.sub(lambda run: units(run[0].replace("%u", "")), text)
    return unpercent(as_bytes(text)).decode("latin-1") if text.isascii() else text


def units(digits: str) -> str:
    """UTF-16 code units in hexadecimal as text."""
    return bytes.fromhex(digits).decode("utf-16-be", "replace")


def as_bytes(text: str) -> bytes:
    """A "binary string" as its bytes, any other text as UTF-8."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def guesses(text: str) -> Iterator[bytes]:
    """What a string without a known decoder may be."""
    if len(text) < SHORTEST:
        return
    if text.count("%") * 12 >= len(text) or "%3c" in text.lower():  # dense enough for an encoding
        text = unescape(text)
        yield as_bytes(text)
    bare = text.translate(_BLANKS)
    if _HEX.fullmatch(bare):
        digits = bare.removeprefix("0x")
        yield bytes.fromhex(digits[: len(digits) & ~1])
    elif _BASE64.fullmatch(bare):
        yield base64(bare.encode("ascii"))
    elif bare[:1] == "=" and _BASE64.fullmatch(bare[::-1]):  # written backwards
        yield base64(bare[::-1].encode("ascii"))


def is_text(data: bytes) -> bool:
    """Something to read: UTF-8 without control characters."""
    try:
        return data[:4096].decode("utf-8", "strict" if len(data) <= 4096 else "ignore").translate(CUT).isprintable()
    except UnicodeDecodeError:
        return False

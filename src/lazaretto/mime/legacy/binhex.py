"""BinHex 4.0 (RFC 1741, appendix A; P. Lewis, "BinHex 4.0 Definition"): a Macintosh file, both forks, in a text."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from lazaretto.mime.legacy.found import Found, name_of

LONGEST = 64 * 2**20  # bytes that are decoded of one file: three characters may stand for 255 bytes

_ALPHABET = b"!\"#$%&'(\x29*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
# Both take six bits from a character, the highest first: one translation, and the quick decoder does the rest.
_TO_BASE64 = bytes.maketrans(_ALPHABET, _BASE64)
_OTHER = bytes(set(range(256)) - set(_ALPHABET))
_CLASS = rb"!-\-0-689@A-NP-VX-Z\[`a-fh-mp-r"

_INTRO = re.compile(rb"\(This file must be converted with BinHex")
_START = re.compile(rb":(?<![^\r\n \t]:)")
_BARE = re.compile(rb"\s*+(:)(?=[" + _CLASS + rb"]{30})")  # no intro line, but it is how the text begins
_BODY = re.compile(rb"[" + _CLASS + rb"\s]*+")
_REPEAT = b"\x90"
_HEADER = 22  # its bytes beside the name: that one's length, version, type, creator, flags, two lengths, checksum


def present(data: bytes) -> bool:
    return _INTRO.search(data) is not None or _BARE.match(data) is not None


def find(data: bytes) -> Iterator[Found]:
    """Each fork of each file, and what stands behind them where the header's lengths lie."""
    intro = _INTRO.search(data)
    if bare := _BARE.match(data):
        yield from _file(data, bare.start(1), bare.end(1), intro.start() if intro else len(data))
    while intro:
        following = _INTRO.search(data, intro.end())
        limit = following.start() if following else len(data)
        if colon := _START.search(data, intro.end(), limit):
            yield from _file(data, intro.start(), colon.end(), limit)
        intro = following


def decode(data: bytes) -> tuple[bytes, bool]:
    """The data fork and the resource fork (of most files empty) of the first file, joined."""
    found = list(find(data))
    if not found:
        return _unpacked(_six_bits(data)[0])[0], False
    first = [each for each in found if each.start == found[0].start]
    return b"".join(each.data for each in first), all(each.sound for each in first)


def _file(data: bytes, start: int, body: int, limit: int) -> Iterator[Found]:
    end = data.find(b":", body, limit)
    closed = end >= 0
    if not closed:  # up to the first character that is in no alphabet
        plain = _BODY.match(data, body, limit)
        end = plain.end() if plain else limit
    stream, sound = _six_bits(data[body:end])
    unpacked, cut = _unpacked(stream)
    sound = sound and closed and not cut
    for names, piece, whole in _forks(unpacked):
        if piece:
            yield Found(start, end + closed, names, piece, sound and whole, "binhex", cut)


def _six_bits(text: bytes) -> tuple[bytes, bool]:
    kept = text.translate(None, _OTHER)
    sound = len(kept) == len(text.translate(None, b"\r\n\t "))
    kept = kept.translate(_TO_BASE64)
    spare = len(kept) % 4
    return binascii.a2b_base64(kept[:-1] if spare == 1 else kept + b"=" * (-spare % 4)), sound


def _unpacked(stream: bytes) -> tuple[bytes, bool]:
    """Without its run lengths (0x90, and how often the byte before it stands there; 0: the byte 0x90 itself), and
    whether it was cut off."""
    out, at = bytearray(), 0
    while (mark := stream.find(_REPEAT, at)) >= 0:
        out += stream[at:mark]
        count = stream[mark + 1] if mark + 1 < len(stream) else 0
        out += out[-1:] * (count - 1) if count else _REPEAT
        at = mark + 2
        if len(out) > LONGEST:
            return bytes(out[:LONGEST]), True
    out += stream[at:]
    return bytes(out[:LONGEST]), len(out) > LONGEST


def _forks(file: bytes) -> Iterator[tuple[tuple[str, ...], bytes, bool]]:
    """Names, bytes, and whether lengths and checksums agree."""
    length = file[0] if file else 0
    start = length + _HEADER
    if length > 63 or len(file) < start:
        yield (), file, False
        return
    names = name_of(file[1 : 1 + length])
    data = int.from_bytes(file[start - 10 : start - 6], "big")
    resource = int.from_bytes(file[start - 6 : start - 2], "big")
    header = _checks(file[:start])
    behind = start + data + 2
    yield names, file[start : start + data], header and _checks(file[start:behind]) and len(file) >= behind
    end = behind + resource + 2
    yield (
        tuple(f"{name}.rsrc" for name in names),
        file[behind : behind + resource],
        header and _checks(file[behind:end]) and len(file) >= end,
    )
    if file[end:].strip(b"\0"):
        yield (), file[end:], False


def _checks(piece: bytes) -> bool:
    """Whether it ends in the checksum of what stands before: CRC-16 as in X.25, begun with 0."""
    return binascii.crc_hqx(piece[:-2], 0) == int.from_bytes(piece[-2:], "big")

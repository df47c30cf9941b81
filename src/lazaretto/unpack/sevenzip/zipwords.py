"""Whether a word opens a member of a zip archive, asked of the few bytes that are there to tell.

WinZip's AES (https://www.winzip.com/en/support/aes-encryption/): two bytes of the derived key stand before the data,
and its authentication code behind it proves the word.  The old cipher (APPNOTE 6.1) has one byte only, so that one in
256 wrong words passes.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import zlib
from dataclasses import dataclass

from lazaretto.unpack.zipindex import DESCRIPTOR, Entry

AES = 99  # the method that such members have
STRONG = 0x40  # 4.4.4, bit 6: PKWARE's own
_FIELD = 0x9901
_HEADER = 12  # of the old cipher, before the data
_CODE = 10  # of AES, behind it


@dataclass(frozen=True, slots=True)
class Strength:
    key: int  # bytes
    method: int  # how the member is compressed

    @property
    def salt(self) -> int:
        return self.key // 2


def strength(extra: bytes) -> Strength | None:
    """What the extra field of an AES member says."""
    body = field(extra, _FIELD)
    if len(body) < 7 or body[4] not in (1, 2, 3):
        return None
    return Strength(8 + 8 * body[4], int.from_bytes(body[5:7], "little"))


def field(extra: bytes, wanted: int) -> bytes:
    """The body of an extra field (4.5.1), b"" when it is not there."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == wanted:
            return extra[at + 4 : at + 4 + length]
        at += 4 + length
    return b""


class Lock:
    """The lock of one member: ``passes`` is quick, ``proven`` tells whether that is enough."""

    def __init__(self, data: bytes, entry: Entry) -> None:
        self._data, self._entry = data, entry
        self._aes = strength(entry.extra) if entry.method == AES else None
        self.strong = bool(entry.flags & STRONG)
        self.proven = self._aes is not None

    def passes(self, word: str) -> bool:
        """Whether 7-Zip, which takes words as UTF-8, may open it with this one."""
        octets = word.encode("utf-8", "replace")
        if self.strong:
            return True
        return self._passes_aes(self._aes, octets) if self._aes else self._passes_old(octets)

    def _passes_aes(self, strength: Strength, word: bytes) -> bool:
        start = self._entry.start
        salt, key = self._data[start : start + strength.salt], strength.key
        derived = hashlib.pbkdf2_hmac("sha1", word, salt, 1000, 2 * key + 2)
        start += strength.salt + 2
        if self._data[start - 2 : start] != derived[-2:]:
            return False
        content = memoryview(self._data)[start : max(start, self._entry.end - _CODE)]
        code = hmac.digest(derived[key : 2 * key], content, "sha1")[:_CODE]
        return code == self._data[max(start, self._entry.end - _CODE) : self._entry.end]

    def _passes_old(self, word: bytes) -> bool:
        header = self._data[self._entry.start : self._entry.start + _HEADER]
        if len(header) < _HEADER:
            return False
        last = _decipher(word, header)[-1]
        if self._entry.flags & DESCRIPTOR or self._entry.crc is None:  # then the time stands in for the checksum
            return last == self._data[self._entry.header + 11]
        return last == self._entry.crc >> 24


def _decipher(word: bytes, octets: bytes) -> bytes:
    """The old cipher (6.1.5 to 6.1.7), for a few bytes."""
    keys = [0x12345678, 0x23456789, 0x34567890]
    for octet in word:
        _update(keys, octet)
    found = bytearray()
    for octet in octets:
        mixed = (keys[2] | 2) & 0xFFFF
        found.append(octet ^ (mixed * (mixed ^ 1) >> 8 & 0xFF))
        _update(keys, found[-1])
    return bytes(found)


def _update(keys: list[int], octet: int) -> None:
    keys[0] = _crc(keys[0], octet)
    keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
    keys[2] = _crc(keys[2], keys[1] >> 24)


def _crc(value: int, octet: int) -> int:
    """One step of the checksum, without the inversions that zlib does before and after."""
    return zlib.crc32(bytes((octet,)), value ^ 0xFFFFFFFF) ^ 0xFFFFFFFF

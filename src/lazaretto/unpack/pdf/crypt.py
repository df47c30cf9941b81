"""Decryption of single objects (ISO 32000-2, 7.6): libqpdf finds the file's key, this uses it on what libqpdf does not
see as well, such as the objects of older revisions."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from lazaretto.unpack.identify import identify
from lazaretto.unpack.pdf.filters import Filter
from lazaretto.unpack.signatures import OCTETS

NONE, RC4, AES, AES256 = "none", "rc4", "aes", "aesv3"
_BLOCK = 16
BINARY = re.compile(rb"[\0-\x08\x0e-\x1f\x7f-\xff]")  # what encryption makes, and Latin text does without
_HEAD = 64


def prepare() -> None:
    """Loads the ciphers while files can still be opened."""
    _opened(bytes(32), bytes(16), 0, 0, RC4)
    _opened(bytes(32), bytes(16), 0, 0, AES)


class Keys(NamedTuple):
    """The file's key and how it is used for what."""

    key: bytes
    streams: str
    strings: str
    files: str

    def stream(self, data: bytes, number: int, generation: int, *, file: bool = False) -> bytes:
        return _opened(data, self.key, number, generation, self.files if file else self.streams)

    def string(self, data: bytes, number: int, generation: int) -> bytes:
        return _opened(data, self.key, number, generation, self.strings)


def _opened(data: bytes, key: bytes, number: int, generation: int, method: str) -> bytes:
    if method not in (RC4, AES, AES256):
        return data
    from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    if method != AES256:  # algorithm 1: a key for each object
        salted = key + (number & 0xFFFFFF).to_bytes(3, "little") + (generation & 0xFFFF).to_bytes(2, "little")
        salted += b"sAlT" * (method == AES)
        key = hashlib.md5(salted, usedforsecurity=False).digest()[: min(len(key) + 5, 16)]
    if method == RC4:
        return Cipher(ARC4(key), None).decryptor().update(data)
    body = data[_BLOCK : len(data) - len(data) % _BLOCK]
    if not body:
        return b""
    plain = Cipher(algorithms.AES(key), modes.CBC(data[:_BLOCK])).decryptor().update(body)
    return plain[: -plain[-1]] if 0 < plain[-1] <= _BLOCK else plain


def likely(data: bytes, chain: tuple[Filter, ...]) -> bool:
    """Whether this is what its filters expect, and not something encrypted."""
    first = next((each.name for each in chain if each.name != "Crypt"), "")
    if first == "FlateDecode":  # RFC 1950 section 2.2
        return len(data) > 1 and data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
    if first == "LZWDecode":
        return data[:1] == b"\x80"  # begins with the code that clears its table
    if first in ("ASCIIHexDecode", "ASCII85Decode"):
        return not BINARY.search(data[:_HEAD])
    return identify(data) != OCTETS

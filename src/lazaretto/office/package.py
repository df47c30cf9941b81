"""Documents of Office 2007 and later behind a password ([MS-OFFCRYPTO] 2.3.4): a zip, encrypted, in a compound file."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from lazaretto.errors import Encrypted, LimitExceeded, Malformed
from lazaretto.mime import elements

MOST_SPINS: Final = 1_000_000  # rounds of hashing for one word; Office writes 100,000, and 10,000,000 take seconds
_SEGMENT = 4096
_BATCH = 1 << 18
_HASHES = {"sha1": "sha1", "sha256": "sha256", "sha384": "sha384", "sha512": "sha512", "md5": "md5"}
# 2.3.4.11 to 2.3.4.13: what tells apart the keys that come out of one word
_FOR_INPUT, _FOR_HASH, _FOR_KEY = (
    bytes.fromhex("fea7d2763b4b9e79"),
    bytes.fromhex("d7aa0f6d3061344e"),
    bytes.fromhex("146e0be7abacd0d6"),
)


class Lock(ABC):
    """How one document is locked."""

    what: str  # for people

    @abstractmethod
    def key(self, word: str) -> bytes | None:
        """None when the word is not the right one."""

    @abstractmethod
    def chunks(self, package: bytes, key: bytes) -> Iterator[bytes]:
        """The document, lazily; ``package`` is the stream "EncryptedPackage"."""


def read(info: bytes) -> Lock:
    """By the stream "EncryptionInfo".  Raises Encrypted when nothing here can open it whatever the word, Malformed,
    and LimitExceeded when one try would take too long."""
    if len(info) < 8:
        raise Malformed("encryption information cut off")
    major, minor = struct.unpack_from("<HH", info)
    if (major, minor) == (4, 4):
        return _Agile(info[8:])
    if minor == 2:
        return _Standard(info)
    name = "extensible encryption" if minor == 3 else f"encryption of version {major}.{minor}"
    raise Encrypted(f"{name}: nothing here opens it")


class _Standard(Lock):
    """2.3.4.5 to 2.3.4.9: AES by blocks (ECB), 50,000 rounds of SHA-1."""

    _SPINS = 50_000

    def __init__(self, info: bytes) -> None:
        size = int.from_bytes(info[8:12], "little")
        head, verifier = info[12 : 12 + size], info[12 + size :]
        if len(head) < 32 or len(verifier) < 72:
            raise Malformed("encryption information cut off")
        algorithm, _, bits = struct.unpack_from("<III", head, 8)
        # 2.3.2: 0 means what the flags say, which is AES-128 here
        self._bits = bits or 128
        if algorithm not in (0, 0x660E, 0x660F, 0x6610) or self._bits not in (128, 192, 256):
            raise Encrypted(f"standard encryption by algorithm {algorithm:#x}: nothing here opens it")
        self.what = f"standard encryption, AES-{self._bits}"
        self._salt, self._verifier, self._hash = verifier[4:20], verifier[20:36], verifier[40:72]

    def key(self, word: str) -> bytes | None:
        sha1 = hashlib.sha1
        digest = sha1(self._salt + encoded(word)).digest()
        for at in range(self._SPINS):
            digest = sha1(at.to_bytes(4, "little") + digest).digest()
        digest = sha1(digest + bytes(4)).digest()
        halves = [
            sha1(bytes(a ^ b for a, b in zip(digest.ljust(64, b"\0"), pad * 64, strict=True))).digest()
            for pad in (b"\x36", b"\x5c")
        ]
        key = b"".join(halves)[: self._bits // 8]
        expected = sha1(_ecb(key, self._verifier)).digest()
        return key if _ecb(key, self._hash)[:20] == expected else None

    def chunks(self, package: bytes, key: bytes) -> Iterator[bytes]:
        decryptor = Cipher(algorithms.AES(key), modes.ECB()).decryptor()  # noqa: S305 the format's
        yield from _cut(package, (decryptor.update(piece) for piece in _pieces(package)))


def _ecb(key: bytes, data: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.ECB()).decryptor().update(data)  # noqa: S305 the format's


class _Agile(Lock):
    """2.3.4.10 to 2.3.4.15: algorithms by name in XML; AES in segments, each with a start of its own."""

    def __init__(self, xml: bytes) -> None:
        tags: dict[str, dict[str, str]] = {}
        for each in elements.elements(elements.document(xml)):
            if not each.closing and each.name in ("keydata", "encryptedkey"):
                found = each.attributes
                if each.name == "keydata" or "spincount" in found:
                    tags.setdefault(each.name, found)
        try:
            self._read(tags["keydata"], tags["encryptedkey"])
        except (KeyError, ValueError, binascii.Error) as error:
            raise Malformed(f"agile encryption: wrong or missing {error}") from None

    def _read(self, data: dict[str, str], key: dict[str, str]) -> None:
        for each in (data, key):
            cipher, chaining = each["cipheralgorithm"], each["cipherchaining"]
            if cipher != "AES" or chaining != "ChainingModeCBC":
                raise Encrypted(f"agile encryption by {cipher[:20]}, {chaining[:20]}: nothing here opens it")
        self._spins, bits = int(key["spincount"][:12]), int(key["keybits"][:6])
        if not 0 <= self._spins <= MOST_SPINS:
            raise LimitExceeded("spins", f"{self._spins} rounds for one word, more than {MOST_SPINS}")
        if bits not in (128, 192, 256) or int(data["blocksize"][:6]) != 16 or int(key["blocksize"][:6]) != 16:
            raise ValueError("size of a key or block")
        self._bytes = bits // 8
        self._hash, self._data_hash = _hash(key["hashalgorithm"]), _hash(data["hashalgorithm"])
        self._salt, self._data_salt = _base64(key["saltvalue"]), _base64(data["saltvalue"])
        self._input = _base64(key["encryptedverifierhashinput"])
        self._value = _base64(key["encryptedverifierhashvalue"])
        self._key = _base64(key["encryptedkeyvalue"])
        self._salt_bytes = int(key.get("saltsize", "16")[:6])
        if any(len(each) % 16 or not each for each in (self._input, self._value, self._key)):
            raise ValueError("size of an encrypted value")
        self.what = f"agile encryption, AES-{bits}"

    def key(self, word: str) -> bytes | None:
        name, pack = self._hash, struct.Struct("<I").pack
        digest = hashlib.new(name, self._salt + encoded(word), usedforsecurity=False).digest()
        make = getattr(hashlib, name)
        for at in range(self._spins):
            digest = make(pack(at) + digest).digest()
        shown = self._open(digest, _FOR_INPUT, self._input)[: self._salt_bytes]
        value = make(shown).digest()
        if self._open(digest, _FOR_HASH, self._value)[: len(value)] != value:
            return None
        key = self._open(digest, _FOR_KEY, self._key)[: self._bytes]
        return key if len(key) == self._bytes else None

    def _open(self, digest: bytes, purpose: bytes, data: bytes) -> bytes:
        key = hashlib.new(self._hash, digest + purpose, usedforsecurity=False).digest()
        return _cbc(_fitted(key, self._bytes), _fitted(self._salt, 16), data)

    def chunks(self, package: bytes, key: bytes) -> Iterator[bytes]:
        yield from _cut(package, self._segments(package, key))

    def _segments(self, package: bytes, key: bytes) -> Iterator[bytes]:
        batch: list[bytes] = []
        for number, at in enumerate(range(8, len(package), _SEGMENT)):
            salt = hashlib.new(self._data_hash, self._data_salt + number.to_bytes(4, "little"), usedforsecurity=False)
            batch.append(_cbc(key, _fitted(salt.digest(), 16), _whole(package[at : at + _SEGMENT])))
            if len(batch) * _SEGMENT >= _BATCH:
                yield b"".join(batch)
                batch.clear()
        yield b"".join(batch)


def _cbc(key: bytes, start: bytes, data: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.CBC(start)).decryptor().update(data)


def _pieces(package: bytes) -> Iterator[bytes]:
    for at in range(8, len(package), _BATCH):
        yield _whole(package[at : at + _BATCH])


def _whole(data: bytes) -> bytes:
    """Up to the last whole block: what is cut off cannot be decrypted."""
    return data[: len(data) - len(data) % 16]


def _cut(package: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """2.3.4.4: the size stands first.  One that would hide more than padding is not believed."""
    size, there = int.from_bytes(package[:8], "little"), len(package) - 8
    left = size if there - size <= _SEGMENT else there
    for piece in pieces:
        yield piece[: max(left, 0)]
        left -= len(piece)
    if left > 0:
        raise Malformed(f"an encrypted document of {size} bytes ends after {max(there, 0)}")


def _fitted(data: bytes, size: int) -> bytes:
    return data[:size].ljust(size, b"\x36")


def _hash(name: str) -> str:
    found = _HASHES.get(name.replace("-", "").lower())
    if found is None:
        raise Encrypted(f"agile encryption with the hash {name[:20]}: nothing here opens it")
    return found


def _base64(text: str) -> bytes:
    return base64.b64decode(text[:4096])


def encoded(word: str) -> bytes:
    """2.3.4.7: at most 255 characters, in UTF-16."""
    return word[:255].encode("utf-16-le", "surrogatepass")

"""Keys out of passwords, and decryption.

RAR 5: technote "RAR 5.0 archive format", "Encryption"; the additional rounds as in unrar's crypt5.cpp.
RAR 3 and 4: no public text has it; as in the free readers (libarchive has none, The Unarchiver and 7-Zip do).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from lazaretto.unpack.rar.blocks import Lock

MOST_ROUNDS = 20  # as a power of 2; RAR writes 15.  More is made to keep scanners busy: 2^24 take seconds a word
_PIECES, _ROUNDS = 16, 0x4000  # RAR 4: 0x40000 rounds, with a look at the hash after the first of each 0x4000


class Key:
    """``mac`` is RAR 5's second key, for checksums; RAR 4 makes ``iv`` with the key, RAR 5 stores it elsewhere."""

    def __init__(self, aes: bytes, iv: bytes = b"", mac: bytes = b"") -> None:
        self.aes, self.iv, self.mac = aes, iv, mac

    def checksum(self, crc: int) -> int:
        """The one that stands in a RAR 5 archive with tweaked checksums."""
        digest = hmac.digest(self.mac, crc.to_bytes(4, "little"), "sha256")
        value = 0
        for at in range(0, 32, 4):
            value ^= int.from_bytes(digest[at : at + 4], "little")
        return value


def fits(word: str, lock: Lock) -> bool:
    """RAR 5, and only where the lock has a check value: whether this is the password."""
    value = hashlib.pbkdf2_hmac("sha256", _utf8(word), lock.salt, (1 << lock.rounds) + 32)
    folded = bytes(value[n] ^ value[n + 8] ^ value[n + 16] ^ value[n + 24] for n in range(8))
    return folded == lock.check[:8]


def key5(word: str, lock: Lock) -> Key:
    rounds = 1 << lock.rounds
    mac = hashlib.pbkdf2_hmac("sha256", _utf8(word), lock.salt, rounds + 16) if lock.tweaked else b""
    return Key(hashlib.pbkdf2_hmac("sha256", _utf8(word), lock.salt, rounds), b"", mac)


def key4(word: str, salt: bytes) -> Key:
    """SHA-1 over 0x40000 times the password, the salt and a counter of three bytes; every 0x4000 rounds one byte of
    the state becomes one of the vector.  (Passwords of 28 letters and more meet a flaw of RAR's own SHA-1, which is
    not imitated.)"""
    seed = word.encode("utf-16-le", "surrogatepass") + salt
    step = len(seed) + 3
    block = bytearray((seed + b"\0\0\0") * _ROUNDS)
    block[len(seed) :: step] = bytes(range(256)) * (_ROUNDS // 256)
    state, vector = hashlib.sha1(usedforsecurity=False), bytearray()
    for piece in range(_PIECES):
        middle = (piece * _ROUNDS >> 8) & 0xFF
        block[len(seed) + 1 :: step] = b"".join(bytes([middle + n]) * 256 for n in range(_ROUNDS // 256))
        block[len(seed) + 2 :: step] = bytes([piece * _ROUNDS >> 16]) * _ROUNDS
        state.update(block[:step])
        vector.append(state.digest()[19])
        state.update(block[step:])
    digest = state.digest()
    return Key(b"".join(digest[at : at + 4][::-1] for at in range(0, 16, 4)), bytes(vector))


def decrypted(chunks: Iterator[bytes], key: bytes, iv: bytes) -> Iterator[bytes]:
    """AES-256 or AES-128 by the key's length, CBC.  What is no whole block at the end is dropped."""
    context = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    for chunk in chunks:
        yield context.update(chunk)


def decrypt(data: bytes, key: bytes, iv: bytes) -> bytes:
    return b"".join(decrypted(iter([data]), key, iv))


def _utf8(word: str) -> bytes:
    return word.encode("utf-8", "surrogatepass")

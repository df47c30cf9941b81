"""How documents of Office 97 to 2003 are locked ([MS-OFFCRYPTO] 2.3.5 to 2.3.7): RC4 by blocks, with a key of 40 bits
or by the CryptoAPI, and XOR with what a short word gives."""

from __future__ import annotations

import hashlib
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable

from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher

from lazaretto.errors import Encrypted, Malformed
from lazaretto.office.package import encoded

Key = Callable[[int], bytes]  # the key of one block


class Rc4(ABC):
    """A word is checked against a verifier; it gives a key for each block."""

    what: str

    def __init__(self, salt: bytes, verifier: bytes, digest: bytes) -> None:
        self._salt, self._verifier, self._digest = salt, verifier, digest

    @abstractmethod
    def _keys(self, word: str) -> Key: ...

    @abstractmethod
    def _hash(self, data: bytes) -> bytes: ...

    def key(self, word: str) -> Key | None:
        """None when the word is not the right one."""
        keys = self._keys(word)
        shown = rc4(keys(0), self._verifier + self._digest)
        return keys if self._hash(shown[:16]) == shown[16:] else None


class Rc4Short(Rc4):
    """2.3.6: 40 bits."""

    what = "RC4 of 40 bits"

    def _keys(self, word: str) -> Key:
        start = hashlib.md5(encoded(word)).digest()[:5]  # noqa: S324 the format's
        start = hashlib.md5((start + self._salt) * 16).digest()[:5]  # noqa: S324
        return lambda block: hashlib.md5(start + struct.pack("<I", block)).digest()  # noqa: S324

    def _hash(self, data: bytes) -> bytes:
        return hashlib.md5(data).digest()  # noqa: S324


class Rc4Api(Rc4):
    """2.3.5: 40 to 128 bits."""

    what = "RC4 by CryptoAPI"

    def __init__(self, salt: bytes, verifier: bytes, digest: bytes, bits: int) -> None:
        super().__init__(salt, verifier, digest)
        self._bits = bits

    def _keys(self, word: str) -> Key:
        start, size = hashlib.sha1(self._salt + encoded(word)).digest(), self._bits // 8  # noqa: S324

        def key(block: int) -> bytes:
            found = hashlib.sha1(start + struct.pack("<I", block)).digest()[:size]  # noqa: S324
            return found + bytes(11) if size == 5 else found  # 2.3.5.2: 40 bits are padded to 128

        return key

    def _hash(self, data: bytes) -> bytes:
        return hashlib.sha1(data).digest()  # noqa: S324


def read(head: bytes) -> Rc4:
    """By an encryption header ([MS-DOC] 2.2.6, [MS-XLS] 2.2.10, [MS-PPT] 2.3.7).  Raises Malformed, Encrypted."""
    if len(head) < 52:
        raise Malformed("encryption header cut off")
    major, minor = struct.unpack_from("<HH", head)
    if (major, minor) == (1, 1):
        return Rc4Short(head[4:20], head[20:36], head[36:52])
    if minor != 2:
        raise Encrypted(f"encryption of version {major}.{minor}: nothing here opens it")
    size = int.from_bytes(head[8:12], "little")
    inner, verifier = head[12 : 12 + size], head[12 + size :]
    if len(inner) < 32 or len(verifier) < 60:
        raise Malformed("encryption header cut off")
    algorithm, _, bits = struct.unpack_from("<III", inner, 8)
    bits = bits or 40
    if algorithm not in (0, 0x6801) or bits % 8 or not 40 <= bits <= 128:
        raise Encrypted(f"encryption by algorithm {algorithm:#x} with {bits} bits: nothing here opens it")
    return Rc4Api(verifier[4:20], verifier[20:36], verifier[40:60], bits)


def rc4(key: bytes, data: bytes) -> bytes:
    return Cipher(ARC4(key), mode=None).decryptor().update(data)


def blocks(key: Key, data: bytes, size: int) -> bytes:
    """A stream whose key changes every ``size`` bytes."""
    return b"".join(rc4(key(at // size), data[at : at + size]) for at in range(0, len(data), size))


# ---------------------------------------------------------------------------- XOR, 2.3.7

_PAD = bytes.fromhex("bbffffbaffffb98000be0f00bf0f00")


class Xor:
    """2.3.7: ``word`` gives a key and sixteen bytes.  Excel turns each byte before and after, Word leaves zeros alone
    (method 2)."""

    what = "XOR"

    def __init__(self, key: int, check: int) -> None:
        self._expected = {(key, check), (check, key)}  # 2.3.7.4 and [MS-DOC] 2.5.2 disagree about what comes first

    def key(self, word: str) -> bytes | None:
        """None when the word is not the right one."""
        octets = _octets(word)
        key = xor_key(octets)
        if not octets or (key, verifier(octets)) not in self._expected:
            return None
        mask = (each ^ (key >> 8 if at & 1 else key & 255) for at, each in enumerate((octets + _PAD)[:16]))
        return bytes((each >> 1 | each << 7) & 255 for each in mask)


def _octets(word: str) -> bytes:
    """2.3.7.1: the low byte of each character, or the high one where that is zero; at most 15."""
    return bytes((ord(each) & 255) or (ord(each) >> 8 & 255) for each in word[:15])


def verifier(word: bytes) -> int:
    """2.3.7.1."""
    found = 0
    for each in reversed(bytes([len(word)]) + word):
        found = ((found >> 14 & 1) | (found << 1 & 0x7FFF)) ^ each
    return found ^ 0xCE4B


def xor_key(word: bytes) -> int:
    """2.3.7.2, without its tables: they hold the states of a shift register that is run here."""
    key, base, last = 0, 0x8000, 0xFFFF
    for each in reversed(word):
        for bit in range(8):
            base, last = _shifted(base), _shifted(last)
            if each & 0x7F & 1 << bit:
                key ^= base
    return key ^ last


def _shifted(state: int) -> int:
    state = (state << 1 | state >> 15) & 0xFFFF
    return state ^ 0x1020 if state & 1 else state


_TURNED = bytes((each << 3 | each >> 5) & 255 for each in range(256))  # 2.3.7.3: bits turned by three


def xor_excel(data: bytes, array: bytes, at: int) -> bytes:
    """2.3.7.3; ``at`` is where in the array the first byte stands."""
    return _xor(data.translate(_TURNED), bytes((each << 3 | each >> 5) & 255 for each in array), at)


def xor_word(data: bytes, array: bytes, at: int) -> bytes:
    """2.3.7.6: a byte that is zero, or would become zero, is left alone."""
    out = bytearray(data)
    for place in range(16):
        mask = array[(at + place) & 15]
        out[place::16] = data[place::16].translate(bytes(a ^ mask if a not in (0, mask) else a for a in range(256)))
    return bytes(out)


def _xor(data: bytes, array: bytes, at: int) -> bytes:
    mask = (array[at & 15 :] + array * (len(data) // 16 + 1))[: len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(mask, "big")).to_bytes(len(data), "big")

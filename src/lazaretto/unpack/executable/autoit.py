"""Programs of AutoIt 3: the script and the files that it installs stand behind the interpreter, disguised.

Two generations, EA05 and EA06; known from what public tools (ClamAV, UnAutoIt, autoit-ripper) read.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from lazaretto.errors import LimitExceeded, Malformed
from lazaretto.unpack.executable.nrv import copy

MAGIC = b"\xa3\x48\x4b\xbe\x98\x6c\x4a\xa9\x99\x4c\x53\x0a\x86\xd6\x48\x7d"
_FILES = 1000
_LARGEST = 64 * 2**20
_SLOW = 4 * 2**20  # bytes that are unmasked and unpacked in Python
_MASK = 0xFFFFFFFF
_SCRIPT = ">>>AUTOIT SCRIPT<<<"
_OPERATORS = (",", "=", ">", "<", "<>", ">=", "<=", "(", ")", "+", "-", "/", "*", "&", "[", "]", "==", "^", "+=", "-=",
              "/=", "*=", "&=", "?", ":")  # fmt: skip
_PREFIX = {2: "@", 3: "$", 5: ".", 6: '"'}


class File(NamedTuple):
    name: str
    data: Callable[[], bytes]  # raises Malformed, LimitExceeded


class _Keys(NamedTuple):
    """What the fields of one generation are XORed with, and the seeds of its random numbers."""

    unmask: Callable[[bytes, int], bytes]
    magic: bytes  # "FILE", disguised
    kind: tuple[int, int]
    name: tuple[int, int]
    size: int
    data: int
    unit: int  # bytes of a character
    inner: bytes
    literal: int  # the bit in front of a byte that stands for itself


def files(data: bytes) -> Iterator[File]:
    """``data`` begins with the mark.  Ends where no further file is."""
    keys = {b"AU3!EA05": _EA05, b"AU3!EA06": _EA06}.get(data[16:24])
    if keys is None:
        raise Malformed("an AutoIt program of an unknown version")
    extra = sum(data[24:40]) if keys is _EA05 else 0
    at = 40
    for _ in range(_FILES):
        if data[at : at + 4] != keys.magic:
            if at == 40:
                raise Malformed("an AutoIt program without a script")
            return
        kind, at = _text(data, at + 4, keys, keys.kind)
        name, at = _text(data, at, keys, keys.name)
        if at + 29 > len(data):
            raise Malformed("an AutoIt program that ends early")
        packed, size = data[at], int.from_bytes(data[at + 1 : at + 5], "little") ^ keys.size
        at += 29  # sizes, checksum, two times
        if size > len(data) - at:
            raise Malformed("an AutoIt program that ends early")
        yield File(name, _reader(data[at : at + size], keys, extra, packed=packed == 1, script=kind == _SCRIPT))
        at += size
    raise Malformed(f"more than {_FILES} files in an AutoIt program")


def _text(data: bytes, at: int, keys: _Keys, key: tuple[int, int]) -> tuple[str, int]:
    length = int.from_bytes(data[at : at + 4], "little") ^ key[0]
    end = at + 4 + length * keys.unit
    if length > 4096 or end > len(data):
        raise Malformed("an AutoIt program that ends early")
    plain = keys.unmask(data[at + 4 : end], length + key[1])
    return plain.decode("utf-16-le" if keys.unit == 2 else "cp1252", "replace"), end


def _reader(data: bytes, keys: _Keys, extra: int, *, packed: bool, script: bool) -> Callable[[], bytes]:
    def read() -> bytes:
        if len(data) > _SLOW:
            raise LimitExceeded("seconds", f"{len(data)} bytes of an AutoIt program, which take too long")
        plain = keys.unmask(data, keys.data + extra)
        if packed:
            if plain[:4] != keys.inner:
                raise Malformed("an AutoIt program packed in an unknown way")
            plain = unpacked(plain, keys.literal)
        return words(plain) if script and keys is _EA06 else plain

    return read


# ---------------------------------------------------------------------------- disguise


def _mersenne(data: bytes, seed: int) -> bytes:
    """MT19937 with the usual beginning; the lowest bit of each number is left out."""
    state = [seed & _MASK]
    for place in range(1, 624):
        state.append((0x6C078965 * (state[-1] ^ state[-1] >> 30) + place) & _MASK)
    numbers = random.Random()  # noqa: S311 it is a cipher of somebody else's, not ours
    numbers.setstate((3, (*state, 624), None))
    draw = numbers.getrandbits
    return bytes(each ^ draw(32) >> 1 & 0xFF for each in data)


def _lagged(data: bytes, seed: int) -> bytes:
    """Seventeen numbers that are turned and added in a ring; the highest byte of every second one."""
    state, value = [], seed & 0xFFFF
    for _ in range(17):
        value = (1 - value * 0x53A9B4FB) & _MASK
        state.append(value)
    one, two = 0, 10
    out = bytearray(len(data))
    number = 0
    for step in range(-9, 2 * len(data)):
        left, right = state[one], state[two]
        number = ((left << 9 | left >> 23) + (right << 13 | right >> 19)) & _MASK
        state[one] = number
        one, two = one - 1 if one else 16, two - 1 if two else 16
        if step > 0 and step & 1:
            out[step >> 1] = data[step >> 1] ^ number >> 24
    return bytes(out)


_EA05 = _Keys(_mersenne, b"\xff\x6d\xb0\xce", (0x29BC, 0xA25E), (0x29AC, 0xF25E), 0x45AA, 0x22AF, 1, b"EA05", 0)
_EA06 = _Keys(_lagged, b"\x6b\x43\xca\x52", (0xADBC, 0xB33F), (0xF820, 0xF479), 0x87BC, 0x2477, 2, b"EA06", 1)


# ---------------------------------------------------------------------------- packing


class _Bits:
    """From the highest bit of the first byte on."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at, self._held, self._count = data, 8, 0, 0

    def take(self, count: int) -> int:
        while self._count < count:
            if self._at >= len(self._data):
                raise EOFError
            self._held = (self._held << 8 | self._data[self._at]) & 0xFFFFFFFF
            self._at += 1
            self._count += 8
        self._count -= count
        return self._held >> self._count & (1 << count) - 1


def unpacked(data: bytes, literal: int) -> bytes:
    """Behind the mark and the size: bytes, or a distance of 15 bits and a length.  What ends early is given as far as
    it goes, as the script in front of the damage may be all that somebody wanted to run."""
    size = int.from_bytes(data[4:8])
    if size > _LARGEST:
        raise LimitExceeded("member_bytes", f"a file of {size} bytes in an AutoIt program")
    bits, out = _Bits(data), bytearray()
    take = bits.take
    try:
        while len(out) < size:
            if take(1) == literal:
                out.append(take(8))
                continue
            distance, count = take(15), _length(take)
            if not 0 < distance <= len(out):
                break
            copy(out, distance, min(count, size - len(out)))
    except EOFError:
        pass
    return bytes(out)


def _length(take: Callable[[int], int]) -> int:
    base = 3
    for width, more in ((2, 3), (3, 7), (5, 31), (8, 255)):
        value = take(width)
        if value < more:
            return base + value
        base += more
    while (value := take(8)) == 255:
        base += 255
    return base + value


# ---------------------------------------------------------------------------- scripts


def words(data: bytes) -> bytes:
    """A script of EA06 is stored in tokens: as text, near enough to the source for patterns and for people."""
    lines, at, out = int.from_bytes(data[:4], "little"), 4, []
    while lines and at < len(data):
        token = data[at]
        at += 1
        if token == 0x7F:
            out.append("\r\n")
            lines -= 1
        elif 0x40 <= token < 0x40 + len(_OPERATORS):
            out.append(_OPERATORS[token - 0x40])
        elif token & 0xF0 == 0x30:
            length = int.from_bytes(data[at : at + 4], "little")
            raw = data[at + 4 : at + 4 + 2 * length]
            at += 4 + 2 * length
            mark = _PREFIX.get(token & 0xF, "")
            out.append(f"{mark}{_spelled(raw, length)}{mark if mark == chr(34) else ' '}")
        elif token in _NUMBERS:
            form, size = _NUMBERS[token]
            if at + size > len(data):
                break
            out.append(_number(token, struct.unpack_from(form, data, at)[0]))
            at += size
        else:
            break
    return "".join(out).encode("utf-8", "replace") if out else data


_NUMBERS = {0x00: ("<I", 4), 0x01: ("<I", 4), 0x05: ("<i", 4), 0x10: ("<q", 8), 0x20: ("<d", 8)}


def _number(token: int, value: float) -> str:
    return {0: "keyword-", 1: "function-"}.get(token, "") + f"{value} "


def _spelled(raw: bytes, length: int) -> str:
    """Each character is XORed with the length."""
    key = (length & 0xFFFF).to_bytes(2, "little") * (len(raw) // 2)
    plain = int.from_bytes(raw[: len(key)], "little") ^ int.from_bytes(key, "little")
    return plain.to_bytes(len(key), "little").decode("utf-16-le", "replace")

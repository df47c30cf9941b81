from __future__ import annotations

import random

import pytest

from lazaretto.errors import Malformed
from lazaretto.unpack.executable import nrv


class Writer:
    """The opposite of ``nrv.Bits``: a word stands where its first bit is asked for."""

    def __init__(self, width: int) -> None:
        self.out = bytearray()
        self._width, self._left, self._place = width, 0, 0

    def bit(self, value: int) -> None:
        if not self._left:
            self._place, self._left = len(self.out), self._width * 8
            self.out += bytes(self._width)
        self._left -= 1
        if value:
            self.out[self._place + self._left // 8] |= 1 << self._left % 8

    def prefix(self, value: int, kind: str) -> None:
        """The bits of a distance behind the highest, with a bit behind each (B) or each second (D, E)."""
        bits = [int(digit) for digit in f"{value:b}"[1:]]
        if kind == "B":
            for place, each in enumerate(bits):
                self.bit(each)
                self.bit(int(place == len(bits) - 1))
            return
        self._pairs(value)

    def _pairs(self, value: int) -> None:
        bits, value = [value & 1, 1], value >> 1
        while value > 1:  # undone from behind: doubled and a bit, less one, doubled and a bit
            before = (value >> 1) + 1
            bits = [before & 1, 0, value & 1, *bits]
            value = before >> 1
        for each in bits:
            self.bit(each)


def packed(steps: list[bytes | tuple[int, int]], kind: str, width: int) -> bytes:
    """Literals, and copies of (distance, length), each with a distance of its own."""
    out = Writer(width)
    for step in steps:
        if isinstance(step, bytes):
            for byte in step:
                out.bit(1)
                out.out.append(byte)
            continue
        distance, length = step
        out.bit(0)
        length -= 1 + (distance > (0xD00 if kind == "B" else 0x500))
        if kind == "B":
            out.prefix((distance - 1 >> 8) + 3, kind)
            out.out.append(distance - 1 & 0xFF)
            _write_length(out, length, kind)
        else:
            low = _low(length, kind)
            whole = (distance - 1) << 1 | (1 - low)
            out.prefix((whole >> 8) + 3, kind)
            out.out.append(whole & 0xFF)
            _write_rest(out, length, low, kind)
    out.bit(0)
    out.prefix((0xFFFFFFFF >> 8) + 3, kind)
    out.out.append(0xFF)
    return bytes(out.out)


def _write_length(out: Writer, length: int, kind: str) -> None:
    if length <= 3:
        out.bit(length >> 1)
        out.bit(length & 1)
    else:
        out.bit(0)
        out.bit(0)
        out.prefix(length - 2, "B")


def _low(length: int, kind: str) -> int:
    return length >> 1 if kind == "D" and length <= 3 else int(kind == "E" and length <= 2)


def _write_rest(out: Writer, length: int, low: int, kind: str) -> None:
    if kind == "D":
        if length <= 3:
            out.bit(length & 1)
        else:
            out.bit(0)
            out.prefix(length - 2, "B")
    elif low:
        out.bit(length - 1)
    elif length <= 4:
        out.bit(1)
        out.bit(length - 3)
    else:
        out.bit(0)
        out.prefix(length - 3, "B")


@pytest.mark.parametrize("width", [1, 2, 4])
@pytest.mark.parametrize("kind", ["B", "D", "E"])
def test_literals_and_copies(kind: str, width: int) -> None:
    steps: list[bytes | tuple[int, int]] = [
        b"abcdefgh",
        (8, 3),
        (1, 9),
        b"x" * 300,
        (309, 40),
        b"end",
        (5, 5),
        b"y" * 0xE00,
        (0x600, 9),
        (0xD80, 7),
    ]
    plain = bytearray()
    for step in steps:
        if isinstance(step, bytes):
            plain += step
        else:
            for _ in range(step[1]):
                plain.append(plain[-step[0]])
    assert nrv.unpack(packed(steps, kind, width), kind, width, len(plain)) == plain


def test_what_is_cut_or_too_long_is_refused() -> None:
    data = packed([b"abc", (1, 200)], "B", 4)
    assert len(nrv.unpack(data, "B", 4, 203)) == 203
    with pytest.raises(Malformed):
        nrv.unpack(data, "B", 4, 202)
    for length in range(len(data)):
        with pytest.raises(Malformed):
            nrv.unpack(data[:length], "B", 4, 203)


def test_noise_ends() -> None:
    noise = random.Random(1)
    for kind in "BDE":
        for _ in range(200):
            try:
                nrv.unpack(noise.randbytes(200), kind, 4, 5000)
            except Malformed:
                continue


def test_a_copy_may_run_into_itself() -> None:
    out = bytearray(b"ab")
    nrv.copy(out, 2, 5)
    assert out == b"abababa"
    nrv.copy(out, 7, 3)
    assert out == b"abababaaba"

"""UCL's NRV2B, NRV2D and NRV2E (as in http://www.oberhumer.com/opensource/ucl/): single bits among whole bytes."""

from __future__ import annotations

from collections.abc import Callable

from lazaretto.errors import Malformed

_LAST = 0xFFFFFFFF  # a distance that ends the stream


class Bits:
    """Bits from the highest down out of words of ``width`` bytes, least byte first; bytes are taken in between."""

    def __init__(self, data: bytes, at: int, width: int) -> None:
        self.data, self.at, self._width = data, at, width
        self._word, self._left = 0, 0

    def bit(self) -> int:
        if not self._left:
            end = self.at + self._width
            if end > len(self.data):
                raise Malformed("NRV data ends early")
            self._word = int.from_bytes(self.data[self.at : end], "little")
            self._left, self.at = self._width * 8, end
        self._left -= 1
        return self._word >> self._left & 1

    def byte(self) -> int:
        if self.at >= len(self.data):
            raise Malformed("NRV data ends early")
        self.at += 1
        return self.data[self.at - 1]


def unpack(data: bytes, kind: str, width: int, size: int) -> bytes:
    """``kind``: "B", "D" or "E"; ``size``: of what comes out, no byte more is made.  Raises Malformed."""
    bits, out = Bits(data, 0, width), bytearray()
    offset, length = _KINDS[kind]
    far = 0xD00 if kind == "B" else 0x500
    bit, byte = bits.bit, bits.byte
    last = 1
    while True:
        while bit():
            out.append(byte())
        distance = offset(bit)
        low = -1  # the bit of the distance that begins the length
        if distance == 2:
            distance = last
            if kind != "B":
                low = bit()
        else:
            distance = (distance - 3) << 8 | byte()
            if distance & _LAST == _LAST:
                return bytes(out)
            if kind != "B":
                low = ~distance & 1
                distance >>= 1
            distance += 1
            last = distance
        count = length(bit, low) + (distance > far) + 1
        if distance > len(out) or len(out) + count > size:
            raise Malformed(f"wrong NRV data after {len(out)} bytes")
        copy(out, distance, count)


def copy(out: bytearray, distance: int, count: int) -> None:
    """What stands ``distance`` bytes back, again; it may run into what it writes."""
    start = len(out) - distance
    if distance >= count:
        out += out[start : start + count]
    else:
        piece = bytes(out[start:])
        out += (piece * (count // distance + 1))[:count]


def _offset_b(bit: Callable[[], int]) -> int:
    value = 1
    while value < 1 << 26:
        value = value * 2 + bit()
        if bit():
            return value
    raise Malformed("wrong NRV data: a distance without end")


def _offset(bit: Callable[[], int]) -> int:
    value = 1
    while value < 1 << 26:
        value = value * 2 + bit()
        if bit():
            return value
        value = (value - 1) * 2 + bit()
    raise Malformed("wrong NRV data: a distance without end")


def _long(bit: Callable[[], int]) -> int:
    value = 1
    while value < 1 << 28:
        value = value * 2 + bit()
        if bit():
            return value
    raise Malformed("wrong NRV data: a length without end")


def _length_b(bit: Callable[[], int], _: int) -> int:
    value = bit() * 2 + bit()
    return value or _long(bit) + 2


def _length_d(bit: Callable[[], int], low: int) -> int:
    value = low * 2 + bit()
    return value or _long(bit) + 2


def _length_e(bit: Callable[[], int], low: int) -> int:
    if low:
        return 1 + bit()
    return 3 + bit() if bit() else _long(bit) + 3


_KINDS = {"B": (_offset_b, _length_b), "D": (_offset, _length_d), "E": (_offset, _length_e)}

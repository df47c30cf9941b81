"""Programs packed with UPX, opened as far as what is in them can be seen: sections as they were, imports not rebuilt.

The pack header and the extra information are described in UPX's own sources (https://github.com/upx/upx, packhead
and the documentation of the loader); the filters in its "filter" folder.
"""

from __future__ import annotations

import lzma
import re
import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from lazaretto.errors import HostileInput, LimitExceeded, Malformed
from lazaretto.unpack.executable import nrv
from lazaretto.unpack.executable.layout import Image

_MAGIC = b"UPX!"
_NRV = {2: ("B", 4), 3: ("B", 1), 4: ("B", 2), 5: ("D", 4), 6: ("D", 1), 7: ("D", 2), 8: ("E", 4), 9: ("E", 1),
        10: ("E", 2)}  # fmt: skip
_LZMA, _DEFLATE = 14, 15
_SLOW = 4 * 2**20  # bytes of NRV that are unpacked, in Python; a second for each 500 KB
_LARGEST = 128 * 2**20
_TRIED = 16  # marks in one file
_BLOCKS = 1000
_CALLS = {
    0x24: b"\xe8",
    0x25: b"\xe9",
    0x26: b"\xe8\xe9",
    0x46: b"\xe8\xe9",
    0x49: b"\xe8\xe9",
}  # filter: what it turns
_JUMPS = frozenset({0x46, 0x49})  # filters that turn long conditional jumps as well


class _Pack(NamedTuple):
    at: int  # of the packed data
    method: int
    size: int
    packed: int
    filter: int
    mark: int


def unpack(data: bytes, image: Image) -> bytes | None:
    """None where nothing says how it is packed.  Raises Malformed, LimitExceeded."""
    if image.format == "ELF":
        return _elf(data)
    error: HostileInput | None = None
    for pack in _packs(data):
        try:
            plain = _plain(data[pack.at : pack.at + pack.packed], pack.method, pack.size)
            return _rebuilt(plain, image, pack)
        except HostileInput as trouble:
            error = trouble
    if error:
        raise error
    return None


def _packs(data: bytes) -> Iterator[_Pack]:
    """Pack headers of 32 bytes, as versions from 1.0 on write them for Windows."""
    at = data.find(_MAGIC)
    for _ in range(_TRIED):
        if at < 0 or at + 32 > len(data):
            return
        _, _, method, _, _, _, size, packed, _, kind, mark = struct.unpack_from("<BBBBIIIIIBB", data, at + 4)
        if (method in _NRV or method in (_LZMA, _DEFLATE)) and 0 < packed <= len(data) - at - 32 and size:
            yield _Pack(at + 32, method, size, packed, kind, mark)
        at = data.find(_MAGIC, at + 4)


def _plain(data: bytes, method: int, size: int) -> bytes:
    if size > _LARGEST:
        raise LimitExceeded("member_bytes", f"a packed program of {size} bytes")
    if method in _NRV:
        if max(len(data), size // 8) > _SLOW:
            raise LimitExceeded("seconds", f"{len(data)} bytes of NRV, which take too long")
        kind, width = _NRV[method]
        return nrv.unpack(data, kind, width, size)
    try:
        out = zlib.decompressobj(-15).decompress(data, size) if method == _DEFLATE else _lzma(data, size)
    except (zlib.error, lzma.LZMAError, EOFError, ValueError) as error:
        raise Malformed(f"packed with UPX, and damaged: {error}") from None
    if len(out) < size:
        raise Malformed(f"packed with UPX, and ends after {len(out)} bytes of {size}")
    return out


def _lzma(data: bytes, size: int) -> bytes:
    """Two bytes of properties: literal bits together and position bits, then both kinds of literal bits."""
    if len(data) < 3:
        raise Malformed("packed with UPX, and cut off")
    pb, lp, lc = data[0] & 7, data[1] >> 4, data[1] & 15
    chain = [{"id": lzma.FILTER_LZMA1, "dict_size": max(4096, size), "lc": lc, "lp": lp, "pb": pb}]
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain).decompress(data[2:], size)


def _rebuilt(plain: bytes, image: Image, pack: _Pack) -> bytes:
    """A PE with the header that stands at the end of what was packed; just the bytes where there is none."""
    if len(plain) < 4 or len(image.sections) < 2:
        return plain
    first = image.sections[0].address
    at = struct.unpack_from("<I", plain, len(plain) - 4)[0]
    header = plain[at : at + 0x108]
    if header[:4] != b"PE\0\0" or len(header) < 0x58:
        return plain
    count, = struct.unpack_from("<H", header, 6)  # fmt: skip
    optional, = struct.unpack_from("<H", header, 20)  # fmt: skip
    code_size, = struct.unpack_from("<I", header, 28)  # fmt: skip
    code, = struct.unpack_from("<I", header, 44)  # fmt: skip
    table = plain[at + 24 + optional : at + 24 + optional + 40 * min(count, 96)]
    body = bytearray(plain[:at])
    if pack.filter in _CALLS and code >= first:
        unfilter(body, code - first, code_size, pack.filter, pack.mark)
    out = bytearray(b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40)) + plain[at : at + 24 + optional] + table
    for number in range(len(table) // 40):
        address, length, start = struct.unpack_from("<III", table, 40 * number + 12)
        piece = body[max(0, address - first) : max(0, address - first) + length]
        if not length or not piece or start > _LARGEST:
            continue
        out = out.ljust(start, b"\0")
        out[start : start + len(piece)] = piece
    return bytes(out)


def unfilter(body: bytearray, start: int, size: int, kind: int, mark: int) -> None:
    """Calls had their distance made an address, highest byte first, with ``mark`` in that highest byte."""
    end = min(start + size, len(body)) - 5
    pattern = re.compile(b"[" + _CALLS[kind] + b"]" + (rb"|\x0f[\x80-\x8f]" if kind in _JUMPS else b""))
    at = start
    while at < end and (found := pattern.search(body, at, end)):
        opcode, at = found.end() - 1, found.end()
        if body[at] == mark:
            address = int.from_bytes(body[at : at + 4]) - (mark << 24) - (opcode - start) - 1 - start
            body[at : at + 4] = (address & 0xFFFFFFFF).to_bytes(4, "little")
            at += 4


def _elf(data: bytes) -> bytes | None:
    """Behind the program headers: l_info with the mark, p_info with the whole size, then blocks of their own."""
    at = data.find(_MAGIC, 0, 4096)
    if at < 0 or at + 20 > len(data):
        return None
    total = struct.unpack_from("<I", data, at + 12)[0]
    if not 0 < total <= _LARGEST:
        return None
    at, out = at + 20, bytearray()
    for _ in range(_BLOCKS):
        if at + 12 > len(data) or len(out) >= total:
            break
        size, packed, method = struct.unpack_from("<IIB", data, at)
        if not size or data[at : at + 4] == _MAGIC or packed > size or packed > len(data) - at - 12:
            break
        at += 12
        block = data[at : at + packed]
        out += block if packed == size else _plain(block, method, size)
        at += packed
    if not out:
        raise Malformed("packed with UPX, and damaged")
    return bytes(out)

"""Archives of our own making around the data of hostile ones.

The decompressors never see the archive that came: they get one with the same data and headers that say what we have
read, decrypted, of one chain of files that need each other.  So a member that they refuse does not take the rest with
it, nothing can be in the headers that only they see, and a window is no larger than what comes out of it.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence

from lazaretto.errors import LimitExceeded
from lazaretto.unpack.rar.blocks import Item
from lazaretto.unpack.rarmark import MARK4, MARK5

Feed = Callable[[Item], Iterator[bytes]]  # the data of a file, decrypted

UNKNOWN = 1 << 40  # bytes that a file may have of which nobody says how many
WINDOW = 64 << 20  # bytes: libarchive takes no more
_SMALLEST = 0x20000


def rar5(items: Sequence[Item], feed: Feed) -> Iterator[bytes]:
    """A RAR 5 archive of these compressed files, in pieces; the first begins with an empty dictionary.  Raises
    LimitExceeded when it needs too large a window."""
    solid, shift = len(items) > 1, _shift(items)
    yield MARK5 + _header5(b"\x01" + b"\x00" + (b"\x04" if solid else b"\x00"))
    for number, item in enumerate(items):
        size = UNKNOWN if item.size is None else item.size
        form = item.method << 7 | shift << 10 | (0x40 if number else 0)
        fields = (2, 2, item.packed, 0, size, 0x20, form, 0, 1)
        yield _header5(b"".join(map(_vint, fields)) + b"a")
        yield from feed(item)
    yield _header5(b"\x05\x00\x00")


def rar4(items: Sequence[Item], feed: Feed) -> Iterator[bytes]:
    """The same for RAR 4."""
    yield MARK4 + _header4(0x73, 8 * (len(items) > 1), bytes(6))
    for number, item in enumerate(items):
        size = UNKNOWN if item.size is None else item.size
        window = max(0, min(6, item.window.bit_length() - 17))
        flags = 0x8000 | 0x100 | window << 5 | (0x10 if number else 0)
        low, high = item.packed & 0xFFFFFFFF, item.packed >> 32
        crc, method, host = item.crc or 0, item.method + 0x30, 3  # Unix, so that the attributes are a plain file's
        fields = struct.pack("<IIBIIBBHI", low, size & 0xFFFFFFFF, host, crc, 0, item.version, method, 1, 0o100644)
        yield _header4(0x74, flags, fields + struct.pack("<II", high, size >> 32) + b"a")
        yield from feed(item)
    yield _header4(0x7B, 0x4000, b"")


def _shift(items: Sequence[Item]) -> int:
    """The window, as a power of 2 times 128 KiB.  No match reaches further back than the files' beginning."""
    wanted = max(item.window for item in items)
    sizes = [item.size for item in items]
    if None not in sizes:
        wanted = min(wanted, sum(size for size in sizes if size))
    if wanted > WINDOW:
        raise LimitExceeded("memory", f"a RAR dictionary of {wanted} bytes")
    shift = max(0, (-(-wanted // _SMALLEST) - 1).bit_length())
    _probe(2 * (_SMALLEST << shift))
    return shift


def _probe(size: int) -> None:
    """Whether there is so much memory: libarchive does not ask (3.6) and dies without it."""
    try:
        mmap.mmap(-1, size).close()
    except (OSError, MemoryError):
        raise LimitExceeded("memory", f"no memory for a RAR dictionary of {size // 2} bytes") from None


def _header5(fields: bytes) -> bytes:
    body = _vint(len(fields)) + fields
    return zlib.crc32(body).to_bytes(4, "little") + body


def _header4(kind: int, flags: int, fields: bytes) -> bytes:
    body = struct.pack("<BHH", kind, flags, 7 + len(fields)) + fields
    return (zlib.crc32(body) & 0xFFFF).to_bytes(2, "little") + body


def _vint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])

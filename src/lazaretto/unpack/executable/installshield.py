"""Setups of InstallShield: files behind a launcher, in one of three forms, and the cabinets among them.

The forms are known from what public tools (unshield, ISx, ClamAV) read; no specification was ever published.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lazaretto.errors import Malformed
from lazaretto.unpack.inflate import Deflate, Stream

_FILES = 5000
_KEY = b"\xec\xca\x79\xf8"
_BLOCK = 1024  # bytes after which the key begins anew
_COUNTED = re.compile(rb"(?:InstallShield|ISSetupStream)\0")
_OBFUSCATED, _COMPRESSED, _INVALID = 2, 4, 8  # flags of a file in a cabinet
MAGIC = b"ISc("


class File(NamedTuple):
    name: str
    chunks: Iterator[bytes]
    size: int | None = None


def listed(data: bytes, at: int = 0) -> tuple[dict[str, tuple[int, int]], int]:
    """Older launchers: name, path, version and size as texts that end in 0, then the file.  Where each file lies, by
    path, and where the list ends."""
    files: dict[str, tuple[int, int]] = {}
    for _ in range(_FILES):
        fields, start = [], at
        for _ in range(4):
            end = data.find(b"\0", start, start + 2048)
            if end < 0:
                return files, at
            fields.append(data[start:end])
            start = end + 1
        size = fields[3]
        if not fields[0] or not size.isdigit() or len(size) > 10 or start + int(size) > len(data):
            return files, at
        at = start + int(size)
        name = fields[1].decode("cp1252", "replace")
        files[name if name not in files else f"{name}#{len(files)}"] = (start, at)
    raise Malformed(f"more than {_FILES} files in an InstallShield setup")


def counted(data: bytes) -> Iterator[File]:
    """Newer launchers: a mark, how many files, and before each its name and size.  The files are disguised with a
    key made of the name, most of them deflated as well."""
    if found := _COUNTED.search(data):
        start = found.start()
        count = int.from_bytes(data[start + 14 : start + 16], "little")
        if len(data) >= start + 46:
            if count > _FILES:
                raise Malformed(f"more than {_FILES} files in an InstallShield setup")
            yield from _counted(data, start + 46, count, stream=data.startswith(b"ISSetup", start))


def _counted(data: bytes, at: int, count: int, *, stream: bool) -> Iterator[File]:
    for _ in range(count):
        if stream:  # length of the name, flags, size; the name in UTF-16
            if at + 24 > len(data):
                return
            length, flags, _, size = struct.unpack_from("<IIHI", data, at)
            length = min(length, 2048)
            name = data[at + 24 : at + 24 + length].decode("utf-16-le", "replace")
            at += 24 + length
        else:  # a name of at most 260 bytes, flags, size
            if at + 312 > len(data):
                return
            raw = data[at : at + 260].split(b"\0", 1)[0]
            name = raw.decode("cp1252", "replace")
            flags, _, size = struct.unpack_from("<III", data, at + 260)
            at += 312
        if not name or size > len(data) - at:
            raise Malformed(f"an InstallShield file of {size} bytes at offset {at}, where {len(data) - at} are left")
        yield File(name, _revealed(data[at : at + size], name, flags))
        at += size


def _revealed(data: bytes, name: str, flags: int) -> Iterator[bytes]:
    if flags & 6:  # 2, 4 or both: disguised
        data = _unmasked(data, name.encode("utf-8", "replace"), blocks=bool(flags & 4))
    if data[:1] == b"\x78" and int.from_bytes(data[:2]) % 31 == 0:  # RFC 1950
        yield from Stream(lambda: Deflate(15), data).chunks()
    else:
        yield data


def _unmasked(data: bytes, name: bytes, *, blocks: bool) -> bytes:
    """Half bytes exchanged, then the key, which begins anew with each block of 1024 bytes."""
    key = bytes(each ^ _KEY[place % 4] for place, each in enumerate(name))
    swapped = data.translate(bytes((each >> 4) | (each << 4) & 0xFF for each in range(256)))
    length = _BLOCK if blocks else len(swapped)
    pad = (key * (length // len(key) + 1))[:length]
    pad = (pad * (len(swapped) // length + 1))[: len(swapped)] if length else b""
    return (int.from_bytes(swapped, "little") ^ int.from_bytes(pad, "little")).to_bytes(len(swapped), "little")


# ---------------------------------------------------------------------------- cabinets


def cabinet(header: bytes, volumes: Mapping[int, bytes]) -> Iterator[File]:
    """``header``: data1.hdr, or a data1.cab that has its own; ``volumes``: data1.cab, data2.cab ... by number."""
    if header[:4] != MAGIC or len(header) < 20:
        raise Malformed("no InstallShield cabinet")
    version, _, start, size = struct.unpack_from("<IIII", header, 4)
    major = _major(version)
    if not size or start + 0x40 > len(header):
        raise Malformed("an InstallShield cabinet whose list of files is in another file")
    base = start + _u32(header, start + 0xC)
    directories, files, second = (_u32(header, start + place) for place in (0x1C, 0x28, 0x2C))
    old = major <= 5
    for number in range(min(files, _FILES)):
        at = base + (_u32(header, base + 4 * (directories + number)) if old else second + 0x57 * number)
        try:
            entry = (_old_entry if old else _new_entry)(header, at, base)
        except struct.error:
            raise Malformed("an InstallShield cabinet whose list of files ends early") from None
        if entry.flags & _INVALID or not entry.size or not entry.start:
            continue  # not in the cabinet, or beside it
        if volumes.get(1) is header and entry.start + entry.stored > len(header):
            raise Malformed("a list of files in InstallShield cabinets that are not here")
        if entry.volume in volumes:
            yield File(entry.name, _blocks(entry, volumes), entry.size)
        else:
            raise Malformed(f"data{entry.volume}.cab of an InstallShield setup is missing")
    if files > _FILES:
        raise Malformed(f"more than {_FILES} files in an InstallShield cabinet")


class _Entry(NamedTuple):
    name: str
    flags: int
    size: int
    stored: int
    start: int
    volume: int


def _major(version: int) -> int:
    """0x01005006: in the second byte from above; 0x02000100 and 0x04000100: in the low bits, times 100."""
    if version >> 24 == 1:
        return version >> 12 & 0xF
    return (version & 0xFFFF) // 100 if version >> 24 in (2, 4) else 6


def _old_entry(header: bytes, at: int, base: int) -> _Entry:
    name, directory, flags, size, stored = struct.unpack_from("<IIHII", header, at)
    start, = struct.unpack_from("<I", header, at + 0x26)  # fmt: skip
    return _Entry(_path(header, base, name, directory), flags, size, stored, start, 1)


def _new_entry(header: bytes, at: int, base: int) -> _Entry:
    flags, size, stored, start = struct.unpack_from("<HQQQ", header, at)
    name, directory = struct.unpack_from("<IH", header, at + 0x3A)
    volume, = struct.unpack_from("<H", header, at + 0x55)  # fmt: skip
    return _Entry(_path(header, base, name, directory), flags, size, stored, start, volume)


def _path(header: bytes, base: int, name: int, directory: int) -> str:
    folder = _text(header, base + _u32(header, base + 4 * directory))
    return f"{folder}\\{_text(header, base + name)}".lstrip("\\")


def _text(header: bytes, at: int) -> str:
    end = header.find(b"\0", at, at + 512)
    return header[at : at + 512 if end < 0 else end].decode("cp1252", "replace")


def _u32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _blocks(entry: _Entry, volumes: Mapping[int, bytes]) -> Iterator[bytes]:
    """Stored, or in blocks: the length in two bytes and deflated data, each block for itself."""
    data = volumes[entry.volume]
    end = entry.start + (entry.stored if entry.flags & _COMPRESSED else entry.size)
    if end > len(data):
        raise Malformed(f"a file in data{entry.volume}.cab that reaches beyond its end")
    data = data[entry.start : end]
    if entry.flags & _OBFUSCATED:
        data = _plain(data)
    if not entry.flags & _COMPRESSED:
        yield data
        return
    at = 0
    while at + 2 <= len(data):
        length = int.from_bytes(data[at : at + 2], "little")
        at += 2
        if length:
            yield from Stream(Deflate, data, at, at + length).chunks()
        at += length


def _plain(data: bytes) -> bytes:
    """Each byte is turned by two bits, with 0xd5 and its place (modulo 71) as the key."""
    tables = []
    for seed in range(0x47):
        tables.append(bytes(((((each ^ 0xD5) >> 2) | ((each ^ 0xD5) << 6)) - seed) & 0xFF for each in range(256)))
    out = bytearray(data)
    for seed in range(0x47):
        out[seed::0x47] = out[seed::0x47].translate(tables[seed])
    return bytes(out)

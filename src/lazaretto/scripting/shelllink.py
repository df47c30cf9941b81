"""The parts of a Windows shortcut ([MS-SHLLINK]): where it leads, with which arguments, under which icon, and what
stands behind it."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field

from lazaretto.errors import Malformed

HEADER = 76
_HAS_IDS, _HAS_INFO, _UNICODE = 0x1, 0x2, 0x80
_STRINGS = ((0x4, "description"), (0x8, "relative path"), (0x10, "directory"), (0x20, "arguments"), (0x40, "icon"))
_ENVIRONMENT, _DARWIN, _ICON = 0xA0000001, 0xA0000006, 0xA0000007
_PATHS = {_ENVIRONMENT: "target", _DARWIN: "installer", _ICON: "icon"}
_NAME_AT = {3: 16, 7: 34, 8: 38, 9: 42}
_BLOCKS = 256
_ITEMS = 1_000
_LONGEST = 2**16  # characters of one text
_ASCII = re.compile(rb"[\x20-\x7e\x80-\xff]{2,260}")
_WIDE = re.compile(rb"(?:[\x20-\x7e\xa0-\xff]\0){3,1000}")


@dataclass(slots=True)
class Link:
    """``texts`` by what they are, each in every spelling that the file has."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    end: int = 0  # of the last block
    icon: int = 0
    show: int = 0

    def add(self, kind: str, text: str) -> None:
        if text and text not in (known := self.texts.setdefault(kind, [])) and len(known) < 32:
            known.append(text[:_LONGEST])

    def all(self, *kinds: str) -> list[str]:
        return [text for kind in kinds for text in self.texts.get(kind, ())]


def read(data: bytes) -> Link:
    """As far as it can be read; what is broken ends it, and ``end`` stands in front of that."""
    if len(data) < HEADER:
        raise Malformed("a shortcut that is cut off in its header")
    (flags,) = struct.unpack_from("<I", data, 20)
    link = Link(end=HEADER)
    link.icon, link.show = struct.unpack_from("<iI", data, 56)
    if flags & _HAS_IDS:
        _ids(data, link)
    if flags & _HAS_INFO:
        _info(data, link)
    for flag, kind in _STRINGS:
        if flags & flag:
            _string(data, link, kind, wide=bool(flags & _UNICODE))
    _blocks(data, link)
    return link


def _ids(data: bytes, link: Link) -> None:
    """2.2: items of the shell, whose insides are not specified: their readable runs."""
    size = int.from_bytes(data[link.end : link.end + 2], "little")
    at, stop = link.end + 2, min(link.end + 2 + size, len(data))
    parts: list[str] = []
    for _ in range(_ITEMS):
        length = int.from_bytes(data[at : min(at + 2, stop)], "little")
        if length < 3 or at + 2 >= stop:
            break
        item = data[at + 2 : min(at + length, stop)]
        at += length
        parts.append(_item(item).strip("\\"))
        for run in (*_WIDE.finditer(item), *_ASCII.finditer(item)):
            text = run[0].replace(b"\0", b"").decode("latin-1")
            if "://" in text or "\\\\" in text:
                link.add("address", text)
    link.add("target", "\\".join(filter(None, parts)))
    link.end = stop


def _item(item: bytes) -> str:
    """One step of a path, in the layouts that are publicly known; "" for roots and all others."""
    kind = item[0] & 0x70
    if kind == 0x20 and item[0] != 0x2E:  # a drive
        return _narrow(item, 1)
    if kind == 0x40:  # of the network
        return _narrow(item, 3)
    if kind != 0x30:
        return ""
    mark = item.find(b"\x04\0\xef\xbe")  # the extension with the long name, which moved with the versions
    if mark > 2 and (name := _wide(item, mark + _NAME_AT.get(item[mark - 2], 42))):
        return name
    return _wide(item, 12) if item[0] & 4 else _narrow(item, 12)


def _info(data: bytes, link: Link) -> None:
    """2.3: paths by offsets, the Unicode ones where the header is longer."""
    base = link.end
    size = int.from_bytes(data[base : base + 4], "little")
    info = data[base : base + size]
    link.end = min(base + max(size, 4), len(data))
    if len(info) < 28:
        return
    head, flags, _, local, network, suffix = struct.unpack_from("<6I", info, 4)
    ends = [_narrow(info, suffix)]
    starts = [_narrow(info, local)] if flags & 1 else []
    if head >= 0x24 and len(info) >= 36:
        wide_local, wide_suffix = struct.unpack_from("<2I", info, 28)
        ends.append(_wide(info, wide_suffix))
        if flags & 1:
            starts.append(_wide(info, wide_local))
    if flags & 2 and network + 20 <= len(info):
        (name,) = struct.unpack_from("<I", info, network + 8)
        share = _narrow(info, network + name)
        if name > 0x14 and network + 24 <= len(info):
            (wide,) = struct.unpack_from("<I", info, network + 20)
            share = _wide(info, network + wide) or share
        starts.append(f"{share}\\" if share and any(ends) else share)
    for place, start in enumerate(starts):
        link.add("target", start + (ends[place] if place < len(ends) else ends[-1]))


def _string(data: bytes, link: Link, kind: str, *, wide: bool) -> None:
    """2.4: a count of characters, then they; without a zero at the end."""
    count = int.from_bytes(data[link.end : link.end + 2], "little")
    start = link.end + 2
    link.end = min(start + count * (2 if wide else 1), len(data))
    raw = data[start : link.end]
    link.add(kind, raw[: len(raw) & ~1].decode("utf-16-le", "replace") if wide else raw.decode("latin-1"))


def _blocks(data: bytes, link: Link) -> None:
    """2.5: blocks with a size and a mark, until one of less than four bytes."""
    for _ in range(_BLOCKS):
        size = int.from_bytes(data[link.end : link.end + 4], "little")
        if size < 4:
            link.end = min(link.end + 4, len(data))
            return
        mark = int.from_bytes(data[link.end + 4 : link.end + 8], "little")
        if not 0xA0000000 <= mark <= 0xA00000FF or link.end + size > len(data):
            return  # not a block: appended
        block = data[link.end : link.end + size]
        if kind := _PATHS.get(mark):
            link.add(kind, _narrow(block, 8, 260))
            link.add(kind, _wide(block, 268, 520))
        link.end += size


def _narrow(data: bytes, at: int, most: int = 4096) -> str:
    return data[at : at + most].partition(b"\0")[0].decode("latin-1") if 0 < at < len(data) else ""


def _wide(data: bytes, at: int, most: int = 8192) -> str:
    raw = data[at : at + most] if 0 < at < len(data) else b""
    return raw[: len(raw) & ~1].decode("utf-16-le", "replace").partition("\0")[0]

"""The stream "dir" of a Visual Basic project ([MS-OVBA] 2.3.4.2): its modules, references and code page."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

_MOST = 20_000  # records
_VERSION = 0x09  # 2.3.4.2.1.11: says that it has four bytes and has six
_CODE_PAGE, _REFERENCE, _PROJECT = 0x03, 0x0D, 0x0E
_NAME, _NAME_WIDE, _STREAM, _STREAM_WIDE, _OFFSET, _OTHER, _END = 0x19, 0x47, 0x1A, 0x32, 0x31, 0x22, 0x2B


@dataclass(slots=True)
class Place:
    """Of a module's source."""

    name: str = ""
    stream: str = ""
    offset: int = 0
    procedural: bool = True  # False: belongs to a document, sheet, form or class


@dataclass(slots=True)
class Directory:
    code_page: int = 1252
    modules: list[Place] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    whole: bool = True


def read(data: bytes) -> Directory:
    """As far as it goes."""
    found = Directory()
    at, module = 0, Place()
    for _ in range(_MOST):
        if at + 6 > len(data):
            break
        kind, size = struct.unpack_from("<HI", data, at)
        size = 6 if kind == _VERSION else size
        body = data[at + 6 : at + 6 + size]
        at += 6 + size
        if len(body) < size:
            found.whole = False
            break
        if kind == _NAME:
            module = Place()
            found.modules.append(module)
        _take(found, module, kind, body)
    else:
        found.whole = False
    return found


def _take(found: Directory, module: Place, kind: int, body: bytes) -> None:
    if kind == _CODE_PAGE and len(body) == 2:
        found.code_page = int.from_bytes(body, "little")
    elif kind in (_REFERENCE, _PROJECT):
        size = int.from_bytes(body[:4], "little")
        found.references.append(decoded(body[4 : 4 + size], found.code_page))
    elif kind == _NAME:
        module.name = decoded(body, found.code_page)
    elif kind == _STREAM:
        module.stream = decoded(body, found.code_page)
    elif kind == _NAME_WIDE and body:
        module.name = body.decode("utf-16-le", "replace")
    elif kind == _STREAM_WIDE and body:
        module.stream = body.decode("utf-16-le", "replace")
    elif kind == _OFFSET and len(body) == 4:
        module.offset = int.from_bytes(body, "little")
    elif kind == _OTHER:
        module.procedural = False


def decoded(octets: bytes, page: int) -> str:
    """Code pages that Python does not know are read as Windows Latin: names of functions are ASCII in all of them."""
    name = {10000: "mac_roman", 65001: "utf-8", 1201: "cp1252", 1200: "cp1252"}.get(page, f"cp{page}")
    try:
        return octets.decode(name, "replace")
    except LookupError:
        return octets.decode("cp1252", "replace")

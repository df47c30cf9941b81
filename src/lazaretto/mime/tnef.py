"""TNEF, Outlook's winmail.dat ([MS-OXTNEF]): a list of attributes, some of which hold lists of MAPI properties."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from lazaretto.errors import LimitExceeded, Malformed
from lazaretto.mime import decode

MAGIC = b"\x78\x9f\x3e\x22"
MAX_ELEMENTS = 500_000  # attributes and properties of one file; a large honest one has some thousands

# 2.1.3.2: attributes, by the low half of their id; the other half is a type, which other readers do not ask for
CODE_PAGE: Final = 0x9007  # attOemCodepage
BODY: Final = 0x800C  # attBody
MESSAGE_PROPERTIES: Final = 0x9003  # attMsgProps
ATTACHMENT: Final = 0x9002  # attAttachRendData: here an attachment begins
ATTACHMENT_TITLE: Final = 0x8010  # attAttachTitle
ATTACHMENT_DATA: Final = 0x800F  # attAttachData
ATTACHMENT_PICTURE: Final = 0x8011  # attAttachMetaFile
ATTACHMENT_NAME: Final = 0x9001  # attAttachTransportFilename
ATTACHMENT_PROPERTIES: Final = 0x9005  # attAttachment

# [MS-OXPROPS]: properties
PLAIN_TEXT, RTF, HTML = 0x1000, 0x1009, 0x1013
DATA: Final = 0x3701  # PidTagAttachDataBinary, PidTagAttachDataObject
FILE_NAME, LONG_FILE_NAME, TRANSPORT_NAME, DISPLAY_NAME = 0x3704, 0x3707, 0x370C, 0x3001
MIME_TAG: Final = 0x370E

# [MS-OXCDATA] 2.11.1: types of properties
OBJECT, STRING8, UNICODE, BINARY = 0x0D, 0x1E, 0x1F, 0x102
_MULTIPLE = 0x1000
_SIZES = {0: 0, 1: 0, 2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}  # padded to 4
_VARIABLE = frozenset({OBJECT, STRING8, UNICODE, BINARY, 0xFB, 0xFD, 0xFE})

# Code pages that have other names than "cp" and their number
_CHARSETS = {65001: "utf-8", 65000: "utf-7", 20127: "us-ascii", 54936: "gb18030", 936: "gb18030", 10000: "mac_roman"}
_CHARSETS |= {28590 + n: f"iso8859_{n}" for n in range(1, 16)}
_CHARSETS |= {20866: "koi8_r", 21866: "koi8_u", 51932: "euc_jp", 51949: "euc_kr", 50220: "iso2022_jp"}


class Attribute(NamedTuple):
    id: int
    data: bytes


class Property(NamedTuple):
    id: int
    type: int  # without the mark of several values
    values: tuple[bytes, ...]  # of variable length; numbers are passed over

    def text(self, charset: str) -> str:
        """The first value as a name or text, without what ends it."""
        data = self.values[0] if self.values else b""
        if self.type == UNICODE:
            return decode.text(data[: len(data) & ~1], "utf-16-le").partition("\0")[0]
        return string(data, charset)


class Reader:
    """One file.  Checksums are not asked for: readers do not either."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = MAX_ELEMENTS

    def attributes(self) -> Iterator[Attribute]:
        """In their order, the last one as far as it goes.  Raises Malformed where the file ends early or goes on as
        something else, LimitExceeded behind MAX_ELEMENTS."""
        data, at = self._data, 6  # 2.1.3: signature and key
        while data[at : at + 1] in (b"\x01", b"\x02"):  # 2.1.3.1: level
            self._count()
            if at + 9 > len(data):
                raise Malformed("TNEF ends early, in the head of an attribute")
            identifier = int.from_bytes(data[at + 1 : at + 3], "little")
            end = at + 9 + int.from_bytes(data[at + 5 : at + 9], "little")
            yield Attribute(identifier, data[at + 9 : end])
            if end > len(data):
                raise Malformed(f"TNEF ends early, in attribute {identifier:#x}")
            at = end + 2  # behind the checksum
        if data[at:].strip(b"\0\r\n\t "):
            raise Malformed(f"no TNEF attribute at offset {at}")

    def properties(self, data: bytes) -> Iterator[Property]:
        """2.1.3.3: what stands in MESSAGE_PROPERTIES and ATTACHMENT_PROPERTIES.  Raises as ``attributes`` does."""
        at = 4
        for _ in range(int.from_bytes(data[:4], "little")):
            self._count()
            if at + 4 > len(data):
                raise Malformed("a list of TNEF properties ends early")
            kind, identifier = (
                int.from_bytes(data[at : at + 2], "little"),
                int.from_bytes(data[at + 2 : at + 4], "little"),
            )
            at = _behind_name(data, at + 4) if identifier >= 0x8000 else at + 4
            several, kind = kind & _MULTIPLE, kind & ~_MULTIPLE
            if kind in _VARIABLE:
                values, at = self._values(data, at)
                yield Property(identifier, kind, values)
                continue
            if kind not in _SIZES:
                raise Malformed(f"a TNEF property of the unknown type {kind:#x}")
            count = int.from_bytes(data[at : at + 4], "little") if several else 1
            at += _SIZES[kind] * count + (4 if several else 0)

    def _values(self, data: bytes, at: int) -> tuple[tuple[bytes, ...], int]:
        """Those of variable length: how many, then each with its length, padded to four bytes."""
        found: list[bytes] = []
        count, at = int.from_bytes(data[at : at + 4], "little"), at + 4
        while len(found) < count and at + 4 <= len(data):
            self._count()
            size, at = int.from_bytes(data[at : at + 4], "little"), at + 4
            found.append(data[at : at + size])
            at += size + -size % 4
        return tuple(found), at if len(found) == count else len(data) + 1

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise LimitExceeded("elements", f"more than {MAX_ELEMENTS} TNEF attributes and properties")


def _behind_name(data: bytes, at: int) -> int:
    """A named property has a GUID, then a number or a string (2.1.3.3: PropertyName)."""
    if data[at + 16 : at + 20] != b"\x01\0\0\0":
        return at + 24
    size = int.from_bytes(data[at + 20 : at + 24], "little")
    return at + 24 + size + -size % 4


def charset(data: bytes) -> str:
    """The name of the code page that CODE_PAGE gives, "" for none."""
    number = int.from_bytes(data[:4], "little")
    return _CHARSETS.get(number) or (f"cp{number}" if number else "")


def string(data: bytes, charset: str) -> str:
    """8-bit text up to the zero that ends it."""
    return decode.text(data.partition(b"\0")[0], charset)

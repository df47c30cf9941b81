"""CMS (RFC 5652, before it PKCS #7) as far as a reader without keys gets: what kind it is, and its content.

BER is read as programs write it (X.690): lengths that end with a mark, strings in pieces, lengths longer than they
need be.  An element's end is looked for only where somebody wants what stands behind it, and nothing recurses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lazaretto.errors import HostileInput, LimitExceeded, Malformed

MAX_ELEMENTS = 1_000_000  # writers cut content into pieces of 1 KiB and more
MAX_DEPTH = 100  # of elements without a length, and of strings in strings; honest content has under ten
_BATCH = 256 * 1024  # bytes given out at a time

_PKCS7 = bytes.fromhex("2a864886f70d0107")  # 1.2.840.113549.1.7
_SMIME = bytes.fromhex("2a864886f70d01091001")  # 1.2.840.113549.1.9.16.1
KINDS = {
    _PKCS7 + b"\x01": "data",  # RFC 5652, 4
    _PKCS7 + b"\x02": "signed",
    _PKCS7 + b"\x03": "enveloped",
    _PKCS7 + b"\x04": "signed and enveloped",  # RFC 2315, 11: only in PKCS #7
    _PKCS7 + b"\x05": "digested",
    _PKCS7 + b"\x06": "encrypted",
    _SMIME + b"\x02": "authenticated",  # RFC 5652, 9: a MAC, nothing is hidden
    _SMIME + b"\x09": "compressed",  # RFC 3274
    _SMIME + b"\x17": "authenticated and enveloped",  # RFC 5083
}
HIDDEN = frozenset({"enveloped", "signed and enveloped", "encrypted", "authenticated and enveloped"})

_SEQUENCE, _OID, _OCTETS, _EXPLICIT, _CONSTRUCTED = 0x30, 0x06, 0x04, 0xA0, 0x20
_BEGIN = re.compile(
    rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83.{3}|\x84.{4}|\x85.{5}|\x86.{6}|\x87.{7}|\x88.{8})"
    rb"\x06(?:\x81|\x82\x00)?(?:\x09" + re.escape(_PKCS7) + rb"[\x01-\x06]"
    rb"|\x0b" + re.escape(_SMIME) + rb"[\x02\x09\x17])",
    re.DOTALL,
)


def begins(data: bytes) -> bool:
    """Whether a ContentInfo of a kind we know stands at the start."""
    return _BEGIN.match(data) is not None


class Content(NamedTuple):
    """What a ContentInfo holds."""

    kind: str  # of KINDS
    pieces: Iterator[bytes] | None  # None: hidden or detached.  May raise HostileInput when read
    trailing: bytes = b""  # what stands behind the whole


class _Element(NamedTuple):
    """``data[start:end]`` is its content; without a length of its own, the end is that of what it stands in."""

    tag: int
    at: int
    start: int
    end: int
    measured: bool = True
    whole: bool = True


def read(data: bytes) -> Content:
    """Raises HostileInput (Malformed or LimitExceeded) for what cannot be read."""
    ber = _Ber(data)
    outer = ber.element(0, len(data))
    kind_of = ber.element(outer.start, outer.end)
    kind = KINDS.get(data[kind_of.start : kind_of.end]) if kind_of.tag == _OID else None
    if outer.tag != _SEQUENCE or kind is None:
        raise Malformed("no CMS content of a known kind")
    if kind in HIDDEN:
        return Content(kind, None)
    wrapped = ber.child(outer, 1)
    if wrapped is None:  # RFC 2315, 7: content is optional
        return Content(kind, None, ber.behind(outer))
    inner = ber.element(wrapped.start, wrapped.end)
    content = inner if kind == "data" else _encapsulated(ber, inner)
    return Content(kind, ber.octets(content) if content else None, ber.behind(outer))


def _encapsulated(ber: _Ber, inner: _Element) -> _Element | None:
    """The content of SignedData and its like: in the first SEQUENCE of an OID and an element [0].  An algorithm's
    parameters (RFC 5280, 4.1.1.2), which stand before it, are never tagged so."""
    for child in ber.children(inner):
        if child.tag != _SEQUENCE:
            continue
        first = ber.child(child, 0)
        if first is None or first.tag != _OID:
            continue
        second = ber.child(child, 1)
        if second is not None and second.tag == _EXPLICIT:
            return ber.element(second.start, second.end)
        if second is None and ber.data[first.start : first.end].startswith(_PKCS7):  # detached
            return None
    return None


class _Ber:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.left = MAX_ELEMENTS

    def element(self, at: int, end: int) -> _Element:
        """The one that begins here and reaches at most to ``end``.  Raises Malformed, LimitExceeded."""
        data = self.data
        self.left -= 1
        if self.left < 0:
            raise LimitExceeded("elements", f"more than {MAX_ELEMENTS} elements of BER")
        if at + 2 > end:
            raise Malformed(f"CMS ends early, at offset {at}")
        tag, first, start = data[at], data[at + 1], at + 2
        if tag & 0x1F == 0x1F:  # X.690, 8.1.2.4: the number of the tag follows; CMS has none so high
            raise Malformed(f"a tag that CMS does not have at offset {at}")
        if first == 0x80:
            return _Element(tag, at, start, end, measured=False)
        length = first
        if first > 0x80:
            start += first & 0x7F
            if start > end:
                raise Malformed(f"CMS ends early, at offset {at}")
            length = int.from_bytes(data[at + 2 : start])
        return _Element(tag, at, start, min(start + length, end), whole=start + length <= end)

    def children(self, outer: _Element) -> Iterator[_Element]:
        at = outer.start
        while at < outer.end and not (not outer.measured and self._closes(at)):
            child = self.element(at, outer.end)
            yield child
            at = self.after(child)
        if not outer.whole or not (outer.measured or self._closes(at)):
            raise Malformed("CMS ends early")

    def child(self, outer: _Element, number: int) -> _Element | None:
        for found, child in enumerate(self.children(outer)):
            if found == number:
                return child
        return None

    def after(self, element: _Element) -> int:
        """Where the next element begins.  Raises Malformed where this one does not end."""
        if element.measured:
            return element.end
        at, depth, end = element.start, 1, element.end
        while depth:
            if at >= end:
                raise Malformed(f"an element without an end at offset {element.at}")
            if self._closes(at):
                at, depth = at + 2, depth - 1
                continue
            inner = self.element(at, end)
            if inner.measured:
                at = inner.end
                continue
            at, depth = inner.start, depth + 1
            if depth > MAX_DEPTH:
                raise LimitExceeded("depth", f"more than {MAX_DEPTH} elements of BER in each other")
        return at

    def behind(self, element: _Element) -> bytes:
        """What follows, without fill; nothing where the element does not end."""
        try:
            return self.data[self.after(element) :].strip(b"\0\r\n\t ")
        except HostileInput:  # said where the content is read
            return b""

    def octets(self, element: _Element) -> Iterator[bytes]:
        """The content of an OCTET STRING, joined; of anything else (PKCS #7 allows any) its bytes as they are."""
        if element.tag & 0xDF != _OCTETS:
            yield self.data[element.at : element.end]
            return
        batch: list[bytes] = []
        size = 0
        try:
            for piece in self._pieces(element):
                batch.append(piece)
                size += len(piece)
                if size >= _BATCH:
                    yield b"".join(batch)
                    batch, size = [], 0
        except HostileInput:
            yield b"".join(batch)
            raise
        yield b"".join(batch)

    def _pieces(self, element: _Element) -> Iterator[bytes]:
        """X.690, 8.7.3: a constructed string is the contents of the strings in it."""
        if not element.tag & _CONSTRUCTED:
            yield self.data[element.start : element.end]
            if not element.whole:
                raise Malformed("CMS content is cut off")
            return
        open_ones, at = [element], element.start
        while open_ones:
            outer = open_ones[-1]
            if outer.measured and at >= outer.end:
                if not outer.whole:
                    raise Malformed("CMS content is cut off")
                open_ones.pop()
                continue
            if not outer.measured and self._closes(at):
                open_ones.pop()
                at += 2
                continue
            inner = self.element(at, outer.end)
            if inner.tag & _CONSTRUCTED:
                open_ones.append(inner)
                at = inner.start
                if len(open_ones) > MAX_DEPTH:
                    raise LimitExceeded("depth", f"more than {MAX_DEPTH} strings of BER in each other")
                continue
            yield self.data[inner.start : inner.end]
            at = inner.end
            if not inner.whole:
                raise Malformed("CMS content is cut off")

    def _closes(self, at: int) -> bool:
        return self.data[at : at + 2] == b"\0\0"  # X.690, 8.1.5: end-of-contents

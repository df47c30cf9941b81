"""Files that stand in a text as uuencode, xxencode, yEnc, BinHex or bare base64 (see ``mime/legacy``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from lazaretto.errors import LimitExceeded
from lazaretto.mime.legacy import binhex, runs, uu, yenc
from lazaretto.mime.legacy.found import Found
from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack.identify import identify
from lazaretto.unpack.signatures import CMS, GZIP, HTA, LDIF, OCTETS, PGP, TEXTS, XML, XML_KINDS

_BEGIN = re.compile(rb"begin")
_ARMOURED = frozenset({CMS, PGP})  # opened with what stands around them, by unpackers of their own
_BEGIN_ARMOUR, _ARMOUR = b"-----BEGIN", 2_000  # bytes in front of the data in which its header stands
_LONG_TEXT = 48  # bytes; what is shorter may be printable by chance, and says little
_HEAD = 4096
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_JSON = ((b"\\n", b"\n"), (b"\\r", b"\r"), (b"\\/", b"/"), (b'"', b"\n"))  # RFC 8259 section 7
# In front of a value in base64, of which nothing else is a part: an attribute of LDIF (RFC 2849), an element of XML.
_ATTRIBUTE = re.compile(rb"^[A-Za-z0-9;.-]{1,99}::[ ]*\Z", re.MULTILINE)
_VALUE = {
    "text/plain": _ATTRIBUTE,
    LDIF: _ATTRIBUTE,
    XML: re.compile(rb">\Z"),
}
_BEFORE = 110  # bytes
# The alphabet's own signs in a link or a script; read as junk they would leave their digits in the data.
_PERCENT = re.compile(rb"%(?:2[BbFf]|3[Dd])")
_SIGNS = {b"%2B": b"+", b"%2F": b"/", b"%3D": b"="}
_DATA_URI = re.compile(rb"base64,\s*\Z", re.IGNORECASE)
# What XML documents have in base64 under a name, or with its line ends written as entities: read where they are known.
_OBJECTS = re.compile(rb"(<[\w.:-]{0,40}bin(?:ary-?)?data\b[^<>]{0,200}>)[^<]*+|gfxdata=\"[^\"<]*+\"", re.IGNORECASE)


class Carved(Unpacker):
    """Any text, and what a control character or yEnc's bytes keep from being one."""

    name: ClassVar[str] = "carved"
    types: ClassVar[frozenset[str]] = TEXTS | {OCTETS}

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        data = artifact.data
        if artifact.type != OCTETS and b"\0" in data[:_HEAD]:  # UTF-16: all of these encodings are ASCII
            data = data.replace(b"\0", b"")
        kind = XML if artifact.type in XML_KINDS else artifact.type
        if kind == XML:
            data = _OBJECTS.sub(rb"\1", data)
        # The word is in uu's begin lines and in yEnc's: one search less for a text that has neither.
        forms = (uu, yenc, binhex) if _BEGIN.search(data) else (binhex,)
        known = set()
        for form in forms:
            if form.present(data):
                for found in form.find(data):
                    known.add(found.data)
                    yield Member(found.names, _chunks(found))
        if runs.present(data):
            json = data[:_HEAD].lstrip()[:1] in (b"{", b"[")
            yield from _in_base64(_strings(data) if json else data, kind, known)


def _in_base64(text: bytes, kind: str, known: set[bytes]) -> Iterator[Member]:
    markup = kind in ("text/html", HTA, "image/svg+xml")
    if markup and b"%" in text:
        text = _PERCENT.sub(lambda sign: _SIGNS[sign[0].upper()], text)
    for found in runs.find(text):
        # A picture in a page's data: URI is the page's, and no run.
        uri = markup and _DATA_URI.search(text, max(0, found.start - 12), found.start)
        if not uri and found.data not in known and _is_file(found, text, kind):
            yield Member((), [found.data])


def _strings(text: bytes) -> bytes:
    """JSON in which each string stands by itself, in its own lines."""
    for written, meant in _JSON:
        text = text.replace(written, meant)
    return text


def _chunks(found: Found) -> Iterator[bytes]:
    yield found.data
    if found.cut:
        raise LimitExceeded("member_bytes", f"more than {len(found.data)} bytes in {found.format}")


def _is_file(run: Found, text: bytes, inside: str) -> bool:
    """Whether base64 is more than a key, a signature, a hash or a token of a link."""
    kind = identify(run.data)
    if kind == OCTETS or _is_chance(kind, run.data):
        return False
    if kind in _ARMOURED and _BEGIN_ARMOUR in text[max(0, run.start - _ARMOUR) : run.start]:
        return False
    if kind not in TEXTS:
        return True
    if len(run.data) < _LONG_TEXT or not _is_printable(run.data):
        return False
    # Links of newsletters hold text in base64; nobody sends a file in the middle of a line.
    if kind != "text/plain" or not run.start or text[run.start - 1] in b"\r\n":
        return True
    value = _VALUE.get(inside)
    return value is not None and value.search(text[max(0, run.start - _BEFORE) : run.start]) is not None


def _is_chance(kind: str, data: bytes) -> bool:
    """Signatures of two bytes, which one key in thousands begins with, are not enough here."""
    if kind == GZIP:  # RFC 1952 section 2.3.1: one method, and three flags that are always 0
        return data[2:3] != b"\x08" or data[3:4] > b"\x1f"
    if kind == "application/x-compress":  # bits of a code, one flag
        return len(data) < 3 or bool(data[2] & 0x60) or not 9 <= data[2] & 0x1F <= 16
    return kind.startswith("audio/")


def _is_printable(data: bytes) -> bool:
    """Of random bytes, one text in UTF-16 or Latin-1 among thousands looks like one: only UTF-8, and UTF-16 of
    Western languages."""
    head = data[:_HEAD]
    if head.count(0) * 5 >= len(head) * 2:
        head = head.replace(b"\0", b"")
    if _CONTROLS.search(head):
        return False
    try:
        head[:-3].decode()
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 7  # a character cut in two
    return True

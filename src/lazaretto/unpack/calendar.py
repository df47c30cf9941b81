"""iCalendar (RFC 5545) and vCard (2.1, RFC 2426, RFC 6350): attachments, pictures, sounds, HTML in properties."""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from lazaretto.errors import LimitExceeded
from lazaretto.mime import decode
from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack.html import literal

PROPERTIES = 200_000
MEMBERS = 1000
_LONG_TEXT = 40  # characters of an encoded value that may be more than a name or an address
_NAME = re.compile(r"[A-Za-z0-9-]{1,60}\Z")
_PARAMETER = re.compile(r";([A-Za-z0-9-]{1,40})(?:=(\"[^\"]*+\"|[^;:\"]*+))?")
_COLON = re.compile(r"[^:\"]*+(?:\"[^\"]*+\"[^:\"]*+){0,50}:")
_FILE_NAMES = ("FILENAME", "X-FILENAME", "X-APPLE-FILENAME", "X-EVOLUTION-FILENAME", "X-ORACLE-FILENAME", "TITLE")
_BINARY = frozenset(("PHOTO", "LOGO", "SOUND", "KEY", "ATTACH"))
_PICTURES = {"JPEG": "image/jpeg", "JPG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WAVE": "audio/wav"}
_MARKUP = re.compile(
    r"<(?:!doctype|html|head|body|meta|a|p|br|div|span|b|i|table|font|img|ul|ol|h[1-6]|style|script|iframe|object|embed"
    r"|form|svg)[\s>/]",
    re.IGNORECASE,
)
_BASE64_LINE = re.compile(r"[A-Za-z0-9+/]{2,}+={0,2}\s*\Z")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Property(NamedTuple):
    name: str  # upper case, without the group
    parameters: dict[str, str]  # upper-case names; a bare BASE64 of version 2.1 stands under its own name
    value: str


class Calendar(Unpacker):
    name: ClassVar[str] = "calendar"
    types: ClassVar[frozenset[str]] = frozenset({"text/calendar", "text/vcard"})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        count = 0
        for each in properties(_text(artifact.data)):
            for member in _members(each):
                count += 1
                if count > MEMBERS:
                    raise LimitExceeded("members", f"more than {MEMBERS} files in one calendar or card")
                yield member


def _text(data: bytes) -> str:
    # Version 2.1 names a charset with each property; its line structure is ASCII in all of them.
    if b"\0" in data[:64] and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return decode.text(data, "utf-16-be" if data[:1] == b"\0" else "utf-16-le").removeprefix("\ufeff")
    return decode.text(data).removeprefix("\ufeff")


def properties(text: str) -> Iterator[Property]:
    """Content lines unfolded (RFC 5545 section 3.1); base64 of version 2.1 may go on without a blank, until an empty
    line, and quoted-printable behind "=".  Raises LimitExceeded."""
    lines = _Lines(text)
    for count, line in enumerate(lines):
        if count > PROPERTIES:
            raise LimitExceeded("properties", f"more than {PROPERTIES} properties")
        parsed = _property(line)
        if parsed is None:
            continue
        encoding = _encoding(parsed)
        if encoding == "q":
            more = lines.soft(parsed.value)
        elif encoding == "b":
            more = lines.base64()
        else:
            more = ""
        yield parsed._replace(value=parsed.value + more) if more else parsed


class _Lines:
    """Logical lines, and what belongs to a value although it is not folded."""

    def __init__(self, text: str) -> None:
        self._lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._at = 0

    def __iter__(self) -> Iterator[str]:
        while self._at < len(self._lines):
            pieces = [self._lines[self._at]]
            self._at += 1
            while self._at < len(self._lines) and self._lines[self._at][:1] in (" ", "\t"):
                pieces.append(self._lines[self._at][1:])
                self._at += 1
            if len(pieces) > 1 or pieces[0]:
                yield "".join(pieces)

    def soft(self, first: str) -> str:
        pieces = [first]
        while pieces[-1].rstrip(" \t").endswith("=") and self._at < len(self._lines):
            pieces.append("\n" + self._lines[self._at])
            self._at += 1
        return "".join(pieces[1:])

    def base64(self) -> str:
        begin = self._at
        while self._at < len(self._lines) and _BASE64_LINE.match(self._lines[self._at].lstrip(" \t")):
            self._at += 1
        return "".join(self._lines[begin : self._at])


def _property(line: str) -> Property | None:
    colon = _COLON.match(line)
    at = colon.end() - 1 if colon else line.find(":")
    if at < 0:
        return None
    head, value = line[:at], line[at + 1 :]
    name, mark, rest = head.partition(";")
    name = name.rpartition(".")[2].strip()  # "item1.PHOTO": a group
    if not _NAME.match(name):
        return None
    parameters: dict[str, str] = {}
    for found in _PARAMETER.finditer(mark + rest):
        key, given = found[1].upper(), (found[2] or "").strip().strip('"')
        parameters.setdefault(key, given)
    return Property(name.upper(), parameters, value)


def _encoding(each: Property) -> str:
    """ "b" base64, "q" quoted-printable, "" none; "B" and "BASE64" by RFC 2426 section 2.4.1 and vCard 2.1."""
    parameters = each.parameters
    encoding = parameters.get("ENCODING", "").upper()
    if encoding in ("B", "BASE64") or "BASE64" in parameters or parameters.get("VALUE", "").upper() == "BINARY":
        return "b"
    return "q" if encoding == "QUOTED-PRINTABLE" or "QUOTED-PRINTABLE" in parameters else ""


def _members(each: Property) -> Iterator[Member]:
    parameters, encoding = each.parameters, _encoding(each)
    names = tuple(parameters[key] for key in _FILE_NAMES if parameters.get(key))
    declared = _declared(parameters)
    if encoding == "b":
        data = literal.base64(each.value.encode("ascii", "replace"))
        if data:
            yield Member(names, [data], declared)
        return
    value = each.value
    if encoding == "q":
        raw = binascii.a2b_qp(value.encode("utf-8", "replace"))
        if each.name in _BINARY and raw:
            yield Member(names, [raw], declared)
        value = decode.text(raw, parameters.get("CHARSET", ""))
    plain = value
    if "\\" in value:
        plain = _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)
    for text in dict.fromkeys((value, plain)):
        if url := literal.whole_url(text):
            if data := url.data():
                yield Member(names, [data], url.media_type or declared)
            return
    if each.name not in ("BEGIN", "END") and (parameters.get("FMTTYPE", "").lower() == "text/html" or _is_page(plain)):
        yield Member(names or (f"{each.name.lower()}.html",), [plain.encode("utf-8", "replace")], "text/html")
    elif encoding == "q" and each.name not in _BINARY and len(plain) >= _LONG_TEXT:
        yield Member(names, [value.encode("utf-8", "replace")], declared)


def _is_page(text: str) -> bool:
    return "<" in text and _MARKUP.search(text) is not None


def _declared(parameters: dict[str, str]) -> str:
    given = parameters.get("FMTTYPE") or parameters.get("MEDIATYPE") or parameters.get("TYPE", "")
    return _PICTURES.get(given.upper(), given.lower() if "/" in given else "")[:100]

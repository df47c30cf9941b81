"""XML of any kind: entities, which nothing here ever expands, and what is written in base64 into a document that is
one XML file (Word 2003, flat OPC, flat ODF)."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

from lazaretto.errors import LimitExceeded
from lazaretto.mime import elements, entities
from lazaretto.model import Artifact, Finding, Kind, Severity, one_line
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack.signatures import XML_KINDS

_LONGEST = 64 * 2**20  # bytes of a document that is read for its entities or objects
_HARMLESS = 1 << 20  # characters that entities may unpack to
_SHOWN = 8
_PICTURE = re.compile(r"gfxdata=\"([^\"<]*+)\"")  # [MS-OI29500] 2.1.1783: a drawing as a package of its own
_MARKS = (b"<!ENTITY", b"gfxdata", b"binData", b"binaryData", b"binary-data")
_OBJECTS = ("binData", "binaryData", "binary-data")  # [MS-WORDML], [MS-OFFXML] "pkg", OpenDocument 1.3 part 3, 10.4.5
_PARTS = frozenset({"document", "document-content", "document-styles", "manifest", "relationships", "types", "package"})
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")
_WITHIN = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}  # what may stand in an element beside text and tags
_BATCH = 1 << 20  # characters


class Xml(Unpacker):
    """Objects under their names; the texts of entities, when they could hold tags."""

    name: ClassVar[str] = "xml"
    types: ClassVar[frozenset[str]] = XML_KINDS | {"image/svg+xml"}

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        data = artifact.data
        if not _interesting(data):
            return
        if len(data) > _LONGEST:
            raise LimitExceeded("xml", f"an XML document of more than {_LONGEST} bytes")
        text = elements.document(data)
        if "<!ENTITY" in text:
            yield from _entities(text, office=(root := elements.root(data)) is not None and root.name in _PARTS)
        for found in _PICTURE.finditer(text):
            yield Member(("gfxdata.zip",), _octets([html.unescape(found[1])]))
        part = ""
        for each in elements.named(text, *_OBJECTS, "part"):
            if each.name == "part":  # the part of a package that the data belongs to
                part = each.attributes.get("name", "") if each.prefix == "pkg" else ""
                continue
            name = each.attributes.get("name") or part
            shown = name.replace("\\", "/").removeprefix("wordml://").lstrip("/")
            yield Member((shown or f"{each.name}.bin",), _octets(_content(text, each.end)))


def _interesting(data: bytes) -> bool:
    """Also where every character takes two or four bytes, or where it is hidden in UTF-7."""
    if any(mark in data for mark in _MARKS):
        return True
    head = data[:256]
    if head.count(0) * 4 >= len(head):
        return True
    return b"utf-7" in head.lower() or head.lstrip().startswith((b"+ADw", b"\x4c\x6f\xa7\x94"))  # the last: EBCDIC


def _entities(text: str, *, office: bool) -> Iterator[Member | Finding]:
    """``office``: a part of a document, in which no program writes any, and which links and names can hide behind."""
    found = entities.declared(text)
    if found.size > max(_HARMLESS, 10 * len(text)):
        shown = "without end" if found.size >= entities.ENDLESS else f"to {found.size} characters"
        yield _finding(Severity.MEDIUM, [f"unpack {shown} out of {len(text)}"])
    if found.external:
        yield _finding(Severity.MEDIUM, [f"from outside: {one_line(each)}" for each in found.external])
    elif found.values and found.size <= _HARMLESS:
        severity = Severity.MEDIUM if office else Severity.INFORMATIONAL
        yield _finding(severity, [f"{len(found.values)} declared"])
    if any("<" in each or "&#" in each or "%" in each for each in found.values):
        yield Member(("entities.xml",), ["\n".join(found.values).encode("utf-8", "replace")])


def _finding(severity: Severity, lines: list[str]) -> Finding:
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return Finding("unpack", "xml.entities", Kind.AMBIGUOUS, severity, evidence=(*lines[:_SHOWN], *more))


def _octets(pieces: Iterable[str]) -> Iterator[bytes]:
    """Leniently: whatever is no digit is passed over."""
    rest = ""
    for piece in pieces:
        digits = rest + _NOT_BASE64.sub("", piece)
        whole = len(digits) & ~3
        rest = digits[whole:]
        yield base64.b64decode(digits[:whole])
    if len(rest) > 1:  # else one digit too many at the end
        yield base64.b64decode(rest + "=" * (4 - len(rest)))


def _content(text: str, at: int) -> Iterator[str]:
    """The characters up to the next tag: comments and processing instructions are none (XML 1.0 section 2.4)."""
    while at < len(text):
        end = text.find("<", at)
        end = len(text) if end < 0 else end
        yield from _written(text, at, end)
        mark = next((each for each in _WITHIN if text.startswith(each, end)), "")
        if not mark:
            return
        stop = text.find(_WITHIN[mark], end + len(mark))
        stop = len(text) if stop < 0 else stop
        if mark == "<![CDATA[":
            yield from _batches(text, end + len(mark), stop)
        at = stop + len(_WITHIN[mark])


def _written(text: str, at: int, end: int) -> Iterator[str]:
    if text.find("&", at, end) < 0:
        yield from _batches(text, at, end)
    else:
        yield html.unescape(text[at:end])


def _batches(text: str, at: int, end: int) -> Iterator[str]:
    return (text[start : min(start + _BATCH, end)] for start in range(at, end, _BATCH))

"""XML read as a row of tags, without a tree and without entities: what damage, size or nesting cannot stop.

No conforming parser on purpose: what one refuses another reads, and a parser that expands entities can be made to
work for ever (XML 1.0 section 4.4, "billion laughs").
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lazaretto.mime import decode

_NAME = re.compile(r"/?([^\s/>\"'=<!?]+)")
_ATTRIBUTE = re.compile(r"([^\s/>\"'=<]++)\s*+=\s*+(?:\"([^\"<]*+)\"|'([^'<]*+)')")
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9._-]{1,40})[\"']", re.IGNORECASE)
_WIDE = (  # XML 1.0 appendix F.1: without a mark, by the first "<"
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
    (b"+ADw", "utf-7"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
_MARKS = (  # the longer first: that of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_ENDS = re.compile(r"[>\"']")
_IN_TYPE = re.compile(r"[\[\]>\"']|<!--|<\?")
_CLOSES = {"<!--": "-->", "<?": "?>", '"': '"', "'": "'"}
_BEGINNING = 65_536  # bytes


@dataclass(slots=True)
class Element:
    """A tag: ``name`` without its prefix, in lower case."""

    name: str
    prefix: str
    closing: bool
    start: int
    end: int  # behind the tag
    _text: str = field(repr=False)

    @property
    def attributes(self) -> dict[str, str]:
        """By name without prefix, in lower case.  One that was written without a prefix counts before others of its
        name; else the first does, as in HTML."""
        found: dict[str, str] = {}
        prefixed: dict[str, str] = {}
        for name, value in self._pairs():
            prefix, _, local = name.rpartition(":")
            (prefixed if prefix else found).setdefault(local, value)
        return prefixed | found

    def values(self, name: str) -> list[str]:
        """Of all attributes with this name, whatever their prefix."""
        return [value for each, value in self._pairs() if each.rpartition(":")[2] == name]

    def _pairs(self) -> Iterator[tuple[str, str]]:
        for each in _ATTRIBUTE.finditer(self._text, self.start, self.end):
            yield each[1].lower(), html.unescape(each[2] if each[2] is not None else each[3])

    @property
    def text(self) -> str:
        """What follows, up to the next tag."""
        end = self._text.find("<", self.end)
        return self._text[self.end : end if end >= 0 else len(self._text)]


def document(data: bytes) -> str:
    """By its mark, its first bytes or what it declares, whichever says something (XML 1.0 section 4.3.3)."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    head = data[:64].lstrip(b" \t\r\n")
    for start, name in _WIDE:
        if head.startswith(start):
            return decode.text(data, name)
    declared = _DECLARED.search(data, 0, 512)
    return decode.text(data, declared[1].decode("ascii") if declared else "")


def elements(text: str) -> Iterator[Element]:
    """Every tag outside comments, CDATA sections, processing instructions and the document type."""
    at = text.find("<")
    while at >= 0:
        if text.startswith("<!DOCTYPE", at):
            at = text.find("<", _behind_type(text, at + 9))
            continue
        if text.startswith(("<!--", "<![CDATA[", "<?"), at):
            mark = "-->" if text[at + 2 : at + 3] == "-" else "]]>" if text[at + 1] == "!" else "?>"
            end = text.find(mark, at + 2)
            if end < 0:  # never closed: nothing behind it is a tag for anybody
                return
            at = text.find("<", end)
            continue
        after = text.find("<", at + 1)
        if name := _NAME.match(text, at + 1):
            prefix, _, local = name[1].rpartition(":")
            end = _end(text, name.end(), after if after >= 0 else len(text))
            yield Element(local.lower(), prefix.lower(), text[at + 1] == "/", at, end, text)
        at = after


def named(text: str, *names: str) -> Iterator[Element]:
    """Opening tags of these names, whatever stands around them: much quicker than all."""
    pattern = re.compile(rf"<(?:([^\s<>/:=\"']++):)?({'|'.join(map(re.escape, names))})(?=[\s/>])", re.IGNORECASE)
    for found in pattern.finditer(text):
        after = text.find("<", found.end())
        end = _end(text, found.end(), after if after >= 0 else len(text))
        yield Element(found[2].lower(), (found[1] or "").lower(), False, found.start(), end, text)


def _end(text: str, at: int, stop: int) -> int:
    """Behind the ">" that ends a tag, or where the next begins: a "<" cannot stand in a tag (section 3.1)."""
    while (found := _ENDS.search(text, at, stop)) is not None:
        if found[0] == ">":
            return found.end()
        close = text.find(found[0], found.end(), stop)  # a ">" between quotes is none
        if close < 0:
            end = text.find(">", found.end(), stop)
            return end + 1 if end >= 0 else stop
        at = close + 1
    return stop


def _behind_type(text: str, at: int) -> int:
    """Where a document type ends (XML 1.0 section 2.8): its declarations hold texts that look like tags."""
    inside = False
    while (found := _IN_TYPE.search(text, at)) is not None:
        mark, at = found[0], found.end()
        if mark in "[]":
            inside = mark == "["
        elif mark == ">" and not inside:
            return at
        elif mark != ">":
            end = text.find(_CLOSES[mark], at)
            at = end + len(_CLOSES[mark]) if end >= 0 else len(text)
    return len(text)


def root(data: bytes) -> Element | None:
    """The first tag.  Most documents have it at their beginning; comments of any length may stand in front."""
    return next(elements(document(data[:_BEGINNING])), None) or (
        next(elements(document(data)), None) if len(data) > _BEGINNING else None
    )

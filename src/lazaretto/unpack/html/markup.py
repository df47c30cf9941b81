"""HTML, SVG and XML as text: which character sets they may be read in, where scripts and attributes stand.

No parser of a tree: readers disagree about trees, and what is hidden in a page is hidden in its attributes and
scripts, whatever stands around them.  Linear in the input.
"""

from __future__ import annotations

import codecs
import html.entities
import re
from collections.abc import Iterator
from typing import NamedTuple

from lazaretto.mime import decode

_HEAD = 4096
_DECLARED = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
# In the order in which they must be tried: the mark of UTF-32-LE begins with that of UTF-16-LE.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UTF7 = re.compile(rb"\+AD[w4](?:[-A]|$)")  # "<" alone or before a Latin letter (RFC 2152), ">" likewise
_SURROGATES = re.compile("[\ud800-\udfff]")

_SCRIPT = re.compile(r"<(?:[A-Za-z]{1,20}:)?script(?=[\s/>])", re.IGNORECASE)
_SCRIPT_END = re.compile(r"</(?:[A-Za-z]{1,20}:)?script", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>][^\s>]*+))")
_EMAN = re.compile(r"\s{0,20}([\w:.-]{1,60})")  # a name backwards: anchored, which a search for an end is not
_DOWNLOAD = re.compile(r"\bdownload\s{0,20}=\s{0,20}(?:\"([^\"]{1,300})\"|'([^']{1,300})'|([^\s>\"']{1,300}))", re.I)
_TAG_REACH = 4096  # how far a tag's other attributes are looked for
_ENTITY = re.compile(r"&(?:#0*([0-9]{1,7});?|#[xX]0*([0-9a-fA-F]{1,6});?|([A-Za-z][A-Za-z0-9]{1,31};?))")


class Attribute(NamedTuple):
    value: str  # as written, entities and all
    start: int  # of "="
    stop: int


def readings(data: bytes) -> list[str]:
    """Every text that some reader may see; the likeliest first, at most three."""
    found = list(_readings(data))
    return list(dict.fromkeys(found))[:3]


def _readings(data: bytes) -> Iterator[str]:
    for mark, name in _MARKS:
        if data.startswith(mark):
            yield _SURROGATES.sub("\ufffd", data.decode(name, "replace"))
            return
    head = data[:_HEAD]
    if b"\0" in head:
        if name := _wide(head):
            yield data.decode(name, "replace")
        data = data.replace(b"\0", b"")  # old readers skip them; in a page that is mostly wide the rest may be not
    declared = _DECLARED.search(head)
    charset = declared[1].decode("ascii").lower() if declared else ""
    # A page that could say so in ASCII is in no wide character set (WHATWG HTML, "change the encoding", step 1).
    charset = "" if charset.startswith(("utf-16", "utf-32", "utf16", "utf32", "ucs")) else charset
    if charset and charset not in ("utf-8", "us-ascii"):
        yield decode.text(data)
    yield decode.text(data, charset)
    if _UTF7.search(data):
        yield decode.text(data, "utf-7")


def _wide(head: bytes) -> str:
    """UTF-16 or UTF-32 without a mark, by where the zeros of Western text stand."""
    for first, width, name in ((0, 4, "utf-32-le"), (3, 4, "utf-32-be"), (0, 2, "utf-16-le"), (1, 2, "utf-16-be")):
        used = len(head) // width * width
        characters, zeros = used // width, head.count(0, 0, used)
        if characters > 3 and zeros * 10 >= characters * (width - 1) * 9 and head[first:used:width].count(0) == 0:
            return name
    return ""


def scripts(text: str) -> Iterator[tuple[int, int]]:
    """Where the contents of script elements stand; the last may be unclosed."""
    at = 0
    while found := _SCRIPT.search(text, at):
        begin = text.find(">", found.end())
        if begin < 0:
            return
        end = _SCRIPT_END.search(text, begin)
        at = end.start() if end else len(text)
        yield begin + 1, at


def attributes(text: str, start: int, stop: int) -> Iterator[Attribute]:
    """All that stands behind "=", with and without quotes.  Only a text's last quote can be unclosed: linear."""
    for found in _ATTRIBUTE.finditer(text, start, stop):
        yield Attribute(found[found.lastindex or 0], found.start(), found.end())


def name_of(text: str, attribute: Attribute) -> str:
    found = _EMAN.match(text[max(0, attribute.start - 80) : attribute.start][::-1])
    return found[1][::-1].lower() if found else ""


def download_name(text: str, start: int, stop: int) -> str:
    """The value of the ``download`` attribute in the tag that holds ``text[start:stop]``."""
    before = text[max(0, start - _TAG_REACH) : start]
    before = before[before.rfind("<") + 1 :]
    after = text[stop : stop + _TAG_REACH].partition(">")[0]
    found = _DOWNLOAD.search(f"{before} {after}")
    return entities_decoded(found[found.lastindex or 0]) if found else ""


def entities_decoded(text: str) -> str:
    """Character references, with and without semicolon.  Not by html.unescape: a number of 5000 digits raises there."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(found: re.Match[str]) -> str:
    decimal, hexadecimal, name = found.groups()
    if name is not None:
        return html.entities.html5.get(name) or _longest(name)
    number = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(number) if 0 < number < 0xD800 or 0xDFFF < number < 0x110000 else "\ufffd"


def _longest(name: str) -> str:
    """HTML, 13.2.5.73: the longest known name counts, what follows is text."""
    for size in range(min(len(name), 6), 1, -1):  # names that need no semicolon have at most six letters
        if character := html.entities.html5.get(name[:size]):
            return character + name[size:]
    return f"&{name}"

"""Links in documents that are texts inside: relations and fields of Office, RTF, calendars, cards, shortcuts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from lazaretto.links import prose
from lazaretto.links.judge import Link
from lazaretto.mime import elements

# [MS-DOC] 2.8.25 and ECMA-376 part 1, 17.16.5.25: HYPERLINK "target" \l "place" \o "tip".  What INCLUDEPICTURE and
# INCLUDETEXT name is fetched; a file server stands there as \\server\share, in RTF with twice as many.
_FIELD = re.compile(
    r"(?:HYPERLINK|INCLUDEPICTURE|INCLUDETEXT)\s{1,9}(?:\\[a-z]\s{1,9}){0,4}(?:\"|&quot;|\\\")?\s{0,9}([A-Za-z][A-Za-z0-9+.-]{1,20}:[^\s\"<>{}]{2,2000}"
    r"|\\{2,8}[A-Za-z0-9][^\s\"<>{}]{2,2000})",
    re.IGNORECASE,
)
_RESULT = re.compile(r"\\fldrslt(?:\s|\{|\\[a-z]{1,20}-?\d{0,9}\s?){0,20}([^{}\\\s][^{}\\]{2,300})")
_CONTROL = re.compile(r"\\(?:'([0-9a-fA-F]{2})|u(-?\d{1,6})\s?\??|[a-z]{1,32}-?\d{0,10}\s?|\n|\r)")
_FORMATS = re.compile(r"\\[a-z]{1,32}-?\d{0,10} ?")
_GROUPS = re.compile(r"[{}\r\n]")
_FOLD = re.compile(r"\r?\n[ \t]")  # RFC 5545, 3.1; RFC 6350, 3.2
_SOFT = re.compile(r"=\r?\n")
_ESCAPED = re.compile(r"\\([nN,;\\:])")
_SHORTCUT = re.compile(
    r"^\s{0,9}(?:URL|BASEURL|ORIGURL|IconFile|WorkingDirectory|URL\.A|URL\.W)\s{0,9}=\s{0,9}(\S[^\r\n]{0,4000})",
    re.IGNORECASE | re.MULTILINE,
)
_DESKTOP = re.compile(r"<key>URL</key>\s{0,99}<string>([^<]{4,4000})", re.IGNORECASE)  # .webloc
# ECMA-376 part 2, annex D and part 1, 22.8: the schemas' own names are no links
_SCHEMAS = (
    "http://schemas.",
    "https://schemas.",
    "http://www.w3.org/",
    "http://purl.org/",
    "http://ns.adobe.com/",
    "http://openoffice.org/",
    "urn:",
)
_WIDE = re.compile(rb"(?:(?:h\0t\0t\0p\0(?:s\0)?|f\0i\0l\0e\0):\0/\0(?:[\x21-\x7e]\0){3,2000})")
_NARROW = re.compile(rb"(?:https?|file)://[\x21\x23-\x3b\x3d\x3f-\x7e]{4,2000}")


def xml(text: str) -> Iterator[Link]:
    """Parts of packages: relations to the outside (ECMA-376 part 2, 9.3), fields of Word, links of OpenDocument."""
    if "Relationship" in text and "TargetMode" in text:
        for each in elements.named(text, "Relationship"):
            given = each.attributes
            if given.get("targetmode", "").lower() == "external":
                # A reader follows links; pictures, templates and frames are fetched, which is another engine's matter.
                where = "link" if given.get("type", "").endswith("hyperlink") else "resource"
                yield Link(given.get("target", ""), "", where)
    pieces = [each.text for each in elements.named(text, "instrText")] if "instrText" in text else []
    if len(pieces) > 1:  # one field in many runs: Word puts them together
        yield from fields(html.unescape("".join(pieces)))
    if "HYPERLINK" in text or "INCLUDE" in text:
        yield from fields(html.unescape(text))
    if "xlink:href" in text:  # OpenDocument 1.3 part 3, 19.910
        for each in elements.named(text, "a"):
            yield Link(each.attributes.get("href", ""), _plain(each.text), "link")
    if "HYPERLINK(" in text.upper():
        for found in re.finditer(r"HYPERLINK\(\s{0,9}(?:\"|&quot;)([^\"&]{4,2000})(?:\"|&quot;)", text, re.IGNORECASE):
            yield Link(html.unescape(found[1]), "", "link")


def fields(text: str) -> Iterator[Link]:
    for found in _FIELD.finditer(text):
        yield Link(found[1], "", "link")


def prose_of(text: str) -> Iterator[Link]:
    """Running text of XML, without the names of schemas."""
    for link in prose.links(text):
        if not link.raw.startswith(_SCHEMAS):
            yield link


def rtf(text: str) -> Iterator[Link]:
    """Fields with what is shown for them, and links in the text."""
    flat = _CONTROL.sub(_character, text) if "\\'" in text or "\\u" in text else text
    # A control word ends with its blank (RTF 1.9.1, "Control Word"), so one within a word cuts nothing.
    bare = _GROUPS.sub("", _FORMATS.sub("", flat)) if "fldinst" in text else flat
    for source in dict.fromkeys((text, flat, bare)):
        for found in _FIELD.finditer(source):
            shown = _RESULT.search(source, found.end(), found.end() + 1000)
            yield Link(found[1].replace("\\\\", "\\"), shown[1].strip() if shown else "", "link")
    yield from prose.links(flat)


def _character(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1], 16))
    if found[2]:
        number = int(found[2]) % 65536
        return chr(number) if not 0xD800 <= number < 0xE000 else "\ufffd"
    return " " if found[0][-1] in " \r\n" else found[0]


def calendar(text: str) -> Iterator[Link]:
    """iCalendar and vCard: properties unfolded and unescaped; HTML in them is a member of its own."""
    flat = _FOLD.sub("", text)
    if "QUOTED-PRINTABLE" in flat.upper():
        flat = _SOFT.sub("", flat).replace("=3D", "=").replace("=3A", ":")
    flat = _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], flat)
    yield from prose.links(flat)


def shortcut(text: str) -> Iterator[Link]:
    """Windows' .url (an INI file), and Apple's .webloc."""
    for found in _SHORTCUT.finditer(text):
        target = found[1].strip()
        if target[:2] == "\\\\":  # a path of a file server
            target = "file:" + target.replace("\\", "/")
        yield Link(target, "", "link")
    for found in _DESKTOP.finditer(text):
        yield Link(html.unescape(found[1]), "", "link")


def binary(data: bytes) -> Iterator[Link]:
    """What stands in plain sight in a compound file: fields of Word, links of Excel and PowerPoint, in both widths."""
    for found in _WIDE.finditer(data):
        yield Link(found[0][::2].decode("latin-1"), "", "link")
    for found in _NARROW.finditer(data):
        text = found[0].decode("latin-1")
        if not text.startswith(_SCHEMAS):
            yield Link(text, "", "link")


def _plain(text: str) -> str:
    return html.unescape(text).strip()[:300]

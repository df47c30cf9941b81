"""Is it text, and which kind: plain, HTML, XML, SVG, a script, a mail."""

from __future__ import annotations

import codecs
import re

from lazaretto.unpack import dialect, language
from lazaretto.unpack.signatures import (
    HTA,
    MAIL,
    MBOX,
    SCRIPTS,
    SCRIPTS_BY_EXTENSION,
    TEXT_BY_EXTENSION,
    WINDOWS_SCRIPT,
)

SAMPLE = 4096  # bytes that are looked at
HEADER_SAMPLE = 16 * 1024

# Control characters that text has no use for (WHATWG MIME Sniffing, "binary data byte"), FS..US excepted.
_BINARY = bytes((*range(7), *range(0x0E, 0x1B), 0x7F))
_BINARY_TEXT = re.compile("[\x00-\x06\x0e-\x1a\x7f\ufffe\uffff]")

_SPACE_AND_COMMENTS = re.compile(r"(?:\s+|<!--.{0,2000}?-->)*", re.DOTALL)
_HTML_START = re.compile(
    r"<(?:!doctype\s+html|html|head|body|script|iframe|style|title|table|div|meta|link|font|img|form|center|span"
    r"|a|b|br|p|h[1-6])(?:[\s>/]|$)",
    re.IGNORECASE,
)
_HTML_ANYWHERE = re.compile(r"<(?:!doctype\s+html|html[\s>]|hta:application)", re.IGNORECASE)
_XML_START = re.compile(r"<\?xml\s", re.IGNORECASE)
_NAMESPACE = re.compile(r"<[A-Za-z_][\w.:-]{0,100}+\s[^<>]{0,2000}?\bxmlns")
_UTF7_MARKUP = re.compile(r"\s*\+ADw[-A]")  # RFC 2152: "<" alone or before another Latin character
_VERSIT = re.compile(r"\s*BEGIN[ \t]*:[ \t]*(VCALENDAR|VCARD)", re.IGNORECASE)  # RFC 5545 section 3.4, RFC 6350 6.1.1
_APPLICATION = re.compile(r"<hta:application", re.IGNORECASE)

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
FROM_LINE = re.compile(rb">?From \S+.{0,200}?\d\d:\d\d.{0,60}?\d{4}")
_MAIL_FIELDS = frozenset(
    b"received return-path delivered-to message-id from to cc bcc subject date sender reply-to in-reply-to references"
    b" mime-version content-type content-transfer-encoding content-disposition content-id dkim-signature"
    b" domainkey-signature authentication-results received-spf arc-seal arc-message-signature"
    b" arc-authentication-results x-mailer x-originating-ip x-spam-status x-received list-id list-unsubscribe"
    b" envelope-to resent-from resent-to thread-topic thread-index importance x-priority user-agent"
    b" disposition-notification-to".split()
)
# One of these alone makes a mail; the others need company.
_STRONG_FIELDS = frozenset(
    b"received return-path mime-version content-transfer-encoding dkim-signature message-id arc-seal".split()
)


def identify_text(data: bytes, names: tuple[str, ...] = ()) -> str | None:
    """Media type of a text; None when it is none."""
    if looks_like_mail(data):
        return MBOX if _is_mbox(data) else MAIL
    text = _sample(data)
    if text is None:
        return None
    if card := _VERSIT.match(text):
        return "text/calendar" if card[1].upper() == "VCALENDAR" else "text/vcard"
    if text[:64].lstrip()[:2] in ("<?", "<%") and (begin := language.begins(text)):
        return begin  # a page of PHP holds markup as well
    if markup := _markup(text):
        is_application = markup == "text/html" and (_by_extension(names) == HTA or _APPLICATION.search(text))
        return HTA if is_application else markup
    if known := _by_extension(names, SCRIPTS_BY_EXTENSION) or language.begins(text):
        return known
    found = language.kind(text)
    # A script is one under any name; a list of settings is what its name says.
    return found if found in SCRIPTS else _by_extension(names) or found or "text/plain"


def looks_like_mail(data: bytes) -> bool:
    """Whether somebody's mail reader may take this file for a message (RFC 5322 section 2.1).

    Generous on purpose: taking a text for a mail costs a little time, the other mistake hides attachments."""
    head = data[:HEADER_SAMPLE].removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n")
    if FROM_LINE.match(head):
        return True
    if not _FIELD.match(head):  # a mail's first line is a field
        return False
    known, fields, junk, ended = set(), 0, 0, False
    for line in re.split(rb"\r\n|\n|\r", head):
        if not line.strip():
            ended = True
            break
        if field := _FIELD.match(line):
            fields += 1
            if (name := field[1].lower()) in _MAIL_FIELDS:
                known.add(name)
        elif line[:1] not in b" \t":
            junk += 1
            if junk > 3:  # a few broken lines may stand among the fields
                break
    if len(known) >= 2:
        return True
    return bool(known & _STRONG_FIELDS) or (bool(known) and ended and not junk and fields > 1)


def _is_mbox(data: bytes) -> bool:
    return bool(FROM_LINE.match(data.lstrip(b"\r\n"))) and not data.lstrip(b"\r\n").startswith(b">")


def _sample(data: bytes) -> str | None:
    """The beginning as characters, or None when it is no text in any usual charset."""
    head = data[:SAMPLE]
    if (wide := _utf32(head)) is not None:
        return wide
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = head[: len(head) & ~1].decode("utf-16", "replace")
        return None if _BINARY_TEXT.search(text) else text.removeprefix("\ufeff")
    if b"\x00" in head:
        return _utf16_without_mark(head)
    if len(head.translate(None, _BINARY)) != len(head):
        return None
    if head.isascii():
        return head.decode("ascii")
    try:  # a character may be cut at the end of the sample
        return codecs.getincrementaldecoder("utf-8")().decode(head, final=len(data) <= SAMPLE).removeprefix("\ufeff")
    except UnicodeDecodeError:
        pass
    high = len(head) - len(head.translate(None, bytes(range(0x80, 0x100))))
    # Latin texts have few high bytes; East Asian and Cyrillic ones have many, in runs between ASCII line ends.
    ascii_only = len(head) - high
    return head.decode("latin-1") if high <= ascii_only or _has_line_ends(head) else None


def _has_line_ends(head: bytes) -> bool:
    return head.count(b"\n") * 200 >= len(head)


def _utf16_without_mark(head: bytes) -> str | None:
    """Western text in UTF-16 has a zero in every second byte."""
    for zeros, codec in ((head[1::2], "utf-16-le"), (head[0::2], "utf-16-be")):
        if len(zeros) >= 4 and zeros.count(0) * 10 >= len(zeros) * 9:
            text = head[: len(head) & ~1].decode(codec, "replace")
            if not _BINARY_TEXT.search(text):
                return text
    return None


def _utf32(head: bytes) -> str | None:
    """With a mark, or, for Western text, by its three zeros in four bytes."""
    for mark, low, codec in ((codecs.BOM_UTF32_LE, 0, "utf-32-le"), (codecs.BOM_UTF32_BE, 3, "utf-32-be")):
        characters = len(head) // 4
        western = characters > 3 and not head[low : characters * 4 : 4].count(0)
        if head.startswith(mark) or (western and head.count(0) >= characters * 3 - characters // 4):
            text = head[: characters * 4].decode(codec, "replace")
            return None if _BINARY_TEXT.search(text) else text.removeprefix("\ufeff")
    return None


def _markup(text: str) -> str | None:
    start = _SPACE_AND_COMMENTS.match(text)
    body = text[start.end() if start else 0 :]
    if _XML_START.match(body) or body[:4].lower() == "<svg":
        return dialect.kind(body)
    if _HTML_START.match(body) or _HTML_ANYWHERE.search(text, 0, 1024):
        return "text/html"
    if _UTF7_MARKUP.match(body):
        return "text/xml" if "?xml" in body[:40] else "text/html"
    if _NAMESPACE.match(body):  # the declaration may be left out (XML 1.0 section 2.8)
        return dialect.kind(body)
    if body[:1] == "<" and dialect.windows_script(body):
        return WINDOWS_SCRIPT
    if body[:9].upper() == "<!DOCTYPE":
        return "image/svg+xml" if re.match(r"<!doctype\s+svg", body, re.IGNORECASE) else "text/xml"
    return None


def script_by_name(names: tuple[str, ...]) -> str | None:
    """What Windows runs by its name, whatever it begins with."""
    return _by_extension(names, SCRIPTS_BY_EXTENSION)


def _by_extension(names: tuple[str, ...], table: dict[str, str] = TEXT_BY_EXTENSION) -> str | None:
    for name in names:
        if kind := table.get(name.rpartition(".")[2].lower().rstrip(" .")):
            return kind
    return None

"""From the bytes of a body to what was meant: transfer encodings and character sets, leniently.

Nothing here raises for any input.  Well-formed input takes the fast path through ``binascii`` on a view of the
message, without a copy; the slow paths exist for damage, and say so as a defect (see ``defects.py``).
"""

from __future__ import annotations

import binascii
import codecs
import re
from encodings import aliases, normalize_encoding
from typing import NamedTuple

from lazaretto.mime import defects
from lazaretto.mime.legacy import uu
from lazaretto.model import Message, Part


class Decoded(NamedTuple):
    """Decoded bytes and what was odd about the encoded ones."""

    data: bytes
    defects: tuple[str, ...] = ()


# ---------------------------------------------------------------------------- transfer encodings

IDENTITY, BASE64, QUOTED_PRINTABLE, UUENCODE = "identity", "base64", "quoted-printable", "uuencode"

_TOKENS = {
    # RFC 2045, 6.1: tokens and what they stand for; "" is the default, 7bit
    "": IDENTITY,
    "7bit": IDENTITY,
    "8bit": IDENTITY,
    "binary": IDENTITY,
    "base64": BASE64,
    "quoted-printable": QUOTED_PRINTABLE,
    # never registered, but Thunderbird and Outlook decode them
    "x-uuencode": UUENCODE,
    "x-uue": UUENCODE,
    "uuencode": UUENCODE,
    "uue": UUENCODE,
}
_KNOWN = re.compile(r"base64|quoted-printable|x-uue|uuencode|7bit|8bit|binary")
_SNIFFED = 4096  # bytes looked at when the declared encoding says nothing
_LOOKS_BASE64 = re.compile(rb"\s*+(?:[A-Za-z0-9+/]{40,}+=*\s++)*[A-Za-z0-9+/]++={0,2}\s*+")
_LOOKS_QP = re.compile(rb"=(?:[0-9A-F]{2}|\r?\n)")


def body(message: Message | bytes, part: Part) -> bytes:
    """The body of a part with its transfer encoding undone; of a multipart, its bytes as they are."""
    return decoded(message, part).data


def decoded(message: Message | bytes, part: Part) -> Decoded:
    """As ``body``, with the defects of the encoding beside the bytes."""
    raw = message.raw if isinstance(message, Message) else message
    if part.children:
        return Decoded(raw[part.body : part.end])
    return transfer(raw, part.encoding, part.body, part.end)


def transfer(raw: bytes, encoding: str, start: int = 0, end: int | None = None) -> Decoded:
    """Undoes a transfer encoding on ``raw[start:end]``.

    ``encoding`` is the field's value as written, in lower case.  When it is no token of RFC 2045, the first
    known token in it counts (as in Thunderbird); when there is none, the bytes decide.
    """
    end = len(raw) if end is None else end
    kind = _TOKENS.get(encoding)
    if kind is not None:
        return _DECODERS[kind](raw, start, end)
    found = _KNOWN.search(encoding)
    kind = _TOKENS[found[0]] if found else _sniff(raw[start : min(end, start + _SNIFFED)])
    data, odd = _DECODERS[kind](raw, start, end)
    return Decoded(data, (defects.BAD_ENCODING, *odd))


def _sniff(head: bytes) -> str:
    if uu.begins(head):
        return UUENCODE
    if len(head) >= 16 and _LOOKS_BASE64.fullmatch(head):
        return BASE64
    return QUOTED_PRINTABLE if len(_LOOKS_QP.findall(head)) > 2 else IDENTITY


def _identity(raw: bytes, start: int, end: int) -> Decoded:
    return Decoded(raw[start:end])


_BASE64_RUN = re.compile(rb"[^=]+")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))


def _base64(raw: bytes, start: int, end: int) -> Decoded:
    padding = raw.find(b"=", start, end)
    padding = end if padding < 0 else padding
    # Behind the padding of a sound body stand at most another "=" and line ends.
    if not raw[padding : min(end, padding + 64)].strip(b"=\r\n\t ") and (
        end - padding <= 64 or not raw[padding:end].strip(b"=\r\n\t ")
    ):
        try:
            data = binascii.a2b_base64(memoryview(raw)[start:end])
        except binascii.Error:
            pass  # wrong number of characters: made good below
        else:
            sound = len(data) == (padding - start - _line_breaks(raw, start, padding)) * 3 // 4
            return Decoded(data, () if sound else (defects.BASE64_JUNK,))
    return _damaged_base64(raw[start:end])


def _line_breaks(raw: bytes, start: int, end: int) -> int:
    """Number of CR and LF characters."""
    feeds = raw.count(b"\n", start, end)
    return feeds and feeds + raw.count(b"\r", start, end)


def _damaged_base64(data: bytes) -> Decoded:
    """Skips what is not in the alphabet and starts anew after padding, as Thunderbird and Apple Mail do."""
    odd = set()
    kept = data.translate(None, _NOT_BASE64)
    if len(data.translate(None, b"\r\n\t ")) != len(kept):
        odd.add(defects.BASE64_JUNK)
    decoded = bytearray()
    padded = False
    for found in _BASE64_RUN.finditer(kept):
        run = found[0]
        if padded:
            odd.add(defects.BASE64_AFTER_PADDING)
        padded = True
        spare = len(run) % 4
        # One spare character is 6 bits of a byte: nothing.  Two or three are one or two bytes without padding.
        decoded += binascii.a2b_base64(run[:-1] if spare == 1 else run + b"=" * (-spare % 4))
    if len(kept) % 4:
        odd.add(defects.BASE64_SHORT)
    return Decoded(bytes(decoded), tuple(sorted(odd)))


_ODD_QP = re.compile(rb"=(?![0-9A-Fa-f]{2}|\r?\n)")
_SOFT_BREAK = re.compile(rb"=[ \t]*+(?:\r++\n?+|\n|\Z)")


def _quoted_printable(raw: bytes, start: int, end: int) -> Decoded:
    if _ODD_QP.search(raw, start, end) is None:
        return Decoded(binascii.a2b_qp(memoryview(raw)[start:end]))
    # Blanks behind a soft break are added in transport (RFC 2045, 6.7, rule 3); bare CR and CRCRLF come from
    # broken line-end conversions.  binascii would drop everything between "=\r" and the next LF.  Not by re.sub:
    # joining millions of pieces takes 80 bytes of memory for each.
    joined = bytearray()
    for soft in _SOFT_BREAK.finditer(raw, start, end):
        joined += raw[start : soft.start()]
        start = soft.end()
    joined += raw[start:end]
    # "==" is one literal "=" and a new start; binascii would swallow the second.  Twice, for runs of three and more.
    data = joined.replace(b"==", b"=3D=").replace(b"==", b"=3D=")
    return Decoded(binascii.a2b_qp(data), (defects.QP_ODD,))


def _uuencode(raw: bytes, start: int, end: int) -> Decoded:
    data, sound = uu.decode(raw[start:end])
    return Decoded(data, () if sound else (defects.UU_DAMAGED,))


_DECODERS = {IDENTITY: _identity, BASE64: _base64, QUOTED_PRINTABLE: _quoted_printable, UUENCODE: _uuencode}


# ---------------------------------------------------------------------------- character sets

# What mail calls one thing and means another: supersets as in the WHATWG Encoding Standard, old aliases.
_READ_AS = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "big5": "big5hkscs",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "x-mac-roman": "mac_roman",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "unicode": "utf-16",
}
_GUESS = frozenset({"", "us_ascii", "ascii", "unknown_8bit", "x_unknown", "unknown", "default", "8bit", "binary"})
# Only these are looked up: Python would try to import a module for any other word, and remember every miss.
# Not text, or slow on hostile input: left out.
_CODECS = (
    frozenset(aliases.aliases)
    | frozenset(aliases.aliases.values())
    | {"utf_8_sig", "cp720", "cp737", "cp856", "cp874", "cp875", "cp1006", "koi8_t", "koi8_u", "kz1048"}
    | {"mac_arabic", "mac_croatian", "mac_farsi", "mac_romanian", "iso2022_jp_ext", "johab"}
) - {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SURROGATES = re.compile("[\ud800-\udfff]")


def text(data: bytes, charset: str = "") -> str:
    """``data`` as text; what cannot be decoded becomes U+FFFD.  Never raises, and the result can always be
    encoded again.  Without a usable ``charset``: by byte order mark, else UTF-8 if it is, else Windows-1252."""
    if not charset and data.isascii():
        return data.decode("ascii")
    name = charset.strip().strip("\"'").lower()[:64]
    name = normalize_encoding(_READ_AS.get(name, name)) if name.isascii() else ""
    if name in _GUESS or name not in _CODECS:
        return _guess(data)
    try:
        decoded = data.decode(name, "replace")
    except (LookupError, ValueError):  # not a text encoding (rot13, zip); UTF-16 that ends in the middle
        return _guess(data)
    # UTF-7 is the one codec that lets lone surrogates through (RFC 2152 forbids them).
    return _SURROGATES.sub("\ufffd", decoded) if name in ("utf_7", "utf7", "u7", "unicode_1_1_utf_7") else decoded


def _guess(data: bytes) -> str:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")

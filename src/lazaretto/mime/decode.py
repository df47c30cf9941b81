"""From bytes to characters: character sets as mail uses them, leniently.  Nothing here raises for any input."""

from __future__ import annotations

import codecs
import re
from encodings import aliases, normalize_encoding

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
    name = _codec(charset)
    if name in _GUESS or name not in _CODECS:
        return _guess(data)
    try:
        decoded = data.decode(name, "replace")
    except (LookupError, ValueError):  # not a text encoding (rot13, zip); UTF-16 that ends in the middle
        return _guess(data)
    # UTF-7 is the one codec that lets lone surrogates through (RFC 2152 forbids them).
    return _SURROGATES.sub("\ufffd", decoded) if name in ("utf_7", "utf7", "u7", "unicode_1_1_utf_7") else decoded


def is_known(charset: str) -> bool:
    """Whether a charset says anything about the bytes."""
    return _codec(charset) in _CODECS


def _codec(charset: str) -> str:
    name = charset.strip().strip("\"'").lower()[:64]
    return normalize_encoding(_READ_AS.get(name, name)) if name.isascii() else ""


def _guess(data: bytes) -> str:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")

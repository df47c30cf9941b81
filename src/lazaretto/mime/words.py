"""Encoded words (RFC 2047) and folding (RFC 5322, 2.2.3), read tolerantly."""

from __future__ import annotations

import binascii
import re

from lazaretto.mime.decode import text

# The encoded text may hold blanks (RFC 2047, 2 forbids them, Outlook wrote them); charset may carry a language
# (RFC 2231, 5).  Neither part can run past the next "?", which keeps the search linear.
_WORD = re.compile(r"=\?([^?\s]*+)\?([bBqQ])\?([^?]*+)\?=")
_BREAK = re.compile(rb"[\r\n]++[ \t]?+")


def unfold(value: bytes) -> bytes:
    """Field value without its outer blanks; a line break with the blank that follows becomes one space, and so
    does a bare CR or LF."""
    if b"\r" in value or b"\n" in value:
        value = _BREAK.sub(b" ", value)
    return value.strip(b" \t")


def unescape(value: bytes) -> bytes:
    """Quoted pairs undone (RFC 5322, 3.2.1).  Not by re.sub, which looks at each of a million by itself."""
    if b"\\" not in value:
        return value
    lone = (len(value) - len(value.rstrip(b"\\"))) % 2  # nothing stands behind it
    pieces = value[: len(value) - lone].split(b"\\\\")
    return b"\\".join([piece.replace(b"\\", b"") for piece in pieces]) + b"\\" * lone


def decode_words(value: bytes | str) -> str:
    """A field value for people: unfolded, 8-bit bytes read as UTF-8 or Windows-1252, encoded words decoded.

    Words that follow each other are joined first, if the charset is the same: many writers cut a character
    in two (against RFC 2047, 5 (3)).  What does not decode stays as it is.
    """
    source = value if isinstance(value, str) else text(unfold(value))
    if "=?" not in source:
        return source
    pieces: list[str] = []
    run: list[bytes] = []  # of words in one charset that follow each other
    last, at = "", 0
    for word in _WORD.finditer(source):
        between, at = source[at : word.start()], word.end()
        charset = word[1].partition("*")[0].lower()
        if run and (charset != last or (between and not between.isspace())):
            pieces.append(text(b"".join(run), last))
            run.clear()
            between = "" if between.isspace() else between  # blanks between words are not shown (RFC 2047, 6.2)
        if not run:
            pieces.append(between)
        run.append(_decode(word[2], word[3]))
        last = charset
    return "".join(pieces) + text(b"".join(run), last) + source[at:]


def _decode(encoding: str, encoded: str) -> bytes:
    data = encoded.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    kept = re.sub(rb"[^A-Za-z0-9+/]+", b"", data)
    kept = kept[:-1] if len(kept) % 4 == 1 else kept
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))

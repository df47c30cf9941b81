"""Header fields and text entities as bytes that every reader takes the same way.

Nothing given as a value can leave its field: line ends and control characters become blanks or are encoded.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64encode, encodebytes

_LINE = 78  # RFC 5322, 2.1.1: should be no more
_LONGEST = 900  # a word above this cannot be folded below the 998 that RFC 5322, 2.1.1 demands
_WORD = 75  # RFC 2047, 2: an encoded word, whole
_CONTROLS = re.compile(r"[\x00-\x20\x7f\u0085\u2028\u2029]+")
_FIELD_NAME = re.compile(r"[!-9;-~]{1,76}")  # RFC 5322, 2.2
_PLAIN_WORD = re.compile(r"[!-~]+")
_UNITS = re.compile(r'"(?:[^"\\]++|\\.)*"(?=\s|\Z)|[^ ]+')
_ADDRESS_FIELDS = frozenset({"from", "sender", "reply-to", "to", "cc", "bcc", "resent-from", "resent-to", "resent-cc"})
_Q_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")  # RFC 2047, 5 (3)
_ATTRIBUTE_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_")


def field(name: str, value: str, newline: bytes = b"\r\n") -> bytes:
    """``Name: value``, folded, without the last line end.  ``value`` may be any text; runs of blanks, line
    ends and control characters in it become one space, what is not ASCII becomes encoded words.
    Raises ValueError for a name that cannot be one (RFC 5322, 2.2)."""
    if not _FIELD_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no field name")
    clean = _CONTROLS.sub(" ", value).strip()
    words = _encoded(clean, name.lower() in _ADDRESS_FIELDS, _WORD - len(name) - 2)
    lines, line = [], f"{name}:"
    for count, word in enumerate(words):
        # The first word stays on the line of the name: old readers dislike an empty first line.
        if count and len(line) + 1 + len(word) > _LINE:
            lines.append(line)
            line = ""
        line += f" {word}"
    return newline.join(one.encode("ascii") for one in [*lines, line])


def _encoded(value: str, structured: bool, first: int) -> list[str]:
    """The words of a field value; those that cannot stand as they are, with the blanks between them, as
    encoded words.  In a list of addresses a quoted string is encoded without its quotes (RFC 2047, 5 (3))."""
    words: list[str] = []
    waiting: list[str] = []

    def flush() -> None:
        if waiting:
            words.extend(_encoded_words(" ".join(waiting), max(first, 40) if not words else _WORD))
            waiting.clear()

    for unit in _UNITS.findall(value) if structured else value.split(" "):
        if _stands(unit):
            flush()
            words.append(unit)
        elif structured and unit.startswith('"'):
            waiting.append(re.sub(r"\\(.)", r"\1", unit[1:-1]))
        else:
            waiting.append(unit)
    flush()
    return words


def _stands(unit: str) -> bool:
    plain = unit.replace(" ", "") if unit.startswith('"') else unit
    return _PLAIN_WORD.fullmatch(plain) is not None and "=?" not in unit and len(unit) <= _LONGEST


def _encoded_words(value: str, first: int) -> list[str]:
    """RFC 2047: ``value`` as encoded words of whole characters, in the shorter of the two encodings."""
    data = value.encode("utf-8", "replace")
    by_q = sum(1 if byte in _Q_PLAIN or byte == 0x20 else 3 for byte in data) <= len(data) * 4 / 3
    words: list[str] = []
    chunk = b""
    size = 0
    room = first - len("=?utf-8?q??=")
    for character in value:
        piece = character.encode("utf-8", "replace")
        cost = sum(1 if byte in _Q_PLAIN or byte == 0x20 else 3 for byte in piece) if by_q else len(piece)
        if chunk and (size + cost > room if by_q else (size + cost + 2) // 3 * 4 > room):
            words.append(_encoded_word(chunk, by_q))
            chunk, size, room = b"", 0, _WORD - len("=?utf-8?q??=")
        chunk += piece
        size += cost
    return [*words, _encoded_word(chunk, by_q)]


def _encoded_word(data: bytes, by_q: bool) -> str:
    if not by_q:
        return f"=?utf-8?b?{b64encode(data).decode()}?="
    text = "".join("_" if byte == 0x20 else chr(byte) if byte in _Q_PLAIN else f"={byte:02X}" for byte in data)
    return f"=?utf-8?q?{text}?="


def text_entity(text: str, *, charset: str = "utf-8", name: str | None = None, newline: bytes = b"\r\n") -> bytes:
    """A complete MIME entity (header, empty line, body) that shows ``text``, with a file name if given.

    It can stand in place of any part: no line of it begins with two hyphens, so it cannot be taken for a
    delimiter, whatever the text.  A charset that Python lacks or that cannot hold the text becomes UTF-8.
    """
    lines = "\r\n".join(text.splitlines()) + "\r\n"
    try:
        data = lines.encode(charset)
        label = charset if re.fullmatch(r"[A-Za-z0-9_-]{1,40}", charset) and b"\0" not in data else ""
    except (LookupError, ValueError):
        label = ""
    if not label:
        label, data = "utf-8", lines.encode("utf-8", "replace")
    # RFC 2046, 4.1.2: a charset in which CRLF is not these two bytes may not be used with text.
    if b"\r\n" not in data:
        label, data = "utf-8", lines.encode("utf-8", "replace")
    quoted = binascii.b2a_qp(data, istext=True)
    if len(quoted) > len(data) * 4 // 3 + 64 or re.search(rb"^(?:--|From |\.)", quoted, re.M):
        encoding, encoded = b"base64", encodebytes(data)
    else:
        encoding, encoded = b"quoted-printable", quoted.replace(b"\r\n", b"\n")
    header = [b"Content-Type: text/plain; charset=" + label.encode("ascii")]
    header.append(b"Content-Transfer-Encoding: " + encoding)
    if name is not None:
        header.append(b"Content-Disposition: attachment" + parameter("filename", name).replace(b"\n", newline))
    return newline.join([*header, b"", encoded.replace(b"\n", newline).removesuffix(newline)])


def parameter(name: str, value: str) -> bytes:
    """``; name="value"``, or sections of RFC 2231 on lines of their own."""
    value = value[:255]
    if re.fullmatch(r"[A-Za-z0-9._+-](?:[A-Za-z0-9 ._+-]{0,48}[A-Za-z0-9._+-])?", value):
        return f'; {name}="{value}"'.encode()
    pieces, piece = [], "utf-8''"
    for byte in value.encode("utf-8", "replace"):
        if len(piece) > 55:
            pieces.append(piece)
            piece = ""
        piece += chr(byte) if byte in _ATTRIBUTE_PLAIN else f"%{byte:02X}"
    pieces.append(piece)
    if len(pieces) == 1:
        return f";\n {name}*={piece}".encode()
    return "".join(f";\n {name}*{number}*={piece}" for number, piece in enumerate(pieces)).encode()

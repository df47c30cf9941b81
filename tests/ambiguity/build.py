"""The words that the catalogue is written in: a case, fields, entities, multiparts and transfer encodings.

Everything is bytes in the end.  A ``str`` is taken as UTF-8, so that a trick reads as it looks in the mail; where a
byte matters that no text has, ``bytes`` are given.  Nothing here tidies up: what is put in comes out.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import NamedTuple

CRLF = b"\r\n"
Text = str | bytes

ADDRESSED: tuple[str, ...] = (
    "From: Alice <alice@sender.example>",
    "To: bob@example.test",
    "Subject: your papers",
    "Date: Tue, 03 Nov 2026 10:00:00 +0000",
    "Message-ID: <papers@sender.example>",
)
VERSION = "MIME-Version: 1.0"


class Case(NamedTuple):
    """One hostile message: ``id`` is "class/trick"; ``note`` says which reader offers the payload, and why."""

    id: str
    kind: str  # the class of ambiguity
    raw: bytes
    note: str


def raw(text: Text) -> bytes:
    return text.encode() if isinstance(text, str) else text


def lines(*each: Text) -> bytes:
    """These lines, each with its CRLF."""
    return b"".join(raw(line) + CRLF for line in each)


def entity(*fields: Text, body: Text = b"") -> bytes:
    """A header of these fields, a blank line, the body."""
    return lines(*fields) + CRLF + raw(body)


def mail(*fields: Text, body: Text = b"", version: bool = True) -> bytes:
    """A whole message; ``fields`` follow the usual ones (and MIME-Version, unless the trick is that it lacks)."""
    return entity(*ADDRESSED, *((VERSION,) if version else ()), *fields, body=body)


def multipart(boundary: Text, *parts: bytes, preamble: Text = b"", epilogue: Text = b"", close: bool = True) -> bytes:
    """The body of a multipart: every part behind its delimiter line, and the close."""
    mark = b"--" + raw(boundary)
    body = raw(preamble) + (CRLF if preamble else b"")
    body += b"".join(mark + CRLF + part + CRLF for part in parts)
    return body + (mark + b"--" + CRLF if close else b"") + raw(epilogue)


def mixed(*parts: bytes, boundary: str = "frontier", preamble: Text = b"", epilogue: Text = b"") -> bytes:
    """An honest multipart/mixed message around these parts."""
    body = multipart(boundary, *parts, preamble=preamble, epilogue=epilogue)
    return mail(f'Content-Type: multipart/mixed; boundary="{boundary}"', body=body)


def note(words: Text = "The papers are attached.") -> bytes:
    """The harmless text part in front."""
    return entity("Content-Type: text/plain; charset=utf-8", body=raw(words) + CRLF)


def attachment(
    data: bytes, name: str, *fields: Text, type: str = "application/octet-stream", cte: Text = b"base64"
) -> bytes:
    """An attachment in base64, as an honest sender writes it; ``fields`` are added, ``cte`` is only what it says."""
    return entity(
        f'Content-Type: {type}; name="{name}"',
        b"Content-Transfer-Encoding: " + raw(cte),
        f'Content-Disposition: attachment; filename="{name}"',
        *fields,
        body=b64(data),
    )


# ---------------------------------------------------------------------------- transfer encodings


def chopped(data: bytes, width: int) -> list[bytes]:
    return [data[at : at + width] for at in range(0, len(data), width)]


def b64(data: bytes, width: int = 76, end: bytes = CRLF) -> bytes:
    return b"".join(line + end for line in chopped(base64.b64encode(data), width))


def qp(data: bytes, width: int = 24, soft: bytes = b"=\r\n") -> bytes:
    """Every byte as =XX, so that nothing is found without decoding; ``soft`` joins the lines."""
    return soft.join(b"".join(b"=%02X" % byte for byte in row) for row in chopped(data, width))


def uu(data: bytes, name: str = "eicar.com", mode: str = "644", blank: bytes = b"`", end: bytes = CRLF) -> bytes:
    """uuencode, as POSIX describes it: begin line, 45 bytes a line, a line of none, end."""
    return (
        f"begin {mode} {name}".encode()
        + end
        + uu_lines(data, blank, end)
        + (blank if blank.strip() else b"`")
        + end
        + b"end"
        + end
    )


def uu_lines(data: bytes, blank: bytes = b"`", end: bytes = CRLF) -> bytes:
    rows = (binascii.b2a_uu(row, backtick=True).rstrip(b"\n") for row in chopped(data, 45))
    return b"".join(row.replace(b"`", blank) + end for row in rows)


XX = b"+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def xx(data: bytes, name: str = "eicar.com") -> bytes:
    """xxencode: uuencode with an alphabet that survived EBCDIC."""
    standard = bytes(range(33, 96))
    table = bytes.maketrans(b"`" + standard, XX)
    body = b"".join(
        binascii.b2a_uu(row, backtick=True).rstrip(b"\n").translate(table) + CRLF for row in chopped(data, 45)
    )
    return f"begin 644 {name}".encode() + CRLF + body + b"+" + CRLF + b"end" + CRLF


def begin_base64(data: bytes, name: str = "eicar.com") -> bytes:
    """uuencode -m (POSIX 2001)."""
    return f"begin-base64 644 {name}".encode() + CRLF + b64(data, 60) + b"====" + CRLF


def yenc(data: bytes, name: str = "eicar.com", width: int = 128) -> bytes:
    """yEnc 1.3: each byte plus 42, four critical ones escaped."""
    out = bytearray()
    for byte in data:
        coded = (byte + 42) % 256
        out += bytes((0x3D, (coded + 64) % 256)) if coded in (0, 10, 13, 0x3D) else bytes((coded,))
    rows: list[bytes] = []
    while out:
        cut = width + (out[width - 1 : width] == b"=")
        rows.append(bytes(out[:cut]))
        del out[:cut]
    head = f"=ybegin line={width} size={len(data)} name={name}".encode()
    tail = f"=yend size={len(data)} crc32={binascii.crc32(data):08x}".encode()
    return CRLF.join((head, *rows, tail, b""))


BINHEX = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"


def binhex(data: bytes, name: str = "eicar.com") -> bytes:
    """BinHex 4.0 (RFC 1741): header, data fork and empty resource fork, each with its CRC."""
    head = bytes((len(name),)) + name.encode() + b"\0BINAGENT\0\0" + len(data).to_bytes(4, "big") + bytes(4)
    plain = b"".join(fork + binascii.crc_hqx(fork + b"\0\0", 0).to_bytes(2, "big") for fork in (head, data, b""))
    plain = plain.replace(b"\x90", b"\x90\x00")  # the run-length marker itself; no runs are made
    bits = int.from_bytes(plain + bytes(-len(plain) % 3), "big")
    count = -(-len(plain) * 8 // 6)
    whole = (len(plain) + -len(plain) % 3) * 8 // 6
    coded = b":" + bytes(BINHEX[bits >> 6 * (whole - 1 - at) & 63] for at in range(count)) + b":"
    return lines("(This file must be converted with BinHex 4.0)", "", *chopped(coded, 64))


def joined(parts: Iterable[bytes]) -> bytes:
    return CRLF.join(parts)


def case(kind: str, trick: str, message: bytes, why: str) -> Case:
    return Case(f"{kind}/{trick}", kind, message, why)


def enclosed(part: bytes, boundary: str = "frontier") -> bytes:
    """A note and this part in an honest multipart/mixed: for tricks within one part."""
    return mixed(note(), part, boundary=boundary)

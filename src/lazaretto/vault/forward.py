"""A mail that carries a held message as an attachment, byte for byte, to somebody who is to look at it."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime  # writes a date, no mail

from lazaretto.model import Item, one_line

_WORD = 42  # bytes of text in an encoded word, which may be 75 characters long: RFC 2047 section 2


def wrap(raw: bytes, item: Item, *, sender: str, to: Sequence[str], at: datetime) -> bytes:
    """The whole mail.  ``message/rfc822`` allows no encoding (RFC 2046 section 5.2.1), so that a message that would not
    survive SMTP as it is goes as an ``.eml`` file in base64."""
    boundary = f"=_{secrets.token_hex(16)}"  # "=_" stands in no base64 and no quoted-printable: RFC 2045 section 6.7
    domain = sender.rpartition("@")[2] or "localhost"
    head = "".join(
        f"{line}\r\n"
        for line in (
            f"Date: {format_datetime(at)}",
            f"From: {sender}",
            "To: " + ",\r\n ".join(to),
            "Subject: " + encoded(f"Fwd: {one_line(item.properties.subject, 200)}"),
            f"Message-ID: <{secrets.token_hex(16)}@{domain}>",
            "Auto-Submitted: auto-generated",  # RFC 3834: no vacation replies, please
            "MIME-Version: 1.0",
            f'Content-Type: multipart/mixed; boundary="{boundary}"',
        )
    ).encode()
    note = (
        f"The attached message was held by Lazaretto as item {item.id}.\n\n{one_line(item.sentence, 1000)}\n\n"
        "It is attached as it came and may be dangerous.\n"
    )
    parts = [_entity("text/plain; charset=utf-8", "base64", "", _base64(note.encode())), _attachment(raw, item.id)]
    start = f"\r\n--{boundary}\r\n".encode()
    return head + b"".join(start + part for part in parts) + f"\r\n--{boundary}--\r\n".encode()


def encoded(text: str) -> str:
    """A header value in ASCII, folded: RFC 2047 encoded words where it has to be."""
    if text.isascii() and len(text) < 900 and "=?" not in text:
        return text
    words, word = [], b""
    for character in text:
        piece = character.encode("utf-8", "replace")
        if len(word) + len(piece) > _WORD:
            words.append(word)
            word = b""
        word += piece
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(each).decode()}?=" for each in [*words, word])


def _attachment(raw: bytes, name: str) -> bytes:
    disposition = f'attachment; filename="{name}.eml"'
    if not _survives_smtp(raw):
        return _entity(f'application/octet-stream; name="{name}.eml"', "base64", disposition, _base64(raw))
    return _entity("message/rfc822", "7bit" if raw.isascii() else "8bit", disposition, raw)


def _survives_smtp(raw: bytes) -> bool:
    """Fit for 8bit: no NUL, no CR or LF alone, no line above 998 octets (RFC 2045 section 2.8)."""
    lines = raw.count(b"\r\n")
    if b"\0" in raw or raw.count(b"\r") != lines or raw.count(b"\n") != lines:
        return False
    return all(len(line) <= 998 for line in raw.split(b"\r\n"))


def _entity(media_type: str, encoding: str, disposition: str, body: bytes) -> bytes:
    head = f"Content-Type: {media_type}\r\nContent-Transfer-Encoding: {encoding}\r\n"
    if disposition:
        head += f"Content-Disposition: {disposition}\r\n"
    return head.encode() + b"\r\n" + body


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")

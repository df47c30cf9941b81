"""Text armour around binary data: OpenPGP's (RFC 9580, 6.2) and PEM (RFC 7468), wherever it stands in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lazaretto.errors import LimitExceeded
from lazaretto.mime import transfer

MAX_BLOCKS = 1_000  # in one text; a dump of keys has a few dozen
MARK = b"-----BEGIN "

# Alone at the start of a line; behind a quotation mark or a tag as well, for programs that take those off.
# Keys and certificates for TLS hold nothing and are not asked for; PKCS7 has had several names (RFC 7468, 8).
_BEGIN = re.compile(
    rb"(?:^|[\r>])[ \t]*+-----BEGIN (PGP [A-Z0-9 ,/]{1,40}|CMS|PKCS ?#?7[A-Z ]{0,20})-----[ \t]*+(?=[\r\n<]|\Z)", re.M
)
_FIELDS = re.compile(rb"\s*+(?:[A-Za-z][A-Za-z0-9-]{0,40}:[^\n]*+(?:\n|\Z)){0,64}")  # RFC 9580, 6.2.2; RFC 1421, 4.6
_CHECKSUM = re.compile(rb"\n[ \t]*+=[A-Za-z0-9+/]{4}\s*+\Z")  # RFC 9580, 6.1
_TAG = re.compile(rb"<[^<>]*+>")
_QUOTED = re.compile(rb"^[ \t]*+>[> \t]*+", re.M)
_BIT = 65_536


class Block(NamedTuple):
    """What stands between the lines, decoded."""

    label: str  # "PGP MESSAGE", "CMS"
    data: bytes


def labels(text: bytes) -> Iterator[str]:
    """What armour begins in a text: costs one search where there is none.  Behind MAX_BLOCKS, anything may."""
    if text.find(MARK) < 0:
        return
    for number, found in enumerate(_BEGIN.finditer(text)):
        if number >= MAX_BLOCKS:
            yield from ("PGP MESSAGE", "CMS")
            return
        yield found[1].decode("ascii")


def blocks(text: bytes) -> Iterator[Block]:
    """Every block; one without its last line ends where the next begins.  Never fails on what is inside: base64 is
    read leniently.  Raises LimitExceeded behind MAX_BLOCKS."""
    begin = _BEGIN.search(text) if text.find(MARK) >= 0 else None
    for _ in range(MAX_BLOCKS):
        if begin is None:
            return
        following = _BEGIN.search(text, begin.end())
        limit = following.start() if following else len(text)
        end = text.find(b"-----END ", begin.end(), limit)
        yield Block(begin[1].decode("ascii"), _decoded(text[begin.end() : limit if end < 0 else end]))
        begin = following
    if begin is not None:
        raise LimitExceeded("armour", f"more than {MAX_BLOCKS} blocks of armour in one text")


def _decoded(body: bytes) -> bytes:
    if b"<" in body or b">" in body:
        body = _bare(body)
    fields = _FIELDS.match(body)
    start = fields.end() if fields else 0
    checksum = _CHECKSUM.search(body, max(start - 1, 0))
    return transfer.transfer(body, transfer.BASE64, start, checksum.start() + 1 if checksum else len(body)).data


def _bare(body: bytes) -> bytes:
    """Without tags and quotation marks.  Bit by bit, as joining millions of pieces takes 80 bytes for each."""
    out, at = bytearray(), 0
    while at < len(body):
        end = body.find(b"\n", at + _BIT, at + 2 * _BIT) + 1 or at + 2 * _BIT
        out += _QUOTED.sub(b"", _TAG.sub(b"", body[at:end]))
        at = end
    return bytes(out)

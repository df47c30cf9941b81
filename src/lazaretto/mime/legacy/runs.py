"""Runs of base64 in a text (RFC 4648 section 4), with nothing around them that says so; and base64 read leniently."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from lazaretto.mime.legacy.found import Found

SHORTEST = 40  # characters of a line that begins a run: ordinary words are shorter, the usual lines longer
_HINTED = 4  # where a text says "base64", lines may be this short ...
_HINTED_RUN = 32  # ... and the run has this many characters

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)) - set(_ALPHABET + b"="))
_MARKED = bytes(code in _ALPHABET for code in range(256))
_RUN = b"\1" * SHORTEST
_SEED = re.compile(rb"[A-Za-z0-9+/]{%d,}+" % SHORTEST)
_HINT = re.compile(rb"64(?<=[Bb][Aa][Ss][Ee]64)")  # in any case, and yet begun with a literal
_HINTED_LINE = rb"[A-Za-z0-9+/]{%d,}+=*+[ \t]*+(?:\r++\n?+|\n)" % _HINTED
_HINTED_SEED = re.compile(rb"(?<![^\r\n])(?=%s%s[A-Za-z0-9+/])" % (_HINTED_LINE, _HINTED_LINE))
# A line that goes on: no blank inside, blanks or quotation marks before it.
_LINE = re.compile(rb"[ \t]*+(?:\r++\n?+|\n)[ \t>|]*+([!-~]++)(?=[ \t]*+(?:[\r\n]|\Z))")
# The same for many lines that hold nothing else, which need no second look.  No more at a time: each takes memory.
_LINES = re.compile(rb"(?:[ \t]*+(?:\r++\n?+|\n)[ \t>|]*+[A-Za-z0-9+/]++(?=[ \t]*+(?:[\r\n]|\Z))){1,1000}")
_REST = re.compile(rb"[!-~]++")
_WINDOW = 1024  # of a long line with junk in it, what is weighed at a time
_PADDING = re.compile(rb"=*+")
_CLOSING = frozenset(b"\"'`<>()[]{},;&")  # what ends a run in a source text or markup
_SPACE = re.compile(rb"[\s>|]*+")
_LAST = re.compile(rb"[A-Za-z0-9+/]++=*+(?=[ \t]*+(?:[\r\n]|\Z))")
_CHUNK = re.compile(rb"[^=]+")


def present(data: bytes) -> bool:
    """Quick: three passes without a branch."""
    return data.translate(_MARKED).find(_RUN) >= 0 or _HINT.search(data) is not None


def find(data: bytes) -> Iterator[Found]:
    """Every run; most of them are keys, hashes and tokens: the caller looks at what they decode to."""
    marked, at = data.translate(_MARKED), 0
    hint = _HINT.search(data)
    hinted = hint.end() if hint else len(data)
    long = marked.find(_RUN)
    while True:
        if at > long >= 0:
            long = marked.find(_RUN, at)
        start = _hinted_seed(data, max(at, hinted), long + 1 if long >= 0 else len(data))
        start = long if start < 0 else start
        if start < 0:
            return
        at = extent(data, start, len(data))
        if at - start >= _HINTED_RUN:
            decoded, sound = lenient(data[start:at])
            if decoded:
                yield Found(start, at, (), decoded, sound, "base64")


def _hinted_seed(data: bytes, start: int, limit: int) -> int:
    """A short line of base64 that two others follow, or -1."""
    seed = _HINTED_SEED.search(data, start, limit)
    return seed.start() if seed else -1


def extent(data: bytes, start: int, limit: int) -> int:
    """Where the run that begins at ``start`` ends: lines that are mostly of the alphabet, with no blanks inside.
    Behind padding, and behind an empty line, it goes on only with a long line; a last short one may stand behind an
    empty line when others did."""
    at, padded, whole = _first(data, start, limit)
    spaced = False
    while whole:
        if not padded and (lines := _LINES.match(data, at, limit)):
            at = lines.end()
            continue
        line = None if padded else _LINE.match(data, at, limit)
        if line and _mostly(line[1]):
            at, padded = line.end(), line[1].endswith(b"=")
            continue
        space = _SPACE.match(data, at, limit)
        if not space or not _SEED.match(data, space.end(), limit):
            last = _LAST.match(data, space.end(), limit) if space and spaced and not padded else None
            return last.end() if last else at
        spaced = not padded
        at, padded, whole = _first(data, space.end(), limit)
    return at


def _first(data: bytes, start: int, limit: int) -> tuple[int, bool, bool]:
    """The end of the first line's run, whether that is padding, and whether the line is over there."""
    seed = _SEED.match(data, start, limit)
    at = seed.end() if seed else start
    end = _PADDING.match(data, at, limit).end()  # type: ignore[union-attr]  # matches nothing too
    if end < limit and data[end] in _CLOSING:
        return end, end > at, False
    while piece := _REST.match(data, at := max(at, end), min(limit, at + _WINDOW)):
        if not _mostly(piece[0]):
            return max(at, start + 1), data[at - 1 : at] == b"=", False
        end = piece.end()
    return at, data[at - 1 : at] == b"=", True


def _mostly(line: bytes) -> bool:
    """Three of four characters are in the alphabet."""
    return len(line.translate(None, _NOT_BASE64)) * 4 >= len(line) * 3


def lenient(data: bytes) -> tuple[bytes, bool]:
    """What is not in the alphabet is skipped, and behind padding it starts anew; whether neither was needed."""
    kept = data.translate(None, _NOT_BASE64)
    sound = len(kept) % 4 == 0 and len(data.translate(None, b"\r\n\t ")) == len(kept)
    body = kept.rstrip(b"=")
    sound = sound and len(kept) - len(body) < 3
    if b"=" not in body:
        return _chunk(body), sound
    decoded = bytearray()
    for found in _CHUNK.finditer(body):
        decoded += _chunk(found[0])
    return bytes(decoded), False


def _chunk(chunk: bytes) -> bytes:
    spare = len(chunk) % 4
    # One spare character is 6 bits of a byte: nothing.  Two or three are one or two bytes without padding.
    return binascii.a2b_base64(chunk[:-1] if spare == 1 else chunk + b"=" * (-spare % 4))

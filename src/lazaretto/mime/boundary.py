"""Which strings readers may take for the boundary of a multipart (RFC 2046, 5.1.1), most credible first.

The grammar leaves no doubt about what is ordinary: one Content-Type with one ``boundary`` parameter of harmless
characters has one candidate.  Quotes, blanks, escapes, comments, RFC 2231, encoded words and second values are each
read in more than one way by the programs that people use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from urllib.parse import unquote_to_bytes

from lazaretto.mime import defects
from lazaretto.mime.parameters import Pair, Parameters
from lazaretto.mime.words import decode_words, unescape, unfold

# RFC 2046, 5.1.1: bchars without those that RFC 2045, 5.1 or RFC 2047, 2 give a second meaning.
_PLAIN = re.compile(rb"[0-9A-Za-z+_,./:=-]{1,200}")
_ANYWHERE = re.compile(rb"(?i:boundary)\s*+\*?+\d{0,4}+\*?+\s*+=\s*+(?=([^\r\n]{0,1000}+))")
_COMMENT = re.compile(rb"\([^()]*+\)")
DOUBTED = frozenset({defects.ODD_BOUNDARY, defects.DUPLICATE_PARAMETER, defects.DUPLICATE_FIELD})
MAX_CANDIDATES = 64
_LONGEST = 1_000  # bytes of a candidate; a delimiter is a line, and lines have at most 998 (RFC 5322, 2.1.1)
_MOST_WRITTEN = 64_000  # bytes of encoded words that make such a candidate
_EXTENDED = re.compile(rb"[^']*'[^']*'")


def chosen(kind: Parameters) -> bytes:
    """The one that most readers use."""
    pair = next(iter(kind.plain("boundary")), None)
    boundary = kind.first("boundary") or b""
    if pair is not None and not pair.quoted and boundary:
        # Not quoted, it is a token and ends at the first blank (RFC 2045, 5.1); often a comment follows.
        boundary = boundary.split(None, 1)[0]
    # Never ends in a blank (RFC 2046, 5.1.1: bchars); cannot hold a line end, as delimiters are lines.
    return unfold(boundary).rstrip()


def ordinary(kind: Parameters) -> bool:
    """Whether nobody can read another boundary here."""
    pairs = [pair for pair in kind.pairs if "boundary" in pair.name]
    return len(pairs) == 1 and _is_ordinary(pairs[0]) and not any(b"oundary" in pair.written for pair in kind.pairs)


def _is_ordinary(pair: Pair) -> bool:
    plain = pair.name == "boundary" and pair.section is None and not pair.extended
    return plain and _PLAIN.fullmatch(pair.written) is not None and not pair.written.startswith(b"=?")


def candidates(kinds: Sequence[Parameters], values: Sequence[bytes]) -> tuple[bytes, ...]:
    """Every reading of the boundary in all Content-Type fields, at most MAX_CANDIDATES.  ``values`` are the fields
    as they stand, for what the grammar of parameters does not see."""
    found: dict[bytes, None] = {}
    for reading in _readings(kinds, values):
        candidate = unfold(reading)[:_LONGEST]
        if candidate.strip():
            found.setdefault(candidate)
        if len(found) >= MAX_CANDIDATES:
            break
    return tuple(found)


def _readings(kinds: Sequence[Parameters], values: Sequence[bytes]) -> Iterator[bytes]:
    for kind in kinds:
        yield chosen(kind)
    for kind in kinds:  # the last of several (Apple Mail), then RFC 2231 for those who know it
        for pair in reversed(kind.plain("boundary")):
            yield pair.value
        if (joined := kind.extended("boundary")) is not None:
            yield joined.encode()
    for kind in kinds:
        for pair in kind.pairs:
            if pair.name == "boundary":
                yield from _variants(pair.written)
    for value in values:
        for match in islice(_ANYWHERE.finditer(value), MAX_CANDIDATES):
            yield from _variants(match[1])


def _variants(written: bytes) -> Iterator[bytes]:
    """One value as somebody may take it: to the end, cut, stripped, decoded."""
    yield written.rstrip()
    yield unescape(written)
    if b"(" in written:
        yield _COMMENT.sub(b"", written).strip()  # Outlook honours a comment
        yield written.partition(b"(")[0]
    for end in (b";", b'"', b" ", b"\0"):
        if end in written.strip(b'"'):
            yield written.strip(b'"').partition(end)[0].strip()
    yield written.strip(b" \t\"'")
    if b"=?" in written:
        yield decode_words(written[:_MOST_WRITTEN]).encode()
    if b"%" in written or b"'" in written:
        yield unquote_to_bytes(_EXTENDED.sub(b"", written, count=1))

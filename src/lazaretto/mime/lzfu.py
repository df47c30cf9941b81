"""Compressed RTF ([MS-OXRTFCP]), as Outlook keeps the text of a message."""

from __future__ import annotations

from collections.abc import Iterator

from lazaretto.errors import Malformed

_WINDOW = 4096
_BATCH = 64 * 1024  # bytes given out at a time
_COMPRESSED, _PLAIN = b"LZFu", b"MELA"

# 2.1.2.1: what the dictionary holds at the start
_START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u"
    rb"\tab\tx"
)


def decompress(data: bytes) -> Iterator[bytes]:
    """The RTF, lazily.  The checksum is not asked for: readers show what does not fit it.  Raises Malformed where
    the data is none or ends early; what came before has been given out."""
    if len(data) < 16:
        raise Malformed("compressed RTF cut off")
    size = int.from_bytes(data[4:8], "little")
    if data[8:12] == _PLAIN:
        yield data[16 : 16 + size]
        if len(data) < 16 + size:
            raise Malformed("RTF cut off")
        return
    if data[8:12] != _COMPRESSED:
        raise Malformed("RTF compressed in an unknown way")
    yield from _expand(data, size)


def _expand(data: bytes, claimed: int) -> Iterator[bytes]:
    """2.2.2.2.  The circular dictionary is the last 4096 bytes of ``out``: what is at distance d stands d bytes
    before its end."""
    out = bytearray(_WINDOW - len(_START)) + _START
    fresh, produced, at = len(out), 0, 16  # where what was not given out yet begins; bytes given out
    while at < len(data):
        control, at = data[at], at + 1
        if not control and at + 8 <= len(data):  # eight literals
            out += data[at : at + 8]
            at += 8
        else:
            for bit in range(8):
                if not control >> bit & 1:
                    out += data[at : at + 1]
                    at += 1
                    continue
                if at + 2 > len(data):
                    at = len(data)
                    break
                reference = data[at] << 8 | data[at + 1]
                at += 2
                distance = len(_START) + produced + len(out) - fresh - (reference >> 4) & _WINDOW - 1
                if not distance:  # 2.2.2.2: a reference to where the next byte goes is the end
                    yield bytes(out[fresh:])
                    return
                _copy(out, distance, (reference & 15) + 2)
        if len(out) - fresh >= _BATCH:
            yield bytes(out[fresh:])
            produced += len(out) - fresh
            del out[:-_WINDOW]
            fresh = len(out)
    yield bytes(out[fresh:])
    if produced + len(out) - fresh < claimed:
        raise Malformed("compressed RTF ends early")


def _copy(out: bytearray, distance: int, length: int) -> None:
    start = len(out) - distance
    piece = out[start : start + length]
    while len(piece) < length:  # it reaches into what it writes: a run
        piece += piece[: length - len(piece)]
    out += piece

"""Filters of PDF streams (ISO 32000-1, 7.4), each from chunks to chunks.

What is damaged gives what can be read and no error, as readers do.  Between two filters nobody counts: the bytes that a
chain hands on inside are paid for here.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from lazaretto.errors import LimitExceeded
from lazaretto.unpack.pdf.lzw import lzw
from lazaretto.unpack.pdf.predictors import predicted, row_bytes

_CHUNK = 256 * 1024
_CHAIN = 25  # filters of one stream, as libqpdf has it
_INSIDE = 256 * 2**20  # bytes that all filters of a file but the last may give
_SLOW = 8 * 2**20  # bytes that go into those that are slow
_NO_HEX = bytes(set(range(256)) - set(b"0123456789abcdefABCDEF"))
_NO_85 = bytes(set(range(256)) - set(range(0x21, 0x76)))

ABBREVIATIONS = {
    "Fl": "FlateDecode",
    "LZW": "LZWDecode",
    "AHx": "ASCIIHexDecode",
    "A85": "ASCII85Decode",
    "RL": "RunLengthDecode",
    "CCF": "CCITTFaxDecode",
    "DCT": "DCTDecode",
}
PICTURES = frozenset({"DCTDecode", "JPXDecode", "CCITTFaxDecode", "JBIG2Decode"})


class Filter(NamedTuple):
    """One of a chain, with those of its parameters that matter, as pairs in their order."""

    name: str
    parameters: tuple[tuple[str, int], ...] = ()


class Meter:
    """What the insides of all chains of one file may cost."""

    def __init__(self) -> None:
        self.inside, self.slow = _INSIDE, _SLOW

    def between(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.inside -= len(chunk)
            if self.inside < 0:
                raise LimitExceeded("pdf", f"filters that hand on more than {_INSIDE} bytes to one another")
            yield chunk

    def slowly(self, chunks: Iterable[bytes], weight: int = 1) -> Iterator[bytes]:
        for chunk in chunks:
            self.slow -= len(chunk) * weight
            if self.slow < 0:
                raise LimitExceeded("pdf", f"more than {_SLOW} bytes for filters that are slow")
            yield chunk


def decoded(raw: bytes, chain: tuple[Filter, ...], meter: Meter) -> Iterator[bytes]:
    """What readers see.  A filter of pictures, or an unknown one, ends the chain: its input is given."""
    if len(chain) > _CHAIN:
        raise LimitExceeded("pdf", f"{len(chain)} filters on one stream")
    chunks: Iterator[bytes] = (raw[at : at + _CHUNK] for at in range(0, len(raw), _CHUNK))
    for place, each in enumerate(chain):
        if each.name == "Crypt":
            continue
        if each.name not in _DECODERS:
            break
        chunks = _step(meter.between(chunks) if place else chunks, each, meter)
    return chunks


def _step(chunks: Iterator[bytes], each: Filter, meter: Meter) -> Iterator[bytes]:
    parameters = dict(each.parameters)
    if each.name not in ("FlateDecode", "ASCIIHexDecode"):
        chunks = meter.slowly(chunks)
    early = parameters.get("EarlyChange", 1)
    chunks = lzw(chunks, early) if each.name == "LZWDecode" else _DECODERS[each.name](chunks)
    if each.name in ("FlateDecode", "LZWDecode") and (row := row_bytes(parameters)):
        chunks = predicted(meter.slowly(chunks, 1 + 16 // row), parameters)
    return chunks


def _inflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    inflater, window, given, seen = zlib.decompressobj(), zlib.MAX_WBITS, 0, b""
    for chunk in chunks:
        waiting, full = chunk, False
        while waiting or full:  # zlib may hold output back when all input is in
            try:
                out = inflater.decompress(waiting, _CHUNK)
            except zlib.error:
                if given or window < 0:
                    return
                # Some readers go on without a right header: what is behind it is deflate.
                window, waiting = -zlib.MAX_WBITS, _headless(seen + waiting)
                inflater = zlib.decompressobj(window)
                continue
            given += len(out)
            seen = b"" if given else (seen + waiting)[:_CHUNK]
            if out:
                yield out
            if inflater.eof:
                return
            waiting, full = inflater.unconsumed_tail, len(out) == _CHUNK


def _headless(data: bytes) -> bytes:
    """RFC 1950: a method of 8 in the first byte, two bytes in all; without them it is deflate alone."""
    return data[2:] if data[:1] and data[0] & 0x0F == 8 else data


def _hex(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        body, ended, _after = chunk.partition(b">")
        digits = rest + body.translate(None, _NO_HEX)
        even = len(digits) & ~1
        rest = digits[even:]
        if even:
            yield bytes.fromhex(digits[:even].decode())
        if ended:
            break
    if rest:
        yield bytes.fromhex((rest + b"0").decode())


def _ascii85(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest, first = b"", True
    for chunk in chunks:
        body, ended, _after = (chunk.lstrip().removeprefix(b"<~") if first else chunk).partition(b"~")
        first = False
        digits = rest + body.replace(b"z", b"!!!!!").translate(None, _NO_85)
        whole = len(digits) - len(digits) % 5
        rest = digits[whole:]
        if whole:
            yield _fives(digits[:whole])
        if ended:
            break
    if len(rest) > 1:
        yield _fives(rest + b"u" * (5 - len(rest)))[: len(rest) - 1]


def _fives(digits: bytes) -> bytes:
    fives = zip(*(digits[at::5] for at in range(5)), strict=True)
    words = [
        (a * 52_200_625 + b * 614_125 + c * 7_225 + d * 85 + e - 1_743_128_013) & 0xFFFFFFFF for a, b, c, d, e in fives
    ]
    return struct.pack(f">{len(words)}I", *words)


def _run_length(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        data, at, out = rest + chunk, 0, bytearray()
        while at < len(data):
            length = data[at]
            if length == 128:
                yield bytes(out)
                return
            step = length + 2 if length < 128 else 2
            if at + step > len(data):
                break
            out += data[at + 1 : at + step] if length < 128 else data[at + 1 : at + 2] * (257 - length)
            if len(out) >= _CHUNK:
                yield bytes(out)
                out.clear()
            at += step
        rest = data[at:]
        if out:
            yield bytes(out)
    if rest[1:]:
        yield rest[1:]


_DECODERS: dict[str, Callable[[Iterator[bytes]], Iterator[bytes]]] = {
    "FlateDecode": _inflated,
    "LZWDecode": lzw,
    "ASCIIHexDecode": _hex,
    "ASCII85Decode": _ascii85,
    "RunLengthDecode": _run_length,
}

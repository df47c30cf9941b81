"""LZW of PDF (ISO 32000-1, 7.4.4.2): codes of 9 to 12 bits, the highest bit first."""

from __future__ import annotations

from collections.abc import Iterator

_CHUNK = 256 * 1024
_FEED = 256  # bytes at a time: the bits are kept in one number
_CLEAR, _END, _FULL = 256, 257, 4096
_SINGLE = [bytes((byte,)) for byte in range(256)] + [b"", b""]


def lzw(chunks: Iterator[bytes], early: int = 1) -> Iterator[bytes]:
    """Ends at the end code, or where a code cannot be."""
    table, previous = list(_SINGLE), b""
    width, bits, held = 9, 0, 0
    out: list[bytes] = []
    size = 0
    for feed in (chunk[at : at + _FEED] for chunk in chunks for at in range(0, len(chunk), _FEED)):
        bits, held = bits << (8 * len(feed)) | int.from_bytes(feed, "big"), held + 8 * len(feed)
        while held >= width:
            held -= width
            code = bits >> held
            bits &= (1 << held) - 1
            if code == _CLEAR:
                table, previous, width = list(_SINGLE), b"", 9
                continue
            if code == _END or code > len(table) or (code == len(table) and not previous):
                yield b"".join(out)
                return
            entry = table[code] if code < len(table) else previous + previous[:1]
            out.append(entry)
            size += len(entry)
            if previous and len(table) < _FULL:
                table.append(previous + entry[:1])
                if len(table) + early >= 1 << width and width < 12:
                    width += 1
            previous = entry
            if size >= _CHUNK:
                yield b"".join(out)
                out, size = [], 0
    if out:
        yield b"".join(out)

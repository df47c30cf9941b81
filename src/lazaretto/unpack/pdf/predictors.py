"""Predictors in front of Flate and LZW (ISO 32000-1, 7.4.4.4): PNG's (its specification, section 9), and TIFF's for
whole bytes."""

from __future__ import annotations

from collections.abc import Iterator

_WIDEST = 2**20  # bytes of a row; wider ones are given as they are
_CHUNK = 64 * 1024
_PNG = 10  # this and above
_SUB, _UP, _AVERAGE, _PAETH = 1, 2, 3, 4


def row_bytes(parameters: dict[str, int]) -> int:
    """Bytes of one row; 0 where nothing was predicted, or nothing that is undone here."""
    predictor = parameters.get("Predictor", 1)
    colours, depth = parameters.get("Colors", 1), parameters.get("BitsPerComponent", 8)
    columns = parameters.get("Columns", 1)
    if predictor not in (2, *range(_PNG, 16)) or min(colours, depth, columns) < 1 or (predictor == 2 and depth != 8):
        return 0
    row = (colours * depth * columns + 7) // 8
    return row if row <= _WIDEST else 0


def predicted(chunks: Iterator[bytes], parameters: dict[str, int]) -> Iterator[bytes]:
    """Undoes the prediction; ``row_bytes`` must have said that there is one."""
    row = row_bytes(parameters)
    pixel = max(1, parameters.get("Colors", 1) * parameters.get("BitsPerComponent", 8) // 8)
    return _png(chunks, row, pixel) if parameters.get("Predictor", 1) >= _PNG else _tiff(chunks, row, pixel)


def _rows(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        data = rest + chunk
        whole = len(data) - len(data) % size
        for at in range(0, whole, size):
            yield data[at : at + size]
        rest = data[whole:]
    if rest:
        yield rest


def _png(chunks: Iterator[bytes], size: int, pixel: int) -> Iterator[bytes]:
    above, out = bytes(size), bytearray()
    for row in _rows(chunks, size + 1):
        line = bytearray(row[1:])
        _undo(row[0], line, above, pixel)
        above = bytes(line).ljust(size, b"\0")
        out += line
        if len(out) >= _CHUNK:
            yield bytes(out)
            out.clear()
    yield bytes(out)


def _undo(kind: int, line: bytearray, above: bytes, pixel: int) -> None:
    if kind == _UP:
        line[:] = bytes([(byte + up) & 0xFF for byte, up in zip(line, above, strict=False)])
    elif kind == _SUB:
        for at in range(pixel, len(line)):
            line[at] = (line[at] + line[at - pixel]) & 0xFF
    elif kind == _AVERAGE:
        for at in range(len(line)):
            left = line[at - pixel] if at >= pixel else 0
            line[at] = (line[at] + (left + above[at]) // 2) & 0xFF
    elif kind == _PAETH:
        for at in range(len(line)):
            left, corner = (line[at - pixel], above[at - pixel]) if at >= pixel else (0, 0)
            line[at] = (line[at] + _paeth(left, above[at], corner)) & 0xFF


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    by_left, by_up, by_corner = abs(guess - left), abs(guess - up), abs(guess - corner)
    if by_left <= by_up and by_left <= by_corner:
        return left
    return up if by_up <= by_corner else corner


def _tiff(chunks: Iterator[bytes], size: int, pixel: int) -> Iterator[bytes]:
    out = bytearray()
    for row in _rows(chunks, size):
        line = bytearray(row)
        _undo(_SUB, line, b"", pixel)
        out += line
        if len(out) >= _CHUNK:
            yield bytes(out)
            out.clear()
    yield bytes(out)

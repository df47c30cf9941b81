"""Chunked bodies (RFC 9112, 7.1) with ICAP's extension ``ieof`` (RFC 3507, 4.5)."""

from __future__ import annotations

import re

from lazaretto.errors import ProtocolError
from lazaretto.protocols.icap.head import MAX_HEAD

LAST = b"0\r\n\r\n"
WHOLE = b"0; ieof\r\n\r\n"  # ends a preview that is the whole body already
PORTION = 64 * 1024

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[ \t]*([^\r\n]{0,200}))?")
_LONGEST_LINE = 256


def chunk(data: bytes | memoryview) -> bytes:
    """One chunk; of no bytes there is none, that would be the end."""
    return b"".join((b"%x\r\n" % len(data), data, b"\r\n")) if data else b""


class ChunkReader:
    """Takes bytes in any portions, gives content.  ``rest`` is what came behind the end."""

    def __init__(self) -> None:
        self.done = False
        self.ieof = False
        self.rest = b""
        self._buffer = bytearray()
        self._left = 0  # bytes of the present chunk
        self._state = self._size
        self._trailer = 0

    def feed(self, data: bytes) -> bytes:
        """Content that is here now.  Raises ProtocolError."""
        self._buffer += data
        content: list[bytes] = []
        while not self.done and self._state(content):
            pass
        if self.done and self._buffer:
            self.rest += bytes(self._buffer)
            self._buffer.clear()
        return b"".join(content)

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\r\n", 0, _LONGEST_LINE)
        if end < 0:
            if len(self._buffer) >= _LONGEST_LINE:
                raise ProtocolError("a chunk without a size")
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    def _size(self, content: list[bytes]) -> bool:
        line = self._line()
        if line is None:
            return False
        found = _SIZE.fullmatch(line)
        if found is None:
            raise ProtocolError(f"not the size of a chunk: {line[:40]!r}")
        self._left = int(found[1], 16)
        self._state = self._content if self._left else self._end
        self.ieof = not self._left and (found[2] or b"").strip().lower() == b"ieof"
        return True

    def _content(self, content: list[bytes]) -> bool:
        taken = bytes(self._buffer[: self._left])
        if not taken and self._left:
            return False
        del self._buffer[: len(taken)]
        self._left -= len(taken)
        content.append(taken)
        if not self._left:
            self._state = self._behind
        return True

    def _behind(self, content: list[bytes]) -> bool:
        if len(self._buffer) < len(b"\r\n"):
            return False
        if self._buffer[:2] != b"\r\n":
            raise ProtocolError("a chunk is longer than its size")
        del self._buffer[:2]
        self._state = self._size
        return True

    def _end(self, content: list[bytes]) -> bool:
        """Trailing fields, which mean nothing here, up to an empty line."""
        line = self._line()
        if line is None:
            return False
        self._trailer += len(line)
        if self._trailer > MAX_HEAD:
            raise ProtocolError("a trailer without an end")
        self.done = not line
        return True

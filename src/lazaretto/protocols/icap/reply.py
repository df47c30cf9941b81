"""What an ICAP server says (RFC 3507, 4.3 and 4.4): a head, in it perhaps an HTTP head and a body in chunks."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from lazaretto.errors import ProtocolError
from lazaretto.protocols.icap import head
from lazaretto.protocols.icap.chunked import ChunkReader
from lazaretto.protocols.icap.head import Head, unsigned

CONTINUE, OK, UNMODIFIED = 100, 200, 204

_STATUS = re.compile(r"ICAP/1\.[01] ([1-5]\d\d)(?: [^\r\n]{0,500})?")
_HTTP_STATUS = re.compile(r"HTTP/\d\.\d ([1-5]\d\d)(?: [^\r\n]{0,500})?")
_PLACE = re.compile(r"(req-hdr|res-hdr|req-body|res-body|opt-body|null-body)=(\d{1,10})")
_BODIES = ("req-body", "res-body", "opt-body")


@dataclass(frozen=True, slots=True)
class Reply:
    """``http``: the HTTP head that came in it, the answer's before the request's; ``size`` and ``sha256`` of the body,
    which is not kept."""

    status: int
    head: Head
    http: Head | None = None
    size: int = 0
    sha256: str = ""

    @property
    def http_status(self) -> int:
        """0 where there is none: a request came back."""
        found = _HTTP_STATUS.fullmatch(self.http.start) if self.http else None
        return int(found[1]) if found else 0

    @property
    def reusable(self) -> bool:
        return self.head.get("connection").lower() != "close"


class ReplyReader:
    """Takes bytes in any portions, gives one reply.  ``most``: bytes of the body that it bears; ``rest`` is what came
    behind the reply."""

    def __init__(self, most: int) -> None:
        self.rest = b""
        self._most = most
        self._buffer = b""
        self._head: Head | None = None
        self._status = 0
        self._places: list[tuple[str, int]] = []
        self._http: Head | None = None
        self._body: ChunkReader | None = None
        self._size = 0
        self._hash = hashlib.sha256()

    @property
    def begun(self) -> bool:
        """Whether the server has said anything yet."""
        return self._head is not None or bool(self._buffer)

    def feed(self, data: bytes) -> Reply | None:
        """The reply, or None until more bytes come.  Raises ProtocolError."""
        self._buffer += data
        if self._head is None:
            self._head = self._take_head()
        if self._head is None:
            return None
        if self._body is None and not self._take_http():
            return None
        if self._body is None:
            return self._whole(self._head, self._buffer)
        content, self._buffer = self._body.feed(self._buffer), b""
        self._size += len(content)
        if self._size > self._most:
            raise ProtocolError(f"a body of more than {self._most} bytes")
        self._hash.update(content)
        return self._whole(self._head, self._body.rest) if self._body.done else None

    def _take_head(self) -> Head | None:
        end = self._buffer.find(head.END, 0, head.MAX_HEAD)
        if end < 0:
            if len(self._buffer) >= head.MAX_HEAD:
                raise ProtocolError(f"a head of more than {head.MAX_HEAD} octets")
            return None
        found = head.parse(self._buffer[:end])
        self._buffer = self._buffer[end + len(head.END) :]
        status = _STATUS.fullmatch(found.start)
        if status is None:
            raise ProtocolError(f"not a status line: {found.start[:80]!r}")
        self._status = int(status[1])
        self._places = _encapsulated(found)
        # RFC 3507, 4.4.1: whatever carries something says where; these two carry nothing.
        if self._status in (CONTINUE, UNMODIFIED) and any(name != "null-body" for name, _ in self._places):
            raise ProtocolError(f"a body with status {self._status}")
        return found

    def _take_http(self) -> bool:
        """All HTTP heads at once: the place of the body says how long they are."""
        if not self._places:
            return True
        name, length = self._places[-1]
        if len(self._buffer) < length:
            return False
        blocks, self._buffer = self._buffer[:length], self._buffer[length:]
        for (_, start), (_, stop) in zip(self._places, self._places[1:], strict=False):
            block = blocks[start:stop]
            if not block.endswith(head.END):
                raise ProtocolError("an HTTP head without an end")
            self._http = head.parse(block[: -len(head.END)])  # the answer's comes last
        if name in _BODIES:
            self._body = ChunkReader()
        self._places = []
        return True

    def _whole(self, found: Head, rest: bytes) -> Reply:
        self.rest = rest
        return Reply(self._status, found, self._http, self._size, self._hash.hexdigest() if self._body else "")


def _encapsulated(found: Head) -> list[tuple[str, int]]:
    """RFC 3507, 4.4.1: places in rising order from 0 on, one body at most and at the end."""
    values = found.all("encapsulated")
    if len(values) > 1:
        raise ProtocolError("two fields Encapsulated")
    places: list[tuple[str, int]] = []
    for each in values[0].split(",") if values else ():
        place = _PLACE.fullmatch(each.strip().lower())
        if place is None:
            raise ProtocolError(f"not a place: {each[:40]!r}")
        places.append((place[1], unsigned(place[2], head.MAX_HEAD)))
    names, offsets = [name for name, _ in places], [offset for _, offset in places]
    heads = [name for name in names if name.endswith("-hdr")]
    rising = offsets == sorted(set(offsets)) and offsets[:1] == [0]
    if places and (not rising or names[:-1] != heads or len(set(heads)) != len(heads)):
        raise ProtocolError(f"contradictory places: {values[0][:100]!r}")
    return places

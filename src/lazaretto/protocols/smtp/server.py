"""The server's end of the wire: bytes in, commands and pieces of messages out (RFC 5321, RFC 2920, RFC 3030)."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from lazaretto.protocols.smtp.command import BadCommand, Chunk, Command, parse
from lazaretto.protocols.smtp.data import DataReader

MAX_LINE = 2048  # octets of a command line: RFC 5321 section 4.5.3.1.4 has 512, each extension adds some


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is no command; ``error.reply`` is the answer to it."""

    error: BadCommand


@dataclass(frozen=True, slots=True)
class Content:
    """A piece of the message, dots undone."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ContentEnd:
    """The end of the data, or of one BDAT chunk."""


Incoming = Command | Refused | Content | ContentEnd


class _State(enum.Enum):
    COMMAND = enum.auto()
    SKIP = enum.auto()  # the rest of a line that was too long
    DATA = enum.auto()
    CHUNK = enum.auto()


class ServerCodec:
    """Feed it bytes, ask for events until there is none.  It stops at each event, so that whoever drives it may
    answer a command (and enter another state) before the bytes behind it are read.

    A command ends in CRLF only; a line with a bare CR, bare LF or NUL is refused whole.  After DATA was accepted,
    call ``begin_data``.  After a BDAT command its chunk follows as ``Content`` and ``ContentEnd`` by itself, also
    when the command is refused (RFC 3030 section 2: the octets come anyway).
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._scanned = 0  # no line end before this offset
        self._state = _State.COMMAND
        self._reader = DataReader()
        self._left = 0  # octets of the chunk
        self._ended = False  # the content that was just given was the last

    @property
    def pending(self) -> int:
        """Bytes that were fed and not yet asked for."""
        return len(self._buffer)

    @property
    def in_content(self) -> bool:
        return self._state in (_State.DATA, _State.CHUNK)

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def begin_data(self) -> None:
        self._state, self._reader = _State.DATA, DataReader()

    def forget(self) -> None:
        """Drops what was fed: nothing sent in the clear may count after STARTTLS (RFC 3207 section 4.2)."""
        self._buffer.clear()
        self._scanned = 0

    def next_event(self) -> Incoming | None:
        """The next event, or None until more bytes come."""
        if self._ended:
            self._ended, self._state = False, _State.COMMAND
            return ContentEnd()
        if self._state is _State.DATA:
            return self._data()
        if self._state is _State.CHUNK:
            return self._chunk()
        return self._line()

    def _data(self) -> Incoming | None:
        if not self._buffer:
            return None
        content, rest = self._reader.feed(bytes(self._buffer))
        self.forget()
        if rest is not None:
            self._buffer += rest
            self._ended = True
        elif not content:
            return None
        return Content(content)

    def _chunk(self) -> Incoming | None:
        if self._left and not self._buffer:
            return None
        data = bytes(self._buffer[: self._left])
        del self._buffer[: self._left]
        self._left -= len(data)
        self._ended = not self._left
        return Content(data)

    def _line(self) -> Incoming | None:
        end = self._buffer.find(b"\n", self._scanned, MAX_LINE)
        if end < 0:
            if len(self._buffer) < MAX_LINE:
                self._scanned = len(self._buffer)
                return None
            return self._too_long()
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        self._scanned = 0
        if self._state is _State.SKIP:
            self._state = _State.COMMAND
            return self._line()
        try:
            return self._parsed(line)
        except BadCommand as error:
            return Refused(error)

    def _parsed(self, line: bytes) -> Command:
        # RFC 5321 section 2.3.8: CR and LF appear as the pair only.
        if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\0" in line:
            raise BadCommand("500 5.5.2 Bare CR, bare LF or NUL in a command")
        command = parse(line[:-2])
        if isinstance(command, Chunk):
            self._state, self._left = _State.CHUNK, command.size
        return command

    def _too_long(self) -> Incoming | None:
        """The rest of the line is dropped as it comes, in constant memory; it is refused once."""
        first = self._state is not _State.SKIP
        end = self._buffer.find(b"\n")
        if end < 0:
            self.forget()
            self._state = _State.SKIP
        else:
            del self._buffer[: end + 1]
            self._scanned = 0
            self._state = _State.COMMAND
        if first:
            return Refused(BadCommand("500 5.5.2 Line too long"))  # RFC 5321 section 4.5.3.1.10
        return self._line() if end >= 0 else None

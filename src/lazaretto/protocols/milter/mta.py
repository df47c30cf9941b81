"""The mail server's side of a milter connection: what tests, transcripts and benches speak to our door with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import structs

from lazaretto.errors import ProtocolError
from lazaretto.protocols.milter import events as e
from lazaretto.protocols.milter import packets
from lazaretto.protocols.milter.changes import fields

EVERYTHING = e.Action(0x1FF)
ALL_OPTIONS = e.Option(0x1FFFFF)

_SKIPPED: Mapping[type[e.Command], e.Option] = {
    e.Connect: e.Option.NO_CONNECT,
    e.Helo: e.Option.NO_HELO,
    e.MailFrom: e.Option.NO_MAIL,
    e.RcptTo: e.Option.NO_RCPT,
    e.Data: e.Option.NO_DATA,
    e.Header: e.Option.NO_HEADERS,
    e.EndOfHeaders: e.Option.NO_END_OF_HEADERS,
    e.Body: e.Option.NO_BODY,
    e.Unknown: e.Option.NO_UNKNOWN,
}
_QUIET: Mapping[type[e.Command], e.Option] = {
    e.Connect: e.Option.QUIET_CONNECT,
    e.Helo: e.Option.QUIET_HELO,
    e.MailFrom: e.Option.QUIET_MAIL,
    e.RcptTo: e.Option.QUIET_RCPT,
    e.Data: e.Option.QUIET_DATA,
    e.Header: e.Option.QUIET_HEADERS,
    e.EndOfHeaders: e.Option.QUIET_END_OF_HEADERS,
    e.Body: e.Option.QUIET_BODY,
    e.Unknown: e.Option.QUIET_UNKNOWN,
    e.EndOfMessage: e.Option(0),
}


class MtaConnection:
    """``send`` gives the bytes of a command (none when the filter does without it) and sets ``awaits_reply``."""

    def __init__(self, version: int = 6, actions: e.Action = EVERYTHING, options: e.Option = ALL_OPTIONS) -> None:
        self.offer = e.Negotiate(version, actions, options)
        self.actions = e.Action(0)
        self.options = e.Option(0)
        self.awaits_reply = False
        self._framer = packets.Framer()

    def send(self, command: e.Command) -> bytes:
        if _SKIPPED.get(type(command), e.Option(0)) & self.options:
            self.awaits_reply = False
            return b""
        quiet = e.Option(0) if isinstance(command, e.Negotiate) else _QUIET.get(type(command))
        self.awaits_reply = quiet is not None and not quiet & self.options
        return packets.command(command, bool(self.options & e.Option.LEADING_SPACE))

    def receive(self, data: bytes) -> None:
        self._framer.receive(data)

    def next_event(self) -> e.Negotiate | e.Replies | None:
        """The filter's next reply, or None when more bytes are needed; a replaced body comes as several
        ``ReplaceBody``.  Raises ProtocolError."""
        framed = self._framer.next_packet()
        if framed is None:
            return None
        decode = packets.REPLIES.get(bytes((framed[0],)))
        if decode is None:
            raise ProtocolError(f"unknown milter reply {framed[0]:#x}")
        reply = decode(framed[1])
        if isinstance(reply, e.Negotiate):
            if reply.version > self.offer.version or reply.actions & ~self.offer.actions:
                raise ProtocolError("the filter wants more than was offered")
            self.actions, self.options = reply.actions, reply.options
        if isinstance(reply, e.AddHeader | e.InsertHeader | e.ChangeHeader) and reply.value:
            leading_space = bool(self.options & e.Option.LEADING_SPACE)
            return structs.replace(reply, value=packets.value_in(reply.value, leading_space))
        if isinstance(reply, e.Negotiate | e.Final):
            self.awaits_reply = False
        return reply


def commands(raw: bytes, sender: bytes, recipients: Sequence[bytes], queue_id: bytes = b"4F1") -> Iterator[e.Command]:
    """One message as Postfix tells it, from MAIL to the end."""
    macros = {b"i": queue_id}
    head, body = fields(raw)
    yield e.Macros(b"M", macros)
    yield e.MailFrom(sender)
    for recipient in recipients:
        yield e.Macros(b"R", macros)
        yield e.RcptTo(recipient)
    yield e.Data()
    for field in head:
        yield e.Header(*field)
    yield e.EndOfHeaders()
    for start in range(0, len(body), packets.CHUNK):
        yield e.Body(body[start : start + packets.CHUNK])
    yield e.Macros(b"E", macros)
    yield e.EndOfMessage()

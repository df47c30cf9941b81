"""The bytes: packets of ``uint32 length, code, data``, and what each code's data means.

Both directions are here, so that a test of one is a test of the other.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable

from lazaretto.errors import ProtocolError
from lazaretto.protocols.milter import events as e

CHUNK = 65535
"""Most bytes of body in one packet (``MILTER_CHUNK_SIZE``)."""

MAX_PACKET = 2**20
"""Longest packet that is taken.  libmilter's own default is 64 KiB, but Postfix sends header fields whole, and
its header_size_limit is often raised."""

_FRAME = struct.Struct(">IB")
_OFFER = struct.Struct(">III")


class Framer:
    """Cuts a stream into packets, whatever the pieces it arrives in."""

    def __init__(self, longest: int = MAX_PACKET) -> None:
        self._longest = longest
        self._buffer: bytes | bytearray = b""
        self._at = 0

    def receive(self, data: bytes) -> None:
        if self._at == len(self._buffer):
            self._buffer = data  # the usual case: whole packets, nothing is copied
        elif isinstance(self._buffer, bytearray):
            del self._buffer[: self._at]
            self._buffer += data
        else:
            self._buffer = bytearray(memoryview(self._buffer)[self._at :])
            self._buffer += data
        self._at = 0

    def next_packet(self) -> tuple[int, bytes] | None:
        """Code and data, or None when more bytes are needed.  Raises ProtocolError."""
        buffer, at = self._buffer, self._at
        if len(buffer) - at < _FRAME.size:
            return None
        size, code = _FRAME.unpack_from(buffer, at)
        if not 1 <= size <= self._longest:
            raise ProtocolError(f"milter packet of {size} bytes; 1 to {self._longest} are allowed")
        end = at + 4 + size
        if end > len(buffer):
            return None
        self._at = end
        data = buffer[at + 5 : end]
        return code, data if isinstance(data, bytes) else bytes(data)


def packet(code: bytes, data: bytes = b"") -> bytes:
    return _FRAME.pack(len(data) + 1, code[0]) + data


# ---------------------------------------------------------------------------- strings


def _strings(data: bytes, least: int, most: int | None = None) -> list[bytes]:
    """NUL-terminated strings that fill ``data``; ``most`` None: any number."""
    *strings, rest = data.split(b"\0")
    if rest or len(strings) < least or (most is not None and len(strings) > most):
        raise ProtocolError("milter packet with malformed strings")
    return strings


def _joined(*strings: bytes) -> bytes:
    if any(b"\0" in string for string in strings):
        raise ValueError("a milter string cannot hold a NUL")
    return b"".join(string + b"\0" for string in strings)


def value_in(value: bytes, leading_space: bool) -> bytes:
    """A header value as it stands in the message.  On the wire lines of a folded field are separated by a bare LF
    (Sendmail's internal form), and without LEADING_SPACE the mail server has eaten one space."""
    if b"\n" in value:
        value = value.replace(b"\n", b"\r\n")
    return value if leading_space else b" " + value


def value_out(value: bytes, leading_space: bool) -> bytes:
    if b"\n" in value:
        value = value.replace(b"\r\n", b"\n")
    return value if leading_space else value.removeprefix(b" ")  # the mail server puts one space back


# ---------------------------------------------------------------------------- commands


def negotiate(said: e.Negotiate) -> bytes:
    lists = b"".join(struct.pack(">I", stage) + _joined(names) for stage, names in said.macros)
    return packet(b"O", _OFFER.pack(said.version, said.actions, said.options) + lists)


def negotiated(data: bytes) -> e.Negotiate:
    if len(data) < _OFFER.size:
        raise ProtocolError("milter negotiation is too short")
    version, actions, options = _OFFER.unpack_from(data)
    lists, rest = [], data[_OFFER.size :]
    while rest:
        names, nul, after = rest[4:].partition(b"\0")
        stage = int.from_bytes(rest[:4])
        if not nul or stage > max(e.Stage):
            raise ProtocolError("milter negotiation with a malformed list of macros")
        lists.append((e.Stage(stage), names))
        rest = after
    return e.Negotiate(version, e.Action(actions), e.Option(options), tuple(lists))


def _macros(data: bytes) -> e.Macros:
    step = data[:1]
    strings = _strings(data[1:], 0)
    if step not in COMMANDS or len(strings) % 2:
        raise ProtocolError("milter macros are malformed")
    return e.Macros(step, {bare(name): value for name, value in zip(strings[::2], strings[1::2], strict=True)})


def bare(name: bytes) -> bytes:
    """Name of a macro without the braces that names of more than one letter wear."""
    return name[1:-1] if name[:1] == b"{" and name[-1:] == b"}" else name


def _connect(data: bytes) -> e.Connect:
    hostname, nul, rest = data.partition(b"\0")
    family = rest[:1]
    if not nul or not family:
        raise ProtocolError("milter connect is malformed")
    if family == b"U":
        return e.Connect(hostname)  # no port and no address; Sendmail may append junk
    if family not in b"46L" or len(rest) < 4:
        raise ProtocolError("milter connect from an unknown kind of address")
    (address,) = _strings(rest[3:], 1, 1)
    return e.Connect(hostname, family, int.from_bytes(rest[1:3]), address)


def _mail(data: bytes) -> e.MailFrom:
    address, *args = _strings(data, 1)
    return e.MailFrom(address, tuple(args))


def _rcpt(data: bytes) -> e.RcptTo:
    address, *args = _strings(data, 1)
    return e.RcptTo(address, tuple(args))


def header(data: bytes, leading_space: bool = True) -> e.Header:
    strings = data.split(b"\0")
    if len(strings) != 3 or strings[2] or not strings[0] or b":" in strings[0] or b"\n" in strings[0]:
        raise ProtocolError("milter header is malformed")
    return e.Header(strings[0], value_in(strings[1], leading_space))


def _empty(said: e.Command) -> Callable[[bytes], e.Command]:
    def decode(data: bytes) -> e.Command:
        if data:
            raise ProtocolError(f"milter {type(said).__name__} with unexpected data")
        return said

    return decode


COMMANDS: dict[bytes, Callable[[bytes], e.Command]] = {
    b"O": negotiated,
    b"D": _macros,
    b"C": _connect,
    b"H": lambda data: e.Helo(_strings(data, 1, 1)[0]),
    b"M": _mail,
    b"R": _rcpt,
    b"T": _empty(e.Data()),
    b"L": header,
    b"N": _empty(e.EndOfHeaders()),
    b"B": e.Body,
    b"E": _empty(e.EndOfMessage()),
    b"A": _empty(e.Abort()),
    b"Q": _empty(e.Quit()),
    b"K": _empty(e.QuitNewConnection()),
    b"U": lambda data: e.Unknown(data.removesuffix(b"\0")),
}


def command(said: e.Command, leading_space: bool = True) -> bytes:
    """One command as a packet."""
    match said:
        case e.Negotiate():
            return negotiate(said)
        case e.Macros(step, values):
            braced = [(b"{" + name + b"}" if len(name) > 1 else name, value) for name, value in values.items()]
            return packet(b"D", step + _joined(*(string for pair in braced for string in pair)))
        case e.Connect(hostname, b"U"):
            return packet(b"C", _joined(hostname) + b"U")
        case e.Connect(hostname, family, port, address):
            return packet(b"C", _joined(hostname) + family + port.to_bytes(2) + _joined(address))
        case e.Helo(name):
            return packet(b"H", _joined(name))
        case e.MailFrom(address, args):
            return packet(b"M", _joined(address, *args))
        case e.RcptTo(address, args):
            return packet(b"R", _joined(address, *args))
        case e.Header(name, value):
            return packet(b"L", _joined(name, value_out(value, leading_space)))
        case e.Body(data) if len(data) > CHUNK:
            raise ValueError(f"a body packet holds {CHUNK} bytes at most")
        case e.Body(data):
            return packet(b"B", data)
        case e.Unknown(line):
            return packet(b"U", _joined(line))
        case _:
            return packet(_PLAIN[type(said)])


_PLAIN: dict[type[e.Command | e.Replies], bytes] = {
    e.Data: b"T",
    e.EndOfHeaders: b"N",
    e.EndOfMessage: b"E",
    e.Abort: b"A",
    e.Quit: b"Q",
    e.QuitNewConnection: b"K",
    e.Continue: b"c",
    e.Accept: b"a",
    e.Reject: b"r",
    e.TempFail: b"t",
    e.Discard: b"d",
    e.Skip: b"s",
    e.Progress: b"p",
}

# ---------------------------------------------------------------------------- replies

_UNSAFE = re.compile(rb"[^\x20-\x7e]")


def reply(said: e.Replies, leading_space: bool = True) -> bytes:
    """One reply as packets (a replaced body takes several).  Raises ValueError for what cannot be said."""
    match said:
        case e.ReplyCode():
            return packet(b"y", _joined(_smtp(said)))
        case e.AddHeader(name, value):
            return packet(b"h", _joined(name, value_out(value, leading_space)))
        case e.InsertHeader(index, name, value):
            return packet(b"i", index.to_bytes(4) + _joined(name, value_out(value, leading_space)))
        case e.ChangeHeader(index, name, value):
            return packet(b"m", index.to_bytes(4) + _joined(name, value_out(value, leading_space)))
        case e.ReplaceBody(data):
            starts: Iterable[int] = range(0, len(data), CHUNK) if data else (0,)
            return b"".join(packet(b"b", data[start : start + CHUNK]) for start in starts)
        case e.Quarantine(reason):
            return packet(b"q", _joined(reason))
        case e.AddRecipient(address, b""):
            return packet(b"+", _joined(address))
        case e.AddRecipient(address, args):
            return packet(b"2", _joined(address, args))
        case e.DeleteRecipient(address):
            return packet(b"-", _joined(address))
        case e.ChangeSender(address, args):
            return packet(b"e", _joined(address, args) if args else _joined(address))
        case _:
            return packet(_PLAIN[type(said)])


def _smtp(said: e.ReplyCode) -> bytes:
    """The SMTP reply, one line for each line of text (RFC 5321 section 4.2.1).  Sendmail takes it for a format
    string, so every % is doubled; Postfix undoes that."""
    if not 400 <= said.code <= 599 or said.enhanced[:1] != b"%d" % (said.code // 100):
        raise ValueError(f"{said.code} {said.enhanced!r} is no refusal")
    lines = [_UNSAFE.sub(b"?", line).replace(b"%", b"%%") for line in said.text.splitlines()] or [b""]
    last = len(lines) - 1
    return b"\r\n".join(
        b"%d%s%s %s" % (said.code, b" " if number == last else b"-", said.enhanced, line)
        for number, line in enumerate(lines)
    )


def _reply_code(data: bytes) -> e.ReplyCode:
    lines = data.removesuffix(b"\0").split(b"\r\n")
    parts = [line[4:].split(b" ", 1) for line in lines]
    code = lines[0][:3]
    if not re.fullmatch(rb"[45]\d\d", code) or any(len(part) != 2 for part in parts):
        raise ProtocolError("milter reply code is malformed")
    text = b"\n".join(part[1] for part in parts).replace(b"%%", b"%")
    return e.ReplyCode(int(code), parts[0][0], text)


def _indexed(data: bytes) -> tuple[int, bytes, bytes]:
    name, value = _strings(data[4:], 2, 2)
    return int.from_bytes(data[:4]), name, value


REPLIES: dict[bytes, Callable[[bytes], e.Negotiate | e.Replies]] = {
    b"O": negotiated,
    b"y": _reply_code,
    b"h": lambda data: e.AddHeader(*_strings(data, 2, 2)),
    b"i": lambda data: e.InsertHeader(*_indexed(data)),
    b"m": lambda data: e.ChangeHeader(*_indexed(data)),
    b"b": e.ReplaceBody,
    b"q": lambda data: e.Quarantine(_strings(data, 1, 1)[0]),
    b"+": lambda data: e.AddRecipient(_strings(data, 1, 1)[0]),
    b"2": lambda data: e.AddRecipient(*_strings(data, 1, 2)),
    b"-": lambda data: e.DeleteRecipient(_strings(data, 1, 1)[0]),
    b"e": lambda data: e.ChangeSender(*_strings(data, 1, 2)),
    b"c": lambda data: e.Continue(),
    b"a": lambda data: e.Accept(),
    b"r": lambda data: e.Reject(),
    b"t": lambda data: e.TempFail(),
    b"d": lambda data: e.Discard(),
    b"s": lambda data: e.Skip(),
    b"p": lambda data: e.Progress(),
}

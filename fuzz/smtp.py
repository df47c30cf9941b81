# Invariant: whatever bytes a peer sends, in whatever pieces, the server side gives the same commands, refusals and
# contents; what it takes for content and does not refuse has one end of data on its way out, however lax the reader;
# replies and addresses that were read mean the same when written and read again.
"""The SMTP codecs."""

from __future__ import annotations

from lazaretto.errors import ProtocolError
from lazaretto.protocols import proxyheader
from lazaretto.protocols.smtp.command import Command
from lazaretto.protocols.smtp.data import ends_early, stuff
from lazaretto.protocols.smtp.path import read_path
from lazaretto.protocols.smtp.reply import ReplyReader
from lazaretto.protocols.smtp.server import Content, ContentEnd, Refused, ServerCodec

SEEDS = (
    b'\x01EHLO x\r\nMAIL FROM:<@a:b@c> SIZE=1 BODY=8BITMIME\r\nRCPT TO:<"a b"@[1.2.3.4]>\r\nDATA\r\n..\r\n.\r\n',
    b"\x05BDAT 5\r\na\n.\r\nBDAT 0 LAST\r\nXFORWARD ADDR=1.2.3.4 HELO=a+20b\r\nQUIT\r\n",
    b"\x07DATA\r\n.a\r\n\n.\n\r.\r\r\n\0.\r\n\r\n.\r\nNOOP\n",
    b"\x03250-a\r\n250-b\r\n250 c\r\n354 go\r\n",
    b"\x02PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
    proxyheader.SIGNATURE + b"\x21\x11\0\x0c" + bytes(12),
)


def target(data: bytes) -> None:
    step = data[0] % 16 + 1 if data else 1
    stream = data[1:]
    whole, parts = _converse(stream, len(stream) or 1), _converse(stream, step)
    assert whole == parts, (whole, parts)
    for content in whole[0]:
        _one_end(content)
    _one_end(stream)
    assert _replies(stream, step) == _replies(stream, len(stream) or 1)
    _path(stream)
    try:
        header = proxyheader.read(data)
    except ProtocolError:
        return
    assert header is None or 0 < header.length <= len(data)


def _converse(stream: bytes, step: int) -> tuple[list[bytes], list[str]]:
    codec = ServerCodec()
    contents, said = [b""], []
    for start in range(0, len(stream), step):
        codec.feed(stream[start : start + step])
        while (event := codec.next_event()) is not None:
            match event:
                case Content(piece):
                    contents[-1] += piece
                case ContentEnd():
                    contents.append(b"")
                case Refused(error):
                    said.append(str(error.reply))
                case Command():
                    said.append(repr(event))
                    if event.verb == "DATA":
                        codec.begin_data()
    return contents, said


def _one_end(raw: bytes) -> None:
    if ends_early(raw):
        return
    wire = b"\r\n" + stuff(raw)
    for reading in (wire, wire.replace(b"\0", b"")):
        lax = reading.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        assert lax.find(b"\n.\n") == len(lax) - 3, raw


def _replies(stream: bytes, step: int) -> list[object]:
    reader, found = ReplyReader(), []
    try:
        for start in range(0, len(stream), step):
            reader.feed(stream[start : start + step])
            while (reply := reader.next_reply()) is not None:
                found.append(reply)
                again = ReplyReader()
                again.feed(reply.encode())
                assert again.next_reply() is not None
                assert not again.pending
    except ProtocolError:
        found.append("refused")
    return found


def _path(stream: bytes) -> None:
    found = read_path(stream.decode("utf-8", "surrogateescape"))
    if found is not None:
        assert read_path(f"<{found[0]}>") == (found[0], "")

# Invariant: whatever a server says, in whatever pieces, is the same reply, the same refusal or no reply yet; nothing
# but the right words is "clean"; what is kept of a reply is bounded.
"""The client side of clamd's protocol and of ICAP."""

from __future__ import annotations

from collections.abc import Callable

from lazaretto.errors import ProtocolError
from lazaretto.protocols.clamd import reply as clamd
from lazaretto.protocols.icap import offer, verdict
from lazaretto.protocols.icap.reply import ReplyReader
from lazaretto.remote.names import meaning

SEEDS = (
    b"\x03stream: OK\0",
    b"\x01fd[9]: Heuristics.Encrypted.Zip(44d88612fea8a8f36de82e1278abb02f:68) FOUND\0",
    b"\x05INSTREAM size limit exceeded. ERROR\0",
    b"\x02ClamAV 1.4.3/27800/Mon Nov 23 08:00:00 2026\0",
    b"\x07ICAP/1.0 204 Unmodified\r\nConnection: close\r\n\r\n",
    b"\x04ICAP/1.0 200 OK\r\nMethods: RESPMOD, REQMOD\r\nPreview: 9\r\nAllow: 204\r\nEncapsulated: null-body=0\r\n\r\n",
    b"\x09ICAP/1.0 200 OK\r\nX-Infection-Found: Type=0; Resolution=2; Threat=A.B;\r\nX-Violations-Found: 1\r\n\t-\r\n"
    b"\tA\r\n\t0\r\n\t0\r\nEncapsulated: res-hdr=0, res-body=27\r\n\r\n"
    b"HTTP/1.0 403 Forbidden\r\n\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n",
    b"\x01ICAP/1.0 200 OK\r\nEncapsulated: req-hdr=0, res-hdr=4, null-body=8\r\n\r\n\r\n\r\n\r\n\r\n",
)
MOST = 10_000


def target(data: bytes) -> None:
    step, stream = (data[0] % 16 + 1 if data else 1), data[1:]
    for read in (_clamd, _icap):
        whole, parts = read(stream, len(stream) or 1), read(stream, step)
        # In pieces a reply may be complete before what is wrong behind it comes.
        assert whole in (parts, "refused") or parts == "refused", (whole, parts)


def _clamd(stream: bytes, step: int) -> object:
    reader = clamd.ReplyReader()
    try:
        for start in range(0, len(stream), step):
            if (line := reader.feed(stream[start : start + step])) is not None:
                found = _tried(lambda line=line: clamd.verdict(line))  # type: ignore[misc]
                if isinstance(found, clamd.Verdict):
                    assert (found.word is clamd.Word.OK) == line.endswith(": OK"), line
                    meaning(found.detail)
                return (found, _tried(lambda line=line: clamd.version(line)))  # type: ignore[misc]
    except ProtocolError:
        return "refused"
    return None


def _icap(stream: bytes, step: int) -> object:
    reader = ReplyReader(MOST)
    try:
        for start in range(0, len(stream), step):
            if (reply := reader.feed(stream[start : start + step])) is not None:
                assert reply.size <= MOST
                said = _tried(lambda reply=reply: verdict.read(reply, 5, "0"))  # type: ignore[misc]
                if isinstance(said, verdict.Answer):
                    assert reply.status in (200, 204)
                    assert len(said.threats) <= verdict.MOST
                return reply, said, _tried(lambda reply=reply: offer.read(reply))  # type: ignore[misc]
    except ProtocolError:
        return "refused"
    return None


def _tried(read: Callable[[], object]) -> object:
    try:
        return read()
    except ProtocolError as error:
        return str(error)

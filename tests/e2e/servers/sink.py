"""A small real SMTP or LMTP server that keeps exactly the bytes it is given, and can be told to misbehave."""

from __future__ import annotations

import contextlib
import re
import socket
import socketserver
import threading
import time
from dataclasses import dataclass, field
from typing import Self

END = b"\r\n.\r\n"


@dataclass
class Mail:
    """``data`` as before dot-stuffing, with the CRLF that ends its last line."""

    helo: bytes = b""
    sender: bytes = b""
    sender_args: bytes = b""
    recipients: list[bytes] = field(default_factory=list)
    recipient_args: list[bytes] = field(default_factory=list)
    data: bytes = field(default=b"", repr=False)
    xforward: bytes = b""


class Sink:
    """Misbehaviour, set before or between messages, by verb ("EHLO", "MAIL", "RCPT", "DATA", "." for the end of
    data): ``delay`` seconds before the reply, ``refuse`` with a reply line, ``drop`` the connection instead of a
    reply (at "." the message is kept before: the sender cannot know)."""

    def __init__(self, *, lmtp: bool = False, port: int = 0, extensions: tuple[bytes, ...] | None = None) -> None:
        self.lmtp = lmtp
        self.extensions = extensions if extensions is not None else EXTENSIONS
        self.mails: list[Mail] = []
        self.delay: dict[str, float] = {}
        self.refuse: dict[str, bytes] = {}
        self.drop: set[str] = set()
        self.connections = 0
        self._changed = threading.Condition()
        self._server = _Server(("127.0.0.1", port), _Session)
        self._server.sink = self
        self.port: int = self._server.server_address[1]
        self.address = f"127.0.0.1:{self.port}"
        self.transport = f"lmtp:inet:127.0.0.1:{self.port}" if lmtp else f"smtp:[127.0.0.1]:{self.port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.close_all()

    def keep(self, mail: Mail) -> None:
        with self._changed:
            self.mails.append(mail)
            self._changed.notify_all()

    def wait(self, count: int, seconds: float = 30) -> list[Mail]:
        """Until ``count`` messages are here; returns all."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.mails) >= count, seconds):
                raise TimeoutError(f"{len(self.mails)} of {count} messages after {seconds} s")
            return list(self.mails)


EXTENSIONS = (
    b"PIPELINING",
    b"8BITMIME",
    b"SMTPUTF8",
    b"SIZE",
    b"ENHANCEDSTATUSCODES",
    b"DSN",
    b"CHUNKING",
    b"XFORWARD NAME ADDR PORT PROTO HELO SOURCE",
)
_PATH = re.compile(rb"(?:FROM|TO):\s*<([^>]*)>\s*(.*)", re.IGNORECASE)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128
    sink: Sink

    def __init__(self, *args: object) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*args)  # type: ignore[arg-type]

    def process_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        self._open.add(request)
        super().process_request(request, client_address)  # type: ignore[arg-type]

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        self._open.discard(request)
        super().shutdown_request(request)

    def close_all(self) -> None:
        for request in list(self._open):
            with contextlib.suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)
        self.server_close()  # joins nothing: threads are daemons and their sockets are shut


class _Dropped(Exception):
    pass


class _Session(socketserver.BaseRequestHandler):
    server: _Server

    def setup(self) -> None:
        self.sink = self.server.sink
        self.sink.connections += 1
        self.buffer = bytearray()
        self.mail = Mail()
        self.helo = b""
        self.xforward = b""
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def handle(self) -> None:
        with contextlib.suppress(_Dropped, ConnectionError, OSError):
            self.request.sendall(b"220 sink.example.test ESMTP\r\n")
            while self._command(self._line()):
                pass

    # ------------------------------------------------------------------------ bytes

    def _fill(self) -> None:
        data = self.request.recv(2**18)
        if not data:
            raise _Dropped
        self.buffer += data

    def _line(self) -> bytes:
        while (end := self.buffer.find(b"\r\n")) < 0:
            self._fill()
        return self._cut(end + 2)[:-2]

    def _cut(self, count: int) -> bytes:
        while len(self.buffer) < count:
            self._fill()
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def _reply(self, verb: str, reply: bytes) -> bool:
        """Whether it went as it should."""
        sink = self.sink
        if delay := sink.delay.get(verb):
            time.sleep(delay)
        if verb in sink.drop:
            raise _Dropped
        refusal = sink.refuse.get(verb)
        self.request.sendall((refusal or reply) + b"\r\n")
        return refusal is None

    # ------------------------------------------------------------------------ commands

    def _command(self, line: bytes) -> bool:
        verb = line.split(b" ", 1)[0].upper().decode("ascii", "replace")
        rest = line[len(verb) + 1 :]
        match verb:
            case "EHLO" | "LHLO" | "HELO":
                self.helo = rest
                extensions = self.sink.extensions if verb != "HELO" else ()
                self._reply("EHLO", b"".join(b"250-%s\r\n" % each for each in extensions) + b"250 sink.example.test")
            case "MAIL" | "RCPT":
                self._envelope(verb, rest)
            case "DATA":
                self._data()
            case "BDAT":
                self._bdat(rest)
            case "RSET":
                self.mail = Mail()
                self._reply(verb, b"250 2.0.0 ok")
            case "XFORWARD":
                self.xforward = (self.xforward + b" " + rest).strip()
                self._reply(verb, b"250 2.0.0 ok")
            case "QUIT":
                self._reply(verb, b"221 2.0.0 bye")
                return False
            case "NOOP":
                self._reply(verb, b"250 2.0.0 ok")
            case _:
                self._reply(verb, b"500 5.5.2 unknown command")
        return True

    def _envelope(self, verb: str, rest: bytes) -> None:
        found = _PATH.match(rest)
        if found is None:
            self._reply(verb, b"501 5.5.4 syntax")
        elif self._reply(verb, b"250 2.1.0 ok"):
            if verb == "MAIL":
                self.mail = Mail(self.helo, found[1], found[2], xforward=self.xforward)
            else:
                self.mail.recipients.append(found[1])
                self.mail.recipient_args.append(found[2])

    def _data(self) -> None:
        if not self.mail.recipients:
            self._reply("NONE", b"503 5.5.1 no valid recipients")
            return
        if not self._reply("DATA", b"354 go on"):
            return
        self.buffer[:0] = b"\r\n"  # so that a dot on the first line is at the start of a line as well
        seen = 0
        while (end := self.buffer.find(END, seen)) < 0:
            seen = max(0, len(self.buffer) - len(END))
            self._fill()
        stuffed = self._cut(end + len(END))[: -len(END) + 2]
        self.mail.data = stuffed.replace(b"\r\n..", b"\r\n.")[2:]
        self._finish()

    def _bdat(self, rest: bytes) -> None:
        """RFC 3030 section 2."""
        size, _, last = rest.partition(b" ")
        self.mail.data += self._cut(int(size))
        if last.strip().upper() == b"LAST":
            self._finish()
        else:
            self._reply("BDAT", b"250 2.0.0 ok")

    def _finish(self) -> None:
        mail, self.mail = self.mail, Mail()
        if "." not in self.sink.refuse:
            self.sink.keep(mail)
        for _ in mail.recipients if self.sink.lmtp else (None,):  # RFC 2033 section 4.2: one reply for each
            self._reply(".", b"250 2.0.0 kept")

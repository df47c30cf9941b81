"""One worker as the pool's event loop sees it: its socket, its process and what it is busy with."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable

from lazaretto.workers import wire
from lazaretto.workers.ticket import Cause, Loss, Ticket

ANSWER_EXTRA = 64 << 20  # bytes an answer may be long besides twice the message


class Handle:
    """``fate``: why we killed it; ``dismissed``: we killed it because we no longer need it."""

    def __init__(self, serial: int, sock: socket.socket, heard: Callable[[Handle], None]) -> None:
        self.serial = serial
        self.pid = 0
        self.resident = 0  # bytes, when it was new; 0: the sandbox is not closed yet
        self.requests = 0
        self.ticket: Ticket | None = None
        self.fate: Loss | None = None
        self.dismissed = False
        self.most = ANSWER_EXTRA
        self._sock: socket.socket | None = sock
        self._pidfd = -1
        self._timer: asyncio.TimerHandle | None = None
        self._heard = heard
        self._left = -1.0  # seconds of the deadline, while it waits; below 0: it does not
        self._chunks: list[bytes] = []
        self._size = 0  # of the chunks
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(sock.fileno(), heard, self)

    @property
    def ready(self) -> bool:
        """Both have told us: the nursery which process it is, the process that its sandbox is closed."""
        return self.resident > 0 and self._pidfd >= 0

    def born(self, pid: int, pidfd: int) -> None:
        self.pid, self._pidfd = pid, pidfd
        if not self._sock:  # given up meanwhile
            self._shoot()

    def work(self, ticket: Ticket, deadline: float) -> None:
        """Hands the ticket over and lets it run for ``deadline`` seconds.  Raises OSError."""
        if not self._sock:
            raise BrokenPipeError
        wire.send_request(self._sock, ticket.request, ticket.raw)
        self.ticket = ticket
        self._timer = self._loop.call_later(deadline, self._expire, deadline)

    def rest(self) -> Ticket | None:
        """It has answered, or will not: takes the ticket away from it."""
        ticket, self.ticket = self.ticket, None
        self.requests += ticket is not None
        self._stop_timer()
        return ticket

    def hear(self, buffer: bytearray) -> wire.Reply | None:
        """A reply once it is complete.  Raises EOFError when the worker hung up, and anything at all when it sent
        what is no reply: an exploit may be speaking."""
        if not self._sock:
            return None
        try:
            count = self._sock.recv_into(buffer)
        except BlockingIOError:
            return None
        except OSError:
            count = 0
        if not count:
            raise EOFError
        chunk, last = wire.split_chunk(memoryview(buffer)[:count])
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size > self.most + 2 * (len(self.ticket.raw) if self.ticket else 0):
            raise ValueError("it has no end")
        if not last:
            return None
        data = b"".join(self._chunks)
        self._chunks, self._size = [], 0
        reply: wire.Reply = wire.decode_reply(data)
        return reply

    def wait(self) -> None:
        """Hears nothing more of it, so that it stops when its socket is full; the clock stops too, until ``go_on``."""
        if self._sock and self._left < 0:
            self._loop.remove_reader(self._sock.fileno())
            self._left = max(self._timer.when() - self._loop.time(), 0.0) if self._timer else 0.0
            self._stop_timer()

    def go_on(self) -> None:
        left, self._left = self._left, -1.0
        if self._sock and left >= 0:
            self._loop.add_reader(self._sock.fileno(), self._heard, self)
            if self.ticket:
                self._timer = self._loop.call_later(left, self._expire, left)

    def kill(self, fate: Loss | None = None) -> None:
        """Without a fate, how the process ended will tell."""
        self.fate = self.fate or fate
        self._hang_up()
        self._shoot()

    def close(self) -> None:
        """The process has ended."""
        self._hang_up()
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1

    def _expire(self, deadline: float) -> None:
        self.kill(Loss(Cause.DEADLINE, f"took more than {deadline:g} seconds"))

    def _hang_up(self) -> None:
        self._stop_timer()
        if self._sock:
            self._loop.remove_reader(self._sock.fileno())
            self._sock.close()
            self._sock = None

    def _shoot(self) -> None:
        if self._pidfd >= 0:
            with contextlib.suppress(ProcessLookupError):  # it was quicker
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

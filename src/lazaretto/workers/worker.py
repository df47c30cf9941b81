"""The life of one worker: close the sandbox, then take requests, one at a time, until the pool hangs up.

It lives in a process forked from the nursery, so all that was loaded there is shared with its siblings.
"""

from __future__ import annotations

import os
import socket
from typing import NoReturn, Protocol

import msgspec

from lazaretto.inspection import Hand
from lazaretto.model import Envelope, Inspection, Preview, Treatment, Verdict
from lazaretto.results import recall
from lazaretto.workers import sandbox, wire


class Task(Protocol):
    """What a job factory makes out of a configuration.  Made in the nursery, used in the workers."""

    @property
    def version(self) -> str:
        """Names the patterns it works with."""

    def describe(self) -> tuple[str, ...]:
        """What it has loaded: one line for each set of patterns, with what was refused."""

    def libraries(self) -> tuple[str, ...]:
        """What it uses of the system: one line for each, absent ones as well."""

    def inspect(
        self,
        raw: bytes,
        envelope: Envelope | None,
        name: str,
        words: tuple[str, ...] = (),
        hand: Hand | None = None,
    ) -> Inspection:
        """``hand`` takes what another program is to judge."""

    def treat(self, raw: bytes, verdict: Verdict, inspection: Inspection) -> Treatment: ...

    def preview(self, raw: bytes) -> Preview: ...


def live(sock: socket.socket, task: Task, limits: sandbox.Limits, parent: int) -> NoReturn:
    """Never returns: the process ends with exit code 0 when the pool closes its end, 1 when something is wrong."""
    code = 1
    try:
        statm = _isolate(sock)
        lines = sandbox.apply(limits, parent)
        wire.send_reply(sock, wire.encode(wire.Ready(_resident(statm), lines)))
        _serve(sock, task, statm)
        code = 0
    finally:
        os._exit(code)


def _isolate(sock: socket.socket) -> int:
    """Leaves open the socket, the file that tells our own size, and /dev/null as standard streams: what a worker
    prints could be somebody's mail or an attack on a terminal."""
    statm = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for stream in range(3):
        os.dup2(null, stream)
    start = 3
    for keep in sorted((sock.fileno(), statm)):
        os.closerange(start, keep)
        start = keep + 1
    os.closerange(start, os.sysconf("SC_OPEN_MAX"))
    os.chdir("/")
    return statm


def _resident(statm: int) -> int:
    return sandbox.sizes(os.pread(statm, 128, 0))[1]


def _serve(sock: socket.socket, task: Task, statm: int) -> None:
    buffer = bytearray(2 * wire.INLINE)
    while received := wire.receive_request(sock, buffer):
        reply = _answer(task, *received, statm, lambda *thing: wire.send_reply(sock, wire.hand(*thing)))
        del received  # the message's memory is free before the next one comes
        wire.send_reply(sock, reply)


def _answer(task: Task, request: wire.Request, raw: bytes, statm: int, hand: Hand) -> bytes:
    """Never raises: what the task raises is an answer as well."""
    results = recall.of(task)
    try:
        result = msgspec.Raw(wire.encode(_perform(task, request, raw, hand)))
        return wire.encode(wire.Answer(_resident(statm), result, results.take() if results else recall.News()))
    except MemoryError:
        return wire.encode(wire.Failure(_resident(statm), True, "ran out of memory (workers.memory)"))
    except BaseException as error:  # noqa: BLE001 - some engines' panics are no Exception (yara-x)
        return wire.encode(
            wire.Failure(_resident(statm), False, wire.clean(f"raised {type(error).__name__}: {error}"[:500]))
        )
    finally:
        if results:
            results.take()  # nobody hears what a worker found before it failed


def _perform(task: Task, request: wire.Request, raw: bytes, hand: Hand) -> Inspection | Treatment | Preview:
    match request:
        case wire.Inspect(envelope, name, words):
            return task.inspect(raw, envelope, name, words, hand)
        case wire.Treat(verdict, inspection):
            return task.treat(raw, verdict, inspection)
        case wire.Look():
            return task.preview(raw)

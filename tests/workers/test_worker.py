from __future__ import annotations

import os
import socket

import pytest

from lazaretto.model import Envelope, Inspection, Preview, Properties, Treatment, Verdict
from lazaretto.workers import sandbox, wire, worker


class Patient:
    """A task that says which descriptors it can see, and raises what it is asked to."""

    version = "1"

    def describe(self) -> tuple[str, ...]:
        return ()

    def libraries(self) -> tuple[str, ...]:
        return ()

    def inspect(
        self, raw: bytes, envelope: Envelope | None, name: str, words: tuple[str, ...] = (), hand: object = None
    ) -> Inspection:
        if raw == b"memory":
            raise MemoryError
        if raw == b"exit":
            raise SystemExit(0)
        return Inspection(Properties(subject=" ".join(map(str, open_descriptors()))), (), (), name)

    def treat(self, raw: bytes, verdict: Verdict, inspection: Inspection) -> Treatment:
        return Treatment(raw * 3)

    def preview(self, raw: bytes) -> Preview:
        raise ValueError("\ud800" + "x" * 10_000)


def open_descriptors() -> list[int]:
    found = []
    for fd in range(200):
        try:
            os.fstat(fd)
        except OSError:
            continue
        found.append(fd)
    return found


class Running:
    """A worker in a forked process, without a nursery."""

    def __init__(self) -> None:
        self.sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            worker.live(theirs, Patient(), sandbox.Limits(256 << 20), parent)
        theirs.close()
        self.ready = self.hear()

    def hear(self) -> wire.Reply:
        data, last = b"", False
        while not last:
            chunk, last = wire.split_chunk(memoryview(self.sock.recv(wire.CHUNK + 1)))
            data += chunk
        reply: wire.Reply = wire.decode_reply(data)
        return reply

    def ask(self, request: wire.Request, raw: bytes) -> wire.Reply:
        wire.send_request(self.sock, wire.encode(request), raw)
        return self.hear()

    def end(self) -> int:
        self.sock.close()
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture
def running() -> Running:
    return Running()


def test_it_keeps_nothing_open_but_its_socket_and_its_size(running: Running) -> None:
    assert isinstance(running.ready, wire.Ready)
    assert running.ready.resident > 1 << 20
    reply = running.ask(wire.Inspect(None, "n"), b"")
    assert isinstance(reply, wire.Answer)
    seen = wire.decode_inspection(reply.result).properties.subject.split()
    assert seen[:3] == ["0", "1", "2"]
    assert len(seen) == 5
    assert running.end() == 0


def test_what_the_task_raises_is_an_answer_and_the_worker_goes_on(running: Running) -> None:
    memory = running.ask(wire.Inspect(None, ""), b"memory")
    assert isinstance(memory, wire.Failure)
    assert memory.memory
    leaving = running.ask(wire.Inspect(None, ""), b"exit")
    assert isinstance(leaving, wire.Failure)
    assert leaving.detail == "raised SystemExit: 0"
    long = running.ask(wire.Look(), b"")
    assert isinstance(long, wire.Failure)
    assert len(long.detail) == 500
    assert running.end() == 0


def test_a_large_result_comes_whole(running: Running) -> None:
    raw = os.urandom(2_000_000)
    verdict = Verdict("r", (), (), (), "Because.")
    reply = running.ask(wire.Treat(verdict, Inspection(Properties(), (), (), "1")), raw)
    assert isinstance(reply, wire.Answer)
    assert wire.decode_treatment(reply.result).raw == raw * 3
    assert running.end() == 0


def test_a_request_that_is_none_ends_it(running: Running) -> None:
    running.sock.send(b"\5\0\0\0junk!")
    assert running.sock.recv(100) == b""
    assert running.end() == 1

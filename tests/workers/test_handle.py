from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys

import pytest

from lazaretto.workers import handle, wire
from lazaretto.workers.handle import Handle
from lazaretto.workers.ticket import Cause, Loss, Ticket


def ticket(raw: bytes = b"raw") -> Ticket:
    answer = asyncio.get_running_loop().create_future()
    return Ticket(1, 0, wire.encode(wire.Inspect(None, "x")), raw, bytes, "label", answer)


def pair() -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    return ours, theirs


def test_a_request_goes_and_a_reply_in_pieces_comes() -> None:
    async def check() -> None:
        ours, theirs = pair()
        heard: list[Handle] = []
        worker = Handle(1, ours, heard.append)
        buffer = bytearray(wire.CHUNK + 1)
        with theirs:
            worker.work(ticket(), 5)
            assert wire.receive_request(theirs, bytearray(4096)) == (wire.Inspect(None, "x"), b"raw")
            theirs.send(b"\0" + (reply := wire.encode(wire.Failure(1, False, "why")))[:3])
            assert worker.hear(buffer) is None
            theirs.send(b"\1" + reply[3:])
            assert worker.hear(buffer) == wire.Failure(1, False, "why")
            assert worker.hear(buffer) is None  # nothing is there
            await asyncio.sleep(0.01)
            assert worker.rest() is not None
            assert (worker.requests, worker.rest(), worker.requests) == (1, None, 1)
        with pytest.raises(EOFError):
            worker.hear(buffer)
        worker.close()

    asyncio.run(check())


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handle, "ANSWER_EXTRA", 1000)

    async def check() -> None:
        ours, theirs = pair()
        worker = Handle(1, ours, lambda _: None)
        with theirs:
            buffer = bytearray(wire.CHUNK + 1)
            for _ in range(5):
                theirs.send(b"\0" + bytes(250))
            assert [worker.hear(buffer) for _ in range(4)] == [None] * 4
            with pytest.raises(ValueError, match="no end"):
                worker.hear(buffer)
        worker.close()

    asyncio.run(check())


def test_given_up_before_its_process_is_known() -> None:
    """The nursery's word may come later than the worker's end: the process is killed then."""

    async def check() -> None:
        ours, theirs = pair()
        theirs.close()
        worker = Handle(1, ours, lambda _: None)
        worker.kill(Loss(Cause.DEADLINE, "late"))
        worker.kill(Loss(Cause.CRASHED, "a later reason does not count"))
        assert worker.fate == Loss(Cause.DEADLINE, "late")
        with pytest.raises(BrokenPipeError):
            worker.work(ticket(), 5)
        with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
            worker.born(process.pid, os.pidfd_open(process.pid))
            assert process.wait(10) == -signal.SIGKILL
        worker.close()
        assert worker.pid == process.pid

    asyncio.run(check())


def test_the_deadline_kills() -> None:
    async def check() -> None:
        ours, theirs = pair()
        worker = Handle(1, ours, lambda _: None)
        worker.work(ticket(), 0.01)
        await asyncio.sleep(0.05)
        assert worker.fate == Loss(Cause.DEADLINE, "took more than 0.01 seconds")
        theirs.recv(1000)
        assert theirs.recv(1000) == b""  # hung up
        theirs.close()

    asyncio.run(check())


def test_while_it_waits_nothing_is_heard_and_its_clock_stands_still() -> None:
    async def check() -> None:
        ours, theirs = pair()
        heard: list[Handle] = []
        worker = Handle(1, ours, heard.append)
        with theirs:
            worker.work(ticket(), 0.2)
            worker.wait()
            worker.wait()
            theirs.send(b"\1x")
            await asyncio.sleep(0.3)
            assert not heard
            assert worker.fate is None
            worker.go_on()
            worker.go_on()
            await asyncio.sleep(0.05)
            assert heard
            await asyncio.sleep(0.3)
            assert worker.fate
            assert worker.fate.cause is Cause.DEADLINE
            worker.go_on()
        worker.close()

    asyncio.run(check())

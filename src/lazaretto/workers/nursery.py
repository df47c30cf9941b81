"""The parent of the workers: ``python -m lazaretto.workers.nursery FD``.

Started fresh by the pool (never forked from the node, which has threads, sockets and keys), it loads the
configuration and the patterns once, and then forks a worker whenever the pool asks.  It never sees a message.
It ends when the pool closes its end of the control socket, and its workers end with it.
"""

from __future__ import annotations

import codecs
import contextlib
import encodings
import gc
import importlib
import os
import pickle
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lazaretto import config
from lazaretto.errors import ConfigError
from lazaretto.results import recall
from lazaretto.results.table import View
from lazaretto.workers import sandbox, wire, worker

_CONTROL_BUFFER = 4096  # a Spawn has a few bytes


def launch(loaded: config.Loaded, factory: str, results: int = -1) -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """Starts a nursery; gives the pool's end of its control socket, and its process.  Raises OSError.
    ``results``: descriptor of the table of results, if there is one.

    The configuration goes in a memory file as standard input, so that no side waits for the other to read."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        with theirs, open(wire.sealed(pickle.dumps((loaded, factory))), "rb") as order:
            order.seek(0)
            # -P: the working directory is no place to import from.
            fds = (theirs.fileno(), *([results] if results >= 0 else []))
            command = [sys.executable, "-P", "-m", __name__, *map(str, fds)]
            process = subprocess.Popen(  # noqa: S603 - all words of the command are ours
                command, stdin=order, stdout=subprocess.DEVNULL, pass_fds=fds, start_new_session=True
            )
    except BaseException:
        ours.close()
        raise
    ours.setblocking(False)
    return ours, process


@dataclass(slots=True)
class Child:
    serial: int
    pid: int
    pidfd: int


def main(arguments: list[str]) -> int:
    # Ctrl-C and a service manager's SIGTERM go to the whole group: the node alone decides when we end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    control = socket.socket(fileno=int(arguments[0]))
    try:
        loaded, factory = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by the node that started us
        task = _load(loaded, factory)
        for table in map(int, arguments[1:]):
            _share(task, table)
        _preload()
        gc.collect()
        gc.freeze()  # what is shared stays shared: the collector no longer writes into these objects
    except ConfigError as error:
        _send_sheet(control, wire.Refused(), wire.encode([wire.Flaw.of(problem) for problem in error.problems]))
        return 1
    except Exception as error:
        control.send(wire.encode(wire.Broken(wire.clean(f"{type(error).__name__}: {error}"[:2000]))))
        raise
    limits = sandbox.Limits(loaded.config.workers.memory << 20)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the pool is gone
        _announce(control, task)
        Nursery(control, lambda sock, parent: worker.live(sock, task, limits, parent)).serve()
    return 0


def _announce(control: socket.socket, task: worker.Task) -> None:
    stock = wire.Stock(
        tuple(wire.clean(line) for line in task.describe()), tuple(wire.clean(line) for line in task.libraries())
    )
    _send_sheet(control, wire.Loaded(task.version), wire.encode(stock))


def _send_sheet(control: socket.socket, report: wire.Report, content: bytes) -> None:
    """A report whose content may be longer than a packet."""
    sheet = wire.sealed(content)
    try:
        wire.send_with_fd(control, wire.encode(report), sheet)
    finally:
        os.close(sheet)


def _load(loaded: config.Loaded, factory: str) -> worker.Task:
    """``factory``: "package.module:Name", called with the configuration."""
    module, _, name = factory.partition(":")
    make: Callable[[config.Loaded], worker.Task] = getattr(importlib.import_module(module), name)
    return make(loaded)


def _share(task: worker.Task, table: int) -> None:
    """Mapped here, so that all workers have it; they could not open it."""
    if results := recall.of(task):
        results.share(View.open(table))
    os.close(table)


def _preload() -> None:
    """What the standard library would otherwise open when it is first used: in the sandbox that is too late."""
    for info in pkgutil.iter_modules(encodings.__path__):
        with contextlib.suppress(ImportError, LookupError):  # those of other operating systems
            codecs.lookup(info.name)
    time.tzset()
    time.localtime()
    with contextlib.suppress(ImportError, RuntimeError):  # libseccomp is missing: the sandbox will say so
        importlib.import_module("pyseccomp")


class Nursery:
    """Forks on request, reaps, reports."""

    def __init__(self, control: socket.socket, live: Callable[[socket.socket, int], Any]) -> None:
        self._control = control
        self._live = live
        self._children: dict[int, Child] = {}  # by pidfd
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)

    def serve(self) -> None:
        """Returns when the pool hangs up; no child is left then."""
        buffer = bytearray(_CONTROL_BUFFER)
        try:
            while True:
                for fd, _ in self._poll.poll():
                    if fd in self._children:
                        self._reap(self._children.pop(fd))
                    elif not self._take(buffer):
                        return
        finally:
            for child in self._children.values():
                os.kill(child.pid, signal.SIGKILL)
            for child in self._children.values():
                os.waitpid(child.pid, 0)

    def _take(self, buffer: bytearray) -> bool:
        count, fds = wire.receive_into(self._control, buffer)
        if not count:
            return False
        spawn = wire.decode_spawn(memoryview(buffer)[:count])
        self._spawn(spawn.serial, socket.socket(fileno=fds[0]))
        return True

    def _spawn(self, serial: int, sock: socket.socket) -> None:
        parent = os.getpid()
        with sock:
            try:
                pid = os.fork()
                if pid == 0:
                    self._live(sock, parent)
                    os._exit(1)
                pidfd = os.pidfd_open(pid)  # not reaped yet, so it cannot be another process
            except OSError as error:
                self._send(wire.Stillborn(serial, str(error)))
                return
        self._children[pidfd] = Child(serial, pid, pidfd)
        self._poll.register(pidfd, select.POLLIN)
        wire.send_with_fd(self._control, wire.encode(wire.Born(serial, pid)), pidfd)

    def _reap(self, child: Child) -> None:
        self._poll.unregister(child.pidfd)
        os.close(child.pidfd)
        _, status = os.waitpid(child.pid, 0)
        self._send(wire.Gone(child.serial, os.waitstatus_to_exitcode(status)))

    def _send(self, report: wire.Report) -> None:
        self._control.send(wire.encode(report))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

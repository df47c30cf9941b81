"""Jobs for the tests of the workers.  Each word in a message makes the worker do what a hostile mail might."""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lazaretto import config
from lazaretto.errors import ConfigError, Problem
from lazaretto.model import (
    Done,
    Envelope,
    Finding,
    Inspection,
    Kind,
    Outcome,
    Preview,
    Properties,
    Severity,
    Treatment,
    Verdict,
)
from lazaretto.testing import artifact


class Echo:
    """Says what it got: size and first bytes; obeys ``DO:word``."""

    def __init__(self, loaded: config.Loaded) -> None:
        self.version = f"echo of {loaded.config.hostname}"
        if loaded.config.hostname == "broken":
            raise ConfigError(
                Problem(loaded.file, 3, "one thing is wrong", "mend it"), Problem(None, None, "another as well")
            )
        if loaded.config.hostname == "bug":
            raise ZeroDivisionError("our bug")
        self.count = 0

    def describe(self) -> tuple[str, ...]:
        return tuple(f"set {number}: \udcff" for number in range(20_000))

    def libraries(self) -> tuple[str, ...]:
        return ("libfoo: in use (\udcff)",)

    def inspect(
        self, raw: bytes, envelope: Envelope | None, name: str, words: tuple[str, ...] = (), hand: object = None
    ) -> Inspection:
        assert type(raw) is bytes
        self.count += 1
        word = raw[3:40].split()[0].decode() if raw.startswith(b"DO:") else ""
        said = ATTEMPTS[word](raw) if word else raw[-20:].decode()
        finding = Finding("echo", name or "echo", Kind.CONTENT, Severity.LOW, evidence=(str(said), str(os.getpid())))
        recipients = envelope.recipients if envelope else ()
        return Inspection(Properties(size=len(raw), recipients=recipients), (), (finding,), self.version)

    def treat(self, raw: bytes, verdict: Verdict, inspection: Inspection) -> Treatment:
        if raw.startswith(b"DO:"):
            ATTEMPTS[raw[3:].split()[0].decode()](raw)
        return Treatment(raw[::-1], (Outcome(verdict.steps[0].action, Done.DONE, artifact=inspection.patterns),))

    def preview(self, raw: bytes) -> Preview:
        return Preview(Properties(size=len(raw)), (("Subject", "x"),), raw.decode(), False, ())


class Stillborn(Echo):
    """Loads well, and then kills every process that is forked from it."""

    def __init__(self, loaded: config.Loaded) -> None:
        super().__init__(loaded)
        os.register_at_fork(after_in_child=lambda: os._exit(3))


HOARD: list[bytearray] = []
SHARED: list[mmap.mmap] = []


def _grow(raw: bytes) -> str:
    HOARD.append(bytearray(int(raw.split()[1]) << 20))
    HOARD[-1][::4096] = bytes(len(HOARD[-1][::4096]))  # touched, so that it is there
    return "grown"


def _touch(raw: bytes) -> str:
    """As of a table that all workers share."""
    SHARED.append(mmap.mmap(-1, int(raw.split()[1]) << 20))
    SHARED[-1][::4096] = bytes(len(SHARED[-1][::4096]))
    return "touched"


def _segv(raw: bytes) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _exit(raw: bytes) -> None:
    os._exit(7)


def _loop(raw: bytes) -> None:
    while True:
        pass


def _sleep(raw: bytes) -> str:
    time.sleep(float(raw.split()[1]))
    return "slept"


def _hog(raw: bytes) -> None:
    hoard = []
    while True:
        hoard.append(bytearray(1 << 20))


def _native_hog(raw: bytes) -> None:
    """As a C++ library does: abort when an allocation fails."""
    if not ctypes.CDLL(None).malloc(ctypes.c_size_t(1 << 40)):
        os.abort()


def _recurse(raw: bytes) -> None:
    _recurse(raw)


def _panic(raw: bytes) -> None:
    raise BaseException("panic")


def _refused(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except Exception as error:  # noqa: BLE001 - whatever it is, the test shall see it
        return type(error).__name__ + ": " + str(error)[:60]
    return "done"


def _thread(raw: bytes) -> str:
    seen: list[int] = []
    thread = threading.Thread(target=seen.append, args=(1,))
    thread.start()
    thread.join()
    return str(seen)


def _execve(raw: bytes) -> None:
    os.execv("/bin/true", ["true"])


def _forge(raw: bytes) -> None:
    """An exploit has taken over and talks on the worker's socket."""
    for fd in range(3, 16):
        try:
            os.write(fd, b"\1\xc1\xff")
        except OSError:
            continue


def _flood(raw: bytes) -> None:
    for fd in range(3, 16):
        try:
            while True:
                os.write(fd, b"\0" + bytes(100_000))
        except OSError:
            continue


def _codecs(raw: bytes) -> str:
    return "".join(b"a".decode(name) for name in ("iso2022_jp", "gb18030", "cp037", "koi8_r", "utf_7", "shift_jis"))


ATTEMPTS: dict[str, Callable[[bytes], object]] = {
    "grow": _grow,
    "touch": _touch,
    "segv": _segv,
    "exit": _exit,
    "loop": _loop,
    "sleep": _sleep,
    "hog": _hog,
    "native-hog": _native_hog,
    "recurse": _recurse,
    "panic": _panic,
    "thread": _thread,
    "execve": _execve,
    "forge": _forge,
    "flood": _flood,
    "codecs": _codecs,
    "read": lambda raw: _refused(lambda: Path("/etc/passwd").read_text()),
    "write": lambda raw: _refused(lambda: Path("/tmp/lazaretto-test").write_text("x")),
    "list": lambda raw: _refused(lambda: os.listdir("/")),
    "socket": lambda raw: _refused(lambda: socket.create_connection(("127.0.0.1", 9))),
    "unix": lambda raw: _refused(lambda: socket.socket(socket.AF_UNIX)),
    "fork": lambda raw: _refused(os.fork),
    "run": lambda raw: _refused(lambda: subprocess.run(["/bin/true"])),
    "kill": lambda raw: _refused(lambda: os.kill(os.getppid(), 0)),
    "memfd": lambda raw: _refused(lambda: os.memfd_create("x")),
    "environ": lambda raw: _refused(lambda: Path("/proc/self/environ").read_text()),
    "print": lambda raw: print("somebody's mail", file=sys.stderr) or "printed",
}


class Hander(Echo):
    """Hands out what the message says, and what an exploit might."""

    def inspect(
        self, raw: bytes, envelope: Envelope | None, name: str, words: tuple[str, ...] = (), hand: Any = None
    ) -> Inspection:
        what, _, rest = raw.partition(b" ")
        engine = "icap" if what == b"other" else "clamd"
        for number in range(100_000 if what == b"flood" else 1):
            hand((engine,), (str(number),), artifact(rest, type="text/plain"))
        if what == b"crash":
            _segv(raw)
        return Inspection(Properties(size=len(raw)), (), (), self.version)

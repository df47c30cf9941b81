"""An unpacker that has been taken over: what it is told to do stands in the file it opens."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Member, Unpacker

MARK = b"HOSTILE "


class Hostile(Unpacker):
    name: ClassVar[str] = "hostile"
    types: ClassVar[frozenset[str]] = frozenset({"text/plain"})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        if not artifact.data.startswith(MARK):
            return
        word, *arguments = artifact.data[len(MARK) :].decode().split()
        native, word = word.startswith("native-"), word.removeprefix("native-")
        said = _in_thread(lambda: ATTEMPTS[word](*arguments)) if native else ATTEMPTS[word](*arguments)
        yield Member(("did it",), [f"done: {said}".encode()])


def _in_thread(work: Callable[[], object]) -> object:
    """As a native library does that works in threads of its own."""
    result: list[object] = []

    def run() -> None:
        try:
            result.append(work())
        except BaseException as error:  # noqa: BLE001 - to be raised where it is seen
            result.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if isinstance(result[0], BaseException):
        raise result[0]
    return result[0]


def _libc(name: str, *arguments: object) -> int:
    """A call past Python, which says EPERM as an exception like Python's own."""
    libc = ctypes.CDLL(None, use_errno=True)
    result = int(getattr(libc, name)(*arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _connect(port: str) -> object:
    return socket.create_connection(("127.0.0.1", int(port)), 1)


def _ptrace(pid: str) -> int:
    return _libc("ptrace", 16, int(pid), 0, 0)  # PTRACE_ATTACH


def _gigabytes() -> int:
    hoard = bytearray(4 << 30)
    hoard[::4096] = bytes(len(hoard[::4096]))
    return len(hoard)


def _fork() -> int:
    while True:
        os.fork()


def _threads() -> int:
    stop, count = threading.Event(), 0
    try:
        while count < 100_000:
            threading.Thread(target=stop.wait, daemon=True).start()
            count += 1
    finally:
        stop.set()
    return count


def _loop() -> None:
    while True:
        pass


def _native_loop() -> None:
    libc = ctypes.PyDLL(None)  # the GIL stays taken: no other thread of Python gets a turn
    libc.pause.restype = None
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
    while True:
        libc.sched_yield()


def _segfault() -> bytes:
    return ctypes.string_at(8)


ATTEMPTS: dict[str, Callable[..., object]] = {
    "socket": _connect,
    "unix": lambda path: socket.socket(socket.AF_UNIX).connect(path),
    "write": lambda path: Path(path).write_bytes(b"x"),
    "shadow": lambda: Path("/etc/shadow").read_bytes(),
    "list": lambda: os.listdir("/"),
    "exec": lambda: os.execv("/bin/true", ["true"]),
    "run": lambda: subprocess.run(["/bin/true"], check=True),
    "ptrace": _ptrace,
    "memory-of": lambda pid: Path(f"/proc/{pid}/mem").read_bytes(),
    "kill": lambda pid: os.kill(int(pid), signal.SIGKILL),
    "fork": _fork,
    "threads": _threads,
    "gigabytes": _gigabytes,
    "loop": _loop,
    "gil-loop": _native_loop,
    "segfault": _segfault,
    "exit": lambda: os._exit(0),
}

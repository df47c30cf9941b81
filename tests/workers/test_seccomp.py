from __future__ import annotations

import mmap
import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from lazaretto.workers import sandbox, seccomp

pytest.importorskip("pyseccomp", reason="libseccomp is missing", exc_type=RuntimeError)

InChild = Callable[[Callable[[], object]], str]


def fenced(work: Callable[[], object]) -> Callable[[], object]:
    def run() -> object:
        sandbox._prctl(38, 1)  # no_new_privs
        seccomp.restrict()
        return work()

    return run


@pytest.mark.parametrize(
    "work",
    [
        lambda: Path("/etc/passwd").read_text(),
        lambda: Path("/tmp/lazaretto-seccomp").write_text("x"),
        socket.socket,
        lambda: socket.socket(socket.AF_UNIX),
        socket.socketpair,
        os.fork,
        lambda: os.kill(os.getppid(), 0),
        lambda: os.memfd_create("x"),
        lambda: os.mkdir("/tmp/lazaretto-seccomp-d"),
        lambda: os.unlink("/tmp/lazaretto-none"),
        lambda: os.symlink("a", "/tmp/lazaretto-seccomp-l"),
    ],
)
def test_refused(in_child: InChild, work: Callable[[], object]) -> None:
    assert in_child(fenced(work)).startswith("PermissionError: [Errno 1]")


@pytest.mark.parametrize(
    "work",
    [
        lambda: os.execv("/bin/true", ["true"]),
        lambda: sandbox._libc().ptrace(0, 0, 0, 0),
        lambda: sandbox._libc().unshare(sandbox._CLONE_NEWUSER),
        lambda: os.setuid(0),
    ],
)
def test_killed(in_child: InChild, work: Callable[[], object]) -> None:
    assert in_child(fenced(work)) == f"exit -{signal.SIGSYS.value}"


def test_a_thread_can_be_made_and_memory_had(in_child: InChild) -> None:
    def work() -> str:
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        with mmap.mmap(-1, 1 << 20) as memory:
            memory[0] = 1
        return "done"

    assert in_child(fenced(work)) == "done"


def test_a_worker_can_abort_itself(in_child: InChild) -> None:
    assert in_child(fenced(os.abort)) == f"exit -{signal.SIGABRT.value}"


def test_what_is_open_can_be_used(in_child: InChild) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert in_child(fenced(lambda: theirs.send(b"hello"))) == "5"
        assert ours.recv(10) == b"hello"


def test_no_call_is_both_allowed_and_killed() -> None:
    assert not set(seccomp.ALLOWED) & set(seccomp.KILLED)


def test_every_name_is_known_to_libseccomp() -> None:
    """Else a slip of the pen would be a refusal; of the newest calls an older library may not know some."""
    from pyseccomp import Arch, resolve_syscall

    unknown = {name for name in [*seccomp.ALLOWED, *seccomp.KILLED] if resolve_syscall(Arch.NATIVE, name) == -1}
    assert unknown <= {"futex_waitv", "process_madvise"}

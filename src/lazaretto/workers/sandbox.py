"""What a worker gives up before it sees the first hostile byte.

Several fences, each of which would do alone for most attacks: a kernel without one of them still has the others,
and ``apply`` says in one plain line for each what is in force and what is not, and why.  Everything is imported
and loaded before: afterwards no file can be opened, not even to read.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lazaretto.workers import landlock, seccomp

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_CAPABILITY_VERSION_3 = 0x20080522  # linux/capability.h

NOBODY = 65534  # the kernel's overflow user and group: owns nothing
OPEN_FILES = 32


@dataclass(frozen=True, slots=True)
class Limits:
    """``memory``: bytes of address space above what the process has when the sandbox closes."""

    memory: int


def apply(limits: Limits, parent: int) -> tuple[str, ...]:
    """Closes the sandbox around this process; there is no way back.  One line for each protection.

    ``parent``: process id of whoever forked us; when it has gone meanwhile, so do we.
    The order matters: rights are needed to give up others, and seccomp comes last as it forbids all of this."""
    _die_first()
    fences: tuple[tuple[str, Callable[[], str]], ...] = (
        ("limits", lambda: _limit(limits)),
        ("network namespace", _leave_network),
        ("user", _become_nobody),
        ("privileges", _give_up_privileges),
        ("landlock", lambda: f"in force (ABI {landlock.restrict()})"),
        ("seccomp", _filter_calls),
    )
    lines = []
    for name, close in fences:
        try:
            lines.append(f"{name}: {close()}")
        except (OSError, ImportError, RuntimeError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            lines.append(f"{name}: not available: {reason}")
        if name == "user":
            _die_with(parent)  # a change of user forgets it, so it comes after
    return tuple(lines)


def pages() -> tuple[int, int]:
    """Bytes of address space and of resident memory of this process, without what it shares."""
    with Path("/proc/self/statm").open("rb") as statm:
        return sizes(statm.read())


def sizes(statm: bytes) -> tuple[int, int]:
    """The same from the text of /proc/PID/statm (proc(5))."""
    total, resident, shared = map(int, statm.split()[:3])
    return total * resource.getpagesize(), (resident - shared) * resource.getpagesize()


# ---------------------------------------------------------------------------- the fences


def _die_first() -> None:
    """When the machine runs out of memory, the kernel takes a worker and not the mail server."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800")


def _limit(limits: Limits) -> str:
    memory = pages()[0] + limits.memory
    wanted = (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),  # a core file would hold somebody's mail
        (resource.RLIMIT_FSIZE, 0),  # nothing is written, not even to memory files (Python ignores SIGXFSZ)
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    )
    for which, value in wanted:
        hard = resource.getrlimit(which)[1]
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (most, most))
    return f"in force ({limits.memory >> 20} MiB of memory, {OPEN_FILES} open files, no file is written, no core)"


def _leave_network() -> str:
    """A network of its own with nothing in it.  Without root it takes a user namespace of its own as well."""
    flags = _CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWUSER | _CLONE_NEWNET
    _checked(_libc().unshare(ctypes.c_int(flags)))
    return "in force (empty)"


def _become_nobody() -> str:
    if os.geteuid() != 0:
        return "in force (was not root)"
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    return f"in force (uid {NOBODY} in place of root)"


def _give_up_privileges() -> str:
    """No capabilities (a user namespace gives them all), none to be had by exec, nobody may trace us."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    none = (ctypes.c_uint32 * 6)()
    _checked(_libc().capset(header, none))
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    _prctl(_PR_SET_DUMPABLE, 0)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    return "in force (no capabilities, no_new_privs, not traceable)"


def _filter_calls() -> str:
    try:
        seccomp.restrict()
    except (OSError, ImportError, RuntimeError):
        # Without the filter this is what keeps the worker from starting processes (it costs threads too).
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
        raise
    return f"in force ({len(seccomp.ALLOWED)} system calls allowed)"


def _die_with(parent: int) -> None:
    with contextlib.suppress(OSError):
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked to be told
        os._exit(1)


def _prctl(option: int, value: int) -> None:
    _checked(_libc().prctl(ctypes.c_int(option), *(ctypes.c_ulong(each) for each in (value, 0, 0, 0))))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> None:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))

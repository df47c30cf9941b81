"""Who runs under whom, read from /proc; and an end for one of them."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path


def children(pid: int) -> list[int]:
    """Of any thread of it, oldest first; those that have ended but were not waited for are left out."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):  # gone meanwhile
                state, parent = (folder / "stat").read_text().rpartition(") ")[2].split()[:2]
                if int(parent) == pid and state != "Z":
                    found.append(int(folder.name))
    return sorted(found)


def descendants(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        below = children(waiting.pop())
        found += below
        waiting += below
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def command(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return []


def roles(up: int) -> dict[str, list[int]]:
    """The processes under a ``lazaretto up``, by what they are."""
    found: dict[str, list[int]] = {"node": [], "console": [], "nursery": [], "worker": []}
    for pid in children(up):
        for role in ("node", "console"):
            if role in command(pid):
                found[role].append(pid)
    for node in found["node"]:
        found["nursery"] += children(node)
    for nursery in found["nursery"]:
        found["worker"] += children(nursery)
    return found


def kill(pid: int) -> None:
    assert pid > 0, "0 and below are groups of processes, our own among them"
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)

"""Rules for all tests: unit tests reach no network, nothing is written outside the test's own folder."""

from __future__ import annotations

import ipaddress
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback and Unix sockets only: a test that needs another host is wrong."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not ipaddress.ip_address(address[0]).is_loopback:
            raise RuntimeError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _known_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is found in any test, a finding of ours is what the catalogue says of its name."""
    inspection = sys.modules.get("lazaretto.inspection")
    if inspection is None:
        return
    from lazaretto.findings import catalogue

    say = inspection._Run.say

    def checked(self: Any, findings: Any) -> None:
        found = tuple(findings)
        for finding in found:
            entry = catalogue.find(finding.name)
            if entry is None and finding.source not in ("unpack", "names", "macros", "documents", "scripts", "urls"):
                continue  # rules and signatures are named by those who write them; engines of tests by tests
            assert entry, f"{finding.name} is not in catalogue.toml"
            assert entry.covers(finding), f"catalogue.toml says otherwise of {finding}"
        say(self, found)

    monkeypatch.setattr(inspection._Run, "say", checked)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB, to be filled up."""
    if os.geteuid():
        pytest.skip("only root can mount a tmpfs")
    folder = tmp_path / "tiny"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def anyio_backend() -> str:
    """Tests may be coroutines; they run on asyncio."""
    return "asyncio"

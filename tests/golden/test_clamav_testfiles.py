"""Debian's clamav-testfiles: one little program in 44 wrappings.  One signature of the program has to find it, or what
hides it has to be stopped by the default policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from lazaretto import config, plugin
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.unpack import tree
from lazaretto.unpack.limits import Budget

FILES = sorted(Path("/usr/share/clamav-testfiles").iterdir())
# Of the program's code, from its entry point on: what a packer leaves as it is.
SIGNATURE = bytes.fromhex("bb71104000 33c0 50 50 8bf3 53 53 50 b029 403004 66ac 79f9 ba3100 780d ad 50 ff6670")
FOUND, STOPPED = 43, 44  # PESpin looks for more of Windows than the small processor has
HELD = frozenset({Kind.LIMIT, Kind.FAILED})  # kinds that the default policy holds or puts off


@pytest.fixture(scope="module")
def results() -> dict[str, tuple[bool, bool]]:
    """For each file: found, and found or stopped."""
    unpackers = plugin.build(config.load(None, {}), "unpack", plugin.Unpacker)  # type: ignore[type-abstract]
    told = {}
    for file in FILES:
        things = list(tree.explode(file.read_bytes(), (file.name,), Budget(config.Unpack()), unpackers))
        found = any(isinstance(thing, Artifact) and SIGNATURE in thing.data for thing in things)
        findings = [thing for thing in things if isinstance(thing, Finding)]
        assert not [finding for finding in findings if finding.name == "unpack.crashed"], file
        held = any(each.kind in HELD and each.severity >= Severity.LOW for each in findings)
        told[file.name] = (found, found or held)
    return told


def test_the_package_is_there() -> None:
    assert len(FILES) == 44


def test_found(results: dict[str, tuple[bool, bool]]) -> None:
    missed = sorted(name for name, (found, _) in results.items() if not found)
    assert len(results) - len(missed) >= FOUND, missed


def test_found_or_stopped(results: dict[str, tuple[bool, bool]]) -> None:
    passed = sorted(name for name, (_, stopped) in results.items() if not stopped)
    assert len(results) - len(passed) >= STOPPED, passed

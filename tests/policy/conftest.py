"""Envelopes, inspections and the built-in document for the tests of policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lazaretto import config, plugin
from lazaretto.model import (
    Address,
    ArtifactSummary,
    Can,
    Direction,
    Envelope,
    Finding,
    Inspection,
    Kind,
    Properties,
    Severity,
)
from lazaretto.plugin import Action
from lazaretto.policy.document import Document, parse

GATEWAY = Can.REPORT | Can.REJECT | Can.REPLACE | Can.DELETE | Can.HOLD | Can.SPLIT
MILTER = GATEWAY & ~Can.SPLIT


@pytest.fixture(scope="session")
def actions() -> dict[str, Action]:
    built = plugin.build(config.load(None, {}), "actions", Action)
    return {action.name: action for action in built}


@pytest.fixture(scope="session")
def read(actions: dict[str, Action]) -> Callable[[str], Document]:
    """A document from its rules alone."""
    return lambda text: parse(f'version = "test"\n{text}', actions)


class Make:
    """The things that verdicts are made of, in one short call each."""

    gateway, milter = GATEWAY, MILTER

    @staticmethod
    def to(*addresses: str, can: Can = GATEWAY, **changes: object) -> Envelope:
        plain = Envelope(
            "01ARZ3NDEKTSV4RRFFQ69G5FAV", "smtp", Direction.INBOUND, Address("stranger@far.example"),
            tuple(map(Address, addresses)), can, datetime(2026, 11, 23, 10, 0, tzinfo=UTC),
        )  # fmt: skip
        return replace(plain, **changes)  # type: ignore[arg-type] # the tests' own keywords

    @staticmethod
    def attached(
        number: str = "2", name: str = "invoice.zip", type: str = "application/zip", size: int = 100
    ) -> ArtifactSummary:
        return ArtifactSummary(
            f"{number}/{name}" if number else name, (name,), type, "", number, None, 1, size, "0" * 64
        )

    @staticmethod
    def within(outer: ArtifactSummary, name: str) -> ArtifactSummary:
        return replace(outer, path=f"{outer.path}!{name}", names=(name,), parent=outer.path, depth=outer.depth + 1)

    @staticmethod
    def found(
        kind: Kind = Kind.MALWARE,
        artifact: ArtifactSummary | None = None,
        severity: Severity = Severity.HIGH,
        name: str = "EICAR-Test-File",
        source: str = "patterns",
    ) -> Finding:
        return Finding(source, name, kind, severity, artifact.path if artifact else None)

    @staticmethod
    def seen(*findings: Finding, artifacts: tuple[ArtifactSummary, ...] = ()) -> Inspection:
        return Inspection(Properties(), artifacts, findings, "p1")


@pytest.fixture(scope="session")
def make() -> type[Make]:
    return Make

"""The contract of an engine that asks another program, and the settings that all of these have.

One object of the class is made in each worker: it says what it wants to see (``wants``, ``fits``) and no more.  The
worker hands those artifacts out, and another object, in the node's event loop, asks (``examine``) while the engines in
the worker go on.  What ``examine`` gets comes out of a worker, so it may be anything at all: bytes to be judged, under
names that mean nothing here.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from lazaretto.model import Artifact, Finding, Kind, RemoteStatus, Severity, one_line
from lazaretto.plugin import Examiner, ScanSettings


class OnFailure(StrEnum):
    """What it is worth that no server could judge."""

    DEFER = "defer"
    PASS = "pass"  # noqa: S105 - no password


class RemoteSettings(ScanSettings):
    """What every section of such an engine has."""

    servers: tuple[str, ...] = Field(min_length=1, description="where they are; the least busy one is asked")
    connections: int = Field(8, ge=1, le=1000, description="scans under way at one server")
    connect_timeout: float = Field(2.0, gt=0, le=60, description="seconds to reach a server")
    timeout: float = Field(30.0, gt=0, le=3600, description="seconds for the answer about one artifact")
    deadline: float = Field(60.0, gt=0, le=3600, description="seconds for all artifacts of one message")
    max_bytes: int = Field(
        100 * 2**20,
        ge=1024,
        description="larger artifacts are not sent, which is a LIMIT finding; not above the server's",
    )
    message: bool = Field(False, description="the whole message is sent as well")
    on_failure: OnFailure = Field(
        OnFailure.DEFER,
        description="what no server judged: `defer` makes it a finding that the policy defers by default, `pass` one "
        "that is noted only",
    )


class RemoteEngine(Examiner):
    """Has another program judge.  Bounds its own time, and how much is under way."""

    default: ClassVar[bool] = False
    Settings: ClassVar[type[RemoteSettings]] = RemoteSettings
    settings: RemoteSettings

    async def start(self) -> None:
        """Begins to watch its servers; does not wait for them."""

    async def stop(self) -> None:
        """Closes what is open."""

    @abstractmethod
    async def examine(self, artifact: Artifact) -> Iterable[Finding]:
        """Findings about this artifact, as of ``Engine.inspect``."""

    def status(self) -> tuple[RemoteStatus, ...]:
        """One for each server; asked from other threads too."""
        return ()

    def fits(self, size: int) -> bool:
        return size <= self.settings.max_bytes

    def too_large(self, size: int) -> Finding:
        evidence = (f"{size} bytes, and max_bytes of [engines.{self.name}] is {self.settings.max_bytes}",)
        return Finding(self.name, f"{self.name}.max_bytes", Kind.LIMIT, Severity.MEDIUM, evidence=evidence)

    def unanswered(self, why: str) -> Finding:
        """Nobody has judged it; what that is worth is the operator's choice."""
        passed = self.settings.on_failure is OnFailure.PASS
        severity = Severity.INFORMATIONAL if passed else Severity.MEDIUM
        return Finding(self.name, f"{self.name}.failed", Kind.FAILED, severity, evidence=(one_line(why, 300),))

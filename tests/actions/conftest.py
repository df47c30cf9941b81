"""A case to act on, and a keeper that remembers what it was asked to hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from lazaretto.config import Settings
from lazaretto.mime.edit import Draft
from lazaretto.mime.parse import parse
from lazaretto.model import (
    Address,
    ArtifactSummary,
    Can,
    Direction,
    Envelope,
    Finding,
    Inspection,
    Kind,
    Outcome,
    Properties,
    Severity,
    Step,
    Verdict,
)
from lazaretto.plugin import Action, Case

MAIL = b"""\
From: a@far.example
To: b@x.example
Subject: Invoice
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="outer"

--outer
Content-Type: text/plain

Hello
--outer
Content-Type: multipart/signed; boundary="inner"

--inner
Content-Type: application/zip; name="invoice.zip"
Content-Transfer-Encoding: base64

UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==
--inner--

--outer
Content-Type: application/zip; name="other.zip"

PK
--outer--
""".replace(b"\n", b"\r\n")


def attached(part: str, name: str) -> ArtifactSummary:
    return ArtifactSummary(f"{part}/{name}", (name,), "application/zip", "", part, None, 1, 2, "0" * 64)


@dataclass
class Keeping:
    held: list[tuple[str, str | None]] = field(default_factory=list)

    async def hold(self, case: Case, *, purpose: str, artifact: str | None = None) -> str:
        self.held.append((purpose, artifact))
        return f"ITEM{len(self.held)}"


class Bench:
    """One action, tried on one mail."""

    mail = MAIL
    artifacts = (attached("2.1", "invoice.zip"), attached("3", "other.zip"), attached("", "body"))
    findings = (
        Finding("patterns", "EICAR-Test-File", Kind.MALWARE, Severity.HIGH, "2.1/invoice.zip"),
        Finding("macros", "AutoOpen", Kind.MACRO, Severity.HIGH, "3/other.zip"),
    )

    def __init__(self) -> None:
        self.keeper = Keeping()

    def verdict(self, *steps: Step) -> Verdict:
        return Verdict("default.malware", (Address("b@x.example"),), steps, self.findings, "Why.", "01ARZ3")

    def edit(self, action: Action, step: Step, mail: bytes = MAIL) -> tuple[bytes | None, list[Outcome]]:
        draft = Draft(parse(mail), self.artifacts)
        outcomes = list(action.edit(draft, step, self.verdict(step)))
        return draft.result(), outcomes

    async def carry_out(self, action: Action, step: Step, *others: Step) -> list[Outcome]:
        envelope = Envelope(
            "01ARZ3", "smtp", Direction.INBOUND, Address("a@far.example"), (Address("b@x.example"),), Can.HOLD,
            datetime(2026, 11, 23, tzinfo=UTC),
        )  # fmt: skip
        inspection = Inspection(Properties(), self.artifacts, self.findings, "p1")
        case = Case(envelope, self.mail, inspection, self.verdict(step, *others))
        return list(await action.carry_out(case, step, self.keeper))

    @staticmethod
    def make(kind: type[Action], **settings: object) -> Action:
        assert issubclass(kind.Settings, Settings)
        return kind(kind.Settings.model_validate(settings))


@pytest.fixture
def bench() -> Bench:
    return Bench()

"""A vault with a journal and a next hop that remember what they were given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from lazaretto.config import Config
from lazaretto.errors import NextHopError, StorageError
from lazaretto.model import (
    Address,
    ArtifactSummary,
    Can,
    Direction,
    Envelope,
    Event,
    Finding,
    Inspection,
    Kind,
    Properties,
    Severity,
    Verdict,
    new_id,
    now,
)
from lazaretto.plugin import Case
from lazaretto.vault.vault import Vault


class World:
    """What stands around the vault; may be told to fail."""

    def __init__(self) -> None:
        self.events: dict[str, Event] = {}
        self.sent: list[tuple[bytes, str, tuple[str, ...]]] = []
        self.journal_full = False
        self.on_send: Callable[[], Any] = lambda: None

    async def record(self, event: Event) -> int:
        if self.journal_full:
            raise StorageError("no space left")
        self.events[event.id] = event
        return len(self.events)

    async def send(self, message: bytes, sender: str, recipients: Sequence[str]) -> None:
        result = self.on_send()
        if result is not None:
            await result
        self.sent.append((message, sender, tuple(recipients)))

    def refuse(self) -> None:
        raise NextHopError("refused", 451, "try later")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def make_vault(tmp_path: Path, world: World) -> Iterator[Callable[..., Vault]]:
    """Opens vaults; each on its own folder of the test, or again on the same one."""
    opened: list[Vault] = []

    def make(folder: Path = tmp_path / "data", **settings: Any) -> Vault:
        given = {"data_dir": folder, "hostname": "node.example", "vault": settings}
        vault = Vault(Config.model_validate(given), record=world.record, send=world.send)
        vault.open()
        opened.append(vault)
        return vault

    yield make
    for vault in opened:
        vault.close()


@pytest.fixture
def vault(make_vault: Callable[..., Vault]) -> Vault:
    return make_vault()


def case_of(
    raw: bytes = b"Subject: hello\r\n\r\nworld\r\n",
    *,
    subject: str = "hello",
    recipients: Sequence[str] = ("to@example.org",),
    name: str = "",
) -> Case:
    people, sender = tuple(map(Address, recipients)), Address("from@example.net")
    envelope = Envelope(new_id(), "smtp", Direction.INBOUND, sender, people, Can.HOLD, now())
    finding = Finding("patterns", "EICAR", Kind.MALWARE, Severity.CRITICAL, "1/a")
    artifacts = (ArtifactSummary("1/a", (name,), "t/t", "", "1", None, 1, 1, "0"),) if name else ()
    inspection = Inspection(Properties(subject, sender, people, size=len(raw)), artifacts, (finding,), "patterns 1")
    return Case(envelope, raw, inspection, Verdict("malware", people, (), (finding,), "It is held because of EICAR."))


@pytest.fixture
def make_case() -> Callable[..., Case]:
    return case_of

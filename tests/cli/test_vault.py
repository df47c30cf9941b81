from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Run

from lazaretto.config import load
from lazaretto.model import Address, Can, Direction, Envelope, Event, Inspection, Properties, Verdict, new_id, now
from lazaretto.plugin import Case
from lazaretto.vault.vault import Vault

RAW = b"Subject: held\r\n\r\ntext\r\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "lazaretto.toml"
    file.write_text('data_dir = "data"\n')
    return file


def vault(file: Path) -> Vault:
    async def record(event: Event) -> int:
        return 1

    async def send(raw: bytes, sender: str, recipients: Sequence[str]) -> None: ...

    opened = Vault(load(file).config, record=record, send=send)
    opened.open()
    return opened


def hold(file: Path) -> str:
    to = (Address("bob@example.test"),)
    envelope = Envelope(new_id(), "smtp", Direction.INBOUND, Address("a@b.example"), to, Can.HOLD, now())
    case = Case(envelope, RAW, Inspection(Properties(), (), (), ""), Verdict("rule", to, (), (), "It is held."))
    opened = vault(file)
    try:
        return asyncio.run(opened.hold(case, purpose="quarantine"))
    finally:
        opened.close()


def read(file: Path, item: str) -> bytes:
    opened = vault(file)
    try:
        return asyncio.run(opened.read(item))
    finally:
        opened.close()


def test_a_new_key_and_everything_can_still_be_read(run: Run, file: Path, tmp_path: Path) -> None:
    item = hold(file)
    before = (tmp_path / "data" / "vault.key").read_text()
    status, out, err = run("vault", "rotate-key")
    assert (status, err) == (0, "")
    assert out.startswith("key ")
    assert out.endswith(f"is in use, 1 blobs encrypted anew; back up {tmp_path}/data/vault.key\n")
    assert (tmp_path / "data" / "vault.key").read_text() != before
    assert read(file, item) == RAW


def test_what_is_damaged_is_named_and_keeps_its_key(run: Run, file: Path, tmp_path: Path) -> None:
    hold(file)
    (blob,) = [path for path in (tmp_path / "data" / "vault" / "blobs").rglob("*") if path.is_file()]
    os.truncate(blob, blob.stat().st_size - 1)
    keys = [line for line in (tmp_path / "data" / "vault.key").read_text().splitlines() if not line.startswith("#")]
    status, out, err = run("vault", "rotate-key")
    assert status == 1
    assert "0 blobs encrypted anew" in out
    assert err.startswith("lazaretto: ")
    assert keys[0] in (tmp_path / "data" / "vault.key").read_text()


def test_not_beside_a_running_node(process: Any, file: Path) -> None:
    hold(file)
    running = vault(file)
    try:
        done = process("vault", "rotate-key", "--config", file)
    finally:
        running.close()
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"lazaretto: ")
    assert b"stop" in done.stderr


def test_a_key_that_is_missing(run: Run, file: Path, tmp_path: Path) -> None:
    item = hold(file)
    key = tmp_path / "data" / "vault.key"
    aside = key.rename(tmp_path / "aside")
    status, _, err = run("vault", "rotate-key")
    assert status == 2
    assert "vault.key is missing" in err
    assert "restore the file from your backup" in err
    assert not key.exists()
    aside.rename(key)
    assert read(file, item) == RAW

from __future__ import annotations

import asyncio
import email
import email.policy
import hashlib
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lazaretto.config import Config
from lazaretto.errors import ControlError, NextHopError, NotFound, StorageError
from lazaretto.model import EventKind, ItemState, now
from lazaretto.plugin import Case
from lazaretto.vault import store
from lazaretto.vault import vault as module
from lazaretto.vault.vault import Vault, rotate_key

World = Any
MakeVault = Callable[..., Vault]
MakeCase = Callable[..., Case]


def files(folder: Path) -> list[Path]:
    return [path for path in (folder / "vault" / "blobs").rglob("*") if path.is_file()]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary())
async def test_any_bytes_come_back(vault: Vault, make_case: MakeCase, raw: bytes) -> None:
    assert await vault.read(await vault.hold(make_case(raw), purpose="quarantine")) == raw


async def test_an_item_says_why_it_is_here(vault: Vault, make_case: MakeCase) -> None:
    case = make_case(b"raw", subject="hello", recipients=("to@example.org", "cc@example.org"), name="a.zip")
    item = await vault.item(await vault.hold(case, purpose="quarantine", artifact="1/a"))
    assert item.envelope == case.envelope
    assert item.recipients == case.verdict.recipients
    assert (item.purpose, item.state, item.rule, item.artifact) == ("quarantine", ItemState.HELD, "malware", "1/a")
    assert item.findings == case.inspection.findings
    assert item.sentence == "It is held because of EICAR."
    assert (item.size, item.sha256) == (3, hashlib.sha256(b"raw").hexdigest())
    found, total = await vault.items("hello a.zip", sort="size", limit=5)
    assert (found, total) == ((item,), 1)
    assert (await vault.stats()).held == 1


async def test_many_at_once_share_one_blob(vault: Vault, make_case: MakeCase, tmp_path: Path) -> None:
    holds = [vault.hold(make_case(b"same", recipients=(f"{n}@x",)), purpose="quarantine") for n in range(40)]
    ids = await asyncio.gather(*holds)
    assert len(set(ids)) == 40
    assert len(files(tmp_path / "data")) == 1


def test_the_folder_is_ours_alone(vault: Vault, tmp_path: Path) -> None:
    for path in (tmp_path / "data" / "vault", tmp_path / "data" / "vault" / "blobs"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


# ---------------------------------------------------------------------------- letting go


async def test_release_is_byte_exact_below_a_stamp(vault: Vault, world: World, make_case: MakeCase) -> None:
    raw = b"DKIM-Signature: x\nSubject: odd\n\n\0\r\x80"
    item_id = await vault.hold(make_case(raw, recipients=("a@x", "b@x", "a@x")), purpose="quarantine")
    await vault.release(item_id, (), "ann")
    [(message, sender, recipients)] = world.sent
    assert message.startswith(b"X-Lazaretto-Stamp: ")
    assert message.endswith(b"\r\n" + raw)
    assert (sender, recipients) == ("from@example.net", ("a@x", "b@x"))
    item = await vault.item(item_id)
    assert (item.state, item.changed_by, item.resent_to) == (ItemState.RELEASED, "ann", ("a@x", "b@x"))
    [event] = world.events.values()
    assert (event.kind, event.item, event.actor, event.note) == (
        EventKind.ITEM_RELEASED, item_id, "ann", "to a@x, b@x",
    )  # fmt: skip
    assert (event.node, event.envelope, event.properties) == ("node.example", item.envelope, item.properties)
    assert await vault.verify(b"Received: by x\r\n" + message) == (item_id, b"Received: by x\r\n" + raw)


async def test_a_stamp_is_good_once_also_after_a_new_start(
    make_vault: MakeVault, world: World, make_case: MakeCase
) -> None:
    vault = make_vault()
    item_id = await vault.hold(make_case(), purpose="quarantine")
    for _ in range(2):
        await vault.release(item_id, (), "ann")
    first, second = (message for message, _, _ in world.sent)
    results = await asyncio.gather(*(vault.verify(first) for _ in range(5)))
    assert len([result for result in results if result]) == 1
    vault.close()
    vault.open()
    assert await vault.verify(first) is None
    assert await vault.verify(second) is not None
    assert await vault.verify(b"Subject: x\r\n\r\n") is None
    assert await vault.verify(second.replace(b"world", b"World")) is None


async def test_forward_carries_the_original(vault: Vault, world: World, make_case: MakeCase) -> None:
    raw = b"Subject: odd\n\n\0\r\x80"
    item_id = await vault.hold(make_case(raw), purpose="quarantine")
    await vault.forward(item_id, ("labs@example.org",), "ann")
    [(message, sender, recipients)] = world.sent
    assert (sender, recipients) == ("lazaretto@localhost", ("labs@example.org",))
    found = await vault.verify(message)
    assert found
    attached = list(email.message_from_bytes(found[1], policy=email.policy.default).iter_attachments())  # type: ignore[attr-defined]  # the policy makes it an EmailMessage
    assert attached[0].get_content() == raw
    assert (await vault.item(item_id)).state is ItemState.FORWARDED
    await vault.release(item_id, (), "ann")
    assert (await vault.item(item_id)).resent_to == ("labs@example.org", "to@example.org")
    with pytest.raises(ControlError, match="nobody"):
        await vault.forward(item_id, (), "ann")


@pytest.mark.parametrize("address", ["a@x>\r\nRCPT TO:<b@x", "a b@x", "", "<a@x>", "a@x,b@x"])
async def test_an_address_cannot_smuggle(vault: Vault, world: World, make_case: MakeCase, address: str) -> None:
    item_id = await vault.hold(make_case(), purpose="quarantine")
    for call in (vault.release, vault.forward):
        with pytest.raises(ControlError, match="not an address"):
            await call(item_id, (address,), "ann")
    assert world.sent == []


async def test_delete_keeps_what_is_known(vault: Vault, world: World, make_case: MakeCase, tmp_path: Path) -> None:
    one, two = [await vault.hold(make_case(b"same"), purpose="quarantine") for _ in range(2)]
    await vault.delete(one, "ann")
    assert await vault.read(two) == b"same"
    await vault.delete(two, "ann")
    assert files(tmp_path / "data") == []
    assert (await vault.item(one)).state is ItemState.DELETED
    assert [event.kind for event in world.events.values()] == [EventKind.ITEM_DELETED] * 2
    for call in (vault.read(one), vault.delete(one, "ann"), vault.release(one, (), "ann"), vault.export(one, "ann")):
        with pytest.raises(NotFound, match="deleted"):
            await call
    with pytest.raises(NotFound):
        await vault.item("nobody")


async def test_export_is_written_down_first(vault: Vault, world: World, make_case: MakeCase) -> None:
    item_id = await vault.hold(make_case(b"raw"), purpose="quarantine")
    assert await vault.export(item_id, "ann") == b"raw"
    assert [event.kind for event in world.events.values()] == [EventKind.ITEM_EXPORTED]
    world.journal_full = True
    with pytest.raises(StorageError):
        await vault.export(item_id, "ann")


async def test_refused_by_the_next_hop_nothing_has_changed(vault: Vault, world: World, make_case: MakeCase) -> None:
    item_id = await vault.hold(make_case(), purpose="quarantine")
    before = await vault.item(item_id)
    world.on_send = world.refuse
    with pytest.raises(NextHopError):
        await vault.release(item_id, (), "ann")
    assert await vault.item(item_id) == before
    assert world.events == {}
    assert vault.warnings == ()


async def test_two_clicks_send_once(vault: Vault, world: World, make_case: MakeCase) -> None:
    item_id = await vault.hold(make_case(), purpose="quarantine")
    world.on_send = lambda: asyncio.sleep(0.05)
    first = asyncio.create_task(vault.release(item_id, (), "ann"))
    await asyncio.sleep(0)
    calls = [first, vault.release(item_id, (), "ann"), vault.delete(item_id, "bob")]
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(result) for result in results] == [type(None), ControlError, ControlError]
    assert len(world.sent) == 1


async def test_a_caller_who_goes_away_does_not_stop_a_release(vault: Vault, world: World, make_case: MakeCase) -> None:
    item_id = await vault.hold(make_case(), purpose="quarantine")
    world.on_send = lambda: asyncio.sleep(0.05)
    task = asyncio.create_task(vault.release(item_id, (), "ann"))
    await asyncio.sleep(0.03)
    task.cancel()
    for _ in range(100):
        if world.events:
            break
        await asyncio.sleep(0.02)
    assert (await vault.item(item_id)).state is ItemState.RELEASED


async def test_a_full_journal_delays_the_event_only(make_vault: MakeVault, world: World, make_case: MakeCase) -> None:
    vault = make_vault()
    item_id = await vault.hold(make_case(), purpose="quarantine")
    world.journal_full = True
    await vault.release(item_id, (), "ann")
    assert (await vault.item(item_id)).state is ItemState.RELEASED
    assert world.events == {}
    vault.close()
    world.journal_full = False
    vault.open()
    await vault.expire()
    assert [event.kind for event in world.events.values()] == [EventKind.ITEM_RELEASED]
    world.events.clear()
    await vault.expire()
    assert world.events == {}


# ---------------------------------------------------------------------------- time and size


async def test_expiry_by_age(
    vault: Vault, world: World, make_case: MakeCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [await vault.hold(make_case(b"%d" % (n % 50)), purpose="quarantine") for n in range(70)]
    assert await vault.expire() == 0
    monkeypatch.setattr(module, "now", lambda: now() + timedelta(days=31))
    young = await vault.hold(make_case(b"young"), purpose="quarantine")
    assert await vault.expire() == 70
    assert {event.kind for event in world.events.values()} == {EventKind.ITEM_EXPIRED}
    assert {event.item for event in world.events.values()} == set(ids)
    assert (await vault.item(ids[0])).state is ItemState.EXPIRED
    assert len(files(tmp_path / "data")) == 1
    assert await vault.read(young) == b"young"
    monkeypatch.setattr(module, "now", lambda: now() + timedelta(days=62))
    assert await vault.expire() == 1
    with pytest.raises(NotFound):
        await vault.item(ids[0])


async def test_expiry_by_size_oldest_first(make_vault: MakeVault, world: World, make_case: MakeCase) -> None:
    vault = make_vault(max_bytes=2**20)
    ids = [await vault.hold(make_case(os.urandom(300_000)), purpose="backup") for _ in range(5)]
    assert await vault.expire() == 2
    assert [(await vault.item(each)).state.value for each in ids] == ["expired", "expired", "held", "held", "held"]
    assert (await vault.stats()).bytes <= 2**20
    assert await vault.expire() == 0


async def test_what_is_being_sent_does_not_expire(
    vault: Vault, world: World, make_case: MakeCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    item_id = await vault.hold(make_case(), purpose="quarantine")
    sending, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        sending.set()
        await go_on.wait()

    world.on_send = slow
    release = asyncio.create_task(vault.release(item_id, (), "ann"))
    await sending.wait()
    monkeypatch.setattr(module, "now", lambda: now() + timedelta(days=31))
    assert await vault.expire() == 0
    go_on.set()
    await release
    assert await vault.expire() == 1


# ---------------------------------------------------------------------------- keys


async def test_old_stamps_and_blobs_after_a_new_key(vault: Vault, world: World, make_case: MakeCase) -> None:
    item_id = await vault.hold(make_case(b"raw"), purpose="quarantine")
    rotation = await vault.rotate()
    assert (rotation.blobs, rotation.keys) == (1, 1)
    assert await vault.read(item_id) == b"raw"
    await vault.release(item_id, (), "ann")
    assert await vault.verify(world.sent[0][0]) == (item_id, b"raw")


def test_a_new_key_while_the_node_is_down(tmp_path: Path, make_case: MakeCase, world: World) -> None:
    config = Config.model_validate({"data_dir": tmp_path / "data", "vault": {"key_file": tmp_path / "key"}})

    async def hold() -> str:
        return await vault.hold(make_case(b"raw"), purpose="backup")

    async def read() -> bytes:
        return await vault.read(item_id)

    vault = Vault(config, record=world.record, send=world.send)
    vault.open()
    item_id = asyncio.run(hold())
    vault.close()
    before = (tmp_path / "key").read_text()
    assert rotate_key(config).blobs == 1
    assert (tmp_path / "key").read_text() != before
    vault = Vault(config, record=world.record, send=world.send)
    vault.open()
    assert asyncio.run(read()) == b"raw"
    vault.close()


# ---------------------------------------------------------------------------- crashes

HOLDER = """
import asyncio, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from conftest import World, case_of
from lazaretto.config import Config
from lazaretto.vault.vault import Vault

def say(*words):  # in one write: a kill in the middle of a line would run it into the next
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

async def caller(vault):
    while True:
        raw = os.urandom(16) * int.from_bytes(os.urandom(2), "big")
        held = await vault.hold(case_of(raw), purpose="quarantine")
        say("held", held, raw[:16].hex(), len(raw))

async def main():
    world = World()
    vault = Vault(Config.model_validate({"data_dir": sys.argv[1]}), record=world.record, send=world.send)
    vault.open()
    say("open", os.getpid())
    await asyncio.gather(*(caller(vault) for _ in range(4)))

for line in sys.stdin:  # forked, because the imports take longer than the test
    child = os.fork()
    if child == 0:
        asyncio.run(main())
    os.waitpid(child, 0)
    say("dead")
"""


async def test_killed_while_holding(make_vault: MakeVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was acknowledged is there byte for byte; what was not is there whole or not at all."""
    chance, acknowledged = Random(11), {}
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "data"), str(Path(__file__).parent)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        for _ in range(20):
            process.stdin.write("again\n")
            process.stdin.flush()
            for line in iter(process.stdout.readline, "dead\n"):
                match line.split():
                    case ["open", pid]:
                        await asyncio.sleep(chance.random() / 8)
                        os.kill(int(pid), signal.SIGKILL)
                    case ["held", held, start, size]:
                        acknowledged[held] = bytes.fromhex(start) * (int(size) // 16)
        process.stdin.close()
    assert len(acknowledged) > 20
    vault = make_vault()
    visible = set()
    while page := (await vault.items(limit=1000, offset=len(visible)))[0]:
        visible |= {item.id for item in page}
    assert acknowledged.keys() <= visible
    assert len(visible) <= len(acknowledged) + 20 * 4
    for held, raw in acknowledged.items():
        assert await vault.read(held) == raw
    for held in visible - acknowledged.keys():
        assert len(await vault.read(held)) == (await vault.item(held)).size
    assert list((tmp_path / "data" / "vault" / "blobs" / "temporary").iterdir()) == []
    monkeypatch.setattr(store, "GRACE", 0)
    await vault.expire()
    stats = await vault.stats()
    assert len(files(tmp_path / "data")) == stats.blobs
    assert sum(file.stat().st_size for file in files(tmp_path / "data")) == stats.bytes


SENDER = """
import asyncio, os, sys
sys.path.insert(0, sys.argv[2])
from conftest import World, case_of
from lazaretto.config import Config
from lazaretto.vault.vault import Vault

async def main():
    world = World()
    world.on_send = lambda: os.kill(os.getpid(), 9)
    vault = Vault(Config.model_validate({"data_dir": sys.argv[1]}), record=world.record, send=world.send)
    vault.open()
    held = await vault.hold(case_of(b"raw"), purpose="quarantine")
    print(held, flush=True)
    await vault.release(held, (), "ann")

asyncio.run(main())
"""


async def test_killed_while_sending(make_vault: MakeVault, tmp_path: Path, world: World) -> None:
    command = [sys.executable, "-c", SENDER, str(tmp_path / "data"), str(Path(__file__).parent)]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    assert result.returncode == -signal.SIGKILL
    held = result.stdout.strip()
    vault = make_vault()
    [warning] = vault.warnings
    assert f"item {held}: its release to to@example.org was under way" in warning
    assert (await vault.item(held)).state is ItemState.HELD
    await vault.release(held, (), "ann")
    assert vault.warnings == ()
    vault.close()
    vault.open()
    assert vault.warnings == ()


async def test_a_send_that_breaks_off_is_reported(vault: Vault, world: World, make_case: MakeCase) -> None:
    def broken() -> Any:
        raise ZeroDivisionError

    world.on_send = broken
    held = await vault.hold(make_case(), purpose="quarantine")
    with pytest.raises(ZeroDivisionError):
        await vault.release(held, (), "ann")
    assert len(vault.warnings) == 1
    await vault.delete(held, "ann")
    assert vault.warnings == ()


@pytest.mark.root
async def test_a_full_disk_holds_nothing_half_and_heals(
    tiny_disk: Path, make_vault: MakeVault, make_case: MakeCase
) -> None:
    subprocess.run(["mount", "-o", "remount,size=6m", tiny_disk], check=True)
    vault = make_vault(tiny_disk / "data")
    kept: dict[str, bytes] = {}
    failed: list[str] = []
    for size in (100_000, 1000):
        for _ in range(3000):
            raw = os.urandom(size)
            try:
                kept[await vault.hold(make_case(raw), purpose="quarantine")] = raw
            except StorageError as error:
                failed.append(str(error))
                break
    assert ["space" in each for each in failed] == [True, True], failed
    assert (await vault.items())[1] == len(kept)
    assert {each: await vault.read(each) for each in kept} == kept
    subprocess.run(["mount", "-o", "remount,size=16m", tiny_disk], check=True)
    raw = os.urandom(100_000)
    kept[await vault.hold(make_case(raw), purpose="quarantine")] = raw
    vault.close()
    vault.open()
    assert {each: await vault.read(each) for each in kept} == kept


async def test_the_event_loop_is_not_held_up(vault: Vault, make_case: MakeCase) -> None:
    """30 MB are hashed, encrypted, synced and read back while others go on."""
    gaps, over = [], False

    async def heart() -> None:
        while not over:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            gaps.append(time.perf_counter() - began)

    beating = asyncio.create_task(heart())
    raw = os.urandom(30_000_000)
    assert await vault.read(await vault.hold(make_case(raw), purpose="quarantine")) == raw
    over = True
    await beating
    assert sorted(gaps)[len(gaps) * 9 // 10] < 0.05


async def test_text_that_no_utf8_can_hold(vault: Vault, make_case: MakeCase) -> None:
    case = make_case()
    strange = replace(case.inspection.properties, subject="caf\udce9 \0 menu")
    held = await vault.hold(
        Case(case.envelope, b"x", replace(case.inspection, properties=strange), case.verdict), purpose="backup"
    )
    assert [item.id for item in (await vault.items("menu", purpose="backup"))[0]] == [held]

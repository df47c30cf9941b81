"""Whatever is killed when: no mail is lost, and none comes twice unless its sender was told to send it again."""

from __future__ import annotations

import random
import re
import time
from collections import Counter

import pytest
from tests.e2e.servers import processes, records
from tests.e2e.servers.lazaretto import Lazaretto
from tests.e2e.servers.running import free_port, listening, wait_until
from tests.e2e.servers.sender import Numbered, Sender
from tests.e2e.servers.sink import Sink

from lazaretto.model import EventKind

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]  # a slow machine starts each process slowly

COUNT = 200
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
POLICY = """
version = "test"

[groups]
strict = ["*@strict.example"]

[[rule]]
id = "strict.malware"
who = { groups = ["strict"] }
what = { kind = "malware" }
then = ["quarantine"]
"""


def numbered(number: int) -> Numbered:
    """Every fourth is held whole, every fourth arrives with a notice in place of the attachment, the rest is clean."""
    dice = random.Random(number)
    head = b"Subject: number-%04d\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" % number
    parts = [b"Content-Type: text/plain\r\n\r\ntext of %d\r\n" % number]
    if number % 4 in (1, 3):
        parts.append(b'Content-Type: application/octet-stream; name="a.com"\r\n\r\n' + EICAR + b"\r\n")
    parts.append(
        b"Content-Type: text/plain\r\n\r\n" + dice.randbytes(dice.choice([300, 40_000, 400_000])).hex().encode()
    )
    raw = head + b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"
    return Numbered(raw, "bob@strict.example" if number % 4 == 1 else "bob@example.test")


def is_held(number: int) -> bool:
    return number % 4 == 1


def up(sink: Sink) -> Lazaretto:
    """Everything, on ports that stay the same through restarts.  The sink takes its time, so that there is always
    something in flight."""
    sink.delay["."] = 0.03
    sections = {
        "listeners.milter": None,
        "listeners.smtp": {"listen": f"127.0.0.1:{free_port()}", "next_hop": sink.address},
        "console": {"listen": f"127.0.0.1:{free_port()}"},
    }
    return Lazaretto(sections, policy=POLICY, command="up")


def number_of(text: str) -> int:
    found = re.search(r"number-(\d{4})", text)
    assert found, text
    return int(found[1])


def assert_nothing_lost(lazaretto: Lazaretto, sink: Sink, sender: Sender, mails: dict[int, Numbered]) -> None:
    assert not sender.refused
    assert sender.accepted == set(mails)
    arrived = Counter(number_of(mail.data[:100].decode("latin-1")) for mail in sink.mails)
    held = Counter()
    backed_up = Counter()
    items = lazaretto.client.items(state="", limit=1000)
    assert items.total == len(items.items)
    for item in items.items:
        (held if item.purpose == "quarantine" else backed_up)[number_of(item.properties.subject)] += 1
        original = lazaretto.client.export(item.id, "test")
        assert original == mails[number_of(item.properties.subject)].raw
    for number in mails:
        most = 1 + sender.told[number]
        what = f"number {number}, told to send again {sender.told[number]} times"
        if is_held(number):
            assert 1 <= held[number] <= most, what
            assert not arrived[number], what
        else:
            assert 1 <= arrived[number] <= most, what
            assert not held[number], what
        assert (number % 4 != 3) or 1 <= backed_up[number] <= most, what
    for mail in sink.mails:
        number = number_of(mail.data[:100].decode("latin-1"))
        assert EICAR not in mail.data
        assert number % 4 == 3 or mail.data == mails[number].raw


def assert_all_written_down(lazaretto: Lazaretto, sender: Sender, mails: dict[int, Numbered]) -> None:
    events = records.messages(lazaretto)
    passed = Counter(
        number_of(each.properties.subject) for each in events if each.kind is not EventKind.MESSAGE_DEFERRED
    )
    for number in mails:
        assert 1 <= passed[number] <= 1 + sender.told[number], number
    records.wait_for_console(lazaretto)


def test_killing_any_process_at_any_time_loses_nothing() -> None:
    dice = random.Random(2)
    mails = {number: numbered(number) for number in range(COUNT)}
    victims = ["worker", "nursery", "node", "console"] * 3
    dice.shuffle(victims)
    with Sink() as sink, up(sink) as lazaretto:
        port = lazaretto.door("smtp")[1]
        with Sender(port, mails) as sender:
            for turn, role in enumerate(victims, 1):
                sender.wait(turn * COUNT // (len(victims) + 2))
                wait_until(lambda role=role: bool(alive_as(lazaretto, role)), f"a {role}")
                time.sleep(dice.uniform(0, 0.1))  # somewhere in the middle of what is going on
                wait_until(lambda role=role: bool(alive_as(lazaretto, role)), f"a {role}")
                victim = dice.choice(alive_as(lazaretto, role))
                processes.kill(victim)
                wait_until(lambda victim=victim: not processes.alive(victim), f"the end of the {role}")
            sender.wait(COUNT)
        assert sum(sender.told.values()), "nothing was in flight when processes were killed"
        wait_until(lambda: len(alive_as(lazaretto, "worker")) == 2, "the workers")
        lazaretto.wait_for(lambda: listening(lazaretto.door("smtp")[1]))
        assert_nothing_lost(lazaretto, sink, sender, mails)
        assert_all_written_down(lazaretto, sender, mails)
        died = [event for event in records.journal(lazaretto) if event.kind is EventKind.WORKER_DIED]
        assert died
        lazaretto.stop()
        records.assert_sound(lazaretto)


def alive_as(lazaretto: Lazaretto, role: str) -> list[int]:
    return processes.roles(lazaretto.process.pid)[role]


def test_killing_everything_leaves_no_orphan_and_the_next_start_finds_everything() -> None:
    mails = {number: numbered(number) for number in range(60)}
    with Sink() as sink, up(sink) as lazaretto:
        port = lazaretto.door("smtp")[1]
        with Sender(port, mails) as sender:
            sender.wait(20)
            before = {event.id for event in records.journal(lazaretto)}
            family = processes.descendants(lazaretto.process.pid)
            assert len(family) >= 5  # node, nursery, two workers, console
            processes.kill(lazaretto.process.pid)
            wait_until(lambda: not any(map(processes.alive, family)), "the end of all children")
            assert not listening(port)
            lazaretto.stop()
            lazaretto.start()
            assert before < {event.id for event in records.journal(lazaretto)}
            sender.wait(len(mails))
        assert_nothing_lost(lazaretto, sink, sender, mails)
        assert_all_written_down(lazaretto, sender, mails)
        lazaretto.stop()
        records.assert_sound(lazaretto)

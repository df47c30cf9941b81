"""A disk that is full: mail is put off, nothing is lost, and it flows again when there is room."""

from __future__ import annotations

import random
import smtplib
from pathlib import Path

import pytest
from tests.e2e.servers.lazaretto import Lazaretto
from tests.e2e.servers.running import free_port
from tests.e2e.servers.sink import Sink

from lazaretto.control.client import Client
from lazaretto.testing import GTUBE

pytestmark = pytest.mark.e2e


def send(port: int, number: int) -> int:
    """A mail that is held, of 60 KB that do not compress; the answer to its data."""
    ballast = random.Random(number).randbytes(30_000).hex().encode()
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.ehlo()
        client.mail("a@sender.example")
        client.rcpt("b@example.test")
        return client.data(b"Subject: %d\r\n\r\n%s\r\n%s\r\n" % (number, GTUBE, ballast))[0]


def test_mail_is_put_off_while_the_disk_is_full(tiny_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAZARETTO_DATA_DIR", f'"{tiny_disk}"')
    (tiny_disk / "other").write_bytes(bytes(400_000))  # somebody else's file
    port = free_port()
    with (
        Sink() as sink,
        Lazaretto({"listeners.smtp": {"listen": f"127.0.0.1:{port}", "next_hop": f"127.0.0.1:{sink.port}"}}) as node,
        Client(tiny_disk / "control.sock") as client,
    ):
        answers = []
        while 451 not in answers:
            answers.append(send(port, len(answers)))
            assert len(answers) < 100, "2 MiB never fill up"
        held = client.items().items
        assert answers == [250] * len(held) + [451]
        assert {item.properties.subject for item in held} == {str(number) for number in range(len(held))}
        assert any("free in" in warning for warning in client.status().warnings)
        assert sink.mails == []
        (tiny_disk / "other").unlink()
        assert send(port, len(held)) == 250
        kept = client.items().items
        assert len(kept) == len(held) + 1
        for item in kept:
            assert b"Subject: " + item.properties.subject.encode() in client.export(item.id, "test")
        assert node.process.poll() is None

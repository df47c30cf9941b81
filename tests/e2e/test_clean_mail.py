"""Clean mail goes through untouched: 500 different ones by milter, by before-queue proxy and by LMTP into Dovecot.

What arrives is compared with what was sent or, where Postfix or Dovecot change something by themselves, with
what arrives when they are asked directly.
"""

from __future__ import annotations

import re
import smtplib
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from tests.e2e.mails import Clean, Signer, clean_mails, thirty_megabytes, three_hundred_parts
from tests.e2e.servers.dovecot import Dovecot
from tests.e2e.servers.lazaretto import Lazaretto
from tests.e2e.servers.running import free_port
from tests.e2e.servers.site import Site, deliver

from lazaretto.model import Event, EventKind, Reply, Status

pytestmark = [pytest.mark.e2e, pytest.mark.root, pytest.mark.timeout(300)]

COUNT = 500
CONNECTIONS = 4


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer()


@pytest.fixture(scope="module")
def mails(signer: Signer) -> list[Clean]:
    """COUNT different ones; each sixth is signed."""
    found = [Clean(0, "30 MB", thirty_megabytes()), Clean(1, "300 parts", three_hundred_parts())]
    for each in clean_mails(COUNT - len(found)):
        raw, number = each.raw, len(found)
        if number % 6 == 0 and b"\r\nMessage-ID:" in raw and each.plain:
            raw = signer.sign(raw, b"relaxed" if number % 12 else b"simple")
        found.append(Clean(number, each.sort, raw, each.plain))
    assert len({each.raw for each in found}) == COUNT
    assert sum(each.raw.startswith(b"DKIM-Signature") for each in found) > 50
    return found


def recipient(mail: Clean, prefix: str = "n") -> str:
    return f"box+{prefix}{mail.number:04}@example.test"


def send_all(port: int, mails: Sequence[Clean], prefix: str = "n", kind: type[smtplib.SMTP] = smtplib.SMTP) -> None:
    """Over several connections at a time, each mail to an address of its own."""
    local = threading.local()
    with ExitStack() as stack, ThreadPoolExecutor(CONNECTIONS) as threads:

        def send(mail: Clean) -> None:
            if not hasattr(local, "client"):
                local.client = stack.enter_context(kind("127.0.0.1", port))
            deliver(local.client, mail.raw, recipient(mail, prefix))

        for _ in threads.map(send, mails):
            pass


def below_trace(raw: bytes) -> bytes:
    """Without the fields that mail servers have put on top, each with the lines that continue it."""
    lines = raw.splitlines(keepends=True)
    at = 0
    while at < len(lines) and lines[at].lower().startswith((b"received:", b"return-path:", b"delivered-to:")):
        at += 1
        while at < len(lines) and lines[at].startswith((b" ", b"\t")):
            at += 1
    return b"".join(lines[at:])


def events(node: Lazaretto) -> dict[str, Event]:
    """What was written down, by recipient."""
    found: dict[str, Event] = {}
    cursor = 0
    while (page := node.client.events(after=cursor)).entries:
        for entry in page.entries:
            if entry.event.envelope:
                (to,) = entry.event.envelope.recipients
                assert to.address not in found, "two events for one mail"
                found[to.address] = entry.event
        cursor = page.cursor
    return found


def assert_clean(node: Lazaretto, mails: Sequence[Clean]) -> None:
    written = events(node)
    assert set(written) == {recipient(mail) for mail in mails}
    for mail in mails:
        event = written[recipient(mail)]
        what = (mail.number, mail.sort, event.findings)
        assert (event.status, event.kind, event.reply) == (Status.CLEAN, EventKind.MESSAGE_PASSED, Reply.ACCEPT), what
        assert not event.outcomes, what


@pytest.mark.parametrize("way", ["milter", "proxy"])
def test_through_postfix(way: str, mails: list[Clean], signer: Signer) -> None:
    odd = [mail for mail in mails if not mail.plain]
    with Site(way) as site:
        send_all(site.postfix.port, mails)
        send_all(site.postfix.reinjection_port, odd, "straight")  # asks nobody
        site.sink.wait(len(mails) + len(odd), 60)
        arrived = {mail.recipients[0].decode(): mail.data for mail in site.sink.mails}
        assert len(arrived) == len(site.sink.mails)
        assert_clean(site.node, mails)
    for mail in mails:
        expected = mail.raw if mail.plain else below_trace(arrived[recipient(mail, "straight")])
        if not mail.plain:
            assert expected != mail.raw, f"{mail.sort}: Postfix leaves it as it is"
        got = arrived[recipient(mail)]
        assert_same(below_trace(got), below_trace(expected), mail)
        if mail.raw.startswith(b"DKIM-Signature"):
            assert signer.verify(got), mail.sort


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    with Dovecot() as dovecot:
        yield dovecot


def test_by_lmtp_into_dovecot(dovecot: Dovecot, mails: list[Clean], signer: Signer) -> None:
    port = free_port()
    hop = f"127.0.0.1:{dovecot.lmtp_port}"
    with Lazaretto({"listeners.lmtp": {"listen": f"127.0.0.1:{port}", "next_hop": hop}}) as node:
        send_all(port, mails, kind=smtplib.LMTP)
        send_all(dovecot.lmtp_port, mails, "straight", kind=smtplib.LMTP)
        assert_clean(node, mails)
    stored = {
        re.search(rb"(?m)^Delivered-To: (.+)$", raw)[1].decode(): raw for raw in dovecot.messages("box@example.test")
    }
    assert len(stored) == 2 * COUNT
    for mail in mails:
        got, expected = (stored[recipient(mail, prefix)] for prefix in ("n", "straight"))
        assert_same(below_trace(got), below_trace(expected), mail)
        if mail.raw.startswith(b"DKIM-Signature"):
            assert signer.verify(got), mail.sort


def assert_same(got: bytes, expected: bytes, mail: Clean) -> None:
    """Without pytest's comparison, which takes minutes over 30 MB."""
    if got != expected:
        at = next((i for i, (one, other) in enumerate(zip(got, expected, strict=False)) if one != other), len(got))
        around = slice(max(at - 60, 0), at + 60)
        pytest.fail(f"{mail.number} ({mail.sort}) differs at {at}: {got[around]!r} instead of {expected[around]!r}")

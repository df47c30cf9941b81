"""A threat cut into two mails (message/partial), through a real Postfix and a running node."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from tests.e2e.servers.site import Site

from lazaretto.model import EventKind, Kind, Status

pytestmark = [pytest.mark.e2e, pytest.mark.root]

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
POLICY = 'version = "test"\n[[rule]]\nid = "pieces"\nwhat = { name = "mime.partial" }\nthen = ["deliver"]\n'


@pytest.fixture(scope="module", params=["milter", "proxy"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with Site(request.param, policy=POLICY) as site:
        yield site


def piece(site: Site, what: str, number: int, body: bytes) -> bytes:
    head = (
        f"Subject: {what}-{number}-{site.way}\r\nFrom: alice@sender.example\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: message/partial; id="{what}@{site.way}"; number={number}; total=2\r\n\r\n'
    )
    return head.encode() + body


def cut(payload: bytes) -> tuple[bytes, bytes]:
    coded = base64.b64encode(payload)
    head = b"Subject: whole\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + coded[:40] + b"\r\n", coded[40:] + b"\r\n"


def test_the_second_half_of_a_threat_is_stopped(site: Site) -> None:
    before = len(site.sink.mails)
    one, two = cut(EICAR)
    site.send(piece(site, "threat", 1, one))
    site.sink.wait(before + 1)
    site.send(piece(site, "threat", 2, two))
    event = site.node.event(f"threat-2-{site.way}")
    assert (event.kind, event.status) == (EventKind.MESSAGE_HELD, Status.INFECTED)
    assert any(each.kind is Kind.MALWARE and "2 mails" in each.evidence[0] for each in event.findings)
    assert len(site.sink.mails) == before + 1


def test_both_halves_of_a_harmless_message_arrive(site: Site) -> None:
    before = len(site.sink.mails)
    for number, body in enumerate(cut(b"harmless " * 10), 1):
        site.send(piece(site, "harmless", number, body))
        site.sink.wait(before + number)
    assert site.node.event(f"harmless-2-{site.way}").status is Status.CLEAN

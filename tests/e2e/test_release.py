"""Released mail that meets the scanner once more: its stamp lets it pass, once, and nothing else does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from tests.e2e.servers.sink import Sink
from tests.e2e.servers.site import Site

from lazaretto.model import Event, EventKind, Reply, Status

pytestmark = [pytest.mark.e2e, pytest.mark.root]

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
POLICY = """
version = "test"

[[rule]]
id = "hold"
what = { kind = "malware" }
then = ["quarantine"]
"""
STAMP = b"X-Lazaretto-Stamp"


def threat(subject: str) -> bytes:
    return b"Subject: %b\r\nX-Odd:  a\r\n\tb \r\n\r\n8-bit \xe4 and bare\rCR\r\n.\r\n%b\r\n" % (subject.encode(), EICAR)


def below_trace(raw: bytes) -> bytes:
    """From the first field on that no server has put on top."""
    found = re.match(rb"(?:Received:[^\n]*\n(?:[ \t][^\n]*\n)*)*", raw)
    assert found
    return raw[found.end() :]


def held(site: Site, subject: str) -> str:
    """The id of the only item that waits with this subject."""
    (item,) = site.node.client.items(query=subject).items
    return item.id


def passed(site: Site, item: str) -> list[Event]:
    """Events about mail that was let through because of this item's stamp."""
    found = [entry.event for entry in site.node.client.events(limit=1000).entries]
    return [event for event in found if event.item == item and event.kind is EventKind.MESSAGE_PASSED]


@pytest.mark.parametrize("way", ["milter", "proxy"])
def test_released_mail_passes_the_scanner_and_arrives_as_it_came(way: str) -> None:
    with Site(way, policy=POLICY, release_to="front") as site:
        raw = threat("once")
        site.send(raw)
        item = held(site, "once")
        assert not site.sink.mails
        (result,) = site.node.client.release([item], "test")
        assert result.done, result.error
        (mail,) = site.sink.wait(1)
        assert below_trace(mail.data) == raw
        assert STAMP not in mail.data
        assert mail.recipients == [b"bob@example.test"]
        (event,) = passed(site, item)
        assert (event.reply, event.status) == (Reply.ACCEPT, Status.CLEAN)


# ---------------------------------------------------------------------------- what does not help


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Site, Sink]]:
    """Released mail goes to a sink of its own, where its stamp can be taken."""
    with Sink() as released, Site("milter", policy=POLICY, release_to=released.address) as site:
        yield site, released


def stamped(site: Site, released: Sink, subject: str) -> tuple[str, bytes]:
    """The item, and the mail with a stamp that has not been used."""
    before = len(released.mails)
    site.send(threat(subject))
    item = held(site, subject)
    (result,) = site.node.client.release([item], "test")
    assert result.done, result.error
    raw = released.wait(before + 1)[-1].data
    assert raw.startswith(STAMP + b": v=1; ")
    return item, raw


def test_a_stamp_is_good_for_one_time(site: tuple[Site, Sink]) -> None:
    door, released = site
    item, raw = stamped(door, released, "replayed")
    arrived = len(door.sink.mails)
    door.send(raw)
    assert below_trace(door.sink.wait(arrived + 1)[-1].data) == threat("replayed")
    assert len(passed(door, item)) == 1
    door.send(raw)  # once more
    door.send(raw, "eve@example.test")
    events = [entry.event for entry in door.node.client.messages(query="replayed").entries]
    assert [event.kind for event in events] == [EventKind.MESSAGE_HELD] * 3  # the two, and the first of all
    assert len(passed(door, item)) == 1
    assert len(door.sink.mails) == arrived + 1


@pytest.mark.parametrize(
    ("name", "forge"),
    [
        ("another body", lambda raw: raw.replace(b"8-bit", b"9-bit")),
        ("one more line", lambda raw: raw + b"more\r\n"),
        ("another signature", lambda raw: re.sub(rb"s=[0-9a-f]{4}", b"s=0000", raw, count=1)),
        ("another item", lambda raw: re.sub(rb"id=[0-9A-Z]{4}", b"id=0000", raw, count=1)),
        ("another time", lambda raw: re.sub(rb"t=\d{4}", b"t=9999", raw, count=1)),
        ("no signature", lambda raw: re.sub(rb"; s=[0-9a-f]+", b"", raw, count=1)),
        ("a field above", lambda raw: b"X-Above: 1\r\n" + raw),
        ("the stamp below", lambda raw: re.sub(rb"\A([^\n]+\n)([^\n]+\n)", rb"\2\1", raw)),
    ],
)
def test_a_forged_stamp_does_not_help(site: tuple[Site, Sink], name: str, forge: Callable[[bytes], bytes]) -> None:
    door, released = site
    subject = name.replace(" ", "-")
    _, raw = stamped(door, released, subject)
    arrived = len(door.sink.mails)
    forged = forge(raw)
    assert forged != raw
    door.send(forged)
    newest = door.node.event(subject)
    assert (newest.kind, newest.status, newest.item) == (EventKind.MESSAGE_HELD, Status.INFECTED, "")
    assert len(door.sink.mails) == arrived

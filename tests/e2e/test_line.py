"""The whole line: real mail through a real Postfix and a running node, on to a sink that keeps every byte."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterator

import pytest
from tests.e2e.servers.site import Site

from lazaretto.model import Done, EventKind, Reply, Status

pytestmark = [pytest.mark.e2e, pytest.mark.root]

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
MASSMAILER = b"XJS*LAZARETTO-" + b"MASSMAILER-TEST*"
POLICY = """
version = "test"

[groups]
sales = ["*@sales.example"]
strict = ["*@strict.example"]

[[rule]]
id = "strict.malware"
who = { groups = ["strict"] }
what = { kind = "malware" }
then = ["quarantine"]
"""


@pytest.fixture(scope="module", params=["milter", "proxy"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with Site(request.param, policy=POLICY) as site:
        yield site


def below_trace(raw: bytes, subject: bytes) -> bytes:
    """The message from its Subject field on: the tests put it first, so what is above was put there on the way."""
    return raw[raw.index(b"Subject: " + subject) :]


def infected(subject: str) -> tuple[bytes, bytes]:
    """EICAR in a docx in a zip in a mail, between two parts that must not change; and the part itself."""
    docx, archive = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(docx, "w") as inner:
        inner.writestr("[Content_Types].xml", "<Types/>")
        inner.writestr("word/embeddings/oleObject1.bin", EICAR)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as outer:
        outer.writestr("invoice.docx", docx.getvalue())
    bad = (
        b'Content-Type: application/zip; name="invoice.zip"\r\nContent-Transfer-Encoding: base64\r\n'
        b'Content-Disposition: attachment; filename="invoice.zip"\r\n\r\n' + base64.encodebytes(archive.getvalue())
    ).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")  # fmt: skip
    head = (
        f"Subject: {subject}\r\nFrom: Alice <alice@sender.example>\r\nTo: bob@example.test\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\npreamble\r\n--b\r\n\r\n'
    ).encode()
    text = b"Text with \xe4 and a long line " + b"x" * 900 + b"\r\n\r\n--b\r\n"
    return head + text + bad + b"\r\n--b\r\nContent-Type: text/plain\r\n\r\nlast  \r\n--b--\r\nepilogue\r\n", bad


def test_clean_mail_arrives_byte_for_byte(site: Site) -> None:
    raw = b"Subject: clean-%s\r\nX-Odd:   spaces  \r\n\tfolded\r\n\r\n8-bit \xe4\xff\r\n.dot\r\n" % site.way.encode()
    before = len(site.sink.mails)
    site.send(raw)
    mail = site.sink.wait(before + 1)[-1]
    assert below_trace(mail.data, b"clean-") == raw
    event = site.node.event(f"clean-{site.way}")
    assert (event.kind, event.status, event.reply) == (EventKind.MESSAGE_PASSED, Status.CLEAN, Reply.ACCEPT)


def test_a_threat_deep_inside_is_replaced_and_released_as_it_was(site: Site) -> None:
    subject = f"infected-{site.way}"
    raw, bad = infected(subject)
    before = len(site.sink.mails)
    site.send(raw)
    arrived = below_trace(site.sink.wait(before + 1)[-1].data, subject.encode())
    start = raw.index(bad)
    assert arrived.startswith(raw[:start])
    assert arrived.endswith(raw[start + len(bad) :])
    assert b"EICAR-Test-File" in arrived
    assert b"invoice.zip" in arrived
    event = site.node.event(subject)
    assert (event.kind, event.status) == (EventKind.MESSAGE_CHANGED, Status.INFECTED)
    assert any(
        each.path.endswith("invoice.zip!invoice.docx!word/embeddings/oleObject1.bin") for each in event.artifacts
    )
    assert all(outcome.status is Done.DONE for outcome in event.outcomes)
    (item,) = [outcome.item for outcome in event.outcomes if outcome.item]
    assert site.node.client.export(item, "test").endswith(raw)
    (result,) = site.node.client.release([item], "test")
    assert result.done, result.error
    released = site.sink.wait(before + 2)[-1]
    assert below_trace(released.data, subject.encode()) == raw
    assert released.recipients == [b"bob@example.test"]


def test_a_mass_mailer_is_purged_whole(site: Site) -> None:
    before = len(site.sink.mails)
    site.send(b"Subject: massmailer-%s\r\n\r\n%s\r\n" % (site.way.encode(), MASSMAILER))
    event = site.node.event(f"massmailer-{site.way}")
    assert (event.kind, event.reply) == (EventKind.MESSAGE_PURGED, Reply.DISCARD)
    assert len(site.sink.mails) == before


def test_two_groups_with_two_policies(site: Site) -> None:
    subject = f"groups-{site.way}"
    raw, _ = infected(subject)
    before = len(site.sink.mails)
    site.send(raw, "one@sales.example", "two@strict.example")
    event = site.node.event(subject)
    rules = {recipient.address: verdict.rule for verdict in event.verdicts for recipient in verdict.recipients}
    if site.way == "proxy":
        assert rules == {"one@sales.example": "default.malware", "two@strict.example": "strict.malware"}
        mail = site.sink.wait(before + 1)[-1]
        assert mail.recipients == [b"one@sales.example"]
        assert b"EICAR-Test-File" in mail.data
    else:
        assert set(rules.values()) == {"strict.malware"}
        assert len(site.sink.mails) == before
    assert event.kind is EventKind.MESSAGE_HELD

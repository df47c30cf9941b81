"""Real mail through our SMTP door between two halves of a real Postfix, and through our LMTP door to a real Dovecot."""

from __future__ import annotations

import base64
import random
import re
import smtplib
import time
from collections.abc import Iterator, Sequence

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.e2e.servers.dovecot import Dovecot
from tests.e2e.servers.opened import Opened
from tests.e2e.servers.postfix import Postfix
from tests.e2e.servers.running import free_port
from tests.e2e.servers.sink import Mail, Sink

from lazaretto.listeners.lmtp import Lmtp
from lazaretto.listeners.smtp import Smtp
from lazaretto.model import Address, Decision, Delivery, Direction, Envelope, Peer, Priority, Reply

pytestmark = [pytest.mark.e2e, pytest.mark.root]

SENDER = "alice@sender.example"
BOB, CAROL = "bob@example.test", "carol@example.test"


class ScriptedLine:
    """Decides by the subject; remembers what it was shown."""

    hostname = "door.example.test"

    def __init__(self) -> None:
        self.seen: list[tuple[bytes, Envelope]] = []

    def direction(self, peer: Peer, sender: Address, recipients: Sequence[Address]) -> Direction:
        return Direction.INBOUND

    async def process(self, raw: bytes, envelope: Envelope, priority: Priority = Priority.DELIVERY) -> Decision:
        self.seen.append((raw, envelope))
        found = re.search(rb"^Subject: (\w+)", raw, re.MULTILINE)
        to = envelope.recipients
        match found[1].decode() if found else "":
            case "reject":
                return Decision(Reply.REJECT, text="no thanks")
            case "defer":
                return Decision(Reply.DEFER)
            case "discard":
                return Decision(Reply.DISCARD)
            case "split":
                marked = (Delivery((each,), b"X-For: %b\r\n" % each.address.encode() + raw) for each in to[1:])
                return Decision(Reply.ACCEPT, (Delivery(to[:1]), *marked))
            case "redirect":
                return Decision(Reply.ACCEPT, (Delivery((Address("postmaster@example.test"),)),))
        return Decision(Reply.ACCEPT, (Delivery(to),))


class Site:
    """The world, Postfix, our door, the other half of Postfix, a sink."""

    def __init__(self, line: ScriptedLine, postfix: Postfix, sink: Sink) -> None:
        self.line, self.postfix, self.sink = line, postfix, sink

    def send(self, raw: bytes, *to: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.postfix.port, local_hostname="client.example") as client:
            client.sendmail(SENDER, to or (BOB,), raw, ["BODY=8BITMIME"])

    def pass_on(self, raw: bytes, *to: str) -> Mail:
        before = len(self.sink.mails)
        self.send(raw, *to)
        return self.sink.wait(before + 1)[before]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    line, listen = ScriptedLine(), f"127.0.0.1:{free_port()}"
    with Sink() as sink:
        postfix = Postfix(deliver_to=sink.transport, proxy_filter=listen)
        settings = Smtp.Settings(listen=listen, next_hop=f"127.0.0.1:{postfix.reinjection_port}")
        with postfix, Opened(Smtp(settings), line):
            yield Site(line, postfix, sink)


def mail(subject: str, body: bytes = b"hello\r\n", extra: bytes = b"") -> bytes:
    head = f"From: <{SENDER}>\r\nTo: <{BOB}>\r\nSubject: {subject}\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n"
    return head.encode() + b"Message-ID: <1@sender.example>\r\n" + extra + b"\r\n" + body


def below_trace(data: bytes) -> bytes:
    """Without the Received fields that the two halves of Postfix put on top."""
    return re.sub(rb"\A(?:Received: .*?\r\n(?![ \t]))*", b"", data, count=1, flags=re.DOTALL)


def multipart(parts: int, size: int) -> bytes:
    rng = random.Random(1)
    chunks = [
        b"--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(rng.randbytes(size)).replace(b"\n", b"\r\n")
        for _ in range(parts)
    ]
    return b"".join(chunks) + b"--b--\r\n"


MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n"
ODD = b"X-None:value\r\nX-Two:  two\r\nX-Tab:\ttab\r\nX-Fold: a\r\n  b\r\n\tc\r\nx-empty:\r\nX-Trail: t \r\n"
CLEAN = {
    "plain": mail("clean"),
    "eight-bit": mail("clean", "grüße\r\n".encode("latin-1") * 50, b"X-Raw: \xe4\xf6\xfc\r\n"),
    "long-lines": mail("clean", b"x" * 30_000 + b"\r\n" + b"y" * 5_000 + b"\r\n"),
    "dots": mail("clean", b".\r\n..\r\n.x\r\n\r\n.\r\n"),
    "bare-cr": mail("clean", b"a\rb\r\nc \r d\r\n\rx\r\n"),
    "nul": mail("clean", b"a\0b\r\n"),
    "blank-body": mail("clean", b"\r\n\r\n\r\n"),
    "no-body": mail("clean", b""),
    "odd-headers": mail("clean", extra=ODD),
    "300-parts": mail("clean", multipart(300, 60), MIXED),
    "30-MB": mail("clean", multipart(6, 3_700_000), MIXED),
}


@pytest.mark.parametrize("name", CLEAN)
def test_clean_mail_passes_byte_for_byte(site: Site, name: str) -> None:
    arrived = site.pass_on(CLEAN[name]).data
    seen = site.line.seen[-1][0]
    assert below_trace(arrived) == below_trace(seen) == CLEAN[name]
    assert arrived.endswith(seen), "the trace that the first half put on top passes as well"


def test_many_different_mails_and_their_signatures(site: Site) -> None:
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = base64.b64encode(
        key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    rng, sent, before = random.Random(7), {}, len(site.sink.mails)
    pieces = [b"\r\n", b"a\rb", b".", b"\r\n.", b"\xe4", b"word ", b"\t", b" \r\n", b"=20\r\n", b"x" * 200]
    with smtplib.SMTP("127.0.0.1", site.postfix.port, local_hostname="client.example") as client:
        for number in range(500):
            body = b"".join(rng.choices(pieces, k=rng.randrange(60))).rstrip(b"\r\n") + b"\r\n"
            raw = mail(f"clean {number}", body)
            signature = dkim.sign(raw, b"s", b"sender.example", private, canonicalize=(b"simple", b"simple"))
            sent[number] = signature + raw
            client.ehlo()
            client.mail(SENDER, ["BODY=8BITMIME"])
            client.rcpt(BOB)
            assert client.data(sent[number])[0] == 250
    arrived = {
        int(re.search(rb"Subject: clean (\d+)", each.data)[1]): below_trace(each.data)  # type: ignore[index]  # is there
        for each in site.sink.wait(before + 500, 60)[before:]
    }
    assert arrived == sent
    record = b"v=DKIM1; k=rsa; p=" + public
    assert all(dkim.verify(raw, dnsfunc=lambda name, timeout=5: record) for raw in arrived.values())


def test_the_envelope_is_known(site: Site) -> None:
    site.pass_on(mail("clean"), BOB, CAROL)
    envelope = site.line.seen[-1][1]
    assert envelope.sender == Address(SENDER)
    assert envelope.recipients == (Address(BOB), Address(CAROL))
    assert envelope.peer == Peer(ip="127.0.0.1", helo="client.example"), "told by XFORWARD"


def test_the_other_half_of_postfix_hears_of_the_client(site: Site) -> None:
    site.pass_on(mail("clean"))
    site.postfix.wait_log(r"client=.*orig_client=\S*\[127\.0\.0\.1\]")


def test_the_subject_decides(site: Site) -> None:
    before = len(site.sink.mails)
    for script, code, text in (("reject", 550, b"5.7.1 no thanks"), ("defer", 451, b"4.7.1 Try again later")):
        with pytest.raises(smtplib.SMTPDataError) as caught:
            site.send(mail(script))
        assert (caught.value.smtp_code, caught.value.smtp_error) == (code, text)
    site.send(mail("discard"))
    assert site.pass_on(mail("redirect"), BOB, CAROL).recipients == [b"postmaster@example.test"]
    assert len(site.sink.mails) == before + 1


def test_groups_get_each_their_bytes(site: Site) -> None:
    before = len(site.sink.mails)
    site.send(mail("split"), BOB, CAROL)
    arrived = {each.recipients[0].decode(): each.data for each in site.sink.wait(before + 2)[before:]}
    assert below_trace(arrived[BOB]) == mail("split")
    marked = re.sub(rb"\AReceived: .*?\r\n(?![ \t])", b"", arrived[CAROL], count=1, flags=re.DOTALL)
    assert marked.startswith(b"X-For: carol@example.test\r\nReceived: ")
    assert marked.endswith(mail("split"))


def test_no_delayed_acknowledgement_slows_each_mail_down(site: Site) -> None:
    before, quickest = len(site.sink.mails), 1.0
    raw = mail("clean", b"a line of text\r\n" * 600)  # longer than what Postfix writes at once
    with smtplib.SMTP("127.0.0.1", site.postfix.port, local_hostname="client.example") as client:
        for _ in range(20):
            began = time.perf_counter()
            client.sendmail(SENDER, [BOB], raw)
            quickest = min(quickest, time.perf_counter() - began)
    site.sink.wait(before + 20)
    assert quickest < 0.035


def test_the_next_hop_down_means_try_again_later() -> None:
    listen = f"127.0.0.1:{free_port()}"
    settings = Smtp.Settings(listen=listen, next_hop=f"127.0.0.1:{free_port()}")
    with (
        Sink() as sink,
        Postfix(deliver_to=sink.transport, proxy_filter=listen) as postfix,
        Opened(Smtp(settings), ScriptedLine()),
        smtplib.SMTP("127.0.0.1", postfix.port) as client,
    ):
        with pytest.raises(smtplib.SMTPRecipientsRefused) as caught:  # Postfix asks at the first recipient
            client.sendmail(SENDER, [BOB], mail("clean"))
        assert caught.value.recipients[BOB][0] == 451
        assert not sink.mails


def test_through_the_lmtp_door_into_dovecot() -> None:
    listen, line = f"127.0.0.1:{free_port()}", ScriptedLine()
    with Dovecot() as dovecot:
        settings = Lmtp.Settings(listen=listen, next_hop=f"127.0.0.1:{dovecot.lmtp_port}")
        with (
            Opened(Lmtp(settings), line),
            Postfix(deliver_to=f"lmtp:inet:{listen}") as postfix,
            smtplib.SMTP("127.0.0.1", postfix.port) as client,
        ):
            client.sendmail(SENDER, [BOB, CAROL], CLEAN["eight-bit"], ["BODY=8BITMIME"])
            for user in (BOB, CAROL):
                (stored,) = dovecot.wait(user, 1)
                assert stored.endswith(CLEAN["eight-bit"].replace(b"\r\n", b"\n"))  # Maildir keeps bare LF
            client.sendmail(SENDER, [BOB, CAROL], mail("split"))
            assert b"\nX-For: " not in dovecot.wait(BOB, 2)[1]
            assert b"\nX-For: carol@example.test\n" in dovecot.wait(CAROL, 2)[1]
            client.sendmail(SENDER, [BOB], mail("reject"))
            postfix.wait_log(r"status=bounced .*550 5\.7\.1 no thanks")
            client.sendmail(SENDER, [BOB], mail("defer"))
            postfix.wait_log(r"status=deferred .*451 4\.7\.1 Try again later")
    assert {envelope.door for _, envelope in line.seen} == {"lmtp"}

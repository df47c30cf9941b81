"""Real mail through a real Postfix that asks our milter door, on to a sink or to a real Dovecot."""

from __future__ import annotations

import asyncio
import base64
import random
import re
import smtplib
import time
from collections.abc import Iterator, Sequence

import pytest
from tests.e2e.servers.dovecot import Dovecot
from tests.e2e.servers.opened import Opened
from tests.e2e.servers.postfix import Postfix
from tests.e2e.servers.running import public_folder
from tests.e2e.servers.sink import Mail, Sink

from lazaretto.listeners.milter import Milter
from lazaretto.model import Address, Decision, Delivery, Direction, Envelope, Peer, Priority, Reply

pytestmark = [pytest.mark.e2e, pytest.mark.root]

SENDER = "alice@sender.example"
BOB, CAROL = "bob@example.test", "carol@example.test"


class ScriptedLine:
    """Decides by the subject; remembers what it was shown."""

    hostname = "mx.example.test"

    def __init__(self) -> None:
        self.seen: list[tuple[bytes, Envelope]] = []

    def direction(self, peer: Peer, sender: Address, recipients: Sequence[Address]) -> Direction:
        return Direction.INBOUND

    async def process(self, raw: bytes, envelope: Envelope, priority: Priority = Priority.DELIVERY) -> Decision:
        self.seen.append((raw, envelope))
        found = re.search(rb"^Subject: (\w+)", raw, re.MULTILINE)
        script = found[1].decode() if found else ""
        to = envelope.recipients
        match script:
            case "reject":
                return Decision(Reply.REJECT, text="100% bad")
            case "defer":
                return Decision(Reply.DEFER)
            case "discard":
                return Decision(Reply.DISCARD)
            case "redirect":
                return Decision(Reply.ACCEPT, (Delivery((Address("postmaster@example.test"),)),))
            case "some":
                return Decision(Reply.ACCEPT, (Delivery((to[0],)),))
            case "slow":
                await asyncio.sleep(1.5)
            case "impossible":
                return Decision(Reply.ACCEPT, (Delivery(to, b"this is no header\r\n\r\nbody\r\n"),))
        changed = EDITS[script](raw) if script in EDITS else None
        return Decision(Reply.ACCEPT, (Delivery(to, changed),))


def tag(raw: bytes) -> bytes:
    return b"X-Lazaretto: one\r\nX-Lazaretto: two\r\n\tfolded\r\n" + raw.replace(b"Subject: ", b"Subject: [TAG] ")


def many(raw: bytes) -> bytes:
    """Removes, adds in the middle and at the end, changes the second of a name."""
    head, body = raw.split(b"\r\n\r\n", 1)
    lines = head.split(b"\r\n")
    lines = [line for line in lines if not line.startswith(b"X-Remove:")]
    lines = [b"X-Twice: CHANGED" if line == b"X-Twice: second" else line for line in lines]
    lines[1:1] = [b"X-Middle: a", b"X-Middle: b"]
    return b"\r\n".join([*lines, b"X-End: 1", b"X-End:  2 "]) + b"\r\n\r\n" + body


EDITS = {
    "tag": tag,
    "many": many,
    "body": lambda raw: raw.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n" + b"new \xe4 line\r\n.dot\r\n" * 20_000,
    "empty": lambda raw: raw.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n",
    "both": lambda raw: tag(raw).replace(b"hello", b"bye"),
}


class Site:
    def __init__(self, line: ScriptedLine, postfix: Postfix, sink: Sink) -> None:
        self.line, self.postfix, self.sink = line, postfix, sink

    def send(self, raw: bytes, *to: str, sender: str = SENDER) -> None:
        with smtplib.SMTP("127.0.0.1", self.postfix.port, local_hostname="client.example") as client:
            client.sendmail(sender, to or (BOB,), raw, ["BODY=8BITMIME"])

    def pass_on(self, raw: bytes, *to: str) -> Mail:
        before = len(self.sink.mails)
        self.send(raw, *to)
        return self.sink.wait(before + 1)[before]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    line = ScriptedLine()
    door = Milter(Milter.Settings(listen="127.0.0.1:0", progress=0.2))
    with Sink() as sink, Opened(door, line) as opened:
        milters = [f"inet:{opened.address}"]
        # Were Progress not sent, the slow mail would run into the time-out.
        settings = {"milter_content_timeout": "1s"}
        with Postfix(deliver_to=sink.transport, milters=milters, settings=settings) as postfix:
            yield Site(line, postfix, sink)


def mail(subject: str, body: bytes = b"hello\r\n", extra: bytes = b"") -> bytes:
    head = f"From: <{SENDER}>\r\nTo: <{BOB}>\r\nSubject: {subject}\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n"
    return head.encode() + b"Message-ID: <1@sender.example>\r\n" + extra + b"\r\n" + body


def below_trace(data: bytes) -> bytes:
    """Without the Received field that Postfix puts on top."""
    return re.sub(rb"\AReceived: .*?\r\n(?![ \t])", b"", data, count=1, flags=re.DOTALL)


def multipart(parts: int, size: int) -> bytes:
    rng = random.Random(1)
    chunks = [
        b"--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(rng.randbytes(size)).replace(b"\n", b"\r\n")
        for _ in range(parts)
    ]
    return b"".join(chunks) + b"--b--\r\n"


ODD = b"X-None:value\r\nX-Two:  two\r\nX-Tab:\ttab\r\nX-Fold: a\r\n  b\r\n\tc\r\nx-empty:\r\nX-Trail: t \r\n"
CLEAN = {
    "plain": mail("clean"),
    "eight-bit": mail("clean", "grüße\r\n".encode("latin-1") * 50, b"X-Raw: \xe4\xf6\xfc\r\n"),
    "long-lines": mail("clean", b"x" * 30_000 + b"\r\n" + b"y" * 5_000 + b"\r\n"),
    "dots": mail("clean", b".\r\n..\r\n.x\r\n\r\n.\r\n"),
    "bare-cr": mail("clean", b"a\rb\r\nc \r d\r\n"),
    "nul": mail("clean", b"a\0b\r\n"),
    "blank-body": mail("clean", b"\r\n\r\n\r\n"),
    "no-body": mail("clean", b""),
    "odd-headers": mail("clean", extra=ODD),
    "many-parts": mail("clean", multipart(300, 60), b"Content-Type: multipart/mixed; boundary=b\r\n"),
    "5-MB": mail("clean", multipart(4, 1_000_000), b"Content-Type: multipart/mixed; boundary=b\r\n"),
}


@pytest.mark.parametrize("name", CLEAN)
def test_clean_mail_passes_byte_for_byte(site: Site, name: str) -> None:
    raw = CLEAN[name]
    assert below_trace(site.pass_on(raw).data) == raw


@pytest.mark.parametrize("name", CLEAN)
def test_the_line_sees_the_very_bytes(site: Site, name: str) -> None:
    site.pass_on(CLEAN[name])
    assert site.line.seen[-1][0] == CLEAN[name]


def test_the_envelope_is_known(site: Site) -> None:
    site.pass_on(mail("clean"), BOB, CAROL)
    envelope = site.line.seen[-1][1]
    assert envelope.door == "milter"
    assert envelope.direction is Direction.INBOUND
    assert envelope.sender == Address(SENDER)
    assert envelope.recipients == (Address(BOB), Address(CAROL))
    assert envelope.peer == Peer(ip="127.0.0.1", helo="client.example")
    assert f"{envelope.queue_id}: " in site.postfix.text()


@pytest.mark.parametrize("script", ["tag", "body", "empty", "both"])
def test_what_the_line_changed_is_what_arrives(site: Site, script: str) -> None:
    raw = mail(script, extra=b"X-Same:untouched \r\n")
    assert below_trace(site.pass_on(raw).data) == EDITS[script](raw)


def test_header_edits_in_every_place(site: Site) -> None:
    extra = b"X-Remove: 1\r\nX-Twice: first\r\nX-TWICE: between\r\nX-Twice: second\r\nx-remove: stays\r\n"
    extra += b"X-Remove: 3\r\n"
    raw = mail("many", extra=extra)
    assert below_trace(site.pass_on(raw).data) == many(raw)


def test_refusals_reach_the_sender(site: Site) -> None:
    before = len(site.sink.mails)
    with pytest.raises(smtplib.SMTPDataError) as caught:
        site.send(mail("reject"))
    assert (caught.value.smtp_code, caught.value.smtp_error) == (550, b"5.7.1 100% bad")
    for script in ("defer", "impossible"):
        with pytest.raises(smtplib.SMTPDataError) as caught:
            site.send(mail(script))
        assert (caught.value.smtp_code, caught.value.smtp_error) == (451, b"4.7.1 try again later")
    site.send(mail("discard"))
    assert site.pass_on(mail("clean"))  # nothing of the above arrives before or after
    assert len(site.sink.mails) == before + 1


def test_redirect(site: Site) -> None:
    assert site.pass_on(mail("redirect"), BOB, CAROL).recipients == [b"postmaster@example.test"]


def test_some_recipients_only(site: Site) -> None:
    assert site.pass_on(mail("some"), BOB, CAROL).recipients == [BOB.encode()]


def test_a_slow_verdict_is_waited_for(site: Site) -> None:
    assert below_trace(site.pass_on(mail("slow")).data) == mail("slow")


def test_no_delayed_acknowledgement_slows_each_mail_down(site: Site) -> None:
    """Over TCP each mail took 40 ms more, all of them, so the quickest tells."""
    before, quickest = len(site.sink.mails), 1.0
    with smtplib.SMTP("127.0.0.1", site.postfix.port, local_hostname="client.example") as client:
        for _ in range(20):
            began = time.perf_counter()
            client.sendmail(SENDER, [BOB], mail("clean"))
            quickest = min(quickest, time.perf_counter() - began)
    site.sink.wait(before + 20)
    assert quickest < 0.03


def test_two_mails_per_connection_and_a_reset_between(site: Site) -> None:
    before = len(site.sink.mails)
    with smtplib.SMTP("127.0.0.1", site.postfix.port, local_hostname="client.example") as client:
        client.sendmail(SENDER, [BOB], mail("clean", b"one\r\n"))
        client.mail(SENDER)
        client.rcpt(CAROL)
        client.rset()
        with pytest.raises(smtplib.SMTPDataError):
            client.sendmail(SENDER, [BOB], mail("reject"))
        client.sendmail("", [CAROL], mail("clean", b"two\r\n"))
    mails = site.sink.wait(before + 2)[before:]
    assert sorted(each.data[-5:] for each in mails) == [b"one\r\n", b"two\r\n"]
    assert site.line.seen[-1][1].sender == Address("")
    assert site.line.seen[-1][1].recipients == (Address(CAROL),)


def test_through_a_unix_socket_into_dovecot() -> None:
    with (
        public_folder("door") as folder,
        Dovecot() as dovecot,
        Opened(Milter(Milter.Settings(listen=f"unix:{folder}/s", mode="0666")), ScriptedLine()),
        Postfix(deliver_to=dovecot.transport, milters=[f"unix:{folder}/s"]) as postfix,
        smtplib.SMTP("127.0.0.1", postfix.port) as client,
    ):
        client.sendmail(SENDER, [BOB], mail("tag", CLEAN["eight-bit"]))
        (stored,) = dovecot.wait(BOB, 1)
    expected = tag(mail("tag", CLEAN["eight-bit"])).replace(b"\r\n", b"\n")  # Maildir keeps bare LF
    assert stored.endswith(expected)


def test_the_door_closed_means_try_again_later() -> None:
    door = Milter(Milter.Settings(listen="127.0.0.1:0"))
    with Sink() as sink, Opened(door, ScriptedLine()) as opened:
        milters = [f"inet:{opened.address}"]
        with Postfix(deliver_to=sink.transport, milters=milters) as postfix:
            with smtplib.SMTP("127.0.0.1", postfix.port) as client:
                client.ehlo()
                opened.run(door.stop(1))
                with pytest.raises(smtplib.SMTPDataError) as caught:
                    client.sendmail(SENDER, [BOB], mail("clean"))
            assert caught.value.smtp_code == 451
            assert not sink.mails

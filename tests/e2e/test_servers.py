"""The servers that the other tests rely on do what they promise."""

from __future__ import annotations

import smtplib
import time

import pytest
from tests.e2e.servers.dovecot import Dovecot
from tests.e2e.servers.postfix import Postfix
from tests.e2e.servers.sink import Sink

pytestmark = pytest.mark.e2e

RAW = b"Subject: x\r\n\r\n.\r\n..two\r\nbare\rcr \xff\0\r\n"
BOB, CAROL = "bob@example.test", "carol@example.test"


def send(port: int, raw: bytes = RAW, *to: str) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("alice@sender.example", to or (BOB,), raw)


def test_the_sink_keeps_the_very_bytes() -> None:
    with Sink() as sink:
        send(sink.port, RAW, BOB, CAROL)
        send(sink.port, b".first\r\n")
        first, second = sink.wait(2)
    assert first.data == RAW
    assert first.recipients == [BOB.encode(), CAROL.encode()]
    assert second.data == b".first\r\n"


def test_the_sink_takes_chunks() -> None:
    with Sink() as sink, smtplib.SMTP("127.0.0.1", sink.port) as client:
        client.ehlo()
        client.mail("a@b.example")
        client.rcpt(BOB)
        client.send(b"BDAT 5\r\none\r\nBDAT 5 LAST\r\ntwo\r\n")
        assert client.getreply()[0] == 250
        assert client.getreply()[0] == 250
        assert sink.wait(1)[0].data == b"one\r\ntwo\r\n"


def test_the_sink_answers_lmtp_for_each_recipient() -> None:
    with Sink(lmtp=True) as sink, smtplib.LMTP("127.0.0.1", sink.port) as client:
        client.ehlo()
        client.mail("a@b.example")
        client.rcpt(BOB)
        client.rcpt(CAROL)
        assert client.data(RAW)[0] == 250
        assert client.getreply()[0] == 250


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "."])
def test_the_sink_refuses_and_drops_when_told(verb: str) -> None:
    with Sink() as sink:
        sink.refuse[verb] = b"451 4.3.0 not now"
        with pytest.raises((smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)):
            send(sink.port)
        assert not sink.mails
        sink.refuse.clear()
        sink.drop.add(verb)
        with pytest.raises(smtplib.SMTPServerDisconnected):
            send(sink.port)
        assert len(sink.mails) == (verb == ".")


def test_the_sink_takes_its_time_when_told() -> None:
    with Sink() as sink:
        sink.delay["."] = 0.3
        began = time.monotonic()
        send(sink.port)
        assert time.monotonic() - began > 0.3


@pytest.mark.root
def test_postfix_asks_a_proxy_before_it_answers_and_takes_mail_back() -> None:
    with Sink() as proxy, Sink() as sink:
        with Postfix(deliver_to=sink.transport, proxy_filter=proxy.address) as postfix:
            send(postfix.port)
            assert proxy.wait(1)[0].data.endswith(RAW)
            assert not sink.mails
            proxy.refuse["."] = b"550 5.7.1 no"
            with pytest.raises(smtplib.SMTPDataError):
                send(postfix.port)
            send(postfix.reinjection_port)
            assert sink.wait(1)[0].data.endswith(RAW)
            sink.refuse["RCPT"] = b"451 4.3.0 not now"
            send(postfix.reinjection_port)
            postfix.wait_log("status=deferred")
            assert len(postfix.queued()) == 1
        folder = postfix.folder
    assert not folder.exists()


@pytest.mark.root
def test_dovecot_stores_and_shows() -> None:
    import imaplib

    with Dovecot() as dovecot:
        with smtplib.LMTP("127.0.0.1", dovecot.lmtp_port) as client:
            client.sendmail("alice@sender.example", [BOB], b"Subject: x\r\n\r\nhello\r\n")
        (stored,) = dovecot.wait(BOB, 1)
        assert stored.endswith(b"Subject: x\n\nhello\n")
        with imaplib.IMAP4("127.0.0.1", dovecot.imap_port) as imap:
            imap.login(BOB, "secret")
            assert imap.select()[1] == [b"1"]

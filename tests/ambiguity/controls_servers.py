"""Controls, as servers, lists, gateways and machines produce them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.ambiguity.build import CRLF, b64, entity, lines, multipart, note
from tests.ambiguity.controls import PLAIN, letter
from tests.ambiguity.controls_clients import VERSION, Named, html, mixed, pdf
from tests.ambiguity.payload import zipped

STATUS = lines(
    "Reporting-MTA: dns; mx.example.net",
    "",
    "Final-Recipient: rfc822; nobody@example.net",
    "Action: failed",
    "Status: 5.1.1",
    "Diagnostic-Code: smtp; 550 5.1.1 User unknown",
)


def original() -> bytes:
    return mixed("orig", note("Did you get it?"), pdf())


def controls() -> Iterator[Named]:
    yield from bounces()


def bounces() -> Iterator[Named]:
    status = entity("Content-Description: Delivery report", "Content-Type: message/delivery-status", body=STATUS)
    whole = entity("Content-Description: Undelivered Message", "Content-Type: message/rfc822", body=original())
    headers = entity("Content-Type: text/rfc822-headers", body=original().partition(CRLF * 2)[0] + CRLF)
    why = entity(
        "Content-Description: Notification",
        "Content-Type: text/plain; charset=us-ascii",
        body="This is the mail system at host mx.\r\n",
    )
    report = (
        'Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="4XkQ1z.1762160402/mx.example.net"'
    )
    mark = "4XkQ1z.1762160402/mx.example.net"
    postmaster = "Mail Delivery System <MAILER-DAEMON@mx.example.net>"
    text = "This is a MIME-encapsulated message."
    yield (
        "postfix-bounce",
        letter(
            "Auto-Submitted: auto-replied",
            VERSION,
            report,
            sender=postmaster,
            body=multipart(mark, why, status, whole, preamble=text),
        ),
    )
    yield (
        "postfix-bounce-headers",
        letter(VERSION, report, sender=postmaster, body=multipart(mark, why, status, headers, preamble=text)),
    )
    yield (
        "sendmail-bounce",
        letter(
            VERSION,
            'Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="gA3.1/x"',
            sender=postmaster,
            body=multipart(
                "gA3.1/x",
                entity(body="The original message was received at Tue\r\n"),
                status,
                entity("Content-Type: message/rfc822", body=(original())),
            ),
        ),
    )
    exim = (
        "This message was created automatically by mail delivery software.\r\n\r\nA message that you sent could"
        " not be delivered to one or more"
        " of its\r\nrecipients. This is a permanent error.\r\n\r\n  nobody@example.net\r\n    unknown"
        " user\r\n\r\n------ This is a copy of the"
        " message, including all the headers. ------\r\n\r\n"
    )
    pasted = original()
    yield (
        "exim-bounce-with-pdf",
        letter("X-Failed-Recipients: nobody@example.net", sender=postmaster, body=exim.encode() + pasted),
    )
    document = mixed(
        "0015",
        note(),
        entity(
            'Content-Type: application/msword; name="minutes.doc"',
            "Content-Transfer-Encoding: base64",
            'Content-Disposition: attachment; filename="minutes.doc"',
            body=b64(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)),
        ),
    )
    yield (
        "exim-bounce-with-doc-cut",
        letter("Auto-Submitted: auto-replied", sender=postmaster, body=exim.encode() + document[:-400]),
    )
    yield "exim-bounce-plain", letter(sender=postmaster, body=exim.encode() + letter(*PLAIN, body="Hello\r\n"))
    yield (
        "qmail-bounce",
        letter(
            sender=postmaster,
            body=b"Hi. This is the qmail-send program at example.net.\r\nI'm afraid I wasn't able to deliver"
            b" your message"
            b" to the following addresses.\r\n\r\n<nobody@example.net>:\r\nSorry, no mailbox here by that name."
            b" (#5.1.1)\r\n\r\n--- Below this line is a copy"
            b" of the message.\r\n\r\nReturn-Path: <ann@example.org>\r\n" + original(),
        ),
    )
    yield (
        "exchange-bounce",
        letter(
            VERSION,
            'Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="b5d1-4c"',
            "X-MS-Exchange-Message-Is-Ndr:",
            body=multipart(
                "b5d1-4c",
                entity(
                    'Content-Type: multipart/alternative; boundary="alt"',
                    body=multipart("alt", note(), html("Delivery failed")),
                ),
                status,
                whole,
            ),
        ),
    )
    yield (
        "dsn-delayed",
        letter(
            VERSION,
            'Content-Type: multipart/report; report-type="delivery-status"; boundary="d"',
            body=multipart(
                "d",
                why,
                entity("Content-Type: message/delivery-status", body=STATUS.replace(b"failed", b"delayed")),
                headers,
            ),
        ),
    )
    yield (
        "dsn-global",
        letter(
            VERSION,
            'Content-Type: multipart/report; report-type=delivery-status; boundary="g"',
            body=multipart(
                "g",
                why,
                entity("Content-Type: message/global-delivery-status", body=STATUS),
                entity("Content-Type: message/global-headers", body="Subject: Prüfung\r\n"),
            ),
        ),
    )
    yield (
        "mdn",
        letter(
            VERSION,
            'Content-Type: multipart/report; report-type=disposition-notification; boundary="m"',
            body=multipart(
                "m",
                why,
                entity(
                    "Content-Type: message/disposition-notification",
                    body=lines(
                        "Final-Recipient: rfc822;bob@example.net",
                        "Disposition: automatic-action/MDN-sent-automatically; deleted",
                    ),
                ),
                entity("Content-Type: message/rfc822", body=letter(body="x")),
            ),
        ),
    )
    yield "vacation", letter("Auto-Submitted: auto-replied (vacation)", "Precedence: junk", body="I am away.\r\n")
    yield (
        "feedback-report",
        letter(
            VERSION,
            'Content-Type: multipart/report; report-type=feedback-report; boundary="f"',
            body=multipart(
                "f",
                why,
                entity("Content-Type: message/feedback-report", body="Feedback-Type: abuse\r\nVersion: 1\r\n"),
                entity("Content-Type: message/rfc822", body=original()),
            ),
        ),
    )
    dmarc = zipped({"example.org!example.net!1!2.xml": b'<?xml version="1.0"?><feedback></feedback>'})
    yield (
        "dmarc-report",
        letter(
            VERSION,
            'Content-Type: application/zip; name="example.org!example.net!1!2.zip"',
            "Content-Transfer-Encoding: base64",
            "Content-Disposition: attachment",
            body=b64(dmarc),
        ),
    )

"""Controls, as servers, lists, gateways and machines produce them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.ambiguity.build import CRLF, b64, entity, lines, mail, multipart, note
from tests.ambiguity.controls import PDF, PICTURE, PLAIN, letter
from tests.ambiguity.controls_clients import VERSION, Named, html, mixed, pdf
from tests.ambiguity.payload import docx, zipped

STATUS = lines("Reporting-MTA: dns; mx.example.net", "", "Final-Recipient: rfc822; nobody@example.net", "Action: failed", "Status: 5.1.1",
               "Diagnostic-Code: smtp; 550 5.1.1 User unknown")  # fmt: skip


def original() -> bytes:
    return mixed("orig", note("Did you get it?"), pdf())


def controls() -> Iterator[Named]:
    yield from bounces()
    yield from lists()
    yield from forwards()
    yield from machines()
    yield from shapes()


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
    yield "sendmail-bounce", letter(VERSION, 'Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="gA3.1/x"', sender=postmaster,
        body=multipart("gA3.1/x", entity(body="The original message was received at Tue\r\n"), status, entity("Content-Type: message/rfc822", body=(
            original()))))  # fmt: skip
    exim = "This message was created automatically by mail delivery software.\r\n\r\nA message that you sent could not be delivered to one or more" \
        " of its\r\nrecipients. This is a permanent error.\r\n\r\n  nobody@example.net\r\n    unknown user\r\n\r\n------ This is a copy of the" \
        " message, including all the headers. ------\r\n\r\n"  # fmt: skip
    pasted = original()
    yield (
        "exim-bounce-with-pdf",
        letter("X-Failed-Recipients: nobody@example.net", sender=postmaster, body=exim.encode() + pasted),
    )
    document = mixed("0015", note(), entity('Content-Type: application/msword; name="minutes.doc"', "Content-Transfer-Encoding: base64",
        'Content-Disposition: attachment; filename="minutes.doc"', body=b64(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))))  # fmt: skip
    yield (
        "exim-bounce-with-doc-cut",
        letter("Auto-Submitted: auto-replied", sender=postmaster, body=exim.encode() + document[:-400]),
    )
    yield "exim-bounce-plain", letter(sender=postmaster, body=exim.encode() + letter(*PLAIN, body="Hello\r\n"))
    yield "qmail-bounce", letter(sender=postmaster, body=b"Hi. This is the qmail-send program at example.net.\r\nI'm afraid I wasn't able to deliver your message"
        b" to the following addresses.\r\n\r\n<nobody@example.net>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\n--- Below this line is a copy"
        b" of the message.\r\n\r\nReturn-Path: <ann@example.org>\r\n" + original())  # fmt: skip
    yield "exchange-bounce", letter(VERSION, 'Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="b5d1-4c"', "X-MS-Exchange-Message-Is-Ndr:",
        body=multipart("b5d1-4c", entity('Content-Type: multipart/alternative; boundary="alt"', body=multipart("alt", note(), html("Delivery failed"))),
                       status, whole))  # fmt: skip
    yield "dsn-delayed", letter(VERSION, 'Content-Type: multipart/report; report-type="delivery-status"; boundary="d"', body=multipart(
        "d", why, entity("Content-Type: message/delivery-status", body=STATUS.replace(b"failed", b"delayed")), headers))  # fmt: skip
    yield "dsn-global", letter(VERSION, 'Content-Type: multipart/report; report-type=delivery-status; boundary="g"', body=multipart("g", why, entity(
        "Content-Type: message/global-delivery-status", body=STATUS), entity("Content-Type: message/global-headers", body="Subject: Prüfung\r\n")))  # fmt: skip
    yield "mdn", letter(VERSION, 'Content-Type: multipart/report; report-type=disposition-notification; boundary="m"', body=multipart("m", why, entity(
        "Content-Type: message/disposition-notification", body=lines("Final-Recipient: rfc822;bob@example.net", "Disposition: automatic-action/"
        "MDN-sent-automatically; deleted")), entity("Content-Type: message/rfc822", body=letter(body="x"))))  # fmt: skip
    yield "vacation", letter("Auto-Submitted: auto-replied (vacation)", "Precedence: junk", body="I am away.\r\n")
    yield "feedback-report", letter(VERSION, 'Content-Type: multipart/report; report-type=feedback-report; boundary="f"', body=multipart("f", why, entity(
        "Content-Type: message/feedback-report", body="Feedback-Type: abuse\r\nVersion: 1\r\n"), entity("Content-Type: message/rfc822", body=original())))  # fmt: skip
    dmarc = zipped({"example.org!example.net!1!2.xml": b'<?xml version="1.0"?><feedback></feedback>'})
    yield "dmarc-report", letter(VERSION, 'Content-Type: application/zip; name="example.org!example.net!1!2.zip"', "Content-Transfer-Encoding: base64",
                                 "Content-Disposition: attachment", body=b64(dmarc))  # fmt: skip


def lists() -> Iterator[Named]:
    footer = "_______________________________________________\r\nPapers mailing list\r\nPapers@lists.example\r\nhttps://lists.example/listinfo/papers\r\n"
    yield "mailman-footer-part", mixed("===============123==", note(), pdf(), entity('Content-Type: text/plain; charset="us-ascii"', "MIME-Version: 1.0",
        "Content-Transfer-Encoding: 7bit", "Content-Disposition: inline", body=footer))  # fmt: skip
    yield "list-footer-after-close", mixed("frontier", note(), pdf(), epilogue=CRLF + footer.encode())
    yield "list-footer-in-text", letter("List-Id: <papers.lists.example>", *PLAIN, body="Hi\r\n\r\n" + footer)
    yield (
        "yahoo-groups-footer",
        mixed(
            "y",
            note(),
            html("Hi"),
            epilogue="\r\nYahoo! Groups Links\r\n\r\n<*> To visit your group on the web, go to:\r\n",
        ),
    )
    yield (
        "disclaimer-after-close",
        mixed(
            "d", note(), epilogue="\r\n\r\nThis e-mail is confidential. If you are not the addressee, delete it.\r\n"
        ),
    )
    yield "majordomo-digest", letter(body="Papers Digest\tTuesday, 3 November\t\tVolume 01 : Number 007\r\n\r\n" + ("-" * 70) + "\r\n\r\nDate: Tue, 3 Nov"
        " 2026\r\nFrom: ann@example.org\r\nSubject: one\r\n\r\nHello\r\n\r\n" + "-" * 30 + "\r\n\r\nEnd of Papers Digest\r\n****\r\n")  # fmt: skip
    letters = [CRLF + letter(*PLAIN, body=f"Letter {at}\r\n") for at in range(3)]
    yield "mime-digest", mixed("dig", *letters, subtype="digest")
    yield "mailman-digest", mixed("===1==", note("Send Papers mailing list submissions to ..."), entity('Content-Type: multipart/digest; boundary="===2=="',
        body=multipart("===2==", *letters)), entity("Content-Type: text/plain", body=footer))  # fmt: skip
    yield "sympa-wrapped", mixed("sy", entity("Content-Type: message/rfc822", body=original()), note(footer))


def forwards() -> Iterator[Named]:
    message = original()
    for at in range(5):
        message = letter(VERSION, f'Content-Type: multipart/mixed; boundary="fw{at}x"', subject="Fwd: " * (at + 1) + "Minutes", body=multipart(
            f"fw{at}x", note("See below."), entity("Content-Type: message/rfc822", 'Content-Disposition: attachment; filename="Minutes.eml"', body=message)))  # fmt: skip
    yield "forwarded-five-deep", message
    yield "forward-as-eml", mixed("e", note(), entity('Content-Type: message/rfc822; name="Minutes.eml"', "Content-Transfer-Encoding: 7bit",
        'Content-Disposition: attachment; filename="Minutes.eml"', body=original()))  # fmt: skip
    yield (
        "forward-pasted-header",
        letter(
            *PLAIN,
            body="----- Original Message -----\r\nFrom: Ann\r\nTo: Bob\r\nSent: Tuesday\r\nSubject: Minutes\r\n\r\nHi\r\n",
        ),
    )
    yield "forward-eml-in-octets", mixed("eo", note(), entity('Content-Type: application/octet-stream; name="m.eml"', "Content-Transfer-Encoding: base64",
        'Content-Disposition: attachment; filename="m.eml"', body=b64(original())))  # fmt: skip
    yield (
        "resent",
        b"Resent-From: Carol <carol@example.org>\r\nResent-Date: Tue, 3 Nov 2026 11:00:00 +0100\r\n" + original(),
    )


def machines() -> Iterator[Named]:
    yield "scanner", letter("X-Mailer: KONICA MINOLTA bizhub C258", VERSION, 'Content-Type: multipart/mixed; boundary="KONICA_MINOLTA_Internet_Fax_Boundary"',
        body=multipart("KONICA_MINOLTA_Internet_Fax_Boundary", entity("Content-Type: text/plain", body=CRLF), entity(
            'Content-Type: application/pdf; name="SKM_C25826110310000.pdf"', 'Content-Disposition: attachment; filename="SKM_C25826110310000.pdf"',
            "Content-Transfer-Encoding: base64", body=b64(PDF, 72))))  # fmt: skip
    tiff = b"II*\0" + bytes(120)
    yield "fax-tiff", letter(VERSION, "Content-Type: image/tiff; application=faxbw", "Content-Transfer-Encoding: base64",
                             'Content-Disposition: attachment; filename="fax00001.tif"', body=b64(tiff))  # fmt: skip
    yield "voice-mail", mixed("vm", note("Voice mail from 100"), entity('Content-Type: audio/x-wav; name="msg0001.WAV"', "Content-Transfer-Encoding: base64",
        "Content-Description: Voicemail sound attachment.", 'Content-Disposition: attachment; filename="msg0001.WAV"', body=b64(b"RIFF\x24\0\0\0WAVEfmt " + bytes(60))))  # fmt: skip
    yield "cron", letter("X-Cron-Env: <SHELL=/bin/sh>", "Content-Type: text/plain; charset=ANSI_X3.4-1968", sender="root (Cron Daemon) <root@example.org>",
                         subject="Cron <root@host> test -x /usr/sbin/anacron", body="/etc/cron.daily/logrotate:\r\nerror: skipping\r\n")  # fmt: skip
    yield (
        "camera-jpeg-only",
        letter(
            VERSION, "Content-Type: image/png; name=motion.png", "Content-Transfer-Encoding: base64", body=b64(PICTURE)
        ),
    )
    yield (
        "php-mail",
        letter(
            "X-PHP-Originating-Script: 33:mailer.php",
            "MIME-Version: 1.0\nContent-type: text/html; charset=iso-8859-1",
            body="<p>Order 12</p>\n",
        ),
    )
    yield "sap-mixed-names", mixed("=_SAP", note(), entity("Content-Type: application/x-sap; name=\"ORDER.PDF\"", "Content-Disposition: attachment;\r\n filename=\"order.pdf\"",
        "Content-Transfer-Encoding: base64", body=b64(PDF)))  # fmt: skip
    yield "docx-as-octets", mixed("do", note(), entity('Content-Type: application/octet-stream; name="a.docx"', "Content-Transfer-Encoding: base64",
        body=b64(docx({}))))  # fmt: skip
    yield "git-bundle-zip", mixed("z", note(), entity('Content-Type: application/x-zip-compressed; name="src.zip"', "Content-Transfer-Encoding: base64",
        'Content-Disposition: attachment; filename="src.zip"', body=b64(zipped({"a/readme.txt": b"hello\n", "a/x.c": b"int x;\n"}))))  # fmt: skip


def shapes() -> Iterator[Named]:
    text = multipart("s", note(), pdf())
    type = 'Content-Type: multipart/mixed; boundary="s"'
    yield "lf-only", letter(VERSION, type, body=text).replace(CRLF, b"\n")
    yield "missing-close", letter(VERSION, type, body=multipart("s", note(), pdf(), close=False))
    yield (
        "missing-inner-close",
        mixed(
            "o",
            entity(
                'Content-Type: multipart/alternative; boundary="i"', body=multipart("i", note(), html("x"), close=False)
            ),
        ),
    )
    yield "empty-body", letter(*PLAIN)
    yield "empty-body-no-blank-line", letter(*PLAIN).removesuffix(CRLF)
    yield "empty-multipart", letter(VERSION, type, body=b"--s--\r\n")
    yield "empty-part", letter(VERSION, type, body=lines("--s", "", "--s") + note() + lines("", "--s--"))
    yield "blank-before-colon", letter("X-Priority : 3", "X-Loop\t: yes", *PLAIN, body="Hi\r\n")
    yield "long-lines", letter(*PLAIN, body=("word " * 400 + "\r\n") * 3)
    yield (
        "long-header",
        letter("References: " + " ".join(f"<{at}@example.org>" for at in range(300)), *PLAIN, body="Hi\r\n"),
    )
    yield (
        "mbox-line-on-top",
        b"From ann@example.org Tue Nov  3 10:00:02 2026\n" + letter(*PLAIN, body="Hi\r\n").replace(CRLF, b"\n"),
    )
    yield "mbox-escaped-from", letter(*PLAIN, body=">From here on it is easy.\r\nFrom now on, too.\r\n")
    yield "lf-body-crlf-header", letter(*PLAIN) + b"one\ntwo\n"
    yield "trailing-blank-lines", letter(VERSION, type, body=text + CRLF * 40)
    yield "boundary-with-trailing-blanks", letter(VERSION, type, body=text.replace(b"--s\r\n", b"--s  \r\n"))
    yield "preamble-of-a-gateway", mixed("p", note(), preamble="Content scanned by gateway.example\r\n")
    yield (
        "unquoted-boundary",
        letter(
            VERSION,
            "Content-Type: multipart/mixed; boundary=----=_Part_1_2.3",
            body=multipart("----=_Part_1_2.3", note(), pdf()),
        ),
    )
    yield "nul-bytes-in-text", letter(*PLAIN, body=b"Hello\0\0\r\n")
    yield "form-feed", letter(*PLAIN, body=b"page one\x0c\r\npage two\r\n")
    yield "unix-to-unix-header", mail("Content-Type: text/plain", body="relayed!by!uucp\r\n")

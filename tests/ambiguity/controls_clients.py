"""Controls, as mail programs and newsletter writers produce them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.ambiguity.build import Text, b64, entity, lines, multipart, note, raw
from tests.ambiguity.controls import PDF, PICTURE, PLAIN, letter
from tests.ambiguity.payload import docx

Named = tuple[str, bytes] | tuple[str, bytes, bool]
VERSION = "MIME-Version: 1.0"


def mixed(boundary: str, *parts: bytes, preamble: Text = b"", epilogue: Text = b"", subtype: str = "mixed") -> bytes:
    body = multipart(boundary, *parts, preamble=preamble, epilogue=epilogue)
    return letter(VERSION, f'Content-Type: multipart/{subtype};\r\n\tboundary="{boundary}"', body=body)


def pdf(*fields: Text, name: str = "minutes.pdf") -> bytes:
    usual = (f'Content-Type: application/pdf; name="{name}"', f'Content-Disposition: attachment; filename="{name}"')
    return entity(*(fields or usual), "Content-Transfer-Encoding: base64", body=b64(PDF))


def html(words: Text, *fields: Text) -> bytes:
    return entity(
        "Content-Type: text/html; charset=utf-8", *fields, body=b"<html><body>" + raw(words) + b"</body></html>\r\n"
    )


def alternative(boundary: str, *more: bytes) -> bytes:
    type = f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"'
    return entity(type, body=multipart(boundary, note("Hello Bob"), html("<p>Hello Bob</p>"), *more))


def controls() -> Iterator[Named]:
    yield from outlook()
    yield from apple_and_google()


def outlook() -> Iterator[Named]:
    text = b"This is a multi-part message in MIME format.\r\n"
    yield "outlook-preamble", mixed("----=_NextPart_000_0012_01DC4C9A.5B1F2C40", note(), pdf(), preamble=text)
    yield (
        "outlook-alternative-preamble",
        mixed("----=_NextPart_000_0001_01DC", note(), html("<p>Hi"), preamble=text, subtype="alternative"),
    )
    word = html(
        "<p class=MsoNormal>Hi<o:p></o:p></p><!--[if gte mso 9]><xml></xml><![endif]--><img"
        " src='cid:image001.png@01DC'>"
    )
    image = entity(
        'Content-Type: image/png;\r\n\tname="image001.png"',
        "Content-Transfer-Encoding: base64",
        "Content-ID: <image001.png@01DC>",
        body=b64(PICTURE),
    )
    related = entity(
        'Content-Type: multipart/related;\r\n\tboundary="_004_A_";\r\n\ttype="multipart/alternative"',
        body=multipart("_004_A_", alternative("_000_A_"), image),
    )
    yield "exchange-three-levels", mixed("_005_A_", related, pdf())
    yield "outlook-word-html", mixed("----=_NextPart_1", word, image, subtype="related")
    both = entity(
        'Content-Type: application/pdf;\r\n\tname="=?iso-8859-1?Q?Pr=FCfung.pdf?="',
        "Content-Transfer-Encoding: base64",
        "Content-Description: =?iso-8859-1?Q?Pr=FCfung.pdf?=",
        'Content-Disposition: attachment;\r\n\tfilename="=?iso-8859-1?Q?Pr=FCfung.pdf?="; size=312;\r\n\t'
        'creation-date="Tue, 03 Nov 2026 08:00:00 GMT"',
        body=b64(PDF),
    )
    yield "outlook-encoded-name", mixed("_002_B_", note(), both)
    yield (
        "outlook-classification",
        letter(
            "Thread-Topic: Minutes",
            "Thread-Index: Adzcabc1234==",
            "Accept-Language: de-DE",
            "x-ms-exchange-transport-fromentityheader: Hosted",
            *PLAIN,
            body="Hi\r\n",
        ),
    )
    yield (
        "outlook-read-receipt",
        mixed(
            "rr",
            note("Your message was read."),
            entity(
                "Content-Type: message/disposition-notification",
                body=lines(
                    "Reporting-UA: Outlook",
                    "Final-Recipient: rfc822;bob@example.net",
                    "Original-Message-ID: <1@example.org>",
                    "Disposition: manual-action/MDN-sent-manually; displayed",
                ),
            ),
            subtype="report",
        ),
    )
    yield (
        "outlook-express-ics-alternative",
        mixed(
            "oe",
            note(),
            html("x"),
            entity(
                'Content-Type: text/calendar; charset="utf-8"; method=REQUEST',
                "Content-Transfer-Encoding: base64",
                body=b64(event("REQUEST")),
            ),
            subtype="alternative",
        ),
    )


def apple_and_google() -> Iterator[Named]:
    image = entity(
        "Content-Disposition: inline;\r\n\tfilename=IMG_0042.png",
        'Content-Type: image/png;\r\n\tname="IMG_0042.png";\r\n\tx-unix-mode=0644',
        "Content-Transfer-Encoding: base64",
        body=b64(PICTURE),
    )
    plain = entity(
        "Content-Transfer-Encoding: 7bit", "Content-Type: text/plain;\r\n\tcharset=us-ascii", body="Look\r\n\r\n"
    )
    yield (
        "apple-inline-images",
        letter(
            "Mime-Version: 1.0 (Mac OS X Mail 16.0 \\(3696.120.41.1.1\\))",
            "X-Mailer: Apple Mail (2.3696)",
            'Content-Type: multipart/mixed;\r\n\tboundary="Apple-Mail=_A1"',
            body=multipart("Apple-Mail=_A1", plain, image, plain, image, plain),
        ),
    )
    yield (
        "apple-html-related",
        mixed(
            "Apple-Mail-1",
            entity(
                'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="Apple-Mail-2"',
                body=multipart("Apple-Mail-2", html('<img apple-inline="yes" id="A" src="cid:a@b">'), image),
            ),
            subtype="alternative",
        ),
    )
    yield (
        "iphone-signature",
        mixed("Apple-Mail-3", plain, image, entity("Content-Type: text/plain", body="\r\n\r\nSent from my iPhone")),
    )
    yield (
        "apple-mixed-name",
        mixed(
            "Apple-Mail-4",
            plain,
            pdf(
                'Content-Type: application/pdf;\r\n\tname="Pru\u0308fung.pdf"',
                "Content-Disposition: attachment;\r\n\tfilename*=utf-8''Pru%CC%88fung.pdf",
            ),
        ),
    )
    gmail = pdf(
        'Content-Type: application/pdf; name="Prüfung.pdf"',
        'Content-Disposition: attachment; filename="Prüfung.pdf"',
        "Content-ID: <f_m1abcd0>",
        "X-Attachment-Id: f_m1abcd0",
    )
    yield "gmail-raw-utf8-name", mixed("000000000000a1b2c30626", alternative("000000000000a1b2c10624"), gmail)
    both = pdf(
        'Content-Type: application/pdf; name="=?UTF-8?B?UHLDvGZ1bmcucGRm?="',
        "Content-Disposition: attachment; filename*=UTF-8''Pr%C3%BCfung.pdf",
    )
    yield "thunderbird-both-names", mixed("------------0A1B2C3D4E", note(), both)
    three = pdf(
        'Content-Type: application/pdf; name="=?UTF-8?Q?Pr=C3=BCfung=2Epdf?="',
        'Content-Disposition: attachment; filename="=?UTF-8?Q?Pr=C3=BCfung=2Epdf?=";'
        " filename*=utf-8''Pr%C3%BCfung.pdf",
    )
    yield "roundcube-three-names", mixed("=_abc", note(), three)
    yield (
        "thunderbird-forward-inline",
        letter(
            *PLAIN,
            body="\r\n-------- Forwarded Message --------\r\nSubject: \tx\r\nDate: \tTue, 3 Nov"
            " 2026\r\nFrom: \tAnn <ann@example.org>\r\nTo: \tBob\r\n\r\nHi\r\n",
        ),
    )
    yield (
        "flowed",
        letter(
            VERSION,
            "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes",
            body="Long lines \r\nthat go on \r\nand on.\r\n-- \r\nAnn\r\n> quoted \r\n>> twice\r\n",
        ),
    )
    docs = entity(
        "Content-Type: application/vnd.openxmlformats-officedocument.wordprocessingml.document;\r\n"
        ' name="Minutes.docx"',
        "Content-Transfer-Encoding: base64",
        'Content-Disposition: attachment; filename="Minutes.docx"',
        body=b64(docx({})),
    )
    yield "docx", mixed("=-abc", note(), docs)
    yield (
        "amp-alternative",
        letter(
            VERSION,
            'Content-Type: multipart/alternative; boundary="amp"',
            body=multipart(
                "amp",
                note(),
                entity("Content-Type: text/x-amp-html", body="<!doctype html><html amp4email></html>"),
                html("Hi"),
            ),
        ),
    )


def event(method: str) -> bytes:
    return lines(
        "BEGIN:VCALENDAR",
        "PRODID:-//Example//Calendar//EN",
        "VERSION:2.0",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        "DTSTART:20261104T100000Z",
        "DTEND:20261104T110000Z",
        "DTSTAMP:20261103T090000Z",
        "ORGANIZER;CN=Ann:mailto:ann@example.org",
        "UID:42@example.org",
        "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=\r\n"
        " TRUE;CN=Bob;X-NUM-GUESTS=0:mailto:bob@example.net",
        "DESCRIPTION:Agenda\\n\\n1. Minutes\\, 2. Papers",
        "SUMMARY:Meeting",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER:-PT15M",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    )

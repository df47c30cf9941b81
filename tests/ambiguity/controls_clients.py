"""Controls, as mail programs and newsletter writers produce them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

from tests.ambiguity.build import CRLF, Text, b64, entity, lines, multipart, note, qp, raw
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
    yield from lotus_and_old()
    yield from apple_and_google()
    yield from languages()
    yield from names()
    yield from sealed()
    yield from calendars_and_cards()
    yield from newsletters()


def outlook() -> Iterator[Named]:
    text = b"This is a multi-part message in MIME format.\r\n"
    yield "outlook-preamble", mixed("----=_NextPart_000_0012_01DC4C9A.5B1F2C40", note(), pdf(), preamble=text)
    yield "outlook-alternative-preamble", mixed("----=_NextPart_000_0001_01DC", note(), html("<p>Hi"), preamble=text,
                                                subtype="alternative")  # fmt: skip
    word = html(
        "<p class=MsoNormal>Hi<o:p></o:p></p><!--[if gte mso 9]><xml></xml><![endif]--><img src='cid:image001.png@01DC'>"
    )
    image = entity('Content-Type: image/png;\r\n\tname="image001.png"', "Content-Transfer-Encoding: base64",
                   "Content-ID: <image001.png@01DC>", body=b64(PICTURE))  # fmt: skip
    related = entity('Content-Type: multipart/related;\r\n\tboundary="_004_A_";\r\n\ttype="multipart/alternative"',
                     body=multipart("_004_A_", alternative("_000_A_"), image))  # fmt: skip
    yield "exchange-three-levels", mixed("_005_A_", related, pdf())
    yield "outlook-word-html", mixed("----=_NextPart_1", word, image, subtype="related")
    both = entity('Content-Type: application/pdf;\r\n\tname="=?iso-8859-1?Q?Pr=FCfung.pdf?="',
                  "Content-Transfer-Encoding: base64", 'Content-Description: =?iso-8859-1?Q?Pr=FCfung.pdf?=',
                  "Content-Disposition: attachment;\r\n\tfilename=\"=?iso-8859-1?Q?Pr=FCfung.pdf?=\"; size=312;\r\n\t"
                  'creation-date="Tue, 03 Nov 2026 08:00:00 GMT"', body=b64(PDF))  # fmt: skip
    yield "outlook-encoded-name", mixed("_002_B_", note(), both)
    yield "outlook-classification", letter("Thread-Topic: Minutes", "Thread-Index: Adzcabc1234==", "Accept-Language: de-DE",
                                           "x-ms-exchange-transport-fromentityheader: Hosted", *PLAIN, body="Hi\r\n")  # fmt: skip
    yield "outlook-read-receipt", mixed("rr", note("Your message was read."), entity(
        "Content-Type: message/disposition-notification", body=lines("Reporting-UA: Outlook", "Final-Recipient: rfc822;bob@example.net",
        "Original-Message-ID: <1@example.org>", "Disposition: manual-action/MDN-sent-manually; displayed")), subtype="report")  # fmt: skip
    yield "outlook-express-ics-alternative", mixed("oe", note(), html("x"), entity(
        'Content-Type: text/calendar; charset="utf-8"; method=REQUEST', "Content-Transfer-Encoding: base64",
        body=b64(event("REQUEST"))), subtype="alternative")  # fmt: skip


def lotus_and_old() -> Iterator[Named]:
    yield "lotus-notes", letter("MIME-Version: 1.0", "X-Mailer: Lotus Notes Release 8.5.3 September 15, 2011",
                                'Content-Type: multipart/mixed; boundary="=_mixed 002A5F5CC1257B0B_="', body=multipart(
                                    "=_mixed 002A5F5CC1257B0B_=", alternative("=_alternative 002A5F5CC1257B0B_="), pdf()))  # fmt: skip
    yield (
        "lotus-comment-type",
        letter("MIME-Version: 1.0", "Content-type: text/plain; charset=US-ASCII (lotus)", body="Hi\r\n"),
    )
    yield "pine-type-text", letter("MIME-Version: 1.0", "Content-Type: TEXT", body="Hi from Pine\r\n")
    yield "pine-capitals", letter("MIME-Version: 1.0", "Content-Type: TEXT/PLAIN; charset=US-ASCII", body="Hi\r\n")
    yield "pine-mixed-folder", mixed("0-1234567890-1162547=:1234", entity(
        "Content-Type: TEXT/PLAIN; charset=X-UNKNOWN", body="Hi\r\n"), entity(
        "Content-Type: APPLICATION/PDF; NAME=\"m.pdf\"", "Content-Transfer-Encoding: BASE64", "Content-ID: <Pine.LNX.4.44.1@x>",
        "Content-Description: the minutes", 'Content-Disposition: attachment; filename="m.pdf"', body=b64(PDF)),
        preamble="  This message is in MIME format.  The first part should be readable text,\r\n  while the remaining parts are likely"
                 " unreadable without MIME-aware tools.\r\n")  # fmt: skip
    yield "sun-mailtool-type", letter("Content-Type: text", "Content-Length: 10", body="Hi there\r\n")
    yield "eudora-x-attachments", letter("X-Attachments: C:\\eudora\\minutes.txt;", *PLAIN, body="See C:\\eudora\r\n")
    yield "groupwise", mixed("=__Part2A5F.0__=", note(), pdf())
    yield "no-mime-at-all", letter(body="A mail without any MIME.\r\n\r\nIt begins so.\r\n")
    yield "no-mime-eight-bit", letter(body="Grüße aus Köln, ohne MIME\r\n".encode("latin-1"))
    yield "no-version-but-type", letter("Content-Type: text/html; charset=iso-8859-1", body="<b>Hi</b>\r\n")
    yield "cte-capitals", letter(VERSION, "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: BASE64",
                                 body=b64("Grüße\r\n".encode()))  # fmt: skip
    yield (
        "cte-trailing-blanks",
        letter(VERSION, "Content-Type: text/plain", "Content-Transfer-Encoding: 7bit   ", body="Hi\r\n"),
    )
    yield "cte-eight-bits", letter(VERSION, "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bits",
                                   body="Grüße\r\n")  # fmt: skip
    yield "charset-slip", letter(VERSION, 'Content-Type: text/plain; charset="utf-8; format=flowed"', body="Hi\r\n")
    yield "charset-unknown", letter(VERSION, "Content-Type: text/plain; charset=_iso-2022-jp$ESC", body="Hi\r\n")
    yield "charset-empty", letter(VERSION, 'Content-Type: text/plain; charset=""', body="Hi\r\n")
    yield "version-twice", letter(VERSION, VERSION, "Content-Type: text/plain", body="Hi\r\n")
    yield "type-twice-the-same", letter(VERSION, "Content-Type: text/plain; charset=utf-8",
                                        "Content-Type: text/plain; charset=utf-8", body="Hi\r\n")  # fmt: skip
    yield "cte-twice-the-same", letter(VERSION, "Content-Type: text/plain", "Content-Transfer-Encoding: 7bit",
                                       "Content-Transfer-Encoding: 7bit", body="Hi\r\n")  # fmt: skip
    yield (
        "version-with-comment",
        letter("MIME-Version: 1.0 (Produced by PhpMailer)", "Content-Type: text/plain", body="Hi\r\n"),
    )
    yield "trailing-semicolons", letter(VERSION, "Content-Type: text/plain; charset=utf-8;;", body="Hi\r\n")


def apple_and_google() -> Iterator[Named]:
    image = entity("Content-Disposition: inline;\r\n\tfilename=IMG_0042.png", "Content-Type: image/png;\r\n\tname=\"IMG_0042.png\";\r\n\t"
                   "x-unix-mode=0644", "Content-Transfer-Encoding: base64", body=b64(PICTURE))  # fmt: skip
    plain = entity(
        "Content-Transfer-Encoding: 7bit", "Content-Type: text/plain;\r\n\tcharset=us-ascii", body="Look\r\n\r\n"
    )
    yield "apple-inline-images", letter("Mime-Version: 1.0 (Mac OS X Mail 16.0 \\(3696.120.41.1.1\\))", "X-Mailer: Apple Mail (2.3696)",
        "Content-Type: multipart/mixed;\r\n\tboundary=\"Apple-Mail=_A1\"", body=multipart("Apple-Mail=_A1", plain, image, plain, image, plain))  # fmt: skip
    yield "apple-html-related", mixed("Apple-Mail-1", entity('Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="Apple-Mail-2"',
        body=multipart("Apple-Mail-2", html('<img apple-inline="yes" id="A" src="cid:a@b">'), image)), subtype="alternative")  # fmt: skip
    yield (
        "iphone-signature",
        mixed("Apple-Mail-3", plain, image, entity("Content-Type: text/plain", body="\r\n\r\nSent from my iPhone")),
    )
    yield "apple-mixed-name", mixed("Apple-Mail-4", plain, pdf("Content-Type: application/pdf;\r\n\tname=\"Pru\u0308fung.pdf\"",
        "Content-Disposition: attachment;\r\n\tfilename*=utf-8''Pru%CC%88fung.pdf"))  # fmt: skip
    gmail = pdf('Content-Type: application/pdf; name="Prüfung.pdf"', 'Content-Disposition: attachment; filename="Prüfung.pdf"',
                "Content-ID: <f_m1abcd0>", "X-Attachment-Id: f_m1abcd0")  # fmt: skip
    yield "gmail-raw-utf8-name", mixed("000000000000a1b2c30626", alternative("000000000000a1b2c10624"), gmail)
    both = pdf("Content-Type: application/pdf; name=\"=?UTF-8?B?UHLDvGZ1bmcucGRm?=\"",
               "Content-Disposition: attachment; filename*=UTF-8''Pr%C3%BCfung.pdf")  # fmt: skip
    yield "thunderbird-both-names", mixed("------------0A1B2C3D4E", note(), both)
    three = pdf("Content-Type: application/pdf; name=\"=?UTF-8?Q?Pr=C3=BCfung=2Epdf?=\"",
                "Content-Disposition: attachment; filename=\"=?UTF-8?Q?Pr=C3=BCfung=2Epdf?=\"; filename*=utf-8''Pr%C3%BCfung.pdf")  # fmt: skip
    yield "roundcube-three-names", mixed("=_abc", note(), three)
    yield "thunderbird-forward-inline", letter(*PLAIN, body="\r\n-------- Forwarded Message --------\r\nSubject: \tx\r\nDate: \tTue, 3 Nov"
                                               " 2026\r\nFrom: \tAnn <ann@example.org>\r\nTo: \tBob\r\n\r\nHi\r\n")  # fmt: skip
    yield "flowed", letter(VERSION, "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes", body="Long lines \r\nthat go on \r\n"
                           "and on.\r\n-- \r\nAnn\r\n> quoted \r\n>> twice\r\n")  # fmt: skip
    docs = entity('Content-Type: application/vnd.openxmlformats-officedocument.wordprocessingml.document;\r\n name="Minutes.docx"',
                  "Content-Transfer-Encoding: base64", 'Content-Disposition: attachment; filename="Minutes.docx"', body=b64(docx({})))  # fmt: skip
    yield "docx", mixed("=-abc", note(), docs)
    yield "amp-alternative", letter(VERSION, 'Content-Type: multipart/alternative; boundary="amp"', body=multipart("amp", note(), entity(
        "Content-Type: text/x-amp-html", body="<!doctype html><html amp4email></html>"), html("Hi")))  # fmt: skip


def languages() -> Iterator[Named]:
    for trick, charset, codec, text in (
        ("japanese-iso-2022-jp", "ISO-2022-JP", "iso2022_jp", "議事録を添付します。=よろしく--お願いします"), ("japanese-shift-jis", "Shift_JIS", "shift_jis", "表示ソフト能"),
        ("japanese-euc", "EUC-JP", "euc_jp", "議事録"), ("chinese-gbk", "GBK", "gbk", "会议纪要"), ("chinese-gb18030", "gb18030", "gb18030", "会议纪要𠀀"),
        ("chinese-big5", "big5", "big5", "會議記錄許功蓋"), ("korean-euc", "euc-kr", "euc_kr", "회의록"), ("korean-ks", "ks_c_5601-1987", "euc_kr", "회의록"),
        ("russian-koi8", "koi8-r", "koi8_r", "протокол"), ("thai", "windows-874", "cp874", "รายงาน"), ("hebrew-utf16", "utf-16", "utf-16", "פרוטוקול"),
    ):  # fmt: skip
        data = text.encode(codec)
        cte = "base64" if "utf" in charset else "7bit" if "2022" in charset else "8bit"
        body = b64(data) if cte == "base64" else data + CRLF
        yield trick, letter(VERSION, f"Content-Type: text/plain; charset={charset}", f"Content-Transfer-Encoding: {cte}", body=body,
                            subject=f"=?{charset}?B?{b64encode(data).decode()}?=")  # fmt: skip
    header = letter(
        VERSION,
        b"X-Subject: " + "表示ソフト".encode("shift_jis"),
        "Content-Type: text/plain; charset=shift_jis",
        body="x\r\n",
    )
    yield "shift-jis-raw-header", header
    yield "utf7-old-outlook", letter(VERSION, "Content-Type: text/plain; charset=utf-7", body="Gr+APwA3w-e\r\n")


def names() -> Iterator[Named]:
    for trick, disposition in (
        ("blanks-unquoted", "attachment; filename=Minutes of the meeting.pdf"), ("eight-bit", 'attachment; filename="Prüfung.pdf"'.encode("latin-1")),
        ("extended-and-plain", "attachment; filename=\"Pruefung.pdf\"; filename*=utf-8''Pr%C3%BCfung.pdf"),
        ("pieces", "attachment;\r\n filename*0=a-very-long-name-that-goes-on-and-on-and-on-over-the-;\r\n filename*1=line.pdf"),
        ("pieces-encoded", "attachment;\r\n filename*0*=iso-2022-jp''%1B%24%42%35%44;\r\n filename*1*=%3B%76%1B%28%42.pdf"),
        ("iso-2022-jp-word", 'attachment; filename="=?ISO-2022-JP?B?GyRCNUQ7dk8/GyhCLnBkZg==?="'),
        ("two-words", 'attachment;\r\n filename="=?UTF-8?Q?Protokoll_der_Pr=C3=BC?=\r\n =?UTF-8?Q?fung=2Epdf?="'),
        ("parentheses", 'attachment; filename="minutes (1).pdf"'), ("comma", 'attachment; filename="minutes, final.pdf"'),
        ("path-of-a-scanner", r'attachment; filename="\\\\scan\\out\\0001.pdf"'), ("no-name", "attachment"), ("apostrophe", "attachment; filename=\"Ann's minutes.pdf\""),
    ):  # fmt: skip
        part = entity(
            "Content-Type: application/pdf",
            b"Content-Disposition: " + raw(disposition),
            "Content-Transfer-Encoding: base64",
            body=b64(PDF),
        )
        yield f"name-{trick}", mixed("=_n", note(), part)


def sealed() -> Iterator[Named]:
    signature = entity('Content-Type: application/pkcs7-signature; name="smime.p7s"', "Content-Transfer-Encoding: base64",
                       'Content-Disposition: attachment; filename="smime.p7s"', body=b64(bytes.fromhex("308006092a864886f70d010702") + bytes(90)))  # fmt: skip
    type = 'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="----ABCD"'
    yield (
        "smime-detached",
        letter(
            VERSION,
            type,
            body=multipart("----ABCD", note(), signature, preamble="This is an S/MIME signed message\r\n"),
        ),
    )
    armour = lines("-----BEGIN PGP SIGNATURE-----", "", "iHUEARYKAB0WIQTn1y5bqJ9c0b7n6u0zq0F0Vb3m9gUCZyYk9wAKCRAzq0F0Vb3m", "9mJkAP4x", "=aBcD",
                   "-----END PGP SIGNATURE-----")  # fmt: skip
    yield (
        "pgp-clear",
        letter(
            *PLAIN,
            body=lines("-----BEGIN PGP SIGNED MESSAGE-----", "Hash: SHA256", "", "Hello,", "- -- ", "- -----dashes")
            + armour,
        ),
    )
    yield "pgp-mime-signed", letter(VERSION, 'Content-Type: multipart/signed; micalg=pgp-sha256;\r\n protocol="application/pgp-signature";\r\n boundary="sig"',
        body=multipart("sig", note(), entity('Content-Type: application/pgp-signature; name="signature.asc"', body=armour),
                       preamble="This is an OpenPGP/MIME signed message (RFC 4880 and 3156)"))  # fmt: skip
    secret = lines(
        "-----BEGIN PGP MESSAGE-----",
        "",
        "hF4DAAAAAAAAAAASAQdAq7vQ8yQp1o0Yw3Hj0Kc1d6mVq7m0l0b1m2n3o4p5q6cw",
        "=AbCd",
        "-----END PGP MESSAGE-----",
    )
    yield "pgp-mime-encrypted", letter(VERSION, 'Content-Type: multipart/encrypted;\r\n protocol="application/pgp-encrypted";\r\n boundary="enc"',
        body=multipart("enc", entity("Content-Type: application/pgp-encrypted", body="Version: 1\r\n"), entity(
            'Content-Type: application/octet-stream; name="encrypted.asc"', body=secret))), True  # fmt: skip
    yield "pgp-inline-encrypted", letter(*PLAIN, body=secret), True
    enveloped = bytes.fromhex("3082006006092a864886f70d010703a0820051308200" + "4d020100") + bytes(range(77))
    yield "smime-encrypted", letter(VERSION, "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
                                    "Content-Transfer-Encoding: base64", body=b64(enveloped)), True  # fmt: skip
    key = lines(
        "-----BEGIN PGP PUBLIC KEY BLOCK-----",
        "",
        "mDMEZyYk9xYJKwYBBAHaRw8BAQdAq7vQ8yQp1o0Yw3Hj0Kc1d6mVq7m0l0b1m2n3",
        "=AbCd",
        "-----END PGP PUBLIC KEY BLOCK-----",
    )
    yield (
        "pgp-key-attached",
        mixed(
            "k",
            note(),
            entity(
                'Content-Type: application/pgp-keys; name="key.asc"',
                'Content-Disposition: attachment; filename="key.asc"',
                body=key,
            ),
        ),
    )
    yield (
        "autocrypt",
        letter(
            "Autocrypt: addr=ann@example.org; keydata=\r\n mDMEZyYk9xYJKwYBBAHaRw8BAQdAq7vQ8yQp1o0Yw3Hj0Kc1d6mVq7m0l0b1m2n3",
            *PLAIN,
            body="x\r\n",
        ),
    )


def event(method: str) -> bytes:
    return lines("BEGIN:VCALENDAR", "PRODID:-//Example//Calendar//EN", "VERSION:2.0", f"METHOD:{method}", "BEGIN:VEVENT", "DTSTART:20261104T100000Z",
                 "DTEND:20261104T110000Z", "DTSTAMP:20261103T090000Z", "ORGANIZER;CN=Ann:mailto:ann@example.org", "UID:42@example.org",
                 "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=\r\n TRUE;CN=Bob;X-NUM-GUESTS=0:mailto:bob@example.net",
                 "DESCRIPTION:Agenda\\n\\n1. Minutes\\, 2. Papers", "SUMMARY:Meeting", "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "END:VALARM",
                 "END:VEVENT", "END:VCALENDAR")  # fmt: skip


def calendars_and_cards() -> Iterator[Named]:
    text = entity(
        'Content-Type: text/calendar; charset="UTF-8"; method=REQUEST',
        "Content-Transfer-Encoding: 7bit",
        body=event("REQUEST"),
    )
    file = entity('Content-Type: application/ics; name="invite.ics"', 'Content-Disposition: attachment; filename="invite.ics"',
                  "Content-Transfer-Encoding: base64", body=b64(event("REQUEST")))  # fmt: skip
    yield "google-invitation", mixed("000000000000d1", alternative("000000000000d2", text), file)
    yield (
        "apple-invitation",
        mixed(
            "Apple-Mail-7",
            note(),
            entity("Content-Type: text/calendar; name=iCal.ics; method=REQUEST", body=event("REQUEST")),
        ),
    )
    yield "outlook-reply", letter(VERSION, "Content-Type: text/calendar; method=REPLY; charset=utf-8", "Content-Class: urn:content-classes:calendarmessage",
                                  "Content-Transfer-Encoding: quoted-printable", body=qp(event("REPLY")))  # fmt: skip
    photo = lines("BEGIN:VCARD", "VERSION:3.0", "N:Example;Ann;;;", "FN:Ann Example") + b"PHOTO;ENCODING=b;TYPE=PNG:" + b64(PICTURE, 70).replace(
        CRLF, b"\r\n ").rstrip() + CRLF + lines("END:VCARD")  # fmt: skip
    yield (
        "vcard",
        mixed(
            "v",
            note(),
            entity(
                'Content-Type: text/vcard; charset=utf-8; name="ann.vcf"',
                'Content-Disposition: attachment; filename="ann.vcf"',
                body=photo,
            ),
        ),
    )
    old = lines("begin:vcard", "fn:Ann Example", "n:Example;Ann", "version:2.1", "end:vcard")
    yield (
        "vcard-netscape",
        mixed("v2", note(), entity('Content-Type: text/x-vcard; charset=utf-8;\r\n name="ann.vcf"', body=old)),
    )


def newsletters() -> Iterator[Named]:
    yield "newsletter-tracking", letter(VERSION, "List-Unsubscribe: <https://news.example/u?x=1>, <mailto:u@news.example>", "Precedence: bulk",
        "Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", body=qp(
            b'<img src="https://news.example/o.gif?u=abc&amp;c=1" width=1 height=1><a href="https://news.example/c?u=abc">Read</a>', 20))  # fmt: skip
    yield "newsletter-inline-picture", letter(VERSION, "Content-Type: text/html; charset=utf-8", body=b'<html><body><img src="data:image/png;base64,'
                                              + b64encode(PICTURE) + b'"></body></html>')  # fmt: skip
    yield "newsletter-inline-font", letter(VERSION, "Content-Type: text/html", body=b"<style>@font-face{font-family:x;src:url(data:font/woff2;base64,"
                                           + b64encode(b"wOF2" + bytes(60)) + b")}</style><p>Hi")  # fmt: skip
    yield "newsletter-svg-data-uri", letter(VERSION, "Content-Type: text/html", body='<img src="data:image/svg+xml,%3Csvg xmlns=%27http://www.w3.org/2000/svg%27'
                                            ' width=%271%27/%3E">')  # fmt: skip
    yield "newsletter-broken-html", letter(VERSION, "Content-Type: text/html", body="<table><tr><td><b><i>Sale!</b></i><!-- <td> <p align=center"
                                           " <a href=https://x.example>Go</table>\0\r\n".replace("\0", ""))  # fmt: skip
    yield "newsletter-long-line", letter(VERSION, "Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: 8bit",
                                         body="<p>" + "Grüße und ein Angebot. " * 900 + "</p>\r\n")  # fmt: skip
    yield "newsletter-json-ld", letter(VERSION, "Content-Type: text/html", body='<script type="application/ld+json">{"@context":"http://schema.org",'
                                       '"@type":"Order"}</script><p>Thanks')  # fmt: skip
    yield "newsletter-dkim", letter("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=news.example; s=k1;\r\n\th=from:subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm"
        "5NMpJWZG3hSuFU=;\r\n\tb=" + "\r\n\t ".join(["Zm9vYmFyYmF6cXV4" * 4] * 4), *PLAIN, body="Hi\r\n")  # fmt: skip
    yield "newsletter-sendgrid-mixed", letter("Mime-Version: 1.0", "Content-Type: multipart/alternative; boundary=0a1b2c3d", body=multipart(
        "0a1b2c3d", note(), html("Hi", "Content-Transfer-Encoding: quoted-printable", "Mime-Version: 1.0")))  # fmt: skip

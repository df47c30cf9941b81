"""Controls: languages, names, seals, invitations and newsletters."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

from tests.ambiguity.build import CRLF, b64, entity, lines, multipart, note, qp, raw
from tests.ambiguity.controls import PDF, PICTURE, PLAIN, letter
from tests.ambiguity.controls_clients import VERSION, Named, alternative, event, html, mixed


def controls() -> Iterator[Named]:
    yield from languages()
    yield from names()
    yield from sealed()
    yield from calendars_and_cards()
    yield from newsletters()


def languages() -> Iterator[Named]:
    for trick, charset, codec, text in (
        ("japanese-iso-2022-jp", "ISO-2022-JP", "iso2022_jp", "議事録を添付します。=よろしく--お願いします"),
        ("japanese-shift-jis", "Shift_JIS", "shift_jis", "表示ソフト能"),
        ("japanese-euc", "EUC-JP", "euc_jp", "議事録"),
        ("chinese-gbk", "GBK", "gbk", "会议纪要"),
        ("chinese-gb18030", "gb18030", "gb18030", "会议纪要𠀀"),
        ("chinese-big5", "big5", "big5", "會議記錄許功蓋"),
        ("korean-euc", "euc-kr", "euc_kr", "회의록"),
        ("korean-ks", "ks_c_5601-1987", "euc_kr", "회의록"),
        ("russian-koi8", "koi8-r", "koi8_r", "протокол"),
        ("thai", "windows-874", "cp874", "รายงาน"),
        ("hebrew-utf16", "utf-16", "utf-16", "פרוטוקול"),
    ):
        data = text.encode(codec)
        cte = "base64" if "utf" in charset else "7bit" if "2022" in charset else "8bit"
        body = b64(data) if cte == "base64" else data + CRLF
        yield (
            trick,
            letter(
                VERSION,
                f"Content-Type: text/plain; charset={charset}",
                f"Content-Transfer-Encoding: {cte}",
                body=body,
                subject=f"=?{charset}?B?{b64encode(data).decode()}?=",
            ),
        )
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
        ("blanks-unquoted", "attachment; filename=Minutes of the meeting.pdf"),
        ("eight-bit", 'attachment; filename="Prüfung.pdf"'.encode("latin-1")),
        ("extended-and-plain", "attachment; filename=\"Pruefung.pdf\"; filename*=utf-8''Pr%C3%BCfung.pdf"),
        (
            "pieces",
            "attachment;\r\n filename*0=a-very-long-name-that-goes-on-and-on-and-on-over-the-;\r\n filename*1=line.pdf",
        ),
        (
            "pieces-encoded",
            "attachment;\r\n filename*0*=iso-2022-jp''%1B%24%42%35%44;\r\n filename*1*=%3B%76%1B%28%42.pdf",
        ),
        ("iso-2022-jp-word", 'attachment; filename="=?ISO-2022-JP?B?GyRCNUQ7dk8/GyhCLnBkZg==?="'),
        ("two-words", 'attachment;\r\n filename="=?UTF-8?Q?Protokoll_der_Pr=C3=BC?=\r\n =?UTF-8?Q?fung=2Epdf?="'),
        ("parentheses", 'attachment; filename="minutes (1).pdf"'),
        ("comma", 'attachment; filename="minutes, final.pdf"'),
        ("path-of-a-scanner", r'attachment; filename="\\\\scan\\out\\0001.pdf"'),
        ("no-name", "attachment"),
        ("apostrophe", 'attachment; filename="Ann\'s minutes.pdf"'),
    ):
        part = entity(
            "Content-Type: application/pdf",
            b"Content-Disposition: " + raw(disposition),
            "Content-Transfer-Encoding: base64",
            body=b64(PDF),
        )
        yield f"name-{trick}", mixed("=_n", note(), part)


def sealed() -> Iterator[Named]:
    signature = entity(
        'Content-Type: application/pkcs7-signature; name="smime.p7s"',
        "Content-Transfer-Encoding: base64",
        'Content-Disposition: attachment; filename="smime.p7s"',
        body=b64(bytes.fromhex("308006092a864886f70d010702") + bytes(90)),
    )
    type = 'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="----ABCD"'
    yield (
        "smime-detached",
        letter(
            VERSION,
            type,
            body=multipart("----ABCD", note(), signature, preamble="This is an S/MIME signed message\r\n"),
        ),
    )
    armour = lines(
        "-----BEGIN PGP SIGNATURE-----",
        "",
        "iHUEARYKAB0WIQTn1y5bqJ9c0b7n6u0zq0F0Vb3m9gUCZyYk9wAKCRAzq0F0Vb3m",
        "9mJkAP4x",
        "=aBcD",
        "-----END PGP SIGNATURE-----",
    )
    yield (
        "pgp-clear",
        letter(
            *PLAIN,
            body=lines("-----BEGIN PGP SIGNED MESSAGE-----", "Hash: SHA256", "", "Hello,", "- -- ", "- -----dashes")
            + armour,
        ),
    )
    yield (
        "pgp-mime-signed",
        letter(
            VERSION,
            'Content-Type: multipart/signed; micalg=pgp-sha256;\r\n protocol="application/pgp-signature";\r\n'
            ' boundary="sig"',
            body=multipart(
                "sig",
                note(),
                entity('Content-Type: application/pgp-signature; name="signature.asc"', body=armour),
                preamble="This is an OpenPGP/MIME signed message (RFC 4880 and 3156)",
            ),
        ),
    )
    secret = lines(
        "-----BEGIN PGP MESSAGE-----",
        "",
        "hF4DAAAAAAAAAAASAQdAq7vQ8yQp1o0Yw3Hj0Kc1d6mVq7m0l0b1m2n3o4p5q6cw",
        "=AbCd",
        "-----END PGP MESSAGE-----",
    )
    yield (
        "pgp-mime-encrypted",
        letter(
            VERSION,
            'Content-Type: multipart/encrypted;\r\n protocol="application/pgp-encrypted";\r\n boundary="enc"',
            body=multipart(
                "enc",
                entity("Content-Type: application/pgp-encrypted", body="Version: 1\r\n"),
                entity('Content-Type: application/octet-stream; name="encrypted.asc"', body=secret),
            ),
        ),
        True,
    )
    yield "pgp-inline-encrypted", letter(*PLAIN, body=secret), True
    enveloped = bytes.fromhex("3082006006092a864886f70d010703a0820051308200" + "4d020100") + bytes(range(77))
    yield (
        "smime-encrypted",
        letter(
            VERSION,
            "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
            "Content-Transfer-Encoding: base64",
            body=b64(enveloped),
        ),
        True,
    )
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
            "Autocrypt: addr=ann@example.org; keydata=\r\n"
            " mDMEZyYk9xYJKwYBBAHaRw8BAQdAq7vQ8yQp1o0Yw3Hj0Kc1d6mVq7m0l0b1m2n3",
            *PLAIN,
            body="x\r\n",
        ),
    )


def calendars_and_cards() -> Iterator[Named]:
    text = entity(
        'Content-Type: text/calendar; charset="UTF-8"; method=REQUEST',
        "Content-Transfer-Encoding: 7bit",
        body=event("REQUEST"),
    )
    file = entity(
        'Content-Type: application/ics; name="invite.ics"',
        'Content-Disposition: attachment; filename="invite.ics"',
        "Content-Transfer-Encoding: base64",
        body=b64(event("REQUEST")),
    )
    yield "google-invitation", mixed("000000000000d1", alternative("000000000000d2", text), file)
    yield (
        "apple-invitation",
        mixed(
            "Apple-Mail-7",
            note(),
            entity("Content-Type: text/calendar; name=iCal.ics; method=REQUEST", body=event("REQUEST")),
        ),
    )
    yield (
        "outlook-reply",
        letter(
            VERSION,
            "Content-Type: text/calendar; method=REPLY; charset=utf-8",
            "Content-Class: urn:content-classes:calendarmessage",
            "Content-Transfer-Encoding: quoted-printable",
            body=qp(event("REPLY")),
        ),
    )
    photo = (
        lines("BEGIN:VCARD", "VERSION:3.0", "N:Example;Ann;;;", "FN:Ann Example")
        + b"PHOTO;ENCODING=b;TYPE=PNG:"
        + b64(PICTURE, 70).replace(CRLF, b"\r\n ").rstrip()
        + CRLF
        + lines("END:VCARD")
    )
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
    yield (
        "newsletter-tracking",
        letter(
            VERSION,
            "List-Unsubscribe: <https://news.example/u?x=1>, <mailto:u@news.example>",
            "Precedence: bulk",
            "Content-Type: text/html; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
            body=qp(
                b'<img src="https://news.example/o.gif?u=abc&amp;c=1" width=1 height=1><a'
                b' href="https://news.example/c?u=abc">Read</a>',
                20,
            ),
        ),
    )
    yield (
        "newsletter-inline-picture",
        letter(
            VERSION,
            "Content-Type: text/html; charset=utf-8",
            body=b'<html><body><img src="data:image/png;base64,' + b64encode(PICTURE) + b'"></body></html>',
        ),
    )
    yield (
        "newsletter-inline-font",
        letter(
            VERSION,
            "Content-Type: text/html",
            body=b"<style>@font-face{font-family:x;src:url(data:font/woff2;base64,"
            + b64encode(b"wOF2" + bytes(60))
            + b")}</style><p>Hi",
        ),
    )
    yield (
        "newsletter-svg-data-uri",
        letter(
            VERSION,
            "Content-Type: text/html",
            body='<img src="data:image/svg+xml,%3Csvg xmlns=%27http://www.w3.org/2000/svg%27 width=%271%27/%3E">',
        ),
    )
    yield (
        "newsletter-broken-html",
        letter(
            VERSION,
            "Content-Type: text/html",
            body="<table><tr><td><b><i>Sale!</b></i><!-- <td> <p align=center"
            " <a href=https://x.example>Go</table>\0\r\n".replace("\0", ""),
        ),
    )
    yield (
        "newsletter-long-line",
        letter(
            VERSION,
            "Content-Type: text/html; charset=utf-8",
            "Content-Transfer-Encoding: 8bit",
            body="<p>" + "Grüße und ein Angebot. " * 900 + "</p>\r\n",
        ),
    )
    yield (
        "newsletter-json-ld",
        letter(
            VERSION,
            "Content-Type: text/html",
            body='<script type="application/ld+json">{"@context":"http://schema.org",'
            '"@type":"Order"}</script><p>Thanks',
        ),
    )
    yield (
        "newsletter-dkim",
        letter(
            "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=news.example; s=k1;\r\n\th=from:subject;"
            " bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm"
            "5NMpJWZG3hSuFU=;\r\n\tb=" + "\r\n\t ".join(["Zm9vYmFyYmF6cXV4" * 4] * 4),
            *PLAIN,
            body="Hi\r\n",
        ),
    )
    yield (
        "newsletter-sendgrid-mixed",
        letter(
            "Mime-Version: 1.0",
            "Content-Type: multipart/alternative; boundary=0a1b2c3d",
            body=multipart(
                "0a1b2c3d", note(), html("Hi", "Content-Transfer-Encoding: quoted-printable", "Mime-Version: 1.0")
            ),
        ),
    )

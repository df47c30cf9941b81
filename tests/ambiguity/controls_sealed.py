"""Controls: signed and encrypted mail, invitations and visiting cards."""

from __future__ import annotations

from collections.abc import Iterator

from tests.ambiguity.build import CRLF, b64, entity, lines, multipart, note, qp
from tests.ambiguity.controls import PICTURE, PLAIN, letter
from tests.ambiguity.controls_clients import VERSION, Named, alternative, event, mixed


def controls() -> Iterator[Named]:
    yield from sealed()
    yield from calendars_and_cards()


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

"""type-value: a broken type, no MIME-Version, decoy parameters, parts whose type lies."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from tests.ambiguity.build import Case, Text, attachment, b64, case, enclosed, entity, mail, multipart, note
from tests.ambiguity.payload import COM, DOCX, GZ, PNG, TXT, ZIP

KIND = "type-value"
PREFIX = "every reader that compares only 'multipart/' (Thunderbird, mutt) splits it as mixed (RFC 2046 5.1.3)"
LETTERS = "types are compared without regard to case (RFC 2045 5.1), by every reader"
COMMENT = "RFC 5322 3.2.2 allows comments there; Outlook and munpack skip them"
VERSION = "Thunderbird, Outlook, mutt and Gmail read MIME fields without or with any MIME-Version"
SAVED = "the part is offered under its name whatever its type says (Thunderbird, Outlook, Gmail)"
LOOSE = "Outlook and Apple Mail find 'boundary=' in the value and take the rest loosely"

ROOTS: tuple[tuple[str, Text, str], ...] = (
    ("unknown-subtype", 'multipart/whatever; boundary="a"', PREFIX),
    ("report", 'multipart/report; boundary="a"', PREFIX),
    ("form-data", 'multipart/form-data; boundary="a"', PREFIX),
    ("alternative", 'multipart/alternative; boundary="a"', "Apple Mail and Gmail list attachments of an alternative"),
    ("related", 'multipart/related; boundary="a"', "Thunderbird and Outlook list what no text refers to"),
    ("parallel", 'multipart/parallel; boundary="a"', PREFIX),
    ("appledouble", 'multipart/appledouble; boundary="a"', "Thunderbird and Apple Mail show both halves"),
    ("encrypted-lie", 'multipart/encrypted; boundary="a"', "Thunderbird without a key and K-9 list the parts"),
    ("signed-lie", 'multipart/signed; boundary="a"; protocol="x/y"', PREFIX),
    ("capitals", 'MULTIPART/MIXED; BOUNDARY="a"', LETTERS),
    ("mixed-case", 'mULtipArt/miXed; bOundAry="a"', LETTERS),
    ("no-subtype", 'multipart; boundary="a"', "mutt and ripmime ask only for the word multipart"),
    ("empty-subtype", 'multipart/; boundary="a"', PREFIX),
    (
        "blank-slash",
        'multipart / mixed; boundary="a"',
        "Outlook, munpack and ripmime trim blanks at the slash (RFC 822 LWS)",
    ),
    ("slashes", 'multipart/mixed/x; boundary="a"', PREFIX),
    ("comment-before", '(hi) multipart/mixed; boundary="a"', COMMENT),
    ("comment-between", 'multipart/mixed (hi); boundary="a"', COMMENT),
    ("comment-decoy", 'multipart/mixed (; boundary=b); boundary="a"', COMMENT),
    ("no-semicolon", 'multipart/mixed boundary="a"', LOOSE),
    ("comma", 'multipart/mixed, boundary="a"', LOOSE),
    ("semicolons", 'multipart/mixed;;;; boundary="a";;', "empty parameters are skipped by Thunderbird, mutt, Outlook"),
    (
        "decoys-before",
        'multipart/mixed; charset=x; type="text/html"; start=y; boundary="a"',
        "parameters come in any order",
    ),
    ("decoy-quoted", 'multipart/mixed; x="; boundary=b"; boundary="a"', "quoted text is one value (RFC 2045 5.1)"),
    (
        "decoy-name",
        'multipart/mixed; xboundary="b"; boundary="a"',
        "the parameter is another; Thunderbird, mutt, Python",
    ),
    ("many-decoys", "multipart/mixed" + "; p=q" * 1500 + '; boundary="a"', "parameters come in any number"),
    ("folded", 'multipart/mixed;\r\n\tboundary="a"', "every reader unfolds"),
    ("folded-early", '\r\n multipart/mixed; boundary="a"', "every reader unfolds"),
    (
        "folded-blank-line",
        'multipart/mixed;\r\n \r\n boundary="a"',
        "Thunderbird unfolds a line of blanks (RFC 5322 4.2)",
    ),
    ("quoted-type", '"multipart/mixed"; boundary="a"', "Outlook and Gmail strip quotes from any value"),
    ("nul-behind", b'multipart/mixed\0; boundary="a"', "ripmime and other readers in C skip or stop at the NUL"),
)


def cases() -> Iterator[Case]:
    payload = cycle((COM, ZIP, DOCX, GZ))
    for trick, value, why in ROOTS:
        name, data = next(payload)
        field = value if isinstance(value, bytes) else value.encode()
        body = multipart("a", note(), attachment(data, name))
        yield case(KIND, trick, mail(b"Content-Type: " + field, body=body), why)
    yield from versions()
    yield from no_multipart_said()
    yield from lying_parts()


def versions() -> Iterator[Case]:
    body = multipart("a", note(), attachment(ZIP.data, ZIP.name))
    type = 'Content-Type: multipart/mixed; boundary="a"'
    for trick, fields in (
        ("missing", ()),
        ("two", ("MIME-Version: 2.0",)),
        ("junk", ("MIME-Version: yes please",)),
        ("comment", ("MIME-Version: (produced by us) 1.(x)0",)),
        ("twice", ("MIME-Version: 1.0", "MIME-Version: 3.0")),
        ("empty", ("MIME-Version:",)),
        ("misspelt", ("Mime-Verison: 1.0",)),
    ):
        yield case(KIND, f"version-{trick}", mail(*fields, type, body=body, version=False), VERSION)
    root = mail(
        "Content-Type: application/octet-stream; name=eicar.com", "Content-Transfer-Encoding: base64",
        body=b64(COM.data), version=False,
    )  # fmt: skip
    yield case(KIND, "version-missing-single-part", root, VERSION)


def no_multipart_said() -> Iterator[Case]:
    """The body is a multipart, the type says otherwise: readers that split by what they see."""
    body = multipart("frontier", note(), attachment(ZIP.data, ZIP.name))
    seen = "ripmime and UUDeview find the parts by the lines in the body, Outlook Express did so too"
    for trick, fields in (
        ("text-with-boundary", ('Content-Type: text/plain; boundary="frontier"',)),
        ("message-with-boundary", ('Content-Type: message/mixed; boundary="frontier"',)),
        ("mixed-without-boundary", ("Content-Type: multipart/mixed",)),
        ("misspelt", ('Content-Type: mutlipart/mixed; boundary="frontier"',)),
        ("slashless", ('Content-Type: multipartmixed; boundary="frontier"',)),
        ("octets-with-boundary", ('Content-Type: application/octet-stream; boundary="frontier"',)),
        ("no-type-at-all", ()),
    ):
        yield case(KIND, f"split-{trick}", mail(*fields, body=body), seen)
    wrapped = multipart("outer", note(), entity("Content-Type: text/plain", body=body))
    yield case(KIND, "split-inner-text", mail('Content-Type: multipart/mixed; boundary="outer"', body=wrapped), seen)


def lying_parts() -> Iterator[Case]:
    base64 = "Content-Transfer-Encoding: base64"
    for trick, type, (name, data) in (
        ("png", "image/png", COM), ("jpeg", "image/jpeg", ZIP), ("audio", "audio/wav", COM),
        ("text", "text/plain", ZIP),
        ("html", "text/html", DOCX), ("rfc822", "message/rfc822", ZIP),
        ("delivery-status", "message/delivery-status", COM),
        ("headers", "text/rfc822-headers", ZIP), ("signature", "application/pgp-signature", COM),
        ("smime", "application/pkcs7-signature", ZIP), ("calendar", "text/calendar", GZ), ("vcard", "text/vcard", COM),
        ("external", "message/external-body; access-type=local-file", COM), ("font", "font/woff", ZIP),
        ("gibberish", "a b c", COM), ("empty", "", ZIP), ("no-slash", "application", DOCX),
        ("pdf", "application/pdf", ZIP),
    ):  # fmt: skip
        disposition = f'Content-Disposition: attachment; filename="{name}"'
        message = enclosed(entity(f"Content-Type: {type}", base64, disposition, body=b64(data)))
        yield case(KIND, f"part-{trick}", message, SAVED)
    glued = enclosed(attachment(PNG + ZIP.data, "photo.png", type="image/png"))
    yield case(
        KIND,
        "picture-and-zip",
        glued,
        "saved as photo.zip or opened by 7-Zip it is an archive: a zip is read by its end",
    )
    untyped = enclosed(entity(base64, 'Content-Disposition: attachment; filename="eicar.com"', body=b64(COM.data)))
    yield case(KIND, "part-untyped", untyped, SAVED)
    bare = enclosed(entity("Content-Type: application/octet-stream", base64, body=b64(TXT.data)))
    yield case(KIND, "part-without-disposition", bare, "Thunderbird offers it as 'Part 1.2', mutt by its type")

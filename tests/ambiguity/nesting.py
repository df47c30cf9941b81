"""nesting: depth, encapsulated and partial messages, containers of mails, signed and sealed wrappers, many parts."""

from __future__ import annotations

from collections.abc import Iterator

from tests.ambiguity.build import (
    ADDRESSED,
    CRLF,
    VERSION,
    Case,
    attachment,
    b64,
    begin_base64,
    case,
    chopped,
    enclosed,
    entity,
    lines,
    mail,
    mixed,
    multipart,
    note,
    qp,
)
from tests.ambiguity.payload import COM, DOCX, GZ, NESTED, ZIP, Payload, zipped
from tests.ambiguity.wrappers import opaque_smime, pgp_armour, pgp_literal

KIND = "nesting"
FORWARD = "Thunderbird, Outlook and Apple Mail open an encapsulated message and offer what is in it"
ENCODED = "RFC 2046 5.2.1 forbids it; Thunderbird, Outlook and K-9 (mime4j) decode it all the same"
DEEP = "Thunderbird and ripmime go as deep as the mail does"
PARTIAL = "Outlook Express and mpack join or show partial messages; the fragment holds the file whole"
OPENED = "a double click opens it in the mail program (Thunderbird, Outlook, Apple Mail)"


def papers(payload: Payload) -> bytes:
    return mixed(note(), attachment(payload.data, payload.name), boundary="inner")


def forwarded(message: bytes, *fields: str, type: str = "message/rfc822") -> bytes:
    return entity(f"Content-Type: {type}", *fields, body=message)


def cases() -> Iterator[Case]:
    yield from encapsulated()
    yield from depths()
    yield from partials()
    yield from mailboxes()
    yield from sealed()
    yield from crowds()


def encapsulated() -> Iterator[Case]:
    inner = papers(COM)
    for trick, cte, body in (
        ("base64", "base64", b64(inner)),
        ("qp", "quoted-printable", qp(inner)),
        ("base64-lie", "base64", inner),
        ("qp-lie", "quoted-printable", inner),
    ):
        why = (
            "Thunderbird and Python's email ignore a false encoding of message/rfc822"
            if trick.endswith("lie")
            else ENCODED
        )
        yield case(KIND, f"rfc822-{trick}", mixed(note(), forwarded(body, f"Content-Transfer-Encoding: {cte}")), why)
    for trick, type in (
        ("plain", "message/rfc822"),
        ("capitals", "MESSAGE/RFC822"),
        ("global", "message/global"),
        ("news", "message/news"),
        ("unknown", "message/x-other"),
        ("http", "message/http"),
    ):
        yield case(KIND, f"message-{trick}", mixed(note(), forwarded(papers(ZIP), type=type)), FORWARD)
    yield case(
        KIND,
        "global-base64",
        mixed(note(), forwarded(b64(papers(ZIP)), "Content-Transfer-Encoding: base64", type="message/global")),
        "RFC 6532 3.5 allows any encoding for message/global: Thunderbird, Apple Mail, Gmail",
    )
    root = mail("Content-Type: message/rfc822", body=papers(GZ))
    yield case(KIND, "rfc822-as-the-mail", root, FORWARD)
    root = mail("Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", body=b64(papers(DOCX)))
    yield case(KIND, "rfc822-base64-as-the-mail", root, ENCODED)
    digest = 'Content-Type: multipart/digest; boundary="d"'
    parts = (CRLF + mail("Content-Type: text/plain", body="one"), CRLF + papers(COM))
    yield case(
        KIND,
        "digest-default-type",
        mail(digest, body=multipart("d", *parts)),
        "parts of a digest without a type are messages (RFC 2046 5.1.5): Thunderbird, mutt, Python",
    )
    typed = attachment(ZIP.data, ZIP.name)
    yield case(KIND, "digest-with-attachment", mail(digest, body=multipart("d", parts[0], typed)), FORWARD)
    blank = forwarded(CRLF + papers(COM))
    yield case(KIND, "rfc822-after-blank-line", mixed(note(), blank), "Outlook and ripmime skip blank lines in front")
    mbox = forwarded(b"From alice Tue Nov  3 10:00:00 2026\r\n" + papers(COM))
    yield case(
        KIND, "rfc822-with-mbox-line", mixed(note(), mbox), "Thunderbird, ripmime and Python pass over the From line"
    )


def depths() -> Iterator[Case]:
    for depth in (10, 40, 90, 200):
        part = attachment(COM.data, COM.name)
        for level in range(depth):
            type = f'Content-Type: multipart/mixed; boundary="level{level}x"'
            part = entity(type, body=multipart(f"level{level}x", part))
        yield case(KIND, f"multiparts-{depth}", mixed(note(), part), DEEP)
    for depth in (6, 25, 60):
        message = papers(ZIP)
        for _ in range(depth):
            message = mail("Content-Type: message/rfc822", body=message)
        yield case(KIND, f"messages-{depth}", message, DEEP)
    message = papers(COM)
    for _ in range(6):
        message = mail("Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", body=b64(message))
    yield case(KIND, "messages-in-base64-6", message, ENCODED)
    data = ZIP.data
    for level in range(4):
        data = papers(Payload(f"letter{level}.eml", data)) if level else mixed(attachment(data, "papers.zip"))
    yield case(KIND, "mails-in-mails-4", mixed(note(), attachment(data, "letter.eml")), OPENED)


def partials() -> Iterator[Case]:
    inner = papers(COM)
    for trick, parameters in (
        ("only-one", "number=1; total=1; id=x@y"),
        ("one-of-two", "number=1; total=2; id=x@y"),
        ("no-total", "number=1; id=x@y"),
        ("no-parameters", "id=x@y"),
        ("quoted", 'number="1"; total="1"; id="x@y"'),
    ):
        yield case(KIND, f"partial-{trick}", mail(f"Content-Type: message/partial; {parameters}", body=inner), PARTIAL)
    within = entity("Content-Type: message/partial; number=1; total=1; id=z@y", body=papers(ZIP))
    yield case(KIND, "partial-as-a-part", mixed(note(), within), PARTIAL)
    half = inner[: inner.index(b64(COM.data)) + 40]
    yield case(
        KIND,
        "partial-half",
        mail("Content-Type: message/partial; number=1; total=2; id=h@y", body=half),
        "Outlook Express and munpack join it with the second half, which comes in a mail of its own (RFC 2046 5.2.2)",
    )
    halves = (
        forwarded(mail(f"Content-Type: message/partial; number={at}; total=2; id=b@y", body=piece))
        for at, piece in enumerate(chopped(inner, len(inner) // 2 + 1), 1)
    )
    both = multipart("frontier", *halves)
    yield case(
        KIND,
        "partial-both-halves",
        mail('Content-Type: multipart/mixed; boundary="frontier"', body=both),
        "ripmime reads on over the seam; Outlook Express joins (RFC 2046 5.2.2.1)",
    )


def mailboxes() -> Iterator[Case]:
    inner = papers(ZIP)
    line = b"From alice@sender.example Tue Nov  3 10:00:00 2026\r\n"
    box = line + mail("Content-Type: text/plain", body="one\r\n\r\n") + line + inner
    page = mail(
        'Content-Type: multipart/related; type="text/html"; boundary="p"',
        body=multipart(
            "p", entity("Content-Type: text/html", body="<a href=cid:a>open</a>"), attachment(COM.data, COM.name)
        ),
    )
    for trick, name, type, data, why in (
        ("eml", "letter.eml", "application/octet-stream", inner, OPENED),
        ("eml-as-text", "letter.eml", "text/plain", papers(COM), OPENED),
        ("eml-lf", "letter.eml", "application/octet-stream", inner.replace(CRLF, b"\n"), OPENED),
        ("eml-bom", "letter.eml", "application/octet-stream", b"\xef\xbb\xbfX-First: 1\r\n" + papers(COM), OPENED),
        (
            "emlx",
            "letter.emlx",
            "application/octet-stream",
            f"{len(inner)}\n".encode() + inner + b'<?xml version="1.0"?>',
            "Apple Mail opens its own .emlx: a number, the mail, a property list",
        ),
        ("mbox", "archive.mbox", "application/mbox", box, "mutt, Thunderbird and Apple Mail import or open it"),
        (
            "mbox-as-octets",
            "archive",
            "application/octet-stream",
            box,
            "mutt, Thunderbird and Apple Mail import or open it",
        ),
        ("mht", "page.mht", "application/octet-stream", page, "Internet Explorer, Edge and Word open .mht"),
        ("mhtml", "page.mhtml", "application/x-mimearchive", page, "Edge and Chrome open .mhtml"),
        ("mht-as-doc", "page.doc", "application/msword", page, "Word opens a web archive under the name .doc"),
        ("nws", "letter.nws", "message/rfc822", inner, "Outlook Express opens .nws as .eml"),
        ("eml-in-zip", "letters.zip", "application/zip", zipped({"letter.eml": papers(COM)}), OPENED),
    ):
        yield case(KIND, f"attached-{trick}", enclosed(attachment(data, name, type=type)), why)


def sealed() -> Iterator[Case]:
    inner = entity(
        'Content-Type: application/octet-stream; name="eicar.com"',
        "Content-Transfer-Encoding: base64",
        body=b64(COM.data),
    )
    signed = opaque_smime(inner)
    smime = "Outlook, Thunderbird and Apple Mail open signed-data without any key and show what is inside"
    for trick, type, name in (
        ("smime", "application/pkcs7-mime; smime-type=signed-data", "smime.p7m"),
        ("x-smime", "application/x-pkcs7-mime; smime-type=signed-data", "smime.p7m"),
        ("smime-no-type", "application/pkcs7-mime", "smime.p7m"),
        ("smime-octets", "application/octet-stream", "smime.p7m"),
    ):
        root = mail(
            f"Content-Type: {type}; name={name}",
            "Content-Transfer-Encoding: base64",
            f"Content-Disposition: attachment; filename={name}",
            body=b64(signed),
        )
        yield case(KIND, f"{trick}-opaque", root, smime)
    yield case(
        KIND,
        "smime-opaque-part",
        enclosed(attachment(opaque_smime(papers(ZIP)), "smime.p7m", type="application/pkcs7-mime")),
        smime,
    )
    yield case(
        KIND,
        "smime-opaque-multipart",
        mail(
            "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
            "Content-Transfer-Encoding: base64",
            body=b64(
                opaque_smime(
                    entity(
                        'Content-Type: multipart/mixed; boundary="in"',
                        body=multipart("in", note(), attachment(ZIP.data, ZIP.name)),
                    )
                )
            ),
        ),
        smime,
    )
    literal = "GnuPG (Enigmail, K-9 with OpenKeychain, Mailvelope) unpacks a literal packet without any key"
    for trick, data in (
        ("literal", pgp_literal(COM.data, COM.name)),
        ("compressed", pgp_literal(ZIP.data, ZIP.name, compress=True)),
        ("compressed-zlib", pgp_literal(COM.data, COM.name, compress=True, zlib_head=True)),
    ):
        yield case(KIND, f"pgp-{trick}", enclosed(attachment(data, "papers.pgp", type="application/pgp")), literal)
        yield case(KIND, f"pgp-{trick}-armour", mail("Content-Type: text/plain", body=pgp_armour(data)), literal)
    detached = multipart("s", inner, entity("Content-Type: application/pgp-signature", body=b"none\r\n"))
    root = mail('Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary="s"', body=detached)
    yield case(KIND, "signed-detached", root, "the signed part is shown whatever the signature is worth: every reader")


def crowds() -> Iterator[Case]:
    filler = [entity("Content-Type: text/plain", body=f"part {at}") for at in range(1500)]
    for trick, parts in (
        ("last-of-1500", [*filler, attachment(COM.data, COM.name)]),
        ("middle-of-1500", [*filler[:750], attachment(ZIP.data, ZIP.name), *filler[750:]]),
    ):
        yield case(KIND, trick, mixed(*parts), "Thunderbird, mutt and Outlook list every part")
    yield case(
        KIND,
        "last-of-300-attachments",
        mixed(*(attachment(b"file %d" % at, f"{at}.txt") for at in range(300)), attachment(NESTED.data, NESTED.name)),
        "Thunderbird, mutt and Outlook list every part",
    )
    text = attachment(begin_base64(COM.data), "letter.txt", type="text/plain")
    yield case(KIND, "encoded-text-in-base64", enclosed(text), "uudecode (POSIX) decodes the saved letter.txt")
    header = lines(*ADDRESSED, VERSION)
    yield case(
        KIND,
        "header-within-body",
        header + CRLF + papers(COM),
        "UUDeview and munpack -t take the header in the text for a message of its own",
    )

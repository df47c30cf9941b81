"""cte-value: one Content-Transfer-Encoding field, but its value or name is odd (RFC 2045 6.1: one token)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from tests.ambiguity.build import Case, Text, b64, case, enclosed, entity, mail, multipart, note, qp, raw
from tests.ambiguity.payload import COM, DOCX, GZ, ZIP

KIND = "cte-value"
NAME = b"Content-Transfer-Encoding"
CUT = "Thunderbird cuts the value at the first blank, comma or semicolon"
PREFIX = "mutt compares the letters of the token and ignores what follows"
COMMENT = "RFC 5322 3.2.2 allows comments around the token; Outlook, ripmime and UUDeview skip them"
UNFOLD = "every reader unfolds the field before it looks (RFC 5322 2.2.3)"
NUL = "readers in C (mutt, Thunderbird's libmime) end the value at the NUL"
LETTERS = "tokens are compared without regard to case (RFC 2045 6.1), by every reader"
BLANK = "isspace() of C counts it as a blank that is skipped (munpack, ripmime)"
COLON = "Thunderbird and Apple Mail allow blanks before the colon (obsolete syntax, RFC 5322 4.5)"

VALUES: tuple[tuple[str, Text, str], ...] = (
    ("list-comma", "base64, quoted-printable", "Thunderbird and mutt take the first of the list"),
    ("list-comma-tight", "base64,7bit", "Thunderbird and mutt take the first of the list"),
    ("list-blank", "base64 7bit", CUT),
    ("list-semicolon", "base64;7bit", CUT),
    ("semicolon", "base64;", CUT),
    ("comma", "base64,", CUT),
    ("parameter", 'base64; charset="us-ascii"', CUT),
    ("many-parameters", "base64" + "; x=y" * 2000, CUT),
    ("digit-behind", "base645", PREFIX + ': "base645" is base64'),
    ("letters-behind", "base64encoded", PREFIX),
    ("slash-behind", "base64/7bit", PREFIX),
    ("dot-behind", "base64.", PREFIX),
    ("equals-behind", "base64=", PREFIX),
    ("minus-behind", "base64-x", PREFIX),
    ("colon-behind", "base64: yes", PREFIX),
    ("high-byte-behind", b"base64\xff", PREFIX),
    ("comment-behind", "base64 (as ever)", COMMENT),
    ("comment-behind-tight", "base64(as ever)", COMMENT),
    ("comment-before", "(as ever) base64", COMMENT),
    ("comment-lies", "(7bit) base64", COMMENT),
    ("comment-nested", "(a (b (c)) d) base64", COMMENT),
    ("comment-escaped", r"(a \) 7bit) base64", COMMENT),
    ("comment-folded", "(one\r\n two)\r\n base64", COMMENT),
    ("quoted", '"base64"', "Outlook and Gmail strip quotes from any value, as they do from parameters"),
    ("encoded-word", "=?us-ascii?Q?base64?=", "Outlook runs every header field through its RFC 2047 decoder first"),
    ("encoded-word-b", "=?utf-8?B?YmFzZTY0?=", "Outlook runs every header field through its RFC 2047 decoder first"),
    ("folded", "\r\n base64", UNFOLD),
    ("folded-tab", "\r\n\tbase64", UNFOLD),
    ("folded-twice", "\r\n \r\n base64", "Thunderbird unfolds a line of blanks as well (obsolete, RFC 5322 4.2)"),
    ("folded-behind", "base64\r\n ", UNFOLD),
    ("folded-behind-comment", "base64\r\n (that is all)", CUT),
    ("nul-behind", b"base64\0", NUL),
    ("nul-and-more", b"base64\0 7bit", NUL),
    ("capitals", "BASE64", LETTERS),
    ("mixed-case", "bAsE64", LETTERS),
    ("tight", "base64", "no blank after the colon is needed (RFC 5322 2.2)"),
    ("many-blanks", " " * 300 + "base64" + " " * 300, "blanks around the token are trimmed by every reader"),
    ("tabs", "\t\tbase64\t", "blanks around the token are trimmed by every reader"),
    ("vertical-tab", b"\x0bbase64", BLANK),
    ("form-feed", b"\x0cbase64", BLANK),
    ("vertical-tab-behind", b"base64\x0b", BLANK),
    ("bare-cr-behind", b"base64\r", "mutt, munpack and Thunderbird pass over the bare CR"),
    ("x-base64", "x-base64", "Outlook drops the x- of a token that it knows, as RFC 2045 6.3 foresaw for tests"),
)

NAMES: tuple[tuple[str, Text, str], ...] = (
    ("name-blank-colon", b"Content-Transfer-Encoding : base64", COLON),
    ("name-tab-colon", b"Content-Transfer-Encoding\t: base64", COLON),
    ("name-blanks-colon", b"Content-Transfer-Encoding    : base64", COLON),
    ("name-folded-colon", b"Content-Transfer-Encoding\r\n : base64", COLON + ", even across a fold"),
    ("name-capitals", b"CONTENT-TRANSFER-ENCODING: base64", LETTERS),
    ("name-lower", b"content-transfer-encoding: base64", LETTERS),
    ("name-tight", b"Content-Transfer-Encoding:base64", "no blank after the colon is needed (RFC 5322 2.2)"),
)

QUOTED: tuple[tuple[str, Text, str], ...] = (
    ("qp-capitals", "QUOTED-PRINTABLE", LETTERS),
    ("qp-list", "quoted-printable, base64", "Thunderbird and mutt take the first of the list"),
    ("qp-semicolon", "quoted-printable;", CUT),
    ("qp-comment", "(x) quoted-printable", COMMENT),
    ("qp-behind", "quoted-printable8", PREFIX),
    ("qp-nul", b"quoted-printable\0base64", NUL),
    ("qp-folded", "\r\n\tquoted-printable", UNFOLD),
)


def part(name: str, field: Text, body: bytes) -> bytes:
    disposition = f'Content-Disposition: attachment; filename="{name}"'
    return entity("Content-Type: application/octet-stream", field, disposition, body=body)


def cases() -> Iterator[Case]:
    payload = cycle((COM, ZIP, DOCX, GZ))
    for trick, value, why in VALUES:
        name, data = next(payload)
        glue = b":" if trick == "tight" else b": "
        yield case(KIND, trick, enclosed(part(name, NAME + glue + raw(value), b64(data))), why)
    for trick, field, why in NAMES:
        name, data = next(payload)
        yield case(KIND, trick, enclosed(part(name, field, b64(data))), why)
    for trick, value, why in QUOTED:
        name, data = next(payload)
        yield case(KIND, trick, enclosed(part(name, NAME + b": " + raw(value), qp(data))), why)
    yield from absent()
    yield from of_containers()


def absent() -> Iterator[Case]:
    """No encoding that helps, and a body that speaks for itself."""
    guess = "UUDeview and newsreaders built on it know base64 by its look, whatever the header says"
    for trick, fields in (
        ("none", ()),
        ("none-said", ("Content-Transfer-Encoding: none",)),
        ("unknown", ("Content-Transfer-Encoding: x-mystery",)),
        ("empty", ("Content-Transfer-Encoding:",)),
    ):
        named = 'Content-Type: application/zip; name="papers.zip"'
        padded = ZIP.data + bytes(200)  # long enough to be known for base64
        body = entity(named, *fields, 'Content-Disposition: attachment; filename="papers.zip"', body=b64(padded, 60))
        yield case(KIND, trick, enclosed(body), guess)


def of_containers() -> Iterator[Case]:
    """RFC 2045 6.4: a multipart is never encoded.  Some readers decode it all the same, the others look past it."""
    inner = multipart("frontier", note(), part(COM.name, b"Content-Transfer-Encoding: base64", b64(COM.data)))
    zipped = multipart("frontier", note(), part(ZIP.name, b"Content-Transfer-Encoding: base64", b64(ZIP.data)))
    type = 'Content-Type: multipart/mixed; boundary="frontier"'
    plain = "Thunderbird, mutt and Python's email ignore the encoding of a multipart and split the body as it stands"
    whole = "Apple Mail, and readers on JavaMail set to mail.mime.ignoremultipartencoding=false, decode it, then split"
    yield case(KIND, "multipart-said-base64", mail(type, NAME + b": base64", body=inner), plain)
    yield case(KIND, "multipart-said-qp", mail(type, NAME + b": quoted-printable", body=zipped), plain)
    yield case(KIND, "multipart-said-unknown", mail(type, NAME + b": x-foo", body=zipped), plain)
    yield case(KIND, "multipart-in-base64", mail(type, NAME + b": base64", body=b64(inner)), whole)
    yield case(KIND, "multipart-in-qp", mail(type, NAME + b": quoted-printable", body=qp(zipped)), whole)
    nested = multipart("outer", note(), entity(type, NAME + b": base64", body=b64(zipped)))
    outer = mail('Content-Type: multipart/mixed; boundary="outer"', body=nested)
    yield case(KIND, "inner-multipart-in-base64", outer, whole)

"""combination: two classes at once, both of them read by the same program; that is what an attacker sends.

For each reader there are tricks around the parts (they take a part, and give a mail) and tricks within a part; every
one of the first is crossed with every one of the second.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator

from tests.ambiguity.build import (
    CRLF,
    Case,
    attachment,
    b64,
    case,
    chopped,
    entity,
    lines,
    mail,
    mixed,
    multipart,
    note,
    qp,
    uu,
    yenc,
)
from tests.ambiguity.payload import COM, DOCX, GZ, ZIP, gzipped
from tests.ambiguity.wrappers import apple, tnef

KIND = "combination"
Around = Callable[[bytes], bytes]
MIXED = 'Content-Type: multipart/mixed; boundary="a"'


def tree(part: bytes, boundary: str = "a") -> bytes:
    return multipart(boundary, note(), part)


def part(body: bytes, *fields: str, name: str = "eicar.com") -> bytes:
    disposition = f'Content-Disposition: attachment; filename="{name}"'
    return entity("Content-Type: application/octet-stream", *fields, disposition, body=body)


def encoded(value: str) -> str:
    return f"Content-Transfer-Encoding: {value}"


def decoy(boundary: str) -> bytes:
    return multipart(boundary, note("Nothing is attached."))


# ---------------------------------------------------------------------------- around the parts


def typed_first(inside: bytes) -> bytes:
    return mail(MIXED, "Content-Type: text/plain", body=tree(inside))


def typed_last(inside: bytes) -> bytes:
    return mail("Content-Type: text/plain", MIXED, body=tree(inside))


def two_trees(inside: bytes) -> bytes:
    return mail(MIXED, MIXED.replace('"a"', '"b"'), body=decoy("b") + tree(inside))


def blank_colon(inside: bytes) -> bytes:
    return mail(MIXED.replace(":", " :"), body=tree(inside))


def unclosed(inside: bytes) -> bytes:
    return mail(MIXED, body=multipart("a", note(), inside, close=False))


def extended_boundary(inside: bytes) -> bytes:
    return mail(
        "Content-Type: multipart/mixed; boundary*0*=us-ascii''fr%6Fn; boundary*1=tier", body=tree(inside, "frontier")
    )


def bare_cr(inside: bytes) -> bytes:
    return mail(MIXED, body=tree(inside)).replace(CRLF, b"\r")


def junk_line(inside: bytes) -> bytes:
    return mail("no field at all", MIXED, body=tree(inside))


def comment_boundary(inside: bytes) -> bytes:
    return mail("Content-Type: multipart/mixed; boundary=(boundary=foo)bar", body=tree(inside, "bar"))


def word_boundary(inside: bytes) -> bytes:
    return mail('Content-Type: multipart/mixed; boundary="=?us-ascii?Q?bar?="', body=tree(inside, "bar"))


def longer_delimiter(inside: bytes) -> bytes:
    return mail(MIXED, body=lines("--a") + note() + CRLF + lines("--a and more") + inside + lines("", "--a--"))


def mbox_line(inside: bytes) -> bytes:
    return b">From alice Tue Nov  3 10:00:00 2026\r\n" + mail(MIXED, body=tree(inside)).replace(CRLF, b"\n")


def last_parameter(inside: bytes) -> bytes:
    return mail("Content-Type: multipart/mixed; boundary=b; boundary=a", body=decoy("b") + tree(inside))


def plain_boundary(inside: bytes) -> bytes:
    return mail("Content-Type: multipart/mixed; boundary*=us-ascii''b; boundary=\"a\"", body=decoy("b") + tree(inside))


def digest(inside: bytes) -> bytes:
    inner = mail(MIXED, body=tree(inside))
    return mail('Content-Type: multipart/digest; boundary="d"', body=multipart("d", CRLF + inner))


# ---------------------------------------------------------------------------- within a part


def padded(data: bytes, size: int) -> bytes:
    return b"".join(b64encode(piece) + CRLF for piece in chopped(data, size))


def page(url: bytes) -> bytes:
    return b'<html><body><a download="papers.zip" href="' + url + b'">Open</a></body></html>'


CTE_FIRST = part(b64(ZIP.data), encoded("base64"), encoded("7bit"), name=ZIP.name)
CTE_LAST = part(b64(ZIP.data), encoded("7bit"), encoded("base64"), name=ZIP.name)
LETTER = mixed(note(), attachment(DOCX.data, DOCX.name), boundary="letter")
LETTER_IN_BASE64 = entity("Content-Type: message/rfc822", encoded("base64"), body=b64(LETTER))
UTF16_PAGE = attachment(
    b"\xff\xfe" + page(b"data:application/zip;base64," + b64encode(ZIP.data)).decode().encode("utf-16-le"),
    "papers.html", type="text/html",
)  # fmt: skip
TWO_MEMBERS = attachment(gzipped(b"harmless\n") + GZ.data, "papers.gz", type="application/gzip")
BEHIND_PICTURE = attachment(b"GIF89a" + bytes(60) + ZIP.data, "photo.gif", type="image/gif")

READERS: tuple[tuple[str, dict[str, Around], dict[str, bytes]], ...] = (
    (
        "Thunderbird",
        {
            "typed-first": typed_first, "blank-colon": blank_colon, "unclosed": unclosed, "bare-cr": bare_cr,
            "extended-boundary": extended_boundary, "junk-line": junk_line,
        },
        {
            "cte-first": CTE_FIRST,
            "cte-list": part(b64(COM.data), encoded("base64, quoted-printable")),
            "padded": part(padded(COM.data, 10), encoded("base64")),
            "x-yencode": part(yenc(COM.data), encoded("x-yencode")),
            "uuencode": entity("Content-Type: text/plain", body=b"Here:\r\n" + uu(COM.data)),
            "soft-lf": part(qp(ZIP.data, soft=b"=\n"), encoded("quoted-printable"), name=ZIP.name),
            "letter-in-base64": LETTER_IN_BASE64,
            "utf16-page": UTF16_PAGE,
            "gzip-members": TWO_MEMBERS,
        },
    ),
    (
        "Outlook",
        {
            "plain-boundary": plain_boundary, "two-trees": two_trees, "comment-boundary": comment_boundary,
            "word-boundary": word_boundary, "longer-delimiter": longer_delimiter,
        },
        {
            "cte-first": CTE_FIRST,
            "cte-comment": part(b64(COM.data), encoded("(7bit) base64")),
            "x-uuencode": part(uu(COM.data), encoded("x-uuencode")),
            "tnef": attachment(tnef(COM.data, COM.name), "winmail.dat", type="application/ms-tnef"),
            "zip-behind-picture": BEHIND_PICTURE,
        },
    ),
    (
        "mutt",
        {"typed-last": typed_last, "mbox-line": mbox_line, "digest": digest},
        {
            "cte-last": CTE_LAST,
            "cte-base645": part(b64(COM.data), encoded("base645")),
            "x-uuencode": part(uu(ZIP.data, ZIP.name), encoded("x-uuencode"), name=ZIP.name),
            "soft-blank": part(qp(COM.data, soft=b"= \t\r\n"), encoded("quoted-printable")),
        },
    ),
    (
        "Apple Mail",
        {"last-parameter": last_parameter, "extended-boundary": extended_boundary, "junk-line": junk_line},
        {
            "padded": part(padded(ZIP.data, 20), encoded("base64"), name=ZIP.name),
            "extended-name": entity("Content-Type: image/png", encoded("base64"), encoded("8bit"),
                                    "Content-Disposition: attachment; filename=a.png; filename*=utf-8''eicar.com",
                                    body=b64(COM.data)),
            "applesingle": attachment(apple(COM.data, COM.name), COM.name, type="application/applefile"),
        },
    ),
)  # fmt: skip


def cases() -> Iterator[Case]:
    for reader, arounds, withins in READERS:
        for outer, around in arounds.items():
            for inner, within in withins.items():
                trick = f"{reader.lower().replace(' ', '-')}-{outer}-{inner}"
                why = (
                    f"{reader} reads the {outer.replace('-', ' ')} and the {inner.replace('-', ' ')} alike,"
                    f" each as in its class"
                )
                yield case(KIND, trick, around(within), why)

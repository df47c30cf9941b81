"""header-shape: line ends, junk lines, blank lines and hidden fields (RFC 5322 2.1 and 2.2, RFC 7103 7)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from tests.ambiguity.build import (
    ADDRESSED,
    CRLF,
    VERSION,
    Case,
    attachment,
    b64,
    case,
    entity,
    lines,
    mail,
    mixed,
    multipart,
    note,
    qp,
)
from tests.ambiguity.payload import COM, DOCX, GZ, ZIP

KIND = "header-shape"
TYPED = 'Content-Type: multipart/mixed; boundary="a"'
ENDS = "Thunderbird's line buffer and Python's email end a line at CR, LF or CRLF"
SKIP = "Thunderbird, Outlook and Apple Mail skip a header line that has no colon; the header ends at the blank line"
BODY = "Python's email and mutt let the body begin at the first line that is no field"
FOLD = "Thunderbird and Outlook take a line of blanks within the header for a fold (obsolete syntax, RFC 5322 4.2)"
BLANK = "readers that trim the line first (Outlook, Gmail; RFC 7103 7.2) take it for the end of the header"
TOP = "UUDeview, Outlook and Dovecot pass over what stands above the first field"


def tree(payload: tuple[str, bytes] = COM) -> bytes:
    return multipart("a", note(), attachment(payload[1], payload[0]))


def whole(*extra: bytes | str, payload: tuple[str, bytes] = COM) -> bytes:
    return mail(*extra, TYPED, body=tree(payload))


def cases() -> Iterator[Case]:
    payload = cycle((COM, ZIP, DOCX, GZ))
    for trick, end, why in (
        ("lf", b"\n", "bare LF is the line end of every mail on disk"),
        ("cr", b"\r", ENDS),
        ("cr-cr-lf", b"\r\r\n", "a CR added in transport; Thunderbird and Outlook take CRCRLF for one line end"),
    ):
        yield case(KIND, f"ends-{trick}", whole(payload=next(payload)).replace(CRLF, end), why)
    head, _, body = whole(payload=ZIP).partition(CRLF * 2)
    for trick, message, why in (
        ("lf-header-crlf-body", head.replace(CRLF, b"\n") + b"\n\n" + body, ENDS),
        ("crlf-header-lf-body", head + CRLF * 2 + body.replace(CRLF, b"\n"), ENDS),
        ("cr-header", head.replace(CRLF, b"\r") + b"\r\r" + body, ENDS),
        ("separator-lf-lf", head + b"\n\n" + body, ENDS),
        ("separator-cr-cr", head + b"\r\r" + body, ENDS),
        ("separator-crlf-lf", head + b"\r\n\n" + body, ENDS),
        ("separator-lf-crlf", head + b"\n\r\n" + body, ENDS),
        ("separator-blanks", head + b"\r\n  \t\r\n" + body, BLANK),
        ("separator-vertical-tab", head + b"\r\n\x0b\r\n" + body, BLANK),
        ("separator-nul", head + b"\r\n\0\r\n" + body, "ripmime and other readers in C see an empty line"),
        ("separator-cr-crlf", head + b"\r\n\r\r\n" + body, "Thunderbird ends a line at CR: the line is empty"),
        (
            "separator-none",
            head + CRLF + body,
            "Python's email and mutt let the body begin at the delimiter, which is no field",
        ),
        ("separator-none-outlook", head + CRLF + b"Hello." + CRLF + body, BODY),
    ):
        yield case(KIND, trick, message, why)
    yield from tops()
    yield from junk()
    yield from hidden_fields()
    yield from of_parts()


def tops() -> Iterator[Case]:
    for trick, top, why in (
        (
            "mbox-line",
            b"From alice@sender.example Tue Nov  3 10:00:00 2026\n",
            "mutt, Thunderbird and Python's email know mbox",
        ),
        (
            "mbox-line-escaped",
            b">From alice@sender.example Tue Nov  3 10:00:00 2026\r\n",
            "mutt passes over '>From ' in a header",
        ),
        ("bom", b"\xef\xbb\xbf", "Thunderbird opens .eml files with a BOM: the first field is lost, no more"),
        ("blank-line", b"\r\n", "Outlook Express, UUDeview and Dovecot skip blank lines in front"),
        ("blank-lines", b"\r\n\r\n\n", TOP),
        ("junk-line", b"this is no field\r\n", SKIP),
        (
            "folded-first",
            b" folded into nothing\r\n",
            "Thunderbird, Python's email and munpack pass over a fold of nothing",
        ),
        ("colon-first", b": nameless\r\n", SKIP),
        ("nul-first", b"\0\0\r\n", TOP),
        ("smtp-verb", b"DATA\r\n", SKIP),
        ("status-line", b"+OK 1234 octets\r\n", TOP),
    ):
        yield case(KIND, f"top-{trick}", top + whole(payload=ZIP), why)


def junk() -> Iterator[Case]:
    for trick, line, why in (
        ("no-colon", b"this line is no field", SKIP),
        ("high-bytes", b"\xe4\xf6\xfc\xff\xfe", SKIP),
        ("blank-in-name", b"this is: no field name", SKIP),
        ("colon-only", b":", SKIP),
        ("control", b"\x01\x02\x03", SKIP),
        ("nul", b"\0", SKIP),
        ("mbox-line", b"From nobody Tue Nov  3 10:00:00 2026", SKIP),
        ("delimiter-like", b"--b", SKIP),
        ("equals", b"===========", SKIP),
        ("emoji", "✉ ✉ ✉", SKIP),
        ("very-long", b"x" * 20_000, SKIP),
    ):
        yield case(KIND, f"junk-{trick}", whole(line, payload=ZIP), why)
    for trick, line in (("blanks", b"   "), ("tab", b"\t"), ("blanks-twice", b"  \r\n  ")):
        yield case(KIND, f"line-of-{trick}", whole("X-Before: 1", line, payload=DOCX), FOLD)
    encoded = lines("Content-Type: application/octet-stream; name=eicar.com", "Content-Transfer-Encoding: base64")
    before = lines(*ADDRESSED, VERSION)
    yield case(KIND, "junk-then-type-and-base64", before + b"oops\r\n" + encoded + CRLF + b64(COM.data), SKIP)
    split = lines(*ADDRESSED, VERSION, "oops") + lines(TYPED) + CRLF + tree(GZ)
    yield case(KIND, "junk-then-type", split, SKIP)
    yield case(KIND, "body-at-the-junk", lines(*ADDRESSED, VERSION, TYPED, "oops") + tree(COM), BODY)


def hidden_fields() -> Iterator[Case]:
    """A field that only those see who end lines at a bare CR or LF, or who go on after a NUL."""
    for trick, subject, why in (
        ("behind-bare-cr", b"X-Note: hello\r" + TYPED.encode(), ENDS),
        ("behind-bare-lf", b"X-Note: hello\n" + TYPED.encode(), ENDS),
        ("behind-cr-cr", b"X-Note: hello\r\r\n" + TYPED.encode(), "Outlook takes CRCRLF for one line end"),
    ):
        yield case(KIND, f"field-{trick}", mail(subject, body=tree(ZIP)), why)
    for trick, field, why in (
        (
            "blank-colon",
            'Content-Type : multipart/mixed; boundary="a"',
            "Thunderbird and Apple Mail allow blanks before the colon",
        ),
        (
            "tab-colon",
            'Content-Type\t: multipart/mixed; boundary="a"',
            "Thunderbird and Apple Mail allow blanks before the colon",
        ),
        (
            "name-capitals",
            'CONTENT-TYPE: multipart/mixed; boundary="a"',
            "names are compared without regard to case: every reader",
        ),
        ("tight", 'Content-Type:multipart/mixed;boundary="a"', "no blank is needed (RFC 5322 2.2)"),
        (
            "fold-before-colon",
            'Content-Type\r\n : multipart/mixed; boundary="a"',
            "Thunderbird joins the fold before it looks",
        ),
        ("folds", 'Content-Type:\r\n\tmultipart/mixed;\r\n\r\n\tboundary="a"'.replace("\r\n\r\n", "\r\n \r\n"), FOLD),
        ("below-100k", "X-Long: " + "x" * 100_000 + "\r\n" + TYPED, "no reader gives up at a long field"),
        ("below-2000-fields", "X-Many: 1\r\n" * 2000 + TYPED, "no reader gives up at many fields"),
        ("cr-before-fold", 'Content-Type: multipart/mixed;\r boundary="a"', ENDS),
        ("lf-before-fold", 'Content-Type: multipart/mixed;\n boundary="a"', ENDS),
    ):
        yield case(KIND, f"field-{trick}", mail(field, body=tree(ZIP)), why)


def of_parts() -> Iterator[Case]:
    """The same in the header of a part."""
    fields = ("Content-Type: application/octet-stream; name=eicar.com", "Content-Transfer-Encoding: base64")
    data = b64(COM.data)
    for trick, part, why in (
        ("junk-line", entity("junk", *fields, body=data), SKIP),
        ("junk-between", entity(fields[0], "junk", fields[1], body=data), SKIP),
        ("line-of-blanks", entity(fields[0], "  ", fields[1], body=data), FOLD),
        ("separator-blanks", lines(*fields, "  ") + data, BLANK),
        ("cr-ends", lines(*fields).replace(CRLF, b"\r") + b"\r" + data, ENDS),
        ("lf-ends", lines(*fields).replace(CRLF, b"\n") + b"\n" + data, ENDS),
        ("behind-bare-cr", entity(fields[0] + "\r" + fields[1], body=data), ENDS),
        ("bom", b"\xef\xbb\xbf" + entity("X-First: lost", *fields, body=data), SKIP),
        (
            "leading-blank-line",
            CRLF + entity(*fields, body=data),
            "ripmime sees the fields in the body, too",
        ),
        (
            "first-field-indented",
            entity(" " + fields[0], fields[1], body=data),
            "a fold of nothing is passed over by Python, ripmime",
        ),
        ("no-separator", lines(*fields) + b"=" + CRLF + data, "mutt and Python let the body begin; the = is skipped"),
        (
            "encoding-below-qp-junk",
            entity(fields[0], "=?junk?=", "Content-Transfer-Encoding: quoted-printable", body=qp(COM.data)),
            SKIP,
        ),
    ):
        yield case(KIND, f"part-{trick}", mixed(note(), part), why)

"""qp-body: quoted-printable that no encoder writes (RFC 2045 6.7), and that decoders forgive."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from tests.ambiguity.build import CRLF, Case, case, chopped, enclosed, entity, mail, qp
from tests.ambiguity.payload import COM, DOCX, GZ, ZIP

KIND = "qp-body"
BLANKS = "blanks after the = are transport padding (RFC 2045 6.7 rule 3); Thunderbird, mutt and ripmime drop them"
ENDS = "Thunderbird's line buffer ends a line at CR, LF or CRLF, and so a soft break"
HEX = "lower-case digits are not legal, but every decoder takes them (RFC 2045 6.7 note 1)"
LAST = "the = before the end of the part is dropped, by Thunderbird and mutt"
EVERY = "legal, only unusual; every reader decodes it"
LITERAL = "an = that begins no escape stands for itself (RFC 2045 6.7 note 2): mutt, Thunderbird"


def part(name: str, body: bytes, type: str = "application/octet-stream") -> bytes:
    return entity(
        f"Content-Type: {type}", "Content-Transfer-Encoding: quoted-printable",
        f'Content-Disposition: attachment; filename="{name}"', body=body,
    )  # fmt: skip


def cases() -> Iterator[Case]:
    payload = cycle((ZIP, DOCX, GZ))
    for trick, soft, why in (
        ("blank", b"= \r\n", BLANKS),
        ("tab", b"=\t\r\n", BLANKS),
        ("blanks", b"=  \t  \r\n", BLANKS),
        ("blanks-lf", b"= \n", BLANKS),
        ("cr", b"=\r", ENDS),
        ("lf", b"=\n", ENDS),
        (
            "cr-cr-lf",
            b"=\r\r\n",
            "what a relay makes of CRLF when it adds a CR; Outlook and libmime take it for one break",
        ),
        ("blank-cr", b"= \r", ENDS),
        ("long-blanks", b"=" + b" " * 500 + b"\r\n", "ripmime and Thunderbird drop any number of blanks"),
    ):
        for name, data in (COM, next(payload)):
            label = f"soft-{trick}-{name.rpartition('.')[2]}"
            yield case(KIND, label, enclosed(part(name, qp(data, soft=soft) + CRLF)), why)
            if name == COM.name and trick in ("cr-cr-lf", "long-blanks"):
                break
    for width in (1, 2, 100, 5000):
        name, data = next(payload)
        yield case(KIND, f"width-{width}", enclosed(part(name, qp(data, width) + CRLF)), EVERY)
    for name, data in (COM, ZIP):
        yield case(KIND, f"lower-hex-{name}", enclosed(part(name, qp(data).lower() + CRLF)), HEX)
    mixed_hex = b"".join(each.lower() if at % 2 else each for at, each in enumerate(chopped(qp(ZIP.data, 999), 3)))
    yield case(KIND, "mixed-hex", enclosed(part(ZIP.name, mixed_hex + CRLF)), HEX)
    yield from ends()
    yield from partly()


def ends() -> Iterator[Case]:
    for trick, tail in (
        ("equals", b"="), ("equals-blank", b"= "), ("soft-break", b"=\r\n"), ("half-escape", b"=4"),
        ("equals-twice", b"=="), ("equals-cr", b"=\r"),
    ):  # fmt: skip
        message = enclosed(part(COM.name, qp(COM.data) + tail))
        yield case(KIND, f"final-{trick}", message, LAST)
    root = mail(
        "Content-Type: application/octet-stream; name=eicar.com", "Content-Transfer-Encoding: quoted-printable",
        body=qp(COM.data) + b"=",
    )  # fmt: skip
    yield case(KIND, "final-equals-of-the-mail", root, LAST)


def partly() -> Iterator[Case]:
    """Some bytes escaped, some not."""
    com = COM.data
    spoken = com.replace(b"-", b"=2D")
    for trick, body, why in (
        ("few-escapes", spoken, EVERY),
        ("letters-escaped", b"".join(b"=%02X" % byte if chr(byte).isalpha() else b"%c" % byte for byte in com), EVERY),
        ("soft-in-the-word", com[:40] + b"=\r\n" + com[40:], EVERY),
        ("soft-in-the-word-blank", com[:40] + b"= \r\n" + com[40:], BLANKS),
        ("soft-in-the-word-lf", com[:40] + b"=\n" + com[40:], ENDS),
        ("soft-breaks-doubled", com[:40] + b"=\r\n=\r\n=\r\n" + com[40:], EVERY),
        ("trailing-blanks", spoken + b"   \t", "blanks at the end of a line were added in transport (RFC 2045"
                                               " 6.7 rule 3)"),
        ("bad-escape-behind", spoken + b"=ZZ", LITERAL),
        ("bad-escape-before", b"100=% sure:=0D=0A" + spoken, LITERAL),
        ("equals-everywhere", b"a == b = c\r\n" + spoken, LITERAL),
        ("crlf-escaped", b"=0D=0A=0D=0A" + spoken, EVERY),
        ("nul-behind", spoken + b"\0\0", "the NUL is one more byte of the file"),
        ("high-bytes-before", b"\xff\xfe\xe9=0D=0A" + spoken, "8-bit bytes pass through every lenient decoder"),
    ):  # fmt: skip
        yield case(KIND, trick, enclosed(part(COM.name, body + CRLF)), why)
    eight = b"".join(bytes((byte,)) if byte >= 0x80 else b"=%02X" % byte for byte in ZIP.data)  # only ASCII escaped
    yield case(
        KIND, "raw-high-bytes", enclosed(part(ZIP.name, eight)), "8-bit bytes pass through every lenient decoder"
    )
    crs = enclosed(part(COM.name, qp(com).replace(CRLF, b"\r") + b"\r"))
    yield case(KIND, "cr-lines-in-the-part", crs, ENDS)
    inline = enclosed(entity("Content-Type: text/plain", "Content-Transfer-Encoding: quoted-printable",
                             body=qp(com, soft=b"=\t\r\n") + CRLF))  # fmt: skip
    yield case(KIND, "text-inline", inline, BLANKS)

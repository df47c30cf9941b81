"""Clean mails of every honest oddity, the same ones at each run: what must arrive as it was sent.

``clean_mails(count)`` cycles through SORTS with new contents each time; DKIM signatures are put on by ``Signer``.
"""

from __future__ import annotations

import base64
import gzip
import io
import quopri
import random
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Dice = random.Random
WORDS = [
    "quarantine",
    "harbour",
    "ship",
    "letter",
    "plague",
    "Größe",
    "naïve",
    "señor",
    "Zürich",
    "Ελλάδα",
    "mail",
    "invoice",
    "2026",
    "offer",
    "parcel",
    "the",
    "of",
    "and",
]


@dataclass(frozen=True)
class Clean:
    """``plain``: Postfix itself leaves every byte as it is."""

    number: int
    sort: str
    raw: bytes
    plain: bool = True


def clean_mails(count: int) -> Iterator[Clean]:
    names = list(SORTS)
    for number in range(count):
        name = names[number % len(names)]
        yield Clean(number, name, SORTS[name](Dice(number)), name not in CHANGED_BY_POSTFIX)


# ---------------------------------------------------------------------------- pieces


def text(dice: Dice, lines: int = 12, charset: str = "utf-8") -> bytes:
    """Lines of words with CRLF."""
    rows = (" ".join(dice.choices(WORDS, k=dice.randint(0, 14))) for _ in range(lines))
    return "".join(row + "\r\n" for row in rows).encode(charset, "replace")


def head(dice: Dice, *more: bytes) -> bytes:
    """Ordinary fields, then ``more``, then the empty line."""
    lines = [
        b"From: Alice <alice@sender.example>",
        b"To: bob@example.test",
        b"Subject: mail %d" % dice.randrange(10**9),
        b"Message-ID: <%d@sender.example>" % dice.randrange(10**12),
        b"Date: Mon, 23 Nov 2026 10:%02d:00 +0100" % dice.randrange(60),
        *more,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def typed(dice: Dice, kind: bytes, encoding: bytes = b"7bit") -> bytes:
    return head(dice, b"MIME-Version: 1.0", b"Content-Type: " + kind, b"Content-Transfer-Encoding: " + encoding)


def part(kind: bytes, body: bytes, *more: bytes) -> bytes:
    return b"\r\n".join((b"Content-Type: " + kind, *more)) + b"\r\n\r\n" + body


def multipart(
    boundary: bytes, *parts: bytes, preamble: bytes = b"", epilogue: bytes = b"", blanks: bytes = b""
) -> bytes:
    """The body; ``blanks`` stand behind each delimiter (RFC 2046 section 5.1.1: transport padding)."""
    inside = b"".join(b"\r\n--" + boundary + blanks + b"\r\n" + each for each in parts)
    return preamble + inside + b"\r\n--" + boundary + b"--" + blanks + b"\r\n" + epilogue


def mixed(dice: Dice, *parts: bytes, boundary: bytes = b"=_mixed", kind: bytes = b"mixed", **more: bytes) -> bytes:
    field = b'Content-Type: multipart/%b; boundary="%b"' % (kind, boundary)
    return head(dice, b"MIME-Version: 1.0", field) + multipart(boundary, *parts, **more)


def coded(data: bytes, width: int = 76) -> bytes:
    """Base64 in lines of that width."""
    line = base64.b64encode(data)
    return b"".join(line[start : start + width] + b"\r\n" for start in range(0, len(line), width))


def attached(name: bytes, kind: bytes, data: bytes, width: int = 76) -> bytes:
    return part(
        kind,
        coded(data, width),
        b"Content-Transfer-Encoding: base64",
        b'Content-Disposition: attachment; filename="%b"' % name,
    )


# ---------------------------------------------------------------------------- text and bytes


def plain(dice: Dice) -> bytes:
    return head(dice) + text(dice, charset="ascii")


def eight_bit(dice: Dice) -> bytes:
    charset = dice.choice(["utf-8", "latin-1", "koi8-r", "utf-16"])
    kind = b"text/plain; charset=" + charset.encode()
    body = text(dice, charset="utf-8" if charset == "utf-16" else charset)
    return typed(dice, kind, b"8bit") + body


def any_byte(dice: Dice) -> bytes:
    """Every byte but CR and LF, NUL among them."""
    body = bytes(byte for byte in dice.choices(range(256), k=3000) if byte not in b"\r\n")
    return typed(dice, b"text/plain; charset=x-unknown", b"8bit") + body + b"\r\n"


def bare_cr(dice: Dice) -> bytes:
    return head(dice) + text(dice).replace(b" ", b"\r", dice.randint(1, 9)) + b"\rend\r of\r it\r\n"


def cr_at_line_end(dice: Dice) -> bytes:
    return head(dice) + text(dice).replace(b"\r\n", b"\r\r\n", dice.randint(1, 9)) + b"end\r\r\r\n"


def bare_lf(dice: Dice) -> bytes:
    return head(dice) + text(dice).replace(b"\r\n", b"\n", dice.randint(1, 5)) + b"\n\nend\r\n"


def long_lines(dice: Dice) -> bytes:
    lines = (dice.choice(WORDS).encode() * dice.choice([143, 250, 800, 3000]) for _ in range(3))
    return head(dice, b"X-Long: " + b"x" * dice.choice([990, 2000, 9000])) + b"\r\n".join(lines) + b"\r\n"


def dots(dice: Dice) -> bytes:
    lines = [b"." * dice.randint(0, 4) + dice.choice([b"", b"x", b" ."]) for _ in range(30)]
    return head(dice) + b".\r\n..\r\n" + b"\r\n".join(lines) + b"\r\n"


def blank_ends(dice: Dice) -> bytes:
    """Blanks at line ends, From at line starts, empty lines at the end."""
    return (
        head(dice, b"X-Blanks:  two \t ")
        + b"text  \r\n\t\r\n \r\nFrom me \r\n>From you\r\n"
        + b"\r\n" * dice.randint(0, 9)
    )


def controls(dice: Dice) -> bytes:
    return head(dice) + b"\x01\x07\x08\x0b\x0c\x1b[31m red \x7f\x1a after\0nul\r\n" + text(dice, 3)


# ---------------------------------------------------------------------------- headers


def odd_folding(dice: Dice) -> bytes:
    folded = b"X-Folded:" + b"".join(
        dice.choice([b"\r\n word", b"\r\n\tword", b"\r\n   \tword ", b" word"]) for _ in range(9)
    )
    return head(
        dice, folded, b"Subject2:no-blank", b"X-Empty:", b"X-Blank: ", b"x-lower:\ta", b"X-Colons:::a:b"
    ) + text(dice)


def many_received(dice: Dice) -> bytes:
    hops = [
        b"Received: from a%d.example by b%d.example;\r\n\tMon, 23 Nov 2026 10:00:%02d +0000" % (i, i, i)
        for i in range(9)
    ]
    return head(dice, *hops, b"Authentication-Results: x; none", b"Return-Receipt-To: <a@b.example>") + text(dice)


def duplicates(dice: Dice) -> bytes:
    return head(dice, b"Subject: again", b"X-A: 1", b"X-A: 2", b"X-a: 3", b"Comments: a", b"Comments: a") + text(dice)


def encoded_words(dice: Dice) -> bytes:
    word = base64.b64encode("Grüße aus Zürich".encode())
    return head(
        dice,
        b"Reply-To: =?utf-8?b?" + word + b"?=\r\n =?iso-8859-1?q?=E4=F6_x?= <a@b.example>",
        b"X-Broken: =?utf-8?b?###?= =?nosuch?q?=41?= =?utf-8?q?open",
    ) + text(dice)  # fmt: skip


def raw_header(dice: Dice) -> bytes:
    """8 bits in fields, as many programs write them."""
    return head(dice, "X-Name: Jürgen Größe".encode("latin-1"), "Organization: Ελλάδα".encode()) + text(dice)


def big_header(dice: Dice) -> bytes:
    return head(dice, *(b"X-Field-%d: %b" % (number, b"value " * 12) for number in range(200))) + text(dice)


def no_body(dice: Dice) -> bytes:
    return head(dice)


def header_only(dice: Dice) -> bytes:
    """Not even the empty line."""
    return head(dice)[:-2]


def no_header(dice: Dice) -> bytes:
    return b"\r\n" + text(dice)


def no_header_nor_line(dice: Dice) -> bytes:
    return b"Just text, no field at all\r\n" + text(dice)


def dropped_fields(dice: Dice) -> bytes:
    """Postfix takes these off (message_drop_headers)."""
    return head(dice, b"Bcc: eve@sender.example", b"Content-Length: 12", b"Return-Path: <x@y.example>") + text(dice)


# ---------------------------------------------------------------------------- encodings


def base64_odd(dice: Dice) -> bytes:
    """Lines of odd length, empty lines, blanks at the ends, no padding at the end."""
    line = base64.b64encode(text(dice, 20)).rstrip(b"=")
    rows = []
    while line:
        cut = dice.choice([1, 3, 7, 60, 76, 77, 200])
        rows.append(line[:cut] + dice.choice([b"", b"", b" ", b"\t", b"\r\n"]))
        line = line[cut:]
    return typed(dice, b"text/plain; charset=utf-8", b"BASE64") + b"\r\n".join(rows) + b"\r\n"


def quoted_odd(dice: Dice) -> bytes:
    body = quopri.encodestring(text(dice, 9).replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    body = body.lower().replace(b"=\r\n", b"= \t\r\n", 2) + b"a=zz b= c==3d =\r\n" + b"long " * 60 + b"\r\nend="
    return typed(dice, b"text/plain; charset=utf-8", b"Quoted-Printable") + body + b"\r\n"


def unknown_charset(dice: Dice) -> bytes:
    return typed(dice, b'text/plain; charset="no-such"; format=flowed; delsp=yes', b"8bit") + text(dice)


# ---------------------------------------------------------------------------- structure


def alternative(dice: Dice) -> bytes:
    html = b"<html><body><p>Hello <b>Bob</b> <img src='cid:1@x'></p>" + text(dice, 6) + b"</body></html>\r\n"
    picture = part(
        b"image/png; name=dot.png",
        coded(b"\x89PNG\r\n\x1a\n" + dice.randbytes(900)),
        b"Content-Transfer-Encoding: base64",
        b"Content-ID: <1@x>",
    )
    related = multipart(b"=_rel", part(b"text/html; charset=utf-8", html), picture)
    inner = part(b'multipart/related; boundary="=_rel"', related)
    return mixed(dice, part(b"text/plain; charset=utf-8", text(dice)), inner, kind=b"alternative")


def boundaries(dice: Dice) -> bytes:
    boundary = dice.choice(
        [b"a b", b"'()+_,-./:=?", b"0" * 70, b"--", b"=_x", b"----=_NextPart_000_0001", b"b.b", b"a'b c?d"]
    )
    inner = part(
        b'multipart/mixed; boundary="%b-in"' % boundary,
        multipart(boundary + b"-in", part(b"text/plain", b"in\r\n"), preamble=b"inner preamble\r\n"),
    )
    return mixed(
        dice, part(b"text/plain", text(dice, charset="ascii")), inner, b"\r\nno header\r\n", boundary=boundary,
        preamble=b"This is a multi-part message.\r\n", epilogue=b"epilogue\r\n\r\n",
        blanks=dice.choice([b"", b" ", b"\t "]),
    )  # fmt: skip


def nested_mail(dice: Dice) -> bytes:
    raw = plain(dice)
    for level in range(dice.randint(2, 6)):
        raw = mixed(dice, part(b"message/rfc822", raw), boundary=b"=_level%d" % level)
    return raw


def archive(dice: Dice) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        for number in range(dice.randint(1, 5)):
            name = zipfile.ZipInfo(f"folder/note {number}.txt", (2026, 11, 23, 10, 0, 0))
            out.writestr(name, text(dice, 40))
    tarred = io.BytesIO()
    with tarfile.open(fileobj=tarred, mode="w") as tar:
        member = tarfile.TarInfo("letter.txt")
        member.size = len(data := text(dice, 20))
        tar.addfile(member, io.BytesIO(data))
    return mixed(
        dice,
        part(b"text/plain", b"See the attachments.\r\n"),
        attached(b"notes.zip", b"application/zip", packed.getvalue()),
        attached(b"letter.tar.gz", b"application/gzip", gzip.compress(tarred.getvalue(), mtime=0)),
    )


def attachment(dice: Dice) -> bytes:
    name = dice.choice([b"photo.jpg", b"a b.bin", b"=?utf-8?q?Gr=C3=B6=C3=9Fe?=.dat"])
    data = b"\xff\xd8\xff\xe0" + dice.randbytes(dice.randint(0, 20_000))
    return mixed(dice, part(b"text/plain", text(dice)), attached(name, b"image/jpeg", data, dice.choice([60, 76, 998])))


def long_names(dice: Dice) -> bytes:
    """RFC 2231 section 3."""
    disposition = (
        b"Content-Disposition: attachment;\r\n filename*0*=utf-8'de'Gr%C3%B6%C3%9Fe%20;\r\n filename*1*=der%20"
        b"Lieferung;\r\n\tfilename*2=.txt"
    )
    return mixed(dice, part(b"text/plain; charset=us-ascii", text(dice, charset="ascii"), disposition))


def report(dice: Dice) -> bytes:
    status = b"Reporting-MTA: dns; mx.example.test\r\n\r\nFinal-Recipient: rfc822; x@y.example\r\nAction: failed\r\n"
    return mixed(
        dice, part(b"text/plain", b"It came back.\r\n"), part(b"message/delivery-status", status),
        part(b"text/rfc822-headers", head(dice)), kind=b"report; report-type=delivery-status",
    )  # fmt: skip


def calendar(dice: Dice) -> bytes:
    event = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nSUMMARY:Meeting\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    return typed(dice, b"text/calendar; method=REQUEST; charset=utf-8", b"8bit") + event


def digest(dice: Dice) -> bytes:
    return mixed(dice, *(b"\r\n" + plain(dice) for _ in range(3)), kind=b"digest")


def signed_mail(dice: Dice) -> bytes:
    """RFC 1847: blanks and line ends of the signed part matter."""
    kind = b'signed; micalg=pgp-sha256; protocol="application/pgp-signature"'
    signature = (
        b"-----BEGIN PGP SIGNATURE-----\r\n\r\n" + coded(dice.randbytes(120)) + b"-----END PGP SIGNATURE-----\r\n"
    )
    inner = part(b"text/plain", b"signed text =20 \r\n-- \r\nAlice\r\n")
    return mixed(dice, inner, part(b"application/pgp-signature", signature), kind=kind)


def html(dice: Dice) -> bytes:
    rows = b"".join(b"<tr><td style='color:#%06x'>%d</td></tr>" % (dice.randrange(2**24), i) for i in range(300))
    return typed(dice, b"text/html; charset=utf-8") + b"<table>" + rows + b"</table>\r\n"


SORTS: dict[str, Callable[[Dice], bytes]] = {
    each.__name__: each
    for each in (
        plain, eight_bit, any_byte, bare_cr, cr_at_line_end, bare_lf, long_lines, dots, blank_ends, controls,
        odd_folding, many_received, duplicates, encoded_words, raw_header, big_header, no_body, header_only, no_header,
        no_header_nor_line, dropped_fields, base64_odd, quoted_odd, unknown_charset, alternative, boundaries,
        nested_mail, archive, attachment, long_names, report, calendar, digest, signed_mail, html,
    )
}  # fmt: skip
CHANGED_BY_POSTFIX = {"bare_lf", "cr_at_line_end", "no_header_nor_line", "dropped_fields"}


# ---------------------------------------------------------------------------- large ones


def thirty_megabytes() -> bytes:
    dice = Dice(30)
    return mixed(
        dice,
        part(b"text/plain", b"large\r\n"),
        attached(b"disk.img", b"application/octet-stream", dice.randbytes(22 << 20)),
    )


def three_hundred_parts() -> bytes:
    dice = Dice(300)
    return mixed(dice, *(part(b"text/plain; name=%d.txt" % number, text(dice, 3)) for number in range(300)))


# ---------------------------------------------------------------------------- signatures


class Signer:
    """DKIM with a key of its own; ``verify`` asks no name server."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        form = serialization.PrivateFormat.TraditionalOpenSSL
        self._key = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self._record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)

    def sign(self, raw: bytes, canonicalize: bytes = b"simple") -> bytes:
        import dkim

        ways = (canonicalize, canonicalize)
        fields = [b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type"]
        signature: bytes = dkim.sign(raw, b"s", b"sender.example", self._key, canonicalize=ways, include_headers=fields)
        return signature + raw

    def verify(self, raw: bytes) -> bool:
        import dkim

        return bool(dkim.verify(raw, dnsfunc=lambda *_, **__: self._record))

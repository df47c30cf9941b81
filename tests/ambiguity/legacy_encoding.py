"""legacy-encoding: what stood before MIME or beside it, in bodies or named as a transfer encoding."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

from tests.ambiguity.build import (
    CRLF,
    Case,
    Text,
    attachment,
    b64,
    begin_base64,
    binhex,
    case,
    enclosed,
    entity,
    lines,
    mail,
    multipart,
    note,
    qp,
    uu,
    uu_lines,
    xx,
    yenc,
)
from tests.ambiguity.payload import COM, DOCX, GZ, ZIP, gzipped, zipped
from tests.ambiguity.wrappers import apple, macbinary, tnef

KIND = "legacy-encoding"
INLINE = "Thunderbird, Outlook Express and UUDeview offer a uuencoded file in any text"
UUDEVIEW = "UUDeview and the newsreaders that use its library (Pan, NewsBin) decode it"
NAMED = "Thunderbird and Outlook decode this transfer encoding"
YENC = "Thunderbird decodes yEnc in the text and as x-yencode"
BINHEX = "UUDeview, Apple Mail and StuffIt know BinHex by its first line"
TNEF = "Outlook opens it by itself, Thunderbird with LookOut, ripmime always"
APPLE = "Apple Mail joins the forks; others offer a file that macOS opens"


def plain(body: Text, *fields: str) -> bytes:
    return mail("Content-Type: text/plain", *fields, body=body)


def cases() -> Iterator[Case]:
    yield from uuencoded()
    yield from cousins()
    yield from yencoded()
    yield from as_encoding()
    yield from macintosh()
    yield from outlook()


def uuencoded() -> Iterator[Case]:
    usual, short = uu(COM.data), uu(ZIP.data, ZIP.name)
    blanks = uu(ZIP.data, ZIP.name, blank=b" ")
    trimmed = CRLF.join(line.rstrip(b" ") for line in blanks.split(CRLF))
    head, _, rest = usual.partition(CRLF)
    for trick, body, why in (
        ("text", b"Here it is:\r\n\r\n" + usual + b"\r\nBye\r\n", INLINE),
        ("zip", b"Here it is:\r\n\r\n" + short, INLINE),
        ("at-once", usual, INLINE),
        ("blanks-for-zero", blanks, "the first uuencode wrote blanks; every decoder takes both"),
        ("blanks-trimmed", trimmed, "a relay strips trailing blanks; ripmime and Thunderbird fill them up again"),
        ("no-end", usual.replace(b"`\r\nend\r\n", b""), "Thunderbird decodes until the text ends"),
        ("no-zero-line", usual.replace(b"\r\n`\r\n", b"\r\n"), "Thunderbird decodes until the text ends"),
        ("end-only-blank", usual.replace(b"`\r\nend", b" \r\nend"), INLINE),
        ("mode-600", usual.replace(b"644", b"600"), INLINE),
        ("mode-0644", usual.replace(b"644", b"0644"), UUDEVIEW),
        ("mode-100644", usual.replace(b"644", b"100644"), UUDEVIEW),
        ("mode-odd", usual.replace(b"644", b"77"), UUDEVIEW),
        ("name-with-blanks", usual.replace(b"eicar.com", b"my last papers.com"), INLINE),
        ("name-long", usual.replace(b"eicar.com", b"x" * 300 + b".com"), INLINE),
        ("name-high-bytes", usual.replace(b"eicar.com", "prüfung.com".encode()), INLINE),
        ("blank-behind-name", usual.replace(b"eicar.com", b"eicar.com   "), INLINE),
        ("tab-after-begin", usual.replace(b"begin 644 ", b"begin 644\t"), "uudecode of POSIX takes any blank"),
        ("lf", usual.replace(CRLF, b"\n"), INLINE),
        ("cr-cr-lf", usual.replace(CRLF, b"\r\r\n"), UUDEVIEW),
        (
            "trailing-blanks",
            usual.replace(CRLF, b"   \r\n"),
            "Thunderbird counts the characters of a line and drops the rest",
        ),
        (
            "checksum-character",
            head + CRLF + uu_lines(COM.data).replace(CRLF, b"A\r\n") + b"`\r\nend\r\n",
            "some encoders add a check character; decoders count and drop it (UUDeview, Thunderbird)",
        ),
        (
            "short-lines",
            b"begin 644 eicar.com\r\n"
            + b"".join(uu_lines(COM.data[at : at + 9]) for at in range(0, 68, 9))
            + b"`\r\nend\r\n",
            "the first character of each line gives its length: every decoder",
        ),
        ("two-files", uu(b"nothing\r\n", "a.txt") + CRLF + usual, INLINE),
        ("after-a-false-begin", b"begin with the end in mind\r\n\r\n" + usual, INLINE),
        ("after-a-false-mode", b"begin 644 reasons to be glad\r\nis no file at all\r\n\r\n" + usual, UUDEVIEW),
        ("signature-before", b"-- \r\nAlice\r\n\r\n" + usual, INLINE),
        ("deep-in-the-text", b"All work and no play makes Jack a dull boy.\r\n" * 500 + usual, INLINE),
        ("blank-line-inside", head + CRLF * 2 + rest, UUDEVIEW),
    ):
        yield case(KIND, f"uu-{trick}", plain(body), why)
    untyped = mail(body=b"Old style:\r\n\r\n" + usual, version=False)
    yield case(KIND, "uu-without-mime", untyped, INLINE)
    html = mail("Content-Type: text/html", body=b"<pre>\r\n" + usual + b"</pre>\r\n")
    yield case(KIND, "uu-in-html", html, UUDEVIEW)
    quoted = plain(qp(b"Here:\r\n" + usual), "Content-Transfer-Encoding: quoted-printable")
    yield case(KIND, "uu-in-qp", quoted, "Outlook Express looks for 'begin' in the text that it shows (KB 265230)")
    base64 = plain(b64(b"Here:\r\n" + usual), "Content-Transfer-Encoding: base64")
    yield case(KIND, "uu-in-base64", base64, "Outlook Express looks for 'begin' in the text that it shows (KB 265230)")
    yield case(KIND, "uu-in-part", enclosed(entity("Content-Type: text/plain", body=usual)), INLINE)
    yield case(
        KIND, "uu-in-attachment", enclosed(attachment(usual, "papers.uue")), "WinZip, 7-Zip's kin and StuffIt open .uue"
    )
    twice = uu(uu(COM.data), "eicar.uue")
    yield case(KIND, "uu-twice", plain(twice), "Outlook Express and UUDeview hand out the .uue, which WinZip opens")


def cousins() -> Iterator[Case]:
    for trick, data, name in (("com", COM.data, COM.name), ("zip", ZIP.data, ZIP.name)):
        yield case(KIND, f"xx-{trick}", plain(b"Here:\r\n" + xx(data, name)), UUDEVIEW)
        yield case(KIND, f"begin-base64-{trick}", plain(begin_base64(data, name)), "uudecode of POSIX")
    yield case(
        KIND, "xx-in-attachment", enclosed(attachment(xx(COM.data), "papers.xxe")), "WinZip and PowerArchiver open .xxe"
    )
    no_end = begin_base64(COM.data).replace(b"====\r\n", b"")
    yield case(KIND, "begin-base64-no-end", plain(no_end), "uudecode writes what it has, then complains")
    bare = b"The file in base64, as you asked:\r\n\r\n" + b64(ZIP.data + bytes(200), 60)
    yield case(KIND, "base64-in-text", plain(bare), UUDEVIEW)
    pasted = lines(
        "---- forwarded ----",
        "Content-Type: application/octet-stream; name=eicar.com",
        "Content-Transfer-Encoding: base64",
        "",
    ) + b64(COM.data)
    yield case(KIND, "part-pasted-into-text", plain(pasted), "ripmime and munpack follow MIME fields in a text")


def yencoded() -> Iterator[Case]:
    usual = yenc(COM.data)
    crlf = usual.partition(CRLF)
    for trick, body in (
        ("text", b"Here:\r\n" + usual),
        ("zip", yenc(ZIP.data, ZIP.name)),
        ("no-crc", usual[: usual.rindex(b" crc32")] + CRLF),
        ("no-end", usual[: usual.rindex(b"=yend")]),
        ("short-lines", yenc(COM.data, width=20)),
        ("lf", usual.replace(CRLF, b"\n")),
        (
            "multi-part",
            crlf[0].replace(b"line=", b"part=1 total=1 line=") + CRLF + b"=ypart begin=1 end=68" + CRLF + crlf[2],
        ),
    ):
        yield case(KIND, f"yenc-{trick}", plain(body, "Content-Transfer-Encoding: 8bit"), YENC)
    yield case(KIND, "yenc-in-part", enclosed(entity("Content-Type: text/plain", body=usual)), YENC)


def as_encoding() -> Iterator[Case]:
    """Named in Content-Transfer-Encoding."""

    def part(cte: str, body: bytes, name: str = "eicar.com") -> bytes:
        return enclosed(
            entity(
                "Content-Type: application/octet-stream",
                f"Content-Transfer-Encoding: {cte}",
                f'Content-Disposition: attachment; filename="{name}"',
                body=body,
            )
        )

    full = uu(COM.data)
    for cte in ("x-uuencode", "uuencode", "x-uue", "uue", "X-UUEncode", "x-uu"):
        yield case(KIND, f"cte-{cte}-{len(cte)}" if cte[0] == "X" else f"cte-{cte}", part(cte, full), NAMED)
    yield case(KIND, "cte-x-uuencode-no-end", part("x-uuencode", full.replace(b"`\r\nend\r\n", b"")), NAMED)
    yield case(KIND, "cte-x-uuencode-zip", part("x-uuencode", uu(ZIP.data), ZIP.name), NAMED)
    yield case(KIND, "cte-x-yencode", part("x-yencode", yenc(COM.data)), YENC)
    yield case(KIND, "cte-x-yencode-zip", part("x-yencode", yenc(ZIP.data, ZIP.name), ZIP.name), YENC)
    for cte in ("x-gzip64", "gzip64"):
        yield case(
            KIND, f"cte-{cte}", part(cte, b64(gzipped(COM.data))), "readers built on MIME-tools (MIME::Decoder::Gzip64)"
        )
    for cte in ("binhex", "mac-binhex40", "x-binhex40"):
        yield case(KIND, f"cte-{cte}", part(cte, binhex(COM.data)), BINHEX)
    yield case(
        KIND,
        "cte-qp-over-uu",
        part("quoted-printable", full.replace(b"=", b"=3D")),
        "ripmime finds uuencode in any part",
    )


def macintosh() -> Iterator[Case]:
    hqx, single, double = binhex(COM.data), apple(COM.data, COM.name), apple(b"rsrc", COM.name, double=True)
    yield case(KIND, "binhex-text", plain(b"Here:\r\n\r\n" + hqx), BINHEX)
    yield case(KIND, "binhex-zip", plain(binhex(ZIP.data, ZIP.name)), BINHEX)
    yield case(KIND, "binhex-lf", plain(hqx.replace(CRLF, b"\n")), BINHEX)
    typed = entity('Content-Type: application/mac-binhex40; name="eicar.hqx"', body=hqx)
    yield case(KIND, "binhex-part", enclosed(typed), BINHEX)
    yield case(
        KIND,
        "binhex-base64",
        enclosed(attachment(hqx, "eicar.hqx", type="application/mac-binhex40")),
        "StuffIt and Apple Mail open the .hqx",
    )
    body = hqx.partition(b":")
    yield case(
        KIND,
        "binhex-no-banner",
        enclosed(entity("Content-Type: application/mac-binhex40", body=body[1] + body[2])),
        "StuffIt and Apple Mail go by the type",
    )
    yield case(KIND, "applesingle", enclosed(attachment(single, COM.name, type="application/applefile")), APPLE)
    yield case(KIND, "applesingle-octets", enclosed(attachment(single, "eicar")), APPLE)
    halves = multipart("m", attachment(double, COM.name, type="application/applefile"), attachment(COM.data, COM.name))
    yield case(
        KIND, "appledouble", enclosed(entity('Content-Type: multipart/appledouble; boundary="m"', body=halves)), APPLE
    )
    forked = attachment(apple(ZIP.data, ZIP.name, double=True), "._papers.zip", type="application/applefile")
    yield case(KIND, "appledouble-in-the-resource-fork", enclosed(forked), APPLE)
    yield case(
        KIND,
        "macbinary",
        enclosed(attachment(macbinary(COM.data, COM.name), "eicar.bin", type="application/macbinary")),
        "StuffIt Expander and old Macintosh mail programs unwrap it",
    )


def outlook() -> Iterator[Case]:
    for trick, type, name in (
        ("ms-tnef", "application/ms-tnef", "winmail.dat"),
        ("vnd", "application/vnd.ms-tnef", "winmail.dat"),
        ("octets", "application/octet-stream", "win.dat"),
        ("renamed", "application/octet-stream", "papers.bin"),
    ):
        yield case(KIND, f"tnef-{trick}", enclosed(attachment(tnef(COM.data, COM.name), name, type=type)), TNEF)
    yield case(KIND, "tnef-zip", enclosed(attachment(tnef(ZIP.data, ZIP.name), "winmail.dat")), TNEF)
    root = mail(
        "Content-Type: application/ms-tnef; name=winmail.dat",
        "Content-Transfer-Encoding: base64",
        body=b64(tnef(DOCX.data, DOCX.name)),
    )
    yield case(KIND, "tnef-as-the-mail", root, TNEF)
    yield case(
        KIND, "tnef-uuencoded", plain(uu(tnef(COM.data, COM.name), "winmail.dat")), "old Outlook sent it so: " + TNEF
    )
    wrapped = attachment(b64encode(GZ.data), "papers.b64", type="text/plain")
    yield case(KIND, "b64-file", enclosed(wrapped), "WinZip opens a saved .b64")
    yield case(
        KIND, "uue-in-zip", enclosed(attachment(zipped({"a.uue": uu(COM.data)}), "a.zip")), "WinZip opens .uue in .zip"
    )
    yield case(
        KIND,
        "note-then-uu-part",
        mail(
            'Content-Type: multipart/mixed; boundary="x"',
            body=multipart("x", note(), entity("Content-Type: text/x-uuencode; name=eicar.com", body=uu(COM.data))),
        ),
        INLINE,
    )

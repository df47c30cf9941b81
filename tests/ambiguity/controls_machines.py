"""Controls: what machines send, and the odd shapes that any mail may take on its way."""

from __future__ import annotations

from collections.abc import Iterator

from tests.ambiguity.build import CRLF, b64, entity, lines, mail, multipart, note
from tests.ambiguity.controls import PDF, PICTURE, PLAIN, letter
from tests.ambiguity.controls_clients import VERSION, Named, html, mixed, pdf
from tests.ambiguity.payload import docx, zipped


def controls() -> Iterator[Named]:
    yield from machines()
    yield from shapes()


def machines() -> Iterator[Named]:
    yield (
        "scanner",
        letter(
            "X-Mailer: KONICA MINOLTA bizhub C258",
            VERSION,
            'Content-Type: multipart/mixed; boundary="KONICA_MINOLTA_Internet_Fax_Boundary"',
            body=multipart(
                "KONICA_MINOLTA_Internet_Fax_Boundary",
                entity("Content-Type: text/plain", body=CRLF),
                entity(
                    'Content-Type: application/pdf; name="SKM_C25826110310000.pdf"',
                    'Content-Disposition: attachment; filename="SKM_C25826110310000.pdf"',
                    "Content-Transfer-Encoding: base64",
                    body=b64(PDF, 72),
                ),
            ),
        ),
    )
    tiff = b"II*\0" + bytes(120)
    yield (
        "fax-tiff",
        letter(
            VERSION,
            "Content-Type: image/tiff; application=faxbw",
            "Content-Transfer-Encoding: base64",
            'Content-Disposition: attachment; filename="fax00001.tif"',
            body=b64(tiff),
        ),
    )
    yield (
        "voice-mail",
        mixed(
            "vm",
            note("Voice mail from 100"),
            entity(
                'Content-Type: audio/x-wav; name="msg0001.WAV"',
                "Content-Transfer-Encoding: base64",
                "Content-Description: Voicemail sound attachment.",
                'Content-Disposition: attachment; filename="msg0001.WAV"',
                body=b64(b"RIFF\x24\0\0\0WAVEfmt " + bytes(60)),
            ),
        ),
    )
    yield (
        "cron",
        letter(
            "X-Cron-Env: <SHELL=/bin/sh>",
            "Content-Type: text/plain; charset=ANSI_X3.4-1968",
            sender="root (Cron Daemon) <root@example.org>",
            subject="Cron <root@host> test -x /usr/sbin/anacron",
            body="/etc/cron.daily/logrotate:\r\nerror: skipping\r\n",
        ),
    )
    yield (
        "camera-jpeg-only",
        letter(
            VERSION, "Content-Type: image/png; name=motion.png", "Content-Transfer-Encoding: base64", body=b64(PICTURE)
        ),
    )
    yield (
        "php-mail",
        letter(
            "X-PHP-Originating-Script: 33:mailer.php",
            "MIME-Version: 1.0\nContent-type: text/html; charset=iso-8859-1",
            body="<p>Order 12</p>\n",
        ),
    )
    yield (
        "sap-mixed-names",
        mixed(
            "=_SAP",
            note(),
            entity(
                'Content-Type: application/x-sap; name="ORDER.PDF"',
                'Content-Disposition: attachment;\r\n filename="order.pdf"',
                "Content-Transfer-Encoding: base64",
                body=b64(PDF),
            ),
        ),
    )
    yield (
        "docx-as-octets",
        mixed(
            "do",
            note(),
            entity(
                'Content-Type: application/octet-stream; name="a.docx"',
                "Content-Transfer-Encoding: base64",
                body=b64(docx({})),
            ),
        ),
    )
    yield (
        "git-bundle-zip",
        mixed(
            "z",
            note(),
            entity(
                'Content-Type: application/x-zip-compressed; name="src.zip"',
                "Content-Transfer-Encoding: base64",
                'Content-Disposition: attachment; filename="src.zip"',
                body=b64(zipped({"a/readme.txt": b"hello\n", "a/x.c": b"int x;\n"})),
            ),
        ),
    )


def shapes() -> Iterator[Named]:
    text = multipart("s", note(), pdf())
    type = 'Content-Type: multipart/mixed; boundary="s"'
    yield "lf-only", letter(VERSION, type, body=text).replace(CRLF, b"\n")
    yield "missing-close", letter(VERSION, type, body=multipart("s", note(), pdf(), close=False))
    yield (
        "missing-inner-close",
        mixed(
            "o",
            entity(
                'Content-Type: multipart/alternative; boundary="i"', body=multipart("i", note(), html("x"), close=False)
            ),
        ),
    )
    yield "empty-body", letter(*PLAIN)
    yield "empty-body-no-blank-line", letter(*PLAIN).removesuffix(CRLF)
    yield "empty-multipart", letter(VERSION, type, body=b"--s--\r\n")
    yield "empty-part", letter(VERSION, type, body=lines("--s", "", "--s") + note() + lines("", "--s--"))
    yield "blank-before-colon", letter("X-Priority : 3", "X-Loop\t: yes", *PLAIN, body="Hi\r\n")
    yield "long-lines", letter(*PLAIN, body=("word " * 400 + "\r\n") * 3)
    yield (
        "long-header",
        letter("References: " + " ".join(f"<{at}@example.org>" for at in range(300)), *PLAIN, body="Hi\r\n"),
    )
    yield (
        "mbox-line-on-top",
        b"From ann@example.org Tue Nov  3 10:00:02 2026\n" + letter(*PLAIN, body="Hi\r\n").replace(CRLF, b"\n"),
    )
    yield "mbox-escaped-from", letter(*PLAIN, body=">From here on it is easy.\r\nFrom now on, too.\r\n")
    yield "lf-body-crlf-header", letter(*PLAIN) + b"one\ntwo\n"
    yield "trailing-blank-lines", letter(VERSION, type, body=text + CRLF * 40)
    yield "boundary-with-trailing-blanks", letter(VERSION, type, body=text.replace(b"--s\r\n", b"--s  \r\n"))
    yield "preamble-of-a-gateway", mixed("p", note(), preamble="Content scanned by gateway.example\r\n")
    yield (
        "unquoted-boundary",
        letter(
            VERSION,
            "Content-Type: multipart/mixed; boundary=----=_Part_1_2.3",
            body=multipart("----=_Part_1_2.3", note(), pdf()),
        ),
    )
    yield "nul-bytes-in-text", letter(*PLAIN, body=b"Hello\0\0\r\n")
    yield "form-feed", letter(*PLAIN, body=b"page one\x0c\r\npage two\r\n")
    yield "unix-to-unix-header", mail("Content-Type: text/plain", body="relayed!by!uucp\r\n")

"""Controls: mail programs of the last century, some of which still send."""

from __future__ import annotations

from collections.abc import Iterator

from tests.ambiguity.build import b64, entity, multipart, note
from tests.ambiguity.controls import PDF, PLAIN, letter
from tests.ambiguity.controls_clients import VERSION, Named, alternative, mixed, pdf


def controls() -> Iterator[Named]:
    yield from lotus_and_old()


def lotus_and_old() -> Iterator[Named]:
    yield (
        "lotus-notes",
        letter(
            "MIME-Version: 1.0",
            "X-Mailer: Lotus Notes Release 8.5.3 September 15, 2011",
            'Content-Type: multipart/mixed; boundary="=_mixed 002A5F5CC1257B0B_="',
            body=multipart("=_mixed 002A5F5CC1257B0B_=", alternative("=_alternative 002A5F5CC1257B0B_="), pdf()),
        ),
    )
    yield (
        "lotus-comment-type",
        letter("MIME-Version: 1.0", "Content-type: text/plain; charset=US-ASCII (lotus)", body="Hi\r\n"),
    )
    yield "pine-type-text", letter("MIME-Version: 1.0", "Content-Type: TEXT", body="Hi from Pine\r\n")
    yield "pine-capitals", letter("MIME-Version: 1.0", "Content-Type: TEXT/PLAIN; charset=US-ASCII", body="Hi\r\n")
    yield (
        "pine-mixed-folder",
        mixed(
            "0-1234567890-1162547=:1234",
            entity("Content-Type: TEXT/PLAIN; charset=X-UNKNOWN", body="Hi\r\n"),
            entity(
                'Content-Type: APPLICATION/PDF; NAME="m.pdf"',
                "Content-Transfer-Encoding: BASE64",
                "Content-ID: <Pine.LNX.4.44.1@x>",
                "Content-Description: the minutes",
                'Content-Disposition: attachment; filename="m.pdf"',
                body=b64(PDF),
            ),
            preamble="  This message is in MIME format.  The first part should be readable text,\r\n  while the"
            " remaining parts are likely"
            " unreadable without MIME-aware tools.\r\n",
        ),
    )
    yield "sun-mailtool-type", letter("Content-Type: text", "Content-Length: 10", body="Hi there\r\n")
    yield "eudora-x-attachments", letter("X-Attachments: C:\\eudora\\minutes.txt;", *PLAIN, body="See C:\\eudora\r\n")
    yield "groupwise", mixed("=__Part2A5F.0__=", note(), pdf())
    yield "no-mime-at-all", letter(body="A mail without any MIME.\r\n\r\nIt begins so.\r\n")
    yield "no-mime-eight-bit", letter(body="Grüße aus Köln, ohne MIME\r\n".encode("latin-1"))
    yield "no-version-but-type", letter("Content-Type: text/html; charset=iso-8859-1", body="<b>Hi</b>\r\n")
    yield (
        "cte-capitals",
        letter(
            VERSION,
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: BASE64",
            body=b64("Grüße\r\n".encode()),
        ),
    )
    yield (
        "cte-trailing-blanks",
        letter(VERSION, "Content-Type: text/plain", "Content-Transfer-Encoding: 7bit   ", body="Hi\r\n"),
    )
    yield (
        "cte-eight-bits",
        letter(
            VERSION, "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bits", body="Grüße\r\n"
        ),
    )
    yield "charset-slip", letter(VERSION, 'Content-Type: text/plain; charset="utf-8; format=flowed"', body="Hi\r\n")
    yield "charset-unknown", letter(VERSION, "Content-Type: text/plain; charset=_iso-2022-jp$ESC", body="Hi\r\n")
    yield "charset-empty", letter(VERSION, 'Content-Type: text/plain; charset=""', body="Hi\r\n")
    yield "version-twice", letter(VERSION, VERSION, "Content-Type: text/plain", body="Hi\r\n")
    yield (
        "type-twice-the-same",
        letter(
            VERSION, "Content-Type: text/plain; charset=utf-8", "Content-Type: text/plain; charset=utf-8", body="Hi\r\n"
        ),
    )
    yield (
        "cte-twice-the-same",
        letter(
            VERSION,
            "Content-Type: text/plain",
            "Content-Transfer-Encoding: 7bit",
            "Content-Transfer-Encoding: 7bit",
            body="Hi\r\n",
        ),
    )
    yield (
        "version-with-comment",
        letter("MIME-Version: 1.0 (Produced by PhpMailer)", "Content-Type: text/plain", body="Hi\r\n"),
    )
    yield "trailing-semicolons", letter(VERSION, "Content-Type: text/plain; charset=utf-8;;", body="Hi\r\n")

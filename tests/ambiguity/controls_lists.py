"""Controls: mailing lists, digests and forwards."""

from __future__ import annotations

from collections.abc import Iterator

from tests.ambiguity.build import CRLF, b64, entity, multipart, note
from tests.ambiguity.controls import PLAIN, letter
from tests.ambiguity.controls_clients import VERSION, Named, html, mixed, pdf
from tests.ambiguity.controls_servers import original


def controls() -> Iterator[Named]:
    yield from lists()
    yield from forwards()


def lists() -> Iterator[Named]:
    footer = (
        "_______________________________________________\r\nPapers mailing"
        " list\r\nPapers@lists.example\r\nhttps://lists.example/listinfo/papers\r\n"
    )
    yield (
        "mailman-footer-part",
        mixed(
            "===============123==",
            note(),
            pdf(),
            entity(
                'Content-Type: text/plain; charset="us-ascii"',
                "MIME-Version: 1.0",
                "Content-Transfer-Encoding: 7bit",
                "Content-Disposition: inline",
                body=footer,
            ),
        ),
    )
    yield "list-footer-after-close", mixed("frontier", note(), pdf(), epilogue=CRLF + footer.encode())
    yield "list-footer-in-text", letter("List-Id: <papers.lists.example>", *PLAIN, body="Hi\r\n\r\n" + footer)
    yield (
        "yahoo-groups-footer",
        mixed(
            "y",
            note(),
            html("Hi"),
            epilogue="\r\nYahoo! Groups Links\r\n\r\n<*> To visit your group on the web, go to:\r\n",
        ),
    )
    yield (
        "disclaimer-after-close",
        mixed(
            "d", note(), epilogue="\r\n\r\nThis e-mail is confidential. If you are not the addressee, delete it.\r\n"
        ),
    )
    yield (
        "majordomo-digest",
        letter(
            body="Papers Digest\tTuesday, 3 November\t\tVolume 01 : Number 007\r\n\r\n"
            + ("-" * 70)
            + "\r\n\r\nDate: Tue, 3 Nov"
            " 2026\r\nFrom: ann@example.org\r\nSubject: one\r\n\r\nHello\r\n\r\n"
            + "-" * 30
            + "\r\n\r\nEnd of Papers Digest\r\n****\r\n"
        ),
    )
    letters = [CRLF + letter(*PLAIN, body=f"Letter {at}\r\n") for at in range(3)]
    yield "mime-digest", mixed("dig", *letters, subtype="digest")
    yield (
        "mailman-digest",
        mixed(
            "===1==",
            note("Send Papers mailing list submissions to ..."),
            entity('Content-Type: multipart/digest; boundary="===2=="', body=multipart("===2==", *letters)),
            entity("Content-Type: text/plain", body=footer),
        ),
    )
    yield "sympa-wrapped", mixed("sy", entity("Content-Type: message/rfc822", body=original()), note(footer))


def forwards() -> Iterator[Named]:
    message = original()
    for at in range(5):
        message = letter(
            VERSION,
            f'Content-Type: multipart/mixed; boundary="fw{at}x"',
            subject="Fwd: " * (at + 1) + "Minutes",
            body=multipart(
                f"fw{at}x",
                note("See below."),
                entity(
                    "Content-Type: message/rfc822",
                    'Content-Disposition: attachment; filename="Minutes.eml"',
                    body=message,
                ),
            ),
        )
    yield "forwarded-five-deep", message
    yield (
        "forward-as-eml",
        mixed(
            "e",
            note(),
            entity(
                'Content-Type: message/rfc822; name="Minutes.eml"',
                "Content-Transfer-Encoding: 7bit",
                'Content-Disposition: attachment; filename="Minutes.eml"',
                body=original(),
            ),
        ),
    )
    yield (
        "forward-pasted-header",
        letter(
            *PLAIN,
            body="----- Original Message -----\r\nFrom: Ann\r\nTo: Bob\r\nSent: Tuesday\r\nSubject:"
            " Minutes\r\n\r\nHi\r\n",
        ),
    )
    yield (
        "forward-eml-in-octets",
        mixed(
            "eo",
            note(),
            entity(
                'Content-Type: application/octet-stream; name="m.eml"',
                "Content-Transfer-Encoding: base64",
                'Content-Disposition: attachment; filename="m.eml"',
                body=b64(original()),
            ),
        ),
    )
    yield (
        "resent",
        b"Resent-From: Carol <carol@example.org>\r\nResent-Date: Tue, 3 Nov 2026 11:00:00 +0100\r\n" + original(),
    )

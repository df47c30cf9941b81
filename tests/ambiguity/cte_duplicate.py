"""cte-duplicate: several Content-Transfer-Encoding fields that contradict each other.

RFC 2045 6.1 allows one.  Thunderbird, Outlook and Apple Mail take the first, mutt the last ("Inbox Invasion", 2024).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from tests.ambiguity.build import Case, b64, case, enclosed, entity, lines, mail, qp, raw, uu
from tests.ambiguity.payload import COM, DOCX, GZ, ZIP

KIND = "cte-duplicate"
FIELD = "Content-Transfer-Encoding: "
FIRST = "Thunderbird, Outlook and Apple Mail take the first Content-Transfer-Encoding field"
LAST = "mutt lets each Content-Transfer-Encoding field overwrite the one before: the last counts"


def part(name: str, body: bytes, *fields: str) -> bytes:
    disposition = f'Content-Disposition: attachment; filename="{name}"'
    return entity("Content-Type: application/octet-stream", *fields, disposition, body=body)


def cases() -> Iterator[Case]:
    payload = cycle((COM, ZIP, DOCX, GZ))
    for other in ("7bit", "8bit", "binary", "quoted-printable", "x-unknown", "x-uuencode", ""):
        name, data = next(payload)
        yield case(
            KIND, f"base64-then-{other or 'empty'}",
            enclosed(part(name, b64(data), FIELD + "base64", FIELD + other)), FIRST,
        )  # fmt: skip
        name, data = next(payload)
        yield case(
            KIND, f"{other or 'empty'}-then-base64",
            enclosed(part(name, b64(data), FIELD + other, FIELD + "base64")), LAST,
        )  # fmt: skip
    for other in ("7bit", "base64", "8bit"):
        first = part("eicar.com", qp(COM.data), FIELD + "quoted-printable", FIELD + other)
        yield case(KIND, f"qp-then-{other}", enclosed(first), FIRST)
        last = part("papers.zip", qp(ZIP.data), FIELD + other, FIELD + "quoted-printable")
        yield case(KIND, f"{other}-then-qp", enclosed(last), LAST)
    yield from placed()
    yield from spelled()


def placed() -> Iterator[Case]:
    """Where the second field stands."""
    body = b64(ZIP.data)
    far = ["X-Filler: " + "x" * 60] * 40
    yield case(KIND, "far-apart", enclosed(part(ZIP.name, body, FIELD + "base64", *far, FIELD + "7bit")), FIRST)
    yield case(KIND, "far-apart-last", enclosed(part(ZIP.name, body, FIELD + "7bit", *far, FIELD + "base64")), LAST)
    yield case(
        KIND, "three-agreeing-ends",
        enclosed(part(ZIP.name, body, FIELD + "base64", FIELD + "7bit", FIELD + "base64")),
        "first and last agree on base64, so every reader decodes; only one that takes the middle does not",
    )  # fmt: skip
    yield case(
        KIND, "many", enclosed(part(ZIP.name, body, FIELD + "base64", *[FIELD + "x-none"] * 200)), FIRST
    )  # fmt: skip
    name = f'Content-Disposition: attachment; filename="{COM.name}"'
    for trick, first, second, why in (
        ("root-first", "base64", "7bit", FIRST),
        ("root-last", "8bit", "base64", LAST),
    ):
        root = mail("Content-Type: application/octet-stream", name, FIELD + first, FIELD + second, body=b64(COM.data))
        yield case(KIND, trick, root, why + "; here of the message itself")
    before = lines("Content-Transfer-Encoding: base64") + mail(
        "Content-Type: application/octet-stream", name, FIELD + "7bit", body=b64(COM.data)
    )
    yield case(KIND, "root-above-received", before, FIRST + "; a relay or a list may put its own on top")


def spelled() -> Iterator[Case]:
    """The same field, written in two ways, so that a look-up by the exact name finds one of them."""
    for trick, first, second, why in (
        ("case-first", "CONTENT-TRANSFER-ENCODING: base64", FIELD + "7bit", FIRST),
        ("case-last", "content-transfer-encoding: 7bit", "Content-transfer-ENCODING: base64", LAST),
        ("folded-first", "Content-Transfer-Encoding:\r\n base64", FIELD + "7bit", FIRST + "; it unfolds before"),
        ("folded-last", FIELD + "7bit", "Content-Transfer-Encoding:\r\n\tbase64", LAST + "; it unfolds before"),
        ("blank-colon-first", "Content-Transfer-Encoding : base64", FIELD + "7bit",
         "Thunderbird backs up over blanks before the colon, so this is its first field"),
        ("tab-colon-first", "Content-Transfer-Encoding\t: base64", FIELD + "8bit",
         "Thunderbird backs up over blanks before the colon, so this is its first field"),
        ("list-then-single", FIELD + "base64, 7bit", FIELD + "quoted-printable", FIRST + ", cut at the comma"),
        ("comment-only-last", FIELD + "base64", FIELD + "(none)", FIRST),
    ):  # fmt: skip
        yield case(KIND, trick, enclosed(part(ZIP.name, b64(ZIP.data), first, second)), why)
    encoded = uu(COM.data)
    yield case(
        KIND, "uuencode-then-base64", enclosed(part(COM.name, raw(encoded), FIELD + "x-uuencode", FIELD + "base64")),
        "Thunderbird and Outlook take the first and decode x-uuencode",
    )  # fmt: skip

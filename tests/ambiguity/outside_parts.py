"""outside-parts: the attachment stands where no part is: preamble, epilogue, behind the base64 of a single part."""

from __future__ import annotations

from collections.abc import Iterator

from tests.ambiguity.build import (
    CRLF,
    Case,
    attachment,
    b64,
    begin_base64,
    case,
    entity,
    lines,
    mail,
    mixed,
    multipart,
    note,
    uu,
    yenc,
)
from tests.ambiguity.payload import COM, DOCX, GZ, ZIP

KIND = "outside-parts"
SEEN = "ripmime and UUDeview read the whole message as a stream and decode what they meet, inside a part or not"
INLINE = "uudecode (POSIX: what stands before the begin line is passed over) and yydecode decode it from the saved mail"
REPARSE = "Outlook and ripmime take up again at the next delimiter that is followed by a part header"


def cases() -> Iterator[Case]:
    for trick, block in (
        ("uuencode", uu(COM.data)), ("begin-base64", begin_base64(COM.data)), ("yenc", yenc(COM.data)),
        ("uuencoded-zip", uu(ZIP.data, ZIP.name)),
    ):  # fmt: skip
        yield case(KIND, f"preamble-{trick}", mixed(note(), preamble=block), INLINE)
        yield case(KIND, f"epilogue-{trick}", mixed(note(), epilogue=block), INLINE)
    part, zipped = attachment(COM.data, COM.name), attachment(ZIP.data, ZIP.name)
    for trick, name in (("stranger", "elsewhere"), ("prefix", "front"), ("extended", "frontier2")):
        block = multipart(name, zipped)
        yield case(KIND, f"epilogue-multipart-{trick}", mixed(note(), epilogue=block), SEEN)
    yield case(KIND, "epilogue-same-boundary", mixed(note(), epilogue=multipart("frontier", zipped)), REPARSE)
    yield case(KIND, "epilogue-part-unclosed", mixed(note(), epilogue=lines("--frontier") + part), REPARSE)
    longer = multipart("frontier2", zipped)
    yield case(KIND, "preamble-multipart-extended", mixed(note(), preamble=longer), "munpack compares the prefix only")
    yield case(KIND, "epilogue-bare-part", mixed(note(), epilogue=CRLF + zipped), SEEN)
    message = mail(
        "Content-Type: application/zip; name=papers.zip", "Content-Transfer-Encoding: base64", body=b64(ZIP.data)
    )
    old = b"From alice@sender.example Tue Nov  3 10:00:00 2026\n"
    yield case(KIND, "epilogue-second-message", mixed(note(), epilogue=CRLF + old + message),
               "UUDeview and every program that reads mbox files begin a new message at the From line")  # fmt: skip
    yield from behind_base64()
    yield from inner()


WHY = {
    "uuencode": INLINE, "yenc": INLINE, "part": "UUDeview reads the whole message as a stream",
    "base64": "Thunderbird and Apple Mail decode on after the padding",
}  # fmt: skip


def behind_base64() -> Iterator[Case]:
    text = b64(b"Nothing is attached to this mail.\r\n", 76)
    for trick, block in (
        ("uuencode", uu(COM.data)), ("base64", b64(ZIP.data)), ("yenc", yenc(COM.data)),
        ("part", multipart("frontier", attachment(DOCX.data, DOCX.name))),
    ):  # fmt: skip
        root = mail("Content-Type: text/plain", "Content-Transfer-Encoding: base64", body=text + CRLF + block)
        why = WHY[trick]
        yield case(KIND, f"single-base64-then-{trick}", root, why)


def inner() -> Iterator[Case]:
    typed = 'Content-Type: multipart/alternative; boundary="in"'
    block = uu(COM.data)
    within = entity(typed, body=multipart("in", note(), preamble=block))
    yield case(KIND, "inner-preamble", mixed(note(), within), INLINE)
    within = entity(typed, body=multipart("in", note(), epilogue=block))
    yield case(KIND, "inner-epilogue", mixed(note(), within), INLINE)
    within = entity(typed, body=multipart("in", note(), epilogue=multipart("x", attachment(GZ.data, GZ.name))))
    yield case(
        KIND,
        "inner-epilogue-multipart",
        mixed(note(), within),
        "ripmime reads on behind the close of an inner multipart",
    )
    within = entity(typed, body=multipart("in", note()) + multipart("in", attachment(ZIP.data, ZIP.name)))
    yield case(KIND, "inner-again", mixed(note(), within), REPARSE)

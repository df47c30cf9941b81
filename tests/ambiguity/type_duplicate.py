"""type-duplicate: several Content-Type fields or boundary parameters, and two trees in one body.

Thunderbird, Outlook and Apple Mail take the first field, mutt the last; of two boundary parameters in one field Apple
Mail takes the last, Thunderbird, Outlook and mutt the first ("Inbox Invasion", 2024).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from tests.ambiguity.build import Case, attachment, case, entity, mail, multipart, note
from tests.ambiguity.payload import COM, DOCX, GZ, ZIP, Payload

KIND = "type-duplicate"
FIRST = "Thunderbird, Outlook and Apple Mail take the first Content-Type field"
LAST = "mutt lets the last Content-Type field count"
PARAMETER_FIRST = "Thunderbird, Outlook and mutt take the first boundary parameter"
PARAMETER_LAST = "Apple Mail takes the last boundary parameter"


def typed(boundary: str, subtype: str = "mixed") -> str:
    return f'Content-Type: multipart/{subtype}; boundary="{boundary}"'


def tree(boundary: str, payload: Payload) -> bytes:
    return multipart(boundary, note(), attachment(payload.data, payload.name))


def decoy(boundary: str) -> bytes:
    return multipart(boundary, note("Nothing is attached."))


def cases() -> Iterator[Case]:
    payload = cycle((COM, ZIP, DOCX, GZ))
    for other in ("text/plain", "text/html", "application/octet-stream", "multipart/digest", "image/png", "", "text"):
        label = other.replace("/", "-") or "empty"
        field = f"Content-Type: {other}"
        yield case(KIND, f"mixed-then-{label}", mail(typed("a"), field, body=tree("a", next(payload))), FIRST)
        yield case(KIND, f"{label}-then-mixed", mail(field, typed("a"), body=tree("a", next(payload))), LAST)
    yield from two_trees()
    yield from two_parameters()
    yield from of_parts()


def two_trees() -> Iterator[Case]:
    for trick, seen, hidden, why in (("first", "a", "b", FIRST), ("last", "b", "a", LAST)):
        fields = (typed("a"), typed("b"))
        yield case(
            KIND, f"one-behind-the-other-{trick}", mail(*fields, body=decoy(hidden) + tree(seen, ZIP)), why
        )  # fmt: skip
        yield case(KIND, f"payload-on-top-{trick}", mail(*fields, body=tree(seen, COM) + decoy(hidden)), why)
        inner = multipart(seen, note(), attachment(DOCX.data, DOCX.name))
        woven = multipart(hidden, note("Nothing is attached.") + inner)
        yield case(KIND, f"woven-{trick}", mail(*fields, body=woven), why)
        apart = (typed("a"), *(f"X-List-{at}: yes" for at in range(60)), typed("b"))
        yield case(KIND, f"far-apart-{trick}", mail(*apart, body=decoy(hidden) + tree(seen, GZ)), why)
    alternating = b"".join(
        b"--a\r\n" + one + b"\r\n--b\r\n" + two + b"\r\n"
        for one, two in ((note("a1"), note("b1")), (attachment(COM.data, COM.name), note("b2")))
    ) + b"--a--\r\n--b--\r\n"  # fmt: skip
    yield case(KIND, "alternating-delimiters", mail(typed("a"), typed("b"), body=alternating), FIRST)
    yield case(KIND, "both-subtypes", mail(typed("a", "alternative"), typed("a"), body=tree("a", ZIP)), FIRST)
    yield case(
        KIND, "field-case", mail("CONTENT-TYPE: text/plain", typed("a").replace("Content-Type", "content-type"),
                                 body=tree("a", ZIP)), LAST,
    )  # fmt: skip
    yield case(KIND, "three-fields", mail(typed("x"), typed("y"), typed("a"), body=decoy("x") + tree("a", COM)), LAST)
    yield case(KIND, "one-blank-colon", mail('Content-Type : multipart/mixed; boundary="a"', "Content-Type: text/plain",
                                            body=tree("a", ZIP)),
               "Thunderbird allows a blank before the colon, so this is its first field")  # fmt: skip


def two_parameters() -> Iterator[Case]:
    for trick, value, seen, hidden, why in (
        ("first", "boundary=a; boundary=b", "a", "b", PARAMETER_FIRST),
        ("last", "boundary=a; boundary=b", "b", "a", PARAMETER_LAST),
        ("quoted-first", 'boundary="a"; boundary="b"', "a", "b", PARAMETER_FIRST),
        ("quoted-last", 'boundary="a"; boundary="b"', "b", "a", PARAMETER_LAST),
        ("case-first", "BOUNDARY=a; boundary=b", "a", "b", PARAMETER_FIRST),
        ("case-last", "boundary=a; Boundary=b", "b", "a", PARAMETER_LAST),
        ("folded-first", 'boundary="a";\r\n charset="x";\r\n boundary="b"', "a", "b", PARAMETER_FIRST),
        ("folded-last", 'boundary="a";\r\n charset="x";\r\n boundary="b"', "b", "a", PARAMETER_LAST),
        ("extended-wins", "boundary=a; boundary*=us-ascii''b", "b", "a",
         "Apple Mail and Thunderbird prefer the RFC 2231 form, as they do for file names"),
        ("extended-ignored", "boundary=a; boundary*=us-ascii''b", "a", "b",
         "Outlook knows no RFC 2231 and takes the plain parameter"),
        ("pieces-ignored", "boundary=a; boundary*0=b; boundary*1=c", "a", "bc",
         "Outlook knows no RFC 2231 and takes the plain parameter"),
        ("pieces-win", "boundary=a; boundary*0=b; boundary*1=c", "bc", "a",
         "Apple Mail and Thunderbird join the pieces (RFC 2231 3)"),
        ("equal", "boundary=a; boundary=a", "a", "x", "no reader minds the same twice"),
    ):  # fmt: skip
        message = mail(f"Content-Type: multipart/mixed; {value}", body=decoy(hidden) + tree(seen, ZIP))
        yield case(KIND, f"parameter-{trick}", message, why)


def of_parts() -> Iterator[Case]:
    """The same inside a part."""
    for trick, fields, why in (
        ("first", (typed("in"), "Content-Type: text/plain"), FIRST),
        ("last", ("Content-Type: text/plain", typed("in")), LAST),
    ):
        inner = entity(*fields, body=tree("in", COM))
        yield case(KIND, f"inner-{trick}", mail(typed("out"), body=multipart("out", note(), inner)), why)
    for trick, first, second, why in (
        ("leaf-rfc822-first", "message/rfc822", "text/plain", FIRST),
        (
            "leaf-rfc822-last",
            "text/plain",
            "message/rfc822",
            "ripmime and UUDeview go by any field that says message/rfc822",
        ),
    ):
        wrapped = entity(
            f"Content-Type: {first}", f"Content-Type: {second}", body=mail(typed("in"), body=tree("in", ZIP))
        )
        yield case(KIND, trick, mail(typed("out"), body=multipart("out", note(), wrapped)), why)

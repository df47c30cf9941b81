"""base64-body: data that no encoder writes so (RFC 2045 6.8: what is not in the alphabet is skipped)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from itertools import cycle

from tests.ambiguity.build import CRLF, Case, attachment, b64, case, chopped, enclosed, entity, mail
from tests.ambiguity.payload import COM, DOCX, GZ, ZIP

KIND = "base64-body"
SKIP = "RFC 2045 6.8 lets decoders skip it; Thunderbird, Apple Mail and Python's email do"
RESTART = "Thunderbird and Apple Mail go on after padding; each padded chunk decodes by itself"
STOP = "mutt and Python's email stop at the padding, and have all of it by then"
LENIENT = "Thunderbird, Outlook and Python's email take what bits there are when the padding is short"
LENGTH = "line lengths mean nothing to any decoder (munpack, Thunderbird, mutt)"
LINES = "white space of any sort between the characters is skipped by Thunderbird, mutt and Python's email"


def part(name: str, body: bytes) -> bytes:
    return entity(
        "Content-Type: application/octet-stream", "Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment; filename="{name}"', body=body,
    )  # fmt: skip


def chunks(data: bytes, size: int, end: bytes = CRLF) -> bytes:
    """As written by a program that encodes each read by itself."""
    return b"".join(b64encode(piece) + end for piece in chopped(data, size))


def cases() -> Iterator[Case]:
    payload = cycle((COM, ZIP, DOCX, GZ))
    for trick, junk in (
        ("minus", b"-"), ("hash", b"#"), ("dot", b"."), ("star", b"*"), ("bang", b"!"), ("bracket", b"<>"),
        ("high-byte", b"\xe9"), ("nul", b"\0"), ("bell", b"\a"), ("comma", b",;"), ("quote", b'"'), ("tilde", b"~~~"),
    ):  # fmt: skip
        name, data = next(payload)
        spoilt = CRLF.join(junk.join(chopped(line, 3)) for line in b64(data).split(CRLF))
        yield case(KIND, f"junk-{trick}", enclosed(part(name, spoilt)), SKIP)
    for trick, gap in (
        ("blank", b" "), ("tab", b"\t"), ("newline", CRLF), ("blank-lines", CRLF * 3), ("lf", b"\n"), ("cr", b"\r"),
        ("form-feed", b"\x0c"), ("cr-cr-lf", b"\r\r\n"),
    ):  # fmt: skip
        name, data = next(payload)
        yield case(KIND, f"between-{trick}", enclosed(part(name, gap.join(chopped(b64encode(data), 2)) + CRLF)), LINES)
    for width in (1, 2, 3, 5, 7, 61, 75, 77, 997):
        name, data = next(payload)
        yield case(KIND, f"width-{width}", enclosed(part(name, b64(data, width))), LENGTH)
    for trick, end in (
        ("cr", b"\r"),
        ("lf", b"\n"),
        ("cr-cr-lf", b"\r\r\n"),
        ("blank-crlf", b"  \r\n"),
        ("lf-cr", b"\n\r"),
    ):
        name, data = next(payload)
        yield case(KIND, f"end-{trick}", enclosed(part(name, b64(data, 20, end) + CRLF)), LINES)
    for size in (1, 2, 4, 5, 10, 19, 40):
        name, data = next(payload)
        yield case(KIND, f"padded-each-{size}", enclosed(part(name, chunks(data, size))), RESTART)
    yield case(KIND, "padded-one-line", enclosed(part(ZIP.name, chunks(ZIP.data, 4, b"") + CRLF)), RESTART)
    yield case(KIND, "padded-blanks", enclosed(part(COM.name, chunks(COM.data, 7, b"  ") + CRLF)), RESTART)
    yield from padding()
    yield from surroundings()


def padding() -> Iterator[Case]:
    com = b64encode(COM.data)  # 68 bytes: one "="
    two = b64encode(COM.data + b"\r\n")  # 70 bytes: two
    zipped = b64encode(ZIP.data + bytes(-len(ZIP.data) % 3 + 1))  # two
    for trick, body, why in (
        ("missing", com.rstrip(b"="), LENIENT),
        ("missing-one-of-two", two[:-1], LENIENT),
        ("missing-two", zipped.rstrip(b"="), LENIENT),
        ("too-much", com + b"=====", STOP),
        ("apart", zipped[:-2] + b"= =", STOP),
        ("across-lines", zipped[:-1] + CRLF + b"=", STOP),
        ("far-below", zipped[:-1] + CRLF * 20 + b"=", STOP),
        ("not-canonical", two[:-3] + b"p==" if two[-3:-2] != b"p" else two[:-3] + b"q==", "the spare bits of the last "
         "character are dropped by every lenient decoder (RFC 4648 3.5)"),
        ("then-more", com + CRLF + b64encode(b"and a tail that is nothing"), STOP),
        ("then-footer", com + CRLF + b"_" * 40 + CRLF + b"papers mailing"
                                                        b" list" + CRLF + b"https://lists.example/", STOP),
        ("then-equals-lines", com + CRLF + (b"=" * 60 + CRLF) * 3, STOP),
        ("then-begin-line", com + CRLF + b"--not-a-boundary", STOP),
        ("inside-then-go-on", b64encode(ZIP.data[:100]) + CRLF + b64encode(ZIP.data[100:]), RESTART),
        ("half-way-same-line", b64encode(COM.data[:40]) + b64encode(COM.data[40:]), RESTART),
        ("every-line-of-its-own", chunks(DOCX.data, 56), RESTART),
        ("none-and-a-remainder", com.rstrip(b"=") + b" ", LENIENT),
    ):  # fmt: skip
        name = DOCX.name if trick == "every-line-of-its-own" else ZIP.name if body[:2] == b"UE" else COM.name
        yield case(KIND, f"padding-{trick}", enclosed(part(name, body + CRLF)), why)


def surroundings() -> Iterator[Case]:
    com, zipped = b64(COM.data), b64(ZIP.data)
    for trick, body, why in (
        ("blank-lines-before", CRLF * 30 + com, SKIP),
        ("rule-before", b"----------------" + CRLF + com, SKIP),
        ("bom-before", b"\xef\xbb\xbf" + com, SKIP),
        ("equals-before", b"====" + CRLF + com, "Thunderbird and Apple Mail go on after padding"),
        ("indented", b"    " + com.replace(CRLF, CRLF + b"    "), SKIP),
        ("quoted", b"".join(b"> " + line + CRLF for line in com.split(CRLF)[:-1]), SKIP),
        ("in-brackets", b"<" + com.strip() + b">" + CRLF, SKIP),
        ("list-footer", com.rstrip(CRLF).rstrip(b"=") + CRLF + b"-" * 47 + CRLF + b"papers mailing list" + CRLF,
         "the footer is decoded to noise behind the file; mutt, Thunderbird and Outlook keep what came before"),
        ("prefixed-quad", b"AAAA" + zipped, "three bytes more in front: unzip, 7-Zip and Windows find a zip by"
                                            " its end"),
        ("prefixed-line", b"QUJDREVGR0hJSktM" + CRLF + zipped,
         "other bytes in front: unzip, 7-Zip and Windows find a zip by its end"),
        ("escaped-lines", com.replace(CRLF, b"\\\r\n"), SKIP),
    ):  # fmt: skip
        name = ZIP.name if trick.startswith("prefixed") else COM.name
        yield case(KIND, trick, enclosed(part(name, body)), why)
    long = b64encode(ZIP.data + bytes(100_002 - len(ZIP.data)))
    yield case(KIND, "one-line-of-100k", enclosed(part(ZIP.name, long + CRLF)), LENGTH)
    unclosed = enclosed(part(COM.name, com.rstrip(CRLF))).removesuffix(b"\r\n--frontier--\r\n")
    yield case(KIND, "cut-at-the-end", unclosed, "every reader takes the end of the message for the end of the part")
    yield case(
        KIND, "root", mail("Content-Type: application/zip; name=papers.zip", "Content-Transfer-Encoding: base64",
                           body=chunks(ZIP.data, 20)), RESTART,
    )  # fmt: skip
    text = attachment(COM.data, "eicar.txt", type="text/plain").replace(b"==", b"")
    yield case(KIND, "text-part", enclosed(text.rstrip(CRLF).rstrip(b"=") + CRLF), LENIENT)

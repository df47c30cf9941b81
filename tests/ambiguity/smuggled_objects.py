"""html-smuggling, the other half: calendars, cards and documents that hand out a file."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

from tests.ambiguity.build import CRLF, Case, b64, case, chopped, enclosed, entity, lines, mail, qp
from tests.ambiguity.payload import COM, DOCX, ZIP
from tests.ambiguity.smuggling_page import BROWSER, COM64, KIND, ZIP64, attached, link, page
from tests.ambiguity.wrappers import rtf_package

CALENDAR = "Outlook, Apple Calendar and Thunderbird offer the attachment of the event"
CARD = "Apple Contacts and Outlook keep what the card holds"


def folded(line: bytes) -> bytes:
    return (CRLF + b" ").join(chopped(line, 74)) + CRLF


def calendars() -> Iterator[Case]:
    head = lines(
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//papers//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        "UID:1@papers.example",
        "DTSTAMP:20261103T100000Z",
        "DTSTART:20261104T100000Z",
        "SUMMARY:Papers",
    )
    tail = lines("END:VEVENT", "END:VCALENDAR")
    for trick, line in (
        ("binary", b"ATTACH;FMTTYPE=application/zip;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=papers.zip:" + ZIP64),
        ("binary-lower", b"attach;encoding=base64;value=binary:" + COM64),
        ("data-uri", b"ATTACH:data:application/zip;base64," + ZIP64),
        ("quoted-parameter", b'ATTACH;X-LABEL="a;b:c";ENCODING=BASE64;VALUE=BINARY:' + ZIP64),
        ("html", b'X-ALT-DESC;FMTTYPE=text/html:<a href="data:application/zip;base64,' + ZIP64 + b'">open</a>'),
    ):
        event = head + folded(line) + tail
        yield case(KIND, f"ics-{trick}", attached(event, "papers.ics", "text/calendar"), CALENDAR)
        if trick == "binary":
            yield case(
                KIND, "ics-as-the-mail", mail("Content-Type: text/calendar; method=PUBLISH", body=event), CALENDAR
            )
            yield case(KIND, "ics-lf", attached(event.replace(CRLF, b"\n"), "papers.ics", "text/calendar"), CALENDAR)
    for trick, card in (
        (
            "v3",
            lines("BEGIN:VCARD", "VERSION:3.0", "FN:Alice")
            + folded(b"PHOTO;ENCODING=b;TYPE=ZIP:" + ZIP64)
            + lines("END:VCARD"),
        ),
        (
            "v4",
            lines("BEGIN:VCARD", "VERSION:4.0", "FN:Alice")
            + folded(b"KEY:data:application/zip;base64," + ZIP64)
            + lines("END:VCARD"),
        ),
        (
            "v21",
            lines("BEGIN:VCARD", "VERSION:2.1", "N:Alice", "SOUND;ENCODING=BASE64:")
            + CRLF.join(b" " + each for each in chopped(COM64, 60))
            + CRLF * 2
            + lines("END:VCARD"),
        ),
        (
            "v21-qp",
            lines("BEGIN:VCARD", "VERSION:2.1", "N:Alice")
            + b"NOTE;ENCODING=QUOTED-PRINTABLE:"
            + qp(COM.data)
            + CRLF
            + lines("END:VCARD"),
        ),
    ):
        yield case(KIND, f"vcard-{trick}", attached(card, "alice.vcf", "text/vcard"), CARD)


def documents() -> Iterator[Case]:
    package = rtf_package(COM.data, "eicar.com")
    word = "Word shows the object as an icon; a double click extracts the file"
    yield case(KIND, "rtf-object", attached(package, "papers.rtf", "application/rtf"), word)
    yield case(KIND, "rtf-as-doc", attached(package, "papers.doc", "application/msword"), word)
    yield case(KIND, "rtf-zip-object", attached(rtf_package(ZIP.data, ZIP.name), "papers.rtf", "text/rtf"), word)
    head, mark, data = package.partition(b"objdata ")
    spaced = head + mark + b"\r\n".join(chopped(data[:-3], 33)) + data[-3:]
    yield case(
        KIND,
        "rtf-broken-lines",
        attached(spaced, "papers.rtf", "application/rtf"),
        word + "; blanks between digits are skipped",
    )
    yield case(
        KIND,
        "rtf-short-magic",
        attached(package.replace(b"{\\rtf1", b"{\\rt"), "papers.rtf", "application/rtf"),
        "Word asks only for {\\rt",
    )
    enriched = entity(
        'Content-Type: text/plain; name="papers.html"',
        "Content-Transfer-Encoding: base64",
        body=b64(page(link(b"data:application/zip;base64," + ZIP64))),
    )
    yield case(KIND, "page-said-to-be-text", enclosed(enriched), "the name decides what opens it: " + BROWSER)
    nested = attached(page(link(b"data:application/octet-stream;base64," + b64encode(DOCX.data), b"papers.docx")))
    yield case(KIND, "uri-docx", nested, BROWSER)

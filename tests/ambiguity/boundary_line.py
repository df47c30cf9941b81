"""boundary-line: the delimiter lines in the body are not what RFC 2046 5.1.1 asks for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from tests.ambiguity.build import CRLF, Case, attachment, case, entity, joined, lines, mail, multipart, note
from tests.ambiguity.payload import COM, DOCX, GZ, ZIP, Payload

KIND = "boundary-line"
PREFIX = "munpack, UUDeview and Outlook compare the beginning of the line only (RFC 2046 5.1.1 says so, too)"
PADDING = "blanks behind the delimiter are transport padding (RFC 2046 5.1.1); Thunderbird, mutt and Python drop them"
CLOSE = "ripmime and UUDeview look for further delimiters after the close; Outlook shows what it finds"
OPEN = "the end of the message closes everything that is open: every reader"
ENDS = "Thunderbird's line buffer and Python's email end a line at CR, LF or CRLF"
INNERMOST = "the delimiter of an outer multipart ends the inner ones (RFC 2046 5.1.2): Thunderbird, munpack, Python"


def typed(boundary: str, subtype: str = "mixed") -> str:
    return f'Content-Type: multipart/{subtype}; boundary="{boundary}"'


def papers(payload: Payload) -> bytes:
    return attachment(payload.data, payload.name)


def cases() -> Iterator[Case]:
    payload = cycle((COM, ZIP, DOCX, GZ))
    for trick, mark, why in (
        ("letters-behind", b"--frontierX", PREFIX),
        ("blank-text-behind", b"--frontier and more", PREFIX),
        ("dash-behind", b"--frontier-", PREFIX),
        ("digit-behind", b"--frontier1", PREFIX),
        ("colon-behind", b"--frontier:", PREFIX),
        ("blanks-behind", b"--frontier   ", PADDING),
        ("tabs-behind", b"--frontier\t\t", PADDING),
        ("many-blanks-behind", b"--frontier" + b" " * 2000, "Python's email and munpack drop any number of blanks"),
        ("nul-behind", b"--frontier\0", "readers in C see the line end at the NUL (munpack, ripmime)"),
        ("comment-behind", b"--frontier (next part)", PREFIX),
        ("quote-behind", b'--frontier"', PREFIX),
    ):
        body = lines("--frontier") + note() + CRLF + mark + CRLF + papers(next(payload)) + lines("", "--frontier--")
        yield case(KIND, f"{trick}-second", mail(typed("frontier"), body=body), why)
    for trick, mark, why in (("letters", b"--frontierX", PREFIX), ("blanks", b"--frontier \t", PADDING)):
        body = mark + CRLF + note() + CRLF + mark + CRLF + papers(next(payload)) + CRLF + mark + b"--" + CRLF
        yield case(KIND, f"{trick}-behind-all", mail(typed("frontier"), body=body), why)
    yield from closes()
    yield from unclosed()
    yield from line_ends()
    yield from nested()
    yield from odd_places()


def closes() -> Iterator[Case]:
    first, more = lines("--frontier") + note() + CRLF, lines("--frontier")
    for trick, early, rest in (
        ("close-then-part", b"--frontier--", more + papers(COM) + lines("", "--frontier--")),
        ("close-twice", b"--frontier--\r\n--frontier--", more + papers(ZIP) + lines("", "--frontier--")),
        ("close-with-text", b"--frontier-- (end)", more + papers(ZIP) + lines("", "--frontier--")),
        ("close-with-blank", b"--frontier-- ", more + papers(DOCX) + lines("", "--frontier--")),
        ("close-text-part", b"--frontier--\r\n\r\nGoodbye.", more + papers(GZ) + lines("", "--frontier--")),
    ):
        yield case(KIND, trick, mail(typed("frontier"), body=first + early + CRLF + rest), CLOSE)
    only = lines("--frontier--") + papers(COM) + lines("", "--frontier--")
    yield case(KIND, "close-first", mail(typed("frontier"), body=only), CLOSE)
    for trick, mark, why in (
        (
            "almost-close-one-dash",
            b"--frontier-",
            "for Thunderbird and Python's email this line is text: the part goes on",
        ),
        (
            "almost-close-blank",
            b"--frontier --",
            "for Thunderbird and Python's email this line is text: the part goes on",
        ),
        ("three-dashes", b"--frontier---", "for Thunderbird this line is text: the multipart goes on"),
    ):
        body = first + mark + CRLF + lines("--frontier") + papers(ZIP) + lines("", "--frontier--")
        yield case(KIND, trick, mail(typed("frontier"), body=body), why)


def unclosed() -> Iterator[Case]:
    yield case(KIND, "no-close", mail(typed("a"), body=multipart("a", note(), papers(COM), close=False)), OPEN)
    cut = multipart("a", note(), papers(ZIP), close=False).rstrip(CRLF)
    yield case(KIND, "no-close-no-line-end", mail(typed("a"), body=cut), OPEN)
    inner = entity(typed("in"), body=multipart("in", note(), papers(DOCX), close=False))
    yield case(KIND, "inner-not-closed", mail(typed("out"), body=multipart("out", note(), inner)), INNERMOST)
    yield case(KIND, "neither-closed", mail(typed("out"), body=multipart("out", note(), inner, close=False)), OPEN)
    swapped = lines("--out") + entity(typed("in"), body=lines("--in") + papers(COM)) + lines("--out--", "--in--")
    yield case(KIND, "closed-in-wrong-order", mail(typed("out"), body=swapped), INNERMOST)
    first_only = lines("--a") + papers(ZIP)
    yield case(KIND, "single-delimiter", mail(typed("a"), body=first_only), OPEN)
    yield case(
        KIND, "close-as-the-last-bytes", mail(typed("a"), body=multipart("a", note(), papers(GZ)).rstrip(CRLF)), OPEN
    )


def line_ends() -> Iterator[Case]:
    whole = multipart("a", note(), papers(COM))
    for trick, body, why in (
        ("lf", whole.replace(CRLF, b"\n"), "bare LF is the line end of every mail on disk"),
        ("cr", whole.replace(CRLF, b"\r"), ENDS),
        (
            "cr-cr-lf",
            whole.replace(CRLF, b"\r\r\n"),
            "a CR is added in transport; Thunderbird, munpack and mutt drop it",
        ),
        ("lf-delimiters", whole.replace(b"--a\r\n", b"--a\n"), "Thunderbird, mutt and Python take LF and CRLF mixed"),
        ("cr-delimiters", whole.replace(b"\r\n--a", b"\r--a"), ENDS),
        ("lf-before", whole.replace(b"\r\n--a", b"\n--a"), "Thunderbird, mutt and Python take LF and CRLF mixed"),
        ("cr-after", whole.replace(b"--a\r\n", b"--a\r"), ENDS),
    ):
        yield case(KIND, f"ends-{trick}", mail(typed("a"), body=body), why)


def nested() -> Iterator[Case]:
    for trick, outer, inner, why in (
        ("equal", "same", "same", "Outlook and munpack ask the innermost multipart first"),
        (
            "inner-extends",
            "frontier",
            "frontier-in",
            "Thunderbird, mutt and Python compare whole lines, so these differ",
        ),
        (
            "outer-extends",
            "frontier-out",
            "frontier",
            "Thunderbird, mutt and Python compare whole lines, so these differ",
        ),
        (
            "inner-extends-dashes",
            "x",
            "x--",
            "ripmime, UUDeview and Thunderbird compare with the innermost boundary first",
        ),
        ("case-only", "Frontier", "frontier", "boundaries are compared with regard to case: every reader"),
    ):
        part = entity(typed(inner), body=multipart(inner, note(), papers(ZIP)))
        yield case(KIND, f"nested-{trick}", mail(typed(outer), body=multipart(outer, note(), part)), why)
    deep = entity(typed("in"), body=lines("--in") + note() + lines("", "--out") + papers(COM) + lines("", "--out--"))
    yield case(KIND, "outer-delimiter-within-inner", mail(typed("out"), body=lines("--out") + deep), INNERMOST)
    lie = entity(typed("out", "alternative"), body=b"")
    body = multipart("out", note(), lie, papers(DOCX))
    yield case(KIND, "empty-inner-of-same-name", mail(typed("out"), body=body),
               "Outlook and Thunderbird take the next delimiter for one of the outer again")  # fmt: skip


def odd_places() -> Iterator[Case]:
    note_part = note()
    for trick, body, why in (
        ("no-blank-line-between", lines("--a") + note_part + b"--a\r\n" + papers(COM) + lines("--a--"),
         "the line end before the delimiter may be the text's own: every reader"),
        ("blank-lines-around",
         joined((lines("", "", "--a") + note_part, lines("", "", "--a") + papers(ZIP), b"--a--\r\n")),
         "the empty lines belong to the parts: every reader"),
        ("leading-blank", multipart("a", note_part, papers(ZIP)).replace(b"\r\n--a\r\n", b"\r\n --a\r\n"),
         "ripmime and UUDeview skip blanks in front of a delimiter"),
        ("directly-after-header", lines("--a") + papers(COM) + lines("", "--a--"), "no preamble is needed:"
                                                                                   " every reader"),
        ("part-without-header", lines("--a", "") + b"text\r\n" + lines("--a") + papers(ZIP) + lines("", "--a--"),
         "a part may have no header (RFC 2046 5.1): every reader"),
        ("empty-parts-first", lines(*["--a", ""] * 50) + lines("--a") + papers(ZIP) + lines("", "--a--"),
         "empty parts are parts: every reader"),
        ("delimiters-in-a-row", lines(*["--a"] * 30) + papers(DOCX) + lines("", "--a--"),
         "a part that ends at once is empty: Thunderbird, Python, munpack"),
        ("right-behind-a-header", lines("--a", "Content-Type: text/plain", "--a") + papers(COM) + lines("", "--a--"),
         "a delimiter ends a header too: Thunderbird, Outlook"),
        ("long-line-before", lines("--a") + note("x" * 5000) + CRLF + lines("--a") + papers(GZ) + lines("", "--a--"),
         "no reader has a limit for lines"),
    ):  # fmt: skip
        yield case(KIND, trick, mail(typed("a"), body=body), why)

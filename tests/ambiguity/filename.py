"""filename: no name, two names, names in disguise.  The content is found by what it is; the name must not stop that."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from tests.ambiguity.build import Case, Text, b64, case, enclosed, entity, mail, raw
from tests.ambiguity.payload import COM, DOCX, GZ, ZIP

KIND = "filename"
RFC2231 = "Thunderbird and Apple Mail let the RFC 2231 name win"
PLAIN = "Outlook knows no RFC 2231 and takes filename="
WORD = "Thunderbird, Outlook and Apple Mail decode encoded-words in quoted names"
LOOSE = "Outlook and Thunderbird take an unquoted name with all its blanks"
SAVED = "Thunderbird and Outlook replace what the file system does not take, and save it"
SHOWN = "Thunderbird, Outlook and Apple Mail show it as an attachment"

NAMES: tuple[tuple[str, Text, str], ...] = (  # trick, the disposition field's value, reader
    ("plain-then-extended", "attachment; filename=a.png; filename*=us-ascii''eicar.com", RFC2231),
    ("extended-then-plain", "attachment; filename*=us-ascii''a.png; filename=eicar.com", PLAIN),
    ("plain-then-pieces", "attachment; filename=a.png; filename*0=eicar; filename*1=.com", RFC2231),
    ("pieces-then-plain", "attachment; filename*0=a; filename*1=.png; filename=eicar.com", PLAIN),
    ("plain-then-first-piece", "attachment; filename=a.png; filename*0=eicar.com", RFC2231),
    (
        "pieces-out-of-order",
        "attachment; filename*1=.com; filename*0=eicar",
        "RFC 2231 3: the number counts, not the place",
    ),
    (
        "pieces-gap",
        "attachment; filename*0=eicar.com; filename*2=.png",
        "RFC 2231 3: what follows a gap does not count",
    ),
    ("pieces-extended", "attachment; filename*0*=utf-8''eic%61r; filename*1*=%2Ecom", RFC2231),
    ("pieces-mixed", "attachment; filename*0*=utf-8''eic%61r; filename*1=.com", RFC2231),
    ("pieces-leading-zero", "attachment; filename*00=eicar; filename*01=.com", "Thunderbird reads the number loosely"),
    (
        "pieces-from-one",
        "attachment; filename*1=eicar; filename*2=.com",
        "Apple Mail and Outlook.com begin at the first there is",
    ),
    ("extended-utf16", "attachment; filename*=utf-16be''%00e%00i%00c%00a%00r%00.%00c%00o%00m", RFC2231),
    ("extended-no-charset", "attachment; filename*=''eicar.com", RFC2231),
    (
        "extended-no-quotes",
        "attachment; filename*=eicar.com",
        "Thunderbird takes the value when the quotes are missing",
    ),
    (
        "extended-in-quotes",
        "attachment; filename*=\"utf-8''eicar.com\"",
        "Outlook and Gmail accept the quotes (RFC 8187 3.2.3 does not)",
    ),
    ("extended-bad-percent", "attachment; filename*=utf-8''eicar%2Ecom%ZZ", "Thunderbird keeps a bad escape as text"),
    (
        "extended-unknown-charset",
        "attachment; filename*=x-mars''eicar.com",
        "Thunderbird and Apple Mail fall back to the bytes",
    ),
    ("word-q", 'attachment; filename="=?utf-8?Q?eicar=2Ecom?="', WORD),
    ("word-b", 'attachment; filename="=?utf-8?B?ZWljYXIuY29t?="', WORD),
    ("word-unquoted", "attachment; filename==?utf-8?Q?eicar=2Ecom?=", WORD),
    ("words-split", 'attachment; filename="=?utf-8?Q?eic?=\r\n =?utf-8?Q?ar=2Ecom?="', WORD),
    ("words-split-in-a-letter", 'attachment; filename="=?utf-8?B?w?= =?utf-8?B?6Q==?=.com"', WORD),
    ("word-and-text", 'attachment; filename="=?utf-8?Q?invoice?=.com"', WORD),
    ("word-utf16", 'attachment; filename="=?utf-16be?B?AGUAaQBjAGEAcgAuAGMAbwBt?="', WORD),
    ("word-utf7", 'attachment; filename="=?utf-7?Q?eicar+AC4-com?="', "Outlook decodes UTF-7 everywhere"),
    (
        "word-inside-extended",
        "attachment; filename*=utf-8''%3D%3Futf-8%3FQ%3Feicar%3D2Ecom%3F%3D",
        "Outlook.com decodes twice",
    ),
    (
        "rtlo",
        "attachment; filename*=utf-8''invoice%E2%80%AEfdp.com",
        "shown as invoicemoc.pdf; Thunderbird and Outlook save a .com",
    ),
    ("rtlo-raw", 'attachment; filename="invoice\u202efdp.com"', "shown as invoicemoc.pdf; saved as .com by Windows"),
    ("zero-width", 'attachment; filename="eicar.\u200bcom"', SAVED),
    ("nul", b'attachment; filename="eicar.com\0.png"', "programs in C save eicar.com"),
    ("nul-encoded", "attachment; filename*=utf-8''eicar.com%00.png", "programs in C save eicar.com"),
    ("path-up", 'attachment; filename="../../../autostart/eicar.com"', SAVED),
    ("path-windows", r'attachment; filename="C:\\Windows\\eicar.com"', SAVED),
    ("path-trailing-slash", 'attachment; filename="papers/"', SAVED),
    ("drive-stream", 'attachment; filename="a.txt:eicar.com"', SAVED),
    ("device", 'attachment; filename="CON.com"', SAVED),
    ("trailing-dots", 'attachment; filename="eicar.com..."', "Windows drops dots and blanks at the end"),
    ("trailing-blanks", 'attachment; filename="eicar.com      "', "Windows drops dots and blanks at the end"),
    (
        "blanks-then-extension",
        'attachment; filename="photo.png' + " " * 200 + '.com"',
        "the window shows photo.png; Outlook saves .com",
    ),
    ("double-extension", 'attachment; filename="photo.png.com"', "Windows hides the last extension"),
    (
        "nine-kilobytes",
        'attachment; filename="' + "x" * 9000 + '.com"',
        "Thunderbird and Outlook shorten it and keep the extension",
    ),
    ("empty", 'attachment; filename=""', "Thunderbird offers 'Part 1.2', Outlook 'ATT00001'"),
    ("only-extension", 'attachment; filename=".com"', SAVED),
    ("blanks-unquoted", "attachment; filename=my last papers.com", LOOSE),
    ("single-quotes", "attachment; filename='eicar.com'", "Outlook strips single quotes, Thunderbird keeps them"),
    (
        "unclosed-quote",
        'attachment; filename="eicar.com',
        "an unclosed quote ends with the field: Outlook, Python's email",
    ),
    ("semicolon-inside", 'attachment; filename="a;b.com"', "quoted text is one value: Thunderbird, Outlook"),
    ("semicolon-unquoted", "attachment; filename=a.png;.com", "Outlook goes by the first, Gmail by all of it"),
    ("escapes", r'attachment; filename="ei\c\ar.com"', "quoted pairs lose the backslash: Thunderbird, Outlook"),
    ("high-bytes", b'attachment; filename="pr\xfcfung.com"', "Outlook reads bytes in the charset of the system"),
    ("utf8-raw", 'attachment; filename="prüfung.com"', "Gmail writes and reads raw UTF-8 (RFC 6532)"),
    ("big5-backslash", b'attachment; filename="\xa5\\.com"', "readers in Taiwan take the two bytes for one letter"),
    ("two-filenames-first", "attachment; filename=eicar.com; filename=a.png", "Thunderbird and Outlook take the first"),
    ("two-filenames-last", "attachment; filename=a.png; filename=eicar.com", "mutt and Apple Mail take the last"),
    ("case", "attachment; FileName=eicar.com", "parameters are compared without regard to case: every reader"),
    ("comment", "attachment; filename=(x)eicar.com", "Outlook honours comments in structured fields"),
    ("blank-around-equals", 'attachment; filename = "eicar.com"', "Thunderbird and Outlook trim blanks at the ="),
    (
        "fold-inside",
        'attachment; filename="eicar\r\n .com"',
        "unfolding removes only the CRLF (RFC 5322 2.2.3): every reader offers eicar .com",
    ),
    ("no-semicolon", "attachment filename=eicar.com", "Outlook looks for filename= anywhere"),
    ("inline", "inline; filename=eicar.com", SHOWN),
    ("unknown-disposition", "x-hidden; filename=eicar.com", "unknown is attachment (RFC 2183 2.8): " + SHOWN),
    ("no-disposition-type", "; filename=eicar.com", SHOWN),
    ("only-parameter", "filename=eicar.com", SHOWN),
    ("broken", "attach\0ment; filename=eicar.com", SHOWN),
    ("empty-field", "", "Thunderbird and Outlook go by the type, then"),
    (
        "word-whole-value",
        "=?utf-8?Q?attachment=3B_filename=3Deicar=2Ecom?=",
        "Outlook decodes the field before it parses it",
    ),
)


def cases() -> Iterator[Case]:
    payload = cycle((COM, ZIP, DOCX, GZ))
    for trick, value, why in NAMES:
        _, data = next(payload)
        part = entity(
            "Content-Type: application/octet-stream", "Content-Transfer-Encoding: base64",
            b"Content-Disposition: " + raw(value), body=b64(data),
        )  # fmt: skip
        yield case(KIND, trick, enclosed(part), why)
    yield from between_fields()


def between_fields() -> Iterator[Case]:
    """Content-Type says one name, Content-Disposition another; or neither says any."""
    for trick, type, disposition, why in (
        (
            "type-against-disposition",
            "image/png; name=a.png",
            "attachment; filename=eicar.com",
            "Thunderbird, mutt: the disposition wins",
        ),
        (
            "disposition-against-type",
            "application/x; name=eicar.com",
            "attachment; filename=a.png",
            "old Outlook: the type's name wins",
        ),
        ("type-extended", "application/x; name*=utf-8''eicar.com", "attachment", RFC2231),
        ("type-word", 'application/x; name="=?utf-8?Q?eicar=2Ecom?="', "attachment", WORD),
        ("type-pieces", "application/x; name*0=eicar; name*1=.com", "attachment; filename=a.png", RFC2231),
        ("none", "application/octet-stream", "attachment", "Thunderbird offers 'Part 1.2', Outlook 'ATT00001.bin'"),
        ("none-with-text-type", "text/plain", "attachment", "Thunderbird offers 'Part 1.2', Outlook 'ATT00001.txt'"),
        ("none-inline", "text/plain", "inline", "the text is shown: every reader"),
    ):
        part = entity(f"Content-Type: {type}", "Content-Transfer-Encoding: base64",
                      f"Content-Disposition: {disposition}", body=b64(COM.data))  # fmt: skip
        yield case(KIND, trick, enclosed(part), why)
    described = entity("Content-Type: application/octet-stream", "Content-Description: eicar.com",
                       "Content-Transfer-Encoding: base64", body=b64(ZIP.data))  # fmt: skip
    yield case(KIND, "only-description", enclosed(described), "Outlook and mutt name the file by its description")
    located = entity("Content-Type: application/octet-stream", "Content-Location: http://x.example/eicar.com",
                     "Content-Transfer-Encoding: base64", body=b64(COM.data))  # fmt: skip
    yield case(KIND, "only-location", enclosed(located), "Outlook Express and Apple Mail name it by Content-Location")
    two = entity("Content-Type: application/octet-stream", "Content-Disposition: inline; filename=a.png",
                 "Content-Disposition: attachment; filename=eicar.com", "Content-Transfer-Encoding: base64",
                 body=b64(COM.data))  # fmt: skip
    yield case(
        KIND, "two-dispositions", enclosed(two), "mutt takes the last, Thunderbird the first; both offer the part"
    )
    root = mail("Content-Type: application/octet-stream;"
                " name=a.png", "Content-Disposition: attachment; filename=eicar.com",
                "Content-Transfer-Encoding: base64", body=b64(COM.data))  # fmt: skip
    yield case(KIND, "of-the-mail-itself", root, "the whole mail is one attachment: every reader")

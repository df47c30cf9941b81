"""boundary-param: what the boundary parameter says, and what delimiter a reader makes of it (RFC 2046 5.1.1)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from tests.ambiguity.build import Case, Text, attachment, case, mail, multipart, note, raw
from tests.ambiguity.payload import COM, DOCX, GZ, ZIP

KIND = "boundary-param"
QUOTED = "a quoted value may hold it (RFC 2045 5.1); Thunderbird, mutt, Python's email and Apple Mail keep it"
LOOSE = "Thunderbird, munpack and Python's email take an unquoted value up to the semicolon, whatever characters it has"
CUT = "readers that end a token at the blank (Outlook, munpack)"
EXTENDED = "Thunderbird and Apple Mail read RFC 2231 in every parameter"
PIECES = "Thunderbird and Apple Mail join the pieces (RFC 2231 3)"
WORD = "Outlook and Gmail decode encoded-words inside quotes before they split the parameters"
RAW_WORD = (
    "munpack, Thunderbird and Python's email know no encoded-words in parameters: the text itself is the boundary"
)
ESCAPE = "quoted pairs lose their backslash (RFC 5322 3.2.4): Thunderbird, Outlook, Python's email"
COMMENT = "Outlook honours comments in structured fields (RFC 5322 3.2.2)"
OBSERVED = "readers that trust the delimiters in the body (ripmime, UUDeview) find the parts all the same"
NUL = "readers in C end the value at the NUL (mutt, munpack)"
OPEN = "an unclosed quote ends with the field: Outlook, mutt, Python's email"

VALUES: tuple[tuple[str, Text, Text, str], ...] = (  # trick, parameter, the boundary as the body has it, reader
    ("quoted-blank", 'boundary="a b"', "a b", QUOTED),
    ("quoted-blank-before", 'boundary=" a"', " a", QUOTED),
    (
        "quoted-blank-behind",
        'boundary="a "',
        "a",
        "trailing blanks belong to transport (RFC 2046 5.1.1): Thunderbird, Python",
    ),
    ("quoted-semicolon", 'boundary="a;b"', "a;b", QUOTED),
    ("quoted-semicolon-cut", 'boundary="a;b"', "a", "UUDeview, and PHP webmails that split at every semicolon first"),
    ("quoted-equals", 'boundary="=_a=b"', "=_a=b", QUOTED),
    ("quoted-comma", 'boundary="a,b"', "a,b", QUOTED),
    ("quoted-parens", 'boundary="a(b)c"', "a(b)c", QUOTED),
    ("quoted-angle", 'boundary="<a>"', "<a>", "munpack, mutt and Thunderbird keep it, quoted as it is"),
    ("quoted-dashes", 'boundary="----=_Part"', "----=_Part", QUOTED),
    ("quoted-close-alike", 'boundary="a--"', "a--", QUOTED),
    (
        "quoted-high-bytes",
        b'boundary="gr\xfc\xdfe"',
        b"gr\xfc\xdfe",
        "8-bit bytes pass through mutt, Thunderbird, Outlook",
    ),
    ("quoted-utf8", 'boundary="grüße"', "grüße", "8-bit bytes pass through mutt, Thunderbird, Outlook"),
    ("quoted-tab", 'boundary="a\tb"', "a\tb", QUOTED),
    ("quoted-junk-behind", 'boundary="a"b', "a", "Thunderbird and Outlook end the value at the closing quote"),
    (
        "quoted-in-the-middle",
        'boundary=a"b"c',
        'a"b"c',
        "Thunderbird: a value that begins without a quote is taken as it is",
    ),
    ("unclosed-quote", 'boundary="a', "a", OPEN),
    ("unclosed-quote-more", 'boundary="a; charset=x', "a; charset=x", OPEN),
    ("only-closing-quote", 'boundary=a"', 'a"', "mutt and ripmime: a token may hold any character"),
    ("single-quotes", "boundary='a'", "'a'", "single quotes are no quotes (RFC 2045 5.1): Thunderbird, mutt"),
    ("single-quotes-stripped", "boundary='a'", "a", "Outlook and ripmime strip single quotes too"),
    ("single-quotes-blank", "boundary='a b'", "'a b'", LOOSE),
    ("double-quoted-twice", 'boundary=""a""', "a", "ripmime and Outlook drop every quote"),
    ("blank-around-equals", 'boundary = "a"', "a", "Thunderbird, Outlook and Python's email trim blanks at the ="),
    ("tab-after-equals", "boundary=\ta", "a", "Thunderbird and Python's email trim blanks at the ="),
    ("fold-after-equals", "boundary=\r\n a", "a", "Thunderbird and Python's email unfold, then trim"),
    ("fold-before-equals", "boundary\r\n =a", "a", "Thunderbird and Python's email unfold, then trim"),
    ("fold-inside-quotes", 'boundary="a\r\n b"', "a b", "unfolding removes only the CRLF (RFC 5322 2.2.3)"),
    ("unquoted-blank", "boundary=a b", "a b", LOOSE),
    ("unquoted-blank-cut", "boundary=a b", "a", CUT),
    ("unquoted-tab-cut", "boundary=a\tb", "a", CUT),
    ("unquoted-colon", "boundary=a:b", "a:b", LOOSE),
    ("unquoted-slash", "boundary=a/b=c?d", "a/b=c?d", LOOSE),
    ("unquoted-equals", "boundary==_a", "=_a", LOOSE),
    ("unquoted-at", "boundary=a@b[c]", "a@b[c]", LOOSE),
    ("unquoted-comma-cut", "boundary=a,b", "a", "Outlook ends an unquoted token at any special (RFC 2045 5.1)"),
    ("empty", "boundary=", "", "munpack, ripmime and Python's email take lines of two dashes alone for the delimiter"),
    (
        "empty-quoted",
        'boundary=""',
        "",
        "munpack, ripmime and Python's email take lines of two dashes alone for the delimiter",
    ),
    ("missing-observed", "charset=x", "frontier", OBSERVED),
    ("wrong-observed", "boundary=elsewhere", "frontier", "UUDeview finds the parts by the lines in the body"),
    ("escaped-letter", r'boundary="a\b"', "ab", ESCAPE),
    (
        "escaped-letter-kept",
        r'boundary="a\b"',
        r"a\b",
        "Python's email and ripmime keep a backslash that escapes nothing",
    ),
    ("escaped-quote", r'boundary="a\"b"', 'a"b', ESCAPE),
    ("escaped-quote-cut", r'boundary="a\"b"', "a\\", "readers that look for the next quote only (ripmime, UUDeview)"),
    ("escaped-backslash", r'boundary="a\\b"', r"a\b", ESCAPE),
    ("escaped-unquoted", r"boundary=a\;b", "a\\", LOOSE),
    ("extended", "boundary*=us-ascii''a%20b", "a b", EXTENDED),
    ("extended-plain", "boundary*=us-ascii''frontier", "frontier", EXTENDED),
    ("extended-no-charset", "boundary*=''frontier", "frontier", EXTENDED),
    ("extended-hex", "boundary*=utf-8'en'%66%72%6F%6E%74", "front", EXTENDED),
    ("extended-utf16", "boundary*=utf-16be''%00%61%00%62", "ab", EXTENDED),
    ("pieces", "boundary*0=fron; boundary*1=tier", "frontier", PIECES),
    ("pieces-quoted", 'boundary*0="fron"; boundary*1="tier"', "frontier", PIECES),
    (
        "pieces-out-of-order",
        "boundary*1=tier; boundary*0=fron",
        "frontier",
        "RFC 2231 3: the number counts, not the place",
    ),
    ("pieces-extended", "boundary*0*=us-ascii''fr%6Fn; boundary*1*=t%69er", "frontier", PIECES),
    ("pieces-mixed", "boundary*0*=us-ascii''fr%6Fn; boundary*1=tier", "frontier", PIECES),
    ("piece-single", "boundary*0=frontier", "frontier", PIECES),
    (
        "pieces-many",
        "; ".join(f"boundary*{at}=x{at}" for at in range(12)),
        "".join(f"x{at}" for at in range(12)),
        PIECES,
    ),
    (
        "pieces-gap",
        "boundary*0=fron; boundary*2=tier",
        "fron",
        "RFC 2231 3: what follows a gap is not part of the value",
    ),
    ("encoded-word-q", 'boundary="=?us-ascii?Q?frontier?="', "frontier", WORD),
    ("encoded-word-b", 'boundary="=?utf-8?B?ZnJvbnRpZXI=?="', "frontier", WORD),
    ("encoded-word-raw", 'boundary="=?us-ascii?Q?frontier?="', "=?us-ascii?Q?frontier?=", RAW_WORD),
    ("encoded-word-unquoted", "boundary==?us-ascii?Q?frontier?=", "frontier", WORD),
    ("comment-before", "boundary=(boundary=foo)bar", "bar", COMMENT),
    ("comment-raw", "boundary=(x)bar", "(x)bar", "Thunderbird and Python's email take the value as it stands"),
    ("comment-behind", "boundary=bar(x)", "bar", COMMENT),
    ("comment-behind-raw", "boundary=bar(x)", "bar(x)", LOOSE),
    ("comment-inside", "boundary=ba(x)r", "bar", COMMENT),
    ("comment-name", "(x)boundary(y)=bar", "bar", COMMENT),
    ("comment-quoted-behind", 'boundary="bar" (boundary=foo)', "bar", COMMENT),
    ("nul-cut", b'boundary="a\0b"', "a", NUL),
    ("nul-kept", b'boundary="a\0b"', b"a\0b", "Thunderbird (JSMime) and Python's email keep the NUL as a character"),
    ("nul-behind", b"boundary=a\0", "a", NUL),
    ("cr-inside", b"boundary=a\rb", "a", "Python's email and Thunderbird end the line at the bare CR"),
    ("seventy-one", 'boundary="' + "x" * 71 + '"', "x" * 71, "the limit of 70 is the writer's; no reader enforces it"),
    ("long", 'boundary="' + "y" * 900 + '"', "y" * 900, "mutt, Thunderbird and Python's email have no limit"),
    ("long-cut", 'boundary="' + "z" * 300 + '"', "z" * 300, "no common reader enforces the 70 characters of RFC 2046"),
    ("very-short", "boundary=-", "-", LOOSE),
    ("dashes-only", 'boundary="------"', "------", QUOTED),
    ("last-parameter-semicolon", "boundary=a;", "a", "Thunderbird, Outlook, mutt and Python's email"),
    ("parameter-without-type", "; boundary=a", "a", "empty parameters are skipped by Thunderbird, Outlook and mutt"),
    ("dashes-included", 'boundary="--a"', "--a", QUOTED),
    ("key-quoted", '"boundary"=a', "a", "Outlook and ripmime find the word and take what follows the ="),
    ("key-encoded-word", "=?us-ascii?Q?boundary?==a", "a", WORD),
)


def cases() -> Iterator[Case]:
    payload = cycle((COM, ZIP, DOCX, GZ))
    for trick, parameter, boundary, why in VALUES:
        name, data = next(payload)
        body = multipart(boundary, note(), attachment(data, name))
        yield case(KIND, trick, mail(b"Content-Type: multipart/mixed; " + raw(parameter), body=body), why)

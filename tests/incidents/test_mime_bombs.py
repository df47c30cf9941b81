"""Mail made to exhaust whoever parses it.

Headers without an end, a million parts, nests, boundaries by the thousand (CVE-2015-8605's kind), encodings that are
all damage: each ends within three seconds (two for reading it, one for all engines) and 512 MB beside the bytes
themselves, and with a LIMIT finding where something was not looked at; with a defect in its header too, which calls for
the rival readings.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.incidents.costs import TOP, cost

from lazaretto.model import Kind

SIZE = 50_000_000
SECONDS, SLACK = 3.0, 1.5  # of processor time on an idle machine of 2026; what a busy one may take more
MEMORY = 512_000_000
DEFECTS = {
    "sound": b"",
    "two encodings": b"Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n",
    "bare CR": b"X-A: b\rc\n",
    "blank line": b"X-A: b\n \nX-C: d\n",
    "junk line": b"junk\nX-C: d\n",
    "all": b"Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\nX-A: b\rc\n \nX: \0\njunk\nX-C: d\n",
}
MIXED = b"Content-Type: multipart/mixed; boundary=a\n"
BASE64, QP = b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: quoted-printable\n"
UU = b"Content-Transfer-Encoding: x-uuencode\n"
LINE = b"QUFB" * 19 + b"\n"


def fill(unit: bytes, size: int = SIZE) -> bytes:
    return unit * (size // len(unit))


def each(template: bytes, count: int) -> bytes:
    return b"".join(template.replace(b"%", b"%d" % number) for number in range(count))


def nest(count: int) -> bytes:
    return each(b"Content-Type: multipart/mixed; boundary=b%\n\n--b%\n", count)


# What stands behind the first fields: the rest of the header, and the body.
BOMBS: dict[str, Callable[[], bytes]] = {
    "one field": lambda: b"X: " + fill(b"a") + b"\n\nx",
    "one folded field": lambda: b"X: " + fill(b"a\n ") + b"\n\nx",
    "one boundary": lambda: b"Content-Type: multipart/mixed; boundary=" + fill(b"a") + b"\n\nx",
    "one quoted boundary": lambda: b'Content-Type: multipart/mixed; boundary="' + fill(b'\\"') + b"\n\nx",
    "blanks behind boundary": lambda: b"Content-Type: multipart/mixed; boundary" + fill(b" ") + b"\n\nx",
    "blanks behind name": lambda: b'Content-Type: a/b; x="a(" y; name' + fill(b" ") + b"\n\nx",
    "one field of a part": lambda: MIXED + b"\n--a\nX: " + fill(b"a ") + b"\n\nx\n--a--\n",
    "fields": lambda: b"X: y\n" * 10_000_000 + b"\nx",
    "a million Content-Type": lambda: b"Content-Type: text/plain\n" * 1_000_000 + b"\nx",
    "a million boundaries": lambda: each(b"Content-Type: multipart/mixed; boundary=%\n", 1_000_000) + b"\n--5\n\nx",
    "empty parts": lambda: MIXED + b"\n" + b"--a\n\n" * 1_000_000,
    "closes": lambda: MIXED + b"\n--a\n\nx\n" + fill(b"--a--\n"),
    "nested": lambda: nest(100_000) + b"\nx\n",
    "nested and closed": lambda: nest(100_000) + b"\nx\n" + each(b"--b%--\n", 100_000),
    "nested, one boundary": lambda: (MIXED + b"\n--a\n") * 100_000 + b"\nx\n",
    "boundaries in one field": lambda: (
        b"Content-Type: multipart/mixed" + each(b"; boundary=b%", 10_000) + b"\n\n" + each(b"--b%\n\nx\n", 10_000)
    ),
    "boundaries that never occur": lambda: (
        MIXED
        + b"\n"
        + each(b'--a\nContent-Type: multipart/mixed; boundary="b% (x)"; boundary=c%\n\n', 10_000)
        + fill(b"x")
    ),
    "boundaries of parts": lambda: (
        MIXED + b"\n" + each(b'--a\nContent-Type: multipart/mixed; boundary="b%"; boundary=c%\n\n--b%\n--c%\n', 10_000)
    ),
    "boundaries without a field": lambda: b"\n" + each(b"--b%\nContent-Type: text/plain\n\nx\n", 1_000_000),
    "boundaries that are prefixes": lambda: (
        b"".join(MIXED.replace(b"=a", b"=" + b"a" * size) + b"\n--" + b"a" * size + b"\n" for size in range(1, 95))
        + (b"\n--" + b"a" * 120) * 300_000
    ),
    "near delimiters": lambda: MIXED + b"\n" + fill(b"--ab\n"),
    "equals": lambda: QP + b"\n" + fill(b"="),
    "equals in base64": lambda: BASE64 + b"\n" + fill(b"="),
    "dashes": lambda: b"\n" + fill(b"--\n") + b"Content-Type: a\n",
    "dashes in a multipart": lambda: b"Content-Type: multipart/mixed\n\n" + fill(b"--\n") + b"Content-Type: a\n",
    "dashes and fields": lambda: b"\n" + fill(b"--\n" * 4_000 + b"xcontent-type\n"),
    "dashes in parts": lambda: MIXED + b"\n" + fill(b"--a\n\n" + b"--\n" * 160_000 + b"content-type\n"),
    "long dashes": lambda: b"Content-Type: multipart/mixed\n\n" + fill(b"--" + b"a" * 900 + b"\n" + b"b" * 900 + b"\n"),
    "CR": lambda: b"\n" + fill(b"\r"),
    "CR and LF": lambda: b"\n" + fill(b"\r") + b"\n",
    "CR in the header": lambda: b"X: " + fill(b"\r") + b"\n\nx",
    "CR lines": lambda: fill(b"X: y\r") + b"\nx",
    "CR in base64": lambda: BASE64 + b"\nQQ==Q*" + fill(b"\r"),
    "padded groups": lambda: BASE64 + b"\n" + fill(b"QQ=="),
    "padded lines": lambda: BASE64 + b"\n" + fill(b"QQ==\n"),
    "base64 of lines": lambda: BASE64 + b"\n*" + fill(b"Q\n"),
    "base64 with a footer": lambda: BASE64 + b"\n" + fill(LINE) + b"QQ==\n\n-- \nfooter",
    "soft breaks": lambda: QP + b"\n" + fill(b"=\n"),
    "odd soft breaks": lambda: QP + b"\n" + fill(b"= \n"),
    "escapes that are none": lambda: QP + b"\n" + fill(b"=x"),
    "uuencode of nothing": lambda: UU + b"\nbegin 644 a\n" + fill(b"_\n"),
    "uuencode of damage": lambda: UU + b"\nbegin 644 a\n" + fill(b"\x7f\x7f\n"),
    "uuencode of nothing in parts": lambda: (
        MIXED + b"\n" + (b"--a\n" + UU + b"\nbegin 644 a\n" + b"_\n" * 2_500) * 9_000
    ),
    "NUL": lambda: b"\n" + fill(b"\0"),
    "NUL in the header": lambda: b"X: " + fill(b"\0") + b"\n\nx",
    "name parameters": lambda: b"Content-Disposition: attachment" + fill(b"; filename*0*=a") + b"\n\nx",
    "name parameters below the limit": lambda: (
        b"Content-Disposition: attachment" + fill(b"; filename*0*=a", 3_900_000) + b"\n\nx"
    ),
    "name parameters in parts": lambda: (
        MIXED + b"\n" + (b"--a\nContent-Disposition: attachment" + b"; filename*0*=a(=?" * 250 + b"\n\nx\n") * 9_000
    ),
    "encoded words": lambda: b"Subject: " + fill(b"=?utf-8?q?a?= ") + b"\n\nx",
    "encoded words in a name": lambda: (
        b'Content-Disposition: attachment; filename="' + fill(b"=?utf-8?q?a?= ", 3_900_000) + b'"\n\nx'
    ),
    "messages": lambda: b"Content-Type: message/rfc822\n\n" * 500_000,
    "blank lines": lambda: fill(b" \n"),
    "programs that differ": lambda: (
        MIXED + b"\n" + each(b"--a\n" + QP + b"Content-Transfer-Encoding: 8bit\n\nPK\3\4=41%\n", 9_000)
    ),
}
# Read to the end by every reading, so that there is nothing to tell.
COMPLETE = {
    "equals in base64",
    "CR",
    "CR and LF",
    "NUL",
    "soft breaks",
    "encoded words in a name",
    "dashes",
    "dashes in a multipart",
    "long dashes",
}


def check(raw: bytes) -> dict[str, str]:
    seconds, memory, names, failed = cost(raw)
    assert not failed
    assert seconds < SECONDS * SLACK
    assert memory < MEMORY
    return names


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_soon_and_says_what_it_hid(name: str) -> None:
    limits = [found for found, kind in check(TOP + BOMBS[name]()).items() if kind == Kind.LIMIT]
    assert bool(limits) == (name not in COMPLETE), limits


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_with_every_defect_ends_soon(name: str) -> None:
    check(TOP + DEFECTS["all"] + BOMBS[name]())


@pytest.mark.parametrize("defect", [defect for defect in DEFECTS if defect not in ("sound", "all")])
@pytest.mark.parametrize("name", ["one field", "empty parts", "nested", "CR lines", "dashes in a multipart", "NUL"])
def test_a_bomb_with_one_defect_ends_soon(name: str, defect: str) -> None:
    check(TOP + DEFECTS[defect] + BOMBS[name]())

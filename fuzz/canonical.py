# Invariant: any bytes give None, or a message with one view that holds every leaf that a reader sees and is not changed
# again; only a message that is not read to its end, or that grows beyond measure, gives LimitExceeded.
"""The canonical form of ambiguous mail."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lazaretto.errors import LimitExceeded
from lazaretto.mime.canonical import READINGS, UNION, canonical, shown
from lazaretto.mime.parse import parse
from lazaretto.mime.sights import MAIL, Sights
from lazaretto.model import Finding
from lazaretto.unpack.union import Union

GOLDEN = Path(__file__).parents[1] / "tests" / "golden"
MIXED = b"Content-Type: multipart/mixed; boundary=%s\n"
PARTS = b"--%s\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\naGlkZGVu\n--%s--\n"
SEEDS = (
    *(path.read_bytes() for path in sorted(GOLDEN.glob("*.eml"))),
    b"Subject: a\n" + MIXED % b"a" + MIXED % b"b" + b"\n" + PARTS % (b"a", b"a") + PARTS % (b"b", b"b"),
    b"Subject: x\njunk\nContent_Type: text/plain\nX: \rContent-Type: text/html\n \nContent-Type: a/b\n\n" + b"y" * 99,
    b"Content-Type: message/rfc822\r\n\r\nSubject: \xc3\xa4\r\nContent-Type: message/rfc822\r\n\r\n"
    + MIXED % b"a; boundary=b"
    + b"\n"
    + PARTS % (b"b", b"b"),
    MIXED % b"a" + b"\n--a\n" + MIXED % b"ab" + b"\n--ab\n\nx\n--a\n\n" + PARTS % (b"ab", b"a") + PARTS % (b"a", b"a"),
)


@cache
def _readings() -> tuple[str, ...]:
    return (UNION, "standard", *READINGS[2:5], READINGS[-1])


def target(data: bytes) -> None:
    message = parse(data)
    for reading in _readings():
        try:
            made = canonical(message, reading)
        except LimitExceeded:
            continue
        if made is None:
            return
        again = parse(made)
        assert canonical(again, reading) is None
        assert not [each for each in Union(again).members() if isinstance(each, Finding) or each.view or each.guess]
        new = {leaf.data for leaf in Sights(again).leaves}
        assert all(leaf.data in new or leaf.part.media_type in MAIL for leaf in shown(message, reading))
        newline = b"\r\n" if b"\r\n" in made else b"\n"
        assert made.count(b"\n") == made.count(newline)
        assert made.replace(newline, b"").count(b"\r") == 0
        assert max(map(len, made.split(newline))) <= 998

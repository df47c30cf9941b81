from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.mime import partial
from lazaretto.mime.parse import parse

# RFC 2046, 5.2.2.2
FIRST = (
    b"X-Weird-Header-1: Foo\r\nFrom: Bill@host.example\r\nTo: joe@otherhost.example\r\n"
    b"Date: Fri, 26 Mar 1993 12:59:38 -0500 (EST)\r\nSubject: Audio mail (part 1 of 2)\r\n"
    b'Message-ID: <id1@host.example>\r\nMIME-Version: 1.0\r\nContent-type: message/partial; id="ABC@host.example";\r\n'
    b"   number=1; total=2\r\n\r\n"
    b"X-Weird-Header-1: Bar\r\nX-Weird-Header-2: Hello\r\nMessage-ID: <anotherid@foo.example>\r\n"
    b"Subject: Audio mail\r\nMIME-Version: 1.0\r\nContent-type: audio/basic\r\n"
    b"Content-transfer-encoding: base64\r\n\r\nfirst half of encoded audio data\r\n"
)
SECOND = (
    b"From: Bill@host.example\r\nTo: joe@otherhost.example\r\nDate: Fri, 26 Mar 1993 12:59:38 -0500 (EST)\r\n"
    b"Subject: Audio mail (part 2 of 2)\r\nMIME-Version: 1.0\r\nMessage-ID: <id2@host.example>\r\n"
    b'Content-type: message/partial; id="ABC@host.example"; number=2; total=2\r\n\r\n'
    b"second half of encoded audio data\r\n"
)


def piece(raw: bytes) -> partial.Fragment:
    return pieces_of(raw)[0]


def pieces_of(raw: bytes) -> list[partial.Fragment]:
    message = parse(raw)
    parts = [part for part in message.root.walk() if part.media_type == partial.TYPE]
    return [fragment for part in parts for fragment in partial.fragments(message, part)]


def join(pieces: Iterable[partial.Fragment]) -> bytes | None:
    ways = list(partial.joined(pieces))
    assert len(ways) <= 1
    return ways[0] if ways else None


def of(parameters: bytes, body: bytes = b"x\r\n", more: bytes = b"") -> bytes:
    return (
        b"From: a@b.example\r\nMIME-Version: 1.0\r\n"
        + more
        + b"Content-Type: message/partial"
        + parameters
        + b"\r\n\r\n"
        + body
    )


def test_the_example_of_the_rfc() -> None:
    one, two = piece(FIRST), piece(SECOND)
    assert (one.id, one.number, one.total) == ("ABC@host.example", 1, 2)
    assert (two.id, two.number, two.total) == ("ABC@host.example", 2, 2)
    assert join([two, one]) == (
        b"X-Weird-Header-1: Foo\r\nFrom: Bill@host.example\r\nTo: joe@otherhost.example\r\n"
        b"Date: Fri, 26 Mar 1993 12:59:38 -0500 (EST)\r\n"
        b"Message-ID: <anotherid@foo.example>\r\nSubject: Audio mail\r\nMIME-Version: 1.0\r\n"
        b"Content-type: audio/basic\r\nContent-transfer-encoding: base64\r\n\r\n"
        b"first half of encoded audio data\r\nsecond half of encoded audio data\r\n"
    )


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (b"; id=x; number=2", ("x", 2, 0)),
        (b'; ID="x y"; Number="02"; TOTAL=" 3 of 3"', ("x y", 2, 3)),
        (b"; total=3; number=1; id*=utf-8''x%20y", ("x y", 1, 3)),
        (b"; id=x; number=zero; total=-1", ("x", 0, 0)),
        (b"; id=x; number=99999999999999999999", ("x", 999999999, 0)),
        (b"", ("", 0, 0)),
    ],
)
def test_parameters_are_read_leniently(parameters: bytes, expected: tuple[str, int, int]) -> None:
    found = piece(of(parameters))
    assert (found.id, found.number, found.total) == expected


def test_a_piece_that_is_missing() -> None:
    pieces = [piece(of(b"; id=x; number=%d%s" % (n, b"; total=3" * (n == 3)))) for n in (1, 2, 3)]
    assert partial.complete(pieces)
    for n in range(3):
        left = pieces[:n] + pieces[n + 1 :]
        assert not partial.complete(left)
        assert join(left) is None
    assert join([]) is None
    assert join([piece(of(b"; id=x"))]) is None


def test_two_pieces_of_one_number_are_joined_both() -> None:
    def half(number: int, body: bytes) -> partial.Fragment:
        return piece(of(b"; id=x; number=%d; total=2" % number, body))

    one, other, two, again = half(1, b"\r\na\r\n"), half(1, b"\r\nb\r\n"), half(2, b"c"), half(2, b"d")
    ways = [whole.partition(b"\r\n\r\n")[2] for whole in partial.joined([one, two, other, again, one])]
    assert ways == [b"a\r\nc", b"a\r\nd", b"b\r\nc", b"b\r\nd"]
    assert partial.settled([one, other, two, again])
    more = [half(2, b"%d" % n) for n in range(8)]
    assert partial.crowded([one, other, two, *more])
    assert not partial.settled([one, other, two, *more])
    assert len(list(partial.joined([one, other, two, *more]))) == partial.MAX_WAYS


def test_two_totals_are_believed_both() -> None:
    pieces = [piece(of(b"; id=x; number=%d; total=%d" % (n, total), b"%d\n" % n)) for n, total in ((1, 2), (2, 3))]
    assert [whole[-2:] for whole in partial.joined(pieces)] == [b"2\n"]
    assert partial.complete(pieces)
    assert not partial.settled(pieces)  # who believes the second waits for a third
    pieces.append(piece(of(b"; id=x; number=3", b"3\n")))
    assert [whole[-2:] for whole in partial.joined(pieces)] == [b"2\n", b"3\n"]
    assert partial.settled(pieces)
    assert not partial.settled([*pieces, piece(of(b"; id=x; number=4"))])
    assert not partial.settled([*pieces, piece(of(b"; id=x"))])


def test_pieces_that_contradict_each_other_take_no_time() -> None:
    many = [piece(of(b"; id=x; number=%d; total=%d" % (n, n), b"x")) for n in range(1, 3)]
    one = many[0]
    many = [replace(one, number=n, total=n, body=b"%d" % way) for n in range(1, 5001) for way in range(2)]
    began = time.perf_counter()
    assert partial.crowded(many)
    assert len(list(partial.joined(many))) == partial.MAX_WAYS
    assert time.perf_counter() - began < 2


def test_parameters_that_stand_there_twice_are_two_readings() -> None:
    found = pieces_of(of(b"; id=x; number=1; total=2; id=y; number=2"))
    assert [(each.id, each.number, each.total) for each in found] == [("x", 1, 2), ("y", 2, 2)]


@pytest.mark.parametrize("id", ["", "ABC@host.example", "a\nb, of c", "\ud800é\u202e", "x" * 998, "piece 1 of 2"])
@pytest.mark.parametrize("total", [0, 12])
def test_what_is_described_can_be_read(id: str, total: int) -> None:
    fragment = partial.Fragment(id, 7, total, b"", b"body")
    line = partial.describe(fragment)
    assert line.isascii() or "…" in line
    assert line.isprintable()
    assert len(line) < 400
    read = partial.read(line)
    assert read is not None
    assert (read.number, read.total) == (7, total)
    assert read == partial.read(partial.describe(replace(fragment, header=b"other")))
    assert read != partial.read(partial.describe(replace(fragment, id=id + "x")))
    assert read != partial.read(partial.describe(replace(fragment, body=b"other")))


@pytest.mark.parametrize("line", ["", "piece 1 of 2", "3 more pieces of messages", "piece 1 of 2, xyz, of a"])
def test_other_lines_are_no_pieces(line: str) -> None:
    assert partial.read(line) is None


def test_pieces_in_a_multipart_meet_at_a_line_break() -> None:
    def inside(number: int, body: bytes) -> bytes:
        head = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        return (
            head + b"Content-Type: message/partial; id=x; number=%d; total=2\r\n\r\n" % number + body + b"\r\n--b--\r\n"
        )

    joined = join([piece(inside(1, b"Subject: x\r\n\r\nfirst")), piece(inside(2, b"second"))])
    assert joined == b"Subject: x\r\n\r\nfirst\r\nsecond"


def test_an_encoding_that_is_not_allowed_is_undone() -> None:
    raw = of(
        b"; id=x; number=1; total=1", b"U3ViamVjdDogeA0KDQpoZWxsbw==", more=b"Content-Transfer-Encoding: base64\r\n"
    )
    decoded, as_it_stands = partial.joined(pieces_of(raw))
    assert decoded.endswith(b"Subject: x\r\n\r\nhello")
    assert as_it_stands.endswith(b"U3ViamVjdDogeA0KDQpoZWxsbw==")


def test_more_pieces_than_are_ever_joined() -> None:
    assert not partial.complete([piece(of(b"; id=x; number=1; total=999999999"))])


def test_what_is_joined_is_what_was_cut() -> None:
    body = b"".join(b"line %d\r\n" % n for n in range(100))
    inner = b"Subject: whole\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n" + body
    lines = inner.splitlines(keepends=True)
    cuts = [b"".join(lines[at : at + 30]) for at in range(0, len(lines), 30)]
    pieces = [piece(of(b"; id=x; number=%d; total=%d" % (n, len(cuts)), cut)) for n, cut in enumerate(cuts, 1)]
    joined = join(reversed(pieces))
    assert joined == b"From: a@b.example\r\n" + inner


@given(st.lists(st.tuples(st.binary(max_size=40), st.binary(max_size=80)), max_size=4))
def test_any_bytes(given: list[tuple[bytes, bytes]]) -> None:
    pieces = [
        each for parameters, body in given for each in pieces_of(of(b"; id=x; number=1; total=1;" + parameters, body))
    ]
    for whole in partial.joined(pieces):
        assert b"\r\n\r\n" in whole or whole.startswith(b"\r\n")
    for each in pieces:
        assert partial.read(partial.describe(each))

"""Pieces of a message are put together wherever they lie, and what is missing is said."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest

from lazaretto import config
from lazaretto.config import Unpack
from lazaretto.mime import parse, partial
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.unpack import tree
from lazaretto.unpack.limits import Budget

NOTE = b"Content-Type: text/plain\r\n\r\nhello\r\n"


def whole(payload: bytes) -> list[bytes]:
    """A message with this file, cut into two pieces in the middle of its base64."""
    coded = base64.b64encode(payload)
    half = len(coded) // 2
    head = (
        b"Subject: whole\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return [head + coded[:half] + b"\r\n", coded[half:] + b"\r\n"]


def entity(number: int, body: bytes, *, total: int = 2, id: bytes = b"x@y", head: bytes = b"") -> bytes:
    return head + b"Content-Type: message/partial; id=%s; number=%d; total=%d\r\n\r\n" % (id, number, total) + body


def mail(number: int, body: bytes, **more: Any) -> bytes:
    return entity(number, body, head=b"From: a@b.example\r\nMIME-Version: 1.0\r\n", **more)


def mixed(*parts: bytes) -> bytes:
    head = b"From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    return head + b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"


def mbox(*mails: bytes) -> bytes:
    return b"".join(b"From a@b.example Tue Nov  3 10:00:00 2026\r\n" + each + b"\r\n" for each in mails)


def message(kit: Any, raw: bytes, **limits: int) -> tuple[dict[str, Artifact], list[Finding]]:
    chosen = Unpack.model_validate(limits) if limits else config.Unpack()
    things = list(tree.explode_message(parse.parse(raw), Budget(chosen), kit.unpackers()))
    found = {thing.path: thing for thing in things if isinstance(thing, Artifact)}
    return found, [thing for thing in things if isinstance(thing, Finding)]


def named(findings: list[Finding]) -> set[str]:
    return {finding.name for finding in findings if finding.severity > Severity.INFORMATIONAL}


def test_pieces_of_one_message_are_joined(kit: Any) -> None:
    one, two = whole(kit.payload)
    found, findings = message(kit, mixed(NOTE, entity(2, two), entity(1, one)))
    (joined,) = [each for path, each in found.items() if path.startswith("~joined/") and "!" not in path]
    assert (joined.declared, joined.part, joined.depth) == ("message/rfc822", "", 1)
    (file,) = [each for each in found.values() if each.data == kit.payload]
    assert (file.parent, file.part) == (joined.path, "")
    assert named(findings) == set()
    told = [partial.read(finding.evidence[0]) for finding in findings if finding.name == "mime.partial-joined"]
    assert [(each.id, each.number, each.total) for each in told if each] == [("x@y", 2, 2), ("x@y", 1, 2)]


def test_the_part_that_holds_them_all(kit: Any) -> None:
    one, two = whole(kit.payload)
    inner = mixed(entity(1, one), entity(2, two)).replace(b"boundary=b", b"boundary=c").replace(b"--b", b"--c")
    found, _ = message(kit, mixed(NOTE, inner))
    assert [each.part for each in found.values() if each.data == kit.payload] == ["2"]
    found, _ = message(kit, mixed(NOTE, entity(1, one + two, total=1)))
    assert [each.part for each in found.values() if each.data == kit.payload] == ["2"]


@pytest.mark.parametrize("way", ["mbox", "forwarded", "zip"])
def test_pieces_in_several_messages_are_joined(kit: Any, way: str) -> None:
    mails = [mail(number, body) for number, body in enumerate(whole(kit.payload), 1)]
    if way == "mbox":
        found = kit.exploded(mbox(*reversed(mails)))
    elif way == "zip":
        found = kit.exploded(kit.zip_of({"1.eml": mails[0], "2.eml": mails[1]}))
    else:
        found = kit.exploded(mixed(NOTE, *(b"Content-Type: message/rfc822\r\n\r\n" + each for each in mails)))
    assert found.holds(kit.payload)
    assert named(found.findings) == set()


@pytest.mark.parametrize(("number", "total"), [(1, 2), (2, 2), (1, 0), (0, 0), (1, 20_000)])
def test_a_piece_that_waits_is_a_limit(kit: Any, number: int, total: int) -> None:
    (finding,) = message(kit, mail(number, NOTE, total=total))[1]
    assert (finding.name, finding.kind, finding.severity) == ("mime.partial", Kind.LIMIT, Severity.MEDIUM)
    assert finding.artifact is None
    read = partial.read(finding.evidence[0])
    assert read
    assert (read.id, read.number, read.total) == ("x@y", number, total)


def test_pieces_of_two_messages_do_not_make_one(kit: Any) -> None:
    one, two = whole(kit.payload)
    found, findings = message(kit, mixed(entity(1, one), entity(2, two, id=b"other")))
    assert not any(path.startswith("~joined") for path in found)
    assert [finding.name for finding in findings].count("mime.partial") == 2


def test_each_of_two_pieces_with_one_number_is_joined(kit: Any) -> None:
    one, two = whole(kit.payload)
    decoy = entity(1, b"Subject: nothing\r\n\r\nnothing\r\n")
    for parts in ([decoy, entity(1, one), entity(2, two)], [entity(1, one), decoy, entity(2, two)]):
        found, findings = message(kit, mixed(*parts))
        assert any(each.data == kit.payload for each in found.values())
        assert named(findings) == set()


def test_too_many_of_one_number_are_a_finding(kit: Any) -> None:
    one, two = whole(kit.payload)
    decoys = [entity(1, b"Subject: %d\r\n\r\nnothing\r\n" % n) for n in range(16)]
    _, findings = message(kit, mixed(*decoys, entity(1, one), entity(2, two)))
    assert {"mime.partial", "mime.partial-conflict"} <= named(findings)


def test_a_piece_that_only_another_reader_sees(kit: Any) -> None:
    """The first Content-Type counts for us, the last for others."""
    one, two = whole(kit.payload)
    hidden = [b"Content-Type: text/plain\r\n" + entity(number, body) for number, body in enumerate((one, two), 1)]
    found, _ = message(kit, mixed(*hidden))
    assert any(each.data == kit.payload for each in found.values())


def test_a_message_in_pieces_in_pieces(kit: Any) -> None:
    inner = mixed(*(entity(number, body, id=b"in@y") for number, body in enumerate(whole(kit.payload), 1)))
    inner = inner.replace(b"boundary=b", b"boundary=c").replace(b"--b", b"--c")
    lines = inner.splitlines(keepends=True)
    cut = len(lines) // 2
    found, findings = message(kit, mixed(entity(1, b"".join(lines[:cut])), entity(2, b"".join(lines[cut:]))))
    assert any(each.data == kit.payload for each in found.values())
    assert named(findings) == set()


def test_a_message_that_holds_itself_ends(kit: Any) -> None:
    """Joined, it brings another first piece of its own id, and so on."""
    inner = b"Subject: x\r\n\r\nend\r\n"
    for _ in range(30):
        inner = mail(1, inner, total=1)
    began = time.perf_counter()
    _, findings = message(kit, inner, depth=8)
    assert "limit.depth" in named(findings) or "mime.partial-conflict" in named(findings)
    assert time.perf_counter() - began < 5


def test_many_pieces_take_no_time(kit: Any) -> None:
    for parts in (
        [entity(n, b"x", total=9000) for n in range(1, 9001)],
        [entity(1, b"%d" % n) for n in range(9000)],
        [entity(1, b"x", id=b"%d" % n) for n in range(9000)],
        [entity(n, b"x", total=n) for n in range(1, 9001)],
    ):
        began = time.perf_counter()
        message(kit, mixed(*parts))
        assert time.perf_counter() - began < 8

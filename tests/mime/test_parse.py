from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime import parse as module
from lazaretto.mime.parse import parse
from lazaretto.model import Part

MIXED = b"Content-Type: multipart/mixed; boundary=%s\r\n\r\n"


def shape(raw: bytes, **limits: int) -> list[tuple[str, bytes]]:
    """Path and body of every leaf."""
    message = parse(raw, **limits)
    return [(part.path, raw[part.body : part.end]) for part in message.root.walk() if not part.children]


def assert_sound(raw: bytes, root: Part) -> None:
    """Spans nest, are in order and do not overlap; paths count."""
    assert (root.path, root.start, root.end) == ("", 0, len(raw))
    for part in root.walk():
        assert 0 <= part.start <= part.body <= part.end <= len(raw)
        at = part.body
        for number, child in enumerate(part.children, 1):
            assert child.path == f"{part.path}.{number}".lstrip(".")
            assert at <= child.start
            assert child.end <= part.end
            at = child.end


@settings(max_examples=300, deadline=None)
@given(raw=st.from_type(bytes))
def test_any_bytes_give_sound_spans(raw: bytes) -> None:
    assert_sound(raw, parse(raw).root)


def test_golden_spans_are_sound(golden: bytes) -> None:
    assert_sound(golden, parse(golden).root)


def test_every_prefix_of_a_mail_is_read(golden: bytes) -> None:
    for size in range(len(golden)):
        assert_sound(golden[:size], parse(golden[:size]).root)


def test_the_line_end_before_a_delimiter_is_not_the_parts() -> None:
    raw = MIXED % b"a" + b"--a\r\n\r\none\r\n\r\n--a\r\n\r\ntwo\r\n--a--\r\n"
    assert shape(raw) == [("1", b"one\r\n"), ("2", b"two")]


def test_empty_parts() -> None:
    raw = MIXED % b"a" + b"--a\r\n--a\r\n\r\n--a\r\nX: y\r\n--a--"
    assert shape(raw) == [("1", b""), ("2", b""), ("3", b"")]


@pytest.mark.parametrize(
    ("line", "count"),
    [(b"--ab", 1), (b"-- a", 1), (b" --a", 1), (b"--a \t", 2), (b"--a text", 2), (b"--a-", 1), (b"--a\r", 2)],
)
def test_what_is_a_delimiter(line: bytes, count: int) -> None:
    raw = MIXED % b"a" + b"--a\r\n\r\none\r\n" + line + b"\r\n\r\ntwo\r\n--a--\r\n"
    assert len(parse(raw).root.children) == count


def test_outer_delimiter_ends_inner_multiparts() -> None:
    raw = MIXED % b"o" + b"--o\r\n" + MIXED % b"i" + b"--i\r\n\r\nin\r\n--o\r\n\r\nout\r\n--i\r\nno part\r\n--o--"
    assert shape(raw) == [("1.1", b"in"), ("2", b"out\r\n--i\r\nno part")]


def test_inner_boundary_that_begins_with_the_outer() -> None:
    raw = MIXED % b"a" + b"--a\r\n" + MIXED % b"ab" + b"--ab\r\n\r\nin\r\n--ab--\r\n--a\r\n\r\nout\r\n--a--"
    assert [path for path, _ in shape(raw)] == ["1.1", "2"]


def test_nested_mail_is_a_leaf() -> None:
    raw = b"Content-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n--a--\n"
    assert [part.media_type for part in parse(raw).root.walk()] == ["message/rfc822"]


def test_limit_of_parts_is_a_defect_and_nothing_is_lost() -> None:
    raw = MIXED % b"a" + b"--a\r\n\r\nx\r\n" * 50
    message = parse(raw, max_parts=11)
    assert len(message.root.children) == 10
    assert message.root.children[-1].end == len(raw)
    assert module.LIMIT_PARTS in message.root.defects


def test_limit_of_depth_is_a_defect() -> None:
    raw = b"".join(MIXED % b"b%d" % level + b"--b%d\r\n" % level for level in range(10)) + b"\r\nx"
    message = parse(raw, max_depth=4)
    assert module.LIMIT_DEPTH in message.root.defects
    assert max(part.path.count(".") + 1 for part in message.root.walk()) == 4
    assert module.LIMIT_DEPTH not in parse(raw).root.defects


HOSTILE = {
    "fields": b"a:\n" * 1_000_000,
    "folds": b"Subject: " + b"\r\n x" * 1_000_000,
    "CRs": b"\r" * 4_000_000,
    "junk lines": b"junk\nX-a: b\n" * 400_000,
    "parameters": b"Content-Type: a/b" + b';x="\\"' * 800_000 + b"\n\n",
    "comments": b"Content-Type: " + b"(" * 4_000_000 + b"\n\n",
    "empty parts": MIXED % b"a" + b"--a\n" * 1_000_000,
    "no delimiters": MIXED % b"a" + b"--ab\n" * 1_000_000,
    "nested": b"".join(MIXED % b"b%d" % level + b"--b%d\r\n" % level for level in range(50_000)),
    "nested, long": b"".join(MIXED % b"b%d" % n + b"--b%d\r\n" % n for n in range(99)) + b"\n--" * 1_400_000,
    "parts without empty lines": MIXED % b"a" + b"--a\njunk\n" * 500_000,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_time_is_linear(case: str) -> None:
    """4 MB each; what is quadratic takes minutes."""
    start = time.process_time()
    parse(HOSTILE[case])
    assert time.process_time() - start < 3


@pytest.mark.parametrize(
    ("case", "limit"),
    [
        ("fields", module.LIMIT_FIELDS),
        ("empty parts", module.LIMIT_PARTS),
        ("nested", module.LIMIT_DEPTH),
        ("nested, long", module.LIMIT_DELIMITERS),
    ],
)
def test_limits_are_told(case: str, limit: str) -> None:
    assert limit in parse(HOSTILE[case]).root.defects


def test_many_near_misses_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_NEAR_MISSES", 10)
    raw = MIXED % b"a" + b"--a\n\nx\n" + b"--ab\n" * 11 + b"--a\n\nhidden\n"
    assert module.LIMIT_DELIMITERS in parse(raw).root.defects

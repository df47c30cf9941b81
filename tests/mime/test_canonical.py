"""What comes out has one view, holds every leaf, and is not touched again."""

from __future__ import annotations

import pytest
from hypothesis import given
from tests.ambiguity.build import Case
from tests.ambiguity.catalogue import cases
from tests.mime.test_views import PLAUSIBLE

from lazaretto.errors import LimitExceeded, Malformed
from lazaretto.mime import canonical as module
from lazaretto.mime.canonical import READINGS, UNION, canonical, shown, verify
from lazaretto.mime.parse import parse
from lazaretto.mime.sights import Sights, ambiguous
from lazaretto.model import Finding
from lazaretto.unpack.union import Union

NESTED = b"Subject: outer\r\nContent-Type: message/rfc822\r\n\r\n"


def leaves(raw: bytes) -> list[bytes]:
    return [leaf.data for leaf in Sights(parse(raw)).leaves]


def holds(raw: bytes, reading: str = UNION) -> None:
    """The invariant."""
    message = parse(raw)
    try:
        made = canonical(message, reading)
    except LimitExceeded:
        return
    if made is None:
        assert not ambiguous(message)
        return
    verify(made)
    assert canonical(parse(made), reading) is None
    new = leaves(made)
    for leaf in shown(message, reading):
        assert leaf.is_mail or leaf.data in new
    assert list(Union(parse(made)).members()) == [each for each in Union(parse(made)).members() if not odd(each)]


def odd(thing: object) -> bool:
    return isinstance(thing, Finding) or bool(getattr(thing, "view", "") or getattr(thing, "guess", False))


@pytest.mark.parametrize("reading", [UNION, "standard"])
@pytest.mark.parametrize("name", PLAUSIBLE)
def test_each_reading_of_the_table(name: str, reading: str) -> None:
    made = canonical(parse(PLAUSIBLE[name]), reading)
    assert made is not None
    assert not any(map(odd, Union(parse(made)).members()))
    new = leaves(made)
    assert [leaf.data for leaf in shown(parse(PLAUSIBLE[name]), reading)] == new
    assert any(b"hidden" in data for data in new) or reading == "standard"


@pytest.mark.parametrize("name", [name for name in PLAUSIBLE if name in READINGS])
def test_one_reading_by_name(name: str) -> None:
    made = canonical(parse(PLAUSIBLE[name]), name)
    assert made is not None
    assert any(b"hidden" in data for data in leaves(made))
    view = next(view for view in Sights(parse(PLAUSIBLE[name])).rivals if view.reading.name == name)
    assert len(leaves(made)) == sum(not part.children for part in view.message.root.walk())


def test_golden(golden: bytes) -> None:
    holds(golden)
    message = parse(golden)
    if not Sights(message).odd:
        assert canonical(message) is None


@pytest.mark.parametrize("case", cases()[::9], ids=lambda case: case.id)
def test_a_sample_of_the_catalogue(case: Case) -> None:
    holds(case.raw)


@given(...)
def test_anything(raw: bytes) -> None:
    holds(raw)
    holds(NESTED + raw, "last-field")


def test_the_shape_of_what_comes_out() -> None:
    raw = (
        b"From: a@b\nSubject: x\nContent-Type: multipart/alternative; boundary=a\nContent-Type: text/html\n\npre\n"
        b"--a\nContent-Type: text/plain; charset=utf-8\n\nHello\n--a\nContent-Type: text/html; charset=latin1\n"
        b'Content-Transfer-Encoding: 8bit\nContent-Disposition: inline; filename="../a.html"\n\n<p>\xe4\n--a--\npost\n'
    )
    made = canonical(parse(raw), "standard")
    assert made is not None
    boundary = parse(made).root.boundary
    assert boundary not in raw
    assert made.replace(boundary, b"B").decode() == (
        'From: a@b\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/alternative;\n boundary="B"\n'
        'Content-Transfer-Encoding: 7bit\n\n--B\nContent-Type: text/plain;\n charset="utf-8"\n'
        'Content-Transfer-Encoding: 7bit\n\nHello\n--B\nContent-Type: text/html;\n charset="latin1"\n'
        'Content-Transfer-Encoding: base64\nContent-Disposition: inline; filename="a.html"\n\nPHA+5A==\n--B--\n'
    )
    union = canonical(parse(raw))
    assert union is not None
    assert canonical(parse(raw)) == union
    root = parse(union).root
    assert [(part.path, part.media_type) for part in root.walk()] == [
        ("", "multipart/mixed"), ("1", "multipart/alternative"), ("1.1", "text/plain"), ("1.2", "text/html"),
        ("2", "text/html"),
    ]  # fmt: skip
    assert parse(union).part("2").disposition == "attachment"  # type: ignore[union-attr]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_line_ends_are_those_of_the_message(newline: bytes) -> None:
    mixed = PLAUSIBLE["last-field"].replace(b"\n", newline) + b"\r\nlast\n"
    made = canonical(parse(mixed))
    assert made is not None
    assert made.count(b"\r\n") == (made.count(b"\n") if newline == b"\r\n" else 0)


def test_a_message_inside_is_made_so_too() -> None:
    raw = NESTED * 4 + PLAUSIBLE["last-field"]
    made = canonical(parse(raw))
    assert made is not None
    inner = parse(made)
    for _ in range(4):
        assert inner.root.media_type == "message/rfc822"
        inner = parse(leaves(inner.raw)[0])
    assert any(b"hidden" in data for data in leaves(inner.raw))


def test_a_file_that_is_called_a_message() -> None:
    raw = NESTED.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n") + b"UEsDBAo=\r\n"
    made = canonical(parse(raw))
    assert made is not None
    assert parse(made).root.media_type == "application/octet-stream"
    assert leaves(made) == [b"PK\x03\x04\n"]


def test_eight_bits_in_the_header_of_a_message_inside() -> None:
    raw = NESTED + b"Subject: \xc3\xa4\r\n" + PLAUSIBLE["last-field"]
    made = canonical(parse(raw))
    assert made is not None
    assert b"Content-Transfer-Encoding: 8bit\r\n" in made
    assert b"8bit" not in (canonical(parse(raw.replace(b"\xc3\xa4", b"a"))) or b"8bit")


def test_what_would_grow_beyond_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ALWAYS", 10)
    monkeypatch.setattr(module, "_MOST_GROWTH", 1)
    with pytest.raises(LimitExceeded, match="larger"):
        canonical(parse(b"Content-Type: a/b\nContent-Type: c/d\n\n"))
    monkeypatch.undo()
    monkeypatch.setattr(module, "MAX_PARTS", 1)
    with pytest.raises(LimitExceeded, match="parts"):
        canonical(parse(PLAUSIBLE["last-field"]))


def test_what_leaves_a_doubt_is_not_delivered() -> None:
    for raw in PLAUSIBLE.values():
        if not set(parse(raw).root.defects) <= {"no-separator", "stray-boundary"}:
            with pytest.raises(Malformed):
                verify(raw)

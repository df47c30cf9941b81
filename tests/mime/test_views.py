"""Each reading of the table sees what the standard one does not."""

from __future__ import annotations

import pytest

from lazaretto.mime.parse import LIMIT_BOUNDARIES, parse
from lazaretto.mime.readings import RIVALS
from lazaretto.mime.transfer import body
from lazaretto.mime.views import rivals, too_many_boundaries

TEXT = b"Content-Type: text/plain\n\n"
MIXED = b"Content-Type: multipart/mixed; boundary=a\n"


def parts(boundary: bytes, line: bytes = b"\n") -> bytes:
    return b"--%s\nX: y\n\nhidden%s--%s--\n" % (boundary, line, boundary)


CASES = {
    "last-field": b"Content-Type: text/plain\n" + MIXED + b"\n" + parts(b"a"),
    "boundary-2": b"Content-Type: multipart/mixed; boundary=b; boundary=a\n\n--b\n\nx\n--b--\n" + parts(b"a"),
    "blank-ends-header": b"Subject: x\n \nContent-Type: text/plain\nX: hidden\n\ny",
    "junk-ends-header": b"Subject: x\njunk\nX-Y: z\n\nhidden",
    "junk-skipped": b"Subject: x\njunk\nContent_Type: text/plain\n\nhidden",
    "prefix": MIXED + b"\n--a\n\nx\n--ab\nX: y\n\nhidden\n--a--\n",
    "cr-before-crlf": b"Subject: x\r\r\nX: hidden\n\ny",
    "cr-line-end": b"Subject: x\r" + MIXED + b"\n" + parts(b"a"),
    "controls-dropped": b"Content-\0Type: multipart/mixed; boundary=a\n\n" + parts(b"a"),
    "observed": b"Content-Type: multi/mixed; boundary=a\n\n--a\nContent-Type: text/plain\n\nhidden\n--a--\n",
}


@pytest.mark.parametrize("name", [b"* ", b"\xff", b"\0"])
def test_a_name_that_is_none_ends_the_header_for_some(name: bytes) -> None:
    """Python's email takes it for the beginning of the body: the "fields" are its lines."""
    raw = b"Content-Transfer-Encoding: base64\n%s:aGlkZGVu\n\nx" % name
    assert b"hidden" in [body(view.message, view.message.root)[:6] for view in rivals(parse(raw), odd(raw))]


# Those that somebody is known to have.
PLAUSIBLE = {reading.name: CASES[reading.name] for reading in RIVALS if reading.plausible and reading.name in CASES}


def odd(raw: bytes) -> frozenset[str]:
    return frozenset(defect for part in parse(raw).root.walk() for defect in part.defects)


@pytest.mark.parametrize("name", CASES)
def test_a_rival_sees_another_part(name: str) -> None:
    raw = CASES[name]
    message = parse(raw)
    leaves = [body(message, part) for part in message.root.walk() if not part.children]
    views = {view.reading.name: view.message for view in rivals(message, odd(raw))}
    seen = [body(views[name], part) for part in views[name].root.walk() if not part.children]
    assert set(seen) != set(leaves)
    assert any(b"hidden" in one for one in seen)


def test_the_table_has_a_case_for_each_reading() -> None:
    shown = {*CASES, "pasted"} | {f"boundary-{number}" for number in range(3, 9)}
    assert {reading.name for reading in RIVALS} == shown


def test_golden_mails_without_defects_have_one_view(golden: bytes) -> None:
    if not odd(golden):
        assert list(rivals(parse(golden), frozenset())) == []


def test_rivals_that_come_to_the_same_are_dropped() -> None:
    raw = b'Content-Type: multipart/mixed; boundary="a"; boundary=a\n\n' + parts(b"a")
    assert list(rivals(parse(raw), odd(raw))) == []


def test_a_message_that_met_a_limit_is_not_read_again() -> None:
    raw = CASES["last-field"]
    assert list(rivals(parse(raw), odd(raw) | {"limit-parts"})) == []


def test_more_boundaries_than_are_followed_are_told() -> None:
    names = [b"b%d" % number for number in range(12)]
    field = b"Content-Type: multipart/mixed" + b"".join(b"; boundary=" + name for name in names)
    raw = field + b"\n\n" + b"".join(map(parts, names))
    assert too_many_boundaries(parse(raw), odd(raw)) == (LIMIT_BOUNDARIES,)
    assert too_many_boundaries(parse(CASES["boundary-2"]), odd(CASES["boundary-2"])) == ()

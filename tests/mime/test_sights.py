from __future__ import annotations

import pytest
from tests.mime.test_views import MIXED, PLAUSIBLE, parts

from lazaretto.errors import LimitExceeded
from lazaretto.mime.parse import parse
from lazaretto.mime.readings import RIVALS
from lazaretto.mime.sights import MAX_NESTED, Sights, ambiguous
from lazaretto.mime.views import View

RFC822 = b"Content-Type: message/rfc822\n\n"


@pytest.mark.parametrize("name", PLAUSIBLE)
def test_another_reading_shows_more(name: str) -> None:
    sights = Sights(parse(PLAUSIBLE[name]))
    shown = [leaf.data for leaf in (*sights.leaves, *sights.others)]
    assert any(b"hidden" in data for data in shown)
    assert len(set(shown)) == len(shown)
    assert sights.ambiguous


def test_a_sound_mail_has_one_view(golden: bytes) -> None:
    message = parse(golden)
    sights = Sights(message)
    if not sights.odd:
        assert sights.others == []
        assert not ambiguous(message)


def test_what_nobody_is_known_to_see_does_not_count() -> None:
    pasted = b"Content-Type: text/plain\n\nSee:\n--a\nContent-Type: text/html\n\nx\n--a--\n"
    assert not ambiguous(parse(pasted))


def test_a_reading_that_shows_less() -> None:
    """Python and munpack end a multipart at its close-delimiter."""
    after = MIXED + b"\n--a\n\nx\n--a--\n--a\n\nhidden\n--a--\n"
    sights = Sights(parse(after))
    assert sights.others == []
    assert sights.ambiguous


def test_a_reading_that_leaves_out_a_part() -> None:
    sights = Sights(parse(MIXED + b"\n--a\n\nx\n--a\n\ny\n--a--\n"))
    sights.rivals = [View(RIVALS[0], parse(MIXED + b"\n--a\n\nx\n--a--\n"))]
    assert sights.others == []
    assert sights.ambiguous


@pytest.mark.parametrize("encoding", [b"base64", b"quoted-printable"])
def test_an_encoded_message(encoding: bytes) -> None:
    head = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: " + encoding
    body = b"U3ViamVjdDogeAoKeQ==\n" if encoding == b"base64" else b"Subject: x=\n\n\ny"
    assert ambiguous(parse(head + b"\n\n" + body))


def test_a_message_inside_is_looked_at() -> None:
    assert ambiguous(parse(RFC822 * 3 + PLAUSIBLE["last-field"]))
    assert not ambiguous(parse(RFC822 * 3 + MIXED + b"\n" + parts(b"a")))


def test_what_is_not_read_to_its_end_has_no_answer() -> None:
    with pytest.raises(LimitExceeded, match="messages"):
        ambiguous(parse(RFC822 * (MAX_NESTED + 2) + b"Subject: x\n\ny"))
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (each, each) for each in range(110))
    with pytest.raises(LimitExceeded, match="limit-depth"):
        ambiguous(parse(deep))

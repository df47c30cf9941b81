"""Real mail programs, and what each of them sees in ambiguous mail: as it came they disagree, in its canonical form all
of them see the same.

Asked are Python's email, munpack, ripMIME, mutt (through its attachment menu), Dovecot's parser (IMAP BODYSTRUCTURE and
BINARY), postal-mime and mailparser.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.ambiguity.catalogue import cases
from tests.e2e.readers.imap import Imap
from tests.e2e.readers.node import Node
from tests.e2e.readers.programs import munpack, mutt, python_email, ripmime
from tests.e2e.servers.dovecot import Dovecot
from tests.mime.test_views import PLAUSIBLE

from lazaretto.errors import LimitExceeded
from lazaretto.mime.canonical import canonical
from lazaretto.mime.parse import parse
from lazaretto.mime.sights import MAIL
from lazaretto.mime.transfer import body
from lazaretto.model import Part

pytestmark = [pytest.mark.e2e, pytest.mark.root]

# Two messages inside a message, an empty part, names, what is in no part; and all that the table of readings is about.
INSIDE = b"Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: message/rfc822\n\n%s\n--m--\n"
OWN = {f"view/{name}": raw for name, raw in PLAUSIBLE.items()} | {
    "own/inside": INSIDE % (INSIDE.replace(b"=m", b"=n").replace(b"--m", b"--n") % PLAUSIBLE["last-field"]),
    "own/inside-alone": b"Subject: x\nContent-Type: message/rfc822\n\n" + PLAUSIBLE["boundary-2"],
    "own/names": PLAUSIBLE["boundary-2"].replace(
        b"X: y", b"Content-Type: a/b\nContent-Disposition: attachment; filename*=utf-8''%E2%82%AC.bin"
    ),
}
EVERY = OWN | {case.id: case.raw for case in cases()[::3]}


class Readers:
    def __init__(self, imap: Imap, node: Node) -> None:
        self._imap, self._node = imap, node

    def see(self, raw: bytes) -> dict[str, list[bytes]]:
        """By the name of the reader."""
        return {
            "python": python_email(raw),
            "ripmime": opened_by_ripmime(raw),
            "munpack": munpack(raw),
            "dovecot": self._imap.leaves(raw),
            **self._node.leaves(raw),
        }


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Dovecot() as dovecot, closing(Imap(dovecot)) as imap, closing(Node()) as node:
        yield Readers(imap, node)


def made(raw: bytes) -> bytes | None:
    try:
        return canonical(parse(raw))
    except LimitExceeded:
        return None  # held instead


def parts(raw: bytes) -> list[tuple[Part, bytes]]:
    """All parts, messages inside opened, in the order of the bytes."""
    found = []
    waiting = [(parse(raw), parse(raw).root)]
    while waiting:
        message, part = waiting.pop()
        data = body(message, part)
        found.append((part, data))
        if part.media_type in MAIL:
            inner = parse(data)
            waiting.append((inner, inner.root))
        waiting += [(message, each) for each in reversed(part.children)]
    return found


def leaves(raw: bytes) -> list[bytes]:
    return [data for part, data in parts(raw) if not part.children and part.media_type not in MAIL]


def digests(found: list[bytes]) -> list[str]:
    """Text may have the line ends of the machine, and a last one more or less: that is no other content."""
    return [hashlib.sha256(data.replace(b"\r\n", b"\n").rstrip(b"\r\n")).hexdigest()[:16] for data in found]


CANONICAL = {name: new for name, raw in EVERY.items() if (new := made(raw)) is not None}


def test_there_is_enough_to_read() -> None:
    assert set(OWN) <= set(CANONICAL)
    assert len(CANONICAL) >= 120


@pytest.mark.parametrize("name", CANONICAL)
def test_all_readers_see_the_same(name: str, readers: Readers) -> None:
    raw = CANONICAL[name]
    wanted = leaves(raw)
    seen = readers.see(raw)
    assert of_munpack(seen.pop("munpack")) in [of_munpack(each) for each in shown_by_munpack(raw)]
    assert digests(seen.pop("ripmime")) == digests([data for data in wanted if data.strip()])
    for reader, found in seen.items():
        assert digests(found) == digests(wanted), reader


@pytest.mark.parametrize("name", [*OWN, *[name for name in CANONICAL if name not in OWN][::4]])
def test_mutt_sees_the_same(name: str) -> None:
    raw = CANONICAL[name]
    listed = entries(raw)
    *saved, again = mutt(raw, len(listed))
    assert again == saved[-1]  # it has no more
    found = [
        data for data, part in zip(saved, listed, strict=True) if not part.children and part.media_type not in MAIL
    ]
    assert digests(found) == digests(leaves(raw))


@pytest.mark.parametrize("name", [name for name in OWN if name.startswith("view/")])
def test_they_did_not_before(name: str, readers: Readers) -> None:
    seen = {tuple(digests(found)) for found in readers.see(OWN[name]).values()}
    assert len(seen) > 1


def opened_by_ripmime(raw: bytes) -> list[bytes]:
    """It writes a message that has a file name before it opens it, which it does one level further down."""
    messages = [(part, data) for part, data in parts(raw) if part.media_type in MAIL]
    named = any(part.names for part, _ in messages)
    whole = set(digests([data for _, data in messages]))
    return [data for data in ripmime(raw, 3 if named else 2) if digests([data])[0] not in whole]


def of_munpack(found: list[bytes]) -> list[str]:
    """It drops every CR of a text."""
    return digests([data.replace(b"\r", b"") for data in found])


def shown_by_munpack(raw: bytes) -> list[list[bytes]]:
    """All leaves, or those without a text that is a whole message: not encoded, that is no attachment to it."""
    attached, alone = [], True
    for part, data in parts(raw):
        if not part.children and part.media_type not in MAIL and not (alone and part.media_type.startswith("text/")):
            attached.append(data)
        alone = part.media_type in MAIL
    return [leaves(raw), attached]


def entries(raw: bytes) -> list[Part]:
    """What mutt lists: all parts but the outermost multipart, if it is none of alternatives."""
    listed = [part for part, _ in parts(raw)]
    hidden = listed[0].children and listed[0].media_type != "multipart/alternative"
    return listed[1:] if hidden else listed

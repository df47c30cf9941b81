# Invariant: each file and text that another reader of mail decodes (Python's email under two policies; munpack where
# it is installed) is among what we inspect, or a finding holds the message.  What it shows
# undecoded is a piece of something that we inspect; only programs, archives and documents that open have to be found
# from their first byte.  Of two readers that skip damage in ways of their own the promise is what matters of it:
# - of a text two pieces, cut between lines or in front of what looks like a delimiter: a reader that ends the header
#   early shows fields in front of what it decodes, one that overlooks a delimiter shows it behind;
# - of a file all but a few bytes at both ends, which are no file themselves: what decoding the end of a header, a
#   delimiter or a footer adds;
# - of a text that damage turned into noise, the runs that can still be read;
# - of what is shorter than a word nothing.
# Line ends, blanks and "=" do not count: readers rewrite the first and leave soft line breaks standing.
"""Differential: the union of readings against readers that were written by others."""

from __future__ import annotations

import email
import email.policy
import re
import shutil
import subprocess
import tempfile
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path

from fuzz._mails import held, looked_at, mails, opened

from lazaretto.unpack import grade
from lazaretto.unpack.signatures import MAIL

SEEDS = mails()
# Not ripmime: it decodes what follows a base64 part as base64, whatever the fields say, and shows much that is nothing.
_NOT_COUNTED = b"= \t\r\n"
_NO_ESCAPE = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*[\r\n])")
_READABLE = 40  # bytes
_SHORTEST = 8  # bytes of a text; what others make of a damaged header is shorter
_TAIL = 100  # bytes
_RUN = re.compile(rb"[\t\r\n\x20-\x7e]{40,}")  # as _READABLE
_CUT = re.compile(rb"(?<=[\r\n])|(?=--)")
_SECONDS = 5  # for one mail; what hangs another reader is its own flaw


def target(data: bytes) -> None:
    artifacts, findings = looked_at(data)
    if held(findings):
        return
    ours = {_plain(artifact.data) for artifact in artifacts}
    everything = b"\0".join([_plain(data), *ours])
    # munpack takes fields in the middle of a body for those of a part, without a delimiter.
    fields = any(b"content-transfer" in one.data.lower() for one in artifacts if one.type != MAIL)
    for reader, leaf in _leaves(data, with_munpack=not fields):
        theirs = _plain(leaf)
        if not _is_something(leaf, ours) or theirs in ours or (theirs in everything and not _active(leaf)):
            continue
        if not _active(leaf) and (_in_two_pieces(leaf, everything) or _noise_aside(leaf, everything)):
            continue
        assert any(_same_but_ends(one, theirs) for one in ours), f"{reader} sees {leaf[:300]!r}"


def _plain(data: bytes) -> bytes:
    return data.translate(None, _NOT_COUNTED)


def _same_but_ends(one: bytes, other: bytes) -> bool:
    """Cut short it holds nothing that the whole does not; what decoding a header, a delimiter or a footer adds is
    nothing."""
    if one.startswith(other):
        return True
    at = other.find(one) if one else -1
    ends = other[:at], other[at + len(one) :]
    most = _TAIL if _active(one) else min(_TAIL, len(one) // 10)
    return at >= 0 and len(other) - len(one) <= most and not any(map(_active, ends))


def _in_two_pieces(text: bytes, everything: bytes) -> bool:
    """Whether a beginning of it stands in what we inspect, and so does the rest."""
    cuts = [0, *(cut.start() for cut in _CUT.finditer(text)), len(text)]
    # Of a piece that stands there every beginning does.
    longest = bisect_left(cuts, True, key=lambda cut: _plain(text[:cut]) not in everything) - 1
    return _plain(text[cuts[longest] :]) in everything


def _noise_aside(text: bytes, everything: bytes) -> bool:
    """Whether it is text in part only, and all that can be read of it stands in what we inspect."""
    runs = _RUN.findall(text)
    return runs != [text] and all(_plain(run) in everything or _in_two_pieces(run, everything) for run in runs)


def _is_something(leaf: bytes, ours: set[bytes]) -> bool:
    """A file that opens to something new, or a text, at least at its beginning: what base64 makes of a delimiter or of
    a header is neither, and of a damaged archive nobody gets anything."""
    if _active(leaf):
        inside = opened(leaf)
        return inside is not None and (not inside or any(_plain(each) not in ours for each in inside))
    if len(leaf) < _SHORTEST:
        return False
    return leaf[:_READABLE].isascii() and leaf[:_READABLE].translate(None, _NOT_COUNTED).decode().isprintable()


def _active(leaf: bytes) -> bool:
    return any(grade.difference([], [grade.Seen((), leaf)]))


def _leaves(data: bytes, *, with_munpack: bool) -> Iterator[tuple[str, bytes]]:
    for policy in (email.policy.compat32, email.policy.default):
        for leaf in _python(data, policy):
            yield "email", leaf
    # Of quoted-printable with a flaw munpack makes bytes that nobody wrote.
    flawed = _NO_ESCAPE.search(data) is not None and b"quoted-printable" in data.lower()
    for leaf in _munpack(data) if with_munpack and not flawed else ():
        if _active(leaf):
            yield "munpack", leaf


def _python(data: bytes, policy: email.policy.Policy) -> list[bytes]:
    found: list[bytes] = []
    try:
        for part in email.message_from_bytes(data, policy=policy).walk():  # type: ignore[arg-type]
            leaf = None if part.is_multipart() else part.get_payload(decode=True)
            found += [leaf] * isinstance(leaf, bytes)
    except Exception:  # noqa: BLE001  # email raises much on hostile input: then it shows nothing more
        return found
    return found


def _munpack(data: bytes) -> list[bytes]:
    """What it writes into an empty folder."""
    if not (path := shutil.which("munpack")):
        return []
    with tempfile.TemporaryDirectory() as top:
        mail, folder = Path(top) / "mail", Path(top) / "parts"
        mail.write_bytes(data)
        folder.mkdir()
        command = [path, "-t", "-f", "-q", "-C", str(folder), str(mail)]
        try:
            subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            return []
        return [file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file() and not file.is_symlink()]

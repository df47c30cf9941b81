# Invariant: any bytes in a CMS, OpenPGP or TNEF container, in their text armour or as pieces of message/partial give
# artifacts and findings within the limits; never an exception, never a finding that an unpacker crashed.  A
# message is joined only when all of its pieces are there, in a bounded number of ways, and is no longer than they are.
"""The containers that only mail has, through the tree, and the joining of a message that was cut up."""

from __future__ import annotations

from functools import cache

from tests.unpack import mailcontainers as make

from lazaretto import config, plugin
from lazaretto.mime import partial
from lazaretto.mime.parse import parse
from lazaretto.model import Artifact, Finding
from lazaretto.unpack import tree
from lazaretto.unpack.limits import Budget

LIMITS = config.Unpack(depth=6, count=60, member_bytes=200_000, total_bytes=500_000, ratio=1000, seconds=2)
TEXT = b"Content-Type: text/plain\r\n\r\nsome text\r\n"
LITERAL = make.packet(11, make.literal(TEXT, b"a.txt"))
RTF = make.lzfu([b"{\\rtf1 ", (5, 9), b"}"], 17)
ATTACHMENT = make.attachment(
    b"data", b"a.txt", [make.prop(0x3707, 0x1F, b"b\0.\0t\0\0\0"), make.prop(0x370E, 0x1E, b"a/b\0")]
)
PIECE = b"Content-Type: message/partial; id=x; number=%d; total=2\r\n\r\nSubject: x\r\n\r\nhello\r\n"

SEEDS = (
    make.signed(TEXT),
    make.signed(TEXT, piece=7),
    make.signed(None),
    make.compressed(make.signed(TEXT)),
    make.enveloped(),
    make.armoured(make.signed(TEXT), b"PKCS7"),
    LITERAL,
    make.packet(4, b"\3\0\x08\1" + bytes(8) + b"\1") + LITERAL + make.packet(2, b"\4\0\1" + bytes(9)),
    make.packet(8, make.packed(LITERAL)),
    make.old_packet(8, make.packed(make.packet(8, make.packed(LITERAL, 0)), 2), 3),
    make.partial_packet(11, make.literal(TEXT * 30)),
    make.packet(3, b"\4\x09\3\x08" + bytes(9)) + make.packet(18, b"\1" + bytes(40)),
    b"Hello\n" + make.armoured(LITERAL) + make.armoured(make.packet(6, bytes(40)), b"PGP PUBLIC KEY BLOCK"),
    make.tnef(
        make.code_page(1252), ATTACHMENT, make.attribute(1, 0x00069003, make.props(make.prop(0x1009, 0x102, RTF)))
    ),
    make.tnef(make.attachment(b"", b"m", [make.prop(0x3701, 0x0D, bytes(16) + make.tnef(ATTACHMENT))])),
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    + PIECE % 1
    + b"\r\n--b\r\n"
    + PIECE % 2
    + b"\r\n--b--\r\n",
)


@cache
def _unpackers() -> list[plugin.Unpacker]:
    return plugin.build(config.load(None, {}), "unpack", plugin.Unpacker)  # type: ignore[type-abstract]  # found


def target(data: bytes) -> None:
    for name in ("x", "x.pgp"):
        things = list(tree.explode(data, (name,), Budget(LIMITS), _unpackers()))
        artifacts = [thing for thing in things if isinstance(thing, Artifact)]
        findings = [thing for thing in things if isinstance(thing, Finding)]
        assert not [finding for finding in findings if finding.name == "unpack.crashed"], findings
        assert sum(len(artifact.data) for artifact in artifacts) <= LIMITS.total_bytes
        assert len({artifact.path for artifact in artifacts}) == len(artifacts)
    message = parse(data)
    parts = [part for part in message.root.walk() if part.media_type == partial.TYPE]
    pieces = [piece for part in parts for piece in partial.fragments(message, part)]
    joined = list(partial.joined(pieces))
    assert len(joined) <= partial.MAX_WAYS
    assert not joined or partial.complete(pieces)
    longest = sum(len(piece.header) + len(piece.body) + 4 for piece in pieces) + 4
    assert all(len(one) <= longest for one in joined)

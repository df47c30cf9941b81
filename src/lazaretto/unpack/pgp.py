"""OpenPGP (RFC 9580): what is only signed, packed or wrapped in armour is read, what is encrypted is said to be so."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import ClassVar

from lazaretto.errors import Encrypted, HostileInput, LimitExceeded, Malformed
from lazaretto.mime import armour, openpgp
from lazaretto.mime.entity import begins_entity
from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import inflate
from lazaretto.unpack.signatures import MAIL, PGP

_SIGNED = "PGP SIGNED MESSAGE"  # RFC 9580 section 7: text as it is, and the signature in a block of its own
_EMPTY = ("SIGNATURE", "KEY BLOCK")  # labels of what holds nothing to read, and by chance may look as if it did
_SUFFIXES = (".pgp", ".gpg", ".asc")


class Pgp(Unpacker):
    """Packets, or any text with armour in it.  What a compressed packet holds is packets again and is opened in its
    turn, under the same limits.  Keys and signatures hold nothing to look at; signed text is text."""

    name: ClassVar[str] = "pgp"
    types: ClassVar[frozenset[str]] = frozenset({PGP})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        data = artifact.data
        named = data[:1] >= b"\x80" and any(name.lower().endswith((".pgp", ".gpg")) for name in artifact.names)
        blocks = [data] if named or artifact.declared == PGP or openpgp.begins(data, exact=False) else []
        # Whatever the line calls it: GnuPG reads a message out of "PGP SIGNATURE" too.
        armoured = (
            (each.data, not each.label.endswith(_EMPTY))
            for each in armour.blocks(data)
            if each.label.startswith("PGP ") and each.label != _SIGNED
        )
        encrypted, trouble = False, None
        for block, expected in chain(((block, True) for block in blocks), armoured):
            walk = _Walk(block, artifact.names)
            try:
                for member in walk.members():
                    member.guess = not expected
                    yield member
            except LimitExceeded:
                raise
            except HostileInput as error:  # of one block; the others are read before it is said
                trouble = trouble or (error if expected else None)
            encrypted = encrypted or walk.encrypted
        if trouble:
            raise trouble
        if encrypted:
            raise Encrypted("an OpenPGP message for somebody's key or password")


class _Walk:
    """One sequence of packets."""

    def __init__(self, data: bytes, names: tuple[str, ...]) -> None:
        self.encrypted = False
        self._data, self._names = data, names
        own = names[0] if names and names[0].lower().endswith(_SUFFIXES) else ""
        self._stem = inflate.stem((own,)) if own else ()

    def members(self) -> Iterator[Member]:
        data, inside = self._data, False
        packets = openpgp.packets(data)
        while True:
            try:
                packet = next(packets, None)
            except Malformed:
                if not inside:  # a damaged key or signature hides nothing from us: there is nothing to read in it
                    return
                raise
            if packet is None:
                return
            if packet.tag in openpgp.HIDDEN and openpgp.is_sound(data, packet):
                self.encrypted = True
            if packet.tag not in (openpgp.LITERAL, openpgp.COMPRESSED):
                continue
            inside = True
            if packet.tag == openpgp.LITERAL:
                yield self._literal(packet)
            else:
                body = packet.body(data)
                yield Member(self._names, _unpacked(body, whole=packet.whole), declared=PGP)

    def _literal(self, packet: openpgp.Packet) -> Member:
        found = openpgp.literal(packet.body(self._data))
        names = tuple(dict.fromkeys(name for name in (found.name, *self._stem) if name))
        # RFC 3156 section 4: what was to be encrypted is an entity whose header may have nothing but Content-*.
        declared = MAIL if begins_entity(found.content) else ""
        return Member(names, _whole(found.content, packet.whole), declared=declared)


def _whole(content: bytes, whole: bool) -> Iterator[bytes]:
    yield content
    if not whole:
        raise Malformed("an OpenPGP packet is cut off")


def _unpacked(body: bytes, *, whole: bool) -> Iterator[bytes]:
    """RFC 9580 section 5.6."""
    make = {
        openpgp.ZIP: inflate.Deflate,
        openpgp.ZLIB: lambda: inflate.Deflate(15),
        openpgp.BZIP2: inflate.bzip2,
    }
    method = body[0] if body else -1
    if method == openpgp.UNCOMPRESSED:
        yield from _whole(body[1:], whole)
        return
    if method not in make:
        raise Malformed("an OpenPGP packet compressed in an unknown way")
    stream = inflate.Stream(make[method], body, 1)
    yield from stream.chunks()
    if not whole or not stream.complete:
        raise Malformed("a compressed OpenPGP packet is cut off")

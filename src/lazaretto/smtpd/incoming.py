"""A message as far as it has come: what the next hop has accepted of its envelope, and its bytes, under limits."""

from __future__ import annotations

import re
from email.utils import format_datetime
from itertools import islice

from lazaretto.model import Address, Envelope, new_id, now
from lazaretto.nexthop import Transaction
from lazaretto.protocols.smtp.command import Mail
from lazaretto.protocols.smtp.data import ends_early, has_bare_newline
from lazaretto.protocols.smtp.reply import Reply
from lazaretto.smtpd.admission import Admission
from lazaretto.smtpd.settings import DoorSettings

MAX_HOPS = 100  # Received fields: RFC 5321 section 6.3 wants at least that many allowed
_HEADER = 2**20  # bytes in which they are looked for
_RECEIVED = re.compile(rb"^received:", re.IGNORECASE | re.MULTILINE)
_UNSAFE = re.compile(r"[^\w.:\[\]-]", re.ASCII)


class Incoming:
    """``refusal`` is the reply that awaits the end of the data once a limit is passed; what comes after that is
    read and dropped (RFC 5321 has no way to interrupt a sender)."""

    def __init__(self, mail: Mail, transaction: Transaction, settings: DoorSettings, admission: Admission) -> None:
        self.id = new_id()
        self.mail, self.transaction = mail, transaction
        self.chunked = False  # BDAT has begun
        self.refusal: Reply | None = None
        self.kept = 0  # bytes
        self._settings, self._admission = settings, admission
        self._pieces: list[bytes] = []

    @property
    def recipients(self) -> tuple[Address, ...]:
        """Each once, however often it was named."""
        return tuple(dict.fromkeys(Address(each.address) for each in self.transaction.accepted))

    def keep(self, piece: bytes) -> None:
        if self.refusal is not None:
            return
        if self.kept + len(piece) > self._settings.max_message_bytes:
            self.refusal = Reply.of("552 5.3.4 Message too big")
        else:
            self.refusal = self._admission.hold(len(piece))
        if self.refusal is not None:
            self.release()
            return
        self.kept += len(piece)
        self._pieces.append(piece)

    def release(self) -> None:
        """Gives the memory back; to be called in the end, may be called twice."""
        self._admission.release(self.kept)
        self.kept = 0
        self._pieces.clear()

    def take(self) -> bytes:
        """All the bytes; sets ``refusal`` when they are not to be handed on."""
        raw = b"".join(self._pieces)
        self._pieces.clear()
        if self.refusal is None:
            self.refusal = self._objection(raw)
        return raw

    def _objection(self, raw: bytes) -> Reply | None:
        if ends_early(raw):
            return Reply.of("550 5.6.0 Dot between bare line ends")  # see protocols/smtp/data.py
        if self._settings.bare_newline == "reject" and has_bare_newline(raw):
            return Reply.of("550 5.6.0 Bare CR or LF")  # RFC 5321 section 2.3.8
        end = raw.find(b"\r\n\r\n", 0, _HEADER)
        header = raw[: end if end >= 0 else _HEADER]
        if len(list(islice(_RECEIVED.finditer(header), MAX_HOPS + 1))) > MAX_HOPS:
            return Reply.of("554 5.4.6 Too many hops")
        return None


def received_field(envelope: Envelope, hostname: str, protocol: str) -> bytes:
    """The trace field of RFC 5321 section 4.4, with the envelope's id; ``protocol`` as in RFC 3848."""
    peer = envelope.peer
    literal = f"[IPv6:{peer.ip}]" if ":" in peer.ip else f"[{peer.ip}]" if peer.ip else "localhost"
    to = envelope.recipients[0].address if len(envelope.recipients) == 1 else ""
    return (
        f"Received: from {_UNSAFE.sub('?', peer.helo)[:255] or 'unknown'} ({literal})\r\n"
        f"\tby {hostname} (Lazaretto) with {protocol} id {envelope.id}"
        + (f"\r\n\tfor <{to}>" if to.isascii() and to.isprintable() and to else "")
        + f";\r\n\t{format_datetime(now())}\r\n"
    ).encode("ascii", "replace")

"""From 354 (or the first BDAT) to the answer: takes the bytes, asks the line, hands the message on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lazaretto.model import Address, Direction, Envelope, now
from lazaretto.protocols.smtp.command import Chunk
from lazaretto.protocols.smtp.reply import Reply
from lazaretto.protocols.smtp.server import Content
from lazaretto.smtpd.handing import Handing
from lazaretto.smtpd.incoming import Incoming, received_field

if TYPE_CHECKING:
    from lazaretto.smtpd.session import Session

BLOCK = 180.0  # seconds of silence within a message (RFC 5321 section 4.5.3.2.5)


async def receive_data(session: Session, incoming: Incoming) -> None:
    session.connection.say(Reply.of("354 End data with <CR><LF>.<CR><LF>"))
    session.connection.codec.begin_data()
    await _read(session, incoming)
    await _finish(session, incoming)


async def receive_chunk(session: Session, incoming: Incoming | None, chunk: Chunk) -> Reply | None:
    """RFC 3030 section 2: the octets follow in any case, and only then is there a reply."""
    if incoming is None or not incoming.transaction.accepted:
        await _read(session, None)
        return Reply.of("503 5.5.1 Bad sequence of commands" if incoming is None else "554 5.5.1 No valid recipients")
    incoming.chunked = True
    await _read(session, incoming)
    if incoming.refusal is not None:
        # Section 2: after a failed chunk the transaction is over, whatever was announced to be last.
        refusal = incoming.refusal
        await session.forget()
        return refusal
    if not chunk.last:
        return Reply(250, (f"2.0.0 {chunk.size} octets received",))
    await _finish(session, incoming)
    return None


async def _read(session: Session, incoming: Incoming | None) -> None:
    """Until the end of the data or chunk.  A message has ``data_timeout`` and as long as its kept bytes take at
    ``min_rate``; what is dropped buys no time."""
    connection, settings = session.connection, session.door.settings
    started = connection.now()
    while True:
        allowed = settings.data_timeout + (incoming.kept / settings.min_rate if incoming else 0)
        left = started + allowed - connection.now()
        if left <= 0:
            raise TimeoutError
        event = await connection.next_event(min(BLOCK, left))
        if not isinstance(event, Content):
            return
        if incoming is not None:
            incoming.keep(event.data)


async def _finish(session: Session, incoming: Incoming) -> None:
    """Answers: once, or on an LMTP door once for each recipient (RFC 2033 section 4.2)."""
    raw = incoming.take()
    count = len(incoming.transaction.accepted)
    try:
        replies = [incoming.refusal] * count if incoming.refusal is not None else await _judge(session, incoming, raw)
    finally:
        await session.forget()
    for reply in replies if session.door.lmtp else replies[:1]:
        session.connection.say(reply)
    session.served()


async def _judge(session: Session, incoming: Incoming, raw: bytes) -> list[Reply]:
    door = session.door
    envelope = _envelope(session, incoming)
    if door.settings.add_received:
        raw = received_field(envelope, door.hostname, session.protocol) + raw
    decision = await door.line.process(raw, envelope)
    handing = Handing(
        next_hop=door.next_hop,
        transaction=incoming.transaction,
        mail=incoming.mail,
        client=session.xforward(),
        id=incoming.id,
        gone=lambda: session.connection.lost,
        lmtp=door.lmtp,
    )
    return await handing.carry_out(decision, raw)


def _envelope(session: Session, incoming: Incoming) -> Envelope:
    door, sender = session.door, Address(incoming.mail.sender)
    peer = session.sender.peer(session.connection.tls)
    direction = door.settings.direction
    return Envelope(
        id=incoming.id,
        door=door.name,
        direction=door.line.direction(peer, sender, incoming.recipients)
        if direction == "auto"
        else Direction(direction),
        sender=sender,
        recipients=incoming.recipients,
        can=door.can,
        received_at=now(),
        peer=peer,
        queue_id=session.sender.ident,
    )

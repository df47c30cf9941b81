"""The header of an entity: where it ends, its fields, and what they say about a message as a whole.

This is the one place that knows how header bytes become fields.  The words inside the values are read by
``words`` (RFC 2047), ``parameters`` (RFC 2045, RFC 2231) and ``addresses``, which are offered from here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lazaretto.mime import defects
from lazaretto.mime.addresses import addresses
from lazaretto.mime.parameters import Parameters, parameters
from lazaretto.mime.readings import BARE_CR, STANDARD, Reading
from lazaretto.mime.words import decode_words, unfold
from lazaretto.model import Address, Message, Part, Properties

__all__ = [
    "Field",
    "Parameters",
    "addresses",
    "decode_words",
    "fields",
    "parameters",
    "properties",
    "split",
    "unfold",
]

MAX_HEADER = 4_000_000  # bytes that are read; Postfix keeps 102,400 (header_size_limit), Exim a megabyte
MAX_FIELDS = 100_000  # fields read of one message; honest ones have under a thousand
SUBJECT_SHOWN = 1_000  # characters, RFC 5322, 2.1.1: a line has at most 998
RECIPIENTS_SHOWN = 1_000  # usual upper limit of an envelope (RFC 5321, 4.5.3.1.10: at least 100)

THREAD = 20  # Message-IDs that name a thread
_LONGEST_ID = 998  # characters
_MESSAGE_ID = re.compile(rb"<[^<>\s]{1,%d}>" % _LONGEST_ID)

# A field name is any run without blanks and colon (RFC 5322, 2.2 allows less), blanks may stand before the
# colon (RFC 5322, 4.5).  Lines end in LF, with any number of CR before it; continuations start with a blank.
_FIELD = re.compile(rb"^([^\s:]++)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*)", re.M)
_BLOCK = re.compile(rb"(?:[^\s:]++[ \t]*+:[^\n]*+\n?+(?:[ \t][^\n]*+\n?+)*)*")
# To the letter of RFC 5322, 2.2, as Python's email has it.
_STRICT_BLOCK = re.compile(rb"(?:[!-9;-~]++:[^\n]*+\n?+(?:[ \t][^\n]*+\n?+)*)*")
_ODD_NAME = re.compile(rb"^(?:[!-9;-~]++[ \t]++|[!-9;-~]*+[^\s!-~][^\s:]*+[ \t]*+):", re.M)
_PRINTABLE = bytes(range(33, 127)) + b" \t\r\n"
_EMPTY = re.compile(rb"\r*+\n")
_MARK = b"\xef\xbb\xbf"  # U+FEFF, the byte order mark
_START = re.compile(rb"(?:\xef\xbb\xbf)?(?:>?From [^\n]*+(?:\n|\Z))?")
# After a line that is no field: an empty line, or a field that nobody writes into a text by chance.
_RESUME = re.compile(
    rb"\n(?:\r*+(?P<empty>\n)|(?i:content-[a-z-]++|mime-version|from|to|cc|subject|date|message-id|received"
    rb"|reply-to|return-path|x-[a-z0-9-]++)[ \t]*+:)"
)
# What can only be meant as one of the two fields that say how a body is to be read, wherever it stands; a list of
# field names, as in a DKIM signature, has no values.
_CONTENT_FIELD = re.compile(
    rb"content[\W_]{0,5}(?:type[\W_]{0,9}(?:[a-z-]{1,20}/[a-z]|multipart)"
    rb"|transfer[\W_]{0,5}encoding[\W_]{0,9}(?:base64|quoted|x-|uu|gzip|binhex|yenc))"
)
_BLANK_LINE = re.compile(rb"\n[ \t]+\r*\n")
_EMPTY_LINE = re.compile(rb"\n\r*\n")
_BLANKS = re.compile(rb"[ \t]+\r*\n")
_CONTROLS = b"\0\x0b\x0c"
_LOOK_AHEAD = 65_536  # bytes after a junk line in which fields are looked for
_MOST_JUNK = 1_000  # junk lines with fields between them; then the rest is body
_VALUE_SHOWN = 65_536  # bytes of a value read for people


class Field(NamedTuple):
    """A header field and where it stands in the message: ``raw[start:end]``, without its last line end."""

    name: str  # lower case
    start: int
    end: int
    value: bytes  # behind the colon, folds and all


def begin(raw: bytes) -> int:
    """Where the first field of a message stands: behind a byte order mark and an mbox "From " line,
    which some mailer may have quoted (">From ")."""
    first = _START.match(raw)
    return first.end() if first else 0


def begins(raw: bytes) -> bool:
    """Whether the first line is a field."""
    return _FIELD.match(raw, begin(raw)) is not None


def split(raw: bytes, start: int, limit: int, reading: Reading = STANDARD) -> tuple[int, tuple[str, ...]]:
    """Where the body begins of an entity at ``start`` that reaches at most to ``limit``, and the defects.

    A line that is no field is skipped if well-known fields follow before an empty line, as most clients do;
    otherwise the body begins there, as Postfix and Python have it.  ``reading`` may have it otherwise.  Behind
    MAX_HEADER bytes only the empty line counts.
    """
    end = limit
    limit = min(limit, start + MAX_HEADER)
    odd: list[str] = []
    at = start
    if start == 0 and (at := begin(raw)):
        odd += [defects.BYTE_ORDER_MARK] * raw.startswith(_MARK)
        odd += [defects.MBOX_LINE] * (at > len(_MARK))
    if reading.blank_ends and (blank := _BLANK_LINE.search(raw, at, limit)):
        limit = blank.end()
    if reading.junk_skipped and (empty := _EMPTY_LINE.search(raw, max(at - 1, 0), limit)):
        return empty.end(), tuple(odd)
    pattern = _STRICT_BLOCK if reading.junk_ends else _BLOCK
    for _ in range(_MOST_JUNK):
        block = pattern.match(raw, at, limit)
        at = block.end() if block else at
        if limit == start + MAX_HEADER < end and raw.find(b"\n", at, limit) < 0:
            empty = _EMPTY_LINE.search(raw, max(at - 1, 0), end)
            return (empty.end(), tuple(odd)) if empty else (end, (*odd, defects.NO_SEPARATOR))
        if at >= limit:
            break
        if empty := _EMPTY.match(raw, at, limit):
            return empty.end(), tuple(odd)
        resume = _RESUME.search(raw, at, min(limit, at + _LOOK_AHEAD))
        if resume is None or resume["empty"] or reading.junk_ends or raw.startswith(b"--", at):
            break  # also at what may be the delimiter of a multipart without an empty line in front of its parts
        if defects.JUNK_LINE not in odd:
            odd.append(defects.JUNK_LINE)
        at = resume.start() + 1
    # Nothing but blanks behind the last field is an empty line that was not left empty.
    blank = _BLANKS.match(raw, at, limit) if reading.blank_ends else None
    return (blank.end() if blank else at), (*odd, defects.NO_SEPARATOR)


def oddities(raw: bytes, start: int, body: int, found: Sequence[Field]) -> tuple[str, ...]:
    """Defects inside a header that give other readers other fields; ``found`` are the Content-* fields in it."""
    block = raw[start:body]
    odd: tuple[str, ...] = ()
    returns = block.count(b"\r")
    if returns and returns != block.count(b"\r\n") and BARE_CR.search(block):
        odd += (defects.BARE_CR,)
    odd += (defects.DOUBLE_CR,) * (returns > 1 and b"\r\r\n" in block)
    if strange := block.translate(None, _PRINTABLE):
        odd += (defects.CONTROLS,) * (len(strange.translate(None, _CONTROLS)) != len(strange))
    if (strange or b" :" in block or b"\t:" in block) and _ODD_NAME.search(block):
        odd += (defects.FIELD_NAME,)
    if _BLANK_LINE.search(block):
        odd += (defects.BLANK_LINE,)
    lowered = block.lower()
    if lowered.count(b"content") > len(found):
        sound = {field.start - start for field in found}
        if any(field.start() not in sound for field in _CONTENT_FIELD.finditer(lowered)):
            odd += (defects.ODD_FIELD,)
    return odd


def scan(raw: bytes, start: int, end: int) -> Iterator[Field]:
    """Fields of the header in ``raw[start:end]``, lazily; lines that are no field are passed over."""
    for match in _FIELD.finditer(raw, start, end):
        name, value, at = match[1], match[2].rstrip(b"\r"), match.start()
        if at == 0 and name.startswith(_MARK):
            name, at = name[3:], 3
        yield Field(name.lower().decode("latin-1"), at, match.start(2) + len(value), value)


def fields(raw: bytes, part: Part) -> list[Field]:
    """All fields of a part in order, at most MAX_FIELDS and MAX_HEADER bytes (the parser records a limit for more)."""
    end = min(part.body, part.start + MAX_HEADER)
    return [field for field, _ in zip(scan(raw, part.start, end), range(MAX_FIELDS), strict=False)]


def thread(message: Message) -> tuple[str, ...]:
    """Message-IDs of the message and of those it refers to (RFC 5322, 3.6.4), its own first, then the newest."""
    found: dict[str, list[bytes]] = {"message-id": [], "in-reply-to": [], "references": []}
    for each in fields(message.raw, message.root):
        if each.name in found:
            found[each.name] += _MESSAGE_ID.findall(unfold(each.value)[: 4 * _LONGEST_ID * THREAD])
    ids = found["message-id"] + found["in-reply-to"] + found["references"][::-1]
    return tuple(each.decode("utf-8", "replace") for each in dict.fromkeys(ids))[:THREAD]


def properties(message: Message) -> Properties:
    """What logs, notices and the console show about a message.  The first field of a name counts, long ones
    are cut (SUBJECT_SHOWN, RECIPIENTS_SHOWN)."""
    first: dict[str, bytes] = {}
    recipients: list[Address] = []
    for field in fields(message.raw, message.root):
        if field.name in ("to", "cc") and len(recipients) < RECIPIENTS_SHOWN:
            recipients.extend(addresses(field.value[:_VALUE_SHOWN]))
        elif field.name in ("subject", "from", "sender", "message-id", "date"):
            first.setdefault(field.name, field.value[:_VALUE_SHOWN])
    senders = addresses(first.get("from") or first.get("sender") or b"")
    return Properties(
        subject=decode_words(first.get("subject", b""))[:SUBJECT_SHOWN],
        sender=senders[0] if senders else Address(""),
        recipients=tuple(recipients[:RECIPIENTS_SHOWN]),
        message_id=decode_words(first.get("message-id", b""))[:SUBJECT_SHOWN],
        date=decode_words(first.get("date", b""))[:SUBJECT_SHOWN],
        size=len(message.raw),
    )

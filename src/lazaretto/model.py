"""The nouns of Lazaretto: every type that crosses a package boundary.

One word for one thing (see ARCHITECTURE.md, "Words").  Frozen dataclasses, standard library only: this
module is importable from anywhere, costs nothing, and its values travel between processes unchanged.

The line, in types::

    door ─► Envelope + raw ─► Message ─► Artifact* ─► Finding* ─► Verdict* ─► Outcome* ─► Event
                                                                     └─────► Decision ─► door
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Flag, IntEnum, StrEnum, auto

# ---------------------------------------------------------------------------- at the door


class Can(Flag):
    """What a door is able to do with a message; policy never asks for more (it takes the nearest)."""

    REPORT = auto()  # tell the caller what was found
    REJECT = auto()  # refuse, so that the sender learns of it
    REPLACE = auto()  # hand on other bytes than came in
    DELETE = auto()  # accept and hand on nothing
    HOLD = auto()  # accept, hand on nothing, and be able to hand it on later
    SPLIT = auto()  # treat groups of recipients differently


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class Priority(IntEnum):
    """Order in which workers are given out; lower goes first."""

    ON_ACCESS = 0  # somebody waits for a mail to open
    DELIVERY = 1  # a mail server waits
    BACKGROUND = 2  # nobody waits


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: ``address`` as in the envelope (no angle brackets, "" for the null sender), and the display name."""

    address: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address or "<>"

    @property
    def domain(self) -> str:
        """What stands after the last @, in lower case; "" when there is none."""
        return self.address.rpartition("@")[2].lower() if "@" in self.address else ""


@dataclass(frozen=True, slots=True)
class Peer:
    """Who handed us the message."""

    ip: str = ""
    helo: str = ""
    tls: str = ""  # protocol version such as "TLSv1.3", "" without TLS
    auth: str = ""  # login name, "" when not authenticated


@dataclass(frozen=True, slots=True)
class Envelope:
    """Everything known about a message besides its bytes."""

    id: str  # ULID given by the door; the event and every log line carry it
    door: str
    direction: Direction
    sender: Address
    recipients: tuple[Address, ...]
    can: Can
    received_at: datetime
    peer: Peer = Peer()
    queue_id: str = ""  # the mail server's own name for it


# ---------------------------------------------------------------------------- the message and what is in it


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME entity, as offsets into ``Message.raw``: header ``[start:body]``, body ``[body:end]``."""

    path: str  # "" for the message itself, "1", "2.1" ... as in IMAP
    start: int
    body: int
    end: int
    media_type: str  # lower case "text/plain"
    charset: str = ""
    names: tuple[str, ...] = ()  # every candidate file name, most credible first
    disposition: str = ""
    encoding: str = ""  # Content-Transfer-Encoding, lower case, "" when absent
    boundary: bytes = b""
    content_id: str = ""
    defects: tuple[str, ...] = ()
    children: tuple[Part, ...] = ()

    def walk(self) -> list[Part]:
        """This part and all below it, in the order of the bytes (a list, built without recursion)."""
        found, waiting = [], [self]
        while waiting:
            part = waiting.pop()
            found.append(part)
            waiting.extend(reversed(part.children))
        return found


@dataclass(frozen=True, slots=True)
class Message:
    """The bytes that came in and the tree of spans over them.  Never re-generated, only spliced."""

    raw: bytes
    root: Part

    def part(self, path: str) -> Part | None:
        return next((part for part in self.root.walk() if part.path == path), None)


@dataclass(frozen=True, slots=True)
class Properties:
    """What the header says, decoded for people: logs, notices and the console show it."""

    subject: str = ""
    sender: Address = Address("")
    recipients: tuple[Address, ...] = ()
    message_id: str = ""
    date: str = ""
    size: int = 0  # bytes of the whole message


@dataclass(frozen=True, slots=True)
class Artifact:
    """A decoded object anywhere in a message: a body, an attachment, a member of an archive of an archive.

    ``path`` reads from the outside in: ``2/invoice.zip!docs/a.docx!word/vbaProject.bin`` is in MIME part 2.  What only
    another reading of part 2 shows is ``2~last-field/invoice.zip`` (``mime/readings.py`` has their names).
    """

    path: str
    names: tuple[str, ...]
    data: bytes = field(repr=False)
    type: str  # true type by content, a media type
    declared: str  # type that the container claims, "" when it claims none
    part: str | None  # path of the MIME part it comes from; None when it came in no message
    parent: str | None  # path of the artifact it was taken out of
    depth: int
    sha256: str

    @property
    def name(self) -> str:
        return self.names[0] if self.names else ""

    def summary(self, opening: Opening | None = None, skipped: tuple[str, ...] = ()) -> ArtifactSummary:
        return ArtifactSummary(
            self.path,
            self.names,
            self.type,
            self.declared,
            self.part,
            self.parent,
            self.depth,
            len(self.data),
            self.sha256,
            opening or UNOPENED,
            skipped,
        )


@dataclass(frozen=True, slots=True)
class Opening:
    """How an artifact was looked into."""

    unpackers: tuple[str, ...] = ()  # those that took it; none: it is no container
    seconds: float = field(default=0.0, compare=False)
    encrypted: bool = False  # it, or something in it, is locked, whether or not a word opened it


UNOPENED = Opening()


@dataclass(frozen=True, slots=True)
class ArtifactSummary:
    """An artifact without its bytes: what leaves the sandbox and is written into events."""

    path: str
    names: tuple[str, ...]
    type: str
    declared: str
    part: str | None
    parent: str | None
    depth: int
    size: int
    sha256: str
    opening: Opening = UNOPENED
    skipped: tuple[str, ...] = ()  # engines it was not sent to, because it cannot carry what they look for


# ---------------------------------------------------------------------------- what is found


class Kind(StrEnum):
    """What sort of thing was found; policy has a default action for each."""

    MALWARE = "malware"
    MASSMAILER = "massmailer"  # the message exists only to spread: purge it whole
    MACRO = "macro"
    SCRIPT = "script"
    EXPLOIT = "exploit"
    PHISHING = "phishing"
    SPAM = "spam"
    CONTENT = "content"  # a rule of the organisation
    LIMIT = "limit"  # not looked at to the end: depth, size, count, ratio or time
    ENCRYPTED = "encrypted"
    AMBIGUOUS = "ambiguous"  # readers may disagree about what it is
    FAILED = "failed"  # could not be inspected


class Severity(IntEnum):
    INFORMATIONAL = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Status(StrEnum):
    """The one word for an inspected thing, from the worst finding down."""

    INFECTED = "infected"
    SUSPICIOUS = "suspicious"
    UNSCANNABLE = "unscannable"
    CLEAN = "clean"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing an engine, filter or limit has to say.  It never says what to do about it."""

    source: str  # plugin name: "patterns", "macros", "unpack" ...
    name: str  # name of the threat, rule or limit
    kind: Kind
    severity: Severity
    artifact: str | None = None  # path of the artifact; None: the message as a whole
    evidence: tuple[str, ...] = ()  # short lines for people: offset, module and line, rule version
    confidence: int = 100  # percent
    cleanable: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link leads, in canonical form; ``host`` in ASCII, "" where the scheme has none."""

    url: str
    host: str


_INFECTED = frozenset({Kind.MALWARE, Kind.MASSMAILER, Kind.EXPLOIT})
_UNSCANNABLE = frozenset({Kind.LIMIT, Kind.ENCRYPTED, Kind.FAILED})


def status_of(findings: tuple[Finding, ...]) -> Status:
    """Worst word that the findings justify.  Informational findings count for nothing; whoever stops before the
    end of an artifact reports it with a higher severity, so that the thing is never called clean."""
    status = Status.CLEAN
    for finding in findings:
        if finding.severity is Severity.INFORMATIONAL:
            continue
        if finding.kind in _UNSCANNABLE:
            if status is Status.CLEAN:
                status = Status.UNSCANNABLE
        elif finding.kind in _INFECTED:
            return Status.INFECTED
        else:
            status = Status.SUSPICIOUS
    return status


@dataclass(frozen=True, slots=True)
class Inspection:
    """All that a worker has to say about one message or file."""

    properties: Properties
    artifacts: tuple[ArtifactSummary, ...]
    findings: tuple[Finding, ...]
    patterns: str  # version of the pattern set that was used
    timings: dict[str, float] = field(default_factory=dict)  # seconds by stage
    thread: tuple[str, ...] = ()  # Message-IDs of the mail and of those it answers, where words are remembered
    words: tuple[str, ...] = field(default=(), repr=False)  # that it says open something; in no event
    targets: tuple[Target, ...] = field(
        default=(), repr=False
    )  # of its links, each once, a bounded number; in no event

    @property
    def status(self) -> Status:
        return status_of(self.findings)


@dataclass(frozen=True, slots=True)
class RemoteStatus:
    """How one server is that an engine asks."""

    engine: str
    server: str
    up: bool
    version: str = ""  # of what it judges by, as it says itself
    busy: int = 0  # scans under way
    scans: int = 0  # that it has answered, since the start
    failures: int = 0
    seconds: float = 0.0  # that its answers took together
    why: str = ""  # it is not up


# ---------------------------------------------------------------------------- what is decided and done


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a verdict with its options: ``Step("tag", {"subject": "[SPAM] "})``."""

    action: str
    options: dict[str, str] = field(default_factory=dict)
    artifacts: tuple[str, ...] = ()  # paths of those whose parts it changes; (): the message as a whole


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a group of recipients gets, and why."""

    rule: str  # id of the policy rule
    recipients: tuple[Address, ...]
    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]  # those that the rule is about
    sentence: str  # one plain sentence for people
    envelope: str = ""  # id of the message's envelope: notices name it, so that people can ask about it


@dataclass(frozen=True, slots=True)
class Treatment:
    """New bytes for one verdict (None: unchanged), made in the sandbox, with what came of each edit."""

    raw: bytes | None = field(repr=False)
    outcomes: tuple[Outcome, ...] = ()


class Done(StrEnum):
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one action."""

    action: str
    status: Done
    artifact: str | None = None
    item: str | None = None  # id of what is now held in the vault
    error: str = ""
    note: str = ""  # what people should know although it is done: a signature that the change has broken


class Reply(StrEnum):
    """What the door tells whoever handed it the message."""

    ACCEPT = "accept"
    REJECT = "reject"
    DEFER = "defer"
    DISCARD = "discard"  # accepted, but nobody gets it


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one group of recipients is to get: ``raw`` None means the very bytes that came."""

    recipients: tuple[Address, ...]
    raw: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the door is told.  ACCEPT comes with at least one delivery, every other reply with none.

    A door without ``Can.SPLIT`` gets at most one delivery.  ``text`` is safe to show to strangers.
    """

    reply: Reply
    deliveries: tuple[Delivery, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    text: str = ""


class EventKind(IntEnum):
    """The numbered catalogue (docs/reference/events.md).  Numbers are never given to another meaning."""

    NODE_STARTED = 100
    NODE_STOPPED = 101
    WORKER_DIED = 110
    PATTERNS_LOADED = 120
    PATTERNS_REFUSED = 121
    POLICY_APPLIED = 130
    POLICY_REFUSED = 131
    MESSAGE_PASSED = 200  # handed on with the bytes it came with
    MESSAGE_CHANGED = 201  # handed on with other bytes
    MESSAGE_HELD = 202  # in the vault for at least one recipient
    MESSAGE_REJECTED = 203
    MESSAGE_DEFERRED = 204
    MESSAGE_PURGED = 205  # accepted and handed on to nobody
    ITEM_RELEASED = 300
    ITEM_FORWARDED = 301
    ITEM_DELETED = 302
    ITEM_EXPIRED = 303
    ITEM_EXPORTED = 304


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the journal.  Everything behind the line (console, notices, outbreak) reads only these."""

    id: str
    at: datetime
    node: str
    kind: EventKind
    envelope: Envelope | None = None
    properties: Properties | None = None
    status: Status | None = None
    reply: Reply | None = None
    artifacts: tuple[ArtifactSummary, ...] = ()
    findings: tuple[Finding, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)
    policy: str = ""  # version of the policy that decided
    patterns: str = ""  # version of the pattern set that was used
    hosts: tuple[str, ...] = ()  # that its links lead to, each once, a bounded number
    item: str = ""  # the held item that an ITEM event is about
    actor: str = ""  # who asked for it: a login, "system", or ""
    note: str = ""


# ---------------------------------------------------------------------------- what is held


class ItemState(StrEnum):
    HELD = "held"
    RELEASED = "released"  # handed on to the recipients it was meant for
    FORWARDED = "forwarded"  # handed to somebody else; the recipients still wait
    DELETED = "deleted"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Item:
    """Something in the vault: one original message, byte for byte, with all that was known about it."""

    id: str  # ULID
    at: datetime
    purpose: str  # "quarantine" or "backup"
    state: ItemState
    envelope: Envelope
    properties: Properties
    findings: tuple[Finding, ...]
    rule: str
    sentence: str  # why it is here, for people
    size: int
    sha256: str
    recipients: tuple[Address, ...]  # those it is held for: one verdict's group
    artifact: str | None = None  # path of the artifact that the action was about; None: the message
    artifacts: tuple[ArtifactSummary, ...] = ()
    changed_at: datetime | None = None  # last change of state
    changed_by: str = ""
    resent_to: tuple[str, ...] = ()  # addresses it was released or forwarded to


@dataclass(frozen=True, slots=True)
class Preview:
    """A message made safe to look at: plain text only, made in the sandbox."""

    properties: Properties
    headers: tuple[tuple[str, str], ...]  # decoded, in order
    text: str  # text parts as text, HTML reduced to its text, cut at a limit
    truncated: bool
    artifacts: tuple[ArtifactSummary, ...]


# ---------------------------------------------------------------------------- names

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> str:
    """A ULID: 48 bits of milliseconds and 80 random bits, sortable by time (github.com/ulid/spec)."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    return "".join(_CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))


def now() -> datetime:
    return datetime.now(UTC)


def outside_in(part: str) -> list[str]:
    """Paths of the parts that hold a part, without the message itself, then its own: "2", "2.1", "2.1.3"."""
    steps = part.split(".")
    return [".".join(steps[:count]) for count in range(1, len(steps) + 1)]


def one_line(text: str, longest: int = 100) -> str:
    """Text from a stranger, fit to stand in a sentence, a notice or a log line: control characters, line breaks
    and marks that turn the direction of writing (U+202E) become "?", and it ends after ``longest`` characters."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(character if character.isprintable() else "?" for character in cut)

"""A node as the console sees it: the control API in memory, over a real Unix socket, with believable events."""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lazaretto.config import Config
from lazaretto.console.settings import configure
from lazaretto.control.types import DoorStatus, Entries, Entry, ItemRequest, NodeStatus, Result, WorkerStatus
from lazaretto.model import (
    Address,
    ArtifactSummary,
    Can,
    Direction,
    Done,
    Envelope,
    Event,
    EventKind,
    Finding,
    Item,
    ItemState,
    Kind,
    Outcome,
    Peer,
    Preview,
    Properties,
    Reply,
    Severity,
    Step,
    Verdict,
    new_id,
    now,
    status_of,
)

# Django is configured once in a process, before its models are imported: all tests of the console share a folder.
_HOME = Path(tempfile.mkdtemp(prefix="lazaretto-console-"))
CONFIG = Config(data_dir=_HOME)
configure(CONFIG)

HOSTILE = "<script>alert(1)</script>\u202efdp.exe\x07\"'><img src=x onerror=alert(2)>{{7*7}}"


# ------------------------------------------------------------------------------------------------ events


@dataclass(frozen=True)
class Sort:
    """A sort of mail that comes in: what is found in it and what becomes of it."""

    kind: EventKind
    reply: Reply
    findings: tuple[Finding, ...] = ()
    action: str = ""
    sentence: str = ""
    rule: str = ""
    attachment: tuple[tuple[str, str, str], ...] = ()  # path, name, true type


def finding(name: str, kind: Kind, severity: Severity, artifact: str | None = None, *evidence: str) -> Finding:
    return Finding("patterns", name, kind, severity, artifact, evidence or ("rule set built-in, version 1",))


ZIP = (("2/invoice.zip", "invoice.zip", "application/zip"), ("2/invoice.zip!run.js", "run.js", "text/javascript"))
DOCX = (("2/offer.docx", "Offer 2026.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),)
SORTS = {
    "clean": Sort(EventKind.MESSAGE_PASSED, Reply.ACCEPT),
    "document": Sort(EventKind.MESSAGE_PASSED, Reply.ACCEPT, attachment=DOCX),
    "infected": Sort(
        EventKind.MESSAGE_HELD,
        Reply.DISCARD,
        (finding("EICAR-Test-File", Kind.MALWARE, Severity.CRITICAL, "2/invoice.zip!run.js", "offset 0, 68 bytes"),),
        "quarantine",
        "Held because invoice.zip!run.js contains EICAR-Test-File (malware).",
        "malware",
        ZIP,
    ),
    "stripped": Sort(
        EventKind.MESSAGE_CHANGED,
        Reply.ACCEPT,
        (
            Finding(
                "macros",
                "AutoOpen-Shell",
                Kind.MACRO,
                Severity.HIGH,
                "2/offer.docx",
                ("AutoOpen in ThisDocument, line 3",),
            ),
        ),
        "strip",
        "The attachment Offer 2026.docx was removed because it runs a program when opened.",
        "macros",
        DOCX,
    ),
    "spam": Sort(
        EventKind.MESSAGE_HELD,
        Reply.DISCARD,
        (Finding("spam", "GTUBE", Kind.SPAM, Severity.MEDIUM, None, ("score 12.4 of 5",)),),
        "quarantine",
        "Held as spam: score 12.4, the limit is 5.",
        "spam",
    ),
    "phishing": Sort(
        EventKind.MESSAGE_REJECTED,
        Reply.REJECT,
        (Finding("urls", "Lookalike-Domain", Kind.PHISHING, Severity.HIGH, "1", ("paypa1.example looks like",), 85),),
        "reject",
        "Rejected because a link pretends to lead to another site.",
        "phishing",
    ),
    "encrypted": Sort(
        EventKind.MESSAGE_DEFERRED,
        Reply.DEFER,
        (Finding("unpack", "Encrypted-Archive", Kind.ENCRYPTED, Severity.LOW, "2/invoice.zip", ("AES-256",)),),
        "defer",
        "Deferred because invoice.zip cannot be opened without its password.",
        "unscannable",
        ZIP[:1],
    ),
}


def mail(sort: str = "clean", at: datetime | None = None, **given: Any) -> Event:
    """An event of that sort; subject, sender, recipients and seconds may be given."""
    plan, at = SORTS[sort], at or now()
    sender = given.get("sender", Address("alice@example.org", "Alice Example"))
    recipients = given.get("recipients", (Address("bob@example.com", "Bob Example"),))
    size = given.get("size", 24_310)
    properties = Properties(
        given.get("subject", f"A {sort} message"), sender, recipients, f"<{new_id()}@example.org>", "Mon", size
    )
    envelope = Envelope(
        new_id(),
        given.get("door", "milter"),
        given.get("direction", Direction.INBOUND),
        sender,
        recipients,
        Can.REJECT | Can.HOLD,
        at,
        Peer("192.0.2.7", "mx.example.org", "TLSv1.3"),
        "4XyZ12",
    )
    seconds = given.get("seconds", 0.04)
    held = (new_id(),) if plan.action == "quarantine" else ()
    return Event(
        new_id(),
        at,
        "mx1",
        plan.kind,
        envelope,
        properties,
        status_of(plan.findings),
        plan.reply,
        artifacts(plan, given.get("name")),
        plan.findings,
        (Verdict(plan.rule, recipients, (Step(plan.action),), plan.findings, plan.sentence),) if plan.rule else (),
        tuple(Outcome(plan.action, Done.DONE, None, item) for item in held or ((None,) if plan.action else ())),
        {"parse": seconds / 8, "unpack": seconds / 4, "patterns": seconds / 2, "policy": seconds / 8},
        "built-in 1",
        "patterns 2026-11-23",
    )


def artifacts(plan: Sort, name: str | None) -> tuple[ArtifactSummary, ...]:
    found = [ArtifactSummary("1", (), "text/plain", "text/plain", "1", None, 0, 512, "a" * 64)]
    parent = None
    for depth, (path, given, kind) in enumerate(plan.attachment):
        declared = "application/octet-stream" if depth == 0 else ""
        found.append(ArtifactSummary(path, (name or given,), kind, declared, "2", parent, depth, 18_204, "b" * 64))
        parent = path
    return tuple(found)


def month(count: int, days: float = 30, seed: int = 1) -> list[Event]:
    """Traffic as it comes in an office: more by day than by night, mostly clean."""
    dice, start = random.Random(seed), now() - timedelta(days=days)
    people = [Address(f"{name.lower()}@example.com", f"{name} Example") for name in ("Bob", "Carol", "Dan", "Eve")]
    words = ("Invoice 2026-118", "Meeting on Thursday", "Re: offer", "Your parcel", "Newsletter", "Größe der Lieferung")
    events = []
    for _ in range(count):
        at = start + timedelta(days=dice.random() * days)
        if not 7 <= at.hour <= 19 and dice.random() < 0.7:
            continue
        weights = (70, 14, 5, 3, 9, 2, 2)
        sort = dice.choices(list(SORTS), weights)[0]
        sender = Address(f"{dice.choice(('info', 'office', 'bill', 'news'))}@{dice.choice('abcdef')}.example", "")
        chosen = tuple(dice.sample(people, dice.choice((1, 1, 1, 2, 4))))
        took, size = dice.lognormvariate(-3, 0.8), int(dice.lognormvariate(10, 1.5))
        subject = dice.choice(words)
        events.append(mail(sort, at, subject=subject, sender=sender, recipients=chosen, seconds=took, size=size))
    return sorted(events, key=lambda event: event.at)


# ------------------------------------------------------------------------------------------------ the node


@dataclass
class FakeNode:
    """The control API over what is in memory; ``stop`` and ``start`` as often as wanted."""

    socket: Path
    journal: list[Event] = field(default_factory=list)
    items: dict[str, Item] = field(default_factory=dict)
    refuse: dict[str, str] = field(default_factory=dict)  # item id -> why it cannot be acted on
    calls: list[tuple[str, ItemRequest]] = field(default_factory=list)
    preview_text: str = "Hello Bob,\nsee http://evil.example/ now."
    warnings: tuple[str, ...] = ()
    offset: int = 0  # of cursors, to have them unlike indexes
    server: uvicorn.Server | None = None
    thread: threading.Thread | None = None

    def happen(self, *events: Event) -> None:
        for event in events:
            for outcome in event.outcomes:
                if outcome.item:
                    self.items[outcome.item] = self.held(event, outcome.item)
            self.journal.append(event)

    def held(self, event: Event, item_id: str) -> Item:
        verdict = event.verdicts[0]
        assert event.envelope
        assert event.properties
        return Item(
            item_id,
            event.at,
            "quarantine",
            ItemState.HELD,
            event.envelope,
            event.properties,
            event.findings,
            verdict.rule,
            verdict.sentence,
            event.properties.size,
            "c" * 64,
            verdict.recipients,
            None,
            event.artifacts,
        )

    def reset(self) -> None:
        for each in (self.journal, self.items, self.refuse, self.calls):
            each.clear()
        self.warnings, self.offset = (), 0

    # -------------------------------------------------------------------------------------------- answers

    def status(self, request: Request) -> Response:
        return wire(
            NodeStatus(
                "mx1",
                "0.1.0",
                now() - timedelta(hours=5),
                not self.warnings,
                self.warnings,
                (DoorStatus("milter", "127.0.0.1:8891"), DoorStatus("smtp", "127.0.0.1:10025")),
                (WorkerStatus(4711, True, 812), WorkerStatus(4712, False, 790)),
                0,
                ("seccomp: in force", "Landlock: in force, ABI 3", "limits: 1024 MiB, 60 s"),
                ("7-Zip: in use (26.02)",),
                "built-in 1",
                "patterns 2026-11-23",
                now() - timedelta(hours=5),
                sum(item.state is ItemState.HELD for item in self.items.values()),
                73_400_320,
                len(self.journal) + self.offset,
            )
        )

    def events(self, request: Request) -> Response:
        query = request.query_params
        after, limit, wait = (int(query.get("after", 0)), int(query.get("limit", 500)), float(query.get("wait", 0)))
        until = time.monotonic() + wait
        while len(self.journal) + self.offset <= after and time.monotonic() < until and not self.ending:
            time.sleep(0.01)
        first = max(0, after - self.offset)
        found = self.journal[first : first + limit]
        entries = tuple(Entry(first + self.offset + place, event) for place, event in enumerate(found, 1))
        return wire(Entries(entries, entries[-1].cursor if entries else after))

    def item(self, request: Request) -> Response:
        return self.about(request, wire)

    def preview(self, request: Request) -> Response:
        return self.about(
            request,
            lambda item: wire(
                Preview(
                    item.properties,
                    (("From", str(item.properties.sender)), ("Subject", item.properties.subject), ("X-Odd", HOSTILE)),
                    self.preview_text,
                    False,
                    item.artifacts,
                )
            ),
        )

    def export(self, request: Request) -> Response:
        return self.about(request, lambda item: Response(b"From: a\r\n\r\n" + item.id.encode()))

    def about(self, request: Request, answer: Callable[[Item], Response]) -> Response:
        item = self.items.get(request.path_params["id"])
        return answer(item) if item else wire({"error": f"no item {request.path_params['id']}"}, 404)

    async def bulk(self, request: Request) -> Response:
        verb = request.path_params["verb"]
        asked = msgspec.json.decode(await request.body(), type=ItemRequest)
        self.calls.append((verb, asked))
        state, kind = {
            "release": (ItemState.RELEASED, EventKind.ITEM_RELEASED),
            "forward": (ItemState.FORWARDED, EventKind.ITEM_FORWARDED),
            "delete": (ItemState.DELETED, EventKind.ITEM_DELETED),
        }[verb]
        results = []
        for each in asked.ids:
            if each in self.refuse or each not in self.items:
                results.append(Result(each, False, self.refuse.get(each, "no such item")))
                continue
            item = self.items[each]
            resent = asked.to or (tuple(to.address for to in item.recipients) if verb == "release" else ())
            self.items[each] = replace(item, state=state, changed_at=now(), changed_by=asked.actor, resent_to=resent)
            self.happen(Event(new_id(), now(), "mx1", kind, item=each, actor=asked.actor))
            results.append(Result(each, True))
        return wire(results)

    # -------------------------------------------------------------------------------------------- running

    @property
    def ending(self) -> bool:
        return self.server is None or self.server.should_exit

    def start(self) -> None:
        routes = [
            Route("/v1/status", self.status),
            Route("/v1/events", self.events),
            Route("/v1/items/{id}", self.item),
            Route("/v1/items/{id}/preview", self.preview),
            Route("/v1/items/{id}/export", self.export, methods=["POST"]),
            Route("/v1/items/{verb}", self.bulk, methods=["POST"]),
        ]
        settings = uvicorn.Config(
            Starlette(routes=routes), uds=str(self.socket), log_level="critical", timeout_graceful_shutdown=2
        )
        self.server = uvicorn.Server(settings)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        if self.server and self.thread:
            self.server.should_exit = True
            self.thread.join(10)
            self.server = None
            self.socket.unlink(missing_ok=True)


def wire(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


# ------------------------------------------------------------------------------------------------ fixtures


@pytest.fixture(scope="session")
def config() -> Iterator[Config]:
    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    call_command("migrate", verbosity=0)
    yield CONFIG
    shutil.rmtree(_HOME)


@pytest.fixture(scope="session")
def _node(config: Config) -> Iterator[FakeNode]:
    node = FakeNode(config.control_socket)
    node.start()
    yield node
    node.stop()


@pytest.fixture
def node(_node: FakeNode, database: None) -> Iterator[FakeNode]:
    """The node, up and with nothing in it."""
    _node.reset()
    if _node.server is None:
        _node.start()
    yield _node
    _node.reset()


@pytest.fixture
def database(config: Config) -> Iterator[None]:
    """The console's database, empty before and after."""
    from lazaretto.console import control

    clear()
    yield
    control.close()
    clear()


def clear() -> None:
    from django.apps import apps
    from django.contrib.auth.models import User
    from django.contrib.sessions.models import Session
    from django.db import connection

    for model in (*apps.get_app_config("console").get_models(), Session, User):
        model.objects.all().delete()
    connection.close()


@pytest.fixture(scope="session")
def mails() -> Any:
    """What makes events (``mail``, ``month``, ``SORTS``): test modules cannot import this file."""
    return sys.modules[__name__]


@pytest.fixture
def read(node: FakeNode, config: Config) -> Iterator[Callable[[], int]]:
    """Lets the follower read all there is; returns how many events were new."""
    from lazaretto.console.follower import Follower

    follower = Follower(config)

    def all_of_it() -> int:
        count = 0
        while new := follower.step(wait=0):
            count += new
        return count

    yield all_of_it
    follower.close()


@pytest.fixture
def browser(node: FakeNode) -> Any:
    """Django's test client, logged in as an administrator."""
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.create_superuser("root", password="correct horse battery"))
    return client

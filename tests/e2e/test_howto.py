"""The guides for mail servers, tried as they are written: their own lines, with nothing but ports and paths put in."""

from __future__ import annotations

import base64
import contextlib
import os
import re
import smtplib
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.servers.cicap import CIcap
from tests.e2e.servers.clamd import MARKER, NAME, Clamd
from tests.e2e.servers.dovecot import Dovecot
from tests.e2e.servers.lazaretto import Lazaretto
from tests.e2e.servers.postfix import Postfix
from tests.e2e.servers.running import free_port, listening, require_program, wait_until
from tests.e2e.servers.sink import Sink
from tests.e2e.servers.site import Site, deliver

from lazaretto.mime.parse import parse
from lazaretto.mime.sights import Sights, ambiguous
from lazaretto.model import Done, Event, EventKind, Kind, Status
from lazaretto.testing import mail

pytestmark = [pytest.mark.e2e, pytest.mark.root]

GUIDES = Path(__file__).parents[2] / "docs" / "howto"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
BOB = "bob@example.org"
THREAT = (
    b"Subject: threat\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext \xe4\r\n"
    b"--b\r\nContent-Type: application/octet-stream; name=a.com\r\n\r\n" + EICAR + b"\r\n--b--\r\n"
)
CLEAN = b"Subject: clean\r\n\r\ntext \xe4\r\n"


def blocks(page: str, section: str = "") -> list[str]:
    """The fenced blocks under a heading ("": those before the first), in order."""
    parts = re.split(r"(?m)^## (.+)\n", (GUIDES / f"{page}.md").read_text())
    found = dict(zip(["", *parts[1::2]], parts[::2], strict=True))
    return re.findall(r"(?s)```\w*\n(.*?)```", found[section])


def with_ports(text: str, ports: Mapping[str, int]) -> str:
    return re.sub(rf"\b({'|'.join(ports)})\b", lambda found: str(ports[found[1]]), text)


def sections(*texts: str) -> dict[str, Mapping[str, Any] | None]:
    """What the guide puts into lazaretto.toml; the doors it does not name stay shut."""
    found: dict[str, Mapping[str, Any] | None] = {"listeners.milter": None, "listeners.smtp": None}
    for name, table in tomllib.loads("\n".join(texts)).items():
        found |= (
            {f"listeners.{door}": values for door, values in table.items()} if name == "listeners" else {name: table}
        )
    return found


def shell(postfix: Postfix, text: str) -> None:
    """As the operator types it, for this Postfix instead of the machine's."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    subprocess.run(["sh", "-euc", text], check=True, env={"PATH": path, "MAIL_CONFIG": str(postfix.config)})


def put_services(postfix: Postfix, text: str) -> None:
    """In place of what listens so far."""
    file = postfix.config / "master.cf"
    rest = file.read_text()
    file.write_text(text + rest[rest.index("pickup ") :])


def send(postfix: Postfix, raw: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", postfix.port) as client:
        deliver(client, raw, BOB)


def assert_at_work(postfix: Postfix, node: Lazaretto, sink: Sink) -> None:
    """Clean mail arrives as it is, a threat without its attachment, and the original when it is released."""
    send(postfix, CLEAN)
    assert sink.wait(1)[-1].data.endswith(CLEAN)
    assert node.event("clean").status is Status.CLEAN
    send(postfix, THREAT)
    arrived = sink.wait(2)[-1].data
    assert EICAR not in arrived
    assert b"EICAR-Test-File" in arrived
    event = node.event("threat")
    assert (event.kind, event.status) == (EventKind.MESSAGE_CHANGED, Status.INFECTED)
    (item,) = node.client.items(query="threat").items
    (result,) = node.client.release([item.id], "test")
    assert result.done, result.error
    released = sink.wait(3)[-1]
    assert released.data.endswith(THREAT)
    assert released.recipients == [BOB.encode()]


def assert_shown_works(postfix: Postfix, node: Lazaretto, sink: Sink) -> None:
    """The last section of the page."""
    require_program("swaks", "swaks")
    (text,) = blocks("postfix", "See that it works")
    (node.folder / "eicar.com").write_bytes(EICAR)
    before = len(sink.mails)
    settings = {"LAZARETTO_CONFIG": str(node.file), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    said = subprocess.run(
        ["sh", "-euc", text.replace("--server 127.0.0.1", f"--server 127.0.0.1:{postfix.port}")],
        cwd=node.folder, env=os.environ | settings, capture_output=True, text=True,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
    assert EICAR not in sink.wait(before + 1)[-1].data
    assert said.stdout.count("you@example.org") >= 2  # in both lists


def test_postfix_with_the_milter() -> None:
    with Sink() as sink, Postfix(deliver_to=sink.transport) as postfix:
        ports = {"8891": free_port(), "10026": postfix.reinjection_port}
        (organisation,) = blocks("postfix")
        ours, options, service = (with_ports(text, ports) for text in blocks("postfix", "Milter"))
        with Lazaretto(sections(organisation, ours)) as node:
            shell(postfix, options)
            put_services(postfix, f"127.0.0.1:{postfix.port} inet n - n - - smtpd\n{service}")
            shell(postfix, "postfix reload")
            postfix.wait_log("reload")
            wait_until(lambda: listening(postfix.port) and listening(postfix.reinjection_port), "the new services")
            assert_at_work(postfix, node, sink)
            assert_shown_works(postfix, node, sink)


def test_postfix_with_the_before_queue_proxy() -> None:
    with Sink() as sink, Postfix(deliver_to=sink.transport) as postfix:
        ports = {"10025": free_port(), "10026": postfix.reinjection_port}
        (organisation,) = blocks("postfix")
        ours, services = (with_ports(text, ports) for text in blocks("postfix", "Before-queue proxy"))
        with Lazaretto(sections(organisation, ours)) as node:
            put_services(postfix, services.replace("smtp inet", f"127.0.0.1:{postfix.port} inet"))
            shell(postfix, "postfix reload")
            postfix.wait_log("reload")
            wait_until(lambda: listening(postfix.port) and listening(postfix.reinjection_port), "the new services")
            assert_at_work(postfix, node, sink)
            assert_shown_works(postfix, node, sink)


def test_dovecot_by_lmtp() -> None:
    settings = {"virtual_mailbox_domains": "example.org", "virtual_mailbox_maps": "static:all"}
    (ours,) = blocks("dovecot")
    (options,) = re.findall(r"(?m)^Postfix: `(.+)`$", (GUIDES / "dovecot.md").read_text())
    ports = {"10024": free_port()}
    with Dovecot() as dovecot, Sink() as sink, Postfix(deliver_to=sink.transport, settings=settings) as postfix:
        ours = with_ports(ours, ports).replace("/var/run/dovecot", f"{dovecot.folder}/run")
        with Lazaretto(sections(ours)) as node:
            shell(postfix, with_ports(options, ports))
            postfix.wait_log("reload")
            send(postfix, CLEAN)
            (clean,) = dovecot.wait(BOB, 1)
            assert clean.endswith(CLEAN.replace(b"\r\n", b"\n"))
            send(postfix, THREAT)
            assert node.wait_for(lambda: node.event("threat").status) is Status.INFECTED
            assert EICAR not in dovecot.wait(BOB, 2)[-1]
            assert not sink.mails


# For who takes the first Content-Type there is a text in it, for who takes the last an archive.
ARCHIVE = base64.b64encode(b"PK\5\6" + bytes(18))
TWO_FACED = (
    b"Subject: two-faced\r\nMIME-Ambiguity-Results: far.example; none\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--a\r\n\r\nfirst\r\n--a--\r\n--b\r\nContent-Type: application/zip; name=a.zip\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n" + ARCHIVE + b"\r\n--b--\r\n"
)


@pytest.mark.parametrize("way", ["milter", "proxy"])
def test_ambiguous_mail(way: str) -> None:
    union, one = blocks("ambiguous-mail", "Let every program see the same")
    (shown, settings) = blocks("ambiguous-mail", "Tell others")
    assert shown.startswith("MIME-Ambiguity-Results: lazaretto; two-faced (read as last-field [mutt, ")
    told = {f"actions.{name}": table for name, table in tomllib.loads(settings)["actions"].items()}
    for policy, wanted in (
        (union, [b"first", base64.b64decode(ARCHIVE)]),
        (one, [base64.b64decode(ARCHIVE)]),
    ):
        with Site(way, policy=policy, sections=told) as site:
            send(site.postfix, CLEAN)
            assert site.sink.wait(1)[-1].data.endswith(CLEAN)
            send(site.postfix, TWO_FACED)
            arrived = site.sink.wait(2)[-1].data
            assert ambiguous(parse(TWO_FACED))
            assert not ambiguous(parse(arrived))
            assert [leaf.data for leaf in Sights(parse(arrived)).leaves] == wanted
            event = site.node.event("two-faced")
            assert event.kind is EventKind.MESSAGE_CHANGED
            assert ("canonical", Done.DONE) in [(each.action, each.status) for each in event.outcomes]
            if policy is union:
                unfolded = arrived.replace(b"\r\n ", b" ")
                assert b"MIME-Ambiguity-Results: mx.example.org; two-faced (read as last-field [mutt, " in unfolded
                assert b"far.example" not in arrived


MARKED = mail("text", subject="marked", attachments={"a.bin": b"\0" + MARKER})


def judged(settings: str, places: Mapping[str, str], raw: bytes, policy: str = "") -> tuple[Event, list[bytes]]:
    """What becomes of a mail with these settings of engines; ``places`` are what the guide cannot know."""
    for place, real in places.items():
        settings = settings.replace(place, real)
    given = {f"engines.{name}": table for name, table in tomllib.loads(settings)["engines"].items()}
    with Sink() as sink, Lazaretto(
        {"listeners.milter": None, "listeners.smtp": {"listen": "127.0.0.1:0", "next_hop": sink.address}, **given},
        policy=policy,
    ) as node:  # fmt: skip
        with smtplib.SMTP(*node.door("smtp")) as client, contextlib.suppress(smtplib.SMTPResponseException):
            deliver(client, raw, BOB)
        return node.event("marked"), [each.data for each in sink.mails]


def test_clamd() -> None:
    (alone,) = [each for each in blocks("clamd") if each.startswith("[engines")]
    (several,) = blocks("clamd", "Several servers")
    passing, rule = blocks("clamd", "When no server answers")
    (alerts,) = blocks("clamd", "Make clamd say what it did not look at")
    small = [line.replace("100M", "1M").replace("400M", "1M") for line in alerts.splitlines()]
    with Clamd(*small) as clamd:
        places = {"/run/clamav/clamd.ctl": clamd.path, "3310": str(clamd.port)}
        for settings in (alone, several, passing):
            event, arrived = judged(settings, places, MARKED)
            assert event.kind is EventKind.MESSAGE_CHANGED
            assert NAME in [each.name for each in event.findings]
            assert MARKER not in arrived[0]
        large = mail("text", subject="marked", attachments={"a.bin": bytes(2 * 2**20)})
        event, _ = judged(alone, places, large)
        (limit,) = event.findings
        assert (limit.kind, limit.name.startswith("Heuristics.Limits.Exceeded")) == (Kind.LIMIT, True)
        clamd.kill()
        assert judged(alone, places, MARKED)[0].kind is EventKind.MESSAGE_DEFERRED
        assert judged(alone, places, MARKED, f'version = "1"\n{rule}')[0].kind is EventKind.MESSAGE_HELD
        assert judged(passing, places, MARKED)[0].kind is EventKind.MESSAGE_PASSED


def test_icap() -> None:
    (settings,) = [each for each in blocks("icap") if each.startswith("[engines")]
    with Clamd() as clamd, CIcap(clamd.path) as icap:
        event, arrived = judged(settings, {"127.0.0.1:1344": f"127.0.0.1:{icap.port}"}, MARKED)
        assert (event.kind, NAME in [each.name for each in event.findings]) == (EventKind.MESSAGE_CHANGED, True)
        assert MARKER not in arrived[0]
        event, arrived = judged(settings, {"127.0.0.1:1344/avscan": f"127.0.0.1:{icap.port}/echo"}, MARKED)
        assert event.kind is EventKind.MESSAGE_PASSED

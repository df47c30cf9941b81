"""``lazaretto demo``: harmless threats through the running node, and what becomes of them."""

from __future__ import annotations

import io
import random
import smtplib
import socket
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from email.message import EmailMessage
from ipaddress import ip_address
from typing import Annotated

from cyclopts import Parameter

from lazaretto.cli.listing import print_json, print_table
from lazaretto.cli.options import ConfigFile, Json, loaded
from lazaretto.cli.receiver import Receiver
from lazaretto.config import Config, host_port
from lazaretto.control.client import Client
from lazaretto.errors import ControlError, LazarettoError
from lazaretto.model import Event, Status, new_id

# In two halves, so that this file is not itself a detection.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
MASSMAILER = "XJS*LAZARETTO-" + "MASSMAILER-TEST*"


@dataclass(frozen=True)
class Sample:
    what: str
    message: EmailMessage
    expected: Status


def demo(
    *,
    to: Annotated[str, Parameter(help="recipient")] = "postmaster@localhost",
    config: ConfigFile = None,
    json: Json = False,
) -> int:
    """Send a handful of harmless test mails through the running node and show what became of each.

    When no mail server answers at the next hop, the demonstration plays one.  Exit status 0: everything was judged
    as it should be, 1: something was not.
    """
    current = loaded(config).config
    run = new_id()
    with Client(current.control_socket) as client, ExitStack() as stack:
        door = next((each for each in client.status().doors if each.name == "smtp"), None)
        if door is None:
            raise LazarettoError("the demonstration needs the SMTP door: add [listeners.smtp] to the configuration")
        _next_hop(current, stack, quiet=json)
        rows = []
        for sample in _samples(run, to):
            answer = _send(door.address, sample.message, to)
            rows.append((sample, answer, _event(client, str(sample.message["Subject"]))))
    for sample, answer, event in rows:
        if json:
            print_json({"mail": sample.what, "answer": answer, "expected": sample.expected, "event": event})
    if not json:
        print_table(["Mail", "Answer", "Judged", "What became of it"], map(_row, rows), "nothing was sent")
        print("\nThe whole story of each: lazaretto messages list, lazaretto quarantine list, or the console.")
    return int(any(event is None or event.status is not sample.expected for sample, _, event in rows))


def _row(row: tuple[Sample, str, Event | None]) -> list[object]:
    sample, answer, event = row
    if event is None or event.status is None:
        return [sample.what, answer, "no event", ""]
    return [sample.what, answer, event.status.value, " ".join(verdict.sentence for verdict in event.verdicts)]


def _next_hop(config: Config, stack: ExitStack, *, quiet: bool) -> None:
    """Plays the next hop where nobody does, as far as it is on this machine."""
    target = str(config.listeners.get("smtp", {}).get("next_hop", "127.0.0.1:10026"))
    try:
        host, port = host_port(target)
    except ValueError:
        return  # a Unix socket: there is a mail server, or the answers will say that there is none
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.settimeout(2)
        if probe.connect_ex((host, port)) == 0 or not _is_here(host):
            return
    stack.enter_context(Receiver(host, port))
    if not quiet:
        print(f"no mail server answers at {target}, the next hop; the demonstration plays one\n")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _samples(run: str, to: str) -> Iterator[Sample]:
    def mail(what: str, text: str) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = f"Lazaretto demo: {what} ({run})"
        message["From"] = "Lazaretto demo <demo@lazaretto.example>"
        message["To"] = to
        message["Message-ID"] = f"<{new_id()}@lazaretto.example>"
        message.set_content(text)
        return message

    yield Sample("clean", mail("clean", "Nothing to see here.\n"), Status.CLEAN)
    for what, name, content in (
        ("EICAR", "invoice.com", EICAR),
        ("EICAR in a zip in a zip", "invoice.zip", _zipped("inner.zip", _zipped("invoice.com", EICAR))),
    ):
        message = mail(what, "See the attachment.\n")
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        yield Sample(what, message, Status.INFECTED)
    yield Sample("GTUBE (spam)", mail("GTUBE", f"{GTUBE}\n"), Status.SUSPICIOUS)
    yield Sample("a mass mailer", mail("mass mailer", f"{MASSMAILER}\n"), Status.INFECTED)
    large = mail("large attachment", "A picture of 5 MB.\n")
    large.add_attachment(random.Random(1).randbytes(5 * 2**20), maintype="image", subtype="x-raw", filename="large.raw")  # noqa: S311 - ballast
    yield Sample("large attachment", large, Status.CLEAN)


def _zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def _send(address: str, message: EmailMessage, to: str) -> str:
    """What the door answered, code and text."""
    try:
        with smtplib.SMTP(*host_port(address), timeout=60) as smtp:
            smtp.ehlo()
            smtp.mail("demo@lazaretto.example")
            code, text = smtp.rcpt(to)
            if code == 250:
                code, text = smtp.data(message.as_bytes())
    except smtplib.SMTPResponseException as error:
        code, text = error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b""
    except OSError as error:
        raise ControlError(f"the SMTP door at {address} cannot be reached: {error}") from None
    return f"{code} {text.decode('utf-8', 'replace')}"


def _event(client: Client, subject: str) -> Event | None:
    found = client.messages(query=subject, limit=1).entries
    return found[0].event if found else None

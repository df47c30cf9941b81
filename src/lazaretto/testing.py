"""The test kit for authors of plugins: samples that harm nobody, and a plugin run as a worker would run it.

::

    from lazaretto.testing import artifact, findings, hostile, mail

    def test_it_finds_what_it_should() -> None:
        engine = Shouting(ShoutingSettings())
        assert [finding.name for finding in findings(engine, mail(attachments={"a.txt": b"LOUD ..."}))] == [...]

    @pytest.mark.parametrize("data", hostile())
    def test_it_bears_anything(data: bytes) -> None:
        list(engine.inspect(artifact(data)))
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

from lazaretto import config, plugin
from lazaretto.mime.parse import parse
from lazaretto.model import Address, Artifact, Can, Direction, Envelope, Finding, now
from lazaretto.unpack import tree
from lazaretto.unpack.identify import identify, looks_like_mail
from lazaretto.unpack.limits import Budget

# In two halves each, so that no scanner stops a checkout.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
"""The anti-malware test file (eicar.org)."""
GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*" + b"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
"""The test of unsolicited mail (spamassassin.apache.org/gtube)."""
MASSMAILER = b"XJS*LAZARETTO-" + b"MASSMAILER-TEST*"
"""Our own test of a mass mailer, which is purged whole."""

EVERYTHING = Can.REPORT | Can.REJECT | Can.REPLACE | Can.DELETE | Can.HOLD | Can.SPLIT


def artifact(data: bytes, *, name: str = "", type: str = "", path: str = "1") -> Artifact:
    """An artifact with this content; its true type is told from the content where ``type`` is not given."""
    names = (name,) if name else ()
    return Artifact(
        path, names, data, type or identify(data, names), "", None, None, 0, hashlib.sha256(data).hexdigest()
    )


def envelope(**changes: Any) -> Envelope:
    """A stranger's mail to bob@example.test through a door that can do everything; any field may be changed."""
    usual = Envelope(
        "01TEST", "test", Direction.INBOUND, Address("alice@sender.example"), (Address("bob@example.test"),),
        EVERYTHING, now(),
    )  # fmt: skip
    return replace(usual, **changes)


def mail(text: str = "Hello\n", *, subject: str = "test", attachments: Mapping[str, bytes] | None = None) -> bytes:
    """A whole message with CRLF line ends; ``attachments`` by file name."""
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "Alice <alice@sender.example>"
    message["To"] = "bob@example.test"
    message.set_content(text)
    for name, content in (attachments or {}).items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def artifacts(data: bytes, *, name: str = "", limits: config.Unpack | None = None) -> Iterator[Artifact]:
    """Everything in a message or file, unpacked as a worker does."""
    return (each for each in _things(data, name=name, limits=limits) if isinstance(each, Artifact))


def _things(data: bytes, *, name: str = "", limits: config.Unpack | None = None) -> Iterator[Artifact | Finding]:
    nothing_set = config.load(None, {})
    unpackers = plugin.build(nothing_set, "unpack", plugin.Unpacker)
    budget = Budget(limits or nothing_set.config.unpack)
    if looks_like_mail(data):
        return tree.explode_message(parse(data), budget, unpackers)
    return tree.explode(data, (name,) if name else (), budget, unpackers)


def findings(engine: plugin.Engine, data: bytes, *, name: str = "") -> list[Finding]:
    """What the engine says about every artifact in a message or file that is of a type it wants, and about all of them
    together.  Errors of the engine are raised here; a worker would turn them into a finding."""
    things = list(_things(data, name=name))
    every = [each for each in things if isinstance(each, Artifact)]
    said = [
        finding if finding.artifact is not None else replace(finding, artifact=each.path)
        for each in every
        if engine.wants(each)
        for finding in engine.inspect(each)
        if isinstance(finding, Finding)
    ]
    unpacked = [each for each in things if isinstance(each, Finding)]
    return [*said, *engine.judge(every, [*unpacked, *said])]


def hostile(seed: int = 1) -> list[bytes]:
    """Content that parsers stumble over; the same for the same seed."""
    noise = random.Random(seed)  # noqa: S311 - samples, no secrets
    return [
        b"", b"\0", b"\0" * 100_000, b"\xff" * 100_000, b"\n" * 100_000, b"(" * 100_000, b"<a " * 50_000,
        "\ufeff".encode("utf-16"), "Ünïcödé ✓ \u202e".encode(), b"\xd8\x00" * 1000,
        *(noise.randbytes(noise.choice((1, 100, 10_000, 1_000_000))) for _ in range(8)),
    ]  # fmt: skip

"""Odd but harmless: mail as real programs write it, none of which may be held or called suspicious.

Every one is written by hand after what its generator is known for.  They are the other half of the examination: a
parser that calls everything ambiguous finds all the cases, and fails here.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.ambiguity.build import Text, lines, raw
from tests.ambiguity.payload import PNG

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>endobj\nxref\n0 4\n0000000000 65535 f \n"
    b"0000000009 00000 n \n0000000053 00000 n \n0000000102 00000 n \ntrailer<</Size 4/Root 1 0"
    b" R>>\nstartxref\n164\n%%EOF\n"
)
PICTURE = PNG
PLAIN = ("MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit")


class Control(NamedTuple):
    """``id`` names the generator and its quirk; an ``encrypted`` one may have an ENCRYPTED finding, no other."""

    id: str
    raw: bytes
    encrypted: bool = False


def letter(
    *fields: Text, body: Text = b"", sender: str = "Ann Example <ann@example.org>", subject: str = "Minutes"
) -> bytes:
    """A mail with the fields that every real one has; ``fields`` bring all that is MIME."""
    top = (
        "Received: from mail.example.org (mail.example.org [192.0.2.7])\r\n\tby mx.example.net (Postfix) with ESMTPS id"
        " 4XkQ1z2sYbz3b\r\n\tfor <bob@example.net>; Tue,  3 Nov 2026 10:00:02 +0100 (CET)",
        f"From: {sender}", "To: Bob <bob@example.net>", f"Subject: {subject}",
        "Date: Tue, 3 Nov 2026 10:00:00 +0100", "Message-ID: <20261103100000.4711@example.org>",
    )  # fmt: skip
    return lines(*top, *fields) + b"\r\n" + raw(body)


def controls() -> list[Control]:
    from tests.ambiguity import (
        controls_clients,
        controls_letters,
        controls_lists,
        controls_machines,
        controls_old,
        controls_sealed,
        controls_servers,
        controls_text,
    )

    modules = (
        controls_clients, controls_old, controls_letters, controls_sealed, controls_servers, controls_lists,
        controls_machines, controls_text,
    )  # fmt: skip
    return [Control(name, *rest) for module in modules for name, *rest in module.controls()]

"""``lazaretto quarantine``: what is held, and letting it go."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from lazaretto.cli.listing import print_json, print_table, size, visible
from lazaretto.cli.options import ConfigFile, Json, actor, node
from lazaretto.control.types import Result
from lazaretto.errors import LazarettoError
from lazaretto.model import Item

app = App(name="quarantine", help="Look through what is held; release, forward, delete or export it.")

OrOut = Annotated[Path, Parameter(allow_leading_hyphen=True)]
To = Annotated[tuple[str, ...], Parameter(help="address; may be given several times", negative="")]


@app.command(name="list")
def list_(
    query: str = "",
    *,
    state: Annotated[str, Parameter(help='held, released, forwarded, deleted, expired; "" for all')] = "held",
    purpose: Annotated[str, Parameter(help="quarantine or backup")] = "",
    sort: Annotated[
        str, Parameter(help="at, sender, recipient, subject, name, size, rule, state; - for descending")
    ] = "-at",
    limit: int = 100,
    offset: int = 0,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """List items; QUERY is looked for in addresses, subject, file names and reasons."""
    with node(config) as client:
        found = client.items(query, state, purpose, sort, limit, offset)
    if json:
        for item in found.items:
            print_json(item)
        return
    columns = ["When", "Id", "From", "To", "Subject", "File", "Size", "Reason", "State", "Resent to"]
    print_table(columns, map(_row, found.items), "nothing is held")
    if found.total > len(found.items):
        print(f"{len(found.items)} of {found.total}; see more with --offset and --limit", file=sys.stderr)


def _row(item: Item) -> list[object]:
    names = [artifact.names[0] for artifact in item.artifacts if artifact.path == item.artifact and artifact.names]
    reasons = dict.fromkeys(finding.name for finding in item.findings)
    return [
        item.at,
        item.id,
        item.envelope.sender.address or "<>",
        ", ".join(recipient.address for recipient in item.recipients),
        item.properties.subject,
        names[0] if names else "",
        size(item.size),
        ", ".join(reasons) or item.rule,
        item.state.value,
        ", ".join(item.resent_to),
    ]


@app.command
def show(item_id: str, *, config: ConfigFile = None, json: Json = False) -> None:
    """Show one item with its text, safely."""
    with node(config) as client:
        item, preview = client.item(item_id), client.preview(item_id)
    if json:
        print_json({"item": item, "preview": preview})
        return
    print(visible(item.sentence))
    for name, value in preview.headers:
        print(f"{visible(name)}: {visible(value)}")
    print()
    print("\n".join(visible(line) for line in preview.text.splitlines()))
    if preview.truncated:
        print("(cut here)")


@app.command
def release(*ids: str, to: To = (), config: ConfigFile = None, json: Json = False) -> int:
    """Deliver items to the recipients they are held for, byte for byte, or to --to instead."""
    with node(config) as client:
        return _report(client.release(_some(ids), actor(), to), "released", json)


@app.command
def forward(*ids: str, to: To, config: ConfigFile = None, json: Json = False) -> int:
    """Send items to somebody else, as an attachment; they stay held."""
    with node(config) as client:
        return _report(client.forward(_some(ids), actor(), to), "forwarded", json)


@app.command
def delete(*ids: str, config: ConfigFile = None, json: Json = False) -> int:
    """Remove items for good."""
    with node(config) as client:
        return _report(client.delete(_some(ids), actor()), "deleted", json)


@app.command
def export(item_id: str, file: OrOut, *, config: ConfigFile = None) -> None:
    """Write the original message to FILE ("-" for standard output).  It may be dangerous."""
    with node(config) as client:
        raw = client.export(item_id, actor())
    if str(file) == "-":
        sys.stdout.buffer.write(raw)
    else:
        try:
            file.write_bytes(raw)
        except OSError as error:
            raise LazarettoError(f"{file} cannot be written: {error.strerror}") from None


def _some(ids: tuple[str, ...]) -> tuple[str, ...]:
    if not ids:
        raise LazarettoError("name at least one item: `lazaretto quarantine list` shows them")
    return ids


def _report(results: Sequence[Result], done: str, json: bool) -> int:
    for result in results:
        if json:
            print_json(result)
        else:
            print(f"{result.id}: {done if result.done else result.error}")
    return 0 if all(result.done for result in results) else 2

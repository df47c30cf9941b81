"""``lazaretto messages``: what became of each message."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from lazaretto.cli.listing import Screen, cell, print_json, print_table, size, visible
from lazaretto.cli.options import ConfigFile, Json, node
from lazaretto.model import Event, Severity

app = App(name="messages", help="Search the message trace and explain what became of a message.")


@app.command(name="list")
def list_(
    query: str = "",
    *,
    status: Annotated[str, Parameter(help="infected, suspicious, unscannable or clean")] = "",
    reply: Annotated[str, Parameter(help="accept, reject, defer or discard")] = "",
    since: Annotated[str, Parameter(help="time such as 2026-11-23T08:00:00Z")] = "",
    until: Annotated[str, Parameter(help="time such as 2026-11-23T18:00:00Z")] = "",
    limit: int = 50,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """List messages, newest first; QUERY is looked for in addresses, subject, file names and findings."""
    with node(config) as client:
        found = client.messages(query, status, reply, since, until, limit).entries
    if json:
        for entry in found:
            print_json(entry.event)
        return
    rows = (_row(entry.event) for entry in found)
    print_table(["When", "Id", "From", "To", "Subject", "Status", "Reply", "Threats"], rows, "no such message")


def _row(event: Event) -> list[object]:
    envelope, properties = event.envelope, event.properties
    return [
        event.at,
        envelope.id if envelope else event.id,
        envelope.sender.address if envelope else "",
        ", ".join(recipient.address for recipient in envelope.recipients) if envelope else "",
        properties.subject if properties else "",
        event.status.value if event.status else "",
        event.reply.value if event.reply else "",
        ", ".join(dict.fromkeys(each.name for each in event.findings if each.severity > Severity.INFORMATIONAL)),
    ]


@app.command
def show(envelope_id: str, *, config: ConfigFile = None, json: Json = False) -> None:
    """Explain one message: its artifacts, what was found in them, what was decided and done, and why."""
    with node(config) as client:
        event = client.message(envelope_id)
    if json:
        print_json(event)
    else:
        _explain(event, Screen(highlight=False))


def _explain(event: Event, console: Console) -> None:
    for verdict in event.verdicts:
        console.print(Text(visible(verdict.sentence), "bold"))
        whom = ", ".join(visible(recipient.address) for recipient in verdict.recipients)
        console.print(Text(f"  for {whom}: {', '.join(step.action for step in verdict.steps)} (rule {verdict.rule})"))
    names = ["When", "From", "To", "Subject", "Status", "Reply"]
    when, _, sender, to, subject, status, reply, _ = _row(event)
    for name, value in zip(names, [when, sender, to, subject, status, reply], strict=True):
        console.print(Text(f"{name:<9}"), cell(value), sep="")
    tree = Tree(Text("artifacts"))
    branches: dict[str | None, Tree] = {None: tree}
    for artifact in event.artifacts:
        line = Text(f"{visible(artifact.path)}  {artifact.type}  {size(artifact.size)}")
        branches[artifact.path] = branch = branches.get(artifact.parent, tree).add(line)
        for finding in event.findings:
            if finding.artifact == artifact.path:
                hit = f"{finding.name} ({finding.kind.value}) by {finding.source}: {'; '.join(finding.evidence)}"
                branch.add(Text(visible(hit), "red"))
    console.print(tree)
    for finding in event.findings:
        if finding.artifact is None:
            console.print(Text(visible(f"found: {finding.name} ({finding.kind.value}) by {finding.source}")))
    for outcome in event.outcomes:
        item = f", item {outcome.item}" if outcome.item else ""
        console.print(Text(visible(f"{outcome.action}: {outcome.status.value}{item} {outcome.error}")))
    spent = ", ".join(f"{stage} {seconds * 1000:.1f} ms" for stage, seconds in event.timings.items())
    console.print(Text(f"times: {spent}; policy {event.policy}, patterns {event.patterns}", "dim"))
    if event.note:
        console.print(Text(visible(event.note)))

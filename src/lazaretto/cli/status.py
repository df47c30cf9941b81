"""``lazaretto status``"""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from lazaretto.cli.listing import Screen, ago, print_json, size
from lazaretto.cli.options import ConfigFile, Json, node
from lazaretto.control.types import NodeStatus


def status(*, config: ConfigFile = None, json: Json = False) -> int:
    """Show how the node is doing.  Exit status 0: healthy, 1: there are warnings."""
    with node(config) as client:
        current = client.status()
    if json:
        print_json(current)
    else:
        _print(current)
    return 0 if current.healthy else 1


def _patterns(current: NodeStatus) -> Iterator[str]:
    yield current.patterns
    if current.patterns_at:
        yield f"loaded {ago(current.patterns_at)}"
    if current.patterns_of:
        yield f"newest file {ago(current.patterns_of)}"


def _print(current: NodeStatus) -> None:
    console = Screen(highlight=False)
    word = Text("healthy", "bold green") if current.healthy else Text("needs attention", "bold yellow")
    console.print(Text(f"{current.node}  Lazaretto {current.version}  "), word, sep="")
    for warning in current.warnings:
        console.print(Text(f"  ! {warning}", "yellow"))
    counters = ", ".join(f"{count} {name}" for name, count in current.counters.items()) or "no mail yet"
    busy = sum(worker.busy for worker in current.workers)
    lines = {
        "running since": current.started_at.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
        "doors": ", ".join(f"{door.name} on {door.address}" for door in current.doors) or "none",
        "workers": f"{len(current.workers)} ({busy} busy, {current.waiting} inspections waiting)",
        "patterns": ", ".join(_patterns(current)),
        "policy": current.policy,
        "quarantine": f"{current.held} held, {size(current.vault_bytes)} on disk",
        "since start": counters,
        "sandbox": "\n                 ".join(current.sandbox),
        "libraries": "\n                 ".join(current.libraries) or "none",
    }
    for name, text in lines.items():
        console.print(f"  {name:<14} {text}", soft_wrap=True)

"""``lazaretto status``"""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from lazaretto.cli.listing import Screen, ago, print_json, size, visible
from lazaretto.cli.options import ConfigFile, Json, node
from lazaretto.control.types import NodeStatus
from lazaretto.model import RemoteStatus


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
        "seen before": _seen(current.results),
        "sandbox": "\n                 ".join(current.sandbox),
        "libraries": "\n                 ".join(current.libraries) or "none",
    }
    if current.remotes:
        lines["servers"] = "\n                 ".join(_server(each) for each in current.remotes)
    for name, text in lines.items():
        console.print(f"  {name:<14} {text}", soft_wrap=True)


def _seen(results: dict[str, int]) -> str:
    """How often an engine need not be asked again, and what knowing that takes."""
    known = results.get("own", 0) + results.get("shared", 0)
    asked = known + results.get("misses", 0)
    if not asked:
        return "nothing yet"
    text = f"{known} of {asked} files ({known / asked:.0%}); {results.get('entries', 0)} results in "
    text += size(results.get("bytes", 0))
    if disputes := results.get("disputes"):
        text += f"; {disputes} DISPUTES: workers said different things of the same file"
    return text


def _server(each: RemoteStatus) -> str:
    """One line for people."""
    state = f"up, {each.version}" if each.up else f"down: {each.why}"
    average = f", {each.seconds / each.scans * 1000:.0f} ms each" if each.scans else ""
    return visible(f"{each.engine} at {each.server}: {state}; {each.scans} scans{average}, {each.failures} failures")

"""``lazaretto explain``: which heuristics fired on a file or a held item, where, and what they add up to."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lazaretto.cli.listing import COLOURS, PIPED_WIDTH, Screen, print_json, visible
from lazaretto.cli.options import ConfigFile, Json, loaded, node
from lazaretto.config import Loaded
from lazaretto.errors import LazarettoError
from lazaretto.explanation import Explainer, Explanation, Reason, meaning
from lazaretto.model import Finding, Severity, Status, status_of

_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
_GRADES = {"present": "cyan", "suspicious": "yellow", "malicious": "bold red"}
_SEEN = 160  # characters of a place and its text


def explain(
    *things: Annotated[str, Parameter(allow_leading_hyphen=True)], config: ConfigFile = None, json: Json = False
) -> int:
    """Say why: each heuristic that fired on a FILE, or on the ITEM or message of that id, with its weight, its place
    and the text that it saw; the sum, the thresholds, and what keeps it from the next grade.

    Exit status 0: all clean, 1: something was found, 2: something could not be read.
    """
    current, explainer, worst = loaded(config), Explainer(), 0
    if not things:
        raise LazarettoError("explain needs a file, or the id of a held item or message")
    for name, findings in _found(things, current, config):
        if findings is None:
            worst = 2
            continue
        explained, others = explainer.split(findings)
        status = status_of(tuple(findings))
        worst = max(worst, int(status is not Status.CLEAN))
        if json:
            print_json(_line(name, status, explained, others))
        else:
            _show(name, status, explained, others)
    return worst


def _found(
    things: Iterable[str], current: Loaded, config: Path | None
) -> Iterable[tuple[str, tuple[Finding, ...] | None]]:
    """What is said of each: of files by an inspection, of what a node has seen by what it wrote down.  None for what
    could not be read, which is said at once and keeps no other from being explained."""
    files = [thing for thing in things if not (_ID.fullmatch(thing) and not Path(thing).exists())]
    inspected = dict(zip(files, asyncio.run(_inspected(files, current)), strict=True)) if files else {}
    for thing in things:
        yield thing, inspected[thing] if thing in inspected else _noted(thing, config)


def _noted(thing: str, config: Path | None) -> tuple[Finding, ...]:
    with node(config) as client:
        try:
            return client.item(thing).findings
        except LazarettoError:
            return client.message(thing).findings


async def _inspected(files: list[str], current: Loaded) -> list[tuple[Finding, ...] | None]:
    from lazaretto.workers.pool import Pool

    pool = Pool(current)
    await pool.start()
    found: list[tuple[Finding, ...] | None] = []
    try:
        for file in files:
            try:
                data = _read(file, current.config.unpack.member_bytes)
            except LazarettoError as error:
                print(f"lazaretto: {visible(str(error))}", file=sys.stderr)
                found.append(None)
            else:
                found.append((await pool.inspect(data, None, name=Path(file).name)).findings)
    finally:
        await pool.stop()
    return found


def _read(file: str, most: int) -> bytes:
    try:
        with Path(file).open("rb") as stream:
            data = stream.read(most + 1)
    except OSError as error:
        raise LazarettoError(f"{file or 'an empty name'}: {error.strerror}") from None
    if len(data) > most:
        raise LazarettoError(f"{file}: more than {most} bytes; unpack.member_bytes is the limit")
    return data


# ---------------------------------------------------------------------------- for programs


def _line(name: str, status: Status, explained: list[Explanation], others: list[Finding]) -> dict[str, Any]:
    """Keys are never renamed."""
    return {
        "path": name,
        "status": status.value,
        "explained": [_explained(each) for each in explained],
        "others": [{**_finding(each), "meaning": meaning(each)} for each in others],
    }


def _explained(each: Explanation) -> dict[str, Any]:
    return {
        **_finding(each.finding),
        "about": each.about,
        "grade": each.grade,
        "score": each.score,
        "thresholds": {"suspicious": each.suspicious, "malicious": each.malicious},
        "heuristics": msgspec.to_builtins(each.reasons),
        "next": each.next,
        "missing": list(each.missing),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    shown = msgspec.to_builtins(finding)
    shown["severity"] = finding.severity.name.lower()
    return {key: shown[key] for key in ("source", "name", "kind", "severity", "artifact", "evidence")}


# ---------------------------------------------------------------------------- for people


def _show(name: str, status: Status, explained: list[Explanation], others: list[Finding]) -> None:
    screen = Screen(highlight=False)
    if not screen.is_terminal:
        screen = Screen(width=PIPED_WIDTH, highlight=False)
    screen.print(Text.assemble((visible(name), "bold"), ": ", (status.value, COLOURS.get(status.value, ""))))
    for each in sorted(explained, key=lambda one: one.finding.severity, reverse=True):
        screen.print(Padding(Group(*_parts(each)), (1, 0, 0, 2)))
    if others:
        screen.print(Padding(Group(Text("other findings", "bold"), _others(others)), (1, 0, 0, 2)))
    if not explained and not others:
        screen.print("  nothing was found")
    screen.print()


def _parts(each: Explanation) -> Iterable[Any]:
    where = each.finding.artifact or "the message"
    colour = _GRADES[each.grade]
    yield Text.assemble((each.finding.name, colour), f" in {visible(where)}: {visible(each.about)}")
    yield _reasons(each.reasons)
    yield Text.assemble(
        (f"{each.score:>6}", "bold"),
        "  in all; suspicious from ",
        str(each.suspicious),
        ", malicious from ",
        str(each.malicious),
        ": ",
        (each.grade, colour),
    )
    if each.next:
        why = "; ".join(each.missing) or f"docs/reference/heuristics.md has what else it takes ({each.finding.source})"
        yield Text(f"        not {each.next}: {why}")


def _reasons(reasons: Iterable[Reason]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right", width=6, no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for each in reasons:
        weight = str(each.counts) if each.counts == each.weight else f"({each.weight})"
        what = Text.assemble(visible(each.says), (" · weak" if each.weak else "", "dim"), "\n", (each.docs, "dim"))
        for line in each.seen:
            if line:
                what.append(f"\n→ {visible(line)[:_SEEN]}", "green")
        table.add_row(weight, Text(each.id, "bold"), what)
    return table


def _others(findings: Iterable[Finding]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for each in sorted(findings, key=lambda one: one.severity, reverse=True):
        style = "red" if each.severity >= Severity.HIGH else "yellow" if each.severity else "dim"
        said = Text.assemble(f"in {visible(each.artifact or 'the message')}\n", (meaning(each), "dim"))
        for line in each.evidence[:3]:
            said.append(f"\n→ {visible(line)[:_SEEN]}", "green")
        name = f"{visible(each.name)} ({each.kind.value}, {each.severity.name.lower()})"
        table.add_row(Text(name, style), said)
    return table

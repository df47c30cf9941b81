"""``lazaretto scan``: files, folders, mailboxes, standard input; no node needed."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from lazaretto.cli.listing import print_json, visible
from lazaretto.cli.mbox import messages
from lazaretto.cli.options import ConfigFile, Json, loaded
from lazaretto.config import Loaded
from lazaretto.model import Finding, Inspection, Kind, Priority, Properties, Severity, Status

AHEAD = 4  # inspections under way for each worker: enough to keep it busy, little to hold in memory
TALLY = "{clean} clean, {infected} infected, {suspicious} suspicious, {unscannable} unscannable"


@dataclass
class Tally:
    """How the run went; says the exit status."""

    status: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))
    unreadable: int = 0

    @property
    def exit(self) -> int:
        """2 when something could not be read, 1 when something was found, else 0."""
        if self.unreadable:
            return 2
        return int(any(count for status, count in self.status.items() if status is not Status.CLEAN))


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to inspect: a file, or one message of a mailbox file (counted from 1)."""

    path: str
    data: bytes
    message: int | None = None


def scan(
    *paths: Annotated[Path, Parameter(allow_leading_hyphen=True)],
    config: ConfigFile = None,
    json: Json = False,
    artifacts: Annotated[bool, Parameter(help="with --json: list every artifact as well", negative="")] = False,
) -> int:
    """Inspect files, folders, mbox and Maildir mailboxes, or "-" for standard input.

    Exit status 0: all clean, 1: something was found, 2: something could not be read.
    """
    tally = Tally()
    asyncio.run(_scan(loaded(config), paths or (Path("-"),), tally, json=json, artifacts=artifacts))
    return tally.exit


async def _scan(current: Loaded, paths: Sequence[Path], tally: Tally, *, json: bool, artifacts: bool) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from lazaretto.workers.pool import Pool

    pool = Pool(current)
    await pool.start()
    errors = Console(stderr=True, highlight=False)
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()]
    try:
        with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
            files = list(_files(paths, tally))
            task = progress.add_task("inspecting", total=len(files))
            window = AHEAD * max(1, len(pool.status().workers))
            targets = _targets(files, current.config.unpack.member_bytes, tally, lambda: progress.advance(task))
            async for target, inspection, seconds in _inspect(pool, targets, window):
                tally.status[inspection.status] += 1
                if json:
                    print_json(_line(target, inspection, seconds, artifacts))
                else:
                    _tell(target, inspection)
    finally:
        await pool.stop()
    if not json:
        print(TALLY.format(**{status.value: count for status, count in tally.status.items()}))


async def _inspect(pool: Any, targets: Iterable[Target | tuple[str, int]], window: int) -> AsyncIterator[Any]:
    """Inspections in the order of the targets, ``window`` of them under way."""
    under_way: deque[asyncio.Task[Any]] = deque()
    for target in targets:
        under_way.append(asyncio.create_task(_one(pool, target)))
        if len(under_way) >= window:
            yield await under_way.popleft()
    while under_way:
        yield await under_way.popleft()


async def _one(pool: Any, target: Target | tuple[str, int]) -> tuple[Target, Inspection, float]:
    began = perf_counter()
    if isinstance(target, Target):
        inspection = await pool.inspect(target.data, None, name=Path(target.path).name, priority=Priority.BACKGROUND)
        return target, inspection, perf_counter() - began
    path, size = target
    evidence = (f"{size} bytes; unpack.member_bytes is the limit",)
    finding = Finding("scan", "limit.member_bytes", Kind.LIMIT, Severity.MEDIUM, evidence=evidence)
    return Target(path, b""), Inspection(Properties(size=size), (), (finding,), ""), 0.0


def _files(paths: Iterable[Path], tally: Tally) -> Iterator[Path]:
    """Every regular file below the paths, in a stable order; symbolic links are not followed below a folder."""
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.rglob("*") if each.is_file() and not each.is_symlink())
        elif str(path) == "-" or path.exists():
            yield path
        else:
            tally.unreadable += 1
            print(f"lazaretto: {path}: no such file", file=sys.stderr)


def _targets(files: Iterable[Path], limit: int, tally: Tally, done: Any) -> Iterator[Target | tuple[str, int]]:
    """The content of each file; of a file that is too large only its name and size."""
    for path in files:
        done()
        try:
            if str(path) == "-":
                yield Target("-", sys.stdin.buffer.read())
                continue
            with path.open("rb") as stream:
                if stream.read(5) == b"From ":
                    for number, raw in enumerate(messages(path), 1):
                        yield Target(str(path), raw, number)
                    continue
            size = path.stat().st_size
            yield Target(str(path), path.read_bytes()) if size <= limit else (str(path), size)
        except OSError as error:
            tally.unreadable += 1
            print(f"lazaretto: {path}: {error.strerror}", file=sys.stderr)


def _line(target: Target, inspection: Inspection, seconds: float, artifacts: bool) -> dict[str, Any]:
    """One object of the output that other programs rely on; keys are never renamed."""
    line: dict[str, Any] = {
        "path": target.path,
        "status": inspection.status.value,
        "findings": [_finding(finding) for finding in inspection.findings],
        "artifacts": len(inspection.artifacts),
        "bytes": inspection.properties.size,
        "seconds": round(seconds, 6),
    }
    if target.message is not None:
        line["message"] = target.message
    if artifacts:
        line["tree"] = [msgspec.to_builtins(artifact) for artifact in inspection.artifacts]
    return line


def _finding(finding: Finding) -> dict[str, Any]:
    shown = msgspec.to_builtins(finding)
    shown["severity"] = finding.severity.name.lower()
    return {key: shown[key] for key in ("source", "name", "kind", "severity", "artifact", "evidence")}


def _tell(target: Target, inspection: Inspection) -> None:
    if inspection.status is Status.CLEAN:
        return
    where = f"{target.path}, message {target.message}" if target.message else target.path
    print(visible(f"{where}: {inspection.status.value}"))
    for finding in inspection.findings:
        if finding.severity is not Severity.INFORMATIONAL:
            print(visible(f"    {finding.name} ({finding.kind.value}) in {finding.artifact or 'the message'}"))

"""``lazaretto scan``: files, folders, mailboxes, standard input; no node needed."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from lazaretto.cli import tree
from lazaretto.cli.listing import Screen, print_json, visible
from lazaretto.cli.mbox import messages
from lazaretto.cli.options import ConfigFile, Json, loaded
from lazaretto.config import Loaded
from lazaretto.findings import catalogue, threats
from lazaretto.model import Finding, Inspection, Kind, Priority, Properties, Severity, Status

AHEAD = 4  # inspections under way for each worker: enough to keep it busy, little to hold in memory
TALLY = "{clean} clean, {infected} infected, {suspicious} suspicious, {unscannable} unscannable"


@dataclass
class Tally:
    """How the run went; says the exit status."""

    status: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))
    unreadable: int = 0

    def refuse(self, path: object, why: str | None) -> None:
        """What cannot be read is never passed over in silence."""
        self.unreadable += 1
        print(visible(f"lazaretto: {path}: {why}"), file=sys.stderr)

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
    data: bytes | None = field(repr=False)  # None: larger than we are willing to look at
    size: int
    message: int | None = None


def scan(
    *paths: Annotated[Path, Parameter(allow_leading_hyphen=True)],
    config: ConfigFile = None,
    json: Json = False,
    artifacts: Annotated[bool, Parameter(help="show everything that was in it, however deep", negative="")] = False,
    details: Annotated[
        bool, Parameter(help="with --json: what is known of each finding by its name", negative="")
    ] = False,
) -> int:
    """Inspect files, folders, mbox and Maildir mailboxes, or "-" for standard input.

    Exit status 0: all clean, 1: something was found, 2: something could not be read.
    """
    tally = Tally()
    asyncio.run(_scan(loaded(config), paths or (Path("-"),), tally, json=json, artifacts=artifacts, details=details))
    return tally.exit


async def _scan(
    current: Loaded, paths: Sequence[Path], tally: Tally, *, json: bool, artifacts: bool, details: bool
) -> None:
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
            count = len(pool.status().workers)
            window = min(AHEAD * count, count + current.config.workers.queue)
            targets = _targets(files, current.config.unpack.member_bytes, tally, lambda: progress.advance(task))
            async with aclosing(_inspect(pool, targets, window)) as results:
                async for target, inspection, seconds in results:
                    tally.status[inspection.status] += 1
                    if json:
                        print_json(_line(target, inspection, seconds, artifacts, details))
                    else:
                        _tell(target, inspection, artifacts)
    finally:
        await pool.stop()
    if not json:
        print(TALLY.format(**{status.value: count for status, count in tally.status.items()}))


async def _inspect(pool: Any, targets: Iterable[Target], window: int) -> AsyncGenerator[Any, None]:
    """Inspections in the order of the targets, ``window`` of them under way."""
    under_way: deque[asyncio.Task[Any]] = deque()
    try:
        for target in targets:
            under_way.append(asyncio.create_task(_one(pool, target)))
            if len(under_way) >= window:
                yield await under_way.popleft()
        while under_way:
            yield await under_way.popleft()
    finally:  # whoever reads the results has seen enough
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _one(pool: Any, target: Target) -> tuple[Target, Inspection, float]:
    if target.data is None:
        evidence = (f"{target.size} bytes or more; unpack.member_bytes is the limit",)
        finding = Finding("scan", "limit.member_bytes", Kind.LIMIT, Severity.MEDIUM, evidence=evidence)
        return target, Inspection(Properties(size=target.size), (), (finding,), ""), 0.0
    began = perf_counter()
    inspection = await pool.inspect(target.data, None, name=Path(target.path).name, priority=Priority.BACKGROUND)
    return target, inspection, perf_counter() - began


def _files(paths: Iterable[Path], tally: Tally) -> Iterator[Path]:
    """Every regular file below the paths, in a stable order; symbolic links are not followed below a folder."""
    for path in paths:
        if path.is_dir():
            yield from sorted(_below(path, tally))
        elif str(path) == "-" or path.exists():
            yield path
        else:
            tally.refuse(path, "no such file" + (", and no such option" if str(path).startswith("-") else ""))


def _below(folder: Path, tally: Tally) -> Iterator[Path]:
    for place, _, names in os.walk(folder, onerror=lambda error: tally.refuse(error.filename, error.strerror)):
        for name in names:
            file = Path(place, name)
            if file.is_file() and not file.is_symlink():
                yield file


def _targets(files: Iterable[Path], limit: int, tally: Tally, done: Callable[[], None]) -> Iterator[Target]:
    """The content of each file, and of each message in a mailbox file."""
    for path in files:
        done()
        try:
            number = 0
            if _is_mbox(path):
                for number, raw in enumerate(messages(path), 1):
                    yield Target(str(path), raw if len(raw) <= limit else None, len(raw), number)
            if not number:
                yield _whole(path, limit)
        except OSError as error:
            tally.refuse(path, error.strerror)


def _is_mbox(path: Path) -> bool:
    if not path.is_file():
        return False  # a pipe can be read once
    with path.open("rb") as stream:
        return stream.read(5) == b"From "


def _whole(path: Path, limit: int) -> Target:
    with nullcontext(sys.stdin.buffer) if str(path) == "-" else path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size  # 0 for pipes and devices
        data = stream.read(limit + 1) if size <= limit else b""
    size = max(size, len(data))
    return Target(str(path), data if size <= limit else None, size)


def _line(target: Target, inspection: Inspection, seconds: float, artifacts: bool, details: bool) -> dict[str, Any]:
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
        line["tree"] = [tree.fields(artifact) for artifact in inspection.artifacts]
    if details:
        line["details"] = [_details(finding) for finding in inspection.findings]
    return line


def _finding(finding: Finding) -> dict[str, Any]:
    shown = msgspec.to_builtins(finding)
    shown["severity"] = finding.severity.name.lower()
    return {key: shown[key] for key in ("source", "name", "kind", "severity", "artifact", "evidence")}


def _details(finding: Finding) -> dict[str, Any]:
    entry, threat = catalogue.of(finding), threats.named(finding)
    return {
        "confidence": finding.confidence,
        "threat": msgspec.to_builtins(threat) if threat else None,
        "meaning": entry.meaning if entry else None,
    }


def _tell(target: Target, inspection: Inspection, artifacts: bool) -> None:
    if inspection.status is Status.CLEAN and not artifacts:
        return
    where = f"{target.path}, message {target.message}" if target.message else target.path
    print(visible(f"{where}: {inspection.status.value}"))
    if artifacts:
        screen = Screen(highlight=False)
        for line in tree.lines(inspection):
            screen.print(line, soft_wrap=True)
        return
    for finding in inspection.findings:
        if finding.severity is not Severity.INFORMATIONAL:
            known = f", {threat}" if (threat := threats.named(finding)) else ""
            where = finding.artifact or "the message"
            print(visible(f"    {finding.name} ({finding.kind.value}) in {where}{known}"))

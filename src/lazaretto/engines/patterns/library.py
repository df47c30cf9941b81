"""Everything that was read from the pattern folders, compiled and ready."""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yara_x

from lazaretto.engines.patterns import clamav, hashes
from lazaretto.errors import ConfigError, Problem

BATCH = 2000  # body signatures compiled as one source: big enough to be quick, small enough to be let go
SHOWN = 5  # refused lines named for each file; the rest is counted


@dataclass
class Library:
    """Rules and hashes; ``described`` has one line for each file, for the operator."""

    rules: yara_x.Rules
    hashes: hashes.HashSet
    version: str
    described: tuple[str, ...]


@dataclass
class _Report:
    """What came of one file."""

    file: Path
    what: str
    count: int  # -1: YARA knows
    refused: list[tuple[int, str]]  # line and reason
    unsupported: Counter[str] = field(default_factory=Counter)

    def line(self, rules: Counter[str]) -> str:
        count = rules[str(self.file)] if self.count < 0 else self.count
        parts = [f"{self.file}: {count} {self.what}"]
        if self.refused:
            shown = "; ".join(f"line {number}: {why}" for number, why in self.refused[:SHOWN])
            parts.append(f"{len(self.refused)} refused ({shown}{'; ...' if len(self.refused) > SHOWN else ''})")
        if self.unsupported:
            named = ", ".join(f"{count} {why}" for why, count in self.unsupported.most_common())
            parts.append(f"{self.unsupported.total()} not supported ({named})")
        return ", ".join(parts)


@dataclass
class _Reading:
    """What is being gathered while files are read."""

    compiler: yara_x.Compiler = field(default_factory=yara_x.Compiler)
    hashes: hashes.HashSet = field(default_factory=hashes.HashSet)
    reports: list[_Report] = field(default_factory=list)
    signatures: int = 0


def load(folders: Iterable[Path]) -> Library:
    """Reads every pattern file below the folders.  A rule or line that cannot be used is reported in
    ``described`` and left out, the rest serves; a file or folder that cannot be read raises ConfigError."""
    reading = _Reading()
    digest = hashlib.sha256()
    for folder in folders:
        for file in _files(folder):
            content = _read(file)
            digest.update(file.suffix.encode() + b"\0" + hashlib.sha256(content).digest())
            _READERS[file.suffix](reading, file, content.decode("utf-8", "surrogateescape"))
    rules = reading.compiler.build()
    counts = Counter(rule.namespace for rule in rules)
    described = tuple(report.line(counts) for report in reading.reports)
    return Library(rules, reading.hashes, digest.hexdigest()[:12], described)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise ConfigError(
            Problem(folder, None, "is no folder of patterns", "make it, or correct engines.patterns.dirs")
        )
    return sorted(path for path in folder.rglob("*") if path.suffix in _READERS and path.is_file())


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        remedy = "make it readable for the user that runs Lazaretto, or remove it"
        raise ConfigError(Problem(file, None, f"cannot be read: {error.strerror}", remedy)) from None


def _yara(reading: _Reading, file: Path, text: str) -> None:
    reading.compiler.new_namespace(str(file))
    before = len(reading.compiler.errors())
    with contextlib.suppress(yara_x.CompileError):  # every error is in errors(); the rules without one are in force
        reading.compiler.add_source(text, origin=str(file))
    errors = reading.compiler.errors()[before:]
    refused = [(error["line"], error["title"]) for error in errors]
    reading.reports.append(_Report(file, "YARA rules", -1, refused))


def _hashes(reading: _Reading, file: Path, text: str) -> None:
    before = len(reading.hashes)
    refused = hashes.read(text.splitlines(), reading.hashes, file.stem)
    reading.reports.append(_Report(file, "hashes", len(reading.hashes) - before, refused))


def _bodies(reading: _Reading, file: Path, text: str) -> None:
    """Each batch becomes one YARA source; a rule that YARA refuses (too wide a gap) is named by its line."""
    refused: list[tuple[int, str]] = []
    unsupported: Counter[str] = Counter()
    batch: list[tuple[int, clamav.BodySignature]] = []
    count = 0
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            batch.append((number, clamav.parse(line.strip())))
        except clamav.Unsupported as error:
            unsupported[str(error)] += 1
        except ValueError as error:
            refused.append((number, str(error)))
        if len(batch) == BATCH:
            count += _compile(reading, file, batch, refused)
            batch = []
    count += _compile(reading, file, batch, refused)
    reading.reports.append(_Report(file, "body signatures", count, sorted(refused), unsupported))


def _compile(
    reading: _Reading, file: Path, batch: list[tuple[int, clamav.BodySignature]], refused: list[tuple[int, str]]
) -> int:
    if not batch:
        return 0
    reading.compiler.new_namespace(f"{file}#{batch[0][0]}")
    before = len(reading.compiler.errors())
    modules = sorted({module for _, signature in batch for module in signature.modules})
    head = [f'import "{module}"' for module in modules]
    body = [signature.rule(reading.signatures + index) for index, (_, signature) in enumerate(batch)]
    reading.signatures += len(batch)
    with contextlib.suppress(yara_x.CompileError):  # as above
        reading.compiler.add_source("\n".join(head + body))
    errors = reading.compiler.errors()[before:]
    bad = {batch[error["line"] - 1 - len(head)][0]: error["title"] for error in errors if error["line"] > len(head)}
    refused.extend(bad.items())
    return len(batch) - len(bad)


_READERS: dict[str, Callable[[_Reading, Path, str], None]] = {
    ".yar": _yara,
    ".yara": _yara,
    ".hdb": _hashes,
    ".hsb": _hashes,
    ".sha256": _hashes,
    ".md5": _hashes,
    ".ndb": _bodies,
}
"""By the end of the file's name; other files in the folders (licences, readmes) are none of our business."""

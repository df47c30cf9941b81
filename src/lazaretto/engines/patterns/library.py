"""Everything that was read from the pattern folders, compiled and ready."""

from __future__ import annotations

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import yara_x

from lazaretto.engines.patterns import clamav, samples, yara
from lazaretto.engines.patterns.source import Header, gather
from lazaretto.errors import ConfigError, Problem

SHOWN = 5  # refused lines named for each file; the rest is counted
ORIGIN = ".origin"  # in a copy of a folder: where the operator has it
MOST_YARA = 64 << 20  # bytes of YARA source, which takes twenty times its size while it is compiled


@dataclass
class Library:
    """Rules, hashes and signatures; ``described`` has one line for each file, for the operator."""

    rules: yara_x.Rules
    clamav: clamav.Signatures
    version: str
    described: tuple[str, ...]
    samples: tuple[samples.Sample, ...] = ()
    by_name: bool = False  # a rule asks how an artifact is called
    refused: int = 0  # rules and lines that do not serve


@dataclass
class _Report:
    """What came of one file."""

    file: Path
    what: str
    count: int  # -1: YARA knows
    refused: list[tuple[int, str]]  # line and reason
    unsupported: Counter[str] = field(default_factory=Counter)
    slow: list[str] = field(default_factory=list)  # rules

    def line(self, rules: Counter[str]) -> str:
        count = rules[_written(self.file)] if self.count < 0 else self.count
        name = _written(self.file)
        parts = [f"{name}: {count} {self.what}"] if self.what else [name]
        if self.refused:
            shown = "; ".join(f"line {number}: {why}" if number else why for number, why in self.refused[:SHOWN])
            parts.append(f"{len(self.refused)} refused ({shown}{'; ...' if len(self.refused) > SHOWN else ''})")
        if self.unsupported:
            named = ", ".join(f"{count} {why}" for why, count in self.unsupported.most_common())
            parts.append(f"{self.unsupported.total()} not supported ({named})")
        if self.slow:
            parts.append(f"{len(self.slow)} may be slow ({', '.join(self.slow[:SHOWN])})")
        return ", ".join(parts)


@dataclass
class _Reading:
    """What is being gathered while files are read."""

    compiler: yara_x.Compiler = field(default_factory=yara.compiler)
    clamav: clamav.Reading = field(default_factory=clamav.Reading)
    reports: list[_Report] = field(default_factory=list)
    root: Path = Path()  # the set that is being read
    yara_bytes: int = 0
    included: set[Path] = field(default_factory=set)
    by_name: bool = False
    headers: dict[str, list[Header]] = field(default_factory=dict)  # of YARA files
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def note(self, file: Path, content: bytes) -> None:
        """For the version: names too, for they stand in findings, and what is included, whatever it is called."""
        self.digest.update(os.fsencode(file.relative_to(self.root)) + b"\0" + hashlib.sha256(content).digest())

    def include(self, file: Path) -> str:
        content = _read(file)
        self.note(file, content)
        return _text(content)


def load(folders: Iterable[Path], most_yara: int = MOST_YARA, unwanted: bool = False) -> Library:
    """Reads every pattern file below the folders.  A rule or line that cannot be used is reported in
    ``described`` and left out, the rest serves; a file or folder that cannot be read raises ConfigError."""
    reading = _Reading(clamav=clamav.Reading(unwanted))
    reading.digest.update(bytes([unwanted]))
    found: list[samples.Sample] = []
    groups: list[list[_Report]] = []
    for folder in folders:
        reading.root, before = folder, len(reading.reports)
        for file in sorted(_files(folder, reading), key=lambda each: each.suffix not in clamav.LISTS):
            if file.suffix in YARA:
                reading.yara_bytes += _size(file)
                if reading.yara_bytes > most_yara:
                    raise ConfigError(_too_much(folder, most_yara))
            content = _read(file)
            reading.note(file, content)
            _READERS[file.suffix](reading, file, content)
        found += samples.read(folder)
        groups.append(reading.reports[before:])
    slow = defaultdict(list)
    for namespace, name in yara.slow(reading.compiler, reading.headers):
        slow[namespace].append(name)
    for report in reading.reports:
        report.slow = slow.get(_written(report.file), [])
    rules = reading.compiler.build()
    counts = Counter(rule.namespace for rule in rules)
    described = tuple(
        line for folder, reports in zip(folders, groups, strict=True) for line in _described(folder, reports, counts)
    )
    refused = sum(len(report.refused) + report.unsupported.total() for report in reading.reports)
    return Library(
        rules,
        reading.clamav.finish(),
        reading.digest.hexdigest()[:12],
        described,
        tuple(found),
        reading.by_name,
        refused,
    )


def _too_much(folder: Path, most: int) -> Problem:
    remedy = "keep the rules that mail needs, or raise engines.patterns.yara_megabytes; while they are compiled they"
    what = f"holds more than {most >> 20} MiB of YARA rules"
    return Problem(origin(folder), None, what, f"{remedy} take twenty times their size in memory")


def _described(folder: Path, reports: list[_Report], counts: Counter[str]) -> Iterator[str]:
    """A line for each file; the YARA files of a folder that nothing is wrong with share one."""
    place = origin(folder)
    plain = [report for report in reports if report.count < 0 and not report.refused and not report.slow]
    if len(plain) > SHOWN:
        yield f"{place}: {sum(counts[_written(report.file)] for report in plain)} YARA rules in {len(plain)} files"
        reports = [report for report in reports if report not in plain]
    for report in reports:
        line = report.line(counts)
        yield line if place == folder else line.replace(str(folder), str(place))


def origin(folder: Path) -> Path:
    """Where the operator has what may be a copy."""
    try:
        return Path((folder / ORIGIN).read_text("utf-8"))
    except OSError:
        return folder


def at_home(problem: Problem, folders: Iterable[Path]) -> Problem:
    """The same, of the operator's file instead of its copy."""
    for folder in folders:
        if problem.file and problem.file.is_relative_to(folder):
            return replace(problem, file=origin(folder) / problem.file.relative_to(folder))
    return problem


def _files(folder: Path, reading: _Reading) -> list[Path]:
    """Every pattern file, in the order of names; hidden folders (``.git``) and samples hold none.  Links to folders
    are not followed: they may lead in a circle, or out of the set."""
    try:
        return _found(folder, reading)
    except OSError as error:
        _unreadable(error)
        raise


def _found(folder: Path, reading: _Reading) -> list[Path]:
    if not folder.is_dir():
        raise ConfigError(
            Problem(folder, None, "is no folder of patterns", "make it, or correct engines.patterns.dirs")
        )
    found = []
    for place, inner, names in os.walk(folder, onerror=_unreadable):
        here = Path(place)
        for name in sorted(inner):
            if (here / name).is_symlink():
                refused = [(0, "a link to a folder is not followed: name its target in engines.patterns.dirs")]
                reading.reports.append(_Report(here / name, "", 0, refused))
        inner[:] = sorted(name for name in inner if name != samples.FOLDER and not name.startswith("."))
        found += [here / name for name in names if Path(name).suffix in _READERS and (here / name).is_file()]
    return sorted(found)


def _unreadable(error: OSError) -> None:
    remedy = "make it readable for the user that runs Lazaretto, or remove it"
    raise ConfigError(Problem(Path(error.filename), None, f"cannot be read: {error.strerror}", remedy)) from None


def _written(file: Path) -> str:
    """A name whose bytes may be no characters: YARA, the control API and terminals take UTF-8 only."""
    return str(file).encode("utf-8", "backslashreplace").decode()


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0  # its reading will tell


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        error.filename = error.filename or str(file)
        _unreadable(error)
        raise


def _text(content: bytes) -> str:
    """Old rules have comments in any character set; what is no UTF-8 must still be text."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _yara(reading: _Reading, file: Path, content: bytes) -> None:
    if file in reading.included:
        return  # it serves in the file that includes it; here it would match a second time
    text = _text(content)
    source = gather(file, reading.root, lambda path: text if path == file else reading.include(path))
    reading.included |= source.included
    namespace = _written(file)
    done = yara.add(reading.compiler, source, file, namespace)
    reading.by_name |= done.by_name
    reading.headers[namespace] = done.headers
    reading.reports.append(_Report(file, "YARA rules", -1, done.refused))


def _clamav(reading: _Reading, file: Path, content: bytes) -> None:
    for outcome in reading.clamav.read(file.name, content):
        what = f"{outcome.what} of {outcome.member}" if outcome.member else outcome.what
        reading.reports.append(_Report(file, what, outcome.count, outcome.refused, outcome.unsupported))


YARA = (".yar", ".yara")
_READERS: dict[str, Callable[[_Reading, Path, bytes], None]] = {
    **dict.fromkeys(YARA, _yara),
    **dict.fromkeys(clamav.SUFFIXES, _clamav),
}
"""By the end of the file's name; other files in the folders (licences, readmes) are none of our business."""

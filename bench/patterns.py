"""What body signatures and YARA rules cost, and how long they take to load.

Of rules: 2,000 as varied as those of public sets, on an artifact of 20 KB (in ms) and on a large one (in MB/s), in one
process; all in processor time, so that what else the machine does is not in it.
``LAZARETTO_BENCH_PATTERNS=FOLDER`` measures a real set in the same way.
"""

from __future__ import annotations

import hashlib
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from lazaretto.engines.patterns.engine import Patterns, PatternSettings
from lazaretto.model import Artifact

SIZE = 200_000
SETS = (2_000, 40_000)
TIMES = 50
RULES = 2_000
SMALL, LARGE = 20_000, 20_000_000
SPECIAL = ("{4-12}", "??", "*")  # what real sets have between their literals


def run() -> Iterable[tuple[str, float, str]]:
    """Name, value, unit."""
    artifacts = {"text": _artifact(_text()), "random bytes": _artifact(random.Random(1).randbytes(SIZE))}
    with tempfile.TemporaryDirectory(dir=".") as folder:
        for count in SETS:
            (Path(folder) / "bench.ndb").write_text("\n".join(_signatures(count)) + "\n")
            started = time.perf_counter()
            engine = Patterns(PatternSettings(dirs=(Path(folder),), builtin=False))
            loading = time.perf_counter() - started
            (described,) = engine.describe()
            if f": {count} signatures" not in described:
                raise AssertionError(described)  # a bench of fewer signatures than it says would flatter us
            yield f"patterns: loading {count} body signatures", loading, "s"
            for what, artifact in artifacts.items():
                yield f"patterns: {count} body signatures on 200 KB of {what}", _median(engine, artifact) * 1000, "ms"
    yield from _rule_sets()


def _rule_sets() -> Iterator[tuple[str, float, str]]:
    with tempfile.TemporaryDirectory(dir=".") as folder:
        (Path(folder) / "bench.yar").write_text("\n".join(_rules(RULES)))
        yield from _rule_set("generated", Path(folder))
    if given := os.environ.get("LAZARETTO_BENCH_PATTERNS"):
        yield from _rule_set(Path(given).name, Path(given))


def _rule_set(name: str, folder: Path) -> Iterator[tuple[str, float, str]]:
    started = time.perf_counter()
    engine = Patterns(PatternSettings(dirs=(folder,), builtin=False))
    loading = time.perf_counter() - started
    count = sum(int(line.partition(": ")[2].split()[0]) for line in engine.describe())
    if name == "generated" and count != RULES:
        raise AssertionError(engine.describe())
    yield f"patterns: loading {count} rules, {name}", loading, "s"
    program = Path(os.path.realpath("/proc/self/exe")).read_bytes()
    contents = {
        "text": _text(LARGE),
        "random bytes": random.Random(3).randbytes(LARGE),
        "program": program * (LARGE // len(program) + 1),
    }
    for what, content in contents.items():
        small, large = _artifact(content[:SMALL]), _artifact(content[:LARGE])
        yield f"patterns: {count} rules on 20 KB of {what}", _median(engine, small, quiet=False) * 1000, "ms"
        seconds = _median(engine, large, 5, quiet=False)
        yield f"patterns: {count} rules on 20 MB of {what}", LARGE / 1e6 / seconds, "MB/s"


def _median(engine: Patterns, artifact: Artifact, count: int = TIMES, *, quiet: bool = True) -> float:
    if list(engine.inspect(artifact)) and quiet:  # the first one makes the scanner
        raise AssertionError("a random signature matches")
    times = []
    for _ in range(count):
        started = time.process_time()
        list(engine.inspect(artifact))
        times.append(time.process_time() - started)
    return statistics.median(times)


def _signatures(count: int) -> Iterator[str]:
    """As long and as varied as those of a real set: 20 to 80 bytes, every fifth with a gap in it."""
    dice = random.Random(count)
    for number in range(count):
        body = dice.randbytes(dice.randint(20, 80)).hex()
        if number % 5 == 0:
            middle = len(body) // 4 * 2
            body = body[:middle] + dice.choice(SPECIAL) + body[middle:]
        yield f"Bench.Generated-{number}:0:*:{body}"


def _rules(count: int) -> Iterator[str]:
    """Four strings each: plain, of both widths and any case, hex with gaps, and every tenth a regular expression."""
    dice = random.Random(count)
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789_./ "
    yield 'import "pe"'
    for number in range(count):
        words = ["".join(dice.choices(letters, k=dice.randint(8, 30))) for _ in range(3)]
        body = dice.randbytes(dice.randint(8, 24)).hex()
        last = (
            f"/{words[2][:6].replace('/', '_').replace('.', '_')}[a-z0-9]{{4,12}}\\.exe/"
            if number % 10 == 0
            else f'"{words[2]}"'
        )
        condition = (
            "pe.number_of_sections > 2 and 2 of them" if number % 7 == 0 else "uint16(0) != 0x1234 and all of them"
        )
        yield (
            f'rule bench_{number} {{ meta: score = 75 strings: $a = "{words[0]}" ascii wide $b = "{words[1]}" nocase '
            f"$c = {{ {body[:8]} [2-6] {body[8:]} }} $d = {last} condition: {condition} }}"
        )


def _text(size: int = SIZE) -> bytes:
    dice = random.Random(2)
    words = ["".join(dice.choices("etaoinshrdlucmfwypvbgk", k=dice.randint(2, 11))) for _ in range(5_000)]
    return " ".join(dice.choices(words, k=size // 5)).encode()[:size]


def _artifact(data: bytes) -> Artifact:
    return Artifact("1", (), data, "application/octet-stream", "", None, None, 0, hashlib.sha256(data).hexdigest())

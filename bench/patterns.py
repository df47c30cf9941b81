"""Body signatures: what a set of them costs on an artifact of 200 KB, and how long it takes to load."""

from __future__ import annotations

import hashlib
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
            if f": {count} body signatures" not in described:
                raise AssertionError(described)  # a bench of fewer signatures than it says would flatter us
            yield f"patterns: loading {count} body signatures", loading, "s"
            for what, artifact in artifacts.items():
                yield f"patterns: {count} body signatures on 200 KB of {what}", _median(engine, artifact) * 1000, "ms"


def _median(engine: Patterns, artifact: Artifact) -> float:
    if list(engine.inspect(artifact)):  # the first one makes the scanner
        raise AssertionError("a random signature matches")
    times = []
    for _ in range(TIMES):
        started = time.perf_counter()
        list(engine.inspect(artifact))
        times.append(time.perf_counter() - started)
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


def _text() -> bytes:
    dice = random.Random(2)
    words = ["".join(dice.choices("etaoinshrdlucmfwypvbgk", k=dice.randint(2, 11))) for _ in range(5_000)]
    return " ".join(dice.choices(words, k=SIZE // 5)).encode()[:SIZE]


def _artifact(data: bytes) -> Artifact:
    return Artifact("1", (), data, "application/octet-stream", "", None, None, 0, hashlib.sha256(data).hexdigest())

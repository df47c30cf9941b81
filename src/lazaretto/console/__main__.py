"""``python -m lazaretto.console [--config FILE]``: the console alone; ``lazaretto console`` is the same."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lazaretto.config import load
from lazaretto.console.server import serve
from lazaretto.errors import LazarettoError


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m lazaretto.console", description=__doc__)
    parser.add_argument("--config", type=Path, help="TOML file")
    try:
        serve(load(parser.parse_args().config).config)
    except LazarettoError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

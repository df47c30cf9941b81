"""How many files of a folder are told to be what their names say: ``python -m bench.detection.types FOLDER [...]``.

Only names whose extension belongs to a type in the catalogue count; the folders are any (a set of the development
half, the scripts of a distribution).  ``--content`` tells them without their names, which is what there is to go by
when a name lies; a text of a language that nothing runs by opening it is then a text, and that counts as right.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from lazaretto.filetypes.catalogue import BY_EXTENSION, TYPES, Family, suffix
from lazaretto.unpack.identify import identify

MOST = 400  # of one extension
_RUN = (Family.SCRIPT, Family.PROGRAM, Family.SHORTCUT, Family.INSTALLER)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.detection.types", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--content", action="store_true", help="without names")
    parser.add_argument("--only", default="", help="extensions, with commas between")
    given = parser.parse_args()
    only = {each for each in given.only.split(",") if each}
    counts: dict[str, Counter[bool]] = defaultdict(Counter)
    for path in _files(given.folders):
        extension = suffix(path.name)
        expected = BY_EXTENSION.get(extension, frozenset())
        if not expected or (only and extension not in only) or counts[extension].total() >= MOST:
            continue
        try:
            data = path.read_bytes()
        except OSError:
            continue
        if not data:
            continue
        found = identify(data, () if given.content else (path.name,))
        right = found in expected or (given.content and found == "text/plain" and _only_text(expected))
        counts[extension][right] += 1
        if not right:
            print(f"{found:40} {path}")
    for extension, count in sorted(counts.items()):
        if count:
            print(f".{extension:12} {count[True]:5} of {count.total():5}  {count[True] / count.total():.1%}")
    right, total = sum(each[True] for each in counts.values()), sum(each.total() for each in counts.values())
    print(f"all           {right:5} of {total:5}  {right / max(total, 1):.1%}")
    return 0


def _only_text(types: frozenset[str]) -> bool:
    return all(kind.startswith("text/") or kind == "application/yaml" for kind in types) and not any(
        TYPES[kind].family in _RUN for kind in types
    )


def _files(folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        for place, _, names in os.walk(folder):
            yield from (Path(place, name) for name in sorted(names) if not Path(place, name).is_symlink())


if __name__ == "__main__":
    sys.exit(main())

"""Grades every script and page below folders: ``python -m bench.scripts FOLDER... [--most N] [--hostile]``.

Packages of npm and PyPI and of Debian, unpacked anywhere, are honest: none may be malicious, two of a hundred
suspicious.  Wheels and tarballs are looked into.  ``--hostile``: the folders hold what should be found; the rest is
listed.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lazaretto.engines.scripts import Scripts
from lazaretto.testing import artifact

_ENDINGS = (
    ".js",
    ".mjs",
    ".cjs",
    ".ps1",
    ".psm1",
    ".bat",
    ".cmd",
    ".vbs",
    ".wsf",
    ".hta",
    ".html",
    ".htm",
    ".svg",
    ".jse",
)
_LONGEST = 8 * 2**20
_SUSPICIOUS = 2.0  # percent
SECOND = 1.0  # for a megabyte


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.scripts", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--most", type=int, default=0, help="of each ending, drawn at random (0: all)")
    parser.add_argument("--hostile", action="store_true")
    given = parser.parse_args()
    engine = Scripts(Scripts.Settings())
    grades: Counter[tuple[str, str]] = Counter()
    slowest, limits = (0.0, ""), 0
    for name, data in _drawn(given.folders, given.most):
        one = artifact(data, name=name)
        if not engine.wants(one):
            grades[one.type, "not a script"] += 1
            continue
        began = time.process_time()
        findings = list(engine.inspect(one))
        slowest = max(slowest, ((time.process_time() - began) / max(len(data) / 2**20, 1), name))
        limits += any(each.name == "script.limit" and each.severity for each in findings)
        grade = next((each.name.rpartition(".")[2] for each in findings if each.name != "script.limit"), "nothing")
        grades[one.type, grade] += 1
        if (grade in ("suspicious", "malicious")) != given.hostile:
            print(
                f"{grade:11}{name}",
                *(line for each in findings for line in each.evidence),
                sep="\n    ",
                file=sys.stderr,
            )
    return _print(grades, slowest, limits, hostile=given.hostile)


def _print(grades: Counter[tuple[str, str]], slowest: tuple[float, str], limits: int, *, hostile: bool) -> int:
    for (kind, grade), count in sorted(grades.items()):
        print(f"{kind:32}{grade:14}{count:8}")
    read = {grade: sum(count for (_, each), count in grades.items() if each == grade) for _, grade in grades}
    total = sum(count for grade, count in read.items() if grade != "not a script")
    suspicious, malicious = read.get("suspicious", 0), read.get("malicious", 0)
    share = 100 * suspicious / max(total, 1)
    print(f"{total} scripts: {malicious} malicious, {suspicious} suspicious ({share:.2f} %), {limits} limits")
    print(f"slowest: {slowest[0]:.2f} s a megabyte, {slowest[1]}")
    if hostile:
        return 0 if suspicious + malicious >= 0.95 * total else 1
    return 1 if malicious or share > _SUSPICIOUS or slowest[0] > SECOND else 0


def _drawn(folders: list[Path], most: int) -> Iterator[tuple[str, bytes]]:
    for ending, paths in _by_ending(folders).items():
        random.Random(ending).shuffle(paths)  # the same for the same folders
        for archive, name in paths[: most or None]:
            data = archive.read(name) if isinstance(archive, zipfile.ZipFile) else Path(name).read_bytes()
            if 0 < len(data) <= _LONGEST:
                yield name, data


def _by_ending(folders: list[Path]) -> dict[str, list[tuple[zipfile.ZipFile | None, str]]]:
    found: dict[str, list[tuple[zipfile.ZipFile | None, str]]] = {ending: [] for ending in _ENDINGS}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".whl", ".zip") and path.is_file():
                archive = zipfile.ZipFile(path)
                for name in archive.namelist():
                    if (ending := Path(name).suffix.lower()) in found:
                        found[ending].append((archive, name))
            elif (ending := path.suffix.lower()) in found and path.is_file():
                found[ending].append((None, str(path)))
    return found


if __name__ == "__main__":
    sys.exit(main())

"""The engine ``macros`` beside its peers on the same files, one table: ``python -m bench.macros FOLDER ...``

Peers are mraptor of oletools (``--oletools PYTHON``: an interpreter that has it, never the project's own) and ClamAV
with its option for macros (``clamscan --alert-macros=yes``, and no signatures).  One that is missing is said and left
out.  A FOLDER with ``manifest.jsonl`` (see ``bench.detection``) has a row for each set and label, another one row.
"""

from __future__ import annotations

import argparse
import importlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lazaretto import __version__, config
from lazaretto.inspection import Inspector
from lazaretto.model import Kind, Severity

OURS, OLETOOLS, CLAMAV = "lazaretto", "mraptor", "clamav"
GRADES = ("none", "macro", "suspicious", "malicious")
_SUFFIXES = {".doc", ".dot", ".docx", ".docm", ".dotm", ".xls", ".xlt", ".xla", ".xlsx", ".xlsm", ".xlsb", ".xlam"}
_SUFFIXES |= {
    ".ppt",
    ".pps",
    ".pptx",
    ".pptm",
    ".ppsm",
    ".potm",
    ".rtf",
    ".odt",
    ".ods",
    ".odp",
    ".xml",
    ".slk",
    ".bin",
}
_SUFFIXES |= {".msg", ".pub", ".mht", ".zip", ".xltm", ".ppam", ".vsd", ".vsdm", ".ole", ".fodt", ".fods"}
# Run by the interpreter that has oletools: paths on its input, a line of JSON for each on its output.
_MRAPTOR = """
import sys, json
from oletools import mraptor, olevba
print(json.dumps(["oletools " + olevba.__version__, ""]), flush=True)
for line in sys.stdin:
    path, grade = line.rstrip("\\n"), "none"
    try:
        parser = olevba.VBA_Parser(path)
        if parser.type != olevba.TYPE_TEXT and parser.detect_vba_macros():  # it takes any text for a module
            code = parser.get_vba_code_all_modules()
            judge = mraptor.MacroRaptor(code)
            judge.scan()
            grade = "suspicious" if judge.suspicious else "macro"
        parser.close()
    except BaseException as error:  # a peer may leave by SystemExit; that is its result
        grade = "failed"
    print(json.dumps([path, grade]), flush=True)
"""


@dataclass
class Peer:
    name: str
    version: str = ""
    grades: dict[str, str] = field(default_factory=dict)  # by path
    seconds: float = 0.0
    missing: str = ""  # why it is left out


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.macros", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("folders", type=Path, nargs="*")
    parser.add_argument("--samples", action="store_true", help="also the samples of the project's own tests")
    parser.add_argument("--sets", help="comma-separated, of folders with a manifest; all if not given")
    parser.add_argument("--oletools", default=sys.executable, help="the Python interpreter that has oletools")
    parser.add_argument(
        "--misses", action="store_true", help="also list files that a peer sees a macro in and we do not"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return _compare(given, _samples(Path(folder)) if given.samples else {})


def _compare(given: argparse.Namespace, samples: dict[str, str]) -> int:
    files = dict(row for folder in given.folders for row in _files(folder, given.sets)) | samples
    if not files:
        print("bench.macros: no documents there", file=sys.stderr)
        return 2
    peers = [_ours(list(files)), _mraptor(given.oletools, list(files)), _clamav(list(files))]
    for peer in peers:
        if peer.missing:
            print(f"{peer.name} is left out: {peer.missing}", file=sys.stderr)
    _print(files, [peer for peer in peers if not peer.missing])
    if given.misses:
        _misses(files, peers)
    return 0


def _files(folder: Path, sets: str | None) -> Iterator[tuple[str, str]]:
    """Path and row."""
    manifest = folder / "manifest.jsonl"
    if manifest.exists():
        for line in manifest.read_text().splitlines():
            row = json.loads(line)
            if (sets is None or row["set"] in sets.split(",")) and Path(row["path"]).suffix.lower() in _SUFFIXES:
                yield str(folder / row["path"]), f"{row['set']} {row['label']}"
        return
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.lower() in _SUFFIXES:
            yield str(path), folder.name


def _samples(folder: Path) -> dict[str, str]:
    """Those that the guard over the weights grades; python -m bench.heuristics."""
    graded = importlib.import_module("tests.engines.macros.samples").graded()
    found = {}
    for number, (_, hostile, name, data) in enumerate(graded):
        path = folder / f"{number:03}-{name}"
        path.write_bytes(data)
        found[str(path)] = f"samples of the tests, {'hostile' if hostile else 'harmless'}"
    return found


# ---------------------------------------------------------------------------- who is asked


def _ours(paths: list[str]) -> Peer:
    peer = Peer(OURS, f"lazaretto {__version__}")
    began = time.perf_counter()
    with ProcessPoolExecutor(1) as pool:  # one at a time, as its peers do
        peer.grades = dict(zip(paths, pool.map(_grade, paths, chunksize=16), strict=True))
    peer.seconds = time.perf_counter() - began
    return peer


@cache
def _inspector() -> Inspector:
    return Inspector(config.Loaded(config.Config(), None))


def _grade(path: str) -> str:
    found = _inspector().inspect(Path(path).read_bytes(), None, Path(path).name).findings
    macros = [one for one in found if one.name.startswith("macro.") and one.kind is Kind.MACRO]  # DDE is none
    worst = max((one.severity for one in macros), default=None)
    return "none" if worst is None else GRADES[max(1, min(worst, Severity.HIGH))]


def _mraptor(python: str, paths: list[str]) -> Peer:
    peer = Peer(OLETOOLS)
    began = time.perf_counter()
    try:
        done = subprocess.run(
            [python, "-W", "ignore", "-c", _MRAPTOR],
            input="\n".join(paths),
            capture_output=True,
            text=True,
        )
    except OSError as error:
        peer.missing = f"{python}: {error.strerror}"
        return peer
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('["')]
    if not lines:
        peer.missing = f"{python} has no oletools (pip install oletools into a place of its own, and name its python)"
        return peer
    peer.version, peer.grades = lines[0][0], dict(lines[1:])
    peer.seconds = time.perf_counter() - began
    return peer


def _clamav(paths: list[str]) -> Peer:
    peer = Peer(CLAMAV)
    program = shutil.which("clamscan")
    if program is None:
        peer.missing = "no clamscan (apt-get install clamav)"
        return peer
    peer.version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.split("/")[0].strip()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "none.hdb").write_text(f"{'0' * 32}:1:None\n")  # it does not start without any signature
        names = Path(folder, "files")
        names.write_text("\n".join(paths))
        done = subprocess.run(
            [program, "--alert-macros=yes", "--no-summary", "-d", f"{folder}/none.hdb", "-f", str(names)],
            capture_output=True,
            text=True,
            errors="replace",
        )
    peer.seconds = time.perf_counter() - began
    peer.grades = dict.fromkeys(paths, "none")
    for line in done.stdout.splitlines():
        path, _, said = line.rpartition(": ")
        if "Macro" in said:
            peer.grades[path] = "macro"
    return peer


# ---------------------------------------------------------------------------- what is shown


def _print(files: dict[str, str], peers: list[Peer]) -> None:
    rows: dict[str, list[str]] = defaultdict(list)
    for path, row in files.items():
        rows[row].append(path)
    print(f"{time.strftime('%Y-%m-%d')}: {', '.join(peer.version for peer in peers)}\n")
    heads = [f"{peer.name} {grade}" for peer in peers for grade in _shown(peer)]
    print("| files | n | " + " | ".join(heads) + " |")
    print("|---|---|" + "---|" * len(heads))
    rest: list[str] = []
    for row, paths in sorted(rows.items()):
        cells = list(_cells(peers, paths))
        if any(cell != "0" for cell in cells):
            print(f"| {row} | {len(paths)} | " + " | ".join(cells) + " |")
        else:
            rest += paths
    if rest:
        print(f"| others, without a macro for anybody | {len(rest)} | " + " | ".join(_cells(peers, rest)) + " |")
    print(f"| **all** | {len(files)} | " + " | ".join(_cells(peers, list(files))) + " |")
    print("\n" + "; ".join(f"{peer.name} {peer.seconds / len(files) * 1000:.0f} ms a file" for peer in peers))


def _shown(peer: Peer) -> tuple[str, ...]:
    return {OURS: GRADES[1:], OLETOOLS: GRADES[1:3], CLAMAV: GRADES[1:2]}[peer.name]


def _cells(peers: list[Peer], paths: list[str]) -> Iterator[str]:
    """Each grade counts those above it as well: what has a macro, what is suspicious or worse, what is malicious."""
    for peer in peers:
        for grade in _shown(peer):
            least = GRADES.index(grade)
            yield str(sum(_rank(peer.grades.get(path, "none")) >= least for path in paths))


def _rank(grade: str) -> int:
    return GRADES.index(grade) if grade in GRADES else 0


def _misses(files: dict[str, str], peers: list[Peer]) -> None:
    ours, *others = peers
    for path, row in files.items():
        seen = {peer.name: peer.grades.get(path, "none") for peer in others}
        if ours.grades[path] == "none" and any(_rank(grade) for grade in seen.values()):
            print(f"not seen by us ({row}): {path} {seen}")
        if ours.grades[path] == "malicious" and "benign" in row:
            print(f"malicious for us ({row}): {path} {seen}")
        if ours.grades[path] == "suspicious" and "benign" in row:
            print(f"suspicious for us ({row}): {path} {seen}")


if __name__ == "__main__":
    sys.exit(main())

"""What 45,000 ClamAV signatures and 250,000 hashes cost a message of ordinary mail: times of the same without them.

Also how a set of hashes is built and asked (``LAZARETTO_BENCH_HASHES=10000000`` for ten million).
"""

from __future__ import annotations

import base64
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from lazaretto import config
from lazaretto.engines.patterns.hashes import HashSet, read
from lazaretto.inspection import Inspector
from lazaretto.testing import envelope

BODIES, LOGICAL, HASHES = 40_000, 5_000, 250_000
MAILS = 300
QUESTIONS = 100_000
STEMS = """CreateObject WScript.Shell ShellExecute Powershell -EncodedCommand FromBase64String DownloadFile Shell(
DownloadString Invoke-Expression VirtualAlloc WriteProcessMemory GetProcAddress LoadLibraryA cmd.exe /c rundll32
mshta certutil eval(unescape( String.fromCharCode document.write( ActiveXObject StrReverse Auto_Open Document_Open
ADODB.Stream SaveToFile window.location /JavaScript /OpenAction <iframe src= <script src= password login verify
account suspended invoice payment overdue"""


def run() -> Iterable[tuple[str, float, str]]:
    """Name, value, unit."""
    mails = [_mail(random.Random(number)) for number in range(MAILS)]
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = Path(name)
        _write(folder)
        without, _ = _inspector(())
        with_set, loading = _inspector((str(folder.resolve()),))
        plain, full = _compared(without, with_set, mails)
    yield "signatures: loading 45,000 and 250,000 hashes", loading, "s"
    yield "signatures: one mail without them", plain * 1000, "ms"
    yield "signatures: one mail with them", full * 1000, "ms"
    yield "signatures: with them, times without", full / plain, "times"
    yield from _hashes(int(os.environ.get("LAZARETTO_BENCH_HASHES", "1000000")))


def _inspector(dirs: tuple[str, ...]) -> tuple[Inspector, float]:
    started = time.perf_counter()
    made = Inspector(config.load(None, {"LAZARETTO_ENGINES__PATTERNS__DIRS": json.dumps(dirs)}))
    loaded = " ".join(made.describe())
    if dirs and not all(f": {count} {what}" in loaded for count, what in ((BODIES, "signatures"), (HASHES, "hashes"))):
        raise AssertionError(loaded)  # a bench of fewer signatures than it says would flatter us
    return made, time.perf_counter() - started


def _compared(without: Inspector, with_set: Inspector, mails: list[bytes]) -> tuple[float, float]:
    """Means for one mail, in turn so that what else the machine does falls on both.  No mail comes twice: results
    are cached."""
    plain, full = [], []
    for mail in mails:
        for made, times in ((without, plain), (with_set, full)):
            started = time.perf_counter()
            made.inspect(mail, envelope())
            times.append(time.perf_counter() - started)
    return statistics.mean(plain), statistics.mean(full)


def _hashes(count: int) -> Iterator[tuple[str, float, str]]:
    known = HashSet()
    dice = random.Random(3)
    lines = (f"{dice.randbytes(32).hex()}:{dice.randint(500, 3_000_000)}:Bench.H-{at}-0" for at in range(count))
    started = time.perf_counter()
    read(lines, known, "bench")
    known.seal()
    yield f"hashes: building {count:,}", time.perf_counter() - started, "s"
    table = known.tables[32]
    yield "hashes: memory for each", table.memory / count, "bytes"
    questions = [dice.randbytes(32) for _ in range(QUESTIONS)]
    started = time.perf_counter()
    for digest in questions:
        for _ in table.find(digest, 5):
            pass
    yield "hashes: asking for one", (time.perf_counter() - started) / QUESTIONS * 1e6, "µs"


def _write(folder: Path) -> None:
    """As real sets are: most of random bytes, many of words, some with gaps and alternatives, for several targets."""
    dice = random.Random(7)
    targets = [0] * 40 + [1] * 30 + [2] * 10 + [3] * 10 + [4] * 5 + [7] * 5
    with (folder / "bench.ndb").open("w") as file:
        for number in range(BODIES):
            target = dice.choice(targets)
            body = _words(dice).lower().encode().hex() if target in (3, 7) else _body(dice)
            file.write(f"Bench.N-{number}:{target}:*:{body}\n")
    with (folder / "bench.ldb").open("w") as file:
        for number in range(LOGICAL):
            count = dice.randint(2, 4)
            subs = ";".join(_words(dice).lower().encode().hex() for _ in range(count))
            expression = "&".join(map(str, range(count)))
            file.write(f"Bench.L-{number};Engine:81-255,Target:{dice.choice((0, 1, 2, 3))};{expression};{subs}\n")
    with (folder / "bench.hsb").open("w") as file:
        for number in range(HASHES):
            size = 32 if number % 5 else 16
            file.write(f"{dice.randbytes(size).hex()}:{dice.randint(500, 3_000_000)}:Bench.H-{number}\n")


def _words(dice: random.Random) -> str:
    return " ".join(dice.choices(STEMS.split(), k=dice.randint(2, 4))) + dice.randbytes(4).hex()


def _body(dice: random.Random) -> str:
    raw = dice.randbytes(dice.randint(12, 60)) if dice.random() < 0.6 else _words(dice).encode()
    middle, roll = len(raw) // 2, dice.random()
    first, last = raw[:middle].hex(), raw[middle:].hex()
    if roll < 0.15:
        return f"{first}{{{dice.randint(0, 4)}-{dice.randint(5, 40)}}}{last}"
    if roll < 0.25:
        return f"{first}({dice.randbytes(1).hex()}|{dice.randbytes(1).hex()}){last}"
    return first + last


def _mail(dice: random.Random) -> bytes:
    """Text and HTML, every third with a picture or a PDF of some 30 KB."""
    text = " ".join(dice.choices(_vocabulary(dice), k=400))
    page = f"<html><body><p>{text.replace('. ', '</p><p>')}</p><a href='https://example.org/'>here</a></body></html>"
    head = "From: a@example.org\r\nTo: b@example.org\r\nSubject: ordinary\r\nMIME-Version: 1.0\r\n"
    head += 'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    parts = [
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}",
        f"Content-Type: text/html\r\n\r\n{page}",
    ]
    if dice.random() < 0.4:
        kind, mark = dice.choice((("image/png", b"\x89PNG\r\n\x1a\n"), ("application/octet-stream", b"\0\1\2\3")))
        content = base64.encodebytes(mark + dice.randbytes(30_000)).decode().replace("\n", "\r\n")
        parts.append(f"Content-Type: {kind}; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n{content}")
    return (head + "".join(f"--b\r\n{part}\r\n" for part in parts) + "--b--\r\n").encode()


def _vocabulary(dice: random.Random) -> list[str]:
    words = ["".join(dice.choices("etaoinshrdlucmfwypvbgk", k=dice.randint(2, 11))) for _ in range(800)]
    return [*words, "invoice", "payment", "account", "password", "login", "next.", "week."]

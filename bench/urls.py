"""Links: what the engine ``urls`` costs on an ordinary mail, and what it says about labelled sets.

``python -m bench.urls FOLDER [--sets a,b] [--show SIGN]``: FOLDER as for ``bench.detection``.  For each set: how many
messages have a finding of each severity or above, and which.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from lazaretto import config
from lazaretto.engines.urls import Urls, UrlSettings
from lazaretto.inspection import Inspector
from lazaretto.model import Finding, Severity
from lazaretto.testing import artifact

TIMES = 200


def run() -> Iterable[tuple[str, float, str]]:
    """Name, value, unit."""
    started = time.perf_counter()
    engine = Urls(UrlSettings())
    yield "urls: loading", (time.perf_counter() - started) * 1000, "ms"
    page, text = newsletter(16_000), letter(4_000)
    yield "urls: HTML of 16 KB with 25 links and text of 4 KB with 4", _median(engine, [page, text]) * 1000, "ms"
    yield "urls: text of 20 KB without a link", _median(engine, [b"Dear all, nothing to see. " * 800]) * 1000, "ms"
    yield "urls: HTML of 20 KB without a link", _median(engine, [b"<p>Dear all, <b>nothing</b></p>" * 660]) * 1000, "ms"
    logo, photo = pictures()
    yield "urls: logo of 180 x 60 pixels", _median(engine, [logo], 50) * 1000, "ms"
    yield "urls: photograph of 1600 x 1200 pixels", _median(engine, [photo], 20) * 1000, "ms"


def newsletter(size: int) -> bytes:
    style = 'style="font-family:Arial,sans-serif;font-size:14px;color:#333333" width="600" align="center"'
    rows = [
        f"<tr><td {style}>Offer {n} of this week, for you.<br>"
        f'<a href="https://click.news.example/t/{n}?u=3f9a&amp;c=77{n}" style="color:#06c">Read more</a></td></tr>'
        for n in range(25)
    ]
    body = "<html><body><table>" + "\n".join(rows) + "</table>"
    return (
        body + f"<p {style}>" + "Lorem ipsum dolor sit amet. " * ((size - len(body)) // 28) + "</p></body></html>"
    ).encode()


def letter(size: int) -> bytes:
    links = "".join(f"See https://www.example.org/page/{n}?a=b\n" for n in range(4))
    return (links + "Lorem ipsum dolor sit amet.\n" * ((size - len(links)) // 28)).encode()


def pictures() -> tuple[bytes, bytes]:
    import io

    from PIL import Image, ImageFilter

    noise = Image.effect_noise((1600, 1200), 80).filter(ImageFilter.GaussianBlur(3)).convert("RGB")
    photo, logo = io.BytesIO(), io.BytesIO()
    noise.save(photo, "JPEG", quality=85)
    noise.resize((180, 60)).save(logo, "PNG")
    return logo.getvalue(), photo.getvalue()


def _median(engine: Urls, contents: list[bytes], times: int = TIMES) -> float:
    shown = [artifact(content) for content in contents]
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        for each in shown:
            list(engine.inspect(each))
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


# ---------------------------------------------------------------------------- labelled sets


@cache
def _inspector() -> Inspector:
    return Inspector(config.Loaded(config.Config.model_validate({}), None))


def _inspect(path: str) -> tuple[list[Finding], int, float]:
    found = _inspector().inspect(Path(path).read_bytes(), None, "mail.eml")
    return (
        [each for each in found.findings if each.source == "urls"],
        len(found.targets),
        found.timings.get("engine.urls", 0),
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.urls")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets")
    parser.add_argument("--show", help="also list the evidence of this sign, or of all above informational: above")
    given = parser.parse_args()
    rows = [json.loads(line) for line in (given.folder / "manifest.jsonl").read_text().splitlines()]
    rows = [row for row in rows if not given.sets or row["set"] in given.sets.split(",")]
    tallies: dict[tuple[str, str], Counter[Any]] = defaultdict(Counter)
    with ProcessPoolExecutor() as pool:
        results = pool.map(_inspect, [str(given.folder / row["path"]) for row in rows], chunksize=16)
        for row, (findings, targets, seconds) in zip(rows, results, strict=True):
            tally = tallies[row["set"], row["label"]]
            tally.update(["n", *(["with links"] if targets else [])])
            tally["ms"] += seconds * 1000
            worst = max((finding.severity for finding in findings), default=-1)
            tally.update(severity.name for severity in Severity if worst >= severity > 0)
            tally.update({(finding.name, finding.severity.name) for finding in findings})
            for finding in findings:
                if given.show == finding.name or (given.show == "above" and finding.severity):
                    print(
                        row["set"],
                        row["label"],
                        finding.name,
                        finding.severity.name,
                        *finding.evidence,
                        row["path"],
                        sep=" | ",
                    )
    for (name, label), tally in sorted(tallies.items()):
        shares = ", ".join(
            f">={s.name.lower()} {tally[s.name]} ({tally[s.name] / tally['n']:.2%})" for s in Severity if s > 0
        )
        mean = tally["ms"] / tally["n"]
        print(f"{name} {label}: {tally['n']} messages, {tally['with links']} with links, {shares}, mean {mean:.2f} ms")
        signs = sorted(key for key in tally if isinstance(key, tuple))
        print("   " + ", ".join(f"{sign} {severity.lower()} {tally[sign, severity]}" for sign, severity in signs))
    return 0


if __name__ == "__main__":
    sys.exit(main())

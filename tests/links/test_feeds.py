"""Lists of bad links."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from lazaretto.errors import ConfigError
from lazaretto.links import address, feeds


def names(table: feeds.Table, raw: str) -> list[str]:
    url = address.read(raw)
    assert url is not None
    return [feed.name for feed, _ in table.match(url)]


@pytest.fixture
def table(tmp_path: Path) -> feeds.Table:
    (tmp_path / "a.hosts").write_text("# c\n0.0.0.0 bad.example # x\n127.0.0.1 localhost\nAlone.example\n1.2.3.4\n")
    (tmp_path / "b.domains").write_text("*.wide.example\nevil.test\nbücher.test\n")
    (tmp_path / "c.urls").write_text("http://Mixed.example:80/%7ea?x=1\nplain.example/page\nhttp://\n")
    (tmp_path / "malware").mkdir()
    digest = hashlib.sha256(b"hashed.example/x").hexdigest()
    (tmp_path / "malware" / "d.sha256").write_text(f"{digest}  note\nnothex\n")
    (tmp_path / "README.md").write_text("not read")
    return feeds.load([tmp_path])


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("https://bad.example/any?thing", ["a"]),
        ("https://www.bad.example/", []),
        ("http://alone.example", ["a"]),
        ("http://0x1.2.3.4/", ["a"]),
        ("https://x.y.wide.example/", ["b"]),
        ("https://wide.example/", ["b"]),
        ("https://notwide.example/", []),
        ("https://xn--bcher-kva.test", ["b"]),
        ("https://mixed.example/~a?x=1", ["c"]),  # of either scheme
        ("http://mixed.example:8080/~a?x=1", []),
        ("http://mixed.example/~a?x=1#f", ["c"]),
        ("http://mixed.example/~a?x=2", []),
        ("https://plain.example/page?q", ["c"]),
        ("https://hashed.example/x", ["d"]),
        ("https://localhost/", []),
    ],
)
def test_what_matches(table: feeds.Table, raw: str, expected: list[str]) -> None:
    assert names(table, raw) == expected


def test_malware_is_told_by_its_folder(table: feeds.Table) -> None:
    assert [(feed.name, feed.malware, feed.entries, feed.refused) for feed in table.feeds] == [
        ("a", False, 3, 0), ("b", False, 3, 0), ("c", False, 2, 1), ("d", True, 1, 1),
    ]  # fmt: skip


def test_version_and_age(tmp_path: Path) -> None:
    file = tmp_path / "a.hosts"
    file.write_text("bad.example\n???\n")
    os.utime(file, (1_700_000_000, 1_700_000_000))
    first = feeds.load([tmp_path])
    assert first.feeds[0].line(1_700_000_000 + 3 * 86_400) == (
        f"{file}: 1 links and hosts, of 2023-11-14 22:13 UTC (3 days old), 1 refused ('???')"
    )
    file.write_text("worse.example\n")
    assert feeds.load([tmp_path]).version != first.version


def test_one_buffer_of_eight_bytes_an_entry(tmp_path: Path) -> None:
    (tmp_path / "a.hosts").write_text("\n".join(f"h{n}.example" for n in range(20_000)))
    table = feeds.load([tmp_path])
    assert len(table.numbers) * table.numbers.itemsize == 160_000
    assert list(table.numbers) == sorted(table.numbers)
    assert names(table, "http://h19999.example/") == ["a"]
    assert names(table, "http://h20000.example/") == []


def test_what_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no folder"):
        feeds.load([tmp_path / "none"])
    for number in range(256):
        (tmp_path / f"{number}.hosts").write_text("")
    with pytest.raises(ConfigError, match="more than 255"):
        feeds.load([tmp_path])


def test_hostile_lists_are_refused_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "a.urls").write_bytes(b"\xff" * 50_000 + b"\n" + b"http://x" * 5000 + b"\n" + bytes(100))
    assert feeds.load([tmp_path]).feeds[0].refused

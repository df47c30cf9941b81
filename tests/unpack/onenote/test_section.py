from __future__ import annotations

import time
from typing import Any

from lazaretto.testing import EICAR


def test_files_and_texts(kit: Any, one: Any) -> None:
    data = one.section({"run.com": EICAR, "b.txt": b"hello"}, "click http://a/")
    found = kit.exploded(data, "a.one")
    assert found.types["a.one"] == "application/onenote"
    assert found.data["a.one!run.com"] == EICAR
    assert found.data["a.one!text.txt"] == b"click http://a/"
    assert found.findings == []
    inside = kit.exploded(kit.zip_of({"d/a.one": data}), "z.zip")
    assert inside.data["z.zip!d/a.one!run.com"] == EICAR


def test_the_packaged_form(kit: Any, one: Any) -> None:
    found = kit.exploded(one.packaged("run.com", EICAR), "a.one")
    assert found.data["a.one!run.com"] == EICAR
    assert found.data["a.one!text.txt"] == b"a page"


def test_a_table_of_contents(kit: Any, one: Any) -> None:
    toc = bytes.fromhex("a12fff43d9ef764c9ee210ea5722765f") + one.section({"a.com": EICAR})[16:]
    assert kit.exploded(toc, "a.onetoc2").data["a.onetoc2!a.com"] == EICAR


def test_damaged(kit: Any, one: Any) -> None:
    for data in (one.section({"run.com": EICAR}, "text"), one.packaged("run.com", EICAR)):
        for at in range(16, len(data), 11):
            for damaged in (data[:at], data[:at] + bytes((data[at] ^ 0xFF,)) + data[at + 1 :]):
                assert kit.exploded(damaged, "a.one").names <= {"onenote.limit"}


def test_files_that_lie_over_one_another_are_bounded(kit: Any, one: Any) -> None:
    start = time.process_time()
    found = kit.exploded(one.magic + one.header * 100_000, "a.one", total_bytes=10**8)
    assert time.process_time() - start < 5
    assert {finding.kind for finding in found.findings} == {"limit"}

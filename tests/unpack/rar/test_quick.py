from __future__ import annotations

import struct
import zlib
from typing import Any

from tests.unpack import rarmake as make


def quick(entries: list[tuple[int, bytes]]) -> bytes:
    """A quick open record: how far back each header stands, and its copy."""
    out = b""
    for back, head in entries:
        body = make.vint(0) + make.vint(back) + make.vint(len(head)) + head
        whole = make.vint(len(body)) + body
        out += struct.pack("<I", zlib.crc32(whole)) + whole
    return make.file5("QO", out, kind=3)


def test_a_true_copy_says_nothing(kit: Any) -> None:
    block = make.file5("a.txt", kit.payload)
    found = kit.exploded(make.rar5(block, quick([(len(block), block[: -len(kit.payload)])])), "x")
    assert found.findings == []
    assert found.data["x!a.txt"] == kit.payload


def test_another_name_and_another_file(kit: Any) -> None:
    block = make.file5("a.txt", kit.payload)
    other = make.file5("a.exe", kit.payload)[: -len(kit.payload)]
    added = make.file5("b.exe", b"x" * 9)[:-9]
    found = kit.exploded(make.rar5(block, quick([(len(block), other), (len(block) - 1, added)])), "x")
    assert found.artifacts[1].names == ("a.txt", "a.exe")
    assert "x!b.exe" in found.data
    assert len(found.finding("rar.contradiction").evidence) == 2


def test_a_record_that_only_the_archive_header_knows(kit: Any) -> None:
    other = make.file5("b.exe", kit.payload)[: -len(kit.payload)]
    inner = quick([(0, other)])
    block = make.file5("a.txt", inner)
    main = make.main5(extra=make.record(1, b"\1" + make.vint(0)))
    main = make.main5(extra=make.record(1, b"\1" + make.vint(len(main) + len(block) - len(inner))))
    found = kit.exploded(make.rar5(block, main=main), "x")
    assert "a quick open record that is none of the blocks" in found.finding("rar.contradiction").evidence
    assert "x!b.exe" in found.data

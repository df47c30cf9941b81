from __future__ import annotations

import io
import struct
import zipfile
from typing import Any


def test_comments_that_look_like_something(kit: Any) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("a.txt")
        info.comment = b"short"
        archive.writestr(info, b"text")
        info = zipfile.ZipInfo("b.txt")
        info.comment = b"MZ\x00" + kit.payload * 3
        archive.writestr(info, b"text")
        archive.comment = b"\x1f\x8b\x08" + bytes(20)
    found = kit.exploded(out.getvalue(), "x.zip")
    comments = {path: data for path, data in found.data.items() if "!comment" in path and path.count("!") == 1}
    assert sorted(comments.values()) == [b"\x1f\x8b\x08" + bytes(20), b"MZ\x00" + kit.payload * 3]


def test_gaps_and_what_stands_behind(kit: Any) -> None:
    one, two = kit.local(b"a", b"x"), kit.local(b"b", b"y")
    hidden = kit.payload * 10
    offset = len(one + hidden + two)
    directory = [kit.central(b"a", 0, 1, 1, 0x8CDC1683), kit.central(b"b", len(one + hidden), 1, 1, 0xFBDB2615)]
    found = kit.exploded(one + hidden + two + kit.end(directory, offset) + b"behind", "x.zip")
    assert found.data[f"x.zip!gap-{len(one)}"] == hidden
    assert found.data["x.zip!trailing-data"] == b"behind"
    assert found.findings == []


def test_a_sound_archive_has_nothing_of_it(kit: Any) -> None:
    assert len(kit.exploded(kit.zip_of({"a": b"x" * 999, "b": b"y"})).artifacts) == 3
    assert len(kit.exploded(b"prefix" + kit.zip_of({"a": b"x"})).artifacts) == 2
    assert len(kit.exploded(struct.pack("<4s18x", b"PK\5\6")).artifacts) == 1

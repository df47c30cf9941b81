from __future__ import annotations

import struct
from typing import Any

from lazaretto.unpack.executable import layout
from lazaretto.unpack.executable.resources import Resource, resources

ADDRESS = 0x1000


def directory(entries: list[tuple[int, int]]) -> bytes:
    named = sum(1 for ident, _ in entries if ident >> 31)
    return struct.pack("<12xHH", named, len(entries) - named) + b"".join(struct.pack("<II", *each) for each in entries)


def section(kind: int, content: bytes, name: str = "CABINET") -> bytes:
    """One resource under a type and a name: three directories, the name, the leaf, the content."""
    text = struct.pack("<H", len(name)) + name.encode("utf-16-le")
    words = 72 + 16
    body = directory([(kind, 0x80000000 | 24)]) + directory([(0x80000000 | words, 0x80000000 | 48)])
    body += directory([(1033, 72)]) + struct.pack("<IIII", ADDRESS + 200, len(content), 0, 0) + text
    return body.ljust(200, b"\0") + content


def found(samples: Any, body: bytes) -> list[Resource | str]:
    data = samples.pe_of([(b".rsrc", body, 0)], directories=[(2, (ADDRESS, len(body)))])
    image = layout.read(data)
    assert image is not None
    return list(resources(data, image))


def test_raw_data_pages_and_what_has_a_type_of_its_own_are_given(samples: Any) -> None:
    assert found(samples, section(10, b"content")) == [Resource("RCDATA/CABINET", b"content", False, 0x400 + 200)]
    assert found(samples, section(23, b"<p>")) == [Resource("HTML/CABINET", b"<p>", True, 0x400 + 200)]
    assert found(samples, section(777, b"content")) == [Resource("777/CABINET", b"content", False, 0x400 + 200)]


def test_icons_dialogs_versions_and_manifests_are_not(samples: Any) -> None:
    for kind in (1, 3, 5, 14, 16, 24):
        assert found(samples, section(kind, b"content")) == []


def test_directories_that_contain_themselves_end(samples: Any) -> None:
    body = directory([(10, 0x80000000), (11, 0x80000000 | 0)])
    assert found(samples, body) == []


def test_more_than_can_be_looked_at_is_said(samples: Any) -> None:
    leaf = struct.pack("<IIII", ADDRESS, 10, 0, 0)
    many = [(777, 0x80000000 | 24)]
    inner = directory([(number, 24 + 16 + 8 * 5000) for number in range(5000)])
    assert "more than 4000 resources" in found(samples, directory(many) + inner + leaf)
    whole = directory(many) + directory([(number, 24 + 16 + 8 * 50) for number in range(50)])
    big = struct.pack("<IIII", ADDRESS, 20_000, 0, 0)
    assert found(samples, (whole + big).ljust(20_000, b"\0"))[-1] == "resources that lie upon each other"


def test_damage_gives_nothing_and_raises_nothing(samples: Any) -> None:
    body = section(10, b"content")
    for length in range(0, len(body), 3):
        found(samples, body[:length])
    for at in range(len(body)):
        found(samples, body[:at] + b"\xff" + body[at + 1 :])

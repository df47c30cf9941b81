from __future__ import annotations

import gzip
import io
from typing import Any

from lazaretto.model import Kind


def member(data: bytes, name: str = "") -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=out, mtime=0) as file:
        file.write(data)
    return out.getvalue()


def test_name_of_the_header_comes_first(kit: Any) -> None:
    found = kit.exploded(member(kit.payload, "run.js"), "harmless.txt.gz")
    artifact = found.artifacts[1]
    assert artifact.names == ("run.js", "harmless.txt")
    assert (artifact.path, artifact.data) == ("harmless.txt.gz!run.js", kit.payload)
    assert found.findings == []


def test_several_members_are_read_joined_and_one_by_one(kit: Any) -> None:
    found = kit.exploded(member(b"harmless") + member(kit.payload), "a.gz")
    assert found.data["a.gz!a"] == b"harmless" + kit.payload
    assert found.data["a.gz!member-2"] == kit.payload


def test_trailing_data_is_an_artifact_and_padding_is_not(kit: Any) -> None:
    found = kit.exploded(member(b"harmless") + kit.payload, "a.gz")
    assert found.data["a.gz!trailing-data"] == kit.payload
    found = kit.exploded(member(b"harmless") + bytes(1000), "a.gz")
    assert list(found.data) == ["a.gz", "a.gz!a"]


def test_header_with_all_optional_fields(kit: Any) -> None:
    plain = member(kit.payload)
    header = plain[:3] + bytes([2 | 4 | 8 | 16]) + plain[4:10] + b"\x03\x00abc" + b"name\0" + b"comment\0" + b"hc"
    assert kit.exploded(header + plain[10:], "a.gz").data["a.gz!name"] == kit.payload


def test_wrong_checksum_is_said_and_the_data_kept(kit: Any) -> None:
    data = member(kit.payload)
    found = kit.exploded(data[:-8] + b"wrong" + data[-3:], "a.gz")
    assert found.data["a.gz!a"] == kit.payload
    assert found.finding("gzip.checksum").kind is Kind.AMBIGUOUS


def test_truncated_at_every_byte_gives_data_or_a_finding(kit: Any) -> None:
    whole = member(kit.payload * 3, "n")
    for cut in range(2, len(whole)):
        found = kit.exploded(whole[:cut], "a.gz")
        assert found.findings, cut
        assert "unpack.crashed" not in found.names


def test_many_members_are_said(kit: Any) -> None:
    found = kit.exploded(member(b"x") * 70, "a.gz")
    assert found.data["a.gz!a"] == b"x" * 70
    assert "gzip.members" in found.names


def test_what_stands_in_the_header_is_an_artifact(kit: Any) -> None:
    body = gzip.compress(b"text")[10:]
    extra = kit.payload * 2
    head = b"\x1f\x8b\x08\x1c" + bytes(6) + len(extra).to_bytes(2, "little") + extra + b"name\0a comment\0"
    found = kit.exploded(head + body, "x.gz")
    assert found.data["x.gz!name"] == b"text"
    assert found.data["x.gz!extra-field"] == extra
    assert found.data["x.gz!comment"] == b"a comment"
    bgzip = b"\x1f\x8b\x08\x04" + bytes(6) + b"\6\0BC\2\0\1\0" + body
    assert len(kit.exploded(bgzip, "x.gz").artifacts) == 2

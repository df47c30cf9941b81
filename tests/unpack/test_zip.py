from __future__ import annotations

import io
import re
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from lazaretto import config
from lazaretto.model import Kind, Severity
from lazaretto.unpack.sevenzip import zipped
from lazaretto.unpack.sevenzip.library import Absent
from lazaretto.unpack.zip import Zip


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=str
)
def test_every_method_gives_the_content_and_no_finding(kit: Any, method: int) -> None:
    found = kit.exploded(kit.zip_of({"docs/a.txt": kit.payload * 50, "b.bin": bytes(100)}, method), "x.zip")
    assert found.data["x.zip!docs/a.txt"] == kit.payload * 50
    assert found.data["x.zip!b.bin"] == bytes(100)
    assert found.findings == []


def test_every_type_built_on_zip_is_accepted() -> None:
    assert "application/zip" in Zip.types
    assert "application/java-archive" in Zip.types


def test_zip_written_to_a_pipe_with_descriptors(kit: Any) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.out = b""

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.out += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        archive.writestr("a.txt", kit.payload)
        archive.writestr("b.txt", kit.payload * 2)
    found = kit.exploded(pipe.out)
    assert [found.data["x!a.txt"], found.data["x!b.txt"]] == [kit.payload, kit.payload * 2]
    assert found.findings == []
    without_directory = pipe.out[: pipe.out.index(b"PK\1\2")]
    found = kit.exploded(without_directory)
    assert [found.data["x!a.txt"], found.data["x!b.txt"]] == [kit.payload, kit.payload * 2]
    assert [finding.severity for finding in found.findings] == [Severity.INFORMATIONAL]


def test_descriptor_without_signature(kit: Any) -> None:
    packed = zlib.compress(kit.payload, wbits=-15)
    member = bytearray(kit.local(b"a", packed, method=8, flags=8, crc=0, size=0))
    member[18:22] = bytes(4)  # sizes unknown in the header
    descriptor = struct.pack("<III", zlib.crc32(kit.payload), len(packed), len(kit.payload))
    found = kit.exploded(bytes(member) + descriptor + kit.local(b"b", b"second"))
    assert found.data["x!a"] == kit.payload
    assert found.data["x!b"] == b"second"


def test_prefixed_archive_is_read_and_not_called_odd(kit: Any) -> None:
    found = kit.exploded(b"MZ" + bytes(500) + kit.zip_of({"run.js": kit.payload}), "setup.exe")
    assert found.types["setup.exe"] == "application/x-dosexec"
    assert found.data["setup.exe!run.js"] == kit.payload
    assert found.findings == []


def test_picture_with_an_archive_behind_it(kit: Any) -> None:
    found = kit.exploded(b"GIF89a" + bytes(50) + kit.zip_of({"run.js": kit.payload}), "a.gif")
    assert found.types["a.gif"] == "image/gif"
    assert found.data["a.gif!run.js"] == kit.payload


def test_concatenated_archives_show_the_members_of_both(kit: Any) -> None:
    found = kit.exploded(kit.zip_of({"good.txt": b"hello"}) + kit.zip_of({"evil.js": kit.payload}))
    assert found.data["x!good.txt"] == b"hello"
    assert found.data["x!evil.js"] == kit.payload
    assert found.finding("zip.contradiction").kind is Kind.AMBIGUOUS
    assert found.finding("zip.contradiction").artifact == "x"


def test_member_that_only_the_local_headers_list(kit: Any) -> None:
    hidden, shown = kit.local(b"evil.js", kit.payload), kit.local(b"good.txt", b"hello")
    entry = kit.central(b"good.txt", len(hidden), 5, 5, zlib.crc32(b"hello"))
    found = kit.exploded(hidden + shown + kit.end([entry], len(hidden + shown)))
    assert found.data["x!evil.js"] == kit.payload
    assert "evil.js" in found.finding("zip.contradiction").evidence[0]


def test_names_that_disagree_are_both_kept(kit: Any) -> None:
    member = kit.local(b"invoice.txt", kit.payload)
    entry = kit.central(b"invoice.exe", 0, len(kit.payload), len(kit.payload), zlib.crc32(kit.payload))
    found = kit.exploded(member + kit.end([entry], len(member)))
    artifact = found.artifacts[1]
    assert artifact.names == ("invoice.exe", "invoice.txt")
    assert "name" in found.finding("zip.contradiction").evidence[0]


def test_methods_that_disagree_are_both_read(kit: Any) -> None:
    packed = zlib.compress(kit.payload, wbits=-15)
    member = kit.local(b"a", packed, method=8, crc=zlib.crc32(kit.payload), size=len(kit.payload))
    entry = kit.central(b"a", 0, len(packed), len(packed), zlib.crc32(packed), method=0)
    found = kit.exploded(member + kit.end([entry], len(member)))
    assert {artifact.data for artifact in found.artifacts[1:]} == {packed, kit.payload}


def test_deflated_data_that_claims_to_be_stored(kit: Any) -> None:
    packed = zlib.compress(kit.payload * 9, wbits=-15)
    found = kit.exploded(kit.local(b"a", packed, method=0, crc=zlib.crc32(kit.payload * 9)))
    assert kit.payload * 9 in found.data.values()
    assert "zip.checksum" in found.names


def test_wrong_checksum_still_gives_the_data(kit: Any) -> None:
    data = bytearray(kit.zip_of({"a.txt": kit.payload}, zipfile.ZIP_STORED))
    data[data.index(kit.payload)] = ord("T")
    found = kit.exploded(bytes(data))
    assert found.data["x!a.txt"] == b"T" + kit.payload[1:]
    assert found.finding("zip.checksum").evidence == ("a.txt: wrong checksum",)


def test_encrypted_members_are_named(kit: Any) -> None:
    data = kit.zip_of({"open.txt": b"hello", "secret.doc": b"x" * 40}, zipfile.ZIP_STORED)
    for signature, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        where = data.index(signature, data.index(signature) + 1) + at  # the second member
        data = data[:where] + b"\1" + data[where + 1 :]
    found = kit.exploded(data)
    finding = found.finding("unpack.encrypted")
    assert (finding.kind, finding.artifact) == (Kind.ENCRYPTED, "x")
    assert re.fullmatch(r"secret\.doc: \d+ words tried", *finding.evidence)
    assert found.data["x!open.txt"] == b"hello"
    assert "x!secret.doc" not in found.data


def test_method_that_nobody_here_reads_is_a_finding(kit: Any) -> None:
    found = kit.exploded(kit.local(b"a.bin", b"????", method=97))
    assert found.finding("zip.method").kind is Kind.LIMIT
    assert found.finding("zip.method").evidence == ("a.bin: method wavpack",)


def seven(folder: Path, files: Mapping[str, bytes], *options: str) -> bytes:
    """An archive by the real program."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    made = folder / "made.zip"
    made.unlink(missing_ok=True)
    subprocess.run(["7z", "a", "-bd", "-tzip", *options, made, *files], cwd=folder, check=True, capture_output=True)
    return made.read_bytes()


@pytest.mark.parametrize("method", ["Deflate64", "PPMd", "xz", "LZMA"])
def test_rare_methods_are_read_with_7_zip(method: str, kit: Any, tmp_path: Path) -> None:
    content = kit.payload * 5000
    found = kit.exploded(seven(tmp_path, {"a.txt": content}, f"-mm={method}"))
    assert found.data["x!a.txt"] == content
    assert not found.names


def test_zstd_is_read_with_7_zip(kit: Any) -> None:
    content = kit.payload * 50
    packed = subprocess.run(["zstd", "-q", "-c"], input=content, capture_output=True, check=True).stdout
    found = kit.exploded(kit.local(b"a.txt", packed, method=93, crc=zlib.crc32(content), size=len(content)))
    assert found.data["x!a.txt"] == content
    assert found.names <= {"zip.odd"}


def test_a_rare_method_that_only_the_local_header_tells_is_read_as_well(kit: Any, tmp_path: Path) -> None:
    content = kit.payload * 900
    data = bytearray(seven(tmp_path, {"a.txt": content}, "-mm=Deflate64"))
    directory = data.index(b"PK\1\2")
    decoy = kit.zip_of({"decoy.txt": b"nothing"})
    assert content in kit.exploded(bytes(data[:directory]) + decoy).data.values()
    data[directory + 10] = 0  # "stored"
    found = kit.exploded(bytes(data))
    assert "zip.contradiction" in found.names
    assert content in found.data.values()


def bits(values: Sequence[int], width: int) -> bytes:
    """Numbers of so many bits, the lowest first."""
    joined = sum(value << width * number for number, value in enumerate(values))
    return joined.to_bytes(-(-width * len(values) // 8), "little")


def test_shrunk_and_imploded_members(kit: Any) -> None:
    """Of literals alone: 5.1 (codes of nine bits) and 5.3 (two trees of 64 codes of six bits, then 1 and a byte)."""
    content = kit.payload
    shrunk = bits(content, 9)
    imploded = b"\x03\xf5\xf5\xf5\xf5" * 2 + bits([octet << 1 | 1 for octet in content], 9)
    for method, packed in ((1, shrunk), (6, imploded)):
        data = kit.local(b"a.txt", packed, method=method, crc=zlib.crc32(content), size=len(content))
        found = kit.exploded(data)
        assert found.data["x!a.txt"] == content
        assert found.names <= {"zip.odd"}


@pytest.mark.parametrize("lock", ["-mem=ZipCrypto", "-mem=AES128", "-mem=AES192", "-mem=AES256"])
@pytest.mark.parametrize("method", ["Copy", "Deflate", "Deflate64"])
def test_locked_members_are_opened_with_a_word(lock: str, method: str, kit: Any, tmp_path: Path) -> None:
    files = {"a.txt": kit.payload * 9, "b.txt": b"other"}
    data = seven(tmp_path, files, lock, f"-mm={method}", "-pgeheim")
    found = kit.exploded(data, passwords=[f"wrong {number}" for number in range(300)] + ["geheim"], password_count=500)
    assert {path: content for path, content in found.data.items() if path != "x"} == {
        f"x!{name}": content for name, content in files.items()
    }
    assert [finding.name for finding in found.findings] == ["unpack.password"]
    closed = kit.exploded(data, passwords=["wrong"])
    assert len(closed.artifacts) == 1
    assert closed.finding("unpack.encrypted").evidence == ("a.txt: 1 word tried", "b.txt")


def test_members_locked_with_different_words(kit: Any, tmp_path: Path) -> None:
    seven(tmp_path, {"a.txt": kit.payload}, "-pone")
    made = tmp_path / "made.zip"
    (tmp_path / "b.txt").write_bytes(b"second")
    subprocess.run(["7z", "a", "-bd", "-ptwo", made, "b.txt"], cwd=tmp_path, check=True, capture_output=True)
    found = kit.exploded(made.read_bytes(), passwords=["two", "one"])
    assert found.data["x!a.txt"] == kit.payload
    assert found.data["x!b.txt"] == b"second"


def test_a_locked_archive_by_info_zip(kit: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(kit.payload)
    subprocess.run(["zip", "-q", "-P", "infected", "made.zip", "a.txt"], cwd=tmp_path, check=True)
    assert kit.exploded((tmp_path / "made.zip").read_bytes()).data["x!a.txt"] == kit.payload


def test_without_7_zip_what_stays_closed_is_named(kit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "Library", absent)
    plugin = Zip(config.Settings())
    data = seven(tmp_path, {"a.txt": kit.payload * 900}, "-mm=Deflate64")
    found = kit.exploded(data, only=[plugin])
    assert found.finding("zip.method").evidence[0].endswith("is not installed")
    assert (
        "is not installed" in kit.exploded(seven(tmp_path, {"a": b"a"}, "-pa"), only=[plugin]).findings[0].evidence[0]
    )


def absent() -> None:
    raise Absent("7-Zip is not installed")


def test_data_behind_the_compressed_data_is_an_artifact(kit: Any) -> None:
    packed = zlib.compress(b"harmless", wbits=-15) + kit.payload
    found = kit.exploded(kit.local(b"a", packed, method=8, crc=zlib.crc32(b"harmless"), size=8))
    assert found.data["x!a"] == b"harmless"
    assert found.data["x!a.slack"] == kit.payload


def test_truncated_at_every_byte_gives_data_or_a_finding(kit: Any) -> None:
    whole = kit.zip_of({"a.txt": kit.payload, "b.txt": kit.payload * 3})
    for cut in range(len(whole)):
        found = kit.exploded(whole[:cut])
        assert "unpack.crashed" not in found.names
        if cut >= 4:
            assert found.findings, f"cut at {cut} goes unnoticed"


def test_names_in_old_code_pages_and_unicode_extra(kit: Any) -> None:
    found = kit.exploded(kit.local("übung.txt".encode("cp437"), b"1"))
    assert found.artifacts[1].names == ("übung.txt",)
    found = kit.exploded(kit.local("übung.txt".encode(), b"1"))
    assert found.artifacts[1].names[0] == "übung.txt"


def test_ten_thousand_members(kit: Any) -> None:
    data = kit.zip_of({f"{number}.txt": b"%d" % number for number in range(10_000)}, zipfile.ZIP_STORED)
    found = kit.exploded(data, count=20_000)
    assert len(found.artifacts) == 10_001
    assert found.findings == []
    found = kit.exploded(data, count=500)
    assert len(found.artifacts) == 500
    assert found.names == {"limit.count"}


def test_folders_are_no_members(kit: Any) -> None:
    assert list(kit.exploded(kit.zip_of({"folder/": b"", "folder/a": b"1"})).data) == ["x", "x!folder/a"]


def test_empty_archive_is_fine_and_garbage_is_not(kit: Any) -> None:
    assert kit.exploded(kit.zip_of({})).findings == []
    assert kit.exploded(b"PK\3\4" + b"garbage" * 20).names == {"unpack.malformed"}


def test_volumes_of_a_split_archive(kit: Any) -> None:
    first = b"PK\7\x08" + kit.local(b"a.txt", kit.payload) + kit.local(b"b.txt", b"cut off")[:-3]
    found = kit.exploded(first, "x.z01")
    assert found.data["x.z01!a.txt"] == kit.payload
    assert found.finding("zip.volume").kind is Kind.LIMIT
    entries = [kit.central(b"b.txt", 7, 9, 9, 0), kit.central(b"c.txt", 0, len(kit.payload), len(kit.payload), 0)]
    member = kit.local(b"c.txt", kit.payload)
    last = bytearray(member + kit.end(entries, len(member)))
    last[-18:-16] = b"\2\0"
    found = kit.exploded(bytes(last), "x.zip")
    assert found.holds(kit.payload)
    assert found.finding("zip.volume").evidence == ("the last of 3 volumes",)
    one = kit.exploded(b"PK00" + kit.zip_of({"a.txt": kit.payload}), "x.zip")  # spanned, and it fitted on one
    assert one.holds(kit.payload)
    assert "zip.volume" not in one.names


def test_zip64_in_every_field_and_with_a_streamed_header(kit: Any) -> None:
    data, wide = kit.payload, 0xFFFFFFFF
    crc = zlib.crc32(data)
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 45, 0, 0, 0, 0, crc, wide, wide, 1, 20)
    local += b"a" + struct.pack("<HHQQ", 1, 16, len(data), len(data)) + data
    central = struct.pack("<4sHHHHHHIII", b"PK\1\2", 45, 45, 0, 0, 0, 0, crc, wide, wide)
    central += struct.pack("<HHHHHII", 1, 32, 0, 0xFFFF, 0, 0, wide)
    central += b"a" + struct.pack("<HHQQQI", 1, 28, len(data), len(data), 0, 0)
    end = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(central), len(local))
    end += struct.pack("<4sIQI", b"PK\6\7", 0, len(local + central), 1)
    end += struct.pack("<4sHHHHIIH", b"PK\5\6", 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, wide, wide, 0)
    for prefix in (b"", b"prefix" * 100):
        found = kit.exploded(prefix + local + central + end, "x.zip")
        assert found.data["x.zip!a"] == data
        assert found.findings == []
    # Info-ZIP into a pipe: the packed size is in the extra field, 0, and the size is known already.
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 45, 8, 0, 0, 0, 0, wide, len(data), 1, 12)
    local += b"a" + struct.pack("<HHQ", 1, 8, 0) + data + struct.pack("<4sIQQ", b"PK\7\x08", crc, len(data), len(data))
    found = kit.exploded(local + kit.end([kit.central(b"a", 0, len(data), len(data), crc, flags=8)], len(local)), "x")
    assert found.data["x!a"] == data
    assert found.findings == []


@pytest.mark.parametrize(
    ("front", "severity"), [(b"", Severity.MEDIUM), (b"stream of a document", Severity.INFORMATIONAL)]
)
def test_several_archives_behind_something_else_are_no_trick(kit: Any, front: bytes, severity: Severity) -> None:
    data = front + kit.zip_of({"a.txt": b"first"}) + kit.zip_of({"b.txt": b"second"})
    found = kit.exploded(data)
    assert found.finding("zip.contradiction").severity is severity
    assert {b"first", b"second"} <= set(found.data.values())


def test_name_up_to_a_nul_is_a_name_too(kit: Any) -> None:
    found = kit.exploded(kit.local(b"run.exe\0.txt", kit.payload))
    assert found.artifacts[1].names == ("run.exe", "run.exe\0.txt")


def test_stored_member_that_is_cut_off(kit: Any) -> None:
    data = kit.local(b"a", kit.payload)
    assert kit.exploded(data[:-1]).finding("unpack.malformed").severity is Severity.MEDIUM
    assert "unpack.malformed" not in kit.exploded(data).names


def test_locked_bomb_is_not_unpacked_to_prove_the_word(kit: Any, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(bytes(400 << 20))
    command = ["7z", "a", "-tzip", "-bd", "-mm=bzip2", "-mx=1", "-psecret", "made.zip", "big"]
    subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    found = kit.exploded((tmp_path / "made.zip").read_bytes(), passwords=("secret",), artifact_seconds=0.9)
    assert found.names == {"unpack.password", "limit.ratio"}


def test_packages_with_records_between_them_are_no_trick(kit: Any) -> None:
    package = kit.zip_of({"a.txt": kit.payload})
    record = b"\x0f\x27" * 200
    inner = package[: len(package) // 2] + record + package  # what a gap holds is cut anyhow
    data = b"PowerPoint" + package + record + inner + record + kit.zip_of({"b.txt": b"b"})
    found = kit.exploded(data, "PowerPoint Document")
    assert found.holds(kit.payload)
    assert {finding.severity for finding in found.findings if finding.kind is Kind.AMBIGUOUS} <= {
        Severity.INFORMATIONAL,
        Severity.LOW,
    }

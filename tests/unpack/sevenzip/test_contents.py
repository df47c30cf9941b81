from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unpack import chmmake

from lazaretto.model import Severity

Pack = Callable[..., bytes]


def test_what_stands_behind_an_archive_is_given(pack: Pack, kit: Any) -> None:
    data = pack({"a": b"hello"})
    found = kit.exploded(data + bytes(100) + b"more" + bytes(9), "x.7z")
    assert found.data["x.7z!x.7z.tail"] == bytes(100) + b"more" + bytes(9)
    assert "x.7z!x.7z.tail" not in kit.exploded(data + bytes(100), "x.7z").data


@pytest.mark.parametrize("options", [("-psecret",), ("-psecret", "-mhe=on")])
def test_locked_archives(pack: Pack, kit: Any, options: tuple[str, ...]) -> None:
    data = pack({"a.txt": kit.payload, "b.txt": b"other"}, *options)
    closed = kit.exploded(data, "x.7z")
    assert not closed.holds(kit.payload)
    assert "3 words tried" in closed.finding("unpack.encrypted").evidence[0]
    found = kit.exploded(data, "x.7z", passwords=("wrong", "secret"))
    assert found.data["x.7z!a.txt"] == kit.payload
    assert found.names == {"unpack.password"}


def test_a_locked_file_beside_an_open_one(pack: Pack, kit: Any, tmp_path: Path) -> None:
    pack({"open.txt": b"open" * 9})
    (tmp_path / "locked.txt").write_bytes(kit.payload)
    subprocess.run(["7z", "a", "-bd", "-pone", "made.7z", "locked.txt"], cwd=tmp_path, check=True, stdout=-3)
    (tmp_path / "other.txt").write_bytes(b"other")
    subprocess.run(["7z", "a", "-bd", "-ptwo", "made.7z", "other.txt"], cwd=tmp_path, check=True, stdout=-3)
    data = (tmp_path / "made.7z").read_bytes()
    found = kit.exploded(data, passwords=["one"])
    assert (found.data["x!open.txt"], found.data["x!locked.txt"]) == (b"open" * 9, kit.payload)
    assert re.fullmatch(r"other\.txt: \d+ words? tried", *found.finding("unpack.encrypted").evidence)
    both = kit.exploded(data, passwords=["one", "two"])
    assert both.data["x!other.txt"] == b"other"
    assert both.names == {"unpack.password"}


def test_links_are_no_members_and_odd_ones_are_named(kit: Any, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "a.txt").write_bytes(b"hello")
    (inside / "same").symlink_to("a.txt")
    subprocess.run(["mksquashfs", inside, tmp_path / "made", "-quiet"], check=True, stdout=-3)
    plain = kit.exploded((tmp_path / "made").read_bytes())
    assert plain.finding("sevenzip.links").evidence == ("1 links, not followed",)
    (inside / "out").symlink_to("../../etc/passwd")
    (inside / "root").symlink_to("/etc/passwd")
    subprocess.run(["mksquashfs", inside, tmp_path / "odd", "-quiet"], check=True, stdout=-3)
    found = kit.exploded((tmp_path / "odd").read_bytes())
    finding = found.finding("sevenzip.links")
    assert set(finding.evidence) == {"out -> ../../etc/passwd", "root -> /etc/passwd"}
    assert finding.severity is Severity.INFORMATIONAL
    assert set(found.data) == {"x", "x!a.txt"}
    subprocess.run(["7z", "a", "-bd", "-snl", tmp_path / "links.7z", "."], cwd=inside, check=True, stdout=-3)
    found = kit.exploded((tmp_path / "links.7z").read_bytes())
    assert set(found.finding("sevenzip.links").evidence) == set(finding.evidence)
    assert found.data["x!out"] == b"../../etc/passwd"


def test_streams_beside_files_are_members(kit: Any, tmp_path: Path) -> None:
    commands = """
    truncate -s 2M made && mkntfs -q -F made && echo hello > a && ntfscp made a a.txt && ntfscp -N hidden made b a.txt
    """
    (tmp_path / "b").write_bytes(kit.payload)
    subprocess.run(["sh", "-ec", commands], cwd=tmp_path, check=True, capture_output=True)
    found = kit.exploded((tmp_path / "made").read_bytes())
    assert found.data["x!a.txt:hidden"] == kit.payload


def test_a_block_that_cannot_be_decoded_hides_no_other(pack: Pack, kit: Any) -> None:
    data = bytearray(pack({"a": b"a" * 5000, "b": kit.payload, "c": b"c" * 5000}, "-ms=off", "-m0=LZMA"))
    data[32] ^= 0xFF  # the first byte of LZMA data is 0
    found = kit.exploded(bytes(data))
    assert found.data["x!b"] == kit.payload
    assert "unpack.malformed" in found.names


def test_only_the_tables_of_a_file_system_are_guesses(pack: Pack, kit: Any) -> None:
    found = kit.exploded(pack({"[SYSTEM]/$MFT": bytes(7) + b"**ACE**" + b"\xff" * 99}))
    assert "unpack.unsupported" in found.names


def test_locked_bomb_is_not_unpacked_to_prove_the_word(pack: Pack, kit: Any) -> None:
    data = pack({"big": bytes(900 << 20)}, "-psecret", "-mx=1")
    found = kit.exploded(data, passwords=("secret",), member_bytes=1 << 20, artifact_seconds=1.2)
    assert "unpack.password" in found.names


def test_compiled_help(kit: Any) -> None:
    data = chmmake.chm({"index.htm": b"<html>x</html>", "deep/eicar.com": kit.payload})
    found = kit.exploded(kit.zip_of({"a.chm": data}), "x.zip")
    assert found.types["x.zip!a.chm"] == "application/vnd.ms-htmlhelp"
    assert found.data["x.zip!a.chm!deep/eicar.com"] == kit.payload
    assert kit.exploded(data, "a.chm").data["a.chm!deep/eicar.com"] == kit.payload
    cut = kit.exploded(data[:-30], "a.chm")
    assert cut.findings

from __future__ import annotations

import io
import struct
import time
import zipfile
from typing import Any

import pytest
from tests.unpack import rarmake as make

from lazaretto import config
from lazaretto.model import Artifact, Finding, Kind
from lazaretto.plugin import Member
from lazaretto.unpack.rar import members
from lazaretto.unpack.rar.data import Tools
from lazaretto.unpack.signatures import RAR

EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PAYLOAD = EICAR.encode()
WORD = "geheim"


def both(content: bytes, **more: Any) -> list[tuple[str, bytes]]:
    """The same file in every kind of archive."""
    return [
        ("stored 5", make.rar5(make.file5("a/b.com", content, **more))),
        ("packed 5", make.rar5(make.file5("a/b.com", content, data=make.packed5(content), method=3, **more))),
        ("stored 4", make.rar4(make.file4(b"a\\b.com", content, **more))),
        ("packed 4", make.rar4(make.file4(b"a\\b.com", content, data=make.packed4(content), method=3, **more))),
    ]


@pytest.mark.parametrize(("kind", "archive"), both(PAYLOAD))
def test_eicar_alone_and_in_a_zip(kit: Any, kind: str, archive: bytes) -> None:
    found = kit.exploded(archive, "x.rar")
    assert found.types["x.rar"] == RAR
    assert found.data["x.rar!a/b.com"] == PAYLOAD
    assert found.findings == []
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as outer:
        outer.writestr("in/x.rar", archive)
    assert kit.exploded(out.getvalue(), "y.zip").data["y.zip!in/x.rar!a/b.com"] == PAYLOAD


@pytest.mark.parametrize(("kind", "archive"), both(PAYLOAD, word=WORD))
def test_opened_with_a_password(kit: Any, kind: str, archive: bytes) -> None:
    found = kit.exploded(archive, "x.rar", passwords=("wrong", WORD))
    assert found.data["x.rar!a/b.com"] == PAYLOAD
    assert found.names == {"unpack.password"}
    locked = kit.exploded(archive, "x.rar", passwords=("wrong", "other"))
    assert not locked.holds(PAYLOAD)
    assert locked.finding("unpack.encrypted").kind is Kind.ENCRYPTED
    assert locked.finding("unpack.encrypted").evidence == ("a/b.com: 2 words tried",)
    assert locked.names == {"unpack.encrypted"}


@pytest.mark.parametrize(
    "archive",
    [
        make.hidden5(WORD, make.file5("a/b.com", PAYLOAD, word=WORD)),
        make.hidden5(WORD, make.file5("a/b.com", PAYLOAD, word=WORD), check=False),
        make.hidden4(WORD, make.file4(b"a/b.com", PAYLOAD, word=WORD)),
        make.hidden4(WORD, make.file4(b"a/b.com", PAYLOAD)),
    ],
)
def test_names_are_encrypted_as_well(kit: Any, archive: bytes) -> None:
    found = kit.exploded(archive, "x.rar", passwords=("wrong", WORD))
    assert found.data["x.rar!a/b.com"] == PAYLOAD
    assert found.names == {"unpack.password"}
    locked = kit.exploded(archive, "x.rar", passwords=("wrong",))
    assert locked.finding("unpack.encrypted").evidence == ("all headers: 1 word tried",)
    assert len(locked.artifacts) == 1


@pytest.mark.parametrize(("check", "tweaked"), [(False, False), (False, True), (True, False)])
def test_a_password_told_by_the_checksum_alone(kit: Any, check: bool, tweaked: bool) -> None:
    archive = make.rar5(make.file5("a.com", PAYLOAD, word=WORD, check=check, tweaked=tweaked))
    found = kit.exploded(archive, "x.rar", passwords=("wrong", WORD))
    assert found.data["x.rar!a.com"] == PAYLOAD
    assert found.names == {"unpack.password"}
    assert kit.exploded(archive, "x.rar", passwords=("wrong",)).names == {"unpack.encrypted"}


def test_solid_chains(kit: Any) -> None:
    five = make.rar5(
        make.file5("a", b"first", data=make.packed5(b"first"), method=3),
        make.file5("note", b"stored between"),
        make.file5("b", PAYLOAD, data=make.packed5(PAYLOAD), method=3, form=0x40),
        main=make.main5(4),
    )
    found = kit.exploded(five, "x.rar")
    assert found.data["x.rar!b"] == PAYLOAD
    assert found.findings == []
    four = make.rar4(
        make.file4(b"a", PAYLOAD, data=make.packed4(PAYLOAD), method=3),
        make.file4(b"b", PAYLOAD[-2:] + b"!", data=make.packed4(b"!", before=make.MATCH4), method=3, flags=0x10),
        flags=8,
    )
    found = kit.exploded(four, "x.rar")
    assert found.data["x.rar!b"] == PAYLOAD[-2:] + b"!"
    assert found.findings == []


def test_encrypted_solid_chains(kit: Any) -> None:
    four = make.rar4(
        *(
            make.file4(b"%d" % n, PAYLOAD, data=make.packed4(PAYLOAD), method=3, flags=0x10 * bool(n), word=WORD)
            for n in range(4)
        ),
        flags=8,
    )
    five = make.rar5(
        *(
            make.file5(str(n), PAYLOAD, data=make.packed5(PAYLOAD), method=3, form=0x40 * bool(n), word=WORD)
            for n in range(4)
        ),
        main=make.main5(4),
    )
    for archive in (four, five):
        found = kit.exploded(archive, "x.rar", passwords=(WORD,))
        assert [data for path, data in found.data.items() if "!" in path] == [PAYLOAD] * 4
        assert found.names == {"unpack.password"}


def test_comments_streams_and_what_stands_elsewhere(kit: Any) -> None:
    stream = make.file5("STM", PAYLOAD, kind=3, extra=make.record(7, b":hidden.exe"))
    hidden = make.record(99, PAYLOAD)
    five = make.rar5(make.file5("a", b"text", extra=hidden), stream, make.file5("CMT", b"a comment", kind=3))
    found = kit.exploded(five + b"behind", "x.rar")
    assert found.data["x.rar!a:hidden.exe"] == PAYLOAD
    assert found.data["x.rar!a.record-99"] == PAYLOAD
    assert found.data["x.rar!comment"] == b"a comment"
    assert found.data["x.rar!trailing-data"] == b"behind"
    four = make.rar4(
        make.file4(b"a", b"text"),
        make.file4(b"STM", PAYLOAD, kind=0x7A, more=":hidden.exe".encode("utf-16-le")),
        make.block4(0x78, 0x8000, struct.pack("<I", 5), b"12345"),
    )
    found = kit.exploded(four + PAYLOAD, "x.rar")
    assert found.data["x.rar!a:hidden.exe"] == PAYLOAD
    assert found.data["x.rar!block-78-data"] == b"12345"
    assert found.data["x.rar!trailing-data"] == PAYLOAD
    assert found.findings == []


@pytest.mark.parametrize("archive", [make.rar5(make.file5("a", PAYLOAD)), make.rar4(make.file4(b"a", PAYLOAD))])
def test_behind_a_program_and_behind_another_archive(kit: Any, archive: bytes) -> None:
    found = kit.exploded(b"MZ" + bytes(200) + b"\xff" * 5000 + archive, "setup.exe")
    assert found.types["setup.exe"] != RAR
    assert found.data["setup.exe!a"] == PAYLOAD
    assert found.findings == []
    found = kit.exploded(archive + make.rar5(make.file5("c", PAYLOAD)), "x.rar")
    assert found.data["x.rar!trailing-data!c"] == PAYLOAD


def test_volumes(kit: Any) -> None:
    first = make.rar5(make.file5("a", PAYLOAD, flags=16), main=make.main5(1), end=make.block5(5, b"\1"))
    found = kit.exploded(first, "x.part1.rar")
    assert found.data["x.part1.rar!a"] == PAYLOAD
    assert found.finding("rar.volume").kind is Kind.LIMIT
    assert "a: goes on in the next" in found.finding("rar.volume").evidence
    second = make.rar4(make.file4(b"a", PAYLOAD, flags=1), flags=1)
    found = kit.exploded(second, "x.r00")
    assert found.data["x.r00!a"] == PAYLOAD
    assert found.names == {"rar.volume"}
    packed = make.rar4(make.file4(b"a", PAYLOAD, data=make.packed4(PAYLOAD), method=3, flags=1), flags=1)
    assert kit.exploded(packed, "x.r00").names == {"rar.volume", "rar.method"}


def test_what_nothing_opens_is_named(kit: Any) -> None:
    old = make.rar4(make.file4(b"a", PAYLOAD, data=b"\1\2\3", method=3, version=15))
    assert kit.exploded(old).finding("rar.method").evidence == ("a: packed by method 15.3",)
    seven = make.rar5(make.file5("a", PAYLOAD, data=make.packed5(PAYLOAD), method=3, form=1))
    assert kit.exploded(seven).finding("rar.method").kind is Kind.LIMIT
    assert kit.exploded(b"RE\x7e\x5e" + bytes(40)).names == {"rar.old"}
    secret = make.rar4(make.file4(b"a", PAYLOAD, version=20, flags=4))
    assert kit.exploded(secret).names == {"unpack.encrypted"}
    slow = make.rar5(make.file5("a", PAYLOAD, word=WORD, rounds=4).replace(b"\4" + make.SALT, b"\x18" + make.SALT))
    assert "2^24 rounds" in str(kit.exploded(slow, passwords=(WORD,)).finding("unpack.encrypted").evidence)


def test_without_the_libraries(kit: Any) -> None:
    unpacker = members.Rar(config.Settings())
    unpacker._tools = Tools(None, None)
    packed = make.file4(b"b", PAYLOAD, data=make.packed4(PAYLOAD), method=3)
    solid = make.file4(b"c", PAYLOAD, data=make.packed4(PAYLOAD), method=3, flags=0x10)
    archive = make.rar4(make.file4(b"a", PAYLOAD), packed, packed, solid)
    things = list(unpacker.unpack(Artifact("x", (), archive, RAR, "", None, None, 0, "")))
    assert [each.evidence[0] for each in things[1:]] == [  # type: ignore[union-attr]
        "needs the package libarchive13",
        "needs the package libunarr1",
    ]
    assert all("absent" in line for line in unpacker.describe())
    lines = members.Rar(config.Settings()).describe()
    assert [line.split()[0] for line in lines] == ["libarchive", "unarr:"]
    assert "libarchive libarchive" not in lines[0]


def test_lying_sizes_and_checksums(kit: Any) -> None:
    found = kit.exploded(make.rar5(make.file5("a", PAYLOAD, crc=1)), "x")
    assert found.data["x!a"] == PAYLOAD
    assert found.names == {"rar.checksum"}
    packed = make.packed4(PAYLOAD)
    found = kit.exploded(make.rar4(make.file4(b"a", PAYLOAD, data=packed, method=3, crc=1)), "x")
    assert found.data["x!a"] == PAYLOAD
    assert found.names == {"rar.checksum"}
    found = kit.exploded(make.rar5(make.file5("a", PAYLOAD, size=10)), "x")
    assert found.data["x!a"] == PAYLOAD  # all that is there, whatever the header says
    assert found.names == {"rar.checksum"}
    unknown = make.file5("a", PAYLOAD, data=make.packed5(PAYLOAD), method=3, attributes=8, size=0)
    found = kit.exploded(make.rar5(unknown), "x")
    assert found.data["x!a"] == PAYLOAD
    assert found.findings == []


def test_a_window_of_four_gigabytes_takes_no_more_than_the_file(kit: Any) -> None:
    form = 15 << 10
    found = kit.exploded(make.rar5(make.file5("a", PAYLOAD, data=make.packed5(PAYLOAD), method=3, form=form)), "x")
    assert found.data["x!a"] == PAYLOAD
    huge = make.file5("a", PAYLOAD, data=make.packed5(PAYLOAD), method=3, form=form, size=1 << 33)
    found = kit.exploded(make.rar5(huge), "x")
    assert "a RAR dictionary of" in str(found.finding("limit.memory").evidence)


@pytest.mark.parametrize("archive", [make.samples()[0], make.samples()[1], make.samples()[4], make.samples()[5]])
def test_truncated_at_every_byte_and_flipped(kit: Any, archive: bytes) -> None:
    for cut in range(8, len(archive) - 1):
        found = kit.exploded(archive[:cut])
        assert found.findings or found.holds(b"some text"), cut
        assert "unpack.crashed" not in found.names
    for at in range(8, len(archive)):
        changed = bytearray(archive)
        changed[at] ^= 0xFF
        assert "unpack.crashed" not in kit.exploded(bytes(changed)).names, at


def test_bombs_end_in_findings(kit: Any) -> None:
    started = time.monotonic()
    many = make.rar5(*[make.file5("a", b"")] * 20_000)
    assert "limit.count" in kit.exploded(many, count=500).names
    locks = make.rar4(*(make.file4(b"a", b"x", word="no", salt=struct.pack("<Q", n)) for n in range(60)))
    found = kit.exploded(locks, password_seconds=0.3)
    assert "unpack.encrypted" in found.names
    assert time.monotonic() - started < 10


def test_a_member_of_a_chain_that_is_too_long_ends_the_chain(kit: Any) -> None:
    text = bytes(300_000)
    packed = make.packed5(text)
    files = (make.file5(str(n), text, data=packed, method=3, form=0x40 * bool(n)) for n in range(5))
    things = members.Rar(config.Settings()).unpack(
        Artifact("x", (), make.rar5(*files, main=make.main5(4)), RAR, "", None, None, 0, "")
    )
    found = []
    for thing in things:
        found.append(thing)
        if isinstance(thing, Member):
            next(iter(thing.chunks))
    assert [type(each) for each in found] == [Member, Finding]
    assert "4: needs what could not be unpacked before it" in found[1].evidence  # type: ignore[union-attr]


def test_contradictions_and_links(kit: Any) -> None:
    link = make.file5("l", b"", extra=make.record(5, b"\1\0\4/etc"))
    found = kit.exploded(make.rar5(link, make.file5("a", PAYLOAD)), "x")
    assert found.finding("rar.links").evidence == ("l: /etc",)
    assert list(found.data) == ["x", "x!a"]
    block = bytearray(make.file5("a", PAYLOAD))
    block[0] ^= 1
    found = kit.exploded(make.rar5(bytes(block)), "x")
    assert found.data["x!a"] == PAYLOAD
    assert found.finding("rar.contradiction").kind is Kind.AMBIGUOUS


@pytest.mark.parametrize("word", ["", WORD])
def test_data_behind_the_compressed_data(kit: Any, word: str) -> None:
    packed = make.packed5(b"harmless") + PAYLOAD
    found = kit.exploded(make.rar5(make.file5("a", b"harmless", data=packed, method=3, word=word)), passwords=(WORD,))
    assert found.data["x!a"] == b"harmless"
    assert found.data["x!a.slack"].startswith(PAYLOAD)
    assert "rar.checksum" in found.names


def test_archives_of_one_message_share_their_time(kit: Any) -> None:
    archive = make.rar4(make.file4(b"a.com", PAYLOAD))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as outer:
        outer.writestr("a.rar", archive)
        outer.writestr("b.rar", archive)
    found = kit.exploded(out.getvalue(), "x.zip", artifact_seconds=1e-9)
    assert found.finding("limit.artifact_seconds").kind is Kind.LIMIT

from __future__ import annotations

import hashlib
import struct
import tracemalloc

import pytest

from lazaretto.engines.patterns.clam.body import Unsupported
from lazaretto.engines.patterns.clam.occurrences import ExhaustedError
from lazaretto.engines.patterns.clamav import UNSUPPORTED, Outcome, Reading
from lazaretto.model import Artifact

from .clam.test_container import packed
from .clam.test_program import pe


def artifact(data: bytes, kind: str = "application/octet-stream") -> Artifact:
    return Artifact("1", (), data, kind, "", None, None, 0, hashlib.sha256(data).hexdigest())


def read(reading: Reading, name: str, *lines: str) -> Outcome:
    (outcome,) = reading.read(name, "\n".join(lines).encode())
    return outcome


def names(reading: Reading, data: bytes, kind: str = "application/octet-stream") -> list[str]:
    return [name for name, _ in reading.finish().match(artifact(data, kind))]


def test_what_came_of_a_file_is_told_by_line_and_by_feature() -> None:
    outcome = read(Reading(), "a.ndb", "A:0:*:6162", "# no", "", "B:0:*:zz", "C:1:VI:6162", "D:1:VI:6163")
    assert (outcome.count, [number for number, _ in outcome.refused]) == (1, [4])
    assert outcome.unsupported == {"offset VI": 2}


@pytest.mark.parametrize("suffix", UNSUPPORTED)
def test_formats_that_are_not_in_force_are_counted(suffix: str) -> None:
    outcome = read(Reading(), f"a{suffix}", "one")
    assert (outcome.count, outcome.unsupported) == (0, {UNSUPPORTED[suffix]: 1})


def test_a_trusted_file_is_no_threat() -> None:
    reading = Reading()
    read(reading, "a.ndb", "A:0:*:6162")
    read(reading, "a.fp", f"{hashlib.md5(b'abc').hexdigest()}:3:mine")
    read(reading, "a.sfp", f"{hashlib.sha256(b'abcd').hexdigest()}:*:mine:73")
    known = reading.finish()
    assert [list(known.match(artifact(data))) != [] for data in (b"ab", b"abc", b"abcd")] == [True, False, False]


def test_ignored_signatures_are_silent_wherever_the_list_stands() -> None:
    reading = Reading()
    read(reading, "a.ndb", "A:0:*:6162", "B:0:*:6162")
    read(reading, "a.hdb", f"{hashlib.md5(b'ab').hexdigest()}:2:C")
    assert read(reading, "z.ign2", "A", "C").count == 2
    assert names(reading, b"ab") == ["B"]


def test_sections_of_programs() -> None:
    sample = pe(0x400)
    section = sample[0x400:0x600]
    reading = Reading()
    read(reading, "a.mdb", f"{len(section)}:{hashlib.md5(section).hexdigest()}:A")
    read(reading, "a.msb", f"*:{hashlib.sha256(section).hexdigest()}:B:73")
    assert names(reading, sample, "application/vnd.microsoft.portable-executable") == ["A", "B"]


def test_unwanted_programs_are_a_matter_of_taste() -> None:
    quiet, loud = Reading(), Reading(unwanted=True)
    assert read(quiet, "a.ndu", "A:0:*:6162").unsupported.total() == 1
    read(loud, "a.ndu", "A:0:*:6162")
    assert (names(quiet, b"ab"), names(loud, b"ab")) == ([], ["A"])


def test_a_container_is_opened_and_says_that_nobody_verified_it() -> None:
    reading = Reading()
    content = packed(
        {"x.ndb": b"A:0:*:6162\n", "x.ign2": b"A\n", "y.ndb": b"B:0:*:6162\n", "x.cbc": b"c", "x.info": b"i"}
    )
    about, *members = reading.read("a.cvd", content)
    assert "not verified" in about.what
    assert {member.member: member.count for member in members} == {"x.ign2": 1, "x.ndb": 0, "y.ndb": 1, "x.cbc": 0}
    assert names(reading, b"ab") == ["B"]


def test_a_container_that_is_none_is_refused() -> None:
    (outcome,) = Reading().read("a.cvd", b"nothing")
    assert outcome.refused


def test_unsupported_is_an_error_of_its_own() -> None:
    assert issubclass(Unsupported, ValueError)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_lists_of_editors_that_begin_with_a_byte_order_mark(mark: str) -> None:
    reading = Reading()
    assert not read(reading, "a.ign2", f"{mark}A").refused
    assert not read(reading, "a.hdb", f"{mark}{hashlib.md5(b'ab').hexdigest()}:2:A").refused
    assert not read(reading, "a.ndb", f"{mark}B:0:*:6162\r").refused
    assert names(reading, b"ab") == ["B"]


def test_names_can_be_sent_whatever_character_set_they_are_in() -> None:
    reading = Reading()
    list(reading.read("a.hdb", f"{hashlib.md5(b'ab').hexdigest()}:2:H".encode() + b"\xf6se\x1b[31m"))
    list(reading.read("a.ndb", b"Tr\xf6jan:0:*:6162\n"))
    assert [name.encode() for name in names(reading, b"ab")] == [b"H?se?[31m", b"Tr?jan"]


@pytest.mark.timeout(10)
def test_a_program_whose_sections_are_all_the_same_bytes_is_not_read_a_hundred_times() -> None:
    sample, section = bytearray(pe(0x400).ljust(40_000_000, b"\0")), struct.pack("<8sIIII16x", b"s", 1, 1, 1 << 30, 0)
    sample[0x46], sample[0xB8 : 0xB8 + 40 * 96] = 96, section * 96
    reading = Reading()
    read(reading, "a.msb", "*:" + "ab" * 32 + ":S")
    with pytest.raises(ExhaustedError):
        names(reading, bytes(sample), "application/vnd.microsoft.portable-executable")
    again = Reading()
    read(again, "a.msb", "*:" + "ab" * 32 + ":S")
    read(again, "a.sfp", f"{hashlib.sha256(sample).hexdigest()}:*:trusted")
    assert names(again, bytes(sample), "application/vnd.microsoft.portable-executable") == []


@pytest.mark.parametrize("name", ["a.hdb", "a.ndb"])
def test_files_in_no_format_at_all_cost_no_memory(name: str) -> None:
    tracemalloc.start()
    try:
        (outcome,) = Reading().read(name, b"z\n" * 100_000)
        assert len(outcome.refused) == 100_000
        assert tracemalloc.get_traced_memory()[0] < 2_000_000
    finally:
        tracemalloc.stop()

from __future__ import annotations

import random
import struct
import time
from typing import Any

import pytest
from tests.unpack import officefiles as make

from lazaretto.model import Kind, Severity
from lazaretto.office.compound import Compound
from lazaretto.unpack.officelock import DEFAULTS

TEXT = b"the payload that an engine looks for\n" * 100
DOCUMENT = make.docx({"word/a.bin": random.Random(1).randbytes(9000), "word/payload": TEXT})
LOCKS = {
    "a.doc": make.locked_doc,
    "b.doc": make.xored_doc,
    "a.xls": make.locked_xls,
    "b.xls": make.xored_xls,
    "a.ppt": make.locked_ppt,
}
PACKAGES = {"a.docx": make.agile, "b.docx": make.standard}


@pytest.mark.parametrize("name", [*LOCKS, *PACKAGES])
def test_a_known_word_opens(kit: Any, name: str) -> None:
    data = LOCKS[name](TEXT, "infected") if name in LOCKS else PACKAGES[name](DOCUMENT, "infected")
    found = kit.exploded(data, name)
    assert found.finding("unpack.password").severity is Severity.INFORMATIONAL
    assert f"{name}!{name}" in found.data
    assert found.holds(TEXT)
    inside = kit.exploded(kit.zip_of({f"in/{name}": data}), "z.zip")
    assert f"z.zip!in/{name}!{name}" in inside.data
    assert inside.holds(TEXT)
    assert "unpack.encrypted" not in found.names | inside.names


@pytest.mark.parametrize("name", [*LOCKS, *PACKAGES])
def test_what_no_word_opens_is_said(kit: Any, name: str) -> None:
    data = LOCKS[name](TEXT, "qwertz") if name in LOCKS else PACKAGES[name](DOCUMENT, "qwertz")
    found = kit.exploded(data, name)
    finding = found.finding("unpack.encrypted")
    assert finding.kind is Kind.ENCRYPTED
    assert "3 words tried" in finding.evidence[0]
    assert not found.holds(TEXT)


@pytest.mark.parametrize("word", DEFAULTS)
def test_a_file_that_opens_by_itself_is_not_locked(kit: Any, word: str) -> None:
    for data in (make.locked_xls(TEXT, word), make.agile(DOCUMENT, word)):
        found = kit.exploded(data, "a.xls", password_count=0)
        assert found.finding("office.default-password").kind is Kind.AMBIGUOUS
        assert found.finding("office.default-password").severity is Severity.LOW
        known = found.finding("unpack.password")
        assert (known.kind, known.severity) == (Kind.ENCRYPTED, Severity.INFORMATIONAL)
        assert known.evidence == (f"opened with the default word of {DEFAULTS[word]}",)
        assert "unpack.encrypted" not in found.names
        assert found.holds(TEXT)


def test_what_is_not_locked(kit: Any) -> None:
    for data in (make.ole({"WordDocument": make.doc(TEXT)}), make.ole({"Workbook": make.book([(0xFC, TEXT)])})):
        assert kit.exploded(data, "a").findings == []


def test_rights_management(kit: Any) -> None:
    found = kit.exploded(make.ole({"\x09DRMContent": b"x", "WordDocument": b"w"}), "a.doc")
    assert "server" in found.finding("unpack.encrypted").evidence[0]


def test_a_package_without_what_opens_it(kit: Any) -> None:
    found = kit.exploded(make.ole({"EncryptedPackage": b"x" * 100}), "a.docx")
    assert found.finding("unpack.encrypted").kind is Kind.ENCRYPTED


def test_many_rounds_are_a_limit(kit: Any) -> None:
    half = "A" * 22 + "=="
    row = (
        f'saltValue="{half}" hashAlgorithm="SHA512" keyBits="128" blockSize="16" cipherAlgorithm="AES" '
        f'cipherChaining="ChainingModeCBC" spinCount="10000000" encryptedKeyValue="{half}" '
        f'encryptedVerifierHashInput="{half}" encryptedVerifierHashValue="{half}"'
    )
    info = struct.pack("<HHI", 4, 4, 0x40) + f"<encryption><keyData {row}/><encryptedKey {row}/></encryption>".encode()
    start = time.process_time()
    found = kit.exploded(make.ole({"EncryptionInfo": info, "EncryptedPackage": bytes(64)}), "a.docx")
    assert found.finding("limit.spins").kind is Kind.LIMIT
    assert time.process_time() - start < 1


def test_trying_ends(kit: Any) -> None:
    words = tuple(f"word{number}" for number in range(1000))
    start = time.process_time()
    found = kit.exploded(
        make.agile(DOCUMENT, "x"), "a.docx", passwords=words, password_count=1000, password_seconds=0.5
    )
    assert "before the time was up" in found.finding("unpack.encrypted").evidence[0]
    assert time.process_time() - start < 3


@pytest.mark.parametrize("name", ["a.doc", "a.xls", "a.ppt", "a.docx", "b.docx"])
def test_damage(kit: Any, name: str) -> None:
    data = LOCKS[name](TEXT, "1234") if name in LOCKS else PACKAGES[name](DOCUMENT, "1234")
    dice = random.Random(7)
    for _ in range(12):
        changed = bytearray(data)
        for _ in range(6):
            changed[dice.randrange(len(data))] = dice.randrange(256)
        end = dice.choice((len(data), dice.randrange(len(data))))
        assert "unpack.crashed" not in kit.exploded(bytes(changed[:end]), name, passwords=("1234",)).names


def test_pictures_of_a_locked_presentation(kit: Any) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + kit.payload
    found = kit.exploded(make.locked_ppt(TEXT, "1234", picture), "a.ppt")
    assert found.data["a.ppt!a.ppt!picture.png"] == found.data["a.ppt!a.ppt!picture.png#2"] == picture


def test_each_program_finds_its_streams_beside_those_of_others(kit: Any) -> None:
    streams = {
        entry.name: file.read(entry) for file in [Compound(make.locked_xls(TEXT, "1234"))] for entry in file.streams()
    }
    assert kit.exploded(make.ole({"WordDocument": b"x", **streams}), "a.xls").holds(TEXT)
    many = {f"{number:05}": b"" for number in range(3_000)}
    assert kit.exploded(make.ole({**many, **streams}), "a.xls").holds(TEXT)


def test_a_lock_behind_many_records(kit: Any) -> None:
    streams = {
        entry.name: file.read(entry) for file in [Compound(make.locked_xls(TEXT, "qwertz"))] for entry in file.streams()
    }
    book = streams["Workbook"]
    first = 4 + int.from_bytes(book[2:4], "little")
    late = book[:first] + make.record(0x863, bytes(8000)) * 40 + book[first:]
    assert "unpack.encrypted" in kit.exploded(make.ole({"Workbook": late}), "a.xls").names


def test_more_records_than_a_workbook_has_are_said(kit: Any) -> None:
    assert "limit.records" in kit.exploded(make.ole({"Workbook": bytes(17_000_000)}), "a.xls").names

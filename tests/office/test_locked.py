from __future__ import annotations

import io
import struct

import msoffcrypto
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unpack import officefiles as make

from lazaretto.errors import Encrypted, HostileInput
from lazaretto.office import kinds, locked
from lazaretto.office.compound import Compound

TEXT = b"the secret text " * 200
FILES = {
    "doc": make.locked_doc(TEXT, "word", data=b"data" * 2000),
    "doc api": make.locked_doc(TEXT, "word", make.api_head),
    "doc xor": make.xored_doc(TEXT, "word"),
    "xls": make.locked_xls(TEXT, "word"),
    "xls api": make.locked_xls(TEXT, "word", make.api_head),
    "xls xor": make.xored_xls(TEXT, "word"),
    "ppt": make.locked_ppt(TEXT, "word"),
}


def found(data: bytes) -> locked.Locked | None:
    return locked.find(Compound(data), kinds.kind(data))


@pytest.mark.parametrize("name", FILES)
def test_the_right_word_opens(name: str) -> None:
    data = FILES[name]
    assert TEXT not in data
    lock = found(data)
    assert lock
    assert lock.open("other") is None
    opened = lock.open("word")
    assert opened
    assert TEXT in opened
    assert len(opened) == len(data)
    assert found(opened) is None
    if name == "doc":
        assert b"data" * 2000 in opened


@pytest.mark.parametrize("name", [name for name in FILES if name not in ("ppt", "doc xor")])
def test_another_reader_opens_the_same(name: str) -> None:
    other, out = msoffcrypto.OfficeFile(io.BytesIO(FILES[name])), io.BytesIO()
    other.load_key(password="word")
    other.decrypt(out)
    lock = found(FILES[name])
    assert lock
    assert out.getvalue() == lock.open("word")


def test_another_reader_says_that_it_is_locked() -> None:
    assert msoffcrypto.OfficeFile(io.BytesIO(FILES["ppt"])).is_encrypted()
    lock = found(FILES["ppt"])
    assert lock
    assert msoffcrypto.OfficeFile(io.BytesIO(FILES["doc xor"])).is_encrypted()


def test_write_protection_is_no_lock() -> None:
    protected = make.book([(0x86, b""), (0x5B, bytes(6)), (0x12, b"\1\0"), (0x13, b"\x12\x34")])
    assert found(make.ole({"Workbook": protected})) is None
    assert found(make.ole({"WordDocument": make.doc(TEXT, 0x0C00), "1Table": bytes(100)})) is None
    assert found(make.ole({"VisioDocument": b"x"})) is None


def test_a_record_behind_the_first_part_is_no_lock() -> None:
    assert found(make.ole({"Workbook": make.book([]) + make.record(0x2F, b"\1\0" + bytes(60))})) is None


def test_what_nothing_here_opens_is_said() -> None:
    old = struct.pack("<HH6xH", 0xA5DC, 0x68, 0x100).ljust(100, b"\0")
    with pytest.raises(Encrypted, match="95"):
        found(make.ole({"WordDocument": old}))
    user = make.atom(0x0FF6, struct.pack("<III", 0x14, 0xF3D1C4DF, 5000))
    with pytest.raises(Encrypted, match="without its key"):
        found(make.ole({"PowerPoint Document": bytes(100), "Current User": user}))


def test_rights_management() -> None:
    for name in ("\x09DRMContent", "\x06DataSpaces/TransformInfo/DRMEncryptedTransform/\x06Primary"):
        assert locked.rights(Compound(make.ole({name: b"x"})))
    assert not locked.rights(Compound(FILES["doc"]))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.lists(st.tuples(st.integers(512, 9000), st.integers(0, 255)), max_size=8))
def test_any_damage(name: str, changes: list[tuple[int, int]]) -> None:
    data = bytearray(FILES[name])
    for at, value in changes:
        data[at % len(data)] = value
    try:
        lock = found(bytes(data))
        if lock:
            lock.open("word")
    except HostileInput:
        pass

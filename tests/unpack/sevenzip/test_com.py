from __future__ import annotations

import ctypes
from typing import ClassVar

import pytest

from lazaretto.unpack.sevenzip import com


class Failing(com.Exposed):
    interfaces: ClassVar = (com.SEQUENTIAL_OUT, com.GET_PASSWORD)

    def write(self, data: int, size: int, done: int) -> int:
        raise ValueError(ctypes.string_at(data, size).decode())


def called(tables: com.Tables, pointer: int | None) -> com.Foreign:
    """One of our own objects, as 7-Zip has it."""
    return com.Foreign(pointer or 0, {})


def test_what_a_method_raises_stays_with_its_object(capfd: pytest.CaptureFixture[str]) -> None:
    tables = com.Tables()
    exposed = Failing(tables)
    native = called(tables, exposed.pointer(com.SEQUENTIAL_OUT))
    types = (ctypes.c_char_p, ctypes.c_uint32, ctypes.c_void_p)
    assert native.call(3, types, b"hostile", 4, None) == com.E_FAIL
    assert str(exposed.error) == "host"
    assert capfd.readouterr().err == ""


def test_interfaces_are_asked_for_and_references_counted() -> None:
    tables = com.Tables()
    exposed = Failing(tables)
    native = called(tables, exposed.pointer(com.SEQUENTIAL_OUT))
    other = native.query(com.GET_PASSWORD)
    assert other is not None
    assert other.address == exposed.pointer(com.GET_PASSWORD) != native.address
    assert exposed.references == 1
    assert native.query(com.IN_STREAM) is None
    other.release()
    assert exposed.references == 0


def test_what_is_still_referred_to_is_not_given_back() -> None:
    tables = com.Tables()
    exposed = Failing(tables)
    other = called(tables, exposed.pointer(com.SEQUENTIAL_OUT)).query(com.UNKNOWN)
    assert other is not None
    exposed.retire()
    assert len(tables.objects) == 2
    other.release()
    exposed.retire()
    assert not tables.objects


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (11, 0xFFFF, True),
        (11, 0, False),
        (19, 2**32 - 1, 2**32 - 1),
        (20, 2**64 - 1, -1),
        (3, 2**32 - 5, -5),
        (0, 7, None),
    ],
)
def test_values(kind: int, raw: int, value: object) -> None:
    assert com.value_of(com.Variant(type=kind, value=raw), lambda _: 0) == value


def test_texts_with_surrogates_and_with_what_is_no_character() -> None:
    for units, text in (
        ([0x41, 0x1F600], "A\U0001f600"),
        ([0xD83D, 0xDE00], "\U0001f600"),
        ([0xD83D, 0x41], "\ufffdA"),
        ([0x110000], "\ufffd"),
    ):
        memory = (ctypes.c_uint32 * len(units))(*units)
        assert com.text_at(ctypes.addressof(memory), len(units) * 4) == text

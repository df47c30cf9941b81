from __future__ import annotations

import pytest

from lazaretto.unpack.executable.emulator.memory import Fault, Memory


def test_numbers_lie_with_the_least_byte_first() -> None:
    memory = Memory(lambda address: None)
    memory.add(0x1000, 0x100)
    memory.write(0x1000, 0x12345678, 32)
    assert memory.read(0x1000, 8) == 0x78
    assert memory.read(0x1002, 16) == 0x1234
    memory.put(0x1010, b"text\0more")
    assert memory.text(0x1010) == b"text"
    assert memory.take(0x1012, 2) == b"xt"


@pytest.mark.parametrize(("address", "bits"), [(0xFFF, 8), (0x10FD, 32), (0x1100, 8), (0xFFFFFFFF, 32)])
def test_what_is_not_there_is_a_fault(address: int, bits: int) -> None:
    memory = Memory(lambda address: None)
    memory.add(0x1000, 0x100)
    for access in (lambda: memory.read(address, bits), lambda: memory.write(address, 0, bits)):
        with pytest.raises(Fault) as caught:
            access()
        assert caught.value.address == address
    with pytest.raises(Fault):
        memory.put(0x10F0, bytes(17))
    with pytest.raises(Fault):
        memory.take(0x10F0, 17)


def test_code_that_is_written_over_is_told_once() -> None:
    told: list[int] = []
    memory = Memory(told.append)
    memory.add(0x1000, 0x1000)
    memory.fetch(0x1040)
    memory.write(0x1080, 1, 32)
    assert told == []
    memory.write(0x104F, 1, 32)
    memory.write(0x104F, 1, 32)
    assert told == [0x1040]
    memory.fetch(0x1100)
    memory.put(0x10F0, bytes(64))
    assert told == [0x1040, 0x1100]
    assert memory.was_written(0x1045)
    assert not memory.was_written(0x1200)

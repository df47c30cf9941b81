from __future__ import annotations

import struct
from typing import Any

import pytest

from lazaretto.unpack.executable import layout
from lazaretto.unpack.executable.emulator.cpu import Unknown
from lazaretto.unpack.executable.emulator.windows import Ended, Process
from lazaretto.unpack.executable.stub import run

ALL = 0xE0000020
BASE = 0x400000


def program(samples: Any, code: bytes, *functions: str) -> bytes:
    """Imports these functions of kernel32; their addresses stand from 0x402040 on."""
    names, hints = b"", b""
    for name in functions:
        names += struct.pack("<I", 0x2100 + len(hints))
        hints += b"\0\0" + name.encode() + b"\0"
    table = struct.pack("<IIIII", 0x2080, 0, 0, 0x20C0, 0x2040).ljust(0x40, b"\0")
    table += names.ljust(0x40, b"\0") + names.ljust(0x40, b"\0") + b"KERNEL32.dll".ljust(0x40, b"\0") + hints
    data: bytes = samples.pe_of([(b"a", code, ALL), (b"b", table, ALL)], directories=[(1, (0x2000, 40))])
    return data


def process(samples: Any, code: bytes, *functions: str) -> Process:
    data = program(samples, code, *functions)
    image = layout.read(data)
    assert image is not None
    return Process(data, image)


def test_the_image_lies_where_it_belongs(samples: Any) -> None:
    there = process(samples, b"\x90\xc3", "ExitProcess")
    memory = there.cpu.memory
    assert memory.take(BASE, 2) == b"MZ"
    assert memory.take(BASE + 0x1000, 2) == b"\x90\xc3"
    assert there.cpu.eip == BASE + 0x1000
    assert memory.read(there.cpu.fs + 0x18, 32) == there.cpu.fs
    assert not memory.was_written(BASE + 0x2040)


def test_services_are_imported_and_found_by_name(samples: Any) -> None:
    there = process(samples, b"\x90", "LoadLibraryA", "GetProcAddress")
    memory = there.cpu.memory
    load = memory.read(BASE + 0x2040, 32)
    memory.put(BASE + 0x1100, b"user32\0MessageBoxA\0")
    for argument in (BASE + 0x1100,):
        there.cpu.push(argument)
    there.cpu.push(0x1234)
    assert there.outside(load)
    module = there.cpu.registers[0]
    assert (there.cpu.eip, module & 0xFFFF) == (0x1234, 0)
    box = there.procedure([module, BASE + 0x1107])
    assert box == there.procedure([module, BASE + 0x1107])
    assert there.procedure([module, BASE + 0x1FF0]) == 0  # no name
    there.cpu.push(0x1234)
    with pytest.raises(Ended, match=r"user32.dll!MessageBoxA"):
        there.outside(box)
    assert not there.outside(0x500)


def test_memory_is_given_up_to_a_limit(samples: Any) -> None:
    there = process(samples, b"\x90")
    one, two = there.allocate(100), there.allocate(70_000)
    assert two >= one + 0x10000
    there.cpu.memory.write(two + 69_999, 1, 8)
    with pytest.raises(Unknown):
        list(map(there.allocate, [1 << 24] * 100))
    there = process(samples, b"\x90")
    with pytest.raises(Unknown):
        list(map(there.allocate, [1] * 100))


def test_its_own_file_can_be_read(samples: Any) -> None:
    there = process(samples, b"\x90")
    there.seek([0, 0, 0, 0])
    assert there.read_file([0, BASE + 0x2000, 2, BASE + 0x2010, 0]) == 1
    assert there.cpu.memory.take(BASE + 0x2000, 2) == b"MZ"
    assert there.cpu.memory.read(BASE + 0x2010, 32) == 2
    assert there.seek([0, 0xFFFFFFFF, 0, 2]) == there.file_size - 1
    assert there.file_name([0, BASE + 0x2000, 260]) > 3


def test_handlers_of_exceptions(samples: Any) -> None:
    """A handler that sets eip behind the instruction that trapped, and the program goes on."""
    code = bytes.fromhex("68 20104000 64ff3500000000 64892500000000 cc 90 eb fe").ljust(0x20, b"\x90")
    code += bytes.fromhex("8b44240c 8380b8000000 01 33c0 c3")  # context + 0xb8, plus one; return 0
    data = program(samples, code)
    image = layout.read(data)
    assert image is not None
    result = run(data, image, 5000)
    assert "more than 5000" in result.why  # it has come to the loop at its end
    bare = program(samples, b"\xcc")
    image = layout.read(bare)
    assert image is not None
    assert "exception 0x80000003" in run(bare, image).why


def test_an_image_that_is_too_big_is_not_loaded(samples: Any) -> None:
    data = samples.pe_of([(b"a", b"\x90", ALL)], spans=[0x7F000000])
    image = layout.read(data)
    assert image is not None
    with pytest.raises(Unknown):
        Process(data, image)


def test_a_program_gets_only_so_many_modules(samples: Any) -> None:
    """Each search for a procedure goes through them."""
    there = process(samples, b"\xc3", "ExitProcess")

    def load(number: int) -> int:
        there.cpu.memory.put(BASE + 0x1000, b"m%d\0" % number)
        return there.load_library([BASE + 0x1000])

    handles = [load(number) for number in range(100)]
    there._modules.update({f"n{number}": number for number in range(1000)})
    assert load(7) == handles[7]
    with pytest.raises(Unknown):
        load(100)

from __future__ import annotations

import struct
from typing import Any

import pytest

from lazaretto.unpack.executable import layout


@pytest.mark.parametrize("wide", [False, True])
def test_sections_entry_and_end_of_a_windows_program(samples: Any, wide: bool) -> None:
    data = samples.pe_of([(b".text", b"code" * 200, 0x20000020), (b".data", b"data", 0)], wide=wide, behind=b"behind")
    image = layout.read(data)
    assert image is not None
    assert (image.format, image.wide, image.base, image.entry) == ("PE", wide, samples.base, 0x1000)
    assert [(each.name, each.address) for each in image.sections] == [(b".text", 0x1000), (b".data", 0x2000)]
    assert data[image.end :] == b"behind"
    assert data[image.offset(0x2000) or 0 :].startswith(b"data")
    assert image.offset(0x80) == 0x80
    assert image.offset(0x900000) is None
    assert len(image.directories) == 16
    assert image.directory(99) == (0, 0)


def test_a_section_begins_where_the_loader_begins_it(samples: Any) -> None:
    data = bytearray(samples.pe_of([(b".text", bytes(512), 0)], behind=bytes(64)))
    row = data.index(b".text")
    struct.pack_into("<I", data, row + 20, 0x410)  # Windows rounds down to 0x400, and takes as much more
    image = layout.read(bytes(data))
    assert image is not None
    assert (image.sections[0].start, image.sections[0].length) == (0x400, 528)
    assert image.end == 0x610


def test_what_stands_behind_programs_of_other_systems(samples: Any) -> None:
    for data, form in ((samples.elf_of(b"code", b"behind"), "ELF"), (samples.mach_of(b"code", b"behind"), "Mach-O")):
        image = layout.read(data)
        assert image is not None
        assert (image.format, data[image.end :]) == (form, b"behind")
        assert image.sections[0].flags & layout.EXECUTE


def test_the_files_in_a_universal_binary(samples: Any) -> None:
    one, two = samples.mach_of(b"one"), samples.mach_of(b"two")
    head = struct.pack(">II", 0xCAFEBABE, 2)
    for start, part in ((48, one), (48 + len(one), two)):
        head += struct.pack(">IIIII", 7, 3, start, len(part), 0)
    data = head + one + two
    image = layout.read(data)
    assert image is not None
    assert [data[start:end] for start, end in image.slices] == [one, two]


def test_dos_programs_end_after_their_pages() -> None:
    data = struct.pack("<2sHH", b"MZ", 100, 1).ljust(100, b"\0")
    image = layout.read(data + b"behind")
    assert image is not None
    assert (image.format, image.end) == ("DOS", 100)
    longer = struct.pack("<2sHH", b"MZ", 0, 1).ljust(0x3C, b"\0") + struct.pack("<I", 0x200)
    image = layout.read(longer.ljust(0x200, b"\0") + b"NE" + bytes(100))
    assert image is not None
    assert image.end == 0x200


def test_what_is_cut_or_lies_is_read_as_far_as_it_goes(samples: Any) -> None:
    whole = samples.pe_of([(b".text", b"x" * 900, 0)])
    for data in (whole, samples.elf_of(b"x" * 50), samples.mach_of(b"x" * 50)):
        for length in range(0, len(data), 7):
            image = layout.read(data[:length])
            assert image is None or image.end <= length
        for at in range(0, min(len(data), 700)):
            image = layout.read(data[:at] + b"\xff" + data[at + 1 :])
            assert image is None or image.end <= len(data)
    assert layout.read(b"neither") is None


@pytest.mark.parametrize("magic", [b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe"])
def test_a_magic_and_little_more_is_no_program(magic: bytes) -> None:
    for size in range(len(magic), 64):
        layout.read(magic.ljust(size, b"\2"))  # raises nothing
    assert layout.read(b"\x7fELF\2") is None

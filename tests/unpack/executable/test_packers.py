from __future__ import annotations

import random
import struct
from typing import Any

import pytest

from lazaretto.unpack.executable import layout, packers

CODE, DATA = 0x60000020, 0xC0000040
NOISE = random.Random(7).randbytes(8192)
TEXT = b"the code of a program " * 300


def told(data: bytes) -> str:
    image = layout.read(data)
    assert image is not None
    return packers.recognise(data, image)


@pytest.mark.parametrize(
    ("file", "packer"),
    [("aspack", "ASPack"), ("mew", "MEW"), ("pespin", "PESpin"), ("petite", "Petite"), ("upack", "Upack"),
     ("upx", "UPX"), ("wwpack", "WWPack32")],
)  # fmt: skip
def test_real_ones(samples: Any, file: str, packer: str) -> None:
    assert told(samples.clam(f"clam-{file}.exe")) == packer


@pytest.mark.parametrize(
    ("name", "packer"),
    [(b".themida", "Themida"), (b".vmp0", "VMProtect"), (b".enigma1", "Enigma"), (b".MPRESS1", "MPRESS"),
     (b"PEC2TO", "PECompact"), (b".nsp0", "NSPack"), (b"UPX1", "UPX")],
)  # fmt: skip
def test_names_of_sections(samples: Any, name: bytes, packer: str) -> None:
    assert told(samples.pe_of([(b".text", TEXT, CODE), (name, TEXT, CODE)])) == packer


def test_fsg_by_its_code(samples: Any) -> None:
    code = b"\x90" * 20 + b"\x02\xd2\x75\x05\x8a\x16\x46\x12\xd2\xc3" + TEXT
    assert told(samples.pe_of([(b"", code, CODE)])) == "FSG"
    assert (
        told(samples.pe_of([(b"", TEXT, CODE), (b"", b"\x61\x94\x55\xa4\xb6\x80\xff\x13", CODE)], entry=0x3000))
        == "FSG"
    )


def test_armadillo_by_all_of_its_sections(samples: Any) -> None:
    rows = [(b".text", TEXT, CODE), (b".text1", TEXT, CODE), (b".adata", TEXT, CODE), (b".data1", TEXT, DATA)]
    assert told(samples.pe_of(rows)) == "Armadillo"
    assert told(samples.pe_of(rows[:3])) == ""


def test_shape_alone(samples: Any) -> None:
    """Dense code, or an empty place that is filled and run, and hardly an import."""
    assert told(samples.pe_of([(b"a", NOISE, CODE)])) == packers.GENERIC
    empty = samples.pe_of([(b"a", b"", 0xE0000080), (b"b", NOISE, DATA)], spans=[0x9000], entry=0xA000)
    assert told(empty) == packers.GENERIC
    assert told(samples.pe_of([(b"a", TEXT, CODE), (b".rsrc", NOISE, DATA)])) == ""
    assert told(samples.pe_of([(b"a", TEXT, CODE), (b"b", NOISE, DATA)])) == ""
    managed = samples.pe_of([(b".text", NOISE, CODE)], directories=[(14, (0x1000, 72))])
    assert told(managed) == ""


def test_many_imports_are_a_program_of_its_own(samples: Any) -> None:
    count = 40
    names = b"".join(struct.pack("<I", 0x80000000 | number) for number in range(1, count + 1)) + bytes(4)
    table = struct.pack("<IIIII", 0x3000 + 40, 0, 0, 0x3010, 0x3000 + 40) + bytes(20) + names
    data = samples.pe_of([(b"a", NOISE, CODE), (b"b", table, DATA)], directories=[(1, (0x3000, 40))])
    image = layout.read(data)
    assert image is not None
    assert packers.imports(data, image) > 12
    assert told(data) == ""


def test_linux(samples: Any) -> None:
    assert told(samples.elf_of(b"\0\0\0\0UPX!" + NOISE)) == "UPX"
    assert told(samples.elf_of(NOISE)) == ""
    assert told(samples.mach_of(NOISE)) == ""


def test_entropy() -> None:
    assert packers.entropy(b"") == 0
    assert packers.entropy(b"aaaa") == 0
    assert packers.entropy(b"abab") == 1
    assert packers.entropy(bytes(range(256)) * 4) == 8

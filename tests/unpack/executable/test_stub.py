from __future__ import annotations

import time
from typing import Any

import pytest

from lazaretto.unpack.executable import layout, stub

ALL = 0xE0000020


def run(data: bytes, steps: int = 2_500_000) -> stub.Run:
    image = layout.read(data)
    assert image is not None
    return stub.run(data, image, steps)


def decoder(samples: Any, plain: bytes, key: int = 0x5A) -> bytes:
    """A packer of our own: the program is XORed, lies in a section of its own, and is jumped to."""
    code = b"\xbe" + (samples.base + 0x2000).to_bytes(4, "little")  # mov esi, 0x402000
    code += b"\xb9" + len(plain).to_bytes(4, "little")  # mov ecx, length
    code += b"\x80\x36" + bytes([key]) + b"\x46\xe2\xfa"  # xor byte [esi], key; inc esi; loop
    code += b"\xe9" + (0x2000 - 0x1000 - len(code) - 5).to_bytes(4, "little")  # jmp 0x402000
    data: bytes = samples.pe_of([(b"a", code, ALL), (b"b", bytes(each ^ key for each in plain), ALL)])
    return data


def test_a_program_that_decodes_itself_is_seen_as_it_begins(samples: Any) -> None:
    result = run(decoder(samples, b"\xcc" + b"the program " * 30))
    assert result.begun
    assert b"the program the program" in result.memories[-1]
    image = layout.read(result.memories[-1])
    assert image is not None
    assert (image.entry, image.sections[1].name) == (0x2000, b".s1")


@pytest.mark.parametrize("file", ["upx", "aspack", "yc"])
def test_real_packers(samples: Any, file: str) -> None:
    result = run(samples.clam(f"clam-{file}.exe"))
    assert result.begun, result.why
    assert any(samples.code() in memory for memory in result.memories)


@pytest.mark.parametrize("file", ["mew", "upack"])
def test_real_packers_of_an_archive(kit: Any, samples: Any, file: str) -> None:
    result = run(samples.clam(f"clam-{file}.exe"))
    assert result.begun, result.why
    found = kit.exploded(result.memories[-1], "x.exe")
    assert found.holds(samples.code())


def test_what_fails_halfway_shows_what_it_has(kit: Any, samples: Any) -> None:
    for file in ("petite", "wwpack"):
        result = run(samples.clam(f"clam-{file}.exe"))
        assert not result.begun
        assert kit.exploded(result.memories[-1], "x.exe").holds(samples.code())


def test_a_program_that_is_not_packed_gives_nothing(samples: Any) -> None:
    result = run(samples.clam("clam-fsg.exe"))
    assert (result.memories, result.begun) == ([], False)
    assert "GetCommandLineA" in result.why


def test_it_ends_whatever_is_run(samples: Any) -> None:
    loops = {
        b"\xeb\xfe": "instructions",  # jmp $
        b"\xe8\xfb\xff\xff\xff": "exception",  # call $: the stack runs out
        b"\xf4": "exception",  # hlt
        b"\x0f\x0b": "instruction",  # ud2
        b"\xff\xe0": "instructions",  # jmp eax, which is the entry point
        b"\x33\xc9\x49\xbf\x00\x20\x40\x00\xf2\xae": "",  # a scan of 4 GB
        b"\x33\xc9\x49\xf3\xac": "",
    }
    for code, why in loops.items():
        started = time.process_time()
        result = run(samples.pe_of([(b"a", code.ljust(64, b"\x90"), ALL), (b"b", bytes(5000), ALL)]))
        assert why in result.why
        assert time.process_time() - started < 5


def test_code_that_changes_itself_pays_for_it(samples: Any) -> None:
    code = b"\xfe\x05" + (samples.base + 0x1010).to_bytes(4, "little") + b"\xeb\xf8"  # inc byte [here]; jmp back
    started = time.process_time()
    result = run(samples.pe_of([(b"a", code.ljust(64, b"\x90"), ALL)]))
    assert "instructions" in result.why
    assert time.process_time() - started < 8


def test_only_programs_of_32_bits_are_run(samples: Any) -> None:
    assert run(samples.pe_of([(b"a", b"\xc3", ALL)], wide=True)).why
    assert run(samples.elf_of(b"\xc3")).why


def test_damage_never_raises(samples: Any) -> None:
    data = samples.clam("clam-mew.exe")
    for at in range(0, len(data), 11):
        damaged = data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
        if image := layout.read(damaged):
            stub.run(damaged, image, 20_000)


def test_memory_becomes_a_file() -> None:
    assert stub.as_file(b"no header" + bytes(100), 1) == b"no header"

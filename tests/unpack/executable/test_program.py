from __future__ import annotations

import struct
import subprocess
import time
import zlib
from pathlib import Path
from typing import Any

import pytest

from lazaretto import plugin
from lazaretto.model import Kind, Severity
from lazaretto.unpack.executable import Executable, InstallShield, Packed

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
CODE = 0x60000020


def test_all_are_found() -> None:
    found = plugin.discover("unpack", plugin.Unpacker)  # type: ignore[type-abstract]
    assert found["executable"] is Executable
    assert found["installshield"] is InstallShield
    assert found["packed"] is Packed


def test_an_archive_behind_a_program_opens_by_itself(kit: Any, samples: Any) -> None:
    for form in (samples.elf_of(b"code"), samples.mach_of(b"code"), samples.pe_of([(b".text", b"code", CODE)])):
        for front in (b"", b"some bytes in front"):
            inner = kit.tar_of({"a.txt": EICAR})
            gz = zlib.compressobj(9, zlib.DEFLATED, 31)
            packed = gz.compress(inner) + gz.flush()
            found = kit.exploded(form + front + packed, "setup")
            assert found.holds(EICAR), (form[:4], front)
            assert "executable.packed" not in found.names


def test_its_true_path_also_inside_a_zip(kit: Any, samples: Any) -> None:
    data = samples.pe_of([(b".text", b"code", CODE)], behind=kit.zip_of({"run.js": EICAR}))
    assert kit.exploded(data, "x.exe").data["x.exe!run.js"] == EICAR
    assert kit.exploded(kit.zip_of({"x.exe": data}), "x.zip").data["x.zip!x.exe!run.js"] == EICAR


def test_a_zip_is_not_given_twice(kit: Any, samples: Any) -> None:
    data = samples.pe_of([(b".text", b"code", CODE)], behind=kit.zip_of({"a": b"text"}))
    assert list(kit.exploded(data, "x.exe").data) == ["x.exe", "x.exe!a"]


def test_files_in_resources(kit: Any, samples: Any) -> None:
    cabinet = kit.zip_of({"a.txt": EICAR})
    name = "CABINET".encode("utf-16-le")

    def node(ident: int, child: int, *, named: bool = False) -> bytes:
        return struct.pack("<12xHHII", named, not named, ident, child)

    body = node(10, 0x80000018) + node(0x80000058, 0x80000030, named=True) + node(1033, 72)
    body += struct.pack("<IIII", 0x1100, len(cabinet), 0, 0) + struct.pack("<H", 7) + name
    body = body.ljust(256, b"\0") + cabinet
    data = samples.pe_of([(b".rsrc", body, 0x40000040)], directories=[(2, (0x1000, len(body)))], behind=b"x" * 70_000)
    assert kit.exploded(data, "x.exe").data["x.exe!RCDATA/CABINET!a.txt"] == EICAR


def test_an_archive_that_the_header_calls_a_part_of_the_program(kit: Any, samples: Any, tmp_path: Path) -> None:
    """The launcher of a self-extracting archive finds it all the same."""
    Path(tmp_path, "a.txt").write_bytes(EICAR)
    subprocess.run(["7z", "a", "-bd", "x.7z", "a.txt"], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    archive = Path(tmp_path, "x.7z").read_bytes()
    data = samples.pe_of([(b".text", b"\x90" * 600 + archive, CODE)])
    found = kit.exploded(data, "x.exe")
    place = f"inside-{data.index(archive):x}.7z"
    assert found.data[f"x.exe!{place}!a.txt"] == EICAR
    damaged = archive[:12] + bytes([archive[12] ^ 1]) + archive[13:]  # chance, then, and no archive
    assert kit.exploded(samples.pe_of([(b".text", damaged, CODE)]), "x.exe").findings == []


def test_what_is_packed_and_not_opened_is_a_limit(kit: Any, samples: Any) -> None:
    data = samples.pe_of([(b".vmp0", b"\xf4" * 2000, CODE)])
    finding = kit.exploded(data, "x.exe").finding("executable.packed")
    assert (finding.source, finding.kind, finding.severity) == ("executable", Kind.LIMIT, Severity.MEDIUM)
    assert finding.artifact == "x.exe"
    assert finding.evidence == ("packed with VMProtect: the program inside was not seen",)


def test_what_is_unpacked_is_no_finding(kit: Any, samples: Any) -> None:
    found = kit.exploded(samples.clam("clam-upx.exe"), "x.exe")
    assert samples.code() in found.data["x.exe!unpacked.exe"]
    assert found.findings == []


def test_upx_without_its_mark_is_run(kit: Any, samples: Any) -> None:
    data = samples.clam("clam-upx.exe").replace(b"UPX!", b"ABC!").replace(b"UPX0", b"a\0\0\0")
    found = kit.exploded(data, "x.exe")
    assert samples.code() in found.data["x.exe!unpacked-1.exe"]
    assert found.findings == []


def test_setups_that_nothing_opens_are_a_limit(kit: Any, samples: Any) -> None:
    data = samples.pe_of([(b".text", b"Inno Setup Setup Data (6.0.0)", CODE)], behind=b"zlb\x1a" + b"\xa5\x5a" * 5000)
    finding = kit.exploded(data, "x.exe").finding("executable.installer")
    assert (finding.kind, finding.severity) == (Kind.LIMIT, Severity.MEDIUM)
    assert "Inno Setup" in finding.evidence[0]


def test_a_broken_list_of_files_is_a_limit(kit: Any, samples: Any) -> None:
    data = samples.clam("clam.ea05.exe")
    assert "executable.installer" in kit.exploded(data[:-1000], "x.exe").names
    shield = samples.clam("clam_ISmsi_ext.exe")
    assert "executable.installer" in kit.exploded(shield[:-1000], "x.exe").names


def test_nsis_is_given_as_what_it_is(kit: Any, samples: Any) -> None:
    found = kit.exploded(samples.clam("clam-nsis.exe"), "x.exe")
    assert found.types["x.exe!overlay.nsis"] == "application/x-nsis"


def test_a_cabinet_of_installshield_alone(kit: Any) -> None:
    assert "executable.installer" in kit.exploded(b"ISc(" + bytes(600), "data1.cab").names


def test_ordinary_programs_are_not_called_packed(kit: Any) -> None:
    """The programs of this machine, and those of Windows that Python and NSIS bring along."""
    programs = sorted(Path("/usr/bin").iterdir())[::25] + sorted(Path("/usr/share/nsis/Stubs").iterdir())
    looked_at = 0
    for program in programs:
        if program.is_file() and program.stat().st_size < 4_000_000:
            data = program.read_bytes()
            if data[:4] == b"\x7fELF" or data[:2] == b"MZ":
                found = kit.exploded(data, program.name)
                assert not found.names & {"executable.packed", "executable.installer", "unpack.crashed"}, program
                looked_at += 1
    assert looked_at > 20


@pytest.mark.parametrize("name", ["clam-upx.exe", "clam-yc.exe", "clam-nsis.exe", "clam.ea06.exe", "clam-mew.exe"])
def test_damage_is_a_finding_and_never_a_crash(kit: Any, samples: Any, name: str) -> None:
    data = samples.clam(name)
    started = time.process_time()
    steps = 4 if len(data) > 100_000 else 12
    for step in range(1, steps):
        at = len(data) * step // steps
        for damaged in (data[:at], data[:at] + b"\xff\xff" + data[at + 2 :]):
            assert "unpack.crashed" not in kit.exploded(damaged, "x.exe").names
    assert time.process_time() - started < 60


def test_programs_in_programs_end(kit: Any, samples: Any) -> None:
    data = b""
    for _ in range(30):
        data = samples.pe_of([(b".text", b"code", CODE)], behind=data)
    found = kit.exploded(data, "x.exe")
    assert "limit.depth" in found.names


def test_many_files_behind_a_program_end(kit: Any, samples: Any) -> None:
    data = samples.pe_of([(b".text", b"code", CODE)], behind=b"x" + (b"MSCF\0\0\0\0" + bytes(1000)) * 500)
    started = time.process_time()
    found = kit.exploded(data, "x.exe")
    assert "executable.hidden" in found.names
    assert time.process_time() - started < 5

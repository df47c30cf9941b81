from __future__ import annotations

import pytest
from tests.office import vbamake as make
from tests.unpack import officefiles

from lazaretto.office.compound import Compound
from lazaretto.office.vba import Project, container, project, projects

CODE = 'Sub AutoOpen()\n  MsgBox "ÄÖ"\nEnd Sub\n'


def only(streams: dict[str, bytes]) -> Project:
    (found,) = projects(Compound(officefiles.ole(streams)))
    return found


def test_sources_in_their_code_page() -> None:
    found = only(make.streams({"Modul1": CODE}, page=1252, cache=b"c" * 300, names=("AutoOpen", "MsgBox")))
    (module,) = found.modules
    assert module.source == 'Attribute VB_Name = "Modul1"\r\n' + CODE.replace("\n", "\r\n")
    assert (module.name, module.cache, module.has_code, module.whole) == ("Modul1", b"c" * 300, True, True)
    assert {"autoopen", "msgbox"} <= found.names
    assert (found.path, found.notes, found.complete) == ("VBA", [], True)


def test_several_projects() -> None:
    streams = make.streams({"A": CODE}, folder="Macros/") | make.streams({"B": CODE}, folder="_VBA_PROJECT_CUR/")
    assert {each.path for each in projects(Compound(officefiles.ole(streams)))} == {
        "Macros/VBA",
        "_VBA_PROJECT_CUR/VBA",
    }


@pytest.mark.parametrize(
    "directory", [b"", b"\1junk", container.pack(b"\x19\0\xff\xff\0\0"), b"\1\x03\xb0\x02a\xff\x0f"]
)
def test_a_damaged_directory_hides_nothing(directory: bytes) -> None:
    found = only(make.streams({"A": CODE}, cache=b"c" * 50) | {"VBA/dir": directory})
    assert [module.source.count("AutoOpen") for module in found.modules] == [1]
    assert found.notes == ["its directory is damaged"]


def test_an_offset_that_points_nowhere() -> None:
    streams = make.streams({"A": CODE}, cache=b"c" * 50)
    streams["VBA/dir"] = container.pack(make.directory({"A": 9999}))
    assert "AutoOpen" in only(streams).modules[0].source


def test_a_module_that_is_not_listed() -> None:
    streams = make.streams({"A": "Sub B()\nEnd Sub\n"})
    streams["VBA/Hidden"] = b"xx" + container.pack(('Attribute VB_Name = "H"\r\n' + CODE).encode("cp1252"))
    found = only(streams)
    assert [(module.name, module.stray) for module in found.modules] == [("A", False), ("Hidden", True)]


def test_source_outside_any_project() -> None:
    found = only({"Elsewhere": container.pack(('Attribute VB_Name = "H"\r\n' + CODE).encode("cp1252"))})
    assert found.modules[0].has_code
    assert found.notes == ["source of modules outside any project"]


@pytest.mark.parametrize(
    "text", ["", "Option Explicit\n", "' Sub AutoOpen()\n", "\n\n  \n", 'Attribute VB_Base = "0"\n']
)
def test_no_code(text: str) -> None:
    assert not only(make.streams({"A": text})).modules[0].has_code


def test_strings_of_the_compiled_form() -> None:
    cache = b"\0" * 20 + make.literal("powershell -c x") + b"\1\2" + make.literal("odd") + b"\xb9\0\xff\xffcut"
    assert only(make.streams({"A": CODE}, cache=cache)).modules[0].literals == ["powershell -c x", "odd"]


@pytest.mark.parametrize(
    ("line", "protected"),
    [
        (b'CMG="' + make.encrypted(bytes(4)) + b'"', False),
        (b'CMG="' + make.encrypted(b"\1\0\0\0") + b'"', True),
        (b'DPB="' + make.encrypted(b"\0") + b'"', False),
        (b'DPB="' + make.encrypted(bytes(29), 0x26) + b'"', True),
        (b'DPB="zz"', False),
    ],
)
def test_protection(line: bytes, protected: bool) -> None:
    assert only(make.streams({"A": CODE}, project=b'ID="{0}"\r\n' + line + b"\r\n")).protected is protected


def test_references() -> None:
    found = only(make.streams({"A": CODE}, references=("*\\Chttp://example.invalid/a.dotm",)))
    assert found.references == ["*\\Chttp://example.invalid/a.dotm"]


def test_no_project() -> None:
    assert list(projects(Compound(officefiles.ole({"WordDocument": b"x" * 5000})))) == []


def test_there_is_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "MOST", 2000)
    streams = make.streams({"A": CODE * 30, "B": CODE * 30}) | {"Stray": container.pack(b'Attribute VB_Name = "C"')}
    found = list(projects(Compound(officefiles.ole(streams))))
    assert not found[0].complete
    assert sum(len(module.source) for each in found for module in each.modules) <= 2000

from __future__ import annotations

import struct

import pytest
from tests.engines.documents import make
from tests.engines.documents.make import clsid, docx, native, ole, rtf
from tests.engines.documents.weigh import seen

from lazaretto import heuristics
from lazaretto.engines.documents.grade import Signs
from lazaretto.engines.documents.ole import Classes, equation, monikers, old_equation

CLASSES = Classes(heuristics.load("documents"))


def led(data: bytes) -> set[str]:
    signs = Signs(heuristics.load("documents"))
    monikers(data, "", signs, CLASSES)
    return set(signs.seen)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Equation.3", "ole.equation"),
        ("EQUATION.3\0", "ole.equation"),
        ("OLE2Link", "ole.link"),
        ("otkloadr.WRAssembly.1", "ole.control"),
        ("Forms.HTML:Image.1", "ole.page"),
        ("Word.Document.8", ""),
        ("", ""),
    ],
)
def test_names_of_classes(name: str, expected: str) -> None:
    assert CLASSES.named(name) == expected


def test_no_class_stands_for_two_things() -> None:
    sheet = heuristics.load("documents").heuristics.values()
    ids = [each for one in sheet for each in one.look_for("classes")]
    names = [each for one in sheet for each in one.look_for("names")]
    assert len(ids) == len(set(ids)) == len(CLASSES.octets)
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("http://example.invalid/", {"ole.moniker"}),
        ("\\\\example.invalid\\s", {"ole.server"}),
        ("script:http://example.invalid/", {"ole.script-moniker"}),
        ("mailto:a@example.invalid", set()),
        ("C:\\a.xlsx", set()),
        ("", set()),
    ],
)
def test_where_monikers_lead(target: str, expected: set[str]) -> None:
    assert led(make.moniker(target)) == expected


def test_classes_in_monikers() -> None:
    assert led(make.moniker("C:\\a", more=clsid(make.COMPOSITE) + clsid(make.SCRIPT))) == {
        "ole.composite",
        "ole.script-moniker",
    }
    assert led(b"") == led(clsid("79eac9e0-baf9-11ce-8c82-00aa004ba90b")) == set()


def test_equations_that_editors_write() -> None:
    assert equation(make.equation()) == ""
    assert equation(make.equation(b"A" * 32)) == ""
    assert equation(make.equation(b"A" * 33)) == "a font name of 33 bytes"
    assert equation(make.equation(head=2)) == "a header of another size"
    assert equation(b"") == equation(struct.pack("<H", 28) + bytes(40)) == ""
    unended = make.equation(b"A" * 60).rstrip(b"\0")
    assert equation(unended).startswith("a font name of -")


def test_equations_of_old() -> None:
    honest = bytes.fromhex("24000000 0200010100 0a011283460286 3d").ljust(40, b"\0")
    assert old_equation(honest, len(honest)) == ""
    assert old_equation(honest, len(honest) + 1) == "a size that is wrong"
    other = honest[:4] + b"\x90" + honest[5:]
    assert old_equation(other, len(honest)) == "data where equations have none"
    assert old_equation(b"", 0) == ""


def test_a_class_by_its_name_in_a_stream() -> None:
    part = b"\1\0\xfe\xff" + bytes(24) + b"Equation.3\0" + b"x" * 4
    assert seen("a.docx", docx({"word/embeddings/a.bin": ole({"\x01CompObj": part})})) == {"ole.equation"}


def test_a_damaged_object_is_no_failure() -> None:
    assert seen("a.docx", docx({"word/embeddings/a.bin": make.link_object("http://a")[:600]})) <= {"ole.link"}
    assert "rtf.broken-object" not in seen("a.rtf", rtf(native(b"", b"")))

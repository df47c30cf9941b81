from __future__ import annotations

import struct

import pytest
from tests.unpack import officefiles

from lazaretto.office import parts
from lazaretto.office.parts import Parts
from lazaretto.testing import hostile

PACKAGE = officefiles.docx(
    {"word/_rels/settings.xml.rels": officefiles.relations(("attachedTemplate", "http://example.invalid/a.dotm"))}
)


def test_parts_are_read_by_name() -> None:
    found = Parts(PACKAGE)
    assert found.read("word/document.xml") == b"<w:document/>"
    assert found.read("word/document.xml", 5) == b"<w:do"
    assert found.read("no.xml") == b""
    assert found.like("/word/", ends=".xml") == ["word/document.xml"]
    assert found.complete


def test_relations() -> None:
    (one,) = Parts(PACKAGE).relations("word/settings.xml")
    assert (one.kind, one.target, one.external) == ("attachedtemplate", "http://example.invalid/a.dotm", True)
    assert Parts(PACKAGE).relations("word/document.xml") == []
    assert Parts(PACKAGE).resolve("xl/workbook.xml", "macrosheets/a.xml") == "xl/macrosheets/a.xml"
    assert Parts(PACKAGE).resolve("xl/workbook.xml", "/a.xml") == "a.xml"


def test_too_many_parts_are_not_read() -> None:
    many = officefiles.zipped({f"{number}": "" for number in range(30)})
    end = many.rfind(b"PK\5\6")
    found = Parts(many[: end + 8] + struct.pack("<HH", 60_000, 60_000) + many[end + 12 :])
    assert found.names == ()
    assert not found.complete


def test_a_bomb_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_ALL", 1000)
    found = Parts(officefiles.zipped({"a": bytes(900), "b": bytes(900), "c": b"c"}))
    assert len(found.read("a")) == 900
    assert len(found.read("b")) == 100
    assert found.read("c") == b""
    assert not found.complete


@pytest.mark.parametrize("data", hostile())
def test_anything_is_borne(data: bytes) -> None:
    Parts(data).text("word/document.xml")


def test_damage_at_any_place() -> None:
    for at in range(0, len(PACKAGE), 3):
        for damaged in (PACKAGE[:at], PACKAGE[:at] + b"\xff\x01" + PACKAGE[at + 2 :]):
            found = Parts(damaged)
            for name in found.names:
                found.relations(name)
                found.read(name)

from __future__ import annotations

import time
from typing import Any

import pytest
from tests.unpack import officefiles as make

from lazaretto.model import Kind, Severity

FLAT = (
    '<?xml version="1.0"?><pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">%s</pkg:package>'
)


def found(kit: Any, *targets: tuple[str, str]) -> list[tuple[str, Severity]]:
    things = kit.exploded(make.docx({"word/_rels/settings.xml.rels": make.relations(*targets)}), "a.docx")
    return [(each.name, each.severity) for each in things.findings]


@pytest.mark.parametrize(
    ("kind", "target", "severity"),
    [
        ("attachedTemplate", "https://example.com/a.dotm", Severity.MEDIUM),
        ("attachedTemplate", "\\\\host\\share\\a.dotm", Severity.MEDIUM),
        ("attachedTemplate", "file:///C:\\Users\\me\\Normal.dotm", Severity.INFORMATIONAL),
        ("oleObject", "http://example.com/a.doc", Severity.MEDIUM),
        ("oleObject", "mhtml:http://example.com/a!x-usc:http://example.com/a", Severity.HIGH),
        ("frame", "//host/share/a.htm", Severity.MEDIUM),
        ("image", "https://example.com/a.png", Severity.INFORMATIONAL),
        ("image", "file://host/share/a.png", Severity.LOW),
    ],
)
def test_what_lies_outside(kit: Any, kind: str, target: str, severity: Severity) -> None:
    assert found(kit, (kind, target)) == [("ooxml.external", severity)]


def test_what_waits_for_a_click(kit: Any) -> None:
    assert found(kit, ("hyperlink", "http://example.com"), ("hyperlink", "\\\\host\\share")) == []


def test_a_target_with_a_scheme_is_outside_whatever_its_mode(kit: Any) -> None:
    text = make.relations(("attachedTemplate", "http://h/x")).replace(' TargetMode="External"', "")
    things = kit.exploded(make.docx({"word/_rels/settings.xml.rels": text}), "a.docx")
    assert things.finding("ooxml.external").kind is Kind.SCRIPT
    assert things.finding("ooxml.external").artifact == "a.docx!word/_rels/settings.xml.rels"
    assert things.finding("ooxml.external").evidence == ("attachedtemplate: http://h/x",)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
def test_whatever_it_is_written_in(kit: Any, codec: str) -> None:
    text = make.relations(("attachedTemplate", "http://h/x")).replace(
        ' version="1.0"', f' version="1.0" encoding="{codec}"'
    )
    assert "ooxml.external" in kit.exploded(make.docx({"_rels/x.rels": text.encode(codec)}), "a").names


def test_utf_7_and_no_declaration(kit: Any) -> None:
    text = make.relations(("attachedTemplate", "http://h/x"))
    bare = text.partition("?>")[2]
    seven = '<?xml version="1.0" encoding="utf-7"?>' + bare.replace("<", "+ADw-").replace('"', "+ACI-")
    for each in (bare, seven, "\n\n" + bare):
        assert "ooxml.external" in kit.exploded(make.docx({"_rels/x.rels": each}), "a").names, each


def test_damaged_but_read_by_some(kit: Any) -> None:
    text = make.relations(("attachedTemplate", "http://h/x"))[:-30]
    assert "ooxml.external" in kit.exploded(make.docx({"_rels/x.rels": text}), "a").names


def test_what_is_noted(kit: Any) -> None:
    text = make.relations(("aFChunk", "/word/a.htm"), ("ui/extensibility", "customUI.xml"))
    things = kit.exploded(make.docx({"_rels/x.rels": text.replace(' TargetMode="External"', "")}), "a")
    assert things.names == {"ooxml.customui", "ooxml.altchunk"}


def test_types_that_contradict_each_other(kit: Any) -> None:
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="jpg" ContentType="application/vnd.ms-office.vbaProject"/>'
        '<Override PartName="/a.xml" ContentType="x/1"/><Override PartName="/A.xml" ContentType="x/2"/></Types>'
    )
    evidence = kit.exploded(make.docx({"b/[Content_Types].xml": types}), "a").finding("ooxml.contradiction").evidence
    assert evidence == (".jpg is application/vnd.ms-office.vbaproject", "/a.xml is x/1 and x/2")


def test_flat_packages(kit: Any) -> None:
    part = '<pkg:part pkg:name="/_rels/.rels"><pkg:xmlData>%s</pkg:xmlData></pkg:part>'
    inner = make.relations(("oleObject", "http://h/x")).partition("?>")[2]
    assert "ooxml.external" in kit.exploded((FLAT % (part % inner)).encode(), "a.xml").names


def test_many_relations_are_one_finding(kit: Any) -> None:
    start = time.process_time()
    things = kit.exploded(make.relations(*[("oleObject", "http://h/x")] * 30_000).encode(), "a.rels")
    (finding,) = things.findings
    assert finding.evidence[-1] == "and 29984 more"
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<Relationships", f"<!--{' ' * 70_000}--><Relationships"),
        ("<Relationships", "<!DOCTYPE Relationships [<!ENTITY a '<html>'>]><Relationships"),
        ("<Relationship ", "<Relationship xmlns:a='a' a:Target='b.xml' a:Type='c' "),
        ("<Relationship ", f"<{'a' * 100}:Relationship "),
    ],
    ids=["a long comment", "a document type", "attributes of others", "a long prefix"],
)
def test_what_lies_outside_is_seen_however_it_is_written(kit: Any, old: str, new: str) -> None:
    part = make.relations(("attachedTemplate", "http://h/a.dotm"))
    part = part.decode() if isinstance(part, bytes) else part
    assert old in part
    found = kit.exploded(make.docx({"word/_rels/settings.xml.rels": part.replace(old, new)}), "a.docx")
    assert found.finding("ooxml.external").severity is Severity.MEDIUM

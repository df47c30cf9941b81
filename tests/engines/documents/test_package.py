from __future__ import annotations

import pytest
from tests.engines.documents.make import docx, with_relations
from tests.engines.documents.weigh import graded, seen
from tests.unpack import officefiles


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("http://192.0.2.1/a", {"office.template", "office.number"}),
        ("http://known.example@example.invalid/a", {"office.template", "office.number"}),
        ("http://192.0.2.1.example.invalid/a", {"office.template"}),
        ("\\\\192.0.2.1\\s\\a", {"office.template", "office.number"}),
        ("ms-word:ofe|u|http://example.invalid/", {"office.handler"}),
        ("a.dotm", set()),
    ],
)
def test_templates(target: str, expected: set[str]) -> None:
    assert seen("a.docx", with_relations(("attachedTemplate", target))) == expected


def test_what_is_loaded_by_open_document() -> None:
    content = (
        '<?xml version="1.0"?><office:document-content xmlns:office="o" xmlns:draw="d" xmlns:xlink="x">'
        '<draw:{} xlink:href="{}"/></office:document-content>'
    )
    for name, target, expected in (
        ("object-ole", "http://example.invalid/a", {"office.object"}),
        ("floating-frame", "script:a", {"office.object"}),
        ("image", "https://example.invalid/a.png", set()),
        ("image", "//example.invalid/s/a.png", {"office.share"}),
    ):
        files = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content.format(name, target)}
        assert seen("a.odt", officefiles.zipped(files)) == expected, (name, target)


def test_the_same_relations_twice_hide_nothing() -> None:
    """What comes twice in one part is opened once; both documents are judged by it."""
    one = with_relations(("attachedTemplate", "http://example.invalid/a.dotm"))
    found = graded("a.zip", officefiles.zipped({"1.docx": one, "2.docx": docx({"x/1.docx": one})}))
    assert {finding.name for finding in found} == {"document.office.suspicious"}
    assert {"a.zip!1.docx", "a.zip!2.docx!x/1.docx"} <= {finding.artifact for finding in found}

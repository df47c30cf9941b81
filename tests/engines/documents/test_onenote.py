from __future__ import annotations

from tests.engines.documents.make import PAYLOAD, PNG, docx, onenote, with_relations
from tests.engines.documents.weigh import grade, seen


def test_what_lies_behind_a_picture() -> None:
    assert seen("a.one", onenote({"a.js": PAYLOAD, "b.png": PNG})) == {"carry.script", "onenote.picture"}
    assert seen("a.one", onenote({"b.png": PNG}, "hello")) == set()


def test_words_alone_are_no_reason() -> None:
    assert grade("a.one", onenote({"b.png": PNG}, "Click here to view the minutes")) == ""


def test_other_files_and_documents() -> None:
    assert "onenote.file" in seen("a.one", onenote({"a.docx": docx()}))
    hostile = with_relations(("attachedTemplate", "http://example.invalid/a"))
    assert "carry.bad" in seen("a.one", onenote({"a.docx": hostile}))

from __future__ import annotations

from tests.engines.macros import files
from tests.unpack import officefiles

from lazaretto.office.compound import Compound
from lazaretto.office.vba import forms


def test_captions_and_tags() -> None:
    found = forms.texts(Compound(files.form("Sub A()\nEnd Sub", "First", "powershell -c 1")))
    assert found == [("First", "form UserForm1"), ("powershell -c 1", "form UserForm1")]


def test_no_form() -> None:
    assert forms.texts(Compound(officefiles.ole({"A/f": b"some text"}))) == []  # a form has its controls beside it


def test_runs_of_either_width() -> None:
    assert forms.runs(b"\0\1abc\0defg\x80" + "wide text".encode("utf-16-le")) == ["defg", "wide text"]


def test_no_more_than_is_asked_for() -> None:
    file = Compound(officefiles.ole({"a": b"12345678"}))
    assert forms.read(file, file.find("a"), 3) == b"123"
    assert forms.read(file, None, 3) == b""
    assert forms.read(file, file.find("a"), 0) == b""

from __future__ import annotations

import pytest
from tests.engines.documents.make import PAYLOAD, rtf
from tests.engines.documents.weigh import inspected, seen

from lazaretto.engines.documents import rtf as engine


@pytest.mark.parametrize("between", [b"", b"\r\n", b"\n"])
def test_digits_in_lines_are_not_obfuscated(between: bytes) -> None:
    digits = (PAYLOAD * 40).hex().encode()
    lines = between.join(digits[at : at + 64] for at in range(0, len(digits), 64))
    data = b"{\\rtf1{\\object\\objemb{\\*\\objdata " + lines + b"}}}"
    assert "rtf.obfuscated" not in seen("a.rtf", data)


@pytest.mark.parametrize("between", [b" ", b"\t\r\n", b"\\x1 ", b"{}", b"{\\*\\a b}", b"\\'00", b"\\bin0 ", b"\\*"])
def test_digits_with_other_things_between_them_are(between: bytes) -> None:
    assert "rtf.obfuscated" in seen("a.rtf", rtf(PAYLOAD * 40, between=between))


@pytest.mark.parametrize("word", [b"objupdate", b"objautlink", b"objhtml", b"objdata {"])
def test_words_behind_a_backslash_are_text(word: bytes) -> None:
    assert seen("a.rtf", b"{\\rtf1 the word \\\\" + word + b" does it}") == set()


def test_a_font_table_of_an_honest_size() -> None:
    fonts = b"".join(b"{\\f%d Arial;}" % number for number in range(2_000))
    runs = b"".join(b"\\f%d a" % (number % 9) for number in range(40_000))
    assert seen("a.rtf", b"{\\rtf1{\\fonttbl" + fonts + b"}}" + runs + b"}") == set()


def test_what_is_not_looked_at_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_LONGEST", 100)
    names = {finding.name for finding in inspected("a.rtf", b"{\\rtf1 " + b"a" * 200 + b"}").findings}
    assert names == {"limit.documents"}

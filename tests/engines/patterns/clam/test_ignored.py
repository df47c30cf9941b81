from __future__ import annotations

import hashlib

from lazaretto.engines.patterns.clam.ignored import Ignored


def test_by_name_and_by_line() -> None:
    ignored = Ignored()
    line = "B:0:*:6162"
    listed = ["A", "# no", "", f"B:{hashlib.md5(line.encode()).hexdigest()}"]
    assert ignored.read(listed, old=False) == []
    assert ignored("A", "anything")
    assert ignored("B", line)
    assert not ignored("B", line + "63")
    assert ignored.silent == {"A"}


def test_the_old_form_names_file_and_line() -> None:
    ignored = Ignored()
    assert ignored.read(["daily.ndb:12:A"], old=True) == []
    assert ignored.silent == {"A"}


def test_what_names_nothing_is_refused() -> None:
    assert [number for number, _ in Ignored().read([":x", "A:123"], old=False)] == [1, 2]

from __future__ import annotations

from pathlib import Path

import pytest

from lazaretto.unpack.sevenzip.formats import HANDLERS
from lazaretto.unpack.sevenzip.library import Absent, Library


def test_it_has_a_handler_for_every_type_of_the_table(library: Library) -> None:
    assert not [name for names in HANDLERS.values() for name in names if name.lower() not in library.formats]
    assert float(library.version) >= 22


def test_an_object_is_made_and_given_back(library: Library) -> None:
    archive = library.create("7z")
    assert archive is not None
    archive.release()
    assert archive.address == 0
    assert library.create("no such format") is None


def test_it_says_what_to_install_where_it_is_absent(tmp_path: Path) -> None:
    with pytest.raises(Absent, match="apt-get install p7zip-full"):
        Library((tmp_path / "7z.so",))


def test_another_library_of_that_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "7z.so").write_bytes(b"\x7fELF nothing")
    with pytest.raises(Absent, match="cannot be used"):
        Library((tmp_path / "7z.so",))

from __future__ import annotations

from tests.unpack import rarmake as make

from lazaretto.unpack import rarmark


def test_where_an_archive_begins() -> None:
    for archive in (
        make.rar5(),
        make.rar4(),
        make.rar5(main=make.main5(extra=make.record(2, bytes(200)))),
        make.hidden5("w"),
        make.hidden4("w"),
    ):
        assert rarmark.find(archive) == 0
        assert rarmark.find(b"x" * 1000 + archive) == 1000
        assert rarmark.find(make.MARK5[:-1] + b"x" * 9 + make.MARK4 + make.MARK5 + archive) == 31


def test_a_program_that_knows_the_mark_is_none() -> None:
    assert rarmark.find(b"MZ" + make.MARK4 + make.MARK5) == -1
    assert rarmark.find(b"MZ" + make.MARK4 + bytes(100) + make.MARK5 + bytes(100)) == -1
    assert rarmark.find(b"") == -1


def test_no_further_than_unrar_looks() -> None:
    assert rarmark.find(bytes(4 << 20) + make.rar5()) == 4 << 20
    assert rarmark.find(bytes((4 << 20) + 1) + make.rar5()) == -1

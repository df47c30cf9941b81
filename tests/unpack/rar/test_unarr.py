from __future__ import annotations

import pytest
from tests.unpack import rarmake as make

from lazaretto.errors import Malformed
from lazaretto.unpack.rar import rar4, unarr


def archive(contents: list[bytes]) -> bytes:
    return make.rar4(
        *(
            make.file4(b"a", content, data=make.packed4(content), method=3, flags=0x10 * bool(number))
            for number, content in enumerate(contents)
        ),
        flags=8,
    )


def test_a_chain(capfd: pytest.CaptureFixture[str]) -> None:
    library = unarr.load()
    assert library is not None
    contents = [b"one" * 70_000, b"two", b"three" * 1000]
    data = archive(contents)
    assert [b"".join(chunks) for chunks in library.files(rar4.walk(data, 0).items, data)] == contents
    assert capfd.readouterr() == ("", "")


def test_damage(capfd: pytest.CaptureFixture[str]) -> None:
    library = unarr.load()
    assert library is not None
    data = archive([b"one" * 70_000])
    items = rar4.walk(data, 0).items
    with pytest.raises(Malformed):
        [list(chunks) for chunks in library.files(items, data[: len(data) // 2])]
    chunks = next(library.files(items, data))  # lives on when nobody holds the archive
    assert b"".join(chunks) == b"one" * 70_000
    assert capfd.readouterr() == ("", "")  # it would write to the log of whoever runs it
    with pytest.raises(Malformed):
        list(library.files([*items, *items], data))

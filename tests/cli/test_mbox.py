from __future__ import annotations

from pathlib import Path

import pytest

from lazaretto.cli.mbox import messages


def read(tmp_path: Path, content: bytes) -> list[bytes]:
    (tmp_path / "mbox").write_bytes(content)
    return list(messages(tmp_path / "mbox"))


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_each_message_comes_with_its_own_line_end(tmp_path: Path, end: bytes) -> None:
    lines = [b"From a Mon", b"Subject: 1", b"", b"one", b"", b"From b Mon", b"Subject: 2", b"", b"two", b""]
    assert read(tmp_path, end.join(lines)) == [
        end.join([b"Subject: 1", b"", b"one", b""]),
        end.join([b"Subject: 2", b"", b"two", b""]),
    ]


def test_quoted_lines_lose_one_mark(tmp_path: Path) -> None:
    (message,) = read(tmp_path, b"From a\nSubject: 1\n\n>From here\n>>From there\n> From nowhere\n")
    assert message == b"Subject: 1\n\nFrom here\n>From there\n> From nowhere\n"


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_the_empty_line_after_the_last_message_is_none_of_its_own(tmp_path: Path, end: bytes) -> None:
    assert read(tmp_path, end.join([b"From a", b"Subject: 1", b"", b"one", b"", b""])) == [
        end.join([b"Subject: 1", b"", b"one", b""])
    ]
    assert read(tmp_path, b"From a" + end + end) == [end]


def test_from_in_the_middle_of_a_paragraph_is_text(tmp_path: Path) -> None:
    assert len(read(tmp_path, b"From a\nSubject: 1\n\ntext\nFrom the start\n")) == 1


def test_what_is_no_mailbox_has_no_messages(tmp_path: Path) -> None:
    assert read(tmp_path, b"Subject: 1\n\ntext\n") == []

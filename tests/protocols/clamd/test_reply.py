from __future__ import annotations

import pytest

from lazaretto.errors import ProtocolError
from lazaretto.protocols.clamd.reply import MAX_REPLY, ReplyReader, Verdict, Word, verdict, version


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("stream: OK", Verdict(Word.OK)),
        ("fd[11]: OK", Verdict(Word.OK)),
        ("stream: Win.Test.EICAR_HDB-1 FOUND", Verdict(Word.FOUND, "Win.Test.EICAR_HDB-1")),
        ("fd[9]: A.B(44d88612fea8a8f36de82e1278abb02f:68) FOUND", Verdict(Word.FOUND, "A.B")),
        ("stream: OK FOUND", Verdict(Word.FOUND, "OK")),
        ("INSTREAM size limit exceeded. ERROR", Verdict(Word.ERROR, "INSTREAM size limit exceeded")),
        ("fd[3]: Can't allocate memory ERROR", Verdict(Word.ERROR, "Can't allocate memory")),
    ],
)
def test_verdicts(line: str, wanted: Verdict) -> None:
    assert verdict(line) == wanted
    assert wanted.too_large == ("size limit" in line)


@pytest.mark.parametrize(
    "line",
    ["", "OK", "stream:OK", "stream: ok", "stream: OK ", "stream: OK\nstream: X FOUND", "fd[]: OK", "UNKNOWN COMMAND",
     "stream:  FOUND", "PONG", "/etc/passwd: OK", "stream: X FOUNDLING"],
)  # fmt: skip
def test_nothing_else_is_a_verdict(line: str) -> None:
    with pytest.raises(ProtocolError):
        verdict(line)


def test_version() -> None:
    for line in ("ClamAV 1.4.6", "ClamAV 1.4.3/27800/Mon Nov 23 08:00:00 2026"):
        assert version(line) == line
    with pytest.raises(ProtocolError):
        version("PONG")


def test_a_reply_in_any_portions() -> None:
    reader = ReplyReader()
    assert [reader.feed(b"%c" % octet) for octet in b"stream: OK\0"] == [None] * 10 + ["stream: OK"]


@pytest.mark.parametrize(
    "data", [b"stream: OK\0stream: X FOUND\0", b"x" * (MAX_REPLY + 1), b"x" * MAX_REPLY * 2 + b"\0"]
)
def test_a_reply_without_end_or_with_another_behind_it(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        ReplyReader().feed(data)


@pytest.mark.parametrize("wanted", [Verdict(Word.OK), Verdict(Word.FOUND, "A.B"), Verdict(Word.ERROR, "broken")])
def test_what_a_server_writes_is_read_back(wanted: Verdict) -> None:
    line = ReplyReader().feed(wanted.encode())
    assert line is not None
    assert verdict(line) == wanted


def test_a_server_writes_no_control_characters() -> None:
    assert Verdict(Word.FOUND, "a\0b\r\nc").encode() == b"stream: a?b??c FOUND\0"

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lazaretto.engines.patterns.engine import Patterns, PatternSettings
from lazaretto.engines.patterns.samples import Hit, Sample, read, try_apart
from lazaretto.errors import ConfigError
from lazaretto.model import Artifact

RULES = (
    'rule bad { strings: $a = "bad" condition: $a }\n'
    'rule odd { meta: score = 40 strings: $a = "odd" condition: $a }\n'
    'rule named { condition: filename == "x.vbs" }\n'
)


def taken(folder: Path) -> str:
    """What is wrong with the set, "" for nothing."""
    (folder / "a.yar").write_text(RULES)
    try:
        engine = Patterns(PatternSettings(dirs=(folder,)))
    except ConfigError as error:
        return str(error)
    assert any("samples are as the sets say" in line for line in engine.describe())
    return ""


def put(folder: Path, name: str, content: str) -> Path:
    file = folder / "tests" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return file


@pytest.mark.parametrize(
    ("name", "content", "wrong"),
    [
        ("match/bad/one", "a bad thing", ""),
        ("match/bad/one", "a good thing", "rule bad does not match this sample"),
        ("match/gone/one", "a bad thing", "rule gone does not match this sample (bad do)"),
        ("match/named/x.vbs", "", ""),
        ("clean/one", "a good thing", ""),
        ("clean/one", "an odd thing", ""),
        ("clean/one", "a bad thing", "rule bad matches this sample, and must not"),
        ("clean/odd/one", "an odd thing", "rule odd matches this sample, and must not"),
        ("clean/odd/one", "a bad thing", ""),
        ("match/one", "a bad thing", "stands in no folder that is named after the rule"),
        ("match/bad/a.yar", "rule never { condition: true } bad", ""),
        ("a.toml", '[[sample]]\nmatch = ["bad"]\ntext = "bad"', ""),
        (
            "a.toml",
            '[[sample]]\nmatch = ["bad"]\nhex = "62 61 64"\n[[sample]]\nclean = true\nbase64 = "Z29v\\nZA=="',
            "",
        ),
        (
            "a.toml",
            '[[sample]]\nclean = ["odd"]\ntext = "good"\n[[sample]]\nclean = true\ntext = "bad"',
            "a.toml:4: rule bad",
        ),
        ("a.toml", '[[sample]]\nmatch = ["named"]\nname = "x.vbs"\ntext = ""', ""),
        ("a.toml", '[[sample]]\nmatch = ["bad"]\n', "one of text, hex and base64"),
        ("a.toml", '[[sample]]\ntext = "bad"', "says what must match"),
        ("a.toml", '[[sample]]\nmatch = ["bad"]\nhex = "zz"', "a.toml:1: no content"),
        ("a.toml", "[[sample]]\nmach = 1", "did you mean 'match'?"),
        ("a.toml", "[[", "not TOML"),
    ],
)
def test_a_set_is_taken_when_its_samples_are_as_they_say(tmp_path: Path, name: str, content: str, wrong: str) -> None:
    file = put(tmp_path, name, content)
    told = taken(tmp_path)
    assert wrong in told
    assert bool(told) == bool(wrong)
    assert not wrong or str(file) in told


def test_every_failure_is_told_at_once(tmp_path: Path) -> None:
    put(tmp_path, "match/bad/one", "good")
    put(tmp_path, "clean/two", "bad")
    told = taken(tmp_path)
    assert "match/bad/one: rule bad does not match" in told
    assert "clean/two: rule bad matches" in told


def test_samples_are_for_the_rules_of_their_own_set(tmp_path: Path) -> None:
    put(tmp_path / "one", "clean/x", "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*")
    (tmp_path / "one/a.yar").write_text("rule a { condition: false }")
    Patterns(PatternSettings(dirs=(tmp_path / "one",)))  # our own rule would match


def test_a_folder_without_samples_has_none(tmp_path: Path) -> None:
    (tmp_path / "tests/match").mkdir(parents=True)
    (tmp_path / "tests/match/.gitkeep").touch()
    assert read(tmp_path) == []


def sample() -> Sample:
    return Sample(Path("x"), None, Path(), b"", match=("a",))


def test_what_hangs_is_ended() -> None:
    def hang(_: Artifact) -> Iterator[Hit]:
        time.sleep(60)
        yield from ()

    began = time.monotonic()
    (problem,) = try_apart([sample()], hang, 0.5)
    assert "more than 0.5 seconds" in str(problem)
    assert time.monotonic() - began < 5


def test_what_crashes_takes_nobody_along() -> None:
    def crash(_: Artifact) -> Iterator[Hit]:
        os.kill(os.getpid(), signal.SIGKILL)
        yield

    def panic(_: Artifact) -> Iterator[Hit]:
        raise BaseException("panic")  # as those of native libraries
        yield

    assert "crashed" in str(try_apart([sample()], crash)[0])
    assert "BaseException: panic" in str(try_apart([sample()], panic)[0])


def test_it_can_open_nothing() -> None:
    def reach_out(_: Artifact) -> Iterator[Hit]:
        for attempt in (Path("/etc/hostname").read_bytes, socket.socket):
            with pytest.raises(OSError, match="Too many open files"):
                attempt()
        yield Hit("a", Path("x"), informs=False)

    assert try_apart([sample()], reach_out) == []

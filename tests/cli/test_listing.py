from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from lazaretto.cli.listing import ago, cell, print_json, print_table, size, visible


def test_what_strangers_wrote_cannot_steer_the_terminal() -> None:
    assert visible("a\x1b[31mb\u202egpj.exe\r\n") == "a\\u001b[31mb\\u202egpj.exe\\u000d\\u000a"
    assert visible("Grüße ✓") == "Grüße ✓"


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 * 2**40, "5120.0 GiB")]
)
def test_size(count: int, text: str) -> None:
    assert size(count) == text


def test_a_word_of_state_has_its_colour_and_a_time_its_form() -> None:
    assert cell("infected").style == "bold red"
    assert cell("Infected by the subject").style == ""
    assert len(str(cell(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)))) == len("2026-01-02 03:04:05")


def test_tables_and_lines(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["Name", "Size"], [["[red]a", 1]], "nothing")
    print_table(["Name"], [], "nothing")
    print_json({"a": "ü"})
    shown = capsys.readouterr().out
    assert "[red]a" in shown
    assert shown.endswith('nothing\n{"a":"ü"}\n')


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "just now"), (59, "just now"), (60, "1 minute ago"), (7300, "2 hours ago"), (200_000, "2 days ago")],
)
def test_ago(seconds: int, text: str) -> None:
    assert ago(datetime.now(UTC) - timedelta(seconds=seconds)) == text


def test_a_name_in_no_encoding_is_json_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"path": "bad\udcff.txt", "when": datetime(2026, 1, 2, tzinfo=UTC)})
    assert json.loads(capsys.readouterr().out) == {"path": "bad\ufffd.txt", "when": "2026-01-02T00:00:00Z"}

"""Each ``NAME.eml`` reads as ``NAME.json`` says: the parts in order, decoded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lazaretto.mime.edit import Draft
from lazaretto.mime.parse import parse
from lazaretto.mime.transfer import decoded

MAILS = sorted(Path(__file__).parent.glob("*.eml"))


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    message = parse(path.read_bytes())
    expected: list[dict[str, Any]] = json.loads(path.with_suffix(".json").read_text())
    assert [part.path for part in message.root.walk()] == [one["path"] for one in expected]
    for part, one in zip(message.root.walk(), expected, strict=True):
        assert part.media_type == one["type"]
        for key in ("charset", "disposition", "encoding", "content_id"):
            assert getattr(part, key) == one.get(key, "")
        assert list(part.names) == one.get("names", [])
        assert list(part.defects) == one.get("defects", [])
        data, odd = decoded(message, part)
        assert list(odd) == one.get("body_defects", [])
        if not part.children:
            assert data == (bytes.fromhex(one["hex"]) if "hex" in one else one["body"].encode())
    assert Draft(message).result() is None


def test_the_mails_are_there() -> None:
    assert len(MAILS) >= 20

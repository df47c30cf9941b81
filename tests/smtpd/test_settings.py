from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from lazaretto.smtpd.settings import DoorSettings


def test_a_key_needs_its_certificate(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="tls_key without tls_certificate"):
        DoorSettings(listen="127.0.0.1:0", tls_key=tmp_path / "key.pem")


@pytest.mark.parametrize(
    "wrong",
    [{"next_hop": "nowhere"}, {"trusted": ["10.0.0.0/99"]}, {"bare_newline": "allow"}, {"next_hop_tls": "maybe"}],
)
def test_mistakes_are_found(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        DoorSettings.model_validate({"listen": "127.0.0.1:0"} | wrong)

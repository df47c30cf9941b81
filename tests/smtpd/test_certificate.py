from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.nexthop.certificates import self_signed

from lazaretto.errors import ConfigError
from lazaretto.smtpd.certificate import Certificate


def test_renewed_files_are_read_again(tmp_path: Path) -> None:
    file = self_signed(tmp_path / "tls.pem")
    certificate = Certificate(file, None, "listeners.smtp")
    first = certificate.context
    assert certificate.context is first
    self_signed(file)
    os.utime(file, (1, 1))
    second = certificate.context
    assert second is not first
    file.write_text("torn")
    assert certificate.context is second, "the last good one stays"
    file.unlink()
    assert certificate.context is second


@pytest.mark.parametrize("content", [None, "nonsense"])
def test_an_unusable_file_names_the_setting(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "tls.pem"
    if content:
        file.write_text(content)
    with pytest.raises(ConfigError, match=r"\[listeners\.smtp\] tls_certificate") as caught:
        Certificate(file, None, "listeners.smtp")
    assert "PEM" in caught.value.problems[0].remedy

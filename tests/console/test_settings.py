from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

from lazaretto.config import Config, Console
from lazaretto.console import settings


def test_the_secret_is_made_once_and_private(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    key = settings.secret(file)
    assert len(key) > 50
    assert settings.secret(file) == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_folder_is_private(tmp_path: Path) -> None:
    folder = settings.folder(Config(data_dir=tmp_path / "new"))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_cookies_travel_by_https_only_when_it_is_secure(tmp_path: Path) -> None:
    values = settings.values(Config(data_dir=tmp_path, console=Console(secure=True)))
    assert values["SESSION_COOKIE_SECURE"]
    assert values["CSRF_COOKIE_SECURE"]
    assert values["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert settings.values(Config(data_dir=tmp_path))["SECURE_PROXY_SSL_HEADER"] is None


def test_importing_the_console_loads_no_django() -> None:
    code = "import lazaretto.console, lazaretto.console.server, sys; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

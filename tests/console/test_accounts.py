from __future__ import annotations

from pathlib import Path

from lazaretto.config import Config
from lazaretto.console import accounts, throttle


def test_the_first_password_is_told_once_and_kept_nowhere(config: Config, database: None) -> None:
    from django.contrib.auth import authenticate

    password = accounts.ensure_first_user(config)
    assert password
    assert authenticate(username="admin", password=password)
    assert accounts.ensure_first_user(config) is None
    files = [file for file in Path(config.data_dir, "console").iterdir() if file.is_file()]
    assert files
    assert not [file for file in files if password.encode() in file.read_bytes()]


def test_a_lost_password_is_replaced(config: Config, database: None) -> None:
    from django.contrib.auth import authenticate

    old = accounts.ensure_first_user(config)
    for _ in range(throttle.FOR_LOGIN):
        throttle.failed("127.0.0.1", "admin")
    new = accounts.reset_password(config)
    assert new != old
    assert authenticate(username="admin", password=old) is None
    user = authenticate(username="admin", password=new)
    assert user
    assert user.is_superuser
    assert not throttle.blocked("127.0.0.1", "admin")


def test_a_reset_makes_the_user_that_is_missing(config: Config, database: None) -> None:
    from django.contrib.auth import authenticate

    password = accounts.reset_password(config, "carol")
    user = authenticate(username="carol", password=password)
    assert user
    assert user.is_staff


def test_passwords_differ_and_read_well() -> None:
    some = {accounts.new_password() for _ in range(50)}
    assert len(some) == 50
    assert all(len(each) == 23 and not set(each) & set("0O1lI") for each in some)

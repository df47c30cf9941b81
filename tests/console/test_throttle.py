from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from lazaretto.console import throttle
from lazaretto.console.models import LoginFailure

RIGHT = "correct horse battery"


@pytest.fixture
def login(database: None) -> Any:
    from django.contrib.auth.models import User
    from django.test import Client

    User.objects.create_superuser("root", password=RIGHT)
    return lambda password, name="root": Client().post("/login/", {"username": name, "password": password})


def test_guessing_is_stopped_even_when_it_is_right(login: Any) -> None:
    for _ in range(throttle.FOR_LOGIN):
        assert "Too many" not in login("wrong").content.decode()
    answer = login(RIGHT)
    assert answer.status_code == 200
    assert "Too many failed logins" in answer.content.decode()


def test_time_heals(login: Any) -> None:
    for _ in range(throttle.FOR_LOGIN):
        throttle.failed("127.0.0.1", "ROOT")
    LoginFailure.objects.update(at=timezone.now() - throttle.WINDOW - timedelta(seconds=1))
    assert login(RIGHT).status_code == 302


def test_success_forgives(login: Any) -> None:
    for _ in range(throttle.FOR_LOGIN - 1):
        throttle.failed("127.0.0.1", "root")
    assert login(RIGHT).status_code == 302
    assert not LoginFailure.objects.exists()


def test_another_address_or_login_is_not_punished(login: Any) -> None:
    for _ in range(throttle.FOR_LOGIN):
        throttle.failed("192.0.2.1", "root")
        throttle.failed("127.0.0.1", "carol")
    assert login(RIGHT).status_code == 302


def test_one_address_with_many_logins_is_stopped(login: Any) -> None:
    for count in range(throttle.FOR_ADDRESS):
        throttle.failed("127.0.0.1", f"user{count}")
    assert throttle.blocked("127.0.0.1", "root")


def test_a_long_login_is_no_error(login: Any) -> None:
    assert login("x", "y" * 5000).status_code == 200

from __future__ import annotations

from typing import Any


def test_an_administrator_makes_a_user(browser: Any) -> None:
    from django.contrib.auth.models import User

    secret = "a long enough passphrase"
    asked = {"username": "dora", "usable_password": "true", "password1": secret, "password2": secret, "_save": "Save"}
    answer = browser.post("/auth/user/add/", asked)
    assert answer.status_code == 302, answer.content.decode()
    assert User.objects.get(username="dora").check_password(secret)


def test_weak_passwords_are_refused(browser: Any) -> None:
    from django.contrib.auth.models import User

    asked = {"username": "dora", "usable_password": "true", "password1": "short", "password2": "short"}
    assert "too short" in browser.post("/auth/user/add/", asked).content.decode()
    assert not User.objects.filter(username="dora").exists()

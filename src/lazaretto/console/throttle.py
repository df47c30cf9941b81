"""Guessing passwords is made slow: failures are counted by address and login, in the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from unfold.forms import AuthenticationForm

from lazaretto.console.models import LoginFailure

WINDOW = timedelta(minutes=15)
FOR_LOGIN = 5  # failures of one address with one login
FOR_ADDRESS = 30  # failures of one address with any login


class LoginForm(AuthenticationForm):
    """The frame's login form; beyond the limit even the right password is not looked at."""

    def clean(self) -> dict[str, Any]:
        ip, login = self.request.META.get("REMOTE_ADDR", ""), self.cleaned_data.get("username", "")
        if blocked(ip, login):
            raise ValidationError(
                f"Too many failed logins. Wait {WINDOW.seconds // 60} minutes, or set a new password on the "
                "server with: lazaretto console password",
                code="throttled",
            )
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError:
            failed(ip, login)
            raise
        LoginFailure.objects.filter(ip=ip, login=_key(login)).delete()
        return cleaned


def blocked(ip: str, login: str) -> bool:
    recent = LoginFailure.objects.filter(at__gt=timezone.now() - WINDOW, ip=ip)
    return recent.filter(login=_key(login)).count() >= FOR_LOGIN or recent.count() >= FOR_ADDRESS


def failed(ip: str, login: str) -> None:
    LoginFailure.objects.create(at=timezone.now(), ip=ip, login=_key(login))


def _key(login: str) -> str:
    return login.casefold()[:160]

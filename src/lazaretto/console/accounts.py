"""The first user, and the way back in for who has lost the password."""

from __future__ import annotations

import secrets
import string
from pathlib import Path

from lazaretto.config import Config

FIRST = "admin"
_LETTERS = "".join(sorted(set(string.ascii_letters + string.digits) - set("0O1lI")))  # none is taken for another


def ensure_first_user(config: Config) -> str | None:
    """Creates the user "admin" when there is no user at all, and returns the password: shown once, kept nowhere."""
    _prepare(config)
    from django.contrib.auth.models import User

    if User.objects.exists():
        return None
    User.objects.create_superuser(FIRST, password=(password := new_password()))
    return password


def reset_password(config: Config, login: str = FIRST) -> str:
    """A new password for that user, who is created as an administrator if need be; ends all of their sessions."""
    _prepare(config)
    from django.contrib.auth.models import User

    from lazaretto.console.models import LoginFailure

    user, _ = User.objects.get_or_create(username=login, defaults={"is_staff": True, "is_superuser": True})
    user.set_password(password := new_password())  # sessions carry a hash of the password: the old ones end here
    user.is_active = True
    user.save()
    LoginFailure.objects.filter(login=login.casefold()).delete()
    return password


def new_password() -> str:
    """20 characters, 116 bits: in groups, to be copied from a terminal."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))


def _prepare(config: Config) -> Path:
    from lazaretto.console.settings import configure, folder

    configure(config)
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    return folder(config)

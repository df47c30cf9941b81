"""Django's settings, made from the configuration file: there is no second place to configure."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
from importlib import metadata
from pathlib import Path
from typing import Any

from lazaretto.config import Config

_COLOURS = {  # a calm blue-green; status colours are in static/console/console.css
    "50": "oklch(98.4% .014 180.72)",
    "100": "oklch(95.3% .051 180.801)",
    "200": "oklch(91% .096 180.426)",
    "300": "oklch(85.5% .138 181.071)",
    "400": "oklch(77.7% .152 181.912)",
    "500": "oklch(70.4% .14 182.503)",
    "600": "oklch(51.5% .098 184.704)",
    "700": "oklch(43.7% .084 186.391)",
    "800": "oklch(38.6% .07 188.216)",
    "900": "oklch(33% .055 189)",
    "950": "oklch(27.7% .046 192.524)",
}


def folder(config: Config) -> Path:
    """Where the console keeps everything it writes; made readable to its owner only."""
    path = config.data_dir / "console"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def configure(config: Config) -> None:
    """Prepares Django for this configuration.  Once in a process: a second call is without effect."""
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure(**values(config))
        django.setup()
        logging.getLogger("django.request").setLevel(logging.ERROR)  # a page that is not there is no news


def values(config: Config) -> dict[str, Any]:
    """All settings that differ from Django's own."""
    home, secure = folder(config), config.console.secure
    return {
        "SECRET_KEY": secret(home / "secret"),
        "DEBUG": False,
        "ALLOWED_HOSTS": list(config.console.allowed_hosts),
        "ROOT_URLCONF": "lazaretto.console.urls",
        "INSTALLED_APPS": _apps(),
        "MIDDLEWARE": _middleware(),
        "TEMPLATES": [_templates()],
        "DATABASES": {"default": _database(home / "console.sqlite3")},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "LANGUAGE_CODE": "en",
        "USE_I18N": True,
        "STATIC_URL": f"/static/{_static_version()}/",
        "LOGIN_URL": "admin:login",
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.ScryptPasswordHasher"],
        "AUTH_PASSWORD_VALIDATORS": _validators(),
        "SESSION_COOKIE_NAME": "lazaretto_session",
        "SESSION_COOKIE_AGE": 12 * 3600,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "CSRF_COOKIE_NAME": "lazaretto_csrf",
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Strict",
        "CSRF_COOKIE_SECURE": secure,
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if secure else None,
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",  # with "no-referrer" browsers send "Origin: null", which fails CSRF
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
        "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",
        "LOGGING_CONFIG": None,
        "UNFOLD": _frame(),
        "LAZARETTO": config,
    }


def secret(file: Path) -> str:
    """The key that signs sessions: made on the first start, mode 0600, never changed by us."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text("ascii").strip()
    with os.fdopen(handle, "w") as stream:
        stream.write(key := secrets.token_urlsafe(48))
    return key


def _static_version() -> str:
    """Changes with every release of the parts, so that browsers may keep static files for ever."""
    versions = [metadata.version(name) for name in ("lazaretto", "django", "django-unfold")]
    own = Path(__file__).parent / "static"
    newest = max(int(path.stat().st_mtime) for path in own.rglob("*"))
    return hashlib.sha256(f"{versions}{newest}".encode()).hexdigest()[:12]


def _apps() -> list[str]:
    return [
        "lazaretto.console.apps.ConsoleConfig",  # first: its templates win over those of the frame
        "unfold.apps.BasicAppConfig",
        "lazaretto.console.apps.FrameConfig",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
    ]


def _middleware() -> list[str]:
    return [
        "lazaretto.console.security.Headers",
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "lazaretto.console.security.LocalTime",
    ]


def _templates() -> dict[str, Any]:
    return {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["lazaretto.console.templatetags.show"],
        },
    }


def _database(file: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": {
            "timeout": 20,  # seconds to wait for the other writer
            "transaction_mode": "IMMEDIATE",  # a reader that turns writer would fail at once instead of waiting
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;",
        },
    }


def _validators() -> list[dict[str, Any]]:
    package = "django.contrib.auth.password_validation"
    return [
        {"NAME": f"{package}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
        {"NAME": f"{package}.CommonPasswordValidator"},
        {"NAME": f"{package}.UserAttributeSimilarityValidator"},
        {"NAME": f"{package}.NumericPasswordValidator"},
    ]


def _frame() -> dict[str, Any]:
    """Unfold's settings: the frame around our pages."""
    from django.templatetags.static import static
    from django.urls import reverse_lazy

    def entry(title: str, icon: str, view: str) -> dict[str, Any]:
        return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{view}")}

    def superuser(request: Any) -> bool:
        return bool(request.user.is_superuser)

    users = entry("Users", "group", "auth_user_changelist") | {"permission": superuser}
    return {
        "SITE_TITLE": "Lazaretto",
        "SITE_HEADER": "Lazaretto",
        "SITE_SYMBOL": "shield_with_heart",
        "SITE_URL": None,
        "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("console/icon.svg")}],
        "SHOW_HISTORY": False,
        "SHOW_VIEW_ON_SITE": False,
        "COLORS": {"primary": _COLOURS},
        "STYLES": [lambda request: static("console/console.css")],
        "SCRIPTS": [lambda request: static("console/console.js")],
        "LOGIN": {"form": "lazaretto.console.throttle.LoginForm"},
        "SIDEBAR": {
            "navigation": [
                {
                    "title": None,
                    "items": [
                        entry("Dashboard", "monitoring", "index"),
                        entry("Messages", "mail", "messages"),
                        entry("Quarantine", "gpp_maybe", "quarantine"),
                        entry("Node", "dns", "node"),
                        users,
                    ],
                }
            ]
        },
    }

from __future__ import annotations

from django.apps import apps
from django.contrib import admin
from django.core.management import call_command

from lazaretto.config import Config
from lazaretto.console.site import ConsoleSite


def test_the_site_is_ours() -> None:
    assert isinstance(admin.site._wrapped if hasattr(admin.site, "_wrapped") else admin.site, ConsoleSite) or (
        admin.site.name and type(admin.site.get_urls.__self__) is ConsoleSite
    )
    assert apps.get_app_config("console").name == "lazaretto.console"


def test_the_migrations_are_complete(config: Config) -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_django_finds_nothing_wrong(config: Config) -> None:
    call_command("check", fail_level="WARNING", verbosity=0)

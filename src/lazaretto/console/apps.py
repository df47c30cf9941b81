"""What Django needs to know about the console."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AppConfig):
    name = "lazaretto.console"
    label = "console"
    verbose_name = "Lazaretto"
    default_auto_field = "django.db.models.BigAutoField"


class FrameConfig(AdminConfig):
    """Django's admin with our site in the place of the default one."""

    default = False
    default_site = "lazaretto.console.site.ConsoleSite"

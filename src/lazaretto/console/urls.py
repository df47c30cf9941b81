"""Every address of the console."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import path

from lazaretto.console.views import static

urlpatterns = [
    path(f"{settings.STATIC_URL.lstrip('/')}<path:name>", static.serve),
    path("", admin.site.urls),
]

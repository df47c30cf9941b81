from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings


def test_files_of_the_packages_are_served(config: Any) -> None:
    from django.test import Client

    stranger = Client()
    for name, kind in (("console/console.css", "text/css"), ("unfold/js/chart/chart.js", "text/javascript")):
        answer = stranger.get(settings.STATIC_URL + name)
        assert answer.status_code == 200
        assert answer["Content-Type"] == kind
        assert "immutable" in answer["Cache-Control"]
        assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "name", ["../settings.py", "console/../../settings.py", "%2e%2e/settings.py", "/etc/passwd", "console", "a\x00b"]
)
def test_nothing_else_is(name: str, config: Any) -> None:
    from django.test import Client

    assert Client().get(settings.STATIC_URL + name).status_code == 404

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    "page", ["/nothing/", "/messages/none/", "/quarantine/none/", "/quarantine/none/preview/", "/static/x/y.css"]
)
def test_what_is_not_there_is_not_found(page: str, browser: Any) -> None:
    assert browser.get(page).status_code == 404


def test_the_login_leads_back_to_the_page(database: None) -> None:
    from django.test import Client

    answer = Client().get("/quarantine/?q=a")
    assert answer["Location"] == "/login/?next=/quarantine/%3Fq%3Da"

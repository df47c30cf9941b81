from __future__ import annotations

import pytest

from lazaretto.office.links import Place, place


@pytest.mark.parametrize(
    ("target", "where"),
    [
        ("media/image1.png", Place.INSIDE),
        ("", Place.INSIDE),
        ("http://example.com/a.dotm", Place.REMOTE),
        (" HTTPS://example.com/a", Place.REMOTE),
        ("\\\\host\\share\\a.dot", Place.SHARE),
        ("//host/share/a.dot", Place.SHARE),
        ("\\/host/share/a.dot", Place.SHARE),
        ("/\\host/share/a.dot", Place.SHARE),
        ("file://host/share/a", Place.SHARE),
        ("file:///\\\\host\\share\\a", Place.SHARE),
        ("file:////host/share", Place.SHARE),
        ("file:\\\\host\\share", Place.SHARE),
        ("file:///C:\\Users\\a.dot", Place.LOCAL),
        ("file://localhost/c:/a", Place.LOCAL),
        ("C:\\a\\b.dot", Place.INSIDE),
        ("mhtml:http://example.com/a!x-usc:http://example.com/a", Place.HANDLER),
        ("ms-msdt:/id", Place.HANDLER),
        ("script:https://example.com/a.sct", Place.HANDLER),
    ],
)
def test_who_is_asked(target: str, where: Place) -> None:
    assert place(target) is where

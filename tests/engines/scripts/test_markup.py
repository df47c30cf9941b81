from __future__ import annotations

import hashlib
import time

import pytest

from lazaretto.engines.scripts import markup
from lazaretto.engines.scripts.signs import Signs
from lazaretto.engines.scripts.weights import load
from lazaretto.scripting.analysis import analysed


def seen(page: str) -> set[str]:
    signs = Signs(load())
    data = page.encode()
    markup.look(analysed(hashlib.sha256(data).hexdigest(), "text/html", data), signs)
    return set(signs.seen)


def test_a_form_for_passwords_elsewhere() -> None:
    form = '<form action="%s"><input type="password"></form>'
    assert "phish.form" in seen(form % "https://example.invalid/a")
    assert "phish.form" in seen(form % "//example.invalid/a")
    assert not seen(form % "/a")


def test_a_form_that_is_hidden_in_a_script() -> None:
    form = '<form action="https://example.invalid/a"><input type="password"></form>'
    hidden = "".join(f"%{byte:02x}" for byte in form.encode())
    assert {"phish.form", "phish.written"} <= seen(f"<script>document.write(unescape('{hidden}'))</script>")


def test_a_library_that_can_save_saves_nothing_yet() -> None:
    filler = "function a(){return 1}" * 2000
    assert "smuggle.save" not in seen(f"<script>new Blob([b]);{filler};x.download='a.zip'</script>")
    assert "smuggle.save" in seen(f"<script>{filler};new Blob([b]);x.download='a.zip'</script>")


@pytest.mark.parametrize(
    "page",
    ["<form " * 100_000, "<iframe src=//" * 50_000, "<script>" + "data:application" * 60_000, "<input " * 100_000],
)
def test_linear(page: str) -> None:
    began = time.process_time()
    seen(page)
    assert time.process_time() - began < 5

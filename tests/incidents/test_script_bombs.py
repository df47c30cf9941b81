# ruff: noqa: E501 - scripts are easier to read in one line
"""Scripts that cost whoever evaluates them: each ends in bounded time, with a finding of kind LIMIT where anything was
left out."""

from __future__ import annotations

import pytest
from tests.incidents.costs import cost

from lazaretto import testing

MEGABYTE = 2**20
DOUBLING = "var a='xxxxxxxxxxxxxxxx';" + "a=a+a;" * 400 + "eval(a);"
BOMBS: dict[str, tuple[str, str]] = {
    "doubling": ("a.js", DOUBLING),
    "doubling-vbs": ("a.vbs", 'a = "xxxxxxxxxxxxxxxx"\n' + "a = a & a\n" * 400 + "Execute a"),
    "doubling-ps": ("a.ps1", "$a='xxxxxxxxxxxxxxxx'\n" + "$a=$a+$a\n" * 400 + "iex $a"),
    "doubling-bat": ("a.bat", "set a=" + "x" * 4000 + "\n" + "set a=%a%%a%%a%%a%\n" * 4000 + "echo %a%%a%%a%\n" * 30_000),
    "replaces": ("a.js", "var a='aaaaaaaaaaaaaaaa';" + "a=a.replace(/a/g,'aaaaaaaaaaaaaaaa');" * 400),
    "replaces-loop": ("a.js", "var a='a';for(var i=0;i<1e9;i++){for(var j=0;j<i+2;j++){a=a.replace('a','aa')}}"),
    "loops-vbs": ("a.vbs", "For i = 1 To 99999999\nFor j = 1 To 99999999\nx = x & Chr(i Xor j)\nNext\nNext"),
    "loops-ps": ("a.ps1", "for($i=0;$i -lt 99999999;$i++){for($j=0;$j -lt 99999999;$j++){$x=$i -bxor $j}}"),
    "calls": ("a.js", "function f(a){return f(a+'x')+f(a+'y')+f(a+'z')}" + "f('a');" * 2000),
    "brackets": ("a.js", "x=" + "(" * (MEGABYTE // 2) + ")" * (MEGABYTE // 2)),
    "brackets-vbs": ("a.vbs", "x = " + "(" * (MEGABYTE // 2) + ")" * (MEGABYTE // 2)),
    "brackets-ps": ("a.ps1", "$x = " + "$(" * (MEGABYTE // 3) + ")" * (MEGABYTE // 3)),
}  # fmt: skip
LARGE: dict[str, tuple[str, str]] = {
    "codes": ("a.js", "eval(String.fromCharCode(" + "65," * (MEGABYTE // 3) + "65));"),
    "codes-array": ("a.js", "var a=[" + "65," * (MEGABYTE // 3) + "65];for(i=0;i<a.length;i++){r+=String.fromCharCode(a[i])}eval(r)"),
    "unclosed": ("a.js", "var a='" + "x" * MEGABYTE),
    "unclosed-quotes": ("a.js", "'\n\"\n" * (MEGABYTE // 4)),
    "unclosed-vbs": ("a.vbs", 'x = "' + "a" * MEGABYTE),
    "unclosed-ps": ("a.ps1", '$x = "' + "a`" * (MEGABYTE // 2)),
    "one-line": ("a.js", "var a=1;" + "a=a+b.c(d,'e');" * (MEGABYTE // 15)),
    "one-line-bat": ("a.bat", "@echo off\nset a=b & " + "echo %a% & " * (MEGABYTE // 11)),
    "percents": ("a.bat", "@echo off\n" + "%a:" * (MEGABYTE // 3)),
    "escapes": ("a.js", "var a='" + "\\x41" * (MEGABYTE // 4) + "';eval(a)"),
    "page": ("a.html", "<html>" + "<script>a('b'+'c')</script>" * (MEGABYTE // 27)),
    "handlers": ("a.html", "<html>" + "<p onclick=\"a('b'+'c')\">" * (MEGABYTE // 24)),
    "commands": ("a.bat", "@echo off\n" + "powershell -c " * (MEGABYTE // 14)),
}  # fmt: skip


def mail(sample: tuple[str, str]) -> bytes:
    return testing.mail(attachments={sample[0]: sample[1].encode()})


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_bombs_end_in_a_limit(name: str) -> None:
    seconds, memory, found, failed = cost(mail(BOMBS[name]))
    assert not failed
    assert seconds < 6
    assert memory < 600 * MEGABYTE
    assert found.get("script.limit") == "limit", found


@pytest.mark.parametrize("name", sorted(LARGE))
def test_large_ones_cost_little(name: str) -> None:
    seconds, memory, _, failed = cost(mail(LARGE[name]))
    assert not failed
    assert seconds < 6
    assert memory < 600 * MEGABYTE

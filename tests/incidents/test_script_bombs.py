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
    "functions": ("a.ps1", "1|%{" * 5000),
    "loops-js": ("a.js", "for(;;)" * (MEGABYTE // 7)),
    "types-ps": ("a.ps1", "[a]" * (MEGABYTE // 3)),
    "calls-ps": ("a.ps1", "& " * (MEGABYTE // 2)),
    "commas-ps": ("a.ps1", "$a=" + "," * MEGABYTE),
    "conditions": ("a.js", "".join(f"function {a}(a){{{'if(1)' * 110}{b}(a)}}" for a, b in zip("fghk", "ghkm", strict=True)) + "f(1)"),
    "loops-in-loops-vbs": ("a.vbs", "For a = 1 To 2\n" * (MEGABYTE // 15)),
    "of": ("a.js", "var a='" + "a" * 300_000 + "';" + "for(x of a){};" * 1000),
    "each-vbs": ("a.vbs", 'a = "' + "a," * 200_000 + '"\n' + 'b = Split(a, ",")\nFor Each c in b\nNext\n' * 500),
    "replaces-bat": ("a.bat", "set a=" + "a" * 5000 + "\n" + "set b=%a:a=bbbbbbbbbbbbbbbbbbbb%\n" * 5000),
    "encoded": ("a.js", "".join(f'atob("{"QUJDREVGR0hJSktM" * 3}{each:04d}");' for each in range(2000))),
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
    "quotes-vbs": ("a.vbs", "x = " + '""' * (MEGABYTE // 2)),
    "not-vbs": ("a.vbs", "x = " + "Not " * (MEGABYTE // 4)),
    "not": ("a.js", "!" * MEGABYTE),
    "new": ("a.js", "new " * (MEGABYTE // 4)),
    "commas": ("a.js", "a," * (MEGABYTE // 2)),
    "joins": ("a.js", 'var a="' + "x" * 100 + '";' + 'a+"b"+' * (MEGABYTE // 6)),
    "patterns": ("a.js", "a=/[a" * (MEGABYTE // 5)),
    "subs": ("a.vbs", "Sub a(" * (MEGABYTE // 6)),
    "map": ("a.js", "var a='" + "a" * 300_000 + "'.split('');" + "a.map(x=>x+1);" * 1000),
    "forms": ("a.html", "<html><script>a</script><input type=password>" + '<form action="//abc.d">' * (MEGABYTE // 23)),
    "elements": ("a.html", "<html><script>a</script>" + "<script" * (MEGABYTE // 7)),
    "commands": ("a.bat", "@echo off\n" + "powershell -c " * (MEGABYTE // 14)),
}  # fmt: skip


def mail(sample: tuple[str, str]) -> bytes:
    return testing.mail(attachments={sample[0]: sample[1].encode()})


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_bombs_end_in_a_limit(name: str) -> None:
    seconds, memory, found, failed = cost(mail(BOMBS[name]))
    assert not failed
    assert seconds < 4  # half of that on the machine it was measured on
    assert memory < 600 * MEGABYTE
    assert found.get("script.limit") == "limit", found


@pytest.mark.parametrize("name", sorted(LARGE))
def test_large_ones_cost_little(name: str) -> None:
    seconds, memory, _, failed = cost(mail(LARGE[name]))
    assert not failed
    assert seconds < 3
    assert memory < 600 * MEGABYTE

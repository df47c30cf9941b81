"""A real Postfix of our own: own configuration, queue and log, ports on loopback, nothing of the system's touched.

::

    with Sink() as sink, Postfix(deliver_to=sink.transport, milters=["inet:127.0.0.1:8891"]) as postfix:
        smtplib.SMTP("127.0.0.1", postfix.port).sendmail(...)
        sink.wait(1)
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
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

DAEMONS = Path("/usr/lib/postfix/sbin")

# service  type  private  unpriv  chroot  wakeup  maxproc  command
SERVICES = """\
pickup     unix        n - n 60   1 pickup
cleanup    unix        n - n -    0 cleanup
qmgr       unix        n - n 1    1 qmgr
tlsmgr     unix        - - n 1000? 1 tlsmgr
rewrite    unix        - - n -    - trivial-rewrite
bounce     unix        - - n -    0 bounce
defer      unix        - - n -    0 bounce
trace      unix        - - n -    0 bounce
verify     unix        - - n -    1 verify
flush      unix        n - n 1000? 0 flush
proxymap   unix        - - n -    - proxymap
smtp       unix        - - n -    - smtp
lmtp       unix        - - n -    - lmtp
relay      unix        - - n -    - smtp
showq      unix        n - n -    - showq
error      unix        - - n -    - error
retry      unix        - - n -    - error
discard    unix        - - n -    - discard
anvil      unix        - - n -    1 anvil
scache     unix        - - n -    1 scache
postlog    unix-dgram  n - n -    1 postlogd
"""


class Postfix:
    """``port`` takes mail from the world (through ``milters`` and ``proxy_filter``), ``reinjection_port`` takes it
    back from a filter and asks nobody.  Every recipient goes to ``deliver_to``, a transport such as
    "smtp:[127.0.0.1]:2525" or "lmtp:unix:/path".  ``settings`` are added to main.cf."""

    def __init__(
        self,
        *,
        deliver_to: str,
        milters: Sequence[str] = (),
        proxy_filter: str = "",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        require_root()
        require_program("postfix", "postfix")
        self.port = free_port()
        self.reinjection_port = free_port()
        self._deliver_to = deliver_to
        self._extra = dict(settings or {})
        self._options = {"smtpd_milters": ", ".join(milters), "smtpd_proxy_filter": proxy_filter}
        self._stack = ExitStack()

    def _settings(self, deliver_to: str) -> dict[str, str]:
        return {
            "compatibility_level": "3.6",
            "queue_directory": str(self.queue),
            "data_directory": str(self.folder / "data"),
            "command_directory": "/usr/sbin",
            "daemon_directory": str(DAEMONS),
            "mail_owner": "postfix",
            "setgid_group": "postdrop",
            "maillog_file": str(self.log),
            "maillog_file_prefixes": str(self.folder),
            "myhostname": "mx.example.test",
            "mydestination": "",
            "mynetworks": "127.0.0.0/8",
            "inet_interfaces": "loopback-only",
            "inet_protocols": "ipv4",
            "alias_maps": "",
            "default_transport": deliver_to,
            "relay_transport": deliver_to,
            "disable_dns_lookups": "yes",
            "smtp_host_lookup": "native",
            "smtpd_peername_lookup": "no",
            "smtpd_client_connection_count_limit": "0",
            "message_size_limit": "104857600",
            "mailbox_size_limit": "0",
            "milter_default_action": "tempfail",
            # What would change bytes: missing fields are added for local clients, stray CRs become blanks, lines
            # over 998 are broken, 8-bit parts are recoded.
            "local_header_rewrite_clients": "",
            "cleanup_replace_stray_cr_lf": "no",
            "smtp_line_length_limit": "0",
            "lmtp_line_length_limit": "0",
            "disable_mime_output_conversion": "yes",
            "minimal_backoff_time": "1s",
            "queue_run_delay": "1s",
        }

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.folder = stack.enter_context(public_folder("postfix"))
            self.config = self.folder / "conf"
            self.queue = self.folder / "queue"
            self.log = self.folder / "postfix.log"
            self._write()
            subprocess.run(["postfix", "-c", self.config, "check"], check=True, capture_output=True)  # makes the queue
            running = Running([str(DAEMONS / "master"), "-c", str(self.config), "-d"], self.log)
            stack.callback(running.stop)
            running.wait_ready(lambda: listening(self.port) and listening(self.reinjection_port), "Postfix")
            self._stack = stack.pop_all()
        return self

    def _write(self) -> None:
        data = self.folder / "data"
        for folder in (self.config, self.queue, data):
            folder.mkdir()
        shutil.chown(data, "postfix")
        main = self._settings(self._deliver_to) | self._extra
        (self.config / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in main.items()))
        options = "".join(f"  -o {{ {name} = {value} }}\n" for name, value in self._options.items())
        services = (
            f"127.0.0.1:{self.port} inet n - n - - smtpd\n{options}"
            f"127.0.0.1:{self.reinjection_port} inet n - n - - smtpd\n"
            "  -o smtpd_authorized_xforward_hosts=127.0.0.0/8 -o receive_override_options=no_address_mappings\n"
        )
        (self.config / "master.cf").write_text(services + SERVICES)
        dynamic = Path("/etc/postfix/dynamicmaps.cf")
        if dynamic.exists():
            shutil.copy(dynamic, self.config)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            print(self.text())  # pytest shows it with the failure
        self._stack.close()

    def text(self) -> str:
        """The log so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def wait_log(self, pattern: str, seconds: float = 30) -> None:
        """Until the log matches ``pattern``."""
        wait_until(lambda: re.search(pattern, self.text()) is not None, f"{pattern!r} in Postfix's log", seconds)

    def queued(self) -> list[str]:
        """Queue ids of the messages that are still here."""
        found = subprocess.run(["postqueue", "-c", self.config, "-j"], capture_output=True, text=True, check=True)
        return re.findall(r'"queue_id": "([^"]+)"', found.stdout)

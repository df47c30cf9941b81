"""Who is talking to us, as far as it is known: by the connection, or by what a trusted server says of its client."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lazaretto.model import Peer

XCLIENT = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "DESTADDR", "DESTPORT", "REVERSE_NAME")
XFORWARD = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE")


@dataclass(frozen=True, slots=True)
class Client:
    """Values are "" where unknown.  ``proto`` is SMTP, ESMTP or LMTP."""

    ip: str = ""
    name: str = ""
    port: str = ""
    helo: str = ""
    proto: str = ""
    login: str = ""
    ident: str = ""  # the queue id that the server before us gave the message
    source: str = ""

    def told(self, values: Mapping[str, str | None]) -> Client:
        """With the attributes of an XCLIENT or XFORWARD command.  Raises ValueError for an ADDR that is none."""
        changed = {
            field: values[key] or ""
            for key, field in (
                ("NAME", "name"),
                ("PORT", "port"),
                ("HELO", "helo"),
                ("PROTO", "proto"),
                ("LOGIN", "login"),
                ("IDENT", "ident"),
                ("SOURCE", "source"),
            )
            if key in values
        }
        if "ADDR" in values:
            text = values["ADDR"] or ""
            if text[:5].upper() == "IPV6:":  # XCLIENT_README: "IPV6:" before an IPv6 address
                text = text[5:]
            changed["ip"] = str(ipaddress.ip_address(text)) if text else ""
        return replace(self, **changed)

    def peer(self, tls: str) -> Peer:
        return Peer(self.ip, self.helo, tls, self.login)

    def xforward(self) -> dict[str, str]:
        """The attributes that tell the next hop."""
        return {
            "NAME": self.name,
            "ADDR": f"IPV6:{self.ip}" if ":" in self.ip else self.ip,
            "PORT": self.port,
            "PROTO": self.proto,
            "HELO": self.helo,
            "IDENT": self.ident,
            "SOURCE": self.source or "REMOTE",
        }

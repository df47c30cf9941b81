"""What an operator can set for an SMTP or LMTP door."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from lazaretto import config
from lazaretto.endpoint import Endpoint
from lazaretto.nexthop import Tls


class DoorSettings(config.Settings):
    listen: Endpoint = Field(description="host:port or unix:/path")
    mode: str = Field("0660", pattern="^0?[0-7]{3}$", description="permissions of the Unix socket, octal")
    next_hop: Endpoint = Field("127.0.0.1:10026", description="mail server that takes what passes")
    next_hop_tls: Tls = Field(Tls.NONE, description="none, opportunistic, or required (with a valid certificate)")
    hostname: str = Field("", description="name in the greeting; default: the node's")
    direction: Literal["auto", "inbound", "outbound", "internal"] = Field(
        "auto", description="of all mail that comes in here; auto: by domains and networks of [organisation]"
    )
    trusted: tuple[IPv4Network | IPv6Network, ...] = Field(
        (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128")),
        description="networks of our own mail servers and load balancers: they may use XFORWARD, XCLIENT and the "
        "PROXY protocol, and limits for strangers do not apply to them",
    )
    proxy_protocol: bool = Field(
        False, description="connections from trusted networks begin with a PROXY header, version 1 or 2"
    )
    tls_certificate: Path | None = Field(None, description="PEM file, with the chain; offers STARTTLS")
    tls_key: Path | None = Field(None, description="PEM file; default: it is in tls_certificate")
    bare_newline: Literal["keep", "reject"] = Field(
        "keep",
        description="messages with a CR or LF that is no line end: keep every byte (and reject only what a laxer "
        "server would take for an end of data), or reject them all",
    )
    add_received: bool = Field(False, description="add a Received field on top; without one every byte is the peer's")
    max_message_bytes: int = Field(100 * 2**20, ge=1024, description="bytes of one message")
    max_held_bytes: int = Field(2**30, ge=1024, description="bytes of all messages in hand; beyond it 452")
    max_recipients: int = Field(1000, ge=1, description="recipients of one message; beyond it 452")
    max_connections: int = Field(500, ge=1, description="beyond it new connections get 421")
    max_connections_per_ip: int = Field(50, ge=0, description="from one address that is not trusted; 0: any number")
    max_messages_per_minute: int = Field(0, ge=0, description="from one client address; beyond it 450; 0: any number")
    max_errors: int = Field(20, ge=1, description="bad commands (and refused recipients of strangers) before 421")
    command_timeout: float = Field(300, gt=0, description="seconds for the next whole command")  # RFC 5321 4.5.3.2.7
    data_timeout: float = Field(600, gt=0, description="seconds for a message, and one more for each min_rate bytes")
    min_rate: int = Field(4096, ge=1, description="bytes a second that a long message has to come at")

    @model_validator(mode="after")
    def _key_has_certificate(self) -> Self:
        if self.tls_key and not self.tls_certificate:
            raise ValueError("tls_key without tls_certificate")
        return self

"""The LMTP door: between a mail server and a mailbox store, with an answer for each recipient (RFC 2033)."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from lazaretto import config
from lazaretto.endpoint import Endpoint
from lazaretto.model import Can
from lazaretto.plugin import Line, Listener
from lazaretto.smtpd.door import Door
from lazaretto.smtpd.settings import DoorSettings


class Lmtp(Listener):
    """Hands on by LMTP (Dovecot's socket) or SMTP; the store's answer for each recipient is passed back."""

    name = "lmtp"
    can: ClassVar[Can] = Door.can

    class Settings(DoorSettings):
        listen: Endpoint = Field("127.0.0.1:10024", description="host:port or unix:/path")
        next_hop: Endpoint = Field("unix:/run/dovecot/lmtp", description="server that takes what passes")
        next_hop_protocol: Literal["lmtp", "smtp"] = Field("lmtp", description="what the next hop speaks")

    settings: Settings

    def __init__(self, settings: config.Settings) -> None:
        super().__init__(settings)
        self._door: Door | None = None

    @property
    def address(self) -> str:
        return self._door.address if self._door else ""

    async def start(self, line: Line) -> None:
        next_hop_lmtp = self.settings.next_hop_protocol == "lmtp"
        self._door = Door(self.name, self.settings, line, lmtp=True, next_hop_lmtp=next_hop_lmtp)
        await self._door.start()

    async def stop(self, grace: float) -> None:
        if self._door is not None:
            await self._door.stop(grace)

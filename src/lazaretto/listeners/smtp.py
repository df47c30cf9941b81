"""The SMTP door: a before-queue proxy (Postfix: ``smtpd_proxy_filter``) or the first server that mail meets."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from lazaretto import config
from lazaretto.endpoint import Endpoint
from lazaretto.model import Can
from lazaretto.plugin import Line, Listener
from lazaretto.smtpd.door import Door
from lazaretto.smtpd.settings import DoorSettings


class Smtp(Listener):
    """Speaks SMTP on both sides: a message is accepted when the next hop has accepted it."""

    name = "smtp"
    can: ClassVar[Can] = Door.can

    class Settings(DoorSettings):
        listen: Endpoint = Field("127.0.0.1:10025", description="host:port or unix:/path")

    settings: Settings

    def __init__(self, settings: config.Settings) -> None:
        super().__init__(settings)
        self._door: Door | None = None

    @property
    def address(self) -> str:
        return self._door.address if self._door else ""

    async def start(self, line: Line) -> None:
        self._door = Door(self.name, self.settings, line, lmtp=False, next_hop_lmtp=False)
        await self._door.start()

    async def stop(self, grace: float) -> None:
        if self._door is not None:
            await self._door.stop(grace)

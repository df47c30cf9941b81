from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.nexthop.conftest import certificate, client_tls, server_tls
from tests.nexthop.sink import Sink

__all__ = ["certificate", "client_tls", "server_tls"]


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with Sink() as sink:
        yield sink

"""Every call of the client has a route, and every route a call; the calls themselves: test_server.py."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

from lazaretto.control import client
from lazaretto.control.server import Polls, app


def test_each_call_has_its_route_and_each_route_its_call() -> None:
    source = Path(client.__file__).read_text()
    called = {(method, path) for method, path in re.findall(r'"(GET|PUT|POST)", f?"([^"]+)"', source)}
    called |= {("POST", f"items/{verb}") for verb in re.findall(r'self\._bulk\("(\w+)"', source)}
    called.discard(("POST", "items/{verb}"))
    routed = {
        (method, route.path.removeprefix("/v1/"))
        for route in cast(list[Any], app(cast(Any, _Anything()), Polls()).routes)
        for method in route.methods - {"HEAD"}
    }
    assert {(method, re.sub(r"\{\w+\}", "{id}", path)) for method, path in called} == routed


class _Anything:
    def __getattr__(self, name: str) -> None:
        return None

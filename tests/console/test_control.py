from __future__ import annotations

from typing import Any

import pytest

from lazaretto.console import control


def test_the_status_is_asked_once_for_many_readers(node: Any, monkeypatch: Any) -> None:
    watch = control.watch()
    first = watch.view()
    assert first.status
    assert first.status.node == "mx1"
    assert watch.view() is first
    watch.forget()
    assert watch.view() is not first


@pytest.mark.filterwarnings(
    "ignore:unclosed <socket:ResourceWarning"
)  # httpcore leaves a refused Unix socket to the GC
def test_a_node_that_is_down_is_a_sentence(node: Any) -> None:
    node.stop()
    view = control.watch().view()
    assert view.status is None
    assert "is `lazaretto up` running" in view.trouble


def test_connections_are_opened_again_after_close(node: Any) -> None:
    first = control.client()
    control.close()
    assert control.client() is not first
    assert control.client().status().node == "mx1"

from __future__ import annotations

import time

import pytest

from lazaretto.scripting.pages import scripts


def test_elements_and_attributes() -> None:
    page = (
        '<script>a()</script><script language="VBScript">b</script><script type="application/json">{}</script>'
        '<svg:script><![CDATA[c()]]></svg:script><body onload="d(&quot;x&quot;)"><a href="javascript:e()">'
        '<script src="data:text/javascript;base64,Zigp"></script>'
    )
    found = list(scripts(page))
    assert found[:3] == [("javascript", "a()"), ("vbscript", "b"), ("javascript", "c()")]
    assert ("javascript", 'd("x")') in found
    assert ("javascript", "e()") in found
    assert ("data", "Zigp") in found


def test_a_script_that_is_never_closed() -> None:
    assert list(scripts("<script>a()")) == [("javascript", "a()")]


@pytest.mark.parametrize(
    "page", ["<script>" * 50_000, " onload=" * 100_000, 'onx="' * 100_000, "'javascript:" * 50_000]
)
def test_linear(page: str) -> None:
    began = time.process_time()
    assert len(list(scripts(page))) < 9000
    assert time.process_time() - began < 4
